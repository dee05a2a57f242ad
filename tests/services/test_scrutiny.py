"""Where a conflict can't be avoided two others may let somebody act under scrutiny: in one case, one role, for a time."""

from typing import Any

import pytest

from domain.clocks import DeadlineMissed, ReminderSent
from domain.conflicts import ScrutinyGranted, ScrutinyRevoked
from domain.person import AttemptRefused
from domain.scrutiny import ScrutinyApproved, ScrutinyEnded, ScrutinySigned
from services import assessment, conflicts, items, matters, moderation, people, preparation, scrutiny
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.test_conflicts import another_officer, declare, owner, second_chair, taken_up
from workflows.activities import STEPS

WHY = "Nobody else knows this subject."


def quality(body: Body) -> str:
    return factories.appoint(body, "quality-manager", scheme=None)


def propose(body: Body, case: str, *, person: str, role: str, scrutineer: str, by: str | None = None) -> str:
    """An officer proposes it; returns the arrangement."""
    command = body.command(by or body.officer, "officer")
    said = {"person": person, "case": case, "role": role, "scrutineer": scrutineer, "reason": WHY}
    scrutiny.propose_scrutiny(body.office, command, **said)
    return scrutiny.scrutiny_id(command.id)


def approve(body: Body, id: str, by: str, role: str = "officer") -> Any:
    return body.by(scrutiny.approve_scrutiny, by, role, case=id)


def officer_with_conflict(body: Body) -> tuple[str, str]:
    """A case, and an officer with a conflict there."""
    case, person = factories.register(body), another_officer(body)
    declare(body, person, case, "officer")
    return case, person


def arranged(body: Body) -> tuple[str, str, str]:
    """An arrangement in force for an officer; returns it, the case and who scrutinises."""
    case, person = officer_with_conflict(body)
    scrutineer = factories.appoint(body, "chair", training="chairing")
    id = propose(body, case, person=person, role="officer", scrutineer=scrutineer)
    approve(body, id, another_officer(body))
    approve(body, id, quality(body), "quality-manager")
    return id, case, scrutineer


def waive(body: Body, case: str, person: str) -> Any:
    return body.by(preparation.waive_fee, person, "officer", case=case, kind="registration", reason="A pilot")


def test_only_with_the_second_approval_of_two_others_may_they_act_and_only_there(body: Body):
    case, person = officer_with_conflict(body)
    provider = factories.Provider(id=owner(body, case), contact=body.submission(case).registration.lead_contact)
    other_case = factories.register(body, provider)
    id = propose(body, case, person=person, role="officer", scrutineer=body.chair)

    with refused("conflict-of-interest"):
        waive(body, case, person)
    approve(body, id, another_officer(body))
    with refused("conflict-of-interest"):
        waive(body, case, person)
    second = quality(body)
    approve(body, id, second, "quality-manager")

    [granted] = body.events(person, ScrutinyGranted)
    assert (granted.case, granted.role, granted.scrutineer, granted.scrutiny) == (case, "officer", body.chair, id)
    assert approve(body, id, second, "quality-manager").events == {}
    assert waive(body, case, person).events
    with refused("conflict-of-interest"):
        waive(body, other_case, person)
    with refused("conflict-of-interest"):
        said = {"case": case, "person_id": provider.contact}
        from services import providers

        body.by(providers.name_lead_contact, person, "officer", **said)


def test_neither_the_person_nor_who_proposed_it_nor_who_watches_approves_it(body: Body):
    case, person = officer_with_conflict(body)
    scrutineer = another_officer(body)
    id = propose(body, case, person=person, role="officer", scrutineer=scrutineer)

    with refused("conflict-of-interest"):
        approve(body, id, person)
    for one in (body.officer, scrutineer):
        with refused("two-others-approve", field="actor"):
            approve(body, id, one)
    with refused("acting-role"):
        approve(body, id, body.assessors[0], "assessor")

    assert body.events(id, ScrutinyApproved) == []
    assert [one.rule for one in body.events(scrutineer, AttemptRefused)] == ["two-others-approve"]


def test_an_approver_who_is_one_of_them_under_another_account_counts_for_nothing(body: Body):
    from services import accounts

    case, person = officer_with_conflict(body)
    id = propose(body, case, person=person, role="officer", scrutineer=body.chair)
    first = another_officer(body)
    approve(body, id, first)
    other = quality(body)
    said = {"goes_on": first, "other": person, "reason": "The same human."}
    body.by(accounts.link_accounts, other, "quality-manager", **said)

    with refused("account-closed"):
        said = {"person": person, "case": case, "role": "officer", "scrutineer": body.chair, "reason": WHY}
        body.by_officer(scrutiny.propose_scrutiny, **said)
    with refused("stage-order", field="case"):  # it ended with the account that it names
        approve(body, id, other, "quality-manager")
    assert body.events(person, ScrutinyGranted) == []


