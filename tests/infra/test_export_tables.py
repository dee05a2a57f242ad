"""`assay export table`: every table of every read model, whole, as CSV and as a spreadsheet, without formulas."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest

from infra.bootstrap import open_app
from infra.cli.exporting import list_tables, write_table
from infra.export import tables as export
from infra.export.tables import tables
from infra.problems import CannotStart
from infra.projector import catch_up
from infra.read_models import Copy
from infra.settings import Settings
from projections import board, directory
from projections.catalogue import READ_MODELS
from projections.words import plain
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.services.appealing import hearing, refused_case
from tests.storing import store


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """The settings of a record with some cases, whose read models show all of it."""
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        hearing(body).upheld(refused_case(body))
        factories.brought(body, "released")
        catch_up(app.records)
    return Settings(data=tmp_path, database_url=database.app_url)


def rows_of(file: Path) -> list[list[str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.reader(lines))


def sheet_of(file: Path) -> list[list[Any]]:
    return [[one.value for one in row] for row in openpyxl.load_workbook(file).active.iter_rows()]


def as_csv(value: Any) -> str:
    """A cell of a spreadsheet as CSV has it."""
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_every_table_of_every_read_model_is_to_be_had_whole(settings: Settings, tmp_path: Path):
    there = {table.name for model in READ_MODELS for table in model.tables}
    assert tables().keys() == there
    with psycopg.connect(str(settings.database_url)) as connection:
        for name, (_, table) in tables().items():
            for form in export.FORMATS:
                write_table(settings, name, tmp_path / f"{name}.{form}")
            [(expected,)] = connection.execute(f'SELECT count(*) FROM read."{name}"').fetchall()
            lines, sheet = rows_of(tmp_path / f"{name}.csv"), sheet_of(tmp_path / f"{name}.xlsx")

            assert lines[0] == [plain(one.name) for one in table.columns]
            assert len(lines) == expected + 1
            said = [place for place, one in enumerate(table.columns) if one.sql_type != "timestamptz"]
            assert [[as_csv(row[one]) for one in said] for row in sheet] == [
                [line[one] for one in said] for line in lines
            ]
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".part")] == []


def test_a_table_says_as_of_when_it_is_and_whom_it_may_be_given_to(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    list_tables(settings)
    listed = capsys.readouterr().out
    assert [name for name in tables() if name not in listed] == []

    write_table(settings, "board", tmp_path / "board.csv")
    said = capsys.readouterr().out
    assert "2 rows of board, as of position" in said
    assert "ids of people" in said


def test_instants_are_in_utc_and_what_would_be_a_formula_is_a_text(settings: Settings, tmp_path: Path):
    with psycopg.connect(str(settings.database_url), autocommit=True) as connection:
        connection.execute("UPDATE read.board SET category = '=1+1'")
        connection.execute("UPDATE read.board SET since = '2026-03-02 13:00:00.5+01'")

    write_table(settings, "board", tmp_path / "board.csv")
    write_table(settings, "board", tmp_path / "board.xlsx")

    at = [one.name for one in board.CASES.columns].index("since")
    kind = [one.name for one in board.CASES.columns].index("category")
    lines, sheet = rows_of(tmp_path / "board.csv")[1:], sheet_of(tmp_path / "board.xlsx")[1:]
    assert {line[kind] for line in lines} == {row[kind] for row in sheet} == {"'=1+1"}
    assert {line[at] for line in lines} == {"2026-03-02T12:00:00.500000Z"}
    assert {as_csv(row[at]) for row in sheet} == {"2026-03-02T12:00:00.500000Z"}


def test_a_long_table_has_every_row_once_in_the_order_of_its_key(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(export, "AT_ONCE", 3)
    write_table(settings, "history", tmp_path / "history.csv")

    keys = [(line[0], int(line[1])) for line in rows_of(tmp_path / "history.csv")[1:]]
    assert len(keys) > 30
    assert keys == sorted(set(keys))


def test_what_can_not_be_written_is_refused_and_leaves_what_was_there(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with refused("known-table", field="TABLE", match="boards"):
        write_table(settings, "boards", tmp_path / "board.csv")
    for file in (tmp_path / "board.ods", None):
        with refused("export-form", field="FILE"):
            write_table(settings, "board", file)
    write_table(settings, "board", tmp_path / "board.csv")
    before = (tmp_path / "board.csv").read_bytes()
    with refused("export-file", field="FILE", match="there already"):
        write_table(settings, "board", tmp_path / "board.csv")
    assert (tmp_path / "board.csv").read_bytes() == before
    write_table(settings, "history", tmp_path / "board.csv", replace=True)
    assert (tmp_path / "board.csv").read_bytes() != before
    monkeypatch.setattr(export, "ROWS", 1)
    with refused("export-size", field="FILE", match="at most 1"):
        write_table(settings, "board", tmp_path / "board.xlsx")
    assert {one.name for one in tmp_path.iterdir()} == {"board.csv"}


def test_a_table_that_is_being_made_anew_is_not_written(settings: Settings, tmp_path: Path):
    with psycopg.connect(str(settings.database_url), autocommit=True) as connection:
        connection.execute("DELETE FROM read.positions WHERE name = %s", [Copy(directory.MODEL).name])

    with pytest.raises(CannotStart, match="directory is being made anew"):
        write_table(settings, "directory_people", tmp_path / "people.csv")
    assert list(tmp_path.iterdir()) == []
