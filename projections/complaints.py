"""Complaints: who handles each, its stage, what is due, the outcome; and for the board numbers by level and time.

Confidential: a query that a person asks shows what `domain.complaint.may_see` lets them see, and counts nothing else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row, class_row
from psycopg.sql import SQL

from domain import complaint as c
from domain.complaint.state import ACKNOWLEDGE, DECIDES, STAGES, may_see
from domain.ids import kind_of
from domain.person import Person
from domain.tasks import TaskHandedOver, TaskMoved
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Row:
    """A complaint: `provider` is whose affair it is, empty if nobody's; `handlers` are all who have or had it in hand.

    `handler` has it now. `stage`, `level` and `outcome` are as in the domain.
    """

    complaint: str
    scheme: str
    about: str
    case_id: str | None
    provider: str
    people: list[str]
    raised_by: str | None
    entered_by: str | None
    on_behalf_of: str | None
    raised_at: datetime
    text: str
    stage: str = "raised"
    level: int = 1
    handler: str | None = None
    handlers: list[str] = field(default_factory=list)
    outcome: str | None = None
    closed_at: datetime | None = None


@dataclass(slots=True)
class LevelRow:
    """What became of a complaint at one level: when it came there, was acknowledged and answered, and by when both were due."""

    complaint: str
    level: int
    scheme: str
    opened_at: datetime
    acknowledge_by: datetime
    answer_by: datetime
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    outcome: str | None = None
    over: bool = False


COMPLAINTS: Final = Table("complaints", Row, ("complaint",), ("stage, raised_at",))
LEVELS: Final = Table("complaint_levels", LevelRow, ("complaint", "level"), ("opened_at",))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Change the complaints that `events` are about."""
    events = [one for one in events if kind_of(one.stream) == "complaint"]
    if not events:
        return
    streams = {one.stream for one in events}
    rows = {row.complaint: row for row in tables.load(COMPLAINTS, "complaint", streams)}
    levels = {(row.complaint, row.level): row for row in tables.load(LEVELS, "complaint", streams)}
    for one in events:
        if isinstance(one.event, c.ComplaintRaised):
            rows[one.stream] = _raised(one.event, one.at)
        row = rows[one.stream]
        if isinstance(one.event, c.ComplaintRaised | c.ComplaintEscalated):
            level = row.level = getattr(one.event, "level", 1)
            levels[one.stream, level] = _level(row, one)
        _turn(row, levels[one.stream, row.level], one)
    tables.save(COMPLAINTS, rows.values())
    tables.save(LEVELS, levels.values())


MODEL: Final = ReadModel(name="complaints", version=1, tables=(COMPLAINTS, LEVELS), apply=apply)


def _raised(event: c.ComplaintRaised, at: datetime) -> Row:
    return Row(
        complaint=event.complaint,
        scheme=event.scheme,
        about=event.about,
        case_id=event.case,
        provider=event.provider or "",
        people=list(event.people),
        raised_by=event.raised_by,
        entered_by=event.entered_by,
        on_behalf_of=event.on_behalf_of,
        raised_at=at,
        text=event.text.id,
    )


def _level(row: Row, one: Recorded) -> LevelRow:
    due = {task.rule: task.due_at for task in one.event.sets}
    return LevelRow(
        complaint=row.complaint,
        level=row.level,
        scheme=row.scheme,
        opened_at=one.at,
        acknowledge_by=due[ACKNOWLEDGE],
        answer_by=due[DECIDES[row.level]],
    )


def _turn(row: Row, level: LevelRow, one: Recorded) -> None:
    """Change a complaint, and what became of it at its present level, by one event."""
    match one.event:
        case c.PersonComplainedAbout(person=person):
            row.people = sorted({*row.people, person})
        case c.ComplaintAcknowledged() | c.HandlerChanged():
            _in_hand(row, level, one, one.event.handler, [one.event.handler])
        case c.CommitteeFormed(chair=chair, members=members):
            _in_hand(row, level, one, chair, members)
        case c.HandlerLeft() | c.CommitteeMemberLeft():
            row.handler = None if row.handler == one.event.person else row.handler
        case c.ComplaintAnswered() | c.ComplaintDecided():
            row.stage, row.outcome = STAGES[row.level][2], one.event.outcome
            level.answered_at, level.outcome = one.at, one.event.outcome
        case c.ComplaintEscalated():
            row.stage, row.handler, row.outcome = STAGES[row.level][0], None, None
        case c.ComplaintClosed():
            row.stage, row.closed_at, level.over = "closed", one.at, True
        case c.ComplaintWithdrawn():
            row.stage, row.closed_at, level.over = "withdrawn", one.at, True
        case TaskMoved() | TaskHandedOver():
            for task in one.event.sets:
                if task.rule == ACKNOWLEDGE:
                    level.acknowledge_by = task.due_at
                elif task.rule == DECIDES[row.level]:
                    level.answer_by = task.due_at


