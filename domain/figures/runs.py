"""Clocks as they ran: since when, until when at last, and whether what they waited for came in time.

A clock that is stopped goes on as the same one when it runs again, with the date that it then has. One that ends because
what it waited for is not wanted any more (withdrawn, set aside, taken away from somebody) was neither kept nor missed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from domain.accreditation.events import AccreditationLapsed, AccreditationWithdrawn
from domain.accreditation.state import Accreditation
from domain.appeal.events import AppealWithdrawn
from domain.clocks import Deadline
from domain.complaint.events import ComplaintWithdrawn
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission import side_events as s
from domain.submission.moderation import RESULTS
from domain.submission.state import Submission
from domain.tasks import Matter
from domain.tasks import Task as TaskOf

Name = tuple[str, str]
"""What tells a clock from the others of its case, and the rule that set it."""
AGAIN: Final = "assign-again-after"
"""No promise to anybody: when the rule looks again for an assessor."""
STOPS: Final = (e.EvidenceRequested, s.LimitStopped)
VOIDS: Final = (
    e.SubmissionWithdrawn,
    e.ItemAdjourned,
    e.FoundOutsideDefinition,
    r.ModerationSetAside,
    r.AssessmentSetAside,
    r.IneligibilitySetAside,
    r.DecisionReplaced,
    AppealWithdrawn,
    ComplaintWithdrawn,
    AccreditationLapsed,
    AccreditationWithdrawn,
)
ANSWERED: Final = ("declined", "not-answered", "overdue", "marked")
"""The ways in which work ends that somebody was given for a time, other than by being taken away from them."""


@dataclass(slots=True)
class Run:
    """A clock of `rule`, set at `set_at`, due at `due_at` at last after it was `moved` so often; `void` if it came to nothing."""

    rule: str
    set_at: datetime
    due_at: datetime
    moved: int = 0
    ended_at: datetime | None = None
    void: bool = False

    def late(self, at: datetime) -> bool:
        """Whether, as seen at `at`, its date came before what it waited for."""
        return (self.ended_at or at) >= self.due_at


@dataclass(slots=True)
class Runs:
    """All clocks of one case that ran, those that run, and those that are stopped."""

    all: list[Run] = field(default_factory=list)
    running: dict[Name, Run] = field(default_factory=dict)
    stopped: dict[Name, Run] = field(default_factory=dict)

    def follow(self, now: Mapping[Name, datetime], event: Any, at: datetime) -> None:
        """Take in what runs (each clock's date) since `event`, at `at`."""
        for name in [one for one in self.running if one not in now]:
            run = self.running.pop(name)
            if isinstance(event, STOPS):
                self.stopped[name] = run
            else:
                run.ended_at, run.void = at, _voids(event)
        for name, due_at in now.items():
            if name in self.stopped:
                self.running[name] = self.stopped.pop(name)
                self.running[name].due_at = due_at
            elif name not in self.running:
                self.running[name] = Run(rule=name[1], set_at=at, due_at=due_at)
                self.all.append(self.running[name])
            elif (run := self.running[name]).due_at != due_at:
                run.due_at, run.moved = due_at, run.moved + 1


def _voids(event: Any) -> bool:
    if isinstance(event, e.AssignmentEnded | s.BlindMarkingEnded):
        return event.reason not in ANSWERED
    return isinstance(event, VOIDS)


def of_submission(case: Submission) -> dict[Name, datetime]:
    """The dates of the clocks that run on a submission: that of its stage, that for the result, and of who marks it blind."""
    clock = case.clock if case.clock and case.clock.rule not in (RESULTS, AGAIN) else None
    slots = {"stage": clock, "results": case.results, "marking": case.marking}
    return {(slot, one.rule): one.due_at for slot, one in slots.items() if one}


def of_accreditation(award: Accreditation) -> dict[Name, datetime]:
    """Those on an award: of a year to be confirmed, of each concern, and of its tasks; not its own end."""
    clocks: dict[str, Deadline] = {one.id: one.clock for one in award.concerns.values() if one.clock}
    if award.asked:
        clocks[f"year-{award.asked.year}"] = award.asked.clock
    return {(slot, one.rule): one.due_at for slot, one in clocks.items()} | _of_tasks(award.tasks.running)


def of_matter(matter: Matter) -> dict[Name, datetime]:
    """Those on an appeal or a complaint: its tasks."""
    return _of_tasks(matter.tasks.running)


def _of_tasks(running: Mapping[str, TaskOf]) -> dict[Name, datetime]:
    return {(name, one.rule): one.due_at for name, one in running.items()}
