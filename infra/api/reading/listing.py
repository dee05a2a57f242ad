"""A list of the API as a row of data: what it shows, who may see it, and by what it is filtered and sorted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final, get_type_hints

from psycopg import Connection
from psycopg.rows import tuple_row
from psycopg.sql import Composable

from infra.api.caller import Api, Caller
from infra.api.reading import kinds
from infra.api.reading.kinds import Kind
from infra.api.seeing import Sight
from projections.model import ReadModel
from projections.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a list is read with: who looks at it, what they may see, as of which instant, and of which case or matter (`id`)."""

    api: Api
    caller: Caller
    sight: Sight
    on: datetime
    id: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @contextmanager
    def connect(self) -> Iterator[Connection[Any]]:
        """Lend a connection. Whoever has one asks nothing else meanwhile, so that nobody waits for a second one."""
        with self.api.app.records.datastore.get_connection() as lent:
            connection: Connection[Any] = lent
            before = connection.row_factory
            connection.row_factory = tuple_row
            try:
                yield connection
            finally:
                connection.row_factory = before


DECIDING: Final = ("case", "provider", "person", "beside", "beside_provider")
"""What a listing names columns for by which is decided who sees a row."""
Rows = Callable[[View], Iterable[Any]]
"""Computes a list in memory. Where a case or a provider of its rows is named, it need not look who may see them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing that may be asked of a list: of `column`, in the way of `kind`, one of `values` where they are known."""

    name: str
    column: str
    kind: Kind
    values: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What may be said."""
        return ", ".join(self.values) or self.kind.allowed


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list at `path`, which may have one `{id}` in it (of one of `kinds`), whose `action` the reader needs for it.

    `source` is a table, a SELECT, or a function; `row` its dataclass, and `key` the columns that tell its rows apart.

    Who sees a row is decided by the reader's relations to its `case` and `provider`, where the list has these columns; by
    whether it is about themselves (`person`), for who may see no others; and never against a conflict with what it is
    `beside`, a case or a provider (`beside_provider`). With `matters`, cases may be complaints, which few see. Without any
    of these the action is allowed to who stands in no relation.

    `filters` are columns to ask for; `empty`, `past` and `some` name further questions by the column that has no value, an
    instant that has passed, or an amount. `sorts` are columns to sort by, and `order` how it is sorted where nothing is said.
    The names of `names` are shown beside their ids, `texts` in their place, and `said` are sentences with tokens. `dated`: it
    can be read as of a date (`on`). `values` are those that a column can have. `hidden` columns are not shown. `more` are
    questions that `source` itself answers.
    """

    path: str
    operation: str
    summary: str
    tag: str
    action: str
    row: type[Any]
    source: Table[Any] | Composable | Rows
    models: tuple[ReadModel, ...]
    key: tuple[str, ...]
    order: str
    kinds: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    case: str | None = None
    provider: str | None = None
    person: str | None = None
    beside: str | None = None
    beside_provider: str | None = None
    matters: bool = False
    names: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    empty: Mapping[str, str] = field(default_factory=dict)
    past: Mapping[str, str] = field(default_factory=dict)
    some: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more: Mapping[str, Kind] = field(default_factory=dict)
    dated: bool = False

    @cached_property
    def hints(self) -> dict[str, Any]:
        """The types of its columns."""
        return get_type_hints(self.row)

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """What may be asked, by name."""
        found = [one for column in self.filters for one in self._asked_of(column)]
        found += [Parameter(name=name, column=column, kind=kinds.EMPTY) for name, column in self.empty.items()]
        found += [Parameter(name=name, column=column, kind=kinds.PAST) for name, column in self.past.items()]
        found += [Parameter(name=name, column=column, kind=kinds.SOME) for name, column in self.some.items()]
        found += [
            Parameter(name=name, column="", kind=kind, values=self.values.get(name, ()))
            for name, kind in self.more.items()
        ]
        return {one.name: one for one in found}

    @cached_property
    def decided_by(self) -> dict[str, str]:
        """The columns by which is decided who sees a row, by what they are for."""
        columns = {name: getattr(self, name) for name in DECIDING}
        return {name: column for name, column in columns.items() if column}

    @property
    def sortable(self) -> list[str]:
        """What `sort` may say."""
        columns = dict.fromkeys((self.order.removeprefix("-"), *self.sorts))
        return [sign + column for column in columns for sign in ("", "-")]

    def sorted_by(self, sort: str) -> tuple[str, ...]:
        """The columns that `sort` sorts by, all in one direction: the one named, then those that tell rows apart."""
        return tuple(dict.fromkeys((sort.removeprefix("-"), *self.key)))

    def _asked_of(self, column: str) -> Sequence[Parameter]:
        hint = kinds.plain_type(self.hints[column])
        if hint is datetime:
            return [
                Parameter(name=f"{column}_from", column=column, kind=kinds.FROM),
                Parameter(name=f"{column}_until", column=column, kind=kinds.UNTIL),
            ]
        kind = kinds.SCHEME if column == "scheme" else _KINDS[hint]
        return [Parameter(name=column, column=column, kind=kind, values=self.values.get(column, ()))]


_KINDS: Final[Mapping[Any, Kind]] = {str: kinds.TEXT, int: kinds.NUMBER, bool: kinds.YES, list[str]: kinds.HAS}
