"""Toy events of a meter, so that tests of the store need nothing of the real domain."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from domain.texts import TextRef
from infra.store.envelope import Codec
from services.ports import Batch, Change, Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    place: str
    on: date
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    value: int
    due_at: datetime
    seen: tuple[str, ...] = ()
    note: TextRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    limits: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """The state that `evolve` makes."""

    place: str = ""
    total: int = 0
    sealed: bool = False


def evolve(meter: Meter, event: Any) -> Meter:
    match event:
        case Installed(place=place):
            return replace(meter, place=place)
        case Read(value=value):
            return replace(meter, total=meter.total + value)
        case Sealed():
            return replace(meter, sealed=True)
    raise TypeError(f"not an event of a meter: {event!r}")


NAMES = {"MeterInstalled.1": Installed, "MeterRead.1": Read, "MeterSealed.1": Sealed}
CODEC = Codec(NAMES)

NOON = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)
COMMAND = Command(id="command-1", actor="person-1", role="reader", at=NOON)


def reading(value: int, **rest: Any) -> Read:
    return Read(value=value, due_at=NOON, **rest)


def batch(*changes: Change, **rest: Any) -> Batch:
    return Batch(command=COMMAND, changes=changes, **rest)


def change(stream: str, expected: int, *events: Any) -> Change:
    return Change(stream=stream, expected=expected, events=events, scheme="meters-1")
