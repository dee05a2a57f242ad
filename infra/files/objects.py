"""The bytes of files, each under its SHA-256, through obstore: in a folder or in an S3-compatible store, whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from infra.files.errors import FilesOutOfReach, StorageFull, of_system
from infra.files.place import Bucket, Folder, Place
from infra.files.spool import PARTS

PIECE: Final = 1024 * 1024
"""Bytes that are read at once."""
UPLOADED: Final = 5 * 1024 * 1024
AT_ONCE: Final = 2
"""So many parts of so many bytes are on their way to S3 at once, and in memory meanwhile."""
PATIENCE: Final = 5.0
"""Seconds in which nothing comes from S3 before it counts as out of reach; a part may take longer until it is answered."""
LONGER: Final = 6
"""So many times as long."""


class Objects:
    """The bytes at `place`. All but `put` of a folder work the same for both kinds; methods raise FilesOutOfReach."""

    def __init__(self, place: Place, *, patience: float = PATIENCE) -> None:
        self._folder = place.path if isinstance(place, Folder) else None
        self._store: Any
        if isinstance(place, Folder):
            self._store = LocalStore(place.path)
        else:
            self._store = _bucket_store(place, timedelta(seconds=patience))
            self._putting = _bucket_store(place, timedelta(seconds=LONGER * patience))
        self.place = place

    def size(self, sha256: str) -> int | None:
        """Return how many bytes are there under this SHA-256, None if nothing is."""
        with _reaching(self.where):
            try:
                found: int = obstore.head(self._store, _key(sha256))["size"]
            except (NotFoundError, FileNotFoundError):
                self._require_folder()  # without it nothing is there, and nothing is missing either
                return None
        return found

    def put(self, sha256: str, path: Path) -> None:
        """Put the bytes of the file at `path` there, safe when it returns; in a folder the file itself is moved.

        Raises StorageFull where there is no room.
        """
        with _reaching(self.where):
            if self._folder is None:
                obstore.put(self._putting, _key(sha256), path, chunk_size=UPLOADED, max_concurrency=AT_ONCE)
                if self.size(sha256) != path.stat().st_size:  # whatever answers there may not have kept it
                    raise FilesOutOfReach(f"{self.where} says that it keeps a file, and has none of its size")
                return
            kept = self._folder / sha256[:2]
            new = [] if kept.exists() else [self._folder]
            obstore.rename(self._store, f"{PARTS}/{path.name}", _key(sha256))
            _sync(kept, *new)

    def read(self, sha256: str, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` to before `stop`, a piece at a time. Raises FileNotFoundError where there are none."""
        with _reaching(self.where):
            result = None
            with suppress(NotFoundError, FileNotFoundError):
                result = obstore.get(self._store, _key(sha256), options={"range": (start, stop)})
        if result is None:
            raise FileNotFoundError(sha256)
        return _pieces(self.where, result.stream(min_chunk_size=PIECE))

    def delete(self, sha256: str) -> None:
        """Delete what is there under this SHA-256, if anything."""
        with _reaching(self.where):
            try:
                obstore.delete(self._store, _key(sha256))
            except (NotFoundError, FileNotFoundError):
                return

    def all(self) -> Iterator[tuple[str, int]]:
        """Yield the name and the size of whatever is there; of a file of ours the name is its SHA-256."""
        with _reaching(self.where):
            for page in obstore.list(self._store, chunk_size=500):
                for one in page:
                    folder, _, name = one["path"].rpartition("/")
                    if folder != PARTS:
                        yield (name if _key(name) == one["path"] else one["path"]), one["size"]

    def check(self) -> None:
        """Make sure that it answers, and that something can be looked for in it."""
        with _reaching(self.where):
            self._require_folder()
            next(iter(obstore.list(self._store, prefix="00", chunk_size=1)), None)

    def _require_folder(self) -> None:
        if self._folder is not None and not self._folder.is_dir():
            raise FilesOutOfReach(f"the folder of files {self._folder} can't be used: it is not there")

    @property
    def where(self) -> str:
        """Where it is, for people."""
        if isinstance(self.place, Folder):
            return str(self.place.path)
        return f"s3://{self.place.name}" + (f" at {self.place.endpoint}" if self.place.endpoint else "")


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _bucket_store(bucket: Bucket, patience: timedelta) -> Any:
    said: dict[str, Any] = {"region": bucket.region}
    said |= {"access_key_id": bucket.key, "secret_access_key": bucket.secret} if bucket.key else {}
    said |= {"endpoint": bucket.endpoint} if bucket.endpoint else {}
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        client_options={
            "allow_http": (bucket.endpoint or "").startswith("http://"),
            "connect_timeout": min(patience, timedelta(seconds=5)),
            "read_timeout": patience,
            "timeout": timedelta(hours=6),  # of a whole file, which may be large and the way there slow
        },
        retry_config={
            "max_retries": 2,
            "retry_timeout": 2 * patience,
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=2),
                "base": 2,
            },
        },
        **said,
    )


@contextmanager
def _reaching(where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise of_system(error) from error
    except BaseError as error:
        if "No space left" in str(error) or "Disk quota" in str(error):
            raise StorageFull("the disk is full") from error
        # Its first line says what happened; what follows is for who looks into the library.
        raise FilesOutOfReach(f"{where} can't be used: {str(error).splitlines()[0]}") from error


def _pieces(where: str, stream: Iterator[Any]) -> Iterator[bytes]:
    with _reaching(where):
        for piece in stream:
            yield bytes(piece)


def _sync(*folders: Path) -> None:
    """Have the system write down that a file is in these folders now."""
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
