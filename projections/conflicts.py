"""The register of conflicts: who had which with whom, since when and until when, who said so, and what was known when.

A row is what was known of one conflict from `known_from` until `known_until`, when it was corrected, lifted or carried over to
another account. So the register can be read as of any date, and as it was known at any.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.clocks import Calendar, Duration
from domain.conflicts import (
    ANYWHERE,
    EMPLOYED_WITHIN,
    LAPSING,
    ConflictDeclared,
    ConflictLifted,
    FactCorrected,
    FactRecorded,
    Seen,
    found_kind,
    lapsed,
)
from domain.linked import AccountClosed, AccountsLinked
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables

EVENTS: Final = (ConflictDeclared, ConflictLifted, FactRecorded, FactCorrected, AccountsLinked, AccountClosed)
DECLARED, FOUND = "declared", "found"


@dataclass(slots=True)
class Row:
    """What was known of a conflict. `rests_on` is what tells it from the person's others: a kind declared, or a fact's number.

    `kind` is that of what was declared, or of the fact. `since` and `until` (None while it lasts) are when it held;
    `recorded_by` said so; `lifted` where it was declared or told in error, for the `reason` (a text's id). Instants are UTC.
    """

    person: str
    position: int
    rests_on: str
    provider: str
    kind: str
    source: str
    since: datetime
    until: datetime | None
    recorded_by: str
    known_from: datetime
    known_until: datetime | None = None
    lifted: bool = False
    reason: str | None = None


CONFLICTS: Final = Table("conflicts", Row, ("person", "position", "rests_on"), ("provider, since",))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Enter what became known of people's conflicts."""
    events = [one for one in events if isinstance(one.event, EVENTS)]
    if not events:
        return
    rows = list(tables.load(CONFLICTS, "person", {one.stream for one in events}))
    known = {(row.person, row.rests_on): row for row in rows if row.known_until is None}
    for one in events:
        for row in _rows(one, known):
            if before := known.get((row.person, row.rests_on)):
                before.known_until = one.recorded_at
            known[row.person, row.rests_on] = row
            rows.append(row)
        if isinstance(one.event, AccountClosed):
            for key in [key for key in known if key[0] == one.stream]:
                known.pop(key).known_until = one.recorded_at
    tables.save(CONFLICTS, rows)


MODEL: Final = ReadModel(name="conflicts", version=1, tables=(CONFLICTS,), apply=apply)


def _rows(one: Recorded, known: dict[tuple[str, str], Row]) -> list[Row]:
    """What an event makes known."""
    match one.event:
        case ConflictDeclared(provider=provider, kind=kind):
            return [_declared(one, provider, kind)]
        case ConflictLifted(provider=provider, kind=kind):
            before = known[one.stream, _told(provider, kind)]
            lifted = replace(before, until=one.at, lifted=True, reason=one.event.reason.id)
            return [_now(one, lifted)]
        case FactRecorded():
            return [_found(one, one.event)]
        case FactCorrected():
            before = known[one.stream, str(one.event.number)]
            until = one.event.until_at if one.event.stands else one.event.from_at
            corrected = replace(
                before,
                since=one.event.from_at,
                until=until,
                lifted=not one.event.stands,
                reason=one.event.reason.id if one.event.reason else None,
            )
            return [_now(one, corrected)]
        case AccountsLinked():
            held = {key for key, row in known.items() if not row.lifted}
            told = [had for had in one.event.declared if (one.stream, _told(had.provider, had.kind)) not in held]
            declared = [_declared(one, had.provider, had.kind) for had in told]
            return [*declared, *(_found(one, fact) for fact in one.event.facts)]
        case _:
            return []


def _told(provider: str, kind: str) -> str:
    return f"{provider}/{kind}"


def _now(one: Recorded, row: Row) -> Row:
    return replace(row, position=one.position, recorded_by=one.actor, known_from=one.recorded_at, known_until=None)


def _declared(one: Recorded, provider: str, kind: str) -> Row:
    return Row(
        person=one.stream,
        position=one.position,
        rests_on=_told(provider, kind),
        provider=provider,
        kind=kind,
        source=DECLARED,
        since=one.at,
        until=None,
        recorded_by=one.actor,
        known_from=one.recorded_at,
    )


def _found(one: Recorded, fact: FactRecorded) -> Row:
    row = _declared(one, fact.provider, fact.kind)
    return replace(row, rests_on=str(fact.number), source=FOUND, since=fact.from_at, until=fact.until_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A conflict as the register shows it on a date; `kind` is that of the conflict then, `rests_on` what tells it from others."""

    person: str
    provider: str
    rests_on: str
    kind: str
    source: str
    since: datetime
    until: datetime | None
    recorded_by: str
    reason: str | None


def on(
    connection: Connection[Any],
    *,
    at: datetime,
    known_at: datetime | None = None,
    person: str | None = None,
    provider: str | None = None,
    within: Duration = EMPLOYED_WITHIN,
    calendar: Calendar = ANYWHERE,
) -> list[Entry]:
    """Return the conflicts there were at `at` (UTC), as known at `known_at` (as now by default), by provider and person.

    Employment that was over then counts if it ended less than `within` before, as a scheme's `employed_within` has it.
    """
    query = SQL(
        "{} WHERE since <= %(at)s AND (%(person)s::text IS NULL OR person = %(person)s)"
        " AND (%(provider)s::text IS NULL OR provider = %(provider)s)"
        " AND (until IS NULL OR until > %(at)s OR (NOT lifted AND source = 'found'))"
        " AND (known_until IS NULL OR known_until > %(known)s::timestamptz)"
        " AND (%(known)s::timestamptz IS NULL OR known_from <= %(known)s)"
        " ORDER BY provider, person, since, position"
    ).format(CONFLICTS.selection())
    asked = {"at": at, "known": known_at, "person": person, "provider": provider}
    with connection.cursor(row_factory=args_row(Row)) as cursor:
        rows = cursor.execute(query, asked).fetchall()
    seen = Seen(at=at, within=within, calendar=calendar)
    return [_entry(row, at) for row in rows if _counts(row, seen)]


def _counts(row: Row, seen: Seen) -> bool:
    over = row.until is not None and row.until <= seen.at
    return not (row.source == FOUND and over and row.kind in LAPSING and lapsed(row.kind, row.until, seen))


def _entry(row: Row, at: datetime) -> Entry:
    over = row.until is not None and row.until <= at
    return Entry(
        person=row.person,
        provider=row.provider,
        rests_on=row.rests_on,
        kind=found_kind(row.kind, over=over) if row.source == FOUND else row.kind,
        source=row.source,
        since=row.since,
        until=row.until,
        recorded_by=row.recorded_by,
        reason=row.reason,
    )
