"""The board's audits on the real record: drawn from it, seen by who may, changing no case, acted on and closed in time."""

import threading
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from domain.audit import AuditCaseSeen, AuditClosed, AuditOpened, FindingRecorded, SampledCaseReplaced
from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import derived_id
from domain.person import AttemptRefused
from domain.refusals import Refused
from services import audit_actions, audits, matters, people, providers
from services.population import population
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.boards import (
    CHECKLIST,
    SEED,
    agree,
    audit,
    board_of,
    declare,
    find,
    find_all,
    opened,
    provider_of,
    publish_governance,
    registered_case,
    scope,
    time_passes,
)
from tests.services.conftest import Clock


def cases(body: Body, clock: Clock, number: int) -> list[str]:
    made = [registered_case(body) for _ in range(number)]
    clock.passes(days=1)
    return made


def test_an_audit_goes_from_its_sample_to_its_closing_and_changes_no_case(body: Body, clock: Clock):
    ann, bob, _ = members = board_of(body)
    made = cases(body, clock, 5)
    before = {case: len(body.recorded(case)) for case in made}

    id = opened(body, members)
    sampled = list(audit(body, id).sampled)
    assert len(sampled) == 3
    assert set(sampled) < set(made)
    find(body, bob, id, sampled[0], "reasons", result="major")
    find_all(body, ann, id)
    agree(body, bob, id, 1, body.officer)
    with refused("actions-verified", field="audit"):
        body.by(audits.close_audit, ann, "board", audit=id, summary="All in all")
    body.by_officer(audit_actions.do_action, audit=id, action=1, note="It is said now.")
    body.by(audit_actions.verify_action, bob, "board", audit=id, action=1, note="It is.")
    body.by(audits.close_audit, ann, "board", audit=id, summary="All in all")

    held = audit(body, id)
    assert (held.over, held.stage, held.tasks.running) == (True, "closed", {})
    assert {case: len(body.recorded(case)) for case in made} == before
    with refused("audit-open", field="audit"):
        find(body, ann, id, sampled[0], "reasons")


def test_the_sample_can_be_drawn_again_from_the_record_as_it_was_at_the_opening(body: Body, clock: Clock):
    members = board_of(body)
    cases(body, clock, 6)
    id = opened(body, members, size=2)
    cases(body, clock, 3)
    for case in population(body.office.records).cases:
        factories.settle(body, case)

    [event] = body.events(id, AuditOpened)
    assert event.population == 6
    assert audits.drawn_again(body.office.records, audit(body, id)) == []


def test_a_scope_is_drawn_from_once(body: Body, clock: Clock):
    members = board_of(body)
    cases(body, clock, 4)
    id = opened(body, members)
    whole = scope(body)
    said = {"scope": whole, "checklist": CHECKLIST, "members": members}

    with refused("sample-drawn-once", field="seed"):
        body.by(audits.open_audit, members[0], "board", **said, seed=SEED + 1, size=3)
    with refused("sample-drawn-once", field="seed"):
        body.by(audits.open_audit, members[1], "board", **said, seed=SEED, size=4)
    assert body.by(audits.open_audit, members[0], "board", **said, seed=SEED, size=3).events == {}
    assert len(body.events(id, AuditOpened)) == 1
    assert AttemptRefused(rule="sample-drawn-once", stream=id) in body.events(members[0], AttemptRefused)


def test_a_scope_is_the_same_however_it_is_written(body: Body):
    whole = scope(body, stages=("decided", "screening"))
    winter = timezone(timedelta(hours=-5))
    again = replace(whole, stages=("screening", "decided", "decided"), ends_at=whole.ends_at.astimezone(winter))

    assert audits.audit_id(again) == audits.audit_id(whole)
    for other in (
        {"stages": ("decided",)},
        {"outcomes": ("awarded",)},
        {"ends_at": whole.ends_at + timedelta(seconds=1)},
    ):
        assert audits.audit_id(replace(whole, **other)) != audits.audit_id(whole)


