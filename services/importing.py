"""A file of the body's earlier records comes on record: looked at whole first, then written in small batches.

With a fault anywhere nothing is written. What was written is passed over the next time, so that an import that was cut
short is completed by giving the same file again. Source: handbook, Importing.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.importing import Fault, Row, Sheet, read_rows
from domain.person import Person
from domain.refusals import refuse
from services.acting import permitted
from services.import_rows import Desk, Mismatch, settle
from services.office import TRIES, Office, Work, require_plain
from services.ports import Command, StaleStream, Vault
from services.schemes import by_installer

LOOKED_AT: Final = 500
"""Rows compared with the record at once."""
WRITTEN: Final = 50
"""Rows written at once: few enough that other commands, which wait for their turn meanwhile, don't notice."""

Progress = Callable[[str, int, int], None]
"""Is called with what is being done (`checked`, `written`), with how many rows it is done, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a file: of its `rows` some are `new`, and `same` are on record as they are; the others are at fault, or differ.

    `written` of the new ones came on record, the last at `position` of the log: all, or none in a dry run and where there
    are faults.
    """

    kind: str
    rows: int
    new: int
    same: int
    written: int
    position: int
    faults: Sequence[Fault] = ()
    differences: Sequence[Mismatch] = ()


@permitted
def import_records(
    office: Office,
    command: Command,
    *,
    kind: str,
    sheet: Sheet,
    vault: Vault,
    dry_run: bool = False,
    progress: Progress = lambda _what, _done, _of: None,
) -> Imported:
    """Import a file of `providers`, `people`, `accreditations` or `decisions`; or say what would come of it.

    By an officer, for whom a provider with which they have a conflict is not there, or the installer. Every fault is found,
    and with one nothing is written. What is on record already is not written again; where the file says something else of it,
    that is said and changes nothing.
    """
    require_plain(command)
    officer = _who(office, command)
    rows, faults = read_rows(kind, sheet)
    looked_at = _looked_at(office, command, kind, rows, vault=vault, officer=officer, progress=progress)
    every = sorted([*faults, *looked_at.faults], key=lambda one: (one.row or 0, one.column or ""))
    found = replace(looked_at, faults=every)
    if every or dry_run or not looked_at.new:
        return found
    written, position = 0, 0
    for start in range(0, len(rows), WRITTEN):
        some = rows[start : start + WRITTEN]
        added, last = _write(office, command, kind, some, vault=vault, officer=officer)
        written, position = written + added, last or position
        progress("written", min(start + WRITTEN, len(rows)), len(rows))
    return replace(found, written=written, position=position)


def _who(office: Office, command: Command) -> Person | None:
    """Who imports, None for the installer; refuses anybody else."""
    work = Work(office, command, about="")
    work.require_permitted()
    return None if by_installer(command) else work.acts()


def _looked_at(
    office: Office,
    command: Command,
    kind: str,
    rows: Sequence[Row],
    *,
    vault: Vault,
    officer: Person | None,
    progress: Progress,
) -> Imported:
    """Compare all rows with the record, and write nothing."""
    faults: list[Fault] = []
    differences: list[Mismatch] = []
    new = same = 0
    for start in range(0, len(rows), LOOKED_AT):
        some = rows[start : start + LOOKED_AT]
        desk = Desk(work=Work(office, command, about=""), vault=vault, officer=officer)
        settle(desk, kind, some)
        faults += desk.faults
        differences += desk.differences
        new, same = new + len(desk.new), same + desk.same
        progress("checked", min(start + LOOKED_AT, len(rows)), len(rows))
    return Imported(
        kind=kind,
        rows=len(rows),
        new=new,
        same=same,
        written=0,
        position=0,
        faults=faults,
        differences=differences,
    )


def _write(
    office: Office, command: Command, kind: str, rows: Sequence[Row], *, vault: Vault, officer: Person | None
) -> tuple[int, int]:
    """Write those of the rows that are new, in one transaction; return how many, and the last position."""
    own = hashlib.sha256("\x1f".join(row["reference"] for row in rows).encode()).hexdigest()[:32]
    batch = replace(command, id=f"import/{kind}/{own}")
    for _ in range(TRIES):
        desk = Desk(work=Work(office, batch, about=""), vault=vault, officer=officer)
        settle(desk, kind, rows)
        if desk.faults:  # something changed since all was looked at
            raise refuse(
                "import-again", str(desk.faults[0]), field="file", allowed="the same file again, which goes on"
            )
        if not desk.new:
            return 0, 0
        try:
            return len(desk.new), office.records.append(desk.work.batch())
        except StaleStream:
            continue
    raise refuse("too-busy", "others changed this while it was written", field="file", allowed="the same file again")
