"""Lists: every row once while others come in, filters and orders, and what is refused with the field and what is allowed."""

import base64
import json
import threading
from datetime import datetime
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from domain.learning import QUESTIONS
from domain.refusals import Refused
from infra.api import positions
from infra.api.app import ROOT, create
from infra.api.caller import Api
from infra.api.lists import LISTS
from infra.api.positions import HEADER, caught_up
from infra.api.reading.asked import _digest
from infra.bootstrap import App
from infra.projector import catch_up
from projections import board
from services import moderation
from services.learning import learning_id
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import LENT, Asking
from tests.infra.api.reading import OF_ALL, generated, keys, paged
from tests.services.conftest import Clock
from tests.services.workplace import open_workplace

Filled = tuple[Asking, str]


@pytest.fixture
def filled(made: FastAPI, api: Api, app: App, clock: Clock) -> Filled:
    """A client on a record with made-up cases, and an officer."""
    officer = generated(app, clock())
    clock.passes(days=20)  # so that something is late
    LENT.api = api
    catch_up(app.records)
    return Asking(TestClient(made, raise_server_exceptions=False), app), officer


@pytest.mark.parametrize("sort", ["due_at", "-due_at", "submission", "-since", "stage"])
def test_paging_shows_every_row_once_also_while_others_come_in(
    body: Body, asks: Asking, clock: Clock, sort: str
) -> None:
    there = set()
    for _ in range(5):
        there.add(factories.register(body))
        clock.passes(days=1)
    asks.caught_up()

    def another() -> None:
        factories.register(body)
        asks.caught_up()

    rows = paged(asks, "/board", body.officer, "officer", between=another, sort=sort, limit=2)

    found = [row["submission"] for row in rows]
    assert len(found) == len(set(found))
    assert there <= set(found)


def test_every_list_in_every_order_is_the_same_paged_as_whole(filled: Filled) -> None:
    asks, officer = filled
    filled = set()
    for listing in (one for one in OF_ALL if one.path != "retention"):
        if asks.get(f"/{listing.path}", officer, "officer").status_code == 403:
            continue
        for sort in listing.sortable:
            path = f"/{listing.path}"
            whole = asks.get(path, officer, "officer", sort=sort, format="csv").text.splitlines()[1:]
            rows = paged(asks, path, officer, "officer", sort=sort, limit=200)
            again = paged(asks, path, officer, "officer", sort=sort, limit=37)
            assert keys(listing, rows) == keys(listing, again)
            assert len(set(keys(listing, rows))) == len(rows)
            assert len(whole) >= len(rows)
            filled |= {listing.path} if rows else set()
    assert {
        "board", "board/counts", "register", "reminders", "ledger/cases", "people", "people/roles", "people/training",
        "providers", "windows", "schemes", "conflicts", "composition/boards",
    } <= filled  # fmt: skip


def test_rows_are_in_the_order_asked_for(filled: Filled) -> None:
    asks, officer = filled

    up = [row["due_at"] for row in paged(asks, "/board", officer, "officer", sort="due_at")]
    down = [row["due_at"] for row in paged(asks, "/board", officer, "officer", sort="-due_at")]

    dated = [one for one in up if one]
    assert dated == sorted(dated)
    assert up[: len(dated)] == dated  # without a deadline comes last
    assert None in up
    assert down == up[::-1]


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ({"stage": "preparing"}, lambda row, _: row["stage"] == "preparing"),
        ({"scheme": "cpd-qa"}, lambda row, _: row["scheme"].startswith("cpd-qa@")),
        ({"scheme": "cpd-qa@1"}, lambda row, _: row["scheme"] == "cpd-qa@1"),
        ({"category": "single*"}, lambda row, _: row["category"].startswith("single")),
        ({"overdue": "true"}, lambda row, at: row["due_at"] is not None and datetime.fromisoformat(row["due_at"]) <= at),
        ({"since_from": "2026-01-01T00:00:00Z"}, lambda row, _: row["since"] >= "2026-01-01"),
        ({"since_until": "2026-01-01T01:00:00+01:00"}, lambda row, _: row["since"] < "2026-01-01"),
        ({"released": "true", "outcome": "awarded"}, lambda row, _: row["released"] and row["outcome"] == "awarded"),
    ],
)  # fmt: skip
def test_a_filter_keeps_what_fits_and_nothing_else(
    filled: Filled, clock: Clock, asked: dict[str, str], holds: Any
) -> None:
    asks, officer = filled

    every = paged(asks, "/board", officer, "officer")
    found = paged(asks, "/board", officer, "officer", **asked)

    assert found == [row for row in every if holds(row, clock())]
    assert found


