"""Tasks: who has to do what by when in appeals, complaints, audits and the other matters beside submissions and awards.

A task that is done stays, with when it was done; a person's open ones are their list of work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.ids import MATTERS, kind_of
from domain.tasks import ALL
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Row:
    """A task of a matter: `who` (a person's id or a role) has to do what `rule` says by `due_at`, since `set_at` (UTC).

    `done_at` is when it ended, done or needed no more; None while it runs.
    """

    case_id: str
    name: str
    rule: str
    about: str
    who: str
    told: str
    set_at: datetime
    due_at: datetime
    done_at: datetime | None = None


KINDS: Final = frozenset({"accreditation", *MATTERS})
TASKS: Final = Table("tasks", Row, ("case_id", "name"), ("who, due_at", "due_at"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Change the tasks of the matters that `events` are about."""
    events = [one for one in events if kind_of(one.stream) in KINDS]
    matters: dict[str, dict[str, Row]] = {}
    for row in tables.load(TASKS, "case_id", {one.stream for one in events}):
        matters.setdefault(row.case_id, {})[row.name] = row
    for one in events:
        rows = matters.setdefault(one.stream, {})
        ends = getattr(one.event, "ends", ())
        for row in rows.values():
            if row.done_at is None and (row.name in ends or ALL in ends):
                row.done_at = one.at
        for task in getattr(one.event, "sets", ()):
            rows[task.name] = Row(
                case_id=one.stream,
                name=task.name,
                rule=task.rule,
                about=task.about,
                who=task.who,
                told=task.told,
                set_at=one.at,
                due_at=task.due_at,
            )
    tables.save(TASKS, [row for rows in matters.values() for row in rows.values()])


MODEL: Final = ReadModel(name="tasks", version=2, tables=(TASKS,), apply=apply)


def running(
    connection: Connection[Any],
    *,
    who: str | None = None,
    case: str | None = None,
    overdue_at: datetime | None = None,
    limit: int = 100,
) -> list[Row]:
    """Return the tasks that run, by the date they are due: of one person or role, of one matter, or all.

    With `overdue_at` only those that are overdue at that instant (UTC).
    """
    query = SQL(
        "{} WHERE done_at IS NULL AND (%(who)s::text IS NULL OR who = %(who)s)"
        " AND (%(case)s::text IS NULL OR case_id = %(case)s)"
        " AND (%(at)s::timestamptz IS NULL OR due_at <= %(at)s) ORDER BY due_at, case_id, name LIMIT %(limit)s"
    ).format(TASKS.selection())
    with connection.cursor(row_factory=args_row(Row)) as cursor:
        return cursor.execute(query, {"who": who, "case": case, "at": overdue_at, "limit": limit}).fetchall()
