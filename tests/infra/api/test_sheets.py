"""Lists as files: the whole list, instants in UTC, plain headers, and no cell that a program would take for a formula."""

import csv
import io
from datetime import datetime, timedelta, timezone

import openpyxl
import pytest
from httpx import Response

from infra.api.reading import rows
from infra.api.reading.asked import XLSX_TYPE
from infra.api.reading.sheets import LONGEST, as_csv, as_xlsx, cell
from services import providers
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


@pytest.mark.parametrize("text", EVIL)
def test_what_would_be_a_formula_is_a_text_in_a_file(text: str) -> None:
    said = cell(text)
    assert said == f"'{text}"
    assert cell([text, "b"]) == f"'{text} | b"

    [_, row] = csv.reader(io.StringIO(b"".join(as_csv(["a"], [{"a": text}])).decode(), newline=""))
    assert row == [said]
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(["a"], [{"a": text}], title="t"))).active
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value.replace("_x000D_", "\r").startswith("'")


def test_what_is_no_formula_stays_as_it_is() -> None:
    berlin = datetime(2026, 3, 2, 13, tzinfo=timezone(timedelta(hours=1)))
    assert [cell(one) for one in ("a=b", "1-2", -5, 2.5, True, None, berlin, ["a", "b"])] == [
        "a=b", "1-2", -5, 2.5, True, "", "2026-03-02T12:00:00Z", "a | b",
    ]  # fmt: skip


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(["a"], [{"a": "x" * 40_000}], title="t"))).active
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
    assert [[one.value for one in row] for row in sheet.iter_rows()] == lines
    for file in (as_text, accepted):
        is_a_download(file)


def is_a_download(file: Response) -> None:
    assert file.status_code == 200
    assert file.headers["Content-Disposition"].startswith('attachment; filename="providers-2026-03-02.')
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert int(file.headers["Assay-Position"]) > 0


def test_a_list_too_long_for_a_file_is_refused_with_what_to_do(
    body: Body, asks: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        factories.register_provider(body)
    asks.caught_up()
    monkeypatch.setattr(rows, "MOST", 2)

    refused = asks.get("/providers", body.officer, "officer", format="csv")

    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/list-size"
    assert "filter" in refused.json()["allowed"]
