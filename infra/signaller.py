"""The signaller tells each case's process what was recorded of it: names of events and positions, and nothing more.

At least once, in order for each case, and for ever: while Temporal or the database is away it waits, and goes on after.
Of several signallers one is active.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from domain.accreditation import AccreditationImported
from domain.ids import PROCESS_ROLE, kind_of
from domain.submission.past_events import DecisionImported
from infra import observing
from infra.deliveries import Deliveries
from infra.settings import Settings
from infra.store.errors import RecordUnavailable
from infra.store.follow import follow
from infra.store.leader import hold_lock
from infra.store.records import PostgresRecords
from infra.temporal import PROCESSES, begin, connect, signal
from services.ports import Recorded
from services.states import fold
from workflows.situation import News, Situation, situation_of

NAME: Final = "signaller"
"""Of its lock, and of its row in `read.positions`."""

BATCH: Final = 500
AHEAD: Final = 2000
"""News read but not delivered; beyond that it reads no further."""
GATHER: Final = 0.03
"""Seconds between two readings: what many people do at once is then read together."""
KEEP_EVERY: Final = 0.25
"""Seconds between two writes of the position; what was delivered after the last is delivered again after a crash."""

BROUGHT: Final = (AccreditationImported, DecisionImported)
"""What came from earlier records."""

_log = structlog.get_logger(__name__)


def run_signaller(
    settings: Settings, records: PostgresRecords, stop: threading.Event, ready: Callable[[], None]
) -> None:
    """Signal until `stop` is set; `ready` is called at once, as to wait for Temporal, or its turn, is part of the work."""
    ready()
    while not stop.is_set():
        with hold_lock(records.datastore.url, NAME, stop) as ended:
            place = _Place(records)
            if place.find(ended):
                _log.info("signaller.active", after=place.position)
                _signal_from(place, settings, records, ended)


def delivered(records: PostgresRecords) -> int:
    """Return the position up to which the processes have been told everything. Raises RecordUnavailable."""
    rows = records.datastore.rows("SELECT position FROM read.positions WHERE name = %s", [NAME])
    return int(rows[0][0]) if rows else 0


def _signal_from(place: "_Place", settings: Settings, records: PostgresRecords, ended: threading.Event) -> None:
    client = asyncio.run(connect(settings, lazy=True))

    brought: dict[str, Situation] = {}

    async def send(case: str, news: Sequence[News]) -> None:
        first = brought.get(case)
        if first and await begin(client, settings.task_queue, case, first):
            news = [one for one in news if one.position > first.position]
        if news:
            await signal(client, settings.task_queue, case, "recorded", list(news))
        brought.pop(case, None)

    with Deliveries(send, place.position) as deliveries:
        observing.watch("signaller_waiting", lambda: deliveries.under_way)
        for recorded in follow(records, place.position, BATCH, ended):
            if recorded:
                brought.update(_brought(recorded))
                deliveries.give(_news(recorded), recorded[-1].position)
            place.keep(deliveries.done)
            ended.wait(GATHER)
            while deliveries.under_way > AHEAD and not ended.wait(0.05):
                place.keep(deliveries.done)
    place.keep(deliveries.done, at_once=True)


def _news(recorded: Sequence[Recorded]) -> list[tuple[str, News]]:
    """What is news to a process: events of its case that are not its own doing, but for what is over as it comes on record."""
    return [
        (one.stream, News(position=one.position, name=one.name))
        for one in recorded
        if kind_of(one.stream) in PROCESSES
        and not (one.role == PROCESS_ROLE and one.actor == one.stream)
        and not (isinstance(one.event, BROUGHT) and one.event.over)
    ]


def _brought(recorded: Sequence[Recorded]) -> Iterator[tuple[str, Situation]]:
    """Where the awards stand that came from earlier records and run on: their processes have nothing to look at first."""
    now = datetime.now(UTC)
    for one in recorded:
        if isinstance(one.event, AccreditationImported) and not one.event.over:
            yield one.stream, situation_of(fold(one.stream, [one]), position=one.position, at=now)


class _Place:
    """How far the signaller has got, as the database keeps it."""

    def __init__(self, records: PostgresRecords) -> None:
        self.position = 0
        self._records = records
        self._kept_at = 0.0

    def find(self, ended: threading.Event) -> bool:
        """Find the place again, however long the database is away; false if `ended` was set before."""
        while not ended.is_set():
            try:
                self.position = delivered(self._records)
            except RecordUnavailable:
                ended.wait(0.5)
            else:
                return True
        return False

    def keep(self, position: int, *, at_once: bool = False) -> None:
        """Keep the place, now and then; not kept while the database is away, as what is told twice does no harm."""
        if position == self.position or (not at_once and time.monotonic() - self._kept_at < KEEP_EVERY):
            return
        try:
            self._records.datastore.rows(
                "INSERT INTO read.positions (name, position) VALUES (%s, %s)"
                " ON CONFLICT (name) DO UPDATE SET position = excluded.position RETURNING position",
                [NAME, position],
            )
        except RecordUnavailable as error:
            _log.warning("signaller.place_not_kept", position=position, error=str(error))
            return
        self.position, self._kept_at = position, time.monotonic()
