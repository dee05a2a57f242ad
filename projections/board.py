"""The board: each submission's stage, next deadline, people and what it is stuck on, as operations work through them.

Whether a case is overdue depends on when one asks, so queries take the instant `at`; ordered by deadline, the overdue
come first by themselves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row, dict_row
from psycopg.sql import SQL, Composable

from domain.submission import events as e
from domain.submission import past_events as p
from domain.submission import remedy_events as r
from domain.submission import visit_events as v
from domain.submission.side_events import LimitMoved, LimitStopped
from domain.submission.stages import STAGES
from domain.submission.state import Stage
from projections.clocks import turn
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Case:
    """One submission. `title` is the id of a text, `scheme` a reference such as `cpd-qa@1`; instants are UTC.

    `since` is when it came to its stage; `rule` and `due_at` are the running clock, `results_due` the one for the result;
    `remind_at` the reminders still to go out, in order; `stuck` why there is no way on: `nobody-eligible` to assess it, or
    `no-window` with a place for it. `visit_at` is the date booked for its assessment, or a `provisional` one. `released`: its
    provider was told the result.
    """

    submission: str
    title: str
    scheme: str
    provider: str
    origin: str
    category: str
    subject: str
    stage: str
    since: datetime
    rule: str | None = None
    due_at: datetime | None = None
    remind_at: list[datetime] = field(default_factory=list)
    results_due: datetime | None = None
    window: str | None = None
    visit_at: datetime | None = None
    provisional: bool = False
    assessor: str | None = None
    stuck: str | None = None
    outcome: str | None = None
    level: str | None = None
    released: bool = False

    @property
    def next_reminder(self) -> datetime | None:
        """When the next reminder is to go out (UTC)."""
        return self.remind_at[0] if self.remind_at else None


BY_DEADLINE: Final = "coalesce(due_at, 'infinity'), submission"
CASES: Final = Table("board", Case, ("submission",), (BY_DEADLINE, f"stage, {BY_DEADLINE}", f"provider, {BY_DEADLINE}"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Change the rows of the submissions that `events` are about."""
    events = [one for one in events if one.stream.startswith("submission-")]
    known = {one.stream for one in events if type(one.event) not in (e.ProgrammeRegistered, p.DecisionImported)}
    cases = {case.submission: case for case in tables.load(CASES, "submission", known)}
    for one in events:
        if type(one.event) is e.ProgrammeRegistered:
            cases[one.stream] = _registered(one.stream, one.event, one.at)
        elif type(one.event) is p.DecisionImported:
            cases[one.stream] = _imported(one.stream, one.event)
        _change(cases[one.stream], one.event, one.at)
    tables.save(CASES, cases.values())


MODEL: Final = ReadModel(name="board", version=5, tables=(CASES,), apply=apply)


def _registered(submission: str, event: e.ProgrammeRegistered, at: datetime) -> Case:
    return Case(
        submission=submission,
        title=event.title.id,
        scheme=event.scheme,
        provider=event.provider,
        origin=event.origin,
        category=event.category,
        subject=event.subject,
        stage=Stage.REGISTERED,
        since=at,
    )


def _imported(submission: str, event: p.DecisionImported) -> Case:
    return Case(
        submission=submission,
        title=event.title.id,
        scheme=event.scheme,
        provider=event.provider,
        origin="imported",
        category=event.category,
        subject=event.subject,
        stage=Stage.DECIDED,
        since=event.decided_at,
        assessor=event.assessor,
        outcome=event.outcome,
        level=event.level,
        released=True,
    )


