"""Where the trees are kept: tiles and checkpoints in the database, read and written here alone.

Nothing is believed because it stands here: `assay verify` computes it again, and compares.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from psycopg import Connection, DataError
from psycopg.abc import Buffer
from psycopg.rows import tuple_row
from psycopg.types.datetime import TimestamptzBinaryLoader

from infra.seals.growing import LEAVES, TILE, Growing, nodes
from infra.seals.leaves import Place
from infra.seals.note import Checkpoint, read_checkpoint
from infra.seals.reading import BEGINNING
from infra.seals.tree import HASH

EVENTS: Final = "events"
KEPT: Final = "kept"
"""The two trees: over the events, and over what is kept beside them."""

_SAVE: Final = """
INSERT INTO seals.tiles AS tile (log, level, number, hashes, positions, streams, versions)
VALUES (%s, %s, %s, %s, %s::text::bigint[], %s::text::text[], %s::text::bigint[])
ON CONFLICT (log, level, number) DO UPDATE
    SET hashes = tile.hashes || excluded.hashes, positions = tile.positions || excluded.positions,
        streams = tile.streams || excluded.streams, versions = tile.versions || excluded.versions
"""
_CHECKPOINTS: Final = "SELECT number, size, signer, kept, note, made_at FROM seals.checkpoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A checkpoint as it is kept: of so many events and `kept` others, by the key `signer`, made at an instant (UTC).

    `number` is its place among them, 0 before it is kept.
    """

    number: int = 0
    size: int
    signer: str
    kept: int
    note: str
    made_at: datetime

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says. Raises NoCheckpoint where somebody made it something else."""
        return read_checkpoint(self.note)


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where an event stands in the tree, and the hash of its leaf."""

    index: int
    place: Place
    hash: bytes


class _AnyInstant(TimestamptzBinaryLoader):
    """Reads instants, also those that Python has no name for: whoever put one there is to be found, and not to stop the check."""

    def load(self, data: Buffer) -> datetime:
        try:
            return super().load(data)
        except DataError:
            return datetime.max.replace(tzinfo=UTC)


