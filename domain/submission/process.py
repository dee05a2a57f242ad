"""What a submission owes next, and what its clock will do: the part of the handbook that nobody has to remember.

A process carries these steps out; each is a decision in this package that does nothing when it is not its turn.
"""

from datetime import datetime

from domain.clocks import Due, next_reminder
from domain.submission import booking
from domain.submission.clocks import untold
from domain.submission.moderation import review_opens_at
from domain.submission.state import Stage, Submission

WHEN_TIME_IS_UP = {
    Stage.REGISTERED: "lapse",
    Stage.PREPARING: "lapse",
    Stage.RETURNED: "lapse",
    Stage.SCREENING: "miss_deadline",
    Stage.AWAITING_MODERATION: "miss_deadline",
    Stage.IN_MODERATION: "miss_deadline",
    Stage.FINAL_REVIEW: "miss_deadline",
    Stage.DECIDED: "miss_deadline",
}


def owed(case: Submission) -> str | None:
    """The step that the case is owed now, whatever the time; None if it is somebody's turn, or nobody's."""
    match case.stage:
        case Stage.REGISTERED:
            return "start_preparation"
        case Stage.SUBMITTED:
            return "start_screening"
        case Stage.IN_ASSESSMENT if case.assessor is None and case.clock is None:
            return "assign_assessor"
        case Stage.DECIDED if case.report_approved and not case.released:
            return "release_result"
        case _:
            return None


def due_next(case: Submission, *, at: datetime) -> Due | None:
    """The next thing the clocks do, as seen at `at`: a reminder, or what follows when time is up.

    None while no clock runs.
    """
    coming = [one for one in (_stage_due(case, at), _marking_due(case, at)) if one]
    return min(coming, key=lambda due: due.at, default=None)


def _marking_due(case: Submission, at: datetime) -> Due | None:
    """What the clock of who marks the submission blind does, beside that of its stage and for as long as the case runs."""
    clock = case.marking
    if clock is None or case.over:
        return None
    reminder = next_reminder(clock, case.reminders, at)
    if reminder and reminder < clock.due_at:
        return Due(step="remind_marker", at=reminder)
    return None if (clock.rule, clock.due_at) in case.missed else Due(step="miss_marking", at=clock.due_at)


def _stage_due(case: Submission, at: datetime) -> Due | None:
    if case.stage is Stage.EVIDENCE_REQUESTED and (opens_at := review_opens_at(case)):
        end: Due | None = Due(step="open_final_review", at=opens_at)
    elif case.clock is None:
        return None
    elif case.clock.rule == booking.PORTFOLIO:
        end = Due(step="give_up_date", at=case.clock.due_at)
    elif case.stage is Stage.IN_ASSESSMENT:
        end = _assessment_due(case)
    else:
        end = Due(step=WHEN_TIME_IS_UP[case.stage], at=case.clock.due_at) if case.stage in WHEN_TIME_IS_UP else None
    if end and end.step == "miss_deadline":
        end = min((Due(step=end.step, at=one.due_at) for one in untold(case)), key=lambda due: due.at, default=None)
    reminder = next_reminder(case.clock, case.reminders, at) if case.clock else None
    if reminder and (end is None or reminder < end.at):
        return Due(step="remind", at=reminder)
    return end


def _assessment_due(case: Submission) -> Due | None:
    if case.clock is None:
        return None
    if case.assessor is None:
        return Due(step="assign_assessor", at=case.clock.due_at)
    return Due(step="miss_deadline" if case.accepted else "take_back", at=case.clock.due_at)
