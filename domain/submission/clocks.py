"""The clock of the stage a submission is in: reminders before it is due, and its passing. Source: handbook, Clocks."""

from datetime import datetime

from domain.clocks import DeadlineMissed, reminder_due
from domain.submission import events as e
from domain.submission.state import Submission


def remind(case: Submission, *, at: datetime) -> list[e.SubmissionEvent]:
    """Send the reminder of the running clock that is due at `at`, if one is."""
    return [] if case.clock is None else list(reminder_due(case.clock, case.reminders, at))


def miss_deadline(case: Submission, *, at: datetime) -> list[e.SubmissionEvent]:
    """Tell operations that the running clock's deadline passed; once for each deadline."""
    clock = case.clock
    if clock is None or at < clock.due_at or (clock.rule, clock.due_at) in case.missed:
        return []
    return [DeadlineMissed(rule=clock.rule, due_at=clock.due_at)]
