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
policy = typer.Typer(
    help="The body's own policies: check a file, publish it, see those in force.", no_args_is_help=True
)
processes = typer.Typer(help="The processes that watch clocks and drive cases.", no_args_is_help=True)
projections = typer.Typer(help="The read models, computed from the record.", no_args_is_help=True)
app.add_typer(scheme, name="scheme", rich_help_panel="Schemes")
app.add_typer(policy, name="policy", rich_help_panel="Schemes")
app.add_typer(processes, name="processes", rich_help_panel="Operations")
app.add_typer(projections, name="projections", rich_help_panel="Operations")

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder [env ASSAY_DATA; default ./.assay].", show_default=False),
]
SchemeFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="One version of a scheme.", show_default=False)]
PolicyFile = Annotated[Path, typer.Argument(metavar="FILE.toml", help="One version of a policy.", show_default=False)]
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
def audits(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    data: Data = None,
) -> None:
    """The board's audits: what they are about, who leads them, and by when they are to be closed."""
    from infra.cli.governance import show_audits

    show_audits(_settings(data), limit=limit)


@app.command(rich_help_panel="Look")
def audit(
    audit: Annotated[str, typer.Argument(help="The audit's id, or enough of its beginning.", show_default=False)],
    reader: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="As this person may see it.", show_default=False)
    ] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Draw its sample again from the record.")] = False,
    data: Data = None,
) -> None:
    """An audit's report: what was found by point of its checklist and by case, and what is done about it."""
    from infra.cli.governance import show_audit

    show_audit(_settings(data), audit, reader_id=reader, verify=verify)


@app.command(rich_help_panel="Look")
def risks(
    on: Annotated[str | None, typer.Option(help="As it stood at this instant; now by default.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Also those that are off the register.")] = False,
    data: Data = None,
) -> None:
    """The register of risks to impartiality, with owners, mitigations and dates of review."""
    from infra.cli.governance import show_risks

    show_risks(_settings(data), on=on, closed=closed)


