"""A backup is whole or none, private, and restored only to what it was; what is changed, cut off or newer is refused."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from infra.backup import taking
from infra.backup.manifest import Manifest, check_files, measured, read_manifest
from infra.backup.restoring import require_new, restore
from infra.backup.taking import back_up
from infra.badges.keys import key_in
from infra.bootstrap import open_app
from infra.cli.backup import take_backup
from infra.cli.reading import database
from infra.embedded import EmbeddedPostgres
from infra.embedded.postgres import postgres_programs
from infra.folder import REBUILD_FILE, RESTORING_FILE, prepare
from infra.generate.writing import Wanted, generate
from infra.identity.keyring import KeyRing
from infra.problems import CannotStart
from infra.projector import catch_up
from infra.settings import Settings, load_settings
from infra.store.migrate import migrate
from projections.catalogue import READ_MODELS
from tests.infra.test_cli import ROOT, assay

CONTENT = b"evidence " * 200_000


def quiet(_done: int, _total: int) -> None:
    pass


def bars(_unit: str):
    return quiet


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with some cases, a key, a file of evidence and a letter, on which nothing runs."""
    folder = tmp_path_factory.mktemp("backed") / "data"
    settings = load_settings({"ASSAY_DATA": str(folder)})
    with database(settings, make=True) as url, open_app(url, pool_size=2) as app:
        generate(app, Wanted(cases=12, seed=5, until=datetime(2026, 11, 20, tzinfo=UTC)))
    KeyRing(folder / "identity").signing()
    key_in(folder, None)
    (folder / "files" / "ab").mkdir(parents=True)
    (folder / "files" / "ab" / "abcdef").write_bytes(CONTENT)
    (folder / "files" / "ab" / "incoming.new").write_bytes(b"half")
    (folder / "letters").mkdir()
    (folder / "letters" / "one.eml").write_text("To: somebody@example.org\n")
    (folder / "logs" / "worker.log").write_text("{}\n")
    return folder


