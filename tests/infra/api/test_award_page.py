"""Whoever scans a certificate's code, or follows a badge, is shown in words what stands of the award now; a program gets it as JSON."""

import html
import re
from datetime import timedelta

from infra.api.app import ROOT
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.services.conftest import Clock
from tests.services.holding import award_of, conclude, raised, review

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def page_of(asks: Asking, award: str) -> str:
    answer = asks.client.get(f"{ROOT}/badges/{award}", headers={"Accept": BROWSER})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["vary"] == "Accept"
    return answer.text


def heading(page: str) -> str:
    found = re.search("<h1>(.*)</h1>", page)
    assert found
    return html.unescape(found[1])


def test_somebody_who_looks_is_told_in_words_what_holds_until_when_and_where_it_is_checked(asks: Asking, body: Body):
    award, case, provider = award_of(body)
    title = asks.get(f"/badges/{award}").json()["title"]
    name = asks.app.vault.personal([provider.id])[provider.id]["name"]

    page = page_of(asks, award)

    assert heading(page) == f"{title}: accredited"
    assert html.escape(name) in page
    assert f"{body.scheme.id}@1" in page
    assert f'/api/v1/badges/{award}/1"' in page
    assert f"/api/v1/register?accreditation={award}" in page
    assert page_of(asks, case) == page


def test_of_a_suspended_and_of_a_withdrawn_award_the_page_says_that_first(asks: Asking, body: Body):
    award, _, _ = award_of(body)
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "suspend")
    assert heading(page_of(asks, award)).endswith(": not accredited now: suspended")

    review(body, award, concern, body.chair)
    conclude(body, award, concern, "withdraw")
    assert heading(page_of(asks, award)).endswith(": not accredited now: withdrawn")


def test_once_its_time_is_over_it_says_so_before_any_process_has_come_round(asks: Asking, body: Body, clock: Clock):
    award, _, _ = award_of(body)
    ends_at = body.state(award).periods[-1].ends_at
    clock.at = ends_at + timedelta(days=2)

    assert heading(page_of(asks, award)).endswith(": not accredited now: ended")
    assert asks.get(f"/badges/{award}").json()["standing"] == "ended"
    clock.at = body.state(award).periods[0].starts_at - timedelta(days=1)
    assert heading(page_of(asks, award)).endswith(": not accredited now: to begin")


def test_a_program_is_answered_with_json_whatever_it_takes_beside(asks: Asking, body: Body):
    award, _, _ = award_of(body)
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.5"):
        answer = asks.client.get(f"{ROOT}/badges/{award}", headers={"Accept": accept})
        assert answer.json()["accredited"] is True
        assert answer.headers["vary"] == "Accept"


def test_what_is_no_award_has_no_page(asks: Asking):
    answer = asks.client.get(f"{ROOT}/badges/accreditation-aaaaaaaaaaaaaaaa", headers={"Accept": BROWSER})
    assert answer.status_code == 404


def test_of_an_award_whose_names_were_erased_the_page_says_the_ids(asks: Asking, body: Body):
    award, case, provider = award_of(body)
    asks.app.vault.erase_subject(provider.id)

    page = page_of(asks, award)

    assert heading(page) == f"Programme {case}: accredited"
    assert f"Provider {provider.id}" in page
