"""What is kept beside the events is sealed too, as salted digests: the vault's fields, and whose each text is. What a text says,
its event seals already.

A field of the vault is written once, with an event of its subject. One that no such event came with, or that was changed
after it was sealed, is not sealed: `assay verify` goes on to say so. The digests are leaves of a tree of their own, whose
size and root stand in each checkpoint's fourth line. Of what was erased the digest stays and the salt goes.
"""

import base64
import os
import re
from collections.abc import Collection
from hashlib import sha256
from typing import Final

from infra.seals.leaves import fields
from infra.seals.note import Checkpoint
from infra.seals.reading import leaves
from infra.seals.shelf import KEPT, Shelf
from infra.seals.tree import leaf_hash

FIELD: Final = "field"
"""A field of the vault: `id` is its subject."""
TEXT: Final = "text"
"""Whose a text is: `id` is the text's."""

_LINE: Final = "kept"
_NEW_FIELDS: Final = """
SELECT subject, name, value FROM record.vault AS one
WHERE NOT EXISTS (SELECT FROM seals.kept WHERE kind = 'field' AND id = one.subject AND kept.name = one.name
    AND EXISTS (SELECT FROM seals.salts WHERE number = kept.number))
ORDER BY subject, name
"""
_NEW_TEXTS: Final = """
SELECT id, salt, subject FROM record.texts AS one
WHERE NOT EXISTS (SELECT FROM seals.kept WHERE kind = 'text' AND id = one.id) ORDER BY id
"""
_WITH_STREAM: Final = """
SELECT asked FROM unnest(%s::text[]) AS asked WHERE EXISTS (SELECT FROM record.events
    WHERE originator_id = asked AND notification_id > %s AND notification_id <= %s)
"""
_ID: Final = re.compile(rb'"([a-z]+-[^"\\]{1,60})"')


def digest(salt: bytes, said: str) -> bytes:
    """The digest of a field's value, or of a text's subject."""
    return sha256(salt + said.encode()).digest()


def leaf(kind: str, id: str, name: str, digested: bytes) -> bytes:
    """The leaf of what is kept."""
    return fields(kind.encode(), id.encode(), name.encode(), digested)


def line(size: int, root: bytes) -> str:
    """The line of a checkpoint that says how many there are, and their root."""
    return f"{_LINE} {size} {base64.b64encode(root).decode()}"


def read_line(checkpoint: Checkpoint) -> tuple[int, bytes] | None:
    """What that line of a checkpoint says; None where there is none."""
    for one in checkpoint.more:
        match one.split(" "):
            case [named, size, root] if named == _LINE and size.isdecimal():
                return int(size), base64.b64decode(root)
    return None


def take_in(shelf: Shelf, *, after: int, until: int) -> None:
    """Have the tree grow by what was kept with the events after position `after` up to `until`."""
    new = shelf.rows(_NEW_FIELDS)
    told = named(shelf, {subject for subject, _, _ in new}, after=after, until=until)
    number = shelf.growing(KEPT).size
    rows: list[tuple[str, str, str, bytes]] = []
    salts: list[tuple[int, str, str, bytes]] = []
    for subject, name, value in new:
        if subject in told:
            salt = os.urandom(16)
            salts.append((number + len(rows), subject, name, salt))
            rows.append((FIELD, subject, name, digest(salt, value)))
    rows += [(TEXT, id, "", digest(bytes(salt), subject)) for id, salt, subject in shelf.rows(_NEW_TEXTS)]
    shelf.keep([(number + at, *row, until) for at, row in enumerate(rows)], salts)
    shelf.grow(KEPT, shelf.growing(KEPT), b"".join(leaf_hash(leaf(*row)) for row in rows))


def named(shelf: Shelf, ids: Collection[str], *, after: int, until: int) -> set[str]:
    """Those of these ids that an event in this part of the log is about, or names."""
    found = {id for (id,) in shelf.rows(_WITH_STREAM, [sorted(ids), after, until])} if ids else set()
    rest = {id.encode() for id in ids if id not in found}
    if rest:
        for one in leaves(shelf.connection, after, until):
            found |= {id.decode() for id in rest.intersection(_ID.findall(one))}
    return found
