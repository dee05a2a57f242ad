"""A read model is built anew beside the one in use and then put in its place, while both queries and the projector go on."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
import structlog
from psycopg import Connection

from infra.read_models import Copy, advance, complete, connect, create, lag, swap
from infra.store.errors import RecordUnavailable
from infra.store.leader import hold_lock
from infra.store.records import PostgresRecords
from projections.model import ReadModel

BATCH: Final = 5000
"""Events a transaction."""

PAUSE: Final = 0.5
"""Seconds between two attempts to put a model in its place while queries hold it."""

Progress = Callable[[int, int], None]
"""Is told how far a build has got: a position in the log, and the last one."""

_log = structlog.get_logger(__name__)


def rebuild(
    records: PostgresRecords,
    models: Sequence[ReadModel],
    stop: threading.Event,
    progress: Progress = lambda *_: None,
) -> bool:
    """Build `models` anew, all in one pass over the log, and put them in use; return False if `stop` was set before.

    One rebuild runs at a time, others wait. Raises RecordUnavailable when the database is lost: what was in use still
    is, and the next rebuild begins afresh.
    """
    if not models:
        return True
    with hold_lock(records.datastore.url, "rebuild", stop) as ended:
        done = not ended.is_set() and _rebuild(records, models, ended, progress)
    if not done and not stop.is_set():
        raise RecordUnavailable("the rebuild lost its lock")
    return done


def _rebuild(records: PostgresRecords, models: Sequence[ReadModel], ended: threading.Event, progress: Progress) -> bool:
    names = [model.name for model in models]
    with connect(records.datastore.url) as connection:
        _log.info("rebuild.started", models=names)
        create(connection, models)
        if not _catch_up(records, connection, models, ended, progress):
            return False
        complete(connection, models)
        for model in models:
            while not _put_in_use(records, connection, model):
                if ended.wait(PAUSE):
                    return False
    _log.info("rebuild.finished", models=names)
    return True


def _catch_up(
    records: PostgresRecords,
    connection: Connection[Any],
    models: Sequence[ReadModel],
    ended: threading.Event,
    progress: Progress,
) -> bool:
    """Apply the log from its beginning until its end is reached; return False if `ended` was set before."""
    copies = [Copy(model, building=True) for model in models]
    position, last = 0, records.max_position()
    while not ended.is_set():
        events = records.read_log(position, BATCH)
        if events:
            advance(connection, copies, events, after=position)
            position = events[-1].position
        progress(position, max(position, last))
        if len(events) < BATCH:
            return True
    return False


def _put_in_use(records: PostgresRecords, connection: Connection[Any], model: ReadModel) -> bool:
    """Apply what the model in use has seen and the new one has not, and swap; return False if that is to be tried again.

    The projector can't move the model meanwhile, so the new one never shows less than the one before.
    """
    try:
        with connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '1s'")
            built, in_use = lag(connection, model)
            if built < in_use:
                events = records.read_log(built, BATCH)
                advance(connection, [Copy(model, building=True)], events, after=built)
                if events[-1].position < in_use:
                    return False
            swap(connection, model)
            return True
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
        _log.info("rebuild.waiting", model=model.name, reason="queries are using it")
        return False
