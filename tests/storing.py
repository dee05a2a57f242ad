"""Evidence of the tests: real small files, whose bytes lie in one folder for all tests of a run, and rows that say whose they are."""

import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from domain.submission.events import Evidence
from infra.bootstrap import FileStore, folder_store
from infra.files.kept import KeptFiles
from infra.files.objects import Objects
from infra.files.place import Folder
from infra.files.spool import Spool
from infra.store.records import PostgresRecords
from services.office import Office
from services.ports import NoFiles

PDF = "application/pdf"
_folders: list[Path] = []


def folder() -> Path:
    """The folder of this run; what a test deletes of its bytes others miss, so that one who does takes a folder of its own."""
    if not _folders:
        _folders.append(Path(tempfile.mkdtemp(prefix="files-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))))
    return _folders[0]


def store(path: Path | None = None) -> FileStore:
    """Files in a folder, the one of this run if none is said."""
    return folder_store(path or folder())


def office_on(records: PostgresRecords, path: Path | None = None, **more: Any) -> Office:
    """An office with files, on the record of the test."""
    place = path or folder()
    return Office(
        records, files=KeptFiles(records.datastore, Objects(Folder(path=place)), Spool(place, reserve=0)), **more
    )


def content(code: str) -> bytes:
    """The bytes of the file for a criterion: a small PDF."""
    return f"%PDF-1.4\n% What shows how we meet {code}\n".encode().ljust(1000, b"%") + b"\n%%EOF\n"


def evidence_of(codes: Sequence[str]) -> list[Evidence]:
    """One file for each of the criteria."""
    return [
        Evidence(criterion=one, sha256=sha256(content(one)).hexdigest(), media_type=PDF, size=len(content(one)))
        for one in codes
    ]


def given_files(office: Office, case: str, evidence: Sequence[Evidence], *, by: str = "") -> None:
    """The files of the evidence were uploaded for the case: all at once, since most tests are about what comes after."""
    if isinstance(office.files, NoFiles) and isinstance(office.records, PostgresRecords):
        office.files = office_on(office.records).files  # most tests open their record without a place for files
    kept = office.files
    assert isinstance(kept, KeptFiles), "give the office files: tests.storing.office_on"
    place = kept.objects.place
    assert isinstance(place, Folder)
    for one in evidence:
        if not (path := place.path / one.sha256[:2] / one.sha256).exists():
            path.parent.mkdir(exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, delete=False) as new:  # many threads may give the same one
                new.write(content(one.criterion))
            Path(new.name).replace(path)
    with kept._datastore.get_connection() as connection:
        connection.execute(
            "INSERT INTO record.files (case_id, sha256, size, media_type, uploaded_by, uploaded_at)"
            " SELECT %s, one, size, kind, %s, %s FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS given (one, size, kind)"
            " ON CONFLICT DO NOTHING",
            [
                case,
                by or "person-aaaaaaaaaaaaaaaa",
                datetime.now(UTC),
                [one.sha256 for one in evidence],
                [one.size for one in evidence],
                [one.media_type for one in evidence],
            ],
        )
