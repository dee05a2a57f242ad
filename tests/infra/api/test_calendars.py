"""Calendars: one's own address for a role, and at it what one may see now; what moved says so, what is hidden is not there."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import psycopg
import pytest
import structlog
import vobject
from fastapi import FastAPI
from httpx import Response

from infra.api.app import create
from infra.api.calendars import ASKED, CALENDAR, open_router
from infra.api.caller import Api, Limits
from infra.calendars import addresses
from services import people, standardisation, windows
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.infra.api.conftest import LENT, MANY, Asking, known
from tests.services import boards, complaining
from tests.services.conftest import Clock
from tests.services.test_conflicts import another_officer, declare
from tests.services.test_one_human_twice import link

ZONE = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def made() -> FastAPI:
    """The application with what stands beside it at the addresses."""
    LENT.api = Api(app=cast("Any", None), identify=known, limits=Limits(reads=MANY, commands=MANY))
    return create(cast("Api", LENT), open_router(cast("Api", LENT)))


def address(asks: Asking, who: str, role: str) -> str:
    """The path of a new address of somebody's calendar."""
    answer = asks.post("/calendars/make-address", who, role)
    assert answer.status_code == 200, answer.text
    return "/" + answer.json()["url"].split("/", 3)[3]


def fetch(asks: Asking, path: str, **headers: str) -> Response:
    """What stands at an address, once the read models are up to date."""
    asks.caught_up()
    return asks.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def entries(answer: Response) -> dict[str, Any]:
    """The entries of a calendar by UID, as another program's library reads them."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == CALENDAR
    [calendar] = vobject.readComponents(answer.text)
    return {one.uid.value: one for one in calendar.contents.get("vevent", ())}


def said(answer: Response) -> set[str]:
    """What the entries of a calendar are called."""
    return {one.summary.value for one in entries(answer).values()}


def cases(answer: Response) -> set[str]:
    """The cases, and other streams, that entries are of."""
    return {one.description.value.partition("\n")[0] for one in entries(answer).values()}


@pytest.fixture
def logged() -> Iterator[list[dict[str, Any]]]:
    """What is logged meanwhile."""
    with structlog.testing.capture_logs() as lines:
        yield lines


def test_a_calendar_is_what_the_standard_says(asks: Asking, body: Body):
    factories.settle(body, factories.register(body))
    factories.schedule_window(body)
    answer = fetch(asks, address(asks, body.officer, "officer"))

    text = answer.content
    assert text.startswith(b"BEGIN:VCALENDAR\r\n")
    assert text.endswith(b"END:VCALENDAR\r\n")
    lines = text.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(len(one) for one in lines) <= 75
    for one in entries(answer).values():
        assert one.dtstamp.value.tzinfo is not None
        assert {"uid", "dtstamp", "dtstart", "summary", "sequence", "status"} <= one.contents.keys()
        assert "valarm" not in one.contents
    assert said(answer) >= {"Due: submitting the portfolio", "A window for submissions closes"}


def test_instants_are_told_in_the_scheme_s_zone_which_the_calendar_describes(asks: Asking, body: Body):
    factories.settle(body, case := factories.register(body))
    due_at = body.submission(case).clock.due_at
    answer = fetch(asks, address(asks, body.officer, "officer"))

    [entry] = [one for one in entries(answer).values() if one.summary.value == "Due: submitting the portfolio"]
    assert entry.dtstart.value == due_at
    assert due_at.astimezone(ZONE).strftime("DTSTART;TZID=Europe/London:%Y%m%dT%H%M%S") in answer.text
    assert "BEGIN:VTIMEZONE\r\nTZID:Europe/London" in answer.text
    assert "BEGIN:DAYLIGHT" in answer.text


def test_an_update_keeps_the_uid_and_raises_the_sequence_and_what_is_gone_is_cancelled(
    asks: Asking, body: Body, clock: Clock
):
    window = factories.schedule_window(body, opens_in=timedelta(days=2), lasts=timedelta(days=9))
    case = factories.register(body)
    factories.settle(body, case)
    path = address(asks, body.officer, "officer")
    before = entries(fetch(asks, path))
    [uid] = [uid for uid, one in before.items() if one.summary.value == "A window for submissions closes"]
    assert before[uid].sequence.value == "0"

    clock.passes(hours=1)
    later = before[uid].dtstart.value + timedelta(days=3)
    body.by_officer(windows.extend_window, id=window, closes_at=later, reason="A strike.")
    moved = entries(fetch(asks, path))[uid]
    assert (moved.dtstart.value, moved.sequence.value, moved.status.value) == (later, "1", "CONFIRMED")

    clock.passes(days=3)
    factories.submit(body, case, window)
    [gone] = [
        one for one in entries(fetch(asks, path)).values() if one.summary.value == "Due: submitting the portfolio"
    ]
    assert (gone.status.value, gone.sequence.value) == ("CANCELLED", "1")


def test_a_tag_says_whether_anything_is_new(asks: Asking, body: Body, clock: Clock):
    factories.settle(body, factories.register(body))
    path = address(asks, body.officer, "officer")
    first = fetch(asks, path)
    assert first.headers["cache-control"] == "private, no-cache"

    clock.passes(minutes=5)
    again = fetch(asks, path, If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")

    factories.settle(body, factories.register(body))
    assert fetch(asks, path, If_None_Match=first.headers["etag"]).status_code == 200


def test_a_provider_s_calendar_has_its_own_deadlines_and_the_windows_and_nothing_else(asks: Asking, body: Body):
    factories.schedule_window(body)
    mine, others = factories.register(body), factories.register(body)
    for case in (mine, others):
        factories.settle(body, case)
    contact = body.submission(mine).registration.lead_contact
    found = fetch(asks, address(asks, contact, "provider"))

    assert said(found) == {
        "Due: submitting the portfolio",
        "A window for submissions opens",
        "A window for submissions closes",
    }
    assert mine in cases(found)
    assert others not in cases(found)


def test_a_provider_learns_from_its_calendar_nothing_of_a_result_before_it_is_told(asks: Asking, body: Body):
    """The same stands in it whether the decision that was taken and not told yet is one or the other."""
    for_provider = []
    for levels in (None, {"1.1": "not_met"}):
        case = factories.brought(body, "approved", levels=levels)
        contact = body.submission(case).registration.lead_contact
        found = entries(fetch(asks, address(asks, contact, "provider"))).values()
        for_provider.append(
            sorted((one.summary.value, one.status.value) for one in found if case in one.description.value)
        )
    assert for_provider[0] == for_provider[1]


def test_an_assessor_s_calendar_has_what_is_theirs_to_do(asks: Asking, body: Body):
    window = factories.schedule_window(body)
    case = factories.brought(body, "screened", window=window)
    factories.settle(body, case)
    assessor = body.submission(case).assessor or ""
    [other, *_] = [one for one in body.assessors if one != assessor]

    assert said(fetch(asks, address(asks, assessor, "assessor"))) >= {"Due: accepting the assignment"}
    assert case not in cases(fetch(asks, address(asks, other, "assessor")))


def test_a_meeting_is_in_the_calendars_of_its_panel_and_of_operations(asks: Asking, body: Body):
    case = factories.brought(body, "completed")
    factories.take_up(body, case)
    for who, role in ((body.chair, "chair"), (body.moderators[0], "moderator"), (body.officer, "officer")):
        assert "Moderation meeting" in said(fetch(asks, address(asks, who, role))), role
    assert "Moderation meeting" not in said(fetch(asks, address(asks, body.assessors[0], "assessor")))


def test_a_conflict_takes_a_provider_s_entries_away_at_once(asks: Asking, body: Body):
    case, other, officer = factories.register(body), factories.register(body), another_officer(body)
    for one in (case, other):
        factories.settle(body, one)
    path = address(asks, officer, "officer")
    assert cases(fetch(asks, path)) >= {case, other}

    declare(body, officer, case, "officer")  # no read model has seen it
    after = asks.client.get(path)

    assert case not in after.text
    assert other in after.text


def test_a_complaint_s_dates_are_in_no_calendar_of_whom_it_is_about(asks: Asking, body: Body):
    managers = [factories.appoint(body, "quality-manager", scheme=None) for _ in range(2)]
    provider = factories.register_provider(body)
    complaint = complaining.by_contact(body, provider, about="people", people=managers[:1])
    about, other = (fetch(asks, address(asks, one, "quality-manager")) for one in managers)

    assert complaint in cases(other)
    assert complaint not in about.text
    assert complaint not in fetch(asks, address(asks, body.officer, "officer")).text


def test_a_session_is_in_the_calendars_of_who_is_invited(asks: Asking, body: Body, clock: Clock):
    manager = factories.appoint(body, "quality-manager", scheme=None)
    boards.publish_governance(body)
    invited, other = body.assessors[0], body.assessors[1]
    body.by(
        standardisation.schedule_session, manager, "quality-manager",
        scheme=body.scheme.id, starts_at=clock() + timedelta(days=40), leader=body.chair, invited=[invited],
        exemplars=[], note="An exemplar.",
    )  # fmt: skip

    for who, role in ((invited, "assessor"), (body.chair, "chair"), (manager, "quality-manager")):
        assert "Standardisation session" in said(fetch(asks, address(asks, who, role))), role
    assert "Standardisation session" not in said(fetch(asks, address(asks, other, "assessor")))


def test_nobody_is_named_in_a_calendar(asks: Asking, app: Any, body: Body):
    window = factories.schedule_window(body)
    case = factories.brought(body, "completed", window=window)
    factories.take_up(body, case)
    people_known = [one.stream for one in app.records.read_log(0, 10_000) if one.stream.startswith("person-")]
    names = app.vault.words(people_known, [])[0].values()
    text = fetch(asks, address(asks, body.officer, "officer")).text.replace("\r\n ", "")

    assert names
    assert [name for name in names if name in text] == []
    assert [one for one in people_known if one in text] == []
    assert "A programme" not in text


def test_another_address_takes_the_place_of_the_one_before_and_one_ends_at_once(asks: Asking, body: Body):
    path = address(asks, body.officer, "officer")
    other = address(asks, body.officer, "officer")
    assert fetch(asks, path).status_code == 404
    assert fetch(asks, other).status_code == 200

    [row] = asks.get("/calendars", body.officer, "officer").json()["items"]
    assert (row["person"], row["role"], row["version"]) == (body.officer, "officer", 2)
    assert other.rpartition("/")[2].removesuffix(".ics") not in str(row)
    assert asks.post(f"/calendars/{row['id']}/end-calendar", body.officer, "officer").status_code == 200
    assert fetch(asks, other).status_code == 404
    assert asks.post(f"/calendars/{row['id']}/end-calendar", body.officer, "officer").status_code == 404


def test_an_address_is_made_for_the_version_that_was_seen(asks: Asking, body: Body):
    first = asks.post("/calendars/make-address", body.officer, "officer", more={"If-Match": '"0"'})
    assert (first.status_code, first.json()["version"]) == (200, 1)
    again = asks.post("/calendars/make-address", body.officer, "officer", more={"If-Match": '"0"'})
    assert (again.status_code, again.json()["type"]) == (412, "/problems/version-meanwhile")


def test_others_calendars_are_ended_by_the_office_and_seen_by_it_alone(asks: Asking, body: Body):
    path = address(asks, body.assessors[0], "assessor")
    [own] = asks.get("/calendars", body.assessors[0], "assessor").json()["items"]
    assert asks.get("/calendars", body.assessors[1], "assessor").json()["items"] == []
    assert asks.post(f"/calendars/{own['id']}/end-calendar", body.assessors[1], "assessor").status_code == 404
    assert fetch(asks, path).status_code == 200

    assert [one["id"] for one in asks.get("/calendars", body.officer, "officer").json()["items"]] == [own["id"]]
    assert asks.post(f"/calendars/{own['id']}/end-calendar", body.officer, "officer").status_code == 200
    assert fetch(asks, path).status_code == 404


def test_the_calendar_ends_with_the_role_and_with_the_account(asks: Asking, body: Body):
    path = address(asks, body.assessors[0], "assessor")
    assert fetch(asks, path).status_code == 200
    body.by_officer(people.end_role, id=body.assessors[0], role="assessor", scheme=body.scheme.id)
    assert asks.client.get(path).status_code == 404

    former, stays = body.assessors[1], body.assessors[2]
    paths = [address(asks, one, "assessor") for one in (former, stays)]
    link(body, former, stays)
    assert sorted(asks.client.get(one).status_code for one in paths) == [200, 404]


def test_who_is_erased_has_no_calendar_any_more(asks: Asking, body: Body, database: Database):
    path = address(asks, body.assessors[0], "assessor")
    with psycopg.connect(database.app_url) as connection:
        connection.execute("DELETE FROM record.vault WHERE subject = %s", [body.assessors[0]])

    assert asks.client.get(path).status_code == 404
    with psycopg.connect(database.admin_url) as connection:
        assert connection.execute("SELECT count(*) FROM access.calendars").fetchone() == (0,)


@pytest.mark.parametrize("secret", ["wrong", "a" * 43, "%F0%9F%93%85", "..%2F..%2Fapi", "x" * 2_000])
def test_a_wrong_secret_is_answered_as_what_there_is_not(asks: Asking, body: Body, secret: str):
    answer = asks.client.get(f"/calendars/{secret}.ics")

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


def test_of_a_secret_the_digest_is_kept_and_no_log_has_it(
    asks: Asking, body: Body, database: Database, logged: list[dict[str, Any]]
):
    path = address(asks, body.officer, "officer")
    secret = path.rpartition("/")[2].removesuffix(".ics")
    assert len(secret) * 6 >= 128
    assert fetch(asks, path).status_code == 200
    assert fetch(asks, path.replace(secret, "wrong")).status_code == 404

    assert secret not in str(logged)
    assert [one["route"] for one in logged if one["event"] == "api.answered"][-2:] == [addresses.PATH] * 2
    with psycopg.connect(database.admin_url) as connection:
        assert secret not in str(connection.execute("SELECT * FROM access.calendars").fetchall())


def test_an_address_is_not_asked_for_without_end(asks: Asking, body: Body):
    path = address(asks, body.assessors[0], "assessor")
    answers = [asks.client.get(path) for _ in range(ASKED.amount + 1)]

    assert [one.status_code for one in answers] == [200] * ASKED.amount + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


@pytest.mark.parametrize("id", ["nothing", "%00", "calendar-aaaaaaaaaaaaaaaa"])
def test_a_calendar_that_there_is_not_is_answered_so(asks: Asking, body: Body, id: str):
    assert asks.post(f"/calendars/{id}/end-calendar", body.officer, "officer").status_code == 404


def test_a_program_has_no_calendar(asks: Asking, body: Body):
    refused = asks.post("/calendars/make-address", "service-1", "officer")

    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/program-notes-only")
