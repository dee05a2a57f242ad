"""Statistics are checked against published worked examples, and by what has to hold of any of them."""

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.statistics.agreement import Agreement, agreement, alpha, nominal, ordinal
from domain.statistics.intervals import newcombe, wilson
from domain.statistics.spread import spread

GAP = -1


def units_of(*observers: Sequence[int]) -> list[list[int]]:
    """The units of a table with a row for each observer."""
    return [[one for one in unit if one != GAP] for unit in zip(*observers, strict=True)]


def letters(text: str) -> list[int]:
    return ["abcde".index(one) for one in text]


def interval(counts: Sequence[float]) -> list[list[float]]:
    return [[float(c - k) ** 2 for k in range(len(counts))] for c in range(len(counts))]


def ratio(counts: Sequence[float]) -> list[list[float]]:
    return [[((c - k) / (c + k)) ** 2 if c != k else 0.0 for k in range(len(counts))] for c in range(len(counts))]


FOUR_OBSERVERS = units_of(
    [1, 2, 3, 3, 2, 1, 4, 1, 2, GAP, GAP, GAP],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, GAP, 3],
    [GAP, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, GAP],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, GAP],
)
"""Krippendorff (2011), section D: four observers, twelve units, values 1 to 5, some missing."""


@pytest.mark.parametrize(
    ("metric", "published"),
    [(nominal, 0.743), (ordinal, 0.815), (interval, 0.849), (ratio, 0.797)],
    ids=["nominal", "ordinal", "interval", "ratio"],
)
def test_alpha_is_as_published_for_four_observers_with_missing_values(metric, published: float):
    assert alpha(FOUR_OBSERVERS, metric, 6) == pytest.approx(published, abs=0.0005)


def test_alpha_is_as_published_for_two_observers_without_gaps():
    """Krippendorff (2011), sections A and B."""
    binary = units_of([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0])
    names = units_of(letters("aabbdcccedda"), letters("babbbccceddd"))

    assert alpha(binary, nominal, 2) == pytest.approx(0.095, abs=0.0005)
    assert alpha(names, nominal, 5) == pytest.approx(0.692, abs=0.0005)


def test_alpha_of_nothing_and_of_one_value_alone_is_not_defined():
    assert alpha([], nominal, 3) is None
    assert alpha([[1], [2]], nominal, 3) is None
    assert alpha([[1, 1], [1, 1]], ordinal, 3) is None
    assert agreement([], [nominal], 3) == (Agreement(units=0, alpha=None),)
    assert agreement([[[0, 1]]], [nominal], 3)[0].low is None


def test_what_one_judge_alone_saw_says_nothing_of_agreement_whatever_group_it_stands_in():
    groups = [[[0, 1], [2, 2]], [[1, 1]]]
    beside = [[[0, 1], [2, 2], [0]], [[1, 1]], [[1], []], [[]]]

    assert agreement(beside, [nominal, ordinal], 3) == agreement(groups, [nominal, ordinal], 3)


units = st.lists(st.lists(st.integers(0, 3), max_size=4), min_size=1, max_size=12)


@given(units)
def test_alpha_is_what_its_definition_by_fractions_gives(given_units: list[list[int]]):
    kept = [one for one in given_units if len(one) > 1]
    pairs: dict[tuple[int, int], Fraction] = {}
    for unit in kept:
        for c, k in permutations(unit, 2):
            pairs[c, k] = pairs.get((c, k), Fraction(0)) + Fraction(1, len(unit) - 1)
    counts = [sum((n for (c, _), n in pairs.items() if c == value), Fraction(0)) for value in range(4)]
    total = sum(counts)
    expected = sum(counts[c] * counts[k] for c in range(4) for k in range(4) if c != k)
    found = alpha(given_units, nominal, 4)
    if not expected:
        assert found is None
        return
    observed = sum(n for (c, k), n in pairs.items() if c != k)
    assert found == pytest.approx(float(1 - (total - 1) * observed / expected))


@given(units, st.randoms(use_true_random=False))
def test_alpha_depends_on_no_order_and_is_one_at_most(given_units: list[list[int]], rng: random.Random):
    shuffled = [rng.sample(one, len(one)) for one in rng.sample(given_units, len(given_units))]
    for metric in (nominal, ordinal):
        found = alpha(given_units, metric, 4)
        assert alpha(shuffled, metric, 4) == (found if found is None else pytest.approx(found))
        assert found is None or found <= 1 + 1e-9


def test_perfect_agreement_is_one_and_systematic_disagreement_is_below_zero():
    assert alpha([[0, 0], [1, 1], [2, 2]], ordinal, 3) == 1
    assert (alpha([[0, 2], [2, 0], [0, 2]], nominal, 3) or 0) < 0


def test_a_disagreement_of_ranks_further_apart_weighs_more():
    near = [[0, 0], [1, 1], [2, 2], [3, 3], [0, 1]]
    far = [[0, 0], [1, 1], [2, 2], [3, 3], [0, 3]]

    assert (alpha(near, ordinal, 4) or 0) > (alpha(far, ordinal, 4) or 0)


def test_the_bootstrap_holds_alpha_between_its_ends_and_is_the_same_for_the_same_seed():
    groups = [[one] for one in FOUR_OBSERVERS]

    [_, found] = agreement(groups, [nominal, ordinal], 6)

    assert agreement(groups, [ordinal], 6) == (found,)
    assert found.alpha == alpha(FOUR_OBSERVERS, ordinal, 6)
    assert found.low
    assert found.high
    assert found.alpha
    assert found.low < found.alpha < found.high <= 1
    assert agreement(groups, [ordinal], 6, seed=2) != (found,)


