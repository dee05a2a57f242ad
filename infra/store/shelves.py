"""What is kept beside the events, for the services that let it go: the read models of texts and of tasks, and the vault's own tables."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from psycopg import Connection

from domain.retention.kinds import OF_LETTERS, OF_LOOKS
from domain.submission.files import StoredFile
from infra.files.kept import files_of
from infra.read_models import Copy
from infra.store.datastore import Datastore
from projections import tasks, texts
from services.ports import Shelved

Found = TypeVar("Found")

# From the first look at one case to the first at the next, by the index: there are many more looks than cases.
_HOLDERS: Final = """
WITH RECURSIVE looked AS (
    (SELECT case_id, at FROM access.looks ORDER BY case_id, id LIMIT 1)
    UNION ALL
    SELECT next.case_id, next.at FROM looked CROSS JOIN LATERAL
        (SELECT case_id, at FROM access.looks WHERE case_id > looked.case_id ORDER BY case_id, id LIMIT 1) AS next
)
SELECT holder FROM (
    SELECT case_id AS holder, uploaded_at AS since FROM record.files
    UNION ALL SELECT stream, written_at FROM letters.letters AS one JOIN letters.texts AS words ON words.letter = one.id
    UNION ALL SELECT case_id, at FROM looked
) AS kept GROUP BY holder ORDER BY min(since), holder
"""
_BESIDE: Final = """
SELECT id, stream, %(letters)s::text, written_at FROM letters.letters AS one JOIN letters.texts AS words ON words.letter = one.id
    WHERE stream = ANY(%(streams)s)
UNION ALL SELECT 'look-' || id, case_id, %(looks)s::text, at FROM access.looks WHERE case_id = ANY(%(streams)s)
ORDER BY 4, 1
"""


class PostgresShelves:
    """The shelves behind the connections of `datastore`. Every method raises RecordUnavailable when it can't be reached.

    They are as far as the read models of texts and of tasks are, which `position` tells.
    """

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore

    def position(self) -> int:
        """Return up to which position of the log the other answers hold, 0 while a read model is not made."""
        names = [Copy(model).name for model in (texts.MODEL, tasks.MODEL)]
        rows = self._datastore.rows("SELECT position FROM read.positions WHERE name = ANY(%s)", [names])
        return min(int(one) for (one,) in rows) if len(rows) == len(names) else 0

    def holders(self) -> Sequence[str]:
        """Return the streams with a text, a file, words of a letter or a look that is still kept, the oldest first."""
        rows = self._datastore.rows(_HOLDERS, [])
        return list(dict.fromkeys([*self._ask(texts.holders), *(case for (case,) in rows)]))

    def kept(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of these texts that have not been erased."""
        return self._ask(lambda connection: texts.kept(connection, ids))

    def texts_of(self, subject: str) -> Sequence[Shelved]:
        """Return the texts still kept that were typed for this subject, the oldest first."""
        rows = self._ask(lambda connection: texts.of_subject(connection, subject))
        return [Shelved(row.id, row.stream, row.kind, row.since) for row in rows]

    def files(self, cases: Sequence[str]) -> Mapping[str, Sequence[StoredFile]]:
        """Return the files kept for each of these cases that has any, the oldest first."""
        return files_of(self._datastore, cases)

    def beside(self, streams: Sequence[str]) -> Mapping[str, Sequence[Shelved]]:
        """Return for each of these streams that has any the letters about it whose words are kept, and who looked at it."""
        found: dict[str, list[Shelved]] = {}
        for row in self._datastore.rows(_BESIDE, {"streams": list(streams), "letters": OF_LETTERS, "looks": OF_LOOKS}):
            found.setdefault(row[1], []).append(Shelved(*row))
        return found

    def fields(self, subjects: Sequence[str] | None = None) -> Mapping[str, Sequence[str]]:
        """Return the names of the vault's fields of each of these subjects that has any, or of all."""
        found: dict[str, list[str]] = {}
        statement = "SELECT subject, name FROM record.vault WHERE %s::text[] IS NULL OR subject = ANY(%s) ORDER BY subject, name"
        only = list(subjects) if subjects is not None else None
        for subject, name in self._datastore.rows(statement, [only, only]):
            found.setdefault(subject, []).append(name)
        return found

    def tasks_of(self, person: str) -> Sequence[tuple[str, bool]]:
        """Return the matters in which a task of this person runs, each with whether somebody is told when it is late."""
        found = self._ask(lambda connection: tasks.running(connection, who=person))
        return [(one.case_id, bool(one.told)) for one in found]

    def naming(self, ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return for each of these people and providers the streams that name it."""
        return self._ask(lambda connection: texts.naming(connection, ids))

    def open_matters(self) -> Mapping[str, Sequence[str]]:
        """Return for whatever an open appeal, complaint, audit or scrutiny names, which of them do."""
        return self._ask(texts.open_matters)

    def _ask(self, question: Callable[[Connection[Any]], Found]) -> Found:
        with self._datastore.get_connection() as connection:
            return question(connection)
