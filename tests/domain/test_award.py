"""The award rule: the outcome follows from the final judgements, and from nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.award import AwardLevel, Outcome, compute_outcome

SCALE = ("none", "some", "most", "all")
BRONZE, SILVER, GOLD = (
    AwardLevel(name=name, form="every-criterion-at-least", level=level)
    for name, level in (("bronze", "some"), ("silver", "most"), ("gold", "all"))
)
CRITERIA = ("a", "b", "c")


def outcome(*levels: str, awards: tuple[AwardLevel, ...] = (BRONZE, SILVER, GOLD)) -> Outcome:
    return compute_outcome(awards, SCALE, dict(zip(CRITERIA, levels, strict=False)), CRITERIA[: len(levels)])


@pytest.mark.parametrize(
    ("levels", "level"),
    [(("all", "all", "all"), "gold"), (("all", "most", "all"), "silver"), (("some", "all", "all"), "bronze")],
)
def test_the_level_awarded_is_the_highest_that_every_criterion_reached(levels: tuple[str, ...], level: str):
    assert outcome(*levels) == Outcome(outcome="awarded", level=level, unmet=())


def test_one_criterion_below_the_lowest_award_means_none_and_is_named():
    assert outcome("all", "none", "all") == Outcome(outcome="not_awarded", level=None, unmet=("b",))


def test_where_there_is_one_level_of_award_what_falls_short_of_it_is_unmet():
    assert outcome("most", "all", "some", awards=(GOLD,)).unmet == ("a", "c")


def test_there_is_no_outcome_while_a_criterion_is_not_judged():
    with pytest.raises(KeyError):
        compute_outcome((GOLD,), SCALE, {"a": "all"}, CRITERIA)


def test_judgements_of_other_criteria_do_not_count():
    assert compute_outcome((GOLD,), SCALE, {"a": "all", "z": "none"}, ("a",)).outcome == "awarded"


@given(st.lists(st.sampled_from(SCALE), min_size=3, max_size=3), st.integers(0, 2), st.sampled_from(SCALE))
def test_a_better_judgement_never_makes_the_outcome_worse(levels: list[str], place: int, other: str):
    order = [None, "bronze", "silver", "gold"]
    better = list(levels)
    better[place] = max(levels[place], other, key=SCALE.index)

    before, after = outcome(*levels), outcome(*better)

    assert order.index(before.level) <= order.index(after.level)
    assert set(after.unmet) <= set(before.unmet)
    assert (before.outcome == "awarded") == (before.level is not None) == (not before.unmet)
