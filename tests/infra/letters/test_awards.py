"""Letters about awards, concerns, appeals and complaints: a remedy's own go out, and who came from outside hears the answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.bootstrap import App, open_app
from infra.letters.writing import page
from infra.settings import Settings
from services import accreditations, appeals
from services.assessment import Judgement
from tests import factories
from tests.conftest import Database
from tests.infra.letters.conftest import Posting
from tests.services import complaining
from tests.services.appealing import hearing, refused_case
from tests.services.conftest import Clock
from tests.services.holding import award_of, conclude, raised, review, source
from tests.services.remedying import SHORT


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    """A record of which nothing is known yet."""
    with open_app(database.app_url, pool_size=8) as opened:
        yield opened


def told(post: Posting, case: str) -> list[tuple[str, str]]:
    post.compose()
    post.send()
    return [(one.letter, one.state) for one in post.letters(case)]


def test_what_an_appeal_undoes_of_a_review_is_told_to_the_holder(post: Posting):
    body, hear = post.body, hearing(post.body)
    award, _, provider = award_of(body)
    concern = raised(body, award)
    reviewer = factories.appoint(body, "moderator", training="moderating")
    review(body, award, concern, reviewer)
    said = {"case": award, "concern": concern, "finding": "suspend", "reason": "It is not taught."}
    body.by(accreditations.conclude_review, reviewer, "moderator", **said)
    assert ("suspended", "sent") in told(post, award)
    appeal = hear.lodge(award, "review", concern=concern)
    hear.by_officer(appeals.acknowledge_appeal, appeal=appeal)
    hear.by_officer(appeals.admit_appeal, appeal=appeal)
    hear.name(appeal)
    hear.decide(appeal, finding="upheld", remedy="replace-decision", reason="It is taught on Fridays.")

    letters = told(post, award)

    assert ("review-replaced", "sent") in letters
    assert ("reinstated", "sent") in letters
    assert {one.recipient for one in post.letters(award) if one.letter == "reinstated"} == {provider.contact}
    [suspended] = post.letters(award, "suspended")
    assert "You may appeal until" in post.outbox.words(suspended.id)[1]


def test_a_replaced_result_earns_an_award_and_its_holder_is_told_the_new_result(post: Posting):
    body, hear = post.body, hearing(post.body)
    case = refused_case(body)
    assert ("result-not-awarded", "sent") in told(post, case)
    appeal = hear.heard(case)
    judged = {"1.1": Judgement(level="met", reason="The file shows it.")}
    hear.decide(appeal, finding="upheld", remedy="replace-decision", judgements=judged)
    factories.settle(body, case)

    results = [one for one in told(post, case) if one[0].startswith("result")]

    assert results == [("result-not-awarded", "sent"), ("result-awarded", "sent")]


def test_another_level_after_an_appeal_is_told_to_the_holder_with_the_date_that_it_counts_from(
    app: App, tmp_path: Path, clock: Clock
):
    body = factories.open_body(app.office, source=source(levels=True), now=clock)
    post = Posting(app, body, Settings(data=tmp_path))
    award, case, provider = award_of(body, SHORT)
    clock.passes(days=15)
    hear = hearing(body)
    appeal = hear.heard(case)
    judged = {"1.1": Judgement(level="met", reason="The file shows it.")}
    hear.decide(appeal, finding="upheld", remedy="replace-decision", judgements=judged)
    factories.settle(body, case)

    assert ("award-corrected", "sent") in told(post, award)

    [letter] = post.letters(award, "award-corrected")
    subject, words = post.outbox.words(letter.id)
    assert letter.recipient == provider.contact
    assert subject.endswith("was corrected")
    assert "its level is gold; the end of its accreditation stays" in words
    assert f"From {clock().day} {clock():%B %Y}, 12:00" in words


def test_an_award_annulled_after_an_appeal_is_told_to_its_holder_once(post: Posting, clock: Clock):
    body, hear = post.body, hearing(post.body)
    award, case, provider = award_of(body)
    clock.passes(days=15)
    appeal = hear.heard(case)
    judged = {"1.1": Judgement(level="not_met", reason="The file does not show it.")}
    hear.decide(appeal, finding="upheld", remedy="replace-decision", judgements=judged)
    factories.settle(body, case)

    assert [one for one in told(post, award) if one[0] == "award-annulled"] == [("award-annulled", "sent")]

    [letter] = post.letters(award, "award-annulled")
    subject, words = post.outbox.words(letter.id)
    assert letter.recipient == provider.contact
    assert subject.endswith("was annulled")
    assert "earns no award" in words


def test_who_raised_a_concern_from_outside_gets_the_answer_itself_and_no_address_of_a_page(post: Posting):
    body = post.body
    award, _, _ = award_of(body)
    said: dict[str, Any] = {"by": (body.officer, "officer"), "from_outside": True}
    concern = raised(body, award, name="Zebulon Quill", address="z@quill.example", **said)
    by_post = raised(body, award, address="1 Quill Street", **said)
    for one in (concern, by_post):
        review(body, award, one, body.chair)
        conclude(body, award, one, "no_action")
        body.by_chair(accreditations.answer_concern, case=award, concern=one, text="It is taught on Fridays.")

    told(post, award)

    answered = {one.recipient: one for one in post.letters(award, "concern-answered")}
    assert answered[concern].state == "sent"
    assert answered[by_post].state == "no-address"
    _, words = post.outbox.words(answered[concern].id)
    assert words.startswith("Dear Zebulon Quill,")
    assert "It is taught on Fridays." in words
    assert page("", award) not in words
    assert "To: Zebulon Quill <z@quill.example>" in post.files()[answered[concern].id]


def test_who_complained_hears_of_each_step_until_it_is_closed(post: Posting):
    body = post.body
    [handler, _] = complaining.handlers(body)
    complaint = complaining.raised(body, body.assessors[0], "assessor")
    complaining.acknowledge(body, complaint, handler)
    complaining.answer(body, complaint, handler)

    assert told(post, complaint) == [("complaint-acknowledged", "sent"), ("complaint-answered", "sent")]
    assert {one.recipient for one in post.letters(complaint)} == {body.assessors[0]}
    [_, answered] = post.letters(complaint)
    _, words = post.outbox.words(answered.id)
    assert "not upheld" in words
    assert "You may take it further until" in words


@pytest.mark.parametrize("kind", ["submission", "appeal", "complaint", "learning"])
def test_every_kind_of_case_has_a_page_that_there_is(kind: str):
    from infra.api.reading.told import RESOURCES

    resource = page("", f"{kind}-aaaaaaaaaaaaaaaa").split("/")[-2]
    assert resource == "cases" or RESOURCES[resource] == kind
