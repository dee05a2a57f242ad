"""One connection to the API: who is slow to ask, or to take an answer, is not waited for, since a place is held meanwhile."""

import asyncio
from typing import Final

from h11 import IDLE
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST: Final = 1_000
"""Connections that there may be at once; those beyond are closed."""
TO_ASK: Final = 15.0
"""Seconds within which the head of a request has to be there whole, from when the connection is made or it begins."""
TO_TAKE: Final = 60.0
"""Seconds for which nothing more is sent to who does not take what was sent."""


class Connection(H11Protocol):
    """As the server's own, with an end to its patience."""

    _asking: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, where there is room."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.abort()
            return
        self._asking = self.loop.call_later(TO_ASK, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head, from its beginning on; its body is waited for at the edge."""
        super().data_received(data)
        if self.conn.their_state is not IDLE:
            self._stop_asking()
        elif self._asking is None:
            self._asking = self.loop.call_later(TO_ASK, self.transport.abort)

    def pause_writing(self) -> None:
        """Wait for somebody to take what was sent."""
        super().pause_writing()
        self._taking = self.loop.call_later(TO_TAKE, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on, now that it was taken."""
        super().resume_writing()
        self._stop_taking()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_asking()
        self._stop_taking()
        super().connection_lost(exc)

    def _stop_asking(self) -> None:
        if self._asking:
            self._asking.cancel()
        self._asking = None

    def _stop_taking(self) -> None:
        if self._taking:
            self._taking.cancel()
        self._taking = None
