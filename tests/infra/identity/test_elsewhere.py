"""Signing in at a real OpenID Connect server: who is linked comes in, and no answer or token that is not for us is believed."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest
from starlette.testclient import TestClient

from infra.bootstrap import App
from infra.identity import people, sessions
from infra.identity.configured import Elsewhere, Identity
from infra.identity.identify import open_doors
from infra.settings import Settings
from infra.store.datastore import Datastore
from tests.infra.identity.conftest import BASE, Browser, application, identified, register
from tests.infra.identity.provider import new_key
from tests.infra.identity.provider import running as running_provider
from tests.services.conftest import Clock

ADDRESS = "ada@people.example"


@dataclass(slots=True)
class Server:
    """A real OpenID Connect server, and a browser of somebody who has an account there."""

    issuer: str
    browser: Browser
    store: Datastore

    def sign_in(self, subject: str) -> httpx.Response:
        """Go there, say who one is, and come back; returns the answer that one ends with."""
        away = self.browser.get("/sign-in", next="/who")
        if away.status_code != 303:
            return away
        agreed = httpx.post(away.headers["location"], data={"sub": subject})
        return self.browser.follow(self.browser.get(agreed.headers["location"]))

    def id_token(self, subject: str, client: str = "assay") -> str:
        """An id token for somebody, as any other program would get one."""
        form = {"response_type": "code", "client_id": client, "redirect_uri": f"{BASE}/", "scope": "openid email"}
        agreed = httpx.post(f"{self.issuer}/oauth2/authorize", params=form, data={"sub": subject})
        code = parse_qs(urlsplit(agreed.headers["location"]).query)["code"][0]
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"{BASE}/", "client_id": client}
        answer = httpx.post(f"{self.issuer}/oauth2/token", data=asked, auth=(client, "a secret"))
        return str(answer.json()["id_token"])


class _Now:
    """What time it is: the server of these tests signs by the real clock."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    people_there = [
        oidc_provider_mock.User(sub="ada", claims={"email": ADDRESS, "email_verified": True}),
        oidc_provider_mock.User(sub="twin", claims={"email": ADDRESS, "email_verified": True}),
        oidc_provider_mock.User(sub="unverified", claims={"email": ADDRESS, "email_verified": False}),
        oidc_provider_mock.User(sub="said so", claims={"email": ADDRESS, "email_verified": "true"}),
    ]
    with oidc_provider_mock.run_server_in_thread(user_claims=people_there) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def there(running: str, store: Datastore, tmp_path: Path) -> Iterator[Server]:
    elsewhere = Elsewhere(
        issuer=running, audience="assay", client_id="assay", client_secret="a secret", link_by_email=True
    )
    identity = Identity(base=BASE, local=False, elsewhere=elsewhere)
    doors = open_doors(Settings(data=tmp_path, identity=identity), store)
    now: Any = _Now()
    with TestClient(application(doors, now), base_url=BASE) as client:
        yield Server(running, Browser(client, doors, now), store)


def test_somebody_signs_in_at_the_provider_and_is_the_person_that_was_linked(there: Server, person: str) -> None:
    people.link(there.store, person, issuer=there.issuer, subject="s-1", at=datetime.now(UTC))

    assert there.sign_in("s-1").json() == {"actor": person}
    assert there.browser.reads_as() == person


def test_whom_nobody_linked_is_nobody_here(there: Server, person: str) -> None:
    answer = there.sign_in("a stranger")

    assert (answer.status_code, "nobody on record is linked" in answer.text) == (403, True)
    assert there.browser.reads_as() == "public"


def test_at_the_first_sign_in_a_verified_address_that_one_person_has_links_them(
    there: Server, app: App, clock: Clock
) -> None:
    person = register(app, clock(), email="Ada@People.example")

    assert there.sign_in("ada").json() == {"actor": person}

    [(issuer, subject, _)] = people.identities(there.store, person)
    assert (issuer, subject) == (there.issuer, "ada")
    assert there.sign_in("twin").status_code == 403  # the address is spoken for


@pytest.mark.parametrize("subject", ["unverified", "said so"])
def test_an_address_that_the_provider_did_not_verify_links_nobody(
    there: Server, app: App, clock: Clock, subject: str
) -> None:
    register(app, clock(), email=ADDRESS)

    assert there.sign_in(subject).status_code == 403


def test_an_address_that_two_people_have_links_neither(there: Server, app: App, clock: Clock) -> None:
    first, second = register(app, clock(), email=ADDRESS), register(app, clock())
    app.records.datastore.rows(
        "UPDATE record.vault SET value = %s WHERE subject = %s AND name = 'email' RETURNING subject", [ADDRESS, second]
    )  # as a provider's contact may have registered with it

    assert first != second
    assert there.sign_in("ada").status_code == 403


def test_without_the_setting_no_address_links_anybody(there: Server, app: App, clock: Clock) -> None:
    register(app, clock(), email=ADDRESS)
    doors, found = there.browser.doors, there.browser.doors.identity.elsewhere
    assert found
    strict = replace(doors, identity=replace(doors.identity, elsewhere=replace(found, link_by_email=False)))

    assert "linked" in str(identified(strict, there.id_token("ada"), datetime.now(UTC)))
    assert "linked" not in str(identified(doors, there.id_token("ada"), datetime.now(UTC)))