def test_the_ends_of_the_bootstrap_interval_are_as_published_within_what_a_thousand_draws_leave_to_chance():
    """A. Staudt's package icr for R, README: units drawn a thousand times from these data, alpha from 0.435 to 1.00.

    There too alpha is computed anew of each resample. What is published came of draws of its own: it has to lie among the
    ends that our draws lead to. With the expected disagreement kept, as J. Hughes does (R Journal 13/1, 2021: 0.4644), or by
    Krippendorff's algorithm (in the same README: 0.572 to 0.85), the lower end would lie above all of them.
    """
    groups = [[one] for one in FOUR_OBSERVERS]

    found = [agreement(groups, [nominal], 6, seed=seed)[0] for seed in range(60)]

    lows, highs = sorted(one.low or 0 for one in found), sorted(one.high or 0 for one in found)
    assert lows[0] < 0.435 < lows[-1] < 0.4644
    assert highs[30] == 1


def test_the_bootstrap_draws_whole_groups_so_that_units_that_go_together_count_as_less():
    alone = [[[a, b]] for a, b in [(0, 0), (1, 1), (0, 1), (2, 2), (1, 1), (0, 0), (2, 1), (2, 2)]]
    fivefold = [group * 5 for group in alone]
    apart = [[unit] for group in fivefold for unit in group]

    [together], [single] = agreement(fivefold, [nominal], 3), agreement(apart, [nominal], 3)

    assert together.alpha == single.alpha
    assert None not in (together.low, together.high, single.low, single.high)
    assert together.high - together.low > single.high - single.low  # type: ignore[operator]


def test_the_bootstrap_covers_the_truth_about_as_often_as_it_says():
    rng = random.Random(5)
    truth = 0.5  # two judges say the same with probability (1 + truth) / 2 of two equally likely values
    hits = 0
    for number in range(100):
        groups = []
        for _ in range(80):
            first = rng.randrange(2)
            groups.append([[first, first if rng.random() < (1 + truth) / 2 else 1 - first]])
        [found] = agreement(groups, [nominal], 2, seed=number, resamples=200)
        hits += (found.low or 0) <= truth <= (found.high or 0)
    assert 88 <= hits <= 100


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
    ids=["81-of-263", "15-of-148", "0-of-20", "1-of-29"],
)
def test_wilsons_interval_is_as_newcombe_published_it(count: int, total: int, low: float, high: float):
    """R. G. Newcombe, Statistics in Medicine 17 (1998), pages 857 to 872, Table I, method 3."""
    found = wilson(count, total)

    assert (found.low, found.high) == (pytest.approx(low, abs=0.00005), pytest.approx(high, abs=0.00005))


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
    ids=["a", "b", "c", "d", "e", "f", "g", "h"],
)
def test_the_interval_of_a_difference_is_as_newcombe_published_it(one, two, low: float, high: float):
    """R. G. Newcombe, Statistics in Medicine 17 (1998), pages 873 to 890, Table II, method 10."""
    found = newcombe(*one, *two)

    assert (found.low, found.high) == (pytest.approx(low, abs=0.00005), pytest.approx(high, abs=0.00005))


shares = st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


@given(shares, shares)
def test_intervals_hold_their_value_and_keep_to_what_is_possible(one: tuple[int, int], two: tuple[int, int]):
    share, difference = wilson(*one), newcombe(*one, *two)
    turned = newcombe(*two, *one)

    assert 0 <= share.low <= share.value <= share.high <= 1
    assert -1 <= difference.low <= difference.value <= difference.high <= 1
    assert (turned.low, turned.high) == (pytest.approx(-difference.high), pytest.approx(-difference.low))


@pytest.mark.parametrize(("count", "total"), [(0, 0), (3, 2), (-1, 4)], ids=["nothing", "more", "less"])
def test_what_is_no_share_has_no_interval(count: int, total: int):
    with pytest.raises(ValueError, match="is no share"):
        wilson(count, total)


def test_quartiles_lie_between_neighbours_in_proportion():
    found = spread([4, 1, 3, 2])

    assert found
    assert (found.count, found.lower, found.median, found.upper, found.longest) == (4, 1.75, 2.5, 3.25, 4)
    assert spread([]) is None
    one = spread([5.0])
    assert one
    assert (one.lower, one.median, one.upper, one.longest) == (5, 5, 5, 5)


@pytest.mark.parametrize(
    ("values", "published"),
    [
        ([one**2 for one in range(1, 11)], {"lower": 10.75, "median": 30.5, "upper": 60.25, "longest": 100}),
        (range(1, 10), {"lower": 3, "median": 5, "upper": 7, "longest": 9}),
        ([1, 2, 4, 7, 8, 9, 10, 12], {"lower": 3.5}),
        ([4, 8, 9, 11, 16, 17], {"upper": 14.75}),
    ],
    ids=["r-in-pruims-book", "r-in-tibcos-reference", "excels-quartile-inc", "spotfire"],
)
def test_quartiles_are_as_published_of_the_same_definition(values: Sequence[int], published: dict[str, float]):
    """By definition 7 of Hyndman and Fan: R. Pruim, "Foundations and Applications of Statistics", 1.2, `quantile((1:10)^2)`;
    TIBCO Enterprise Runtime for R, `quantile(1:9)`; Microsoft, QUARTILE.INC; TIBCO Spotfire, Percentiles and Quartiles."""
    found = spread(list(values))

    assert {name: getattr(found, name) for name in published} == published


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_quartiles_are_in_order_and_within_the_values(values: list[float]):
    found = spread(values)

    assert found
    assert min(values) <= found.lower <= found.median <= found.upper <= found.longest == max(values)
