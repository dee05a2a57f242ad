"""A window: when submissions are taken, to the second in the scheme's time zone; grace, capacity and extensions.

Source: handbook, section 3, Submission.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from domain.clocks import Due
from domain.refusals import refuse
from domain.states import replace

MOST_GRACE = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowScheduled:
    """A window was scheduled: opens and closes at UTC instants; `grace_seconds` more with a late flag; `capacity` or no limit."""

    window: str
    scheme: str
    opens_at: datetime
    closes_at: datetime
    grace_seconds: int
    capacity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowExtended:
    """The window closes later, for all."""

    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowOpened:
    """The window's opening came."""

    opens_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowClosed:
    """The window's closing came, grace included."""

    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTaken:
    """A submission took one of the window's limited places."""

    submission: str


WindowEvent = WindowScheduled | WindowExtended | WindowOpened | WindowClosed | PlaceTaken


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Window:
    """The state of a window's stream."""

    id: str = ""
    scheme: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    grace: timedelta = timedelta()
    capacity: int | None = None
    opened: bool = False
    closed: bool = False
    places: frozenset[str] = frozenset()

    @property
    def ends_at(self) -> datetime | None:
        """When the last late submission is taken (UTC)."""
        return self.closes_at + self.grace if self.closes_at else None


def evolve(window: Window, event: WindowEvent) -> Window:
    """Apply one event."""
    match event:
        case WindowScheduled():
            return replace(
                window,
                id=event.window,
                scheme=event.scheme,
                opens_at=event.opens_at,
                closes_at=event.closes_at,
                grace=timedelta(seconds=event.grace_seconds),
                capacity=event.capacity,
            )
        case WindowExtended():
            return replace(window, closes_at=event.closes_at, closed=False)
        case WindowOpened():
            return replace(window, opened=True)
        case WindowClosed():
            return replace(window, closed=True)
        case PlaceTaken():
            return replace(window, places=window.places | {event.submission})
        case _:
            assert_never(event)


def schedule(
    window: Window,
    *,
    id: str,
    scheme: str,
    opens_at: datetime,
    closes_at: datetime,
    grace_seconds: int,
    capacity: int | None,
    at: datetime,
) -> list[WindowEvent]:
    """Schedule a window that closes in the future, after it opens."""
    if window.id:
        return []
    if closes_at <= opens_at:
        raise refuse(
            "window-order",
            "the window would close before it opens",
            field="closes_at",
            allowed="an instant after opens_at",
        )
    if closes_at <= at:
        raise refuse(
            "window-order", "the window would have closed already", field="closes_at", allowed="an instant to come"
        )
    if not 0 <= grace_seconds <= MOST_GRACE:
        raise refuse(
            "window-grace",
            f"{grace_seconds} seconds are no grace",
            field="grace_seconds",
            allowed=f"0 to {MOST_GRACE} seconds, which is a day",
        )
    if capacity is not None and capacity < 1:
        raise refuse("window-capacity", "the window has no place", field="capacity", allowed="1 or more, or no limit")
    return [
        WindowScheduled(
            window=id,
            scheme=scheme,
            opens_at=opens_at,
            closes_at=closes_at,
            grace_seconds=grace_seconds,
            capacity=capacity,
        )
    ]


def extend(window: Window, *, closes_at: datetime, at: datetime) -> list[WindowEvent]:
    """Let the window close later, also after it has closed."""
    _require_scheduled(window)
    if closes_at == window.closes_at:
        return []
    if window.closes_at is None or closes_at < window.closes_at or closes_at <= at:
        raise refuse(
            "window-extension",
            "an extension moves the closing later",
            field="closes_at",
            allowed="a later instant to come",
        )
    return [WindowExtended(closes_at=closes_at)]


def open_window(window: Window, *, at: datetime) -> list[WindowEvent]:
    """Record that the opening came. Nothing before it came, or a second time."""
    if window.opens_at is None or window.opened or at < window.opens_at:
        return []
    return [WindowOpened(opens_at=window.opens_at)]


def close_window(window: Window, *, at: datetime) -> list[WindowEvent]:
    """Record that the closing came, grace included. Nothing before it came, or a second time."""
    if window.closes_at is None or window.ends_at is None or window.closed or at < window.ends_at:
        return []
    return [WindowClosed(closes_at=window.closes_at)]


def take_place(window: Window, *, submission: str, scheme: str, at: datetime) -> tuple[list[WindowEvent], bool]:
    """Let a submission in at `at`; return the events (none where there is no limit to guard) and whether it is late.

    What counts are the instants the window was given, not whether anyone got round to opening or closing it.
    """
    _require_scheduled(window)
    if window.opens_at is None or window.closes_at is None or window.ends_at is None:
        raise AssertionError("a scheduled window has its instants")
    if window.scheme != scheme:
        raise refuse(
            "window-scheme", "this window belongs to another scheme", field="window", allowed=f"a window of {scheme}"
        )
    if at < window.opens_at:
        raise refuse(
            "window-open",
            "the window has not opened yet",
            field="window",
            allowed=f"from {window.opens_at.isoformat()}",
        )
    if at > window.ends_at:
        raise refuse(
            "window-open",
            f"the window closed at {window.closes_at.isoformat()}",
            field="window",
            allowed="a later window, or an extension granted by operations",
        )
    late = at > window.closes_at
    if window.capacity is None or submission in window.places:
        return [], late
    if len(window.places) >= window.capacity:
        raise refuse(
            "window-capacity",
            f"all {window.capacity} places of this window are taken",
            field="window",
            allowed="the next window, in which you have the first claim",
        )
    return [PlaceTaken(submission=submission)], late


def _require_scheduled(window: Window) -> None:
    if not window.id:
        raise refuse("known-window", "there is no such window", field="window", allowed="the id of a scheduled window")


def due_next(window: Window) -> Due | None:
    """The next thing the clock does to a window: it opens, it closes, then nothing."""
    if window.opens_at is not None and not window.opened:
        return Due(step="open_window", at=window.opens_at)
    if window.ends_at is not None and not window.closed:
        return Due(step="close_window", at=window.ends_at)
    return None
