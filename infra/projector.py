"""The projector turns the log into the read models, as it grows; of several processes one is active.

A read model that isn't there, or was made by an earlier definition, is built on the side, while the others go on.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import structlog
from psycopg import Connection

from infra import observing
from infra.read_models import LOOK, Copy, advance, connect, positions
from infra.rebuild import BATCH, rebuild
from infra.store.errors import RecordUnavailable
from infra.store.follow import follow
from infra.store.leader import RETRY, hold_lock
from infra.store.records import PostgresRecords
from projections.catalogue import READ_MODELS
from projections.model import ReadModel

NAME: Final = "projector"
"""Of its lock."""
READY_WITHIN: Final = 10.0
"""Seconds that a starting projector waits for read models to be built before it counts as ready all the same."""

_log = structlog.get_logger(__name__)


def run_projector(
    records: PostgresRecords,
    stop: threading.Event,
    ready: Callable[[], None] = lambda: None,
    *,
    models: Sequence[ReadModel] = READ_MODELS,
) -> None:
    """Keep the tables of `models` up to date until `stop` is set; waits out a database that is gone.

    `ready` is called once, from another thread, when all models can be queried, whoever keeps them, or after
    `READY_WITHIN` seconds when building them takes longer. Raises what a model's `apply` raises, and DamagedRecord.
    """
    url = records.datastore.url
    threading.Thread(target=_tell_ready, args=(url, models, stop, ready), name="ready", daemon=True).start()
    while not stop.is_set():
        with hold_lock(url, NAME, stop) as ended:
            try:
                _project(records, models, ended)
            except RecordUnavailable as error:
                _log.warning("projector.interrupted", reason=str(error))
                stop.wait(RETRY)


def catch_up(records: PostgresRecords, models: Sequence[ReadModel] = READ_MODELS) -> None:
    """Bring the tables of `models` to the end of the log, once, for whoever reads them while no projector runs.

    Raises RecordUnavailable when the database can't be reached or is lost.
    """
    copies = [Copy(model) for model in models]
    with connect(records.datastore.url) as connection:
        there = positions(connection, copies)
        rebuild(records, [copy.model for copy in copies if copy.name not in there], threading.Event())
        after = min(positions(connection, copies).values())
        while events := records.read_log(after, BATCH):
            advance(connection, copies, events, after=after)
            after = events[-1].position


def _project(records: PostgresRecords, models: Sequence[ReadModel], ended: threading.Event) -> None:
    copies = [Copy(model) for model in models]
    with connect(records.datastore.url) as connection:
        there = positions(connection, copies)
        outdated = [copy.model for copy in copies if copy.name not in there]
        with _rebuilding(records, outdated) as build:
            while not ended.is_set():
                seen = positions(connection, copies).values()
                if seen:
                    _follow(records, connection, copies, ended, build, after=min(seen))
                else:
                    ended.wait(LOOK)
                    _raise_failure(build)


def _follow(
    records: PostgresRecords,
    connection: Connection[Any],
    copies: Sequence[Copy],
    ended: threading.Event,
    build: Future[bool],
    *,
    after: int,
) -> None:
    """Apply the log from position `after` on, until `ended` is set or a model comes into use that has not got so far."""
    for events in follow(records, after, BATCH, ended):
        _raise_failure(build)
        if events:
            with observing.timed("projector_batch_seconds"):
                if not advance(connection, copies, events, after=after):
                    return
            observing.count("projector_events", len(events))
            after = events[-1].position
        elif min(positions(connection, copies).values(), default=after) < after:
            return


@contextmanager
def _rebuilding(records: PostgresRecords, models: Sequence[ReadModel]) -> Iterator[Future[bool]]:
    """Rebuild `models` on a thread, as long as the block lasts."""
    halt = threading.Event()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="rebuild") as pool:
        try:
            yield pool.submit(rebuild, records, models, halt)
        finally:
            halt.set()


def _raise_failure(build: Future[bool]) -> None:
    if build.done():
        build.result()


def _tell_ready(url: str, models: Sequence[ReadModel], stop: threading.Event, ready: Callable[[], None]) -> None:
    copies = [Copy(model) for model in models]
    limit = None
    while not stop.is_set():
        try:
            with connect(url) as connection:
                limit = limit or time.monotonic() + READY_WITHIN
                while len(positions(connection, copies)) < len(copies) and time.monotonic() < limit:
                    if stop.wait(LOOK):
                        return
            ready()
        except RecordUnavailable:
            stop.wait(RETRY)
        else:
            return
