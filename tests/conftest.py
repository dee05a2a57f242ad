"""A real PostgreSQL for the tests: one server for all, and for each test a database of its own, made from a migrated one."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from infra.embedded import EmbeddedPostgres
from infra.store.migrate import migrate

if TYPE_CHECKING:
    from tests.opened import OpenedBodies

_numbers = count(1)
MEMORY = Path("/dev/shm")
ROOM = 6 * 2**30
"""Bytes that have to be free there: each of the few servers takes a quarter of it at most, mostly for its log."""

if "PYTEST_DEBUG_TEMPROOT" not in os.environ:
    # Temporary folders of this run alone. As root PostgreSQL runs as another user, who is let through the folders above
    # its own; another run that starts meanwhile would close the ones that they share.
    os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.mkdtemp(prefix="assay-tests-")
    atexit.register(shutil.rmtree, os.environ["PYTEST_DEBUG_TEMPROOT"], ignore_errors=True)


def pytest_collection_finish() -> None:
    """What was collected stays until the end: the thousands of tests need not be looked through for rubbish again and again."""
    gc.freeze()


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An empty migrated database: `admin_url` for a superuser, `app_url` for the application's role."""

    admin_url: str
    app_url: str


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """The server of all tests but those that stop one; it does not sync, since it need not outlive them.

    In memory where there is room: thousands of databases made and dropped keep a disk's file system busier than the tests.
    """
    folder = tmp_path_factory.mktemp("server")
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        folder = Path(tempfile.mkdtemp(prefix="assay-tests-", dir=MEMORY))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    embedded = EmbeddedPostgres(folder, durable=False)
    embedded.start()
    yield embedded
    embedded.stop()


@pytest.fixture(scope="session")
def template(server: EmbeddedPostgres) -> Database:
    """The migrated database that each test's is copied from."""
    return _migrated(_created(server, "assay_template", "template0"), server.app_password)


@pytest.fixture(scope="session")
def bodies(server: EmbeddedPostgres, template: Database) -> Iterator["OpenedBodies"]:
    """What a fixture asks for that wants its body to be open already."""
    from tests.opened import OpenedBodies  # which needs what is here

    made = OpenedBodies(server, template)
    yield made
    made.close()


@pytest.fixture
def copied_from(request: pytest.FixtureRequest, template: Database) -> Database:
    """The database that the test's own is a copy of: with a body in it where the test's fixtures want that."""
    if "bodies" not in request.fixturenames:
        return template
    opened: OpenedBodies = request.getfixturevalue("bodies")
    return opened.origin(request.getfixturevalue("clock")())


@pytest.fixture
def database(server: EmbeddedPostgres, copied_from: Database) -> Iterator[Database]:
    """A migrated database of this test's own, copied, which is much faster than migrating."""
    with copied(server, copied_from) as made:
        yield made


@contextmanager
def copied(server: EmbeddedPostgres, origin: Database) -> Iterator[Database]:
    """A copy of a database that nobody is connected to, with all that is in it."""
    name, of = f"test_{next(_numbers)}", origin.admin_url.rpartition("/")[2].partition("?")[0]
    admin_url = _created(server, name, of)
    yield Database(admin_url=admin_url, app_url=origin.app_url.replace(f"/{of}?", f"/{name}?"))
    _drop(server, name)


@pytest.fixture
def empty_database(server: EmbeddedPostgres) -> Iterator[str]:
    """The superuser's URL of a database of this test's own without anything in it."""
    name = f"test_{next(_numbers)}"
    yield _created(server, name, "template0")
    _drop(server, name)


@cache
def _superuser(admin_url: str) -> psycopg.Connection[Any]:
    """A connection kept for the thousands of databases that are made and dropped; it ends with its server."""
    return psycopg.connect(admin_url, autocommit=True)


def _created(server: EmbeddedPostgres, name: str, template: str) -> str:
    _superuser(server.admin_url).execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.admin_url.replace("/postgres?", f"/{name}?")


def _drop(server: EmbeddedPostgres, name: str) -> None:
    _superuser(server.admin_url).execute(f"DROP DATABASE {name} WITH (FORCE)")


def _migrated(admin_url: str, app_password: str) -> Database:
    return Database(admin_url=admin_url, app_url=migrate(admin_url, app_password))
