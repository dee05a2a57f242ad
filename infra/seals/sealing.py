"""Sealing: the tree takes in what was recorded, and a checkpoint says so, signed. It follows the log and never holds up an append.

Positions are given under the table's lock, so that whatever is committed below the last committed position is final: the
tree grows by all that stands behind its last leaf, in the order of positions, whatever gaps failed commands left.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.pq import ExecStatus

from infra.problems import CannotStart
from infra.seals import kept
from infra.seals.keys import KeyFolder
from infra.seals.leaves import END, HEADER, Place, parts
from infra.seals.note import Signer, Verifier
from infra.seals.shelf import EVENTS, KEPT, Seal, Shelf
from infra.seals.tree import leaf_hash, root
from infra.settings import Settings
from infra.store.errors import RecordUnavailable

BEGINNING: Final = -(2**63)
"""A position before any that an event could be given."""
BATCH: Final = 50_000
"""Events that the tree takes in in one transaction."""
LOCK: Final = 0x4153534159534C  # "ASSAYSL": the advisory lock under which one at a time seals
Progress = Callable[[int, int], None]

_COPY: Final = b"""
COPY (SELECT notification_id, originator_id, originator_version, topic, recorded_at, state FROM record.events
WHERE notification_id > %d AND notification_id <= %d ORDER BY notification_id) TO STDOUT (FORMAT BINARY)
"""


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
            connection.execute("SELECT set_config('timezone', 'UTC', false)")
            connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            _require_whole(connection, folder, signer.verifier)
            events = _take_in(connection, progress)
            found = _sign(connection, folder, signer)
            return Sealed(seal=found[0], new=found[1], events=events)
    except psycopg.OperationalError as error:
        raise RecordUnavailable(f"the record can't be sealed: {str(error).strip()}") from error


def leaves(connection: Connection[Any], after: int, until: int) -> Iterator[bytes]:
    """The leaves of the events after position `after` up to `until`, in order; to be read to the end.

    As the server sends them, by the client library itself: going round by psycopg's objects takes three times as long.
    """
    server = connection.pgconn
    begun = server.exec_(_COPY % (after, until))
    if begun.status != ExecStatus.COPY_OUT:
        raise psycopg.OperationalError(begun.get_error_message())
    first = True
    while True:
        length, row = server.get_copy_data(0)
        if length < 0:
            break
        leaf = bytes(row).removeprefix(HEADER) if first else bytes(row)
        first = False
        if leaf and leaf != END:
            yield leaf
    while ended := server.get_result():
        if ended.status != ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError(ended.get_error_message())


def spans(connection: Connection[Any], after: int, until: int, events: int) -> Iterator[tuple[int, int]]:
    """The log after position `after` up to `until` in parts of so many events, each as the positions that it stands between."""
    while True:
        row = connection.execute(
            "SELECT max(notification_id) FROM (SELECT notification_id FROM record.events"
            " WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id LIMIT %s) AS next",
            [after, until, events],
        ).fetchone()
        if row is None or row[0] is None:
            return
        yield after, int(row[0])
        after = int(row[0])


def head(connection: Connection[Any]) -> int:
    """The position of the last event that is committed, 0 in an empty record."""
    row = connection.execute("SELECT coalesce(max(notification_id), 0) FROM record.events").fetchone()
    return int(row[0]) if row else 0


def _take_in(connection: Connection[Any], progress: Progress) -> int:
    """Have the trees grow by all that is there; return by how many events."""
    last, taken, after = head(connection), 0, Shelf(connection).position()
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
        kept.take_in(Shelf(connection), after=after, until=last)
    return taken


def _sign(connection: Connection[Any], folder: KeyFolder, signer: Signer) -> tuple[Seal | None, bool]:
    """Sign what the trees hold now, unless this key has done so."""
    with connection.transaction():
        shelf = Shelf(connection)
        events, beside = shelf.growing(EVENTS), shelf.growing(KEPT)
        last, key = shelf.last(), str(signer.verifier)
        if not events.size or (last and (last.size, last.kept, last.signer) == (events.size, beside.size, key)):
            return last, False
        more = kept.line(beside.size, beside.root())
        made = Seal(
            size=events.size,
            signer=key,
            kept=beside.size,
            note=signer.sign(events.size, events.root(), more),
            made_at=datetime.now(UTC),
        )
        # First where only this machine sees it: what was signed must not be lost, or the key might sign something else.
        folder.signed(made.note)
        shelf.add(made)
    return made, True


def _require_whole(connection: Connection[Any], folder: KeyFolder, key: Verifier) -> None:
    """Refuse to sign a record that lacks what this key has signed before: a restored backup, or a tree that was changed."""
    shelf = Shelf(connection)
    size, last = shelf.growing(EVENTS).size, shelf.last()
    known = [one for one in (folder.last(key), last.checkpoint if last and last.signer == str(key) else None) if one]
    for one in known:
        if one.size > size or root(shelf.node(EVENTS), one.size) != one.root:
            raise NotSealed(
                f"The record does not go on from the checkpoint of {one.size:,} events that this key signed"
                f" ({base64.b64encode(one.root).decode()}); `assay verify` says what is wrong. After a backup was restored on"
                " purpose, `assay seal --new-key` seals what there is with another key, which those who hold checkpoints"
                " must be told."
            )
