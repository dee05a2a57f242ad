"""The log read in ranges, by several processes where it is long: each event's bytes, its leaf, its place in its stream.

What a range finds is put together in the order of the log, by whoever asked.
"""

import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import Connection

from domain.events import NAMES, UPCASTERS, recorded_names
from domain.policy import PolicyPublished
from domain.retention.events import ErasureRequested, LettingGoProposed, RecordsLetGo
from domain.scheme_record import SchemeVersionPublished
from infra.seals.leaves import parts
from infra.seals.reading import leaves, spans
from infra.store.envelope import Codec
from infra.store.errors import DamagedRecord

WIDE: Final = 25_000
"""Events of a range."""
LONG: Final = 200_000
"""Events from which on processes of their own are worth their start."""
PROCESSES: Final = 2
"""Beside them the server sends and one process puts together: more would wait for each other, and take longer to begin."""

_ID: Final = b'{"id":"'
_DIGEST: Final = b'"digest":"'
_SOURCES: Final = frozenset(
    one.encode() for kind in (SchemeVersionPublished, PolicyPublished) for one in recorded_names(kind)
)
_RETENTION: Final = frozenset(
    one.encode() for kind in (ErasureRequested, LettingGoProposed, RecordsLetGo) for one in recorded_names(kind)
)


class Fault(NamedTuple):
    """What is wrong with the event at this place by itself, whatever was sealed."""

    offset: int
    position: int
    stream: str
    version: int
    found: str


class Ref(NamedTuple):
    """What an event, the `offset`-th of its range, says of a text."""

    id: str
    digest: str
    stream: str
    version: int
    offset: int


@dataclass(slots=True)
class Range:
    """What was found in a range of the log, up to position `until`.

    `first_versions` holds each stream's first version there, with the offset and position of that event.
    """

    until: int
    events: int = 0
    length: int = 0
    hashes: bytes = b""
    first_versions: dict[bytes, tuple[int, int, int]] = field(default_factory=dict)
    last_versions: dict[bytes, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    texts: list[Ref] = field(default_factory=list)
    retention: list[tuple[str, Any]] = field(default_factory=list)


def read_ranges(connection: Connection[Any], url: str, after: int, until: int, *, texts: bool) -> Iterator[Range]:
    """Check the log after position `after` up to `until`, and yield what was found range by range; with `texts` those referred to.

    Raises what psycopg raises when the database is lost.
    """
    ranges = spans(connection, after, until, WIDE)
    if until - max(after, 0) < LONG:
        yield from (read_range(url, *one, texts=texts) for one in ranges)
        return
    # Spawned, not forked: whoever asks may have threads and connections, which a copy of it would share.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        waiting: deque[Future[Range]] = deque()
        for one in ranges:
            waiting.append(pool.submit(read_range, url, *one, texts=texts))
            if len(waiting) > 2 * PROCESSES:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def read_range(url: str, after: int, until: int, *, texts: bool) -> Range:
    """Check the events after position `after` up to `until`."""
    found, hashes = Range(until), []
    known, opened = found.last_versions, _codec().event
    with psycopg.connect(url, autocommit=True) as connection:
        for offset, leaf in enumerate(leaves(connection, after, until)):
            hashes.append(sha256(b"\x00" + leaf).digest())
            position, stream, version, name, begin = parts(leaf)
            state = leaf[begin:]
            found.length += len(state)
            before = known.get(stream)
            if before is None:
                found.first_versions[stream] = (version, offset, position)
            elif version != before + 1:
                found.faults.append(
                    Fault(offset, position, stream.decode(errors="replace"), version, gap(before, version))
                )
            known[stream] = version
            try:
                event = opened("", version, name.decode(), state)
            except (DamagedRecord, UnicodeDecodeError) as error:
                said = error.reason if isinstance(error, DamagedRecord) else str(error)
                place = (offset, position, stream.decode(errors="replace"), version)
                found.faults.append(Fault(*place, f"it can't be read: {said}"))
                continue
            if texts and _DIGEST in state:
                found.texts += [Ref(*text, stream.decode(), version, offset) for text in _texts(state)]
            if name in _SOURCES and sha256(event.source.encode()).hexdigest() != event.digest:
                said = "the content that it publishes is not that of its SHA-256"
                found.faults.append(Fault(offset, position, stream.decode(), version, said))
            elif name in _RETENTION:
                found.retention.append((stream.decode(), event))
    found.hashes, found.events = b"".join(hashes), len(hashes)
    return found


def _texts(state: bytes) -> Iterator[tuple[str, str]]:
    """The texts that an event refers to: the id and digest of each."""
    at = state.find(_DIGEST)
    while at > 0:
        begin = state.rfind(_ID, 0, at) + len(_ID)
        id, digest = state[begin : at - 2], state[at + len(_DIGEST) : at + len(_DIGEST) + 64]
        if begin >= len(_ID) and state[at - 2 : at] == b'",' and b'"' not in id and b'"' not in digest:
            yield id.decode(), digest.decode()
        at = state.find(_DIGEST, at + 1)


@cache
def _codec() -> Codec:
    """The codec of all events; made here, as what wires the product takes a process that only reads a second to load."""
    return Codec(NAMES, UPCASTERS)


def gap(before: int, version: int) -> str:
    """What is wrong where a stream goes on from `before` with `version`."""
    if version <= before:
        return f"it stands after version {before} of its stream: their order is another"
    missing = f"version {before + 1}" if version == before + 2 else f"versions {before + 1} to {version - 1}"
    return f"{missing} of its stream {'is' if version == before + 2 else 'are'} missing before it"
