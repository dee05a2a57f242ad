"""A file of the body's earlier records, sent to be looked at or to come on record; larger ones go by the command line.

It is answered at once, so it has a thousand rows at most. Sent again it changes nothing: rows are known by their references.
"""

import base64
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from domain.importing import KINDS
from infra.api import problems
from infra.api.caller import Api
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.problems import PROBLEMS, refused
from infra.api.seeing import Sight
from infra.importing import UnreadableFile, read_bytes
from services.import_rows import Mismatch
from services.importing import Imported, import_records
from services.ports import Command

ACTION_NAME: Final = "import_records"
MOST_ROWS: Final = 1_000
UNPACKED: Final = 32 * 1024 * 1024
"""Bytes that a spreadsheet sent here may unpack to."""
LARGER: Final = f"at most {MOST_ROWS:,} rows; larger files by `assay import` on the command line"


class FileSent(BaseModel):
    """A file as it is sent: the bytes of CSV (UTF-8) or XLSX, in base 64."""

    model_config = ConfigDict(extra="forbid")
    file: str = Field(min_length=1, max_length=2_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """One thing that is wrong with a file: in which row and column, as far as it is in one, and what is allowed there."""

    row: int | None
    column: str | None
    problem: str
    allowed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDone:
    """What came, or would come, of a file."""

    kind: str
    rows: int
    new: int
    same: int
    written: int
    position: int
    faults: list[RowFault]
    differences: list[Mismatch]


def router(api: Api) -> APIRouter:
    """The one route."""
    routes = APIRouter(responses=PROBLEMS)

    @routes.post(
        "/imports/{kind}",
        operation_id="import_records",
        summary="Bring the body's earlier records from a file, or say what would come of it",
        tags=["imports"],
        openapi_extra={ACTION: ACTION_NAME},
    )
    def bring(
        caller: Asking,
        kind: Annotated[str, Path(max_length=60, description=f"The kind of file: {', '.join(KINDS)}.")],
        said: FileSent,
        dry_run: Annotated[bool, Query(description="Say what is wrong or would come of it; write nothing.")] = False,
    ) -> ImportDone:
        """A file with faults is refused with every one of them, by row and column, and nothing is written.

        Sent with `dry_run` they are in the answer. What is on record already is not written again; where the file says
        something else of it, that is said, and changes nothing.
        """
        Sight(api, caller).require(ACTION_NAME)
        try:
            sheet = read_bytes(_unpacked(said.file), most_rows=MOST_ROWS, most_bytes=UNPACKED)
        except UnreadableFile as unreadable:
            fault = unreadable.fault
            raise refused("import-file", str(fault), field="file", allowed=fault.allowed) from None
        command = Command(id=f"import-{caller.request}", actor=caller.actor, role=caller.role, at=caller.at)
        done = import_records(api.app.office, command, kind=kind, sheet=sheet, vault=api.app.vault, dry_run=dry_run)
        if done.faults and not dry_run:
            raise _refusal(done)
        return _answer(done)

    return routes


def _unpacked(file: str) -> bytes:
    try:
        return base64.b64decode(file, validate=True)
    except ValueError:
        raise refused(
            "import-file", "this is not base 64", field="file", allowed="the file's bytes in base 64"
        ) from None


def _refusal(done: Imported) -> problems.RefusedFields:
    return problems.RefusedFields(
        refused(
            "import-faults",
            f"the file has {len(done.faults):,} faults, so nothing was written",
            field="file",
            allowed="a file without faults; sent with dry_run, each is said with what is allowed",
        ),
        [
            problems.Fault(field=one.place or "file", reason=f"{one.problem}; allowed: {one.allowed}")
            for one in done.faults[:MOST_ROWS]
        ],
    )


def _answer(done: Imported) -> ImportDone:
    return ImportDone(
        kind=done.kind,
        rows=done.rows,
        new=done.new,
        same=done.same,
        written=done.written,
        position=done.position,
        faults=[
            RowFault(row=one.row, column=one.column, problem=one.problem, allowed=one.allowed)
            for one in done.faults[:MOST_ROWS]
        ],
        differences=list(done.differences[:MOST_ROWS]),
    )
