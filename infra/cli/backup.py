"""`assay backup` and `assay restore`: with bars, what a backup holds said plainly, and a restored folder looked at by the doctor."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from infra.backup.manifest import Manifest, Progress, check_files, read_manifest
from infra.backup.restoring import require_new, restore, revive
from infra.backup.taking import back_up
from infra.bootstrap import located, open_app
from infra.cli.health import examine
from infra.cli.screen import bar, screen
from infra.cli.servers import Say, running_group
from infra.embedded import EmbeddedPostgres
from infra.folder import prepare, require_data
from infra.problems import CannotStart
from infra.processes import UNREACHABLE
from infra.running import Running, find_running, release, take
from infra.settings import Settings
from projections.words import counted

REVIVING: Final = ("worker", "projector", "signaller")
"""What runs while a restored folder is looked at: nothing that sends anything to anybody."""
PATIENCE: Final = 120.0
"""Seconds within which all has to be well then."""


def take_backup(settings: Settings, target: Path) -> None:
    """Back up the data folder, also while all runs on it."""
    _require_embedded(settings, "backup")
    require_data(settings.data)
    console = screen()
    with _database(settings) as admin_url, _Bars(console) as bars:
        manifest = back_up(settings.data, admin_url, target, events=bars("events"), files=bars("files"))
    _tell(console, target, manifest)


def _tell(console: Console, target: Path, manifest: Manifest) -> None:
    size = sum(one.size for one in manifest.files.values())
    console.print(
        f"{escape(str(target))} holds {counted(manifest.events, 'event')} up to position {manifest.position}, of"
        f" {manifest.made_at:%-d %B %Y %H:%M:%S} UTC, and {len(manifest.files) - 1:,} files: {size / 1e6:,.1f} MB."
    )
    console.print(
        "Keep it as you keep the data folder: names, addresses and texts are in it, and the keys by which our own issuer"
        " and the seals sign. It is readable by you alone, and not encrypted. What is erased from now on is still in it."
    )
    console.print(f"`assay restore {escape(str(target))} --data NEW-FOLDER` brings it back.", soft_wrap=True)


def restore_backup(settings: Settings, backup: Path) -> None:
    """Restore a backup into a new data folder, make its processes anew, and have the doctor look; exits with 1 if not well."""
    _require_embedded(settings, "restore")
    console, manifest = screen(), read_manifest(backup)
    require_new(settings.data, manifest)
    with _Bars(console) as bars:
        check_files(backup, manifest, bars("bytes compared"))
        noted = restore(settings, backup, manifest, bars)
    console.print(f"{counted(manifest.events, 'event')}, as it was at {manifest.made_at:%-d %B %Y %H:%M:%S} UTC.")
    if noted.keys:
        key = (
            "The key that is given by setting signs no more here: set another, `assay seal --print-new-key` makes one."
            if settings.sealing.key
            else "Another key seals from now on."
        )
        console.print(
            f"{key} Its checkpoints say `{noted.line}`. Tell those who hold earlier ones: what was sealed after the backup"
            " can't agree with this record (docs/verifying.md).",
            soft_wrap=True,
        )
    if settings.temporal_address:
        # There the processes of what was backed up may run; whoever starts this folder says that it is to be theirs.
        console.print("The next `assay up` makes the processes anew, in the Temporal that it is given.")
        return
    # Ports of its own, and figures shown nowhere, so that it does not meet what runs on another folder.
    apart = replace(settings, temporal_port=0, temporal_ui_port=None, metrics=None)
    with running_group(apart, lambda *_: None, REVIVING) as running:
        found = located(apart, running.database_url, running.temporal_address)
        with open_app(running.database_url, pool_size=4) as app, bar(console, "cases") as progress:
            try:
                revived = revive(found, app, progress)
            except UNREACHABLE as problem:
                raise CannotStart(
                    f"The record is restored, and its processes can't be made anew now ({problem}); the next `assay up` does that."
                ) from problem
        console.print(f"{revived:,} live cases have their process; their clocks go on.")
        console.print(
            f"`assay up --data {escape(str(settings.data))}` goes on from here. What the doctor finds:\n",
            soft_wrap=True,
        )
        examine(found, patience=PATIENCE)


def revive_beside(settings: Settings, running: Running, say: Say) -> threading.Thread | None:
    """Where a restored folder still lacks its processes, make them anew on a thread; what can't be now is done next time."""
    from infra.folder import REBUILD_FILE

    if not (settings.data / REBUILD_FILE).exists():
        return None

    def work() -> None:
        with open_app(running.database_url, pool_size=4) as app:
            try:
                revived = revive(
                    located(settings, running.database_url, running.temporal_address), app, lambda *_: None
                )
            except UNREACHABLE as problem:
                say("processes", f"are not made anew yet ({problem}); `assay processes rebuild` does that")
            else:
                say("processes", f"of {revived:,} live cases made anew, since a backup was restored")

    thread = threading.Thread(target=work, name="revive", daemon=True)
    thread.start()
    return thread


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    """The administrator's URL of the folder's database; where nothing runs, PostgreSQL is started for the moment."""
    server = EmbeddedPostgres(settings.data)
    if find_running(settings):
        yield server.admin_url
        return
    prepare(settings.data)
    lock = take(settings)
    try:
        server.start()
        yield server.admin_url
    finally:
        server.stop()
        release(settings, lock)


def _require_embedded(settings: Settings, command: str) -> None:
    if settings.database_url:
        raise CannotStart(
            f"`assay {command}` is for the embedded PostgreSQL; for one of your own, docs/operations.md says how."
        )


class _Bars:
    """Bars on the screen, each shown when it is first asked for, until all is done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._open = ExitStack()

    def __enter__(self) -> "_Bars":
        return self

    def __exit__(self, *problem: object) -> None:
        self._open.close()

    def __call__(self, unit: str) -> Progress:
        shown: list[Progress] = []

        def progress(done: int, total: int) -> None:
            if not shown:
                self._open.close()  # one live bar at a time
                shown.append(self._open.enter_context(bar(self._console, unit)))
            shown[0](done, total)

        return progress
