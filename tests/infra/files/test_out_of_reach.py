"""An S3 server that refuses, is slow or answers rubbish: nothing is kept, nothing is lost, and all goes on once it is well."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.files.errors import FilesOutOfReach
from infra.files.kept import KeptFiles
from infra.files.objects import UPLOADED, Objects
from infra.files.place import Bucket
from infra.files.spool import Spool
from infra.files.tending import tidy
from infra.store.records import PostgresRecords
from tests.infra.between import RUBBISH, Between, between
from tests.infra.files.coming import CASE, bytes_of, keep

FAULTS = ("refuse", "stall", *RUBBISH)


@pytest.fixture
def proxy(s3: str) -> Iterator[Between]:
    with between(s3) as proxy:
        yield proxy


@pytest.fixture
def kept(records: PostgresRecords, bucket: Bucket, proxy: Between, tmp_path: Path) -> KeptFiles:
    """Files in a bucket behind the proxy, of which little patience is had."""
    objects = Objects(replace(bucket, endpoint=proxy.address), patience=0.5)
    return KeptFiles(records.datastore, objects, Spool(tmp_path / "spool", reserve=0))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_comes_in_is_not_kept_and_once_it_is_well_again_it_is(fault: str, kept: KeptFiles, proxy: Between):
    before = keep(kept, b"Before")
    proxy.does_now(fault)

    with pytest.raises(FilesOutOfReach):
        keep(kept)

    assert [one.sha256 for one in kept.of_case(CASE)] == [before.sha256]
    assert kept.spool.left() == 0
    proxy.does_now("pass")
    file = keep(kept)
    assert bytes_of(kept, file)
    assert bytes_of(kept, before) == b"Before"
    assert kept.counts() == (2, 0)


@pytest.mark.parametrize("fault", ["refuse", "stall", "no-http", "error", "denied"])
def test_what_is_let_go_meanwhile_goes_once_it_is_well_again(fault: str, kept: KeptFiles, proxy: Between):
    file = keep(kept)
    proxy.does_now(fault)
    kept.remove(CASE, file.sha256, version=0)

    assert tidy(kept) == (0, 0)
    assert kept.counts() == (0, 1)
    proxy.does_now("pass")
    assert tidy(kept) == (0, 1)
    assert list(kept.objects.all()) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_reading_says_that_it_is_out_of_reach_and_nothing_is_taken_for_damaged(
    fault: str, kept: KeptFiles, proxy: Between
):
    file = keep(kept)
    proxy.does_now(fault)

    with pytest.raises(FilesOutOfReach):
        bytes_of(kept, file)
    assert kept.faults() == {}


def test_a_server_that_goes_away_in_the_middle_of_a_large_file_keeps_none_of_it(
    records: PostgresRecords, bucket: Bucket, proxy: Between, tmp_path: Path
):
    objects = Objects(replace(bucket, endpoint=proxy.address), patience=10)
    kept = KeptFiles(records.datastore, objects, Spool(tmp_path / "spool", reserve=0))
    real, content = kept.objects.put, secrets.token_bytes(3 * UPLOADED)

    def put(sha256: str, path: Path) -> None:
        proxy.does_now("refuse")
        real(sha256, path)

    kept.objects.put = put  # type: ignore[method-assign]
    with pytest.raises(FilesOutOfReach):
        keep(kept, content)

    kept.objects.put = real  # type: ignore[method-assign]
    proxy.does_now("pass")
    assert list(kept.objects.all()) == []
    assert bytes_of(kept, keep(kept, content)) == content


@pytest.mark.parametrize("fault", ["refuse", "stall", "no-http", "error", "denied", "a-page"])
def test_it_is_noticed_that_the_store_is_not_well(fault: str, kept: KeptFiles, proxy: Between):
    kept.objects.check()
    proxy.does_now(fault)

    with pytest.raises(FilesOutOfReach):
        kept.objects.check()


def test_a_bucket_that_there_is_not_is_said_so(kept: KeptFiles, bucket: Bucket):
    nowhere = Objects(replace(bucket, name="not-there"), patience=0.5)

    with pytest.raises(FilesOutOfReach, match="not-there"):
        nowhere.check()


def test_what_failed_names_neither_key_nor_secret(kept: KeptFiles, proxy: Between, bucket: Bucket):
    proxy.does_now("denied")

    with pytest.raises(FilesOutOfReach) as failed:
        keep(kept)

    assert bucket.key
    assert bucket.secret
    assert bucket.key not in f"{failed.value} {bucket}"
    assert bucket.secret not in f"{failed.value} {bucket}"
