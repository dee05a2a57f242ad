"""What is kept, on which ground, what may go and when, on a terminal."""

from datetime import UTC, datetime

import psycopg
from rich.markup import escape

from infra.bootstrap import open_app
from infra.cli.reading import Reader, columns, database, instant
from infra.cli.screen import screen
from infra.settings import Settings
from projections import tasks
from projections.words import listed, plain, task
from services.going import facts_of
from services.keeping import HOLDS
from services.office import Work
from services.ports import Command
from services.survey import survey


def show_retention(settings: Settings, *, on: str | None) -> None:
    """Print by kind of record what may go at an instant and what stays, the holds, and what is under way."""
    console, at = screen(), instant(on, "--on") if on else datetime.now(UTC)
    with (
        database(settings) as url,
        open_app(url, pool_size=2) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        work = Work(app.office, Command(id="reading", actor="reading", role="reading", at=at), about=HOLDS)
        facts = facts_of(work, app.shelves, at=at)
        reader = Reader(app, zone=facts.policy.calendar.zone)
        console.print(f"By the policy {facts.policy.ref}, at {reader.time(at)}:\n")
        table = columns("kind of record", "may go", "of", "stays", "because of", "the next may go")
        for kind, count in survey(facts).items():
            grounds = listed([plain(one) for one in sorted(count.stays)]) if count.stays else ""
            stays = sum(count.stays.values())
            table.add_row(
                plain(kind),
                f"{count.goes:,}",
                f"{len(count.holders):,}" if count.holders else "",
                f"{stays:,}",
                escape(grounds),
                reader.cell(count.next_at),
            )
        console.print(table if table.rows else "Nothing is kept.")
        holds = work.state(HOLDS).holds
        if holds:
            console.print(f"\n[bold]On hold[/bold]: {len(holds)}")
            for subject, one in sorted(holds.items()):
                console.print(f"  {subject}: {plain(one.ground)}")
        for row in tasks.running(connection, limit=1000):
            if row.case_id.startswith("retention-") and row.case_id != HOLDS:
                console.print(f"  {row.case_id}: {task(row.rule)}, by {reader.time(row.due_at)}")
