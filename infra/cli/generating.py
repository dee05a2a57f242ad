"""`assay generate`: a store full of made-up cases, to look at and to measure with."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from domain.events import recorded_names
from domain.person import RoleGiven
from infra.bootstrap import open_app
from infra.cli.reading import database, instant
from infra.cli.screen import bar, screen
from infra.generate.writing import Wanted, Written, generate
from infra.settings import Settings
from projections.words import counted

UNTIL: Final = datetime(2026, 11, 20, tzinfo=UTC)
"""How far the cases have come by default; fixed, so that a seed gives the same events on whatever day."""

ROLES: Final = 200
"""How many of the first roles given are looked through for an officer."""


def fill(settings: Settings, *, cases: int, seed: int, until: str | None, add: bool) -> None:
    """Fill the store that the settings lead to, and say what to look at."""
    console, limit = screen(), instant(until, "--until") if until else UNTIL
    wanted = Wanted(cases=cases, seed=seed, until=limit, add=add)
    with database(settings, make=True) as url, open_app(url, pool_size=2) as app:
        begun = time.monotonic()
        with bar(console, "cases") as progress:
            written = generate(app, wanted, progress)
        _show(console, wanted, written, time.monotonic() - begun)
        case = app.records.read_log(0, 1, ("AccreditationAwarded.1",))
        given = app.records.read_log(0, ROLES, recorded_names(RoleGiven))
        officer = next((one.stream for one in given if one.event.role == "officer"), None)
        _what_next(console, settings.data, case[0].event.submission if case else None, officer)


def _show(console: Console, wanted: Wanted, written: Written, seconds: float) -> None:
    console.print(
        f"{counted(wanted.cases, 'case')} as of {wanted.until:%-d %B %Y}, from seed {wanted.seed}: "
        f"{counted(written.events, 'event')} ({written.events / wanted.cases:.1f} a case) and {counted(written.texts, 'text')} "
        f"in {seconds:.1f} s, {written.events / seconds:,.0f} events a second."
    )


def _what_next(console: Console, data: Path, case: str | None, officer: str | None) -> None:
    commands = {
        f"assay board --data {data}": "every case, its stage and its clock",
        f"assay register --data {data}": "what is accredited",
        f"assay reminders --data {data}": "what will be sent next",
    }
    if case:
        commands[f"assay history {case[:19]} --data {data}"] = "what happened to one of them, in sentences"
    if officer:
        commands[f"assay up --data {data}"] = "run all of it, with the API; and, while it runs:"
        commands[f"assay sign-in {officer[:17]} --data {data}"] = "a link by which you sign in as an officer"
    width = max(map(len, commands))
    console.print("\nLook next:")
    for command, why in commands.items():
        console.print(f"  {command:<{width}}  {why}", soft_wrap=True)
