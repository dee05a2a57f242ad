"""Whether the API lives (`/healthz`) and whether it can be asked (`/readyz`), for who watches it or spreads requests over several.

Both stand before everything else, so that no limit and no busy thread makes a living process look dead.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.readiness import Check, readiness
from infra.store.datastore import Datastore

ALIVE: Final = "/healthz"
READY: Final = "/readyz"
PATIENCE: Final = 5.0
"""Seconds after which who has not found out whether it is ready says that it is not."""


class Health:
    """Wraps the application and answers these two itself, from one thread, so that nobody keeps the record busy by asking."""

    def __init__(self, app: ASGIApp, datastore: Datastore) -> None:
        self._app = app
        self._datastore = datastore
        self._threads = ThreadPoolExecutor(1, "readiness")
        self._looking: asyncio.Future[list[Check]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in (ALIVE, READY):
            await self._app(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await JSONResponse({"allowed": ["GET", "HEAD"]}, 405, {"Allow": "GET, HEAD"})(scope, receive, send)
        else:
            answer = JSONResponse({"alive": True}) if scope["path"] == ALIVE else await self._ready()
            answer.headers["Cache-Control"] = "no-store"
            await answer(scope, receive, send)

    async def _ready(self) -> JSONResponse:
        if self._looking is None or self._looking.done():  # all who ask meanwhile are told the same
            loop = asyncio.get_running_loop()
            self._looking = loop.run_in_executor(self._threads, readiness, self._datastore)
        try:
            checks = await asyncio.wait_for(asyncio.shield(self._looking), PATIENCE)
        except TimeoutError:
            return JSONResponse(
                {"ready": False, "checks": [], "reason": f"not known within {PATIENCE:.0f} seconds"}, 503
            )
        ready = all(one.well for one in checks)
        return JSONResponse({"ready": ready, "checks": [asdict(one) for one in checks]}, 200 if ready else 503)
