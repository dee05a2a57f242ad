"""A window: when submissions are taken, to the second in the scheme's time zone; grace, capacity and extensions.

Source: handbook, section 3, Submission.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from domain.clocks import Due
from domain.refusals import refuse
from domain.states import replace
from domain.texts import TextRef

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
    """The window closes later, for all, with a reason."""

    closes_at: datetime
    reason: TextRef | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowExtendedFor:
    """The window closes later for one submission, with a reason."""

    submission: str
    closes_at: datetime
    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRefused:
    """All places were taken when this submission came: it has the first claim on the next window."""

    submission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceReserved:
    """A place is kept for a submission that another window had none for."""

    submission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationEnded:
    """The place kept for a submission is free: it withdrew, or was taken in elsewhere."""

    submission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFreed:
    """A submission that had a place was withdrawn, or is not eligible, while the window takes submissions."""

    submission: str


WindowEvent = (
    WindowScheduled
    | WindowExtended
    | WindowExtendedFor
    | WindowOpened
    | WindowClosed
    | PlaceTaken
    | PlaceRefused
    | PlaceReserved
    | ReservationEnded
    | PlaceFreed
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Window:
    """The state of a window's stream. `reserved` are places kept and not taken yet, `refused` who came too late, in order."""

    id: str = ""
    scheme: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    grace: timedelta = timedelta()
    capacity: int | None = None
    opened: bool = False
    closed: bool = False
    places: frozenset[str] = frozenset()
    reserved: frozenset[str] = frozenset()
    refused: tuple[str, ...] = ()
    extended_for: dict[str, datetime] = field(default_factory=dict)

    @property
    def ends_at(self) -> datetime | None:
        """When the last late submission is taken (UTC)."""
        return self.closes_at + self.grace if self.closes_at else None

    @property
    def room(self) -> int | None:
        """How many more it takes of those for whom no place is kept; None without a limit."""
        return None if self.capacity is None else self.capacity - len(self.places) - len(self.reserved)

    def ends_for(self, submission: str) -> datetime | None:
        """When it takes this submission at the latest (UTC), grace included."""
        closes_at = self.closes_for(submission)
        return closes_at + self.grace if closes_at else None

    def closes_for(self, submission: str) -> datetime | None:
        """When it closes for this submission (UTC), grace not included."""
        own = self.extended_for.get(submission)
        return max(own, self.closes_at) if own and self.closes_at else self.closes_at


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
            return replace(
                window,
                places=window.places | {event.submission},
                reserved=window.reserved - {event.submission} if window.reserved else window.reserved,
            )
        case WindowExtendedFor():
            return replace(window, extended_for={**window.extended_for, event.submission: event.closes_at})
        case PlaceRefused():
            return replace(window, refused=(*window.refused, event.submission))
        case PlaceReserved():
            return replace(window, reserved=window.reserved | {event.submission})
        case ReservationEnded():
            return replace(window, reserved=window.reserved - {event.submission})
        case PlaceFreed():
            return replace(window, places=window.places - {event.submission})
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


def extend(window: Window, *, closes_at: datetime, reason: TextRef, at: datetime) -> list[WindowEvent]:
    """Let the window close later for all, with a reason, also after it has closed. Section 3."""
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
    return [WindowExtended(closes_at=closes_at, reason=reason)]


def extend_for(
    window: Window, *, submission: str, closes_at: datetime, reason: TextRef, at: datetime
) -> list[WindowEvent]:
    """Let the window close later for one submission, with a reason, also after it has closed. Section 3."""
    _require_scheduled(window)
    before = window.closes_for(submission)
    if closes_at == window.extended_for.get(submission):
        return []
    if before is None or closes_at <= before or closes_at <= at:
        raise refuse(
            "window-extension",
            "an extension moves the closing later",
            field="closes_at",
            allowed="a later instant to come",
        )
    return [WindowExtendedFor(submission=submission, closes_at=closes_at, reason=reason)]


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


def require_scheme(window: Window, scheme: str) -> None:
    """Refuse a window that does not exist, or is another scheme's."""
    _require_scheduled(window)
    if window.scheme != scheme:
        raise refuse(
            "window-scheme", "this window belongs to another scheme", field="window", allowed=f"a window of {scheme}"
        )


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
