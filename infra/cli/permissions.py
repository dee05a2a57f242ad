"""`assay permissions`: the one table of who may do and see what, to read or as CSV."""

import csv
import sys
from collections.abc import Iterable

from rich.table import Table

from domain import permissions
from domain.permissions import INSTALLER_ROLE, PUBLIC_ROLE, RELATIONS, Cell
from domain.person import ROLES
from domain.refusals import refuse
from infra.cli.screen import screen

FORMATS = ("table", "csv")
MANY = 4
KNOWN_ROLES = (*ROLES, PUBLIC_ROLE, INSTALLER_ROLE)

Line = tuple[str, str, str, Cell]
"""An area, an action of it, a role and its cell."""


def show_permissions(*, role: str | None, action: str | None, form: str) -> None:
    """Print who may do what: a row an action, or with `csv` a row a cell."""
    _require_known("--role", role, KNOWN_ROLES)
    _require_known("--action", action, permissions.actions())
    _require_known("--format", form, FORMATS)
    lines = [
        (area, name, who, cell)
        for area, rows in permissions.AREAS.items()
        for name, cells in rows.items()
        for who, cell in cells.items()
        if who in KNOWN_ROLES and action in (None, name) and role in (None, who)
    ]
    if form == "csv":
        _print_csv(lines)
    else:
        _print_table(lines)


def _require_known(option: str, value: str | None, known: Iterable[str]) -> None:
    if value is not None and value not in known:
        raise refuse("known-permission", f"{value!r} is not in the table", field=option, allowed=", ".join(known))


def _print_csv(lines: list[Line]) -> None:
    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(["area", "action", "role", *RELATIONS])
    for area, action, role, cell in lines:
        written.writerow([area, action, role, *("yes" if one in cell else "" for one in RELATIONS)])


def _print_table(lines: list[Line]) -> None:
    rows: dict[tuple[str, str], dict[Cell, list[str]]] = {}
    for area, action, role, cell in lines:
        rows.setdefault((area, action), {}).setdefault(cell, []).append(role)
    console, table = screen(), Table(box=None, padding=(0, 2, 0, 0))
    for name in ("area", "action"):
        table.add_column(name, no_wrap=True)
    table.add_column("who, and how they stand to what it is about")
    for (area, action), cells in rows.items():
        table.add_row(
            area,
            action,
            "; ".join(f"{_people(who, cells)}: {permissions.relations_said(cell)}" for cell, who in cells.items()),
        )
    console.print(table if rows else "Nobody in this role does that.")


def _people(who: list[str], cells: dict[Cell, list[str]]) -> str:
    """The roles of a cell; the longest list is said in two words where all together leave nobody out."""
    everybody = set(ROLES) <= {one for each in cells.values() for one in each}
    if len(who) <= MANY or not everybody or who is not max(cells.values(), key=len):
        return ", ".join(who)
    return "every role" if set(who) >= set(ROLES) else "every other role"
