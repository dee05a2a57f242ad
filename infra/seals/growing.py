"""A tree that grows by many leaves at a time, holding no more of them than the last few: what sealing writes, and checking computes again."""

from collections.abc import Callable, Iterator
from typing import Final

from infra.seals.tree import HASH, above, root

WIDE: Final = 8
"""The height of a tile: 256 hashes become one."""
LEAVES: Final = 1 << WIDE
TILE: Final = LEAVES * HASH
"""Bytes of a whole tile."""

Tile = tuple[int, int, bytes]
"""Level, number and hashes of a tile."""


class Growing:
    """The rightmost tile of each level. It begins empty, or goes on from the tiles that were kept of `size` leaves."""

    def __init__(self, size: int = 0, edge: list[bytes] | None = None) -> None:
        self.size = size
        self._edge = [bytearray(one) for one in edge or []]

    def grow(self, hashes: bytes) -> Iterator[Tile]:
        """Add leaves by their hashes; yield each tile that became whole, those of lower levels first."""
        for begin in range(0, len(hashes), HASH * LEAVES):
            yield from self._add(hashes[begin : begin + HASH * LEAVES])

    def edge(self) -> Iterator[Tile]:
        """The tiles that are not whole yet, those of lower levels first."""
        for level, hashes in enumerate(self._edge):
            if hashes:
                yield level, self._number(level), bytes(hashes)

    def root(self) -> bytes:
        """The root of all leaves so far."""
        return root(self._node, self.size)

    def _add(self, hashes: bytes) -> Iterator[Tile]:
        room = TILE - len(self._level(0))
        for part in (hashes[:room], hashes[room:]):
            if part:
                number = self._number(0)
                self._level(0).extend(part)
                self.size += len(part) // HASH
                if len(self._level(0)) == TILE:
                    yield from self._whole(0, number)

    def _whole(self, level: int, number: int) -> Iterator[Tile]:
        """Put away a whole tile, and its root in the tile above."""
        tile = bytes(self._level(level))
        self._level(level).clear()
        yield level, number, tile
        over = self._level(level + 1)
        over.extend(top(tile))
        if len(over) == TILE:
            yield from self._whole(level + 1, number >> WIDE)

    def _level(self, level: int) -> bytearray:
        while len(self._edge) <= level:
            self._edge.append(bytearray())
        return self._edge[level]

    def _number(self, level: int) -> int:
        """Of the tile at the edge of a level."""
        return self.size >> (WIDE * (level + 1))

    def _node(self, height: int, index: int) -> bytes:
        level, lower = divmod(height, WIDE)
        first = (index << lower) - (self._number(level) << WIDE)
        return top(bytes(self._edge[level][first * HASH : (first + (1 << lower)) * HASH]))


def top(hashes: bytes) -> bytes:
    """The root of 1, 2, 4, … neighbours."""
    while len(hashes) > HASH:
        hashes = above(hashes)
    return hashes


def nodes(tile: Callable[[int, int], bytes]) -> Callable[[int, int], bytes]:
    """What `tree` asks for, from tiles by level and number."""

    def node(height: int, index: int) -> bytes:
        level, lower = divmod(height, WIDE)
        number, first = divmod(index << lower, LEAVES)
        return top(tile(level, number)[first * HASH : (first + (1 << lower)) * HASH])

    return node
