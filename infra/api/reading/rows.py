"""The rows of a list that somebody asks for and may see, in their order, behind a place: by SQL, or computed in memory."""

from collections.abc import Generator, Iterable, Sequence
from typing import Any, Final

from psycopg.rows import class_row
from psycopg.sql import SQL, Composable, Composed, Identifier

from infra.api.problems import refused
from infra.api.reading import kinds
from infra.api.reading.asked import Asked
from infra.api.reading.listing import Listing, View
from infra.api.reading.seen import conditions
from projections.tables import Table

OUTSIDE: Final = "provider"
"""The role of who speaks for a provider: to them nothing of a result is shown before it is released."""
MOST: Final = 20_000
"""Rows of a list that has to be computed in memory."""
AT_ONCE: Final = 2_000
"""Rows of a whole list that are held at once."""


def rows_of(listing: Listing, view: View, asked: Asked, *, limit: int) -> list[Any]:
    """Return at most `limit` rows behind the place asked for, without what the reader may not see."""
    if isinstance(listing.source, (Table, Composable)):
        return _selected(listing, listing.source, view, asked, limit)
    found = list(listing.source(view))
    bounded(found)
    return _computed(listing, _seen(listing, view, found), asked)[:limit]


def whole(listing: Listing, view: View, asked: Asked) -> Generator[list[Any]]:
    """Yield all rows behind the place asked for, some at a time, as they were in one instant.

    Meanwhile it has a connection, and what shows the rows takes another: only few may ask at once.
    """
    if not isinstance(listing.source, (Table, Composable)):
        found = rows_of(listing, view, asked, limit=MOST)
        yield from (found[begin : begin + AT_ONCE] for begin in range(0, len(found), AT_ONCE))
        return
    query, values = _query(listing, listing.source, view, asked)
    # The server holds the rows, without a transaction: nothing else waits for that, and no row comes twice or is left out.
    with (
        view.connect() as connection,
        connection.cursor("whole", row_factory=class_row(listing.row), withhold=True) as cursor,
    ):
        cursor.execute(query, values)
        while found := cursor.fetchmany(AT_ONCE):
            yield found


def bounded(found: Sequence[Any]) -> None:
    """Refuse a list that is too long to be computed."""
    if len(found) > MOST:
        raise refused(
            "list-size",
            f"the list is computed, and has more than {MOST:,} rows",
            field="format",
            allowed="fewer rows, by what it is asked; or the read models whole, by `assay export table` on the server",
        )


def _selected(listing: Listing, source: Table[Any] | Composable, view: View, asked: Asked, limit: int) -> list[Any]:
    query, values = _query(listing, source, view, asked)
    with view.connect() as connection, connection.cursor(row_factory=class_row(listing.row)) as cursor:
        return cursor.execute(query + SQL(" LIMIT %(limit)s"), {**values, "limit": limit}).fetchall()


def _query(
    listing: Listing, source: Table[Any] | Composable, view: View, asked: Asked
) -> tuple[Composed, dict[str, Any]]:
    """What selects the rows that the reader may see, in their order, with its values."""
    inner = source.selection() if isinstance(source, Table) else source
    seen, values = conditions(listing, view, listing.decided_by)
    where: list[Composable] = [SQL("true"), *seen]
    values |= {**view.more, "id": view.id, "on": view.on, "outside": view.caller.role == OUTSIDE}
    for number, (one, value) in enumerate(asked.filters):
        if one.column:
            values[f"asked_{number}"] = value
            where.append(
                SQL(one.kind.sql).format(
                    column=Identifier(one.column),
                    value=SQL(f"%(asked_{number})s"),
                    at=SQL("%(on)s"),
                )
            )
    columns = listing.sorted_by(asked.sort)
    if asked.behind is not None:
        where.append(_behind(listing, asked, columns))
        values |= {f"behind_{number}": cell for number, cell in enumerate(asked.behind)}
    query = SQL("SELECT {names} FROM ({inner}) AS listed WHERE {where} ORDER BY {order}").format(
        names=SQL(", ").join(Identifier(column) for column in listing.hints),
        inner=inner,
        where=SQL(" AND ").join(where),
        order=_order(listing, asked, columns),
    )
    return query, values


def _order(listing: Listing, asked: Asked, columns: Iterable[str]) -> Composable:
    direction = SQL(" DESC" if asked.sort.startswith("-") else "")
    return SQL(", ").join(_key(listing, column, Identifier(column)) + direction for column in columns)


def _behind(listing: Listing, asked: Asked, columns: Sequence[str]) -> Composable:
    """Whether a row is behind the place: all columns go in one direction, so that an index of them can be used."""
    return SQL("({}) {} ({})").format(
        SQL(", ").join(_key(listing, column, Identifier(column)) for column in columns),
        SQL("<" if asked.sort.startswith("-") else ">"),
        SQL(", ").join(_key(listing, column, SQL(f"%(behind_{number})s")) for number, column in enumerate(columns)),
    )


def _key(listing: Listing, column: str, value: Composable) -> Composable:
    """A cell, or what is asked, as it is sorted: what has no value comes last, or is the empty text."""
    hint = listing.hints[column]
    plain = kinds.plain_type(hint)
    name, last = kinds.SORTED_LAST[plain]
    typed = value if isinstance(value, Identifier) else SQL("{}::{}").format(value, SQL(name))
    if plain is hint:
        return typed
    return SQL("coalesce({}, {}::{})").format(typed, SQL(f"'{last}'"), SQL(name))


def _seen(listing: Listing, view: View, found: Sequence[Any]) -> list[Any]:
    """Those of computed rows that the reader may see, asked in one round trip."""
    if not listing.decided_by or not found:
        return list(found)
    where, values = conditions(listing, view, {name: f"row_{name}" for name in listing.decided_by})
    if not where:
        return list(found)
    query = SQL("SELECT number FROM unnest({}) WITH ORDINALITY AS listed ({}, number) WHERE {}").format(
        SQL(", ").join(SQL(f"%(all_{name})s::text[]") for name in listing.decided_by),
        SQL(", ").join(Identifier(f"row_{name}") for name in listing.decided_by),
        SQL(" AND ").join(where),
    )
    for name, column in listing.decided_by.items():
        values[f"all_{name}"] = [getattr(one, column) for one in found]
    with view.connect() as connection:
        kept = {number for (number,) in connection.execute(query, values)}
    return [one for number, one in enumerate(found, start=1) if number in kept]


def _computed(listing: Listing, found: Sequence[Any], asked: Asked) -> list[Any]:
    rows = [
        row
        for row in found
        if all(one.kind.holds(getattr(row, one.column), value) for one, value in asked.filters if one.column)
    ]
    columns, down = listing.sorted_by(asked.sort), asked.sort.startswith("-")

    def place(cells: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(kinds.placed(listing.hints[column], cell) for column, cell in zip(columns, cells, strict=True))

    def of(row: Any) -> tuple[Any, ...]:
        return place(getattr(row, column) for column in columns)

    rows.sort(key=of, reverse=down)
    if asked.behind is None:
        return rows
    behind = place(asked.behind)
    return [row for row in rows if (of(row) < behind if down else of(row) > behind)]
