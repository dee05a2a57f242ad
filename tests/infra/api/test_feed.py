"""The feed: everything that the caller may see, in order and once, as of the time at which it is sent, and nothing else."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import httpx
import pytest
from fastapi import Request

from domain.events import NAMES
from domain.ids import KINDS
from domain.permissions import actions
from infra.api import feed, ringing
from infra.api.caller import Api
from infra.api.telling import OF_STREAMS, further
from infra.bootstrap import App
from infra.identity.known import Known, NotKnown
from infra.projector import catch_up
from services import people
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking, headers, known
from tests.infra.api.listening import Heard, following, heard, projected, served
from tests.services.test_conflicts import another_officer, declare, owner


def entries(asks: Asking, who: str, role: str, **asked: object) -> list[dict[str, object]]:
    """All entries that somebody is told, page by page."""
    found: list[dict[str, object]] = []
    after = 0
    while True:
        page = asks.get("/events", who, role, after=after, **asked).json()
        found += page["items"]
        after = page["next"]
        if not page["more"]:
            return found


def comments(stream: Iterator[Heard]) -> list[str]:
    """What keeps a stream alive, once something did."""
    return next(one.comments for one in stream if one.comments)


def test_every_kind_of_stream_and_of_event_has_a_row_of_the_table(body: Body):
    assert set(OF_STREAMS) == set(KINDS) - {"text", "activity", "report", "concern", "letter"}
    needed = {*OF_STREAMS.values(), *(further(kind) for kind in NAMES.values())} - {None}
    assert needed <= set(actions())


def test_an_officer_is_told_everything_in_its_order_page_by_page(asks: Asking, app: App, body: Body):
    case = factories.brought(body, "screened")
    asks.caught_up()
    log = [one for one in app.records.read_log(0, 100_000) if one.stream == case]

    for limit in (1, 7, 200):
        found = entries(asks, body.officer, "officer", case=case, limit=limit)
        assert [one["position"] for one in found] == [one.position for one in log]
    assert [one["name"] for one in found] == [one.name.partition(".")[0] for one in log]


def test_an_entry_holds_ids_and_no_words_that_anybody_typed(asks: Asking, body: Body):
    provider = factories.register_provider(body)
    factories.register(body, provider)
    asks.caught_up()

    answer = asks.get("/events", body.officer, "officer", limit=200).text
    assert "ProgrammeRegistered" in answer
    for typed in ("A programme", "Provider of", "Contact of", "@provider.example"):
        assert typed not in answer


def test_a_conflict_hides_everything_of_that_provider_at_once_and_leaves_only_gaps(asks: Asking, body: Body):
    case, other, officer = factories.register(body), factories.register(body), another_officer(body)
    asks.caught_up()
    assert case in {one["stream"] for one in entries(asks, officer, "officer")}

    declare(body, officer, case, "officer")  # no read model has seen it

    answer = asks.get("/events", officer, "officer", limit=200)
    assert case not in answer.text
    assert owner(body, case) not in answer.text
    assert other in answer.text
    assert set(answer.json()) == {"items", "next", "more"}
    assert asks.get("/events", officer, "officer", case=case).status_code == 404
    nothing = asks.get("/events", officer, "officer", case="submission-aaaaaaaaaaaaaaaa").json()
    hidden = asks.get("/events", officer, "officer", case=case).json()
    assert {**nothing, "request": ""} == {**hidden, "request": ""}


def test_a_contact_is_told_of_its_own_cases_and_not_of_judgements_before_the_result(asks: Asking, body: Body):
    case = factories.brought(body, "approved")
    strange = factories.register(body)
    contact = body.submission(case).registration.lead_contact
    asks.caught_up()

    before = entries(asks, contact, "provider")
    assert strange not in {one["stream"] for one in before}
    assert {"ProgrammeRegistered", "PortfolioSubmitted"} <= {one["name"] for one in before}
    assert not {"JudgementRecorded", "DecisionRecorded", "ModerationStarted"} & {one["name"] for one in before}

    factories.settle(body, case)
    asks.caught_up()

    assert {"JudgementRecorded", "DecisionRecorded"} <= {one["name"] for one in entries(asks, contact, "provider")}


def test_an_assessor_is_told_of_what_is_assigned_to_them(asks: Asking, body: Body):
    case = factories.brought(body, "screened")
    assessor = factories.settle(body, case).assessor
    other = next(one for one in body.assessors if one != assessor)
    asks.caught_up()

    assert assessor
    assert case in {one["stream"] for one in entries(asks, assessor, "assessor")}
    assert case not in {one["stream"] for one in entries(asks, other, "assessor")}


def test_the_public_and_strangers_read_no_feed(asks: Asking):
    assert asks.get("/events").status_code == 401
    assert asks.get("/events/stream").status_code == 401


@pytest.mark.parametrize("said", [{"kind": "Nothing"}, {"case": "no id"}, {"after": -1}, {"limit": 0}])
def test_what_can_not_be_asked_is_refused_with_its_field(asks: Asking, body: Body, said: dict[str, object]):
    answer = asks.get("/events", body.officer, "officer", **said)

    assert answer.status_code == 422
    assert answer.json()["field"] == next(iter(said))


def test_a_stream_tells_what_is_recorded_while_it_is_open_and_goes_on_where_it_ended(api: Api, app: App, body: Body):
    with projected(app), served(api) as root:
        with following(root, body.officer, "officer", kind="ProgrammeRegistered") as stream:
            cases = [factories.register(body) for _ in range(3)]
            first = next(one for one in stream if len(one.entries) == 3)
        assert [app.records.load(case)[case][0].position for case in cases] == [one for one, _ in first.entries]

        later = factories.register(body)
        with following(root, body.officer, "officer", last=first.entries[1][0], kind="ProgrammeRegistered") as stream:
            rest = next(one for one in stream if len(one.entries) == 2)
        assert [one for one, _ in rest.entries] == [
            first.entries[2][0],
            app.records.load(later)[later][0].position,
        ]


def test_a_stream_loses_nothing_while_many_append_at_once(api: Api, app: App, body: Body):
    provider = factories.register_provider(body)

    def register() -> None:
        for _ in range(8):
            factories.register(body, provider)

    with (
        projected(app),
        served(api) as root,
        following(root, body.officer, "officer", kind="ProgrammeRegistered") as stream,
    ):
        threads = [threading.Thread(target=register) for _ in range(4)]
        for one in threads:
            one.start()
        found = next(one for one in stream if len(one.entries) >= 32)
        for one in threads:
            one.join()
    log = [one.position for one in app.records.read_log(0, 100_000) if one.name.startswith("ProgrammeRegistered")]
    assert [position for position, _ in found.entries] == log
    assert len(log) == 32


def test_a_conflict_declared_while_a_stream_is_open_ends_what_it_tells_of_that_provider(api: Api, app: App, body: Body):
    case, officer = factories.register(body), another_officer(body)
    contact = body.submission(case).registration.lead_contact
    provider = factories.Provider(id=owner(body, case), contact=contact)
    with (
        projected(app),
        served(api) as root,
        following(root, officer, "officer", kind="ProgrammeRegistered") as stream,
    ):
        next(one for one in stream if one.entries)
        declare(body, officer, case, "officer")
        factories.register(body, provider)
        other = factories.register(body)
        told = next(one for one in stream if len(one.entries) > 1)
    assert [position for position, _ in told.entries[1:]] == [app.records.load(other)[other][0].position]


def test_a_stream_ends_when_the_token_is_accepted_no_longer(api: Api, app: App, body: Body, monkeypatch):
    monkeypatch.setattr(feed, "KEEP_ALIVE", 0.05)
    ended = threading.Event()

    def identify(token: str, at: datetime) -> Known:
        if ended.is_set():
            raise NotKnown("the session has ended")
        return known(token, at)

    catch_up(app.records)
    with served(replace(api, identify=identify)) as root, following(root, body.officer, "officer") as stream:
        assert ": still here" in comments(stream)
        ended.set()
        for _ in stream:  # to its end
            pass


def test_a_stream_ends_when_the_role_is_held_no_longer(api: Api, app: App, body: Body, monkeypatch):
    monkeypatch.setattr(feed, "KEEP_ALIVE", 0.05)
    officer = another_officer(body)
    catch_up(app.records)
    with served(api) as root, following(root, officer, "officer") as stream:
        comments(stream)
        body.by_officer(people.end_role, id=officer, role="officer")
        for _ in stream:  # to its end
            pass


def test_streams_are_bounded_for_each_and_for_all_and_their_places_are_free_again(
    api: Api, app: App, body: Body, monkeypatch
):
    monkeypatch.setattr(feed, "KEEP_ALIVE", 0.05)
    monkeypatch.setattr(ringing, "EACH", 1)
    monkeypatch.setattr(ringing, "ALL", 2)
    second, third = another_officer(body), another_officer(body)
    catch_up(app.records)

    def status(who: str) -> int:
        with httpx.stream("GET", f"{root}/events/stream", headers=headers(who, "officer"), timeout=20) as answer:
            return answer.status_code

    with served(api) as root:
        with following(root, body.officer, "officer") as one, following(root, second, "officer") as two:
            next(one), next(two)
            assert status(body.officer) == 429
            assert status(third) == 503
        assert any(status(third) == 200 for _ in range(200))


def test_a_browser_follows_the_feed_by_its_cookie_until_the_session_is_over(
    api: Api, app: App, body: Body, monkeypatch
):
    monkeypatch.setattr(feed, "KEEP_ALIVE", 0.05)
    ended = threading.Event()

    def by_cookie(request: Request, at: datetime) -> Known | None:
        if ended.is_set():
            raise NotKnown("the session is over")
        return known(request.cookies["session"], at) if "session" in request.cookies else None

    case = factories.register(body)
    catch_up(app.records)
    asked = {
        "cookies": {"session": body.officer},
        "timeout": 20,
        "params": {"case": case, "kind": "ProgrammeRegistered"},
    }
    with (
        served(replace(api, identify_cookie=by_cookie)) as root,
        httpx.Client(**asked) as browser,
        browser.stream("GET", f"{root}/events/stream", headers={"Assay-Role": "officer"}) as answer,
    ):
        stream = heard(answer.iter_lines())
        told = next(one for one in stream if one.entries)
        assert [position for position, _ in told.entries] == [app.records.load(case)[case][0].position]
        ended.set()
        for _ in stream:  # to its end
            pass
