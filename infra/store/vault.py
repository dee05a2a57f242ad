"""Names, addresses and typed texts, readable until they are erased; the events that name them stay and still verify."""

from collections.abc import Mapping, Sequence
from typing import Final

from infra.store.datastore import Datastore

_ERASE: Final = """
WITH texts AS (DELETE FROM record.texts WHERE subject = %(subject)s RETURNING id),
    fields AS (DELETE FROM record.vault WHERE subject = %(subject)s RETURNING name)
SELECT id FROM texts UNION ALL SELECT name FROM fields
"""

_WORDS: Final = """
SELECT 'name' AS what, subject AS id, value AS said FROM record.vault WHERE subject = ANY(%s) AND name = 'name'
UNION ALL SELECT 'text', id, body FROM record.texts WHERE id = ANY(%s)
"""


class PostgresVault:
    """The vault behind the connections of `datastore`. Every method raises RecordUnavailable when it can't be reached.

    What is erased is gone from the tables at once, from the server's files when it next cleans them, and from backups
    when those expire.
    """

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore

    def personal(self, subjects: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """Return the fields of each subject that still has any."""
        found: dict[str, dict[str, str]] = {}
        statement = "SELECT subject, name, value FROM record.vault WHERE subject = ANY(%s) ORDER BY subject, name"
        for subject, name, value in self._datastore.rows(statement, [list(subjects)]):
            found.setdefault(subject, {})[name] = value
        return found

    def texts(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Return the bodies of the texts that have not been erased."""
        return dict(self._datastore.rows("SELECT id, body FROM record.texts WHERE id = ANY(%s)", [list(ids)]))

    def holding(self, name: str, values: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return for each of these values of the field `name` that anybody has, in whatever case, whose it is."""
        found: dict[str, list[str]] = {}
        statement = (
            "SELECT given, subject FROM record.vault JOIN unnest(%s::text[]) AS given ON lower(value) = lower(given)"
            " WHERE name = %s ORDER BY subject"
        )
        for value, subject in self._datastore.rows(statement, [list(values), name]):
            found.setdefault(value, []).append(subject)
        return found

    def words(self, subjects: Sequence[str], texts: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the names of these subjects and the bodies of these texts that are still kept, in one round trip."""
        if not subjects and not texts:
            return {}, {}
        rows = self._datastore.rows(_WORDS, [list(subjects), list(texts)])
        return (
            {id: said for what, id, said in rows if what == "name"},
            {id: said for what, id, said in rows if what == "text"},
        )

    def erase_text(self, id: str) -> bool:
        """Erase one text with its salt, so that the digest in the event proves nothing; say whether there was one."""
        return bool(self._datastore.rows("DELETE FROM record.texts WHERE id = %s RETURNING id", [id]))

    def erase_subject(self, subject: str) -> int:
        """Erase all fields and all texts of one subject in one transaction; return how many there were."""
        return len(self._datastore.rows(_ERASE, {"subject": subject}))
