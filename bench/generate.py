"""Years of made-up business for benchmarks and tests: submissions from registration to renewal, the same for the same seed.

The events are what the domain's decisions would give, interleaved in time as cases of many providers are.
"""

import heapq
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

import psycopg

from domain.accreditation import AccreditationAwarded, AccreditationLapsed, AccreditationRenewed
from domain.assignment import Considered
from domain.clocks import Deadline, DeadlineMissed, ReminderSent
from domain.ids import derived_id
from domain.meeting import MeetingOpened, MeetingScheduled, MinutesSigned
from domain.person import AttemptRefused, WorkReleased, WorkTaken
from domain.submission import events as e
from domain.texts import TextRef
from domain.window import PlaceTaken
from infra.store.envelope import Codec
from services.ports import Command, Recorded

BEGIN: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
SCHEME: Final = "cpd-qa@1"
CRITERIA: Final = ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3")
SUBJECTS: Final = ("general", "mathematics", "science", "english")
DAY: Final = timedelta(days=1)

Step = tuple[timedelta, str, str, str, list[Any]]
"""How long after the step before, then stream, actor, role and events."""


@dataclass(frozen=True, slots=True)
class _Case:
    """Whom a made-up submission is about."""

    id: str
    number: int
    rng: random.Random
    provider: str
    lead: str
    assessor: str
    chair: str

    def text(self, field: str) -> TextRef:
        return TextRef(id=derived_id("text", self.id, field), digest="0" * 64)


def recorded(cases: int, *, seed: int = 1, first: int = 0, days: float = 400.0) -> list[Recorded]:
    """Return the events of `cases` submissions, numbered from `first`, begun over `days`, as the log would hold them.

    Positions begin at 1, versions at 1 in each stream; `recorded_at` is when it holds, as without any delay.
    """
    versions: dict[str, int] = {}
    log = []
    for at, stream, actor, role, events in _merged(cases, seed=seed, first=first, days=days):
        for event in events:
            versions[stream] = versions.get(stream, 0) + 1
            log.append(_recorded(len(log) + 1, stream, versions[stream], at, actor, role, event))
    return log


def insert(admin_url: str, events: Iterable[Recorded], codec: Codec) -> int:
    """Copy `events` into the record as a superuser, around `append`, because there are many; return how many there were.

    Positions are given anew, in the order of `events`. The streams must be new.
    """
    number = 0
    copy_in = "COPY record.events (originator_id, originator_version, topic, state, recorded_at) FROM STDIN"
    with psycopg.connect(admin_url) as connection, connection.cursor() as cursor, cursor.copy(copy_in) as copy:
        for number, one in enumerate(events, start=1):
            command = Command(id=one.command, actor=one.actor, role=one.role, at=one.at)
            state = codec.encode(one.event, command, correlation=one.stream, scheme=one.scheme, event_id=one.id)
            copy.write_row((one.stream, one.version, one.name, state, one.recorded_at))
    return number


def _recorded(position: int, stream: str, version: int, at: datetime, actor: str, role: str, event: Any) -> Recorded:
    from domain.events import STORED_NAMES

    return Recorded(
        position=position,
        stream=stream,
        version=version,
        recorded_at=at,
        id=f"{position:032x}",
        name=STORED_NAMES[type(event)],
        event=event,
        at=at,
        actor=actor,
        role=role,
        command=f"command-{position}",
        correlation=stream,
        causation=None,
        scheme=SCHEME,
    )


def _merged(
    cases: int, *, seed: int, first: int, days: float
) -> Iterator[tuple[datetime, str, str, str, list[Any]]]:
    """Yield the steps of all cases in the order of their instants."""
    order = count()
    stories: list[tuple[datetime, int, Iterator[Step], Step]] = []
    for number in range(first, first + cases):
        rng = random.Random(f"{seed} {number}")  # noqa: S311 - made-up data
        case = _Case(
            id=derived_id("submission", str(seed), str(number)),
            number=number,
            rng=rng,
            provider=derived_id("provider", str(rng.randrange(1 + cases // 4))),
            lead=derived_id("person", "lead", str(rng.randrange(1 + cases // 4))),
            assessor=derived_id("person", "assessor", str(rng.randrange(40))),
            chair=derived_id("person", "chair", str(rng.randrange(8))),
        )
        begin = BEGIN + (number - first) / cases * days * DAY
        story = _story(case, begin)
        step = next(story)
        heapq.heappush(stories, (begin + step[0], next(order), story, step))
    while stories:
        at, _, story, (_, stream, actor, role, events) = heapq.heappop(stories)
        yield at, stream, actor, role, events
        following = next(story, None)
        if following:
            heapq.heappush(stories, (at + following[0], next(order), story, following))
