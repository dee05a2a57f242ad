"""Tiles of the kept trees that are none of theirs: behind a gap, above nothing, or saying events where there are none.

The hashes in them, and which events they name, are compared elsewhere; here it is which there are.
"""

from collections.abc import Iterator
from typing import Final

from infra.seals.checking.report import Finding
from infra.seals.growing import LEAVES, TILE
from infra.seals.shelf import EVENTS, KEPT, Shelf
from infra.seals.tree import HASH

_ALL: Final = """
SELECT log, level, number, length(hashes), cardinality(positions) + cardinality(streams) + cardinality(versions)
FROM seals.tiles ORDER BY log, level, number
"""


def stray(shelf: Shelf) -> Iterator[Finding]:
    """Each tile that does not go on from the one before it, or from those below, and each that says more than it has to."""
    whole: dict[tuple[str, int], int] = {}
    for log, level, number, length, said in shelf.rows(_ALL):
        told = f"tile {number} of level {level} of the kept tree of {log}"
        wanted, below = whole.get((log, level), 0), whole.get((log, level - 1), 0)
        if log not in {EVENTS, KEPT} or (level and number * LEAVES + length // HASH > below):
            yield Finding(what="tree", found=f"{told} stands above nothing")
        elif number != wanted:
            yield Finding(what="tree", found=f"{told} is there, and tile {wanted} before it is not, or not whole")
        elif not 0 < length <= TILE or length % HASH:
            yield Finding(what="tree", found=f"{told} has {length:,} bytes, which are no hashes of it")
        elif said and (log, level) != (EVENTS, 0):
            yield Finding(what="tree", found=f"{told} names events, and is of none")
        whole[log, level] = number + (length == TILE)
