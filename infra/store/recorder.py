"""The recorder: eventsourcing's, with an append that takes one round trip and keeps its table lock and its NOTIFY.

Its tables come from migrations, and only the database's function `record.append` may write to them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg.rows import tuple_row

from infra import observing
from infra.store.datastore import Datastore
from infra.store.envelope import EntryRow, Row
from infra.store.errors import RecordUnavailable
from services.ports import Erasure, PersonalData, StaleStream, Text

_EVENTS: Final = "%b::text[], %b::bigint[], %b::text[], %b::bytea[]"
_TEXTS: Final = "%b::text[], %b::text[], %b::bytea[], %b::text[]"
_PERSONAL: Final = "%b::text[], %b::text[], %b::text[]"
_APPEND: Final = f"SELECT record.append({_EVENTS})"
_APPEND_ALL: Final = f"SELECT record.append({_EVENTS}, {_TEXTS}, {_PERSONAL})"
_APPEND_AND_ERASE: Final = (
    f"SELECT record.append_and_erase({_EVENTS}, {_TEXTS}, {_PERSONAL}, %b::bigint, %b::text[], %b::text[], %b::text[])"
)
_APPEND_AND_ERASE_FILES: Final = (
    f"SELECT record.append_and_erase_files({_EVENTS}, {_TEXTS}, {_PERSONAL},"
    " %b::bigint, %b::text[], %b::text[], %b::text[], %b::text[], %b::text[])"
)
_APPEND_NAMING_FILES: Final = (
    f"SELECT record.append_naming_files({_EVENTS}, {_TEXTS}, {_PERSONAL}, %b::text[], %b::text[])"
)
_APPEND_WITH_NEW_ADDRESSES: Final = (
    f"SELECT record.append_with_new_addresses({_EVENTS}, {_TEXTS}, {_PERSONAL}, %b::text[])"
)
_SELECT: Final = (
    "SELECT notification_id, originator_id, originator_version, recorded_at, topic, state FROM record.events WHERE "
)
_SELECT_ENTRIES: Final = (
    "SELECT notification_id, originator_id, originator_version, topic, state FROM record.events WHERE "
)


class Recorder(PostgresApplicationRecorder):
    """Appends to and reads `record.events`. Every method raises RecordUnavailable when the database can't be used."""

    datastore: Datastore

    def __init__(self, datastore: Datastore) -> None:
        if datastore.enable_db_functions:
            raise ValueError("POSTGRES_ENABLE_DB_FUNCTIONS must stay off: the library's functions don't lock the table")
        super().__init__(datastore, events_table_name="events")

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        unmoved: Sequence[tuple[str, int]] = (),
        texts: Sequence[Text] = (),
        personal: Sequence[PersonalData] = (),
        files: Sequence[tuple[str, str]] = (),
        addresses: Sequence[str] = (),
        erase: Erasure | None = None,
        **_: Any,
    ) -> Sequence[int]:
        """Append all of a command's events, texts and personal data, and erase, in one transaction; return the positions.

        An event with a negative version comes next in its stream, unless its version would then be above minus that one.
        `unmoved` names further streams and the versions that they must be at. Raises StaleStream, with nothing
        written, when a stream is at another version than its events continue, a file of `files` (case and SHA-256) is not kept, somebody else has one of the e-mail `addresses`,
        or something was recorded that an erasure has not seen. It never tries again: after a broken
        connection nobody knows whether the events were written, so whoever gave the command has to look.
        """
        parameters: list[Any] = [
            [str(event.originator_id) for event in stored_events] + [stream for stream, _ in unmoved],
            [event.originator_version for event in stored_events] + [version for _, version in unmoved],
            [event.topic for event in stored_events] + [None for _ in unmoved],
            [event.state for event in stored_events] + [None for _ in unmoved],
        ]
        statement = _APPEND
        if sum(map(bool, (files, addresses, erase))) > 1:
            raise ValueError("a command names files, registers people or erases, one of the three")
        if texts or personal or files or erase:
            statement = _APPEND_WITH_NEW_ADDRESSES if addresses else _statement(erase, files)
            parameters += [[text.id for text in texts], [text.subject for text in texts]]
            parameters += [[text.salt for text in texts], [text.body for text in texts]]
            parameters += [[item.subject for item in personal], [item.name for item in personal]]
            parameters += [[item.value for item in personal]]
        if erase:
            subjects, names = [one[0] for one in erase.fields], [one[1] for one in erase.fields]
            parameters += [erase.seen, list(erase.texts), subjects, names]
        if named := erase.files if erase else files:
            parameters += [[case for case, _ in named], [sha256 for _, sha256 in named]]
        if addresses:
            parameters.append(list(addresses))
        with self.datastore.get_connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            try:
                positions: list[int] = cursor.execute(statement, parameters, prepare=True).fetchall()[0][0]
            except psycopg.errors.SerializationFailure as error:
                observing.count("store_conflicts")
                raise StaleStream(error.diag.message_primary) from None
        return positions

    def select_streams(
        self, streams: Sequence[str], *, until: datetime | None = None, version: int | None = None
    ) -> list[Row]:
        """Return the events of all `streams` in one round trip, each stream's together and in order.

        `until` keeps what was recorded at or before that instant, `version` the first `version` events of each.
        """
        return self._select(_SELECT, *_of_streams(streams, until, version))

    def select_entries(
        self,
        streams: Sequence[str],
        *,
        until: datetime | None = None,
        version: int | None = None,
        position: int | None = None,
    ) -> list[EntryRow]:
        """Return the same events, without the instants at which they were recorded; up to `position` of the log, if given."""
        return self._select(_SELECT_ENTRIES, *_of_streams(streams, until, version, position))

    def select_log(self, after: int, limit: int, topics: Sequence[str] = ()) -> list[Row]:
        """Return at most `limit` events after position `after`, in the log's order; of `topics` only, if given."""
        if topics:
            condition = "notification_id > %s AND topic = ANY(%s) ORDER BY notification_id LIMIT %s"
            return self._select(_SELECT, condition, [after, list(topics), limit])
        return self._select(_SELECT, "notification_id > %s ORDER BY notification_id LIMIT %s", [after, limit])

    def select_kind(self, kind: str, until: datetime) -> list[Row]:
        """Return the events of all streams of a kind that were recorded at or before `until`, in the log's order."""
        condition = "originator_id > %s AND originator_id < %s AND recorded_at <= %s ORDER BY notification_id"
        return self._select(_SELECT, condition, [f"{kind}-", f"{kind}.", until])

    def _select(self, what: str, condition: str, parameters: Sequence[Any]) -> list[Any]:
        try:
            return self.datastore.rows(what + condition, parameters)
        except RecordUnavailable:
            # The server may have been restarted under the connection; to ask again does no harm.
            return self.datastore.rows(what + condition, parameters)


def _statement(erase: Erasure | None, files: Sequence[tuple[str, str]]) -> str:
    if erase:
        return _APPEND_AND_ERASE_FILES if erase.files else _APPEND_AND_ERASE
    return _APPEND_NAMING_FILES if files else _APPEND_ALL


def _of_streams(
    streams: Sequence[str], until: datetime | None, version: int | None, position: int | None = None
) -> tuple[str, list[Any]]:
    conditions = ["originator_id = ANY(%s)"]
    parameters: list[Any] = [list(streams)]
    if until is not None:
        conditions.append("recorded_at <= %s")
        parameters.append(until)
    if version is not None:
        conditions.append("originator_version <= %s")
        parameters.append(version)
    if position is not None:
        conditions.append("notification_id <= %s")
        parameters.append(position)
    return f"{' AND '.join(conditions)} ORDER BY originator_id, originator_version", parameters
