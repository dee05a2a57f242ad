"""The commands that look: at cases, at people and what they bring, at what the board watches. They change nothing."""

from typing import Annotated

import typer

from infra.cli.options import Case, Data, settings_of

app = typer.Typer()


@app.command(rich_help_panel="Look at cases")
def board(
    stage: Annotated[str | None, typer.Option(help="Only cases at this stage.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only cases whose deadline has passed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many cases.")] = 50,
    data: Data = None,
) -> None:
    """Cases by stage: what is due next, what is overdue, what is stuck."""
    from infra.cli.reading import show_board

    show_board(settings_of(data), stage=stage, overdue=overdue, limit=limit)


@app.command(rich_help_panel="Look at cases")
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

    show_tasks(settings_of(data), who=who, overdue=overdue, limit=limit)


@app.command(rich_help_panel="Look at cases")
def history(
    case: Case,
    at: Annotated[str | None, typer.Option(help="As it was known at this instant, e.g. 2027-03-12T09:00:00Z.")] = None,
    version: Annotated[int | None, typer.Option(min=1, help="As it was after this many events.")] = None,
    eyes: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="As this person could see it then.", show_default=False)
    ] = None,
    role: Annotated[str | None, typer.Option(help="The role they acted in, where they held several.")] = None,
    since: Annotated[str | None, typer.Option(help="What changed after this instant.")] = None,
    decision: Annotated[
        bool, typer.Option("--decision", help="What was known when it was decided, and what came later.")
    ] = False,
    data: Data = None,
) -> None:
    """What happened to a case, in plain sentences, from the record itself; with an instant or eyes, also its documents as they were."""
    from infra.cli.reading import show_history

    if (at, version, eyes, role, since, decision) == (None, None, None, None, None, False):
        show_history(settings_of(data), case)
        return
    from infra.cli.replaying import show_replay

    show_replay(settings_of(data), case, at=at, version=version, eyes=eyes, role=role, since=since, decision=decision)


