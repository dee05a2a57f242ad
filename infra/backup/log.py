"""The whole log as a number: every event's place, stream, version, name, instant and bytes, in order, in one SHA-256."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg.rows import tuple_row

from infra.backup.manifest import Progress

PAGE: Final = 5_000
OURS: Final = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname NOT IN ('read', 'migrations', 'information_schema') AND schemaname NOT LIKE 'pg\\_%' ORDER BY 1, 2
"""
"""The tables whose rows can't be computed anew."""

Row = tuple[int, str, int, datetime, str, bytes]
_LOG: Final = (
    "SELECT notification_id, originator_id, originator_version, recorded_at, topic, state FROM record.events"
    " ORDER BY notification_id"
)


class Digest:
    """Adds up events as they come; `events` and `position` say how many, and up to where."""

    def __init__(self) -> None:
        self.events = 0
        self.position = 0
        self._sha256 = hashlib.sha256()

    def add(self, row: Row) -> None:
        """Add the next event."""
        position, stream, version, recorded_at, topic, state = row
        instant = recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
        self._sha256.update(f"{position} {stream} {version} {instant} {topic} {len(state)}\n".encode())
        self._sha256.update(state)
        self.events += 1
        self.position = position

    def value(self) -> str:
        """What it comes to, in hexadecimal digits."""
        return self._sha256.hexdigest()


def rows(connection: psycopg.Connection[Any]) -> Iterator[Row]:
    """All events in order, a page in memory at a time; `connection` is in a transaction, whose moment it is."""
    with closing(connection.cursor("log", binary=True, row_factory=tuple_row)) as cursor:
        cursor.itersize = PAGE
        yield from cursor.execute(_LOG)


def log_digest(connection: psycopg.Connection[Any], progress: Progress) -> Digest:
    """Add up the log as the transaction of `connection` sees it."""
    (total,) = connection.execute("SELECT count(*) FROM record.events").fetchone() or (0,)
    digest = Digest()
    for row in rows(connection):
        digest.add(row)
        if digest.events % PAGE == 0:
            progress(digest.events, total)
    progress(digest.events, total)
    return digest


def counted(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """The number of rows of each table that can't be computed anew."""
    found = {}
    for schema, table in connection.execute(OURS).fetchall():
        query = psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(schema, table))
        (found[f"{schema}.{table}"],) = connection.execute(query).fetchone() or (0,)
    return found
