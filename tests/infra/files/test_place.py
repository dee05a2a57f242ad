"""Where files are kept, as the environment says it; what can't be is said in one sentence that names the variable."""

from pathlib import Path

import pytest

from infra.bootstrap import file_store, open_objects
from infra.files.place import Bucket, Folder
from infra.problems import CannotStart
from infra.settings import load_settings

S3 = {"ASSAY_FILES_URL": "s3://evidence/of/assay"}


def test_by_default_files_are_kept_in_the_data_folder_without_a_scanner():
    store = file_store(load_settings({"ASSAY_DATA": "/srv/assay"}))

    assert store.place == Folder(path=Path("/srv/assay/files"))
    assert (store.spool, store.clamd) == (Path("/srv/assay/files"), None)


def test_another_folder_is_where_they_come_in_too():
    store = file_store(load_settings({"ASSAY_FILES_URL": "file:///srv/the%20evidence"}))

    assert store.place == Folder(path=Path("/srv/the evidence"))
    assert store.spool == Path("/srv/the evidence")


def test_a_bucket_has_all_that_is_said_of_it_and_files_come_in_by_the_data_folder():
    said = {"ENDPOINT": "https://s3.example:9000", "REGION": "eu-west-2", "KEY": "the-key", "SECRET": "the-secret"}
    settings = load_settings({"ASSAY_DATA": "/srv/assay", **S3, **{f"ASSAY_FILES_{one}": said[one] for one in said}})

    store = file_store(settings)

    assert store.place == Bucket(
        name="evidence", prefix="of/assay", endpoint="https://s3.example:9000", region="eu-west-2", key="the-key",
        secret="the-secret",
    )  # fmt: skip
    assert store.spool == Path("/srv/assay/files")
    assert "the-key" not in repr(settings)
    assert "the-secret" not in repr(settings)


@pytest.mark.parametrize("address", ["127.0.0.1:3310", "scanner.example:3310", "/run/clamd.sock"])
def test_a_scanner_is_where_it_listens(address: str):
    assert load_settings({"ASSAY_CLAMD": address}).clamd == address


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"ASSAY_FILES_URL": "/srv/files"}, "ASSAY_FILES_URL leads nowhere; write it as file:///a/folder"),
        ({"ASSAY_FILES_URL": "file://host/srv"}, "ASSAY_FILES_URL leads nowhere"),
        ({"ASSAY_FILES_URL": "s3://"}, "ASSAY_FILES_URL leads nowhere"),
        ({"ASSAY_FILES_URL": "s3://key:hidden@bucket"}, "its key and secret go to ASSAY_FILES_KEY"),
        ({"ASSAY_FILES_URL": "https://bucket.example"}, "ASSAY_FILES_URL leads nowhere"),
        ({"ASSAY_FILES_KEY": "hidden"}, "ASSAY_FILES_KEY is set without an ASSAY_FILES_URL of s3://bucket"),
        ({"ASSAY_FILES_URL": "file:///srv", "ASSAY_FILES_REGION": "x"}, "ASSAY_FILES_REGION is set without"),
        ({**S3, "ASSAY_FILES_KEY": "hidden"}, "ASSAY_FILES_KEY and ASSAY_FILES_SECRET belong together"),
        ({**S3, "ASSAY_FILES_SECRET": "hidden"}, "belong together"),
        ({**S3, "ASSAY_FILES_ENDPOINT": "s3.example"}, "ASSAY_FILES_ENDPOINT is 's3.example'; write it as https://host"),
        ({"ASSAY_CLAMD": "scanner"}, "ASSAY_CLAMD is 'scanner'; write it as host:port"),
        ({"ASSAY_CLAMD": "scanner:0"}, "ASSAY_CLAMD is"),
        ({"ASSAY_CLAMD": "http://scanner:1"}, "ASSAY_CLAMD is"),
    ],
    ids=[
        "path", "host", "no-bucket", "secret-in-it", "https", "key-alone", "region-alone", "no-secret", "no-key", "endpoint",
        "no-port", "port-0", "address",
    ],
)  # fmt: skip
def test_what_can_not_be_is_said_in_one_sentence_without_the_secret(environ: dict[str, str], sentence: str):
    with pytest.raises(CannotStart) as cannot:
        load_settings(environ)

    assert sentence in str(cannot.value)
    assert "hidden" not in str(cannot.value)


def test_a_folder_that_can_not_be_made_is_said_so(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(CannotStart, match="ASSAY_FILES_URL"):
        open_objects(file_store(load_settings({"ASSAY_FILES_URL": f"file://{tmp_path}/file/below"})))
