"""Who looked at what is confidential: written before it is shown, asked by case and by person, and hidden by a conflict too."""

from typing import Any

import psycopg
import pytest

from infra.api.caller import Api, Caller
from infra.api.looks import PARTS, look
from infra.bootstrap import App
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.services.test_conflicts import declare


def looked(api: Api, body: Body, person: str, case: str, part: str = "see-portfolio", *, role: str = "officer") -> None:
    """Somebody is shown a part of a case."""
    look(api, Caller(actor=person, role=role, at=body.now(), request="0123456789abcdef"), case, part)


def manager(body: Body) -> str:
    return factories.appoint(body, "quality-manager", scheme=None)


def told(asks: Asking, who: str, **asked: Any) -> list[tuple[str, str, str]]:
    """Who looked at which part of which case."""
    answer = asks.get("/looks", who, "quality-manager", **asked)
    assert answer.status_code == 200, answer.text
    return [(one["person"], one["case_id"], one["part"]) for one in answer.json()["items"]]


def test_who_looked_is_told_by_case_and_by_person_the_latest_first(asks: Asking, api: Api, body: Body):
    one, other, who = factories.register(body), factories.register(body), manager(body)
    asks.caught_up()
    looked(api, body, body.officer, one)
    looked(api, body, body.chair, one, "see-judgements", role="chair")
    looked(api, body, body.officer, other, "see-confidential")

    assert told(asks, who, case=one) == [
        (body.chair, one, "see-judgements"),
        (body.officer, one, "see-portfolio"),
    ]
    assert told(asks, who, person=body.officer) == [
        (body.officer, other, "see-confidential"),
        (body.officer, one, "see-portfolio"),
    ]
    [latest] = asks.get("/looks", who, "quality-manager", limit=1).json()["items"]
    assert (latest["role"], latest["request"]) == ("officer", "0123456789abcdef")


def test_looks_are_told_page_by_page(asks: Asking, api: Api, body: Body):
    case, who = factories.register(body), manager(body)
    asks.caught_up()
    for _ in range(5):
        looked(api, body, body.officer, case)

    found, cursor = [], {}
    while True:
        page = asks.get("/looks", who, "quality-manager", limit=2, **cursor).json()
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == sorted(set(found), reverse=True)
    assert len(found) == 5


def test_a_conflict_hides_who_looked_at_that_providers_cases(asks: Asking, api: Api, body: Body):
    case, other, who = factories.register(body), factories.register(body), manager(body)
    asks.caught_up()
    for one in (case, other):
        looked(api, body, body.officer, one)

    declare(body, who, case, "quality-manager")

    assert told(asks, who) == [(body.officer, other, "see-portfolio")]
    assert told(asks, who, case=case) == []


@pytest.mark.parametrize(("role", "status"), [("officer", 403), ("chair", 403), ("board", 200), (None, 401)])
def test_only_quality_managers_and_the_board_ask_who_looked(asks: Asking, body: Body, role: str | None, status: int):
    who = factories.appoint(body, role, scheme=None if role in ("officer", "board") else "") if role else None

    assert asks.get("/looks", who, role).status_code == status


@pytest.mark.parametrize("statement", ["UPDATE access.looks SET person = ''", "DELETE FROM access.looks"])
def test_a_look_that_was_written_stays_as_it_is(asks: Asking, api: Api, body: Body, database: Database, statement: str):
    looked(api, body, body.officer, factories.register(body))

    with psycopg.connect(database.app_url) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement)
    with psycopg.connect(database.admin_url) as anybody, pytest.raises(psycopg.errors.RestrictViolation):
        anybody.execute(statement)


def test_what_can_not_be_written_down_is_not_shown(api: Api, app: App, body: Body, database: Database):
    case = factories.register(body)
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute("REVOKE INSERT ON access.looks FROM assay_app")

    with pytest.raises(Exception, match="permission denied"):
        looked(api, body, body.officer, case)


def test_only_what_is_confidential_is_looked_at(api: Api, body: Body):
    for part in PARTS:
        looked(api, body, body.officer, factories.register(body), part)
    with pytest.raises(ValueError, match="not confidential"):
        looked(api, body, body.officer, factories.register(body), "see-board")
