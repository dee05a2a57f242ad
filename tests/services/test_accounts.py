"""Once two accounts are found to be one human, one goes on, the other acts no longer, and all history counts for both."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.accreditation.events import ReviewerRelieved
from domain.clocks import DeadlineMissed
from domain.competence import VerificationFell
from domain.linked import AccountClosed, AccountsLinked
from domain.pay import PayPaid
from domain.person import AttemptRefused
from domain.scrutiny import ScrutinyEnded
from domain.submission import events as e
from domain.submission.side_events import MemberRelieved
from domain.submission.state import Stage
from domain.tasks import Task
from services import (
    accounts,
    accreditations,
    assessment,
    awards,
    calibration,
    competence,
    conflicts,
    ledger,
    moderation,
    people,
)
from services.authority import authority_id
from services.office import Receipt
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.appealing import catch_up
from tests.services.conftest import Clock
from tests.services.remedying import direct, failed
from tests.services.test_conflicts import meeting_of, owner, second_chair, taken_up
from tests.services.test_scrutiny import arranged

THEN = datetime(2020, 1, 1, tzinfo=UTC)


def link(body: Body, goes_on: str, other: str, by: str | None = None, role: str = "officer") -> Receipt:
    said = {"goes_on": goes_on, "other": other, "reason": "The same date of birth and address."}
    return body.by(accounts.link_accounts, by or body.officer, role, **said)


def test_one_account_goes_on_and_the_other_can_act_no_longer_nor_be_given_anything(body: Body):
    goes_on, other = body.moderators[:2]

    link(body, goes_on, other)

    [linked], [closed] = body.events(goes_on, AccountsLinked), body.events(other, AccountClosed)
    assert (linked.aliases, closed.goes_on) == ((other,), goes_on)
    assert body.state(goes_on).ids == {goes_on, other}
    assert body.state(other).roles == frozenset()
    assert other not in body.state(factories.derived_id("scheme", body.scheme.id)).people("moderator")
    with refused("acting-role"):
        body.by(people.set_availability, other, "moderator", available=True)
    given = {"id": other, "scheme": body.scheme.id}
    with refused("account-closed", field="id", match=goes_on):
        body.by_officer(people.give_role, **given, role="chair")
    with refused("account-closed"):
        expires_at = datetime(2030, 1, 1, tzinfo=UTC)
        body.by_officer(people.record_training, **given, kind="chairing", expires_at=expires_at)
    provider = factories.register_provider(body).id
    with refused("account-closed"):
        body.by_officer(people.declare_conflict, id=other, provider=provider)
    with refused("account-closed"):
        body.by_officer(conflicts.record_fact, id=other, provider=provider, kind="family", from_at=THEN)
    assert [one.rule for one in body.events(body.officer, AttemptRefused)] == ["account-closed"] * 4


def test_the_same_link_again_changes_nothing_and_the_closed_one_is_linked_to_nobody_else(body: Body):
    goes_on, other, third = body.moderators
    link(body, goes_on, other)

    assert link(body, goes_on, other).events == {}
    with refused("account-closed", field="other"):
        link(body, third, other)
    with refused("account-closed", field="goes_on"):
        link(body, other, third)
    with refused("two-accounts", field="other"):
        link(body, third, third)
    with refused("known-person"):
        link(body, third, factories.derived_id("person", "nobody"))


def test_a_third_account_counts_too_whichever_was_linked_first(body: Body):
    first, second, third = body.moderators
    link(body, second, third)
    link(body, first, second)

    assert body.state(first).ids == {first, second, third}


def test_nobody_links_accounts_of_their_own_and_nobody_but_the_office_does(body: Body):
    with refused("not-for-oneself", field="id"):
        link(body, body.officer, body.moderators[0])
    with refused("not-for-oneself", field="id"):
        link(body, body.moderators[0], body.officer)
    with refused("acting-role"):
        link(body, *body.moderators[:2], by=body.chair, role="chair")
    quality = factories.appoint(body, "quality-manager", scheme=None)
    assert link(body, *body.moderators[:2], by=quality, role="quality-manager").events


def test_what_the_other_account_had_in_hand_is_handed_on_and_never_to_the_same_human(body: Body):
    case = factories.brought(body, "judged")
    other = body.submission(case).assessor
    assert other
    goes_on = next(one for one in body.assessors if one != other)

    link(body, goes_on, other)

    held = body.submission(case)
    assert (held.assessor, body.state(other).in_hand) == (None, {})
    [ended] = body.events(case, e.AssignmentEnded)
    assert (ended.assessor, ended.reason) == (other, "account-closed")
    assert factories.settle(body, case).assessor not in (None, goes_on, other)


def test_who_is_found_to_be_somebody_whom_an_appeal_excludes_gives_the_case_back(body: Body):
    case = failed(body)
    excluded = body.moderators[0]
    direct(body, case, "assess-again", excluded=[excluded])
    assessor = factories.settle(body, case).assessor
    assert assessor

    link(body, assessor, excluded)

    assert body.submission(case).assessor is None
    assert body.events(case, e.AssignmentEnded)[-1].assessor == assessor
    assert factories.settle(body, case).assessor not in (None, assessor)


def to_verify(body: Body, person: str) -> dict[str, Task]:
    running = body.state(authority_id(person)).tasks.running
    return {name: one for name, one in running.items() if one.rule == "verify-credential-within"}


def test_what_one_verified_of_oneself_under_another_account_counts_no_longer(body: Body, clock: Clock):
    ada, other = body.assessors[0], factories.appoint(body, "officer", scheme=None)
    teacher, led = {"topic": "background", "kind": "teacher"}, {"topic": "experience", "kind": "led"}
    body.by(competence.state_credential, ada, "assessor", id=ada, **teacher, text="Since 2010")
    body.by(competence.verify_credential, other, "officer", id=ada, **teacher)
    body.by(competence.state_credential, other, "officer", id=ada, **led, text="Ten years")
    body.by_officer(competence.state_credential, id=ada, topic="experience", kind="delivered", text="Two years")

    link(body, ada, other)

    held = body.state(ada).competence
    assert (held.verified("background"), held.verified("experience")) == ((), ("delivered",))
    assert held.keeps_from_portfolios() == ("teacher",)  # what it forbids, it goes on forbidding
    fell = body.events(ada, VerificationFell)
    assert {(one.kind, one.verifier, one.because) for one in fell} == {
        ("teacher", other, "accounts-linked"),
        ("led", other, "accounts-linked"),
    }

    tasks = to_verify(body, ada)
    due = tasks["verify-credential-within:background:teacher"]
    assert (due.who, due.told, set(tasks)) == (
        "quality-manager",
        "board",
        {"verify-credential-within:background:teacher", "verify-credential-within:experience:led"},
    )
    clock.comes_to(due.remind_at[0])
    assert catch_up(body, authority_id(ada)) == ["remind_task"]
    body.by_officer(competence.verify_credential, id=ada, **teacher)
    clock.comes_to(due.due_at)
    assert catch_up(body, authority_id(ada)) == ["miss_task"]
    assert [one.about for one in body.events(authority_id(ada), DeadlineMissed)] == ["experience:led"]
    body.by_officer(competence.withdraw_credential, id=ada, **led, reason="Nobody knows.")
    assert to_verify(body, ada) == {}
    assert body.state(ada).competence.verified("background") == ("teacher",)


def test_a_case_that_one_account_assessed_is_not_moderated_by_the_other(body: Body):
    case = factories.brought(body, "completed")
    assessor = body.submission(case).assessor
    assert assessor
    chair = second_chair(body)

    link(body, chair, assessor)

    meeting = meeting_of(body, case, chair=chair, panel=body.moderators)
    body.by(moderation.open_meeting, chair, "chair", id=meeting, present=(chair, *body.moderators))
    with refused("assessor-never-moderates", field="actor"):
        body.by(moderation.take_up, chair, "chair", case=case, id=meeting)
    assert body.events(chair, AttemptRefused) == [AttemptRefused(rule="assessor-never-moderates", stream=case)]


@pytest.mark.parametrize("under_way", [True, False])
def test_who_turns_out_to_have_assessed_it_leaves_the_panel_they_are_on(body: Body, under_way: bool):
    member = body.moderators[0]
    case = taken_up(body) if under_way else factories.brought(body, "completed")
    if not under_way:
        meeting_of(body, case, chair=body.chair, panel=body.moderators[:2])
    assessor = body.submission(case).assessor
    assert assessor

    link(body, member, assessor)

    held = body.submission(case)
    if under_way:
        assert body.events(case, MemberRelieved) == [MemberRelieved(member=member, because="conflict")]
        assert held.stage is Stage.IN_MODERATION
    else:
        assert held.listed is None


def test_an_item_that_the_closed_account_leads_is_adjourned_or_handed_over(body: Body):
    case = taken_up(body)

    link(body, body.moderators[0], body.chair)

    assert body.submission(case).stage is Stage.AWAITING_MODERATION
    assert meeting_of(body, case, chair=second_chair(body), panel=body.moderators)


def test_conflicts_and_facts_of_either_account_count_for_both_at_once(body: Body):
    case = factories.brought(body, "judged")
    provider, goes_on = owner(body, case), body.submission(case).assessor
    assert goes_on
    other = next(one for one in body.assessors if one != goes_on)
    further = factories.register_provider(body).id
    body.by(people.declare_conflict, other, "assessor", id=other, provider=further, kind="family")
    body.by_officer(conflicts.record_fact, id=other, provider=provider, kind="employed", from_at=THEN)

    link(body, goes_on, other)

    assert body.state(goes_on).conflicts == {provider, further}
    assert body.submission(case).assessor is None
    with refused("conflict-of-interest", field="actor"):
        body.by(assessment.judge, goes_on, "assessor", case=case, judgements={})
    # And what they had declared under the other account is lifted as any other.
    said = {"id": goes_on, "provider": further, "kind": "family", "reason": "A namesake."}
    assert body.by_officer(conflicts.lift_conflict, **said).events


def test_work_done_under_the_other_account_counts_towards_capacity(body: Body):
    case = factories.brought(body, "completed")
    other = body.submission(case).assessor
    assert other
    [(window, count)] = body.state(other).round_work.items()
    goes_on = next(one for one in body.assessors if one != other)

    link(body, goes_on, other)

    assert body.state(goes_on).round_work == {window: count}


def test_nobody_pays_their_other_account_nor_gives_it_time_roles_or_a_lift(body: Body):
    officer = factories.appoint(body, "officer", scheme=None)
    case = factories.brought(body, "released")
    other = body.submission(case).assessor
    assert other
    provider = owner(body, case)
    owed = body.state(other).account
    body.by(people.declare_conflict, other, "assessor", id=other, provider=factories.register_provider(body).id)

    link(body, officer, other)

    currency = body.scheme.fees.currency
    for service, said in (
        (ledger.pay_person, {"amount": 1, "currency": currency}),
        (people.give_role, {"role": "chair", "scheme": body.scheme.id}),
        (conflicts.lift_conflict, {"provider": provider, "kind": "family", "reason": "It is gone."}),
    ):
        with refused("not-for-oneself", field="id"):
            body.by(service, officer, "officer", id=other, **said)
    assert owed.earned
    amount = owed.earned[currency] if isinstance(owed.earned, dict) else 1
    body.by_officer(ledger.pay_person, id=other, amount=min(amount, 1), currency=currency)  # what was earned is owed
    assert body.events(other, PayPaid)


def test_who_raised_a_concern_under_one_account_does_not_review_it_under_the_other(body: Body):
    award = awards.accreditation_id(factories.brought(body, "released"))
    reviewer, other = second_chair(body), factories.appoint(body, "assessor", training="assessing")
    command = body.command(other, "assessor")
    accreditations.raise_concern(body.office, command, case=award, text="They say more.")
    said = {"case": award, "concern": accreditations.concern_id(command.id), "reviewer": reviewer}
    body.by_officer(accreditations.open_review, **said)

    link(body, reviewer, other)

    [relieved] = body.events(award, ReviewerRelieved)
    assert relieved.reviewer == reviewer
    with refused("raiser-never-decides", field="reviewer"):
        body.by_officer(accreditations.open_review, **said)


def test_the_account_that_goes_on_speaks_for_the_providers_and_its_colleagues_submitted_together(body: Body):
    one, two = factories.register_provider(body), factories.register_provider(body)
    colleague = body.command(one.contact, "provider")
    from services import providers

    said = {"id": one.id, "contact_name": "A colleague", "contact_email": "c@p.example"}
    providers.name_contact(body.office, colleague, **said)
    colleague_id = providers.contact_id(colleague.id)

    link(body, one.contact, two.contact)

    assert body.state(two.id).contacts == {one.contact}
    assert body.state(one.contact).conflicts == {one.id, two.id}
    assert body.state(colleague_id).conflicts == {one.id, two.id}
    kinds = {conflict.provider: conflict.kind for conflict in body.state(colleague_id).all_conflicts}
    assert kinds == {one.id: "same-organisation", two.id: "submitted-together"}
    assert body.by(people.set_availability, one.contact, "provider", available=False).events


def test_a_case_marked_twice_by_one_human_is_given_to_two_others(office: Any, clock: Clock):
    source = factories.scheme_source().replace("[assessment]\n", "[assessment]\ncalibration_percent = 100\n")
    body = factories.open_body(office, source=source, now=clock, assessors=4)
    case = factories.brought(body, "screened")
    held = factories.settle(body, case)
    assert held.assessor
    assert held.marker

    link(body, held.assessor, held.marker)

    after = factories.settle(body, case)
    assert after.assessor
    assert after.marker
    assert {after.assessor, after.marker}.isdisjoint({held.assessor, held.marker})
    with refused("assigned-assessor"):
        body.by(calibration.judge_blind, held.assessor, "assessor", case=case, judgements={})


def test_an_arrangement_of_scrutiny_that_names_the_closed_account_ends(body: Body):
    id, case, scrutineer = arranged(body)
    person = body.state(id).person

    link(body, body.moderators[0], scrutineer)

    held = body.state(id)
    assert (held.over, held.tasks.running) == (True, {})
    [ended] = body.events(id, ScrutinyEnded)
    assert ended.because == "account-closed"
    assert body.state(person).ties.granted == {}
    assert case
