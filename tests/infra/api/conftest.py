"""The API over a record of the test's own: a body with people and cases, and a client that asks as any of them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast

import pytest
from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from infra.api.app import ROOT, create
from infra.api.badges import key_router
from infra.api.caller import Api, Limits
from infra.bootstrap import App, open_app
from infra.embedded import EmbeddedPostgres
from infra.identity.known import Known, NotKnown
from infra.projector import catch_up
from tests.conftest import Database, copied
from tests.factories import Body
from tests.opened import OpenedBodies
from tests.services.conftest import Clock
from tests.services.whole.setting import Setting, set_up
from tests.storing import store


def known(token: str, at: datetime) -> Known:
    """Who a token of these tests stands for: it is the person's id, with scopes behind a colon where it is narrowed."""
    actor, _, scopes = token.partition(":")
    if not actor.startswith(("person-", "service-")):
        raise NotKnown("the token is not one of ours")
    return Known(
        actor=actor,
        session=f"session-of-{actor}",
        until=at + timedelta(minutes=5),
        roles=("officer",) if actor.startswith("service-") else None,
        scopes=frozenset(scopes.split(",")) if scopes else None,
    )


@dataclass(slots=True)
class Asking:
    """Asks the API, in process."""

    client: TestClient
    app: App
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def get(self, path: str, who: str | None = None, role: str | None = None, **asked: Any) -> Response:
        """Read, as somebody in a role; `asked` are parameters of the address."""
        return self.client.get(ROOT + path, params=asked, headers=headers(who, role))

    def post(
        self,
        path: str,
        who: str | None = None,
        role: str | None = None,
        /,
        *,
        key: str | None = None,
        more: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Response:
        """Command, as somebody in a role, under a key of its own if none is given."""
        sent = (
            headers(who, role) | {"Idempotency-Key": key or f"key-of-this-test-{next(self.numbers)}"} | dict(more or {})
        )
        return self.client.post(ROOT + path, json=body, headers=sent)

    def caught_up(self) -> None:
        """Bring the read models to the end of the log."""
        catch_up(self.app.records)


def headers(who: str | None, role: str | None) -> dict[str, str]:
    """The headers that say who asks, in which role."""
    said = {"Authorization": f"Bearer {who}"} if who else {}
    return said | ({"Assay-Role": role} if role else {})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=8, store=store()) as opened:
        yield opened


@pytest.fixture
def body(app: App, clock: Clock, bodies: OpenedBodies) -> Body:
    """A body with an officer, three assessors, a chair and three moderators, under the main scheme."""
    return bodies.on(app.office, clock)


@pytest.fixture
def api(app: App, clock: Clock) -> Api:
    return Api(app=app, identify=known, now=clock)


class Lent:
    """What the one application of all these tests works with: each test lends it its own."""

    api: Api

    def __getattr__(self, name: str) -> Any:
        return getattr(self.api, name)


LENT = Lent()
MANY = 1_000_000
"""More requests than any test makes within a minute."""


@pytest.fixture(scope="session")
def made() -> FastAPI:
    """The application, made once, which takes a second, for a record that each test lends."""
    LENT.api = Api(app=cast("App", None), identify=known, limits=Limits(reads=MANY, commands=MANY))
    return create(cast("Api", LENT), key_router(cast("Api", LENT)))


@pytest.fixture
def asks(made: FastAPI, api: Api, app: App, body: Body) -> Asking:
    """A client that asks as anybody; errors of ours come as answers, not as exceptions."""
    LENT.api = api
    catch_up(app.records)
    return Asking(TestClient(made, raise_server_exceptions=False), app)


@dataclass(slots=True)
class Whole:
    """A body with thirty people and twenty cases at all stages on a record of its own, and a client that asks as anybody."""

    here: Setting
    asks: Asking
    api: Api

    @property
    def app(self) -> App:
        """What the API works with."""
        return self.api.app

    def lend(self) -> Asking:
        """Have the application work with this body from now on; returns the client."""
        LENT.api = self.api
        return self.asks


@pytest.fixture(scope="session")
def brought(server: EmbeddedPostgres, template: Database) -> Iterator[tuple[Database, Setting]]:
    """The database of a whole body, to be copied: to make one takes ten seconds."""
    with copied(server, template) as made:
        yield made, set_up(made)


@contextmanager
def opened(made: FastAPI, database: Database, here: Setting, begins: int = 100_000) -> Iterator[Whole]:
    """A whole body as a database has it, lent to the application; its next commands are numbered from `begins`."""
    with (
        open_app(database.app_url, pool_size=8, store=store()) as app,
        TestClient(made, raise_server_exceptions=False) as client,
    ):
        held = here.on(app.records)
        held.body.numbers = count(begins)
        lent = Whole(held, Asking(client, app), Api(app=app, identify=known, now=held.clock))
        lent.lend()
        yield lent
