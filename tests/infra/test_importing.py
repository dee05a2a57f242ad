"""Files are read as spreadsheets write them; the command says every fault, and goes on where it was cut short."""

import io
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from openpyxl import Workbook

from bench.importing import awards, prepare
from domain.accreditation import AccreditationImported
from domain.scheme_file import read_scheme
from domain.submission.past_events import DecisionImported
from infra.bootstrap import App, open_app
from infra.importing import UnreadableFile, read_bytes, read_file
from tests.conftest import Database
from tests.factories import MAIN_SCHEME
from tests.infra.polling import until

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "import"
HEADER = ["reference", "name", "email"]


def xlsx(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "reference,name,email\nA,Zoë,z@x.org\n".encode(),
        "\ufeffreference;name;email\r\nA;Zoë;z@x.org\r\n".encode(),
        '"reference","name","email"\n\n"A","Zoë","z@x.org"'.encode(),
        xlsx(HEADER, ["A", "Zoë", "z@x.org"]),
    ],
    ids=["commas", "byte-order-mark-and-semicolons", "quoted", "xlsx"],
)
def test_the_same_rows_are_read_from_each_form(content: bytes):
    sheet = read_bytes(content)

    assert list(sheet.header) == HEADER
    assert [list(cells) for _, cells in sheet.rows] == [["A", "Zoë", "z@x.org"]]


def test_rows_keep_their_numbers_and_lines_within_a_cell_are_of_one_row():
    sheet = read_bytes(b'reference,name\nA,"one\ntwo"\n,\nB,x\n')

    assert [(number, list(cells)) for number, cells in sheet.rows] == [(2, ["A", "one\ntwo"]), (4, ["B", "x"])]


def test_days_and_numbers_of_a_spreadsheet_are_read_as_they_are_written_and_formulas_as_formulas():
    sheet = read_bytes(
        xlsx(
            ["a", "b", "c", "d", "e"],
            [
                date(2024, 2, 29),
                datetime(2024, 2, 29),  # noqa: DTZ001 - as the library has it
                7,
                3.0,
                "=1+1",
            ],
            [None, True, 1.5, "x", None],
        )
    )

    assert [list(cells) for _, cells in sheet.rows] == [
        ["2024-02-29", "2024-02-29", "7", "3", "=1+1"], ["", "True", "1.5", "x"],
    ]  # fmt: skip


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("xl/worksheets/sheet1.xml", b" " * 50_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "row", "said"),
    [
        (b"reference,name\nA,caf\xe9\n", 2, "not UTF-8"),
        ("reference,name\nA,x\n".encode("utf-16"), 1, "not UTF-8"),
        (b"reference,name\nA,x\x00\n", 2, "NUL"),
        (b'reference,name\nA,"x\nB,y\n', 2, "a quotation mark is not closed"),
        (b'reference,name\nA,"' + b"x" * 11_000_000, 2, "a quotation mark is not closed"),
        (b'reference,name\nA,"x"y\n', 2, "no CSV"),
        (b"PK\x03\x04" + b"\0" * 100, None, "no XLSX"),
        (b"," * 500, 1, "501 cells"),
        (bomb(), None, "would unpack to too much"),
    ],
    ids=["latin", "utf-16", "nul", "open", "open-for-long", "behind-quotes", "no-zip", "wide", "bomb"],
)
def test_what_is_no_such_file_is_a_fault_with_its_row(content: bytes, row: int | None, said: str):
    with pytest.raises(UnreadableFile, match=said) as unreadable:
        read_bytes(content, most_bytes=40_000_000)

    assert unreadable.value.fault.row == row
    assert unreadable.value.fault.allowed


def test_a_file_with_too_many_rows_or_that_is_not_there_is_a_fault(tmp_path: Path):
    with pytest.raises(UnreadableFile, match="more than 2 rows"):
        read_bytes(b"reference\nA\nB\nC\n", most_rows=2)
    with pytest.raises(UnreadableFile, match="can't be read"):
        read_file(tmp_path / "none.csv")


