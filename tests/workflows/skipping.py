"""A Temporal whose time a test moves: the time-skipping server, with one clock for all that runs on it."""

import asyncio
import sys
import threading
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from temporalio.testing import WorkflowEnvironment

from infra.temporal import SEARCH_ATTRIBUTES, add_search_attributes

T = TypeVar("T")
PROGRAM = Path(sys.executable).with_name("temporal-test-server")


class SkippingServer:
    """A context manager around a server of its own. Its time passes as ours does, but for `go_to`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: WorkflowEnvironment

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._do(WorkflowEnvironment.start_time_skipping(test_server_existing_path=str(PROGRAM)))
        self._do(add_search_attributes(self._server.client, SEARCH_ATTRIBUTES))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._server.shutdown())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return str(self._server.client.service_client.config.target_host)

    def now(self) -> datetime:
        """The server's time, by which people are to act."""
        return self._do(self._server.get_current_time())

    def go_to(self, moment: datetime) -> None:
        """Skip to `moment`; what comes due then is under way after, so wait for it before going on."""
        self._do(self._server.sleep(moment - self.now()))

    def _do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)
