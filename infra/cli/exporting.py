"""`assay export`: the record as OCEL 2.0, where a decision came from as PROV-JSON, and the tables of read models, as files."""

import json
from pathlib import Path

import psycopg
from rich.markup import escape

from domain.ids import kind_of
from domain.refusals import refuse
from infra.bootstrap import open_app
from infra.cli.files import form_of, replaced
from infra.cli.reading import columns, database, find_case
from infra.cli.screen import bar, screen
from infra.settings import Settings
from projections.words import counted


def write_record(settings: Settings, file: Path, *, replace: bool = False) -> None:
    """Write the record to `file`, with a bar, and say how much it is."""
    from infra.export.ocel import write_ocel

    form_of(file, ("json", "jsonocel"))
    console = screen()
    with (
        database(settings, caught_up=False) as url,
        open_app(url, pool_size=1) as app,
        replaced(file, replace=replace) as out,
        bar(console, "events") as progress,
    ):
        written = write_ocel(app.records, out, progress)
    console.print(
        f"{counted(written, 'event')} in {escape(str(file))}. It has ids of people: hand it to nobody who may not know what they did.",
        soft_wrap=True,
    )


def write_provenance(settings: Settings, case: str, file: Path, *, replace: bool = False) -> None:
    """Write where the decisions of a case came from to `file`. Refuses what has no such decisions."""
    from infra.export.prov import KINDS, prov_of

    form_of(file, ("json",))
    with (
        database(settings, caught_up=False) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        id = find_case(connection, case)
        if kind_of(id) not in KINDS:
            raise refuse(
                "known-case",
                f"what is of the kind {kind_of(id)} has no such decision",
                field="CASE",
                allowed=f"one of the kinds {', '.join(KINDS)}",
            )
        document = prov_of(id, app.records.load(id)[id])
        if set(document) == {"prefix"}:
            raise refuse(
                "known-case", "nothing led to a decision of it", field="CASE", allowed="a submission that was handed in"
            )
    with replaced(file, replace=replace) as out:
        out.write(json.dumps(document, indent=1).encode() + b"\n")
    screen().print(f"Where the decision of {id} came from is in {escape(str(file))}.", soft_wrap=True)


def list_tables(settings: Settings) -> None:
    """Print the tables of all read models, and how many rows each has."""
    from infra.export.tables import counted as rows_of
    from infra.export.tables import tables

    shown = columns("table", "of the read model", "rows")
    with database(settings) as url, psycopg.connect(url, autocommit=True) as connection:
        for name, (model, _) in sorted(tables().items()):
            _, rows = rows_of(connection, name)
            shown.add_row(name, model.name, f"{rows:,}")
    screen().print(shown)


def write_table(settings: Settings, name: str, file: Path | None, *, replace: bool = False) -> None:
    """Write a table of a read model to `file`, as its name ends, with a bar, and say how much it is."""
    from infra.export.tables import FORMATS, tables
    from infra.export.tables import write_table as write

    if name not in tables():
        raise refuse("known-table", f"{name!r} is no table", field="TABLE", allowed=", ".join(sorted(tables())))
    if file is None:
        endings = " or ".join(f".{one}" for one in FORMATS)
        why = "it is not said where it is written"
        raise refuse("export-form", why, field="FILE", allowed=f"a name that ends with {endings}")
    form = form_of(file, FORMATS)
    console = screen()
    with (
        database(settings) as url,
        psycopg.connect(url, autocommit=True) as connection,
        replaced(file, replace=replace) as out,
        bar(console, "rows") as progress,
    ):
        connection.execute("SET timezone TO 'UTC'")
        position, written = write(connection, name, form, out, progress)
    console.print(
        f"{counted(written, 'row')} of {name}, as of position {position:,} of the log, in {escape(str(file))}. Instants are UTC."
        " It has ids of people: hand it to nobody who may not know what they did.",
        soft_wrap=True,
    )