@app.command(rich_help_panel="Look")
def sampling(
    plan: Annotated[str | None, typer.Argument(help="The plan's id; all plans by default.", show_default=False)] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Draw the plan's sample again from the record.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    data: Data = None,
) -> None:
    """Internal sampling of assessors' work: planned, drawn, looked at, and what was found."""
    from infra.cli.governance import show_sampling

    show_sampling(_settings(data), plan, verify=verify, limit=limit)


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
def appeals(
    running: Annotated[bool, typer.Option("--running", help="Only those that are not over.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 100,
    data: Data = None,
) -> None:
    """Appeals: what each contests, where it stands and what came of it."""
    from infra.cli.appeals import show_appeals

    show_appeals(_settings(data), running=running, limit=limit)


@app.command(rich_help_panel="Look")
def appeal(
    id: Annotated[str, typer.Argument(metavar="ID", help="The appeal's id, or enough of its beginning.")],
    data: Data = None,
) -> None:
    """One appeal: where it stands, who has to do what, and what was before the decider then."""
    from infra.cli.appeals import show_appeal

    show_appeal(_settings(data), id)


def conflicts(
    person: Annotated[str | None, typer.Option(help="Only those of this person (id).")] = None,
    provider: Annotated[str | None, typer.Option(help="Only those with this provider (id).")] = None,
    on: Annotated[str | None, typer.Option(help="Those there were at this instant; now by default.")] = None,
    known: Annotated[str | None, typer.Option(help="As was known at this instant; as is known now by default.")] = None,
    data: Data = None,
) -> None:
    """The register of conflicts: who has which with whom, since when, and who said so."""
    from infra.cli.conflicts import show_conflicts

    show_conflicts(_settings(data), person=person, provider=provider, on=on, known=known)


def standardisation(
    year: Annotated[int | None, typer.Option(min=2000, max=2199, help="Only this year; all by default.")] = None,
    scheme: Annotated[str | None, typer.Option(help="Only this scheme, e.g. cpd-qa.")] = None,
    data: Data = None,
) -> None:
    """The timetable of standardisation sessions: who leads, who was invited, who attended."""
    from infra.cli.people import show_standardisation

    show_standardisation(_settings(data), year=year, scheme=scheme)


@app.command(rich_help_panel="Look")
def composition(
    scheme: Annotated[str | None, typer.Option(help="Only this scheme, e.g. cpd-qa.")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only where a minimum is missed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many shares, three a panel.")] = 60,
    data: Data = None,
) -> None:
    """Teachers, providers and experts on each panel and board, against the scheme's minima."""
    from infra.cli.people import show_composition

    show_composition(_settings(data), scheme=scheme, missing=missing, limit=limit)


def complaints(
    stage: Annotated[str | None, typer.Option(help="Only those at this stage.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that are not over.")] = False,
    since: Annotated[str | None, typer.Option(help="Numbers of what came there from this instant on.")] = None,
    until: Annotated[str | None, typer.Option(help="Numbers of what came there before this instant.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many complaints.")] = 50,
    data: Data = None,
) -> None:
    """Complaints: who handles each, its stage, what is due, the outcome; numbers by level for the board."""
    from infra.cli.complaining import show_complaints

    show_complaints(_settings(data), stage=stage, open_only=open_only, since=since, until=until, limit=limit)


@app.command(rich_help_panel="Look")
def complaint(
    complaint: Annotated[str, typer.Argument(help="The complaint's id, or enough of its beginning.")],
    data: Data = None,
) -> None:
    """Where one complaint stands, what is due, and all that happened to it."""
    from infra.cli.complaining import show_complaint

    show_complaint(_settings(data), complaint)


@app.command(rich_help_panel="Look")
def learning(
    scheme: Annotated[str | None, typer.Option(help="Only of this scheme (its id), in all versions.")] = None,
    public: Annotated[
        bool, typer.Option("--public", help="As the public may see it: nothing of fewer than 5.")
    ] = False,
    data: Data = None,
) -> None:
    """What those who had a part in cases said of them: answers, minutes, and the mean of each question."""
    from infra.cli.learning import show_learning

    show_learning(_settings(data), scheme=scheme, public=public)


@app.command(rich_help_panel="Look")
def proposals(
    scheme: Annotated[str | None, typer.Option(help="Only about this scheme (its id).")] = None,
    stage: Annotated[str | None, typer.Option(help="Only those at this stage.")] = None,
    criterion: Annotated[str | None, typer.Option(help="Only those about this criterion.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    data: Data = None,
) -> None:
    """Proposals to change criteria: by whom, where each stands, and which version took it up."""
    from infra.cli.learning import show_proposals

    show_proposals(_settings(data), scheme=scheme, stage=stage, criterion=criterion, limit=limit)


def development(
    person: Annotated[str | None, typer.Option(help="One person's whole record, by their id or its beginning.")] = None,
    department: Annotated[str | None, typer.Option(help="The figures of this department.")] = None,
    board: Annotated[bool, typer.Option("--board", help="The figures of the whole body.")] = False,
    at: Annotated[str | None, typer.Option(help="As it was at this instant; now by default.")] = None,
    since: Annotated[str | None, typer.Option(help="Only activities completed after this instant.")] = None,
    data: Data = None,
) -> None:
    """The development of the people who run the schemes: everyone's plan, one person's record, or a report's figures."""
    from infra.cli.development import show_development

    show_development(_settings(data), person=person, department=department, board=board, at=at, since=since)


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


@policy.command("check")
def check_policy(file: PolicyFile) -> None:
    """Find every fault of a policy file at once, each with its line, its key and what is allowed."""
    from infra.cli.policies import check_policy as check

    check(file)


@policy.command("publish")
def publish_policy(file: PolicyFile, data: Data = None) -> None:
    """Put a version in force, for good; its reviews and reports are set from then on."""
    from infra.cli.policies import publish

    publish(_settings(data), file)


@policy.command("list")
def list_policies(data: Data = None) -> None:
    """The published versions, with date and SHA-256, and when each policy is reviewed next."""
    from infra.cli.policies import show_published

    show_published(_settings(data))


@policy.command("show")
def show_policy(
    kind: Annotated[str, typer.Argument(help="Which policy, such as workforce.", show_default=False)],
    data: Data = None,
) -> None:
    """The text of the version in force, with its reviews, leads and reports."""
    from infra.cli.policies import show

    show(_settings(data), kind)


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