def test_an_empty_file_has_no_header():
    assert (list(read_bytes(b"").header), list(read_bytes(b"").rows)) == ([], [])


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=4) as opened:
        yield opened


def command(database: Database, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "infra.cli.main", "import", *arguments]


def assay_import(database: Database, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"DATABASE_URL": database.app_url}
    return subprocess.run(
        command(database, *arguments), capture_output=True, text=True, timeout=120, cwd=ROOT, env=environ, check=False
    )


def test_the_command_says_every_fault_and_writes_nothing_then_imports_and_says_what_is_there(
    app: App, database: Database, tmp_path: Path
):
    prepare(app, 1)
    faulty = tmp_path / "providers.csv"
    faulty.write_text((EXAMPLES / "providers.csv").read_text().replace("charity", "circus").replace(",medium", ","))
    before = app.records.max_position()

    refused = assay_import(database, "providers", str(faulty))
    tried = assay_import(database, "providers", str(EXAMPLES / "providers.csv"), "--dry-run")
    assert app.records.max_position() == before
    done = assay_import(database, "providers", str(EXAMPLES / "providers.csv"))
    again = assay_import(database, "providers", str(EXAMPLES / "providers.csv"))

    assert (refused.returncode, tried.returncode, done.returncode, again.returncode) == (1, 0, 0, 0)
    types = ", ".join(read_scheme(MAIN_SCHEME.read_text(encoding="utf-8")).provider_types)
    assert refused.stderr.splitlines() == [
        f"row 2, column provider_type: 'circus' is not one of this scheme's. Allowed: {types}.",
        "row 3, column size_band: it is empty. Allowed: one of the scheme's sizes.",
        "2 faults. Nothing was written.",
    ]
    assert "new" not in refused.stdout
    assert "3 rows of providers: 3 new, 0 on record already. Nothing was written." in tried.stdout
    assert "3 were written" in done.stdout
    assert "3 of 3 rows written" in done.stdout
    assert "0 new, 3 on record already. There was nothing to write." in again.stdout


@pytest.mark.parametrize(
    "arguments", [["fees", str(EXAMPLES / "people.csv")], ["people", "none.csv"]], ids=["kind", "file"]
)
def test_what_is_no_kind_or_no_file_is_said_in_a_sentence(database: Database, arguments: list[str]):
    ran = assay_import(database, *arguments)

    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "llowed: " in ran.stderr


def test_an_import_that_was_killed_is_completed_by_the_same_command(app: App, database: Database, tmp_path: Path):
    """Given kill -9 when a part is on record, then the same command: every row is there once, whole, and nothing twice."""
    count = 1_500
    prepare(app, count)
    sheet = awards(count)
    file = tmp_path / "awards.csv"
    lines = [",".join(cells) for cells in (sheet.header, *(cells for _, cells in sheet.rows))]
    file.write_text("\n".join(lines), encoding="utf-8")

    def on_record() -> int:
        with psycopg.connect(database.app_url) as connection:
            found = connection.execute("SELECT count(*) FROM record.events WHERE topic = 'AccreditationImported.1'")
            return int(found.fetchall()[0][0])

    environ = os.environ | {"DATABASE_URL": database.app_url}
    running = subprocess.Popen(
        command(database, "accreditations", str(file)), cwd=ROOT, env=environ, stdout=subprocess.DEVNULL
    )
    until(lambda: on_record() > 100, 90)
    running.send_signal(signal.SIGKILL)
    running.wait()
    part = on_record()
    done = assay_import(database, "accreditations", str(file))

    assert 100 < part < count
    assert done.returncode == 0, done.stderr
    assert f"{count - part:,} were written" in done.stdout
    imported = [
        one
        for one in app.records.read_log(0, 100_000)
        if isinstance(one.event, AccreditationImported | DecisionImported)
    ]
    assert len(imported) == len({one.stream for one in imported}) == 2 * count
    texts = app.records.datastore.rows("SELECT count(*) FROM record.texts", [])
    assert texts == [(2 * count,)]
