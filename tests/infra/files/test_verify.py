"""`assay files verify` and `assay doctor` name what is missing, changed or nobody's, wherever files are kept."""

import re
from pathlib import Path

import pytest

from domain.submission.events import Evidence, PortfolioSubmitted
from infra.bootstrap import FileStore
from infra.cli import health
from infra.cli.evidence import sweep_files, verify_files
from infra.files.kept import KeptFiles
from infra.files.place import Folder
from infra.files.verify import Wrong, verify
from infra.settings import Settings
from infra.store.records import PostgresRecords
from services.ports import Batch, Change, Command
from tests.conftest import Database
from tests.infra.files.coming import CASE, NOON, OTHER, PERSON, keep


def replace_bytes(kept: KeptFiles, sha256: str, content: bytes) -> None:
    """Somebody changes a file behind the product's back."""
    with kept.spool.open() as part:
        part.write(content)
        part.finish()
        kept.objects.put(sha256, part.path)


def test_where_all_is_as_it_was_uploaded_nothing_is_found(kept: KeptFiles, records: PostgresRecords):
    told = []
    keep(kept, b"One")
    keep(kept, b"Another")

    found = verify(kept, records, lambda done, total: told.append((done, total)))

    assert (found.files, found.size, found.wrong, found.never) == (2, 10, [], 0)
    assert (told[0], told[-1]) == ((0, 10), (10, 10))


def test_where_there_are_no_files_nothing_is_found(kept: KeptFiles, records: PostgresRecords):
    assert verify(kept, records).files == 0


def test_each_file_that_is_missing_changed_or_nobody_s_is_named_with_its_cases(
    kept: KeptFiles, records: PostgresRecords
):
    missing, changed, shorter = keep(kept, b"Missing"), keep(kept, b"Changed"), keep(kept, b"Shorter")
    keep(kept, b"Missing", case=OTHER)
    kept.objects.delete(missing.sha256)
    replace_bytes(kept, changed.sha256, b"changed")
    replace_bytes(kept, shorter.sha256, b"Short")
    replace_bytes(kept, "0" * 64, b"Whose is this?")

    wrong = {one.name: one for one in verify(kept, records).wrong}

    assert wrong == {
        missing.sha256: Wrong(name=missing.sha256, fault="it is missing", cases=[CASE, OTHER]),
        changed.sha256: Wrong(name=changed.sha256, fault="its bytes are others than were uploaded", cases=[CASE]),
        shorter.sha256: Wrong(name=shorter.sha256, fault="it has 5 bytes, not 7", cases=[CASE]),
        "0" * 64: Wrong(name="0" * 64, fault="no case has it"),
    }
    assert set(kept.faults()) == {missing.sha256, changed.sha256, shorter.sha256}


def test_what_was_put_right_is_no_longer_noted(kept: KeptFiles, records: PostgresRecords):
    file = keep(kept, b"One")
    replace_bytes(kept, file.sha256, b"Two")
    assert verify(kept, records).wrong
    replace_bytes(kept, file.sha256, b"One")

    assert verify(kept, records).wrong == []
    assert kept.faults() == {}


def test_what_is_still_to_be_deleted_is_no_fault(kept: KeptFiles, records: PostgresRecords):
    file = keep(kept)
    kept.remove(CASE, file.sha256, version=0)

    assert verify(kept, records).wrong == []


def test_files_that_portfolios_name_and_that_were_never_kept_are_counted_and_no_fault(
    kept: KeptFiles, records: PostgresRecords
):
    file = keep(kept)
    named = [
        Evidence(criterion="1.1", sha256=one, media_type="application/pdf", size=file.size)
        for one in (file.sha256, "1" * 64, "2" * 64)
    ]
    event = PortfolioSubmitted(window="", late=False, answers=(), evidence=tuple(named), manifest="0" * 64)
    command = Command(id="made up", actor=PERSON, role="provider", at=NOON)
    records.append(Batch(command=command, changes=[Change(stream=CASE, expected=0, events=[event])]))

    found = verify(kept, records)

    assert (found.wrong, found.never, found.never_cases) == ([], 2, 1)


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """Settings whose files are in a folder."""
    (tmp_path / "kept").mkdir(exist_ok=True)
    return Settings(data=tmp_path, database_url=database.app_url, files=Folder(path=tmp_path / "kept"))


@pytest.fixture
def in_folder(records: PostgresRecords, settings: Settings) -> KeptFiles:
    from infra.bootstrap import open_objects
    from infra.files.spool import Spool

    assert isinstance(settings.files, Folder)
    store = FileStore(place=settings.files, spool=settings.files.path)
    return KeptFiles(records.datastore, open_objects(store), Spool(store.spool, reserve=0))


def test_the_command_says_so_and_exits_with_one_where_anything_is_wrong(
    in_folder: KeptFiles, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    file = keep(in_folder)
    verify_files(settings)
    assert "1 file of" in capsys.readouterr().out
    in_folder.objects.delete(file.sha256)

    with pytest.raises(SystemExit) as ended:
        verify_files(settings)

    said = capsys.readouterr().out
    assert ended.value.code == 1
    assert re.search(f"{file.sha256}: it is missing \\(of {CASE}\\)", said)
    assert "1 not as kept" in said
    assert "uploaded again" in said


def test_the_sweep_deletes_what_was_left_behind(
    in_folder: KeptFiles, settings: Settings, capsys: pytest.CaptureFixture[str]
):
    file = keep(in_folder)
    in_folder.remove(CASE, file.sha256, version=0)
    (in_folder.spool.parts / "left").write_bytes(b"cut off")

    sweep_files(settings)

    assert "Deleted 1 upload cut off, and 1 file that no case names any more." in capsys.readouterr().out
    assert list(in_folder.objects.all()) == []


def test_the_doctor_says_whether_files_are_well(in_folder: KeptFiles):
    file = keep(in_folder)
    assert health._files(in_folder).well
    in_folder.note_fault(file.sha256, "it is missing")

    damaged = health._files(in_folder)

    assert not damaged.well
    assert "1 damaged" in damaged.found
    assert "assay files verify" in damaged.to_do
    in_folder.note_well(file.sha256)
    in_folder.spool._reserve = 2**60
    assert "no room" in health._files(in_folder).found
    place = in_folder.objects.place
    assert isinstance(place, Folder)
    place.path.rename(place.path.with_name("moved"))
    assert "can't be used" in health._files(in_folder).found
