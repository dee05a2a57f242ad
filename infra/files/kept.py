"""Which files are kept for which case, in the record's database, and their bytes beside it: the two never contradict each other.

The bytes of a file are put, or deleted, by whoever holds its lock. Before they are put its SHA-256 is put in doubt, and so it is
when a case lets go of it; what is in doubt and named by no case is deleted. So a crash at any point is made good by `clear`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import structlog
from psycopg import Connection
from psycopg.rows import tuple_row

from domain.submission.files import StoredFile
from infra.files.clamd import scan
from infra.files.errors import FilesOutOfReach
from infra.files.objects import Objects
from infra.files.spool import Spool
from infra.store.datastore import Datastore
from services.ports import Incoming, StaleStream

_OF_CASES: Final = """
SELECT case_id, sha256, size, media_type, uploaded_by, uploaded_at FROM record.files
WHERE case_id = ANY(%s) ORDER BY uploaded_at, sha256
"""
_DOUBT: Final = "INSERT INTO record.files_in_doubt (sha256) VALUES (%s) ON CONFLICT DO NOTHING"
_SURE: Final = "DELETE FROM record.files_in_doubt WHERE sha256 = %s"
_KEEP: Final = """
INSERT INTO record.files (case_id, sha256, size, media_type, uploaded_by, uploaded_at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_FAULT: Final = """
INSERT INTO record.file_faults AS known (sha256, fault) VALUES (%s, %s)
ON CONFLICT (sha256) DO UPDATE SET fault = excluded.fault, found_at = excluded.found_at
"""
_FAULTY: Final = "SELECT sha256 FROM record.file_faults WHERE sha256 = %s"
_WELL: Final = "DELETE FROM record.file_faults WHERE sha256 = %s"
_LOCK: Final = "hashtextextended(%s, 20220007)"
"""The lock of a file, among all locks of the database."""

log = structlog.get_logger()


class KeptFiles:
    """The files of cases: rows behind the connections of `datastore`, bytes in `objects`, on their way in by `spool`.

    With `clamd`, the scanner there is asked about each file before it is kept.
    """

    def __init__(self, datastore: Datastore, objects: Objects, spool: Spool, *, clamd: str | None = None) -> None:
        self._datastore = datastore
        self.objects = objects
        self.spool = spool
        self.clamd = clamd

    def of_case(self, case: str) -> Sequence[StoredFile]:
        """Return the files kept for a case, the oldest first."""
        return self.of_cases([case]).get(case, ())

    def of_cases(self, cases: Sequence[str]) -> Mapping[str, Sequence[StoredFile]]:
        """Return the files kept for each of these cases that has any."""
        return files_of(self._datastore, cases)

    def keep(self, file: StoredFile, incoming: Incoming) -> StoredFile:
        """Keep a file for its case; return it as it was kept first.

        Refuses what the scanner finds harmful. Raises FilesOutOfReach or StorageFull. Nothing is kept then.
        """
        if self.clamd:
            scan(self.clamd, incoming.path)
        row = [file.case, file.sha256, file.size, file.media_type, file.by, file.at]
        with self._datastore.get_connection() as connection, _held(connection, file.sha256):
            connection.execute(_DOUBT, [file.sha256])
            doubtful = connection.execute(_FAULTY, [file.sha256]).fetchone() is not None
            if doubtful or self.objects.size(file.sha256) != file.size:
                self.objects.put(file.sha256, incoming.path)
            with connection.transaction():
                connection.execute(_KEEP, row)
                connection.execute(_SURE, [file.sha256])
                connection.execute(_WELL, [file.sha256])
        return next(one for one in self.of_case(file.case) if one.sha256 == file.sha256)

    def remove(self, case: str, sha256: str, *, version: int) -> bool:
        """Remove a file from a case that is at this version; its bytes go with `clear`. Raises StaleStream."""
        with self._datastore.get_connection() as connection:
            try:
                found = connection.execute(
                    "SELECT record.remove_file(%s, %s, %s) AS there", [case, sha256, version]
                ).fetchone()
            except psycopg.errors.SerializationFailure as error:
                raise StaleStream(error.diag.message_primary) from None
        return bool(found and found["there"])

    def clear(self) -> int:
        """Delete the bytes that no case names any more; return how many files. What can't be reached now is left for later."""
        cleared = 0
        for (sha256,) in self._datastore.rows("SELECT sha256 FROM record.files_in_doubt ORDER BY since", []):
            try:
                cleared += self._clear(sha256)
            except FilesOutOfReach as problem:
                log.warning("files.not_cleared", sha256=sha256, problem=str(problem))
        return cleared

    def _clear(self, sha256: str) -> bool:
        with (
            self._datastore.get_connection() as connection,
            _held(connection, sha256, wait=False) as ours,
            connection.cursor(row_factory=tuple_row) as cursor,
        ):
            if not ours:  # it is just coming in
                return False
            named = cursor.execute("SELECT FROM record.files WHERE sha256 = %s LIMIT 1", [sha256]).fetchall()
            if not named:
                self.objects.delete(sha256)
                cursor.execute(_WELL, [sha256])
            cursor.execute(_SURE, [sha256])
        return not named

    def doubt(self, sha256: str) -> None:
        """Have `clear` look whether any case names this file."""
        self._write(_DOUBT, [sha256])

    def note_fault(self, sha256: str, fault: str) -> None:
        """Note that a file is missing or changed, for operations to see."""
        log.error("files.damaged", sha256=sha256, fault=fault)
        self._write(_FAULT, [sha256, fault])

    def note_well(self, sha256: str) -> None:
        """Note that a file is as it was kept."""
        self._write(_WELL, [sha256])

    def faults(self) -> Mapping[str, str]:
        """Return the files that were found missing or changed, and what was found."""
        return dict(self._datastore.rows("SELECT sha256, fault FROM record.file_faults ORDER BY found_at", []))

    def counts(self) -> tuple[int, int]:
        """Return how many files are kept, and of how many it is still to be looked whether any case names them."""
        [(kept, doubted)] = self._datastore.rows(
            "SELECT (SELECT count(DISTINCT sha256) FROM record.files), (SELECT count(*) FROM record.files_in_doubt)", []
        )
        return int(kept), int(doubted)

    def doubted(self) -> frozenset[str]:
        """Return the files of which it is still to be looked whether any case names them."""
        return frozenset(sha256 for (sha256,) in self._datastore.rows("SELECT sha256 FROM record.files_in_doubt", []))

    def whole(self) -> dict[str, tuple[int, list[str]]]:
        """Return every file that is kept, by SHA-256: its bytes, and the cases that have it."""
        rows = self._datastore.rows(
            "SELECT sha256, max(size), array_agg(case_id ORDER BY case_id) FROM record.files GROUP BY sha256 ORDER BY sha256",
            [],
        )
        return {sha256: (int(size), cases) for sha256, size, cases in rows}

    def _write(self, statement: str, values: Sequence[Any]) -> None:
        with self._datastore.get_connection() as connection:
            connection.execute(statement, values)


def files_of(datastore: Datastore, cases: Sequence[str]) -> dict[str, list[StoredFile]]:
    """Return the files kept for each of these cases that has any, the oldest first."""
    found: dict[str, list[StoredFile]] = {}
    for case, sha256, size, media_type, by, at in datastore.rows(_OF_CASES, [list(cases)]):
        one = StoredFile(case=case, sha256=sha256, size=size, media_type=media_type, by=by, at=at)
        found.setdefault(case, []).append(one)
    return found


@contextmanager
def _held(connection: Connection[Any], sha256: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of a file; without waiting for it, say whether it is ours. It ends with the connection in any case."""
    take: Callable[[str], Any] = lambda function: connection.execute(f"SELECT {function}({_LOCK}) AS ours", [sha256])  # noqa: E731
    if wait:
        take("pg_advisory_lock")
    elif not take("pg_try_advisory_lock").fetchone()["ours"]:
        yield False
        return
    try:
        yield True
    finally:
        try:
            take("pg_advisory_unlock")
        except psycopg.Error as error:  # a lock goes with its connection, and what failed is told by who failed
            log.warning("files.lock_lost", error=type(error).__name__)
            connection.close()
