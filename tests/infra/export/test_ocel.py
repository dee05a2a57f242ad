"""The whole record as OCEL 2.0: sound by a checker of its own, whole, without words of anybody, and valid after erasures."""

import io
import json
from typing import Any

import pytest

from infra.bootstrap import App, open_app
from infra.export.check import ocel_faults
from infra.export.ocel import write_ocel
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.services.appealing import hearing, refused_case
from tests.storing import store


@pytest.fixture
def exported(database: Database) -> Any:
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        hear = hearing(body)
        appeal = hear.upheld(refused_case(body))
        case = factories.brought(body, "released")
        factories.settle(body, case)
        yield app, body, case, appeal


def written(app: App) -> dict[str, Any]:
    out = io.BytesIO()
    count = write_ocel(app.records, out)
    log: dict[str, Any] = json.loads(out.getvalue())
    assert count == len(log["events"]) == app.records.max_position()
    return log


def test_an_export_is_sound_and_says_what_each_event_is_about(exported: tuple[App, Body, str, str]):
    app, body, case, appeal = exported
    log = written(app)

    assert ocel_faults(log) == []
    kinds = {one["type"] for one in log["objects"]}
    assert {"provider", "submission", "person", "meeting", "accreditation", "appeal"} <= kinds
    decided = [one for one in log["events"] if one["type"] == "DecisionRecorded"]
    [mine] = [one for one in decided if {"objectId": case, "qualifier": "stream"} in one["relationships"]]
    assert {"objectId": body.chair, "qualifier": "chair"} in mine["relationships"]
    assert {"name": "outcome", "value": "awarded"} in mine["attributes"]
    lodged = next(one for one in log["objects"] if one["id"] == appeal)
    assert "case" in {one["qualifier"] for one in lodged["relationships"]}
    assert [one["time"] for one in log["events"]] == sorted(one["time"] for one in log["events"])


def test_an_export_has_no_word_that_somebody_typed_nor_anything_of_the_vault(exported: tuple[App, Body, str, str]):
    app, *_ = exported
    out = io.BytesIO()
    write_ocel(app.records, out)
    said = out.getvalue().decode()

    typed = [body for (body,) in app.records.datastore.rows("SELECT body FROM record.texts", [])]
    held = [value for (value,) in app.records.datastore.rows("SELECT value FROM record.vault", [])]
    assert typed
    assert held
    assert [one for one in (*typed, *held) if len(one) > 3 and json.dumps(one) in said] == []
    persons = [one for one in json.loads(said)["objects"] if one["type"] == "person"]
    assert [one for one in persons if one["attributes"] or one["relationships"]] == []


def test_erasing_a_persons_data_leaves_the_same_sound_export(exported: tuple[App, Body, str, str]):
    app, body, case, _ = exported
    before = written(app)
    app.vault.erase_subject(body.chair)
    app.vault.erase_subject(body.submission(case).registration.provider)

    assert written(app) == before
    assert ocel_faults(before) == []


def test_an_empty_record_is_an_empty_log(database: Database):
    with open_app(database.app_url) as app:
        log = written(app)
    assert log == {"events": [], "objects": [], "eventTypes": [], "objectTypes": []}
    assert ocel_faults(log) == []


TYPES = {"name": "A", "attributes": [{"name": "n", "type": "integer"}]}


def log_of(**changed: Any) -> dict[str, Any]:
    event = {"id": "e", "type": "A", "time": "2026-01-01T00:00:00Z", "attributes": [], "relationships": []}
    first = {**event, "id": "d"}
    thing = {"id": "o", "type": "A", "attributes": [], "relationships": []}
    return {"eventTypes": [TYPES], "objectTypes": [TYPES], "objects": [thing], "events": [first, {**event, **changed}]}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"id": "d"}, "2 times"),
        ({"type": "B"}, "not declared"),
        ({"time": "2025-12-31T23:59:59Z"}, "before that of the event before it"),
        ({"time": "yesterday"}, "no instant"),
        ({"time": "2026-01-01T00:00:00"}, "no instant"),
        ({"attributes": [{"name": "m", "value": 1}]}, "m is not declared"),
        ({"attributes": [{"name": "n", "value": "one"}]}, "n is no integer"),
        ({"attributes": [{"name": "n", "value": True}]}, "n is no integer"),
        ({"relationships": [{"objectId": "p", "qualifier": "q"}]}, "which is no object"),
        ({"relationships": [{"objectId": "o", "qualifier": ""}]}, "has no qualifier"),
        ({"relationships": [{"objectId": "o", "qualifier": "q"}] * 2}, "is there 2 times"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_the_checker_finds_each_kind_of_fault(changed: dict[str, Any], fault: str):
    assert ocel_faults(log_of(id="e")) == []
    [found] = ocel_faults(log_of(**changed))
    assert fault in found
    assert ocel_faults({"events": []})
