"""The steps of many cases in the order of their instants, as the log of a body with many providers has them."""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from domain.ids import derived_id
from infra.generate.case import DAY, Case, Step, member
from infra.generate.stories import story


@dataclass(order=True, slots=True)
class _Next:
    """The next step of a case's story, in the order of instants."""

    at: datetime
    number: int
    step: Step = field(compare=False)
    rest: Iterator[Step] = field(compare=False)


def steps(
    cases: int,
    *,
    seed: int,
    begin: datetime,
    days: float,
    until: datetime | None = None,
    begun: Callable[[int], object] = lambda _: None,
) -> Iterator[Step]:
    """Yield the steps of `cases` submissions begun over so many `days` from `begin` on (UTC), those up to `until`.

    `begun` is told, as the steps go by, how many cases have begun.
    """
    waiting: list[_Next] = []
    for number in range(cases + 1):
        at = begin + number / cases * days * DAY
        while waiting and (number == cases or waiting[0].at <= at):
            current = heapq.heappop(waiting)
            if until and current.at > until:
                continue
            yield current.step
            if following := next(current.rest, None):
                heapq.heappush(waiting, _Next(following.at, current.number, following, current.rest))
        if number < cases:
            rest = story(_case(number, cases, seed, at))
            step = next(rest)
            heapq.heappush(waiting, _Next(step.at, number, step, rest))
            begun(number + 1)


def run_of(seed: int) -> str:
    """The name that the ids of a seed's people, windows and cases are made from."""
    return f"generated/{seed}"


def _case(number: int, cases: int, seed: int, at: datetime) -> Case:
    run, rng = run_of(seed), random.Random(f"{seed} {number}")  # noqa: S311 - made-up data
    provider = rng.randrange(1 + cases // 4)
    return Case(
        id=derived_id("submission", run, str(number)),
        run=run,
        rng=rng,
        provider=derived_id("provider", run, str(provider)),
        lead=member(run, "lead", provider),
        at=at,
    )