def test_who_watches_has_no_conflict_and_no_part_in_the_case_or_the_proposal(body: Body):
    case, person = officer_with_conflict(body)
    declare(body, body.chair, case, "chair")
    contact = body.submission(case).registration.lead_contact

    for scrutineer in (body.chair, person, body.officer, contact):
        with refused("independent-scrutineer", field="scrutineer"):
            propose(body, case, person=person, role="officer", scrutineer=scrutineer)
    factories.settle(body, case)
    body.by_officer(preparation.extend_preparation, case=case, until=body.now().replace(year=2028), reason="Ill")
    with refused("independent-scrutineer", field="scrutineer"):
        propose(body, case, person=person, role="officer", scrutineer=body.officer, by=another_officer(body))


def test_who_comes_to_have_a_part_in_the_case_does_not_watch_it_any_more(body: Body):
    case, person = officer_with_conflict(body)
    watches, approver = another_officer(body), another_officer(body)
    arranged = propose(body, case, person=person, role="officer", scrutineer=watches)
    factories.settle(body, case)
    extension = {"case": case, "until": body.now().replace(year=2028), "reason": "Ill"}
    body.by(preparation.extend_preparation, watches, "officer", **extension)

    with refused("independent-scrutineer", field="case"):
        body.by(scrutiny.approve_scrutiny, approver, "officer", case=arranged)
    assert body.state(arranged).approvers == ()


def test_who_only_sat_on_its_panel_or_assessed_it_does_not_watch_either(body: Body):
    case, person = taken_up(body), another_officer(body)
    declare(body, person, case, "officer")

    for scrutineer in (body.moderators[0], body.submission(case).assessor or ""):
        with refused("independent-scrutineer", field="scrutineer"):
            propose(body, case, person=person, role="officer", scrutineer=scrutineer)
    assert propose(body, case, person=person, role="officer", scrutineer=factories.appoint(body, "moderator"))


def test_nobody_arranges_it_for_themselves_and_nobody_with_a_conflict_proposes_it(body: Body):
    case, person = officer_with_conflict(body)

    with refused("conflict-of-interest", field="actor"):
        propose(body, case, person=person, role="officer", scrutineer=body.chair, by=person)
    with refused("scrutiny-needed", field="person"):
        propose(body, case, person=another_officer(body), role="officer", scrutineer=body.chair)
    with refused("scrutiny-role", field="role"):
        propose(body, case, person=person, role="chair", scrutineer=body.chair)
    with refused("scrutiny-role", field="role"):
        propose(body, case, person=person, role="king of everything", scrutineer=body.chair)
    with refused("known-submission"):
        propose(body, factories.derived_id("submission", "none"), person=person, role="officer", scrutineer=body.chair)


def test_whatever_is_arranged_who_assessed_a_case_never_decides_it(body: Body):
    case = factories.brought(body, "completed")
    assessor = body.submission(case).assessor
    assert assessor
    installed = {"id": assessor, "scheme": body.scheme.id}
    body.by_officer(people.give_role, **installed, role="chair")
    declare(body, assessor, case, "assessor")

    with refused("assessor-never-moderates", field="person"):
        propose(body, case, person=assessor, role="chair", scrutineer=body.moderators[0])


def test_a_chair_under_scrutiny_leads_an_item_that_nobody_else_can(body: Body):
    case = taken_up(body)
    expert = second_chair(body)
    declare(body, expert, case, "chair")
    with refused("conflict-of-interest"):
        body.by_officer(items.hand_over_item, case=case, to=expert, reason=WHY)
    id = propose(body, case, person=expert, role="chair", scrutineer=factories.appoint(body, "moderator"))
    approve(body, id, another_officer(body))
    approve(body, id, quality(body), "quality-manager")

    body.by_officer(items.hand_over_item, case=case, to=expert, reason=WHY)

    judged = {code: assessment.Judgement(level=level) for code, level in body.submission(case).judgements.items()}
    assert body.by(moderation.moderate, expert, "chair", case=case, judgements=judged).events
    with refused("conflict-of-interest"):  # in that role, and in no other
        body.by_officer(people.give_role, id=expert, role="officer")
        body.by(items.adjourn_item, expert, "officer", case=case, reason=WHY)
    # Another conflict is one that nobody approved: it ends what was granted, and takes them off.
    body.by_officer(conflicts.record_fact, id=expert, provider=owner(body, case), kind="financial", from_at=body.now())
    assert body.state(expert).ties.granted == {}
    [ended] = body.events(id, ScrutinyEnded)
    assert (ended.because, body.state(id).over) == ("conflict", True)
    with refused("conflict-of-interest"):
        body.by(moderation.decide, expert, "chair", case=case)


def test_who_has_a_conflict_and_is_watched_is_chosen_to_assess_only_where_nobody_else_can(body: Body):
    case = factories.brought(body, "submitted")
    watched = body.assessors[0]
    declare(body, watched, case, "assessor")
    id = propose(body, case, person=watched, role="assessor", scrutineer=body.moderators[0])
    approve(body, id, another_officer(body))
    approve(body, id, quality(body), "quality-manager")
    factories.settle(body, case)
    factories.pass_screening(body, case)
    first = factories.settle(body, case).assessor
    assert first in body.assessors[1:]
    for one in body.assessors[1:]:
        declare(body, one, case, "assessor")

    assert factories.settle(body, case).assessor == watched
    assert body.by(assessment.accept_assignment, watched, "assessor", case=case).events


