"""Files that are kept are checked with everything else: one that was changed or taken away is named with its case."""

from pathlib import Path

import psycopg

from infra.bootstrap import folder_store
from infra.files.kept import KeptFiles
from infra.files.objects import Objects
from infra.files.place import Folder
from infra.files.spool import Spool
from infra.seals.checking.check import Asked, verify
from infra.store.records import PostgresRecords
from tests.conftest import Database
from tests.infra.files.coming import CASE, keep


def test_kept_files_and_the_rows_of_them_are_checked_against_their_hashes(
    database: Database, records: PostgresRecords, tmp_path: Path
):
    place = tmp_path / "files"
    place.mkdir()
    store = folder_store(place)
    kept = KeptFiles(records.datastore, Objects(Folder(path=place)), Spool(place, reserve=0))
    changed, named, forgotten = keep(kept, b"Changed"), keep(kept, b"Named"), keep(kept, b"Forgotten")
    asked = Asked(models=(), files=store)
    report = verify(database.app_url, asked)
    assert report.findings == []
    assert "files" in report.checked

    with kept.spool.open() as part:
        part.write(b"changed")
        part.finish()
        kept.objects.put(changed.sha256, part.path)
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("ALTER TABLE record.files DISABLE TRIGGER ALL")
        connection.execute("UPDATE record.files SET size = 1 WHERE sha256 = %s", [named.sha256])
        connection.execute("DELETE FROM record.files WHERE sha256 = %s", [forgotten.sha256])
        connection.execute("ALTER TABLE record.files ENABLE TRIGGER ALL")

    found = {one.found for one in verify(database.app_url, asked).findings if one.what == "file"}

    assert found == {
        f"{changed.sha256}, of {CASE}: its bytes are others than were uploaded",
        f"{named.sha256}, of {CASE}: it has 5 bytes, not 1",
        f"{forgotten.sha256}: no case has it",
    }
    assert verify(database.app_url, Asked(models=(), files=store, quick=True)).findings == []
