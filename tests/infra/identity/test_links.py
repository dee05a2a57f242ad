"""A sign-in link is used up by one click, within its minutes, and leads to no other site."""

import threading
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.identity.links import is_within
from infra.store.datastore import Datastore
from tests.domain.given import refused
from tests.infra.identity.conftest import BASE, Browser
from tests.services.conftest import Clock


def test_a_link_is_used_up_by_a_click_and_not_by_looking(browser: Browser, person: str) -> None:
    """As programs do that look through mail: any number of them may open the link."""
    link = browser.link(person, next="/who")
    for _ in range(3):
        page = browser.get(link)
        assert (page.status_code, "<button>Sign in</button>" in page.text) == (200, True)
    assert browser.client.head(link).status_code in (200, 405)

    answer = browser.click(link)

    assert browser.follow(answer).json() == {"actor": person}


def test_a_link_is_good_once(browser: Browser, person: str) -> None:
    link = browser.link(person)
    assert browser.click(link).status_code == 303

    assert browser.get(link).status_code == 410
    again = browser.click(link)
    assert (again.status_code, "set-cookie" in again.headers) == (410, False)


def test_of_many_clicks_at_once_one_signs_in(browser: Browser, person: str) -> None:
    link, answers = browser.link(person), []
    threads = [threading.Thread(target=lambda: answers.append(browser.click(link).status_code)) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(answers) == [303, 410, 410, 410, 410, 410]


def test_a_link_is_good_for_its_minutes(browser: Browser, person: str, clock: Clock) -> None:
    link = browser.link(person, minutes=3)
    clock.passes(minutes=3, microseconds=-1)
    assert browser.get(link).status_code == 200
    clock.passes(microseconds=1)

    assert browser.get(link).status_code == 410
    assert browser.click(link).status_code == 410


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_no_other_site_uses_a_link_in_somebody_s_browser(browser: Browser, person: str, origin: str | None) -> None:
    link = browser.link(person)

    assert browser.click(link, origin=origin).status_code == 403

    assert browser.click(link).status_code == 303


def test_a_secret_is_kept_as_a_digest_only(browser: Browser, person: str, store: Datastore) -> None:
    secret = browser.link(person).rpartition("/")[2]

    [(kept,)] = store.rows("SELECT secret FROM access.links WHERE person = %s", [person])

    assert len(secret) >= 43
    assert secret.encode() not in bytes(kept)


def test_a_link_that_would_last_too_long_or_lead_elsewhere_is_refused(browser: Browser, person: str) -> None:
    with refused("link-minutes", field="--minutes"):
        browser.link(person, minutes=24 * 60 + 1)
    with refused("link-minutes", field="--minutes"):
        browser.link(person, minutes=0)
    with refused("link-next", field="--next"):
        browser.link(person, next="https://evil.example/")


@pytest.mark.parametrize("path", ["/", "/cases?stage=submitted&x=1", "/a/b#c", "/%2f"])
def test_a_path_is_a_page_of_ours(path: str) -> None:
    assert is_within(path)


@pytest.mark.parametrize(
    "path", ["", "cases", "//evil.example", "/\\evil.example", "\\\\evil", "/a\nb", "/\t/evil", "/ a"]
)
def test_what_some_browser_takes_for_another_site_is_no_page_of_ours(path: str) -> None:
    assert not is_within(path)


@settings(max_examples=300)
@given(st.text(max_size=30).map(lambda rest: "/" + rest))
def test_whatever_passes_for_a_page_of_ours_stays_here(path: str) -> None:
    if is_within(path):
        assert urlsplit(urljoin(BASE, path)).netloc == urlsplit(BASE).netloc
        assert "\\" not in path
        assert path.isprintable()
        assert not path.startswith("//")


def test_pages_run_no_scripts_are_in_no_frame_and_are_not_kept(browser: Browser, person: str) -> None:
    page = browser.get(browser.link(person))

    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "same-origin"


def test_a_browser_that_says_which_site_asks_is_believed_before_the_origin(browser: Browser, person: str) -> None:
    link = browser.link(person)
    cross = {"Sec-Fetch-Site": "cross-site", "Origin": BASE}
    assert browser.client.post(link, headers=cross, follow_redirects=False).status_code == 403

    own = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:8080"}
    assert browser.client.post(link, headers=own, follow_redirects=False).status_code == 303