def test_the_server_s_token_for_us_is_accepted_by_the_api_and_others_are_not(there: Server, person: str) -> None:
    people.link(there.store, person, issuer=there.issuer, subject="s-1", at=datetime.now(UTC))
    doors, token = there.browser.doors, there.id_token("s-1")
    now = datetime.now(UTC)

    assert doors.identify(token, now).actor == person

    assert "does not hold here" in str(identified(doors, there.id_token("s-1", client="another"), now))
    assert "expired" in str(identified(doors, token, now + timedelta(hours=1, seconds=31)))
    head, claims, proof = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(said | {"sub": "ada"}).encode()).rstrip(b"=").decode()
    assert identified(doors, f"{head}.{forged}.{proof}", now) == "the token's signature is not right"
    other = base64.urlsafe_b64encode(json.dumps(said | {"iss": f"{BASE}/identity"}).encode()).rstrip(b"=").decode()
    assert "issuer that is not accepted" in str(identified(doors, f"{head}.{other}.{proof}", now))


def test_who_was_signed_out_everywhere_comes_in_by_no_earlier_token_of_the_provider(there: Server, person: str) -> None:
    people.link(there.store, person, issuer=there.issuer, subject="s-1", at=datetime.now(UTC))
    token, doors = there.id_token("s-1"), there.browser.doors
    there.sign_in("s-1")

    sessions.end_all(there.store, person, at=datetime.now(UTC))

    assert identified(doors, token, datetime.now(UTC)) == "the token was revoked"
    assert there.browser.reads_as_nobody()


def test_an_answer_to_another_request_signs_nobody_in(there: Server, person: str) -> None:
    """The provider's token has another nonce than this browser was sent away with."""
    people.link(there.store, person, issuer=there.issuer, subject="s-1", at=datetime.now(UTC))
    away = there.browser.get("/sign-in").headers["location"]
    other = re.sub("nonce=[^&]*", "nonce=another", away)
    agreed = httpx.post(other, data={"sub": "s-1"})

    answer = there.browser.get(agreed.headers["location"])

    assert (answer.status_code, "another request" in answer.text) == (403, True)


def test_a_code_that_comes_back_twice_signs_in_once(there: Server, person: str) -> None:
    people.link(there.store, person, issuer=there.issuer, subject="s-1", at=datetime.now(UTC))
    agreed = httpx.post(there.browser.get("/sign-in").headers["location"], data={"sub": "s-1"})
    kept = there.browser.client.cookies["assay-login"]
    assert there.browser.get(agreed.headers["location"]).status_code == 303
    there.browser.client.cookies.clear()
    there.browser.client.cookies.set("assay-login", kept, domain="127.0.0.1")

    assert there.browser.get(agreed.headers["location"]).status_code == 403


def test_who_declines_at_the_provider_is_told_so(there: Server) -> None:
    agreed = httpx.post(there.browser.get("/sign-in").headers["location"], data={"action": "deny"})

    answer = there.browser.get(agreed.headers["location"])

    assert (answer.status_code, "not completed" in answer.text or "did not ask" in answer.text) == (403, True)


def test_while_the_provider_is_down_nobody_new_is_known_and_that_is_said_with_when_to_come_back(
    store: Datastore, tmp_path: Path, person: str
) -> None:
    with running_provider(new_key("gone")) as gone:
        token = gone.token(datetime.now(UTC))
    elsewhere = Elsewhere(issuer=gone.issuer, audience="assay", client_id="assay", algorithms=("ES256",))
    identity = Identity(base=BASE, local=False, elsewhere=elsewhere)
    doors = open_doors(Settings(data=tmp_path, identity=identity), store)
    now: Any = _Now()
    with TestClient(application(doors, now), base_url=BASE) as client:
        page = client.get("/sign-in")
        answer = client.get("/bearer", headers={"Authorization": f"Bearer {token}"})
        assert client.get("/identity/jwks").status_code == 404  # our own issuer is switched off

    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")
    assert "Try again in half a minute" in page.text
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/identity-out-of-reach")
    assert "Retry-After" in answer.headers


def test_while_the_provider_is_down_a_link_signs_in_where_our_own_issuer_works_too(
    store: Datastore, tmp_path: Path, person: str, clock: Clock
) -> None:
    elsewhere = Elsewhere(issuer="http://127.0.0.1:9", audience="assay", client_id="assay")
    doors = open_doors(Settings(data=tmp_path, identity=Identity(base=BASE, elsewhere=elsewhere)), store)
    with TestClient(application(doors, clock), base_url=BASE) as client:
        browser = Browser(client, doors, clock)
        assert browser.get("/sign-in").status_code == 503

        browser.sign_in(person)

        assert browser.reads_as() == person


def test_at_a_provider_elsewhere_nobody_can_choose_an_issuer_that_is_switched_off(there: Server) -> None:
    away = there.browser.get("/sign-in", here="yes")

    assert away.headers["location"].startswith(there.issuer)


def test_keys_that_are_kept_let_people_in_while_the_provider_is_down(
    store: Datastore, tmp_path: Path, person: str
) -> None:
    now = datetime.now(UTC)
    with running_provider(new_key("kept")) as gone:
        elsewhere = Elsewhere(issuer=gone.issuer, audience="assay", client_id="assay", algorithms=("ES256",))
        identity = Identity(base=BASE, local=False, elsewhere=elsewhere)
        doors = open_doors(Settings(data=tmp_path, identity=identity), store)
        people.link(store, person, issuer=gone.issuer, subject="somebody", at=now)
        token = gone.token(now)
        assert doors.identify(token, now).actor == person

    later = now + timedelta(hours=1)
    assert doors.identify(gone.token(later), later).actor == person
