"""Years of made-up business for benchmarks and tests: submissions from registration to renewal, the same for the same seed.

The events are those that the domain's decisions would give, interleaved in time as the cases of many providers are.
"""

import heapq
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg

from bench.stories import Case, Step, story
from domain.events import STORED_NAMES
from domain.ids import derived_id
from infra.store.envelope import Codec
from services.ports import Command, Recorded

BEGIN: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY: Final = timedelta(days=1)


def recorded(cases: int, *, seed: int = 1, days: float = 300.0, limit: int | None = None) -> list[Recorded]:
    """Return the events of `cases` submissions, begun over so many `days`, as the log would hold them; the first `limit`.

    Positions begin at 1, versions at 1 in each stream. Everything is recorded at the instant at which it holds.
    """
    log: list[Recorded] = []
    versions: dict[str, int] = {}
    for step in _merged(cases, seed, days):
        for event in step.events:
            if len(log) == limit:
                return log
            position, version = len(log) + 1, versions.get(step.stream, 0) + 1
            versions[step.stream] = version
            log.append(
                Recorded(
                    position=position,
                    stream=step.stream,
                    version=version,
                    recorded_at=step.at,
                    id=f"{position:032x}",
                    name=STORED_NAMES[type(event)],
                    event=event,
                    at=step.at,
                    actor=step.actor,
                    role=step.role,
                    command=f"command-{position}",
                    correlation=step.stream,
                    causation=None,
                    scheme=None,
                )
            )
    return log


def insert(admin_url: str, events: Iterable[Recorded], codec: Codec) -> None:
    """Copy `events` of new streams into the record as a superuser, past `append`, since there are many.

    Positions are given anew, in the order of `events`.
    """
    target = "COPY record.events (originator_id, originator_version, topic, state, recorded_at) FROM STDIN"
    with psycopg.connect(admin_url) as connection, connection.cursor() as cursor, cursor.copy(target) as copy:
        for one in events:
            command = Command(id=one.command, actor=one.actor, role=one.role, at=one.at)
            state = codec.encode(one.event, command, correlation=one.stream, scheme=one.scheme, event_id=one.id)
            copy.write_row((one.stream, one.version, one.name, state, one.recorded_at))


@dataclass(order=True, slots=True)
class _Next:
    """The next step of a case's story, in the order of instants."""

    at: datetime
    number: int
    step: Step = field(compare=False)
    rest: Iterator[Step] = field(compare=False)


def _merged(cases: int, seed: int, days: float) -> Iterator[Step]:
    waiting = []
    for number in range(cases):
        rest = story(_case(number, cases, seed, BEGIN + number / cases * days * DAY))
        step = next(rest)
        waiting.append(_Next(step.at, number, step, rest))
    heapq.heapify(waiting)
    while waiting:
        current = heapq.heappop(waiting)
        yield current.step
        if following := next(current.rest, None):
            heapq.heappush(waiting, _Next(following.at, current.number, following, current.rest))


def _case(number: int, cases: int, seed: int, at: datetime) -> Case:
    rng = random.Random(f"{seed} {number}")  # noqa: S311 - made-up data
    provider = rng.randrange(1 + cases // 4)
    return Case(
        id=derived_id("submission", str(seed), str(number)),
        rng=rng,
        provider=derived_id("provider", str(provider)),
        lead=derived_id("person", "lead", str(provider)),
        at=at,
    )
