"""Tasks of appeals, complaints, audits and other matters, on a terminal."""

from datetime import UTC, datetime

import psycopg
from rich.markup import escape

from domain.ids import PROCESS_ROLE
from domain.person import ROLES
from infra.bootstrap import open_app
from infra.cli.reading import Reader, columns, database, short
from infra.cli.screen import screen
from infra.identity.people import find_person
from infra.settings import Settings
from projections import tasks
from projections.words import task, token


def show_tasks(settings: Settings, *, who: str | None, overdue: bool, limit: int) -> None:
    """Print the tasks that run, the earliest due first, of one person or role or of all."""
    console, at = screen(), datetime.now(UTC)
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        if who and who not in ROLES and who != PROCESS_ROLE:
            who = find_person(app.records.datastore, who, field="--who")
        found = tasks.running(connection, who=who, overdue_at=at if overdue else None, limit=limit)
        if not found:
            console.print("There is nothing to do." if not (who or overdue) else "There is no such task.")
            return
        reader = Reader(app)
        reader.prepare([token("person", one.who) for one in found if one.who.startswith("person-")])
        table = columns("by", "who", "what", "of", "then told")
        for one in found:
            table.add_row(
                f"{'! ' if one.due_at <= at else ''}{reader.cell(one.due_at)}",
                escape(reader.who(one.who)),
                task(one.rule) + (f" ({one.about})" if one.about else ""),
                short(one.case_id),
                reader.who(one.told) if one.told else "nobody; it goes on by itself",
            )
        console.print(table)
        if len(found) == limit:
            console.print(f"Only the first {limit:,} are shown; --limit shows more.")
