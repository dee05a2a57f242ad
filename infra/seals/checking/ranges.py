"""The log read in ranges, by two processes where it is long: each event's bytes, its leaf, its place in its stream.

What a range finds is put together in the order of the log, by whoever asked.
"""

import multiprocessing
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.sql import SQL

from domain.events import NAMES, UPCASTERS, recorded_names
from domain.policy import PolicyPublished
from domain.retention.events import ErasureRequested, LettingGoProposed, RecordsLetGo
from domain.scheme_record import SchemeVersionPublished
from infra.problems import CannotStart
from infra.seals.leaves import parts
from infra.seals.reading import leaves, spans
from infra.store.datastore import OWN_NAMES
from infra.store.envelope import Codec
from infra.store.errors import DamagedRecord

WIDE: Final = 10_000
"""Events of a range, at most."""
LONG: Final = 300_000
"""Events from which on a second process is worth its start. Two, and what sends to them, keep two cores busy."""
AHEAD: Final = 2
"""Ranges that the second process is given at once: one to read, and one to go on with."""

_DIGEST: Final = b'"digest":"'
_TEXT: Final = re.compile(rb'\{"id":"([^"]*)","digest":"([^"]{64})')
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

    `connection` is in a transaction that sees one state of the record, which is read. Raises what psycopg raises when the
    database is lost, and CannotStart where the other process is.
    """
    ranges = spans(connection, after, until, WIDE)
    if until - max(after, 0) < LONG:
        yield from (read_range(connection, *one, texts=texts) for one in ranges)
        return
    try:
        yield from _shared(connection, url, ranges, texts=texts)
    except BrokenProcessPool:
        raise CannotStart(
            "The process that read the record together with this one was ended, for want of memory it may be; nothing was"
            " found wrong by that. Say `assay verify` again."
        ) from None


def _shared(
    connection: Connection[Any], url: str, ranges: Iterator[tuple[int, int]], *, texts: bool
) -> Iterator[Range]:
    """Check ranges in this process and in another, which looks at the same state of the record; yield them in their order."""
    [(snapshot,)] = connection.execute("SELECT pg_export_snapshot()").fetchall()
    # Spawned, not forked: whoever asks may have threads and connections, which a copy of it would share.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as helper:
        given: deque[Future[Range]] = deque()
        waiting: deque[Future[Range]] = deque()
        for one in ranges:
            while given and given[0].done():
                given.popleft()
            if len(given) < AHEAD:
                given.append(helper.submit(_helped, url, snapshot, *one, texts=texts))
                waiting.append(given[-1])
            else:
                waiting.append(Future())
                waiting[-1].set_result(read_range(connection, *one, texts=texts))
            while waiting and waiting[0].done():
                yield waiting.popleft().result()
        yield from (one.result() for one in waiting)


def _helped(url: str, snapshot: str, after: int, until: int, *, texts: bool) -> Range:
    """What the other process does: check a range of what is seen by whoever exported that snapshot."""
    return read_range(_looking(url, snapshot), after, until, texts=texts)


@cache
def _looking(url: str, snapshot: str) -> Connection[Any]:
    """The other process's connection, as long as the process lasts."""
    connection = psycopg.connect(url)
    connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
    connection.execute(OWN_NAMES)
    connection.execute(SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
    return connection


def read_range(connection: Connection[Any], after: int, until: int, *, texts: bool) -> Range:
    """Check the events after position `after` up to `until`."""
    read = list(leaves(connection, after, until))
    # One thing after the other, not all of an event at once: a tenth less time, as code stays in the processor's caches.
    found = Range(until, len(read), hashes=b"".join([sha256(b"\x00" + leaf).digest() for leaf in read]))
    known, opened = found.last_versions, _codec().event
    for offset, leaf in enumerate(read):
        position, stream, version, name, begin = parts(leaf)
        state = leaf[begin:]
        found.length += len(state)
        before = known.get(stream)
        if before is None:
            found.first_versions[stream] = (version, offset, position)
        elif version != before + 1:
            found.faults.append(Fault(offset, position, stream.decode(errors="replace"), version, gap(before, version)))
        known[stream] = version
        try:
            event = opened("", version, name.decode(), state)
        except (DamagedRecord, UnicodeDecodeError) as error:
            said = error.reason if isinstance(error, DamagedRecord) else str(error)
            place = (offset, position, stream.decode(errors="replace"), version)
            found.faults.append(Fault(*place, f"it can't be read: {said}"))
            continue
        if texts and _DIGEST in state:
            of = (stream.decode(), version, offset)
            found.texts += [Ref(id.decode(), digest.decode(), *of) for id, digest in _TEXT.findall(state)]
        if name in _SOURCES and sha256(event.source.encode()).hexdigest() != event.digest:
            said = "the content that it publishes is not that of its SHA-256"
            found.faults.append(Fault(offset, position, stream.decode(), version, said))
        elif name in _RETENTION:
            found.retention.append((stream.decode(), event))
    return found


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
