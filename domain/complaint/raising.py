"""Who complains: a complaint raised, taken further with a reason and in time, withdrawn at any time, or else closed by itself.

Source: handbook, section 13.
"""

import dataclasses
from collections.abc import Collection, Sequence
from datetime import datetime

from domain.complaint import events as e
from domain.complaint.state import (
    ABOUT,
    ACKNOWLEDGE,
    DECIDES,
    ESCALATE,
    HANDLER,
    LEVELS,
    OVERSEERS,
    Complaint,
    require_open,
    require_raised,
    require_stage,
    running,
)
from domain.person import Person
from domain.refusals import Refused, refuse
from domain.scheme import Scheme
from domain.tasks import ALL, NOBODY, Task, named, set_task
from domain.texts import TextRef


def raise_complaint(
    complaint: Complaint,
    *,
    id: str,
    scheme: Scheme,
    about: str,
    text: TextRef,
    people: Sequence[str] = (),
    case: str | None = None,
    provider: str | None = None,
    raised_by: str | None = None,
    entered_by: str | None = None,
    on_behalf_of: str | None = None,
    reachable: bool = True,
    at: datetime,
) -> list[e.ComplaintEvent]:
    """Raise a complaint; it is to be acknowledged and answered in the scheme's times from now on.

    Either somebody known raises it, or it is entered by somebody for who is not. Nobody enters one about themselves.
    """
    if complaint.id:
        return []
    if about not in ABOUT:
        raise refuse("complaint-about", f"{about!r} is nothing to complain of", field="about", allowed=", ".join(ABOUT))
    if about == "people" and not people:
        raise refuse("complaint-about", "nobody is named", field="people", allowed="the ids of one person or several")
    if (about == "case") != (case is not None):
        raise refuse(
            "complaint-about",
            "no case is named" if case is None else f"a complaint about {about} names no case",
            field="case",
            allowed="the id of a case in a complaint about a case, and none in another",
        )
    if raised_by in people or entered_by in people:
        raise _about_oneself("people")
    return [
        e.ComplaintRaised(
            complaint=id,
            scheme=scheme.ref,
            about=about,
            text=text,
            people=tuple(dict.fromkeys(people)),
            case=case,
            provider=provider,
            raised_by=raised_by,
            entered_by=entered_by,
            on_behalf_of=on_behalf_of,
            reachable=reachable,
            sets=tasks_of(1, scheme=scheme, at=at),
        )
    ]


def name_person(complaint: Complaint, *, by: Person, person: str) -> list[e.ComplaintEvent]:
    """Say that it is about this person too. By who complained, who entered it, or who has it in hand.

    Whatever the person had in hand of it is taken from them at once.
    """
    require_open(complaint)
    said_by = {complaint.raised_by, complaint.entered_by, complaint.handler} - {None}
    if not by.had_part(said_by) or by.had_part(complaint.people):
        raise refuse(
            "complaint-parties",
            "this person does not say whom the complaint is about",
            field="actor",
            allowed="who complained, who entered it, or who has it in hand",
        )
    if person in complaint.people:
        return []
    if person in (complaint.raised_by, complaint.entered_by):
        raise _about_oneself("person")
    return [e.PersonComplainedAbout(person=person), *taken_from(complaint, person, because="complained-about")]


def taken_from(complaint: Complaint, person: str, *, because: str) -> list[e.ComplaintEvent]:
    """What a person has in hand of a complaint is taken from them: another handler, member or chair is needed."""
    if complaint.closed or (person != complaint.handler and person not in complaint.members):
        return []
    back: tuple[Task, ...] = ()
    if person == complaint.handler:
        rule = named(DECIDES[complaint.level], LEVELS[complaint.level])
        task = complaint.tasks.running.get(rule)
        back = (dataclasses.replace(task, who=HANDLER),) if task else ()
    left = e.CommitteeMemberLeft if complaint.level == len(LEVELS) else e.HandlerLeft
    return [left(person=person, because=because, sets=back)]


