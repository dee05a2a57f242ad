"""The `assay` command: every subcommand, its options and its help; what they do is imported when they run."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.settings import Settings

app = typer.Typer(
    name="assay",
    help="Runs an accreditation body's whole process, and keeps the record of every decision.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
scheme = typer.Typer(help="Schemes: check a file, see what it changes, try it out, publish it.", no_args_is_help=True)
processes = typer.Typer(help="The processes that watch clocks and drive cases.", no_args_is_help=True)
projections = typer.Typer(help="The read models, computed from the record.", no_args_is_help=True)
app.add_typer(scheme, name="scheme", rich_help_panel="Schemes")
app.add_typer(processes, name="processes", rich_help_panel="Operations")
app.add_typer(projections, name="projections", rich_help_panel="Operations")

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder [env ASSAY_DATA; default ./.assay].", show_default=False),
]
SchemeFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="One version of a scheme.", show_default=False)]
Case = Annotated[str, typer.Argument(help="The case's id, or enough of its beginning to tell it from others.")]


@app.command(rich_help_panel="Start here")
def up(data: Data = None) -> None:
    """Run everything on this machine, until Ctrl-C: servers, worker, projector, signaller."""
    from infra.cli.servers import run_group

    run_group(_settings(data))


@app.command(rich_help_panel="Start here")
def play(
    results: Annotated[Path, typer.Argument(metavar="RESULTS.csv", help="A row a submission, a column a criterion.")],
    scheme: Annotated[Path, typer.Option("--scheme", metavar="FILE.toml", help="The scheme, with short durations.")],
    assessments: Annotated[
        Path | None,
        typer.Option("--assessments", metavar="FIRST.csv", help="The assessors' first judgements, where they differ."),
    ] = None,
    again: Annotated[
        Path | None,
        typer.Option("--again", metavar="AGAIN.csv", help="Rows that come again in a second window, and how they end."),
    ] = None,
    no_answer: Annotated[
        list[str] | None, typer.Option("--no-answer", metavar="ID", help="Does not answer the request for evidence.")
    ] = None,
    never_submits: Annotated[
        list[str] | None, typer.Option("--never-submits", metavar="ID", help="Registers and never submits.")
    ] = None,
    reaccredits: Annotated[
        list[str] | None, typer.Option("--reaccredits", metavar="ID", help="Earns its award again before it ends.")
    ] = None,
    data: Data = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Empty the data folder first.")] = False,
    run: Annotated[
        str | None, typer.Option("--run", help="The play's name; makes its ids.", show_default=False)
    ] = None,
) -> None:
    """Play results through the whole product, with real servers and real clocks, and compare what comes out."""
    from infra.cli.playing import Casting, play_results

    play_results(
        _settings(data),
        Casting(
            results=results,
            scheme=scheme,
            assessments=assessments,
            again=again,
            no_answer=no_answer or [],
            never_submits=never_submits or [],
            reaccredits=reaccredits or [],
        ),
        fresh=fresh,
        run=run,
    )


@app.command(rich_help_panel="Start here")
def generate(
    cases: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many cases.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed gives the same cases.")] = 1,
    until: Annotated[str | None, typer.Option(help="The instant that they have come to; 20 November 2026.")] = None,
    add: Annotated[bool, typer.Option("--add", help="Also where there are cases already.")] = False,
    data: Data = None,
) -> None:
    """Fill a store with made-up cases at all stages."""
    from infra.cli.generating import fill

    fill(_settings(data), cases=cases, seed=seed, until=until, add=add)


@app.command(rich_help_panel="Look")
def board(
    stage: Annotated[str | None, typer.Option(help="Only cases at this stage.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only cases whose deadline has passed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many cases.")] = 50,
    data: Data = None,
) -> None:
    """Cases by stage: what is due next, what is overdue, what is stuck."""
    from infra.cli.reading import show_board

    show_board(_settings(data), stage=stage, overdue=overdue, limit=limit)


@app.command(rich_help_panel="Look")
def history(
    case: Case,
    at: Annotated[str | None, typer.Option(help="As it was known at this instant, e.g. 2027-03-12T09:00:00Z.")] = None,
    version: Annotated[int | None, typer.Option(min=0, help="As it was after this many events.")] = None,
    data: Data = None,
) -> None:
    """What happened to a case, in plain sentences, from the record itself."""
    from infra.cli.reading import show_history

    show_history(_settings(data), case, at=at, version=version)


@app.command(rich_help_panel="Look")
def register(
    on: Annotated[str | None, typer.Option(help="What was accredited at this instant; now by default.")] = None,
    data: Data = None,
) -> None:
    """What is accredited, publicly."""
    from infra.cli.reading import show_register

    show_register(_settings(data), on=on)


@app.command(rich_help_panel="Look")
def reminders(
    until: Annotated[str | None, typer.Option(help="Those planned until this instant; all by default.")] = None,
    data: Data = None,
) -> None:
    """What will be sent next, to whom and why."""
    from infra.cli.reading import show_reminders

    show_reminders(_settings(data), until=until)


@app.command(rich_help_panel="Look")
def tasks(
    who: Annotated[
        str | None, typer.Option(help="Only those of this person (an id) or role, e.g. board.", show_default=False)
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose date has passed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    data: Data = None,
) -> None:
    """Who has to do what by when, in appeals, complaints, audits and other matters beside submissions."""
    from infra.cli.tasks import show_tasks

    show_tasks(_settings(data), who=who, overdue=overdue, limit=limit)


@app.command(rich_help_panel="Look")
def ledger(
    owing: Annotated[bool, typer.Option("--owing", help="Only where something is still to be paid.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many of each.", min=1, max=10_000)] = 100,
    data: Data = None,
) -> None:
    """What each case was charged and paid, and what each person earned and was paid."""
    from infra.cli.reading import show_ledger

    show_ledger(_settings(data), owing=owing, limit=limit)


@app.command(rich_help_panel="Look")
def retention(
    on: Annotated[str | None, typer.Option(help="What may go by this instant; now by default.")] = None,
    data: Data = None,
) -> None:
    """What is kept and on which ground, what may go, what is on hold."""
    from infra.cli.retaining import show_retention

    show_retention(_settings(data), on=on)


@app.command(rich_help_panel="Operations")
def doctor(data: Data = None) -> None:
    """Say of each service, position and process whether it is well, what is behind or stuck, and what to do."""
    from infra.cli.health import examine

    examine(_settings(data))


@scheme.command("check")
def check_scheme(file: SchemeFile) -> None:
    """Find every fault of a scheme file at once, each with its line, its key and what is allowed."""
    from infra.cli.schemes import check_scheme as check

    check(file)


@scheme.command("diff")
def diff_schemes(
    old: Annotated[Path, typer.Argument(metavar="A.toml", help="The version that there is.", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="B.toml", help="The version to come.", show_default=False)],
) -> None:
    """Say in words what one version changes, and for whom."""
    from infra.cli.schemes import show_differences

    show_differences(old, new)


@scheme.command("dry-run")
def dry_run_scheme(file: SchemeFile, data: Data = None) -> None:
    """Replay the decided cases under a new version: which outcomes would differ. Writes nothing."""
    from infra.cli.schemes import try_out

    try_out(_settings(data), file)


@scheme.command("publish")
def publish_scheme(file: SchemeFile, data: Data = None) -> None:
    """Publish a version, for good; clients of live cases under earlier versions are told, and their cases stay."""
    from infra.cli.schemes import publish

    publish(_settings(data), file)


@scheme.command("list")
def list_schemes(data: Data = None) -> None:
    """The published versions, with date and SHA-256."""
    from infra.cli.schemes import show_published

    show_published(_settings(data))


@processes.command("rebuild")
def rebuild_processes(data: Data = None) -> None:
    """Start the process of every live case from its stream, as after the loss of Temporal's data."""
    from infra.cli.health import rebuild_processes as rebuild

    rebuild(_settings(data))


