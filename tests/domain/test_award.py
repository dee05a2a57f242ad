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


FOUR = ("a", "b", "c", "d")
SECTIONS = {"a": "1", "b": "1", "c": "2", "d": "2"}


def counted(award: AwardLevel, **levels: str) -> Outcome:
    return compute_outcome((award,), SCALE, levels, [one for one in FOUR if one in levels], sections=SECTIONS)


def test_where_each_section_counts_enough_in_one_does_not_make_up_for_another():
    award = AwardLevel(name="mark", form="in-each-section", level="most", at_least=1)

    assert counted(award, a="most", b="none", c="all", d="none").outcome == "awarded"
    assert counted(award, a="all", b="all", c="some", d="some") == Outcome(
        outcome="not_awarded", level=None, unmet=("c", "d")
    )


def test_where_fewer_are_judged_than_a_rule_counts_all_of_them_count():
    award = AwardLevel(name="mark", form="in-each-section", level="most", at_least=2)

    assert counted(award, a="most").outcome == "awarded"
    assert counted(award, a="some").outcome == "not_awarded"
    assert counted(award, a="most", b="none").outcome == "not_awarded"


def test_where_there_is_a_core_all_of_it_counts_and_enough_of_the_others():
    award = AwardLevel(name="mark", form="core-and-others", level="most", at_least=1, core=("a", "b"))

    assert counted(award, a="most", b="most", c="none", d="most").outcome == "awarded"
    assert counted(award, a="most", b="some", c="all", d="all").unmet == ("b",)
    assert counted(award, a="all", b="all", c="some", d="some").outcome == "not_awarded"
    assert counted(award, a="most", c="most").outcome == "awarded"


def test_where_one_level_was_applied_for_no_other_is_awarded():
    levels = dict.fromkeys(CRITERIA, "most")

    def applied_for(name: str) -> Outcome:
        return compute_outcome((BRONZE, SILVER, GOLD), SCALE, levels, CRITERIA, applied_for=name)

    assert applied_for("bronze").level == "bronze"
    assert applied_for("silver").level == "silver"
    assert applied_for("gold") == Outcome(outcome="not_awarded", level=None, unmet=CRITERIA)
