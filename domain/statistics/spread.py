"""How a set of lengths of time spreads: its quartiles and its longest."""

from collections.abc import Collection
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Of `count` values: the lower quartile, the median, the upper quartile, and the longest, in the values' own unit."""

    count: int
    lower: float
    median: float
    upper: float
    longest: float


def spread(values: Collection[float]) -> Spread | None:
    """Return how `values` spread; None of nothing.

    Quartiles lie between neighbours in proportion, the least and the longest being the 0th and the 100th percentile:
    definition 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages" (1996), as R gives them, and
    spreadsheets as QUARTILE.INC. The NIST/SEMATECH e-Handbook (7.2.6.2) works its example by definition 6, whose quartiles
    lie further apart, and names this one as the other in use.
    """
    if not values:
        return None
    ordered = sorted(values)
    lower, median, upper = quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else ordered * 3
    return Spread(count=len(ordered), lower=lower, median=median, upper=upper, longest=ordered[-1])
