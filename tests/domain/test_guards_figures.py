"""Figures over small tables counted by hand: what counts, from and until when, and where there is nothing to say."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.clocks import Deadline
from domain.figures.agreeing import agreements, changes
from domain.figures.appealed import ALL as EVERY
from domain.figures.appealed import appeals
from domain.figures.asked import FEWEST, Asked
from domain.figures.facts import Case, Moderated, Stay
from domain.figures.outcomes import outcomes
from domain.figures.runs import Run, Runs
from domain.figures.times import STAGES, clocks, minutes, stage_times
from domain.statistics.intervals import newcombe
from tests.domain import given
from tests.domain.counting import ADA, ALL, HELD, LATER, OTHER, appeal, case, facts, several
from tests.domain.given import DAY, NOON, SCHEME, SECOND, refused

# -- what is asked for -------------------------------------------------------------------------------------------------


def test_a_period_holds_its_beginning_and_not_its_end():
    period = Asked(begins=NOON, ends=LATER)

    assert [period.holds(at) for at in (NOON - SECOND, NOON, LATER - SECOND, LATER, None)] == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert [Asked(begins=NOON).holds(at) for at in (NOON - SECOND, NOON)] == [False, True]
    assert [Asked(ends=NOON).holds(at) for at in (NOON - SECOND, NOON)] == [True, False]
    assert ALL.holds(NOON)


def test_a_period_is_a_second_long_or_more():
    assert Asked(begins=NOON, ends=NOON + SECOND)
    for ends in (NOON, NOON - SECOND):
        with refused("figures-period", field="period_until"):
            Asked(begins=NOON, ends=ends)


def test_a_scheme_is_asked_about_in_one_version_or_in_all():
    for asked, found in ((None, True), ("a@1", True), ("a", True), ("a@2", False), ("b", False)):
        assert Asked(scheme=asked).of_scheme("a@1") is found


# -- outcomes ----------------------------------------------------------------------------------------------------------


def test_an_outcome_counts_when_it_was_told_and_of_the_scheme_that_is_asked_about():
    known = facts(case("a"), case("b", scheme=OTHER), case("c", told_at=LATER), case("d", told_at=None))

    def counted(**asked: Any) -> list[tuple[str, int]]:
        return [(one.scheme, one.decided) for one in outcomes(known, Asked(**asked)) if one.by == "all"]

    assert counted() == [("other-mark", 1), ("test-mark", 2)]
    assert counted(scheme="test-mark", ends=LATER) == [("test-mark", 1)]
    assert list(outcomes(facts(case(held=given.approved())), ALL)) == []


def test_the_difference_from_all_others_is_said_where_there_are_others():
    held = HELD.outcome
    assert held
    lost = replace(HELD, outcome=replace(held, outcome="not_awarded"))
    known = facts(case("a"), case("b"), case("c", held=lost, size_band="large"))

    rows = {(one.by, one.group): one for one in outcomes(known, ALL)}

    small, whole = rows["size_band", "small"], rows["all", ""]
    expected = newcombe(2, 2, 0, 1)
    assert (small.awarded, small.not_awarded) == (2, 0)
    assert (small.difference, small.difference_low, small.difference_high) == (
        expected.value, expected.low, expected.high,
    )  # fmt: skip
    assert (whole.awarded, whole.not_awarded) == (2, 1)
    assert (whole.difference, whole.difference_low, whole.difference_high) == (None, None, None)


@pytest.mark.parametrize(("number", "few"), [(FEWEST - 1, True), (FEWEST, False)], ids=["few", "enough"])
def test_of_five_it_is_not_said_that_they_are_few(number: int, few: bool):
    """The same in every figure."""
    spent = several(number, minutes={"assessor": 90}, stays=[Stay("preparing", NOON, LATER)])
    for one in spent.cases.values():
        one.runs.all.append(Run(rule="screen-within", set_at=NOON, due_at=LATER, ended_at=NOON))
        one.moderated = Moderated(assessor=ADA, at=NOON, pairs={"1.1": ("low", "low")})
    known = replace(spent, matters={f"appeal-{place}": appeal(f"appeal-{place}", "upheld") for place in range(number)})

    [change] = changes(known, ALL)
    rows: list[Any] = [
        change,
        *agreements(known, ALL, lambda _: SCHEME.scale),
        *(one for one in outcomes(known, ALL) if one.by == "all"),
        *stage_times(known, ALL, lambda _: SCHEME.calendar, LATER),
        *minutes(known, ALL),
        *clocks(known, ALL, LATER),
        *(one for one in appeals(known, ALL) if one.by == EVERY),
    ]
    assert len(rows) == 8
    assert {one.few for one in rows} == {few}


# -- times -------------------------------------------------------------------------------------------------------------


def staying(*stays: Stay, id: str = "submission-a", clock: Deadline | None = None, **known: Any) -> Case:
    return case(id, stays=list(stays), held=replace(HELD, clock=clock), **known)


def times(*cases: Case, asked: Asked = ALL, at: datetime = LATER) -> dict[str, Any]:
    return {one.stage: one for one in stage_times(facts(*cases), asked, lambda _: SCHEME.calendar, at)}


def test_a_stage_that_was_left_in_the_period_counts_and_one_outside_of_it_does_not():
    left = staying(Stay("preparing", NOON, NOON + 2 * DAY), Stay("screening", NOON + 2 * DAY, LATER))

    rows = times(left, asked=Asked(ends=LATER))

    assert (rows["preparing"].ended, rows["preparing"].open) == (1, 0)
    assert (rows["preparing"].median, rows["preparing"].longest, rows["preparing"].working_median) == (2, 2, 2)
    assert (rows["screening"].ended, rows["screening"].median, rows["screening"].working_longest) == (0, None, None)
    assert times(left, asked=Asked(scheme="other-mark")) == {}


def test_an_end_is_no_stage_that_one_stays_at():
    rows = times(staying(Stay("preparing", NOON, LATER), Stay("lapsed", LATER), Stay("withdrawn", LATER)))

    assert list(rows) == ["preparing"]
    assert not {"lapsed", "withdrawn", "unknown", ""} & set(STAGES)


@pytest.mark.parametrize(
    ("due_at", "overdue"), [(None, 0), (LATER, 1), (LATER + SECOND, 0)], ids=["no-clock", "as-it-passed", "in-time"]
)
def test_what_left_as_its_clock_passed_was_overdue(due_at: datetime | None, overdue: int):
    assert times(staying(Stay("preparing", NOON, LATER, due_at)))["preparing"].overdue == overdue


@pytest.mark.parametrize(
    ("due_at", "overdue"), [(LATER, 1), (LATER + SECOND, 0), (None, 0)], ids=["passed", "to-come", "no-clock"]
)
def test_what_is_there_still_is_overdue_from_the_instant_of_its_clock(due_at: datetime | None, overdue: int):
    clock = due_at and Deadline(rule="submit-within", due_at=due_at, remind_at=())
    row = times(staying(Stay("preparing", NOON), clock=clock))["preparing"]

    assert (row.ended, row.open, row.open_overdue, row.longest_open) == (0, 1, overdue, 10)


def test_the_clock_of_a_stage_says_nothing_of_one_that_was_left_and_of_a_case_without_any():
    clock = Deadline(rule="submit-within", due_at=NOON, remind_at=())
    left = staying(Stay("preparing", NOON, LATER), clock=clock)

    rows = times(left, staying(id="submission-b", clock=clock), staying(Stay("preparing", LATER), id="submission-c"))

    assert (rows["preparing"].open, rows["preparing"].open_overdue, rows["preparing"].longest_open) == (1, 0, 0)


def test_stages_stand_in_the_handbooks_order_scheme_by_scheme():
    stays = [Stay("screening", NOON, LATER), Stay("preparing", NOON, LATER)]
    known = facts(case("a", stays=stays), case("b", scheme=OTHER, stays=stays))

    rows = stage_times(known, ALL, lambda _: SCHEME.calendar, LATER)

    assert [(one.scheme, one.stage) for one in rows] == [
        (scheme, stage) for scheme in ("other-mark", "test-mark") for stage in ("preparing", "screening")
    ]


def test_minutes_of_nothing_are_no_minutes():
    known = facts(case("a", minutes={"assessor": 90, "provider": 0}), case("b", minutes={"assessor": 30}))

    [row] = minutes(known, ALL)

    assert (row.role, row.cases, row.total, row.median, row.longest) == ("assessor", 2, 120, 60, 90)


def run(due_at: datetime, ended_at: datetime | None = None, **known: Any) -> Run:
    return Run(rule="screen-within", set_at=NOON, due_at=due_at, ended_at=ended_at, **known)


def kept(*ran: Run, asked: Asked = ALL, at: datetime = LATER) -> list[tuple[int, int, int, int, int]]:
    rows = clocks(facts(case(runs=Runs(all=list(ran)))), asked, at)
    return [(one.due, one.in_time, one.late, one.running_late, one.moved) for one in rows]


@pytest.mark.parametrize(
    ("ran", "expected"),
    [
        (run(LATER, LATER - SECOND), [(1, 1, 0, 0, 0)]),
        (run(LATER, LATER), [(1, 0, 1, 0, 0)]),
        (run(LATER), [(1, 0, 0, 1, 0)]),
        (run(LATER + SECOND), []),
        (run(LATER, NOON, void=True), []),
        (run(LATER, NOON, moved=1), [(1, 1, 0, 0, 1)]),
    ],
    ids=["in-time", "as-it-passed", "waits-still", "to-come", "void", "moved"],
)
def test_a_clock_is_kept_when_what_it_waited_for_came_before_its_instant(ran: Run, expected: list[Any]):
    assert kept(ran) == expected


def test_a_clock_counts_in_the_period_in_which_it_ended_or_else_was_due():
    assert kept(run(LATER, NOON), asked=Asked(ends=LATER)) == [(1, 1, 0, 0, 0)]
    assert kept(run(NOON, LATER), asked=Asked(ends=LATER)) == []
    assert kept(run(LATER), asked=Asked(ends=LATER)) == []
    assert kept(run(NOON), asked=Asked(scheme="other-mark")) == []
