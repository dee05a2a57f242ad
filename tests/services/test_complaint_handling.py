"""Who deals with a complaint on a real record: what is refused to whom, and what a conflict or a name blocks at once."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from domain.clocks import ReminderSent
from domain.complaint import AffectedCaseClosed, HandlerLeft
from domain.ids import derived_id
from domain.person import AttemptRefused
from domain.refusals import Refused
from services import complaint_handling, complaints, matters, people
from services.office import Office
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services import complaining
from tests.services.complaining import (
    acknowledge,
    answer,
    board,
    by_contact,
    escalate,
    handlers,
)
from tests.services.conftest import Clock
from tests.services.test_commands import BAD_IDS, counts
from tests.services.test_complaints import ANSWERED, handling


def test_only_complaints_handlers_deal_with_it_and_only_who_sits_decides(body: Body):
    provider = factories.register_provider(body)
    case = by_contact(body, provider)

    for actor, role in ((body.officer, "officer"), (body.assessors[0], "assessor"), (provider.contact, "provider")):
        with refused("acting-role", field="role"):
            body.by(complaint_handling.acknowledge_complaint, actor, role, case=case)
        with refused("acting-role", field="role"):
            body.by(complaint_handling.answer_complaint, actor, role, case=case, **ANSWERED)
        with refused("acting-role", field="role"):
            body.by(complaint_handling.form_committee, actor, role, case=case, chair=actor, members=[actor])


def test_no_complaint_is_dealt_with_that_does_not_exist(body: Body, database: Database):
    [hal, _] = handlers(body)
    before = counts(database)

    for bad in (*BAD_IDS, derived_id("complaint", "nothing")):
        for service, said in (
            (complaint_handling.acknowledge_complaint, {}),
            (complaint_handling.answer_complaint, ANSWERED),
            (complaints.escalate_complaint, {"reason": "x"}),
            (complaints.withdraw_complaint, {}),
            (complaints.name_person, {"person": body.officer}),
            (complaint_handling.form_committee, {"chair": hal, "members": [hal]}),
            (complaint_handling.name_follow_up, {"person": hal, "topic": "tone", "need": "x"}),
        ):
            with refused("known-complaint", field="complaint"):
                handling(body, hal, service, case=bad, **said)

    assert counts(database) == before


def test_no_text_too_long_or_empty_is_an_answer(body: Body):
    provider, [hal, _] = factories.register_provider(body), handlers(body)
    case = by_contact(body, provider)
    acknowledge(body, case, hal)

    for bad, rule in (("", "text-given"), ("x" * 1_000_000, "text-length")):
        with refused(rule, field="reason"):
            handling(body, hal, complaint_handling.answer_complaint, case=case, outcome="not-upheld", reason=bad)
    assert body.state(case).stage == "acknowledged"


def as_handler(body: Body, person: str) -> None:
    """Given the role of a complaints handler, by another officer."""
    body.by(people.give_role, "installer", "installer", id=person, role="complaints-handler")


def test_who_is_complained_about_and_is_made_a_handler_afterwards_has_no_part(body: Body):
    provider, [hal, ida] = factories.register_provider(body), handlers(body)
    assessor = body.assessors[0]
    case = by_contact(body, provider, about="people", people=[assessor])
    as_handler(body, assessor)

    with refused("complaint-apart", field="actor"):
        acknowledge(body, case, assessor)
    acknowledge(body, case, hal)
    with refused("complaint-apart", field="to"):
        handling(body, hal, complaint_handling.hand_to, case=case, to=assessor, reason="You know it best.")
    with refused("complaint-apart", field="actor"):
        handling(body, assessor, complaint_handling.hand_to, case=case, to=assessor, reason="Mine.")
    with refused("complaint-apart", field="actor"):
        handling(body, assessor, complaint_handling.hand_to, case=case, to=ida, reason="A friend.")

    assert [one.rule for one in body.events(assessor, AttemptRefused)] == ["complaint-apart"] * 3


def test_who_is_complained_about_does_not_sit_or_choose_who_does(body: Body):
    provider, [hal, ida] = factories.register_provider(body), handlers(body)
    seats = board(body)
    quinn = factories.appoint(body, "quality-manager", scheme=None)
    case = by_contact(body, provider, about="people", people=[seats[0], quinn])
    for handler in (hal, ida):
        answer(body, case, handler)
        escalate(body, case, provider.contact)
    other = factories.appoint(body, "quality-manager", scheme=None)
    forming = {"case": case, "chair": seats[1], "members": seats}

    with refused("complaint-apart", field="actor"):
        body.by(complaint_handling.form_committee, quinn, "quality-manager", **forming)
    with refused("complaint-apart", field="members"):
        body.by(complaint_handling.form_committee, other, "quality-manager", **forming)
    with refused("complaint-apart", field="members"):
        body.by(complaint_handling.form_committee, other, "quality-manager", **forming | {"members": [*seats[1:], hal]})


def test_nobody_party_to_it_gives_more_time(body: Body, clock: Clock):
    provider, [hal, ida] = factories.register_provider(body), handlers(body)
    case = by_contact(body, provider, about="people", people=[body.officer])
    acknowledge(body, case, hal)
    later = {"case": case, "rule": "answer-complaint-within", "about": "first", "reason": "Ill."}
    later |= {"until": clock() + timedelta(days=60)}

    with refused("parties-never-administer", field="actor"):
        body.by(matters.move_task, body.officer, "officer", **later)
    with refused("not-for-oneself", field="actor"):
        handling(body, hal, matters.move_task, **later)
    handling(body, ida, matters.move_task, **later)

    assert body.state(case).deadline == later["until"]
    assert body.events(body.officer, AttemptRefused)[-1].rule == "parties-never-administer"


def test_a_person_named_later_loses_it_at_once(body: Body):
    provider, [hal, ida] = factories.register_provider(body), handlers(body)
    case = by_contact(body, provider)
    acknowledge(body, case, hal)

    body.by(complaints.name_person, provider.contact, "provider", case=case, person=hal)

    with refused("complaint-apart", field="actor"):
        handling(body, hal, complaint_handling.answer_complaint, case=case, **ANSWERED)
    answer(body, case, ida)
    assert body.state(case).decided_by == ida
    with refused("known-person", field="person"):
        body.by(complaints.name_person, provider.contact, "provider", case=case, person=derived_id("person", "none"))


def test_a_declared_conflict_takes_a_complaint_from_its_handler_at_once(body: Body):
    provider, [hal, ida] = factories.register_provider(body), handlers(body)
    case, other = by_contact(body, provider), by_contact(body, factories.register_provider(body))
    for one in (case, other):
        acknowledge(body, one, hal)
    complaining.declare(body, hal, "complaints-handler", provider.id)

    with refused("conflict-of-interest", field="actor"):
        handling(body, hal, complaint_handling.answer_complaint, case=case, **ANSWERED)

    assert [one.because for one in body.events(case, HandlerLeft)] == ["conflict"]
    assert not body.events(other, HandlerLeft)
    assert [one.who for one in body.state(case).tasks.running.values()] == ["complaints-handler"]
    answer(body, case, ida)


def test_a_conflict_of_a_member_stops_the_committee(body: Body):
    provider, [hal, ida] = factories.register_provider(body), handlers(body)
    seats, case = board(body), by_contact(body, provider)
    for handler in (hal, ida):
        answer(body, case, handler)
        escalate(body, case, provider.contact)
    quinn = factories.appoint(body, "quality-manager", scheme=None)
    body.by(complaint_handling.form_committee, quinn, "quality-manager", case=case, chair=seats[0], members=seats)
    complaining.declare(body, seats[2], "board", provider.id)

    with refused("committee-size"):
        body.by(complaint_handling.decide_complaint, seats[0], "board", case=case, **ANSWERED)
    with refused("complaint-apart", field="actor"):
        handling(body, ida, complaint_handling.acknowledge_complaint, case=case)
    body.by(complaints.withdraw_complaint, provider.contact, "provider", case=case)
    with refused("complaint-over", field="complaint"):
        body.by(complaint_handling.decide_complaint, seats[0], "board", case=case, **ANSWERED)


def test_two_handlers_at_once_and_one_has_it(body: Body):
    provider, both = factories.register_provider(body), handlers(body)
    case = by_contact(body, provider)
    start, outcomes = threading.Barrier(2), []

    def take(by: str) -> None:
        start.wait()
        try:
            acknowledge(body, case, by)
            outcomes.append("has it")
        except Refused as refusal:
            outcomes.append(refusal.rule)

    threads = [threading.Thread(target=take, args=[one]) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["complaint-in-hand", "has it"]
    assert body.state(case).handler in both


def test_who_has_it_in_hand_has_the_training_that_the_scheme_names_for_it(office: Office, clock: Clock):
    source = factories.scheme_source().replace("[people.training]", '[people.training]\ncomplaints-handler = ["bias"]')
    body = factories.open_body(office, source=source, now=clock)
    hal, ida = handlers(body)
    case = by_contact(body, factories.register_provider(body))

    with refused("trained-complaints-handler", field="actor"):
        acknowledge(body, case, hal)
    expires_at = clock.at + timedelta(days=10)
    said = {"id": hal, "scheme": body.scheme.id, "kind": "bias", "expires_at": expires_at}
    body.by_officer(people.record_training, **said)
    acknowledge(body, case, hal)
    with refused("trained-complaints-handler", field="to"):
        handling(body, hal, complaint_handling.hand_to, case=case, to=ida, reason="Ill.")
    clock.comes_to(expires_at)
    with refused("trained-complaints-handler", field="actor"):
        handling(body, hal, complaint_handling.answer_complaint, case=case, **ANSWERED)


# What follows


def upheld_and_named(body: Body, **said: Any) -> tuple[str, str]:
    """A complaint that is upheld, about `people` or `case` as is said, and another case that it touched."""
    hal, _ = handlers(body)
    case = by_contact(body, factories.register_provider(body), **said)
    answer(body, case, hal, "upheld", "An apology.")
    touched = factories.register(body)
    named = {"case": case, "affected": touched, "note": "Late too."}
    body.by(complaint_handling.name_affected_case, hal, "complaints-handler", **named)
    return case, touched


def test_a_case_that_it_touched_is_dealt_with_in_time_and_closed_by_somebody_else(body: Body, clock: Clock):
    case, touched = upheld_and_named(body)
    quinn = factories.appoint(body, "quality-manager", scheme=None)
    deal, name = {"case": case, "affected": touched}, f"see-to-affected-within:{touched}"
    task = body.state(case).tasks.running[name]
    assert (task.who, task.told) == ("complaints-handler", "quality-manager")

    clock.comes_to(task.remind_at[0])
    complaining.passing(body, case)
    held = body.state(case)  # which nobody took further: it is closed, and what it touched is not forgotten
    assert (held.stage, held.over, set(held.tasks.running)) == ("closed", False, {name})
    assert [one.about for one in body.events(case, ReminderSent) if one.rule == task.rule] == [touched]
    clock.comes_to(task.due_at)
    assert complaining.passing(body, case) == ["miss_task"]

    with refused("dealt-with-first", field="affected"):
        body.by_officer(complaint_handling.close_affected, **deal)
    with refused("other-actions", field="action"):
        body.by_officer(complaint_handling.deal_with_affected, **deal, action="wept", done="We wept.")
    done = {"action": "told", "done": "We told them."}
    body.by_officer(complaint_handling.deal_with_affected, **deal, **done)
    body.by(complaint_handling.deal_with_affected, quinn, "quality-manager", **deal, action="other", done="We rang.")
    for who, role in ((body.officer, "officer"), (quinn, "quality-manager")):  # who dealt with it earlier did so
        with refused("closed-by-another", field="actor"):
            body.by(complaint_handling.close_affected, who, role, **deal)
    another = factories.appoint(body, "officer", scheme=None)
    body.by(complaint_handling.close_affected, another, "officer", **deal)

    held = body.state(case)
    assert (held.over, held.tasks.running) == (True, {})
    assert [one.closed_by for one in body.events(case, AffectedCaseClosed)] == [another]
    with refused("other-closed", field="affected"):
        body.by_officer(complaint_handling.deal_with_affected, **deal, **done)
    with refused("known-other", field="affected"):
        other = factories.register(body)
        body.by_officer(complaint_handling.deal_with_affected, case=case, affected=other, **done)


@pytest.mark.parametrize("role", ["complaints-handler", "officer", "quality-manager"])
def test_nobody_party_to_it_deals_with_a_case_that_it_touched(body: Body, role: str):
    concerned = factories.appoint(body, role, scheme=None)
    case, touched = upheld_and_named(body, about="people", people=[concerned])
    conflicted, free = (factories.appoint(body, role, scheme=None) for _ in range(2))
    complaining.declare(body, conflicted, role, body.submission(touched).registration.provider)
    deal = {"case": case, "affected": touched}

    for who, rule in ((concerned, "complaint-apart"), (conflicted, "conflict-of-interest")):
        with refused(rule, field="actor"):
            body.by(complaint_handling.deal_with_affected, who, role, **deal, action="told", done="We told them.")
    body.by(complaint_handling.deal_with_affected, free, role, **deal, action="told", done="We told them.")
    for who, rule in ((concerned, "complaint-apart"), (conflicted, "conflict-of-interest")):
        with refused(rule, field="actor"):
            body.by(complaint_handling.close_affected, who, role, **deal)
        assert rule in {one.rule for one in body.events(who, AttemptRefused)}
    assert not body.state(case).affected[touched].closed
    with refused("acting-role", field="role"):
        body.by(complaint_handling.close_affected, body.chair, "chair", **deal)