def test_a_computed_list_is_filtered_like_any_other(filled: Filled) -> None:
    asks, officer = filled

    every = paged(asks, "/reminders", officer, "officer", limit=200)
    late = paged(asks, "/reminders", officer, "officer", limit=200, due_at_until="2026-04-01T00:00:00Z")

    assert late == [row for row in every if row["due_at"] < "2026-04-01"]
    assert 0 < len(late) < len(every)


@pytest.mark.parametrize(
    ("asked", "field", "allowed"),
    [
        ({"colour": "red"}, "colour", "stage"),
        ({"stage": "gone"}, "stage", "preparing"),
        ({"stage": ["preparing", "decided"]}, "stage", "once"),
        ({"released": "maybe"}, "released", "true or false"),
        ({"due_at_from": "2026-03-01T00:00:00"}, "due_at_from", "time zone"),
        ({"due_at_from": "0001-01-01T00:00:00+14:00"}, "due_at_from", "time zone"),
        ({"provider": "a\x00b"}, "provider", "characters"),
        ({"provider": "x" * 201}, "provider", "200"),
        ({"sort": "title"}, "sort", "-due_at"),
        ({"limit": "0"}, "limit", "1 to 200"),
        ({"limit": "201"}, "limit", "1 to 200"),
        ({"limit": "many"}, "limit", "1 to 200"),
        ({"format": "pdf"}, "format", "csv"),
        ({"cursor": "nonsense"}, "cursor", "next"),
        ({"cursor": "WzEsWzFdLCJ4Il0"}, "cursor", "next"),
        ({"on": "2026-03-01T00:00:00Z"}, "on", "stage"),
    ],
)  # fmt: skip
def test_what_a_list_is_not_asked_like_is_refused_with_the_field_and_what_is_allowed(
    body: Body, asks: Asking, asked: dict[str, Any], field: str, allowed: str
) -> None:
    asks.caught_up()

    refused = asks.get("/board", body.officer, "officer", **asked)

    assert refused.status_code == 422
    assert refused.json()["field"] == field
    assert allowed in refused.json()["allowed"]


def test_a_cursor_is_good_for_its_own_list_order_and_filters_only(body: Body, asks: Asking) -> None:
    for _ in range(3):
        factories.register(body)
    asks.caught_up()
    first = asks.get("/board", body.officer, "officer", limit=1, sort="since").json()["next"]

    def status(path: str = "/board", **asked: Any) -> int:
        return asks.get(path, body.officer, "officer", cursor=first, **asked).status_code

    assert status(sort="since") == 200
    assert status(sort="since", limit=2) == 200
    assert status(sort="-since") == 422
    assert status() == 422
    assert status(sort="since", stage="registered") == 422
    assert status("/people", sort="registered_at") == 422
    assert asks.get("/board", body.officer, "officer", cursor=first[:-3] + "abc", sort="since").status_code == 422


@pytest.mark.parametrize(
    "cells", [[5, "submission-a"], ["2026-03-02T12:00:00", "x"], ["2026-03-02T12:00:00Z", "\x00"], ["2026-03-02T12:00:00Z", "\ud800"], [None], [[], {}]]
)  # fmt: skip
def test_a_cursor_that_somebody_makes_up_is_refused_too(body: Body, asks: Asking, cells: list[Any]) -> None:
    """Nothing in it is secret, so that anybody can make one; nothing but a place in this list is read from it."""
    [board] = [one for one in LISTS if one.path == "board"]
    on = "2026-03-02T12:00:00+00:00"
    token = _digest(board.path, "", "due_at")

    def cursor(cells: list[Any]) -> str:
        said = json.dumps([on, cells, _digest(token, on, json.dumps(cells))])
        return base64.urlsafe_b64encode(said.encode()).decode()

    good = asks.get("/board", body.officer, "officer", cursor=cursor([None, "submission-a"]))
    made_up = asks.get("/board", body.officer, "officer", cursor=cursor(cells))

    assert good.status_code == 200
    assert (made_up.status_code, made_up.json()["field"]) == (422, "cursor")


def test_an_empty_list_is_a_list(body: Body, asks: Asking) -> None:
    asks.caught_up()

    page = asks.get("/appeals", body.officer, "officer")

    assert page.status_code == 200
    assert page.json()["items"] == []
    assert page.json()["next"] is None
    assert asks.get("/appeals", body.officer, "officer", format="csv").text.count("\n") == 1