def _in_hand(row: Row, level: LevelRow, one: Recorded, handler: str, people: Sequence[str]) -> None:
    row.stage, row.handler = STAGES[row.level][1], handler
    row.handlers = sorted({*row.handlers, *people})
    level.acknowledged_at = level.acknowledged_at or one.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, at `at` (UTC): a person, and the providers that they speak for."""

    person: Person
    at: datetime
    speaks_for: Collection[str] = ()


def page(
    connection: Connection[Any],
    *,
    stage: str | None = None,
    open_only: bool = False,
    about_case: str | None = None,
    asker: Asker | None = None,
    limit: int = 100,
) -> list[Row]:
    """Return at most `limit` complaints, the latest first; only those that the `asker` may see, where a person asks."""
    query = SQL(
        "{} WHERE (%(stage)s::text IS NULL OR stage = %(stage)s) AND (NOT %(open)s OR closed_at IS NULL)"
        " AND (%(case)s::text IS NULL OR case_id = %(case)s) ORDER BY raised_at DESC, complaint"
    ).format(COMPLAINTS.selection())
    values = {"stage": stage, "open": open_only, "case": about_case}
    found: list[Row] = []
    with connection.cursor(row_factory=args_row(Row)) as cursor:
        for row in cursor.execute(query, values):
            if asker is None or may_see(row, asker.person, speaks_for=asker.speaks_for, at=asker.at):
                found.append(row)
            if len(found) == limit:
                break
    return found


def one(connection: Connection[Any], complaint: str, *, asker: Asker | None = None) -> Row | None:
    """Return one complaint; None if there is none, or none that the `asker` may see."""
    query = SQL("{} WHERE complaint = %s").format(COMPLAINTS.selection())
    with connection.cursor(row_factory=args_row(Row)) as cursor:
        row = cursor.execute(query, [complaint]).fetchone()
    if row and asker and not may_see(row, asker.person, speaks_for=asker.speaks_for, at=asker.at):
        return None
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Of the complaints that came to a level in a time: how many were acknowledged and answered, in time, and how."""

    level: int
    opened: int
    acknowledged: int
    acknowledged_in_time: int
    answered: int
    answered_in_time: int
    upheld: int
    overdue: int


def numbers(
    connection: Connection[Any],
    *,
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    scheme: str | None = None,
) -> list[Numbers]:
    """Return the numbers by level of what came there from `since` on and before `until` (UTC), under any version of `scheme`.

    `overdue` are those that are neither answered nor over at `at`, and should be. Nobody is named, so that a board may see it.
    """
    query = SQL(
        "SELECT level::int AS level, count(*)::int AS opened, count(acknowledged_at)::int AS acknowledged,"
        " (count(*) FILTER (WHERE acknowledged_at <= acknowledge_by))::int AS acknowledged_in_time,"
        " count(answered_at)::int AS answered,"
        " (count(*) FILTER (WHERE answered_at <= answer_by))::int AS answered_in_time,"
        " (count(*) FILTER (WHERE outcome IN ('upheld', 'partly-upheld')))::int AS upheld,"
        " (count(*) FILTER (WHERE answered_at IS NULL AND NOT over AND answer_by < %(at)s))::int AS overdue"
        " FROM {} WHERE (%(since)s::timestamptz IS NULL OR opened_at >= %(since)s)"
        " AND (%(until)s::timestamptz IS NULL OR opened_at < %(until)s)"
        " AND (%(scheme)s::text IS NULL OR split_part(scheme, '@', 1) = %(scheme)s) GROUP BY level ORDER BY level"
    ).format(LEVELS.identifier())
    values = {"at": at, "since": since, "until": until, "scheme": scheme}
    with connection.cursor(row_factory=class_row(Numbers)) as cursor:
        return cursor.execute(query, values).fetchall()
