"""People who try to get round the rules of appeals, complaints, audits, plans and retention: by second accounts, roles, ids and races."""

import ast
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.appeal.events import AppealOfficerLeft, PanelMemberLeft
from domain.complaint import CommitteeMemberLeft, HandlerLeft
from domain.person import AttemptRefused
from services import (
    accounts,
    accreditations,
    appeals,
    audits,
    awards,
    competence,
    complaint_handling,
    complaints,
    development,
    matters,
    people,
    preparation,
    providers,
    retention,
    scrutiny,
    workforce,
)
from services.audited import AUDITED_RULES
from services.authority import authority_id
from services.office import Office
from services.public import PUBLIC_A_DAY, PUBLIC_ROLE
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services import boards, complaining
from tests.services.appealing import LATER, catch_up, hearing, refused_case
from tests.services.conftest import Clock
from tests.services.retaining import open_keeping
from tests.services.test_accounts import link
from tests.services.test_at_once import at_once
from tests.services.test_conflicts import another_officer
from tests.services.test_getting_round import attempts
from tests.services.workplace import open_workplace

ROOT = Path(__file__).parents[2]


class Meddled:
    """The record, but that `first` happens just before the next append: after all was read, whatever it was."""

    def __init__(self, records: Any, first: Callable[[], Any]) -> None:
        self._records, self._first = records, [first]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def append(self, batch: Any) -> int:
        while self._first:
            self._first.pop()()
        position: int = self._records.append(batch)
        return position


def with_second_account(body: Body, person: str, role: str) -> str:
    """Another account that holds `role`, and goes on as the human of both."""
    other = factories.appoint(body, role, scheme=None)
    link(body, other, person)
    return other


# Plans


def test_whose_plan_it_is_decides_nothing_about_it_under_another_account(body: Body):
    place = open_workplace(body)
    place.agree()
    activity = place.propose()
    second = with_second_account(body, place.pat, "quality-manager")
    pat = {"person": place.pat}
    ways: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (development.agree_plan, pat),
        (development.change_department, {**pat, "department": "appeals"}),
        (development.meet_need, {**pat, "topic": "bias"}),
        (development.approve_activity, {**pat, "activity": activity}),
        (development.decline_activity, {**pat, "activity": activity, "reason": "No"}),
        (development.end_development, {**pat, "reason": "No time"}),
    ]

    for service, said in ways:
        with refused("not-for-oneself", field="actor"):
            body.by(service, second, "quality-manager", **said)
    with refused("source-speaks-itself", field="source"):
        said = {**pat, "topic": "tone", "source": "appraisal", "text": "I say so"}
        body.by(development.add_need, second, "quality-manager", **said)

    assert attempts(body, second) == ["not-for-oneself"] * 6 + ["source-speaks-itself"]


def test_who_proposed_an_activity_does_not_approve_it_under_another_account(body: Body):
    place = open_workplace(body)
    place.agree()
    command = body.command(place.lead, "assessor")
    development.propose_activity(body.office, command, person=place.pat, offer=place.offer())
    second = with_second_account(body, place.lead, "quality-manager")

    with refused("proposer-never-approves", field="actor"):
        said = {"person": place.pat, "activity": development.activity_id(command.id)}
        body.by(development.approve_activity, second, "quality-manager", **said)


def test_a_person_goes_on_with_their_plan_in_their_own_words_under_the_account_that_goes_on(body: Body, clock: Clock):
    place = open_workplace(body)
    place.agree()
    activity = place.complete(clock)
    second = with_second_account(body, place.pat, "quality-manager")

    said = {"person": place.pat, "activity": activity}
    assert body.by(development.reflect, second, "quality-manager", **said, text="I see").events
    assert "reflect-within" not in {one.rule for one in place.plan().tasks.running.values()}


def test_a_lead_whose_account_is_closed_leads_nobody_and_their_tasks_fall_to_the_quality_manager(body: Body):
    place = open_workplace(body)
    place.agree()
    place.propose()
    second = with_second_account(body, place.lead, "officer")

    held = place.plan()
    assert body.state(workforce.STREAM).leads == {}
    assert {one.who for one in held.tasks.running.values()} == {"quality-manager"}
    assert place.lead not in {one.told for one in held.tasks.running.values()}
    with refused("acting-role"):
        body.by(development.agree_plan, second, "officer", person=place.pat)


