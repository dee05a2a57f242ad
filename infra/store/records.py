"""The event store of the services' port: one round trip to load streams and one to append to them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from types import TracebackType
from typing import Any, Self, TypeVar

from eventsourcing.persistence import StoredEvent

from infra import observing
from infra.store.datastore import Datastore
from infra.store.envelope import Codec
from infra.store.recorder import Recorder
from services.ports import Batch, Entry, Recorded, Stream

S = TypeVar("S")


class PostgresRecords:
    """The record that `url` leads to as `assay_app`, its events named by `codec`. Any thread may use it.

    It connects when first used. Every method raises RecordUnavailable, within 5 seconds, when the database can't be
    used, or takes longer than `longest` seconds if that is said, and those that return events raise DamagedRecord at one that can't be read.
    """

    def __init__(self, url: str, codec: Codec, *, pool_size: int = 16, longest: float | None = None) -> None:
        self.datastore = Datastore(url, pool_size=pool_size, longest=longest)
        self.recorder = Recorder(self.datastore)
        self.codec = codec

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections, for good."""
        self.datastore.close()

    def streams(self, *ids: str) -> Mapping[str, Stream]:
        """Return what a command has to know of each of these streams (empty if it has no events), in one round trip."""
        found: dict[str, tuple[list[int], list[Entry]]] = {id: ([], []) for id in ids}
        rows = self.recorder.select_entries(ids)
        for row, entry in zip(rows, self.codec.entries(rows), strict=True):
            positions, entries = found[row[1]]
            positions.append(row[0])
            entries.append(entry)
        return {id: Stream(*known) for id, known in found.items()}

    def load(
        self, *streams: str, until: datetime | None = None, version: int | None = None
    ) -> Mapping[str, Sequence[Recorded]]:
        """Return each stream's events in order (empty if there are none), in one round trip.

        `until` keeps what was recorded at or before that instant (aware), `version` the first `version` events of each.
        All that one command wrote has one `recorded_at`, so that no instant shows half of it.
        """
        loaded: dict[str, list[Recorded]] = {stream: [] for stream in streams}
        for recorded in self.codec.decode(self.recorder.select_streams(streams, until=until, version=version)):
            loaded[recorded.stream].append(recorded)
        return loaded

    def salts(self, texts: Sequence[str]) -> Mapping[str, bytes]:
        """Return the salts of the texts with these ids that have not been erased."""
        rows = self.datastore.rows("SELECT id, salt FROM record.texts WHERE id = ANY(%s)", [list(texts)])
        return {id: bytes(salt) for id, salt in rows}

    def holders(self, name: str, value: str) -> Sequence[str]:
        """Return the subjects whose field of the vault of this name has this value, in whatever case."""
        found = "SELECT subject FROM record.vault WHERE name = %s AND lower(value) = lower(%s) ORDER BY subject"
        return [subject for (subject,) in self.datastore.rows(found, [name, value])]

    def append(self, batch: Batch) -> int:
        """Append all of `batch` in one transaction and one round trip; return the last position.

        Every event gets the batch's correlation, or its first stream. A change without events asks that its stream be at
        the expected version and writes nothing to it; one with slack puts its events at the end of its stream if no more than
        that were appended meanwhile. Raises StaleStream, with nothing written, when a stream is not
        there, a file that is named is not kept, or when an erasure has not seen all that is recorded; ValueError for a batch without any event, and for an event that can't be recorded.
        """
        events = [
            StoredEvent(
                originator_id=change.stream,
                originator_version=-(version + change.slack) if change.slack else version,
                topic=self.codec.name_of(event),
                state=self.codec.encode(
                    event,
                    replace(batch.command, at=change.at) if change.at else batch.command,
                    correlation=batch.correlation or batch.changes[0].stream,
                    scheme=change.scheme,
                ),
            )
            for change in batch.changes
            for version, event in enumerate(change.events, start=change.expected + 1)
        ]
        if not events:
            raise ValueError("a batch needs an event: what changed without one would leave no trace")
        unmoved = [(change.stream, change.expected) for change in batch.changes if not change.events]
        with (
            observing.span("append", command=batch.command.id, events=len(events)) as span,
            observing.timed("store_append_seconds"),
        ):
            position = self.recorder.insert_events(
                events,
                unmoved=unmoved,
                texts=batch.texts,
                personal=batch.personal,
                files=batch.files,
                addresses=batch.addresses,
                erase=batch.erase,
            )[-1]
            span.note(position=position)
        observing.count("store_appends")
        observing.count("store_events", len(events))
        return position

    def replay(
        self,
        stream: str,
        evolve: Callable[[S, Any], S],
        initial: S,
        *,
        until: datetime | None = None,
        version: int | None = None,
    ) -> S:
        """Return what `evolve` makes of the stream's events, starting from `initial`, up to an instant or a version."""
        entries = self.codec.entries(self.recorder.select_entries([stream], until=until, version=version))
        return reduce(evolve, (one.event for one in entries), initial)

    def read_log(self, after: int, limit: int, topics: Sequence[str] = ()) -> list[Recorded]:
        """Return at most `limit` events after position `after`, in order; only those recorded under `topics`, if given.

        `topics` are names as they were recorded, so name the old ones as well.
        """
        return self.codec.decode(self.recorder.select_log(after, limit, topics))

    def read_kind(self, kind: str, until: datetime) -> list[Recorded]:
        """Return the events of all streams of a kind (`accreditation`) recorded at or before `until` (aware), in the log's order."""
        return self.codec.decode(self.recorder.select_kind(kind, until))

    def max_position(self) -> int:
        """Return the position of the log's last event, 0 if it is empty."""
        return self.recorder.max_notification_id() or 0
