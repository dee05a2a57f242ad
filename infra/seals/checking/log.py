"""The log against its checkpoints: every event, its place in its stream, and the tree over them all.

The root at each checkpoint's size is computed from the events alone, and compared by whoever asked. What is kept of the tree
is compared on the way, so that `differences` need only look where it is another.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from infra.seals.checking.ranges import Fault, Range, Ref, gap, read_ranges
from infra.seals.checking.report import Finding, Report, sealed_by
from infra.seals.growing import LEAVES, TILE, WIDE, Growing, Tile
from infra.seals.sealing import Progress
from infra.seals.shelf import EVENTS, Seal, Shelf
from infra.seals.tree import HASH


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of the log: what stands behind the leaves of `begin`, the last of which is at position `after`, up to `until`."""

    begin: Growing
    after: int
    until: int


@dataclass(slots=True)
class Log:
    """What the log turned out to be: its size, the root at each size asked for, the texts that it refers to, what was let go.

    `differing` are the tiles of leaves, by number, that are others than the kept ones; `torn` are kept tiles of higher levels
    (level and number) that don't belong to these events.
    """

    size: int
    roots: dict[int, bytes] = field(default_factory=dict)
    texts: dict[str, tuple[int, Ref]] = field(default_factory=dict)
    retention: list[tuple[str, Any]] = field(default_factory=list)
    differing: list[int] = field(default_factory=list)
    torn: list[tuple[int, int]] = field(default_factory=list)


def read(
    connection: Connection[Any],
    url: str,
    span: Span,
    report: Report,
    *,
    sizes: Iterable[int],
    texts: bool,
    seals: Sequence[Seal],
    progress: Progress,
) -> Log:
    """Read a part of the log; note in `report` what is wrong with events by themselves.

    `sizes` are those at which the root is wanted; with `texts` those that events refer to are noted; `seals` are the checkpoints by which findings are dated.
    """
    growing, shelf = span.begin, Shelf(connection)
    log, kept, begun = Log(size=growing.size), shelf.size(EVENTS), growing.size
    asked = sorted({one for one in sizes if one >= begun})
    versions: dict[bytes, int] = {}
    for part in read_ranges(connection, url, span.after, span.until, texts=texts):
        if begun:
            versions |= _versions(connection, part, versions, span.after)
        for one in (*part.faults, *_joined(part, versions)):
            report.add(
                Finding(
                    what="record",
                    found=one.found,
                    stream=one.stream,
                    version=one.version,
                    position=one.position,
                    since=sealed_by(seals, log.size + one.offset),
                )
            )
        log.texts |= {ref.id: (log.size + ref.offset, ref) for ref in part.texts}
        log.retention += part.retention
        versions |= part.last_versions
        report.events += part.events
        report.bytes += part.length
        at = 0
        for size in [one for one in asked if growing.size <= one <= growing.size + part.events]:
            cut = at + (size - growing.size) * HASH
            _compare(shelf, growing.grow(part.hashes[at:cut]), log, kept)
            log.roots[size], at = growing.root(), cut
        _compare(shelf, growing.grow(part.hashes[at:]), log, kept)
        log.size = growing.size
        progress(part.until, span.until)
    if growing.size in asked:
        log.roots[growing.size] = growing.root()
    _compare(shelf, growing.edge(), log, kept)
    return log


def _compare(shelf: Shelf, tiles: Iterator[Tile], log: Log, kept: int) -> None:
    """Note which of these tiles are others than the kept ones, as far as the kept tree of `kept` leaves goes."""
    made = {(level, number): hashes for level, number, hashes in tiles}
    found = shelf.tiles(EVENTS, list(made))
    for (level, number), hashes in made.items():
        held = found.get((level, number), b"")
        wanted = min(max((kept >> (WIDE * level)) - number * LEAVES, 0), LEAVES) * HASH
        if held[:wanted] == hashes[:wanted] and len(held) <= TILE and len(hashes) >= wanted:
            continue
        if level == 0:
            log.differing.append(number)
        else:
            log.torn.append((level, number))


def _joined(part: Range, versions: dict[bytes, int]) -> Iterator[Fault]:
    """What is wrong where streams go on from what was read before."""
    for stream, (version, offset, position) in part.first_versions.items():
        before = versions.get(stream, 0)
        if version != before + 1:
            yield Fault(offset, position, stream.decode(errors="replace"), version, gap(before, version))


def _versions(connection: Connection[Any], part: Range, known: dict[bytes, int], after: int) -> dict[bytes, int]:
    """The versions at which these streams stood before the part that is read."""
    asked = [one.decode(errors="replace") for one in part.first_versions if one not in known]
    rows = connection.execute(
        "SELECT originator_id, max(originator_version) FROM record.events"
        " WHERE originator_id = ANY(%s) AND notification_id <= %s GROUP BY originator_id",
        [asked, after],
    ).fetchall()
    return {str(stream).encode(): int(version) for stream, version in rows}
