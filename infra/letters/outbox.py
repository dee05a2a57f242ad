"""The outbox: the letters that were written, where each stands, and how far the log was read. Every change is one statement.

What is asked here raises RecordUnavailable when the database can't be reached.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain import letter_events as e
from domain.letter_events import LetterBounced, LetterEvent, LetterHeldBack, LetterReleased
from domain.letters import Addressed
from infra.store.datastore import Datastore
from services.ports import Recorded

PLACE: Final = "letters"
"""The name under which it is kept how far the log was read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A letter in the outbox. Instants are UTC; `position`, `stream` and `version` say which event sends it.

    `next_at` is when it is tried next, `state_at` since when it stands where it does, `interrupted` how often the sender
    ended while it was on its way, so that it may have gone twice. `reply` is the code of the last answer.
    """

    id: str
    position: int
    stream: str
    version: int
    letter: str
    recipient: str
    state: str
    written_at: datetime
    next_at: datetime
    state_at: datetime
    sent_at: datetime | None
    tries: int
    interrupted: int
    reply: str


COLUMNS: Final = ", ".join(Row.__dataclass_fields__)
_INSERT: Final = """
INSERT INTO letters.letters (id, position, stream, version, letter, recipient, state)
SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])
ON CONFLICT (id) DO NOTHING
"""
_EDITS: Final = {
    LetterHeldBack: ("held", ("queued",)),
    LetterReleased: ("queued", ("held",)),
    e.LetterSentNow: ("queued", ("held", "queued", "refused", "failed", "no-address", "bounced")),
    LetterBounced: ("bounced", ("sent",)),
}
"""What becomes of a letter by what people do to it, and where it has to stand for that."""
_EDIT: Final = """
UPDATE letters.letters SET state = %(state)s, state_at = clock_timestamp(), next_at = clock_timestamp(),
    tries = CASE WHEN %(state)s = 'queued' THEN 0 ELSE tries END, edited = %(position)s
