"""Lists as files: the whole list, instants in UTC, plain headers, and no cell that a program would take for a formula."""

import csv
import io
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any

import openpyxl
import pytest
from httpx import Response

from infra.api import lists
from infra.api.reading import rows
from infra.api.reading.asked import XLSX_TYPE
from infra.api.reading.sheets import LONGEST, as_csv, cell, write_xlsx
from infra.store.errors import RecordUnavailable
from services import people, providers
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking

EVIL = [
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "\n=1",
    '"=1',
    "'=1",
    ' "=1+1',
    "\u00a0=1",
    "\ufeff=1",
    "\uff1d1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x","y")',
]


def spreadsheet(value: Any) -> Any:
    """The sheet with this value in its one cell, A2."""
    out = io.BytesIO()
    write_xlsx(out, ["a"], [{"a": value}], title="t")
    return openpyxl.load_workbook(out).active


@pytest.mark.parametrize("text", EVIL)
def test_what_would_be_a_formula_is_a_text_in_a_file(text: str) -> None:
    said = cell(text)
    assert said == f"'{text}"
    assert cell([text, "b"]) == f"'{text} | b"

    [_, row] = csv.reader(io.StringIO(b"".join(as_csv(["a"], [{"a": text}])).decode(), newline=""))
    assert row == [said]
    sheet = spreadsheet(text)
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value.replace("_x000D_", "\r").startswith("'")


def test_what_is_no_formula_stays_as_it_is() -> None:
    berlin = datetime(2026, 3, 2, 13, tzinfo=timezone(timedelta(hours=1)))
    assert [cell(one) for one in ("a=b", "1-2", -5, 2.5, True, None, berlin, ["a", "b"])] == [
        "a=b", "1-2", -5, 2.5, True, "", "2026-03-02T12:00:00Z", "a | b",
    ]  # fmt: skip


def test_an_instant_is_a_date_of_the_spreadsheet_in_utc_to_thousandths_of_a_second() -> None:
    berlin = datetime(2026, 3, 2, 13, 30, 5, 123_456, tzinfo=timezone(timedelta(hours=1)))
    said = spreadsheet(berlin)["A2"]

    assert said.is_date
    assert said.value == datetime(2026, 3, 2, 12, 30, 5, 123_000)  # noqa: DTZ001 (as it stands in the sheet)
    assert "UTC" in said.number_format
    assert spreadsheet(datetime(1850, 1, 1, tzinfo=UTC))["A2"].value == "1850-01-01T00:00:00Z"
    assert spreadsheet([berlin])["A2"].value == "2026-03-02T12:30:05.123456Z"


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    sheet = spreadsheet("x" * 40_000)
    assert len(sheet["A2"].value) == LONGEST
    assert sheet["A2"].value.endswith("(cut)")


def named(body: Body, name: str) -> None:
    id = f"{body.mark}-{next(body.numbers)}"
    providers.register_provider(
        body.office,
        body.command(providers.contact_id(id), "provider", id=id),
        scheme=body.scheme.id,
        name=name,
        address="1 Test Street",
        contact_name="Somebody",
        contact_email="somebody@provider.example",
        provider_type=body.scheme.provider_types[0],
        size_band=body.scheme.size_bands[0],
    )


def test_a_whole_list_is_a_file_with_plain_headers(body: Body, asks: Asking) -> None:
    named(body, "=cmd|' /C calc'!A0")
    for _ in range(3):
        factories.register_provider(body)
    asks.caught_up()

    as_text = asks.get("/providers", body.officer, "officer", format="csv", limit=1)
    accepted = asks.client.get(
        "/api/v1/providers",
        headers={"Authorization": f"Bearer {body.officer}", "Assay-Role": "officer", "Accept": XLSX_TYPE},
    )

    lines = list(csv.reader(io.StringIO(as_text.text)))
    assert lines[0] == [
        "provider", "provider name", "provider type", "size band", "registered at", "contacts",
    ]  # fmt: skip
    assert len(lines) == 5  # a file is the whole list
    assert "'=cmd|' /C calc'!A0" in {line[1] for line in lines}
    assert lines[1][4] == "2026-03-02T12:00:00Z"
    sheet = openpyxl.load_workbook(io.BytesIO(accepted.content)).active
    assert [[in_utc(one.value) for one in row] for row in sheet.iter_rows()] == lines
    for file in (as_text, accepted):
        is_a_download(file)


