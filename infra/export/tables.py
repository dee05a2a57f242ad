"""A table of a read model whole, as CSV or a spreadsheet: every table that any of them has, as its rows are, by ids and codes."""

from collections.abc import Callable, Iterator
from typing import IO, Any, Final

from psycopg import Connection, ServerCursor
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from domain.refusals import refuse
from infra.api.reading.sheets import ROWS, as_csv, write_xlsx
from infra.problems import CannotStart
from infra.read_models import Copy, positions
from projections.catalogue import READ_MODELS
from projections.model import ReadModel
from projections.tables import Table

FORMATS: Final = ("csv", "xlsx")
AT_ONCE: Final = 2_000
"""Rows that are held at once."""
Tell = Callable[[int, int], None]


def tables() -> dict[str, tuple[ReadModel, Table[Any]]]:
    """Every table of every read model, with its model, by name."""
    return {table.name: (model, table) for model in READ_MODELS for table in model.tables}


def counted(connection: Connection[Any], name: str) -> tuple[int, int]:
    """Return the position of the log up to which a table is made, and how many rows it has.

    Raises CannotStart while its read model is being made anew.
    """
    model, table = tables()[name]
    found = positions(connection, [Copy(model)])
    if not found:
        raise CannotStart(f"{model.name} is being made anew; `assay doctor` says how far it is. Ask again in a moment.")
    [(rows,)] = connection.execute(SQL("SELECT count(*) FROM {}").format(table.identifier())).fetchall()
    return min(found.values()), rows


def write_table(connection: Connection[Any], name: str, form: str, out: IO[bytes], tell: Tell) -> tuple[int, int]:
    """Write a table, in the order of its key, as it is in one instant; return the position of the log then, and how many rows that are.

    `connection` is in no transaction. `tell` is told how many are done, of how many. Refuses a spreadsheet of more rows than any program opens.
    """
    _, table = tables()[name]
    columns = [one.name for one in table.columns]
    with connection.cursor("whole", row_factory=dict_row, withhold=True) as cursor:
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            position, expected = counted(connection, name)
            _require_room(name, form, expected)
            order = SQL(", ").join(Identifier(one) for one in table.key)
            # The server holds the rows from here on without a transaction, so that a rebuild can swap tables meanwhile.
            cursor.execute(SQL("{} ORDER BY {}").format(table.selection(), order))
        rows = _told(cursor, expected, tell)
        if form == "csv":
            out.writelines(as_csv(columns, rows))
        else:
            write_xlsx(out, columns, rows, title=name)
    return position, expected


def _require_room(name: str, form: str, expected: int) -> None:
    if form == "xlsx" and expected > ROWS:
        raise refuse(
            "export-size",
            f"{name} has {expected:,} rows, and a spreadsheet has at most {ROWS:,}",
            field="FILE",
            allowed="a name that ends with .csv",
        )


def _told(cursor: ServerCursor[dict[str, Any]], expected: int, tell: Tell) -> Iterator[dict[str, Any]]:
    """All rows, some at a time."""
    done = 0
    while found := cursor.fetchmany(AT_ONCE):
        yield from found
        done += len(found)
        tell(done, expected)
