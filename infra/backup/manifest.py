"""What a backup holds is written down last, by name, size and SHA-256: a folder without that is no backup, and is not restored."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from infra.folder import write_private
from infra.problems import CannotStart

FORMAT: Final = 1
"""Of a backup. Raise it when an older Assay could no longer restore it."""
NAME: Final = "manifest.json"
DUMP: Final = "database.dump"
DATA: Final = "data"
"""The folder within a backup for what stood beside the database."""
CHUNK: Final = 1 << 20

Progress = Callable[[int, int], None]
"""Is told how much is done, and of how much."""


class File(msgspec.Struct, frozen=True):
    """A file of a backup: its bytes by number and SHA-256 (hex)."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds, all of one moment (UTC).

    `position` is that of the log's last event, `digest` the SHA-256 of the log as `log_digest` computes it; `rows` are
    counted by table, `files` named by their path within the backup.
    """

    format: int
    made_at: datetime
    version: str
    migrations: list[str]
    events: int
    position: int
    digest: str
    rows: dict[str, int]
    files: dict[str, File]


class _Format(msgspec.Struct):
    format: int


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it, which makes the folder a backup."""
    write_private(folder / NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=1).decode() + "\n")


def read_manifest(folder: Path) -> Manifest:
    """Read it. Raises CannotStart where the folder is no whole backup, or one that only a newer Assay can restore."""
    try:
        source = (folder / NAME).read_bytes()
    except OSError:
        raise CannotStart(
            f"{folder} is no whole backup: it has no {NAME}, which is written last; give one that `assay backup` finished."
        ) from None
    try:
        made = msgspec.json.decode(source, type=_Format)
        if made.format > FORMAT:
            raise CannotStart(
                f"{folder} was made by a newer Assay (format {made.format}, this one knows {FORMAT}); restore it with that."
            )
        return msgspec.json.decode(source, type=Manifest)
    except msgspec.DecodeError:
        raise CannotStart(f"{folder / NAME} can't be read; take another backup.") from None


def check_files(folder: Path, manifest: Manifest, progress: Progress) -> None:
    """Compare every file with the manifest; `progress` is told bytes. Raises CannotStart naming the first that differs."""
    total, done = sum(one.size for one in manifest.files.values()), 0
    for name, expected in manifest.files.items():
        try:
            found = measured(folder / name)
        except OSError:
            raise CannotStart(f"{folder / name} is missing or can't be read; take another backup.") from None
        if found != expected:
            raise CannotStart(f"{folder / name} is not what was backed up: its SHA-256 differs; take another backup.")
        done += expected.size
        progress(done, total)


def measured(path: Path) -> File:
    """The size and SHA-256 of a file, without holding it in memory."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return File(size, digest.hexdigest())
