"""The clock of the stage a submission is in: reminders before it is due, its extension, and its passing.

Source: handbook, Clocks.
"""

from datetime import datetime

from domain.clocks import Deadline, DeadlineMissed, reminder_due
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.submission import events as e
from domain.submission.side_events import DeadlineExtended
from domain.submission.state import Stage, Submission
from domain.texts import TextRef

EXTENDED = {
    "return-within": "",
    "accept-within": "",
    "assess-within": "remind_assess",
    "evidence-within": "remind_evidence",
}
"""The deadlines that operations may move for one case, with the scheme's reminders of each; the time to submit has its own way."""


def remind(case: Submission, *, at: datetime) -> list[e.SubmissionEvent]:
    """Send the reminder of the running clock that is due at `at`, if one is."""
    return [] if case.clock is None else list(reminder_due(case.clock, case.reminders, at))


def miss_deadline(case: Submission, *, at: datetime) -> list[e.SubmissionEvent]:
    """Tell operations of each running deadline that passed; once for each."""
    return [DeadlineMissed(rule=one.rule, due_at=one.due_at) for one in untold(case) if one.due_at <= at]


def untold(case: Submission) -> list[Deadline]:
    """The clocks whose end operations are still to be told of: the stage's, and that for the result beside a final review."""
    beside = case.results if case.stage is Stage.FINAL_REVIEW and case.results != case.clock else None
    running = [clock for clock in (case.clock, beside) if clock]
    return [clock for clock in running if (clock.rule, clock.due_at) not in case.missed]


def extend_deadline(
    case: Submission, *, until: datetime, reason: TextRef, scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """Move the running deadline of a provider or an assessor later, with a reason, for as long as it runs."""
    clock = case.clock
    if clock is None or clock.rule not in EXTENDED:
        raise refuse(
            "extension-of-running",
            "no such deadline runs",
            field="submission",
            allowed=f"one of {', '.join(EXTENDED)} while it runs; more time to submit is granted as such",
        )
    if until == clock.due_at:
        return []
    if until <= max(at, clock.due_at):
        raise refuse(
            "extension-later", "an extension moves the deadline later", field="until", allowed="a later instant to come"
        )
    lengths = getattr(scheme.clocks, EXTENDED[clock.rule]) if EXTENDED[clock.rule] else ()
    remind_at = scheme.reminders(at, until, lengths)
    return [DeadlineExtended(reason=reason, clock=Deadline(rule=clock.rule, due_at=until, remind_at=remind_at))]
