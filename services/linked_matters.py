"""What becomes of matters when two accounts are found to be one human: seats are given up, and tasks go to who may have them.

Source: handbook, Who did not decide. The closed account gives up every seat; the one that goes on, what the other's part forbids.
"""

from domain import scrutiny
from domain.appeal import Appeal, panel
from domain.appeal.lodging import require_officer
from domain.complaint import Complaint
from domain.complaint.raising import taken_from
from domain.development import Development, plan
from domain.policy import DepartmentLeadEnded, PolicyRecord
from domain.refusals import Refused
from domain.workforce import end_lead
from services.appeals import candidates
from services.contested import parts_in
from services.leaving import end_granted, leave_tasks
from services.office import Work
from services.workforce import STREAM, duties_of, policy_in_force

CLOSED = "account-closed"
"""Why it ends what the other account had."""


def leave_matter(work: Work, matter: str, goes_on: str, other: str) -> None:
    """Take both accounts off what they can't have any more in a matter; other tasks go to the one that goes on, if they may."""
    held = work.state(matter)
    match held:
        case scrutiny.Scrutiny():
            _leave_scrutiny(work, held, goes_on, other)
            return
        case Appeal():
            _leave_appeal(work, held, goes_on, other)
        case Complaint():
            _leave_complaint(work, held, goes_on, other)
        case Development() if held.running:
            rules = policy_in_force(work)
            duties = duties_of(work, rules, person=held.person, department=held.department)
            work.add(matter, plan.follow_lead(held, duties=duties))
    kept = bool(held.provider) and work.person(goes_on).kept_from(held.provider)
    leave_tasks(work, other, matter, to=None if kept else goes_on, because=CLOSED)


def end_leads(work: Work, other: str) -> None:
    """Let the departments that the closed account led have no lead until another is named."""
    record: PolicyRecord = work.state(STREAM)
    for department in sorted(one for one, lead in record.leads.items() if lead == other):
        work.add(STREAM, end_lead(work.state(STREAM), department=department))


def led_before(work: Work, other: str) -> list[str]:
    """The departments that the account led, for whichever time."""
    work.load(STREAM)
    ended = (one.event for one in work.entries[STREAM] if isinstance(one.event, DepartmentLeadEnded))
    return sorted({one.department for one in ended if one.lead == other})


def _leave_scrutiny(work: Work, held: scrutiny.Scrutiny, goes_on: str, other: str) -> None:
    """End an arrangement that names the closed account, or whose scrutineer turns out to have had a part in the case."""
    work.load(held.case)
    had_part = {one.actor for one in work.entries[held.case]} - {held.scrutineer}
    watched_own = held.scrutineer == goes_on and work.person(goes_on).had_part(had_part)
    if watched_own or other in {*held.taking_part, *held.approvers}:
        end_granted(work, held, scrutiny.abandon(held, because=CLOSED))


def _leave_appeal(work: Work, held: Appeal, goes_on: str, other: str) -> None:
    parts, scheme = parts_in(work, held.lodging.case, but=held.id), work.scheme(held.scheme)
    leaving = [other]
    if goes_on in held.panel:
        [candidate] = candidates(work, [goes_on], parts)
        if panel.why_not(held, candidate, scheme=scheme, at=work.command.at):
            leaving.append(goes_on)
    for person in leaving:
        work.add(held.id, panel.leave_panel(work.state(held.id), person=person, because=CLOSED), scheme=held.scheme)
    for person in (other, goes_on):
        now: Appeal = work.state(held.id)
        if person == other or not _may_see_to(work, now, goes_on, frozenset(parts)):
            work.add(held.id, panel.leave_office(now, person=person, because=CLOSED), scheme=held.scheme)


def _may_see_to(work: Work, held: Appeal, person: str, had_part: frozenset[str]) -> bool:
    try:
        require_officer(held, work.person(person), had_part=had_part)
    except Refused:
        return False
    return True


def _leave_complaint(work: Work, held: Complaint, goes_on: str, other: str) -> None:
    leaving = [other]
    if work.person(goes_on).had_part(held.parties | held.earlier(held.level)):
        leaving.append(goes_on)
    for person in leaving:
        work.add(held.id, taken_from(work.state(held.id), person, because=CLOSED), scheme=held.scheme)
