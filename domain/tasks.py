"""What somebody has to do by when, in matters other than submissions and awards: appeals, complaints, audits, risks and the like.

A matter may have several tasks at once. The event that begins or ends one says so itself: `sets` are the tasks that run
from now on, `ends` the names of those that run no longer. Source: handbook, Clocks.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, Protocol

from domain.clocks import Calendar, Deadline, DeadlineMissed, Due, Duration, ReminderSent, next_reminder, reminder_due
from domain.refusals import refuse
from domain.states import replace
from domain.texts import TextRef

OPERATIONS: Final = "operations"
"""Who is told that a task is overdue, unless it says somebody else."""
NOBODY: Final = ""
ALL: Final = "*"
"""In `ends`: every task of the matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to be done by `due_at` (UTC), as the rule `rule` says, by `who`: a person's id or a role such as `board`.

    `about` tells tasks of the same rule apart (an action's id, a kind of training). They are reminded at `remind_at`. When
    it passes, `told` is told; NOBODY where the matter then goes on by itself.
    """

    rule: str
    due_at: datetime
    who: str
    about: str = ""
    remind_at: tuple[datetime, ...] = ()
    told: str = OPERATIONS

    @property
    def name(self) -> str:
        """What tells it from the matter's other tasks."""
        return named(self.rule, self.about)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMoved:
    """A task of this matter is due later, for a stated reason; `sets` is the task as it is now."""

    reason: TextRef
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskHandedOver:
    """Somebody else has this task from now on: `because` of a conflict, a role that ended, or for a stated `reason`."""

    because: str
    sets: tuple[Task, ...]
    reason: TextRef | None = None


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Tasks:
    """The tasks that run, by name, and which reminders and words of lateness went out for them."""

    running: dict[str, Task] = field(default_factory=dict)
    reminders: frozenset[tuple[str, datetime, datetime]] = frozenset()
    missed: frozenset[tuple[str, datetime]] = frozenset()


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Matter:
    """What the states of all these matters have in common; a process watches over each of them.

    `scheme` is the version that it is under (`cpd-qa@1`), empty where it is of the whole body; `provider` whose affair it
    is, if anybody's: who has a conflict with that one neither sees the matter nor takes part. `time_up` names the step
    that the process takes when a task of a rule passes of which nobody is told.
    """

    id: str = ""
    scheme: str = ""
    provider: str = ""
    stage: str = ""
    over: bool = False
    tasks: Tasks = Tasks()

    time_up: ClassVar[Mapping[str, str]] = {}

    @property
    def parties(self) -> frozenset[str]:
        """Who has such a part in it that they administer nothing of it: nobody, unless the kind of matter says so."""
        return frozenset()

    @property
    def deadline(self) -> datetime | None:
        """When the next of its tasks is due (UTC)."""
        return min((one.due_at for one in self.tasks.running.values()), default=None)


class Tasked(Protocol):
    """Whatever has such tasks: a matter, or an award beside its own clocks."""

    @property
    def over(self) -> bool: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def time_up(self) -> Mapping[str, str]: ...


def named(rule: str, about: str = "") -> str:
    """Return the name of a task, by which `ends` refers to it."""
    return f"{rule}:{about}" if about else rule


def set_task(
    rule: str,
    *,
    who: str,
    start: datetime,
    within: Duration,
    calendar: Calendar,
    remind: Sequence[Duration] = (),
    about: str = "",
    told: str = OPERATIONS,
) -> Task:
    """Return the task that `rule` sets from `start` (UTC) on the calendar, with reminders so long before it is due."""
    due_at = calendar.due(start, within)
    return Task(
        rule=rule, due_at=due_at, who=who, about=about, remind_at=moments(due_at, remind, calendar, start), told=told
    )


def moments(due_at: datetime, remind: Sequence[Duration], calendar: Calendar, start: datetime) -> tuple[datetime, ...]:
    """Return the instants (UTC) to remind at, in order; those that would not come after `start` are left out."""
    return tuple(sorted(at for at in {calendar.before(due_at, one) for one in remind} if at > start))


def follow(tasks: Tasks, event: Any) -> Tasks:
    """Apply what one event of the matter says of its tasks."""
    match event:
        case ReminderSent():
            key = (named(event.rule, event.about), event.due_at, event.planned_for)
            return replace(tasks, reminders=tasks.reminders | {key})
        case DeadlineMissed():
            return replace(tasks, missed=tasks.missed | {(named(event.rule, event.about), event.due_at)})
    ends: Sequence[str] = getattr(event, "ends", ())
    sets: Sequence[Task] = getattr(event, "sets", ())
    if not ends and not sets:
        return tasks
    left = {} if ALL in ends else {name: one for name, one in tasks.running.items() if name not in ends}
    return replace(tasks, running=left | {one.name: one for one in sets})


def due_next(matter: Tasked, *, at: datetime) -> Due | None:
    """The next thing that time does to a matter, as seen at `at`: a reminder, word that a task is overdue, or its own step."""
    if matter.over:
        return None
    return min(
        (due for one in matter.tasks.running.values() for due in _dues(matter, one, at)),
        key=lambda due: due.at,
        default=None,
    )


def _dues(matter: Tasked, task: Task, at: datetime) -> list[Due]:
    found = []
    if moment := next_reminder(_deadline(task), matter.tasks.reminders, at):
        found.append(Due(step="remind_task", at=moment))
    if not task.told:
        found.append(Due(step=matter.time_up[task.rule], at=task.due_at))
    elif (task.name, task.due_at) not in matter.tasks.missed:
        found.append(Due(step="miss_task", at=task.due_at))
    return found


def remind(matter: Tasked, *, at: datetime) -> list[ReminderSent]:
    """Send the reminders that are due at `at`: of each task at most one, the latest, with the true time left."""
    if matter.over:
        return []
    return [
        dataclasses.replace(reminder, rule=task.rule, about=task.about)
        for task in matter.tasks.running.values()
        for reminder in reminder_due(_deadline(task), matter.tasks.reminders, at)
    ]


def miss(matter: Tasked, *, at: datetime) -> list[DeadlineMissed]:
    """Tell of each running task that passed whoever is to be told; once for each date it was due."""
    if matter.over:
        return []
    return [
        DeadlineMissed(rule=one.rule, due_at=one.due_at, about=one.about)
        for one in matter.tasks.running.values()
        if one.told and one.due_at <= at and (one.name, one.due_at) not in matter.tasks.missed
    ]


def move_task(
    matter: Tasked, *, rule: str, about: str = "", until: datetime, reason: TextRef, at: datetime
) -> list[TaskMoved]:
    """Let a running task be due later, with a reason, also after it has passed; reminders keep their distance."""
    task = require_running(matter, rule, about)
    if until == task.due_at:
        return []
    if until <= max(at, task.due_at):
        raise refuse(
            "extension-later", "an extension moves the deadline later", field="until", allowed="a later instant to come"
        )
    later = until - task.due_at
    remind_at = tuple(moment + later for moment in task.remind_at if moment + later > at)
    return [TaskMoved(reason=reason, sets=(dataclasses.replace(task, due_at=until, remind_at=remind_at),))]


def hand_over(
    matter: Tasked, *, rule: str, about: str = "", to: str, because: str, reason: TextRef | None = None
) -> list[TaskHandedOver]:
    """Let somebody else have a running task, by the same date."""
    task = require_running(matter, rule, about)
    if task.who == to:
        return []
    return [TaskHandedOver(because=because, reason=reason, sets=(dataclasses.replace(task, who=to),))]


def require_running(matter: Tasked, rule: str, about: str = "") -> Task:
    """Return a task that runs; refuses another, saying which run."""
    task = matter.tasks.running.get(named(rule, about))
    if task is None:
        raise refuse(
            "task-running",
            f"no such task runs here: {named(rule, about)}",
            field="rule",
            allowed=", ".join(sorted(matter.tasks.running)) or "nothing; no task runs here",
        )
    return task


def _deadline(task: Task) -> Deadline:
    """The task as the clock that it is; by its name, so that tasks of one rule are told apart."""
    return Deadline(rule=task.name, due_at=task.due_at, remind_at=task.remind_at)