def test_a_lead_who_turns_out_to_be_the_person_has_no_task_about_their_own_plan(body: Body):
    place = open_workplace(body)
    place.agree()
    place.propose()
    assert place.lead in {one.who for one in place.plan().tasks.running.values()}

    link(body, place.lead, place.pat)

    assert {one.who for one in place.plan().tasks.running.values()} <= {"quality-manager", place.lead}
    approval = [one for one in place.plan().tasks.running.values() if one.rule.startswith("approve-activity")]
    assert [one.who for one in approval] == ["quality-manager"]


def test_who_made_a_report_does_not_note_it_under_another_account(body: Body):
    place = open_workplace(body)
    command = body.command(place.lead, "assessor")
    workforce.make_report(body.office, command, scope="assessing", until_at=body.now())
    second = with_second_account(body, place.lead, "board")

    with refused("not-for-oneself", field="actor"):
        body.by(workforce.note_report, second, "board", report=workforce.report_id(command.id))


# Experience and background


def test_nobody_verifies_what_they_stated_under_another_account(body: Body):
    ada = body.assessors[0]
    stated = {"id": ada, "topic": "background", "kind": "teacher"}
    body.by(competence.state_credential, ada, "assessor", **stated, text="Ten years")
    second = factories.appoint(body, "quality-manager", scheme=None)
    link(body, ada, second)
    body.by_officer(people.give_role, id=ada, role="quality-manager")
    third = factories.appoint(body, "quality-manager", scheme=None)
    link(body, third, ada)

    with refused("not-for-oneself", field="actor"):
        body.by(competence.verify_credential, third, "quality-manager", **stated)


def test_a_background_that_was_verified_is_not_withdrawn_by_whom_it_keeps_from_portfolios(body: Body):
    [ann] = boards.board_of(body, 1)
    said = {"id": ann, "topic": "background", "kind": "provider"}
    body.by_officer(competence.state_credential, **said, text="She trains teachers")

    with refused("not-for-oneself", field="actor"):
        body.by(competence.withdraw_credential, ann, "board", **said, reason="I don't any more")

    assert body.state(ann).competence.verified("background") == ("provider",)
    assert body.by_officer(competence.withdraw_credential, **said, reason="In error").events


@pytest.mark.parametrize("how", ["spoke", "background"])
def test_what_keeps_from_a_competitors_portfolio_counts_under_any_account(body: Body, clock: Clock, how: str):
    ann, bob = boards.board_of(body, 2)
    if how == "spoke":
        trader = factories.register_provider(body)
        said = {"id": trader.id, "contact_name": "B", "contact_email": "b@provider.example"}
        body.by_officer(providers.name_contact, **said)
        body.by_officer(providers.end_contact, id=trader.id, person_id=trader.contact)
        other = trader.contact
    else:
        other = factories.appoint(body, "moderator")
        said = {"id": other, "topic": "background", "kind": "provider"}
        body.by_officer(competence.state_credential, **said, text="He trains teachers")
    case = factories.brought(body, "released")
    clock.passes(days=1)
    id = boards.opened(body, [ann, bob], size=1)
    link(body, ann, other)

    with refused("no-competitors-portfolio", field="portfolio"):
        body.by(audits.look_at, ann, "board", audit=id, case=case, portfolio=True)
    assert body.by(audits.look_at, bob, "board", audit=id, case=case, portfolio=True).answers


# Appeals


def test_who_had_a_part_in_the_contested_case_gives_its_appeal_no_more_time(body: Body):
    hear = hearing(body)
    appeal = hear.lodge(refused_case(body))
    said = {"case": appeal, "rule": "acknowledge-appeal-within", "until": body.now() + LATER, "reason": "Ill."}
    body.by_officer(people.give_role, id=body.chair, role="quality-manager")

    with refused("took-part-never-hears", field="actor"):
        body.by_officer(matters.move_task, **said)
    with refused("took-part-never-hears", field="actor"):
        body.by(matters.move_task, body.chair, "quality-manager", **said)
    second = with_second_account(body, body.chair, "quality-manager")
    with refused("took-part-never-hears", field="actor"):
        body.by(matters.move_task, second, "quality-manager", **said)

    assert body.by(matters.move_task, another_officer(body), "officer", **said).events


