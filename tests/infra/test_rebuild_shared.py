"""Where the log is long two processes build the read models: the same rows as one makes, and no half of them is ever used."""

import multiprocessing
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from infra import rebuild as rebuilding
from infra.bootstrap import App, open_app
from infra.rebuild import rebuild
from projections.catalogue import READ_MODELS
from tests import factories
from tests.conftest import Database
from tests.factories import open_body
from tests.infra.polling import until

TABLES = [table.name for model in READ_MODELS for table in model.tables]


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url) as opened:
        factories.brought(open_body(opened.office), "released")
        yield opened


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is long enough for two, however many processors there are."""
    monkeypatch.setattr(rebuilding, "LONG", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)


def rows(database: Database) -> dict[str, list[Any]]:
    """What is in all read models."""
    with psycopg.connect(database.app_url) as connection:
        return {name: sorted(map(str, connection.execute(f"TABLE read.{name}"))) for name in TABLES}  # type: ignore[arg-type]


def positions(database: Database) -> set[int]:
    with psycopg.connect(database.app_url) as connection:
        return {one for (one,) in connection.execute("SELECT position FROM read.positions")}


def test_two_processes_build_what_one_does(app: App, database: Database, shared: None):
    with pytest.MonkeyPatch.context() as alone:
        alone.setattr(rebuilding, "LONG", 10**9)
        assert rebuild(app.records, READ_MODELS, threading.Event())
    by_one = rows(database)
    with psycopg.connect(database.app_url) as connection:
        connection.execute("DELETE FROM read.positions")

    assert rebuild(app.records, READ_MODELS, threading.Event())

    assert rows(database) == by_one
    assert sum(map(len, by_one.values())) > 50
    assert positions(database) == {app.records.max_position()}
    assert multiprocessing.active_children() == []


def test_where_the_other_process_is_ended_nothing_is_put_in_use_and_the_next_rebuild_succeeds(
    app: App, database: Database, shared: None
):
    def end_it(_position: int, _last: int) -> None:
        for one in multiprocessing.active_children():
            one.kill()

    with pytest.raises(RuntimeError, match="the process that builds"):
        rebuild(app.records, READ_MODELS, threading.Event(), end_it)
    assert all(not found for found in rows_in_use(database).values())

    assert rebuild(app.records, READ_MODELS, threading.Event())
    assert any(rows(database).values())


def rows_in_use(database: Database) -> dict[str, bool]:
    """By table whether it is there, under the name that is asked."""
    with psycopg.connect(database.app_url) as connection:
        [*found] = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'read'").fetchall()
    return {name: (name,) in found for name in TABLES}


def test_a_shared_rebuild_that_is_stopped_ends_the_other_process_too(app: App, database: Database, shared: None):
    stop = threading.Event()

    assert not rebuild(app.records, READ_MODELS, stop, lambda *_: stop.set())

    until(lambda: not multiprocessing.active_children())
    assert not any(rows_in_use(database).values())
