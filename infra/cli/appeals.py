"""Appeals on a terminal: all of them, and one with its tasks and what was before the decider then."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
from rich.console import Console
from rich.markup import escape

from domain.refusals import refuse
from infra.bootstrap import App, open_app
from infra.cli.reading import Reader, columns, database, find_case, short, zone_of
from infra.cli.screen import screen
from infra.settings import Settings
from projections import appeals, history, tasks
from projections.appeal_sentences import contested, remedy
from projections.sentences import sentence
from projections.words import plain, task, token
from services.appeals import material
from services.ports import Command
from services.schemes import INSTALLER_ROLE


def show_appeals(settings: Settings, *, running: bool, limit: int) -> None:
    """Print the appeals, the latest first, or those that are not over."""
    console = screen()
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        found = appeals.listed(connection, running=running, limit=limit)
        if not found:
            console.print("No appeal is running." if running else "There is no appeal.")
            return
        reader = Reader(app)
        reader.prepare([token("provider", one.provider) for one in found])
        table = columns(
            "appeal", "case", "provider", "scheme", "against", "grounds", "stage", "lodged", "outcome", "others"
        )
        for one in found:
            reader.zone = zone_of(app, one.scheme)
            table.add_row(
                short(one.appeal),
                short(one.case_id),
                escape(reader.say(token("provider", one.provider))),
                one.scheme,
                one.contested,
                ", ".join(one.grounds),
                plain(one.stage),
                reader.cell(one.lodged_at) + (" (late)" if one.late else ""),
                _outcome(one),
                f"{one.others_open} of {one.others} open" if one.searched else "",
            )
        console.print(table)
        if len(found) == limit:
            console.print(f"Only the first {limit:,} are shown; --limit shows more.")


def _outcome(one: appeals.Row) -> str:
    if one.outcome is None:
        return ""
    late = "" if one.in_time else ", overdue"
    return f"{one.outcome}{late}" + (f": {plain(one.remedy)}" if one.remedy else "")


def show_appeal(settings: Settings, appeal: str) -> None:
    """Print where an appeal stands, what is to be done, what happened, and what was before the decider."""
    console = screen()
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        id = find_case(connection, appeal, kind="appeal", field="ID")
        held = next(iter(appeals.listed(connection, appeal=id)), None)
        if held is None:
            raise refuse("known-appeal", f"{id} is no appeal", field="ID", allowed="an id that `assay appeals` shows")
        reader = Reader(app, zone=zone_of(app, held.scheme))
        _stands(console, reader, held)
        _to_do(console, reader, tasks.running(connection, case=id))
        _others(console, appeals.others(connection, id))
        _said(console, reader, "What happened", [(one.at, one.sentence) for one in history.history(connection, id)])
        _said(console, reader, "What was before the decider", list(_material(app, id)))


def _stands(console: Console, reader: Reader, held: appeals.Row) -> None:
    reader.prepare([token("provider", held.provider)])
    against = f"{contested(held.contested)} in {held.case_id}"
    console.print(f"[bold]{held.appeal}[/bold] against {against}, {plain(held.stage)}", soft_wrap=True)
    provider = escape(reader.say(token("provider", held.provider)))
    late = ", late" if held.late else ""
    console.print(
        f"Lodged by {provider} at {reader.time(held.lodged_at)}{late}; {', '.join(held.grounds)}", soft_wrap=True
    )
    if held.outcome and held.decided_at:
        brings = f", so that {remedy(held.remedy)}" if held.remedy else ""
        console.print(f"{held.outcome.title()} at {reader.time(held.decided_at)}{brings}", soft_wrap=True)


def _to_do(console: Console, reader: Reader, running: list[tasks.Row]) -> None:
    if running:
        reader.prepare([token("person", one.who) for one in running if one.who.startswith("person-")])
        table = columns("by", "who", "what")
        for one in running:
            overdue = "! " if one.due_at <= datetime.now(UTC) else ""
            table.add_row(f"{overdue}{reader.cell(one.due_at)}", escape(reader.who(one.who)), task(one.rule))
        console.print()
        console.print(table)


def _others(console: Console, found: list[appeals.Other]) -> None:
    if found:
        table = columns("other case", "what was done", "closed")
        for one in found:
            table.add_row(short(one.case_id), plain(one.action), "yes" if one.closed else "no")
        console.print()
        console.print(table)


def _said(console: Console, reader: Reader, title: str, said: list[tuple[datetime, str]]) -> None:
    reader.prepare([one for _, one in said])
    console.print(f"\n[bold]{title}[/bold]")
    for at, one in said:
        console.print(f"  {reader.cell(at)}  {escape(reader.say(one))}", soft_wrap=True)


def _material(app: App, id: str) -> Iterator[tuple[datetime, str]]:
    command = Command(id="reading", actor="installer", role=INSTALLER_ROLE, at=datetime.now(UTC))
    found: Any = material(app.office, command, appeal=id)
    for one in found:
        yield one.at, sentence(one)
