"""The projector keeps tables that follow from the log alone, whatever is killed, changed or rebuilt meanwhile."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from infra.embedded import EmbeddedPostgres
from infra.projector import catch_up, run_projector
from infra.read_models import Copy, advance, connect, create, positions, swap, wait_for
from infra.rebuild import rebuild
from infra.store.migrate import migrate
from infra.store.records import PostgresRecords
from projections.tables import Table
from tests.conftest import Database
from tests.infra.polling import until
from tests.infra.toy import CODEC
from tests.infra.toy_model import MODEL, OTHER_MODEL, Meter, projecting, read, shows, total


@pytest.fixture
def connection(database: Database) -> Iterator[Connection[Any]]:
    with connect(database.app_url) as opened:
        yield opened


def test_what_is_recorded_is_soon_in_the_tables(records: PostgresRecords, connection: Connection[Any]):
    with projecting(records, MODEL, OTHER_MODEL) as ready:
        assert ready.wait(10)
        read(records, "meter-1", 1, 2)
        position = read(records, "meter-1", 3)

        assert wait_for(connection, position, [MODEL, OTHER_MODEL], limit=10)
        assert total(connection) == (6, 3)
        assert connection.execute("SELECT count(*) FROM read.readings").fetchone() == (3,)


def test_it_goes_on_where_it_was(records: PostgresRecords, connection: Connection[Any]):
    with projecting(records, MODEL):
        read(records, "meter-1", 1)
        until(lambda: positions(connection, [Copy(MODEL)]))
        shows(connection, (1, 1))
    read(records, "meter-1", 2)

    with projecting(records, MODEL):
        shows(connection, (3, 2))


def test_it_is_ready_when_all_read_models_can_be_queried(records: PostgresRecords, connection: Connection[Any]):
    for number in range(20):
        read(records, f"meter-{number}", *range(100))

    with projecting(records, MODEL, OTHER_MODEL) as ready:
        assert ready.wait(10)
        assert len(positions(connection, [Copy(MODEL), Copy(OTHER_MODEL)])) == 2
        assert total(connection) is not None


def test_a_wait_for_what_is_not_shown_yet_ends_at_its_limit(records: PostgresRecords, connection: Connection[Any]):
    position = read(records, "meter-1", 1)

    assert not wait_for(connection, position, [MODEL], limit=0)
    catch_up(records, [MODEL])
    assert wait_for(connection, position, [MODEL], limit=0)
    assert not wait_for(connection, position + 1, [MODEL], limit=0)


def test_rows_and_position_change_together_or_not_at_all(records: PostgresRecords, connection: Connection[Any]):
    read(records, "meter-1", 1)
    catch_up(records, [MODEL, OTHER_MODEL])
    read(records, "meter-1", 2)

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    after = positions(connection, [Copy(MODEL)])[Copy(MODEL).name]
    faulty = replace(OTHER_MODEL, apply=fail)
    with pytest.raises(ZeroDivisionError):
        advance(connection, [Copy(MODEL), Copy(faulty)], records.read_log(after, 10), after=after)

    assert total(connection) == (1, 1)
    assert set(positions(connection, [Copy(MODEL), Copy(OTHER_MODEL)]).values()) == {after}


def test_a_faulty_read_model_stops_the_projector_loudly(records: PostgresRecords):
    read(records, "meter-1", 1)

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_projector(records, threading.Event(), models=[replace(MODEL, apply=fail)])


def test_of_two_projectors_one_works_and_the_other_takes_over(records: PostgresRecords, connection: Connection[Any]):
    with projecting(records, MODEL) as first_ready:
        assert first_ready.wait(10)
        with projecting(records, MODEL) as second_ready:
            assert second_ready.wait(10)
            assert lock_holders(connection) == 1
            for value in range(50):
                read(records, "meter-1", value)
            shows(connection, (1225, 50))
            kill_lock_holder(connection)
            read(records, "meter-1", 100)
            shows(connection, (1325, 51))


def test_it_survives_the_loss_of_its_connections(
    records: PostgresRecords, connection: Connection[Any], database: Database
):
    with projecting(records, MODEL) as ready:
        assert ready.wait(10)
        for value in range(1, 4):
            read(records, "meter-1", value)
            with psycopg.connect(database.admin_url, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = 'assay_app' AND pid <> %s AND datname = current_database()",
                    [connection.info.backend_pid],
                )
        shows(connection, (6, 3))


def test_it_survives_that_postgresql_is_killed(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path / "mortal")
    server.start()
    try:
        url = migrate(server.admin_url, server.app_password)
        with PostgresRecords(url, CODEC, pool_size=4) as records, projecting(records, MODEL, OTHER_MODEL) as ready:
            assert ready.wait(10)
            for value in (1, 2):
                read(records, "meter-1", value)
                assert server.pid
                os.kill(server.pid, signal.SIGKILL)
                until(lambda: not server.is_running())
                server.start()
            position = read(records, "meter-1", 3)
            with connect(url) as connection:
                assert wait_for(connection, position, [MODEL, OTHER_MODEL], limit=15)
                assert total(connection) == (6, 3)
                assert connection.execute("SELECT count(*) FROM read.readings").fetchone() == (3,)
    finally:
        server.stop()


def test_a_rebuild_that_lost_its_lock_is_done_again(
    records: PostgresRecords, connection: Connection[Any], monkeypatch: pytest.MonkeyPatch
):
    read(records, "meter-1", *[1] * 2000)
    monkeypatch.setattr("infra.rebuild.BATCH", 1)
    with projecting(records, MODEL) as ready:
        until(lambda: lock_holders(connection) == 2 and leftovers(connection))
        kill_lock_holder(connection)
        monkeypatch.undo()
        assert ready.wait(15)
        shows(connection, (2000, 2000))


def test_a_read_model_of_another_definition_is_rebuilt_while_the_others_go_on(
    records: PostgresRecords, connection: Connection[Any]
):
    read(records, "meter-1", 1, 2)
    catch_up(records, [MODEL, OTHER_MODEL])

    @dataclass(slots=True)
    class WiderMeter(Meter):
        place: str | None = None

    wider = Table("meters", WiderMeter, ("meter",))

    def apply_wider(tables: Any, events: Any) -> None:
        tables.save(wider, [WiderMeter(one.stream, 7, 7, "here") for one in events[:1]])

    changed = replace(MODEL, tables=(wider,), apply=apply_wider)
    assert changed.fingerprint != MODEL.fingerprint
    with projecting(records, changed, OTHER_MODEL) as ready:
        assert ready.wait(10)
        assert connection.execute("SELECT place FROM read.meters").fetchall() == [("here",)]
        assert Copy(MODEL).name not in positions(connection, [Copy(MODEL)])
        position = read(records, "meter-1", 3)
        assert wait_for(connection, position, [changed, OTHER_MODEL], limit=10)


def test_a_raised_version_makes_another_definition(records: PostgresRecords):
    assert replace(MODEL, version=2).fingerprint != MODEL.fingerprint
    assert replace(MODEL, tables=(Table("meters", Meter, ("meter",)),)).fingerprint != MODEL.fingerprint
    assert replace(MODEL, apply=lambda *_: None).fingerprint == MODEL.fingerprint


def test_a_rebuild_never_shows_in_queries_while_events_arrive(
    records: PostgresRecords, connection: Connection[Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("infra.rebuild.BATCH", 100)
    for number in range(10):
        read(records, f"meter-{number}", *[1] * 300)
    stop = threading.Event()
    seen: list[int] = []
    progress: list[tuple[int, int]] = []

    def write() -> None:
        while not stop.is_set():
            read(records, "meter-1", 1)

    def query() -> None:
        with connect(records.datastore.url) as own:
            while not stop.is_set():
                row = own.execute("SELECT sum(total) FROM read.meters").fetchone()
                assert row
                seen.append(row[0])

    with projecting(records, MODEL) as ready:
        assert ready.wait(10)
        threads = [threading.Thread(target=write), threading.Thread(target=query)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            before = len(seen)
            assert rebuild(records, [MODEL], threading.Event(), lambda done, last: progress.append((done, last)))
            until(lambda before=before: len(seen) > before)
        stop.set()
        for thread in threads:
            thread.join()
        written = len(records.load("meter-1")["meter-1"])
        shows(connection, (written, written))

    assert seen[0] >= 3000
    assert seen == sorted(seen), "what was shown was taken back"
    assert all(0 < done <= last for done, last in progress)
    assert leftovers(connection) == []


def test_a_rebuild_waits_for_long_queries_without_holding_up_others(
    records: PostgresRecords, connection: Connection[Any]
):
    read(records, "meter-1", 1)
    catch_up(records, [MODEL])
    rebuilding = threading.Thread(target=rebuild, args=(records, [MODEL], threading.Event()))
    with connect(records.datastore.url) as long, long.transaction():
        assert total(long) == (1, 1)
        rebuilding.start()
        until(lambda: waits(connection))
        for _ in range(3):  # each waits for one attempt to swap at most
            assert total(connection) == (1, 1)
    rebuilding.join()
    assert leftovers(connection) == []
    assert total(connection) == (1, 1)


def test_a_rebuild_that_is_stopped_leaves_what_is_in_use(
    records: PostgresRecords, connection: Connection[Any], monkeypatch: pytest.MonkeyPatch
):
    read(records, "meter-1", *[1] * 3000)
    catch_up(records, [MODEL])
    monkeypatch.setattr("infra.rebuild.BATCH", 1)
    stop = threading.Event()

    assert not rebuild(records, [MODEL], stop, lambda *_: stop.set())

    assert total(connection) == (3000, 3000)
    assert leftovers(connection) != []
    monkeypatch.undo()
    assert rebuild(records, [MODEL], threading.Event())
    assert total(connection) == (3000, 3000)
    assert leftovers(connection) == []


def test_a_model_that_comes_into_use_behind_the_others_catches_up(
    records: PostgresRecords, connection: Connection[Any]
):
    with projecting(records, MODEL, OTHER_MODEL) as ready:
        assert ready.wait(10)
        read(records, "meter-1", 1)
        position = read(records, "meter-1", 2)
        assert wait_for(connection, position, [MODEL, OTHER_MODEL], limit=10)
        with connection.transaction():
            create(connection, [MODEL])
            swap(connection, MODEL)
        assert wait_for(connection, position, [MODEL], limit=10)
        assert total(connection) == (3, 2)
    assert connection.execute("SELECT count(*) FROM read.readings").fetchone() == (2,)


def lock_holders(connection: Connection[Any]) -> int:
    query = (
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND granted"
    )
    row = connection.execute(f"{query} AND datname = current_database()").fetchone()
    assert row
    count: int = row[0]
    return count


def kill_lock_holder(connection: Connection[Any]) -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
    )


def waits(connection: Connection[Any]) -> bool:
    query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return bool(connection.execute(query).fetchall())


def leftovers(connection: Connection[Any]) -> list[str]:
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'read'").fetchall()
    names = connection.execute("SELECT name FROM read.positions").fetchall()
    return [name for (name,) in [*tables, *names] if name.endswith("_new")]
