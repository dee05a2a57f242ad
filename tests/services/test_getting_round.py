"""For each rule of who did not decide, and each role: ways of getting round it, none of which leads anywhere; attempts are recorded.

By delegation, by a change of roles afterwards, by a second account, by reassigning oneself, by acting through a meeting, by
lifting one's own conflict, in turns with another officer, and by giving a refused command again.
"""

from collections.abc import Callable
from typing import Any

import pytest

from domain.conflicts import ConflictLifted
from domain.person import AttemptRefused
from services import (
    accounts,
    accreditations,
    assessment,
    awards,
    conflicts,
    items,
    ledger,
    matters,
    moderation,
    people,
    preparation,
    providers,
    scrutiny,
    visits,
)
from services.office import Office
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services import routes
from tests.services.conftest import Clock
from tests.services.test_conflicts import another_officer, declare, meeting_of, owner, second_chair, taken_up

WHY = "It has to be done."


def attempts(body: Body, person: str) -> list[str]:
    return [one.rule for one in body.events(person, AttemptRefused)]


def given_roles(body: Body, person: str, *roles: str) -> str:
    """An officer gives somebody more roles, with the training for each."""
    for role, kind in (("assessor", "assessing"), ("moderator", "moderating"), ("chair", "chairing")):
        if role in roles:
            said = {"id": person, "scheme": body.scheme.id}
            body.by_officer(people.give_role, **said, role=role)
            expires_at = body.now().replace(year=2035)
            for one in (kind, *body.scheme.assurance.people.training.get(role, ())):
                body.by_officer(people.record_training, **said, kind=one, expires_at=expires_at)
    if "officer" in roles:
        body.by(people.give_role, "installer", "installer", id=person, role="officer")
    return person


def assessed_by(body: Body) -> tuple[str, str]:
    """A case that is assessed, and who did that."""
    case = factories.brought(body, "completed")
    assessor = body.submission(case).assessor
    assert assessor
    return case, assessor


# An assessor never moderates or decides their own case


def test_an_assessor_who_is_made_a_chair_afterwards_leads_no_meeting_on_their_own_case(body: Body):
    case, assessor = assessed_by(body)
    given_roles(body, assessor, "chair")
    meeting = meeting_of(body, case, chair=assessor, panel=body.moderators)
    body.by(moderation.open_meeting, assessor, "chair", id=meeting, present=(assessor, *body.moderators))

    with refused("assessor-never-moderates", field="actor"):
        body.by(moderation.take_up, assessor, "chair", case=case, id=meeting)

    assert attempts(body, assessor) == ["assessor-never-moderates"]


def test_an_assessor_who_is_made_a_moderator_afterwards_is_left_out_of_their_own_case(body: Body):
    case, assessor = assessed_by(body)
    given_roles(body, assessor, "moderator")
    meeting = meeting_of(body, case, chair=body.chair, panel=(assessor, *body.moderators))
    body.by_chair(moderation.open_meeting, id=meeting, present=(body.chair, assessor, *body.moderators))

    body.by_chair(moderation.take_up, case=case, id=meeting)

    held = body.submission(case).moderation
    assert held
    assert assessor not in held.panel


def test_an_assessor_is_handed_no_item_of_theirs_through_another(body: Body):
    case = taken_up(body)
    assessor = body.submission(case).assessor
    assert assessor
    given_roles(body, assessor, "chair", "officer")

    with refused("assessor-never-moderates"):
        body.by_officer(items.hand_over_item, case=case, to=assessor, reason=WHY)
    with refused("assessor-never-moderates"):
        body.by(items.hand_over_item, assessor, "officer", case=case, to=assessor, reason=WHY)

    held = body.submission(case).moderation
    assert held
    assert held.chair == body.chair
    assert attempts(body, assessor) == attempts(body, body.officer) == ["assessor-never-moderates"]


def test_an_officer_who_may_chair_does_not_hand_an_item_to_themselves(body: Body):
    case = taken_up(body)
    both = given_roles(body, another_officer(body), "chair")

    with refused("not-for-oneself", field="to"):
        body.by(items.hand_over_item, both, "officer", case=case, to=both, reason=WHY)

    assert attempts(body, both) == ["not-for-oneself"]


def test_an_assessor_leads_nothing_by_a_second_account_once_it_is_known_to_be_theirs(body: Body):
    case, assessor = assessed_by(body)
    second = second_chair(body)
    said = {"goes_on": second, "other": assessor, "reason": "The same human."}
    body.by_officer(accounts.link_accounts, **said)
    meeting = meeting_of(body, case, chair=second, panel=body.moderators)
    body.by(moderation.open_meeting, second, "chair", id=meeting, present=(second, *body.moderators))

    with refused("assessor-never-moderates", field="actor"):
        body.by(moderation.take_up, second, "chair", case=case, id=meeting)
    assert attempts(body, second) == ["assessor-never-moderates"]