def test_who_hears_an_appeal_and_turns_out_to_have_had_a_part_leaves_the_panel(body: Body):
    hear = hearing(body)
    appeal = hear.heard(refused_case(body))
    chair = hear.state(appeal).chair

    link(body, chair, body.moderators[0])

    held = hear.state(appeal)
    assert chair not in held.panel
    assert [(one.person, one.because) for one in body.events(appeal, PanelMemberLeft)] == [(chair, "account-closed")]
    with refused("panel-member", field="actor"):
        body.by(appeals.material, chair, "appeals-panel", appeal=appeal)
    assert attempts(body, chair) == ["panel-member"]


def test_a_closed_account_sits_on_no_panel_and_sees_to_no_appeal(body: Body):
    hear = hearing(body)
    appeal = hear.heard(refused_case(body))
    member, officer = hear.panel[1], hear.officer
    fresh, another = (factories.appoint(body, "board", scheme=None) for _ in range(2))

    link(body, fresh, member)
    link(body, another, officer)

    held = hear.state(appeal)
    assert member not in held.panel
    assert fresh not in held.panel
    assert held.officer == ""
    assert [one.officer for one in body.events(appeal, AppealOfficerLeft)] == [officer]
    with refused("panel-size"):
        hear.decide(appeal)


def test_a_panel_named_while_one_of_it_is_linked_to_who_had_a_part_does_not_stand(body: Body):
    hear = hearing(body)
    appeal = hear.admitted(refused_case(body))
    meddled = Office(Meddled(body.office.records, lambda: hear.name(appeal)), schemes=body.office.schemes)

    said = {"goes_on": hear.inside, "other": body.moderators[0], "reason": "One address."}
    accounts.link_accounts(meddled, body.command(body.officer, "officer"), **said)

    assert hear.inside not in hear.state(appeal).panel
    assert hear.state(appeal).chair == ""


class Stops:
    """The record, but that after the first append it is gone, as after a crash."""

    def __init__(self, records: Any) -> None:
        self._records, self._appended = records, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def append(self, batch: Any) -> int:
        if self._appended:
            raise ConnectionError
        position: int = self._records.append(batch)
        self._appended += 1
        return position


def test_what_a_crash_left_of_a_link_is_done_by_the_process_that_the_link_itself_calls(body: Body):
    hear = hearing(body)
    appeal = hear.admitted(refused_case(body))
    meddled = Office(Meddled(body.office.records, lambda: hear.name(appeal)), schemes=body.office.schemes)
    stopping = Office(Stops(meddled.records), schemes=body.office.schemes)

    said = {"goes_on": hear.inside, "other": body.moderators[0], "reason": "One address."}
    with pytest.raises(ConnectionError):
        accounts.link_accounts(stopping, body.command(body.officer, "officer"), **said)
    assert hear.inside in hear.state(appeal).panel

    assert catch_up(body, authority_id(hear.inside)) == ["look_again"]
    assert hear.inside not in hear.state(appeal).panel
    assert catch_up(body, authority_id(hear.inside)) == []
    with refused("process-only", field="role"):
        body.by_officer(accounts.look_again, case=authority_id(hear.inside))


def test_a_member_from_outside_who_is_paid_or_given_a_role_counts_as_one_no_longer(body: Body):
    hear = hearing(body)
    appeal = hear.heard(refused_case(body))
    outsider = hear.panel[2]
    body.by_officer(people.give_role, id=outsider, role="moderator", scheme=body.scheme.id)
    body.by_officer(people.end_role, id=outsider, role="moderator", scheme=body.scheme.id)

    with refused("panel-outsiders", field="members"):
        hear.decide(appeal)

    assert hear.state(appeal).decided is None


