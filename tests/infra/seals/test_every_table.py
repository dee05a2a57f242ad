"""Each kind of change to each table of the record is found and named: every column, one row gone, one more, two exchanged, all gone.

The tables and columns are read from PostgreSQL's own catalogue, so that what a later version adds is covered here or fails here.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import psycopg
import pytest
from psycopg.rows import dict_row

from infra.embedded import EmbeddedPostgres
from infra.seals.checking.report import SHOWN, Finding
from infra.seals.checking.tables import OF_RECORD
from projections.catalogue import READ_MODELS
from tests.conftest import Database, copied
from tests.infra.seals.sealed import Record

Row = Mapping[str, Any]

NOT_OF_THE_RECORD: Final = {
    "record.files_in_doubt": "files that may lack a case, until somebody looked: what is to be done",
    "record.file_faults": "files that were found missing or changed: what was noticed, found again by looking",
}
"""Tables of these schemas that hold nothing that was recorded or follows from it, and what they hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A table: its `key`, which of its rows are sealed, and whether a finding names a row of it.

    `added` is what is another in a row that somebody adds to be the like of one; `emptied` what is said where all rows are gone, of
    each row or once; `tells` the columns in which two rows that change places differ, if not in all.
    """

    key: tuple[str, ...]
    names: Callable[[Finding, Row], bool]
    added: Mapping[str, str]
    emptied: str = "there no more"
    row_by_row: bool = True
    which: str = "true"
    tells: tuple[str, ...] = ()


def of_event(one: Finding, row: Row) -> bool:
    return row["notification_id"] == one.position or (one.stream, one.version) == (
        row["originator_id"],
        row["originator_version"],
    )


def of_checkpoint(one: Finding, row: Row) -> bool:
    return f"{row['size']:,} events" in one.found


def of_tile(one: Finding, row: Row) -> bool:
    return one.what == "tree" and bool(re.search(rf"tile (?:\d+, )*{row['number']}\b", one.found))


TABLES: Final[Mapping[str, Kept]] = {
    "record.events": Kept(key=("notification_id",), names=of_event, added={"notification_id": "-1", "originator_id": "'submission-added'", "originator_version": "1"}),
    "record.texts": Kept(key=("id",), names=lambda one, row: one.what == "text" and row["id"] in one.found, added={"id": "'text-added'"}, tells=("body",)),
    "record.vault": Kept(
        key=("subject", "name"),
        names=lambda one, row: one.what == "vault" and one.stream == row["subject"] and row["name"] in one.found,
        added={"subject": "'person-nobody'"},
    ),
    "record.files": Kept(
        key=("case_id", "sha256"),
        names=lambda one, row: one.what == "file" and one.stream == row["case_id"] and row["sha256"] in one.found,
        added={"sha256": "repeat('f', 64)"},
        tells=("size",),
    ),
    "seals.checkpoints": Kept(key=("number",), which="number < 3", tells=("note",), names=of_checkpoint, added={"number": "9", "size": "size - 1"}),
    "seals.published": Kept(
        key=("size", "kept", "signer", "place"),
        which="size < (SELECT max(size) FROM seals.checkpoints)",
        names=lambda one, row: one.what == "published" and f"({row['place']})" in one.found and of_checkpoint(one, row),
        added={"place": "'another'"},
        tells=("at",),
    ),
    "seals.tiles": Kept(key=("log", "level", "number"), which="log = 'events' AND level = 0", names=of_tile, emptied="the kept tree has 0 events", row_by_row=False, added={"number": "number + 90"}),
    "seals.kept": Kept(
        key=("number",),
        names=lambda one, row: bool(re.search(rf"(digest|the next is) {row['number']}\b", one.found)),
        added={"number": "99999"},
        emptied="do not lead to held",
        row_by_row=False,
    ),
    "seals.salts": Kept(
        key=("number",),
        names=lambda one, row: one.what == "vault" and one.stream == row["subject"],
        added={"number": "99999"},
        emptied="its salt was taken away",
    ),
}  # fmt: skip

SAID_UNSEALED: Final = {"record.files": "files, which an event that is sealed has to name"}
"""Where a row that is added is not sealed by anything yet, and is said to be so with its age."""

OTHER: Final = {
    "text": "coalesce({0}, '') || 'x'",
    "bigint": "coalesce({0}, 0) + 1000003",
    "smallint": "{0} + 7",
    "boolean": "NOT coalesce({0}, false)",
    "timestamp with time zone": "coalesce({0}, 'epoch') + interval '1 microsecond'",
    "bytea": "coalesce({0}, '') || '\\x00'",
    "text[]": "coalesce({0}, '{{}}') || 'x'::text",
    "bigint[]": "coalesce({0}, '{{}}') || 7::bigint",
    "timestamp with time zone[]": "coalesce({0}, '{{}}') || '2020-01-01 00:00Z'::timestamptz",
}
"""Another value of each type that a column has."""

SPECIAL: Final = {("record.files", "sha256"): "repeat('f', 64)"}
"""Columns in which not every other value is allowed."""


@pytest.fixture(scope="module")
def whole(server: EmbeddedPostgres, template: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """A record with files and notes of what was published, sealed three times; the last checkpoint alone is held outside."""
    with copied(server, template) as database:
        record = Record(database, tmp_path_factory.mktemp("whole"), [])
        for seed in (1, 2):
            record.add(3, seed)
            record.seal()
            record.tamper(
                "INSERT INTO seals.published SELECT size, kept, signer, place, made_at, proof FROM seals.checkpoints,"
                " (VALUES ('file', NULL), ('url', '\\x0102'::bytea)) AS of (place, proof) ORDER BY number DESC LIMIT 2"
            )
        record.keep_files()
        record.held = record.held[-1:]
        yield record


@pytest.fixture
def record(server: EmbeddedPostgres, whole: Record) -> Iterator[Record]:
    """A record of the test's own; its keys are those of all."""
    with copied(server, whole.database) as database:
        yield replace(whole, database=database)


