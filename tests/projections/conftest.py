"""A connection to a record of a test's own, as the projector has it."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from infra.read_models import connect
from tests.conftest import Database


@pytest.fixture
def connection(database: Database) -> Iterator[Connection[Any]]:
    """A connection to an empty migrated database."""
    with connect(database.app_url) as opened:
        yield opened
