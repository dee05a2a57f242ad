"""The record as OCEL 2.0, beside reading and decoding the same events: what telling them costs, and what memory it takes."""

import tempfile
import time
import tracemalloc
from typing import Final

from bench.generate import insert, recorded
from bench.row import Row, in_turns
from bench.server import fresh_server
from infra.bootstrap import codec
from infra.export.ocel import BATCH, write_ocel
from infra.logs import configure_logging
from infra.store.records import PostgresRecords

EVENTS: Final = 100_000
WITHIN: Final = 10.0
"""Seconds that an export of so many events may take."""
TENTH: Final = 10


def rows() -> list[Row]:
    """Measure on a server of its own."""
    configure_logging("warning")
    with fresh_server() as server, PostgresRecords(server.app_url, codec(), pool_size=2) as records:
        made = recorded(EVENTS // 20, limit=EVENTS)
        insert(server.admin_url, made[: EVENTS // TENTH], codec())
        few = _peak(records)
        insert(server.admin_url, made[EVENTS // TENTH :], codec())
        many = _peak(records)
        reading, writing = in_turns(2, lambda: _read(records), lambda: _write(records))
    what = f"OCEL export of {EVENTS:,} events"
    return [
        Row(what=f"{what}, over reading and decoding them", unit="s", value=writing, base=reading, target=5),
        Row(what=f"{what}, over {WITHIN:g} s", unit="s", value=writing, base=WITHIN, target=1),
        Row(what=f"{what}, peak memory over that of a tenth", unit="MB", value=many, base=few, target=1.5),
    ]


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


def _peak(records: PostgresRecords) -> float:
    tracemalloc.start()
    with tempfile.TemporaryFile() as file:
        write_ocel(records, file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1_000_000
