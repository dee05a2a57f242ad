"""Who looks at an assessment of the sample: a quality manager or trained moderator who had no part in the case, and no conflict.

What is serious gives a need for the development of the assessor. Source: handbook, Governance.
"""

from collections.abc import Collection
from datetime import datetime

from domain.audit.seeing import require_unconflicted
from domain.ids import CODE_FORM, is_code
from domain.person import Person, require_known
from domain.refusals import Refused, refuse
from domain.sampling.planning import require_running
from domain.sampling.state import LOOK, Drawn, FollowUpNamed, Plan, SampleResultRecorded, SamplingEvent
from domain.tasks import hand_over, named
from domain.texts import TextRef

RESULTS = ("sound", "minor", "serious")


def ask_to_look(
    plan: Plan, *, number: int, looker: Person, took_part: Collection[str], at: datetime
) -> list[SamplingEvent]:
    """Have somebody look at an assessment that was drawn, by the same date. They have to be eligible."""
    held = require_drawn(plan, number)
    if number in plan.results:
        raise _looked_at(number)
    _require_eligible(plan, held, looker, took_part, at, field="looker")
    return list(hand_over(plan, rule=LOOK, about=str(number), to=looker.id, because="asked-to-look"))


def record_result(
    plan: Plan,
    *,
    number: int,
    by: Person,
    took_part: Collection[str],
    result: str,
    text: TextRef | None,
    topic: str | None,
    need: TextRef | None,
    at: datetime,
) -> list[SamplingEvent]:
    """Record what was found; for good. A serious fault names its topic and the `need` of the assessor.

    `took_part` are all who had a part in the case.
    """
    held = require_drawn(plan, number)
    _require_eligible(plan, held, by, took_part, at, field="actor")
    if result not in RESULTS:
        raise refuse("sampling-results", f"{result!r} is no result", field="result", allowed=", ".join(RESULTS))
    if topic is not None and not is_code(topic):
        raise refuse("codes", f"{topic!r} is not a code", field="topic", allowed=CODE_FORM)
    if (text is None and result != "sound") or (result == "serious" and (topic is None or need is None)):
        raise refuse(
            "sampling-text",
            f"what is found to be {result} is said in words, and what is serious on which topic and what follows",
            field="text" if text is None else "topic" if topic is None else "need",
            allowed="a text; with a serious result a topic and a need too",
        )
    recorded = SampleResultRecorded(
        number=number, by=by.id, result=result, text=text, topic=topic, ends=(named(LOOK, str(number)),)
    )
    if number in plan.results:
        if plan.results[number] == recorded:
            return []
        raise _looked_at(number)
    if result != "serious" or need is None or topic is None:
        return [recorded]
    return [recorded, FollowUpNamed(person=held.assessor, need=need, topic=topic, case=held.case)]


def require_drawn(plan: Plan, number: int) -> Drawn:
    """Return what was drawn under this number, in a plan that runs; refuses others."""
    require_running(plan)
    held = plan.drawn.get(number)
    if held is None:
        raise refuse("known-sample", "nothing was drawn under this number", field="number", allowed="one of the plan's")
    return held


def _require_eligible(
    plan: Plan, held: Drawn, looker: Person, took_part: Collection[str], at: datetime, *, field: str
) -> None:
    require_known(looker, field=field)
    scheme = require_running(plan).scheme
    trained = looker.holds("moderator", scheme, at) and looker.trained("moderating", scheme, at)
    if not trained and not looker.holds("quality-manager", scheme, at):
        raise refuse(
            "sampler-competent",
            "this person is neither a quality manager nor a moderator trained for this scheme",
            field=field,
            allowed="one of these",
        )
    require_unconflicted(looker, held.provider, field=field)
    if looker.had_part({held.assessor, *took_part}):
        raise refuse(
            "sampler-took-no-part",
            "this person assessed the case, or had another part in it",
            field=field,
            allowed="somebody who had no part in it",
        )


def _looked_at(number: int) -> Refused:
    return refuse(
        "sampled-once", f"somebody has looked at number {number}", field="number", allowed="one that nobody looked at"
    )