@pytest.fixture(scope="module")
def backup(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("backups") / "deep" / "backup"
    take_backup(load_settings({"ASSAY_DATA": str(data)}), target)
    return target


@pytest.fixture
def copy(backup: Path, tmp_path: Path) -> Path:
    """A copy of the backup, to be spoilt."""
    return Path(shutil.copytree(backup, tmp_path / "copy"))


@pytest.fixture(scope="module")
def restored(backup: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("restored") / "data"
    restore(Settings(data=folder), backup, read_manifest(backup), bars)
    return folder


@pytest.fixture
def running(data: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data)
    server.start()
    yield server
    server.stop()


def change(folder: Path, **fields: object) -> Manifest:
    """Have the manifest say otherwise."""
    said = json.loads((folder / "manifest.json").read_text()) | fields
    (folder / "manifest.json").write_text(json.dumps(said))
    return read_manifest(folder)


def test_it_holds_the_record_and_what_stands_beside_it_and_no_more(data: Path, backup: Path):
    manifest = read_manifest(backup)

    assert set(manifest.files) == {
        "database.dump", "data/badges/key", "data/badges/key.lock", "data/files/ab/abcdef", "data/identity/keys.json", "data/identity/keys.lock", "data/letters/one.eml",
    }  # fmt: skip
    assert manifest.files["data/files/ab/abcdef"] == measured(data / "files" / "ab" / "abcdef")
    assert manifest.events == manifest.rows["record.events"] > 100
    assert manifest.rows["record.texts"] > 10
    assert not any(name.startswith("read.") for name in manifest.rows)


def test_only_its_owner_reads_it_and_the_databases_passwords_are_not_in_it(data: Path, backup: Path):
    for path in (backup, *backup.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    secrets = json.loads((data / "passwords.json").read_text()).values()
    for path in (one for one in backup.rglob("*") if one.is_file()):
        assert not any(secret.encode() in path.read_bytes() for secret in secrets)


def test_what_is_restored_is_the_record_byte_for_byte_with_passwords_of_its_own(
    data: Path, backup: Path, restored: Path
):
    with database(Settings(data=data)) as url, psycopg.connect(url) as connection:
        before = [
            connection.execute(f"SELECT * FROM record.{one} ORDER BY 1, 2").fetchall()
            for one in ("events", "texts", "vault")
        ]
    with database(Settings(data=restored)) as url, psycopg.connect(url) as connection:
        after = [
            connection.execute(f"SELECT * FROM record.{one} ORDER BY 1, 2").fetchall()
            for one in ("events", "texts", "vault")
        ]
        lists = connection.execute("SELECT count(*) FROM read.board").fetchone()
        positions = {name.partition("@")[0] for (name,) in connection.execute("SELECT name FROM read.positions")}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("INSERT INTO record.events DEFAULT VALUES")

    assert after == before
    assert lists != (0,)
    assert positions >= {model.name for model in READ_MODELS}
    assert (restored / "passwords.json").read_text() != (data / "passwords.json").read_text()
    assert (restored / "files" / "ab" / "abcdef").read_bytes() == CONTENT
    assert (restored / "badges" / "key").read_bytes() == (data / "badges" / "key").read_bytes()
    assert (restored / "identity" / "keys.json").read_bytes() == (data / "identity" / "keys.json").read_bytes()
    assert (restored / REBUILD_FILE).exists()
    assert not (restored / RESTORING_FILE).exists()
    assert not (restored / "temporal").exists()


def test_the_record_stays_append_only_where_it_is_restored(restored: Path):
    server = EmbeddedPostgres(restored)
    server.start()
    try:
        with psycopg.connect(server.admin_url, autocommit=True) as admin:
            with pytest.raises(psycopg.errors.RestrictViolation):
                admin.execute("DELETE FROM record.events")
            owner = admin.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'events'").fetchone()
            last = admin.execute(
                "SELECT last_value >= (SELECT max(notification_id) FROM record.events) FROM record.events_notification_id_seq"
            )
            assert (owner, last.fetchone()) == (("assay_owner",), (True,))
    finally:
        server.stop()


def test_a_folder_that_is_not_empty_is_left_alone(data: Path, tmp_path: Path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")

    for target, why in ((tmp_path / "there", "is there and not empty"), (data / "backup", "is within the data folder")):
        with pytest.raises(CannotStart, match=why):
            take_backup(load_settings({"ASSAY_DATA": str(data)}), target)

    assert (tmp_path / "there" / "mine.txt").read_text() == "mine"


def test_a_backup_that_fails_leaves_nothing_of_itself(
    data: Path, running: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump: error: the disk is full' >&2\nexit 1\n")
    (programs / "pg_dump").chmod(0o755)
    monkeypatch.setattr(taking, "postgres_programs", lambda: programs)

    with pytest.raises(CannotStart, match="can't be dumped: pg_dump: error: the disk is full"):
        back_up(data, running.admin_url, tmp_path / "backup")

    assert not (tmp_path / "backup").exists()


def test_a_disk_that_fills_up_is_said_and_nothing_is_left(
    data: Path, running: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taking, "copy_private", full)

    with pytest.raises(CannotStart, match=r"can't be written to .* \(No space left on device\); nothing is left of it"):
        back_up(data, running.admin_url, tmp_path / "backup")

    assert not (tmp_path / "backup").exists()


def test_without_its_manifest_which_is_written_last_it_is_no_backup(copy: Path):
    (copy / "manifest.json").unlink()
    with pytest.raises(CannotStart, match="is no whole backup"):
        read_manifest(copy)


@pytest.mark.parametrize("name", ["database.dump", "data/files/ab/abcdef"])
def test_a_file_that_changed_or_is_missing_is_named_before_anything_is_written(copy: Path, name: str):
    manifest = read_manifest(copy)
    with (copy / name).open("r+b") as file:
        file.seek(1000)
        file.write(b"\x00changed")
    with pytest.raises(CannotStart, match=rf"{name} is not what was backed up"):
        check_files(copy, manifest, quiet)
    (copy / name).unlink()
    with pytest.raises(CannotStart, match=rf"{name} is missing"):
        check_files(copy, manifest, quiet)


def test_one_that_a_newer_version_made_is_refused(copy: Path, tmp_path: Path):
    manifest = change(copy, migrations=["0001-record", "9999-later"])
    with pytest.raises(CannotStart, match=r"newer version of Assay \(migration 9999-later"):
        require_new(tmp_path / "new", manifest)
    with pytest.raises(CannotStart, match=r"was made by a newer Assay \(format 2, this one knows 1\)"):
        change(copy, format=2)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("digest", "0" * 64, "or they differ"),
        ("events", 7, "and 7 up to"),
        ("rows", {"record.texts": 1}, "have other rows"),
    ],
    ids=["digest", "events", "rows"],
)
def test_a_record_that_is_not_the_one_backed_up_stays_unusable(
    copy: Path, tmp_path: Path, field: str, value: object, why: str
):
    manifest, folder = change(copy, **{field: value}), tmp_path / "new"

    with pytest.raises(CannotStart, match=why):
        restore(Settings(data=folder), copy, manifest, bars)

    # then nothing starts there, and a second attempt says what to do
    with pytest.raises(CannotStart, match="wait, or delete the folder and restore again"):
        prepare(folder)
    with pytest.raises(CannotStart, match="was cut off; delete that folder, and restore again"):
        require_new(folder, manifest)


def test_a_text_that_is_not_the_one_its_event_names_is_found(backup: Path, tmp_path: Path):
    # given a folder of which somebody changed a text behind the product's back, and a backup of that
    changed, again = tmp_path / "changed", tmp_path / "again"
    restore(Settings(data=changed), backup, read_manifest(backup), bars)
    server = EmbeddedPostgres(changed)
    server.start()
    try:
        with psycopg.connect(server.admin_url, autocommit=True) as admin:
            text = admin.execute("SELECT id, subject, salt, body FROM record.texts ORDER BY id LIMIT 1").fetchone()
            assert text
            admin.execute("DELETE FROM record.texts WHERE id = %s", [text[0]])
            admin.execute("INSERT INTO record.texts VALUES (%s, %s, %s, %s)", [*text[:3], text[3] + "!"])
        back_up(changed, server.admin_url, again)
    finally:
        server.stop()

    with pytest.raises(CannotStart, match=rf"The text {text[0]} is not the one that its event names"):
        restore(Settings(data=tmp_path / "new"), again, read_manifest(again), bars)


def test_what_can_not_be_done_is_said_in_a_sentence(data: Path, backup: Path, tmp_path: Path):
    own = {"DATABASE_URL": "postgresql://assay_app:hush@127.0.0.1/assay"}
    for arguments, environ, said in (
        (["backup", str(tmp_path / "b"), "--data", str(tmp_path / "none")], {}, "There is no data in"),
        (["backup", str(tmp_path / "b"), "--data", str(data)], own, "is for the embedded PostgreSQL"),
        (["restore", str(backup), "--data", str(tmp_path / "n")], own, "is for the embedded PostgreSQL"),
        (["restore", str(backup), "--data", str(data)], {}, "is there and not empty; give a new folder with --data"),
        (["restore", str(data), "--data", str(tmp_path / "n")], {}, "is no whole backup"),
    ):
        ran = assay(*arguments, **environ)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert said in ran.stderr
        assert "hush" not in ran.stderr


def test_the_handbooks_commands_for_a_postgresql_of_ones_own_bring_the_record_back(
    data: Path, running: EmbeddedPostgres, tmp_path: Path
):
    """Given the commands in docs/operations.md, run as they stand there but for the password."""
    written = re.search(r"```\n(pg_dump .*?)```", (ROOT / "docs" / "operations.md").read_text(), re.DOTALL)
    assert written
    dump, *bring_back = [line for line in written[1].splitlines() if line and not line.startswith(("#", "assay"))]
    other = EmbeddedPostgres(tmp_path / "other", durable=False)
    other.start()
    try:
        for server, lines in ((running, [dump]), (other, bring_back)):
            said = {
                "PATH": f"{postgres_programs()}:{os.defpath}",
                "DATABASE_ADMIN_URL": server.admin_url,
                "LC_ALL": "C",
            }
            for line in lines:
                command = line.replace("…", server.app_password)
                subprocess.run(["/bin/sh", "-ec", command], cwd=tmp_path, env=said, check=True, capture_output=True)
        url = migrate(other.admin_url, other.app_password)
        with open_app(url, pool_size=4) as app:
            catch_up(app.records)
            there = app.records.recorder.select_log(0, 100_000)
        with open_app(migrate(running.admin_url, running.app_password), pool_size=2) as app:
            here = app.records.recorder.select_log(0, 100_000)
    finally:
        other.stop()
    assert there == here != []
