"""The register of conflicts, on a terminal."""

from datetime import UTC, datetime

import psycopg
from rich.markup import escape

from infra.bootstrap import open_app
from infra.cli.reading import Reader, columns, database, instant
from infra.cli.screen import screen
from infra.settings import Settings
from projections import conflicts
from projections.words import plain, token


def show_conflicts(
    settings: Settings, *, person: str | None, provider: str | None, on: str | None, known: str | None
) -> None:
    """Print the conflicts there were at an instant, now by default, as known at another; of one person or provider, or all."""
    console = screen()
    at = instant(on, "--on") if on else datetime.now(UTC)
    known_at = instant(known, "--known") if known else None
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        found = conflicts.on(connection, at=at, known_at=known_at, person=person, provider=provider)
        if not found:
            console.print("No conflict was known then.")
            return
        reader = Reader(app)
        reader.prepare(
            token(kind, id)
            for one in found
            for kind, id in (
                ("person", one.person),
                ("provider", one.provider),
                ("person", one.recorded_by),
                *([("text", one.reason)] if one.reason else []),
            )
        )
        table = columns("provider", "person", "conflict", "", "since", "until", "recorded by", "reason")
        for one in found:
            table.add_row(
                escape(reader.say(token("provider", one.provider))),
                escape(reader.say(token("person", one.person))),
                plain(one.kind),
                one.source,
                reader.cell(one.since),
                reader.cell(one.until),
                escape(reader.who(one.recorded_by)),
                escape(reader.say(token("text", one.reason))) if one.reason else "",
            )
        console.print(table)
