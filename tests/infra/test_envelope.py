"""Canonical bytes: one event has one form, which anybody can read, and which every later version reads."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from domain.texts import TextRef
from infra.store.envelope import Codec
from infra.store.errors import DamagedRecord
from services.ports import Recorded
from tests.infra.toy import CODEC, COMMAND, NOON, Installed, Read, Sealed, reading


def decoded(state: bytes, name: str, codec: Codec = CODEC) -> Recorded:
    [recorded] = codec.decode([(7, "meter-1", 3, NOON, name, state)])
    return recorded


def test_an_event_has_one_canonical_form():
    event = reading(5, seen=("a", "ü"), note=TextRef(id="text-1", digest="00"))

    state = CODEC.encode(event, COMMAND, correlation="meter-1", scheme="meters-1", event_id="0f")

    assert state.decode() == (
        '{"id":"0f","name":"MeterRead.1","data":{"value":5,"due_at":"2026-03-01T12:00:00.000250Z","seen":["a","ü"],'
        '"note":{"id":"text-1","digest":"00"}},"at":"2026-03-01T12:00:00.000250Z","actor":"person-1","role":"reader",'
        '"command":"command-1","correlation":"meter-1","causation":null,"scheme":"meters-1"}'
    )


@pytest.mark.parametrize(
    "event",
    [
        Installed(place="cellar", on=date(2026, 2, 28), tags=frozenset({"gas", "water", "heat"})),
        reading(-1, seen=()),
        reading(2**53, note=TextRef(id="text-1", digest="ff")),
        Sealed(limits={"b": 2, "a": 1}),
    ],
)
def test_what_is_read_back_is_equal_and_has_the_same_bytes(event: Any):
    state = CODEC.encode(event, COMMAND, correlation="meter-1", event_id="0f")

    recorded = decoded(state, CODEC.name_of(event))

    assert recorded.event == event
    assert (recorded.position, recorded.stream, recorded.version, recorded.recorded_at) == (7, "meter-1", 3, NOON)
    assert (recorded.id, recorded.at, recorded.actor, recorded.role) == ("0f", NOON, "person-1", "reader")
    assert (recorded.command, recorded.correlation, recorded.scheme) == ("command-1", "meter-1", None)
    assert CODEC.encode(recorded.event, COMMAND, correlation="meter-1", event_id="0f") == state


def test_the_order_in_which_a_mapping_or_a_set_was_filled_does_not_matter():
    one, other = Sealed(limits={"a": 1, "b": 2}), Sealed(limits={"b": 2, "a": 1})

    assert CODEC.encode(one, COMMAND, correlation="m", event_id="0") == CODEC.encode(
        other, COMMAND, correlation="m", event_id="0"
    )


def test_ids_are_random_and_128_bits_long():
    ids = {json.loads(CODEC.encode(reading(1), COMMAND, correlation="m"))["id"] for _ in range(100)}

    assert len(ids) == 100
    assert {len(bytes.fromhex(event_id)) for event_id in ids} == {16}


@pytest.mark.parametrize("instant", [NOON.replace(tzinfo=None), NOON.astimezone(timezone(timedelta(hours=1)))])
def test_an_instant_that_is_not_in_utc_is_refused(instant: datetime):
    with pytest.raises(ValueError, match=r"MeterRead.1.due_at .* not in UTC"):
        CODEC.encode(Read(value=1, due_at=instant), COMMAND, correlation="m")


@pytest.mark.parametrize(
    "event", [reading("one"), reading(1, seen=(1,)), Sealed(limits={1: 1}), Sealed(limits={"a": float("nan")})]
)
def test_an_event_that_could_not_be_read_again_is_not_written(event: Any):
    with pytest.raises(ValueError, match="could not be read again"):
        CODEC.encode(event, COMMAND, correlation="m")


def test_a_class_without_a_name_is_refused():
    with pytest.raises(ValueError, match="Command has no event name"):
        CODEC.encode(COMMAND, COMMAND, correlation="m")


def test_names_are_unique():
    with pytest.raises(ValueError, match="two names"):
        Codec({"MeterRead.1": Read, "MeterRead.2": Read})
    with pytest.raises(ValueError, match=r"both current and old: MeterRead\.1"):
        Codec({"MeterRead.1": Read}, {"MeterRead.1": lambda data: ("MeterRead.1", data)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Read3:
    """A reading as a later version would have it."""

    litres: int
    at: datetime


LATER = Codec(
    {"MeterRead.3": Read3},
    {
        "MeterRead.1": lambda data: ("MeterRead.2", {"litres": data["value"], "due_at": data["due_at"]}),
        "MeterRead.2": lambda data: ("MeterRead.3", {"litres": data["litres"], "at": data["due_at"]}),
    },
)


def test_an_old_event_is_read_in_its_newest_form():
    state = CODEC.encode(reading(9), COMMAND, correlation="m")

    recorded = decoded(state, "MeterRead.1", LATER)

    assert recorded.name == "MeterRead.3"
    assert recorded.event == Read3(litres=9, at=NOON)
    assert recorded.event.at.tzinfo is UTC


def test_an_old_event_that_its_upcaster_cannot_read_is_reported_as_damaged():
    state = CODEC.encode(reading(9), COMMAND, correlation="m").replace(b'"value"', b'"weight"')

    with pytest.raises(DamagedRecord, match=r"event 3 of stream meter-1, MeterRead\.1, can't be read"):
        decoded(state, "MeterRead.1", LATER)


WHOLE = CODEC.encode(reading(9), COMMAND, correlation="m", event_id="0f")


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("MeterExploded.1", WHOLE),
        ("MeterInstalled.1", WHOLE),
        ("MeterRead.1", WHOLE[:-1]),
        ("MeterRead.1", WHOLE.replace(b"9", b'"9"')),
        ("MeterRead.1", WHOLE.replace(b"person-1", b"person-\xff")),
        ("MeterRead.1", b""),
        ("MeterRead.1", b"null"),
        ("MeterRead.1", WHOLE.replace(b"MeterRead.1", b"MeterRead.2")),
    ],
)
def test_an_unknown_or_damaged_event_is_named(name: str, state: bytes):
    with pytest.raises(DamagedRecord) as caught:
        decoded(state, name)

    assert (caught.value.stream, caught.value.version, caught.value.name) == ("meter-1", 3, name)
