"""A real Temporal for the tests: one development server for all, and for each test a task queue and a record of its own."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from infra.embedded import EmbeddedTemporal
from infra.settings import Settings
from infra.temporal import SEARCH_ATTRIBUTES
from tests.conftest import Database
from tests.workflows.machinery import Machinery
from tests.workflows.skipping import SkippingServer

_numbers = count(1)


@pytest.fixture(scope="session")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTemporal]:
    """The server of all tests but those that stop one."""
    embedded = EmbeddedTemporal(
        tmp_path_factory.mktemp("temporal"), port=0, ui_port=None, search_attributes=SEARCH_ATTRIBUTES
    )
    embedded.start()
    yield embedded
    embedded.stop()


@pytest.fixture
def machinery(database: Database, temporal: EmbeddedTemporal) -> Iterator[Machinery]:
    """A worker and a signaller on an empty record, not started yet."""
    settings = Settings(data=temporal.folder, temporal_address=temporal.address, task_queue=f"test-{next(_numbers)}")
    with Machinery(settings, database.app_url) as made:
        yield made


@pytest.fixture
def time() -> Iterator[SkippingServer]:
    """A Temporal of this test's own, whose time the test moves."""
    with SkippingServer() as server:
        yield server


@pytest.fixture
def skipping(database: Database, time: SkippingServer) -> Iterator[Machinery]:
    """A worker and a signaller on that Temporal and on an empty record, not started yet."""
    with Machinery(Settings(data=Path(), temporal_address=time.address), database.app_url) as made:
        yield made