def test_the_register_is_public_and_as_of_any_date(filled: Filled) -> None:
    asks, _ = filled

    now = paged(asks, "/register", None, None)
    assert asks.get("/register", on="9999-12-31T23:59:59Z").status_code == 422
    before = asks.get("/register", on="2001-01-01T00:00:00Z").json()

    assert now
    assert all(row["provider_name"] and row["title"] for row in now)
    assert before["items"] == []


def test_a_list_goes_on_as_of_the_date_that_its_first_page_was_of(body: Body, asks: Asking, clock: Clock) -> None:
    for _ in range(2):
        factories.register(body)
    asks.caught_up()
    first = asks.get("/conflicts", body.officer, "officer", limit=1).json()
    clock.passes(days=-10)

    second = asks.get("/conflicts", body.officer, "officer", limit=1, cursor=first["next"])

    assert len(second.json()["items"]) == 1  # ten days before there was none


def test_names_are_beside_ids_for_who_may_see_them_and_texts_in_their_place(body: Body, asks: Asking) -> None:
    case = factories.brought(body, "accepted")
    asks.caught_up()
    assessor = body.submission(case).assessor
    assert assessor

    [by_officer] = asks.get("/board", body.officer, "officer", submission=case).json()["items"]
    contact = body.submission(case).registration.lead_contact
    [by_contact] = asks.get("/board", contact, "provider").json()["items"]

    assert by_officer["title"] == by_contact["title"] == "A programme"
    assert by_officer["assessor_name"]
    assert by_contact["assessor_name"] is None
    assert by_contact["provider_name"]


def test_a_provider_learns_no_outcome_from_a_list_before_it_is_released(body: Body, asks: Asking) -> None:
    case = factories.brought(body, "decided")
    contact = body.submission(case).registration.lead_contact

    def row(**asked: str) -> list[Any]:
        asks.caught_up()
        return asks.get("/board", contact, "provider", **asked).json()["items"]  # type: ignore[no-any-return]

    assert [one["outcome"] for one in row()] == [None]
    assert row(outcome="awarded") == []
    factories.approve(body, case)
    factories.settle(body, case)
    assert [one["outcome"] for one in row(outcome="awarded")] == ["awarded"]


def test_after_a_position_a_list_shows_what_was_recorded_there(body: Body, asks: Asking) -> None:
    asks.caught_up()
    case = factories.register(body)
    position = asks.app.records.max_position()
    later = threading.Timer(0.2, asks.caught_up)
    later.start()

    page = asks.get("/board", body.officer, "officer", after=position)
    later.join()

    assert [one["submission"] for one in page.json()["items"]] == [case]
    assert int(page.headers[HEADER]) >= position
    assert page.json()["position"] >= position


