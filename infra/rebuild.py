"""A read model is built anew beside the one in use and then put in its place, while both queries and the projector go on.

Where the log is long two processes build, each a part of the models.
"""

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import structlog
from psycopg import Connection

from domain.events import NAMES, UPCASTERS
from infra.read_models import Copy, advance, complete, connect, create, lag, swap
from infra.store.envelope import Codec
from infra.store.errors import RecordUnavailable
from infra.store.leader import hold_lock
from infra.store.records import PostgresRecords
from projections.catalogue import READ_MODELS
from projections.model import ReadModel

BATCH: Final = 10_000
"""Events a transaction."""

LONG: Final = 20_000
"""Positions of the log from which on a second process is worth its start."""
OTHERS: Final = frozenset({"board", "composition", "development", "directory", "parts", "texts", "touched"})
"""What the second process builds: about half of the work, as measured."""

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
        if not build(records, connection, models, ended, progress):
            return False
        for model in models:
            while not _put_in_use(records, connection, model):
                if ended.wait(PAUSE):
                    return False
    _log.info("rebuild.finished", models=names)
    return True


def build(
    records: PostgresRecords,
    connection: Connection[Any],
    models: Sequence[ReadModel],
    ended: threading.Event,
    progress: Progress = lambda *_: None,
    *,
    until: int | None = None,
) -> bool:
    """Apply the log to the new tables of `models`, up to position `until`, or to its end, whereafter they are to be used.

    Two processes do it where that is worth it. Returns False if `ended` was set before.
    """
    with _shared(records, models, ended, until) as own, _unhindered():
        if not _catch_up(records, connection, own, ended, progress, until=until):
            return False
        if until is None:
            complete(connection, own)
    return not ended.is_set()


@contextmanager
def _shared(
    records: PostgresRecords, models: Sequence[ReadModel], ended: threading.Event, until: int | None
) -> Iterator[Sequence[ReadModel]]:
    """Have another process build its part where that is worth it; yields what is left, and waits in the end, until `ended`.

    Raises RuntimeError where the other process fails; it says on its own why.
    """
    others = [one for one in models if one.name in OTHERS and one in READ_MODELS]
    own = [one for one in models if one not in others]
    if not others or not own or records.max_position() < LONG or (os.cpu_count() or 1) < 2:
        yield models
        return
    # Spawned, not forked: whoever asks may have threads and connections, which a copy of it would share.
    arguments = records.datastore.url, [one.name for one in others], until
    process = multiprocessing.get_context("spawn").Process(target=_build, args=arguments, daemon=True)
    process.start()
    try:
        yield own
        while process.is_alive() and not ended.is_set():
            process.join(0.1)
        if process.exitcode and not ended.is_set():
            raise RuntimeError(f"the process that builds {', '.join(sorted(OTHERS))} failed ({process.exitcode})")
    finally:
        process.terminate()
        process.join()


def _build(url: str, names: Sequence[str], until: int | None) -> None:
    """What the other process does: build its models as far as `build` says, unless who started it is gone."""
    parent, gone = multiprocessing.parent_process(), threading.Event()
    models = [one for one in READ_MODELS if one.name in names]

    def look(_position: int, _last: int) -> None:
        if parent is None or not parent.is_alive():
            gone.set()

    codec = Codec(NAMES, UPCASTERS)
    with PostgresRecords(url, codec, pool_size=1) as records, connect(url) as connection, _unhindered():
        if _catch_up(records, connection, models, gone, look, until=until) and until is None:
            complete(connection, models)


@contextmanager
def _unhindered() -> Iterator[None]:
    """Nothing is looked through for garbage meanwhile: the many rows that are made hold none that goes in circles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _catch_up(
    records: PostgresRecords,
    connection: Connection[Any],
    models: Sequence[ReadModel],
    ended: threading.Event,
    progress: Progress,
    *,
    until: int | None,
) -> bool:
    """Apply the log from its beginning to position `until`, or its end; return False if `ended` was set before."""
    copies = [Copy(model, building=True) for model in models]
    position, last = 0, records.max_position() if until is None else until
    while not ended.is_set():
        read = records.read_log(position, BATCH)
        events = read if until is None else [one for one in read if one.position <= until]
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
