"""The record as OCEL 2.0, beside reading and decoding the same events, and a table of a read model as CSV and a spreadsheet.

What telling them costs, and what memory it takes: that of a table ten times as long may not be more by half.
"""

import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import psycopg

from bench.generate import insert, recorded
from bench.row import Row, in_turns
from bench.server import Server, fresh_server
from infra.bootstrap import codec
from infra.export.ocel import BATCH, write_ocel
from infra.export.tables import FORMATS, write_table
from infra.logs import configure_logging
from infra.projector import catch_up
from infra.store.records import PostgresRecords
from projections import touched

EVENTS: Final = 100_000
WITHIN: Final = 10.0
"""Seconds that an export of so many events may take."""
TENTH: Final = 10
ROWS: Final = 100_000
TABLE_WITHIN: Final = 30.0
"""Seconds that a table of so many rows may take, which is short."""
_FILL: Final = (
    "INSERT INTO read.touched SELECT 'submission-' || lpad(one::text, 16, 'a'), 'assessor', 'person-' || lpad(one::text, 16, 'b'),"
    " one, one FROM generate_series(%s::int8 + 1, %s::int8) AS one"
)


def rows() -> list[Row]:
    """Measure on a server of its own."""
    configure_logging("warning")
    with fresh_server() as server, PostgresRecords(server.app_url, codec(), pool_size=2) as records:
        catch_up(records, [touched.MODEL])
        tables = list(_tables(server))
        made = recorded(EVENTS // 20, limit=EVENTS)
        insert(server.admin_url, made[: EVENTS // TENTH], codec())
        few = _peak(partial(_write, records))
        insert(server.admin_url, made[EVENTS // TENTH :], codec())
        many = _peak(partial(_write, records))
        reading, writing = in_turns(2, lambda: _read(records), lambda: _write(records))
    what = f"OCEL export of {EVENTS:,} events"
    return [
        Row(what=f"{what}, over reading and decoding them", unit="s", value=writing, base=reading, target=5),
        Row(what=f"{what}, over {WITHIN:g} s", unit="s", value=writing, base=WITHIN, target=1),
        Row(what=f"{what}, peak memory over that of a tenth", unit="MB", value=many, base=few, target=1.5),
        *tables,
    ]


def _tables(server: Server) -> Iterator[Row]:
    """Measure a table of a read model, a tenth of it and then the whole."""
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        connection.execute(_FILL, [0, ROWS // TENTH])
        few = {form: _peak(partial(_table, connection, form)) for form in FORMATS}
        connection.execute(_FILL, [ROWS // TENTH, ROWS])
        for form in FORMATS:
            many = _peak(partial(_table, connection, form))
            took = _table(connection, form)
            what = f"{form.upper()} of a table of {ROWS:,} rows"
            yield Row(what=f"{what}, over {TABLE_WITHIN:g} s", unit="s", value=took, base=TABLE_WITHIN, target=1)
            yield Row(
                what=f"{what}, peak memory over that of a tenth", unit="MB", value=many, base=few[form], target=1.5
            )


def _table(connection: psycopg.Connection[Any], form: str) -> float:
    with tempfile.TemporaryFile() as file:
        begun = time.perf_counter()
        write_table(connection, touched.TOUCHED.name, form, file, lambda _done, _all: None)
        return time.perf_counter() - begun


def _read(records: PostgresRecords) -> float:
    begun, after = time.perf_counter(), 0
    while events := records.read_log(after, BATCH):
        after = events[-1].position
    return time.perf_counter() - begun


def _write(records: PostgresRecords) -> float:
    with tempfile.TemporaryFile() as file:
        begun = time.perf_counter()
        assert write_ocel(records, file) == records.max_position()
        return time.perf_counter() - begun


def _peak(export: Callable[[], object]) -> float:
    tracemalloc.start()
    export()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1_000_000
