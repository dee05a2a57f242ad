"""People who try to get round the rules of plans, audits, retention and the public: by second accounts, roles, ids and races."""

import ast
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.person import AttemptRefused
from services import (
    accreditations,
    appeals,
    audits,
    awards,
    competence,
    development,
    people,
    preparation,
    providers,
    retention,
    workforce,
)
from services.audited import AUDITED_RULES
from services.office import Office
from services.public import PUBLIC_A_DAY, PUBLIC_ROLE
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services import boards
from tests.services.appealing import hearing, refused_case
from tests.services.attacking import Meddled, with_second_account
from tests.services.conftest import Clock
from tests.services.retaining import open_keeping
from tests.services.test_accounts import link
from tests.services.test_at_once import at_once
from tests.services.test_conflicts import another_officer
from tests.services.test_getting_round import attempts
from tests.services.workplace import open_workplace

ROOT = Path(__file__).parents[2]


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
    meddled = Office(
        Meddled(body.office.records, lambda: hear.lodge(case)), schemes=body.office.schemes, files=body.office.files
    )

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
    "program-notes-only": "a program is not somebody: it has no stream to note it in",
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
