"""Texts: which kind of record each typed text is, in which stream and since when; and which streams name whom or what.

By it is found what may be let go, and what an open matter keeps. Of whom a text is, and whether it is still kept, stands
beside the text itself, so that nothing here changes when one is erased.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row, tuple_row
from psycopg.sql import SQL

from domain.ids import is_id, kind_of
from domain.retention.kinds import HOLDING, NO_PART, ids_in, texts_in
from domain.tasks import ALL
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables

PARTS: Final = frozenset({"submission", "accreditation", "provider"})
"""The kinds of streams of which is kept whom they name."""


@dataclass(frozen=True, slots=True)
class Row:
    """The text `id`, a record of this `kind`, which an event of `stream` refers to since `since` (UTC)."""

    id: str
    stream: str
    kind: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """`stream` names `named`: a person who takes part, a provider, a concern; in a matter that keeps, whatever it is about."""

    stream: str
    named: str


@dataclass(frozen=True, slots=True)
class Open:
    """An appeal, a complaint, an audit or a scrutiny: `open` until it is closed."""

    stream: str
    open: bool


TEXTS: Final = Table("texts", Row, ("id",), ("stream",))
NAMED: Final = Table("texts_named", Named, ("stream", "named"), ("named",))
OPEN: Final = Table("texts_open", Open, ("stream",))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Add the texts that `events` refer to, and whom and what they name; note which matters are open."""
    found = dict[str, Row]()
    for one in events:
        for text in texts_in(one.event, one.stream):
            found.setdefault(text.id, Row(text.id, one.stream, text.kind, one.at))  # what refers to it first
    known = {row.id for row in tables.load(TEXTS, "id", found)}
    tables.add(TEXTS, [row for row in found.values() if row.id not in known])
    _name(tables, events)
    _open_and_close(tables, events)


def _open_and_close(tables: Tables, events: Sequence[Recorded]) -> None:
    """A matter is open until an event ends all its tasks and sets none; one that sets some later opens it again."""
    events = [one for one in events if kind_of(one.stream) in HOLDING]
    matters = {row.stream: row.open for row in tables.load(OPEN, "stream", {one.stream for one in events})}
    for one in events:
        sets, ends = getattr(one.event, "sets", ()), getattr(one.event, "ends", ())
        matters[one.stream] = bool(sets) or (ALL not in ends and matters.get(one.stream, True))
    tables.save(OPEN, [Open(*matter) for matter in matters.items()])


def _name(tables: Tables, events: Sequence[Recorded]) -> None:
    named: dict[str, set[str]] = {}
    for one in events:
        kind = kind_of(one.stream)
        if kind in HOLDING:
            named.setdefault(one.stream, set()).update(ids_in(one.event))
        elif kind in PARTS:
            wanted = {id for id in ids_in(one.event, but=NO_PART) if is_id(id, "person", "provider", "concern")}
            named.setdefault(one.stream, set()).update(wanted)
    known = {(row.stream, row.named) for row in tables.load(NAMED, "stream", named)}
    pairs = [(stream, id) for stream, ids in named.items() for id in sorted(ids) if id != stream]
    tables.add(NAMED, [Named(*pair) for pair in pairs if pair not in known])


MODEL: Final = ReadModel(name="texts", version=2, tables=(TEXTS, NAMED, OPEN), apply=apply)


def holders(connection: Connection[Any]) -> list[str]:
    """Return the streams with a text that is still kept, the oldest first."""
    query = SQL(
        "SELECT stream FROM {} AS one JOIN record.texts AS kept USING (id) GROUP BY stream ORDER BY min(since), stream"
    ).format(TEXTS.identifier())
    return [row[0] for row in _tuples(connection, query, [])]


def of_subject(connection: Connection[Any], subject: str) -> list[Row]:
    """Return the texts still kept that were typed for this subject, the oldest first."""
    query = SQL(
        "SELECT one.id, stream, kind, since FROM {} AS one JOIN record.texts AS kept USING (id)"
        " WHERE kept.subject = %s ORDER BY since, one.id"
    ).format(TEXTS.identifier())
    with connection.cursor(row_factory=args_row(Row)) as cursor:
        return cursor.execute(query, [subject]).fetchall()


def kept(connection: Connection[Any], ids: Collection[str]) -> frozenset[str]:
    """Return those of these texts that are still kept."""
    query = SQL("SELECT id FROM record.texts WHERE id = ANY(%s)")
    return frozenset(row[0] for row in _tuples(connection, query, [list(ids)]))


def naming(connection: Connection[Any], ids: Collection[str]) -> dict[str, list[str]]:
    """Return for each of these people and providers the streams that name it."""
    query = SQL("SELECT named, stream FROM {} WHERE named = ANY(%s) ORDER BY named, stream").format(NAMED.identifier())
    return _listed(_tuples(connection, query, [list(ids)]))


def open_matters(connection: Connection[Any]) -> dict[str, list[str]]:
    """Return for whatever an open appeal, complaint, audit or scrutiny names, and for each of them, which they are."""
    query = SQL(
        "SELECT named, stream FROM {named} JOIN {open} USING (stream) WHERE open"
        " UNION SELECT stream, stream FROM {open} WHERE open ORDER BY 1, 2"
    ).format(named=NAMED.identifier(), open=OPEN.identifier())
    return _listed(_tuples(connection, query, []))


def _listed(rows: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for named, stream in rows:
        found.setdefault(named, []).append(stream)
    return found


def _tuples(connection: Connection[Any], query: Any, values: Sequence[Any]) -> list[Any]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(query, values).fetchall()