def test_it_can_be_ended_at_any_time_and_what_was_seen_is_still_signed(body: Body):
    id, case, scrutineer = arranged(body)
    person = body.state(id).person

    with refused("acting-role"):
        body.by(scrutiny.end_scrutiny, body.assessors[0], "assessor", case=id, reason="Enough")
    body.by(scrutiny.end_scrutiny, scrutineer, "chair", case=id, reason="I saw enough.")

    assert [one.scrutiny for one in body.events(person, ScrutinyRevoked)] == [id]
    with refused("conflict-of-interest"):
        waive(body, case, person)
    assert list(body.state(id).tasks.running) == ["sign-scrutiny-within"]
    with refused("scrutineer-signs", field="actor"):
        body.by(scrutiny.sign_scrutiny, body.chair, "chair", case=id, statement="All was well.")
    body.by(scrutiny.sign_scrutiny, scrutineer, "chair", case=id, statement="All was well.")
    held = body.state(id)
    assert (held.stage, held.over, held.tasks.running) == ("signed", True, {})
    assert body.events(id, ScrutinySigned)
    assert not body.by(scrutiny.end_scrutiny, scrutineer, "chair", case=id, reason="Again").events


def test_the_statement_ends_it(body: Body):
    id, case, scrutineer = arranged(body)

    body.by(scrutiny.sign_scrutiny, scrutineer, "chair", case=id, statement="All was well.")

    with refused("conflict-of-interest"):
        waive(body, case, body.state(id).person)


def test_it_lasts_for_the_schemes_time_only(body: Body, clock: Clock):
    id, case, _ = arranged(body)
    until_at = body.state(id).until_at
    assert until_at == body.scheme.calendar.due(clock(), body.scheme.assurance.people.sign_scrutiny_within)

    clock.comes_to(until_at)

    with refused("conflict-of-interest"):
        waive(body, case, body.state(id).person)


def test_who_watches_and_comes_to_have_a_conflict_ends_it(body: Body):
    id, case, scrutineer = arranged(body)

    declare(body, scrutineer, case, "chair")

    held = body.state(id)
    assert (held.stage, held.over) == ("ended", True)
    with refused("conflict-of-interest"):
        waive(body, case, held.person)


@pytest.mark.parametrize("approved", [False, True])
def test_its_process_reminds_and_says_what_is_overdue_to_whom_it_concerns(body: Body, clock: Clock, approved: bool):
    if approved:
        id, _, scrutineer = arranged(body)
        task = body.state(id).tasks.running["sign-scrutiny-within"]
        assert (task.who, task.told) == (scrutineer, "quality-manager")
    else:
        case, person = officer_with_conflict(body)
        id = propose(body, case, person=person, role="officer", scrutineer=body.chair)
        task = body.state(id).tasks.running["approve-scrutiny-within"]
        assert (task.who, task.told) == ("quality-manager", "board")

    for at in (*task.remind_at, task.due_at):
        clock.comes_to(at)
        for step in ("remind_task", "miss_task"):
            STEPS[step](body.office, body.command(id, "process"), case=id)

    assert len(body.events(id, ReminderSent)) == len(task.remind_at)
    assert [one.rule for one in body.events(id, DeadlineMissed)] == [task.rule]


def test_a_statement_that_nobody_independent_can_give_any_more_is_asked_of_nobody(body: Body):
    id, case, scrutineer = arranged(body)
    body.by_officer(scrutiny.end_scrutiny, case=id, reason="Enough")

    declare(body, scrutineer, case, "chair")

    assert (body.state(id).over, body.state(id).tasks.running) == (True, {})
    with refused("conflict-of-interest", field="actor"):
        body.by(scrutiny.sign_scrutiny, scrutineer, "chair", case=id, statement="All was well.")


def test_what_a_conflict_of_the_person_ended_is_not_signed_afterwards(body: Body):
    id, case, scrutineer = arranged(body)
    declare(body, body.state(id).person, case, "officer", kind="financial")

    with refused("scrutineer-signs", field="actor"):
        body.by(scrutiny.sign_scrutiny, scrutineer, "chair", case=id, statement="All was well.")


def test_nobody_gives_themselves_more_time_nor_under_another_account(body: Body):
    id, _, _ = arranged(body)
    held = body.state(id)
    later = held.until_at.replace(year=held.until_at.year + 1)

    assert body.by_officer(matters.move_task, case=id, rule="sign-scrutiny-within", until=later, reason="Ill").events
    with refused("known-matter", field="case"):
        body.by_officer(scrutiny.end_scrutiny, case=factories.derived_id("scrutiny", "none"), reason="Why")
    with refused("known-matter", field="case"):
        body.by_officer(scrutiny.approve_scrutiny, case="policy-aaaaaaaaaaaaaaaa")
