"""Internal sampling: of each plan, what each assessor completed, what was planned and drawn, and what was found of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row, class_row
from psycopg.sql import SQL

from domain import sampling as events
from domain.ids import kind_of
from domain.sampling.state import LOOK
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Plan:
    """A plan of a scheme and a year; `position` of the log is as far as it was drawn from. Instants are UTC."""

    plan: str
    scheme: str
    year: int
    seed: int
    ends_at: datetime
    finish_by: datetime
    position: int = 0
    closed_at: datetime | None = None
    report: str | None = None


@dataclass(slots=True)
class Assessor:
    """How many assessments somebody completed in the plan's year, how many as a new assessor, and how many are planned to be seen."""

    plan: str
    assessor: str
    completed: int
    new: int
    planned: int


@dataclass(slots=True)
class Sample:
    """An assessment that was drawn; `looker` (a person's id or a role) is to look at it by `due_at`. `result` is None until then."""

    plan: str
    number: int
    case_id: str
    provider: str
    assessor: str
    because: str
    drawn_at: datetime
    due_at: datetime
    looker: str
    result: str | None = None
    topic: str | None = None
    text: str | None = None
    looked_by: str | None = None
    looked_at: datetime | None = None


PLANS: Final = Table("sampling_plans", Plan, ("plan",))
ASSESSORS: Final = Table("sampling_assessors", Assessor, ("plan", "assessor"))
SAMPLES: Final = Table("sampling_samples", Sample, ("plan", "number"))


@dataclass(slots=True)
class _Held:
    head: Plan | None = None
    assessors: dict[str, Assessor] = field(default_factory=dict)
    samples: dict[int, Sample] = field(default_factory=dict)


def apply(tables: Tables, recorded: Sequence[Recorded]) -> None:
    """Change the rows of the plans that `recorded` are about."""
    recorded = [one for one in recorded if kind_of(one.stream) == "sampling"]
    ids = {one.stream for one in recorded}
    held = {id: _Held() for id in ids}
    for head in tables.load(PLANS, "plan", ids):
        held[head.plan].head = head
    for who in tables.load(ASSESSORS, "plan", ids):
        held[who.plan].assessors[who.assessor] = who
    for sample in tables.load(SAMPLES, "plan", ids):
        held[sample.plan].samples[sample.number] = sample
    for one in recorded:
        _change(held[one.stream], one.stream, one.event, one.at)
    tables.save(PLANS, [one.head for one in held.values() if one.head])
    tables.save(ASSESSORS, [who for one in held.values() for who in one.assessors.values()])
    tables.save(SAMPLES, [sample for one in held.values() for sample in one.samples.values()])


MODEL: Final = ReadModel(name="sampling", version=1, tables=(PLANS, ASSESSORS, SAMPLES), apply=apply)


def _change(held: _Held, id: str, event: Any, at: datetime) -> None:
    match event:
        case events.SamplingPlanned():
            held.head = Plan(
                plan=id,
                scheme=event.scheme,
                year=event.year,
                seed=event.seed,
                ends_at=event.ends_at,
                finish_by=event.sets[0].due_at,
            )
        case events.AssessmentsDrawn() if held.head:
            held.head.position = event.position
            held.assessors = {
                one.assessor: Assessor(id, one.assessor, one.completed, one.new, one.planned) for one in event.tallies
            }
            tasks = {task.about: task for task in event.sets if task.rule == LOOK}
            held.samples |= {
                one.number: Sample(
                    plan=id,
                    number=one.number,
                    case_id=one.case,
                    provider=one.provider,
                    assessor=one.assessor,
                    because=one.because,
                    drawn_at=at,
                    due_at=tasks[str(one.number)].due_at,
                    looker=tasks[str(one.number)].who,
                )
                for one in event.drawn
            }
        case events.SampleResultRecorded():
            sample = held.samples[event.number]
            sample.result, sample.topic, sample.looked_by, sample.looked_at = event.result, event.topic, event.by, at
            sample.text = event.text.id if event.text else None
        case events.SamplingClosed() if held.head:
            held.head.closed_at, held.head.report = at, event.report.id
        case _:
            for task in getattr(event, "sets", ()):
                if task.rule == LOOK:
                    moved = held.samples[int(task.about)]
                    moved.due_at, moved.looker = task.due_at, task.who


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Of one assessor: `completed` assessments (n), planned to be seen, drawn, looked at, and with which results."""

    assessor: str
    completed: int
    planned: int
    drawn: int
    done: int
    sound: int
    minor: int
    serious: int


def plans(connection: Connection[Any], *, limit: int = 100) -> list[Plan]:
    """Return the plans, the latest year first."""
    query = SQL("{} ORDER BY year DESC, scheme LIMIT %s").format(PLANS.selection())
    with connection.cursor(row_factory=args_row(Plan)) as cursor:
        return cursor.execute(query, [limit]).fetchall()


def progress(connection: Connection[Any], plan: str) -> list[Progress]:
    """Return how far a plan has come with each assessor."""
    query = SQL(
        "SELECT assessor, completed, planned, count(number)::int AS drawn, count(result)::int AS done,"
        " (count(*) FILTER (WHERE result = 'sound'))::int AS sound,"
        " (count(*) FILTER (WHERE result = 'minor'))::int AS minor,"
        " (count(*) FILTER (WHERE result = 'serious'))::int AS serious"
        " FROM {} LEFT JOIN {} USING (plan, assessor) WHERE plan = %s"
        " GROUP BY assessor, completed, planned ORDER BY assessor"
    ).format(ASSESSORS.identifier(), SAMPLES.identifier())
    with connection.cursor(row_factory=class_row(Progress)) as cursor:
        return cursor.execute(query, [plan]).fetchall()


def samples(connection: Connection[Any], plan: str, *, waiting: bool = False) -> list[Sample]:
    """Return what was drawn in a plan, or only what nobody has looked at, by the date that it is due."""
    query = SQL("{} WHERE plan = %s AND (NOT %s OR result IS NULL) ORDER BY due_at, number").format(SAMPLES.selection())
    with connection.cursor(row_factory=args_row(Sample)) as cursor:
        return cursor.execute(query, [plan, waiting]).fetchall()