def test_who_waits_in_vain_is_told_when_to_come_back(
    body: Body, asks: Asking, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks.caught_up()
    factories.register(body)
    position = asks.app.records.max_position()

    with pytest.raises(Refused) as caught:
        caught_up(api, (board.MODEL,), position, patience=0.05)
    monkeypatch.setattr(positions.caught_up, "__kwdefaults__", {"patience": 0.05})
    answer = asks.get("/board", body.officer, "officer", after=position)
    beyond = asks.get("/board", body.officer, "officer", after=position + 1)

    assert caught.value.rule == "not-caught-up"
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert beyond.status_code == 422
    assert beyond.json()["field"] == "after"


def test_every_list_is_described_with_its_parameters_and_its_rows(api: Api) -> None:
    described = create(api).openapi()

    for listing in LISTS:
        operation = described["paths"][f"{ROOT}/{listing.path}"]["get"]
        asked = {one["name"] for one in operation["parameters"]}
        assert {"sort", "limit", "cursor", "format", "after", *listing.parameters} <= asked
        page = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        row = described["components"]["schemas"][page]["properties"]["items"]["items"]["$ref"].rpartition("/")[2]
        shown = described["components"]["schemas"][row]["properties"]
        assert {column for column in listing.hints if column not in listing.hidden} <= shown.keys()
    names = [one.operation for one in LISTS]
    assert len(names) == len(set(names))


def test_a_person_sees_their_own_and_no_others_where_the_table_says_so(body: Body, asks: Asking) -> None:
    asks.caught_up()
    me = body.assessors[0]

    people = asks.get("/people", me, "assessor").json()["items"]
    training = asks.get("/people/training", me, "assessor").json()["items"]

    assert [one["person"] for one in people] == [me]
    assert people[0]["person_name"]
    assert {one["person"] for one in training} == {me}


def test_who_may_not_see_a_list_is_told_who_may(body: Body, asks: Asking) -> None:
    asks.caught_up()

    refused = asks.get("/risks", body.chair, "chair")

    assert refused.status_code == 403
    assert "board" in refused.json()["allowed"]


def scheduled(body: Body, cases: list[str]) -> str:
    """A meeting that is to look at these cases."""
    command = body.command(body.officer, "officer")
    moderation.schedule_meeting(
        body.office, command, scheme=body.scheme.id, starts_at=body.now(), chair=body.chair, panel=body.moderators,
        items=cases,
    )  # fmt: skip
    return moderation.meeting_id(command.id)


def test_a_meeting_is_listed_with_its_cases_each_for_who_may_see_it(body: Body, asks: Asking) -> None:
    cases = [factories.brought(body, "completed") for _ in range(2)]
    meeting = scheduled(body, cases)
    asks.caught_up()

    [listed] = asks.get("/meetings", body.officer, "officer", state="scheduled").json()["items"]
    items = asks.get(f"/meetings/{meeting}/items", body.officer, "officer").json()["items"]

    assert (listed["meeting"], listed["chair"], listed["signed_at"]) == (meeting, body.chair, None)
    assert {one["case_id"] for one in items} == set(cases)
    assert [one["meeting"] for one in asks.get("/meetings", body.chair, "chair").json()["items"]] == [meeting]
    assert asks.get("/meetings", body.assessors[0], "assessor").json()["items"] == []

    hidden = body.submission(cases[0]).registration.provider
    asks.post(f"/people/{body.officer}/declare-conflict", body.officer, "officer", provider=hidden)
    items = asks.get(f"/meetings/{meeting}/items", body.officer, "officer").json()["items"]
    assert [one["case_id"] for one in items] == [cases[1]]


def test_a_meeting_whose_cases_are_all_hidden_is_hidden_too(body: Body, asks: Asking) -> None:
    case = factories.brought(body, "completed")
    meeting = scheduled(body, [case])
    asks.caught_up()
    assert asks.get("/composition", body.officer, "officer", panel=meeting).json()["items"] != []

    hidden = body.submission(case).registration.provider
    asks.post(f"/people/{body.officer}/declare-conflict", body.officer, "officer", provider=hidden)

    assert asks.get("/meetings", body.officer, "officer").json()["items"] == []
    assert asks.get("/composition", body.officer, "officer", panel=meeting).json()["items"] == []
    assert meeting not in asks.get("/events", body.officer, "officer", limit=200).text
    assert asks.get(f"/meetings/{meeting}/items", body.officer, "officer").status_code == 404


def test_who_answered_what_is_listed_for_who_may_see_names_and_ones_own_for_anybody(body: Body, asks: Asking) -> None:
    case = factories.brought(body, "released")
    about, manager = learning_id(case), factories.appoint(body, "quality-manager", scheme=None)
    said = {"scores": dict.fromkeys(QUESTIONS["chair"], 4), "minutes_spent": 120, "comment": "Too long."}
    assert asks.post(f"/learning/{about}/answer-questionnaire", body.chair, "chair", **said).status_code == 200
    asks.caught_up()

    every = asks.get("/learning/answers", manager, "quality-manager").json()["items"]
    own = asks.get("/learning/answers", body.chair, "chair").json()["items"]

    assert {one["case_id"] for one in every} == {case}
    assert len(every) > 1
    assert [(one["person"], one["minutes"], one["comment"]) for one in own] == [(body.chair, 120, "Too long.")]
    assert asks.get("/learning/answers", body.officer, "officer").json()["items"] == []


def test_needs_and_activities_are_listed_for_whom_they_are_about_and_who_sees_to_them(body: Body, asks: Asking) -> None:
    there = open_workplace(body)
    there.agree()
    activity = there.propose()
    asks.caught_up()

    needs = asks.get("/development/needs", there.manager, "quality-manager", unmet="true").json()["items"]
    activities = asks.get("/development/activities", there.manager, "quality-manager").json()["items"]

    assert {one["person"] for one in needs} == {there.pat}
    assert [(one["id"], one["person"], one["approved_at"]) for one in activities] == [(activity, there.pat, None)]
    assert asks.get("/development/needs", body.chair, "chair").json()["items"] == []
