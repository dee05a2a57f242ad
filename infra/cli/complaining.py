"""Complaints on a terminal, for whoever runs the body: all of them with the numbers by level, or one with what happened."""

from datetime import UTC, datetime

import psycopg
from rich.markup import escape

from domain.complaint.state import STAGES
from domain.refusals import refuse
from infra.bootstrap import open_app
from infra.cli.reading import Reader, columns, database, find_case, instant, short, show_history, zone_of
from infra.cli.screen import screen
from infra.settings import Settings
from projections import complaints, tasks
from projections.words import listed, people, plain, task, token

KNOWN = (*(stage for three in STAGES.values() for stage in three), "withdrawn")
"""The stages of a complaint."""
LEVELS = {1: "first answer", 2: "second answer", 3: "committee"}


def show_complaints(
    settings: Settings, *, stage: str | None, open_only: bool, since: str | None, until: str | None, limit: int
) -> None:
    """Print the numbers by level of what came there in a time, then the complaints, the latest first."""
    if stage is not None and stage not in KNOWN:
        raise refuse("complaint-stages", f"{stage!r} is no stage", field="--stage", allowed=", ".join(KNOWN))
    began, ended = (instant(text, name) if text else None for text, name in ((since, "--since"), (until, "--until")))
    console, at = screen(), datetime.now(UTC)
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        rows = complaints.page(connection, stage=stage, open_only=open_only, limit=limit)
        reader = Reader(app)
        reader.prepare([token("person", one.handler) for one in rows if one.handler])
        for one in complaints.numbers(connection, at=at, since=began, until=ended):
            console.print(
                f"{LEVELS[one.level]}: {one.opened}, of which acknowledged {one.acknowledged}"
                f" ({one.acknowledged_in_time} in time), answered {one.answered} ({one.answered_in_time} in time),"
                f" upheld {one.upheld}, overdue {one.overdue}"
            )
        table = columns(
            "complaint", "about", "raised (scheme's time)", "stage", "handler", "what is due", "by", "outcome"
        )
        for row in rows:
            reader.zone = zone_of(app, row.scheme)
            due = next(iter(tasks.running(connection, case=row.complaint, limit=1)), None)
            table.add_row(
                short(row.complaint),
                plain(row.about),
                reader.cell(row.raised_at),
                plain(row.stage),
                escape(reader.say(token("person", row.handler))) if row.handler else "",
                f"{'! ' if due.due_at <= at else ''}{task(due.rule)}" if due else "",
                reader.cell(due.due_at) if due else "",
                plain(row.outcome or ""),
            )
        console.print(
            table if rows else "No complaint fits that." if stage or open_only else "There is no complaint yet."
        )


def show_complaint(settings: Settings, complaint: str) -> None:
    """Print where one complaint stands, what is due, and all that happened to it."""
    console = screen()
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        id = find_case(connection, complaint, kind="complaint", field="COMPLAINT")
        row = complaints.one(connection, id)
        if row is None:
            raise refuse(
                "known-complaint",
                f"{id} is no complaint",
                field="COMPLAINT",
                allowed="an id that `assay complaints` shows",
            )
        due = tasks.running(connection, case=id)
        reader = Reader(app, zone=zone_of(app, row.scheme))
        said = [
            (
                f"{plain(row.stage)}{f', {plain(row.outcome)}' if row.outcome else ''}; about {plain(row.about)},"
                f" under {row.scheme}"
            ),
            (
                f"in hand: {token('person', row.handler) if row.handler else 'nobody'}"
                + (f"; handled so far by {people(row.handlers)}" if row.handlers else "")
            ),
            f"complained about: {people(row.people) if row.people else 'nobody by name'}",
            "due: "
            + listed([f"{task(one.rule)} by {token('time', one.due_at.isoformat())}" for one in due] or ["nothing"]),
        ]
        reader.prepare(said)
        for line in said:
            console.print(escape(reader.say(line)), soft_wrap=True)
    show_history(settings, id)
