"""An accreditation body on a record of the test's own, with a clock that stands still until it is told to go on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from infra.bootstrap import codec
from infra.store.records import PostgresRecords
from services.office import Office
from tests.conftest import Database
from tests.factories import Body
from tests.opened import OpenedBodies
from tests.services.retaining import Keeping, open_keeping
from tests.storing import office_on


@dataclass(slots=True)
class Clock:
    """Says what time it is; begins on a Monday."""

    at: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **length: float) -> None:
        """Let so much time pass: `clock.passes(days=3)`."""
        self.at += timedelta(**length)

    def comes_to(self, at: datetime) -> None:
        """Let it be this instant."""
        self.at = at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(database: Database) -> Iterator[PostgresRecords]:
    """An empty record of the domain's events."""
    with PostgresRecords(database.app_url, codec(), pool_size=8) as opened:
        yield opened


@pytest.fixture
def office(records: PostgresRecords) -> Office:
    return office_on(records)


@pytest.fixture
def body(office: Office, clock: Clock, bodies: OpenedBodies) -> Body:
    """A body with an officer, three assessors, a chair and three moderators, under the main scheme."""
    return bodies.on(office, clock)


@pytest.fixture
def keeping(body: Body, database: Database) -> Keeping:
    """The body, keeping records under the shipped policy."""
    return open_keeping(body, database)
