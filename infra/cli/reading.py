"""What the record says, on a terminal: board, history, register, reminders, ledger; names and texts come from the vault as they are shown."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn, Protocol
from zoneinfo import ZoneInfo

import psycopg
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.ids import kind_of
from domain.refusals import Refused, refuse
from domain.submission.state import Stage
from infra.bootstrap import App, open_app
from infra.cli.screen import screen
from infra.identity.known import NotKnown
from infra.running import find_running
from infra.settings import Settings
from projections import board, history, ledger, register, reminders
from projections.words import money, plain, resolve, task, token, tokens
from services.office import Work
from services.ports import Command

FAR = timedelta(days=36525)
MOST = 10_000
"""Reminders listed at once."""
BEGINNING = len("submission-") + 8
"""How much of an id tells it from others, on a screen."""

LISTED_BY: Final = {
    "submission": ("case", "assay board"),
    "accreditation": ("award", "assay register"),
    "appeal": ("appeal", "assay appeals"),
    "complaint": ("complaint", "assay complaints"),
    "audit": ("audit", "assay audits"),
    "proposal": ("proposal", "assay proposals"),
    "risk": ("risk", "assay risks"),
    "sampling": ("plan of sampling", "assay sampling"),
    "person": ("person", "assay development"),
}
"""By the kind of an id: what it is an id of, and the command that shows those that there are."""
RULED: Final = frozenset({"appeal", "complaint", "audit", "person"})
"""Kinds of which the domain has a rule of its own that there is such a one (`known-audit`)."""


@contextmanager
def database(settings: Settings, *, make: bool = False, caught_up: bool = True) -> Iterator[str]:
    """The URL of the database to read; where nothing runs on the data folder, PostgreSQL is started for the moment.

    With `make`, a folder in which there is no data yet is made one. Read models are then brought to the end of the log, if
    they are to be `caught_up`.
    """
    running = find_running(settings)
    if settings.database_url or running:
        yield settings.database_url or (running.database_url if running else "")
        return
    from infra.embedded import EmbeddedPostgres
    from infra.folder import prepare, require_data
    from infra.projector import catch_up
    from infra.store.migrate import migrate

    if not make:
        require_data(settings.data)
    prepare(settings.data)
    server = EmbeddedPostgres(settings.data)
    try:
        server.start()
        url = migrate(server.admin_url, server.app_password)
        if caught_up:
            with open_app(url) as app:
                catch_up(app.records)
        yield url
    finally:
        server.stop()


@dataclass(slots=True)
class Reader:
    """Puts ids into words for one screenful: names and texts looked up once, instants in the scheme's zone."""

    app: App
    zone: str = "Europe/London"
    words: dict[tuple[str, str], str] = field(default_factory=dict)

    def prepare(self, sentences: Iterable[str]) -> None:
        """Look up all that the sentences name, in two round trips."""
        found = [one for sentence in sentences for one in tokens(sentence)]
        subjects = sorted({value for kind, value in found if kind in ("person", "provider")})
        texts = sorted({value for kind, value in found if kind == "text"})
        if subjects:
            for subject, fields in self.app.vault.personal(subjects).items():
                self.words[kind_of(subject), subject] = fields.get("name", subject)
        if texts:
            for id, body in self.app.vault.texts(texts).items():
                self.words["text", id] = body

    def say(self, sentence: str) -> str:
        """The sentence in words; what was erased is said to be."""
        return resolve(sentence, self._word)

    def who(self, one: str) -> str:
        """A person by name, or a role in words."""
        return self.say(token("person", one)) if kind_of(one) == "person" else plain(one)

    def time(self, at: datetime) -> str:
        """An instant on the scheme's wall clock, for a sentence."""
        place = self.zone.rpartition("/")[2].replace("_", " ")
        return f"{at.astimezone(ZoneInfo(self.zone)):%-d %B %Y, %H:%M:%S} ({place})"

    def cell(self, at: datetime | None) -> str:
        """An instant on the scheme's wall clock, for a table."""
        return f"{at.astimezone(ZoneInfo(self.zone)):%-d %b %Y %H:%M:%S}" if at else ""

    def _word(self, kind: str, value: str) -> str:
        if kind == "time":
            return self.time(datetime.fromisoformat(value))
        known = self.words.get((kind, value))
        if known is None and kind in ("text", "person", "provider"):
            return f"[{kind} erased]"
        return known or value