def test_a_member_whose_appointment_ends_midway_does_not_decide(body: Body, clock: Clock):
    hear = hearing(body)
    appeal = hear.heard(refused_case(body))
    member = hear.panel[1]
    ends_at = body.now() + timedelta(days=5)
    body.by_officer(people.give_role, id=member, role="appeals-panel", scheme=body.scheme.id, ends_at=ends_at)
    clock.passes(days=6)

    with refused("panel-eligible", field="panel"):
        hear.decide(appeal)

    body.by_officer(people.give_role, id=member, role="appeals-panel", scheme=body.scheme.id)
    assert hear.decide(appeal).events


def test_nobody_acts_as_an_appeals_process_nor_as_the_installer(body: Body):
    hear = hearing(body)
    appeal = hear.heard(refused_case(body))
    chair = hear.state(appeal).chair

    for actor, role in ((chair, "process"), (hear.officer, "process")):
        with refused("process-only", field="role"):
            body.by(matters.miss_task, actor, role, case=appeal)
        assert attempts(body, actor) == ["process-only"]
    with refused("process-only", field="role"):
        body.by(matters.miss_task, appeal.replace("appeal", "complaint"), "process", case=appeal)
    with refused("acting-role", field="role"):
        body.by(appeals.material, hear.officer, "installer", appeal=appeal)


# Complaints


def test_who_is_complained_about_under_one_account_loses_the_complaint_under_the_other(body: Body):
    [handler] = complaining.handlers(body, 1)
    provider = factories.register_provider(body)
    case = complaining.by_contact(body, provider, about="people", people=[body.chair])
    complaining.acknowledge(body, case, handler)

    link(body, handler, body.chair)

    assert [(one.person, one.because) for one in body.events(case, HandlerLeft)] == [(handler, "account-closed")]
    assert {one.who for one in body.state(case).tasks.running.values()} == {"complaints-handler"}
    with refused("complaint-apart"):
        complaining.acknowledge(body, case, handler)
    with refused("complaint-parties", field="actor"):
        body.by(complaints.name_person, handler, "complaints-handler", case=case, person=body.officer)


def test_what_a_closed_account_had_in_hand_another_handler_takes_on(body: Body):
    first, second = complaining.handlers(body)
    case = complaining.by_contact(body, factories.register_provider(body))
    complaining.acknowledge(body, case, first)

    link(body, second, first)
    complaining.answer(body, case, second)

    assert body.state(case).stage == "answered"


def test_one_human_is_not_two_of_a_committee(body: Body):
    first, second = complaining.handlers(body)
    seats = complaining.board(body)
    provider = factories.register_provider(body)
    case = complaining.by_contact(body, provider)
    for handler in (first, second):
        complaining.answer(body, case, handler)
        complaining.escalate(body, case, provider.contact)
    said = {"case": case, "chair": seats[0], "members": seats}
    manager = factories.appoint(body, "quality-manager", scheme=None)
    body.by(complaint_handling.form_committee, manager, "quality-manager", **said)

    link(body, seats[0], seats[1])

    assert [one.person for one in body.events(case, CommitteeMemberLeft)] == [seats[1]]
    with refused("committee-size", field="members"):
        said = {"case": case, "outcome": "not-upheld", "reason": "So."}
        body.by(complaint_handling.decide_complaint, seats[0], "board", **said)


def test_who_complained_goes_on_with_it_under_the_account_that_goes_on_and_nobody_else_does(body: Body):
    [handler] = complaining.handlers(body, 1)
    case = complaining.raised(body, body.moderators[0], "moderator")
    complaining.answer(body, case, handler)
    link(body, body.moderators[1], body.moderators[0])

    with refused("complainant-only", field="actor"):
        complaining.escalate(body, case, body.moderators[2], "moderator")
    complaining.escalate(body, case, body.moderators[1], "moderator")

    assert body.state(case).level == 2
    assert attempts(body, body.moderators[2]) == ["complainant-only"]


# Scrutiny