@app.command(rich_help_panel="Look at cases")
def register(
    on: Annotated[str | None, typer.Option(help="What was accredited at this instant; now by default.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="What the register said at this instant, before later corrections.")
    ] = None,
    data: Data = None,
) -> None:
    """What is accredited, publicly; also what the register said of it at an earlier time."""
    from infra.cli.reading import show_register

    show_register(settings_of(data), on=on, as_of=as_of)


@app.command(rich_help_panel="Look at cases")
def reminders(
    until: Annotated[str | None, typer.Option(help="Those planned until this instant; all by default.")] = None,
    data: Data = None,
) -> None:
    """What will be sent next, to whom and why."""
    from infra.cli.reading import show_reminders

    show_reminders(settings_of(data), until=until)


@app.command(rich_help_panel="Look at cases")
def ledger(
    owing: Annotated[bool, typer.Option("--owing", help="Only where something is still to be paid.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many of each.", min=1, max=10_000)] = 100,
    data: Data = None,
) -> None:
    """What each case was charged and paid, and what each person earned and was paid."""
    from infra.cli.reading import show_ledger

    show_ledger(settings_of(data), owing=owing, limit=limit)


@app.command(rich_help_panel="Look at cases")
def appeals(
    running: Annotated[bool, typer.Option("--running", help="Only those that are not over.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 100,
    data: Data = None,
) -> None:
    """Appeals: what each contests, where it stands and what came of it."""
    from infra.cli.appeals import show_appeals

    show_appeals(settings_of(data), running=running, limit=limit)


@app.command(rich_help_panel="Look at cases")
def appeal(
    id: Annotated[str, typer.Argument(metavar="ID", help="The appeal's id, or enough of its beginning.")],
    data: Data = None,
) -> None:
    """One appeal: where it stands, who has to do what, and what was before the decider then."""
    from infra.cli.appeals import show_appeal

    show_appeal(settings_of(data), id)


@app.command(rich_help_panel="Look at cases")
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

    show_complaints(settings_of(data), stage=stage, open_only=open_only, since=since, until=until, limit=limit)


@app.command(rich_help_panel="Look at cases")
def complaint(
    complaint: Annotated[str, typer.Argument(help="The complaint's id, or enough of its beginning.")],
    data: Data = None,
) -> None:
    """Where one complaint stands, what is due, and all that happened to it."""
    from infra.cli.complaining import show_complaint

    show_complaint(settings_of(data), complaint)


@app.command(rich_help_panel="Look at people and governance")
def conflicts(
    person: Annotated[str | None, typer.Option(help="Only those of this person (id).")] = None,
    provider: Annotated[str | None, typer.Option(help="Only those with this provider (id).")] = None,
    on: Annotated[str | None, typer.Option(help="Those there were at this instant; now by default.")] = None,
    known: Annotated[str | None, typer.Option(help="As was known at this instant; as is known now by default.")] = None,
    data: Data = None,
) -> None:
    """The register of conflicts: who has which with whom, since when, and who said so."""
    from infra.cli.conflicts import show_conflicts

    show_conflicts(settings_of(data), person=person, provider=provider, on=on, known=known)


@app.command(rich_help_panel="Look at people and governance")
def standardisation(
    year: Annotated[int | None, typer.Option(min=2000, max=2199, help="Only this year; all by default.")] = None,
    scheme: Annotated[str | None, typer.Option(help="Only this scheme, e.g. cpd-qa.")] = None,
    data: Data = None,
) -> None:
    """The timetable of standardisation sessions: who leads, who was invited, who attended."""
    from infra.cli.people import show_standardisation

    show_standardisation(settings_of(data), year=year, scheme=scheme)


@app.command(rich_help_panel="Look at people and governance")
def composition(
    scheme: Annotated[str | None, typer.Option(help="Only this scheme, e.g. cpd-qa.")] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only where a minimum is missed.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many shares, three a panel.")] = 60,
    data: Data = None,
) -> None:
    """Teachers, providers and experts on each panel and board, against the scheme's minima."""
    from infra.cli.people import show_composition

    show_composition(settings_of(data), scheme=scheme, missing=missing, limit=limit)


@app.command(rich_help_panel="Look at people and governance")
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

    show_development(settings_of(data), person=person, department=department, board=board, at=at, since=since)


@app.command(rich_help_panel="Look at people and governance")
def learning(
    scheme: Annotated[str | None, typer.Option(help="Only of this scheme (its id), in all versions.")] = None,
    public: Annotated[
        bool, typer.Option("--public", help="As the public may see it: nothing of fewer than 5.")
    ] = False,
    data: Data = None,
) -> None:
    """What those who had a part in cases said of them: answers, minutes, and the mean of each question."""
    from infra.cli.learning import show_learning

    show_learning(settings_of(data), scheme=scheme, public=public)


@app.command(rich_help_panel="Look at people and governance")
def proposals(
    scheme: Annotated[str | None, typer.Option(help="Only about this scheme (its id).")] = None,
    stage: Annotated[str | None, typer.Option(help="Only those at this stage.")] = None,
    criterion: Annotated[str | None, typer.Option(help="Only those about this criterion.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    data: Data = None,
) -> None:
    """Proposals to change criteria: by whom, where each stands, and which version took it up."""
    from infra.cli.learning import show_proposals

    show_proposals(settings_of(data), scheme=scheme, stage=stage, criterion=criterion, limit=limit)


@app.command(rich_help_panel="Look at people and governance")
def audits(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    data: Data = None,
) -> None:
    """The board's audits: what they are about, who leads them, and by when they are to be closed."""
    from infra.cli.governance import show_audits

    show_audits(settings_of(data), limit=limit)


@app.command(rich_help_panel="Look at people and governance")
def audit(
    audit: Annotated[str, typer.Argument(help="The audit's id, or enough of its beginning.", show_default=False)],
    reader: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="As this person may see it.", show_default=False)
    ] = None,
    role: Annotated[
        str | None, typer.Option(help="The role in which they look, if they hold several.", show_default=False)
    ] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Draw its sample again from the record.")] = False,
    data: Data = None,
) -> None:
    """An audit's report: which cases were drawn and what is open for each, what was found by point of its checklist and by case, and what is done about it."""
    from infra.cli.governance import show_audit

    show_audit(settings_of(data), audit, reader_id=reader, role=role, verify=verify)


@app.command(rich_help_panel="Look at people and governance")
def risks(
    on: Annotated[str | None, typer.Option(help="As it stood at this instant; now by default.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Also those that are off the register.")] = False,
    data: Data = None,
) -> None:
    """The register of risks to impartiality, with owners, mitigations and dates of review."""
    from infra.cli.governance import show_risks

    show_risks(settings_of(data), on=on, closed=closed)


@app.command(rich_help_panel="Look at people and governance")
def consistency(
    scheme: Annotated[str | None, typer.Option(help="Only under this scheme (its id).")] = None,
    data: Data = None,
) -> None:
    """How far assessors agree: what was marked blind a second time, criterion by criterion."""
    from infra.cli.learning import show_consistency

    show_consistency(settings_of(data), scheme=scheme)


@app.command(rich_help_panel="Look at people and governance")
def sampling(
    plan: Annotated[str | None, typer.Argument(help="The plan's id; all plans by default.", show_default=False)] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Draw the plan's sample again from the record.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    data: Data = None,
) -> None:
    """Internal sampling of assessors' work: planned, drawn, looked at, and what was found."""
    from infra.cli.governance import show_sampling

    show_sampling(settings_of(data), plan, verify=verify, limit=limit)


@app.command(rich_help_panel="Look at people and governance")
def retention(
    on: Annotated[str | None, typer.Option(help="What may go by this instant; now by default.")] = None,
    data: Data = None,
) -> None:
    """What is kept and on which ground, what may go, what is on hold."""
    from infra.cli.retaining import show_retention

    show_retention(settings_of(data), on=on)


@app.command(rich_help_panel="Look at people and governance")
def permissions(
    role: Annotated[
        str | None, typer.Option(help="Only what this role may, e.g. provider.", show_default=False)
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="Only who may do this, e.g. see-portfolio.", show_default=False)
    ] = None,
    form: Annotated[str, typer.Option("--format", help="table, or csv with a row for each role.")] = "table",
) -> None:
    """Who may do and see what, in which relation to it: the one table that services and answers ask."""
    from infra.cli.permissions import show_permissions

    show_permissions(role=role, action=action, form=form)
