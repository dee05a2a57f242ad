"""Signing in to the pages, at our own issuer and at a real OpenID Connect server; a session ends when it must, and at once."""

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
from infra.identity.identify import Doors, open_doors
from infra.identity.sessions import IDLE, LONGEST_SESSION, SEEN_EVERY
from infra.settings import Settings
from infra.store.datastore import Datastore
from tests.infra.identity.conftest import BASE, Browser, application, identified, register
from tests.services.conftest import Clock

ADDRESS = "ada@people.example"


def test_who_clicks_a_link_is_signed_in_and_comes_to_the_page_that_was_wanted(browser: Browser, person: str) -> None:
    assert browser.reads_as() == "public"
    browser.sign_in(person)
    assert browser.reads_as() == person


def test_a_cookie_is_for_reading_only(browser: Browser, person: str) -> None:
    """Whatever page makes the browser post something, the cookie alone is nobody's word."""
    browser.sign_in(person)

    assert browser.client.post("/who").json() == {"actor": "public"}


def test_cookies_are_kept_from_scripts_and_other_sites(browser: Browser, person: str) -> None:
    answer = browser.click(browser.link(person))
    said = answer.headers["set-cookie"]

    assert all(one in said for one in ("HttpOnly", "SameSite=lax", "Path=/"))
    assert "Domain" not in said


def test_by_https_cookies_are_bound_to_this_very_site(
    store: Datastore, tmp_path: Path, clock: Clock, person: str
) -> None:
    base = "https://assay.example"
    doors = open_doors(Settings(data=tmp_path, identity=Identity(base=base)), store)
    with TestClient(application(doors, clock), base_url=base) as client:
        browser = Browser(client, doors, clock)
        answer = browser.click(browser.link(person, next="/who"), origin=base)
        assert answer.headers["set-cookie"].startswith("__Host-assay-issuer=")
        assert "Secure" in answer.headers["set-cookie"]
        assert browser.follow(answer).json() == {"actor": person}


def test_a_session_that_is_not_used_is_over_and_one_that_is_used_lasts_half_a_day(
    browser: Browser, person: str, clock: Clock
) -> None:
    browser.sign_in(person)
    begun = clock()
    while clock() + IDLE - SEEN_EVERY < begun + LONGEST_SESSION:
        clock.passes(seconds=(IDLE - SEEN_EVERY).total_seconds())
        assert browser.reads_as() == person
    clock.comes_to(begun + LONGEST_SESSION)
    assert browser.reads_as_nobody()


def test_a_session_is_over_when_nobody_used_it_for_long(browser: Browser, person: str, clock: Clock) -> None:
    browser.sign_in(person)
    clock.passes(seconds=IDLE.total_seconds())

    assert browser.reads_as_nobody()


def test_signing_out_takes_a_click_on_our_page_and_ends_the_sign_in(browser: Browser, person: str) -> None:
    browser.sign_in(person)
    assert browser.click("/sign-out", origin="https://evil.example").status_code == 403
    assert browser.reads_as() == person
    cookies = dict(browser.client.cookies)

    assert "Sign out" in browser.get("/sign-out").text
    assert browser.click("/sign-out").status_code == 200

    assert browser.reads_as() == "public"
    browser.client.cookies.update(cookies)
    assert browser.reads_as_nobody()
    assert browser.follow(browser.get("/sign-in")).status_code == 401


def test_one_signs_out_on_all_devices_at_once(browser: Browser, person: str, doors: Doors, clock: Clock) -> None:
    with TestClient(application(doors, clock), base_url=BASE) as client:
        other = Browser(client, doors, clock)
        other.sign_in(person)
        browser.sign_in(person)

        browser.click("/sign-out?everywhere=yes")

        assert other.reads_as_nobody()


def test_signing_in_anew_ends_the_session_before(browser: Browser, person: str) -> None:
    browser.sign_in(person)
    before = browser.client.cookies["assay-pages"]
    browser.sign_in(person)
    browser.client.cookies.set("assay-pages", before, domain="127.0.0.1")

    assert browser.client.cookies["assay-pages"] == before
    assert browser.reads_as_nobody()