def test_who_scrutinises_and_turns_out_to_have_had_a_part_in_the_case_ends_it(body: Body):
    case = factories.brought(body, "completed")
    person = another_officer(body)
    provider = body.submission(case).registration.provider
    body.by(people.declare_conflict, person, "officer", id=person, provider=provider)
    watch = factories.appoint(body, "chair", training="chairing")
    command = body.command(another_officer(body), "officer")
    said = {"person": person, "case": case, "role": "officer", "scrutineer": watch, "reason": "Nobody else."}
    scrutiny.propose_scrutiny(body.office, command, **said)
    id = scrutiny.scrutiny_id(command.id)
    assessor = body.submission(case).assessor
    assert assessor

    link(body, watch, assessor)

    assert body.state(id).over


# Letting go


def test_two_accounts_of_one_human_do_not_approve_what_goes(body: Body, clock: Clock, database: Database):
    keeping = open_keeping(body, database)
    person = factories.appoint(body, "moderator")
    body.by_officer(people.end_role, id=person, role="moderator", scheme=body.scheme.id)
    case = keeping.proposed(keeping.asked(person))
    second = factories.appoint(body, "board", scheme=None)
    keeping.approved(case)

    link(body, second, keeping.board)
    link(body, keeping.managers[1], second)

    with refused("two-others-approve", field="actor"):
        keeping.gone(case)
    assert keeping.vault()[person, "name"]
    assert not keeping.state(case).over


def test_who_proposed_what_goes_does_not_approve_it_under_another_account(body: Body, database: Database):
    keeping = open_keeping(body, database)
    person = factories.appoint(body, "moderator")
    body.by_officer(people.end_role, id=person, role="moderator", scheme=body.scheme.id)
    case = keeping.proposed(keeping.asked(person))
    second = with_second_account(body, keeping.managers[0], "board")

    with refused("two-others-approve", field="actor"):
        body.by(retention.approve_letting_go, second, "board", case=case)
    with refused("two-others-approve", field="actor"):
        body.by(retention.decline_letting_go, second, "board", case=case, reason="No.")


def test_who_placed_a_hold_does_not_release_it_under_another_account(body: Body, database: Database):
    keeping = open_keeping(body, database)
    subject = factories.register_provider(body).id
    keeping.manager(retention.hold, subject=subject, ground="legal-claim", reason="A claim.")
    second = with_second_account(body, keeping.managers[0], "officer")

    with refused("not-for-oneself", field="actor"):
        said = {"subject": subject, "reason": "Over.", "shelves": keeping.seen}
        body.by(retention.release_hold, second, "officer", **said)


def test_an_appeal_lodged_while_the_texts_of_its_case_go_keeps_them(body: Body, clock: Clock, database: Database):
    hear, keeping = hearing(body), open_keeping(body, database)
    case = refused_case(body)
    clock.passes(days=365 * 12)
    listed = keeping.approved(keeping.listed())
    assert case in {one.holder for one in keeping.state(listed).items}
    shelves, before = keeping.seen, keeping.texts()
    meddled = Office(Meddled(body.office.records, lambda: hear.lodge(case)), schemes=body.office.schemes)

    with refused("shelves-behind"):
        command = body.command(keeping.managers[0], "quality-manager")
        retention.let_go(meddled, command, case=listed, shelves=shelves)

    assert before.keys() < keeping.texts().keys()


def test_two_who_approve_at_the_same_moment_are_two_and_one_who_does_so_twice_is_one(body: Body, database: Database):
    keeping = open_keeping(body, database)
    person = factories.appoint(body, "moderator")
    body.by_officer(people.end_role, id=person, role="moderator", scheme=body.scheme.id)
    case = keeping.proposed(keeping.asked(person))
    once = body.command(keeping.board, "board")

    def approve(by: str, role: str) -> Any:
        return lambda: body.by(retention.approve_letting_go, by, role, case=case)

    at_once(
        lambda: retention.approve_letting_go(body.office, once, case=case),
        lambda: retention.approve_letting_go(body.office, once, case=case),
        approve(keeping.board, "board"),
    )
    assert keeping.state(case).approved_by == (keeping.board,)
    at_once(approve(keeping.managers[1], "quality-manager"), approve(another_officer(body), "officer"))

    assert len(keeping.state(case).approved_by) == 2
    assert keeping.state(case).stage == "approved"


