"""The services' search for every case that something touched: the read model, and the end of the log that it has not seen.

The read model may be behind, or not be there; what it lacks is read from the log itself, so that no case is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import IsolationLevel

from domain.appeal.causes import Cause, touched_by
from infra.read_models import Copy, connect, positions
from infra.store.records import PostgresRecords
from projections.touched import MODEL, touched_cases
from services.ports import Found

PAGE: Final = 1000
"""How many events of the log are read at once."""


@dataclass(frozen=True, slots=True)
class TouchedCases:
    """The search on this record."""

    records: PostgresRecords

    def cases(self, causes: Sequence[tuple[str, str]], *, until: int | None = None) -> Found:
        """Return the cases touched, by id, and up to which position of the log; see the port. Raises RecordUnavailable."""
        end = self.records.max_position() if until is None else until
        found, seen = self._in_read_model(causes, end)
        wanted = {Cause(kind=kind, value=value) for kind, value in causes}
        while seen < end:
            page = [one for one in self.records.read_log(seen, PAGE) if one.position <= end]
            found |= {one.stream for one in page if wanted & touched_by(one)}
            seen = page[-1].position if page else end
        return Found(cases=sorted(found), searched_to=end)

    def _in_read_model(self, causes: Sequence[tuple[str, str]], end: int) -> tuple[set[str], int]:
        with connect(self.records.datastore.url) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ  # rows and position are of one moment
            with connection.transaction():
                copy = Copy(MODEL)
                seen = positions(connection, [copy]).get(copy.name)
                return (set(touched_cases(connection, causes, until=end)), seen) if seen is not None else (set(), 0)
