"""Complaints on a real record: who may raise, enter, handle and decide them, what blocks at once, and what time does."""

from datetime import timedelta
from typing import Any

import pytest

from domain.clocks import DeadlineMissed, ReminderSent
from domain.complaint import ComplaintClosed, ComplaintRaised, FollowUpNamed
from domain.ids import derived_id
from domain.person import AttemptRefused
from domain.refusals import Refused
from infra.store.vault import PostgresVault
from services import complaint_handling, complaints, providers
from services.office import Office
from services.ports import Command
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
    entered,
    escalate,
    handlers,
    passing,
    raised,
)
from tests.services.conftest import Clock
from tests.services.test_commands import BAD_IDS, counts

ANSWERED = {"outcome": "not-upheld", "reason": "We looked into it."}


def handling(body: Body, by: str, service: Any, role: str = "complaints-handler", **said: Any) -> Any:
    return body.by(service, by, role, **said)


# Who complains


def test_a_complaint_goes_through_two_answers_and_a_committee(body: Body):
    hal, ida = handlers(body)
    seats, quinn = board(body), factories.appoint(body, "quality-manager", scheme=None)
    provider = factories.register_provider(body)
    case = by_contact(body, provider, about="people", people=[body.assessors[0]])

    answer(body, case, hal)
    escalate(body, case, provider.contact)
    answer(body, case, ida)
    escalate(body, case, provider.contact)
    body.by(complaint_handling.form_committee, quinn, "quality-manager", case=case, chair=seats[0], members=seats)
    said = {"outcome": "upheld", "reason": "They were late.", "done": "An apology."}
    body.by(complaint_handling.decide_complaint, seats[0], "board", case=case, **said)

    held = body.state(case)
    assert (held.stage, held.outcome, held.tasks.running) == ("closed", "upheld", {})
    need = {"topic": "time", "person": body.assessors[0], "need": "Being on time."}
    body.by(complaint_handling.name_follow_up, seats[0], "board", case=case, **need)
    [follow_up] = body.events(case, FollowUpNamed)
    assert follow_up.person == body.assessors[0]
    submission = factories.register(body, provider)
    body.by(complaint_handling.name_affected_case, seats[0], "board", case=case, affected=submission, note="Late too.")
    assert body.state(case).affected.keys() == {submission}
    with refused("known-case", field="affected"):
        body.by(complaint_handling.name_affected_case, seats[0], "board", case=case, affected=case, note="x")
    assert [one.scheme for one in body.recorded(case)] == [body.scheme.ref] * len(body.recorded(case))


def test_anyone_with_a_role_complains_in_it_and_nobody_in_another(body: Body):
    case = raised(body, body.assessors[0], "assessor")

    assert body.state(case).raised_by == body.assessors[0]
    with refused("acting-role", field="role"):
        raised(body, body.assessors[0], "officer")
    with refused("known-person", field="actor"):
        raised(body, derived_id("person", "nobody"), "assessor")


def test_a_contact_complains_for_their_own_provider_about_their_own_cases(body: Body):
    mine, theirs = factories.register_provider(body), factories.register_provider(body)
    case, other = factories.register(body, mine), factories.register(body, theirs)

    complaint = body.state(by_contact(body, mine, about="case", case=case))

    assert (complaint.provider, complaint.on_behalf_of) == (mine.id, mine.id)
    with refused("own-provider", field="case"):
        by_contact(body, mine, about="case", case=other)
    with refused("own-provider", field="provider"):
        raised(body, mine.contact, "provider", provider=theirs.id)
    with refused("own-provider", field="provider"):
        raised(body, mine.contact, "provider")


def test_a_colleague_takes_it_further_for_the_provider(body: Body):
    provider, [hal, _] = factories.register_provider(body), handlers(body)
    case = by_contact(body, provider)
    answer(body, case, hal)
    naming = body.command(provider.contact, "provider")
    said = {"id": provider.id, "contact_name": "A colleague", "contact_email": "c@provider.example"}
    providers.name_contact(body.office, naming, **said)
    colleague = providers.contact_id(naming.id)

    stranger = factories.register_provider(body)
    with refused("complainant-only", field="actor"):
        escalate(body, case, stranger.contact)
    escalate(body, case, colleague)

    assert body.state(case).stage == "escalated"


