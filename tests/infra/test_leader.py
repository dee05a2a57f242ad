"""Of several processes that want a lock one holds it, and a holder that lost it knows."""

import threading
from contextlib import ExitStack

import psycopg

from infra.store.leader import hold_lock
from tests.conftest import Database
from tests.infra.polling import until


def holders(database: Database) -> list[int]:
    statement = (
        "SELECT pid FROM pg_locks JOIN pg_database ON oid = database"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
    )
    with psycopg.connect(database.admin_url) as connection:
        return [pid for (pid,) in connection.execute(statement)]


def test_a_second_waits_until_the_first_lets_go(database: Database):
    stop, second_holds = threading.Event(), threading.Event()

    def second() -> None:
        with hold_lock(database.app_url, "projector", stop):
            second_holds.set()

    waiting = threading.Thread(target=second)
    with hold_lock(database.app_url, "projector", stop) as ended:
        waiting.start()
        until(lambda: len(sessions(database)) == 2)
        assert len(holders(database)) == 1
        assert not second_holds.is_set()
        assert not ended.is_set()

    assert second_holds.wait(10)
    waiting.join()
    assert holders(database) == []


def test_locks_of_different_names_are_independent(database: Database):
    with ExitStack() as stack:
        for name in ("projector", "signaller"):
            stack.enter_context(hold_lock(database.app_url, name, threading.Event()))
        assert len(holders(database)) == 2


def test_who_lost_the_connection_is_told_and_can_hold_the_lock_again(database: Database):
    stop = threading.Event()
    with hold_lock(database.app_url, "projector", stop) as ended:
        with psycopg.connect(database.admin_url) as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", holders(database))
        assert ended.wait(10)
        assert not stop.is_set()

    with hold_lock(database.app_url, "projector", stop) as ended:
        assert len(holders(database)) == 1
        assert not ended.is_set()


def test_who_is_told_to_stop_is_told_so_through_the_lock(database: Database):
    stop = threading.Event()
    with hold_lock(database.app_url, "projector", stop) as ended:
        stop.set()
        assert ended.wait(10)

    with hold_lock(database.app_url, "projector", stop) as ended:
        assert ended.is_set()
        assert holders(database) == []


def sessions(database: Database) -> list[object]:
    statement = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'assay_app'"
    with psycopg.connect(database.admin_url) as connection:
        return connection.execute(statement).fetchall()
