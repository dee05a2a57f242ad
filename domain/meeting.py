"""A moderation meeting: a trained chair and a panel look at several submissions; who is present, and the minutes.

Source: handbook, section 6, Moderation. What the panel makes of a submission stands in that submission's own stream.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from domain.composition import Share
from domain.refusals import refuse
from domain.states import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingScheduled:
    """A meeting was scheduled for `starts_at` (UTC) with its chair, its panel (the chair included) and its items.

    `form` is the scheme's form of moderation: a `meeting`, or an `award-panel`. `composition` tells the panel's shares of
    teachers, providers and experts, and where they miss the scheme's minima.
    """

    meeting: str
    scheme: str
    starts_at: datetime
    chair: str
    panel: tuple[str, ...]
    items: tuple[str, ...]
    form: str = "meeting"
    composition: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingOpened:
    """The chair opened the meeting with these people present."""

    present: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesSigned:
    """The chair signed the minutes; `minutes_spent` is the meeting's length."""

    minutes_spent: int


MeetingEvent = MeetingScheduled | MeetingOpened | MinutesSigned


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Meeting:
    """The state of a meeting's stream."""

    id: str = ""
    scheme: str = ""
    starts_at: datetime | None = None
    chair: str = ""
    panel: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    signed: bool = False


def evolve(meeting: Meeting, event: MeetingEvent) -> Meeting:
    """Apply one event."""
    match event:
        case MeetingScheduled():
            return replace(
                meeting,
                id=event.meeting,
                scheme=event.scheme,
                starts_at=event.starts_at,
                chair=event.chair,
                panel=event.panel,
                items=event.items,
            )
        case MeetingOpened():
            return replace(meeting, present=event.present)
        case MinutesSigned():
            return replace(meeting, signed=True)
        case _:
            assert_never(event)


def schedule(
    meeting: Meeting,
    *,
    id: str,
    scheme: str,
    starts_at: datetime,
    chair: str,
    panel: tuple[str, ...],
    items: tuple[str, ...],
    quorum: int,
    form: str = "meeting",
    composition: tuple[Share, ...] = (),
    at: datetime,
) -> list[MeetingEvent]:
    """Schedule a meeting, now or for later, whose panel, the chair included, is at least the quorum."""
    if meeting.id:
        return []
    if starts_at < at:
        raise refuse("meeting-time", "that time is past", field="starts_at", allowed=f"from {at.isoformat()}")
    if not items:
        raise refuse(
            "meeting-items",
            "the meeting has no submission to look at",
            field="items",
            allowed="one or more submissions",
        )
    everyone = tuple(dict.fromkeys((chair, *panel)))
    if len(everyone) < quorum:
        raise refuse(
            "meeting-quorum",
            f"a panel of {len(everyone)} is too small",
            field="panel",
            allowed=f"at least {quorum} people, the chair included",
        )
    return [
        MeetingScheduled(
            meeting=id,
            scheme=scheme,
            starts_at=starts_at,
            chair=chair,
            panel=everyone,
            items=tuple(dict.fromkeys(items)),
            form=form,
            composition=composition,
        )
    ]


def open_meeting(meeting: Meeting, *, by: str, present: tuple[str, ...], at: datetime) -> list[MeetingEvent]:
    """Open the meeting with those present, all of them members of its panel."""
    _require_chair(meeting, by)
    if meeting.present:
        return []
    if meeting.starts_at is not None and at < meeting.starts_at:
        raise refuse(
            "meeting-time", "the meeting has not begun", field="at", allowed=f"from {meeting.starts_at.isoformat()}"
        )
    strangers = [one for one in present if one not in meeting.panel]
    if strangers or meeting.chair not in present:
        raise refuse(
            "meeting-panel",
            "only members of the panel take part, and the chair does" if strangers else "the chair is not present",
            field="present",
            allowed="members of the panel as scheduled, the chair among them",
        )
    return [MeetingOpened(present=tuple(dict.fromkeys(present)))]


def sign_minutes(
    meeting: Meeting, *, by: str, minutes_spent: int, took_over: Collection[str] = ()
) -> list[MeetingEvent]:
    """Sign the minutes of a meeting that was held; by its chair, or by who took over one of its items from them."""
    if by not in took_over:
        _require_chair(meeting, by)
    if meeting.signed:
        return []
    if not meeting.present:
        raise refuse("meeting-order", "the meeting was not opened", field="meeting", allowed="open it first")
    if minutes_spent < 1:
        raise refuse("minutes-spent", "the meeting took no time", field="minutes_spent", allowed="1 or more minutes")
    return [MinutesSigned(minutes_spent=minutes_spent)]


def require_scheduled(meeting: Meeting) -> None:
    """Refuse a meeting that does not exist."""
    if not meeting.id:
        raise refuse(
            "known-meeting", "there is no such meeting", field="meeting", allowed="the id of a scheduled meeting"
        )


def _require_chair(meeting: Meeting, by: str) -> None:
    require_scheduled(meeting)
    if by != meeting.chair:
        raise refuse("meeting-chair", "only the chair of this meeting does that", field="actor", allowed="its chair")
