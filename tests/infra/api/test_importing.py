"""A file of earlier records over the API: looked at, refused with every fault, or on record; and only by who may."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response

from infra.api.app import ROOT
from services.awards import accreditation_id
from services.import_rows import past_submission
from tests.factories import Body
from tests.infra.api.conftest import Asking

EXAMPLES = Path(__file__).parents[3] / "examples" / "import"


def send(
    asks: Asking, body: Body, kind: str, content: bytes, *, who: str = "", role: str = "officer", **asked: Any
) -> Response:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return asks.post(f"/imports/{kind}?{query}", who or body.officer, role, file=base64.b64encode(content).decode())


def test_a_file_is_tried_then_imported_and_the_second_time_nothing_changes(asks: Asking, body: Body):
    content = (EXAMPLES / "providers.csv").read_bytes()

    tried, done, again = (send(asks, body, "providers", content, dry_run=one).json() for one in (True, False, False))

    assert [(one["new"], one["same"], one["written"]) for one in (tried, done, again)] == [
        (3, 0, 0),
        (3, 0, 3),
        (0, 3, 0),
    ]
    assert done["position"] == asks.app.records.max_position()


def test_faults_are_said_by_row_and_column_and_nothing_is_written(asks: Asking, body: Body):
    content = (EXAMPLES / "providers.csv").read_bytes().replace(b"charity", b"circus").replace(b"P-002", b"")
    before = asks.app.records.max_position()

    tried, done = (send(asks, body, "providers", content, dry_run=one) for one in (True, False))

    assert [(one["row"], one["column"]) for one in tried.json()["faults"]] == [(2, "provider_type"), (3, "reference")]
    assert (tried.status_code, done.status_code) == (200, 422)
    assert done.json()["type"] == "/problems/import-faults"
    assert [one["field"] for one in done.json()["errors"]] == ["row 2, column provider_type", "row 3, column reference"]
    assert asks.app.records.max_position() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfer\x00e\x00f\x00", "not UTF-8"),
        (b"PK\x03\x04 and nothing", "no XLSX"),
        (b'reference,name\n"A,B', "quotation mark"),
        (b"reference\n" + b"A\n" * 1_001, "more than 1,000 rows"),
    ],
    ids=["utf-16", "broken", "open", "long"],
)
def test_what_can_not_be_read_is_refused_with_what_is_allowed(asks: Asking, body: Body, content: bytes, said: str):
    answer = send(asks, body, "providers", content, dry_run=True)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/import-file")
    assert said in answer.json()["detail"]
    assert answer.json()["allowed"]


def test_what_is_no_base_64_no_kind_or_too_large_is_refused(asks: Asking, body: Body):
    assert asks.post("/imports/providers", body.officer, "officer", file="é").json()["type"] == "/problems/import-file"
    assert send(asks, body, "fees", b"reference\nA\n").json()["type"] == "/problems/import-kinds"
    assert send(asks, body, "providers", b"x" * 3_000_000).status_code == 413


def test_nobody_but_an_officer_imports(asks: Asking, body: Body):
    content = (EXAMPLES / "providers.csv").read_bytes()

    assert send(asks, body, "providers", content, who=body.chair, role="chair").status_code == 403
    assert asks.post("/imports/providers", file="eA==").status_code in {401, 403}


def test_all_that_is_read_of_cases_can_be_read_of_those_that_were_brought(asks: Asking, body: Body, made: FastAPI):
    for kind in ("providers", "people", "accreditations", "decisions"):
        assert send(asks, body, kind, (EXAMPLES / f"{kind}.csv").read_bytes()).status_code == 200
    asks.caught_up()
    decided = past_submission("decisions", "DEC/2023/112")
    earned = past_submission("accreditations", "ACC/2024/003")
    paths = [
        path.removeprefix(ROOT)
        for path, methods in made.openapi()["paths"].items()
        if "get" in methods and path.startswith(f"{ROOT}/cases/{{") and path.count("{") == 1
    ]

    answers = {
        (path, case): asks.get(re.sub(r"\{\w+\}", case, path), body.officer, "officer").status_code
        for path in paths
        for case in (decided, earned, accreditation_id(earned))
    }

    assert len(paths) > 4
    assert {one for one in answers.values() if one >= 500} == set()
    assert {answers["/cases/{id}", case] for case in (decided, earned, accreditation_id(earned))} == {200}
    told = asks.get(f"/cases/{accreditation_id(earned)}/history", body.officer, "officer").json()["items"]
    assert [one["name"] for one in told] == ["AccreditationImported"]
    assert told[0]["at"] == "2024-02-01T00:00:00Z"
    assert "suspended from" in told[0]["sentence"]
