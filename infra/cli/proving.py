"""The commands that seal the record, prove what is in it, check everything against that, and give out badges and certificates."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.options import Case, Data, settings_of

app = typer.Typer()
PANEL = "Prove and verify"
badge_key = typer.Typer(help="The key that signs badges, and those that did before.", no_args_is_help=True)
export = typer.Typer(help="Carry the record away in forms that others read.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="FILE", help="Where it is written.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Also where there is such a file already: it takes its place.")
]
app.add_typer(export, name="export", rich_help_panel=PANEL)
app.add_typer(badge_key, name="badge-key", rich_help_panel=PANEL)


@app.command(rich_help_panel=PANEL)
def seal(
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Sign with another key from now on; tell those who hold checkpoints.")
    ] = False,
    print_new_key: Annotated[
        bool, typer.Option("--print-new-key", help="Only print a new key, for ASSAY_SEAL_KEY.")
    ] = False,
    data: Data = None,
) -> None:
    """Seal now what is recorded, sign a checkpoint, and publish it where the settings say."""
    from infra.cli import seals

    settings = settings_of(data)
    if print_new_key:
        seals.print_new_key(settings)
    else:
        seals.seal_now(settings, new_key=new_key)


@app.command(rich_help_panel=PANEL)
def checkpoint(
    size: Annotated[int | None, typer.Option(help="The one of so many events; the latest by default.")] = None,
    key: Annotated[bool, typer.Option("--key", help="Print the keys by which checkpoints are verified.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the latest, and where each was published.")] = False,
    continues: Annotated[
        int | None, typer.Option(help="Prove that it continues the checkpoint of so many events (JSON).")
    ] = None,
    data: Data = None,
) -> None:
    """A signed checkpoint of the record, to hold where nobody who keeps the record can change it."""
    from infra.cli import seals

    settings = settings_of(data)
    if key:
        seals.print_keys(settings)
    elif listed:
        seals.list_checkpoints(settings)
    else:
        seals.print_checkpoint(settings, size=size, continues=continues)


@app.command(rich_help_panel=PANEL)
def proof(
    case: Case,
    size: Annotated[
        int | None, typer.Option(help="For the checkpoint of so many events; the latest by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write it to this file; printed by default.")] = None,
    replace: Replace = False,
    data: Data = None,
) -> None:
    """Prove that the events of a case are in the record that a checkpoint seals (JSON)."""
    from infra.cli import seals

    seals.prove_case(settings_of(data), case, size=size, out=out, replace=replace)


@app.command(rich_help_panel=PANEL)
def verify(
    checkpoints: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", metavar="FILE", help="A file with checkpoints that somebody held; several times."),
    ] = None,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key", help="A key that is trusted, as it was handed over; by default those of the data folder."
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Only what stands behind a kept checkpoint: its number of events, or an instant.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="The events and the tree alone, without texts, vault and read models.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    data: Data = None,
) -> None:
    """Check the whole record against its checkpoints, and all that follows from it; exits with 1 if anything is wrong."""
    from infra.cli import seals

    seals.verify_all(settings_of(data), checkpoints or [], keys or [], since=since, quick=quick, as_json=json)


@app.command(rich_help_panel=PANEL)
def badge(
    case: Case,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Ends with .json, .jwt, .png or .svg.", show_default=False)
    ],
    replace: Replace = False,
    data: Data = None,
) -> None:
    """The badge of an award as it stands now: a signed Open Badge 3.0, also within its picture."""
    from infra.cli import badges

    badges.write_badge(settings_of(data), case, out=out, replace=replace)


@app.command(rich_help_panel=PANEL)
def certificate(
    case: Case,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The PDF to write; ends with .pdf.", show_default=False)
    ],
    year: Annotated[
        int | None, typer.Option(min=1, help="Which year's, counted from 1; the latest by default.")
    ] = None,
    replace: Replace = False,
    data: Data = None,
) -> None:
    """The certificate of an award, or of a year of it (PDF/A and PDF/UA)."""
    from infra.cli import badges

    badges.write_certificate(settings_of(data), case, year=year, out=out, replace=replace)


@app.command(rich_help_panel=PANEL)
def pack(
    case: Case,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The ZIP to write; ends with .zip.", show_default=False)
    ],
    eyes: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="As far as this person may see it.", show_default=False)
    ] = None,
    role: Annotated[
        str | None, typer.Option(help="The role they act in, where they hold several.", show_default=False)
    ] = None,
    size: Annotated[
        int | None, typer.Option(min=1, help="By the checkpoint of so many events; the latest by default.")
    ] = None,
    replace: Replace = False,
    data: Data = None,
) -> None:
    """A case to carry away: events, documents, its story, proofs, and a program that checks them offline (ZIP)."""
    from infra.cli import packing

    packing.pack_case(settings_of(data), case, out=out, eyes=eyes, role=role, size=size, replace=replace)


@badge_key.command("show")
def show_badge_keys(data: Data = None) -> None:
    """Who issues badges, the key that signs, and those whose badges are believed still."""
    from infra.cli import badges

    badges.show_keys(settings_of(data))


@badge_key.command("rotate")
def rotate_badge_key(
    another_issuer: Annotated[
        bool,
        typer.Option("--another-issuer", help="Also where the key is the issuer's name, so that there is another one."),
    ] = False,
    data: Data = None,
) -> None:
    """Have another key sign from now on; what the former one signed is believed still."""
    from infra.cli import badges

    badges.rotate_key(settings_of(data), another_issuer=another_issuer)


@badge_key.command("disown")
def disown_badge_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="As `show` names it.", show_default=False)],
    data: Data = None,
) -> None:
    """Know a former key no more, where others got hold of it: its badges are not believed, and are fetched again."""
    from infra.cli import badges

    badges.disown_key(settings_of(data), key)


@export.command()
def ocel(file: File, replace: Replace = False, data: Data = None) -> None:
    """The whole record as OCEL 2.0 JSON, for process mining (.json, .jsonocel): ids and codes, no names and no texts."""
    from infra.cli import exporting

    exporting.write_record(settings_of(data), file, replace=replace)


@export.command()
def prov(case: Case, file: File, replace: Replace = False, data: Data = None) -> None:
    """Where the decisions of a submission, award, appeal or complaint came from (PROV-JSON, .json): who decided, by which steps, from what."""
    from infra.cli import exporting

    exporting.write_provenance(settings_of(data), case, file, replace=replace)


@export.command()
def table(
    name: Annotated[
        str | None, typer.Argument(metavar="TABLE", help="Which; all are listed by default.", show_default=False)
    ] = None,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where it is written; ends with .csv or .xlsx.", show_default=False),
    ] = None,
    replace: Replace = False,
    data: Data = None,
) -> None:
    """A table of a read model, whole, as CSV or a spreadsheet: ids and codes, instants in UTC."""
    from infra.cli import exporting

    if name is None:
        exporting.list_tables(settings_of(data))
    else:
        exporting.write_table(settings_of(data), name, file, replace=replace)