@projections.command("rebuild")
def rebuild_projections(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all by default.", show_default=False)] = None,
    data: Data = None,
) -> None:
    """Compute read models anew from the record, beside the live ones, then swap."""
    from infra.cli.health import rebuild_projections as rebuild

    rebuild(_settings(data), names or [])


@app.command(rich_help_panel="Services, run apart")
def worker(data: Data = None) -> None:
    """Run the processes' worker, against DATABASE_URL and TEMPORAL_ADDRESS."""
    from infra.cli.servers import run_service

    run_service("worker", _settings(data))


@app.command(rich_help_panel="Services, run apart")
def signaller(data: Data = None) -> None:
    """Tell processes what was recorded; of several, one is active."""
    from infra.cli.servers import run_service

    run_service("signaller", _settings(data))


@app.command(rich_help_panel="Services, run apart")
def projector(data: Data = None) -> None:
    """Keep the read models up to date; of several, one is active."""
    from infra.cli.servers import run_service

    run_service("projector", _settings(data))


@app.command(rich_help_panel="Services, run apart")
def migrate(data: Data = None) -> None:
    """Bring the database at DATABASE_ADMIN_URL to this version."""
    from infra.cli.servers import run_migrations

    run_migrations(_settings(data))


def _settings(data: Path | None) -> "Settings":
    from infra.logs import configure_logging
    from infra.settings import load_settings

    configure_logging("warning")  # a service run apart sets its own level
    environ = dict(os.environ)
    if data is not None:
        environ["ASSAY_DATA"] = str(data)
    return load_settings(environ)


def run() -> None:
    """Run the command; what can't be done is said in one sentence, with exit code 1, never as a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)  # noqa: T201 - the last word to the user
        sys.exit(130)
    except Exception as problem:
        if not _is_expected(problem):
            raise
        print(problem, file=sys.stderr)  # noqa: T201 - the last word to the user
        sys.exit(1)


def _is_expected(problem: Exception) -> bool:
    """What a user can do something about. Looked up late: these modules are slow to load, and few commands fail."""
    from domain.refusals import Refused
    from infra.problems import CannotStart
    from infra.store.errors import DamagedRecord, RecordUnavailable

    return isinstance(problem, (CannotStart, Refused, RecordUnavailable, DamagedRecord))


if __name__ == "__main__":
    run()
