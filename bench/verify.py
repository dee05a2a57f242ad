"""`assay verify --quick` beside hashing the same bytes with hashlib from a raw cursor: what all else that is checked costs."""

import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import Final

import psycopg

from bench.generate import insert, recorded
from bench.row import Row, in_turns
from bench.server import Server, fresh_server
from infra.bootstrap import codec
from infra.logs import configure_logging
from infra.seals.checking.check import Asked, verify
from infra.seals.keys import KeyFolder
from infra.seals.sealing import seal
from infra.settings import Settings

EVENTS: Final = 25_000
COPIES: Final = 40
"""How often these events are there, under streams of their own: a million, which is as many as are to be checked within ten seconds."""
MOST: Final = 10
"""Seconds that this may take on two cores."""
TURNS: Final = 5
"""The check keeps two cores busy, so that whatever else runs makes it slower than its base: the median of so many tells."""

_MULTIPLY: Final = """
INSERT INTO record.events (originator_id, originator_version, topic, state, recorded_at)
SELECT originator_id || %s, originator_version, topic, state, recorded_at FROM record.events
WHERE notification_id <= %s ORDER BY notification_id
"""


def rows() -> list[Row]:
    """Measure on a server of its own."""
    configure_logging("warning")
    with fresh_server() as server, tempfile.TemporaryDirectory() as folder:
        fill(server, EVENTS, COPIES)
        settings = Settings(data=Path(folder))
        seal(settings, server.app_url)
        base, value = in_turns(TURNS, lambda: hashing(server), lambda: checking(server, settings))
    events = EVENTS * COPIES
    what = f"verify, the log of {events:,} events against its checkpoint"
    return [
        Row(what=f"{what}, over hashing their bytes", unit="/s", value=value, base=base, target=0.5, at_least=True),
        Row(what=f"{what}, over {MOST} s", unit="s", value=events / value, base=MOST, target=1),
    ]


def fill(server: Server, events: int, copies: int) -> None:
    """Put so many made-up events into the record, so often."""
    insert(server.admin_url, recorded(events // 20, limit=events), codec())
    with psycopg.connect(server.admin_url) as connection:
        for number in range(1, copies):
            connection.execute(_MULTIPLY, [f"-{number}", events])
        connection.execute("ANALYZE record.events")


def hashing(server: Server) -> float:
    """Read the bytes of all events by a raw cursor and hash each; return how many a second."""
    begun, events = time.perf_counter(), 0
    with psycopg.connect(server.app_url) as connection, psycopg.RawCursor(connection) as cursor:
        for (state,) in cursor.stream("SELECT state FROM record.events ORDER BY notification_id", binary=True):
            sha256(state).digest()
            events += 1
    return events / (time.perf_counter() - begun)


def checking(server: Server, settings: Settings) -> float:
    """Check all events against the checkpoint; return how many a second."""
    begun = time.perf_counter()
    trusted = KeyFolder(settings.data, settings.sealing).trusted()
    report = verify(server.app_url, Asked(trusted=trusted, quick=True))
    assert report.well, report.findings
    return report.events / (time.perf_counter() - begun)