def test_an_assessor_who_gives_the_work_back_is_still_one_who_had_it(body: Body):
    case = factories.brought(body, "accepted")
    assessor = body.submission(case).assessor
    assert assessor
    body.by(assessment.decline_assignment, assessor, "assessor", case=case)
    given_roles(body, assessor, "chair")
    factories.settle(body, case)
    factories.assess(body, case)
    meeting = meeting_of(body, case, chair=assessor, panel=body.moderators)
    body.by(moderation.open_meeting, assessor, "chair", id=meeting, present=(assessor, *body.moderators))

    with refused("assessor-never-moderates"):
        body.by(moderation.take_up, assessor, "chair", case=case, id=meeting)


def test_nobody_moderates_alone_what_they_screened_assessed_or_advised_on(office: Office, clock: Clock):
    body = routes.body_of(office, clock, "cpd-mark")
    case = routes.register(body)
    clock_at = clock()
    routes.book(body, case, clock_at + 200 * routes.DAY)
    routes.submit(body, case)
    assessor = routes.screen(body, case)
    body.by_assessor(assessment.accept_assignment, case)
    body.by_assessor(visits.pass_preview, case)
    routes.visited(body, case, clock, clock_at + 200 * routes.DAY, body.scheme.awards[0].name)
    routes.judge(body, case, body.scheme.scale[-1])
    routes.complete(body, case)
    other = another_officer(body)
    for one in (body.officer, assessor):
        said = {"id": one, "scheme": body.scheme.id}
        body.by(people.give_role, other, "officer", **said, role="moderator")
        expires_at = clock().replace(year=2035)
        body.by(people.record_training, other, "officer", **said, kind="moderating", expires_at=expires_at)

    for one, rule in ((body.officer, "independent-person"), (assessor, "assessor-never-moderates")):
        with refused(rule, field="actor"):
            body.by(items.take_up_alone, one, "moderator", case=case)
        assert attempts(body, one) == [rule]
    # And not by another account either.
    second = factories.appoint(body, "moderator", training="moderating")
    said = {"goes_on": second, "other": body.officer, "reason": "The same human."}
    body.by(accounts.link_accounts, other, "officer", **said)
    with refused("independent-person", field="actor"):
        body.by(items.take_up_alone, second, "moderator", case=case)


# Nobody with a conflict takes part


Way = tuple[str, str, Callable[[Body, str, str], Any]]


def _as_officer(service: Callable[..., Any], **said: Any) -> Callable[[Body, str, str], Any]:
    return lambda body, case, who: body.by(service, who, "officer", case=case, **said)


WAYS: list[Way] = [
    ("officer", "waives its fee", _as_officer(preparation.waive_fee, kind="registration", reason=WHY)),
    ("officer", "gives it more time", _as_officer(preparation.extend_preparation, until=Clock().at.replace(year=2029), reason=WHY)),
    ("officer", "takes it from its assessor", _as_officer(assessment.reassign)),
    ("officer", "gives money back", _as_officer(ledger.refund_fee, kind="registration", amount=1, reason=WHY)),
    ("officer", "adjourns its item", _as_officer(items.adjourn_item, reason=WHY)),
]  # fmt: skip


@pytest.mark.parametrize(("role", "does", "way"), WAYS, ids=[one[1] for one in WAYS])
def test_an_officer_with_a_conflict_does_nothing_by_any_way(body: Body, role: str, does: str, way: Any):
    case, who = factories.register(body), another_officer(body)
    declare(body, who, case, role)

    with refused("conflict-of-interest", field="actor"):
        way(body, case, who)

    assert attempts(body, who) == ["conflict-of-interest"], does


def test_nor_by_giving_the_refused_command_again_nor_under_a_role_given_afterwards(body: Body):
    case, who = taken_up(body), another_officer(body)
    declare(body, who, case, "officer")
    command = body.command(who, "officer")
    for _ in range(3):
        with refused("conflict-of-interest", field="actor"):
            items.adjourn_item(body.office, command, case=case, reason=WHY)
    given_roles(body, who, "chair", "moderator", "assessor")

    with refused("conflict-of-interest"):
        body.by_officer(items.hand_over_item, case=case, to=who, reason=WHY)
    with refused("meeting-chair"):
        meeting = body.submission(case).moderation.meeting
        body.by(moderation.sign_minutes, who, "chair", id=meeting, minutes_spent=9)
    assert attempts(body, who) == ["conflict-of-interest"]


