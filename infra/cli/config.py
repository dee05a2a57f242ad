"""`assay config`: every setting, what it is and where that comes from; secrets are never shown."""

import os
import sys
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from infra import settings as readers
from infra.cli.screen import screen
from infra.given import HIDDEN, Given, shown, unknown, variables
from infra.problems import CannotStart

PASSED_ON = ("TEMPORAL_", "OTEL_")
"""Begin variables that libraries read by themselves."""


def show_config(data: Path | None) -> None:
    """Print all settings; exits with 1, saying why, where one can't be used."""
    environ = dict(os.environ) | ({"ASSAY_DATA": str(data)} if data is not None else {})
    given, problem = Given(environ), None
    try:
        readers.read_settings(given)
    except CannotStart as found:
        problem = found
    known = variables(readers)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("variable", "value", "from"):
        table.add_column(title, overflow="fold")
    for name in sorted(known):
        value, origin = given.get(name), "environment"
        if name == "ASSAY_DATA" and data is not None:
            origin = "--data"
        elif name not in given:
            value, origin = given.defaults.get(name), "default"
        table.add_row(name, escape(shown(name, value) if value else "–"), origin)
    for name in sorted(one for one in given if one.startswith(PASSED_ON) and one not in known):
        table.add_row(name, HIDDEN, "environment, read by a library")
    console = screen()
    console.print(table)
    for sentence in hints(environ):
        console.print(escape(sentence))
    if problem:
        print(problem, file=sys.stderr)  # noqa: T201 - as every command ends that can't go on
        sys.exit(1)


def hints(environ: dict[str, str]) -> list[str]:
    """A sentence for each variable of ours that nobody reads; its value is not shown, as it may be a secret."""
    return [
        f"{name} is no setting" + (f"; did you mean {nearest}?" if nearest else "; `assay config` lists all.")
        for name, nearest in unknown(environ, variables(readers)).items()
    ]
