"""What the public is told at its edges: five of each and no fewer, every group a row, and times of what was handed in."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.clocks import Calendar
from domain.figures.asked import FEWEST
from domain.figures.facts import Case, Facts, Matter, Stay
from domain.figures.outcomes import BY_SIZE, BY_TYPE
from domain.figures.public import APPEALS, TIMES, PublicRow, published, suppressed, tellable, year_of
from domain.figures.runs import Run, Runs
from domain.statistics.intervals import newcombe, wilson
from domain.submission.moderation import RESULTS
from tests.domain.counting import HELD, appeal, case

YEAR = year_of("test-mark", Calendar(zone="Europe/London"), 2026)
AT = YEAR.begins + timedelta(days=40)
DAY = timedelta(days=1)
GROUPS = {BY_TYPE: ("charity", "trust"), BY_SIZE: ("small", "large")}


def told(number: int, outcome: str = "awarded", **known: Any) -> list[Case]:
    """So many cases that came to this, told at AT unless said otherwise."""
    held = HELD.outcome
    assert held
    came = replace(HELD, outcome=replace(held, outcome=outcome))
    return [case(f"{outcome}-{place}-{known}", held=came, **{"told_at": AT, **known}) for place in range(number)]


def rows(*cases: Case, matters: list[Matter] | None = None) -> dict[tuple[str, str], PublicRow]:
    facts = Facts(cases={one.case: one for one in cases}, matters={one.id: one for one in matters or []})
    return {(one.by, one.group): one for one in published(facts, YEAR, GROUPS)}


ENOUGH = [*told(FEWEST), *told(FEWEST, "not_awarded")]


@pytest.mark.parametrize(
    ("counts", "found"), [((5, 5), True), ((4, 9), False), ((9, 4), False), ((0, 9), False)], ids=str
)
def test_both_counts_are_five_or_more(counts: tuple[int, int], found: bool):
    assert tellable(counts) is found


def test_of_five_and_five_the_outcomes_are_told():
    whole, share = rows(*ENOUGH)["all", ""], wilson(FEWEST, 2 * FEWEST)

    assert (whole.decided, whole.awarded, whole.not_awarded, whole.shown) == (2 * FEWEST, FEWEST, FEWEST, True)
    assert (whole.share, whole.low, whole.high, whole.difference) == (share.value, share.low, share.high, None)


def test_of_fewer_nothing_is_told_of_all_of_groups_and_of_times():
    found = rows(*told(FEWEST), *told(FEWEST - 1, "not_awarded"))

    assert set(found) == {
        ("all", ""), (BY_TYPE, "charity"), (BY_TYPE, "trust"), (BY_SIZE, "small"), (BY_SIZE, "large"), (APPEALS, ""),
        (TIMES, ""),
    }  # fmt: skip
    assert not any(one.shown for one in found.values())


def test_only_what_was_told_in_the_year_counts():
    before, after = (told(1, told_at=at) for at in (YEAR.begins - DAY, YEAR.ends))

    assert rows(*ENOUGH, *before, *after)["all", ""].decided == 2 * FEWEST


def test_a_group_that_is_large_enough_beside_another_is_told_with_what_it_differs_by():
    other = [*told(FEWEST, provider_type="trust"), *told(2 * FEWEST, "not_awarded", provider_type="trust")]
    found = rows(*ENOUGH, *other)

    charity, difference = found[BY_TYPE, "charity"], newcombe(FEWEST, 2 * FEWEST, FEWEST, 3 * FEWEST)
    assert (charity.awarded, charity.not_awarded, charity.shown) == (FEWEST, FEWEST, True)
    assert (charity.difference, charity.difference_low) == (difference.value, difference.low)
    assert (found[BY_TYPE, "trust"].decided, found[BY_SIZE, "small"].decided) == (3 * FEWEST, 5 * FEWEST)
    assert not found[BY_SIZE, "large"].shown


def test_a_group_that_the_scheme_does_not_know_has_a_row_and_is_counted():
    found = rows(*ENOUGH, *told(FEWEST, provider_type="guild"), *told(FEWEST, "not_awarded", provider_type="guild"))

    assert found[BY_TYPE, "guild"].decided == 2 * FEWEST


def test_groups_with_nobody_in_them_hide_nobody_else():
    assert suppressed({"a": (9, 9), "b": (0, 0)}) == {"b"}
    assert suppressed({"a": (9, 9), "b": (1, 0)}) == {"a", "b"}


def test_two_small_groups_hide_no_third_where_they_are_large_together():
    large = {"x": (50, 50)}
    assert suppressed({"a": (4, 5), "b": (1, 4), **large}) == {"a", "b"}
    assert suppressed({"a": (4, 5), "b": (0, 4), **large}) == {"a", "b", "x"}
    assert suppressed({"a": (4, 9), "b": (9, 9), **large}) == {"a", "b"}


# -- appeals -----------------------------------------------------------------------------------------------------------


def contested(upheld: int, dismissed: int) -> PublicRow:
    ends = ["upheld"] * upheld + ["dismissed"] * dismissed
    return rows(matters=[appeal(f"appeal-{place}", end, began_at=AT) for place, end in enumerate(ends)])[APPEALS, ""]


def test_of_appeals_five_upheld_and_five_dismissed_are_told():
    row, share = contested(FEWEST, FEWEST), wilson(FEWEST, 2 * FEWEST)

    assert (row.decided, row.awarded, row.not_awarded, row.shown) == (2 * FEWEST, FEWEST, FEWEST, True)
    assert (row.share, row.low, row.high) == (share.value, share.low, share.high)


@pytest.mark.parametrize(("upheld", "dismissed"), [(FEWEST - 1, FEWEST), (FEWEST, FEWEST - 1), (0, 0)])
def test_of_fewer_appeals_nothing_is_told(upheld: int, dismissed: int):
    assert (contested(upheld, dismissed).shown, contested(upheld, dismissed).decided) == (False, None)


def test_what_is_told_of_appeals_is_told_of_all_together():
    kinds = [("upheld", "result"), ("dismissed", "suspension")]
    matters = [
        appeal(f"appeal-{end}-{place}", end, contested=contested, began_at=AT)
        for end, contested in kinds
        for place in range(FEWEST)
    ]

    assert rows(matters=matters)[APPEALS, ""].decided == 2 * FEWEST


# -- times -------------------------------------------------------------------------------------------------------------

HANDED_IN = AT - 30 * DAY


def run(rule: str = RESULTS, *, late: bool = False, void: bool = False) -> Run:
    return Run(rule=rule, set_at=HANDED_IN, due_at=AT, ended_at=AT if late else HANDED_IN, void=void)


def timed(cases: list[Case], stays: list[Stay] | None = None, ran: list[Run] | None = None) -> PublicRow:
    stays = [Stay("submitted", HANDED_IN, AT)] if stays is None else stays
    ran = [run()] if ran is None else ran
    return rows(*ENOUGH[len(cases) :], *(replace(one, stays=stays, runs=Runs(all=ran)) for one in cases))[TIMES, ""]


def test_times_are_from_the_first_handing_in_to_the_result_and_the_share_in_time():
    again = [Stay("preparing", HANDED_IN - DAY, HANDED_IN), Stay("submitted", HANDED_IN, AT), Stay("submitted", AT)]
    row = timed(
        ENOUGH[:FEWEST], again, [run(), run(late=True), run(late=True, void=True), run("screen-within", late=True)]
    )

    assert (row.median_days, row.share, row.shown) == (30, 0.5, True)
    assert (row.decided, row.awarded, row.low) == (None, None, None)


@pytest.mark.parametrize(
    ("cases", "stays", "ran"),
    [
        (ENOUGH[: FEWEST - 1], None, None),
        (ENOUGH[:FEWEST], [], None),
        (ENOUGH[:FEWEST], [Stay("preparing", HANDED_IN)], None),
        (ENOUGH[:FEWEST], None, []),
        (ENOUGH[: FEWEST - 1], None, [run(), run()]),
    ],
    ids=["few", "never-handed-in", "still-preparing", "no-clock", "few-with-many-clocks"],
)
def test_of_few_times_nothing_is_told(cases: list[Case], stays: list[Stay] | None, ran: list[Run] | None):
    assert not timed(cases, stays, ran).shown


def test_times_of_five_are_told():
    assert timed(ENOUGH[:FEWEST]).shown


@pytest.mark.parametrize("few", range(FEWEST))
@pytest.mark.parametrize("late", [True, False])
def test_the_share_in_time_is_not_told_where_few_were_late_or_few_in_time(few: int, late: bool):
    """Given ten results, of which few were late (or few in time), the share together with their number would tell which."""
    cases = [
        replace(one, runs=Runs(all=[run(late=late if place < few else not late)]))
        for place, one in enumerate(ENOUGH[: 2 * FEWEST])
    ]
    handed_in = [Stay("submitted", HANDED_IN, AT)]

    row = rows(*ENOUGH[2 * FEWEST :], *(replace(one, stays=handed_in) for one in cases))[TIMES, ""]

    assert (row.share, row.median_days, row.shown) == (None, 30, True)


def test_the_share_in_time_is_told_where_enough_were_late_and_enough_in_time():
    assert timed(ENOUGH[:FEWEST], None, [run(), run(late=True)]).share == 0.5