def test_nor_through_a_meeting_whose_panel_they_were_on_before(body: Body):
    case = factories.brought(body, "completed")
    meeting = meeting_of(body, case, chair=body.chair, panel=body.moderators)
    member = body.moderators[0]
    declare(body, member, case, "moderator")
    body.by_chair(moderation.open_meeting, id=meeting, present=(body.chair, *body.moderators))

    body.by_chair(moderation.take_up, case=case, id=meeting)

    held = body.submission(case).moderation
    assert held
    assert member not in held.panel


def test_nor_as_a_chair_of_a_meeting_with_the_case_on_it(body: Body):
    case, other = factories.brought(body, "completed"), factories.brought(body, "completed")
    chair = second_chair(body)
    declare(body, chair, case, "chair")
    command = body.command(body.officer, "officer")
    planned = {"scheme": body.scheme.id, "starts_at": command.at, "chair": chair, "panel": body.moderators}
    moderation.schedule_meeting(body.office, command, **planned, items=[case, other])
    meeting = moderation.meeting_id(command.id)
    body.by(moderation.open_meeting, chair, "chair", id=meeting, present=(chair, *body.moderators))

    with refused("conflict-of-interest", field="actor"):
        body.by(moderation.take_up, chair, "chair", case=case, id=meeting)
    with refused("conflict-of-interest", field="actor"):
        body.by(items.adjourn_item, chair, "chair", case=case, reason=WHY)
    assert body.by(moderation.take_up, chair, "chair", case=other, id=meeting).events
    assert attempts(body, chair) == ["conflict-of-interest"] * 2


def test_nor_by_a_second_account_without_the_conflict(body: Body):
    case, who, clean = factories.register(body), another_officer(body), another_officer(body)
    declare(body, who, case, "officer")
    said = {"goes_on": clean, "other": who, "reason": "The same human."}
    body.by_officer(accounts.link_accounts, **said)

    with refused("conflict-of-interest", field="actor"):
        body.by(preparation.waive_fee, clean, "officer", case=case, kind="registration", reason=WHY)
    with refused("acting-role"):
        body.by(preparation.waive_fee, who, "officer", case=case, kind="registration", reason=WHY)
    assert attempts(body, clean) == ["conflict-of-interest"]


# Nobody lifts their own conflict


def test_nobody_lifts_their_own_in_any_role_nor_under_another_account(body: Body):
    case, who = factories.register(body), given_roles(body, another_officer(body), "chair")
    declare(body, who, case, "officer")
    said = {"id": who, "provider": owner(body, case), "kind": "family", "reason": WHY}

    with refused("not-for-oneself", field="id"):
        body.by(conflicts.lift_conflict, who, "officer", **said)
    with refused("acting-role", field="role"):
        body.by(conflicts.lift_conflict, who, "chair", **said)
    other = another_officer(body)
    linked = {"goes_on": other, "other": who, "reason": "The same human."}
    body.by_officer(accounts.link_accounts, **linked)
    for id in (who, other):
        with refused("not-for-oneself", field="id"):
            body.by(conflicts.lift_conflict, other, "officer", **{**said, "id": id})
    assert body.events(who, ConflictLifted) == body.events(other, ConflictLifted) == []
    assert attempts(body, who) == ["not-for-oneself", "acting-role"]
    assert attempts(body, other) == ["not-for-oneself"] * 2


def test_two_officers_do_not_lift_each_others_in_turn_where_both_have_one(body: Body):
    case, one, two = factories.register(body), another_officer(body), another_officer(body)
    said = {"provider": owner(body, case), "kind": "family", "reason": WHY}
    for who in (one, two):
        declare(body, who, case, "officer")

    for by, of in ((one, two), (two, one)):
        with refused("conflict-of-interest", field="actor"):
            body.by(conflicts.lift_conflict, by, "officer", id=of, **said)
    # Where only one of them has one, the other may; and the next time the other way round.
    body.by_officer(conflicts.lift_conflict, id=one, **said)
    assert body.by(conflicts.lift_conflict, one, "officer", id=two, **said).events


def test_nobody_corrects_a_fact_about_themselves_and_nobody_with_a_conflict_there_does(body: Body):
    case, one, two = factories.register(body), another_officer(body), another_officer(body)
    began = body.now().replace(year=2020)
    for who in (one, two):
        said = {"id": who, "kind": "employed", "provider": owner(body, case), "from_at": began}
        body.by(conflicts.record_fact, who, "officer", **said)
    correction = {"number": 1, "from_at": began, "stands": False, "reason": WHY}

    with refused("not-for-oneself", field="id"):
        body.by(conflicts.correct_fact, one, "officer", id=one, **correction)
    with refused("conflict-of-interest", field="actor"):
        body.by(conflicts.correct_fact, one, "officer", id=two, **correction)
    assert attempts(body, one) == ["not-for-oneself", "conflict-of-interest"]


