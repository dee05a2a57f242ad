"""The people who run a scheme, on a terminal: the timetable of standardisation, and the composition of panels and boards."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.composition import Share
from infra.bootstrap import open_app
from infra.cli.reading import Reader, database
from infra.cli.screen import screen
from infra.settings import Settings
from projections import composition, standardisation
from projections.composition import PanelShare
from projections.words import counted, plain, token

MOST = 1000
"""Sessions shown at once."""
BEGINNING = 16
"""How much of an id tells it from others, on a screen."""


def show_standardisation(settings: Settings, *, year: int | None, scheme: str | None) -> None:
    """Print the timetable of a year, or of all years: who leads each session, who was to come, and who came."""
    console = screen()
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        reader = Reader(app)
        sessions = standardisation.timetable(connection, year=year, zone=reader.zone, scheme=scheme, limit=MOST)
        if not sessions:
            console.print("No standardisation session fits that.")
            return
        reader.prepare([token("person", one.leader) for one in sessions if one.leader])
        table = _table("when (London)", "scheme", "leader", "invited", "attended", "exemplars", "", "session")
        for one in sessions:
            table.add_row(
                reader.cell(one.starts_at),
                one.scheme,
                escape(reader.say(token("person", one.leader))) if one.leader else "nobody any more",
                str(one.invited),
                str(one.attended) if one.state == "held" else "",
                str(one.exemplars),
                one.state,
                one.session,
            )
        console.print(table)


def show_composition(settings: Settings, *, scheme: str | None, missing: bool, limit: int) -> None:
    """Print the shares of teachers, providers and experts on each board and panel, against the scheme's minima."""
    console = screen()
    with database(settings) as url, psycopg.connect(url, autocommit=True) as connection:
        for one in [scheme] if scheme else composition.schemes(connection):
            shares = composition.board(connection, scheme=one, at=datetime.now(UTC))
            if not missing or not all(share.met for share in shares):
                console.print(f"The board of [bold]{one}[/bold], {counted(shares[0].size, 'member')} now:")
                _show_shares(console, shares)
        found = composition.panels(connection, scheme=scheme, missing=missing, limit=limit)
        for panel in dict.fromkeys(share.panel for share in found):
            of_it = [share for share in found if share.panel == panel]
            _show_panel(console, connection, of_it)
        if not found:
            console.print("No panel misses its minima." if missing else "No panel has been called yet.")


def _show_panel(console: Console, connection: psycopg.Connection[Any], shares: Sequence[PanelShare]) -> None:
    first = shares[0]
    console.print(
        f"\n{plain(first.form).capitalize()} {first.panel[:BEGINNING]} of [bold]{first.scheme}[/bold],"
        f" {counted(first.size, 'member')}:"
    )
    _show_shares(
        console,
        [Share(background=one.background, members=one.members, size=one.size, least=one.least) for one in shares],
    )
    for item in composition.items(connection, panel=first.panel):
        without = f", {item.left_out} left out" if item.left_out else ""
        console.print(
            f"  {item.case_id[: BEGINNING + 3]}: {item.seated} seated{without}, {item.experts} expert in its subject"
        )


def _show_shares(console: Console, shares: Sequence[Share]) -> None:
    table = _table("  background", "members", "share", "at least", "")
    for one in shares:
        met = "met" if one.met else "[bold]missed[/bold]"
        least = f"{one.least}%" if one.least else "any"
        table.add_row(f"  {one.background}", str(one.members), f"{one.percent}%", least, met)
    console.print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, no_wrap=True)
    return table
