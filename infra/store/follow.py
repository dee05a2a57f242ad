"""The log is followed in order and without gaps: woken by NOTIFY, and looking now and then, as a NOTIFY can be lost."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import psycopg
import structlog
from psycopg.sql import SQL, Identifier

from infra.store.errors import RecordUnavailable
from infra.store.records import PostgresRecords
from services.ports import Recorded

POLL: Final = 0.5
"""Seconds after which the log is read again without having been woken."""

_log = structlog.get_logger(__name__)


def follow(records: PostgresRecords, after: int, batch: int, stop: threading.Event) -> Iterator[list[Recorded]]:
    """Yield the events after position `after`, as they are recorded, in lists of at most `batch`, until `stop` is set.

    An empty list comes when there is nothing new, about every `POLL` seconds, and while the database can't be reached.
    Raises DamagedRecord at an event that can't be read; neither its list nor what follows is yielded.
    """
    with Bell(records) as bell:
        reachable = True
        while not stop.is_set():
            try:
                bell.listen()
                events = records.read_log(after, batch)
            except RecordUnavailable as error:
                if reachable:
                    _log.warning("record.unreachable", after=after, error=str(error))
                reachable = False
                yield []
                stop.wait(POLL)
                continue
            if not reachable:
                _log.info("record.reachable", after=after)
            reachable = True
            yield events
            if events:
                after = events[-1].position
            if len(events) < batch:
                bell.wait(POLL)


class Bell:
    """A connection of its own that listens for appends; it may be lost at any time, and is then made anew."""

    def __init__(self, records: PostgresRecords) -> None:
        self._url = records.datastore.url
        self._channel = records.recorder.channel_name
        self._connection: psycopg.Connection[Any] | None = None

    def __enter__(self) -> "Bell":
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def listen(self) -> None:
        """Listen from now on, if it doesn't yet. Raises RecordUnavailable."""
        if self._connection is None:
            try:
                self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=2)
                self._connection.execute(SQL("LISTEN {}").format(Identifier(self._channel)))
            except psycopg.OperationalError as error:
                self._hang_up()
                raise RecordUnavailable(str(error).strip()) from error

    def wait(self, seconds: float) -> None:
        """Return when something was appended since the last call, when the connection is lost, or after `seconds`."""
        if self._connection is None:
            return
        try:
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.OperationalError:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
