"""Professional development as of any date: plans, needs, activities and late tasks, and the figures that reports are made of.

Every row keeps since when it holds, so that the figures of an instant stay what they were.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.development import events as e
from domain.development import figures
from domain.development.figures import ActivityFact, Facts, Figures, NeedFact
from domain.ids import kind_of
from domain.person import RoleEnded, RoleGiven
from domain.tasks import ALL
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Plan:
    """Where a person's development stood from `since` (UTC) on: `noted`, `open`, `agreed` or `ended`."""

    development: str
    position: int
    since: datetime
    person: str
    department: str = ""
    period: int = 0
    stage: str = "noted"


@dataclass(slots=True)
class Need:
    """A need since it was first noted, at the log's `position`; which sources spoke first when."""

    development: str
    topic: str
    position: int
    since: datetime
    sources: list[str] = field(default_factory=list)
    heard_at: list[datetime] = field(default_factory=list)
    found_at: datetime | None = None
    met_at: datetime | None = None


@dataclass(slots=True)
class Activity:
    """An activity and when each thing happened to it (UTC); `ended` is `declined` or `dropped`."""

    id: str
    development: str
    kind: str
    planned_minutes: int
    cost: int
    currency: str
    proposed_at: datetime
    approved_at: datetime | None = None
    ended_at: datetime | None = None
    ended: str = ""
    recorded_at: datetime | None = None
    done_at: datetime | None = None
    minutes: int = 0
    answered_at: datetime | None = None
    questions: list[str] = field(default_factory=list)
    scores: list[str] = field(default_factory=list)
    reviewed_at: datetime | None = None
    impact: str = ""


@dataclass(slots=True)
class Duty:
    """A task as it ran from `since` until it ended or was set anew."""

    development: str
    name: str
    position: int
    rule: str
    due_at: datetime
    since: datetime
    until: datetime | None = None


@dataclass(slots=True)
class Staff:
    """A person held a role in the body from `since` until it ended; `scheme` is empty where it is of the whole body."""

    person: str
    role: str
    scheme: str
    position: int
    since: datetime
    until: datetime | None = None


