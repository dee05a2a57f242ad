"""The record is only ever added to: not even the application's own role, or a superuser in passing, changes it."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RestrictViolation

from infra.store.records import PostgresRecords
from services.ports import PersonalData, Text
from tests.conftest import Database
from tests.infra.toy import batch, change, reading


@pytest.fixture(autouse=True)
def written(records: PostgresRecords) -> None:
    text = Text(id="text-1", subject="person-1", salt=b"salt", body="words")
    personal = PersonalData(subject="person-1", name="email", value="a@example.org")
    records.append(batch(change("meter-1", 0, reading(1)), texts=[text], personal=[personal]))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record.events SET topic = 'x'",
        "DELETE FROM record.events",
        "TRUNCATE record.events",
        "INSERT INTO record.events VALUES ('meter-9', 1, 'MeterRead.1', '{}', 99)",
        "INSERT INTO record.events VALUES ('meter-1', 1, 'x', '') ON CONFLICT DO NOTHING",
        "SELECT nextval('record.events_notification_id_seq')",
        "SELECT setval('record.events_notification_id_seq', 1)",
        "ALTER TABLE record.events DISABLE TRIGGER ALL",
        "ALTER TABLE record.events ADD COLUMN more text",
        "DROP TABLE record.events",
        "DROP TRIGGER append_only ON record.events",
        "LOCK TABLE record.events IN EXCLUSIVE MODE",
        "SELECT * FROM record.events FOR UPDATE",
        "UPDATE record.texts SET body = 'x'",
        "INSERT INTO record.texts VALUES ('text-2', 'person-1', '', 'x')",
        "TRUNCATE record.texts",
        "UPDATE record.vault SET subject = 'person-2'",
        "INSERT INTO record.vault VALUES ('person-2', 'email', 'x')",
        "TRUNCATE record.vault",
        "CREATE FUNCTION record.append() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION public.append() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE record.other (id int)",
        "CREATE OR REPLACE FUNCTION record.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "ALTER FUNCTION record.refuse_change() OWNER TO assay_app",
        "SELECT record.refuse_change()",
        "CREATE OR REPLACE FUNCTION record.append_and_erase() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION record.append_and_erase OWNER TO assay_app",
        "DROP FUNCTION record.append_and_erase",
        "SET ROLE assay_owner",
        "SET ROLE postgres",
        "SET session_replication_role = replica",
        "CREATE ROLE other SUPERUSER",
        "GRANT assay_owner TO assay_app",
        "UPDATE migrations._yoyo_migration SET migration_id = 'x'",
        "UPDATE seals.checkpoints SET note = 'x'",
        "DELETE FROM seals.checkpoints",
        "DELETE FROM seals.published",
        "UPDATE seals.kept SET digest = ''",
        "DELETE FROM seals.tiles",
        "UPDATE seals.salts SET salt = ''",
    ],
)
def test_the_application_can_neither_change_the_record_nor_go_round_its_function(database: Database, statement: str):
    with psycopg.connect(database.app_url) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)


def test_the_application_can_read_erase_and_keep_read_models(database: Database):
    with psycopg.connect(database.app_url) as connection:
        assert connection.execute("SELECT originator_id FROM record.events").fetchall() == [("meter-1",)]
        assert connection.execute("UPDATE record.vault SET value = 'b@example.org'").rowcount == 1
        assert connection.execute("DELETE FROM record.vault").rowcount == 1
        assert connection.execute("DELETE FROM record.texts").rowcount == 1
        connection.execute("CREATE TABLE read.cases (id text)")
        connection.execute("INSERT INTO read.positions VALUES ('cases', 1)")


@pytest.mark.parametrize("role", ["postgres", "assay_owner"])
@pytest.mark.parametrize("replication_role", ["origin", "replica"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record.events SET topic = 'x'",
        "DELETE FROM record.events",
        "TRUNCATE record.events",
        "TRUNCATE record.events CASCADE",
        "UPDATE record.texts SET body = 'x'",
        "TRUNCATE record.texts",
    ],
)
def test_a_trigger_stops_even_a_superuser_and_the_owner(
    database: Database, role: str, replication_role: str, statement: str
):
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(f"SET session_replication_role = {replication_role}")
        connection.execute(f"SET ROLE {role}")
        with pytest.raises(RestrictViolation, match="the record is append-only"):
            connection.execute(statement)


def test_nothing_in_a_schema_of_the_callers_own_stands_in_for_what_the_function_uses(
    database: Database, records: PostgresRecords
):
    shadows = "CREATE TEMP TABLE events (LIKE record.events); SET search_path = pg_temp, read"
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        connection.execute(shadows)
        connection.execute(
            "CREATE FUNCTION read.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz'"
        )
        connection.execute("SELECT record.append('{meter-1}', '{2}', '{MeterRead.1}', ARRAY[''::bytea])")
        assert connection.execute("SELECT count(*) FROM pg_temp.events").fetchone() == (0,)

    assert [row[2] for row in records.recorder.select_streams(["meter-1"])] == [1, 2]


def test_the_function_that_erases_is_for_the_application_alone_and_uses_nothing_of_the_caller_s_own(
    database: Database, records: PostgresRecords
):
    call = (
        "SELECT record.append_and_erase('{meter-1}', '{2}', '{MeterRead.1}', ARRAY[''::bytea],"
        " '{}', '{}', '{}', '{}', '{}', '{}', '{}', 1, '{text-1}', '{person-1}', '{email}')"
    )
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE nobody_of_ours NOLOGIN")
        try:
            connection.execute("GRANT USAGE ON SCHEMA record TO nobody_of_ours")
            connection.execute("SET ROLE nobody_of_ours")
            with pytest.raises(InsufficientPrivilege):
                connection.execute(call)
        finally:
            connection.execute("RESET ROLE")
            connection.execute("REVOKE ALL ON SCHEMA record FROM nobody_of_ours")
            connection.execute("DROP ROLE nobody_of_ours")
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE texts (id text); INSERT INTO texts VALUES ('text-1')")
        connection.execute("SET search_path = pg_temp, read")
        connection.execute(call)
        assert connection.execute("SELECT count(*) FROM pg_temp.texts").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM record.texts").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM record.vault").fetchone() == (0,)
