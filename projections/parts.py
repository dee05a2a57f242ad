"""Parts: who stands in which relation to which case, since when and until when; and whose affair each case is.

Lists are filtered by it. What counts at once, a conflict, is taken from the record itself by whoever asks.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL

from domain.relations import OWN, SHARED, Held, Parts, Place, follow, moved, placed, steps
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Part:
    """A person stands in a `relation` to a case, by `held_by`; since and until which position of the log, None while it lasts."""

    case_id: str
    person: str
    relation: str
    held_by: str
    since: int
    until: int | None = None


@dataclass(slots=True)
class Case:
    """Whose affair a stream is, see `domain.relations.Place`; one that is about other cases is the provider's whose all are.

    `since` is the position of its first event.
    """

    case_id: str
    kind: str
    provider: str | None
    owner: str | None
    scheme: str | None
    about: str | None
    told: bool
    since: int


PARTS: Final = Table("parts", Part, ("case_id", "person", "relation", "held_by"), ("person, relation, case_id",))
PLACES: Final = Table("parts_cases", Case, ("case_id",), ("provider", "owner", "about"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Change whose affair the streams of `events` are, and the parts of people in them."""
    about = _place(tables, events)
    changes = [
        (one.position, step)
        for one in events
        for step in steps(one.stream, about[one.stream], one.event, one.actor, one.role)
    ]
    parts: dict[str, Parts] = {step.case: {} for _, step in changes}
    known: dict[tuple[str, str, str, str], int | None] = {}
    for row in tables.load(PARTS, "case_id", parts):
        parts[row.case_id][row.person, row.relation, row.held_by] = Held(row.since, row.until)
        known[row.case_id, row.person, row.relation, row.held_by] = row.until
    for position, step in changes:
        follow(parts[step.case], step, position)
    rows = [Part(case, *key, one.since, one.until) for case, held in parts.items() for key, one in held.items()]
    unseen = object()
    tables.save(
        PARTS,
        [row for row in rows if known.get((row.case_id, row.person, row.relation, row.held_by), unseen) != row.until],
    )


def _place(tables: Tables, events: Sequence[Recorded]) -> dict[str, str | None]:
    """Keep whose affair the streams of `events` are; return what each is about."""
    first = {case for one in events if one.version == 1 for case in placed(one.stream, one.event).cases}
    rows = {row.case_id: row for row in tables.load(PLACES, "case_id", {one.stream for one in events} | first)}
    places = {case: _place_of(row) for case, row in rows.items()}
    changed: dict[str, Case] = {}
    for one in events:
        if (known := places.get(one.stream)) is None:
            now = _opened(one, rows)
        elif (place := moved(known, one.event)) is not known:
            now = replace(rows[one.stream], scheme=place.scheme, told=place.told)
        else:
            continue
        rows[one.stream] = changed[one.stream] = now
        places[one.stream] = _place_of(now)
    tables.save(PLACES, changed.values())
    return {one.stream: rows[one.stream].about for one in events}


def _opened(one: Recorded, rows: Mapping[str, Case]) -> Case:
    place = placed(one.stream, one.event)
    provider = place.affair_of([rows[case].provider for case in place.cases if case in rows])
    return Case(one.stream, place.kind, provider, place.owner, place.scheme, place.about, place.told, one.position)


def _place_of(row: Case) -> Place:
    return Place(
        kind=row.kind, provider=row.provider, owner=row.owner, scheme=row.scheme, about=row.about, told=row.told
    )


MODEL: Final = ReadModel(name="parts", version=2, tables=(PARTS, PLACES), apply=apply)


def beside(connection: Connection[Any], case: str, people: Collection[str]) -> tuple[list[str], list[str]]:
    """Return what gives people something to do in a case, matters about it and meetings, and for whom one of `people` speaks or spoke."""
    query = SQL(
        "SELECT 'case', case_id FROM {places} WHERE about = %(case)s AND kind = ANY(%(shared)s)"
        " UNION SELECT 'case', held_by FROM {parts} WHERE case_id = %(case)s AND held_by LIKE 'meeting-%%'"
        " UNION SELECT 'provider', case_id FROM {parts} WHERE person = ANY(%(people)s) AND relation = %(own)s"
        " AND case_id LIKE 'provider-%%' ORDER BY 1, 2"
    ).format(places=PLACES.identifier(), parts=PARTS.identifier())
    asked = {"case": case, "shared": sorted(SHARED), "people": list(people), "own": OWN}
    rows = _tuples(connection, query, asked)
    return [id for what, id in rows if what == "case"], [id for what, id in rows if what == "provider"]


def speaking(connection: Connection[Any], people: Collection[str]) -> list[str]:
    """Return the providers for which one of these people speaks or spoke; who does, their own streams say."""
    query = SQL(
        "SELECT DISTINCT case_id FROM {} WHERE person = ANY(%s) AND relation = %s"
        " AND case_id LIKE 'provider-%%' ORDER BY case_id"
    ).format(PARTS.identifier())
    return [row[0] for row in _tuples(connection, query, [list(people), OWN])]


def of_provider(connection: Connection[Any], provider: str) -> list[Case]:
    """Return all that concerns a provider, in the order in which it began."""
    query = SQL("{} WHERE provider = %s ORDER BY since").format(PLACES.selection())
    with connection.cursor(row_factory=args_row(Case)) as cursor:
        return cursor.execute(query, [provider]).fetchall()


def schemes_of(connection: Connection[Any], providers: Collection[str]) -> dict[str, list[str]]:
    """Return the scheme versions under which these providers have cases."""
    query = SQL(
        "SELECT DISTINCT provider, scheme FROM {} WHERE provider = ANY(%s) AND scheme IS NOT NULL ORDER BY 1, 2"
    )
    found: dict[str, list[str]] = {}
    for provider, scheme in _tuples(connection, query.format(PLACES.identifier()), [list(providers)]):
        found.setdefault(provider, []).append(scheme)
    return found


def _tuples(connection: Connection[Any], query: Any, values: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(query, values).fetchall()