def show_board(settings: Settings, *, stage: str | None, overdue: bool, limit: int) -> None:
    """Print the counts by stage, then the cases by deadline."""
    stages = [one.value for one in Stage if one is not Stage.UNKNOWN]
    if stage is not None and stage not in stages:
        raise refuse("board-stage", f"{stage!r} is no stage", field="--stage", allowed=", ".join(stages))
    console, at = screen(), datetime.now(UTC)
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        counts = board.counts(connection, at=at)
        cases = board.page(connection, at=at, stage=stage, overdue=True if overdue else None, limit=limit)
        reader = Reader(app)
        people = [token("person", case.assessor) for case in cases if case.assessor]
        reader.prepare([*people, *(token("provider", case.provider) for case in cases)])
        if not counts:
            console.print("There is no case yet.")
            return
        console.print("   ".join(f"{plain(one.stage)} [bold]{one.cases}[/bold]" for one in counts))
        late, stuck = sum(one.overdue for one in counts), sum(one.stuck for one in counts)
        console.print(f"{late} overdue, {stuck} stuck\n")
        table = columns("case", "provider", "stage", "what is due", "by (scheme's time)", "assessor", "outcome")
        for case in cases:
            reader.zone = zone_of(app, case.scheme)
            due = f"{'! ' if case.due_at and case.due_at <= at else ''}{task(case.rule)}" if case.rule else ""
            table.add_row(
                case.submission[:BEGINNING],
                escape(reader.say(token("provider", case.provider))),
                plain(case.stage) + (f" (stuck: {plain(case.stuck)})" if case.stuck else ""),
                due if case.due_at else "",
                reader.cell(case.due_at),
                escape(reader.say(token("person", case.assessor))) if case.assessor else "",
                plain(case.outcome or ""),
            )
        console.print(table if cases else "No case fits that.")
        if len(cases) == limit:
            console.print(f"Only the first {limit:,} are shown; --limit shows more.")


def show_history(settings: Settings, case: str) -> None:
    """Print what happened to a case, day by day."""
    console = screen()
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        id = find_case(connection, case)
        entries = history.history(connection, id)
        known = app.records.load(id)[id]
        reader = Reader(app, zone=zone_of(app, next((one.scheme for one in known if one.scheme), None)))
        reader.prepare([*(one.sentence for one in entries), *(actor(one) for one in entries)])
        console.print(f"[bold]{id}[/bold]")
        if not entries:
            console.print("It has no history.")
        show_entries(console, reader, entries)


