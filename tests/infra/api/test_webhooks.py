"""Webhooks over the API: officers say to whom the feed is carried; secrets are shown once; what is not allowed is refused by its field."""

import json
from typing import Any

import pytest
from httpx import Response

from infra.bootstrap import App
from infra.identity import service_accounts
from infra.webhooks import failures, subscriptions
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.services.conftest import Clock

URL = "https://hooks.example/assay"


@pytest.fixture
def account(app: App, body: Body, clock: Clock) -> str:
    """A service account for the feed."""
    scopes = ["see-events", "see-case"]
    return service_accounts.add(
        app.records.datastore, name="statistics", role="officer", scopes=scopes, known=scopes, at=clock()
    )[0]


@pytest.fixture
def officer(body: Body) -> str:
    return body.officer


def added(asks: Asking, officer: str, account: str, /, **said: Any) -> Response:
    asked = {"name": "statistics", "url": URL, "account": account} | said
    return asks.post("/webhooks/add-webhook", officer, "officer", **asked)


def listed(asks: Asking, officer: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = asks.get("/webhooks", officer, "officer").json()["items"]
    return found


def problem(answer: Response) -> tuple[int, str, str | None]:
    said = answer.json()
    return answer.status_code, said["type"].removeprefix("/problems/"), said.get("field")


def test_a_subscription_begins_now_and_its_secret_is_shown_once(asks: Asking, app: App, officer: str, account: str):
    made = added(asks, officer, "statistics", events=["FeePaid", "FeePaid", "FeeWaived"]).json()
    assert made["secret"].startswith("whsec_")
    assert made["position"] == app.records.max_position()

    [row] = listed(asks, officer)
    assert (row["account"], row["made_by"], row["names"]) == (account, officer, ["FeePaid", "FeeWaived"])
    assert (row["url"], row["waiting"], row["dead"], row["paused_at"]) == (URL, 0, 0, None)
    assert made["secret"].removeprefix("whsec_") not in json.dumps(row)


def test_an_empty_list_is_one(asks: Asking, officer: str):
    assert listed(asks, officer) == []
    assert asks.get("/webhooks/failures", officer, "officer").json()["items"] == []


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"name": "No name"}, (422, "webhook-name", "name")),
        ({"url": "http://hooks.example/"}, (422, "webhook-address", "url")),
        ({"url": "https://127.0.0.1/"}, (422, "webhook-address", "url")),
        ({"url": "https://0x7f.1/"}, (422, "webhook-address", "url")),
        ({"account": "nobody"}, (422, "webhook-account", "account")),
        ({"events": ["Nothing"]}, (422, "event-kinds", "events")),
        ({"after": 999_999_999}, (422, "webhook-position", "after")),
        ({"colour": 1}, (422, "fields", "colour")),
    ],
    ids=json.dumps,
)
def test_what_is_not_allowed_is_refused_by_its_field_and_nothing_is_written(
    asks: Asking, officer: str, account: str, said: dict[str, Any], refusal: tuple[int, str, str]
):
    assert problem(added(asks, officer, account, **said)) == refusal
    assert listed(asks, officer) == []


def test_a_name_is_given_once(asks: Asking, officer: str, account: str):
    assert added(asks, officer, account).status_code == 200
    assert problem(added(asks, officer, account)) == (422, "webhook-name", "name")
    assert len(listed(asks, officer)) == 1


def test_an_account_that_is_not_for_the_feed_is_none(asks: Asking, app: App, officer: str, clock: Clock):
    service_accounts.add(
        app.records.datastore, name="board", role="officer", scopes=["see-board"], known=["see-board"], at=clock()
    )
    assert problem(added(asks, officer, "board")) == (422, "webhook-account", "account")


