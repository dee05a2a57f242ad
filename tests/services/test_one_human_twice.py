"""One human counts once, under whichever account: for approvals of what is let go, plans of their own, and appeals they had a part in."""

import pytest

from domain.development.events import ActivityApproved
from domain.retention import LettingGoApproved, RecordsLetGo
from services import accounts, conflicts, development, erasure, matters, people, preparation, retention
from services.keeping import HOLDS
from services.schemes import INSTALLER_ROLE
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.appealing import hearing
from tests.services.conftest import Clock
from tests.services.retaining import Keeping
from tests.services.workplace import open_workplace


def link(body: Body, goes_on: str, other: str) -> None:
    body.by_officer(accounts.link_accounts, goes_on=goes_on, other=other, reason="They are one.")


def listed(body: Body, clock: Clock, keeping: Keeping) -> str:
    """A list of what may go, long after a case was withdrawn."""
    case = factories.brought(body, "registered")
    body.by_contact(preparation.withdraw, case, reason="We have no time.")
    clock.passes(days=20 * 366)
    return keeping.listed()


def test_who_approved_under_one_account_does_not_approve_again_under_another(
    body: Body, clock: Clock, keeping: Keeping
):
    case = listed(body, clock, keeping)
    keeping.manager(retention.approve_letting_go, 1, case=case)
    link(body, keeping.board, keeping.managers[1])

    with refused("two-others-approve", field="actor", match="two others"):
        body.by(retention.approve_letting_go, keeping.board, "board", case=case)
    assert len(body.events(case, LettingGoApproved)) == 1


def test_who_proposed_a_list_does_not_decide_it_under_another_account(body: Body, clock: Clock, keeping: Keeping):
    case = listed(body, clock, keeping)
    link(body, keeping.managers[1], keeping.managers[0])

    with refused("two-others-approve", field="actor", match="two others"):
        keeping.manager(retention.approve_letting_go, 1, case=case)
    with refused("two-others-approve", field="actor", match="two others"):
        keeping.manager(retention.decline_letting_go, 1, case=case, reason="No.")
    assert not body.events(case, LettingGoApproved)


@pytest.mark.parametrize("which", [0, 1])
def test_nothing_is_let_go_once_two_of_those_who_had_a_say_are_found_to_be_one(
    body: Body, clock: Clock, keeping: Keeping, which: int
):
    case = listed(body, clock, keeping)
    keeping.approved(case)
    link(body, keeping.managers[which], keeping.board)

    with refused("two-others-approve", field="actor", match="proposing it anew"):
        keeping.gone(case, which)
    assert not body.events(case, RecordsLetGo)


def test_nobody_checks_a_request_of_their_own_under_another_account(body: Body, keeping: Keeping):
    command = body.command(keeping.managers[1], "quality-manager")
    erasure.request_erasure(body.office, command, subject=keeping.managers[1])
    case = retention.retention_id(command.id)
    link(body, keeping.managers[0], keeping.managers[1])

    with refused("not-for-oneself", field="actor", match="somebody else"):
        keeping.manager(erasure.check_requester, 0, case=case, means="in-person")


def test_who_placed_a_hold_does_not_release_it_under_another_account(body: Body, keeping: Keeping):
    case = factories.register(body)
    keeping.manager(retention.hold, 1, subject=case, ground="legal-claim", reason="A claim.")
    link(body, keeping.managers[0], keeping.managers[1])

    with refused("not-for-oneself", field="actor", match="somebody else"):
        keeping.manager(retention.release_hold, 0, subject=case, reason="Over.", shelves=keeping.seen)


def test_what_nobody_asked_for_is_not_proposed_as_if_somebody_had(body: Body, clock: Clock, keeping: Keeping):
    keeping.manager(retention.hold, subject=factories.register(body), ground="legal-claim", reason="A claim.")
    case = listed(body, clock, keeping)

    for one in (HOLDS, case):
        before = len(body.recorded(one))
        with refused("known-request", field="case", match="a request"):
            keeping.manager(erasure.propose_erasure, 1, case=one, shelves=keeping.seen)
        assert len(body.recorded(one)) == before


def test_nobody_decides_about_their_plan_nor_approves_what_they_proposed_under_another_account(body: Body):
    place = open_workplace(body)
    place.agree()
    proposed = development.activity_id((command := body.command(place.manager, "quality-manager")).id)
    development.propose_activity(body.office, command, person=place.pat, offer=place.offer())
    said = {"person": place.pat, "activity": proposed}
    link(body, place.other_manager, place.manager)

    with refused("proposer-never-approves", field="actor", match="did not propose"):
        body.by(development.approve_activity, place.other_manager, "quality-manager", **said)
    with refused("proposer-never-approves", field="actor", match="did not propose"):
        body.by(development.decline_activity, place.other_manager, "quality-manager", reason="No.", **said)

    link(body, place.other_manager, place.pat)
    with refused("not-for-oneself", field="actor", match="somebody else"):
        body.by(development.approve_activity, place.other_manager, "quality-manager", **said)
    assert not body.events(development.development_id(place.pat), ActivityApproved)


def test_who_had_a_part_in_a_case_or_hears_its_appeal_gives_nobody_more_time_in_it(body: Body):
    hear = hearing(body)
    case = factories.brought(body, "released", levels={"1.1": body.scheme.scale[0]})
    appeal = hear.heard(case)
    other = factories.appoint(body, "officer", scheme=None)
    task = body.state(appeal).tasks.running["decide-appeal-within"]
    later = {
        "case": appeal,
        "rule": task.rule,
        "until": task.due_at + (body.now() - body.now().replace(hour=0)),
        "reason": "Ill.",
    }
    whole = {"id": hear.panel[1], "role": "officer"}
    body.by(people.give_role, "installer", INSTALLER_ROLE, **whole)

    with refused("took-part-never-hears", field="actor", match="no part"):
        body.by_officer(matters.move_task, **later)
    with refused("took-part-never-hears", field="actor", match="no part"):
        body.by(matters.move_task, hear.panel[1], "officer", **later)
    assert body.by(matters.move_task, other, "officer", **later).events


def test_what_a_closed_account_had_is_lifted_and_corrected_under_the_one_that_goes_on(body: Body):
    first, second = body.assessors[:2]
    provider = factories.register_provider(body).id
    body.by(people.declare_conflict, second, "assessor", id=second, provider=provider, kind="family")
    fact = {"kind": "employed", "provider": provider, "from_at": body.now()}
    body.by(conflicts.record_fact, second, "assessor", id=second, **fact)
    link(body, first, second)
    said = {"provider": provider, "kind": "family", "reason": "It was somebody else."}
    other = {"number": 1, "from_at": body.now(), "stands": False, "reason": "It was somebody else."}

    with refused("account-closed", field="id", match=first):
        body.by_officer(conflicts.lift_conflict, id=second, **said)
    with refused("account-closed", field="id", match=first):
        body.by_officer(conflicts.correct_fact, id=second, **other)
    assert body.by_officer(conflicts.lift_conflict, id=first, **said).events
    assert body.by_officer(conflicts.correct_fact, id=first, **other).events
