"""Sealing: the tree takes in what was recorded, and a checkpoint says so, signed. It follows the log and never holds up an append.

Positions are given under the table's lock, so that whatever is committed below the last committed position is final: the
tree grows by all that stands behind its last leaf, in the order of positions, whatever gaps failed commands left.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg import Connection

from infra.problems import CannotStart
from infra.seals import kept
from infra.seals.keys import KeyFolder
from infra.seals.leaves import Place, parts
from infra.seals.note import Checkpoint, NoCheckpoint, Signer, Verifier, made_line
from infra.seals.reading import head, leaves, spans
from infra.seals.shelf import EVENTS, KEPT, Seal, Shelf
from infra.seals.tree import leaf_hash, root
from infra.settings import Settings
from infra.store.datastore import OWN_NAMES
from infra.store.errors import RecordUnavailable

BATCH: Final = 50_000
"""Events that the tree takes in in one transaction."""
LOCK: Final = 0x4153534159534C  # "ASSAYSL": the advisory lock under which one at a time seals
Progress = Callable[[int, int], None]


class NotSealed(CannotStart):
    """The record was not sealed, since it lacks what was sealed before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What sealing came to: the latest checkpoint, None of an empty record; whether it is `new`; how many leaves were taken in."""

    seal: Seal | None
    new: bool
    events: int


def seal(settings: Settings, url: str, progress: Progress = lambda *_: None) -> Sealed:
    """Take in all that is recorded by now and sign it; the latest checkpoint stays where there is nothing to add.

    Raises NotSealed where the record does not go on from what was sealed before, CannotStart without a usable key, and
    RecordUnavailable.
    """
    folder = KeyFolder(settings.data, settings.sealing)
    signer = folder.signer()
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=2) as connection:
            connection.execute(OWN_NAMES)
            connection.execute("SELECT set_config('timezone', 'UTC', false)")
            connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            _require_whole(connection, folder, signer.verifier)
            events = _take_in(connection, signer.verifier, progress)
            found = _sign(connection, folder, signer)
            return Sealed(seal=found[0], new=found[1], events=events)
    except psycopg.OperationalError as error:
        raise RecordUnavailable(f"the record can't be sealed: {str(error).strip()}") from error


def last_signed(connection: Connection[Any], folder: KeyFolder) -> Checkpoint | None:
    """What a key of the folder signed last, between two sealings: one that is under way has signed what is not kept yet."""
    connection.execute("SELECT pg_advisory_lock_shared(%s)", [LOCK])
    try:
        return folder.last(*folder.trusted())
    finally:
        connection.execute("SELECT pg_advisory_unlock_shared(%s)", [LOCK])


def _take_in(connection: Connection[Any], key: Verifier, progress: Progress) -> int:
    """Have the trees grow by all that is there; return by how many events. `key` is to sign."""
    last, taken, after = head(connection), 0, Shelf(connection).position()
    sealed = Shelf(connection).sealed_position()
    growing = Shelf(connection).growing(EVENTS)
    for begin, end in spans(connection, after, last, BATCH):
        hashes, places = [], []
        for leaf in leaves(connection, begin, end):
            position, stream, version, _, _ = parts(leaf)
            hashes.append(leaf_hash(leaf))
            places.append(Place(position, stream.decode(), version))
        with connection.transaction():
            Shelf(connection).grow(EVENTS, growing, b"".join(hashes), places)
        taken += len(places)
        progress(end, last)
    with connection.transaction():
        shelf = Shelf(connection)
        kept.take_in(shelf, after=sealed, until=last, due=_is_due(shelf, key))
    return taken


def _sign(connection: Connection[Any], folder: KeyFolder, signer: Signer) -> tuple[Seal | None, bool]:
    """Sign what the trees hold now, unless this key has done so."""
    with connection.transaction():
        shelf = Shelf(connection)
        events, beside = shelf.growing(EVENTS), shelf.growing(KEPT)
        if not events.size or not _is_due(shelf, signer.verifier):
            return shelf.last(), False
        at = datetime.now(UTC)
        more = [kept.line(beside.size, beside.root()), *(one.line for one in folder.restored()), made_line(at)]
        made = Seal(
            size=events.size,
            signer=str(signer.verifier),
            kept=beside.size,
            note=signer.sign(events.size, events.root(), *more),
            made_at=at,
        )
        # First where only this machine sees it: what was signed must not be lost, or the key might sign something else.
        folder.signed(made.note)
        shelf.add(made)
    return made, True


def _is_due(shelf: Shelf, key: Verifier) -> bool:
    """Whether the trees hold what this key has not signed."""
    last = shelf.last()
    return last is None or (last.size, last.kept, last.signer) != (shelf.size(EVENTS), shelf.size(KEPT), str(key))


def _require_whole(connection: Connection[Any], folder: KeyFolder, key: Verifier) -> None:
    """Refuse to sign a record that lacks what this key has signed before: a restored backup, or a tree that was changed."""
    shelf = Shelf(connection)
    size, last = shelf.growing(EVENTS).size, shelf.last()
    try:
        kept_one = last.checkpoint if last and last.signer == str(key) else None
    except NoCheckpoint:
        raise NotSealed("The latest checkpoint that is kept was changed; `assay verify` says what is wrong.") from None
    for one in (one for one in (folder.last(key), kept_one) if one):
        if one.size > size or root(shelf.node(EVENTS), one.size) != one.root:
            raise NotSealed(
                f"The record does not go on from the checkpoint of {one.size:,} events that this key signed"
                f" ({base64.b64encode(one.root).decode()}); `assay verify` says what is wrong. After a backup was restored on"
                " purpose, `assay seal --new-key` seals what there is with another key, which those who hold checkpoints"
                " must be told."
            )
