"""Figures at the size of a large scheme: read models built anew after a year's events, and the board's first page."""

import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from typing import Any, Final

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from bench.generate import BEGIN, insert, recorded
from bench.row import Row, median_seconds
from bench.server import fresh_server
from infra.bootstrap import codec
from infra.logs import configure_logging
from infra.read_models import connect
from infra.rebuild import rebuild
from infra.store.records import PostgresRecords
from projections import board
from projections.catalogue import READ_MODELS

EVENTS: Final = 72_000
CASES: Final = 3_000
REBUILT_WITHIN: Final = 5.0
COPIES: Final = 20
"""Each case on the board so many times, which makes 60,000."""
SHOWN_WITHIN: Final = 50.0
AT: Final = BEGIN + timedelta(days=150)


def rows() -> list[Row]:
    """Measure on a server of its own."""
    configure_logging("warning")
    with fresh_server() as server, PostgresRecords(server.app_url, codec(), pool_size=2) as records:
        insert(server.admin_url, recorded(CASES, days=200, limit=EVENTS), codec())
        found = [rebuild_row(records)]
        with connect(server.app_url) as connection:
            multiply(connection)
            return [*found, page_row(connection)]


def rebuild_row(records: PostgresRecords) -> Row:
    """All read models in one pass over the log, the median of three."""
    seconds = median(seconds_of_rebuild(records, READ_MODELS) for _ in range(3))
    what = f"rebuild of all read models from {EVENTS:,} events of {CASES:,} cases (base: the limit)"
    return Row(what=what, unit="s", value=seconds, base=REBUILT_WITHIN, target=1.0)


def page_row(connection: Connection[Any]) -> Row:
    """The counts by stage and the fifty most urgent cases, as the board begins."""

    def show(_: int) -> None:
        counts, cases = board.counts(connection, at=AT), board.page(connection, at=AT)
        assert sum(one.cases for one in counts) == CASES * COPIES
        assert len(cases) == 50

    milliseconds = median_seconds(20, show) * 1e3
    what = f"the board's first page, with its counts, at {CASES * COPIES:,} cases (base: the limit)"
    return Row(what=what, unit="ms", value=milliseconds, base=SHOWN_WITHIN, target=1.0)


def seconds_of_rebuild(records: PostgresRecords, models: Sequence[Any]) -> float:
    """Return how long a rebuild takes, from the first statement to the swap."""
    started = time.perf_counter()
    assert rebuild(records, models, threading.Event())
    return time.perf_counter() - started


def multiply(connection: Connection[Any]) -> None:
    """Put each case on the board as often as `COPIES` says, under further ids, its deadline some days off."""
    kept = [column.name for column in board.CASES.columns if column.name not in ("submission", "due_at")]
    columns = SQL(", ").join(map(Identifier, kept))
    copied = connection.execute(
        SQL(
            "INSERT INTO {table} (submission, due_at, {columns})"
            " SELECT submission || '/' || copy, due_at + copy * interval '1 day', {columns}"
            " FROM {table}, generate_series(1, %s) AS copy"
        ).format(table=board.CASES.identifier(), columns=columns),
        [COPIES - 1],
    )
    assert copied.rowcount == CASES * (COPIES - 1)
    connection.execute(SQL("VACUUM (ANALYZE) {}").format(board.CASES.identifier()))
