"""The data folder: everything Assay keeps on this machine, held by one process at a time, in a known format."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import Final

from infra.problems import CannotStart

FORMAT: Final = 1
"""Of the folder's layout. Raise it when an older Assay could no longer use the folder."""

FORMAT_FILE: Final = "FORMAT"
"""The file that says so, and by which a folder is known for one of ours."""

RESTORING_FILE: Final = "RESTORING"
"""Is there while a backup is being restored into the folder; nothing starts on half of one."""

REBUILD_FILE: Final = "REBUILD"
"""Is there from when a backup was restored until its processes were made anew."""

LEAST_FREE_MB: Final = 500


def require_data(folder: Path) -> None:
    """Raise CannotStart where there is no data yet: what only reads makes no folder."""
    if not (folder / FORMAT_FILE).exists():
        raise CannotStart(
            f"There is no data in {folder}; `assay up` or `make demo` makes some, or give another folder with --data."
        )


def prepare(folder: Path) -> None:
    """Make `folder` if needed and check that it can be used.

    Raises CannotStart if it can't be written, was made by a newer Assay, is half restored, or has less than `LEAST_FREE_MB` MB free.
    """
    try:
        make_private(folder / "logs", folder / "run")
        (folder / "run" / ".writable").write_text("")
        (folder / "run" / ".writable").unlink()
    except OSError as error:
        why = error.strerror or error
        raise CannotStart(
            f"The data folder {folder} can't be written ({why}); give yourself the right to, or set ASSAY_DATA to another."
        ) from None
    if (folder / RESTORING_FILE).exists():
        raise CannotStart(
            f"A backup is being restored into {folder}, or that was cut off; wait, or delete the folder and restore again."
        )
    _check_format(folder)
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < LEAST_FREE_MB:
        raise CannotStart(
            f"The disk of {folder} has {free} MB free and at least {LEAST_FREE_MB} MB are needed; "
            "free some, or set ASSAY_DATA to a folder on another disk."
        )


def make_private(*folders: Path) -> None:
    """Make each of `folders`, and what it is in, for the present user alone; one that exists is left as it is."""
    for folder in folders:
        for each in (*reversed(folder.parents), folder):
            each.mkdir(mode=0o700, exist_ok=True)


def hold(path: Path) -> int | None:
    """Lock the file `path`, made if needed, until the returned descriptor is closed or this process ends.

    Returns None if another process, or another holder in this one, has it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def write_private(path: Path, text: str) -> None:
    """Write `path`, readable by its owner alone, whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _check_format(folder: Path) -> None:
    path = folder / FORMAT_FILE
    if not path.exists():
        write_private(path, f"{FORMAT}\n")
        return
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    if not text.isdecimal():
        raise CannotStart(
            f"{path} should hold a number and holds {text[:20]!r}; restore it from a backup of the folder."
        )
    if int(text) > FORMAT:
        raise CannotStart(
            f"The data folder {folder} was made by a newer Assay (format {text}, this one knows {FORMAT}); "
            "install that version, or set ASSAY_DATA to another folder."
        )