# Ids used again, and what is recorded of attempts


def test_an_id_used_again_on_another_matter_is_another_command_though_they_share_a_provider(body: Body):
    hear = hearing(body)
    provider = factories.register_provider(body)
    window = factories.schedule_window(body)
    cases = []
    for _ in range(2):
        case = factories.register(body, provider)
        factories.settle(body, case)
        for _ in factories.course(body, case, window, {"1.1": body.scheme.scale[0]}):
            factories.settle(body, case)
        factories.settle(body, case)
        cases.append(case)

    lodged = [
        appeals.lodge_appeal(
            body.office,
            body.command(provider.contact, "provider", id="again and again"),
            case=case,
            contested="result",
            grounds=hear.grounds,
        )
        for case in (*cases, cases[0])
    ]

    assert [one.repeated for one in lodged] == [False, False, True]
    assert len({appeals.appeal_of(one) for one in lodged}) == 2


def test_each_attempt_is_recorded_though_they_are_given_under_one_id(body: Body):
    cases = [factories.brought(body, "completed") for _ in range(2)]
    for case in (*cases, *cases):
        provider = body.submission(case).registration.provider
        if provider not in body.state(body.officer).conflicts:
            body.by(people.declare_conflict, body.officer, "officer", id=body.officer, provider=provider)

        with refused("conflict-of-interest"):
            command = body.command(body.officer, "officer", id="the same")
            preparation.extend_deadline(
                body.office, command, case=case, until=body.now() + timedelta(days=90), reason="Why"
            )

    assert [one.stream for one in body.events(body.officer, AttemptRefused)] == cases


# The public


def concern(body: Body, award: str, text: str, actor: str = "public") -> Any:
    return accreditations.raise_concern(body.office, body.command(actor, PUBLIC_ROLE), case=award, text=text)


def test_the_public_does_not_flood_an_award_and_an_officer_still_enters_what_somebody_outside_says(
    body: Body, clock: Clock
):
    award = awards.accreditation_id(factories.brought(body, "released"))
    for number in range(PUBLIC_A_DAY):
        assert concern(body, award, f"It is not what it says: {number}").events

    with refused("public-bounded", field="case"):
        concern(body, award, "And one more")
    assert not concern(body, award, "It is not what it says: 1").events
    said = {"case": award, "text": "A letter came", "from_outside": True}
    assert body.by_officer(accreditations.raise_concern, **said).events
    clock.passes(days=1, seconds=1)
    assert concern(body, award, "And one more").events


@pytest.mark.parametrize("actor", ["", "\0", "\ud800", "Größe", "x" * 1_000_000, "two\nlines"])
def test_who_writes_without_being_known_is_no_typed_text_in_an_event(body: Body, actor: str):
    award = awards.accreditation_id(factories.brought(body, "released"))
    before = len(body.recorded(award))

    with refused("command-ids", field="actor"):
        concern(body, award, "It is not what it says", actor)

    assert len(body.recorded(award)) == before


NO_ATTEMPTS = {
    "command-ids": "an input that is no id, of nobody who is known",
    "complaint-in-hand": "two handlers at once, of whom one is faster",
    "concern-answer-by": "an answer that is another's to give, and says nothing of the case",
    "guidance-adviser": "a role that is lacking, as in acting-role, which is recorded",
    "meeting-chair": "a meeting passes from chair to chair",
    "questionnaire-asked": "somebody who was not asked says what they think",
    "trained-chair": "training that is over",
    "trained-moderator": "training that is over",
}
"""Rules that say who may not, whose refusal no auditor asks about, and why."""


def test_every_rule_that_says_who_may_not_is_recorded_with_who_tried_or_says_why_not():
    rules = set()
    for path in (*(ROOT / "domain").rglob("*.py"), *(ROOT / "services").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refuse":
                said = {one.arg: getattr(one.value, "value", None) for one in node.keywords}
                if said.get("field") == "actor" and isinstance(node.args[0], ast.Constant):
                    rules.add(node.args[0].value)

    assert rules - AUDITED_RULES == set(NO_ATTEMPTS)
