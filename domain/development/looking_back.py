"""Looking back on an activity: how satisfied the person is, what they made of it, and what impact it had.

Source: handbook, Workforce. The person answers for the first two; impact is for somebody else to find, after some time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from domain.development import events as e
from domain.development.duties import Duties
from domain.development.state import (
    IMPACT,
    PLAN,
    QUESTIONNAIRE,
    REFLECTION,
    Activity,
    Development,
    require_activity,
    require_one,
    require_other,
    require_plan,
    require_stage,
)
from domain.person import Person
from domain.refusals import refuse
from domain.tasks import named
from domain.texts import TextRef

IMPACTS: Final = ("had", "partly", "none")
"""What a review may find."""
SCORES: Final = range(1, 6)


def answer(
    held: Development, *, activity: str, by: Person, scores: Mapping[str, int], questions: Sequence[str]
) -> list[e.DevelopmentEvent]:
    """Answer the questionnaire on an activity: every question of the policy, from 1 to 5. By the person, once."""
    one = _looked_back_on(held, activity, by)
    if set(scores) != set(questions):
        raise refuse(
            "every-question", "not every question is answered", field="scores", allowed="all of " + ", ".join(questions)
        )
    if not all(type(score) is int and score in SCORES for score in scores.values()):
        raise refuse("scores", "a score is out of range", field="scores", allowed="whole numbers from 1 to 5")
    ratings = tuple(e.Rating(question=question, score=scores[question]) for question in questions)
    answered = e.QuestionnaireAnswered(activity=activity, ratings=ratings, ends=(named(QUESTIONNAIRE, activity),))
    return _said_once(one.answered, answered)


def reflect(held: Development, *, activity: str, by: Person, text: TextRef) -> list[e.DevelopmentEvent]:
    """Write what one made of an activity. By the person, once."""
    one = _looked_back_on(held, activity, by)
    written = e.ReflectionWritten(activity=activity, text=text, ends=(named(REFLECTION, activity),))
    return _said_once(one.reflected, written)


def review_impact(
    held: Development,
    *,
    activity: str,
    by: Person,
    impact: str,
    note: TextRef,
    met: Sequence[str],
    duties: Duties,
    at: datetime,
) -> list[e.DevelopmentEvent]:
    """Find what impact an activity had, and which of its needs are met by it; by somebody else, once its time has come.

    The needs that are not met want another activity.
    """
    require_plan(held)
    require_other(held, by, "reviews the impact of an activity")
    one = require_activity(held, activity)
    require_stage(one, "completed")
    require_one("impacts", impact, IMPACTS, "impact")
    if one.review and (one.review.by, one.review.impact, one.review.note) == (by.id, impact, note):
        return []
    _require_first(one.review)
    due_from = duties.policy.calendar.after(one.done_at or at, duties.policy.content.clocks.impact_after)
    if at < due_from:
        raise refuse(
            "impact-takes-time",
            "it is too soon to see what became of it",
            field="activity",
            allowed=f"a review from {due_from.isoformat()} on",
        )
    wanting = {topic for topic in one.topics if not held.needs[topic].met}
    if not wanting.issuperset(met) or (impact == "none" and met):
        raise refuse(
            "needs-met-by-it",
            "these needs are not met by it",
            field="met",
            allowed=", ".join(sorted(wanting)) if impact != "none" and wanting else "none",
        )
    again = duties.to_plan(held, [topic for topic in one.topics if topic not in met], at, but=activity)
    reviewed = e.ImpactReviewed(
        activity=activity, by=by.id, impact=impact, note=note, ends=(named(IMPACT, activity),), sets=again
    )
    return [reviewed, *(e.NeedMet(topic=topic, by=by.id, ends=(named(PLAN, topic),)) for topic in sorted(set(met)))]


def _looked_back_on(held: Development, activity: str, by: Person) -> Activity:
    require_plan(held)
    if not by.had_part({held.person}):
        raise refuse(
            "in-own-words", "only the person says what they made of it", field="actor", allowed="whose plan it is"
        )
    one = require_activity(held, activity)
    require_stage(one, "completed")
    return one


def _said_once(
    before: e.QuestionnaireAnswered | e.ReflectionWritten | None, now: e.QuestionnaireAnswered | e.ReflectionWritten
) -> list[e.DevelopmentEvent]:
    if before == now:
        return []
    _require_first(before)
    return [now]


def _require_first(before: object) -> None:
    if before is not None:
        raise refuse("said-once", "this was said already", field="activity", allowed="an activity of which it was not")
