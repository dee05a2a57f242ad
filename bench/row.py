"""One line of a benchmark: a value beside its base, both measured in turns, and the ratio that it must keep."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`value` and `base` are in `unit`. The ratio value / base must be at most `target`, or at least, with `at_least`."""

    what: str
    unit: str
    value: float
    base: float
    target: float
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """Value over base."""
        return self.value / self.base

    @property
    def is_met(self) -> bool:
        """Whether the ratio keeps the target."""
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target

    def __str__(self) -> str:
        sign, verdict = ("≥" if self.at_least else "≤"), ("ok" if self.is_met else "MISS")
        value, base = f"{self.value:,.4g} {self.unit}", f"{self.base:,.4g} {self.unit}"
        return f"{self.what} | {value} | {base} | {self.ratio:.2f} | {sign} {self.target:g} | {verdict}"


def in_turns(rounds: int, base: Callable[[], float], value: Callable[[], float]) -> tuple[float, float]:
    """Measure `base` and `value` in turns, so that both meet the same disturbances; return the median of each.

    Each measures itself and returns its figure; the first round warms up and does not count.
    """
    measured = [(base(), value()) for _ in range(rounds + 1)][1:]
    return statistics.median(b for b, _ in measured), statistics.median(v for _, v in measured)


def median_seconds(calls: int, call: Callable[[int], object]) -> float:
    """Return the median time of `call(0)`, `call(1)`, …, `calls` of them one after the other."""
    times = []
    for number in range(calls):
        started = time.perf_counter()
        call(number)
        times.append(time.perf_counter() - started)
    return statistics.median(times)
