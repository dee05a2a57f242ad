"""What the public is told: nobody can take a small number from it, whatever is known of the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clocks import Calendar, Deadline
from domain.figures.asked import FEWEST
from domain.figures.facts import Facts
from domain.figures.outcomes import BY_SIZE, BY_TYPE
from domain.figures.public import PublicRow, published, suppressed, tellable, year_of
from domain.submission import events as e
from tests.domain.given import text

YEAR = year_of("cpd-qa", Calendar(zone="Europe/London"), 2026)
TYPES, SIZES = ("charity", "school", "university"), ("large", "medium", "small")
GROUPS = {BY_TYPE: TYPES, BY_SIZE: SIZES}

counts = st.tuples(st.integers(0, 12), st.integers(0, 12))
tables = st.dictionaries(st.sampled_from("abcdef"), counts, min_size=1, max_size=6)


def total(table: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    return sum(one for one, _ in table.values()), sum(other for _, other in table.values())


@given(tables)
def test_no_small_count_follows_from_the_total_and_what_is_shown(table: dict[str, tuple[int, int]]):
    """The attacker knows the total and every row that is shown, and takes away: what is left belongs to all hidden rows together."""
    everyone = total(table)
    if not tellable(everyone):
        return  # then nothing of the year is told, not even the total
    hidden = suppressed(table)
    shown = {group: pair for group, pair in table.items() if group not in hidden}

    assert all(tellable(pair) for pair in shown.values())
    rest = tuple(everyone[place] - sum(pair[place] for pair in shown.values()) for place in (0, 1))
    filled = [table[group] for group in hidden if sum(table[group])]
    if filled:
        assert len(filled) > 1
        assert min(rest) >= FEWEST


@given(st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=3))
def test_every_hidden_count_could_be_anything_from_none_to_what_is_left(table: dict[str, tuple[int, int]]):
    """Every table is counted out that the attacker must think possible: one that has the same total and the same shown rows."""
    everyone = total(table)
    hidden = sorted(suppressed(table))
    if not tellable(everyone) or not any(sum(table[group]) for group in hidden):
        return
    for place in (0, 1):
        left = everyone[place] - sum(pair[place] for group, pair in table.items() if group not in hidden)
        possible = [row for row in product(range(left + 1), repeat=len(hidden)) if sum(row) == left]
        for number, group in enumerate(hidden):
            values = {row[number] for row in possible}
            assert table[group][place] in values
            assert len(values) > FEWEST


@given(tables)
def test_what_is_hidden_is_no_more_than_needed_for_rows_that_are_large(table: dict[str, tuple[int, int]]):
    if all(tellable(pair) for pair in table.values()):
        assert suppressed(table) == frozenset()


def test_the_one_small_row_takes_the_smallest_of_the_others_with_it():
    table = {"a": (3, 9), "b": (20, 20), "c": (10, 10)}

    assert suppressed(table) == {"a", "c"}


def test_a_group_of_whom_all_came_to_the_same_is_hidden_since_each_is_known_then():
    assert "a" in suppressed({"a": (0, 9), "b": (20, 20), "c": (10, 10)})


@dataclass(frozen=True, slots=True)
class Noted:
    """An event of a log."""

    stream: str
    event: Any
    at: datetime


def course(case: str, kind: str, size: str, outcome: str, at: datetime) -> list[Noted]:
    """A case of a provider of this type and size, from its registration to its result, all at once."""
    registered = e.ProgrammeRegistered(
        submission=case,
        scheme="cpd-qa@1",
        provider="provider-a",
        lead_contact="person-lead",
        category="single-programme",
        subject="science",
        phase="secondary",
        mode="online",
        size_band=size,
        provider_type=kind,
        title=text("A programme"),
        agreement_accepted=True,
        criteria=("1.1", "2.1"),
        clock=Deadline(rule="submit-within", due_at=at + timedelta(days=365), remind_at=()),
        origin="new",
        follows=None,
        accreditation=None,
    )
    decided = e.DecisionRecorded(outcome=outcome, level=None, unmet=(), chair="person-chair")
    return [Noted(case, one, at) for one in (registered, decided, e.ResultReleased(outcome=outcome))]


def told(results: list[tuple[str, str, bool]], *, at: datetime | None = None) -> list[PublicRow]:
    """What is told of results, each of a type, a size, and awarded or not."""
    when, facts = at or YEAR.begins + timedelta(days=40), Facts()
    for number, (kind, size, awarded) in enumerate(results):
        for one in course(f"submission-{number}", kind, size, "awarded" if awarded else "not_awarded", when):
            facts.follow(one)
    return list(published(facts, YEAR, GROUPS))


some_results = st.lists(
    st.tuples(st.sampled_from(TYPES), st.sampled_from(SIZES), st.booleans()), min_size=1, max_size=60
)


@settings(max_examples=60)
@given(some_results)
def test_nothing_told_of_a_year_gives_a_small_count_away_and_each_group_has_a_row(results: list[tuple[str, str, bool]]):
    rows = told(results)

    assert {(one.by, one.group) for one in rows if one.group} == {(by, one) for by, of in GROUPS.items() for one in of}
    whole = next(one for one in rows if one.by == "all")
    for one in rows:
        cells = (one.decided, one.awarded, one.not_awarded, one.share, one.low, one.difference, one.median_days)
        assert one.shown or cells == (None,) * 7
        if one.shown and one.by != "times":  # of which no counts are told
            assert (one.awarded or 0) >= FEWEST
            assert (one.not_awarded or 0) >= FEWEST
    if not whole.shown:
        assert not any(one.shown for one in rows)
    for by in GROUPS:
        table = {one.group: one for one in rows if one.by == by}
        if not whole.shown or all(one.shown for one in table.values()):
            continue
        left = (whole.awarded or 0) - sum(one.awarded or 0 for one in table.values())
        lost = (whole.not_awarded or 0) - sum(one.not_awarded or 0 for one in table.values())
        assert left == lost == 0 or min(left, lost) >= FEWEST


@settings(max_examples=30)
@given(some_results, st.sampled_from(TYPES), st.sampled_from(SIZES))
def test_one_result_more_in_another_year_changes_nothing_of_what_was_told(
    results: list[tuple[str, str, bool]], kind: str, size: str
):
    """Periods don't overlap: who compares two years learns of no case between them."""
    log_of_year = told(results)
    facts = Facts()
    for one in course("submission-z", kind, size, "awarded", YEAR.ends):
        facts.follow(one)

    assert not any(one.shown for one in published(facts, YEAR, GROUPS))
    assert told(results) == log_of_year


def test_a_year_is_the_schemes_own_and_told_three_months_after_it():
    zone = year_of("cpd-qa", Calendar(zone="Pacific/Auckland"), 2026)

    assert zone.begins == datetime(2025, 12, 31, 11, tzinfo=UTC)
    assert zone.ends == datetime(2026, 12, 31, 11, tzinfo=UTC)
    assert zone.settled_at == datetime(2027, 3, 31, 11, tzinfo=UTC)
