"""The record of a toy domain: a meter that is installed, read and sealed."""

from collections.abc import Iterator

import pytest

from infra.store.records import PostgresRecords
from tests.conftest import Database
from tests.infra.toy import CODEC


@pytest.fixture
def records(database: Database) -> Iterator[PostgresRecords]:
    """An empty record of toy events."""
    with PostgresRecords(database.app_url, CODEC, pool_size=4) as opened:
        yield opened
