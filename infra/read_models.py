"""The read models in the database: which are in use or being built, how far each has got, and how they get further.

A model in use has one row in `read.positions`, named after it and its fingerprint, so that rows of another definition
are never taken for its own; while it is built anew, it has another. Rows and position change in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL

from projections.model import ReadModel, Recorded
from projections.tables import BUILDING, Tables
from services import ports


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


def connect(url: str) -> Connection[Any]:
    """Return a connection to write read models with: in UTC, each statement on its own unless in a transaction.

    Its commits need not wait for the disk: what a crash takes away is position and rows together, and is made again.
    """
    connection = psycopg.connect(url, autocommit=True, connect_timeout=2, tcp_user_timeout=5000)
    connection.execute("SELECT set_config('timezone', 'UTC', false), set_config('synchronous_commit', 'off', false)")
    return connection


def positions(connection: Connection[Any], copies: Sequence[Copy], *, lock: bool = False) -> dict[Copy, int]:
    """Return the position of each of `copies` that is there; with `lock`, nobody else moves them until the commit."""
    by_name = {copy.name: copy for copy in copies}
    query = SQL("SELECT name, position FROM read.positions WHERE name = ANY(%s) ORDER BY name {}").format(
        SQL("FOR UPDATE" if lock else "")
    )
    return {by_name[name]: position for name, position in connection.execute(query, [list(by_name)])}


def advance(
    connection: Connection[Any], copies: Sequence[Copy], events: Sequence[ports.Recorded], *, after: int
) -> bool:
    """Apply `events`, which follow position `after` in the log without a gap, to each of `copies`, in one transaction.

    What a copy has seen is left out. One that is not there is passed over; one that lacks events before these is too, and
    then False is returned.
    """
    complete = True
    with connection.transaction():
        for copy, position in positions(connection, copies, lock=True).items():
            if position < after:
                complete = False
                continue
            copy.model.apply(Tables(connection, copy.suffix), [one for one in events if one.position > position])
            ...
    return complete
