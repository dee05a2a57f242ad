"""Places in a window: who is let in, late or not, and for whom a place is kept that another window had none for.

Source: handbook, section 3: a window never takes more than it has places for, and who is refused for want of them has
the first claim on the next one.
"""

from datetime import datetime

from domain.refusals import Refused, refuse
from domain.states import replace
from domain.window import (
    PlaceFreed,
    PlaceRefused,
    PlaceReserved,
    PlaceTaken,
    ReservationEnded,
    Window,
    WindowEvent,
    require_scheme,
)


def take_place(window: Window, *, submission: str, scheme: str, at: datetime) -> tuple[list[WindowEvent], bool]:
    """Let a submission in at `at`; return the events (none where there is no limit to guard) and whether it is late.

    What counts are the instants the window was given, not whether anyone got round to opening or closing it.
    """
    require_scheme(window, scheme)
    if window.opens_at is None or window.closes_at is None or window.ends_at is None:
        raise AssertionError("a scheduled window has its instants")
    if at < window.opens_at:
        raise refuse(
            "window-open",
            "the window has not opened yet",
            field="window",
            allowed=f"from {window.opens_at.isoformat()}",
        )
    closes_at = window.closes_for(submission) or window.closes_at
    if at > closes_at + window.grace:
        raise refuse(
            "window-open",
            f"the window closed at {closes_at.isoformat()}",
            field="window",
            allowed="a later window, or an extension granted by operations",
        )
    late = at > closes_at
    if window.room is None or submission in window.places:
        return [], late
    if _no_place_for(window, submission):
        raise no_place_left(window)
    return [PlaceTaken(submission=submission)], late


def is_full(window: Window, *, submission: str, scheme: str, at: datetime) -> bool:
    """Whether want of places is what keeps this submission out: it comes in time, to a window of its scheme."""
    if not _no_place_for(window, submission):
        return False
    take_place(replace(window, capacity=None), submission=submission, scheme=scheme, at=at)
    return True


def _no_place_for(window: Window, submission: str) -> bool:
    """All places are taken or kept for others, and it has none."""
    return window.room is not None and window.room <= 0 and submission not in window.places | window.reserved


def no_place_left(window: Window) -> Refused:
    """The refusal of who comes when all places are taken, or kept for others."""
    return refuse(
        "window-capacity",
        f"all {window.capacity} places of this window are taken",
        field="window",
        allowed="the next window, in which you have the first claim",
    )


def refuse_place(window: Window, *, submission: str) -> list[WindowEvent]:
    """Record, once, that a submission came when all places were taken; its claim is on the next window. Section 3."""
    return [] if submission in window.refused else [PlaceRefused(submission=submission)]


def reserve_place(window: Window, *, submission: str) -> list[WindowEvent]:
    """Keep a place for who was refused one elsewhere, if there is one left; nothing is kept where there is no limit."""
    if window.room is None or submission in window.places | window.reserved or window.room <= 0:
        return []
    return [PlaceReserved(submission=submission)]


def end_reservation(window: Window, *, submission: str) -> list[WindowEvent]:
    """Let others have the place that was kept."""
    return [ReservationEnded(submission=submission)] if submission in window.reserved else []


def free_place(window: Window, *, submission: str, at: datetime) -> list[WindowEvent]:
    """Let others have the place of a submission that ended, for as long as the window takes any."""
    over = window.ends_at is None or at > window.ends_at
    return [] if over or submission not in window.places else [PlaceFreed(submission=submission)]
