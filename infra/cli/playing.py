"""`assay play`: reads what is to be played, runs the servers if nobody does, shows the play, compares, and exits 1 on a difference."""

import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console

from domain.clocks import Duration
from domain.letter_events import QUEUED, SENDING, SENT
from domain.scheme import Scheme
from domain.scheme_file import read_scheme
from domain.toml_reader import FaultyFile
from infra.bootstrap import App, file_store, open_app
from infra.cli.screen import screen
from infra.cli.servers import running_group
from infra.folder import FORMAT_FILE
from infra.letters.posting import folder_of
from infra.play.cast import publish
from infra.play.outcome import compare, show
from infra.play.papers import type_written
from infra.play.plot import Plot
from infra.play.results import read_results
from infra.play.script import Play, seconds
from infra.play.view import View
from infra.problems import CannotStart
from infra.running import find_running
from infra.settings import Settings
from projections.words import counted

LONGEST = 3600.0
"""Seconds that one clock of a scheme may run for in a play, where no clock is faked."""

POSTED_WITHIN: Final = 10.0
"""Seconds that the last letters of a play are waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Casting:
    """What the command line asks to be played."""

    results: Path
    scheme: Path
    assessments: Path | None
    again: Path | None
    no_answer: Sequence[str]
    never_submits: Sequence[str]
    reaccredits: Sequence[str]


def play_results(settings: Settings, casting: Casting, *, fresh: bool, run: str | None) -> None:
    """Play it. Raises CannotStart for input that can't be played; exits with 1 where the outcome differs."""
    console = screen()
    plot, source = read_plot(casting)
    begun = time.monotonic()
    if fresh:
        console.print(_empty(settings))
    run = run or f"play-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    # Ports of its own, so that a play and `assay up` on another folder don't meet.
    settings = replace(settings, temporal_port=0, temporal_ui_port=0)
    with running_group(settings, lambda name, text: console.print(f"  {name:<10} {text}")) as servers:
        console.print(
            f"Playing {casting.results} under {plot.scheme.ref}, run {run}, after {time.monotonic() - begun:.1f} s."
        )
        with open_app(servers.database_url, store=file_store(settings)) as app, View(console) as view:
            publish(app.office, source, str(casting.scheme), plot.scheme, datetime.now(UTC))
            play = Play(app=app, plot=plot, run=run, watch=view.show)
            play.perform()
            comparison = compare(app.records, play)
            letters = _letters(app)
        show(console, play, comparison)
        console.print(f"{counted(letters, 'letter')} went out meanwhile{_where(settings)}.")
        console.print(f"Played in {time.monotonic() - begun:.0f} s, {play.commands} commands by people.")
    entry, _ = comparison.cases[0]
    what_next(console, settings.data, case=entry.submission, number=entry.number, officer=play.cast.officer)
    if comparison.differences:
        sys.exit(1)


def _letters(app: App) -> int:
    """How many letters went out, once all that was recorded has sent its own; or after a while as many as have."""
    end, until = app.records.max_position(), time.monotonic() + POSTED_WITHIN
    while time.monotonic() < until:
        counts = app.post.outbox.counts()
        if (app.post.outbox.place() or 0) >= end and not counts.keys() & {QUEUED, SENDING}:
            break
        time.sleep(0.1)
    return app.post.outbox.counts().get(SENT, 0)


def _where(settings: Settings) -> str:
    return "" if settings.mail.server else f", as files in {_shown(folder_of(settings))}"


def read_plot(casting: Casting) -> tuple[Plot, str]:
    """Read and check all input; return the plot and the scheme's source. Raises CannotStart naming every fault."""
    try:
        source = casting.scheme.read_text(encoding="utf-8")
        scheme = read_scheme(source, str(casting.scheme))
    except OSError as problem:
        raise CannotStart(f"{casting.scheme} can't be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise CannotStart(f"{casting.scheme} is not UTF-8 text.") from None
    except FaultyFile as faulty:
        raise CannotStart(str(faulty)) from None
    _require_short(scheme)
    type_written(scheme)
    results = read_results(casting.results, scheme)
    known = [*results, *casting.never_submits]
    for option, names, allowed in (
        ("--no-answer", casting.no_answer, list(results)),
        ("--reaccredits", casting.reaccredits, list(results)),
    ):
        for name in names:
            if name not in allowed:
                raise CannotStart(
                    f"{option} {name}: no such submission in {casting.results}; allowed: {', '.join(allowed)}."
                )
    for name in casting.never_submits:
        if name in results:
            raise CannotStart(f"--never-submits {name}: it has results; allowed: a name not among {', '.join(known)}.")
    plot = Plot(
        scheme=scheme,
        results=results,
        first=read_results(casting.assessments, scheme, only=results) if casting.assessments else {},
        again=read_results(casting.again, scheme, only=results) if casting.again else {},
        no_answer=frozenset(casting.no_answer),
        never_submits=frozenset(casting.never_submits),
        reaccredits=frozenset(casting.reaccredits),
    )
    return plot, source


def _require_short(scheme: Scheme) -> None:
    for part, lengths in (("clocks", scheme.clocks), ("route", scheme.route)):
        for name in lengths.__dataclass_fields__:
            length = getattr(lengths, name)
            if isinstance(length, Duration) and seconds(scheme, length) > LONGEST:
                raise CannotStart(
                    f"{scheme.ref}: {part}.{name} is {length.text}, and a play runs on real clocks; "
                    "give a scheme whose clocks are at most an hour, such as examples/pilot/scheme.toml."
                )


def _empty(settings: Settings) -> str:
    """Empty a data folder of ours that nobody uses; return what to say of it."""
    data = settings.data
    if not data.exists() or not any(data.iterdir()):
        return f"Starting in a new data folder, {_shown(data)}."
    if find_running(settings):
        raise CannotStart(f"Something runs on {_shown(data)}; stop it with Ctrl-C, or play without --fresh.")
    if not (data / FORMAT_FILE).exists():
        raise CannotStart(
            f"{_shown(data)} is no data folder of Assay, so --fresh leaves it alone; give another with --data."
        )
    shutil.rmtree(data)
    return f"Reusing the environment; {_shown(data)} held an earlier play, which is reset."


def what_next(console: Console, folder: Path, *, case: str, number: str, officer: str) -> None:
    """Print what to look at after a play, and by whom one signs in."""
    data = f"--data {_shown(folder)}"
    commands = {
        f"assay history {case[:19]} {data}": f"what happened to {number}, in sentences",
        f"assay board {data}": "every case, its stage and its clock",
        f"assay register {data}": "what is accredited",
        f"assay letters {data}": "what will be sent next, to whom and why",
        f"assay up {data}": "run it all on, with the API, until Ctrl-C; and, while it runs:",
        f"assay sign-in {officer[:17]} {data}": "a link by which you sign in as an officer",
    }
    width = max(map(len, commands))
    console.print("\nLook next (in .venv/bin):")
    for command, why in commands.items():
        console.print(f"  {command:<{width}}  {why}", soft_wrap=True)


def _shown(path: Path) -> str:
    """A path as the user would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
