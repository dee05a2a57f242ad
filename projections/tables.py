"""The tables of a read model as data: a row is a dataclass whose fields are the columns; read by key, written in batches.

While a read model is built anew its tables stand beside those in use, under names that end in `BUILDING`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from types import NoneType
from typing import Any, Final, Generic, TypeVar, get_args, get_type_hints

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL, Composed, Identifier

SCHEMA: Final = "read"
BUILDING: Final = "_new"

R = TypeVar("R")

_SQL_TYPES: Final[dict[Any, str]] = {
    str: "text",
    int: "int8",
    bool: "bool",
    datetime: "timestamptz",
    list[str]: "text[]",
    list[datetime]: "timestamptz[]",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `sql_type` is the name of its type in PostgreSQL."""

    name: str
    sql_type: str
    nullable: bool


@dataclass(frozen=True)
class Table(Generic[R]):
    """A table `name` of rows of the dataclass `row`: its primary `key`, and the columns of each further index, as SQL.

    Fields may be str, int, bool, datetime (aware), lists of str or datetime, and all but lists `… | None`. Text compares
    by code point.
    """

    name: str
    row: type[R]
    key: tuple[str, ...]
    indexes: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in the order of the row's fields."""
        return tuple(_column(name, hint) for name, hint in get_type_hints(self.row).items())

    def identifier(self, suffix: str = "") -> Identifier:
        """Return the table's name in SQL."""
        return Identifier(SCHEMA, self.name + suffix)

    def creation(self, suffix: str = "") -> Composed:
        """Return the statement that creates the table, still without its further indexes."""
        columns = [
            SQL("{} {}{}{}").format(
                Identifier(column.name),
                SQL(column.sql_type),
                SQL(' COLLATE "C"' if column.sql_type == "text" else ""),
                SQL("" if column.nullable else " NOT NULL"),
            )
            for column in self.columns
        ]
        key = SQL("PRIMARY KEY ({})").format(_listed(self.key))
        return SQL("CREATE TABLE {} ({})").format(self.identifier(suffix), SQL(", ").join([*columns, key]))

    def indexing(self, suffix: str = "") -> list[Composed]:
        """Return the statements that create its further indexes; PostgreSQL names them, so that no two copies collide."""
        return [
            SQL("CREATE INDEX ON {} ({})").format(self.identifier(suffix), SQL(columns)) for columns in self.indexes
        ]

    def selection(self, suffix: str = "") -> Composed:
        """Return `SELECT` of all columns `FROM` the table."""
        names = [column.name for column in self.columns]
        return SQL("SELECT {} FROM {}").format(_listed(names), self.identifier(suffix))


class Tables:
    """One transaction's access to tables: those in use or, with `BUILDING` as suffix, those being built."""

    def __init__(self, connection: Connection[Any], suffix: str = "") -> None:
        self._connection = connection
        self._suffix = suffix

    def load(self, table: Table[R], column: str, values: Collection[str]) -> list[R]:
        """Return the rows whose `column` is one of `values`, in one round trip."""
        query = SQL("{} WHERE {} = ANY(%s)").format(table.selection(self._suffix), Identifier(column))
        with self._connection.cursor(binary=True, row_factory=args_row(table.row)) as cursor:
            return cursor.execute(query, [list(values)]).fetchall()

    def add(self, table: Table[R], rows: Collection[R]) -> None:
        """Insert rows whose keys are new."""
        if rows:
            self._copy(table, table.identifier(self._suffix), rows)

    def save(self, table: Table[R], rows: Collection[R]) -> None:
        """Insert rows, or update those whose key is there already; no key may come twice. Once a table in a transaction."""
        if not rows:
            return
        stage, target = Identifier(f"stage_{table.name}"), table.identifier(self._suffix)
        others = [Identifier(column.name) for column in table.columns if column.name not in table.key]
        self._connection.execute(
            SQL("CREATE TEMP TABLE IF NOT EXISTS {} (LIKE {}) ON COMMIT DELETE ROWS").format(stage, target)
        )
        self._copy(table, stage, rows)
        self._connection.execute(
            SQL("INSERT INTO {} SELECT * FROM {} ON CONFLICT ({}) DO UPDATE SET {}").format(
                target,
                stage,
                _listed(table.key),
                SQL(", ").join(SQL("{0} = excluded.{0}").format(one) for one in others),
            )
        )

    def _copy(self, table: Table[R], target: Identifier, rows: Collection[R]) -> None:
        # Binary COPY, also by way of a stage, is twice as fast as arrays through unnest.
        values = attrgetter(*(column.name for column in table.columns))
        with (
            self._connection.cursor() as cursor,
            cursor.copy(SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(target)) as copy,
        ):
            copy.set_types([column.sql_type for column in table.columns])
            for row in rows:
                copy.write_row(values(row))


class InMemory(Tables):
    """Rows kept in memory, for what a read model would say of other events than those that it is made of."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[tuple[Any, ...], Any]] = {}

    def rows(self, table: Table[R]) -> list[R]:
        """Return all rows of a table, in the order in which they came."""
        return list(self._rows.get(table.name, {}).values())

    def load(self, table: Table[R], column: str, values: Collection[str]) -> list[R]:
        """Return the rows whose `column` is one of `values`."""
        wanted = set(values)
        return [row for row in self.rows(table) if getattr(row, column) in wanted] if wanted else []

    def add(self, table: Table[R], rows: Collection[R]) -> None:
        """Insert rows whose keys are new."""
        self.save(table, rows)

    def save(self, table: Table[R], rows: Collection[R]) -> None:
        """Insert rows, or put them in the place of those with the same key."""
        kept = self._rows.setdefault(table.name, {})
        for row in rows:
            kept[tuple(getattr(row, column) for column in table.key)] = row


def _column(name: str, hint: Any) -> Column:
    kinds = get_args(hint) if NoneType in get_args(hint) else (hint,)
    return Column(name, _SQL_TYPES[kinds[0]], nullable=NoneType in kinds)


def _listed(names: Collection[str]) -> Composed:
    return SQL(", ").join(Identifier(name) for name in names)
