"""The schema: applied once, by one, and never by a version that doesn't know all of it."""

import threading

import psycopg
import pytest

from infra.problems import CannotStart
from infra.store.migrate import check_schema, migrate
from tests.conftest import Database


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_migrating_again_changes_nothing(server, empty_database: str):
    first = migrate(empty_database, server.app_password)
    books = query(empty_database, "TABLE migrations._yoyo_migration")

    assert migrate(empty_database, server.app_password) == first
    assert query(empty_database, "TABLE migrations._yoyo_migration") == books


def test_two_that_start_at_once_both_find_the_schema(server, empty_database: str):
    urls: list[str] = []
    starters = [
        threading.Thread(target=lambda: urls.append(migrate(empty_database, server.app_password))) for _ in range(4)
    ]

    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()

    assert len(urls) == 4
    assert query(urls[0], "SELECT count(*) FROM record.events") == [(0,)]


def test_a_start_that_was_killed_while_migrating_does_not_lock_out_the_next(server, empty_database: str):
    migrate(empty_database, server.app_password)
    query(empty_database, "INSERT INTO migrations.yoyo_lock (locked, pid) VALUES (1, 1)")
    query(empty_database, "DELETE FROM migrations._yoyo_migration")

    migrate(empty_database, server.app_password)  # applied before, not marked: every statement can be repeated

    assert len(query(empty_database, "TABLE migrations._yoyo_migration")) >= 1


def test_a_database_of_a_newer_version_is_refused(database: Database):
    query(database.admin_url, "INSERT INTO migrations._yoyo_migration VALUES ('x', '9999-future', now())")

    for attempt in (lambda: migrate(database.admin_url, "secret"), lambda: check_schema(database.app_url)):
        with pytest.raises(CannotStart, match=r"newer version of Assay .*9999-future"):
            attempt()


def test_a_database_that_lacks_a_migration_is_refused_where_nobody_may_migrate(database: Database):
    check_schema(database.app_url)
    query(database.admin_url, "DELETE FROM migrations._yoyo_migration")

    with pytest.raises(CannotStart, match="not prepared for this version"):
        check_schema(database.app_url)


def test_a_server_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(CannotStart, match="can't be used"):
        migrate(f"postgresql://postgres:x@/postgres?host={tmp_path}", "secret")


@pytest.mark.parametrize("password", ["geheim", "p'a:s/s@w%rd ü\\"])
def test_the_application_gets_in_by_the_password_it_is_given(server, empty_database: str, password: str):
    try:
        url = migrate(empty_database, password)

        assert query(url, "SELECT current_user") == [("assay_app",)]
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url.replace("assay_app:", "assay_app:not"))
    finally:
        migrate(empty_database, server.app_password)  # the role belongs to all databases of the server