def test_two_who_open_the_same_audit_at_once_draw_one_sample(body: Body, clock: Clock):
    members = board_of(body, 2)
    cases(body, clock, 4)
    whole, start, outcomes = scope(body), threading.Barrier(2), []

    def opens(by: str, seed: int) -> None:
        command = body.command(by, "board")
        start.wait()
        try:
            audits.open_audit(
                body.office, command, scope=whole, checklist=CHECKLIST, members=members, seed=seed, size=2
            )
            outcomes.append("drawn")
        except Refused as refusal:
            outcomes.append(refusal.rule)

    threads = [threading.Thread(target=opens, args=(by, seed)) for seed, by in enumerate(members)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(outcomes) == ["drawn", "sample-drawn-once"]
    assert len(body.events(audits.audit_id(whole), AuditOpened)) == 1


def test_a_conflict_hides_cases_from_a_member_as_soon_as_it_is_declared(body: Body, clock: Clock):
    ann, bob, _ = members = board_of(body)
    cases(body, clock, 3)
    id = opened(body, members)
    case = next(iter(audit(body, id).sampled))
    seen = body.command(bob, "board")
    audits.look_at(body.office, seen, audit=id, case=case)
    find(body, bob, id, case, "reasons", result="major")

    declare(body, bob, case)

    for refused_here in (
        lambda: find(body, bob, id, case, "clocks"),
        lambda: body.by(audits.look_at, bob, "board", audit=id, case=case),
        lambda: audits.look_at(body.office, seen, audit=id, case=case),  # the same command again
        lambda: agree(body, bob, id, 1, body.officer),
        lambda: body.by(
            audits.supersede_finding, bob, "board", audit=id, finding=1, result="conforms", reason="It is fine."
        ),
    ):
        with refused("conflict-of-interest", field="actor"):
            refused_here()
    assert AttemptRefused(rule="conflict-of-interest", stream=id) in body.events(bob, AttemptRefused)
    assert find(body, ann, id, case, "clocks").events


def test_who_has_a_conflict_does_not_learn_whether_a_case_is_of_the_sample(body: Body, clock: Clock):
    ann, bob, _ = members = board_of(body)
    made = cases(body, clock, 4)
    id = opened(body, members)
    [outside] = set(made) - set(audit(body, id).sampled)
    declare(body, bob, outside)

    with refused("conflict-of-interest", field="actor"):
        find(body, bob, id, outside, "reasons")
    with refused("case-in-sample", field="case"):
        find(body, ann, id, outside, "reasons")


def test_a_member_with_a_conflict_gets_round_it_by_no_other_role_and_by_no_action(body: Body, clock: Clock):
    ann, bob, _ = members = board_of(body)
    cases(body, clock, 3)
    id = opened(body, members)
    case = next(iter(audit(body, id).sampled))
    find(body, ann, id, case, "reasons", result="major")
    agree(body, ann, id, 1, body.officer)
    declare(body, bob, case)
    body.by_officer(people.give_role, id=bob, role="quality-manager")
    body.by_officer(people.give_role, id=bob, role="officer")

    for role in ("quality-manager", "officer"):
        with refused("acting-role", field="role"):
            find(body, bob, id, case, "clocks", role=role)
    with refused("conflict-of-interest", field="owner"):
        agree(body, ann, id, 1, bob)
    with refused("conflict-of-interest", field="owner"):
        body.by(audit_actions.give_action, ann, "board", audit=id, action=1, owner=bob, reason="Why")
    with refused("conflict-of-interest", field="actor"):
        body.by(audit_actions.do_action, bob, "officer", audit=id, action=1, note="Done")


def test_an_owner_who_declares_a_conflict_acts_on_the_finding_no_more(body: Body, clock: Clock):
    ann, *_ = members = board_of(body)
    cases(body, clock, 3)
    id = opened(body, members)
    case = next(iter(audit(body, id).sampled))
    find(body, ann, id, case, "reasons", result="major")
    agree(body, ann, id, 1, body.officer)
    declare(body, body.officer, case, "officer")

    with refused("conflict-of-interest", field="actor"):
        body.by_officer(audit_actions.do_action, audit=id, action=1, note="Done")
    other = factories.appoint(body, "quality-manager", scheme=None)
    body.by(audit_actions.give_action, ann, "board", audit=id, action=1, owner=other, reason="A conflict")
    assert body.by(audit_actions.do_action, other, "quality-manager", audit=id, action=1, note="Done").events


def test_a_conflict_declared_hands_what_is_to_do_about_that_provider_over_and_nothing_else(body: Body, clock: Clock):
    ann, *_ = members = board_of(body)
    cases(body, clock, 3)
    id = opened(body, members)
    one, other = list(audit(body, id).sampled)[:2]
    for number, case in enumerate((one, other), start=1):
        find(body, ann, id, case, "reasons", result="major")
        agree(body, ann, id, number, body.officer)

    declare(body, body.officer, one, "officer")

    running = audit(body, id).tasks.running
    assert {about: running[f"act-on-finding-within:{about}"].who for about in (1, 2)} == {1: "board", 2: body.officer}
    with refused("owner-acts", field="actor"):
        body.by(audit_actions.do_action, ann, "board", audit=id, action=1, note="Done")
    helper = factories.appoint(body, "quality-manager", scheme=None)
    body.by(audit_actions.give_action, ann, "board", audit=id, action=1, owner=helper, reason="A conflict")
    assert body.by(audit_actions.do_action, helper, "quality-manager", audit=id, action=1, note="Done").events
    assert body.by_officer(audit_actions.do_action, audit=id, action=2, note="Done").events


def test_what_its_lead_may_not_see_is_verified_by_another_of_the_board(body: Body, clock: Clock):
    ann, bob, *_ = members = board_of(body)
    cases(body, clock, 3)
    id = opened(body, members)
    one, other = list(audit(body, id).sampled)[:2]
    for number, case in enumerate((one, other), start=1):
        find(body, bob, id, case, "reasons", result="major")
        agree(body, bob, id, number, body.officer)
    body.by_officer(audit_actions.do_action, audit=id, action=2, note="Done")
    declare(body, ann, one)
    declare(body, ann, other)

    body.by_officer(audit_actions.do_action, audit=id, action=1, note="Done")

    running = audit(body, id).tasks.running
    assert {running[f"verify-action-within:{about}"].who for about in (1, 2)} == {"board"}
    assert body.by(audit_actions.verify_action, bob, "board", audit=id, action=1, note="Fine").events


def test_nobody_verifies_what_is_or_was_theirs_to_do(body: Body, clock: Clock):
    ann, bob, cat = members = board_of(body)
    cases(body, clock, 3)
    id = opened(body, members)
    case = next(iter(audit(body, id).sampled))
    find(body, ann, id, case, "reasons", result="major")
    agree(body, ann, id, 1, bob)
    body.by(audit_actions.give_action, ann, "board", audit=id, action=1, owner=cat, reason="Bob is away")
    body.by(audit_actions.do_action, cat, "board", audit=id, action=1, note="Done")

    for theirs in (bob, cat):
        with refused("owner-never-verifies", field="actor"):
            body.by(audit_actions.verify_action, theirs, "board", audit=id, action=1, note="Fine")
    assert AttemptRefused(rule="owner-never-verifies", stream=id) in body.events(bob, AttemptRefused)
    assert body.by(audit_actions.verify_action, ann, "board", audit=id, action=1, note="Fine").events


def test_a_case_that_no_member_may_see_is_passed_over_and_one_that_comes_to_be_so_is_replaced(body: Body, clock: Clock):
    ann, bob = members = board_of(body, 2)
    made = cases(body, clock, 6)
    first = opened(body, members, size=6)
    order = list(audit(body, first).sampled)
    assert set(order) == set(made)
    for member in members:
        declare(body, member, order[0])

    id = opened(body, members, size=2, begins_at=body.now() - timedelta(days=29))
    held = audit(body, id)
    assert (list(held.sampled), held.gone) == (order[1:3], (order[0],))

    for member in members:
        declare(body, member, order[1])
    find_all_of = [case for case, item in audit(body, id).unanswered if item == "reasons" and case != order[1]]
    assert find_all_of == [order[2]]
    with refused("every-case-answered", field="audit"):
        body.by(audits.close_audit, ann, "board", audit=id, summary="Done")
    body.by(audits.replace_hidden, bob, "board", audit=id)

    [event] = body.events(id, SampledCaseReplaced)
    assert event.replacement
    assert (event.case, event.replacement.case) == (order[1], order[3])
    assert body.by(audits.replace_hidden, bob, "board", audit=id).events == {}
    assert audits.drawn_again(body.office.records, audit(body, id)) == []


def test_who_speaks_for_a_provider_or_did_lately_sees_outcomes_and_no_competitors_portfolio(body: Body, clock: Clock):
    ann, *_ = board_of(body)
    trader = factories.register_provider(body)
    body.by_officer(people.give_role, id=trader.contact, role="board")
    case = factories.brought(body, "released")
    clock.passes(days=1)
    id = opened(body, [ann, trader.contact], size=1)
    assert list(audit(body, id).sampled) == [case]

    seen = body.by(audits.look_at, trader.contact, "board", audit=id, case=case)
    assert (seen.outcome, seen.answers, seen.evidence) == ("awarded", (), ())
    assert set(seen.judgements.values()) == {"met"}
    with refused("no-competitors-portfolio", field="portfolio"):
        body.by(audits.look_at, trader.contact, "board", audit=id, case=case, portfolio=True)
    whole = body.by(audits.look_at, ann, "board", audit=id, case=case, portfolio=True)
    assert len(whole.answers) == len(body.scheme.criteria)
    assert whole.evidence
    assert {(one.person, one.portfolio) for one in body.events(id, AuditCaseSeen)} == {
        (trader.contact, False),
        (ann, True),
    }

    colleague = body.command(body.officer, "officer")
    providers.name_contact(
        body.office, colleague, id=trader.id, contact_name="Another", contact_email="a@provider.example"
    )
    body.by_officer(providers.end_contact, id=trader.id, person_id=trader.contact)
    clock.passes(days=3 * 365 - 9)
    with refused("no-competitors-portfolio", field="portfolio"):
        body.by(audits.look_at, trader.contact, "board", audit=id, case=case, portfolio=True)
    clock.passes(days=10)
    assert body.by(audits.look_at, trader.contact, "board", audit=id, case=case, portfolio=True).answers


def test_no_provider_on_the_board_sees_a_case_of_its_own(body: Body, clock: Clock):
    ann, *_ = board_of(body)
    trader = factories.register_provider(body)
    body.by_officer(people.give_role, id=trader.contact, role="board")
    case = factories.register(body, trader)
    clock.passes(days=1)
    id = opened(body, [ann, trader.contact], size=1)

    with refused("conflict-of-interest", field="actor"):
        body.by(audits.look_at, trader.contact, "board", audit=id, case=case)


def test_the_audits_process_reminds_and_tells_the_board_at_the_policys_instants(body: Body, clock: Clock):
    ann, *_ = members = board_of(body)
    cases(body, clock, 3)
    id = opened(body, members)
    [task] = audit(body, id).tasks.running.values()
    assert (task.who, task.told) == (ann, "board")

    happened = time_passes(body, clock, id, task.due_at)

    kinds = [(at, type(one)) for at, one in happened]
    assert kinds == [*((moment, ReminderSent) for moment in task.remind_at), (task.due_at, DeadlineMissed)]
    with refused("process-only", field="role"):
        body.by(matters.remind_task, ann, "board", case=id)
    find_all(body, ann, id)
    assert (
        body.by(audits.close_audit, ann, "board", audit=id, summary="Late").events[id][-1]
        == body.events(id, AuditClosed)[0]
    )


def test_an_audit_is_led_by_who_opened_it_until_its_members_change(body: Body, clock: Clock):
    ann, bob, cat = board_of(body)
    cases(body, clock, 2)
    id = opened(body, [ann, bob], size=2)
    find_all(body, bob, id)
    with refused("audit-lead", field="actor"):
        body.by(audits.close_audit, bob, "board", audit=id, summary="Done")
    change = {"audit": id, "members": [bob, cat], "lead": bob, "reason": "Ann left"}
    with refused("audit-members", field="actor"):
        body.by(audits.change_members, cat, "board", **change)
    body.by(audits.change_members, bob, "board", **change)

    with refused("audit-members", field="actor"):
        body.by(audits.look_at, ann, "board", audit=id, case=next(iter(audit(body, id).sampled)))
    assert [one.who for one in audit(body, id).tasks.running.values()] == [bob]
    assert body.by(audits.close_audit, bob, "board", audit=id, summary="Done").events


def test_others_of_the_board_take_over_once_none_of_the_members_is_on_it(body: Body, clock: Clock):
    ann, bob, cat = board_of(body)
    cases(body, clock, 2)
    id = opened(body, [ann, bob], size=2)
    for member in (ann, bob):
        body.by_officer(people.end_role, id=member, role="board")

    body.by(audits.change_members, cat, "board", audit=id, members=[cat], lead=cat, reason="They left")
    find_all(body, cat, id)
    assert len(body.events(id, FindingRecorded)) == 4


@pytest.mark.parametrize(
    ("changed", "rule", "field"),
    [
        ({"schemes": ()}, "audit-scope", "scope.schemes"),
        ({"schemes": ("no-such-scheme",)}, "published-scheme", "scope"),
        ({"stages": ("resting",)}, "audit-scope", "scope.stages"),
        ({"outcomes": ("splendid",)}, "audit-scope", "scope.outcomes"),
        ({"provider_types": ("Not A Code",)}, "codes", "scope"),
        ({"ends_at": Clock().at + timedelta(days=400)}, "audit-period", "scope.ends_at"),
        ({"begins_at": Clock().at.replace(tzinfo=None)}, "instants", "scope.begins_at"),
        ({"begins_at": Clock().at - timedelta(days=900), "ends_at": Clock().at - timedelta(days=800)}, "audit-scope", "scope"),
    ],
)  # fmt: skip
def test_a_scope_that_can_not_be_meant_is_refused_and_nothing_is_written(
    body: Body, clock: Clock, changed: dict[str, object], rule: str, field: str
):
    members = board_of(body)
    cases(body, clock, 2)
    position = body.office.records.read_log(0, 10_000)[-1].position

    with refused(rule, field=field):
        opened(body, members, **changed)
    assert body.office.records.read_log(position, 10) == []


def test_an_audit_needs_a_policy_a_checklist_a_size_and_members_of_the_board(body: Body, clock: Clock):
    members = [factories.appoint(body, "board", scheme=None) for _ in range(2)]
    cases(body, clock, 2)
    said = {"scope": scope(body), "checklist": CHECKLIST, "members": members, "seed": 1, "size": 1}
    with refused("known-policy"):
        body.by(audits.open_audit, members[0], "board", **said)
    publish_governance(body)

    for but, rule, field in (
        ({"checklist": {}}, "audit-checklist", "checklist"),
        ({"checklist": {"A b": "?"}}, "codes", "checklist"),
        ({"checklist": {"reasons": "x" * 1_000_000}}, "text-length", "checklist.reasons"),
        ({"checklist": {"reasons": " "}}, "text-given", "checklist.reasons"),
        ({"size": 0}, "sample-size", "size"),
        ({"seed": -1}, "sample-seed", "seed"),
        ({"members": [*members, body.officer]}, "audit-members", "members"),
        ({"members": members[1:]}, "audit-members", "members"),
        ({"members": [members[0], members[0]]}, "audit-members", "members"),
        ({"members": ["nobody"]}, "known-person", "person"),
    ):
        with refused(rule, field=field):
            body.by(audits.open_audit, members[0], "board", **(said | but))
    with refused("acting-role", field="role"):
        body.by_officer(audits.open_audit, **said)
    unknown = derived_id("audit", "none")
    with refused("known-audit", field="audit"):
        body.by(audits.close_audit, members[0], "board", audit=unknown, summary="Done")
    with refused("known-audit", field="audit"):
        body.by(audits.close_audit, members[0], "board", audit="none", summary="Done")
    with refused("known-submission"):
        find(body, members[0], unknown, derived_id("submission", "none"), "reasons")
    assert body.by(audits.open_audit, members[0], "board", **said).events


def test_a_finding_of_a_case_is_kept_for_its_provider(body: Body, clock: Clock):
    ann, *_ = members = board_of(body)
    cases(body, clock, 2)
    id = opened(body, members, size=1)
    [case] = audit(body, id).sampled

    receipt = find(body, ann, id, case, "reasons", result="minor")

    assert [one.subject for one in receipt.work.texts] == [provider_of(body, case)]