class Happened(Protocol):
    """What a line of a history says; see `projections.history.Entry`."""

    @property
    def stream(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def sentence(self) -> str: ...


def show_entries(
    console: Console, reader: Reader, entries: Iterable[Happened], *, before: datetime | None = None
) -> None:
    """Print what happened day by day: when, what, and by whom; of what held already before an instant that it did."""
    day = ""
    for one in entries:
        date, _, hour = reader.time(one.at).partition(", ")
        if date != day:
            console.print(f"\n[bold]{date}[/bold]")
            day = date
        held = " (it held already when it was decided)" if before and one.at < before else ""
        console.print(f"  {hour[:8]}  {escape(reader.say(one.sentence))}{held}", soft_wrap=True)
        by = escape(reader.say(actor(one)))
        console.print(f"            [dim]{by}, event {one.version} of {one.stream}[/dim]")


def actor(entry: Happened) -> str:
    """Who acted, as a sentence."""
    if kind_of(entry.actor) == "person":
        return f"{token('person', entry.actor)}, {entry.role}"
    return "by its clock" if entry.role == "process" else entry.role


def show_register(settings: Settings, *, on: str | None, as_of: str | None = None) -> None:
    """Print what was accredited at an instant, and what was suspended then, as is known now or was known at another instant."""
    console, at = screen(), instant(on, "--on") if on else datetime.now(UTC)
    known = instant(as_of, "--as-of") if as_of else None
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        if known:
            valid, suspended = register.known_by(app.records.read_kind("accreditation", known), on=at)
        else:
            valid = register.valid(connection, at=at, limit=1000)
            suspended = register.suspended(connection, at=at, limit=1000)
        periods = [*valid, *suspended]
        titles = {one.submission: title for one, title in zip(periods, _titles(app, periods), strict=True)}
        reader = Reader(app)
        reader.prepare([*(token("provider", one.provider) for one in periods), *titles.values()])
        also = f"; suspended, and not valid: {len(suspended)}" if suspended else ""
        then = f", as the register said at {reader.time(known)}" if known else ""
        console.print(f"Accredited at {reader.time(at)}{then}: {len(valid)}{also}")
        if not periods:
            return
        heads = ("award", "provider", "programme", "scheme", "level", "from (scheme's time)", "until", "strengths")
        table = columns(*heads, wraps=("provider", "programme", "level", "strengths"))
        for one in periods:
            reader.zone = zone_of(app, one.scheme)
            table.add_row(
                short(one.accreditation),
                escape(reader.say(token("provider", one.provider))),
                escape(reader.say(titles[one.submission])),
                one.scheme,
                plain(one.level) + _marked(one, suspended),
                reader.cell(one.starts_at),
                reader.cell(one.ends_at),
                ", ".join(one.strengths),
            )
        console.print(table)


def _marked(period: register.Period, suspended: Sequence[register.Period]) -> str:
    """What the public has to know of a period beside its level."""
    marks = ["suspended"] if period in suspended else []
    marks += ["extended until decided"] if period.extension else []
    marks += ["of narrower scope"] if period.scope else []
    return f" ({', '.join(marks)})" if marks else ""


def _titles(app: App, periods: Sequence[register.Period]) -> list[str]:
    loaded = app.records.load(*(one.submission for one in periods), version=1) if periods else {}
    return [token("text", loaded[one.submission][0].event.title.id) for one in periods]


def show_reminders(settings: Settings, *, until: str | None) -> None:
    """Print what will be sent next, to whom and why."""
    console = screen()
    limit = instant(until, "--until") if until else datetime.now(UTC) + FAR
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        planned = reminders.planned(connection, at=datetime.now(UTC), until=limit, limit=MOST + 1)
        more, planned = len(planned) > MOST, planned[:MOST]
        reader = Reader(app)
        reader.prepare(
            [
                *(one.why for one in planned),
                *(token("person", one.recipient) for one in planned if kind_of(one.recipient) == "person"),
            ]
        )
        if not planned:
            console.print("Nothing is planned by then.")
            return
        table = columns("when", "what", "to", "why", "case", wraps=("why",))
        for one in planned:
            to = reader.who(one.recipient)
            table.add_row(
                reader.cell(one.planned_for),
                one.kind,
                escape(to),
                escape(reader.say(one.why)),
                short(one.case_id),
            )
        console.print(table)
        if more:
            console.print(f"Only the first {MOST:,} are shown; --until shows all up to an earlier instant.")


def show_ledger(settings: Settings, *, owing: bool, limit: int) -> None:
    """Print the balance of each case and of each person, or only of those with something still to be paid."""
    console = screen()
    with (
        database(settings) as url,
        open_app(url, pool_size=1) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        cases = ledger.cases(connection, owing=owing, limit=limit)
        people = ledger.people(connection, owed=owing, limit=limit)
        reader = Reader(app)
        reader.prepare([token("person", one.person) for one in people])
        fees = columns("case", "charged", "paid", "waived", "given back", "still to be paid")
        for case in cases:
            amounts = (case.charged, case.paid, case.waived, case.refunded, case.balance)
            fees.add_row(case.case_id[:BEGINNING], *(money(one, case.currency) for one in amounts))
        pay = columns("person", "earned", "paid", "still to be paid")
        for person in people:
            moved = (person.earned, person.paid, person.balance)
            name = escape(reader.say(token("person", person.person)))
            pay.add_row(name, *(money(one, person.currency) for one in moved))
        nothing = "Nothing is still to be paid" if owing else "No money has moved"
        console.print(fees if cases else f"{nothing} by providers.")
        console.print()
        console.print(pay if people else f"{nothing} to people.")
        if limit in (len(cases), len(people)):
            console.print(f"Only the first {limit:,} are shown; --limit shows more.")


def columns(*names: str, wraps: Collection[str] = ()) -> Table:
    """A table of these columns; those that `wraps` names take as many lines as they need, so that the others are shown whole."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, no_wrap=name not in wraps, overflow="fold" if name in wraps else "ellipsis")
    return table


def short(id: str) -> str:
    """Enough of an id to tell it from others, on a screen."""
    return id[: len(kind_of(id)) + 9]


def find_case(connection: psycopg.Connection[Any], case: str, *, kind: str = "", field: str = "CASE") -> str:
    """The case or matter whose id begins with `case`; refuses one that is unknown or not told from others.

    `kind` is what a command asks for; where it takes any, the beginning says it. The refusal names the command that lists them.
    """
    query = "SELECT originator_id FROM record.events WHERE originator_version = 1 AND originator_id LIKE %s LIMIT 6"
    beginning = case.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    found = [row[0] for row in connection.execute(query, [f"{beginning}%"])]
    if case in found:
        return case
    if len(found) != 1:
        kind = kind or kind_of(case)
        noun, command = LISTED_BY.get(kind, LISTED_BY["submission"])
        problem = f"no {noun} begins with {case!r}" if not found else f"{case!r} is the beginning of several"
        rule = f"known-{kind}" if kind in RULED else "known-case"
        raise refuse(rule, problem, field=field, allowed=", ".join(found) or f"an id that `{command}` shows")
    return str(found[0])


def nobody(_token: str, _at: datetime) -> NoReturn:
    """Tell who signs in by a token, for what answers as over the API: on the command line nobody does."""
    raise NotKnown("nobody signs in on the command line")


def zone_of(app: App, scheme: str | None) -> str:
    """The time zone of a scheme version, or of London where it is not known."""
    if scheme is None:
        return "Europe/London"
    command = Command(id="reading", actor="reading", role="reading", at=datetime.now(UTC))
    try:
        return Work(app.office, command, about="reading").scheme(scheme).calendar.zone
    except Refused:
        return "Europe/London"


def instant(text: str, option: str) -> datetime:
    """Read an instant with its time zone. Refuses anything else, saying what is allowed."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise refuse(
            "instant",
            f"{text!r} is no instant with a time zone",
            field=option,
            allowed="e.g. 2027-03-12T09:00:00Z or …+01:00",
        )
    return at.astimezone(UTC)
