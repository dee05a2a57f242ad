"""A checker of its own for checkpoints and proofs: written from docs/verifying.md and RFC 9162 alone, sharing nothing with what makes them.

It needs the standard library and an Ed25519 implementation, and imports nothing of the product.
"""

import base64
import hashlib
import struct
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(Exception):
    """It does not verify."""


def opened(note: str, key: str) -> tuple[str, int, bytes, list[str]]:
    """Log, size, root and further lines of a checkpoint that this key signed."""
    name, id, raw = key.split("+", 2)
    public = base64.b64decode(raw)
    if public[0] != 1 or len(public) != 33:
        raise Wrong("no Ed25519 key")
    if hashlib.sha256(f"{name}\n".encode() + public).digest()[:4] != bytes.fromhex(id):
        raise Wrong("the key's id is not its own")
    text, _, below = note.rpartition("\n\n")
    text += "\n"
    for line in below.splitlines():
        mark, signer, signature = line.split(" ")
        said = base64.b64decode(signature)
        if mark == "\u2014" and signer == name and said[:4] == bytes.fromhex(id):
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(said[4:], text.encode())
            except InvalidSignature:
                raise Wrong("the signature is wrong") from None
            break
    else:
        raise Wrong("this key did not sign it")
    log, size, root, *more = text.rstrip("\n").split("\n")
    if log != name:
        raise Wrong("it is of another log")
    return log, int(size), base64.b64decode(root), more


def leaf_of(  # noqa: PLR0917 - the columns, in their order
    position: int, stream: str, version: int, name: str, recorded_at: datetime, state: bytes
) -> bytes:
    """The leaf of an event, from its columns."""
    since = recorded_at.astimezone(timezone.utc) - datetime(2000, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
    instant = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    fields = (
        struct.pack(">q", position), stream.encode(), struct.pack(">q", version),
        name.encode(), struct.pack(">q", instant), state,
    )  # fmt: skip
    return struct.pack(">H", 6) + b"".join(struct.pack(">I", len(one)) + one for one in fields)


def hashed(leaf: bytes) -> bytes:
    return hashlib.sha256(bytes([0]) + leaf).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over the hashes of leaves, by the definition itself."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while 2 * half < len(leaves):
        half *= 2
    return hashlib.sha256(bytes([1]) + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def included(leaf: bytes, index: int, size: int, path: Iterable[bytes]) -> bytes:
    """The root that a path of inclusion leads to (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Wrong("there is no such leaf")
    node, last, found = index, size - 1, leaf
    for one in path:
        if last == 0:
            raise Wrong("the path is too long")
        if node & 1 or node == last:
            found = hashlib.sha256(b"\x01" + one + found).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + one).digest()
        node, last = node >> 1, last >> 1
    if last:
        raise Wrong("the path is too short")
    return found


def consistent(before: int, after: int, root_before: bytes, root_after: bytes, path: Sequence[bytes]) -> None:
    """Raise Wrong unless the path proves that the earlier tree is the beginning of the later one (RFC 9162, 2.1.4.2)."""
    if before == after:
        if path or root_before != root_after:
            raise Wrong("they are not the same")
        return
    if before == 0:
        if path:
            raise Wrong("an empty tree needs no proof")
        return
    if not 0 < before < after or not path:
        raise Wrong("there is no proof")
    steps = list(path)
    if before & (before - 1) == 0:
        steps.insert(0, root_before)
    node, last = before - 1, after - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = steps[0]
    for one in steps[1:]:
        if last == 0:
            raise Wrong("the path is too long")
        if node & 1 or node == last:
            first = hashlib.sha256(b"\x01" + one + first).digest()
            second = hashlib.sha256(b"\x01" + one + second).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = hashlib.sha256(b"\x01" + second + one).digest()
        node, last = node >> 1, last >> 1
    if last or first != root_before or second != root_after:
        raise Wrong("it does not lead to both roots")


def root_of_parts(size: int, parts: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The root that parts of a tree lead to, each from its first leaf to before its end: neighbours are joined where a node has both."""
    stack: list[tuple[int, int, bytes]] = []
    for begin, end, found in sorted(parts):
        if begin != (stack[-1][1] if stack else 0):
            raise Wrong("a part is missing, or there twice")
        stack.append((begin, end, found))
        while len(stack) > 1 and _is_node(stack[-2][0], stack[-2][1], stack[-1][1], size):
            last, before = stack.pop(), stack.pop()
            stack.append((before[0], last[1], hashlib.sha256(b"\x01" + before[2] + last[2]).digest()))
    if len(stack) != 1 or stack[0][:2] != (0, size):
        raise Wrong("the parts are not those of the tree")
    return stack[0][2]


def _is_node(begin: int, middle: int, end: int, size: int) -> bool:
    """Whether the tree has a node over these leaves, divided there: its left half is whole, its right half ends with it or with the tree."""
    half = middle - begin
    whole = half & (half - 1) == 0 and begin % (2 * half) == 0
    return whole and (end == begin + 2 * half or (end == size and end < begin + 2 * half))
