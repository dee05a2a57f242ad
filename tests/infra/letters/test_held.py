"""Officers hold letters back, let them go, and send them now, with a reason that stands in the case; what is over is not sent."""

from datetime import timedelta

import pytest

from domain.clocks import ReminderSent
from domain.letter_events import LetterHeldBack, LetterReleased, LetterSentNow
from domain.letters import reminder_id
from infra.letters.post import planned_id
from projections import reminders
from services import letters, people, preparation, support
from tests import factories
from tests.domain.given import refused
from tests.factories import brought, register
from tests.infra.letters.conftest import Posting
from tests.infra.letters.mailserver import Handler, serving
from tests.services.appealing import hearing, refused_case
from tests.services.conftest import Clock

WHY = "The wording is being looked at."


def edit(post: Posting, service: object, case: str, letter: str, who: str = "", *, role: str = "officer") -> object:
    return post.body.by(
        service, who or post.body.officer, role, case=case, letter=letter, reason=WHY, post=post.app.post
    )


def next_planned(post: Posting, case: str) -> reminders.Planned:
    post.caught_up()
    with post.app.records.datastore.get_connection() as connection:
        [plan, *_] = reminders.planned(connection, until=post.body.now() + timedelta(days=4000), case=case)
    return plan


def test_a_letter_held_back_does_not_go_until_it_is_released_and_the_case_says_who_did_it(post: Posting):
    case = register(post.body)
    post.compose()
    held = post.letters(case)[0]

    edit(post, letters.hold_letter, case, held.id)
    post.compose()
    handler = Handler()
    with serving(handler) as port:
        post.by(port).send()
    assert [one.state for one in post.letters(case)] == ["held", "sent"]
    assert len(handler.taken) == 1

    edit(post, letters.release_letter, case, held.id)
    post.compose()
    post.send()

    assert [one.state for one in post.letters(case)] == ["sent", "sent"]
    done = [one for one in post.body.recorded(case) if isinstance(one.event, LetterHeldBack | LetterReleased)]
    assert [(one.actor, one.event.letter) for one in done] == [(post.body.officer, held.id)] * 2
    assert set(post.app.vault.texts([one.event.reason.id for one in done]).values()) == {WHY}


def test_a_letter_that_is_held_a_moment_before_it_goes_does_not_go(post: Posting):
    """Also where the courier has not read of it yet: it looks once more in the statement that marks the letter."""
    case = register(post.body)
    post.compose()
    held = post.letters(case)[0]
    seen = post.outbox.place()

    edit(post, letters.hold_letter, case, held.id)

    assert not post.outbox.begin(held, seen=seen, subject="s", body="b", names=[])
    assert post.outbox.row(held.id).state == "queued"
    post.compose()
    assert post.outbox.row(held.id).state == "held"


def test_a_planned_reminder_is_held_back_before_it_is_written(post: Posting, clock: Clock):
    case = register(post.body)
    post.compose()
    plan = next_planned(post, case)

    edit(post, letters.hold_letter, case, planned_id(plan))
    clock.comes_to(plan.planned_for + timedelta(minutes=1))
    post.body.by(preparation.remind, case, "process", case=case)
    post.compose()

    [reminder] = post.letters(case, "reminder")
    assert (reminder.id, reminder.state) == (planned_id(plan), "held")
    [sent] = post.body.events(case, ReminderSent)
    assert reminder_id(case, sent) == planned_id(plan)


def test_a_reminder_sent_before_its_time_is_not_sent_again_when_that_comes(post: Posting, clock: Clock):
    case = register(post.body)
    plan = next_planned(post, case)

    edit(post, letters.send_letter_now, case, planned_id(plan))
    post.compose()
    post.send()
    clock.comes_to(plan.planned_for + timedelta(minutes=1))
    post.body.by(preparation.remind, case, "process", case=case)
    post.compose()
    post.send()

    [reminder] = post.letters(case, "reminder")
    assert (reminder.id, reminder.state, reminder.tries) == (planned_id(plan), "sent", 1)
    assert "This is a reminder" in post.outbox.words(reminder.id)[1]
    assert len(post.body.events(case, LetterSentNow)) == 1


def test_what_could_not_be_sent_goes_again_when_somebody_says_so(post: Posting):
    case = register(post.body)
    post.compose()
    with serving(Handler(recipient=lambda _to, _times: "550 No")) as port:
        post.by(port).send()
    first, second = post.letters(case)
    assert (first.state, second.state) == ("refused", "refused")

    edit(post, letters.send_letter_now, case, first.id)
    post.compose()
    handler = Handler()
    with serving(handler) as port:
        post.by(port).send()

    assert [one.state for one in post.letters(case)] == ["sent", "refused"]
    assert len(handler.taken) == 1


def test_the_log_read_again_does_not_do_again_what_people_did_to_letters(post: Posting):
    case = register(post.body)
    post.compose()
    post.send()
    [first, _] = post.letters(case)
    edit(post, letters.note_bounce, case, first.id)
    post.compose()
    edit(post, letters.send_letter_now, case, first.id)
    post.compose()
    post.send()
    before = post.letters(case)

    post.outbox.begin_at(0, again=True)
    post.compose()

    assert post.letters(case) == before
    assert before[0].state == "sent"