def catalogue(url: str, schemas: Sequence[str]) -> dict[str, dict[str, str]]:
    """The tables of these schemas, each with the types of its columns."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT attrelid::regclass::text, attname::text, format_type(atttypid, NULL) FROM pg_attribute"
            " JOIN pg_class AS one ON one.oid = attrelid WHERE relnamespace = ANY(%s::regnamespace[]) AND relkind NOT IN ('i', 'S')"
            " AND attnum > 0 AND NOT attisdropped ORDER BY 1, attnum",
            [list(schemas)],
        ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def other(table: str, column: str, kind: str) -> str:
    return SPECIAL.get((table, column), OTHER[kind].format(column))


def rows_of(record: Record, table: str) -> list[Row]:
    """The sealed rows of a table."""
    kept = TABLES[table]
    with psycopg.connect(record.database.admin_url, row_factory=dict_row) as connection:
        query = f"SELECT * FROM {table} WHERE {kept.which} ORDER BY {', '.join(kept.key)}"
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def all_of(record: Record, table: str) -> list[Row]:
    """All rows of a table."""
    with psycopg.connect(record.database.admin_url, row_factory=dict_row) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()  # type: ignore[arg-type]


def at(table: str, row: Row) -> str:
    """That it is this row, in SQL."""
    return " AND ".join(f"{column} = {_literal(row[column])}" for column in TABLES[table].key)


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"


def harmed(record: Record, table: str, *statements: str) -> list[Finding]:
    """What is found after the superuser did this to a table."""
    if table == "seals.checkpoints":
        statements = ("ALTER TABLE seals.checkpoints ALTER number SET GENERATED BY DEFAULT", *statements)
    record.tamper(*statements)
    return record.found()


def test_a_table_of_the_record_is_covered_here_or_is_named_with_a_reason(record: Record):
    there = catalogue(record.database.admin_url, ["record", "seals"])

    assert there.keys() == TABLES.keys() | NOT_OF_THE_RECORD.keys()
    assert set(OF_RECORD) == TABLES.keys()
    assert {(kind, kind in OTHER) for columns in there.values() for kind in columns.values()} == {
        (kind, True) for columns in there.values() for kind in columns.values()
    }
    assert record.found(models=READ_MODELS) == []


COLUMNS: Final = [
    *(("record.events", one) for one in ("originator_id", "originator_version", "topic", "state", "notification_id", "recorded_at")),
    *(("record.texts", one) for one in ("id", "subject", "salt", "body")),
    *(("record.vault", one) for one in ("subject", "name", "value")),
    *(("record.files", one) for one in ("case_id", "sha256", "size", "media_type", "uploaded_by", "uploaded_at")),
    *(("seals.checkpoints", one) for one in ("number", "size", "signer", "kept", "note", "made_at")),
    *(("seals.published", one) for one in ("size", "kept", "signer", "place", "at", "proof")),
    *(("seals.tiles", one) for one in ("log", "level", "number", "hashes", "positions", "streams", "versions")),
    *(("seals.kept", one) for one in ("number", "kind", "id", "name", "digest")),
    *(("seals.salts", one) for one in ("number", "subject", "name", "salt")),
]  # fmt: skip
"""All columns: that they are all is tested."""


def test_every_column_of_the_record_is_changed_here(record: Record):
    there = catalogue(record.database.admin_url, ["record", "seals"])

    assert set(COLUMNS) == {(table, one) for table in TABLES for one in there[table]}


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{table}.{column}" for table, column in COLUMNS])
def test_a_column_of_a_sealed_row_that_is_changed_is_found_and_the_row_named(record: Record, table: str, column: str):
    rows = rows_of(record, table)
    row = rows[len(rows) // 2]
    kind = catalogue(record.database.admin_url, [table.split(".", maxsplit=1)[0]])[table][column]

    found = harmed(record, table, f"UPDATE {table} SET {column} = {other(table, column, kind)} WHERE {at(table, row)}")

    assert [one for one in found if TABLES[table].names(one, row)], found


@pytest.mark.parametrize("table", TABLES)
def test_a_sealed_row_that_is_deleted_is_found_and_named(record: Record, table: str):
    rows = rows_of(record, table)
    row = rows[len(rows) // 2]

    found = harmed(record, table, f"DELETE FROM {table} WHERE {at(table, row)}")

    assert [one for one in found if TABLES[table].names(one, row)], found


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_is_added_among_what_is_sealed_is_found_and_named_or_said_not_to_be_sealed(
    record: Record, table: str
):
    kept, row = TABLES[table], rows_of(record, table)[0]
    columns = list(catalogue(record.database.admin_url, [table.split(".", maxsplit=1)[0]])[table])
    values = ", ".join(kept.added.get(column, column) for column in columns)
    before = all_of(record, table)

    found = harmed(
        record, table, f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {at(table, row)}"
    )

    [added] = [one for one in all_of(record, table) if one not in before]
    if table in SAID_UNSEALED:
        assert record.check().waiting[SAID_UNSEALED[table]] == (1, row["uploaded_at"])
    else:
        assert [one for one in found if kept.names(one, added)], found


@pytest.mark.parametrize("table", TABLES)
def test_two_sealed_rows_that_change_places_are_both_found_and_named(record: Record, table: str):
    kept, rows = TABLES[table], rows_of(record, table)
    contents = [one for one in rows[0] if one not in kept.key]
    one = rows[len(rows) // 2]
    two = next(row for row in rows if all(row[column] != one[column] for column in kept.tells or contents))
    values = ", ".join([*(f"place.{column}" for column in kept.key), *(f"content.{column}" for column in contents)])

    found = harmed(
        record,
        table,
        f"CREATE TEMP TABLE was AS SELECT * FROM {table} WHERE {at(table, one)} OR {at(table, two)}",
        f"DELETE FROM {table} WHERE {at(table, one)} OR {at(table, two)}",
        f"INSERT INTO {table} ({', '.join([*kept.key, *contents])}) SELECT {values} FROM was AS place, was AS content"
        f" WHERE ({', '.join(f'place.{column}' for column in kept.key)}) <> ({', '.join(f'content.{column}' for column in kept.key)})",
    )

    assert [finding for finding in found if kept.names(finding, one)], found
    assert [finding for finding in found if kept.names(finding, two)], found


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_is_emptied_is_found_and_what_was_in_it_is_said(record: Record, table: str):
    kept, rows = TABLES[table], rows_of(record, table)

    found = harmed(record, table, f"TRUNCATE {table}")

    said = [one for one in found if kept.emptied in one.found]
    assert len(said) >= (min(len(rows), SHOWN) if kept.row_by_row else 1), found


MODELS: Final = {f"read.{table.name}": table for model in READ_MODELS for table in model.tables}
WIDEST: Final = max(len(table.columns) for table in MODELS.values())


def test_every_table_of_what_is_made_of_the_record_is_a_read_model_s_and_is_compared_in_all_columns(record: Record):
    there = catalogue(record.database.admin_url, ["read"])

    positions = there.pop("read.positions")
    assert {name: set(columns) for name, columns in there.items()} == {
        name: {column.name for column in table.columns} for name, table in MODELS.items()
    }
    assert positions == {"name": "text", "position": "bigint"}


def key_of(name: str, row: Row) -> str:
    return ", ".join(f"{column} {row[column]}" for column in MODELS[name].key)


def middle(record: Record) -> dict[str, Row]:
    """Of each table that has rows the middle one."""
    found: dict[str, Row] = {}
    for name in MODELS:
        rows = by_key(record, name)
        if rows:
            found[name] = rows[len(rows) // 2]
    assert len(found) > len(MODELS) // 3
    return found


def by_key(record: Record, name: str) -> list[Row]:
    return sorted(all_of(record, name), key=lambda row: [row[one] for one in MODELS[name].key])


def is_row(name: str, row: Row, of: str = "") -> str:
    return " AND ".join(f"{of}{column} = {_literal(row[column])}" for column in MODELS[name].key)


def unnamed(record: Record, wanted: Mapping[str, Sequence[Row]]) -> list[tuple[str, str]]:
    """Which of these rows, by table, no finding about read models names."""
    said = [one.found for one in record.found(models=READ_MODELS) if one.what == "read model"]
    return [
        (name, key_of(name, row))
        for name, rows in wanted.items()
        for row in rows
        if not any(f" in {MODELS[name].name}: {key_of(name, row)};" in one for one in said)
    ]


@pytest.mark.parametrize("column", range(WIDEST))
def test_a_column_of_a_read_model_s_row_that_is_changed_is_found_and_the_row_named(record: Record, column: int):
    """Of all tables at once the column with this number; a key that is changed is another row, and the former one is missing."""
    kinds, rows = catalogue(record.database.admin_url, ["read"]), middle(record)
    changed = {name: row for name, row in rows.items() if column < len(kinds[name])}
    for name, row in changed.items():
        which, kind = list(kinds[name].items())[column]
        value = other(name, f'"{which}"', kind)
        record.tamper(f'UPDATE {name} SET "{which}" = {value} WHERE {is_row(name, row)}')

    assert unnamed(record, {name: [row] for name, row in changed.items()}) == []


def test_a_row_of_each_read_model_that_is_deleted_is_found_and_named(record: Record):
    rows = middle(record)
    record.tamper(*(f"DELETE FROM {name} WHERE {is_row(name, row)}" for name, row in rows.items()))

    assert unnamed(record, {name: [row] for name, row in rows.items()}) == []


def test_a_row_that_is_added_to_each_read_model_is_found_and_named_also_where_there_was_none(record: Record):
    kinds, before = catalogue(record.database.admin_url, ["read"]), {name: all_of(record, name) for name in MODELS}
    record.tamper(
        *(
            f"INSERT INTO {name} VALUES ({', '.join(other(name, f'NULL::{kind}', kind) for kind in kinds[name].values())})"
            for name in MODELS
        )
    )

    added = {name: [row for row in all_of(record, name) if row not in before[name]] for name in MODELS}
    assert {len(rows) for rows in added.values()} == {1}
    assert unnamed(record, added) == []


def test_two_rows_of_each_read_model_that_change_places_are_found_and_named(record: Record):
    changed: dict[str, list[Row]] = {}
    for name, table in MODELS.items():
        rows = by_key(record, name)
        contents = [one.name for one in table.columns if one.name not in table.key]
        others = [row for row in rows if any(row[one] != rows[0][one] for one in contents)]
        if not others:
            continue
        one, two = changed[name] = [rows[0], others[0]]
        listed = ", ".join(f'"{column}"' for column in contents)
        record.tamper(
            f"CREATE TEMP TABLE was AS SELECT * FROM {name}",
            f"UPDATE {name} SET ({listed}) = (SELECT {listed} FROM was WHERE {is_row(name, two)}) WHERE {is_row(name, one)}",
            f"UPDATE {name} SET ({listed}) = (SELECT {listed} FROM was WHERE {is_row(name, one)}) WHERE {is_row(name, two)}",
        )

    assert len(changed) > len(MODELS) // 4
    assert unnamed(record, changed) == []


def test_read_models_that_are_emptied_are_found_and_how_many_rows_they_lack_is_said(record: Record):
    rows = {name: len(all_of(record, name)) for name in MODELS}
    record.tamper(f"TRUNCATE {', '.join(MODELS)}")

    lacking = dict.fromkeys(MODELS, 0)
    for models in (READ_MODELS[::2], READ_MODELS[1::2]):  # fewer than are listed of one kind
        for one in record.found(models=models):
            name = f"read.{re.split(' (?:more )?in ', one.found)[1].split(':')[0].split(';')[0]}"
            more = re.search(r"and ([\d,]+) rows more", one.found)
            lacking[name] += int(more[1].replace(",", "")) if more else 1
    assert lacking == rows


POSITIONS: Final = {
    "name": ("UPDATE read.positions SET name = 'x' || name", "is there, and nothing says how far it has got"),
    "position": ("UPDATE read.positions SET position = position + 1000003", "where the record does not come to"),
    "deletion": ("DELETE FROM read.positions", "is there, and nothing says how far it has got"),
    "truncation": ("TRUNCATE read.positions", "is there, and nothing says how far it has got"),
    "insertion": (
        "INSERT INTO read.positions SELECT name || 'x', position + 1000003 FROM read.positions",
        "where the record does not come to",
    ),
}
"""What is done to how far each read model has got. That two change places is nothing where they have got equally far."""


@pytest.mark.parametrize(("does", "says"), POSITIONS.values(), ids=POSITIONS)
def test_what_is_done_to_how_far_read_models_have_got_is_found_of_each(record: Record, does: str, says: str):
    record.tamper(does)

    said = [one.found for one in record.found(models=READ_MODELS) if says in one.found]

    assert {model.name for model in READ_MODELS} == {one.split(" ")[0].rstrip(":") for one in said}
