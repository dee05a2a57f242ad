"""The register of risks to impartiality, as it was on any date: each change makes a version that holds until the next one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain import risk as events
from domain.ids import kind_of
from domain.risk import rating
from domain.risk.state import REVIEW
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Version:
    """A risk as it stood from `since` to before `until` (UTC); `description` and `mitigation` are ids of texts.

    It is to be reviewed by `review_by`; `result` is what the last review said, at `reviewed_at`, and `seen_at` when the
    board saw that. `to_confirm`: the board has to agree with it.
    """

    risk: str
    number: int
    since: datetime
    kind: str
    description: str
    mitigation: str
    likelihood: str
    impact: str
    rating: str
    owner: str
    review_by: datetime
    registered_at: datetime
    to_confirm: bool = False
    result: str | None = None
    reviewed_at: datetime | None = None
    seen_at: datetime | None = None
    closed_at: datetime | None = None
    until: datetime | None = None


VERSIONS: Final = Table("risks", Version, ("risk", "number"), ("since",))


def apply(tables: Tables, recorded: Sequence[Recorded]) -> None:
    """Add a version for each change of the risks that `recorded` are about."""
    recorded = [one for one in recorded if kind_of(one.stream) == "risk"]
    ids = {one.stream for one in recorded}
    versions: dict[str, list[Version]] = {id: [] for id in ids}
    for row in sorted(tables.load(VERSIONS, "risk", ids), key=lambda one: one.number):
        versions[row.risk].append(row)
    for one in recorded:
        held = versions[one.stream]
        if isinstance(one.event, events.RiskRegistered):
            held.append(_registered(one.event, one.at))
            continue
        changed = _changed(held[-1], one.event, one.at)
        if changed != held[-1]:
            held[-1].until = one.at
            held.append(replace(changed, number=len(held) + 1, since=one.at))
    tables.save(VERSIONS, [row for rows in versions.values() for row in rows])


MODEL: Final = ReadModel(name="risks", version=1, tables=(VERSIONS,), apply=apply)


def _registered(event: events.RiskRegistered, at: datetime) -> Version:
    return Version(
        risk=event.risk,
        number=1,
        since=at,
        kind=event.kind,
        description=event.description.id,
        mitigation=event.mitigation.id,
        likelihood=event.likelihood,
        impact=event.impact,
        rating=rating(event.likelihood, event.impact),
        owner=event.owner,
        review_by=event.sets[0].due_at,
        registered_at=at,
    )


def _changed(last: Version, event: Any, at: datetime) -> Version:
    changed = replace(last)
    match event:
        case events.RiskReviewed():
            changed.likelihood, changed.impact = event.likelihood, event.impact
            changed.rating = rating(event.likelihood, event.impact)
            changed.mitigation = event.mitigation.id if event.mitigation else last.mitigation
            changed.result, changed.reviewed_at, changed.seen_at = event.result, at, None
            changed.to_confirm = event.to_confirm
        case events.RiskReviewSeen():
            changed.seen_at, changed.to_confirm = at, False
        case events.RiskReviewReturned():
            changed.result, changed.to_confirm = "returned", False
        case events.RiskOwnerNamed():
            changed.owner = event.owner
        case events.RiskClosed():
            changed.closed_at, changed.to_confirm = at, False
        case _:
            pass
    for task in getattr(event, "sets", ()):
        if task.rule == REVIEW:
            changed.review_by, changed.owner = task.due_at, task.who
    return changed


def register(connection: Connection[Any], *, on: datetime, closed: bool = False, limit: int = 1000) -> list[Version]:
    """Return the risks as they stood at `on` (UTC), the gravest first; with `closed` also those that were off by then."""
    query = SQL(
        "{} WHERE since <= %(on)s AND (until IS NULL OR until > %(on)s) AND (%(closed)s OR closed_at IS NULL)"
        " ORDER BY array_position(ARRAY['high', 'medium', 'low'], rating), review_by, risk LIMIT %(limit)s"
    ).format(VERSIONS.selection())
    with connection.cursor(row_factory=args_row(Version)) as cursor:
        return cursor.execute(query, {"on": on, "closed": closed, "limit": limit}).fetchall()
