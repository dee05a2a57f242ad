"""What a person may do ends by itself when training expires or a term is over; before that they are reminded to renew it.

Source: handbook, People. Whether training is valid and an appointment runs is computed from the person's own stream when it
matters; here are only the tasks, one stream a person. Who is no longer appointed under a scheme is not reminded of training
for it.
"""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, assert_never

from domain.clocks import Calendar, DeadlineMissed, ReminderSent
from domain.scheme import Scheme
from domain.scheme_assurance import PeopleRules
from domain.states import replace
from domain.tasks import NOBODY, Matter, Task, TaskHandedOver, TaskMoved, follow, moments, named

TRAINING: Final = "renew-training-within"
"""The rule of the task to renew training before it expires; about `<kind>:<scheme>`."""
APPOINTMENT: Final = "renew-appointment-within"
"""The rule of the task to renew an appointment before it ends; about `<role>:<scheme>`, or `<role>:all`."""
ALL_SCHEMES: Final = "all"
MANAGER: Final = "quality-manager"
USUAL: Final = PeopleRules()
EVERYWHERE: Final = Calendar(zone="UTC")
"""The calendar of what is of no scheme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingNoted:
    """The person's training of this kind for a scheme is to be renewed before it expires."""

    authority: str
    person: str
    kind: str
    scheme: str
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentNoted:
    """The person's appointment has an end before which it is to be renewed (`sets`), or has none any more (`ends`)."""

    authority: str
    person: str
    role: str
    scheme: str | None
    sets: tuple[Task, ...] = ()
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentOver:
    """The person's appointment ended, by its term or before: nothing of it is to be renewed any more."""

    role: str
    scheme: str | None
    ends: tuple[str, ...]


AuthorityEvent = (
    TrainingNoted | AppointmentNoted | AppointmentOver | TaskMoved | TaskHandedOver | ReminderSent | DeadlineMissed
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Authority(Matter):
    """The state of the stream: whose it is; the tasks say the rest."""

    person: str = ""

    time_up: ClassVar[Mapping[str, str]] = {APPOINTMENT: "end_terms"}

    @property
    def parties(self) -> frozenset[str]:
        """Whose it is."""
        return frozenset({self.person} - {""})


def evolve(held: Authority, event: AuthorityEvent) -> Authority:
    """Apply one event."""
    held = replace(held, tasks=follow(held.tasks, event))
    match event:
        case TrainingNoted() | AppointmentNoted():
            return replace(held, id=event.authority, person=event.person, stage="in-force")
        case AppointmentOver() | TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return held
        case _:
            assert_never(event)


def note_training(
    held: Authority, *, id: str, person: str, kind: str, scheme: Scheme, expires_at: datetime, at: datetime
) -> list[AuthorityEvent]:
    """Set the task to renew training before `expires_at` (UTC), with the scheme's reminders; the quality manager is told."""
    task = Task(
        rule=TRAINING,
        about=f"{kind}:{scheme.id}",
        due_at=expires_at,
        who=person,
        remind_at=moments(expires_at, scheme.assurance.people.remind_training, scheme.calendar, at),
        told=MANAGER,
    )
    if _runs(held, task):
        return []
    return [TrainingNoted(authority=id, person=person, kind=kind, scheme=scheme.id, sets=(task,))]


def note_appointment(
    held: Authority, *, id: str, person: str, role: str, scheme: Scheme | None, ends_at: datetime | None, at: datetime
) -> list[AuthorityEvent]:
    """Set the task to renew an appointment before `ends_at` (UTC), or end that task where it has no end any more.

    Appointments for all schemes are reminded of as the handbook has it; nobody has to do anything for one to end.
    """
    about = f"{role}:{scheme.id if scheme else ALL_SCHEMES}"
    noted = AppointmentNoted(authority=id, person=person, role=role, scheme=scheme.id if scheme else None)
    if ends_at is None:
        name = named(APPOINTMENT, about)
        return [dataclasses.replace(noted, ends=(name,))] if name in held.tasks.running else []
    ahead = scheme.assurance.people.remind_appointment if scheme else USUAL.remind_appointment
    calendar = scheme.calendar if scheme else EVERYWHERE
    remind_at = moments(ends_at, ahead, calendar, at)
    task = Task(rule=APPOINTMENT, about=about, due_at=ends_at, who=person, remind_at=remind_at, told=NOBODY)
    return [] if _runs(held, task) else [dataclasses.replace(noted, sets=(task,))]


def _runs(held: Authority, task: Task) -> bool:
    running = held.tasks.running.get(task.name)
    return running is not None and (running.who, running.due_at) == (task.who, task.due_at)


def end_appointment(
    held: Authority, *, role: str, scheme: str | None, left: Collection[tuple[str, str | None]]
) -> list[AuthorityEvent]:
    """Renew nothing of an appointment that ended; nor training for its scheme, once nothing is `left` that it is for.

    `left` are the roles that the person still holds, each with its scheme.
    """
    ends = [named(APPOINTMENT, f"{role}:{scheme or ALL_SCHEMES}")]
    if scheme is not None and not any(one in (scheme, None) for _, one in left):
        ends += [name for name, task in held.tasks.running.items() if _is_training(task, scheme)]
    running = tuple(name for name in ends if name in held.tasks.running)
    return [AppointmentOver(role=role, scheme=scheme, ends=running)] if running else []


def _is_training(task: Task, scheme: str) -> bool:
    return task.rule == TRAINING and task.about.endswith(f":{scheme}")


def end_terms(held: Authority, *, left: Collection[tuple[str, str | None]], at: datetime) -> list[AuthorityEvent]:
    """Note each appointment whose term is over at `at`; `left` are the roles that the person still holds then."""
    events: list[AuthorityEvent] = []
    for task in held.tasks.running.values():
        if task.rule == APPOINTMENT and task.due_at <= at:
            role, _, about = task.about.partition(":")
            scheme = None if about == ALL_SCHEMES else about
            if (role, scheme) not in left:
                events += end_appointment(held, role=role, scheme=scheme, left=left)
    return events
