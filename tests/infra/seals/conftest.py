"""Each test gets a copy of one sealed record, to change as it likes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded import EmbeddedPostgres
from tests.conftest import Database, copied
from tests.infra.seals.sealed import Record, filled


@pytest.fixture(scope="session")
def origin(server: EmbeddedPostgres, template: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """The one that the others are copied from."""
    with copied(server, template) as database:
        yield filled(database, tmp_path_factory.mktemp("sealed"))


@pytest.fixture
def record(server: EmbeddedPostgres, origin: Record, tmp_path: Path) -> Iterator[Record]:
    """A sealed record of the test's own."""
    folder = tmp_path / "data"
    shutil.copytree(origin.folder, folder)
    with copied(server, origin.database) as database:
        yield Record(database, folder, list(origin.held))