PLANS: Final = Table("development_plans", Plan, ("development", "position"))
NEEDS: Final = Table("development_needs", Need, ("development", "topic", "position"))
ACTIVITIES: Final = Table("development_activities", Activity, ("id",), ("development",))
DUTIES: Final = Table("development_duties", Duty, ("development", "name", "position"))
STAFF: Final = Table("development_staff", Staff, ("person", "role", "scheme", "position"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Note what happened to people's development, and who has a role in the body."""
    _roles(tables, [one for one in events if isinstance(one.event, RoleGiven | RoleEnded)])
    mine = [one for one in events if kind_of(one.stream) == "development"]
    if mine:
        _plans(tables, mine)
        _needs(tables, mine)
        _activities(tables, mine)
        _duties(tables, mine)


MODEL: Final = ReadModel(name="development", version=1, tables=(PLANS, NEEDS, ACTIVITIES, DUTIES, STAFF), apply=apply)


def _streams(events: Sequence[Recorded]) -> set[str]:
    return {one.stream for one in events}


def _roles(tables: Tables, events: Sequence[Recorded]) -> None:
    if not events:
        return
    rows = tables.load(STAFF, "person", _streams(events))
    for one in events:
        key = (one.stream, one.event.role, one.event.scheme or "")
        if isinstance(one.event, RoleEnded):
            for row in rows:
                if (row.person, row.role, row.scheme) == key and row.until is None:
                    row.until = one.at
        elif one.event.role != "provider":
            rows.append(Staff(*key, position=one.position, since=one.at))
    tables.save(STAFF, rows)


def _plans(tables: Tables, events: Sequence[Recorded]) -> None:
    last: dict[str, Plan] = {}
    for row in sorted(tables.load(PLANS, "development", _streams(events)), key=lambda row: row.position):
        last[row.development] = row
    added = []
    for one in events:
        before = last.get(one.stream)
        if (now := _stood(before, one)) and now != before:
            last[one.stream] = replace(now, position=one.position, since=one.at)
            added.append(last[one.stream])
    tables.add(PLANS, added)


def _stood(before: Plan | None, one: Recorded) -> Plan | None:
    match one.event:
        case e.NeedNoted() if before is None:
            return Plan(one.stream, one.position, one.at, one.event.person)
        case e.NeedNoted() if before and before.stage == "ended":
            return replace(before, stage="noted")
        case e.PlanOpened():
            event = one.event
            return Plan(one.stream, one.position, one.at, event.person, event.department, event.period, "open")
        case e.PlanAgreed() if before:
            return replace(before, stage="agreed")
        case e.DepartmentChanged() if before:
            return replace(before, department=one.event.department)
        case e.DevelopmentEnded() if before:
            return replace(before, stage="ended")
        case _:
            return before


def _needs(tables: Tables, events: Sequence[Recorded]) -> None:
    rows = tables.load(NEEDS, "development", _streams(events))
    last: dict[tuple[str, str], Need] = {}
    for row in sorted(rows, key=lambda row: row.position):
        last[row.development, row.topic] = row
    for one in events:
        match one.event:
            case e.NeedNoted():
                need = last.get((one.stream, one.event.topic))
                if need is None or need.met_at is not None:
                    need = Need(one.stream, one.event.topic, one.position, one.at)
                    last[one.stream, one.event.topic] = need
                    rows.append(need)
                if one.event.source not in need.sources:
                    need.sources.append(one.event.source)
                    need.heard_at.append(one.at)
                if one.event.found and need.found_at is None:
                    need.found_at = one.at
            case e.NeedMet():
                last[one.stream, one.event.topic].met_at = one.at
    tables.save(NEEDS, rows)


def _activities(tables: Tables, events: Sequence[Recorded]) -> None:
    rows = {row.id: row for row in tables.load(ACTIVITIES, "development", _streams(events))}
    for one in events:
        match one.event:
            case e.ActivityProposed():
                event = one.event
                rows[event.activity] = Activity(
                    event.activity, one.stream, event.kind, event.minutes, event.cost, event.currency, one.at
                )
            case e.ActivityApproved():
                rows[one.event.activity].approved_at = one.at
            case e.ActivityDeclined() | e.ActivityDropped():
                _end(
                    rows[one.event.activity],
                    one,
                    "declined" if isinstance(one.event, e.ActivityDeclined) else "dropped",
                )
            case e.DevelopmentEnded():
                for row in rows.values():
                    if row.development == one.stream and row.ended_at is None and row.recorded_at is None:
                        _end(row, one, "dropped")
            case e.ActivityCompleted():
                row = rows[one.event.activity]
                row.recorded_at, row.done_at, row.minutes = one.at, one.event.done_at, one.event.minutes
            case e.QuestionnaireAnswered():
                row = rows[one.event.activity]
                row.answered_at = one.at
                row.questions = [each.question for each in one.event.ratings]
                row.scores = [str(each.score) for each in one.event.ratings]
            case e.ImpactReviewed():
                row = rows[one.event.activity]
                row.reviewed_at, row.impact = one.at, one.event.impact
    tables.save(ACTIVITIES, rows.values())


def _end(row: Activity, one: Recorded, how: str) -> None:
    row.ended_at, row.ended = one.at, how


def _duties(tables: Tables, events: Sequence[Recorded]) -> None:
    rows = tables.load(DUTIES, "development", _streams(events))
    running = {(row.development, row.name): row for row in rows if row.until is None}
    for one in events:
        sets = getattr(one.event, "sets", ())
        ends = {*getattr(one.event, "ends", ()), *(task.name for task in sets)}
        for key in [key for key in running if key[0] == one.stream and (key[1] in ends or ALL in ends)]:
            running.pop(key).until = one.at
        for task in sets:
            row = Duty(one.stream, task.name, one.position, task.rule, task.due_at, one.at)
            running[one.stream, task.name] = row
            rows.append(row)
    tables.save(DUTIES, rows)


def figures_at(connection: Connection[Any], scope: str, *, at: datetime, since: datetime | None = None) -> Figures:
    """Return the figures of a department or of the whole body (`board`) as they were at `at` (UTC)."""
    known = facts(connection, at=at)
    return figures.of(known, staff=staff(connection, at=at), scope=scope, since=since)


def staff(connection: Connection[Any], *, at: datetime) -> set[str]:
    """Return the people who had a role in the body at `at` (UTC)."""
    query = SQL("SELECT DISTINCT person FROM {} WHERE since <= %(at)s AND (until IS NULL OR until > %(at)s)").format(
        STAFF.identifier()
    )
    return {row[0] for row in connection.execute(query, {"at": at})}


def facts(connection: Connection[Any], *, at: datetime) -> list[Facts]:
    """Return what counted of each person's development at `at` (UTC), in the order of their ids."""
    needs: dict[str, list[NeedFact]] = {}
    for need in _latest(connection, NEEDS, "development, topic", at):
        needs.setdefault(need.development, []).append(_need(need, at))
    activities: dict[str, list[ActivityFact]] = {}
    for activity in _rows(connection, ACTIVITIES, SQL("proposed_at <= %(at)s ORDER BY id"), at):
        activities.setdefault(activity.development, []).append(_activity(activity, at))
    overdue: dict[str, list[str]] = {}
    late = SQL("since <= %(at)s AND (until IS NULL OR until > %(at)s) AND due_at <= %(at)s ORDER BY name")
    for duty in _rows(connection, DUTIES, late, at):
        overdue.setdefault(duty.development, []).append(duty.rule)
    return [
        Facts(
            person=plan.person,
            department=plan.department,
            running=plan.stage in ("open", "agreed"),
            agreed=plan.stage == "agreed",
            needs=tuple(needs.get(plan.development, ())),
            activities=tuple(activities.get(plan.development, ())),
            overdue=tuple(overdue.get(plan.development, ())),
        )
        for plan in _latest(connection, PLANS, "development", at)
    ]


def plans(connection: Connection[Any], *, at: datetime, department: str | None = None) -> list[Plan]:
    """Return where each person's development stood at `at` (UTC): of one department, or of all."""
    found = _latest(connection, PLANS, "development", at)
    return [one for one in found if department is None or one.department == department]


def _rows(connection: Connection[Any], table: Table[Any], condition: SQL, at: datetime) -> list[Any]:
    query = SQL("{} WHERE {}").format(table.selection(), condition)
    with connection.cursor(row_factory=args_row(table.row)) as cursor:
        return cursor.execute(query, {"at": at}).fetchall()


def _latest(connection: Connection[Any], table: Table[Any], key: Any, at: datetime) -> list[Any]:
    """The last row of each `key` that there was at `at`."""
    rows = _rows(connection, table, SQL("since <= %(at)s ORDER BY {}, position").format(SQL(key)), at)  # type: ignore[arg-type]
    last = {tuple(getattr(row, name) for name in key.split(", ")): row for row in rows}
    return list(last.values())


def _need(row: Need, at: datetime) -> NeedFact:
    heard = frozenset(source for source, when in zip(row.sources, row.heard_at, strict=True) if when <= at)
    return NeedFact(topic=row.topic, sources=heard, found=_by(row.found_at, at), met=_by(row.met_at, at))


def _activity(row: Activity, at: datetime) -> ActivityFact:
    done, ended = _by(row.recorded_at, at), _by(row.ended_at, at)
    answers = zip(row.questions, row.scores, strict=True) if _by(row.answered_at, at) else ()
    return ActivityFact(
        kind=row.kind,
        stage="completed" if done else row.ended if ended else "approved" if _by(row.approved_at, at) else "proposed",
        minutes=row.minutes if done else row.planned_minutes,
        cost=row.cost,
        currency=row.currency,
        done_at=row.done_at if done else None,
        scores=tuple((question, int(score)) for question, score in answers),
        impact=row.impact if _by(row.reviewed_at, at) else "",
    )


def _by(happened: datetime | None, at: datetime) -> bool:
    """Whether it had happened at `at`."""
    return happened is not None and happened <= at
