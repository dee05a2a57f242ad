"""A body on a record of the test's own, service accounts that see the feed, and the courier's job at work for them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.permissions import actions, row
from infra.api.caller import Api
from infra.bootstrap import App, open_app
from infra.identity import service_accounts
from infra.projector import catch_up
from infra.settings import Settings
from infra.store.datastore import Datastore
from infra.webhooks import failures, subscriptions
from infra.webhooks.addresses import read_allowed
from infra.webhooks.delivering import Desk, carry
from infra.webhooks.failures import Failure
from infra.webhooks.readable import nobody
from infra.webhooks.subscriptions import Webhook
from tests.conftest import Database
from tests.factories import Body, open_body

HERE = read_allowed("127.0.0.1")


@dataclass(slots=True)
class Clock:
    """Says what time it is; goes on by itself, and further when it is told to."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def passes(self, **length: float) -> None:
        """Let so much time pass."""
        self.ahead += timedelta(**length)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=12) as opened:
        yield opened


@pytest.fixture
def body(app: App, clock: Clock) -> Body:
    """A body with its people, under the main scheme."""
    return open_body(app.office, now=clock)


@dataclass(slots=True)
class Hooks:
    """Subscriptions to one body's feed, and the job that carries it."""

    app: App
    clock: Clock
    settings: Settings
    account: str
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Datastore:
        """Where subscriptions are kept."""
        return self.app.records.datastore

    def add(self, name: str, url: str, events: Sequence[str] = (), **said: Any) -> Webhook:
        """Add a subscription from the beginning of the log, unless another place is said."""
        asked = {"account": self.account, "made_by": None, "after": 0} | said
        made, self.secrets[name] = subscriptions.add(
            self.store, name=name, url=url, names=events, allowed=HERE, at=self.clock(), **asked
        )
        return made

    def now(self, name: str) -> Webhook:
        """A subscription as it is now."""
        return subscriptions.require(self.store, name)

    def failed(self, name: str) -> list[Failure]:
        """What of a subscription did not arrive."""
        return failures.of_webhook(self.store, self.now(name).id)

    def caught_up(self) -> None:
        """Bring the read models to the end of the log."""
        catch_up(self.app.records)

    @contextmanager
    def at_work(self, **said: Any) -> Iterator[None]:
        """Have what is recorded so far carried, while in the context."""
        self.caught_up()
        stop = threading.Event()
        desk = replace(Desk(Api(app=self.app, identify=nobody, now=self.clock), self.settings, stop), **said)
        thread = threading.Thread(target=carry, args=(desk,))
        thread.start()
        try:
            yield
            assert thread.is_alive()
        finally:
            stop.set()
            thread.join(20)
            assert not thread.is_alive()


def account(store: Datastore, name: str, role: str, at: datetime) -> str:
    """A service account for everything that its role sees."""
    scopes = [one for one in actions() if one.startswith("see-") and role in row(one)]
    return service_accounts.add(store, name=name, role=role, scopes=scopes, known=scopes, at=at)[0]


@pytest.fixture
def hooks(app: App, clock: Clock, body: Body, tmp_path: Path) -> Hooks:
    """Subscriptions of an account that sees what officers see."""
    made = account(app.records.datastore, "statistics", "officer", clock())
    return Hooks(app, clock, Settings(data=tmp_path, webhooks=HERE), made)
