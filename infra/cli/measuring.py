"""`assay figures`, `compare` and `conformance`: their options and help."""

from enum import StrEnum
from typing import Annotated

import typer

from infra.cli.options import Case, Data, settings_of

app = typer.Typer()

AS_RECORDED = "As recorded until this instant; now by default."
PANEL = "Look at people and governance"


class About(StrEnum):
    """The figures that there are."""

    AGREEMENT = "agreement"
    CHANGES = "changes"
    OUTCOMES = "outcomes"
    STAGES = "stages"
    MINUTES = "minutes"
    CLOCKS = "clocks"
    APPEALS = "appeals"
    PUBLISHED = "published"


@app.command(rich_help_panel=PANEL)
def figures(
    about: Annotated[About | None, typer.Argument(help="Only these; all but the published ones by default.")] = None,
    scheme: Annotated[str | None, typer.Option(help="Only under this scheme, e.g. cpd-qa, or cpd-qa@1.")] = None,
    begins: Annotated[str | None, typer.Option("--from", help="Of what happened from this instant on.")] = None,
    ends: Annotated[str | None, typer.Option("--until", help="Of what happened before this instant.")] = None,
    at: Annotated[str | None, typer.Option(help=AS_RECORDED)] = None,
    reader: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="As this person may see them.", show_default=False)
    ] = None,
    csv: Annotated[
        bool, typer.Option("--csv", help="As CSV, with everything that is known; of one kind only.")
    ] = False,
    data: Data = None,
) -> None:
    """Agreement, changed judgements, outcomes, times, minutes, clocks and appeals, with intervals; or what the public is told."""
    from infra.cli.figures import Wanted, show_figures

    wanted = Wanted(about=about.value if about else None, scheme=scheme, begins=begins, ends=ends, at=at, reader=reader)
    show_figures(settings_of(data), wanted, as_csv=csv)


@app.command(rich_help_panel=PANEL)
def compare(
    case: Case,
    at: Annotated[str | None, typer.Option(help=AS_RECORDED)] = None,
    data: Data = None,
) -> None:
    """What several assessors or panels made of one submission, criterion by criterion, side by side."""
    from infra.cli.comparing import show_comparison

    show_comparison(settings_of(data), case, at=at)


@app.command(rich_help_panel=PANEL)
def conformance(
    case: Annotated[
        str | None, typer.Argument(help="A case's way with every deviation; by default how often each kind occurred.")
    ] = None,
    each: Annotated[
        bool, typer.Option("--each", help="Every deviation of every case by itself, with who allowed it.")
    ] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="The table of --each as CSV, with everything that is known.")
    ] = False,
    at: Annotated[str | None, typer.Option(help=AS_RECORDED)] = None,
    data: Data = None,
) -> None:
    """How cases went, held against the process: where they departed from the straight way, and who allowed it."""
    from infra.cli.comparing import show_conformance, show_deviations

    if each or csv:
        show_deviations(settings_of(data), case, at=at, as_csv=csv)
    else:
        show_conformance(settings_of(data), case, at=at)
