"""The log as the server sends it: leaf by leaf, in the order of positions."""

from collections.abc import Iterator
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.pq import ExecStatus

from infra.seals.leaves import END, HEADER

BEGINNING: Final = -(2**63)
"""A position before any that an event could be given."""
_COPY: Final = b"""
COPY (SELECT notification_id, originator_id, originator_version, topic, recorded_at, state FROM record.events
WHERE notification_id > %d AND notification_id <= %d ORDER BY notification_id) TO STDOUT (FORMAT BINARY)
"""


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
    """The log after position `after` up to `until` in parts of at most so many events, each as the positions that it stands between.

    Where positions are without gaps a part has as many: that costs a look at one event, where counting would cost one at each.
    """
    while after < until:
        row = connection.execute(
            "SELECT min(notification_id) FROM record.events WHERE notification_id > %s AND notification_id <= %s",
            [after, until],
        ).fetchone()
        if row is None or row[0] is None:
            return
        end = min(int(row[0]) - 1 + events, until)
        yield after, end
        after = end


def head(connection: Connection[Any]) -> int:
    """The position of the last event that is committed, 0 in an empty record."""
    row = connection.execute("SELECT coalesce(max(notification_id), 0) FROM record.events").fetchone()
    return int(row[0]) if row else 0
