"""A file of 512 MiB comes in over HTTP, and goes out, with less than 100 MiB of memory more than without: in a folder and in S3."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.bootstrap import open_app
from infra.files.place import Bucket
from tests import storing
from tests.conftest import Database
from tests.infra.files.conftest import bucket, s3
from tests.infra.files.serving import Serving, serving, upload

__all__ = ["bucket", "s3"]  # fixtures

pytestmark = pytest.mark.soak
MIB = 1024 * 1024
SIZE = 512 * MIB


@pytest.fixture(params=["folder", "s3"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where files are kept, as the environment says it."""
    if request.param == "folder":
        return {}
    place: Bucket = request.getfixturevalue("bucket")
    return {
        "ASSAY_FILES_URL": f"s3://{place.name}/{place.prefix}",
        "ASSAY_FILES_ENDPOINT": place.endpoint or "",
        "ASSAY_FILES_KEY": place.key or "",
        "ASSAY_FILES_SECRET": place.secret or "",
    }


@pytest.fixture
def served(database: Database, environment: dict[str, str], tmp_path: Path) -> Iterator[Serving]:
    with (
        open_app(database.app_url, pool_size=4, store=storing.store()) as app,
        serving(app, database.app_url, tmp_path / "data", **environment) as found,
    ):
        yield found


def test_a_file_of_512_mib_takes_less_than_100_mib_of_memory(served: Serving):
    assert upload(served, MIB, "first").status_code == 201
    before = served.now()

    kept = upload(served, SIZE, "large")

    assert kept.status_code == 201, kept.text
    came = served.peak() - before
    digest = hashlib.sha256()
    with httpx.stream("GET", f"{served.url}/{kept.json()['sha256']}", headers=served.headers, timeout=600) as found:
        for piece in found.iter_bytes():
            digest.update(piece)
    assert digest.hexdigest() == kept.json()["sha256"]
    went = served.peak() - before
    load = os.getloadavg()[0]
    print(f"512 MiB: {came / MIB:.0f} MiB more to come in, {went / MIB:.0f} MiB at most by then; load {load:.1f}")
    assert went < 100 * MIB
