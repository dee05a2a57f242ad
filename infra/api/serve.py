"""The API as a service: it listens where the settings say, says where that is, and ends what is under way before it stops."""

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

import uvicorn
from fastapi import APIRouter

from infra.api.app import ROOT, create
from infra.api.badges import key_router
from infra.api.calendars import open_router
from infra.api.caller import Api, Limits
from infra.api.connection import Connection
from infra.api.health import Health
from infra.api.lists import LONG_FILES
from infra.badges.keys import Following
from infra.bootstrap import file_store, open_app
from infra.files.tending import tended
from infra.identity.configured import require_private
from infra.identity.identify import open_doors
from infra.identity.pages import pages_router, signed_in
from infra.identity.routes import issuer_router
from infra.listening import bind, taken
from infra.settings import Settings

THREADS: Final = 24
"""How many requests are worked on at once, each with a connection to the record at most times."""
CONNECTIONS: Final = THREADS + LONG_FILES + 4
LONGEST: Final = 10.0
"""Seconds that one question to the record may take; a longer one is ended, and answered as the record being out of reach."""
WHAT: Final = "The API"
PORT: Final = "ASSAY_API_PORT"
GRACE: Final = 10
"""Seconds that requests under way have when the service stops."""


def run_api(
    settings: Settings,
    stop: threading.Event,
    ready: Callable[[str], None],
    beside: Callable[[Api], Sequence[APIRouter]] = lambda _: (),
) -> None:
    """Serve until `stop`, with what else is to stand `beside`; calls `ready` with the address.

    Raises CannotStart where the port is taken, or where others than this machine would reach the embedded sign-in.
    """
    require_private(settings.identity, settings.api_host)
    record = open_app(settings.database_url or "", pool_size=CONNECTIONS, longest=LONGEST, store=file_store(settings))
    with record as app, _bound(settings) as bound, tended(app.files, stop):
        host, port = bound.getsockname()[:2]
        found = replace(settings, identity=settings.identity.at(port))
        doors = open_doors(found, app.records.datastore)
        limits = Limits(reads=settings.api_reads, commands=settings.api_commands)
        api = Api(
            app=app,
            identify=doors.identify,
            identify_cookie=partial(signed_in, doors),
            limits=limits,
            stopping=stop,
            base=found.identity.base,
            webhooks=found.webhooks,
            issuer=Following(found.data, found.badges, found.identity.base),
        )
        made = create(api, issuer_router(doors), pages_router(doors), open_router(api), key_router(api), *beside(api))
        server = _Server(
            uvicorn.Config(
                Health(made, app.records.datastore),
                access_log=False,
                log_config=None,
                log_level="critical",  # what fails is said by problems.py, without what was typed
                server_header=False,
                timeout_graceful_shutdown=GRACE,
                http=Connection,
                backlog=512,
                h11_max_incomplete_event_size=64 * 1024,
            ),
        )
        threading.Thread(target=_end_with, args=(stop, server), daemon=True).start()
        server.warm = made.openapi
        server.told = lambda: ready(f"http://{host}:{port}{ROOT}")
        try:
            server.run(sockets=[bound])
        except OSError as problem:  # another took the port at the same moment
            raise taken(settings.api_host, settings.api_port, problem, what=WHAT, variable=PORT) from problem


class _Server(uvicorn.Server):
    """Says when it answers, and leaves signals to whoever runs it."""

    warm: Callable[[], Any]
    """Has the application made whole before the first who asks waits for that."""
    told: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        from anyio.to_thread import current_default_thread_limiter

        current_default_thread_limiter().total_tokens = THREADS
        self.warm()
        await super().startup(sockets)
        if self.started:
            self.told()

    def capture_signals(self) -> Any:
        from contextlib import nullcontext

        return nullcontext()


def _end_with(stop: threading.Event, server: uvicorn.Server) -> None:
    stop.wait()
    server.should_exit = True


def _bound(settings: Settings) -> socket.socket:
    """A socket on the address, on which nobody is heard yet: who comes before there is an answer is told so at once."""
    return bind(settings.api_host, settings.api_port, what=WHAT, variable=PORT)
