"""What is kept beside the events is sealed too, as digests: the vault's fields, whose each text is, that each file of evidence
is kept, and each earlier checkpoint with where it was published. What a text or a file says, its event seals already.

A field of the vault is written once, with an event of its subject. One that no such event came with, or that was changed
after it was sealed, is not sealed: `assay verify` goes on to say so. The digests are leaves of a tree of their own, whose
size and root stand in each checkpoint's fourth line. Of what was erased the digest stays and the salt goes.

A checkpoint is sealed by the one that follows it, together with all its publications: what stands there later was added.
"""

import base64
import os
import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from domain.accreditation import ConcernRaised
from domain.complaint.events import ComplaintRaised
from domain.events import recorded_names
from domain.person import PersonRegistered
from domain.provider import ContactNamed, ProviderRegistered
from domain.submission import events as e
from infra.seals.leaves import fields
from infra.seals.note import Checkpoint
from infra.seals.shelf import KEPT, Shelf
from infra.seals.tree import leaf_hash

FIELD: Final = "field"
"""A field of the vault: `id` is its subject."""
TEXT: Final = "text"
"""Whose a text is: `id` is the text's."""

FILE: Final = "file"
"""That a file of evidence is kept: `id` is the case that names it, `name` its SHA-256."""
CHECKPOINT: Final = "checkpoint"
"""An earlier checkpoint as it is kept: `id` is its number, `name` how many events it seals."""
PUBLISHED: Final = "published"
"""That a place took an earlier checkpoint: `id` is that one's number, `name` the place."""

_LINE: Final = "kept"
_KEPT: Final = re.compile(r"(?:0|[1-9][0-9]{0,18}) [A-Za-z0-9+/]{43}=")
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
_NEW_FILES: Final = """
SELECT case_id, sha256, size, media_type, uploaded_by, uploaded_at FROM record.files AS one
WHERE NOT EXISTS (SELECT FROM seals.kept WHERE kind = 'file' AND id = one.case_id AND kept.name = one.sha256)
ORDER BY case_id, sha256
"""
_NEW_CHECKPOINTS: Final = """
SELECT number, size, signer, kept, note, made_at FROM seals.checkpoints AS one
WHERE NOT EXISTS (SELECT FROM seals.kept WHERE kind = 'checkpoint' AND id = one.number::text) ORDER BY number
"""
_NEW_PUBLISHED: Final = """
SELECT one.number, place, at, proof FROM seals.published JOIN seals.checkpoints AS one USING (size, kept, signer)
WHERE NOT EXISTS (SELECT FROM seals.kept WHERE kind = 'checkpoint' AND id = one.number::text) ORDER BY one.number, place
"""
_WAITING: Final = """
SELECT 'notes of where checkpoints were published', at FROM seals.published JOIN seals.checkpoints AS one USING (size, kept, signer)
WHERE NOT EXISTS (SELECT FROM seals.kept WHERE kind = 'checkpoint' AND id = one.number::text)
UNION ALL SELECT 'files, which an event that is sealed has to name', uploaded_at FROM record.files AS one
WHERE NOT EXISTS (SELECT FROM seals.kept WHERE kind = 'file' AND id = one.case_id AND kept.name = one.sha256)
"""
_NAMING: Final = """
SELECT originator_id, state FROM record.events
WHERE originator_id = ANY(%s) AND notification_id <= %s AND topic = ANY(%s)
"""
_NAMES_FILES: Final = (*recorded_names(e.PortfolioSubmitted), *recorded_names(e.EvidenceProvided))
_SHA256: Final = re.compile(rb'"([0-9a-f]{64})"')
_COMING: Final = """
SELECT originator_id, state FROM record.events
WHERE notification_id > %s AND notification_id <= %s AND topic = ANY(%s)
"""
_COME_WITH: Final = tuple(
    name
    for kind in (PersonRegistered, ProviderRegistered, ContactNamed, ComplaintRaised, ConcernRaised)
    for name in recorded_names(kind)
)
"""What fields of the vault come with: somebody is registered, named to speak for a provider, or says something from outside."""
_ID: Final = re.compile(rb'(?<!"actor":)"([a-z]+-[^"\\]{1,60})"')
"""An id in an event's bytes, but for that of who acted: nothing comes with that."""


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
            case [named, size, root] if named == _LINE and _KEPT.fullmatch(f"{size} {root}"):
                return int(size), base64.b64decode(root)
    return None