def test_a_conflict_of_ones_own_is_not_got_rid_of_by_ending_ones_employment_oneself(body: Body):
    provider = factories.register_provider(body)
    given_roles(body, provider.contact, "chair")
    said = {"id": provider.contact, "number": 1, "from_at": body.now(), "stands": False, "reason": WHY}

    with refused("acting-role", field="role"):
        body.by(conflicts.correct_fact, provider.contact, "provider", **said)
    with refused("own-provider", field="person"):
        body.by(providers.end_contact, provider.contact, "provider", id=provider.id, person_id=provider.contact)
    assert body.state(provider.contact).conflicts == {provider.id}


# Who raises a concern does not decide it


def awarded(body: Body) -> str:
    return awards.accreditation_id(factories.brought(body, "released"))


def raised(body: Body, award: str, by: str, role: str, **said: Any) -> str:
    command = body.command(by, role)
    accreditations.raise_concern(body.office, command, case=award, text="They say more.", **said)
    return accreditations.concern_id(command.id)


@pytest.mark.parametrize("outside", [True, False], ids=["entered for somebody outside", "raised"])
def test_an_officer_does_not_review_a_concern_that_came_from_them_whoever_asks_for_it(body: Body, outside: bool):
    award, other = awarded(body), another_officer(body)
    concern = raised(body, award, body.officer, "officer", from_outside=outside)
    said = {"case": award, "concern": concern, "reviewer": body.officer}

    for by in (body.officer, other):  # by reassigning it to themselves, or through another
        with refused("raiser-never-decides", field="reviewer"):
            body.by(accreditations.open_review, by, "officer", **said)
    with refused("raiser-never-decides"):
        decided = {"case": award, "concern": concern, "finding": "no_action", "reason": WHY}
        body.by_officer(accreditations.conclude_review, **decided)
    assert attempts(body, body.officer) == ["raiser-never-decides"] * 2
    assert attempts(body, other) == ["raiser-never-decides"]


def test_who_assessed_what_earned_the_award_does_not_review_it_under_another_account(body: Body):
    case = factories.brought(body, "released")
    assessor = body.submission(case).assessor
    assert assessor
    reviewer = second_chair(body)
    said = {"goes_on": reviewer, "other": assessor, "reason": "The same human."}
    body.by_officer(accounts.link_accounts, **said)
    award = awards.accreditation_id(case)
    concern = raised(body, award, body.officer, "officer", from_outside=True)

    with refused("assessor-never-reviews", field="reviewer"):
        body.by(
            accreditations.open_review, another_officer(body), "officer", case=award, concern=concern, reviewer=reviewer
        )


# Nobody arranges scrutiny for themselves


def test_an_arrangement_is_not_approved_by_two_who_are_one(body: Body):
    case, person = factories.register(body), another_officer(body)
    declare(body, person, case, "officer")
    command = body.command(body.officer, "officer")
    said = {"person": person, "case": case, "role": "officer", "scrutineer": body.chair, "reason": WHY}
    scrutiny.propose_scrutiny(body.office, command, **said)
    id = scrutiny.scrutiny_id(command.id)
    first, second = another_officer(body), another_officer(body)
    body.by(scrutiny.approve_scrutiny, first, "officer", case=id)
    third = another_officer(body)
    linked = {"goes_on": second, "other": third, "reason": "The same human."}
    body.by_officer(accounts.link_accounts, **linked)
    body.by_officer(accounts.link_accounts, goes_on=second, other=first, reason="And the same again.")

    # The account that approved it is closed, and what it approved is over: nothing hangs on one human.
    with refused("stage-order", field="case"):
        body.by(scrutiny.approve_scrutiny, second, "officer", case=id)
    with refused("conflict-of-interest"):
        body.by(preparation.waive_fee, person, "officer", case=case, kind="registration", reason=WHY)


def test_who_has_a_task_gives_themselves_no_time_under_another_account(body: Body):
    from tests.services.test_scrutiny import approve, propose

    case, person = factories.register(body), another_officer(body)
    declare(body, person, case, "officer")
    scrutineer = another_officer(body)
    id = propose(body, case, person=person, role="officer", scrutineer=scrutineer)
    for one in (another_officer(body), another_officer(body)):
        approve(body, id, one)
    until = body.state(id).until_at

    with refused("not-for-oneself", field="actor"):
        said = {"case": id, "rule": "sign-scrutiny-within", "until": until.replace(year=until.year + 1), "reason": WHY}
        body.by(matters.move_task, scrutineer, "officer", **said)
    assert attempts(body, scrutineer) == ["not-for-oneself"]
