"""Everyone who had a part is asked once after the result, answers in time or not at all, and nothing of the case changes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain import learning, tasks
from domain.clocks import DeadlineMissed
from domain.ids import derived_id
from domain.learning import MOST_MINUTES, QUESTIONS, Asked, Learning, QuestionnaireAnswered, QuestionnaireLapsed, evolve
from domain.refusals import Refused
from domain.submission.state import Submission
from domain.tasks import TaskMoved
from tests.domain import given
from tests.domain.given import (
    ADA,
    CASE,
    CHAIR,
    DAY,
    LEAD,
    MIA,
    NIK,
    NOON,
    SCHEME,
    SECOND,
    fold,
    refused,
    text,
)

ID = derived_id("learning", CASE)
FIVES = {role: dict.fromkeys(questions, 5) for role, questions in QUESTIONS.items()}


def after(held: Learning, events: Sequence[learning.LearningEvent]) -> Learning:
    assert events
    return fold(evolve, held, events)


def sent(case: Submission | None = None) -> Learning:
    said = {"id": ID, "case": case or given.approved(), "scheme": SCHEME, "at": NOON}
    return after(Learning(), learning.send(Learning(), **said))


def answering(held: Learning, by: str = ADA.id, role: str = "assessor", **said: Any) -> list[learning.LearningEvent]:
    whole = {"scores": FIVES.get(role, {}), "comment": None, "minutes_spent": 90}
    return learning.answer(held, by=by, role=role, **whole | said)


def test_everyone_who_had_a_part_is_asked_once_in_the_role_they_had():
    held = sent()

    assert held.asked == {
        LEAD: "provider",
        ADA.id: "assessor",
        CHAIR.id: "chair",
        MIA.id: "moderator",
        NIK.id: "moderator",
    }
    assert {one.who for one in held.tasks.running.values()} == set(held.asked)
    assert {one.due_at for one in held.tasks.running.values()} == {
        SCHEME.calendar.due(NOON, SCHEME.assurance.learning.answer_within)
    }
    assert (held.case, held.provider, held.scheme, held.stage, held.over) == (
        CASE,
        "",
        SCHEME.ref,
        "asked",
        False,
    )
    assert learning.send(held, id=ID, case=given.approved(), scheme=SCHEME, at=NOON + DAY) == []


def test_of_a_second_result_those_are_asked_who_came_to_it_since_and_nobody_twice():
    held = sent()
    late = max(one.due_at for one in held.tasks.running.values())
    held = after(held, learning.close(held, at=late))
    assert held.over
    case = given.approved()
    others = case.__class__(**{**case.__dict__, "assessor": given.BEN.id})

    [event] = learning.send(held, id=ID, case=others, scheme=SCHEME, at=late + DAY)

    again = after(held, [event])
    assert [one for one in again.asked if one not in held.asked] == [given.BEN.id]
    assert ({one.who for one in again.tasks.running.values()}, again.over) == ({given.BEN.id}, False)
    assert answering(again, given.BEN.id)
    with refused("questionnaire-open", field="learning", match="over"):
        answering(again)


def test_who_is_to_be_erased_is_asked_no_longer_and_nobody_else_is_excused():
    held = sent()

    [lapsed] = learning.excuse(held, person=MIA.id)

    later = after(held, [lapsed])
    assert lapsed.person == MIA.id
    assert {one.who for one in later.tasks.running.values()} == set(held.asked) - {MIA.id}
    assert learning.excuse(later, person=MIA.id) == []
    assert learning.excuse(held, person="person-x") == []


def test_who_moderates_alone_is_asked_once():
    case = given.approved()
    assert case.moderation
    alone = replace(case.moderation, meeting="", panel=(CHAIR.id,))

    asked = learning.who_had_a_part(
        fold(lambda _, one: one, case, [case.__class__(**{**case.__dict__, "moderation": alone})])
    )

    assert asked[2:] == (Asked(person=CHAIR.id, role="chair"),)


def test_who_had_two_parts_is_asked_about_the_first():
    case = given.approved()
    both = case.__class__(**{**case.__dict__, "assessor": MIA.id})

    assert learning.who_had_a_part(both)[1:] == (
        Asked(person=MIA.id, role="assessor"),
        Asked(person=CHAIR.id, role="chair"),
        Asked(person=NIK.id, role="moderator"),
    )


def test_where_nobody_assessed_or_moderated_it_the_provider_is_asked():
    assert learning.who_had_a_part(given.registered()) == (Asked(person=LEAD, role="provider"),)


@pytest.mark.parametrize("role", QUESTIONS)
def test_an_answer_scores_each_question_of_the_role_and_says_the_minutes(role: str):
    held = sent()
    by = next(person for person, asked in held.asked.items() if asked == role)

    [event] = answering(held, by, role, comment=text("Well run"))

    assert isinstance(event, QuestionnaireAnswered)
    assert [(one.question, one.score) for one in event.scores] == [(one, 5) for one in QUESTIONS[role]]
    assert event.minutes_spent == 90
    answered = after(held, [event])
    assert by not in {one.who for one in answered.tasks.running.values()}
    assert answering(answered, by, role, comment=text("Well run")) == []
    with refused("questionnaire-open", field="learning", match="is answered"):
        answering(answered, by, role, comment=text("On second thought"))


def test_only_who_was_asked_answers_and_in_the_role_in_which_they_were():
    held = sent()

    for by, role in ((given.BEN.id, "assessor"), (ADA.id, "chair"), (LEAD, "assessor"), (MIA.id, "chair")):
        with refused("questionnaire-asked", field="actor"):
            answering(held, by, role)


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"scores": {}}, "questionnaire-questions", "scores"),
        ({"scores": FIVES["chair"]}, "questionnaire-questions", "scores"),
        ({"scores": FIVES["assessor"] | {"another": 3}}, "questionnaire-questions", "scores"),
        ({"scores": FIVES["assessor"] | {"time-enough": 0}}, "questionnaire-scores", "scores"),
        ({"scores": FIVES["assessor"] | {"time-enough": 6}}, "questionnaire-scores", "scores"),
        ({"minutes_spent": -1}, "questionnaire-minutes", "minutes_spent"),
        ({"minutes_spent": MOST_MINUTES + 1}, "questionnaire-minutes", "minutes_spent"),
    ],
)
def test_an_answer_that_can_not_be_meant_is_refused(said: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        answering(sent(), **said)


@pytest.mark.parametrize("score", [1, 2, 3, 4, 5])
def test_each_score_and_the_least_and_most_minutes_count(score: int):
    assert answering(sent(), scores=FIVES["assessor"] | {"time-enough": score})
    assert answering(sent(), minutes_spent=0)
    assert answering(sent(), minutes_spent=MOST_MINUTES)


def test_what_is_not_answered_in_time_lapses_without_reproach():
    held = after(sent(), answering(sent()))
    due = held.deadline
    assert due

    assert learning.close(held, at=due - SECOND) == []
    assert tasks.miss(held, at=due) == []
    step = tasks.due_next(held, at=due)
    assert step is not None
    assert (step.step, step.at) == ("close_learning", due)
    closed = after(held, learning.close(held, at=due))
    assert (closed.over, closed.stage, closed.deadline) == (True, "closed", None)
    assert learning.close(closed, at=due) == []
    with refused("questionnaire-open", field="learning", match="the time to answer is over"):
        answering(closed, LEAD, "provider")


def test_who_was_given_more_time_still_answers():
    held = sent()
    due = held.deadline
    assert due
    moved = tasks.move_task(held, rule=learning.ANSWER, about=LEAD, until=due + DAY, reason=text("ill"), at=NOON)
    later = after(held, moved)
    assert isinstance(moved[0], TaskMoved)

    lapsed = learning.close(later, at=due)
    left = after(later, lapsed)

    assert len(lapsed) == 4
    assert QuestionnaireLapsed(person=LEAD, ends=(f"{learning.ANSWER}:{LEAD}",)) not in lapsed
    assert not left.over
    assert after(left, answering(left, LEAD, "provider")).over


def test_when_all_have_answered_it_is_over():
    held = sent()
    for person, role in held.asked.items():
        assert not held.over
        held = after(held, answering(held, person, role))

    assert held.over
    assert set(held.answers) == set(held.asked)


def test_nobody_answers_about_what_nobody_was_asked():
    with refused("known-learning", field="learning"):
        answering(Learning())
    with refused("known-learning", field="learning"):
        learning.close(Learning(), at=NOON)


def test_names_are_seen_by_quality_managers_and_the_board_only():
    for role in ("quality-manager", "board"):
        assert learning.may_see_names(given.member("q", role), SCHEME.id, NOON)
        assert not learning.may_see_names(given.member("q", role), "other-mark", NOON)
    for role in ("assessor", "officer", "chair", "provider"):
        assert not learning.may_see_names(given.member("q", role), SCHEME.id, NOON)


def test_a_missed_deadline_is_never_said_of_it():
    held = sent()
    assert held.deadline
    assert not any(isinstance(one, DeadlineMissed) for one in tasks.miss(held, at=held.deadline + 99 * DAY))


def test_every_refusal_says_all():
    for bad in ({"scores": {}}, {"minutes_spent": -1}):
        with pytest.raises(Refused) as caught:
            answering(sent(), **bad)
        given.says_all(caught.value)
