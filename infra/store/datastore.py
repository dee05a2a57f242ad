"""Connections to the record: pooled, in UTC, soon given up when the server is gone, and back when it is back."""

import select
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.postgres import ConnectionPool, PostgresDatastore
from psycopg import Connection
from psycopg.rows import DictRow, dict_row, tuple_row

from infra import observing
from infra.store.errors import RecordUnavailable

PATIENCE: Final = 2.0
"""Seconds for which a caller waits for a connection; a read that loses one asks a second time."""

OWN_NAMES: Final = "SET search_path = pg_catalog, pg_temp"
"""Makes a session take every function and operator from PostgreSQL itself, whatever somebody set for the role or the database."""

_SESSION: Final = """
SELECT set_config('timezone', 'UTC', false),
    set_config('idle_in_transaction_session_timeout', '5s', false),
    set_config('default_transaction_isolation', 'read committed', false),
    set_config('statement_timeout', %s, false)
"""


class Datastore(PostgresDatastore):
    """The library's datastore over a pool of at most `pool_size` connections to `url`, as `assay_app`.

    A statement that takes longer than `longest` seconds is ended, if that is said. It connects when first used. Whoever uses it gets RecordUnavailable when the server can't be reached or breaks off.
    """

    def __init__(self, url: str, *, pool_size: int = 16, longest: float | None = None) -> None:
        self._longest = f"{1000 * (longest or 0):.0f}ms"
        super().__init__("", "", "", "", "", schema="record", originator_id_type="text")
        self.url = url
        self.pool = ConnectionPool(
            url,
            connection_class=Connection[DictRow],
            kwargs={"autocommit": True, "row_factory": dict_row, "connect_timeout": 2, "tcp_user_timeout": 5000},
            min_size=1,
            max_size=pool_size,
            open=False,
            configure=self.after_connect_func(),
            check=self._refuse_closed,
            timeout=PATIENCE,
            # The pool waits longer after each failure; made to give up soon, it starts afresh with the next caller.
            reconnect_timeout=PATIENCE,
        )

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        """Return what prepares a new connection."""

        def prepare(connection: Connection[Any]) -> None:
            connection.execute(OWN_NAMES)
            connection.execute(_SESSION, [self._longest])

        return prepare

    def register_type_adapters(self) -> None:
        """Do nothing: the recorder passes arrays, not the library's composite types."""

    @contextmanager
    def get_connection(self) -> Iterator[Connection[DictRow]]:
        """Lend a connection in autocommit mode.

        Raises RecordUnavailable; what else the database raises comes as the library's own exceptions.
        """
        try:
            with super().get_connection() as connection:
                yield connection
        except (OperationalError, InterfaceError) as error:
            observing.count("store_unavailable")
            raise RecordUnavailable(f"the record can't be used: {str(error).strip()}") from error

    def rows(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
        """Run one statement and return its rows as tuples."""
        with self.get_connection() as connection, connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            # Binary, because otherwise the bytes of an event travel as hexadecimal digits.
            return cursor.execute(statement, parameters, prepare=True).fetchall()

    def _refuse_closed(self, connection: Connection[Any]) -> None:
        """Notice, before anything is sent on it, that the server has closed an idle connection.

        Nothing is due on an idle connection, so what can be read there is its end or the farewell before it. All other
        idle ones are replaced too, since the server has probably been restarted.
        """
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        if waiting.poll(0):
            connection.close()
            self.pool.drain()
            raise psycopg.OperationalError("the server closed the connection")
