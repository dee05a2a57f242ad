"""The tree of RFC 6962 over a list that only grows: one root says all of it, a short path that something is in it, or that it only grew.

Whoever asks gives `node(height, index)`: the hash of the complete subtree of 2^height leaves that is the index-th of its
height. All else follows from those.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

Node = Callable[[int, int], bytes]

EMPTY: Final = sha256(b"").digest()
"""The root of an empty list."""
HASH: Final = 32
"""Bytes of a hash."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of what stands above two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def above(hashes: bytes) -> bytes:
    """The hashes that stand above pairs of neighbours; a last one without a neighbour is left out."""
    size = 2 * HASH
    begins = range(0, len(hashes) - size + 1, size)
    return b"".join([sha256(b"\x01" + hashes[at : at + size]).digest() for at in begins])


def root(node: Node, size: int) -> bytes:
    """The root of the first `size` leaves."""
    return _over(node, 0, size) if size else EMPTY


def inclusion(node: Node, index: int, size: int) -> list[bytes]:
    """The path that proves that leaf `index` is one of the first `size`, from the leaf upwards (RFC 6962, 2.1.1)."""
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_over(node, middle, end))
            end = middle
        else:
            path.append(_over(node, begin, middle))
            begin = middle
    return path[::-1]


def around(node: Node, indexes: Sequence[int], size: int) -> dict[tuple[int, int], bytes]:
    """The hashes that make the root of the first `size` leaves together with these: of the largest parts without one of them.

    Each part by where it begins and before which leaf it ends; the leaves' `indexes` ascend.
    """
    found: dict[tuple[int, int], bytes] = {}
    parts = [(0, size)] if size else []
    while parts:
        begin, end = parts.pop()
        if bisect_left(indexes, begin) == bisect_left(indexes, end):
            found[begin, end] = _over(node, begin, end)
        elif end - begin > 1:
            middle = begin + _split(end - begin)
            parts += [(middle, end), (begin, middle)]
    return found


def consistency(node: Node, before: int, after: int) -> list[bytes]:
    """The path that proves that the first `before` leaves are the beginning of the first `after` (RFC 6962, 2.1.2)."""
    path: list[bytes] = []
    begin, end = 0, after
    if before in {0, after}:
        return path
    while end != before:
        middle = begin + _split(end - begin)
        if before <= middle:
            path.append(_over(node, middle, end))
            end = middle
        else:
            path.append(_over(node, begin, middle))
            begin = middle
    if begin:
        path.append(_over(node, begin, end))
    return path[::-1]


def _over(node: Node, begin: int, end: int) -> bytes:
    """The hash over the leaves from `begin` to before `end`, where a subtree of so many can begin."""
    parts = []
    while begin < end:
        height = (end - begin).bit_length() - 1
        parts.append(node(height, begin >> height))
        begin += 1 << height
    found = parts.pop()
    while parts:
        found = node_hash(parts.pop(), found)
    return found


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return int(1 << ((size - 1).bit_length() - 1))
