"""Where files are kept in these tests: a folder, and a bucket of a real S3 server, which runs as a process of its own."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from infra.bootstrap import codec
from infra.files.kept import KeptFiles
from infra.files.objects import Objects
from infra.files.place import Bucket, Folder, Place
from infra.files.spool import Spool
from infra.store.records import PostgresRecords
from tests.conftest import Database

KEY = {"key": "the-key", "secret": "the-secret"}


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 server that runs on a free port of this machine."""
    with s3_server() as address:
        yield address


@contextmanager
def s3_server() -> Iterator[str]:
    """An S3 server as a process of its own; gives its address."""
    command = [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    environment = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as server:
        try:
            assert server.stderr
            said = ""
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
                line = server.stderr.readline()
                assert line, f"the server ended: {said}"
                said += line
            drained = subprocess.Popen(["cat"], stdin=server.stderr, stdout=subprocess.DEVNULL)
            yield found[0]
        finally:
            server.terminate()
            server.wait(10)
            drained.wait(10)


def made_bucket(s3: str) -> str:
    """A new bucket there."""
    name = f"evidence-{secrets.token_hex(6)}"
    with urlopen(Request(f"{s3}/{name}", method="PUT")) as answer:
        assert answer.status == 200
    return name


@pytest.fixture
def bucket(s3: str) -> Bucket:
    """A new bucket of the S3 server."""
    return Bucket(name=made_bucket(s3), prefix="assay", endpoint=s3, **KEY)


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A folder, and then a bucket."""
    if request.param == "s3":
        found: Bucket = request.getfixturevalue("bucket")
        return found
    (tmp_path / "kept").mkdir()
    return Folder(path=tmp_path / "kept")


@pytest.fixture
def objects(place: Place) -> Objects:
    return Objects(place)


@pytest.fixture
def spool(place: Place, tmp_path: Path) -> Spool:
    """Where files come in: beside where they stay, or in a folder of this machine."""
    return Spool(place.path if isinstance(place, Folder) else tmp_path / "spool", reserve=0)


@pytest.fixture
def records(database: Database) -> Iterator[PostgresRecords]:
    with PostgresRecords(database.app_url, codec(), pool_size=8) as opened:
        yield opened


@pytest.fixture
def kept(records: PostgresRecords, objects: Objects, spool: Spool) -> KeptFiles:
    """Files over an empty record, in a folder and then in a bucket."""
    return KeptFiles(records.datastore, objects, spool)
