"""The API on a port of its own, and somebody who follows its feed as server-sent events."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from infra.api import feed, problems
from infra.api.app import ROOT
from infra.api.caller import Api
from infra.api.connection import Connection
from infra.api.edge import Edge
from infra.bootstrap import App
from infra.projector import run_projector
from tests.infra.api.conftest import headers

PATIENCE = 20.0
"""Seconds after which what has not come does not come any more."""


@contextmanager
def served(api: Api) -> Iterator[str]:
    """Serve the feed as the API does; yields where it is."""
    app = FastAPI()
    app.state.api = api
    problems.handle(app)
    app.add_middleware(Edge, limits=api.limits)
    app.include_router(feed.router(api), prefix=ROOT)
    with standing(app) as port:
        yield f"http://127.0.0.1:{port}{ROOT}"


@contextmanager
def standing(app: Any) -> Iterator[int]:
    """Have an application answer on a port of its own, over connections as the API has them; yields the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=Connection, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@dataclass(slots=True)
class Heard:
    """What came on a stream: ids, and the names of entries with their positions; comments apart."""

    ids: list[int] = field(default_factory=list)
    entries: list[tuple[int, str]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def heard(lines: Iterator[str]) -> Iterator[Heard]:
    """Read a stream block by block; yields what was heard so far."""
    found, block = Heard(), dict[str, str]()
    for line in lines:
        if line.startswith(":"):
            found.comments.append(line)
        name, _, value = line.partition(": ")
        block[name] = value
        if line:
            continue
        if "id" in block:
            found.ids.append(int(block["id"]))
        if "event" in block:
            found.entries.append((int(block["id"]), block["event"]))
        block = {}
        yield found


@contextmanager
def following(root: str, who: str, role: str, last: int | None = None, **asked: Any) -> Iterator[Iterator[Heard]]:
    """Follow the feed as somebody, from behind `last` on."""
    sent = headers(who, role) | ({"Last-Event-ID": str(last)} if last is not None else {})
    with httpx.stream("GET", f"{root}/events/stream", params=asked, headers=sent, timeout=PATIENCE) as answer:
        assert answer.status_code == 200, answer.read()
        yield heard(answer.iter_lines())


@contextmanager
def projected(app: App) -> Iterator[None]:
    """Have the read models follow the log meanwhile."""
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=run_projector, args=(app.records, stop, ready.set))
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield
    finally:
        stop.set()
        thread.join()