def test_somebody_outside_has_it_entered_with_name_and_address_in_the_vault_only(
    body: Body, database: Database, records: Any
):
    [hal, _] = handlers(body)
    case = entered(body, hal, name="Zebulon Quill", address="1 Quill Street")

    [event] = body.events(case, ComplaintRaised)
    assert (event.raised_by, event.entered_by, event.reachable) == (None, hal, True)
    assert PostgresVault(records.datastore).personal([case])[case] == {
        "name": "Zebulon Quill",
        "address": "1 Quill Street",
    }
    assert "Quill" not in str(body.recorded(case))
    anonymous = entered(body, body.officer, "officer")
    [event] = body.events(anonymous, ComplaintRaised)
    assert (event.entered_by, event.reachable) == (body.officer, False)
    with refused("acting-role", field="role"):
        entered(body, body.assessors[0], "assessor")


def test_who_entered_it_does_not_deal_with_it_and_takes_it_further_for_them(body: Body):
    hal, ida = handlers(body)
    case = entered(body, hal)

    with refused("complaint-apart", field="actor"):
        acknowledge(body, case, hal)
    answer(body, case, ida)
    escalate(body, case, hal, "complaints-handler")

    assert body.state(case).stage == "escalated"
    assert [one.rule for one in body.events(hal, AttemptRefused)] == ["complaint-apart"]


def test_who_has_a_conflict_with_the_provider_of_the_case_enters_nothing(body: Body):
    [hal, _] = handlers(body)
    provider = factories.register_provider(body)
    case = factories.register(body, provider)
    complaining.declare(body, hal, "complaints-handler", provider.id)

    with refused("conflict-of-interest", field="actor"):
        entered(body, hal, about="case", case=case)


def test_what_is_named_exists_and_a_case_is_under_the_scheme(body: Body, database: Database):
    nobody, [hal, _] = derived_id("person", "nobody"), handlers(body)
    nothing = derived_id("submission", "nothing")
    before = counts(database)
    ways: list[tuple[str, str, dict[str, Any]]] = [
        ("known-person", "people", {"about": "people", "people": [nobody]}),
        ("known-submission", "submission", {"about": "case", "case": nothing}),
        ("known-case", "case", {"about": "case", "case": derived_id("accreditation", "nothing")}),
        ("known-case", "case", {"about": "case", "case": nobody}),
        ("published-scheme", "scheme", {"scheme": "no-such"}),
        ("complaint-about", "about", {"about": "weather"}),
        ("text-given", "text", {"text": "  "}),
        ("text-length", "text", {"text": "x" * 1_000_000}),
    ]

    for rule, field, said in ways:
        with refused(rule, field=field):
            raised(body, body.assessors[0], "assessor", **said)
        with refused(rule, field=field):
            entered(body, hal, **said)
    for bad in BAD_IDS:
        with pytest.raises(Refused, match="no person id"):
            raised(body, body.assessors[0], "assessor", about="people", people=[bad])
        with refused("known-case", field="case"):
            raised(body, body.assessors[0], "assessor", about="case", case=bad)

    assert counts(database) == before


def test_a_case_is_complained_of_under_its_own_scheme(body: Body, office: Office, clock: Clock):
    case = factories.register(body)
    other = factories.open_body(
        office, source=factories.scheme_source().replace('id = "cpd-qa"', 'id = "other"'), now=clock
    )

    with refused("complaint-scheme", field="scheme"):
        raised(other, other.assessors[0], "assessor", about="case", case=case)


