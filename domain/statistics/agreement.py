"""Krippendorff's alpha: how far judges agree beyond what chance would give, for any number of them and with gaps.

Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011); the bootstrap is the percentile bootstrap of
B. Efron and R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13: whole units are drawn, and alpha is computed
anew of each resample, what chance would give included. That is the standard approach of A. Zapf and others, "Measuring
inter-rater reliability for nominal data", BMC Medical Research Methodology 16:93 (2016), who found Krippendorff's own
algorithm, which draws single pairs and keeps the expected disagreement, to hold the truth in some 60 of 100 cases, not 95.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import lcm
from typing import Final

Unit = Sequence[int]
"""The values that one thing was given, each 0 or more, by whoever judged it; who did not is simply not there."""
Metric = Callable[[Sequence[float]], Sequence[Sequence[float]]]
"""From how often each value occurs (n of them) to the n × n squared differences between values."""

SEED: Final = 1998
RESAMPLES: Final = 1000
DRAWS: Final = 1_000_000
"""Of many groups fewer resamples are drawn, so that this many groups at most are: the more there are, the fewer are needed."""
FEWEST: Final = 200


def nominal(counts: Sequence[float]) -> list[list[float]]:
    """Values are the same, or they are not."""
    return [[float(c != k) for k in range(len(counts))] for c in range(len(counts))]


def ordinal(counts: Sequence[float]) -> list[list[float]]:
    """Values are ranks: the further apart, the more of all values lie between them (half of the two themselves)."""
    return [
        [
            (sum(counts[min(c, k) : max(c, k) + 1]) - (counts[c] + counts[k]) / 2) ** 2 if c != k else 0.0
            for k in range(len(counts))
        ]
        for c in range(len(counts))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Alpha of `units` with at least two values each: 1 is perfect, 0 as by chance, below 0 worse.

    None where nothing can be said: no unit, or all values the same. `low` and `high` are the 95 % bootstrap interval, None
    where fewer than two groups were drawn from.
    """

    units: int
    alpha: float | None
    low: float | None = None
    high: float | None = None


def alpha(units: Iterable[Unit], metric: Metric, size: int) -> float | None:
    """Return alpha of `units` on a scale of `size` values (0 to size - 1); None where it is not defined.

    Units with fewer than two values say nothing and are left out (Krippendorff 2011, step by step C).
    """
    kept = [one for one in units if len(one) > 1]
    common = _common(kept)
    return _alpha(_coincidences(kept, size, common), metric, size, common)


def agreement(
    groups: Sequence[Sequence[Unit]],
    metrics: Sequence[Metric],
    size: int,
    *,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> tuple[Agreement, ...]:
    """Alpha of all units by each metric, with the interval that resampling `groups`, each with all of its units, gives.

    The bootstrap of units where each group is one unit. Units that depend on each other, such as the criteria of one
    submission, stand in one group: drawn one by one they would make the interval too narrow. The same seed gives the same
    interval; resamples for which alpha is not defined are left out.
    """
    kept = [[one for one in group if len(one) > 1] for group in groups]
    kept = [group for group in kept if group]
    units = [one for group in kept for one in group]
    common = _common(units)
    whole = _coincidences(units, size, common)
    drawn = list(_resampled(kept, size, common, seed=seed, resamples=resamples)) if len(kept) > 1 else []
    found = []
    for metric in metrics:
        values = sorted(one for table in drawn if (one := _alpha(table, metric, size, common)) is not None)
        value = _alpha(whole, metric, size, common)
        low, high = (None, None) if value is None else (_percentile(values, 0.025), _percentile(values, 0.975))
        found.append(Agreement(units=len(units), alpha=value, low=low, high=high))
    return tuple(found)


def _resampled(
    groups: Sequence[Sequence[Unit]], size: int, common: int, *, seed: int, resamples: int
) -> Iterator[list[list[int]]]:
    """The tables of coincidences of as many groups, drawn with replacement, again and again.

    A group's table is packed into one whole number, a field a cell, so that a resample is added up by `sum`.
    """
    tables = [_coincidences(group, size, common) for group in groups]
    width = (len(tables) * max(sum(map(sum, table)) for table in tables)).bit_length()
    packed = [_packed(table, width) for table in tables]
    draw = random.Random(seed)  # noqa: S311 - a resample, no secret
    for _ in range(max(min(resamples, DRAWS // len(packed)), min(resamples, FEWEST))):
        yield _unpacked(sum(draw.choices(packed, k=len(packed))), size, width)


def _common(units: Sequence[Unit]) -> int:
    """What makes the weights 1 / (m - 1) of pairs in units of m values whole numbers; alpha does not depend on it."""
    return lcm(*(len(one) - 1 for one in units))


def _coincidences(units: Iterable[Unit], size: int, common: int) -> list[list[int]]:
    """How often each pair of values stands in one unit, in either order (size × size), times `common`."""
    table = [[0] * size for _ in range(size)]
    for unit in units:
        weight = common // (len(unit) - 1)
        for c, k in permutations(unit, 2):
            table[c][k] += weight
    return table


def _alpha(table: Sequence[Sequence[int]], metric: Metric, size: int, common: int) -> float | None:
    """1 - observed / expected disagreement (Krippendorff 2011, step E), from a table that is `common` times too large."""
    counts = [float(sum(row)) for row in table]
    total = sum(counts)
    if not total:
        return None
    delta = metric(counts)
    cells = [(c, k) for c in range(size) for k in range(size) if c != k]
    expected = sum(counts[c] * counts[k] * delta[c][k] for c, k in cells)
    if not expected:
        return None
    observed = sum(table[c][k] * delta[c][k] for c, k in cells)
    return 1 - (total - common) * observed / expected


def _packed(table: Sequence[Sequence[int]], width: int) -> int:
    packed = 0
    for row in table:
        for cell in row:
            packed = (packed << width) | cell
    return packed


def _unpacked(packed: int, size: int, width: int) -> list[list[int]]:
    mask = (1 << width) - 1
    cells = [(packed >> (width * place)) & mask for place in reversed(range(size * size))]
    return [cells[row * size : (row + 1) * size] for row in range(size)]


def _percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which this share of sorted `values` lies, between neighbours in proportion: definition 7, as in `spread`."""
    if not values:
        return None
    place = share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)
