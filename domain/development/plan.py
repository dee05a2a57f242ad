"""A person's plan: opened and agreed by somebody else, filled with needs that several sources point to, turned every period.

Source: handbook, Workforce. What the person says of themselves is one source, and never more than one; the needs that are
not met when a period ends go on into the next, once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.development import events as e
from domain.development.duties import Duties
from domain.development.state import (
    AGREE,
    OPEN,
    PERIOD,
    PLAN,
    Development,
    Need,
    Source,
    require_need,
    require_other,
    require_plan,
)
from domain.ids import CODE_FORM, is_code, kind_of
from domain.person import Person
from domain.refusals import refuse
from domain.states import replace
from domain.tasks import ALL, TaskHandedOver, named
from domain.texts import TextRef
from domain.workforce import require_department
from domain.workforce_policy import CpdRules

OWN_SOURCE = "self-evaluation"
"""The source that speaks with the person's own voice."""
FROM_MATTERS = {"appeal": "appeal", "complaint": "complaint", "sampling": "sampling", "questionnaire": "learning"}
"""Of which kind of matter a source is, where it may be of one."""
NEEDS_MATTER = ("appeal", "complaint")
"""The sources that always come from a matter."""
SPOKEN_FOR: Final = {"appeals-officer": "appeal", "complaints-handler": "complaint"}
"""The roles that note a need in others though they lead no department, and from which source."""


def open_plan(
    held: Development, *, id: str, person: str, department: str, duties: Duties, by: Person, at: datetime
) -> list[e.DevelopmentEvent]:
    """Open a plan for a person in a department of the policy, for a period from now on; nobody opens their own.

    The needs that were noted before are in it; those of an earlier plan that were not met count as carried over.
    """
    require_department(duties.policy, department)
    if by.had_part({person}):
        raise refuse(
            "not-for-oneself", "nobody opens a plan for themselves", field="actor", allowed="a lead or quality manager"
        )
    if held.running:
        if held.department == department:
            return []
        raise refuse(
            "one-plan-each", "this person has a plan", field="person", allowed="changing the department of that plan"
        )
    return [_opened(held, id=id, person=person, department=department, duties=duties, start=at, at=at)]


def turn(held: Development, *, duties: Duties, at: datetime) -> list[e.DevelopmentEvent]:
    """Close the period when its time has come, and open the next from that instant on; unmet needs are carried over once."""
    ending = held.tasks.running.get(PERIOD)  # runs as long as the plan does
    if ending is None or at < ending.due_at:
        return []
    met = tuple(sorted(one.topic for one in held.needs.values() if one.met_in == held.period))
    unmet = _unmet(held)
    opened = _opened(
        held,
        id=held.id,
        person=held.person,
        department=held.department,
        duties=duties,
        start=ending.due_at,
        at=at,
    )
    return [e.PlanClosed(period=held.period, met=met, unmet=unmet, ends=(AGREE, PERIOD)), opened]


def _opened(
    held: Development, *, id: str, person: str, department: str, duties: Duties, start: datetime, at: datetime
) -> e.PlanOpened:
    ending = duties.to_turn(start)
    return e.PlanOpened(
        development=id,
        person=person,
        department=department,
        period=held.period + 1,
        starts_at=start,
        ends_at=ending.due_at,
        policy=duties.policy.ref,
        carried=_unmet(held) if held.period else (),
        ends=(OPEN,),
        sets=(duties.to_agree(at), ending, *duties.to_plan(held, sorted(held.needs), at)),
    )


def _unmet(held: Development) -> tuple[str, ...]:
    return tuple(sorted(one.topic for one in held.needs.values() if one.unmet))


def agree_plan(held: Development, *, by: Person) -> list[e.DevelopmentEvent]:
    """Agree the plan of this period, once a need is found; not by the person themselves."""
    require_plan(held)
    require_other(held, by, "agrees a plan")
    if held.agreed:
        return []
    if not any(one.found for one in held.needs.values()):
        raise refuse(
            "plan-has-needs",
            "no need is found yet",
            field="person",
            allowed="agreeing once as many different sources point to a need as the policy says",
        )
    return [e.PlanAgreed(by=by.id, ends=(AGREE,))]