def test_an_answer_that_this_browser_did_not_ask_for_signs_nobody_in(browser: Browser, person: str, clock: Clock) -> None:
    """As when somebody else's code is put into a link that one is made to follow."""
    browser.click(browser.link(person))
    away = browser.get("/sign-in")
    back = browser.get(away.headers["location"]).headers["location"]
    browser.client.cookies.delete("assay-login")

    assert browser.get(back).status_code == 403
    assert browser.reads_as() == "public"


def test_an_answer_is_good_once_and_for_its_own_state_and_issuer(browser: Browser, person: str) -> None:
    browser.click(browser.link(person))
    back = browser.get(browser.get("/sign-in").headers["location"]).headers["location"]
    for changed in (re.sub("state=[^&]*", "state=x", back), re.sub("iss=[^&]*", "iss=https://evil.example", back)):
        browser.get("/sign-in")  # a failed answer ends what was under way
        assert browser.get(changed).status_code == 403


def test_where_one_goes_after_signing_in_is_a_page_of_ours(browser: Browser, person: str) -> None:
    browser.click(browser.link(person))
    for wanted in ("https://evil.example", "//evil.example", "/\\evil.example"):
        answer = browser.get("/sign-in", next=wanted)
        while urlsplit(answer.headers["location"]).path != "/":
            answer = browser.get(answer.headers["location"])
        assert answer.headers["location"] == "/"


def test_what_the_browser_kept_is_believed_in_nothing(browser: Browser) -> None:
    kept = {"state": "s", "nonce": "n", "verifier": "v", "next": "https://evil.example"}
    for value in ("?", "e30=", base64.urlsafe_b64encode(json.dumps(kept).encode()).decode()):
        browser.client.cookies.set("assay-login", value, domain="127.0.0.1")
        answer = browser.get("/sign-in/callback", code="c", state="s")
        assert (answer.status_code, "evil" in answer.text) == (403, False)


@dataclass(slots=True)
class Server:
    """A real OpenID Connect server, and a browser of somebody who has an account there."""

    issuer: str
    browser: Browser
    store: Datastore
    tamper: dict[str, Any]

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
def server(running: str, store: Datastore, tmp_path: Path) -> Iterator[Server]:
    elsewhere = Elsewhere(
        issuer=running, audience="assay", client_id="assay", client_secret="a secret", link_by_email=True
    )
    identity = Identity(base=BASE, local=False, elsewhere=elsewhere)
    doors = open_doors(Settings(data=tmp_path, identity=identity), store)
    now: Any = _Now()
    with TestClient(application(doors, now), base_url=BASE) as client:
        yield Server(running, Browser(client, doors, now), store, {})


def test_somebody_signs_in_at_the_provider_and_is_the_person_that_was_linked(server: Server, person: str) -> None:
    people.link(server.store, person, issuer=server.issuer, subject="s-1", at=datetime.now(UTC))

    assert server.sign_in("s-1").json() == {"actor": person}
    assert server.browser.reads_as() == person


def test_whom_nobody_linked_is_nobody_here(server: Server, person: str) -> None:
    answer = server.sign_in("a stranger")

    assert (answer.status_code, "nobody on record is linked" in answer.text) == (403, True)
    assert server.browser.reads_as() == "public"


def test_at_the_first_sign_in_a_verified_address_that_one_person_has_links_them(
    server: Server, app: App, clock: Clock
) -> None:
    person = register(app, clock(), email="Ada@People.example")

    assert server.sign_in("ada").json() == {"actor": person}

    [(issuer, subject, _)] = people.identities(server.store, person)
    assert (issuer, subject) == (server.issuer, "ada")
    assert server.sign_in("twin").status_code == 403  # the address is spoken for


@pytest.mark.parametrize("subject", ["unverified", "said so"])
def test_an_address_that_the_provider_did_not_verify_links_nobody(
    server: Server, app: App, clock: Clock, subject: str
) -> None:
    register(app, clock(), email=ADDRESS)

    assert server.sign_in(subject).status_code == 403


def test_an_address_that_two_people_have_links_neither(server: Server, app: App, clock: Clock) -> None:
    register(app, clock(), email=ADDRESS)
    register(app, clock(), email=ADDRESS)

    assert server.sign_in("ada").status_code == 403


