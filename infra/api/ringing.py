"""One bell for all streams of events: a single connection listens for appends, and wakes whoever waits. Streams are bounded."""

import asyncio
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final

from infra.api.caller import Api
from infra.api.problems import refused
from infra.read_models import Copy
from infra.store.errors import RecordUnavailable
from infra.store.follow import POLL, Bell
from infra.store.records import PostgresRecords
from projections.parts import MODEL

EACH: Final = 3
"""Streams that one caller may have at once."""
ALL: Final = 64
"""Streams that there may be at once."""
BEHIND: Final = 0.05
"""Seconds between two looks while read models have yet to see what was recorded."""


class Hearer:
    """Waits for the bell, in its own event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake it, from any thread."""
        with suppress(RuntimeError):  # its loop has ended
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float) -> bool:
        """Return whether the bell rang within so many seconds since it was last waited for."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        rang = self._rung.is_set()
        self._rung.clear()
        return rang


class Place:
    """The place of one stream; it is free again at the end of the context, and also if that never begins."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._end = weakref.finalize(self, give_back)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._end()


class Ringing:
    """The bell of one application: it rings when read models have seen more of the log."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._lock = threading.RLock()  # places are given back whenever garbage is collected
        self._hearers: set[Hearer] = set()
        self._streams: Counter[str] = Counter()
        self._thread: threading.Thread | None = None

    def take(self, caller: str) -> Place:
        """Take a place for a stream of this caller; refuses one too many."""
        with self._lock:
            if self._streams[caller] >= EACH:
                raise refused("rate-limit", f"{EACH} streams are open already", allowed="ending one of them first")
            if self._streams.total() >= ALL:
                raise refused("too-busy", "too many streams are open", allowed="the same request again in a moment")
            self._streams[caller] += 1
        return Place(partial(self._give_back, caller))

    def _give_back(self, caller: str) -> None:
        with self._lock:
            self._streams[caller] -= 1
            if not self._streams[caller]:
                del self._streams[caller]

    @contextmanager
    def hear(self) -> Iterator[Hearer]:
        """Hear the bell while in the context; the first who does has it listened for."""
        hearer = Hearer()
        with self._lock:
            self._hearers.add(hearer)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, daemon=True)
                self._thread.start()
        try:
            yield hearer
        finally:
            with self._lock:
                self._hearers.discard(hearer)

    def _listen(self) -> None:
        """Until nobody hears it any more: ring for whatever is new."""
        seen, behind = -1, False
        records = self._api.app.records
        with Bell(records) as bell:
            while self._heard():
                try:
                    bell.listen()
                    bell.wait(BEHIND if behind else POLL)
                    known = known_to(records)
                    behind = known < records.max_position()
                except RecordUnavailable:
                    time.sleep(POLL)
                    continue
                if known != seen or self._api.stopping.is_set():
                    seen = known
                    self._ring()

    def _heard(self) -> bool:
        with self._lock:
            if not self._hearers:
                self._thread = None
            return bool(self._hearers)

    def _ring(self) -> None:
        with self._lock:
            for one in self._hearers:
                one.ring()


def known_to(records: PostgresRecords) -> int:
    """Up to which position of the log it is known who has which part."""
    rows = records.datastore.rows("SELECT position FROM read.positions WHERE name = %s", [Copy(MODEL).name])
    return int(rows[0][0]) if rows else 0
