"""The database is killed: nobody waits long, nothing that was answered is lost, and all goes on when it is back."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from infra.embedded import EmbeddedPostgres
from infra.store.errors import RecordUnavailable
from infra.store.follow import follow
from infra.store.leader import hold_lock
from infra.store.migrate import migrate
from infra.store.records import PostgresRecords
from services.ports import StaleStream
from tests.infra.polling import until
from tests.infra.toy import CODEC, batch, change, reading


@pytest.fixture
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    embedded = EmbeddedPostgres(tmp_path_factory.mktemp("mortal"))
    embedded.start()
    yield embedded
    embedded.stop()


@pytest.fixture
def records(mortal: EmbeddedPostgres) -> Iterator[PostgresRecords]:
    with PostgresRecords(migrate(mortal.admin_url, mortal.app_password), CODEC, pool_size=8) as opened:
        yield opened


def kill(server: EmbeddedPostgres) -> None:
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    until(lambda: not server.is_running())


def use_all_connections(records: PostgresRecords) -> None:
    with records.datastore.get_connection(), records.datastore.get_connection(), records.datastore.get_connection():
        pass


def test_after_a_restart_the_next_command_just_works(records: PostgresRecords, mortal: EmbeddedPostgres):
    records.append(batch(change("meter-1", 0, reading(1))))
    use_all_connections(records)

    kill(mortal)
    mortal.start()

    records.append(batch(change("meter-1", 1, reading(2))))
    assert [recorded.version for recorded in records.load("meter-1")["meter-1"]] == [1, 2]


def test_during_an_outage_commands_fail_soon_and_say_so(records: PostgresRecords, mortal: EmbeddedPostgres):
    records.append(batch(change("meter-1", 0, reading(1))))
    use_all_connections(records)
    kill(mortal)

    for call in (
        lambda: records.append(batch(change("meter-1", 1, reading(2)))),
        lambda: records.load("meter-1"),
        records.max_position,
    ):
        started = time.monotonic()
        with pytest.raises(RecordUnavailable, match="can't be used"):
            call()
        assert time.monotonic() - started < 5

    mortal.start()
    until(lambda: works(lambda: records.append(batch(change("meter-1", 1, reading(2))))), limit=5)


def works(call) -> bool:
    try:
        call()
    except RecordUnavailable:
        return False
    return True


def test_repeating_a_command_that_was_cut_off_writes_it_once(records: PostgresRecords, mortal: EmbeddedPostgres):
    """A command looks for what it wrote before, so it may be repeated until it is answered."""
    answered: list[int] = []
    enough = threading.Event()

    def command(number: int) -> None:
        while True:
            try:
                version = len(records.load("meter-1")["meter-1"])
                if version <= number:
                    records.append(batch(change("meter-1", number, reading(number))))
            except (RecordUnavailable, StaleStream):
                continue
            else:
                return

    def run() -> None:
        number = 0
        while not enough.is_set():
            command(number)
            answered.append(number)
            number += 1

    running = threading.Thread(target=run)
    running.start()
    for _ in range(3):
        before = len(answered)
        until(lambda before=before: len(answered) > before + 20)
        kill(mortal)
        mortal.start()
    enough.set()
    running.join()

    assert [recorded.event.value for recorded in records.load("meter-1")["meter-1"]] == answered


def test_following_and_holding_a_lock_outlive_the_outage(records: PostgresRecords, mortal: EmbeddedPostgres):
    stop = threading.Event()
    records.append(batch(change("meter-1", 0, reading(1))))
    batches = follow(records, 0, 9, stop)
    assert len(until(lambda: next(batches))) == 1
    with hold_lock(records.datastore.url, "projector", stop) as ended:
        kill(mortal)
        assert ended.wait(10)
        assert next(batches) == []

    mortal.start()
    with hold_lock(records.datastore.url, "projector", stop) as ended:
        assert not ended.is_set()
    until(lambda: works(lambda: records.append(batch(change("meter-1", 1, reading(2))))))
    assert [recorded.version for recorded in until(lambda: next(batches))] == [2]
    stop.set()


def test_a_lock_that_is_not_released_does_not_hold_up_a_command_for_ever(
    records: PostgresRecords, mortal: EmbeddedPostgres
):
    records.append(batch(change("meter-1", 0, reading(1))))
    with psycopg.connect(mortal.admin_url) as blocker:
        blocker.execute("LOCK TABLE record.events IN EXCLUSIVE MODE")
        started = time.monotonic()
        with pytest.raises(RecordUnavailable, match="lock timeout"):
            records.append(batch(change("meter-1", 1, reading(2))))
        assert time.monotonic() - started < 5

    records.append(batch(change("meter-1", 1, reading(2))))