def take_in(shelf: Shelf, *, after: int, until: int, due: bool) -> None:
    """Have the tree grow by what was kept with the events after position `after` up to `until`.

    Where there is any, or a checkpoint is `due` for something else, also by those before it: alone they ask for no other, or there
    would be one each hour for the one before.
    """
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
    rows += [(FILE, *file, digest(b"", said)) for file, said in _new_files(shelf, until)]
    if rows or due:
        rows += _earlier(shelf)
    shelf.keep([(number + at, *row) for at, row in enumerate(rows)], salts)
    shelf.grow(KEPT, shelf.growing(KEPT), b"".join(leaf_hash(leaf(*row)) for row in rows))


def _earlier(shelf: Shelf) -> Iterator[tuple[str, str, str, bytes]]:
    """The checkpoints not sealed yet, and where they were published."""
    for number, *row in shelf.rows(_NEW_CHECKPOINTS):
        yield CHECKPOINT, str(number), str(row[0]), digest(b"", said_of_checkpoint(*row))
    for number, place, at, proof in shelf.rows(_NEW_PUBLISHED):
        yield PUBLISHED, str(number), place, digest(b"", said_of_publication(at, proof))


def waiting(shelf: Shelf) -> dict[str, tuple[int, datetime]]:
    """What is not sealed yet and came without an event, in words; how many there are, and since when the oldest is there (UTC)."""
    found: dict[str, tuple[int, datetime]] = {}
    for what, since in shelf.rows(_WAITING):
        number, oldest = found.get(what, (0, since))
        found[what] = (number + 1, min(oldest, since))
    return found


def said_of_checkpoint(size: int, signer: str, kept: int, note: str, made_at: datetime) -> str:
    """What is kept of a checkpoint: its columns in one line, and the note."""
    return f"{size} {signer} {kept} {_instant(made_at)}\n{note}"


def said_of_publication(at: datetime, proof: bytes | None) -> str:
    """What is kept of a publication: when, and the SHA-256 of what an authority answered, in one line."""
    return f"{_instant(at)} {sha256(proof).hexdigest() if proof is not None else ''}"


def said_of_file(size: int, media_type: str, uploaded_by: str, uploaded_at: datetime) -> str:
    """What is kept of a file beside its bytes, in one line."""
    return f"{size} {media_type} {uploaded_by} {_instant(uploaded_at)}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _new_files(shelf: Shelf, until: int) -> Iterator[tuple[tuple[str, str], str]]:
    """The files not sealed yet, by case and SHA-256, that an event up to `until` names; before, they may go again."""
    new = {(case, sha256): said_of_file(*said) for case, sha256, *said in shelf.rows(_NEW_FILES)}
    if not new:
        return
    told: set[tuple[str, str]] = set()
    for case, state in shelf.rows(_NAMING, [sorted({case for case, _ in new}), until, list(_NAMES_FILES)]):
        told |= {(case, sha256.decode()) for sha256 in _SHA256.findall(bytes(state))}
    yield from ((file, said) for file, said in new.items() if file in told)


def named(shelf: Shelf, ids: Collection[str], *, after: int, until: int) -> set[str]:
    """Those of these ids that an event in this part of the log is about, or names, with which fields of the vault come."""
    found: set[str] = set()
    for stream, state in shelf.rows(_COMING, [after, until, list(_COME_WITH)]) if ids else ():
        found |= {stream, *(id.decode() for id in _ID.findall(bytes(state)))}
    return found.intersection(ids)
