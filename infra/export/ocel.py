"""The record as OCEL 2.0 JSON, for process mining: every event, or those that somebody may see, and what it is about, by ids and codes alone.

An object is a stream, or a person, provider or case that an event names, with what it was when: see `standing.py`. Names, addresses,
texts and files are not in it, of people not even codes: they are ids. Written as it is read, once in the log's order for the
events, once by streams for the objects; what is kept meanwhile are the ids of objects.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import IO, Any, Final

import msgspec

from domain.clocks import Deadline
from domain.ids import KINDS, is_id, kind_of
from domain.texts import TextRef
from infra.export.standing import Values, standing
from infra.store.records import PostgresRecords
from services.ports import Recorded
from services.states import FOLDED, FOLDS, evolve_of

BATCH: Final = 5_000
WITHOUT_CODES: Final = frozenset({"person", "development", "authority"})
"""Streams about somebody: of their events only what happened, when, and about whom is told."""
CODES: Final = frozenset(
    {
        "category", "contested", "criterion", "currency", "finding", "kind", "level", "mode", "origin", "outcome", "phase",
        "provider_type", "remedy", "rule", "scheme", "size_band", "stage", "subject",
    }
)  # fmt: skip
"""Fields of events that hold a code of the scheme or of the handbook, and no words that somebody chose."""
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._:-]{0,59}")
_KINDS: Final = frozenset(KINDS) - {"text", "letter", "concern", "activity", "report"}
_TAIL: Final = 17
"""Characters of an id behind its kind."""
Attributes = dict[str, tuple[str, Any]]
Relation = tuple[str, str]
Tell = Callable[[int, int], None]


@dataclass(slots=True)
class _Seen:
    """What an export has to know at its end: the types declared, and the ids of objects."""

    event_types: dict[str, dict[str, str]] = field(default_factory=dict)
    object_types: dict[str, dict[str, str]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    shown: set[int] | None = None

    def shows(self, one: Recorded) -> bool:
        """Whether the event is in the export, by its position; all are where nothing is left out (`shown` is None)."""
        return self.shown is None or one.position in self.shown


def write_ocel(
    records: PostgresRecords,
    out: IO[bytes],
    tell: Tell = lambda _done, _all: None,
    *,
    until: int | None = None,
    visible: Callable[[Sequence[Recorded]], Sequence[Recorded]] | None = None,
) -> int:
    """Write the record up to its end now, or to position `until`; return how many events that are. `tell` is told how many are
    done, of how many.

    Where `visible` says which events of some its reader may see, the others are not there, nor objects that only they name, nor what
    changed with them, until an event that is there comes after it.

    The time of an event is when it happened, in UTC. They stand in the order in which they were recorded, which is that of
    `log_position`; `recorded_at` is later than the time where something was brought in from before.
    """
    end, written = records.max_position() if until is None else until, 0
    seen = _Seen(shown=None if visible is None else set())
    out.write(b'{"events":[')
    for read in _log(records, end):
        tell(read[-1].position, end)
        events = read if visible is None else visible(read)
        if seen.shown is not None:
            seen.shown.update(one.position for one in events)
        if not events:
            continue
        lines = [msgspec.json.encode(_event(one, seen)) for one in events]
        out.write((b",\n" if written else b"\n") + b",\n".join(lines))
        written += len(events)
    out.write(b'],\n"objects":[')
    comma = b"\n"
    for one in _objects(records, end, seen):
        out.write(comma + msgspec.json.encode(one))
        comma = b",\n"
    out.write(b'],\n"eventTypes":' + msgspec.json.encode(_types(seen.event_types)))
    out.write(b',\n"objectTypes":' + msgspec.json.encode(_types(seen.object_types)) + b"}\n")
    return written


def _log(records: PostgresRecords, end: int) -> Iterator[list[Recorded]]:
    after = 0
    while events := [one for one in records.read_log(after, BATCH) if one.position <= end]:
        yield events
        after = events[-1].position


def _event(one: Recorded, seen: _Seen) -> dict[str, Any]:
    name = one.name.partition(".")[0]
    found, relations = _read(one.event)
    if kind_of(one.stream) in WITHOUT_CODES:
        found = {}
    found |= {
        "recorded_at": ("time", one.recorded_at),
        "log_position": ("integer", one.position),
        "role": ("string", one.role),
    }
    if one.scheme:
        found["scheme"] = ("string", one.scheme)
    declared = seen.event_types.setdefault(name, {})
    if not found.keys() <= declared.keys():
        declared.update({attribute: kind for attribute, (kind, _) in found.items()})
    related = {(one.stream, "stream"): None, **dict.fromkeys(relations)}
    if _is_object(one.actor):
        related[one.actor, "actor"] = None
    seen.named.update(id for id, _ in related)
    return {
        "id": one.id,
        "type": name,
        "time": one.at,
        "attributes": [{"name": attribute, "value": value} for attribute, (_, value) in found.items()],
        "relationships": [{"objectId": id, "qualifier": qualifier} for id, qualifier in related],
    }


_BY_STREAMS: Final = (
    "SELECT notification_id, originator_id, originator_version, recorded_at, topic, state FROM record.events"
    " WHERE (originator_id, originator_version) > (%s, %s) AND notification_id <= %s"
    " ORDER BY originator_id, originator_version LIMIT %s"
)


@dataclass(slots=True)
class _Object:
    """An object as far as its stream was read: its state, and what was told of it, by name and time, in that order."""

    id: str
    kind: str
    relations: list[Relation]
    state: Any
    evolve: Callable[[Any, Any], Any]
    until: datetime
    behind: bool = False
    """Something changed by an event that is left out, and is not told yet."""
    said: Values = field(default_factory=dict)
    holds: dict[str, Any] = field(default_factory=dict)
    told: dict[tuple[str, datetime], Any] = field(default_factory=dict)

    def tell(self, name: str, value: Any) -> None:
        """Tell a value from now on; of two at one instant the later one stands."""
        if self.holds.get(name) != value:
            self.holds[name] = self.told[name, self.until] = value


def _objects(records: PostgresRecords, end: int, seen: _Seen) -> Iterator[dict[str, Any]]:
    """Every stream with what its events say of it, then what is only named."""
    rest = set(seen.named)
    held: _Object | None = None
    for one in _by_streams(records, end):
        if one.stream not in seen.named:
            continue
        if held is None or one.stream != held.id:
            if held is not None:
                yield _written(held, seen)
            rest.discard(one.stream)
            held = _begun(one, seen)
        _follow(held, one, seen)
    if held is not None:
        yield _written(held, seen)
    for id in sorted(rest):
        seen.object_types.setdefault(kind_of(id), {})
        yield {"id": id, "type": kind_of(id), "attributes": [], "relationships": []}


def _by_streams(records: PostgresRecords, end: int) -> Iterator[Recorded]:
    stream, version = "", 0
    while rows := records.datastore.rows(_BY_STREAMS, [stream, version, end, BATCH]):
        yield from records.codec.decode(rows)
        stream, version = rows[-1][1:3]


def _begun(first: Recorded, seen: _Seen) -> _Object:
    """An object with what its first event says of it, and the objects which that names."""
    kind = kind_of(first.stream)
    without = kind in WITHOUT_CODES
    found, relations = ({}, []) if without or not seen.shows(first) else _read(first.event)
    folded = kind in FOLDED and not without
    held = _Object(
        id=first.stream,
        kind=kind,
        relations=relations,
        state=FOLDS[kind][1] if folded else None,
        evolve=evolve_of(first.stream) if folded else _unchanged,
        until=first.at,
    )
    seen.object_types.setdefault(kind, {}).update({name: sort for name, (sort, _) in found.items()})
    for name, (_, value) in found.items():
        held.tell(name, value)
    return held


def _unchanged(state: Any, _: Any) -> Any:
    return state


def _follow(held: _Object, one: Recorded, seen: _Seen) -> None:
    """Take in an event. What it changes is told from its time on, but not from before what it takes the place of was told."""
    state = held.evolve(held.state, one.event)
    if state is held.state and not held.behind:
        return
    held.state, held.behind = state, not seen.shows(one)
    if held.behind:
        return
    said = standing(held.kind, state, one.at)
    before, held.said = held.said, said
    if said == before:
        return  # as after most events, so that nothing more is looked at
    held.until = max(held.until, one.at)
    declared = seen.object_types[held.kind]
    for name, value in said.items():
        if value is None or value == "":
            if isinstance(held.holds.get(name), str):
                held.tell(name, "")  # it holds no more
        elif kind := _SIMPLE.get(type(value)):
            declared[name] = kind
            held.tell(name, value)
        elif _CODE.fullmatch(value):
            declared[name] = "string"
            held.tell(name, _plain(value))


def _written(held: _Object, seen: _Seen) -> dict[str, Any]:
    return {
        "id": held.id,
        "type": held.kind,
        "attributes": [{"name": name, "time": at, "value": value} for (name, at), value in held.told.items()],
        "relationships": [
            {"objectId": id, "qualifier": qualifier}
            for id, qualifier in dict.fromkeys(held.relations)
            if id != held.id and id in seen.named
        ],
    }


def _read(event: Any) -> tuple[Attributes, list[Relation]]:
    """The codes and figures that an event says of itself, and the objects that it names, each with the field it stands in."""
    found: Attributes = {}
    relations: list[Relation] = []
    for name in _fields(type(event)):
        value = getattr(event, name)
        if value is None:
            continue
        if kind := _SIMPLE.get(type(value)):
            found[name] = (kind, value)
        elif isinstance(value, str):
            if _is_object(value):
                relations.append((value, name))
            elif name in CODES and _CODE.fullmatch(value):
                found[name] = ("string", _plain(value))
        elif type(value) not in _NAMELESS:
            relations += [(id, name) for id in _named(value)]
    return found, relations


def _plain(value: str) -> str:
    return str(value.value) if isinstance(value, Enum) else value


_SIMPLE: Final[dict[type[Any], str]] = {bool: "boolean", int: "integer", float: "float", datetime: "time"}
_NAMELESS: Final = frozenset({*_SIMPLE, TextRef, Deadline, type(None)})
"""Types in which no object is named: most of what stands in an event."""


def _named(value: Any) -> Iterator[str]:
    """The ids of objects anywhere within a value."""
    if isinstance(value, str):
        if _is_object(value):
            yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _named(key)
            yield from _named(one)
    elif isinstance(value, (tuple, list, frozenset)):
        for one in value:
            if type(one) not in _NAMELESS:
                yield from _named(one)
    elif is_dataclass(value):
        for name in _fields(type(value)):
            one = getattr(value, name)
            if type(one) not in _NAMELESS:
                yield from _named(one)


def _is_object(value: str) -> bool:
    # The form is looked at only where the beginning is that of an object: most strings are none.
    return value[-_TAIL:][:1] == "-" and value[:-_TAIL] in _KINDS and is_id(value)


_FIELDS: Final[dict[type[Any], tuple[str, ...]]] = {}


def _fields(kind: type[Any]) -> tuple[str, ...]:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(one.name for one in fields(kind))
    return _FIELDS[kind]


def _types(seen: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "attributes": [{"name": one, "type": kind} for one, kind in sorted(attributes.items())]}
        for name, attributes in sorted(seen.items())
    ]