def test_what_came_back_is_noted_on_the_letter(post: Posting):
    case = register(post.body)
    post.compose()
    [first, _] = post.letters(case)
    with refused("letter-waits", field="letter"):
        edit(post, letters.note_bounce, case, first.id)
    post.send()

    edit(post, letters.note_bounce, case, first.id)
    edit(post, letters.note_bounce, case, first.id)
    post.compose()

    assert [one.state for one in post.letters(case)] == ["bounced", "sent"]


def test_only_what_waits_is_held_back_and_only_letters_of_the_case(post: Posting):
    case, other = register(post.body), register(post.body)
    post.compose()
    post.send()
    sent = post.letters(case)[0]

    with refused("letter-waits", field="letter"):
        edit(post, letters.hold_letter, case, sent.id)
    with refused("letter-waits", field="letter"):
        edit(post, letters.send_letter_now, case, sent.id)
    for letter in (sent.id, "letter-aaaaaaaaaaaaaaaa", "no letter"):
        with refused("known-letter", field="letter"):
            edit(post, letters.hold_letter, other, letter)
    with refused("text-given", field="reason"):
        post.body.by_officer(letters.note_bounce, case=case, letter=sent.id, reason=" ", post=post.app.post)


def test_held_twice_or_released_twice_is_recorded_once(post: Posting):
    case = register(post.body)
    post.compose()
    held = post.letters(case)[0]

    edit(post, letters.hold_letter, case, held.id)
    edit(post, letters.hold_letter, case, held.id)
    edit(post, letters.release_letter, case, held.id)
    edit(post, letters.release_letter, case, held.id)

    kinds = [type(one) for one in post.body.events(case) if isinstance(one, LetterHeldBack | LetterReleased)]
    assert kinds == [LetterHeldBack, LetterReleased]


@pytest.mark.parametrize("role", ["assessor", "provider", "chair"])
def test_who_administers_nothing_holds_no_letter_back(post: Posting, role: str):
    case = register(post.body)
    post.compose()
    who = {"assessor": post.body.assessors[0], "chair": post.body.chair}.get(role)
    who = who or post.body.submission(case).registration.lead_contact
    with refused("acting-role", field="role"):
        edit(post, letters.hold_letter, case, post.letters(case)[0].id, who, role=role)


def test_an_officer_with_a_conflict_holds_no_letter_back(post: Posting):
    case = register(post.body)
    post.compose()
    other = factories.appoint(post.body, "officer", scheme=None)
    said = {"id": other, "provider": post.body.submission(case).registration.provider, "kind": "family"}
    post.body.by(people.declare_conflict, other, "officer", **said)

    with refused("conflict-of-interest"):
        edit(post, letters.hold_letter, case, post.letters(case)[0].id, other)


def test_a_question_that_was_answered_meanwhile_is_not_asked_by_letter_any_more(post: Posting):
    case = brought(post.body, "accepted")
    post.compose()
    post.send()
    post.body.by_assessor(support.ask_question, case=case, text="Which year?")
    post.compose()
    [question] = post.letters(case, "question")
    edit(post, letters.hold_letter, case, question.id)
    post.body.by_contact(support.answer_question, case=case, number=1, text="The second.")
    edit(post, letters.release_letter, case, question.id)
    post.compose()
    post.send()

    assert [one.state for one in post.letters(case, "question")] == ["overtaken"]


def test_a_reminder_held_until_the_portfolio_was_in_is_not_sent_any_more(post: Posting, clock: Clock):
    case = register(post.body)
    plan = next_planned(post, case)
    edit(post, letters.hold_letter, case, planned_id(plan))
    clock.comes_to(plan.planned_for + timedelta(minutes=1))
    post.body.by(preparation.remind, case, "process", case=case)
    post.body.by_contact(preparation.withdraw, case=case, reason="We start afresh.")
    edit(post, letters.release_letter, case, planned_id(plan))
    post.compose()
    post.send()

    assert [one.state for one in post.letters(case, "reminder")] == ["overtaken"]


def test_an_upheld_appeal_overtakes_the_letter_of_the_result_and_sends_those_of_the_new_one(post: Posting):
    body, hear = post.body, hearing(post.body)
    case = refused_case(body)
    post.compose()
    [first] = post.letters(case, "result-not-awarded")
    edit(post, letters.hold_letter, case, first.id)
    appeal = hear.heard(case)
    hear.decide(appeal, finding="upheld", remedy="assess-again")
    edit(post, letters.release_letter, case, first.id)
    post.compose()
    post.send()

    assert [one.state for one in post.letters(case, "result-not-awarded")] == ["overtaken"]
    assert [one.state for one in post.letters(case, "judged-again")] == ["sent"]
    told = [(one.letter, one.state) for one in post.letters(appeal)]
    lodged = hear.state(appeal).lodging.lodged_by
    assert told == [
        ("appeal-acknowledged", "sent"),
        ("appeal-admitted", "sent"),
        *[("appeal-panel", "sent")] * 3,
        ("appeal-decided", "sent"),
    ]
    assert {one.recipient for one in post.letters(appeal)} == {lodged, *hear.panel}