def in_utc(value: Any) -> Any:
    """A cell as CSV has it."""
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else value


def is_a_download(file: Response) -> None:
    assert file.status_code == 200
    assert file.headers["Content-Disposition"].startswith('attachment; filename="providers-2026-03-02.')
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert int(file.headers["Assay-Position"]) > 0


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> int:
    """Have two rows be held at once, so that five are a long list."""
    monkeypatch.setattr(lists, "AT_ONCE", 2)
    monkeypatch.setattr(rows, "AT_ONCE", 2)
    return 5


def test_a_long_list_is_a_whole_file_with_every_row_once_and_what_the_reader_may_see_alone(
    body: Body, asks: Asking, few_at_once: int
) -> None:
    made = [factories.register_provider(body).id for _ in range(few_at_once)]
    hidden = made.pop()
    body.by(people.declare_conflict, body.officer, "officer", id=body.officer, provider=hidden)
    asks.caught_up()

    for sort in ("provider", "-registered_at"):
        as_text = asks.get("/providers", body.officer, "officer", format="csv", sort=sort)
        as_sheet = asks.get("/providers", body.officer, "officer", format="xlsx", sort=sort)

        ids = [line[0] for line in csv.reader(io.StringIO(as_text.text))][1:]
        assert sorted(ids) == sorted(made)
        sheet = openpyxl.load_workbook(io.BytesIO(as_sheet.content)).active
        assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ids
        assert int(as_text.headers["Content-Length"]) == len(as_text.content)


def test_only_few_long_files_are_made_at_once_and_short_ones_always(body: Body, asks: Asking, few_at_once: int) -> None:
    for _ in range(few_at_once):
        factories.register_provider(body)
    asks.caught_up()

    with ExitStack() as taken:
        for _ in range(lists.LONG_FILES):
            taken.enter_context(lists._room())
        busy = asks.get("/providers", body.officer, "officer", format="csv")
        short = asks.get("/windows", body.officer, "officer", format="csv")

    assert (busy.status_code, busy.json()["type"]) == (503, "/problems/too-busy")
    assert busy.headers["Retry-After"]
    assert short.status_code == 200
    assert asks.get("/providers", body.officer, "officer", format="csv").status_code == 200


def test_of_a_file_that_can_not_be_finished_nothing_is_sent(
    body: Body, asks: Asking, few_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(few_at_once):
        factories.register_provider(body)
    asks.caught_up()
    shown, parts = lists.shown, count()

    def broken(*given: Any) -> Any:
        if next(parts) == 1:
            raise RecordUnavailable("the record went away")
        return shown(*given)

    monkeypatch.setattr(lists, "shown", broken)
    said = asks.get("/providers", body.officer, "officer", format="csv")

    assert (said.status_code, said.json()["type"]) == (503, "/problems/too-busy")
    monkeypatch.setattr(lists, "shown", shown)
    assert asks.get("/providers", body.officer, "officer", format="csv").status_code == 200


def test_a_list_too_long_for_a_spreadsheet_is_refused_with_what_to_do(
    body: Body, asks: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        factories.register_provider(body)
    asks.caught_up()
    monkeypatch.setattr(lists, "XLSX_ROWS", 2)

    refused = asks.get("/providers", body.officer, "officer", format="xlsx")

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/list-size")
    assert refused.json()["field"] == "format"
    assert "filter" in refused.json()["allowed"]
    assert asks.get("/providers", body.officer, "officer", format="csv").status_code == 200


def test_a_list_that_has_to_be_computed_is_refused_where_it_is_too_long(
    body: Body, asks: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST", 0)
    factories.brought(body, "registered")
    asks.caught_up()

    refused = asks.get("/board/counts", body.officer, "officer", format="csv")

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/list-size")
    assert "assay export table" in refused.json()["allowed"]
