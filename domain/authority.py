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

from domain.clocks import Calendar, DeadlineMissed, Duration, ReminderSent
from domain.governance_policy import ConflictRules
from domain.scheme import Scheme
from domain.scheme_assurance import PeopleRules
from domain.states import replace
from domain.tasks import NOBODY, Matter, Task, TaskHandedOver, TaskMoved, follow, moments, named, set_task

TRAINING: Final = "renew-training-within"
"""The rule of the task to renew training before it expires; about `<kind>:<scheme>`."""
APPOINTMENT: Final = "renew-appointment-within"
"""The rule of the task to renew an appointment before it ends; about `<role>:<scheme>`, or `<role>:all`."""
CONFLICTS: Final = "confirm-conflicts-within"
"""The rule of the task to say whether the conflicts that one declared are all."""
VERIFY: Final = "verify-credential-within"
"""The rule of the task to verify anew what a person turned out to have verified themselves; about `<topic>:<kind>`."""
LOOK_AGAIN: Final = "look-again-at-accounts-on"
"""The rule of the task to look once more at what two linked accounts have in hand; about the one that was closed."""
VERIFY_WITHIN: Final = Duration.parse("20 working days")
REMIND_VERIFY: Final = (Duration.parse("5 working days"),)
BOARD: Final = "board"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNoted:
    """Another account turned out to be this person's, `other`: what was given to either in that moment is looked at once more."""

    authority: str
    person: str
    other: str
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLookedAt:
    """What both accounts had in hand was looked at once more, and what could not stand was undone."""

    other: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationAsked:
    """What is stated of the person is to be verified anew, by somebody else."""

    authority: str
    person: str
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationSettled:
    """What was to be verified anew was verified, or withdrawn."""

    topic: str
    kind: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictsAsked:
    """The person was asked whether the conflicts that they declared are all."""

    authority: str
    person: str
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictsConfirmed:
    """The person confirmed that what they declared of their conflicts is all."""

    authority: str
    person: str
    ends: tuple[str, ...]


AuthorityEvent = (
    TrainingNoted
    | AppointmentNoted
    | AppointmentOver
    | LinkNoted
    | LinkLookedAt
    | VerificationAsked
    | VerificationSettled
    | ConflictsAsked
    | ConflictsConfirmed
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Authority(Matter):
    """The state of the stream: whose it is; the tasks say the rest."""

    person: str = ""

    time_up: ClassVar[Mapping[str, str]] = {APPOINTMENT: "end_terms", LOOK_AGAIN: "look_again"}

    @property
    def parties(self) -> frozenset[str]:
        """Whose it is."""
        return frozenset({self.person} - {""})


def evolve(held: Authority, event: AuthorityEvent) -> Authority:
    """Apply one event."""
    held = replace(held, tasks=follow(held.tasks, event))
    match event:
        case (
            TrainingNoted()
            | AppointmentNoted()
            | LinkNoted()
            | VerificationAsked()
            | ConflictsAsked()
            | ConflictsConfirmed()
        ):
            return replace(held, id=event.authority, person=event.person, stage="in-force")
        case AppointmentOver() | LinkLookedAt() | VerificationSettled():
            return held
        case TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
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

    Who has no role in the body any more is not asked about conflicts either.

    `left` are the roles that the person still holds, each with its scheme.
    """
    ends = [named(APPOINTMENT, f"{role}:{scheme or ALL_SCHEMES}")]
    if scheme is not None and not any(one in (scheme, None) for _, one in left):
        ends += [name for name, task in held.tasks.running.items() if _is_training(task, scheme)]
    if not any(role != "provider" for role, _ in left):
        ends.append(named(CONFLICTS))
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


def note_link(held: Authority, *, id: str, person: str, other: str, at: datetime) -> list[AuthorityEvent]:
    """Have what both accounts have in hand looked at once more as soon as they are known to be one."""
    task = Task(rule=LOOK_AGAIN, about=other, due_at=at, who=person, told=NOBODY)
    return [] if _runs(held, task) else [LinkNoted(authority=id, person=person, other=other, sets=(task,))]


def to_look_at(held: Authority) -> list[str]:
    """The closed accounts whose link is still to be looked at once more."""
    return [one.about for one in held.tasks.running.values() if one.rule == LOOK_AGAIN]


def looked_at(held: Authority, *, other: str) -> list[AuthorityEvent]:
    """Note that it was; once."""
    name = named(LOOK_AGAIN, other)
    return [LinkLookedAt(other=other, ends=(name,))] if name in held.tasks.running else []


def ask_verification(*, id: str, person: str, fell: Collection[tuple[str, str]], at: datetime) -> list[AuthorityEvent]:
    """Have the quality manager see that what fell (topic and kind) is verified anew; late, the board is told."""
    tasks = tuple(
        set_task(
            VERIFY,
            about=f"{topic}:{kind}",
            who=MANAGER,
            start=at,
            within=VERIFY_WITHIN,
            calendar=EVERYWHERE,
            remind=REMIND_VERIFY,
            told=BOARD,
        )
        for topic, kind in sorted(fell)
    )
    return [VerificationAsked(authority=id, person=person, sets=tasks)] if tasks else []


def settle_verification(held: Authority, *, topic: str, kind: str) -> list[AuthorityEvent]:
    """Ask no longer for what was verified anew, or withdrawn."""
    name = named(VERIFY, f"{topic}:{kind}")
    return [VerificationSettled(topic=topic, kind=kind, ends=(name,))] if name in held.tasks.running else []


def ask_conflicts(
    held: Authority, *, id: str, person: str, rules: ConflictRules, calendar: Calendar, at: datetime
) -> list[AuthorityEvent]:
    """Ask whether the conflicts that the person declared are all; who has not yet said so since the last time is late still."""
    if named(CONFLICTS) in held.tasks.running:
        return []
    task = set_task(
        CONFLICTS,
        who=person,
        start=at,
        within=rules.answer_within,
        calendar=calendar,
        remind=rules.remind,
        told=MANAGER,
    )
    asked = dataclasses.replace(task, remind_at=(at, *task.remind_at))  # that they are asked is the first reminder
    return [ConflictsAsked(authority=id, person=person, sets=(asked,))]


def confirm_conflicts(held: Authority, *, id: str, person: str) -> list[AuthorityEvent]:
    """Confirm that what was declared is all, asked or not."""
    ends = (named(CONFLICTS),) if named(CONFLICTS) in held.tasks.running else ()
    return [ConflictsConfirmed(authority=id, person=person, ends=ends)]
