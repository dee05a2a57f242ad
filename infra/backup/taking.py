"""A backup is one moment of the database, dumped while all goes on, and then what stands beside it, which is at least as new.

Files of evidence are named by what they hold and are put before the record names them, so that all that the moment names is
there. Temporal's data is left out: it holds no fact, and is made anew from the record.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import IsolationLevel
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from infra.backup.log import counted, log_digest
from infra.backup.manifest import CHUNK, DATA, DUMP, FORMAT, File, Manifest, Progress, measured, write_manifest
from infra.children import last_words
from infra.embedded.postgres import postgres_programs
from infra.folder import FORMAT_FILE, REBUILD_FILE, RESTORING_FILE, make_private
from infra.problems import CannotStart

LEFT_OUT: Final = frozenset({
    "postgres", "postgres.new", "passwords.json", "temporal", "run", "logs",
    FORMAT_FILE, RESTORING_FILE, REBUILD_FILE,
})  # fmt: skip
"""What a data folder holds that a restored one has of its own."""
UNFINISHED: Final = ".new"
"""Ends the names of files that are just being written."""


def back_up(
    data: Path, admin_url: str, target: Path, *, events: Progress = lambda *_: None, files: Progress = lambda *_: None
) -> Manifest:
    """Back up the data folder `data`, whose database `admin_url` leads to, into the new or empty folder `target`.

    `events` and `files` are told how far it is. Raises CannotStart where it can't be; nothing is left of it then.
    """
    _require_room(data, target)
    with _new(target):
        made = datetime.now(UTC)
        with _moment(admin_url) as connection, _dumping(connection, admin_url, target / DUMP):
            digest = log_digest(connection, events)
            rows = counted(connection)
            migrations = [name for (name,) in connection.execute("SELECT migration_id FROM migrations._yoyo_migration")]
        manifest = Manifest(
            format=FORMAT,
            made_at=made,
            version=version("assay-accreditation"),
            migrations=sorted(migrations),
            events=digest.events,
            position=digest.position,
            digest=digest.value(),
            rows=rows,
            files={DUMP: measured(target / DUMP)} | _copied(data, target, files),
        )
        write_manifest(target, manifest)
    return manifest


def _require_room(data: Path, target: Path) -> None:
    target = target.absolute()
    if target.is_relative_to(data):
        raise CannotStart(f"{target} is within the data folder; give a folder outside of it, best on another disk.")
    try:
        taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except OSError as error:
        raise CannotStart(f"{target} can't be used ({error.strerror}); give another folder.") from None
    if taken:
        raise CannotStart(f"{target} is there and not empty; give a new folder for each backup.")


@contextmanager
def _new(target: Path) -> Iterator[None]:
    """Make the folder, for its owner alone; remove what was made if the block fails."""
    try:
        make_private(target)
        target.chmod(0o700)
        yield
    except BaseException as problem:
        shutil.rmtree(target, ignore_errors=True)
        if isinstance(problem, OSError) and not isinstance(problem, ConnectionError):
            raise CannotStart(
                f"The backup can't be written to {target} ({problem.strerror or problem}); nothing is left of it."
            ) from problem
        raise


@contextmanager
def _moment(admin_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that sees the database as it is now, for the block."""
    try:
        with psycopg.connect(admin_url) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.execute("SET LOCAL timezone = 'UTC'")
            yield connection
    except psycopg.Error as error:
        raise CannotStart(f"The database can't be backed up: {str(error).strip().splitlines()[0]}.") from error


@contextmanager
def _dumping(connection: psycopg.Connection[Any], admin_url: str, dump: Path) -> Iterator[None]:
    """Dump the moment that `connection` sees, beside the block; raises CannotStart at its end if that failed.

    Tables of read models are left out: they are computed anew. How far others have read the log is kept.
    """
    (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
    computed = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'read' AND tablename <> 'positions'"
    ).fetchall()
    command = [
        str(postgres_programs() / "pg_dump"), "--format=custom", "--compress=gzip:3", f"--snapshot={snapshot}",
        f"--file={dump}", *(f'--exclude-table=read."{name}"' for (name,) in computed), database_argument(admin_url),
    ]  # fmt: skip
    with tempfile.TemporaryFile("w+") as said:
        with subprocess.Popen(command, env=environment(admin_url), stderr=said, umask=0o077) as running:
            try:
                yield
            except BaseException:
                running.kill()
                raise
        if running.returncode:
            said.seek(0)
            raise CannotStart(f"The database can't be dumped: {last_words(said.read())}.")


def database_argument(admin_url: str) -> str:
    """The database for PostgreSQL's own programs, without the password, which others on the machine could read there."""
    parts = {key: str(value) for key, value in conninfo_to_dict(admin_url).items() if key != "password"}
    return "--dbname=" + make_conninfo("", **parts)


def environment(admin_url: str) -> dict[str, str]:
    """The environment in which PostgreSQL's own programs find the password, and speak English."""
    return {"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": str(conninfo_to_dict(admin_url).get("password") or "")}


def _copied(data: Path, target: Path, progress: Progress) -> dict[str, File]:
    """Copy what stands beside the database; a file that is deleted meanwhile was let go, and is not missed."""
    wanted = sorted(
        path
        for path in data.rglob("*")
        if path.relative_to(data).parts[0] not in LEFT_OUT
        and path.is_file()
        and not path.is_symlink()
        and not path.name.endswith(UNFINISHED)
    )
    found: dict[str, File] = {}
    for number, path in enumerate(wanted, start=1):
        name = f"{DATA}/{path.relative_to(data).as_posix()}"
        try:
            found[name] = copy_private(path, target / name)
        except FileNotFoundError:
            continue
        progress(number, len(wanted))
    return found


def copy_private(origin: Path, to: Path) -> File:
    """Copy a file, for its owner alone, to the disk; returns what was copied. Raises FileNotFoundError, OSError."""
    digest, size = hashlib.sha256(), 0
    with origin.open("rb") as source:
        make_private(to.parent)
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
            while chunk := source.read(CHUNK):
                copy.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            copy.flush()
            os.fsync(copy.fileno())
    return File(size, digest.hexdigest())
