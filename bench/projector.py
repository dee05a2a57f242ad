"""The projector beside raw batched upserts: what reading, decoding and folding events costs on top of writing rows."""

import threading
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any, Final

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from bench.generate import insert, recorded
from bench.row import Row, in_turns
from bench.scale import seconds_of_rebuild
from bench.server import fresh_server
from infra.bootstrap import codec
from infra.logs import configure_logging
from infra.read_models import connect
from infra.rebuild import BATCH, rebuild
from infra.store.records import PostgresRecords
from projections import board
from projections.tables import Column

EVENTS: Final = 200_000
CASES: Final = 8_300


def rows() -> list[Row]:
    """Measure on a server of its own."""
    configure_logging("warning")
    return [board_row()]


def board_row() -> Row:
    """The board from the log, whole, against upserting as many of its rows."""
    with fresh_server() as server, PostgresRecords(server.app_url, codec(), pool_size=2) as records:
        insert(server.admin_url, recorded(CASES, limit=EVENTS), codec())
        rebuild(records, [board.MODEL], threading.Event())
        with connect(server.app_url) as connection:
            cases = connection.execute(board.CASES.selection()).fetchall()

            def base() -> float:
                return EVENTS / upsert(connection, cases)

            def value() -> float:
                return EVENTS / seconds_of_rebuild(records, [board.MODEL])

            base_rate, value_rate = in_turns(3, base, value)
    return Row(
        what=f"rebuild of the board, events, over raw batched upsert of as many rows ({EVENTS:,})",
        unit="/s",
        value=value_rate,
        base=base_rate,
        target=0.4,
        at_least=True,
    )


def upsert(connection: Connection[Any], cases: Sequence[tuple[Any, ...]]) -> float:
    """Return how long it takes to upsert `EVENTS` rows of the board into a table like it, with nothing but its key."""
    named = [(Identifier(column.name), column) for column in board.CASES.columns]
    connection.execute("DROP TABLE IF EXISTS read.raw")
    connection.execute("CREATE TABLE read.raw (LIKE read.board)")
    connection.execute("ALTER TABLE read.raw ADD PRIMARY KEY (submission)")
    statement = SQL(
        "INSERT INTO read.raw SELECT {values} FROM unnest({arrays}) AS given ({names})"
        " ON CONFLICT (submission) DO UPDATE SET {updates}"
    ).format(
        values=SQL(", ").join(SQL("{}::{}").format(name, SQL(column.sql_type)) for name, column in named),
        arrays=SQL(", ").join(SQL(f"%b::{_element(column)}[]") for _, column in named),
        names=SQL(", ").join(name for name, _ in named),
        updates=SQL(", ").join(SQL("{0} = excluded.{0}").format(name) for name, _ in named[1:]),
    )
    prepared = [[[_sent(value) for value in column] for column in zip(*batch, strict=True)] for batch in batches(cases)]
    started = time.perf_counter()
    for arrays in prepared:
        with connection.transaction():
            connection.execute(statement, arrays)
    return time.perf_counter() - started


def _element(column: Column) -> str:
    # An array of arrays is unnested whole, so these travel as text.
    return "text" if column.sql_type.endswith("[]") else column.sql_type


def _sent(value: Any) -> Any:
    return f"{{{','.join(one.isoformat() for one in value)}}}" if isinstance(value, list) else value


def batches(cases: Sequence[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield `EVENTS` rows in batches in which none comes twice."""
    endless = cycle(cases)
    for _ in range(EVENTS // BATCH):
        yield list(islice(endless, BATCH))
