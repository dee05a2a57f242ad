"""The `assay` command: every subcommand, its options and its help; what they do is imported when they run."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from infra.cli import access, lettering, looking, measuring, proving, rules, subscribing
from infra.cli.options import Data, settings_of

app = typer.Typer(
    name="assay",
    help="Runs an accreditation body's whole process, and keeps the record of every decision.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
processes = typer.Typer(help="The processes that watch clocks and drive cases.", no_args_is_help=True)
files = typer.Typer(help="Evidence files, and whether they are as they were uploaded.", no_args_is_help=True)
projections = typer.Typer(help="The read models, computed from the record.", no_args_is_help=True)


@app.command(rich_help_panel="Start here")
def up(data: Data = None) -> None:
    """Run everything on this machine, until Ctrl-C: servers, worker, projector, signaller, courier."""
    from infra.cli.servers import run_group

    run_group(settings_of(data))


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
        settings_of(data),
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

    fill(settings_of(data), cases=cases, seed=seed, until=until, add=add)


@app.command("import", rich_help_panel="Start here")
def import_file(
    kind: Annotated[str, typer.Argument(help="providers, people, accreditations or decisions.", show_default=False)],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV (UTF-8, with , or ;) or XLSX.", show_default=False)],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what is wrong or would come of it; write nothing.")
    ] = False,
    data: Data = None,
) -> None:
    """Bring the body's earlier records: providers, people, past accreditations and decisions."""
    from infra.cli.importing import import_file as bring

    bring(settings_of(data), kind, file, dry_run=dry_run)


app.add_typer(looking.app)
app.add_typer(measuring.app)
app.add_typer(rules.scheme, name="scheme", rich_help_panel="Schemes")
app.add_typer(rules.policy, name="policy", rich_help_panel="Schemes")
app.add_typer(lettering.app, name="letters", rich_help_panel="Look at cases")
app.add_typer(access.app)
app.add_typer(proving.app)
app.add_typer(access.identity, name="identity", rich_help_panel="Who asks")
app.add_typer(access.service_account, name="service-account", rich_help_panel="Who asks")
app.add_typer(subscribing.calendar, name="calendar", rich_help_panel="Who else is told")
app.add_typer(subscribing.webhook, name="webhook", rich_help_panel="Who else is told")
app.add_typer(processes, name="processes", rich_help_panel="Operations")
app.add_typer(projections, name="projections", rich_help_panel="Operations")
app.add_typer(files, name="files", rich_help_panel="Operations")


@app.command(rich_help_panel="Operations")
def doctor(data: Data = None) -> None:
    """Say of each service, position and process whether it is well, what is behind or stuck, and what to do."""
    from infra.cli.health import examine

    examine(settings_of(data))


@app.command(rich_help_panel="Operations")
def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for it, on another disk if possible.")],
    data: Data = None,
) -> None:
    """Back up the data folder, also while all runs on it: record, texts and names, who may sign in, files."""
    from infra.cli.backup import take_backup

    take_backup(settings_of(data), target)


@app.command(rich_help_panel="Operations")
def restore(
    backup: Annotated[Path, typer.Argument(metavar="DIR", help="What `assay backup` made.")],
    data: Data = None,
) -> None:
    """Restore a backup into a new data folder, hold it against what was backed up, and have the doctor look at it."""
    from infra.cli.backup import restore_backup

    restore_backup(settings_of(data), backup)


@app.command(rich_help_panel="Operations")
def config(data: Data = None) -> None:
    """Show every setting, its value and where it is from, with secrets masked, and what is set by mistake."""
    from infra.cli.config import show_config

    show_config(data)


@processes.command("rebuild")
def rebuild_processes(data: Data = None) -> None:
    """Start the process of every live case from its stream, as after the loss of Temporal's data."""
    from infra.cli.health import rebuild_processes as rebuild

    rebuild(settings_of(data))


@projections.command("rebuild")
def rebuild_projections(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all by default.", show_default=False)] = None,
    data: Data = None,
) -> None:
    """Compute read models anew from the record, beside the live ones, then swap."""
    from infra.cli.health import rebuild_projections as rebuild

    rebuild(settings_of(data), names or [])


@files.command("verify")
def verify_files(data: Data = None) -> None:
    """Read every file and name what is missing, changed, or of no case; exits with 1 where anything is."""
    from infra.cli.evidence import verify_files as verify

    verify(settings_of(data))


@files.command("sweep")
def sweep_files(data: Data = None) -> None:
    """Delete what uploads that were cut off left behind, and files that no case has any more. `assay serve` does so itself."""
    from infra.cli.evidence import sweep_files as sweep

    sweep(settings_of(data))


@app.command(rich_help_panel="Services, run apart")
def worker(data: Data = None) -> None:
    """Run the processes' worker, against DATABASE_URL and TEMPORAL_ADDRESS."""
    from infra.cli.servers import run_service

    run_service("worker", settings_of(data))


@app.command(rich_help_panel="Services, run apart")
def signaller(data: Data = None) -> None:
    """Tell processes what was recorded; of several, one is active."""
    from infra.cli.servers import run_service

    run_service("signaller", settings_of(data))


@app.command(rich_help_panel="Services, run apart")
def projector(data: Data = None) -> None:
    """Keep the read models up to date; of several, one is active."""
    from infra.cli.servers import run_service

    run_service("projector", settings_of(data))


@app.command(rich_help_panel="Services, run apart")
def courier(
    begin: Annotated[
        int | None,
        typer.Option(
            "--from",
            metavar="POSITION",
            min=0,
            help="Write letters of what was recorded behind this position; none is written twice.",
        ),
    ] = None,
    data: Data = None,
) -> None:
    """Send letters, and what else goes out; of several, one is active. The first start begins at the log's end."""
    from infra.cli.servers import begin_letters, run_service

    settings = settings_of(data)
    if begin is not None:
        begin_letters(settings, begin)
    run_service("courier", settings)


@app.command(rich_help_panel="Services, run apart")
def serve(data: Data = None) -> None:
    """Answer the API at ASSAY_API_HOST and ASSAY_API_PORT, against DATABASE_URL."""
    from infra.cli.servers import run_service

    run_service("serve", settings_of(data))


@app.command(rich_help_panel="Services, run apart")
def migrate(data: Data = None) -> None:
    """Bring the database at DATABASE_ADMIN_URL to this version."""
    from infra.cli.servers import run_migrations

    run_migrations(settings_of(data))


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
