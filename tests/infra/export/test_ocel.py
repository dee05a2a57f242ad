"""The whole record as OCEL 2.0: sound by a checker of its own, whole, without words of anybody, and valid after erasures."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.window import WindowOpened, WindowScheduled
from infra.bootstrap import App, open_app
from infra.export.check import ocel_faults
from infra.export.ocel import write_ocel
from services.ports import Batch, Change, Command
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


def values(log: dict[str, Any], id: str, name: str) -> list[Any]:
    """The values that an attribute of an object had, one after the other."""
    [one] = [one for one in log["objects"] if one["id"] == id]
    return [given["value"] for given in one["attributes"] if given["name"] == name]


def said_of(event: dict[str, Any], name: str) -> Any:
    return next((one["value"] for one in event["attributes"] if one["name"] == name), None)


def test_an_event_has_the_time_when_it_happened_and_says_when_and_in_which_order_it_was_recorded(database: Database):
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        factories.brought(body, "registered")
        log = written(app)
        recorded = {one.id: one for one in app.records.read_log(0, 1_000)}

    events = {one["id"]: one for one in log["events"]}
    assert {id: datetime.fromisoformat(one["time"]) for id, one in events.items()} == {
        id: one.at for id, one in recorded.items()
    }
    assert {id: datetime.fromisoformat(said_of(one, "recorded_at")) for id, one in events.items()} == {
        id: one.recorded_at for id, one in recorded.items()
    }
    assert [said_of(one, "log_position") for one in log["events"]] == sorted(one.position for one in recorded.values())


def test_an_object_has_what_it_was_when(exported: tuple[App, Body, str, str]):
    app, body, case, appeal = exported
    log = written(app)

    assert values(log, case, "stage")[0] == "registered"
    assert values(log, case, "stage")[-1] == "decided"
    assert len(values(log, case, "stage")) > 5
    assert values(log, case, "outcome") == ["awarded"]
    assert values(log, case, "released") == [False, True]
    assert values(log, appeal, "stage")[-1] == "upheld"
    assert values(log, appeal, "outcome") == ["upheld"]
    provider = body.submission(case).registration.provider
    assert values(log, provider, "size_band") == [body.submission(case).registration.size_band]
    [award] = [id for one in log["objects"] if (id := one["id"]).startswith("accreditation-")]
    assert values(log, award, "standing") == ["accredited"]
    assert values(log, award, "level") == values(log, case, "level")
    meetings = [one["id"] for one in log["objects"] if one["type"] == "meeting" and one["attributes"]]
    assert {tuple(values(log, one, "stage")) for one in meetings} == {("scheduled", "open")}


def test_what_an_appeal_sets_aside_holds_no_more(database: Database):
    with open_app(database.app_url, store=store()) as app:
        body = factories.open_body(app.office)
        case = refused_case(body)
        before = values(written(app), case, "outcome")
        hearing(body).upheld(case)
        after = values(written(app), case, "outcome")

    assert before == ["not_awarded"]
    assert after == ["not_awarded", ""]


def test_what_comes_on_record_later_has_its_own_time_and_puts_no_value_behind_one_that_it_follows(database: Database):
    opens, closes = (datetime(2026, 3, day, tzinfo=UTC) for day in (1, 5))
    id = "window-aaaaaaaaaaaaaaaa"
    scheduled = WindowScheduled(
        window=id, scheme="cpd-qa@1", opens_at=opens, closes_at=closes, grace_seconds=0, capacity=None
    )
    with open_app(database.app_url, store=store()) as app:
        for number, (event, day) in enumerate(((scheduled, 2), (WindowOpened(opens_at=opens), 1))):
            command = Command(id=f"c-{number}", actor=id, role="process", at=datetime(2026, 3, day, tzinfo=UTC))
            app.records.append(Batch(command=command, changes=[Change(stream=id, expected=number, events=[event])]))
        log = written(app)

    assert [one["time"] for one in log["events"]] == ["2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"]
    [window] = [one for one in log["objects"] if one["id"] == id]
    assert [(one["value"], one["time"]) for one in window["attributes"] if one["name"] == "stage"] == [
        ("open", "2026-03-02T00:00:00Z")
    ]
    assert ocel_faults(log) == []


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


def values_of(*given: tuple[int | None, Any]) -> dict[str, Any]:
    """A log with one object, whose attribute had these values, each from a day on."""
    said = [
        {"name": "n", "value": value} | ({"time": f"2026-01-{day:02}T00:00:00Z"} if day else {}) for day, value in given
    ]
    thing = {"id": "o", "type": "A", "attributes": said, "relationships": []}
    return {**log_of(), "objects": [thing]}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"id": "d"}, "2 times"),
        ({"type": "B"}, "not declared"),
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


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (((2, 1), (1, 2)), "from before the one that it follows"),
        (((1, 1), (1, 2)), "from the same time as another"),
        (((1, 1), (None, 2)), "has no time"),
        (((1, 1), (2, "two")), "n is no integer"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_the_checker_finds_what_is_wrong_with_values_over_time(given: tuple[tuple[int | None, Any], ...], fault: str):
    assert ocel_faults(values_of((1, 1), (2, 2), (3, 1))) == []
    [found] = ocel_faults(values_of(*given))
    assert fault in found


def test_events_need_not_stand_in_the_order_of_their_times():
    assert ocel_faults(log_of(time="2025-12-31T23:59:59Z")) == []
