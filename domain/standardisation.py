"""A standardisation session: those who work under a scheme judge the same exemplars together, so that they judge alike.

Source: handbook, People. Sessions are scheduled ahead and make the year's timetable; who attended is recorded by who led it
or by a quality manager, and nobody certifies only themselves.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, assert_never

from domain.clocks import DeadlineMissed, ReminderSent
from domain.person import Person, require_known, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.states import replace
from domain.submission.state import Submission
from domain.tasks import ALL, NOBODY, Matter, Task, TaskHandedOver, TaskMoved, follow, moments, named, set_task
from domain.texts import TextRef

ATTEND: Final = "attend-standardisation-on"
"""The rule of each invited person's task, about that person."""
RECORD: Final = "record-standardisation-within"
"""The rule of the leader's task to say who attended."""
INVITED: Final = ("assessor", "moderator", "chair", "appeals-panel")
MANAGER: Final = "quality-manager"
LEADERS: Final = (*INVITED, MANAGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardisationScheduled:
    """A session was put on the timetable for `starts_at` (UTC), with submissions or a text (`note`) as exemplars."""

    session: str
    scheme: str
    starts_at: datetime
    leader: str
    invited: tuple[str, ...]
    exemplars: tuple[str, ...]
    note: TextRef | None
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationWithdrawn:
    """Somebody does not come, because of a `conflict` with the provider of an exemplar; who led it leads it no longer."""

    person: str
    because: str
    ends: tuple[str, ...]
    sets: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardisationBegun:
    """Its time has come: nobody is reminded of it any more."""

    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardisationHeld:
    """It was held, and these people were `present`, as its leader or a quality manager recorded."""

    recorder: str
    present: tuple[str, ...]
    ends: tuple[str, ...] = (ALL,)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardisationCancelled:
    """It does not take place."""

    reason: TextRef
    ends: tuple[str, ...] = (ALL,)


StandardisationEvent = (
    StandardisationScheduled
    | InvitationWithdrawn
    | StandardisationBegun
    | StandardisationHeld
    | StandardisationCancelled
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Standardisation(Matter):
    """The state of a session's stream; its stages are `scheduled`, `begun`, `held` and `cancelled`."""

    starts_at: datetime | None = None
    leader: str = ""
    invited: tuple[str, ...] = ()
    present: tuple[str, ...] = ()

    time_up: ClassVar = {ATTEND: "begin_session"}


def evolve(held: Standardisation, event: StandardisationEvent) -> Standardisation:
    """Apply one event."""
    held = replace(held, tasks=follow(held.tasks, event))
    match event:
        case StandardisationScheduled():
            return replace(
                held,
                id=event.session,
                scheme=event.scheme,
                stage="scheduled",
                starts_at=event.starts_at,
                leader=event.leader,
                invited=event.invited,
            )
        case InvitationWithdrawn():
            leader = "" if event.person == held.leader else held.leader
            return replace(held, leader=leader, invited=tuple(one for one in held.invited if one != event.person))
        case StandardisationBegun():
            return replace(held, stage="begun")
        case StandardisationHeld():
            return replace(held, stage="held", present=event.present, over=True)
        case StandardisationCancelled():
            return replace(held, stage="cancelled", over=True)
        case TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return held
        case _:
            assert_never(event)


def schedule(
    held: Standardisation,
    *,
    id: str,
    scheme: Scheme,
    starts_at: datetime,
    leader: Person,
    invited: Sequence[Person],
    exemplars: Sequence[Submission],
    note: TextRef | None,
    at: datetime,
) -> list[StandardisationEvent]:
    """Put a session on the timetable. Its exemplars are decided cases under the scheme, in which nobody there has a conflict.

    Refuses one in the past, without anyone to lead or to invite who works under the scheme then, or without an exemplar.
    """
    if held.id:
        return []
    if starts_at <= at:
        raise refuse("standardisation-to-come", "that time is past", field="starts_at", allowed="an instant to come")
    others = list({one.id: one for one in invited if one.id != leader.id}.values())
    _require_works_here(leader, LEADERS, scheme, starts_at, "leader")
    for one in others:
        _require_works_here(one, INVITED, scheme, starts_at, "invited")
    if not others:
        raise refuse(
            "standardisation-invited", "nobody is invited", field="invited", allowed="people who work under the scheme"
        )
    if not exemplars and note is None:
        raise refuse(
            "standardisation-exemplars",
            "there is nothing to judge together",
            field="exemplars",
            allowed="decided submissions under the scheme, or a text",
        )
    for case in exemplars:
        _require_exemplar(case, scheme, (leader, *others))
    return [
        StandardisationScheduled(
            session=id,
            scheme=scheme.ref,
            starts_at=starts_at,
            leader=leader.id,
            invited=tuple(one.id for one in others),
            exemplars=tuple(dict.fromkeys(one.id for one in exemplars)),
            note=note,
            sets=_tasks(scheme, starts_at, leader.id, [one.id for one in others], at),
        )
    ]


def _require_works_here(person: Person, roles: Sequence[str], scheme: Scheme, starts_at: datetime, field: str) -> None:
    require_known(person, field=field)
    if not any(person.holds(role, scheme.id, starts_at) for role in roles):
        raise refuse(
            "standardisation-invited",
            f"{person.id} does not work under {scheme.id} then",
            field=field,
            allowed=f"people who are {', '.join(roles)} of this scheme then",
        )


def _require_exemplar(case: Submission, scheme: Scheme, people: Sequence[Person]) -> None:
    if case.scheme_id != scheme.id or not case.released:
        raise refuse(
            "standardisation-exemplars",
            f"{case.id} is no exemplar: it is under another scheme, or its result is not told",
            field="exemplars",
            allowed=f"submissions under {scheme.id} whose result was told",
        )
    for one in people:
        require_no_conflict(one, case.registration.provider)


def _tasks(scheme: Scheme, starts_at: datetime, leader: str, invited: Sequence[str], at: datetime) -> tuple[Task, ...]:
    rules = scheme.assurance.people
    remind_at = moments(starts_at, rules.remind_standardisation, scheme.calendar, at)
    attend = [
        Task(rule=ATTEND, about=one, due_at=starts_at, who=one, remind_at=remind_at, told=NOBODY)
        for one in (leader, *invited)
    ]
    record = set_task(
        RECORD,
        who=leader,
        start=starts_at,
        within=rules.record_standardisation_within,
        calendar=scheme.calendar,
        told=MANAGER,
    )
    return (*attend, record)


def begin(held: Standardisation, *, at: datetime) -> list[StandardisationEvent]:
    """Let the session begin at its time, without anybody doing anything: nobody is reminded of it any more."""
    if held.stage != "scheduled" or held.starts_at is None or at < held.starts_at:
        return []
    return [StandardisationBegun(ends=tuple(name for name, one in held.tasks.running.items() if one.rule == ATTEND))]


def leave_out(held: Standardisation, *, person: str, at: datetime) -> list[StandardisationEvent]:
    """Take somebody off a session to come, since they have a conflict with the provider of an exemplar.

    Where that is its leader, a quality manager says who attended.
    """
    if held.stage != "scheduled" or held.starts_at is None or at >= held.starts_at:
        return []
    if person not in (held.leader, *held.invited):
        return []
    leads = person == held.leader
    sets = (dataclasses.replace(held.tasks.running[RECORD], who=MANAGER),) if leads else ()
    return [InvitationWithdrawn(person=person, because="conflict", ends=(named(ATTEND, person),), sets=sets)]


def record(
    held: Standardisation, *, by: Person, manages: bool, present: Sequence[str], at: datetime
) -> list[StandardisationEvent]:
    """Record who attended, from its start on; by its leader, or by a quality manager (`manages`) who was not there."""
    require_scheduled(held)
    there = tuple(dict.fromkeys(present))
    if held.stage == "held" and set(there) == set(held.present):
        return []
    _require_open(held, "recording who attended")
    leads = by.had_part({held.leader})
    if not leads and not manages:
        raise refuse(
            "standardisation-leader",
            "only who led the session, or a quality manager, says who attended",
            field="actor",
            allowed="its leader, or a quality manager who did not attend",
        )
    if held.starts_at is not None and at < held.starts_at:
        raise refuse(
            "standardisation-on-date",
            f"the session is on {held.starts_at.isoformat()}",
            field="at",
            allowed="recording it on its date or later",
        )
    strangers = [one for one in there if one not in (held.leader, *held.invited)]
    if strangers:
        raise refuse(
            "standardisation-invited",
            f"{strangers[0]} was not invited",
            field="present",
            allowed="its leader, and people who were invited",
        )
    if by.ids.issuperset(there) or (by.had_part(there) and not leads):
        raise refuse(
            "not-for-oneself",
            "nobody certifies only themselves, and no one but the leader also themselves",
            field="present",
            allowed="others who attended; their leader says so of themselves too",
        )
    return [StandardisationHeld(recorder=by.id, present=there)]


def cancel(held: Standardisation, *, reason: TextRef) -> list[StandardisationEvent]:
    """Cancel a session that was not held, with a reason."""
    require_scheduled(held)
    if held.stage == "cancelled":
        return []
    _require_open(held, "cancelling")
    return [StandardisationCancelled(reason=reason)]


def require_scheduled(held: Standardisation) -> None:
    """Refuse a session that is not on the timetable."""
    if not held.id:
        raise refuse(
            "known-standardisation",
            "there is no such session",
            field="session",
            allowed="the id of one that `assay standardisation` shows",
        )


def _require_open(held: Standardisation, what: str) -> None:
    if held.over:
        raise refuse(
            "standardisation-open",
            f"{what} is not possible any more: the session was {held.stage}",
            field="session",
            allowed="another session",
        )
