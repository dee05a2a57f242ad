"""Who hears an appeal: people who had no part in the case, some of them from outside; computed at the time, and kept.

Source: handbook, section 12, and "Who did not decide". Who has a conflict later is off at once, and somebody else is named.
"""

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.appeal import events as e
from domain.appeal.lodging import DECIDE, OFFICER, require_officer
from domain.appeal.parts import HEARS
from domain.appeal.state import Appeal, wrong_stage
from domain.person import Person
from domain.qualification import lacks
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.tasks import Task
from domain.texts import TextRef

NAMED, ELIGIBLE = "named", "eligible"
SEES_TO_IT = "sees to this appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who might hear an appeal, what they did in the case, and whether they have nothing else to do with the body."""

    person: Person
    parts: Collection[str]
    outsider: bool


def why_not(appeal: Appeal, one: Candidate, *, scheme: Scheme, at: datetime) -> str:
    """Why somebody can't hear this appeal at `at`; empty if they can."""
    person = one.person
    if not person.holds(HEARS, scheme.id, at):
        return "not authorised for this scheme"
    if missing := lacks(person, HEARS, scheme, at=at):
        return missing
    if appeal.provider in person.conflicts:
        return "conflict with the provider"
    if one.parts:
        return ", ".join(sorted(one.parts))
    if person.had_part(appeal.officers):
        return SEES_TO_IT
    return ""


def name_panel(
    appeal: Appeal,
    *,
    by: Person,
    had_part: Collection[str],
    chair: str,
    members: Sequence[str],
    candidates: Sequence[Candidate],
    scheme: Scheme,
    at: datetime,
) -> list[e.AppealEvent]:
    """Name who hears it, the chair among them, or who takes the place of those who left; the others stay.

    `candidates` are all who may be asked; what makes each eligible or not is kept.
    """
    require_officer(appeal, by, had_part=had_part)
    wanted = tuple(dict.fromkeys((chair, *members)))
    if appeal.stage == "before-panel" and (chair, set(wanted)) == (appeal.chair, set(appeal.panel)):
        return []
    if appeal.stage not in ("admitted", "before-panel"):
        raise wrong_stage(appeal, "naming a panel", "an appeal that is admitted and not decided")
    _require_those_who_stay(appeal, chair, wanted)
    known = {one.person.id: one for one in candidates}
    verdicts = {id: why_not(appeal, one, scheme=scheme, at=at) for id, one in known.items()}
    verdicts |= {id: SEES_TO_IT for id in known if by.had_part({id})}
    for id in wanted:
        if verdicts.get(id, "not known"):
            raise refuse(
                "took-part-never-hears" if known.get(id) and known[id].parts else "panel-eligible",
                f"{id} can't hear this appeal: {verdicts.get(id, 'not known')}",
                field="members",
                allowed=", ".join(sorted(id for id, reason in verdicts.items() if not reason)) or "nobody known is",
            )
    _require_full([known[id] for id in wanted], scheme)
    considered = tuple(
        e.PanelConsidered(
            person=id, verdict=NAMED if id in wanted else verdicts[id] or ELIGIBLE, outsider=known[id].outsider
        )
        for id in sorted(known)
    )
    return [
        e.PanelNamed(
            officer=by.id, chair=chair, panel=wanted, considered=considered, sets=_decided_by(appeal, who=chair)
        )
    ]


def _require_those_who_stay(appeal: Appeal, chair: str, wanted: Sequence[str]) -> None:
    left_out = [one for one in appeal.panel if one not in wanted]
    if left_out or (appeal.chair and chair != appeal.chair):
        raise refuse(
            "panel-stays",
            "who hears the appeal goes on doing so",
            field="members",
            allowed=f"{', '.join(appeal.panel)}, and whoever takes the place of those who left",
        )


def _require_full(panel: Sequence[Candidate], scheme: Scheme) -> None:
    rules = scheme.assurance.appeals
    if len(panel) < rules.panel:
        raise refuse(
            "panel-size", f"a panel of {len(panel)} is too small", field="members", allowed=f"at least {rules.panel}"
        )
    if sum(one.outsider for one in panel) < rules.outsiders:
        raise refuse(
            "panel-outsiders",
            "too few of the panel are from outside",
            field="members",
            allowed=f"at least {rules.outsiders} who never had another role here, nor pay",
        )


def require_panel(appeal: Appeal, panel: Sequence[Candidate], *, scheme: Scheme, at: datetime) -> None:
    """Refuse a panel of which somebody can't hear the appeal any more, or that is not full."""
    for one in panel:
        if reason := why_not(appeal, one, scheme=scheme, at=at):
            raise refuse(
                "panel-eligible",
                f"{one.person.id} can't hear this appeal any more: {reason}",
                field="panel",
                allowed="a panel that is full again, once somebody else is named in their place",
            )
    _require_full(panel, scheme)


def leave_panel(appeal: Appeal, *, person: str, because: str, why: TextRef | None = None) -> list[e.AppealEvent]:
    """Take somebody off the panel before it has decided; the appeal waits for somebody else in their place."""
    if appeal.stage != "before-panel" or person not in appeal.panel:
        return []
    sets = _decided_by(appeal, who=appeal.officer or OFFICER) if person == appeal.chair else ()
    return [e.PanelMemberLeft(person=person, because=because, why=why, sets=sets)]


def leave_office(appeal: Appeal, *, person: str, because: str) -> list[e.AppealEvent]:
    """Take the appeal from the officer who sees to it; what they have to do falls to whoever else is one."""
    if appeal.over or person != appeal.officer:
        return []
    theirs = [task for task in appeal.tasks.running.values() if task.who == person]
    sets = tuple(dataclasses.replace(task, who=OFFICER) for task in theirs)
    return [e.AppealOfficerLeft(officer=person, because=because, sets=sets)]


def require_member(appeal: Appeal, person: str) -> None:
    """Refuse somebody who is not on this appeal's panel, or a panel that has decided already."""
    _ = appeal.lodging
    if appeal.stage != "before-panel":
        raise wrong_stage(appeal, "leaving the panel", "an appeal that a panel is hearing")
    if person not in {*appeal.panel, *appeal.former}:
        raise refuse(
            "panel-member", "this person does not hear this appeal", field="person", allowed=", ".join(appeal.panel)
        )


def _decided_by(appeal: Appeal, *, who: str) -> tuple[Task, ...]:
    """The task to decide, which falls to somebody else by the same date."""
    return (dataclasses.replace(appeal.tasks.running[DECIDE], who=who),)