def test_given_twice_each_command_counts_once(body: Body):
    provider, [hal, ida] = factories.register_provider(body), handlers(body)
    seats, quinn = board(body), factories.appoint(body, "quality-manager", scheme=None)
    raising = body.command(provider.contact, "provider")
    case = complaints.complaint_id(raising.id)
    said = {"scheme": body.scheme.id, "about": "service", "text": "Slow.", "provider": provider.id}
    contact, handler = (provider.contact, "provider"), "complaints-handler"
    course: list[tuple[Any, tuple[str, str], dict[str, Any]]] = [
        (complaint_handling.acknowledge_complaint, (hal, handler), {}),
        (complaint_handling.answer_complaint, (hal, handler), ANSWERED),
        (complaints.escalate_complaint, contact, {"reason": "No."}),
        (complaint_handling.acknowledge_complaint, (ida, handler), {}),
        (complaint_handling.answer_complaint, (ida, handler), ANSWERED),
        (complaints.escalate_complaint, contact, {"reason": "No."}),
        (complaint_handling.form_committee, (quinn, "quality-manager"), {"chair": seats[0], "members": seats}),
        (
            complaint_handling.decide_complaint,
            (seats[0], "board"),
            ANSWERED | {"outcome": "upheld", "done": "Put right."},
        ),
    ]
    for _ in range(2):
        complaints.raise_complaint(body.office, raising, **said)
    assert len(body.recorded(case)) == 1
    for service, (actor, role), given in course:
        command, before = body.command(actor, role), len(body.recorded(case))
        first = service(body.office, command, case=case, **given)
        after = len(body.recorded(case))
        again = service(body.office, command, case=case, **given)
        assert (again.repeated, again.position) == (True, first.position)
        assert len(body.recorded(case)) == after > before


# What time does


def test_reminders_and_lateness_come_at_their_instants(body: Body, clock: Clock):
    provider, [hal, _] = factories.register_provider(body), handlers(body)
    case = by_contact(body, provider)
    due = {one.rule: one.due_at for one in body.state(case).tasks.running.values()}
    clock.comes_to(due["acknowledge-complaint-within"] - timedelta(seconds=1))
    assert passing(body, case) == ["remind_task"]
    clock.passes(seconds=1)
    assert passing(body, case) == ["miss_task"]
    acknowledge(body, case, hal)
    clock.comes_to(due["answer-complaint-within"])
    passing(body, case)

    assert [one.rule for one in body.events(case, DeadlineMissed)] == [
        "acknowledge-complaint-within",
        "answer-complaint-within",
    ]
    assert [one.rule for one in body.events(case, ReminderSent)] == ["acknowledge-complaint-within"]


def test_a_handler_is_reminded_once(body: Body, clock: Clock):
    provider, [hal, _] = factories.register_provider(body), handlers(body)
    case = by_contact(body, provider)
    acknowledge(body, case, hal)
    [task] = body.state(case).tasks.running.values()
    clock.comes_to(task.remind_at[0])

    assert passing(body, case) == ["remind_task"]
    assert passing(body, case) == []
    [reminder] = body.events(case, ReminderSent)
    assert (reminder.due_at, reminder.overtaken) == (task.due_at, 0)


def test_not_taken_further_in_time_it_closes_by_itself_without_word_of_lateness(body: Body, clock: Clock):
    provider, [hal, _] = factories.register_provider(body), handlers(body)
    case = by_contact(body, provider)
    answer(body, case, hal)
    due = body.state(case).deadline
    clock.comes_to(due)

    with refused("escalate-in-time"):
        escalate(body, case, provider.contact)
    with refused("process-only", field="role"):
        handling(body, hal, complaints.close_complaint, case=case)
    assert passing(body, case) == ["close_complaint"]

    assert body.state(case).over
    assert len(body.events(case, ComplaintClosed)) == 1
    assert not body.events(case, DeadlineMissed)
    with refused("complaint-over"):
        escalate(body, case, provider.contact)


def test_a_process_closes_its_own_complaint_only(body: Body):
    provider = factories.register_provider(body)
    case, other = by_contact(body, provider), by_contact(body, provider)

    with refused("process-only"):
        complaints.close_complaint(body.office, Command(id="x", actor=other, role="process", at=body.now()), case=case)
