"""The time to submit of who was refused for want of places: it stands still, or moves with the window that keeps one.

Source: handbook, section 3: who is refused for capacity has the first claim on the next window, and their limit moves
with it.
"""

from datetime import datetime, timedelta

from domain.clocks import Deadline
from domain.scheme import Scheme
from domain.submission import side_events as s
from domain.submission.state import Stage, Submission

PREPARING = (Stage.REGISTERED, Stage.PREPARING)


def may_claim(case: Submission) -> bool:
    """Whether it gains a claim by being refused: while it prepares. What was returned has its place already."""
    return case.stage in PREPARING


def waits_for_place(case: Submission) -> bool:
    """Whether it was refused for want of places, and no window keeps one for it yet."""
    return case.stage in PREPARING and case.stopped is not None


def stop_limit(case: Submission, *, window: str, at: datetime) -> list[s.LimitStopped]:
    """Let the time to submit stand still until a window with a place for it is scheduled."""
    if case.stage not in PREPARING or case.clock is None:
        return []
    return [s.LimitStopped(window=window, left=(case.clock.due_at - at).total_seconds())]


def move_limit(case: Submission, *, window: str, ends_at: datetime, scheme: Scheme, at: datetime) -> list[s.LimitMoved]:
    """Let the time to submit last at least until the window that keeps a place for it takes it no longer (`ends_at`)."""
    if case.stage not in PREPARING:
        return []
    if case.clock is not None:
        due_at = max(case.clock.due_at, ends_at)
    elif case.stopped is not None:
        due_at = max(at + timedelta(seconds=case.stopped.left), ends_at)
    else:
        return []
    if case.claim == window and case.clock and case.clock.due_at == due_at:
        return []
    remind_at = scheme.reminders(at, due_at, scheme.clocks.remind_submit)
    return [s.LimitMoved(window=window, clock=Deadline(rule="submit-within", due_at=due_at, remind_at=remind_at))]
