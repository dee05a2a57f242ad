"""The courier's jobs run beside each other, are called again when they fail, and one courier of several is active."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from infra.bootstrap import App, open_app
from infra.courier import Job, run_courier
from infra.settings import Settings
from infra.store.errors import RecordUnavailable
from tests.conftest import Database
from tests.infra.polling import until


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=4) as opened:
        yield opened


@contextmanager
def running(app: App, folder: Path, **jobs: Job) -> Iterator[threading.Thread]:
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=run_courier, args=(Settings(data=folder), app, stop, ready.set), kwargs={"jobs": jobs}, daemon=True
    )
    thread.start()
    assert ready.wait(10)
    try:
        yield thread
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_a_job_that_fails_is_called_again_and_the_others_go_on_meanwhile(app: App, tmp_path: Path):
    called: list[str] = []
    both = threading.Barrier(2, timeout=10)

    def steady(_settings: Settings, _app: App, ended: threading.Event) -> None:
        called.append("steady")
        both.wait()
        ended.wait()

    def failing(_settings: Settings, _app: App, ended: threading.Event) -> None:
        called.append("failing")
        if called.count("failing") == 1:
            raise RecordUnavailable("the database is away")
        if called.count("failing") == 2:
            raise RuntimeError("a fault of its own")
        both.wait()
        ended.wait()

    with running(app, tmp_path, steady=steady, failing=failing):
        until(lambda: called.count("failing") == 3)
        until(lambda: not both.n_waiting)

    assert called.count("steady") == 1


def test_a_second_courier_does_nothing_until_the_first_has_ended(app: App, database: Database, tmp_path: Path):
    first, second = threading.Event(), threading.Event()

    def working(began: threading.Event) -> Job:
        def job(_settings: Settings, _app: App, ended: threading.Event) -> None:
            began.set()
            ended.wait()

        return job

    with running(app, tmp_path, job=working(first)):
        assert first.wait(10)
        with running(app, tmp_path, job=working(second)) as thread:
            until(lambda: asking_for_the_lock(database) == 2)
            assert not second.is_set()
            assert thread.is_alive()
    with running(app, tmp_path, job=working(second)):
        assert second.wait(10)


def test_jobs_end_before_the_courier_does(app: App, tmp_path: Path):
    done: list[str] = []
    began = threading.Event()

    def job(_settings: Settings, _app: App, ended: threading.Event) -> None:
        began.set()
        ended.wait()
        done.append("put away")

    with running(app, tmp_path, job=job):
        assert began.wait(10)

    assert done == ["put away"]


def asking_for_the_lock(database: Database) -> int:
    """How many sessions hold the courier's lock or have asked for it."""
    statement = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND (query LIKE '%pg_try_advisory_lock%' OR query = 'SELECT') AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(database.admin_url) as connection:
        return int(connection.execute(statement).fetchone()[0])
