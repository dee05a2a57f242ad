"""Of several processes of a kind the one that holds an advisory lock is active; the lock ends with its connection."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import structlog

RETRY: Final = 0.5
"""Seconds between two attempts to take the lock, and between two looks whether it is still held."""

_held: Final[set[str]] = set()
"""The locks that this process holds."""
_log = structlog.get_logger(__name__)


@contextmanager
def hold_lock(url: str, name: str, stop: threading.Event) -> Iterator[threading.Event]:
    """Wait until this process holds the lock `name`, and hold it for the block, which must end when the event is set.

    The event is set within a second of `stop` (at once if that came before the lock), and of losing the connection that
    holds the lock: then another process may be active already, so leave the block and wait again.
    It waits as well while the database can't be reached.
    """
    ended, released = threading.Event(), threading.Event()
    connection = _take(url, name, stop)
    if connection is None:
        ended.set()
        yield ended
        return
    watcher = threading.Thread(
        target=_watch, args=(connection, name, stop, ended, released), name=f"lock-{name}", daemon=True
    )
    watcher.start()
    _held.add(name)
    try:
        yield ended
    finally:
        _held.discard(name)
        released.set()
        watcher.join()
        connection.close()


def holds(name: str) -> bool:
    """Say whether this process is the active one of those that want the lock `name`."""
    return name in _held


def _take(url: str, name: str, stop: threading.Event) -> psycopg.Connection[Any] | None:
    """Return the connection that holds the lock, or None when `stop` was set first."""
    key = _key(name)
    connection: psycopg.Connection[Any] | None = None
    waiting = False
    while not stop.is_set():
        try:
            connection = connection or psycopg.connect(url, autocommit=True, connect_timeout=2, tcp_user_timeout=5000)
            if connection.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone() == (True,):
                _log.info("lock.taken", lock=name)
                return connection
            reason = "another process holds it"
        except psycopg.OperationalError as error:
            connection, reason = None, str(error).strip()
        if not waiting:
            _log.info("lock.waiting", lock=name, reason=reason)
        waiting = True
        stop.wait(RETRY)
    if connection:
        connection.close()
    return None


def _watch(
    connection: psycopg.Connection[Any],
    name: str,
    stop: threading.Event,
    ended: threading.Event,
    released: threading.Event,
) -> None:
    while not stop.is_set() and not released.wait(RETRY):
        try:
            connection.execute("SELECT")
        except psycopg.Error as error:
            _held.discard(name)
            _log.warning("lock.lost", lock=name, reason=str(error).strip())
            break
    ended.set()


def is_held(connection: psycopg.Connection[Any], name: str) -> bool:
    """Say whether some process holds the lock `name`; `connection` commits each statement."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_key(name)]).fetchone()
    if row == (True,):
        connection.execute("SELECT pg_advisory_unlock(%s)", [_key(name)])
    return row != (True,)


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
