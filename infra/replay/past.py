"""The record as it stood in the past, for code that reads it as if it were now: nothing recorded later is there.

What is kept beside it, names, texts and files, is as it is today: what was erased since stays erased.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Never

from domain.refusals import refuse
from infra.api.caller import Api
from infra.api.seeing import Sight
from infra.store.records import PostgresRecords
from services.office import Office
from services.ports import Batch, Entry, Recorded, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant `at` (UTC), and where the record is cut for it: by when it was recorded, or at a `position` of the log."""

    at: datetime
    until: datetime | None = None
    position: int | None = None

    def shows(self, *, recorded_at: datetime, position: int) -> bool:
        """Whether what was recorded then, at this position, is before the cut."""
        return (self.until is None or recorded_at <= self.until) and (
            self.position is None or position <= self.position
        )


def moment_of(
    records: PostgresRecords, case: str, *, now: datetime, at: datetime | None = None, version: int | None = None
) -> Moment:
    """The moment `at`, or that after event `version` of a case, or `now`, with all that is recorded.

    Refuses both of them, and a version that the case has not reached.
    """
    if at is not None and version is not None:
        raise refuse(
            "replay-moment", "there is one moment", field="version", allowed="an instant or a version, not both"
        )
    if version is None:
        return Moment(at=at or now, until=at)
    query = (
        "SELECT notification_id, recorded_at, originator_version FROM record.events WHERE originator_id = %s"
        " AND originator_version IN (%s, (SELECT max(originator_version) FROM record.events WHERE originator_id = %s))"
    )
    found = {
        number: (position, then) for position, then, number in records.datastore.rows(query, [case, version, case])
    }
    if version not in found:
        allowed = f"1 to {max(found)}" if found else "a version of a case that there is"
        raise refuse("replay-moment", f"there is no event {version} of it", field="version", allowed=allowed)
    position, then = found[version]
    return Moment(at=then, position=position)


class PastRecords(PostgresRecords):
    """The record up to a moment. What was read once is not read again, and nothing can be appended."""

    def __init__(self, records: PostgresRecords, moment: Moment, known: Mapping[str, Stream] | None = None) -> None:
        """`known` are streams as they are now, where they were read already: their part up to the moment is not read again."""
        self.datastore, self.recorder, self.codec = records.datastore, records.recorder, records.codec
        self._moment = moment
        self._held: dict[str, Stream] = {id: self._cut(id, stream) for id, stream in (known or {}).items()}

    def streams(self, *ids: str) -> Mapping[str, Stream]:
        """Return each of these streams as it was then, those not read yet in one round trip."""
        if missing := [one for one in ids if one not in self._held]:
            found: dict[str, tuple[list[int], list[Entry]]] = {id: ([], []) for id in missing}
            cut = {"until": self._moment.until, "position": self._moment.position}
            rows = self.recorder.select_entries(missing, **cut)  # type: ignore[arg-type]
            for row, entry in zip(rows, self.codec.entries(rows), strict=True):
                positions, entries = found[row[1]]
                positions.append(row[0])
                entries.append(entry)
            self._held |= {id: Stream(*known) for id, known in found.items()}
        return {id: self._held[id] for id in ids}

    def load(
        self, *streams: str, until: datetime | None = None, version: int | None = None
    ) -> Mapping[str, Sequence[Recorded]]:
        """Return each stream's events as they were then."""
        found = super().load(*streams, until=until, version=version)
        shows = self._moment.shows
        return {
            id: [one for one in events if shows(recorded_at=one.recorded_at, position=one.position)]
            for id, events in found.items()
        }

    def _cut(self, id: str, stream: Stream) -> Stream:
        """The part of a stream up to the moment."""
        moment, query = (
            self._moment,
            "SELECT notification_id FROM record.events WHERE originator_id = %s AND recorded_at <= %s",
        )
        by_then = {one for (one,) in self.datastore.rows(query, [id, moment.until])} if moment.until else None
        kept = [
            (position, entry)
            for position, entry in zip(stream.positions, stream.entries, strict=True)
            if (by_then is None or position in by_then) and (moment.position is None or position <= moment.position)
        ]
        return Stream([position for position, _ in kept], [entry for _, entry in kept])

    def append(self, _batch: Batch) -> Never:
        """Refuse: the past does not change."""
        raise TypeError(f"the record as it stood at {self._moment.at.isoformat()} can't be written to")


class PastSight(Sight):
    """What somebody could see then: today's table of permissions, over the relations that were on record."""

    def kept(self, action: str, cases: Collection[str]) -> frozenset[str]:
        """Those of these cases, or other streams, of which they could see this: told by the record, not by lists as they are now."""
        return frozenset(one for one in cases if self.sees(one, action))


def api_then(api: Api, moment: Moment, known: Mapping[str, Stream] | None = None) -> Api:
    """What answers from the record as it stood at a moment; `known` are streams as they are now, which are not read again."""
    past = PastRecords(api.app.records, moment, known)
    office = Office(past, schemes=api.app.office.schemes, files=api.app.office.files)
    return Api(app=replace(api.app, records=past, office=office), identify=api.identify, now=api.now)