def test_without_the_setting_no_address_links_anybody(server: Server, app: App, clock: Clock) -> None:
    register(app, clock(), email=ADDRESS)
    doors, found = server.browser.doors, server.browser.doors.identity.elsewhere
    assert found
    strict = replace(doors, identity=replace(doors.identity, elsewhere=replace(found, link_by_email=False)))

    assert "linked" in str(identified(strict, server.id_token("ada"), datetime.now(UTC)))
    assert "linked" not in str(identified(doors, server.id_token("ada"), datetime.now(UTC)))


def test_the_server_s_token_for_us_is_accepted_by_the_api_and_others_are_not(server: Server, person: str) -> None:
    people.link(server.store, person, issuer=server.issuer, subject="s-1", at=datetime.now(UTC))
    doors, token = server.browser.doors, server.id_token("s-1")
    now = datetime.now(UTC)

    assert doors.identify(token, now).actor == person

    assert "does not hold here" in str(identified(doors, server.id_token("s-1", client="another"), now))
    assert "expired" in str(identified(doors, token, now + timedelta(hours=1, seconds=31)))
    head, claims, proof = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(said | {"sub": "ada"}).encode()).rstrip(b"=").decode()
    assert identified(doors, f"{head}.{forged}.{proof}", now) == "the token's signature is not right"
    other = base64.urlsafe_b64encode(json.dumps(said | {"iss": f"{BASE}/identity"}).encode()).rstrip(b"=").decode()
    assert "issuer that is not accepted" in str(identified(doors, f"{head}.{other}.{proof}", now))


def test_who_was_signed_out_everywhere_comes_in_by_no_earlier_token_of_the_provider(
    server: Server, person: str
) -> None:
    people.link(server.store, person, issuer=server.issuer, subject="s-1", at=datetime.now(UTC))
    token, doors = server.id_token("s-1"), server.browser.doors
    server.sign_in("s-1")

    sessions.end_all(server.store, person, at=datetime.now(UTC))

    assert identified(doors, token, datetime.now(UTC)) == "the token was revoked"
    assert server.browser.reads_as_nobody()


def test_an_answer_to_another_request_signs_nobody_in(server: Server, person: str) -> None:
    """The provider's token has another nonce than this browser was sent away with."""
    people.link(server.store, person, issuer=server.issuer, subject="s-1", at=datetime.now(UTC))
    away = server.browser.get("/sign-in").headers["location"]
    other = re.sub("nonce=[^&]*", "nonce=another", away)
    agreed = httpx.post(other, data={"sub": "s-1"})

    answer = server.browser.get(agreed.headers["location"])

    assert (answer.status_code, "another request" in answer.text) == (403, True)


def test_a_code_that_comes_back_twice_signs_in_once(server: Server, person: str) -> None:
    people.link(server.store, person, issuer=server.issuer, subject="s-1", at=datetime.now(UTC))
    agreed = httpx.post(server.browser.get("/sign-in").headers["location"], data={"sub": "s-1"})
    kept = server.browser.client.cookies["assay-login"]
    assert server.browser.get(agreed.headers["location"]).status_code == 303
    server.browser.client.cookies.clear()
    server.browser.client.cookies.set("assay-login", kept, domain="127.0.0.1")

    assert server.browser.get(agreed.headers["location"]).status_code == 403


def test_who_declines_at_the_provider_is_told_so(server: Server) -> None:
    agreed = httpx.post(server.browser.get("/sign-in").headers["location"], data={"action": "deny"})

    answer = server.browser.get(agreed.headers["location"])

    assert (answer.status_code, "not completed" in answer.text or "did not ask" in answer.text) == (403, True)


def test_while_the_provider_is_down_signing_in_says_so_and_the_api_as_well(
    store: Datastore, tmp_path: Path, person: str
) -> None:
    elsewhere = Elsewhere(issuer="http://127.0.0.1:9", audience="assay", client_id="assay")
    identity = Identity(base=BASE, local=False, elsewhere=elsewhere)
    doors = open_doors(Settings(data=tmp_path, identity=identity), store)
    now: Any = _Now()
    with TestClient(application(doors, now), base_url=BASE) as client:
        answer = client.get("/sign-in")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "can't be reached" in answer.text
        assert client.get("/identity/jwks").status_code == 404
