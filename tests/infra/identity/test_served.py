"""Our own issuer over a real socket, as others see it: another installation that has it as its provider lets its people in."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient

from infra.identity import links, people
from infra.identity.configured import Elsewhere, Identity
from infra.identity.identify import Doors, open_doors
from infra.identity.provider import Provider
from infra.settings import Settings
from infra.store.datastore import Datastore
from tests.infra.identity.conftest import BASE, Browser, application


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def serving(doors: Doors, listening: socket.socket) -> Iterator[None]:
    clock: Any = now
    server = uvicorn.Server(uvicorn.Config(application(doors, clock), access_log=False, log_config=None))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        until = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < until
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def issuer(store: Datastore, tmp_path: Path) -> Iterator[Doors]:
    """An installation that is served, and has another one's pages as a client."""
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    identity = Identity(base=base, clients={"other": (f"{BASE}/sign-in/callback",)})
    doors = open_doors(Settings(data=tmp_path / "issuer", identity=identity), store)
    with serving(doors, listening):
        yield doors


def test_another_installation_lets_in_who_signed_in_here(
    issuer: Doors, store: Datastore, tmp_path: Path, person: str
) -> None:
    """The other one finds the issuer by discovery, and its keys by HTTP; the person is linked there by the subject."""
    name = issuer.identity.issuer
    elsewhere = Elsewhere(issuer=name, audience=issuer.identity.audience, client_id="other")
    other = open_doors(
        Settings(data=tmp_path / "other", identity=Identity(base=BASE, local=False, elsewhere=elsewhere)), store
    )
    people.link(store, person, issuer=name, subject=person, at=now())
    clock: Any = now
    with httpx.Client() as there, TestClient(application(other, clock), base_url=BASE) as client:
        here = Browser(client, other, clock)
        link = links.make_link(store, issuer.identity, person, at=now())
        assert there.post(link, headers={"Origin": issuer.identity.base}).status_code == 303

        back = there.get(here.get("/sign-in", next="/who").headers["location"])

        assert here.follow(here.get(back.headers["location"])).json() == {"actor": person}


def test_what_it_shows_is_what_other_programs_ask_for(issuer: Doors) -> None:
    provider = Provider(issuer.identity.issuer)

    assert provider.metadata(now())["issuer"] == issuer.identity.issuer
    assert provider.key(issuer.keyring.signing().kid, now()) is not None
