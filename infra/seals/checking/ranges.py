"""The log read in ranges, by several processes where it is long: each event's bytes, its leaf, its place in its stream.

What a range finds is put together in the order of the log, by whoever asked.
"""

import multiprocessing
import os
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, NamedTuple

import psycopg

from domain.policy import PolicyPublished
from domain.retention.events import ErasureRequested, LettingGoProposed, RecordsLetGo
from domain.scheme_record import SchemeVersionPublished
from infra.bootstrap import codec
from infra.seals.leaves import parts
from infra.seals.sealing import leaves
from infra.store.errors import DamagedRecord

WIDE: Final = 25_000
"""Positions of a range."""
LONG: Final = 60_000
"""Events from which on processes of their own are worth their start."""
PROCESSES: Final = max(2, min(os.cpu_count() or 1, 8))

_TEXT: Final = re.compile(rb'\{"id":"([^"\\]{1,100})","digest":"([0-9a-f]{64})"\}')
_DIGEST: Final = b'"digest":"'


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


def read_ranges(url: str, after: int, until: int, *, events: int) -> Iterator[Range]:
    """Check the log after position `after` up to `until`, about so many `events`, and yield what was found range by range.

    Raises what psycopg raises when the database is lost.
    """
    ranges = [(begin, min(begin + WIDE, until)) for begin in range(after, until, WIDE)]
    if events < LONG:
        yield from (read_range(url, *one) for one in ranges)
        return
    # Spawned, not forked: whoever asks may have threads and connections, which a copy of it would share.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        waiting: deque[Future[Range]] = deque()
        for one in ranges:
            waiting.append(pool.submit(read_range, url, *one))
            if len(waiting) > 2 * PROCESSES:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def read_range(url: str, after: int, until: int) -> Range:
    """Check the events after position `after` up to `until`."""
    found, hashes = Range(until), []
    known, require = found.last_versions, codec().require_canonical
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT set_config('timezone', 'UTC', false)")
        for offset, leaf in enumerate(leaves(connection, after, until)):
            hashes.append(sha256(b"\x00" + leaf).digest())
            position, stream, version, name, begin = parts(leaf)
            state = leaf[begin:]
            found.length += len(state)
            before = known.get(stream)
            if before is None:
                found.first_versions[stream] = (version, offset, position)
            elif version != before + 1:
                found.faults.append(Fault(offset, position, stream.decode(), version, gap(before, version)))
            known[stream] = version
            try:
                event = require(stream.decode(), version, name.decode(), state)
            except (DamagedRecord, UnicodeDecodeError) as error:
                found.faults.append(Fault(offset, position, stream.decode(errors="replace"), version, str(error)))
                continue
            if _DIGEST in state:
                found.texts += [
                    Ref(id.decode(), digest.decode(), stream.decode(), version, offset)
                    for id, digest in _TEXT.findall(state)
                ]
            if isinstance(event, (SchemeVersionPublished, PolicyPublished)):
                if sha256(event.source.encode()).hexdigest() != event.digest:
                    said = "the content that it publishes is not that of its SHA-256"
                    found.faults.append(Fault(offset, position, stream.decode(), version, said))
            elif isinstance(event, (ErasureRequested, LettingGoProposed, RecordsLetGo)):
                found.retention.append((stream.decode(), event))
    found.hashes, found.events = b"".join(hashes), len(hashes)
    return found


def gap(before: int, version: int) -> str:
    """What is wrong where a stream goes on from `before` with `version`."""
    if version <= before:
        return f"it stands after version {before} of its stream: their order is another"
    missing = f"version {before + 1}" if version == before + 2 else f"versions {before + 1} to {version - 1}"
    return f"{missing} of its stream {'is' if version == before + 2 else 'are'} missing before it"
