"""Read models against the record: each is computed again beside the one in use, and compared row by row at the same position."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any, Final

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

from infra.read_models import Copy, advance, connect, create, lag, positions
from infra.rebuild import BATCH, Progress, build
from infra.seals.checking.report import Finding
from infra.store.errors import RecordUnavailable
from infra.store.leader import hold_lock
from infra.store.records import PostgresRecords
from projections.model import ReadModel
from projections.tables import BUILDING, SCHEMA, Table

NAMED: Final = 5
"""Rows that are named where many differ."""


def compare(
    records: PostgresRecords, models: Sequence[ReadModel], progress: Progress = lambda *_: None
) -> Iterator[Finding]:
    """Yield what is in use and does not follow from the record. A model that is not built yet is said to be so, and is no fault.

    It waits for a rebuild that runs, and keeps the projector waiting for as long as rows are compared.
    """
    url = records.datastore.url
    with hold_lock(url, "rebuild", threading.Event()) as ended, connect(url) as connection:
        there = positions(connection, [Copy(model) for model in models])
        built = [model for model in models if Copy(model).name in there]
        for model in models:
            if model not in built and _stands(connection, model):
                said = f"{model.name} is there, and nothing says how far it has got; {_REBUILD}"
                yield Finding(what="read model", found=said)
        create(connection, built)
        try:
            target = min(positions(connection, [Copy(model) for model in built]).values(), default=0)
            if not build(records, connection, built, ended, progress, until=target):
                raise RecordUnavailable("the comparison of read models lost its lock")
            for model in built:
                yield from _compare(records, connection, model)
        finally:
            _drop(connection, built)


def _compare(records: PostgresRecords, connection: Connection[Any], model: ReadModel) -> Iterator[Finding]:
    """Bring the newly built one to where the one in use stands, and compare, while the projector can't move it."""
    with connection.transaction():
        built, in_use = lag(connection, model)
        if _apply(records, connection, [Copy(model, building=True)], built, until=in_use) < in_use:
            said = f"{model.name} says that it is at position {in_use:,}, where the record does not come to; {_REBUILD}"
            yield Finding(what="read model", found=said)
        for table in model.tables:
            yield from _differing(connection, model, table)


def _apply(
    records: PostgresRecords,
    connection: Connection[Any],
    copies: Sequence[Copy],
    position: int,
    *,
    until: int,
) -> int:
    """Apply the log behind `position` up to `until`; return the position that was reached."""
    while copies and position < until:
        events = [one for one in records.read_log(position, BATCH) if one.position <= until]
        if not events:
            break
        advance(connection, copies, events, after=position)
        position = events[-1].position
    return position


def _stands(connection: Connection[Any], model: ReadModel) -> bool:
    """Whether the model has tables, though no definition of it has a position: they go and come together."""
    return (
        any(
            connection.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.{table.name}"]).fetchone() != (None,)
            for table in model.tables
        )
        and not connection.execute(
            "SELECT FROM read.positions WHERE split_part(name, '@', 1) = %s", [model.name]
        ).fetchall()
    )


def _differing(connection: Connection[Any], model: ReadModel, table: Table[Any]) -> Iterator[Finding]:
    for found, one, other in (
        ("a row that does not follow from the record", "", BUILDING),
        ("a row is missing that follows from the record", BUILDING, ""),
    ):
        rows = connection.execute(_minus(table, one, other)).fetchall()
        for row in rows[:NAMED]:
            key = ", ".join(f"{name} {value}" for name, value in zip(table.key, row, strict=True))
            yield Finding(what="read model", found=f"{model.name}: {found} in {table.name}: {key}; {_REBUILD}")
        if len(rows) > NAMED:
            more = f"{model.name}: and {len(rows) - NAMED:,} rows more in {table.name}; {_REBUILD}"
            yield Finding(what="read model", found=more)


_REBUILD: Final = "`assay projections rebuild` computes it again"


def _minus(table: Table[Any], one: str, other: str) -> Composed:
    key = SQL(", ").join(Identifier(name) for name in table.key)
    return SQL("SELECT {} FROM ({} EXCEPT ALL {}) AS differing ORDER BY 1").format(
        key, table.selection(one), table.selection(other)
    )


def _drop(connection: Connection[Any], models: Sequence[ReadModel]) -> None:
    with connection.transaction():
        for model in models:
            for table in model.tables:
                connection.execute(SQL("DROP TABLE IF EXISTS {}").format(table.identifier(BUILDING)))
            connection.execute("DELETE FROM read.positions WHERE name = %s", [Copy(model, building=True).name])
