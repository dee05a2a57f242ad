"""Shares and their 95 % intervals: what a share seen in few cases can be in truth, and whether two of them really differ."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

Z: Final = NormalDist().inv_cdf(0.975)
"""The standard normal deviate of a two-sided 95 % interval, 1.96."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A share, or a difference of shares, with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(count: int, total: int) -> Estimate:
    """The share `count` of `total` (1 or more) with Wilson's score interval, without continuity correction.

    Source: E. B. Wilson (1927); method 3 of R. G. Newcombe, "Two-sided confidence intervals for the single proportion",
    Statistics in Medicine 17 (1998). It assumes that the `total` are independent of each other.
    """
    _check(count, total)
    share, square = count / total, Z * Z
    middle = 2 * count + square
    half = Z * sqrt(square + 4 * count * (1 - share))
    # At its ends it is exactly 0 or 1, which rounding would miss by a little.
    low = 0.0 if count == 0 else (middle - half) / (2 * (total + square))
    high = 1.0 if count == total else (middle + half) / (2 * (total + square))
    return Estimate(value=share, low=low, high=high)


def newcombe(count: int, total: int, other: int, others: int) -> Estimate:
    """The difference `count` / `total` - `other` / `others` with the hybrid score interval.

    Source: method 10 of R. G. Newcombe, "Interval estimation for the difference between independent proportions",
    Statistics in Medicine 17 (1998): the square-and-add of two Wilson intervals, without continuity correction.
    """
    one, two = wilson(count, total), wilson(other, others)
    difference = one.value - two.value
    return Estimate(
        value=difference,
        low=difference - sqrt((one.value - one.low) ** 2 + (two.high - two.value) ** 2),
        high=difference + sqrt((one.high - one.value) ** 2 + (two.value - two.low) ** 2),
    )


def _check(count: int, total: int) -> None:
    if not 0 <= count <= total or total < 1:
        raise ValueError(f"{count} of {total} is no share")