def change_department(held: Development, *, department: str, duties: Duties, by: Person) -> list[e.DevelopmentEvent]:
    """Have the person in another department; what its lead is to do falls to the new one. Nobody moves themselves."""
    require_plan(held)
    require_other(held, by, "changes department")
    require_department(duties.policy, department)
    if held.department == department:
        return []
    return [e.DepartmentChanged(department=department, sets=duties.in_other_hands(held))]


def follow_lead(held: Development, *, duties: Duties) -> list[e.DevelopmentEvent]:
    """Let the tasks of a lead fall to the present one, after the department had another."""
    sets = duties.in_other_hands(held) if held.running else ()
    return [TaskHandedOver(because="another-lead", sets=sets)] if sets else []


def end(held: Development, *, by: Person, reason: TextRef) -> list[e.DevelopmentEvent]:
    """End a person's development, with a reason: nothing more is asked of them. Nobody ends their own."""
    if not held.id:
        require_plan(held)
    require_other(held, by, "ends a plan")
    if held.over:
        return []
    return [e.DevelopmentEnded(by=by.id, reason=reason, ends=(ALL,))]


def note_need(
    held: Development,
    *,
    id: str,
    person: str,
    topic: str,
    source: str,
    text: TextRef,
    matter: str | None,
    by: Person,
    duties: Duties,
    at: datetime,
) -> list[e.DevelopmentEvent]:
    """Note that a source points to a need. Only the person says what they found themselves, and only others the rest.

    Where there is no plan, one is to be opened; where a need is found by it, an activity is to be planned.
    """
    rules: CpdRules = duties.policy.content.cpd
    _require_source(rules, topic=topic, source=source, matter=matter, own=by.had_part({person}))
    need = held.needs.get(topic, Need(topic=topic))
    need = need if not need.met else Need(topic=topic)
    told = Source(kind=source, matter=matter, text=text)
    if told in need.sources:
        return []
    found = need.found or _enough([*need.sources, told], rules)
    known = replace(held, needs={**held.needs, topic: replace(need, found=found)})
    sets = duties.to_plan(known, [topic], at) if held.running else duties.to_open(held, at)
    return [
        e.NeedNoted(
            development=id,
            person=person,
            topic=topic,
            source=source,
            by=by.id,
            text=text,
            found=found,
            matter=matter,
            sets=sets,
        )
    ]


def meet_need(held: Development, *, topic: str, by: Person) -> list[e.DevelopmentEvent]:
    """Find a need met, once an activity for it had impact at least in part; not by the person themselves."""
    require_plan(held)
    require_other(held, by, "finds a need met")
    need = require_need(held, topic)
    if need.met:
        return []
    if not (need.found and need.shown):
        raise refuse(
            "impact-first",
            "no activity for this need has shown impact yet",
            field="topic",
            allowed="a need for which the review of an activity found impact",
        )
    return [e.NeedMet(topic=topic, by=by.id, ends=(named(PLAN, topic),))]


def _enough(sources: Sequence[Source], rules: CpdRules) -> bool:
    kinds = {one.kind for one in sources}
    return len(kinds) >= rules.sources_needed or not kinds.isdisjoint(rules.alone)


def _require_source(rules: CpdRules, *, topic: str, source: str, matter: str | None, own: bool) -> None:
    if not is_code(topic):
        raise refuse("codes", "the topic is not a code", field="topic", allowed=CODE_FORM)
    if source not in rules.sources:
        raise refuse(
            "need-sources", f"{source!r} is no source of needs", field="source", allowed=", ".join(rules.sources)
        )
    if own != (source == OWN_SOURCE):
        raise refuse(
            "source-speaks-itself",
            "only the person says what they found themselves, and only others say the rest",
            field="source",
            allowed=OWN_SOURCE if own else ", ".join(one for one in rules.sources if one != OWN_SOURCE),
        )
    kind = FROM_MATTERS.get(source)
    if (matter is None and source in NEEDS_MATTER) or (matter is not None and kind_of(matter) != kind):
        raise refuse(
            "need-from-matter",
            f"a need from {source} comes {'from no matter' if kind is None else 'from a matter of its kind'}",
            field="matter",
            allowed="nothing" if kind is None else f"the id of the {kind}",
        )
