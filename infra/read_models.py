"""The read models in the database: which are in use or being built, how far each has got, and how they get further.

A model in use has a row in `read.positions` under its name and fingerprint, so that the rows of an earlier definition are
never taken for its own; while it is built anew it has another. Rows and position change in one transaction.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from infra.store.datastore import OWN_NAMES
from infra.store.errors import RecordUnavailable
from projections.model import ReadModel, Recorded
from projections.tables import BUILDING, Tables

LOOK: Final = 0.01
"""Seconds between two looks at how far the read models are."""

_SESSION: Final = "SELECT set_config('timezone', 'UTC', false), set_config('synchronous_commit', 'off', false)"


@dataclass(frozen=True, slots=True)
class Copy:
    """The tables of `model` that are in use, or those that are being built beside them."""

    model: ReadModel
    building: bool = False

    @property
    def name(self) -> str:
        """Its name in `read.positions`."""
        return f"{self.model.name}@{self.model.fingerprint}{self.suffix}"

    @property
    def suffix(self) -> str:
        """What the names of its tables end in."""
        return BUILDING if self.building else ""


@contextmanager
def connect(url: str) -> Iterator[Connection[Any]]:
    """Lend a connection to write read models with: in UTC, each statement on its own unless in a transaction.

    Its commits don't wait for the disk: a crash takes away rows and position together, and they are made again. Raises
    RecordUnavailable when the database can't be reached or is lost.
    """
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=2, tcp_user_timeout=5000) as connection:
            connection.execute(OWN_NAMES)
            connection.execute(_SESSION)
            yield connection
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise RecordUnavailable(f"the read models can't be reached: {str(error).strip()}") from error


def positions(connection: Connection[Any], copies: Sequence[Copy], *, lock: bool = False) -> dict[str, int]:
    """Return the position of each of `copies` that is there, by name; with `lock`, nobody moves them until the commit."""
    query = SQL("SELECT name, position FROM read.positions WHERE name = ANY(%s) ORDER BY name {}")
    names = [copy.name for copy in copies]
    return dict(connection.execute(query.format(SQL("FOR UPDATE" if lock else "")), [names]).fetchall())


def wait_for(connection: Connection[Any], position: int, models: Sequence[ReadModel], *, limit: float = 2.0) -> bool:
    """Wait until `models` show the log up to `position`, at most `limit` seconds; return whether they do.

    So that whoever gave a command, and was told its position, sees what it did. `connection` is in no transaction.
    """
    copies = [Copy(model) for model in models]
    deadline = time.monotonic() + limit
    while True:
        seen = positions(connection, copies)
        if len(seen) == len(copies) and min(seen.values(), default=position) >= position:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK)


def advance(connection: Connection[Any], copies: Sequence[Copy], events: Sequence[Recorded], *, after: int) -> bool:
    """Apply `events`, all that the log has from position `after` to the last of them, to `copies`, in one transaction.

    Events that a copy has seen are left out. A copy that isn't there is passed over; so is one that lacks events before
    these, and then False is returned.
    """
    with connection.transaction():
        found = positions(connection, copies, lock=True)
        ready = [copy for copy in copies if after <= found.get(copy.name, -1)]
        for copy in ready:
            seen = found[copy.name]
            unseen = [one for one in events if one.position > seen]
            if unseen:
                copy.model.apply(Tables(connection, copy.suffix), unseen)
        connection.execute(
            "UPDATE read.positions SET position = greatest(position, %s) WHERE name = ANY(%s)",
            [events[-1].position, [copy.name for copy in ready]],
        )
    return len(ready) == len(found)


def create(connection: Connection[Any], models: Sequence[ReadModel]) -> None:
    """Create the tables of `models` anew, empty, beside those in use; what an unfinished build left there is dropped."""
    with connection.transaction():
        for model in models:
            for table in model.tables:
                connection.execute(SQL("DROP TABLE IF EXISTS {}").format(table.identifier(BUILDING)))
                connection.execute(table.creation(BUILDING))
            connection.execute(
                "DELETE FROM read.positions WHERE split_part(name, '@', 1) = %s AND right(name, %s) = %s",
                [model.name, len(BUILDING), BUILDING],
            )
            _place(connection, Copy(model, building=True), 0)


def complete(connection: Connection[Any], models: Sequence[ReadModel]) -> None:
    """Give the tables that are being built their further indexes and statistics, and take what updates left out of them."""
    for model in models:
        for table in model.tables:
            for statement in table.indexing(BUILDING):
                connection.execute(statement)
            connection.execute(SQL("VACUUM (ANALYZE) {}").format(table.identifier(BUILDING)))


def lag(connection: Connection[Any], model: ReadModel) -> tuple[int, int]:
    """Return the positions of what is being built of `model` and of what is in use, under whatever definition (or 0).

    In a transaction, nobody moves them until its end.
    """
    rows = connection.execute(
        "SELECT name, position FROM read.positions WHERE split_part(name, '@', 1) = %s ORDER BY name FOR UPDATE",
        [model.name],
    ).fetchall()
    found = dict(rows)
    built = found.pop(Copy(model, building=True).name)
    return built, max(found.values(), default=0)


def swap(connection: Connection[Any], model: ReadModel) -> None:
    """Put what was built of `model` in the place of what is in use. Belongs into a transaction, which waits for queries."""
    built, _ = lag(connection, model)
    for table in model.tables:
        connection.execute(SQL("DROP TABLE IF EXISTS {}").format(table.identifier()))
        connection.execute(
            SQL("ALTER TABLE {} RENAME TO {}").format(table.identifier(BUILDING), Identifier(table.name))
        )
    # The row of the same definition stays, if there is one, because a writer may be waiting for it.
    in_use = Copy(model)
    connection.execute(
        "DELETE FROM read.positions WHERE split_part(name, '@', 1) = %s AND name <> %s", [model.name, in_use.name]
    )
    _place(connection, in_use, built)


def _place(connection: Connection[Any], copy: Copy, position: int) -> None:
    connection.execute(
        "INSERT INTO read.positions (name, position) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET position = excluded.position",
        [copy.name, position],
    )
