"""A service account acts in its role for its actions only, by a secret that was shown once, until it is ended."""

from base64 import b64encode
from typing import Any

from httpx import Response

from infra.identity import service_accounts
from infra.identity.identify import Doors
from infra.identity.known import Known
from infra.store.datastore import Datastore
from tests.domain.given import refused
from tests.infra.identity.conftest import Browser, identified
from tests.services.conftest import Clock

KNOWN = ("see-board", "see-register", "see-case", "open_audit")


def added(store: Datastore, clock: Clock, name: str = "statistics", role: str = "board") -> tuple[str, str]:
    return service_accounts.add(
        store, name=name, role=role, scopes=["see-register", "see-board"], known=KNOWN, at=clock()
    )


def ask(browser: Browser, id: str, secret: str, **more: str) -> Response:
    form = {"grant_type": "client_credentials", "client_id": id, "client_secret": secret}
    return browser.client.post("/identity/token", data=form | more)


def test_a_service_account_acts_in_its_role_for_its_actions(
    browser: Browser, doors: Doors, store: Datastore, clock: Clock
) -> None:
    id, secret = added(store, clock)
    given = ask(browser, id, secret).json()

    known = doors.identify(given["access_token"], clock())

    assert id.startswith("service-")
    assert (known.actor, known.roles) == (id, ("board",))
    assert known.scopes == {"see-register", "see-board"}
    assert given["expires_in"] <= 600
    assert "refresh_token" not in given
    assert "id_token" not in given


def test_a_token_may_be_narrower_and_never_wider_than_its_account(
    browser: Browser, doors: Doors, store: Datastore, clock: Clock
) -> None:
    id, secret = added(store, clock)

    narrow = ask(browser, id, secret, scope="see-board").json()
    assert doors.identify(narrow["access_token"], clock()).scopes == {"see-board"}

    wide = ask(browser, id, secret, scope="see-board see-case")
    assert (wide.status_code, wide.json()["error"]) == (400, "invalid_scope")


def test_the_secret_may_come_in_the_header_and_in_one_way_only(
    browser: Browser, store: Datastore, clock: Clock
) -> None:
    id, secret = added(store, clock)
    basic = {"Authorization": f"Basic {b64encode(f'{id}:{secret}'.encode()).decode()}"}
    form = {"grant_type": "client_credentials"}

    assert browser.client.post("/identity/token", data=form, headers=basic).status_code == 200
    both = browser.client.post("/identity/token", data=form | {"client_secret": secret}, headers=basic)
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    broken = browser.client.post("/identity/token", data=form, headers={"Authorization": "Basic ?"})
    assert (broken.status_code, broken.json()["error"]) == (401, "invalid_client")


def test_another_secret_or_account_gets_nothing(browser: Browser, store: Datastore, clock: Clock) -> None:
    id, secret = added(store, clock)
    other, _ = added(store, clock, name="other")
    for who, word in ((id, secret + "x"), (id, ""), (other, secret), ("service-none", secret), ("", ""), ("\x00", "a")):
        answer = ask(browser, who, word)
        assert answer.status_code in (400, 401), who
        assert "access_token" not in answer.text


def test_an_account_that_ended_gets_no_token_and_those_it_has_are_not_accepted(
    browser: Browser, doors: Doors, store: Datastore, clock: Clock
) -> None:
    id, secret = added(store, clock)
    token = ask(browser, id, secret).json()["access_token"]
    assert isinstance(identified(doors, token, clock()), Known)

    service_accounts.end(store, "statistics", at=clock())

    assert "ended" in str(identified(doors, token, clock()))
    assert ask(browser, id, secret).json()["error"] == "invalid_client"
    with refused("service-account", field="NAME"):
        service_accounts.end(store, "statistics", at=clock())


def test_a_token_of_a_service_account_can_be_revoked(
    browser: Browser, doors: Doors, store: Datastore, clock: Clock
) -> None:
    id, secret = added(store, clock)
    token = ask(browser, id, secret).json()["access_token"]

    browser.client.post("/identity/revoke", data={"token": token})

    assert "revoked" in str(identified(doors, token, clock()))


def test_a_service_account_has_a_name_a_role_and_actions_that_there_are(store: Datastore, clock: Clock) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"name": "Not A Name"}, "service-account"),
        ({"role": "installer"}, "known-role"),
        ({"role": "process"}, "known-role"),
        ({"scopes": []}, "token-scope"),
        ({"scopes": ["see-board", "see-everything"]}, "token-scope"),
        ({"scopes": ["see-board", "open_audit"]}, "program-notes-only"),
    ]
    usual: dict[str, Any] = {"name": "statistics", "role": "board", "scopes": ["see-board"], "known": KNOWN}
    for changed, rule in wrong:
        with refused(rule):
            service_accounts.add(store, at=clock(), **(usual | changed))


def test_a_name_is_given_once_also_after_its_end(store: Datastore, clock: Clock) -> None:
    added(store, clock)
    service_accounts.end(store, "statistics", at=clock())

    with refused("service-account", field="NAME"):
        added(store, clock)


def test_the_secret_is_kept_as_a_salted_digest(store: Datastore, clock: Clock) -> None:
    _, secret = added(store, clock)
    added(store, clock, name="other")

    rows = store.rows("SELECT salt, secret FROM access.service_accounts", [])

    assert len({bytes(salt) for salt, _ in rows}) == 2
    assert all(secret.encode() not in bytes(kept) and len(bytes(kept)) == 32 for _, kept in rows)
