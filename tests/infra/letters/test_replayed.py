"""A replay has the letters that had gone by its moment, in their words, for who may read them; of those that were erased, that they went."""

from infra.api.caller import Api
from infra.replay.letters import Letter
from infra.replay.looks import Eyes
from infra.replay.past import moment_of
from infra.replay.seen import Replayed, replay
from services import preparation
from tests import factories
from tests.infra.api.conftest import known
from tests.infra.letters.conftest import Posting


def seen(post: Posting, case: str, eyes: Eyes | None = None, version: int | None = None) -> Replayed:
    api = Api(app=post.app, identify=known)
    return replay(api, case, moment_of(post.app.records, case, now=api.now(), version=version), eyes=eyes)


def gone(post: Posting, case: str) -> list[Letter]:
    return list(seen(post, case).letters)


def test_letters_are_shown_as_they_went_and_none_that_went_later(post: Posting):
    case = factories.brought(post.body, "registered")
    contact = post.body.submission(case).registration.lead_contact
    post.compose()
    post.send()
    post.caught_up()
    before = gone(post, case)
    post.body.by_officer(preparation.waive_fee, case=case, kind="registration", reason="They are small.")
    waived = post.body.recorded(case)[-1].version
    post.compose()
    post.send()
    post.caught_up()
    after = gone(post, case)

    assert before
    assert after[: len(before)] == before
    assert len(after) > len(before)
    assert list(seen(post, case, version=waived).letters) == before
    first = before[0]
    assert (first.subject, first.body) == post.outbox.words(first.id)
    assert list(seen(post, case, Eyes(person=post.body.officer, role="officer")).letters) == after
    mine = seen(post, case, Eyes(person=contact, role="provider")).letters
    assert {one.recipient for one in mine} == {contact}
    assert {one.id for one in mine} == {one.id for one in after if one.recipient == contact}


def test_of_a_letter_whose_words_were_erased_is_shown_that_it_went(post: Posting):
    case = factories.brought(post.body, "registered")
    post.compose()
    post.send()
    post.caught_up()
    before = gone(post, case)
    contact = post.body.submission(case).registration.lead_contact
    post.app.vault.erase_subject(contact)

    after = gone(post, case)

    assert [(one.id, one.sent_at) for one in after] == [(one.id, one.sent_at) for one in before]
    assert before[0].body is not None
    assert [one.body for one in after if one.recipient == contact] == [None] * len(after)
