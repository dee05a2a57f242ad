"""Letters over the API: what will go and what went, for whom it is to see, a letter in its words, and what is done to one."""

from pathlib import Path

import pytest

from infra.bootstrap import App
from infra.settings import Settings
from services import people
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.infra.letters.conftest import Posting

WHY = "The wording is being looked at."


@pytest.fixture
def post(app: App, body: Body, tmp_path: Path) -> Posting:
    return Posting(app, body, Settings(data=tmp_path))


def edit(asks: Asking, body: Body, case: str, letter: str, what: str) -> int:
    said = {"letter": letter, "reason": WHY}
    return int(asks.post(f"/cases/{case}/{what}", body.officer, "officer", **said).status_code)


def test_one_list_says_what_will_go_to_whom_when_and_why_and_is_edited_by_id(post: Posting, body: Body, asks: Asking):
    case = factories.register(body)
    post.compose()
    asks.caught_up()

    coming = asks.get("/letters/coming", body.officer, "officer", case_id=case).json()["items"]
    queued = [one for one in coming if one["state"] == "queued"]
    planned = [one for one in coming if one["state"] == "planned"]
    assert [one["letter"] for one in queued] == ["registered", "fee-charged"]
    assert planned
    assert {one["letter"] for one in planned} == {"reminder"}
    assert all(one["why"].startswith("The deadline for submitting the portfolio is") for one in planned)

    assert edit(asks, body, case, queued[0]["id"], "hold-letter") == 200
    assert edit(asks, body, case, planned[0]["id"], "hold-letter") == 200
    post.compose()
    asks.caught_up()
    held = asks.get("/letters/coming", body.officer, "officer", state="held").json()["items"]
    assert {one["id"] for one in held} == {queued[0]["id"], planned[0]["id"]}

    assert edit(asks, body, case, planned[0]["id"], "send-letter-now") == 200
    post.compose()
    post.send()
    written = asks.get("/letters", body.officer, "officer", case_id=case).json()["items"]
    states = {one["id"]: one["state"] for one in written}
    assert states[planned[0]["id"]] == "sent"
    assert states[queued[0]["id"]] == "held"
    asks.caught_up()
    history = asks.get(f"/cases/{case}/history", body.officer, "officer").json()["items"]
    assert sum(WHY in one["sentence"] for one in history) == 3


def test_a_letter_is_read_before_it_goes_and_as_it_went(post: Posting, body: Body, asks: Asking):
    case = factories.register(body)
    post.compose()
    asks.caught_up()
    [registered, *_] = post.letters(case)
    planned = asks.get(f"/cases/{case}/letters", body.officer, "officer").json()["planned"][0]

    before = asks.get(f"/letters/{case}/{registered.id}", body.officer, "officer").json()
    ahead = asks.get(f"/letters/{case}/{planned['id']}", body.officer, "officer").json()
    post.send()
    after = asks.get(f"/letters/{case}/{registered.id}", body.officer, "officer").json()

    assert "is registered under" in before["body"]
    assert "<p>" in before["html"]
    assert (before["state"], after["state"]) == ("queued", "sent")
    assert before["subject"] == after["subject"]
    assert "This is a reminder: the deadline for submitting the portfolio is" in ahead["body"]
    assert ahead["state"] == "planned"
    assert asks.get(f"/letters/{case}/letter-aaaaaaaaaaaaaaaa", body.officer, "officer").status_code == 404


def test_the_page_of_a_case_shows_its_letters_to_each_those_that_are_theirs(post: Posting, body: Body, asks: Asking):
    case = factories.brought(body, "accepted")
    post.compose()
    post.send()
    asks.caught_up()
    held = body.submission(case)

    def seen(who: str, role: str) -> set[tuple[str, str]]:
        answer = asks.get(f"/cases/{case}/letters", who, role)
        return {(one["letter"], one["state"]) for one in answer.json()["written"]}

    lead, assessor = held.registration.lead_contact, held.assessor or ""
    assert seen(body.officer, "officer") == {("registered", "sent"), ("fee-charged", "sent"), ("assigned", "sent")}
    assert seen(lead, "provider") == {("registered", "sent"), ("fee-charged", "sent")}
    assert seen(assessor, "assessor") == {("assigned", "sent")}
    assert asks.get(f"/letters/{case}/{post.letters(case)[0].id}", lead, "provider").status_code == 404
    assert asks.get("/letters", lead, "provider").status_code == 403


def test_a_conflict_hides_letters_as_everything(post: Posting, body: Body, asks: Asking):
    case = factories.register(body)
    post.compose()
    asks.caught_up()
    other = factories.appoint(body, "officer", scheme=None)
    said = {"id": other, "provider": body.submission(case).registration.provider, "kind": "family"}
    body.by(people.declare_conflict, other, "officer", **said)
    asks.caught_up()
    letter = post.letters(case)[0].id

    assert asks.get("/letters/coming", other, "officer", case_id=case).json()["items"] == []
    assert asks.get("/letters", other, "officer").json()["items"] == []
    assert asks.get(f"/letters/{case}/{letter}", other, "officer").status_code == 404
    assert asks.get(f"/cases/{case}/letters", other, "officer").status_code == 404
    held = asks.post(f"/cases/{case}/hold-letter", other, "officer", letter=letter, reason=WHY)
    assert held.status_code == 404


def test_a_refusal_of_an_edit_says_field_and_reason(post: Posting, body: Body, asks: Asking):
    case = factories.register(body)
    post.compose()
    post.send()
    sent = post.letters(case)[0].id

    answer = asks.post(f"/cases/{case}/hold-letter", body.officer, "officer", letter=sent, reason=WHY)

    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/letter-waits")
    assert answer.json()["field"] == "letter"
