"""The history of a case: every event of its stream, and those of other streams that concern it, each with its sentence.

A meeting's events concern its items, an award the submission that earned it, a place in a window the one that took it,
a refused attempt the case that it was made on, what comes of an appeal the case that it contests, and what its remedy did the
appeal itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.accreditation import (
    AccreditationAwarded,
    AccreditationRenewed,
    AccreditationUpgraded,
    AwardAnnulled,
    AwardConfirmed,
    AwardCorrected,
    NextSubmissionRegistered,
    ReaccreditationEnded,
    ReaccreditationReopened,
    ReaccreditationSubmitted,
)
from domain.appeal import (
    AppealAdmitted,
    AppealDecided,
    AppealLodged,
    AppealNotAdmitted,
    AppealWithdrawn,
    RemedyClosed,
)
from domain.ids import MATTERS, kind_of
from domain.meeting import MeetingScheduled
from domain.person import AttemptRefused
from domain.window import PlaceFreed, PlaceRefused, PlaceReserved, PlaceTaken, ReservationEnded, WindowExtendedFor
from projections.model import ReadModel, Recorded
from projections.sentences import sentence
from projections.tables import Table, Tables

KINDS: Final = frozenset({"submission", "accreditation", "window", "meeting", "calibration", *MATTERS})
"""The kinds of streams that have a history."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in the history of `case_id`; it is event `version` of `stream`, mostly the same, and `position` of the log.

    `at` is when it holds, `recorded_at` when it was recorded (UTC); `actor` is a person's id, or a case's where a process
    acted. `sentence` says it in words, with tokens (see `words`).
    """

    case_id: str
    position: int
    stream: str
    version: int
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Item:
    """A submission on the agenda of a meeting."""

    meeting: str
    submission: str


ENTRIES: Final = Table("history", Entry, ("case_id", "position"))
ITEMS: Final = Table("history_items", Item, ("meeting", "submission"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Add an entry to the history of each case that an event concerns."""
    agendas = _agendas(tables, events)
    entries = []
    for one in events:
        cases = [case for case in (one.stream, *_concerned(one, agendas)) if kind_of(case) in KINDS]
        if cases:
            said = sentence(one)
            entries += [_entry(case, one, said) for case in cases]
    tables.add(ENTRIES, entries)


MODEL: Final = ReadModel(name="history", version=8, tables=(ENTRIES, ITEMS), apply=apply)


def _agendas(tables: Tables, events: Sequence[Recorded]) -> dict[str, list[str]]:
    """Return the items of each meeting among `events`, and keep those of the meetings newly scheduled."""
    meetings = {one.stream for one in events if kind_of(one.stream) == "meeting"}
    if not meetings:
        return {}
    scheduled = [one.event for one in events if isinstance(one.event, MeetingScheduled)]
    added = [Item(event.meeting, submission) for event in scheduled for submission in event.items]
    tables.add(ITEMS, added)
    agendas: dict[str, list[str]] = {}
    for item in tables.load(ITEMS, "meeting", meetings):
        agendas.setdefault(item.meeting, []).append(item.submission)
    return agendas


def _concerned(one: Recorded, agendas: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Return the cases that an event concerns besides that of its own stream."""
    match one.event:
        case (
            AppealLodged()
            | AppealAdmitted()
            | AppealNotAdmitted()
            | AppealWithdrawn()
            | AppealDecided()
            | RemedyClosed()
        ):
            return [one.event.case]
        case AwardConfirmed() | AwardCorrected() | AwardAnnulled() | ReaccreditationReopened():
            return [one.event.submission, one.event.appeal]
        case AccreditationAwarded() | AccreditationRenewed() | AccreditationUpgraded() | PlaceTaken():
            return [one.event.submission]
        case NextSubmissionRegistered() | ReaccreditationSubmitted() | ReaccreditationEnded():
            return [one.event.submission]
        case PlaceFreed() | PlaceRefused() | PlaceReserved() | ReservationEnded() | WindowExtendedFor():
            return [one.event.submission]
        case _ if appeal := getattr(one.event, "appeal", None):
            return [appeal]
        case AttemptRefused(stream=str(stream)):
            return [stream]
        case _:
            return agendas.get(one.stream, ())


def _entry(case: str, one: Recorded, said: str) -> Entry:
    return Entry(
        case, one.position, one.stream, one.version, one.at, one.recorded_at, one.actor, one.role, one.name, said
    )


def history(
    connection: Connection[Any],
    case: str,
    *,
    version: int | None = None,
    until: datetime | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[Entry]:
    """Return at most `limit` entries of the history of `case` behind position `after`, in the order of the log.

    With `version`, up to that event of its own stream; with `until`, up to what was recorded by that instant (UTC).
    """
    query = SQL(
        "{entries} WHERE case_id = %(case)s AND position > %(after)s"
        " AND (%(until)s::timestamptz IS NULL OR recorded_at <= %(until)s)"
        " AND (%(version)s::int8 IS NULL OR position <= ("
        "  SELECT max(position) FROM {table} WHERE case_id = %(case)s AND stream = %(case)s AND version <= %(version)s))"
        " ORDER BY position LIMIT %(limit)s"
    ).format(entries=ENTRIES.selection(), table=ENTRIES.identifier())
    values = {"case": case, "after": after, "until": until, "version": version, "limit": limit}
    with connection.cursor(row_factory=args_row(Entry)) as cursor:
        return cursor.execute(query, values).fetchall()