def escalate(
    complaint: Complaint,
    *,
    by: Person,
    reason: TextRef,
    scheme: Scheme,
    at: datetime,
    contacts: Collection[str] = (),
) -> list[e.ComplaintEvent]:
    """Take it further, with a reason: from the first answer to a second, from that to a committee. In time.

    By who complained (or another of the `contacts` of the provider that they did it for), or who entered it for them.
    """
    require_complainant(complaint, by, contacts)
    if complaint.told.get(f"escalated-{complaint.level}") == reason.id:
        return []
    require_stage(complaint, "taking it further", "answered", "answered-again")
    window = running(complaint, ESCALATE)
    if at >= window.due_at:
        raise refuse(
            "escalate-in-time",
            "the time to take it further is over",
            field="complaint",
            allowed="raising a new complaint",
        )
    level = complaint.level + 1
    return [
        e.ComplaintEscalated(
            level=level, reason=reason, ends=(window.name,), sets=tasks_of(level, scheme=scheme, at=at)
        )
    ]


def withdraw(
    complaint: Complaint, *, by: Person, reason: TextRef | None, contacts: Collection[str] = ()
) -> list[e.ComplaintEvent]:
    """Withdraw it, at any time until it is over. By who complained, or who entered it for them."""
    require_complainant(complaint, by, contacts)
    if complaint.stage == "withdrawn":
        return []
    require_open(complaint)
    return [e.ComplaintWithdrawn(reason=reason, ends=all_but_others(complaint))]


def close(complaint: Complaint, *, at: datetime) -> list[e.ComplaintEvent]:
    """Close a complaint that was answered and not taken further in time. By its process."""
    require_raised(complaint)
    window = complaint.tasks.running.get(named(ESCALATE, LEVELS[complaint.level]))
    if complaint.closed or window is None or at < window.due_at:
        return []
    return [e.ComplaintClosed(because="not-escalated", ends=all_but_others(complaint))]


def all_but_others(complaint: Complaint) -> tuple[str, ...]:
    """What ends with the complaint: every task, but for those to look after the other cases that it touched."""
    kept = complaint.looking_after
    return tuple(name for name in complaint.tasks.running if name not in kept) if kept else (ALL,)


def require_complainant(complaint: Complaint, by: Person, contacts: Collection[str] = ()) -> None:
    """Refuse who neither complained nor entered the complaint for who did."""
    require_raised(complaint)
    allowed = {complaint.raised_by, complaint.entered_by, *(contacts if complaint.on_behalf_of else ())}
    if not by.had_part(allowed) or by.had_part(complaint.people):
        raise refuse(
            "complainant-only",
            "this is not this person's complaint",
            field="actor",
            allowed="who complained, or entered it",
        )


def tasks_of(level: int, *, scheme: Scheme, at: datetime) -> tuple[Task, ...]:
    """The tasks to acknowledge and to answer at this level, which run together from `at` (UTC)."""
    rules = scheme.assurance.complaints
    within = {1: rules.answer_within, 2: rules.answer_again_within, 3: rules.review_within}[level]
    told = OVERSEERS[level == len(LEVELS)]
    return tuple(
        set_task(
            rule,
            who=HANDLER,
            start=at,
            within=length,
            calendar=scheme.calendar,
            remind=rules.remind,
            about=LEVELS[level],
            told=told,
        )
        for rule, length in ((ACKNOWLEDGE, rules.acknowledge_within), (DECIDES[level], within))
    )


def window_to_escalate(complaint: Complaint, *, scheme: Scheme, at: datetime) -> Task:
    """The time in which who complained may take it further; when it passes the complaint closes by itself."""
    rules = scheme.assurance.complaints
    return set_task(
        ESCALATE,
        who=complaint.raised_by or complaint.entered_by or HANDLER,
        start=at,
        within=rules.escalate_within,
        calendar=scheme.calendar,
        remind=rules.remind,
        about=LEVELS[complaint.level],
        told=NOBODY,
    )


def _about_oneself(field: str) -> Refused:
    return refuse(
        "complain-of-others",
        "nobody raises or enters a complaint about themselves",
        field=field,
        allowed="the ids of other people; somebody else enters the complaint",
    )
