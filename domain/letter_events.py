"""What people do to letters: hold one back, let it go, send it now, note that it came back. It stands in the letter's own case.

None of it changes where the case stands. Source: handbook, Letters; docs/decisions/0023.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from domain.clocks import ReminderSent
from domain.refusals import refuse
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterHeldBack:
    """An officer held a letter back, or the reminder that is planned under this id, for a reason."""

    letter: str
    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterReleased:
    """A letter that was held back may go, for a reason."""

    letter: str
    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSentNow:
    """A letter goes at once, for a reason: one that was held or waited, or a reminder before its time (`planned`)."""

    letter: str
    reason: TextRef
    planned: ReminderSent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterBounced:
    """A letter that was sent came back, as the note says."""

    letter: str
    reason: TextRef


LetterEvent = LetterHeldBack | LetterReleased | LetterSentNow | LetterBounced
LETTER_EVENTS: Final = (LetterHeldBack, LetterReleased, LetterSentNow, LetterBounced)

PLANNED: Final = "planned"
QUEUED: Final = "queued"
HELD: Final = "held"
SENDING: Final = "sending"
SENT: Final = "sent"
REFUSED: Final = "refused"
FAILED: Final = "failed"
BOUNCED: Final = "bounced"
NO_ADDRESS: Final = "no-address"
OVERTAKEN: Final = "overtaken"
STATES: Final = (PLANNED, QUEUED, HELD, SENDING, SENT, REFUSED, FAILED, BOUNCED, NO_ADDRESS, OVERTAKEN)
"""Where a letter may stand: a reminder of which the time has not come is `planned`. After `sent`, nothing more is tried."""
WAITING: Final = (PLANNED, QUEUED, HELD)
STUCK: Final = (REFUSED, FAILED, NO_ADDRESS)
"""What was not sent, and is not tried again by itself."""


def held_back(events: Iterable[Any]) -> frozenset[str]:
    """The letters that the events of a case leave held back."""
    held: set[str] = set()
    for event in events:
        match event:
            case LetterHeldBack():
                held.add(event.letter)
            case LetterReleased() | LetterSentNow():
                held.discard(event.letter)
    return frozenset(held)


def hold(held: frozenset[str], *, letter: str, state: str, reason: TextRef) -> list[LetterEvent]:
    """Hold a letter back that waits or is planned; nothing if it is held already."""
    if letter in held:
        return []
    _require(state, WAITING, "it can't be held back any more")
    return [LetterHeldBack(letter=letter, reason=reason)]


def release(held: frozenset[str], *, letter: str, reason: TextRef) -> list[LetterEvent]:
    """Let a letter go that was held back; nothing if it is not held."""
    return [LetterReleased(letter=letter, reason=reason)] if letter in held else []


def send_now(*, letter: str, state: str, planned: ReminderSent | None, reason: TextRef) -> list[LetterEvent]:
    """Send a letter at once that waits, is held, or could not be sent; or a planned reminder before its time."""
    if state == PLANNED and planned is None:
        raise refuse(
            "letter-waits", "its date has not passed, and nobody is told before", field="letter", allowed="a reminder"
        )
    _require(state, (*WAITING, *STUCK, BOUNCED), "it is on its way, or has gone")
    return [LetterSentNow(letter=letter, reason=reason, planned=planned)]


def bounce(*, letter: str, state: str, reason: TextRef) -> list[LetterEvent]:
    """Note that a letter which was sent came back; nothing if that is noted already."""
    if state == BOUNCED:
        return []
    _require(state, (SENT,), "it was not sent")
    return [LetterBounced(letter=letter, reason=reason)]


def _require(state: str, allowed: tuple[str, ...], why: str) -> None:
    if state not in allowed:
        raise refuse(
            "letter-waits",
            f"the letter is {state.replace('-', ' ')}: {why}",
            field="letter",
            allowed=f"a letter that is {', '.join(one.replace('-', ' ') for one in allowed)}",
        )
