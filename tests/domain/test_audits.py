"""Audits of the board: whom they are drawn for, who sees what, and what takes the place of a case that nobody may see."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit import Audit, drawing, findings, seeing
from domain.audit.state import CLOSE
from domain.clocks import Duration
from domain.person import RoleEnded, RoleGiven
from tests.domain.given import DAY, NOON, SECOND, refused, text
from tests.domain.governing import (
    ANN,
    BOARD,
    BOB,
    CALENDAR,
    CASES,
    CAT,
    CHECKLIST,
    OLA,
    OPENING,
    ORDER,
    SCOPE,
    after,
    against,
    agreed,
    all_found,
    closing,
    done,
    found,
    opened,
)

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


# Replacing


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
