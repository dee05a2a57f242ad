"""A backup is restored into a new data folder, and is good only when the record there is the one that was backed up.

Until then the folder says that it is being restored, and nothing else starts on it. After that its processes are still to be made
anew, which the next start does, whoever makes it.
"""

import asyncio
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg

from domain.texts import digest_of
from infra import processes, running
from infra.backup.log import PAGE, Digest, counted, rows
from infra.backup.manifest import DATA, DUMP, Manifest, Progress
from infra.backup.taking import copy_private, database_argument, environment
from infra.bootstrap import App, open_app
from infra.children import last_words
from infra.embedded import EmbeddedPostgres
from infra.embedded.postgres import postgres_programs
from infra.folder import REBUILD_FILE, RESTORING_FILE, make_private, prepare, write_private
from infra.problems import CannotStart
from infra.rebuild import rebuild
from infra.seals.keys import KeyFolder, Restored
from infra.settings import Settings
from infra.store.errors import DamagedRecord
from infra.store.migrate import known_migrations, make_roles, migrate
from projections.catalogue import READ_MODELS

Bars = Callable[[str], Progress]
"""Gives the progress of what is named."""

_TEXTS: Final = "SELECT id, salt, body FROM record.texts WHERE id = ANY(%s)"


def require_new(data: Path, manifest: Manifest) -> None:
    """Raise CannotStart where `data` is not a new or empty folder, or the backup is of a newer version."""
    if unknown := set(manifest.migrations) - known_migrations():
        raise CannotStart(
            f"The backup was made by a newer version of Assay (migration {max(unknown)} is unknown to this one); restore"
            " it with that."
        )
    if (data / RESTORING_FILE).exists():
        raise CannotStart(f"A restore into {data} was cut off; delete that folder, and restore again.")
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise CannotStart(f"{data} is there and not empty; give a new folder with --data.")


def restore(settings: Settings, backup: Path, manifest: Manifest, bars: Bars) -> Restored:
    """Make the data folder of the settings, new or empty, what was backed up; returns what is noted of that beside the seals.

    Raises CannotStart; the folder is then to be deleted.
    """
    data = settings.data
    make_private(data / "run")
    write_private(
        data / RESTORING_FILE, f"From {backup.absolute()}. Until this file is gone, nothing here can be used.\n"
    )
    lock = running.take(settings)
    server = EmbeddedPostgres(data)
    try:
        _copy(backup, data, manifest, bars("files"))
        server.start()
        load(server, backup / DUMP)
        _check(server.admin_url, manifest, bars("events"))
        url = migrate(server.admin_url, server.app_password)
        with open_app(url, pool_size=4) as app:
            rebuild(app.records, READ_MODELS, threading.Event(), bars("events for the lists"))
    except psycopg.Error as error:
        raise CannotStart(f"The database can't be restored: {str(error).strip().splitlines()[0]}.") from error
    finally:
        server.stop()
        running.release(settings, lock)
    noted = KeyFolder(data, settings.sealing).begin_anew(
        Restored(at=datetime.now(UTC), made_at=manifest.made_at, events=manifest.events, position=manifest.position)
    )
    write_private(data / REBUILD_FILE, "Processes are made anew from the record with the next start.\n")
    (data / RESTORING_FILE).unlink()
    prepare(data)
    return noted


def revive(settings: Settings, app: App, progress: Progress) -> int | None:
    """Make the processes anew that a restored folder lacks; returns of how many cases, None where that was done before.

    The settings name the servers. Raises one of `processes.UNREACHABLE`: the next start tries again.
    """
    marker = settings.data / REBUILD_FILE
    if not marker.exists():
        return None
    revived = asyncio.run(processes.rebuild(settings, app.records, progress))
    marker.unlink()
    return revived


def _copy(backup: Path, data: Path, manifest: Manifest, progress: Progress) -> None:
    wanted = [name for name in manifest.files if name.startswith(f"{DATA}/")]
    for number, name in enumerate(wanted, start=1):
        if copy_private(backup / name, data / name.removeprefix(f"{DATA}/")) != manifest.files[name]:
            raise CannotStart(f"{backup / name} changed while it was restored; restore again.")
        progress(number, len(wanted))


def load(server: EmbeddedPostgres, dump: Path) -> None:
    """Load a dump into the server's empty database, as it was. Raises CannotStart where that fails; then nothing is loaded."""
    make_roles(server.admin_url, server.app_password)
    command = [
        str(postgres_programs() / "pg_restore"), "--exit-on-error", "--single-transaction",
        database_argument(server.admin_url), str(dump),
    ]  # fmt: skip
    done = subprocess.run(command, env=environment(server.admin_url), capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(f"The database can't be restored: {last_words(done.stderr)}.")
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        # Where read models stood; they are computed anew. How far the others have read stays.
        connection.execute("DELETE FROM read.positions WHERE name LIKE '%@%'")
        connection.execute("ANALYZE")


def _check(admin_url: str, manifest: Manifest, progress: Progress) -> None:
    """Hold the restored record against the manifest: rows, events byte by byte, and each text against its event's digest."""
    with psycopg.connect(admin_url) as connection:
        connection.execute("SET LOCAL timezone = 'UTC'")
        if (found := counted(connection)) != manifest.rows:
            other = sorted(name for name in {*found, *manifest.rows} if found.get(name) != manifest.rows.get(name))
            raise CannotStart(f"What was restored is not what was backed up: {', '.join(other)} have other rows.")
        digest, page = Digest(), dict[str, str]()
        for row in rows(connection):
            digest.add(row)
            page |= _texts_of(row[5], row[1], row[2], row[4])
            if digest.events % PAGE == 0:
                _check_texts(admin_url, page)
                page = {}
                progress(digest.events, manifest.events)
        _check_texts(admin_url, page)
        progress(digest.events, manifest.events)
    if (digest.events, digest.position, digest.value()) != (manifest.events, manifest.position, manifest.digest):
        raise CannotStart(
            f"What was restored is not what was backed up: {digest.events:,} events up to position {digest.position},"
            f" and {manifest.events:,} up to {manifest.position} were, or they differ; take another backup."
        )


def _texts_of(state: bytes, stream: str, version: int, topic: str) -> dict[str, str]:
    """The digests of the texts that an event names, by their ids."""
    try:
        return dict(_named(msgspec.json.decode(state)))
    except msgspec.DecodeError as error:
        raise CannotStart(str(DamagedRecord(stream, version, topic, str(error)))) from None


def _named(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if value.keys() == {"id", "digest"}:
            yield value["id"], value["digest"]
        for one in value.values():
            yield from _named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)


def _check_texts(admin_url: str, digests: dict[str, str]) -> None:
    """Compare the texts that are still kept; those that were erased are not."""
    with psycopg.connect(admin_url) as connection:
        for id, salt, body in connection.execute(_TEXTS, [list(digests)]):
            if digest_of(salt, body) != digests[id]:
                raise CannotStart(f"The text {id} is not the one that its event names; take another backup.")
