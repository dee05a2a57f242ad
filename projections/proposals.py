"""Proposals to change criteria: who made each, on what, where it stands, and which version took it up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.ids import kind_of
from domain.proposal import CONSIDER, ProposalConsidered, ProposalMade, ProposalTakenUp, ProposalWithdrawn
from domain.tasks import TaskHandedOver, TaskMoved
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Row:
    """A proposal: `consider_by` is when it is to be considered (UTC), None where it is not to be; `text` and others are ids."""

    proposal: str
    scheme: str
    criteria: list[str]
    proposer: str
    text: str
    made_at: datetime
    evidence: list[str] = field(default_factory=list)
    grounds: str | None = None
    stage: str = "made"
    consider_by: datetime | None = None
    considered_at: datetime | None = None
    considerer: str | None = None
    reason: str | None = None
    taken_up: str | None = None
    criteria_changed: list[str] = field(default_factory=list)


PROPOSALS: Final = Table("proposals", Row, ("proposal",), ("stage, made_at",))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Change the proposals that `events` are about."""
    events = [one for one in events if kind_of(one.stream) == "proposal"]
    if not events:
        return
    rows = {row.proposal: row for row in tables.load(PROPOSALS, "proposal", {one.stream for one in events})}
    for one in events:
        if isinstance(one.event, ProposalMade):
            rows[one.stream] = _made(one.event, one.at)
        else:
            _turn(rows[one.stream], one)
    tables.save(PROPOSALS, rows.values())


MODEL: Final = ReadModel(name="proposals", version=1, tables=(PROPOSALS,), apply=apply)


def _made(event: ProposalMade, at: datetime) -> Row:
    return Row(
        proposal=event.proposal,
        scheme=event.scheme,
        criteria=list(event.criteria),
        proposer=event.proposer,
        text=event.text.id,
        made_at=at,
        evidence=list(event.evidence),
        grounds=event.grounds.id if event.grounds else None,
        consider_by=_by(event),
    )


def _turn(row: Row, one: Recorded) -> None:
    match one.event:
        case ProposalConsidered(considerer=considerer, result=result, reason=reason):
            row.stage, row.considered_at, row.considerer, row.reason = result, one.at, considerer, reason.id
            row.consider_by = _by(one.event)
        case ProposalTakenUp(scheme=scheme, criteria=criteria):
            row.stage, row.taken_up, row.criteria_changed, row.consider_by = "taken-up", scheme, list(criteria), None
        case ProposalWithdrawn():
            row.stage, row.consider_by = "withdrawn", None
        case TaskMoved() | TaskHandedOver():
            row.consider_by = _by(one.event)


def _by(event: Any) -> datetime | None:
    return next((task.due_at for task in event.sets if task.rule == CONSIDER), None)


def page(
    connection: Connection[Any],
    *,
    scheme: str | None = None,
    stage: str | None = None,
    criterion: str | None = None,
    limit: int = 100,
) -> list[Row]:
    """Return at most `limit` proposals, the latest first: about all versions of a scheme, at a stage, about a criterion."""
    query = SQL(
        "{} WHERE (%(scheme)s::text IS NULL OR split_part(scheme, '@', 1) = %(scheme)s)"
        " AND (%(stage)s::text IS NULL OR stage = %(stage)s)"
        " AND (%(criterion)s::text IS NULL OR %(criterion)s = ANY(criteria))"
        " ORDER BY made_at DESC, proposal LIMIT %(limit)s"
    ).format(PROPOSALS.selection())
    values = {"scheme": scheme, "stage": stage, "criterion": criterion, "limit": limit}
    with connection.cursor(row_factory=args_row(Row)) as cursor:
        return cursor.execute(query, values).fetchall()