class Shelf:
    """The trees behind `connection`, whose statements the caller puts into a transaction."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection
        self.tile: Callable[[str, int, int], bytes] = lru_cache(maxsize=256)(self._tile)

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        with self.connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            cursor.adapters.register_loader("timestamptz", _AnyInstant)
            return cursor.execute(query, values).fetchall()

    def node(self, log: str) -> Callable[[int, int], bytes]:
        """What proofs are made of."""
        return nodes(lambda level, number: self.tile(log, level, number))

    def growing(self, log: str) -> Growing:
        """The tree as far as it is kept, to go on from."""
        edge, size = [], 0
        rows = self.rows(
            "SELECT DISTINCT ON (level) level, number, hashes FROM seals.tiles WHERE log = %s ORDER BY level, number DESC",
            [log],
        )
        for level, number, hashes in rows:
            size = number * LEAVES + len(hashes) // HASH if level == 0 else size
            edge.append(b"" if len(hashes) == TILE else hashes)
        return Growing(size, edge)

    def size(self, log: str) -> int:
        """How many leaves are kept."""
        rows = self.rows(
            "SELECT number, length(hashes) FROM seals.tiles WHERE log = %s AND level = 0 ORDER BY number DESC LIMIT 1",
            [log],
        )
        return int(rows[0][0] * LEAVES + rows[0][1] // HASH) if rows else 0

    def position(self, *, before: int | None = None) -> int:
        """The position of the last event in the tree, or in its tiles `before` that number; 0 where there is none."""
        rows = self.rows(
            "SELECT positions[cardinality(positions)] FROM seals.tiles"
            " WHERE log = %s AND level = 0 AND (%s::bigint IS NULL OR number < %s) ORDER BY number DESC LIMIT 1",
            [EVENTS, before, before],
        )
        return int(rows[0][0] or 0) if rows else 0

    def position_of(self, index: int) -> int:
        """The position of the event of a leaf; 0 for one that is not kept."""
        number, at = divmod(index, LEAVES)
        rows = self.rows(
            "SELECT positions[%s] FROM seals.tiles WHERE log = %s AND level = 0 AND number = %s",
            [at + 1, EVENTS, number],
        )
        return int(rows[0][0] or 0) if rows else 0

    def sealed_position(self) -> int:
        """The position of the last event that the latest checkpoint seals, or one before any."""
        last = self.last()
        return self.position_of(last.size - 1) if last else BEGINNING

    def tiles(self, log: str, asked: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Those of these tiles, by level and number, that are kept."""
        rows = self.rows(
            "SELECT level, number, hashes FROM seals.tiles WHERE log = %s"
            " AND (level, number) IN (SELECT * FROM unnest(%s::smallint[], %s::bigint[]))",
            [log, [level for level, _ in asked], [number for _, number in asked]],
        )
        return {(level, number): bytes(hashes) for level, number, hashes in rows}

    def leaves(self, first: int) -> Iterator[Leaf]:
        """The leaves of events that are kept, from tile `first` on."""
        while rows := self.rows(
            "SELECT number, hashes, positions, streams, versions FROM seals.tiles"
            " WHERE log = %s AND level = 0 AND number >= %s ORDER BY number LIMIT 64",
            [EVENTS, first],
        ):
            for row in rows:
                yield from leaves_of(*row)
            first = rows[-1][0] + 1

    def edge(self, log: str, size: int) -> Growing:
        """The tree as it was when it had so many leaves, to go on from."""
        tiles: list[bytes] = []
        left = size
        while left:
            number, part = divmod(left, LEAVES)
            tiles.append(self.tile(log, len(tiles), number)[: part * HASH])
            left = number
        return Growing(size, tiles)

    def grow(self, log: str, growing: Growing, hashes: bytes, places: Sequence[Place] = ()) -> None:
        """Add leaves to the tree, with the events that they are of."""
        before, held = growing.size, {(level, number): len(tile) for level, number, tile in growing.edge()}
        tiles = [*growing.grow(hashes), *growing.edge()]
        with self.connection.cursor() as cursor:
            cursor.executemany(_SAVE, [one for one in self._rows(log, tiles, held, before, places) if one[3]])

    def _rows(
        self,
        log: str,
        tiles: Iterable[tuple[int, int, bytes]],
        held: dict[tuple[int, int], int],
        before: int,
        places: Sequence[Place],
    ) -> Iterable[tuple[Any, ...]]:
        for level, number, tile in tiles:
            had = held.get((level, number), 0)
            begin, end = number * LEAVES + had // HASH - before, number * LEAVES + len(tile) // HASH - before
            of = places[begin:end] if level == 0 else ()
            positions, streams = [str(one.position) for one in of], [_quoted(one.stream) for one in of]
            named = (positions, streams, [str(one.version) for one in of])
            yield (log, level, number, tile[had:], *("{" + ",".join(one) + "}" for one in named))

    def find(self, positions: Sequence[int]) -> list[Leaf]:
        """The leaves of the events at these positions; one that is not in the tree is left out."""
        rows = self.rows(
            "SELECT DISTINCT tile.number, tile.hashes, tile.positions, tile.streams, tile.versions FROM unnest(%s::bigint[]) AS asked"
            " CROSS JOIN LATERAL (SELECT * FROM seals.tiles WHERE log = %s AND level = 0 AND positions[1] <= asked"
            " ORDER BY positions[1] DESC LIMIT 1) AS tile ORDER BY tile.number",
            [list(positions), EVENTS],
        )
        wanted = set(positions)
        return [leaf for row in rows for leaf in leaves_of(*row) if leaf.place.position in wanted]

    def seals(self) -> list[Seal]:
        """All checkpoints, the oldest first."""
        return [_seal(row) for row in self.rows(f"{_CHECKPOINTS} ORDER BY number")]

    def last(self) -> Seal | None:
        """The latest checkpoint."""
        rows = self.rows(f"{_CHECKPOINTS} ORDER BY number DESC LIMIT 1")
        return _seal(rows[0]) if rows else None

    def sizes(self, log: str) -> set[int]:
        """How many leaves of this tree checkpoints that are kept have."""
        rows = self.rows(
            "SELECT DISTINCT CASE WHEN %s = %s THEN size ELSE kept END FROM seals.checkpoints", [log, EVENTS]
        )
        return {int(size) for (size,) in rows}

    def keeps(self, checkpoint: Checkpoint) -> bool:
        """Whether this checkpoint is kept, word for word."""
        asked = "SELECT FROM seals.checkpoints WHERE size = %s AND note = %s"
        return bool(self.rows(asked, [checkpoint.size, checkpoint.note]))

    def latest(self, limit: int, *, before: int | None = None) -> list[Seal]:
        """The latest checkpoints, or the latest before that number, at most so many."""
        condition = "WHERE %s::bigint IS NULL OR number < %s ORDER BY number DESC LIMIT %s"
        return [_seal(row) for row in self.rows(f"{_CHECKPOINTS} {condition}", [before, before, limit])]

    def add(self, seal: Seal) -> None:
        """Keep a checkpoint."""
        self.connection.execute(
            "INSERT INTO seals.checkpoints (size, signer, kept, note, made_at) VALUES (%s, %s, %s, %s, %s)",
            [seal.size, seal.signer, seal.kept, seal.note, seal.made_at],
        )

    def keep(self, rows: Sequence[tuple[Any, ...]], salts: Sequence[tuple[Any, ...]]) -> None:
        """Keep digests (number, kind, id, name, digest), and the salts of those that have none elsewhere."""
        with self.connection.cursor() as cursor:
            for table, lines in (("kept", rows), ("salts", salts)):
                with cursor.copy(f"COPY seals.{table} FROM STDIN") as copy:
                    for one in lines:
                        copy.write_row(one)

    def _tile(self, log: str, level: int, number: int) -> bytes:
        rows = self.rows(
            "SELECT hashes FROM seals.tiles WHERE log = %s AND level = %s AND number = %s", [log, level, number]
        )
        return bytes(rows[0][0]) if rows else b""


def leaves_of(
    number: int, hashes: bytes, positions: Sequence[int], streams: Sequence[str], versions: Sequence[int]
) -> list[Leaf]:
    """The leaves of a tile of level 0."""
    return [
        Leaf(number * LEAVES + at, Place(*place), bytes(hashes[at * HASH : (at + 1) * HASH]))
        for at, place in enumerate(zip(positions, streams, versions, strict=False))
    ]


def _quoted(stream: str) -> str:
    """A member of an array as PostgreSQL reads it: written here, since psycopg takes as long for that as all else of sealing."""
    return '"' + stream.replace("\\", r"\\").replace('"', r"\"") + '"'


def _seal(row: tuple[Any, ...]) -> Seal:
    number, size, signer, kept, note, made_at = row
    return Seal(number=number, size=size, signer=signer, kept=kept, note=note, made_at=made_at)