def test_only_officers_say_to_whom_the_feed_is_carried(asks: Asking, body: Body, officer: str, account: str):
    for who, role in ((body.chair, "chair"), (body.assessors[0], "assessor")):
        answer = asks.post("/webhooks/add-webhook", who, role, name="mine", url=URL, account=account)
        assert problem(answer) == (403, "acting-role", "role")
        assert problem(asks.get("/webhooks", who, role)) == (403, "acting-role", "role")
    program = asks.post("/webhooks/add-webhook", f"{account}:see-events", "officer", name="x", url=URL, account=account)
    assert problem(program) == (403, "token-scope", "scope")
    assert listed(asks, officer) == []


def test_it_is_paused_goes_on_is_replayed_and_ended(asks: Asking, app: App, officer: str, account: str):
    added(asks, officer, account)

    def give(command: str, **said: Any) -> Response:
        return asks.post(f"/webhooks/statistics/{command}", officer, "officer", **said)

    assert give("pause-webhook").json()["version"] == 2
    [row] = listed(asks, officer)
    assert row["paused_because"] == "asked"
    assert give("pause-webhook").json()["version"] == 2
    assert give("resume-webhook").json()["version"] == 3
    assert give("replay-webhook", after=3).json()["position"] == 3
    assert problem(give("replay-webhook", after=10**9)) == (422, "webhook-position", "after")
    [row] = listed(asks, officer)
    assert (row["paused_at"], row["position"], row["version"]) == (None, 3, 4)

    assert give("end-webhook").status_code == 200
    assert problem(give("end-webhook")) == (404, "known-webhook", "name")
    assert listed(asks, officer) == []


@pytest.mark.parametrize("name", ["nobody", "%00", "%F0%9F%93%85", "A", "a" * 60])
def test_a_subscription_that_there_is_not_is_answered_so(asks: Asking, officer: str, name: str):
    for command in ("pause-webhook", "rotate-secret", "end-webhook"):
        answer = asks.post(f"/webhooks/{name}/{command}", officer, "officer")
        assert problem(answer) == (404, "known-webhook", "name")


def test_a_new_secret_is_shown_once_for_the_version_that_was_seen(asks: Asking, officer: str, account: str):
    first = added(asks, officer, account).json()
    stale = asks.post("/webhooks/statistics/rotate-secret", officer, "officer", more={"If-Match": '"9"'})
    assert problem(stale)[:2] == (412, "version-meanwhile")

    second = asks.post("/webhooks/statistics/rotate-secret", officer, "officer", more={"If-Match": '"1"'}).json()
    assert second["secret"] != first["secret"]
    assert second["version"] == 2


def test_what_did_not_arrive_is_listed_tried_again_and_dropped(
    asks: Asking, app: App, officer: str, account: str, clock: Clock
):
    added(asks, officer, account)
    held = subscriptions.require(app.records.datastore, "statistics")
    for position, attempts in ((5, 1), (6, len(failures.PAUSES) + 1), (7, len(failures.PAUSES) + 1)):
        failures.keep(
            app.records.datastore, held, position=position, name="FeePaid", attempts=attempts, error="answered 500",
            wait=0, at=clock(),
        )  # fmt: skip

    dead = asks.get("/webhooks/failures", officer, "officer", waiting="false").json()["items"]
    assert [(one["position"], one["event"], one["error"]) for one in dead] == [
        (6, "FeePaid", "answered 500"),
        (7, "FeePaid", "answered 500"),
    ]
    [row] = listed(asks, officer)
    assert (row["waiting"], row["dead"]) == (1, 2)

    def give(command: str, **said: Any) -> Response:
        return asks.post(f"/webhooks/statistics/{command}", officer, "officer", **said)

    assert give("retry-failures", position=6).json()["changed"] == 1
    assert problem(give("retry-failures", position=99)) == (422, "webhook-failure", "position")
    assert give("drop-failures").json()["changed"] == 1
    assert give("drop-failures", position=5).json()["changed"] == 1
    assert give("retry-failures").json()["changed"] == 1
    assert [one["position"] for one in asks.get("/webhooks/failures", officer, "officer").json()["items"]] == [6]
