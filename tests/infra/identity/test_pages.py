"""Signing in to the pages by a link: the session is the browser's alone, and ends when it must, and at once."""

import base64
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from starlette.testclient import TestClient

from infra.identity.configured import Identity
from infra.identity.identify import Doors, open_doors
from infra.identity.sessions import IDLE, LONGEST_SESSION, SEEN_EVERY
from infra.settings import Settings
from infra.store.datastore import Datastore
from tests.infra.identity.conftest import BASE, Browser, application
from tests.services.conftest import Clock


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


def test_an_answer_that_this_browser_did_not_ask_for_signs_nobody_in(
    browser: Browser, person: str, clock: Clock
) -> None:
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


def test_the_front_page_says_who_is_signed_in_where_the_description_is_and_leads_out(
    browser: Browser, person: str
) -> None:
    assert "Nobody is signed in" in browser.get("/").text

    browser.sign_in(person)

    shown = browser.get("/").text
    assert f"You are signed in as A Person ({person})." in shown
    for address in ("/api/v1/openapi.json", "/sign-out"):
        assert f'href="{address}"' in shown


def test_who_signs_in_without_saying_where_to_comes_to_the_front_page(browser: Browser, person: str) -> None:
    shown = browser.follow(browser.click(browser.link(person)))

    assert (shown.status_code, person in shown.text) == (200, True)
    browser.click("/sign-out")
    assert "Nobody is signed in" in browser.get("/").text
