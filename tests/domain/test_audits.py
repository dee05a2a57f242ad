"""Audits of the board: whom they are drawn for, who sees and finds what, what follows from it, and when one is closed."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import person as people
from domain.audit import Audit, actions, drawing, findings, seeing
from domain.audit.state import ACT, CLOSE, VERIFY
from domain.clocks import Duration
from domain.person import RoleEnded, RoleGiven
from domain.tasks import hand_over
from tests.domain.given import ADA, DAY, NOON, SECOND, fold, member, refused, text
from tests.domain.governing import (
    ANN,
    BOARD,
    BOB,
    CALENDAR,
    CASES,
    CAT,
    CHECKLIST,
    DATES,
    OLA,
    OPENING,
    QUE,
    SCOPE,
    after,
    against,
    agreed,
    all_found,
    done,
    found,
    opened,
)

ORDER = [one.case for one in drawing.ordered(drawing.cases_in(SCOPE, CASES), 7)]
"""The cases in the order of the seed."""


def closing(audit: Audit, **said: Any) -> list[Any]:
    return findings.close_audit(audit, **({"by": ANN, "hidden": 0, "summary": text("all")} | said))


# Drawing


def test_the_sample_is_the_first_cases_in_the_order_of_the_seed():
    audit = opened()

    assert list(audit.sampled) == ORDER[:3]
    assert (audit.population, audit.position, audit.lead) == (8, 99, ANN.id)
    assert list(opened(cases=CASES[::-1]).sampled) == ORDER[:3]
    assert list(opened(seed=8).sampled) != ORDER[:3]
    assert set(opened(size=99).sampled) == set(ORDER)


@given(seed=st.integers(0, 2**53 - 1), size=st.integers(1, 8))
def test_whatever_the_seed_the_sample_can_be_drawn_again(seed: int, size: int):
    audit = opened(seed=seed, size=size)

    assert len(audit.sampled) == size
    assert drawing.drawn_again(audit, CASES) == []
    others = [replace(one, case=f"{one.case[:-1]}2") for one in CASES]
    assert drawing.drawn_again(audit, others)
    assert any("cases are in scope" in fault for fault in drawing.drawn_again(audit, CASES[1:]))


def test_a_case_taken_out_of_order_is_found_out():
    audit = opened()
    outside = next(one for one in drawing.cases_in(SCOPE, CASES) if one.case == ORDER[5])
    kept = {case: one for case, one in audit.sampled.items() if case != ORDER[0]}
    swapped = Audit(**{**vars(audit), "sampled": kept | {outside.case: outside}})

    assert drawing.drawn_again(swapped, CASES) == ["1 cases were taken out of the order of the seed"]


@pytest.mark.parametrize(
    ("scope", "numbers"),
    [
        ({}, range(1, 9)),
        ({"begins_at": NOON - 3 * DAY}, (1, 2, 3)),
        ({"ends_at": NOON - 3 * DAY}, (4, 5, 6, 7, 8)),
        ({"outcomes": ("not_awarded",)}, (3, 6)),
        ({"provider_types": ("trust",)}, (2, 4, 6, 8)),
        ({"stages": ("decided",)}, range(1, 9)),
        ({"stages": ("screening",)}, ()),
        ({"schemes": ("other-mark",)}, ()),
    ],
)
def test_a_scope_says_which_cases_an_audit_is_about(scope: dict[str, Any], numbers: Any):
    held = replace(SCOPE, **scope)

    assert [one.case for one in CASES if drawing.in_scope(held, one)] == [CASES[number - 1].case for number in numbers]


def test_a_case_that_no_member_may_see_is_passed_over_and_one_that_somebody_may_is_not():
    members = [against(ANN, ORDER[0], ORDER[2]), against(BOB, ORDER[0])]
    audit = opened(by=members[0], members=members)

    assert (list(audit.sampled), audit.gone) == (ORDER[1:4], (ORDER[0],))
    assert drawing.drawn_again(audit, CASES) == []


def test_a_scope_in_which_nobody_may_see_anything_is_refused():
    blind = against(ANN, *CASES)
    with refused("audit-scope", field="scope", match="can be seen"):
        opened(by=blind, members=[blind])
    with refused("audit-scope", field="scope", match="no case is of this scope"):
        opened(scope=replace(SCOPE, schemes=("other-mark",)))


def test_a_sample_is_drawn_once():
    audit = opened()

    assert drawing.open_audit(audit, **OPENING) == []
    for other in ({"seed": 8}, {"size": 4}, {"members": BOARD[:2]}, {"checklist": CHECKLIST[:1]}):
        with refused("sample-drawn-once", field="seed"):
            drawing.open_audit(audit, **(OPENING | other))


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"checklist": ()}, "audit-checklist", "checklist"),
        ({"checklist": CHECKLIST * 2}, "audit-checklist", "checklist"),
        ({"checklist": [replace(CHECKLIST[0], code=f"c{number}") for number in range(101)]}, "audit-checklist", "checklist"),
        ({"checklist": [replace(CHECKLIST[0], code="Not a code")]}, "codes", "checklist"),
        ({"members": ()}, "audit-members", "members"),
        ({"members": (BOB, CAT)}, "audit-members", "members"),
        ({"members": (ANN, ANN)}, "audit-members", "members"),
        ({"members": (ANN, OLA)}, "audit-members", "members"),
        ({"size": 0}, "sample-size", "size"),
        ({"size": 1001}, "sample-size", "size"),
        ({"seed": -1}, "sample-seed", "seed"),
        ({"seed": 2**53}, "sample-seed", "seed"),
        ({"scope": replace(SCOPE, schemes=())}, "audit-scope", "scope.schemes"),
        ({"scope": replace(SCOPE, schemes=("Not A Code",))}, "codes", "scope"),
        ({"scope": replace(SCOPE, provider_types=("Not A Code",))}, "codes", "scope"),
        ({"scope": replace(SCOPE, stages=("unknown",))}, "audit-scope", "scope.stages"),
        ({"scope": replace(SCOPE, outcomes=("splendid",))}, "audit-scope", "scope.outcomes"),
        ({"scope": replace(SCOPE, ends_at=NOON + SECOND)}, "audit-period", "scope.ends_at"),
        ({"scope": replace(SCOPE, begins_at=NOON)}, "audit-period", "scope.ends_at"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_is_refused(said: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        opened(**said)


def test_what_is_just_right_is_not_refused():
    assert opened(seed=0, size=1, members=(ANN,), checklist=CHECKLIST[:1]).sampled
    assert opened(seed=2**53 - 1, size=1000).sampled
    whole = [replace(CHECKLIST[0], code=f"c{number}") for number in range(100)]
    assert len(opened(checklist=whole).checklist) == 100


def test_the_lead_has_the_policys_time_to_close_an_audit():
    [task] = opened().tasks.running.values()

    assert (task.rule, task.who, task.told) == (CLOSE, ANN.id, "board")
    assert task.due_at == CALENDAR.due(NOON, OPENING["rules"].close_within)
    assert len(task.remind_at) == 2


# Seeing


def test_a_conflict_hides_cases_from_a_member_whenever_it_is_declared():
    audit = opened()

    assert [one.case for one in seeing.visible_to(audit, BOB)] == ORDER[:3]
    assert [one.case for one in seeing.visible_to(audit, against(BOB, ORDER[1]))] == [ORDER[0], ORDER[2]]


YEARS = {"within": Duration.parse("P3Y"), "calendar": CALENDAR}
GIVEN, ENDED = (kind(role="provider", scheme="test-mark") for kind in (RoleGiven, RoleEnded))


@pytest.mark.parametrize(
    ("history", "speaks"),
    [
        ([], False),
        ([(NOON, RoleGiven(role="board"))], False),
        ([(NOON - DAY, RoleEnded(role="board"))], False),
        ([(NOON, GIVEN)], True),
        ([(NOON - 9999 * DAY, GIVEN)], True),
        ([(NOON - 2000 * DAY, GIVEN), (NOON - 1096 * DAY, ENDED)], False),
        ([(NOON - 2000 * DAY, GIVEN), (NOON - 1094 * DAY, ENDED)], True),
        ([(NOON - 2000 * DAY, GIVEN), (NOON - 1096 * DAY, RoleEnded(role="board"))], True),
        ([(NOON - 2000 * DAY, GIVEN), (NOON - 1999 * DAY, RoleGiven(role="provider", scheme="b")), (NOON - 1500 * DAY, ENDED)], True),
    ],
)  # fmt: skip
def test_who_speaks_for_a_provider_or_did_within_the_schemes_years_is_known(history: Any, speaks: bool):
    assert seeing.speaks_for_a_provider(history, at=NOON, **YEARS) is speaks


def test_the_years_since_somebody_spoke_for_a_provider_end_to_the_second():
    history = [(NOON, GIVEN), (NOON, ENDED)]
    end = CALENDAR.after(NOON, YEARS["within"])

    assert seeing.speaks_for_a_provider(history, at=end - SECOND, **YEARS)
    assert not seeing.speaks_for_a_provider(history, at=end, **YEARS)


@pytest.mark.parametrize(
    ("person", "speaks", "backgrounds", "may"),
    [
        (BOB, False, (), True),
        (BOB, False, ("teacher", "expert"), True),
        (BOB, True, (), False),
        (BOB, False, ("provider",), False),
        (against(BOB, CASES[0]), False, (), False),
    ],
)
def test_no_provider_reads_the_portfolio_of_a_competitor(person: Any, speaks: bool, backgrounds: Any, may: bool):
    asked = {"provider": CASES[0].provider, "speaks": speaks, "backgrounds": backgrounds}
    assert seeing.may_read_portfolio(person, **asked) is may


def test_a_look_at_a_case_is_recorded_once_and_at_its_portfolio_again():
    audit = opened()
    asked: dict[str, Any] = {"case": ORDER[0], "by": BOB}
    audit = after(audit, findings.look_at(audit, **asked, portfolio=False))

    assert findings.look_at(audit, **asked, portfolio=False) == []
    assert findings.look_at(audit, **asked, portfolio=True)
    assert findings.look_at(audit, case=ORDER[0], by=CAT, portfolio=False)


# Findings


def test_a_member_finds_on_each_point_of_each_case_what_they_may_see():
    audit = all_found(opened())

    assert audit.unanswered == []
    assert len(audit.standing) == 6


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"case": ORDER[4]}, "case-in-sample", "case"),
        ({"item": "colour"}, "audit-checklist", "item"),
        ({"result": "splendid"}, "finding-results", "result"),
        ({"result": "minor", "text": None}, "finding-text", "text"),
        ({"result": "major", "text": None}, "finding-text", "text"),
        ({"result": "not-applicable", "text": None}, "finding-text", "text"),
        ({"by": OLA}, "audit-members", "actor"),
        ({"by": against(BOB, ORDER[0])}, "conflict-of-interest", "actor"),
    ],
)
def test_what_is_no_finding_is_refused(said: dict[str, Any], rule: str, field: str):
    usual = {"case": ORDER[0], "item": "reasons", "by": BOB, "result": "conforms", "text": text("why")}
    with refused(rule, field=field):
        findings.record_finding(opened(), **(usual | said))
    assert findings.record_finding(opened(), **usual)
    assert findings.record_finding(opened(), **(usual | {"text": None}))


def test_a_finding_is_never_edited_and_only_superseded():
    audit = found(opened(), ORDER[0], result="minor")
    same = {"case": ORDER[0], "item": "reasons", "by": BOB, "result": "minor", "text": text(f"{ORDER[0]} reasons")}
    assert findings.record_finding(audit, **same) == []
    for other in ({"result": "major"}, {"by": CAT}, {"text": text("other")}):
        with refused("findings-superseded", field="item"):
            findings.record_finding(audit, **(same | other))

    again: dict[str, Any] = {"finding": 1, "by": CAT, "result": "conforms", "text": None, "reason": text("wrong")}
    audit = after(audit, findings.supersede_finding(audit, **again))

    assert audit.in_force[ORDER[0], "reasons"] == 2
    assert [(one.number, one.result) for one in audit.standing] == [(2, "conforms")]
    assert audit.findings[2].supersedes == 1
    assert findings.supersede_finding(audit, **again) == []
    for other in ({"result": "minor", "text": text("n")}, {"by": BOB}):
        with refused("findings-superseded", field="finding"):
            findings.supersede_finding(audit, **(again | other))
    assert findings.supersede_finding(audit, **(again | {"finding": 2, "result": "major", "text": text("n")}))
    with refused("known-finding", field="finding"):
        findings.supersede_finding(audit, **(again | {"finding": 9}))
    with refused("finding-text", field="text"):
        findings.supersede_finding(audit, **(again | {"finding": 2, "result": "major"}))
    with refused("conflict-of-interest", field="actor"):
        findings.supersede_finding(audit, **(again | {"finding": 2, "by": against(BOB, ORDER[0])}))


# Actions


def test_a_finding_is_acted_on_in_the_policys_time():
    task = agreed().tasks.running[f"{ACT}:1"]

    assert (task.who, task.told) == (OLA.id, "board")
    assert task.due_at == CALENDAR.due(NOON + DAY, DATES["rules"].act_within)


def test_only_what_falls_short_and_stands_is_acted_on():
    audit = found(opened(), ORDER[0])
    usual: dict[str, Any] = {"by": BOB, "owner": OLA, "to_do": text("do"), **DATES}
    with refused("finding-to-act-on", field="finding"):
        actions.agree_action(audit, finding=1, **usual)
    again = {"finding": 1, "by": CAT, "result": "minor", "text": text("n"), "reason": text("wrong")}
    audit = after(audit, findings.supersede_finding(audit, **again))
    with refused("finding-to-act-on", field="finding"):
        actions.agree_action(audit, finding=1, **usual)
    assert actions.agree_action(audit, finding=2, **usual)
    audit = found(audit, ORDER[1], result="not-applicable")
    with refused("finding-to-act-on", field="finding"):
        actions.agree_action(audit, finding=3, **usual)


@pytest.mark.parametrize(
    ("owner", "rule"),
    [
        (against(OLA, ORDER[0]), "conflict-of-interest"),
        (people.Person(), "known-person"),
        (member("none"), "action-owner"),
        (member("contact", "provider"), "action-owner"),
    ],
)
def test_who_acts_on_a_finding_is_of_the_body_and_has_no_conflict(owner: Any, rule: str):
    audit = found(opened(), ORDER[0], result="major")
    with refused(rule, field="owner"):
        actions.agree_action(audit, finding=1, by=BOB, owner=owner, to_do=text("do"), **DATES)
    with refused(rule, field="owner"):
        actions.give_action(agreed(), action=1, by=BOB, owner=owner, reason=text("why"))


def test_an_action_is_done_by_its_owner_unless_they_have_a_conflict_meanwhile():
    audit = agreed()
    with refused("owner-acts", field="actor"):
        actions.do_action(audit, action=1, by=QUE, note=text("done"), **DATES)
    with refused("conflict-of-interest", field="actor"):
        actions.do_action(audit, action=1, by=against(OLA, ORDER[0]), note=text("done"), **DATES)

    audit = done(audit)
    assert set(audit.tasks.running) == {CLOSE, f"{VERIFY}:1"}
    assert audit.tasks.running[f"{VERIFY}:1"].who == ANN.id
    assert actions.do_action(audit, action=1, by=OLA, note=text("done"), **DATES) == []
    assert done(owner=ANN).tasks.running[f"{VERIFY}:1"].who == "board"


def test_nobody_verifies_an_action_that_is_or_was_in_their_hands():
    audit = agreed(owner=CAT)
    audit = after(audit, actions.give_action(audit, action=1, by=ANN, owner=BOB, reason=text("ill")))
    assert actions.give_action(audit, action=1, by=ANN, owner=BOB, reason=text("ill")) == []
    audit = done(audit, owner=BOB)

    for theirs in (BOB, CAT):
        for decide, said in (
            (actions.verify_action, {"note": text("fine")}),
            (actions.return_action, {"reason": text("not"), **DATES}),
        ):
            with refused("owner-never-verifies", field="actor"):
                decide(audit, action=1, by=theirs, **said)
    audit = after(audit, actions.verify_action(audit, action=1, by=ANN, note=text("fine")))
    assert (audit.actions[1].verified, set(audit.tasks.running)) == (True, {CLOSE})
    assert actions.verify_action(audit, action=1, by=ANN, note=text("fine")) == []
    with refused("actions-verified", field="action"):
        actions.return_action(audit, action=1, by=ANN, reason=text("not"), **DATES)


def test_an_action_that_is_not_done_goes_back_to_its_owner():
    audit = done()
    audit = after(audit, actions.return_action(audit, action=1, by=BOB, reason=text("not"), **DATES))

    assert audit.tasks.running[f"{ACT}:1"].who == OLA.id
    with refused("action-done", field="action"):
        actions.verify_action(audit, action=1, by=BOB, note=text("fine"))
    with refused("action-done", field="action"):
        actions.return_action(audit, action=1, by=BOB, reason=text("not"), **DATES)
    assert done(audit).actions[1].done


def test_what_is_done_is_given_to_nobody_else():
    with refused("action-done", field="action"):
        actions.give_action(done(), action=1, by=BOB, owner=QUE, reason=text("ill"))


def test_an_action_is_verified_by_a_member_who_may_see_the_case():
    for by, rule in ((QUE, "audit-members"), (against(BOB, ORDER[0]), "conflict-of-interest")):
        with refused(rule, field="actor"):
            actions.verify_action(done(), action=1, by=by, note=text("fine"))
    with refused("known-action", field="action"):
        actions.verify_action(done(), action=2, by=BOB, note=text("fine"))


def test_a_task_handed_over_for_another_reason_makes_its_new_holder_the_owner():
    audit = agreed()
    audit = after(audit, hand_over(audit, rule=ACT, about="1", to=QUE.id, because="conflict"))

    assert audit.actions[1].owner == QUE.id
    with refused("owner-acts", field="actor"):
        actions.do_action(audit, action=1, by=OLA, note=text("done"), **DATES)
    assert done(audit, owner=QUE)


def test_an_audit_has_at_most_a_thousand_actions():
    audit = agreed()
    many = {number: replace(audit.actions[1], number=number, verified=True) for number in range(1, 1001)}
    full = Audit(**{**vars(audit), "actions": many})
    usual: dict[str, Any] = {"finding": 1, "by": BOB, "owner": OLA, "to_do": text("do"), **DATES}

    with refused("audit-actions", field="finding"):
        actions.agree_action(full, **usual)
    del many[1000]
    assert actions.agree_action(Audit(**{**vars(audit), "actions": many}), **usual)


# Replacing and closing


def test_what_no_member_may_see_any_more_is_replaced_by_the_next_in_the_order():
    audit = opened()
    blind = [against(one, ORDER[0], ORDER[3]) for one in BOARD]
    audit = after(audit, drawing.replace_hidden(audit, by=blind[1], members=blind, cases=CASES))

    assert list(audit.sampled) == [ORDER[1], ORDER[2], ORDER[4]]
    assert audit.gone == (ORDER[0], ORDER[3])
    assert drawing.replace_hidden(audit, by=blind[1], members=blind, cases=CASES) == []
    assert drawing.drawn_again(audit, CASES) == []


def test_two_at_once_are_replaced_by_two_others():
    audit = opened()
    blind = [against(one, ORDER[0], ORDER[1]) for one in BOARD]
    audit = after(audit, drawing.replace_hidden(audit, by=BOB, members=blind, cases=CASES))

    assert list(audit.sampled) == [ORDER[2], ORDER[3], ORDER[4]]


def test_at_the_end_of_the_order_a_hidden_case_leaves_the_sample_and_what_was_to_be_done_about_it_ends():
    audit = agreed(opened(size=8))
    hidden = next(iter(audit.sampled))
    blind = [against(one, hidden) for one in BOARD]
    events = drawing.replace_hidden(audit, by=blind[0], members=blind, cases=CASES)
    audit = after(audit, events)

    assert [one.replacement for one in events] == [None]
    assert (len(audit.sampled), set(audit.tasks.running)) == (7, {CLOSE})
    with refused("known-finding", field="finding"):
        findings.supersede_finding(audit, finding=1, by=BOB, result="conforms", text=None, reason=text("w"))
    assert closing(all_found(audit))


def test_a_case_stays_while_some_member_may_see_it_or_when_nothing_is_left_to_do_about_it():
    audit = all_found(opened())
    blind = [against(one, ORDER[0]) for one in BOARD]
    assert drawing.replace_hidden(audit, by=ANN, members=blind, cases=CASES) == []
    assert drawing.replace_hidden(opened(), by=ANN, members=[*blind[:2], CAT], cases=CASES) == []
    for unfinished in (agreed(), done()):
        answered = found(unfinished, ORDER[0], "clocks")
        assert len(drawing.hidden_from_all(answered, blind)) == 1


def test_a_replacement_comes_from_the_cases_that_were_drawn_from_alone():
    blind = [against(one, ORDER[0]) for one in BOARD]
    with refused("sample-drawn-again", field="cases"):
        drawing.replace_hidden(opened(), by=ANN, members=blind, cases=CASES[1:])
    with refused("audit-members", field="actor"):
        drawing.replace_hidden(opened(), by=OLA, members=blind, cases=CASES)


def test_an_audit_is_closed_by_its_lead_once_all_is_found_and_every_action_verified():
    audit = opened()
    with refused("every-case-answered", field="audit", match="6 points in 3 cases"):
        closing(audit)
    audit = all_found(found(audit, ORDER[0], result="major"))
    with refused("major-needs-action", field="audit"):
        closing(audit)
    audit = after(audit, actions.agree_action(audit, finding=1, by=BOB, owner=OLA, to_do=text("do"), **DATES))
    with refused("actions-verified", field="audit"):
        closing(audit)
    audit = done(audit)
    with refused("actions-verified", field="audit"):
        closing(audit)
    audit = after(audit, actions.verify_action(audit, action=1, by=CAT, note=text("fine")))
    with refused("audit-lead", field="actor"):
        closing(audit, by=BOB)
    with refused("every-case-answered", field="audit", match="no member may see 1"):
        closing(audit, hidden=1)
    audit = after(audit, closing(audit))

    assert (audit.over, audit.tasks.running) == (True, {})
    assert closing(audit) == []
    with refused("audit-open", field="audit"):
        closing(audit, by=BOB)
    with refused("audit-open", field="audit"):
        findings.record_finding(audit, case=ORDER[0], item="reasons", by=BOB, result="conforms", text=None)


def test_a_minor_finding_needs_no_action_and_one_that_is_agreed_is_to_be_verified():
    audit = all_found(opened(), "minor")
    assert closing(audit)
    audit = after(audit, actions.agree_action(audit, finding=1, by=BOB, owner=OLA, to_do=text("do"), **DATES))
    with refused("actions-verified", field="audit"):
        closing(audit)


def test_a_major_finding_made_light_of_leaves_its_action_to_be_verified():
    audit = all_found(agreed())
    again = {"finding": 1, "by": CAT, "result": "conforms", "text": None, "reason": text("wrong")}
    audit = after(audit, findings.supersede_finding(audit, **again))

    with refused("actions-verified", field="audit"):
        closing(audit)


def test_members_are_changed_by_one_who_stays_and_the_closing_goes_to_the_new_lead():
    audit = opened(members=(ANN, BOB))
    change: dict[str, Any] = {"present": (ANN, BOB), "members": (BOB, CAT), "lead": CAT.id, "reason": text("left")}
    for by in (ANN, CAT):
        with refused("audit-members"):
            drawing.change_members(audit, at=NOON, by=by, **change)
    with refused("audit-lead", field="lead"):
        drawing.change_members(audit, at=NOON, by=BOB, **(change | {"lead": ANN.id}))
    with refused("audit-members", field="members"):
        drawing.change_members(audit, at=NOON, by=BOB, **(change | {"members": (BOB, OLA)}))
    audit = after(audit, drawing.change_members(audit, at=NOON, by=BOB, **change))

    assert (audit.members, audit.lead) == ((BOB.id, CAT.id), CAT.id)
    assert audit.tasks.running[CLOSE].who == CAT.id
    assert drawing.change_members(audit, at=NOON, by=BOB, **change) == []
    assert drawing.change_members(audit, at=NOON, by=BOB, **(change | {"lead": BOB.id}))


def test_once_no_member_is_on_the_board_another_of_it_takes_over():
    left = [fold(people.evolve, one, [RoleEnded(role="board")]) for one in (ANN, BOB)]
    audit = opened(members=(ANN, BOB))
    change: dict[str, Any] = {"members": (CAT,), "lead": CAT.id, "reason": text("left")}
    with refused("audit-members", field="actor"):
        drawing.change_members(audit, at=NOON, by=CAT, present=(left[0], BOB), **change)

    assert drawing.change_members(audit, at=NOON, by=CAT, present=left, **change)


def test_nothing_is_done_in_an_audit_that_is_not_there():
    nothing = Audit()
    blind: dict[str, Any] = {"by": ANN, "members": BOARD, "cases": CASES}
    for decide in (
        lambda: closing(nothing),
        lambda: drawing.replace_hidden(nothing, **blind),
        lambda: drawing.drawn_again(nothing, CASES),
        lambda: drawing.change_members(
            nothing, at=NOON, by=ANN, present=(), members=BOARD, lead=ANN.id, reason=text("w")
        ),
        lambda: findings.record_finding(nothing, case=ORDER[0], item="reasons", by=ANN, result="conforms", text=None),
        lambda: actions.do_action(nothing, action=1, by=OLA, note=text("n"), **DATES),
    ):
        with refused("known-audit", field="audit"):
            decide()


def test_an_assessor_with_a_role_in_a_scheme_may_act_on_a_finding():
    assert agreed(owner=ADA).actions[1].owner == ADA.id
