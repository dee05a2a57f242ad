"""Files on their way in: written to a part of the folder's own while they are hashed, never held in memory, gone if cut off.

A part is locked by whoever writes it, so that a sweep takes only what was left behind, whatever process it belonged to.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from infra.files.errors import StorageFull, of_system
from infra.files.sniff import HEAD, found_in
from infra.folder import make_private
from services.ports import Incoming

PARTS: Final = "parts"
RESERVE: Final = 256 * 1024 * 1024
"""Bytes of the disk that files leave free, since the record may be on it too."""


class Spool:
    """The folder of parts below `folder`, made when first used."""

    def __init__(self, folder: Path, *, reserve: int = RESERVE) -> None:
        self.parts = folder / PARTS
        self._reserve = reserve

    def open(self) -> "Part":
        """Begin a part. Raises FilesOutOfReach where the folder can't be written."""
        try:
            make_private(self.parts)
            return Part(*_locked(self.parts))
        except OSError as error:
            raise of_system(error) from error

    def require_room(self, size: int) -> None:
        """Raise StorageFull where a file of this size would leave too little of the disk."""
        try:
            make_private(self.parts)
            free = shutil.disk_usage(self.parts).free
        except OSError as error:
            raise of_system(error) from error
        if free - size < self._reserve:
            raise StorageFull(f"{free:,} bytes are free")

    def sweep(self) -> int:
        """Delete the parts that nobody writes any more; return how many."""
        if not self.parts.exists():
            return 0
        return sum(_take_away(one) for one in self.parts.iterdir())

    def left(self) -> int:
        """How many parts there are, also of those under way."""
        return len(list(self.parts.iterdir())) if self.parts.exists() else 0


class Part:
    """A file that comes in: `write` to it, then `finish`; whatever it is then, it is gone when the block is left."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.size = 0
        self._descriptor = descriptor
        self._hash = hashlib.sha256()
        self._head = b""

    def write(self, piece: bytes) -> None:
        """Add to it. Raises StorageFull where there is no room."""
        try:
            view = memoryview(piece)
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            raise of_system(error) from error
        self._hash.update(piece)
        self.size += len(piece)
        if len(self._head) < HEAD:
            self._head += bytes(piece[: HEAD - len(self._head)])

    def finish(self) -> Incoming:
        """Make sure that it is on the disk, and say what came in."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise of_system(error) from error
        found = found_in(self._head, self.path, self.size)
        return Incoming(path=self.path, size=self.size, sha256=self._hash.hexdigest(), found=found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.path.unlink(missing_ok=True)  # unless it was moved to where it is kept
        os.close(self._descriptor)


def _locked(folder: Path) -> tuple[Path, int]:
    """A new file that is locked, and that no sweep took away before it was."""
    while True:
        path = folder / secrets.token_hex(16)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:
                return path, descriptor
        except BlockingIOError:
            pass
        os.close(descriptor)


def _take_away(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
