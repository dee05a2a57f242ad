"""What a leaf of the record's tree is: all that is stored of an event, field by field, in one form for everybody who checks it.

The form is that of a row in PostgreSQL's binary COPY, so that what the server sends can be hashed as it comes: the number
of fields (two bytes), and each field after its length (four bytes); whole numbers and instants take eight bytes. All
numbers are big-endian. The fields of an event are position, stream, version, name, recorded_at and canonical bytes; instants are microseconds since the beginning of 2000 in UTC. See docs/verifying.md.
"""

import struct
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
"""What binary COPY begins with, before the first row."""
END: Final = b"\xff\xff"
"""What it ends with, in place of a row."""
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_BEGIN: Final = struct.Struct(">Hiqi")
_REST: Final = struct.Struct(">iqi")


class Place(NamedTuple):
    """Which event a leaf is of: its position in the log, its stream and its version there."""

    position: int
    stream: str
    version: int


class Event(NamedTuple):
    """All that an event's leaf says. `recorded_at` is UTC."""

    position: int
    stream: str
    version: int
    name: str
    recorded_at: datetime
    state: bytes


def parts(leaf: bytes) -> tuple[int, bytes, int, bytes, int]:
    """Position, stream, version, name, and where the canonical bytes begin. Strings as bytes: hundreds of thousands are read."""
    _, _, position, length = _BEGIN.unpack_from(leaf)
    at = _BEGIN.size + length
    _, version, named = _REST.unpack_from(leaf, at)
    begin = at + _REST.size
    # After the name come the length and eight bytes of the instant, and the length of the bytes.
    return position, leaf[_BEGIN.size : at], version, leaf[begin : begin + named], begin + named + 16


def opened(leaf: bytes) -> Event:
    """What a leaf says."""
    position, stream, version, name, begin = parts(leaf)
    moment = int.from_bytes(leaf[begin - 12 : begin - 4], signed=True)
    at = _EPOCH + timedelta(microseconds=moment)
    return Event(position, stream.decode(), version, name.decode(), at, leaf[begin:])


def fields(*values: bytes) -> bytes:
    """A leaf of these fields."""
    return struct.pack(">H", len(values)) + b"".join(struct.pack(">i", len(one)) + one for one in values)


def written(event: Event) -> bytes:
    """The leaf of an event."""
    micro = (event.recorded_at - _EPOCH) // timedelta(microseconds=1)
    return fields(
        struct.pack(">q", event.position),
        event.stream.encode(),
        struct.pack(">q", event.version),
        event.name.encode(),
        struct.pack(">q", micro),
        event.state,
    )
