"""`assay import`: every fault by row and column, or a bar, and what came of it."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from domain.importing import Fault
from domain.permissions import INSTALLER_ROLE
from domain.scheme_words import counted
from infra.bootstrap import open_app
from infra.cli.reading import database
from infra.cli.screen import bar, screen
from infra.importing import UnreadableFile, read_file
from infra.settings import Settings
from services.importing import Imported, import_records
from services.ports import Command

SHOWN: Final = 1_000
"""Faults or differences printed; all are counted."""
NICE: Final = 10
"""How far behind others this stands when the machine is busy."""


def import_file(settings: Settings, kind: str, file: Path, *, dry_run: bool) -> None:
    """Import a file, or say what would come of it; exits with 1 where there are faults, and nothing was written."""
    console = screen()
    try:
        sheet = read_file(file)
    except UnreadableFile as unreadable:
        _print_faults([unreadable.fault])
        sys.exit(1)
    os.nice(NICE)
    command = Command(id="import", actor="installer", role=INSTALLER_ROLE, at=datetime.now(UTC))
    with database(settings) as url, open_app(url, pool_size=2) as app, bar(console, "rows checked") as progress:
        done = import_records(
            app.office,
            command,
            kind=kind,
            sheet=sheet,
            vault=app.vault,
            dry_run=dry_run,
            progress=lambda what, rows, of: progress(rows, of, f"rows {what}"),
        )
    for one in done.differences[:SHOWN]:
        console.print(
            f"row {one.row}, column {one.column}: {escape(one.in_file)} in the file, {escape(one.on_record)} on record.",
            soft_wrap=True,
        )
    if done.faults:
        _print_faults(done.faults)
        sys.exit(1)
    _sum_up(console, done, dry_run=dry_run)


def _print_faults(faults: Sequence[Fault]) -> None:
    for fault in faults[:SHOWN]:
        print(fault, file=sys.stderr)  # noqa: T201 - as it is, for a person or a program to read
    more = f", the first {SHOWN:,} of which are said" if len(faults) > SHOWN else ""
    print(f"{counted(len(faults), 'fault')}{more}. Nothing was written.", file=sys.stderr)  # noqa: T201


def _sum_up(console: Console, done: Imported, *, dry_run: bool) -> None:
    apart = len({one.row for one in done.differences})
    said = f"{counted(done.rows, 'row')} of {done.kind}: {done.new:,} new, {done.same:,} on record already"
    if apart:
        said += f", {apart:,} on record with something else, which is as it was; it is changed by the commands for it"
    if dry_run:
        console.print(f"{said}. Nothing was written.", soft_wrap=True)
    elif not done.written:
        console.print(f"{said}. There was nothing to write.", soft_wrap=True)
    else:
        console.print(f"{said}. {done.written:,} were written, up to position {done.position}.", soft_wrap=True)