def _change(case: Case, event: Any, at: datetime) -> None:
    turn(case, event)
    stage = STAGES.get(type(event))
    if stage and stage != case.stage:
        case.stage, case.since, case.stuck = stage, at, None
    match event:
        case e.CaseMoved():
            case.scheme = event.scheme
        case e.PortfolioSubmitted():
            case.window = event.window or None
        case v.AssessmentBooked():
            case.visit_at, case.provisional = event.visit_at, event.provisional
        case v.BookingGivenUp() | v.PreviewAlerted() | e.SubmissionLapsed():
            case.visit_at, case.provisional = None, False
        case e.NobodyEligible():
            case.stuck = "nobody-eligible"
        case LimitStopped():
            case.stuck = "no-window"
        case LimitMoved():
            case.stuck = None
        case e.AssessorAssigned():
            case.assessor, case.stuck = event.assessor, None
        case e.AssignmentEnded():
            case.assessor = None
        case e.DecisionRecorded() | r.DecisionReplaced():
            case.outcome, case.level, case.released = event.outcome, event.level, False
        case e.ResultReleased():
            case.released = True
        case r.ModerationSetAside():
            case.outcome, case.level, case.released = None, None, False
        case r.AssessmentSetAside():
            case.assessor, case.outcome, case.level, case.released = None, None, None, False


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many cases a stage has, and how many of those are overdue or stuck."""

    stage: str
    cases: int
    overdue: int
    stuck: int


@dataclass(frozen=True, slots=True)
class After:
    """The place of a case in the order of the board; the next page begins behind it."""

    due_at: datetime | None
    submission: str


def counts(
    connection: Connection[Any], *, at: datetime, scheme: str | None = None, provider: str | None = None
) -> list[Count]:
    """Return the counts of each stage that has cases, in the handbook's order.

    `scheme` is a reference (`cpd-qa@1`) or a scheme of any version (`cpd-qa`).
    """
    where, values = _where(at=at, scheme=scheme, provider=provider)
    query = SQL(
        "SELECT stage, count(*) AS cases, count(*) FILTER (WHERE due_at <= %(at)s) AS overdue, count(stuck) AS stuck"
        " FROM {} WHERE {} GROUP BY stage"
    ).format(CASES.identifier(), where)
    with connection.cursor(row_factory=dict_row) as cursor:
        found = {row["stage"]: Count(**row) for row in cursor.execute(query, values)}
    return [found[stage] for stage in Stage if stage in found]


def page(
    connection: Connection[Any],
    *,
    at: datetime,
    stage: str | None = None,
    scheme: str | None = None,
    provider: str | None = None,
    overdue: bool | None = None,
    after: After | None = None,
    limit: int = 50,
) -> list[Case]:
    """Return at most `limit` cases behind `after`: the overdue first, then by the next deadline, those without one last.

    `overdue` keeps only cases that are overdue at the instant `at` (UTC), or only those that are not.
    """
    where, values = _where(at=at, stage=stage, scheme=scheme, provider=provider, overdue=overdue, after=after)
    query = SQL("{} WHERE {} ORDER BY {} LIMIT %(limit)s").format(CASES.selection(), where, SQL(BY_DEADLINE))
    with connection.cursor(row_factory=args_row(Case)) as cursor:
        return cursor.execute(query, values | {"limit": limit}).fetchall()


def place(case: Case) -> After:
    """Return where `case` stands, for the page behind it."""
    return After(case.due_at, case.submission)


def find(connection: Connection[Any], submissions: Collection[str]) -> dict[str, Case]:
    """Return the cases with these ids, by id."""
    query = SQL("{} WHERE submission = ANY(%s)").format(CASES.selection())
    with connection.cursor(row_factory=args_row(Case)) as cursor:
        return {case.submission: case for case in cursor.execute(query, [list(submissions)])}


def _where(
    *,
    at: datetime,
    stage: str | None = None,
    scheme: str | None = None,
    provider: str | None = None,
    overdue: bool | None = None,
    after: After | None = None,
) -> tuple[Composable, dict[str, Any]]:
    conditions = ["true"]
    if stage:
        conditions.append("stage = %(stage)s")
    if scheme:
        conditions.append("scheme = %(scheme)s" if "@" in scheme else "split_part(scheme, '@', 1) = %(scheme)s")
    if provider:
        conditions.append("provider = %(provider)s")
    if overdue is not None:
        conditions.append(f"coalesce(due_at, 'infinity') {'<=' if overdue else '>'} %(at)s")
    if after:
        conditions.append(f"({BY_DEADLINE}) > (%(due_at)s::timestamptz, %(behind)s)")
    values = {"at": at, "stage": stage, "scheme": scheme, "provider": provider}
    if after:
        values |= {"due_at": after.due_at or "infinity", "behind": after.submission}
    return SQL(" AND ").join(SQL(one) for one in conditions), values
