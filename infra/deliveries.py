"""Deliveries of news to processes: in order for each case, for many cases at a time, and again until they succeed."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final, Self

import structlog

from infra import observing
from infra.temporal import Pauses
from workflows.situation import News

AT_ONCE: Final = 32
MOST_NEWS: Final = 500
"""News in one signal, so that none grows too large after a long outage."""

_FAREWELL: Final = 3.0
_log = structlog.get_logger(__name__)

Send = Callable[[str, Sequence[News]], Awaitable[None]]


class Deliveries:
    """Delivers news by `send(case, news)`; a context manager with a thread of its own. Begins after position `done`.

    What is given of a case while a delivery to it is under way goes with the next one, in one piece. What could not be
    delivered by the end of the block is left; `done` says how far all has been.
    """

    def __init__(self, send: Send, done: int) -> None:
        self._send = send
        self._read = done
        self._undelivered: set[int] = set()
        self._lock = threading.Lock()
        # The rest belongs to the loop's thread alone.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="deliveries", daemon=True)
        self._waiting: dict[str, list[News]] = {}
        self._couriers: dict[str, asyncio.Task[None]] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def under_way(self) -> int:
        """How many pieces of news are not delivered yet."""
        return len(self._undelivered)

    @property
    def done(self) -> int:
        """The position up to which everything has been delivered."""
        with self._lock:
            return min(self._undelivered) - 1 if self._undelivered else self._read

    def give(self, news: Sequence[tuple[str, News]], read: int) -> None:
        """Have each piece of news delivered to its case; with it the log has been read up to the position `read`."""
        with self._lock:
            self._undelivered.update(one.position for _, one in news)
            self._read = read
        if news:
            self._loop.call_soon_threadsafe(self._take, news)

    def _take(self, news: Sequence[tuple[str, News]]) -> None:
        for case, one in news:
            self._waiting.setdefault(case, []).append(one)
            if case not in self._couriers:
                self._couriers[case] = self._loop.create_task(self._deliver(case))

    async def _deliver(self, case: str) -> None:
        while case in self._waiting:
            async with self._at_once:
                news = self._waiting[case][:MOST_NEWS]
                await self._send_until_it_succeeds(case, news)
            del self._waiting[case][: len(news)]
            if not self._waiting[case]:
                del self._waiting[case]
            with self._lock:
                self._undelivered.difference_update(one.position for one in news)
        del self._couriers[case]

    async def _send_until_it_succeeds(self, case: str, news: Sequence[News]) -> None:
        pauses = Pauses()
        while True:
            try:
                await self._send(case, news)
            except Exception as error:  # noqa: BLE001 - whatever was wrong, the news has to arrive
                if pauses.first:
                    _log.warning("signal.delayed", case=case, position=news[0].position, error=str(error))
                observing.count("signaller_signals", result="delayed")
                await pauses.pause()
            else:
                observing.count("signaller_signals", result="delivered")
                return

    async def _end(self) -> None:
        """Let what is under way arrive, for a short time, and give up the rest."""
        couriers = list(self._couriers.values())
        if couriers:
            await asyncio.wait(couriers, timeout=_FAREWELL)
        for courier in couriers:
            courier.cancel()
        await asyncio.gather(*couriers, return_exceptions=True)
