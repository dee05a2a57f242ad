"""Looks after files while the API runs: what an upload that was cut off left behind, and bytes that no case names any more."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from infra.files.errors import FilesOutOfReach
from infra.files.kept import KeptFiles

EVERY: Final = 5.0
"""Seconds between two looks for what may go: what was let go is soon gone from the disk too."""

log = structlog.get_logger()


@contextmanager
def tended(files: KeptFiles | None, stop: threading.Event, every: float = EVERY) -> Iterator[None]:
    """Have the files looked after in the background, until `stop` or the end of the block."""
    over = threading.Event()

    def tend() -> None:
        while files and not (stop.is_set() or over.is_set()):
            tidy(files)
            over.wait(every)

    thread = threading.Thread(target=tend, name="files", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def tidy(files: KeptFiles) -> tuple[int, int]:
    """Delete parts left behind, and bytes that no case names any more; return how many of each. What can't be done waits."""
    parts = cleared = 0
    try:
        parts = files.spool.sweep()
        cleared = files.clear()
    except (OSError, FilesOutOfReach) as problem:
        log.warning("files.not_tidied", problem=str(problem))
    except Exception as problem:  # noqa: BLE001 - the record may be out of reach in many ways, and the next look finds it again
        log.warning("files.not_tidied", problem=type(problem).__name__)
    if parts or cleared:
        log.info("files.tidied", parts=parts, cleared=cleared)
    return parts, cleared
