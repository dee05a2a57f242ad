"""`assay export`: the record as OCEL 2.0 for process mining, and where a decision came from as PROV-JSON, as files."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg

from domain.ids import kind_of
from domain.refusals import refuse
from infra.bootstrap import open_app
from infra.cli.reading import database, find_case
from infra.cli.screen import bar, screen
from infra.settings import Settings


def write_record(settings: Settings, file: Path) -> None:
    """Write the record to `file`, with a bar, and say how much it is."""
    from infra.export.ocel import write_ocel

    console = screen()
    with (
        database(settings, caught_up=False) as url,
        open_app(url, pool_size=1) as app,
        replaced(file) as out,
        bar(console, "events") as progress,
    ):
        written = write_ocel(app.records, out, progress)
    console.print(
        f"{written:,} events in {file}. It has ids of people: hand it to nobody who may not know what they did."
    )


def write_provenance(settings: Settings, case: str, file: Path) -> None:
    """Write where the decision of a submission came from to `file`. Refuses what is no submission."""
    from infra.export.prov import prov_of

    with (
        database(settings, caught_up=False) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        id = find_case(connection, case)
        if kind_of(id) != "submission":
            raise refuse(
                "known-case",
                f"what is of the kind {kind_of(id)} has no such decision",
                field="CASE",
                allowed="a submission",
            )
        document = prov_of(id, app.records.load(id)[id])
        if set(document) == {"prefix"}:
            raise refuse(
                "known-case", "nothing led to a decision of it", field="CASE", allowed="a submission that was handed in"
            )
    with replaced(file) as out:
        out.write(json.dumps(document, indent=1).encode() + b"\n")
    screen().print(f"Where the decision of {id} came from is in {file}.")


@contextmanager
def replaced(file: Path, field: str = "FILE") -> Iterator[IO[bytes]]:
    """A file that takes the place of `file` once it is whole; nothing is left of it otherwise. Refuses where none can be made."""
    beside = file.with_name(f".{file.name}.part")
    try:
        out = beside.open("wb")
    except OSError as error:
        allowed = "a file in a folder that can be written to"
        raise refuse(
            "export-file", f"{file} can't be written ({error.strerror})", field=field, allowed=allowed
        ) from None
    try:
        with out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
