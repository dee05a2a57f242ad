"""`assay policy`: check a file, put it in force, list what is published, and show what is in force and what became of it."""

from datetime import UTC, datetime
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from domain.policy import CONTENTS, REVIEW, Policy, PolicyPublished, PolicyRecord, read_policy
from domain.refusals import refuse
from domain.toml_reader import FaultyFile
from domain.workforce_policy import Workforce
from infra.cli.files import policy_source, print_faults
from infra.cli.screen import screen
from infra.settings import Settings


def check_policy(file: Path) -> None:
    """Say what a policy file holds; or print every fault, with line, key and what is allowed, and exit with 1."""
    source = policy_source(file)
    try:
        policy = read_policy(source, str(file))
    except FaultyFile as faulty:
        print_faults(faulty)
    console = screen()
    console.print(f"[bold]{policy.ref}[/bold] {escape(policy.title)}: no fault.")
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in _summary(policy):
        table.add_row(name, escape(value))
    console.print(table)


def _summary(policy: Policy) -> list[tuple[str, str]]:
    said = [("SHA-256", policy.digest), ("reviewed every", policy.review_every.text)]
    if isinstance(policy.content, Workforce):
        cpd, reports = policy.content.cpd, policy.content.reports
        said += [
            ("departments", ", ".join(cpd.departments)),
            (
                "a need takes",
                f"{cpd.sources_needed} of {', '.join(cpd.sources)}; alone: {', '.join(cpd.alone) or 'none'}",
            ),
            ("kinds of activities", ", ".join(cpd.kinds)),
            ("reports", f"departments every {reports.department_every.text}, board every {reports.board_every.text}"),
        ]
    return said


def publish(settings: Settings, file: Path) -> None:
    """Put the version in the file in force; the same again says so."""
    from infra.bootstrap import open_app
    from infra.cli.reading import database
    from services import policies, schemes
    from services.ports import Command

    source = policy_source(file)
    try:
        policy = read_policy(source, str(file))
    except FaultyFile as faulty:
        print_faults(faulty)
    id = f"publish/{policy.ref}/{policy.digest}"
    command = Command(id=id, actor="installer", role=schemes.INSTALLER_ROLE, at=datetime.now(UTC))
    console = screen()
    with database(settings) as url, open_app(url, pool_size=1) as app:
        receipt = policies.publish_policy(app.office, command, source=source, file=str(file))
    done = "is in force" if receipt.events else "was already published with this content; nothing changed"
    console.print(f"{policy.ref} {done}, at position {receipt.position}.")
    console.print(f"SHA-256 {policy.digest}")


def show_published(settings: Settings) -> None:
    """Print every published version with its date and digest, and when each policy is to be reviewed."""
    from infra.bootstrap import open_app
    from infra.cli.reading import Reader, database
    from services.schemes import recorded
    from services.states import fold

    console = screen()
    with database(settings) as url, open_app(url, pool_size=1) as app:
        published = list(recorded(app.office, PolicyPublished))
        if not published:
            console.print("No policy is published yet; `assay policy publish FILE` publishes one.")
            return
        loaded = app.records.load(*{one.stream for one in published})
        held: dict[str, PolicyRecord] = {id: fold(id, entries) for id, entries in loaded.items()}
        table = Table(box=None, padding=(0, 2, 0, 0))
        for name in ("policy", "published (UTC)", "position", "review due", "SHA-256"):
            table.add_column(name, no_wrap=True)
        for one in sorted(published, key=lambda each: (each.event.kind, each.event.version)):
            record = held[one.stream]
            latest = one.event.version == record.latest
            due = record.tasks.running[REVIEW].due_at if latest and REVIEW in record.tasks.running else None
            ref = f"{one.event.kind}@{one.event.version}"
            when = f"{one.recorded_at:%-d %b %Y %H:%M:%S}"
            table.add_row(ref, when, str(one.position), Reader(app).cell(due), one.event.digest)
    console.print(table)


def show(settings: Settings, kind: str) -> None:
    """Print the text of the version in force, then what became of the policy, in plain sentences."""
    from infra.bootstrap import open_app
    from infra.cli.reading import Reader, database
    from projections.sentences import sentence
    from services.policies import policy_id
    from services.states import fold

    if kind not in CONTENTS:
        raise refuse("known-policy", f"{kind!r} is no kind of policy", field="KIND", allowed=", ".join(CONTENTS))
    console, id = screen(), policy_id(kind)
    with database(settings) as url, open_app(url, pool_size=1) as app:
        entries = app.records.load(id)[id]
        record: PolicyRecord = fold(id, entries)
        if not record.latest:
            raise refuse("known-policy", f"no {kind} policy is published", field="KIND", allowed="publishing it first")
        reader = Reader(app)
        said = [(one.at, sentence(one)) for one in entries]
        reader.prepare([text for _, text in said])
        console.print(escape(record.versions[record.latest].source), soft_wrap=True)
        for at, text in said:
            console.print(f"{reader.cell(at)}  {escape(reader.say(text))}", soft_wrap=True)
