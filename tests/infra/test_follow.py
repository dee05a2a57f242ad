"""The log is followed in order and without gaps, whoever writes and whatever happens to the connection that listens."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from infra.store.follow import follow
from infra.store.records import PostgresRecords
from services.ports import Recorded
from tests.conftest import Database
from tests.infra.polling import until
from tests.infra.toy import batch, change, reading

ROOT = Path(__file__).parents[2]


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def end_listeners(database: Database) -> int:
    """Terminate the connections that listen, and return how many there were."""
    statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    with psycopg.connect(database.admin_url) as connection:
        return len(connection.execute(statement).fetchall())


def next_events(batches: Iterator[list[Recorded]]) -> list[Recorded]:
    return until(lambda: next(batches))


def test_what_was_and_what_is_recorded_comes_in_order_in_batches(records: PostgresRecords, stop: threading.Event):
    records.append(batch(change("meter-1", 0, *(reading(n) for n in range(5)))))
    batches = follow(records, 0, 2, stop)

    seen = [[recorded.event.value for recorded in next(batches)] for _ in range(3)]
    assert next(batches) == []
    records.append(batch(change("meter-1", 5, reading(5))))

    assert [*seen, [recorded.event.value for recorded in next_events(batches)]] == [[0, 1], [2, 3], [4], [5]]


def test_following_starts_after_the_given_position(records: PostgresRecords, stop: threading.Event):
    position = records.append(batch(change("meter-1", 0, reading(1))))
    records.append(batch(change("meter-1", 1, reading(2))))

    assert [recorded.version for recorded in next(follow(records, position, 9, stop))] == [2]


def test_following_ends_when_it_is_told_to(records: PostgresRecords, stop: threading.Event, database: Database):
    batches = follow(records, 0, 9, stop)
    assert next(batches) == []

    stop.set()

    assert list(batches) == []
    assert end_listeners(database) == 0


def test_a_lost_listening_connection_is_made_anew(
    records: PostgresRecords, database: Database, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("infra.store.follow.POLL", 60.0)  # only a NOTIFY can wake it now
    batches = follow(records, 0, 9, stop)
    assert next(batches) == []

    for version in range(3):
        assert end_listeners(database) == 1
        assert next(batches) == []
        appending = threading.Thread(target=records.append, args=[batch(change("meter-1", version, reading(version)))])
        appending.start()
        assert [recorded.version for recorded in next_events(batches)] == [version + 1]
        appending.join()


def test_what_no_notify_announced_is_found_all_the_same(
    records: PostgresRecords, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(records.recorder, "channel_name", "nobody_notifies_this")
    monkeypatch.setattr("infra.store.follow.POLL", 0.05)
    batches = follow(records, 0, 9, stop)
    assert next(batches) == []

    records.append(batch(change("meter-1", 0, reading(1))))

    assert len(next_events(batches)) == 1


def test_beside_two_writing_processes_no_event_is_missed_and_order_is_kept(
    records: PostgresRecords, database: Database, stop: threading.Event
):
    command = [sys.executable, "-m", "tests.infra.writer", database.app_url]
    writers = [
        subprocess.Popen([*command, name, "4", "10"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for name in ("north", "south")
    ]
    seen: list[Recorded] = []
    for events in follow(records, 0, 500, stop):
        seen += events
        if not events and all(writer.poll() is not None for writer in writers):
            break
    written = sum(int(writer.communicate()[0]) for writer in writers)

    with psycopg.connect(database.admin_url) as connection:
        log = connection.execute(
            "SELECT notification_id, originator_id, originator_version FROM record.events ORDER BY notification_id"
        ).fetchall()
    assert [(recorded.position, recorded.stream, recorded.version) for recorded in seen] == log
    assert len(seen) == written > 1000
    assert all(earlier.recorded_at <= later.recorded_at for earlier, later in pairwise(seen))
