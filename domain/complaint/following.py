"""What follows where a complaint is upheld: what somebody concerned has to learn from it, and what is done about other cases.

Source: handbook, sections 13 and 12 (upheld: find the others).
"""

from datetime import datetime

from domain.appeal.others import ACTIONS
from domain.complaint import events as e
from domain.complaint.state import (
    AFFECTED,
    HANDLER,
    OVERSEERS,
    Affected,
    Complaint,
    require_apart,
    require_raised,
)
from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.tasks import ALL, named, set_task
from domain.texts import TextRef


def name_follow_up(
    complaint: Complaint, *, by: Person, person: str, topic: str, need: TextRef
) -> list[e.ComplaintEvent]:
    """Name what a person complained about has to learn from an upheld complaint. By who upheld it, also once it is closed."""
    _require_upholder(complaint, by)
    if person not in complaint.people:
        raise refuse(
            "follow-up-of-concerned",
            "the complaint is not about this person",
            field="person",
            allowed="somebody complained about, who is named first",
        )
    if (person, need.id) in complaint.follow_ups:
        return []
    return [e.FollowUpNamed(person=person, topic=topic, need=need)]


def name_affected_case(
    complaint: Complaint, *, by: Person, case: str, note: TextRef, scheme: Scheme, at: datetime
) -> list[e.ComplaintEvent]:
    """Name another case that was touched by what is upheld, with a note. By who upheld it, also once it is closed.

    It is to be looked after in the scheme's time; late, the quality manager is told.
    """
    _require_upholder(complaint, by)
    if case in complaint.affected:
        return []
    rules = scheme.assurance.complaints
    task = set_task(
        AFFECTED,
        about=case,
        who=HANDLER,
        start=at,
        within=rules.others_within,
        calendar=scheme.calendar,
        remind=rules.remind,
        told=OVERSEERS[0],
    )
    return [e.AffectedCaseNamed(case=case, note=note, sets=(task,))]


def deal_with_affected(
    complaint: Complaint, *, by: Person, provider: str, case: str, action: str, done: TextRef
) -> list[e.ComplaintEvent]:
    """Say what was done about a case that was touched too. It may be said anew until somebody else has closed it."""
    held = _affected(complaint, by, provider, case)
    if action not in ACTIONS:
        raise refuse("other-actions", f"{action!r} is no action", field="action", allowed=", ".join(ACTIONS))
    if (held.action, held.done) == (action, done.id):
        return []
    if held.closed:
        raise refuse("other-closed", "this case is closed", field="affected", allowed="a case that is not closed")
    return [e.AffectedCaseDealtWith(case=case, dealt_by=by.id, action=action, done=done)]


def close_affected(complaint: Complaint, *, by: Person, provider: str, case: str) -> list[e.ComplaintEvent]:
    """Find what was done about a case that was touched too enough. By somebody who did nothing of it."""
    held = _affected(complaint, by, provider, case)
    if held.closed:
        return []
    if not held.dealt_by:
        raise refuse(
            "dealt-with-first",
            "nothing was done about this case yet",
            field="affected",
            allowed="dealing with it first",
        )
    if by.had_part(held.dealt_by):
        raise refuse(
            "closed-by-another", "this person dealt with the case", field="actor", allowed="somebody else closing it"
        )
    name = named(AFFECTED, case)
    last = complaint.closed and complaint.looking_after == (name,)
    return [e.AffectedCaseClosed(case=case, closed_by=by.id, ends=(ALL,) if last else (name,))]


def _affected(complaint: Complaint, by: Person, provider: str, case: str) -> Affected:
    """A case that was named; for nobody who is party to the complaint, or has a conflict with either provider."""
    require_raised(complaint)
    require_apart(complaint, by, level=1)
    require_no_conflict(by, provider)
    held = complaint.affected.get(case)
    if held is None:
        raise refuse(
            "known-other",
            "this case was not named as touched by the complaint",
            field="affected",
            allowed=", ".join(sorted(complaint.affected)) or "a case that was named",
        )
    return held


def _require_upholder(complaint: Complaint, by: Person) -> None:
    require_raised(complaint)
    require_apart(complaint, by)
    if not complaint.upheld:
        raise refuse(
            "follow-up-of-upheld", "the complaint is not upheld", field="complaint", allowed="an upheld complaint"
        )
    if complaint.decided_by != by.id:
        raise refuse("follow-up-by-decider", "this person did not uphold it", field="actor", allowed="who upheld it")