WHERE id = %(id)s AND edited < %(position)s AND state = ANY(%(among)s)
"""
_BEGIN: Final = """
WITH begun AS (
    UPDATE letters.letters SET state = 'sending', state_at = clock_timestamp(), tries = tries + 1
    WHERE id = %(id)s AND state = 'queued' AND NOT EXISTS (
        SELECT FROM record.events WHERE originator_id = %(stream)s AND notification_id > %(seen)s
            AND topic LIKE 'LetterHeldBack.%%')
    RETURNING id
), kept AS (
    INSERT INTO letters.texts (letter, subject, body, names) SELECT id, %(subject)s, %(body)s, %(names)s FROM begun
    ON CONFLICT (letter) DO UPDATE SET subject = excluded.subject, body = excluded.body, names = excluded.names
)
SELECT id FROM begun
"""


class Outbox:
    """The outbox behind the connections of `datastore`."""

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore

    def place(self) -> int | None:
        """Return up to which position of the log letters were written; None where nobody has begun."""
        rows = self._datastore.rows("SELECT position FROM letters.place WHERE name = %s", [PLACE])
        return int(rows[0][0]) if rows else None

    def begin_at(self, position: int, *, again: bool = False) -> None:
        """Begin behind this position of the log, where nobody has begun, or `again`; what was written stays as it is."""
        self._datastore.rows(
            "INSERT INTO letters.place AS kept (name, position) VALUES (%s, %s)"
            " ON CONFLICT (name) DO UPDATE SET position = CASE WHEN %s THEN excluded.position ELSE kept.position END"
            " RETURNING position",
            [PLACE, position, again],
        )

    def write(
        self,
        letters: Sequence[tuple[Recorded, Addressed, bool]],
        edits: Iterable[tuple[int, LetterEvent]],
        *,
        after: int,
        to: int,
    ) -> bool:
        """Write letters (each with its event, and whether it is held back) and what people did to others, with the place.

        All in one transaction; returns False, with nothing written, where somebody else has gone on from `after`.
        """
        columns = [
            (one.id, of.position, of.stream, of.version, one.letter, one.recipient, "held" if held else "queued")
            for of, one, held in letters
        ]
        with self._datastore.get_connection() as connection, connection.transaction():
            moved = connection.execute(
                "UPDATE letters.place SET position = %s WHERE name = %s AND position = %s", [to, PLACE, after]
            )
            if moved.rowcount != 1:
                return False
            if columns:
                connection.execute(_INSERT, [list(column) for column in zip(*columns, strict=True)])
            for position, event in edits:
                state, among = _EDITS[type(event)]
                said = {"id": event.letter, "position": position, "state": state, "among": list(among)}
                connection.execute(_EDIT, said)
        return True

    def recover(self) -> int:
        """Take up what was on its way when the sender ended: it is tried once more, and after that given up as `failed`.

        Returns how many there were. Nobody else may be sending meanwhile.
        """
        return len(
            self._datastore.rows(
                "UPDATE letters.letters SET interrupted = interrupted + 1, next_at = clock_timestamp(),"
                " state_at = clock_timestamp(), reply = 'interrupted',"
                " state = CASE WHEN interrupted = 0 THEN 'queued' ELSE 'failed' END"
                " WHERE state = 'sending' RETURNING id",
                [],
            )
        )

    def due(self, limit: int) -> list[Row]:
        """Return the letters that are to go now, the longest due first."""
        return self._select(
            "WHERE state = 'queued' AND next_at <= clock_timestamp() ORDER BY next_at, position LIMIT %s", [limit]
        )

    def begin(self, row: Row, *, seen: int, subject: str, body: str, names: Sequence[str]) -> bool:
        """Note that a letter is on its way, with its words; False where it was held back or has moved meanwhile.

        `seen` is the position of the log up to which is known what was held back.
        """
        said = {"id": row.id, "stream": row.stream, "seen": seen, "subject": subject, "body": body}
        return bool(self._datastore.rows(_BEGIN, {**said, "names": list(names)}))

    def end(self, id: str, state: str, reply: str = "", *, again_in: float = 0.0, untried: bool = False) -> None:
        """Note what became of a letter: `state`, the code that was answered, and in how many seconds it is tried again.

        `untried`: it never came to the server, and the try does not count.
        """
        self._datastore.rows(
            "UPDATE letters.letters SET state = %(state)s, reply = %(reply)s, state_at = clock_timestamp(),"
            " sent_at = CASE WHEN %(state)s = 'sent' THEN clock_timestamp() ELSE sent_at END,"
            " next_at = clock_timestamp() + make_interval(secs => %(again_in)s),"
            " tries = tries - CASE WHEN %(untried)s THEN 1 ELSE 0 END"
            " WHERE id = %(id)s AND state IN ('queued', 'sending') RETURNING id",
            {"id": id, "state": state, "reply": reply, "again_in": again_in, "untried": untried},
        )

    def row(self, id: str) -> Row | None:
        """Return a letter."""
        return next(iter(self._select("WHERE id = %s", [id])), None)

    def of_case(self, case: str) -> list[Row]:
        """Return the letters about a case or matter, the oldest first."""
        return self._select("WHERE stream = %s ORDER BY position, id", [case])

    def listed(self, states: Sequence[str], limit: int) -> list[Row]:
        """Return the letters that stand so, the oldest first."""
        return self._select("WHERE state = ANY(%s) ORDER BY position, id LIMIT %s", [list(states), limit])

    def known(self, ids: Sequence[str]) -> frozenset[str]:
        """Return those of these letters that were written."""
        rows = self._datastore.rows("SELECT id FROM letters.letters WHERE id = ANY(%s)", [list(ids)])
        return frozenset(one for (one,) in rows)

    def words(self, id: str) -> tuple[str, str] | None:
        """Return the subject and the words of a letter as it was sent; None where it was not, or where they were erased."""
        return self.words_of([id]).get(id)

    def words_of(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return the subject and the words of each of these letters that was sent and whose words were not erased."""
        query = "SELECT letter, subject, body FROM letters.texts WHERE letter = ANY(%s)"
        return {id: (subject, body) for id, subject, body in self._datastore.rows(query, [list(ids)])} if ids else {}

    def counts(self) -> dict[str, int]:
        """Return how many letters there are in each state."""
        return dict(self._datastore.rows("SELECT state, count(*) FROM letters.letters GROUP BY state", []))

    def oldest_due(self) -> tuple[datetime, str] | None:
        """Return since when the letter waits that is due the longest, and what was answered last; None if none is due."""
        rows = self._datastore.rows(
            "SELECT next_at, reply FROM letters.letters WHERE state IN ('queued', 'sending')"
            " AND next_at <= clock_timestamp() ORDER BY next_at LIMIT 1",
            [],
        )
        return (rows[0][0], rows[0][1]) if rows else None

    def _select(self, rest: str, values: Sequence[Any]) -> list[Row]:
        return [Row(*row) for row in self._datastore.rows(f"SELECT {COLUMNS} FROM letters.letters {rest}", values)]  # noqa: S608 - all of it is ours
