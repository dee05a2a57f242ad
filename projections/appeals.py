"""Appeals: what each contests and on which grounds, where it stands, what came of it, and who else was touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain import appeal as a
from domain.ids import kind_of
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(slots=True)
class Row:
    """An appeal; instants are UTC, and None until then. `in_time`: whether the panel decided by its date.

    `others` are the other cases touched, `others_open` how many of them are not closed, and `searched` whether anybody has
    looked for them. `over_at` is when nothing more was to be done.
    """

    appeal: str
    case_id: str
    provider: str
    scheme: str
    contested: str
    grounds: list[str]
    late: bool
    lodged_at: datetime
    stage: str = "lodged"
    outcome: str | None = None
    remedy: str | None = None
    in_time: bool | None = None
    decided_at: datetime | None = None
    remedy_closed_at: datetime | None = None
    searched: bool = False
    others: int = 0
    others_open: int = 0
    over_at: datetime | None = None


@dataclass(slots=True)
class Other:
    """Another case that the cause of an upheld appeal touched; `action` is what was done last, empty until then."""

    appeal: str
    case_id: str
    action: str = ""
    closed: bool = False


APPEALS: Final = Table("appeals", Row, ("appeal",), ("case_id", "lodged_at"))
OTHERS: Final = Table("appeal_others", Other, ("appeal", "case_id"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Change the rows of the appeals that `events` are about."""
    events = [one for one in events if kind_of(one.stream) == "appeal"]
    streams = {one.stream for one in events}
    rows = {row.appeal: row for row in tables.load(APPEALS, "appeal", streams)} if streams else {}
    others: dict[str, dict[str, Other]] = {id: {} for id in streams}
    for other in tables.load(OTHERS, "appeal", streams) if streams else ():
        others[other.appeal][other.case_id] = other
    for one in events:
        if isinstance(one.event, a.AppealLodged):
            rows[one.stream] = _lodged(one.event, one.at)
        elif one.stream in rows:
            _change(rows[one.stream], others[one.stream], one)
    tables.save(APPEALS, list(rows.values()))
    tables.save(OTHERS, [other for found in others.values() for other in found.values()])


def _lodged(event: a.AppealLodged, at: datetime) -> Row:
    return Row(
        appeal=event.appeal,
        case_id=event.case,
        provider=event.provider,
        scheme=event.scheme,
        contested=event.contested,
        grounds=[one.code for one in event.grounds],
        late=event.late,
        lodged_at=at,
    )


def _change(row: Row, others: dict[str, Other], one: Recorded) -> None:
    match one.event:
        case a.AppealAcknowledged():
            row.stage = "acknowledged"
        case a.AppealAdmitted():
            row.stage = "admitted"
        case a.AppealNotAdmitted():
            row.stage, row.over_at = "not-admitted", one.at
        case a.AppealWithdrawn():
            row.stage, row.over_at = "withdrawn", one.at
        case a.PanelNamed():
            row.stage = "before-panel"
        case a.AppealDecided(outcome=outcome, remedy=remedy, in_time=in_time):
            row.stage = row.outcome = outcome
            row.remedy, row.in_time, row.decided_at = remedy, in_time, one.at
            row.over_at = None if outcome == "upheld" else one.at
        case a.RemedyClosed():
            row.remedy_closed_at = one.at
        case a.OthersFound(cases=cases):
            row.searched = True
            for case in cases:
                others.setdefault(case, Other(appeal=row.appeal, case_id=case))
        case a.OtherDealtWith(case=case, action=action):
            others[case].action = action
        case a.OtherClosed(case=case):
            others[case].closed = True
    row.others, row.others_open = len(others), sum(not other.closed for other in others.values())
    if row.stage == "upheld" and row.remedy_closed_at and row.searched and not row.others_open:
        row.stage, row.over_at = "closed", one.at


MODEL: Final = ReadModel(name="appeals", version=1, tables=(APPEALS, OTHERS), apply=apply)


def listed(
    connection: Connection[Any],
    *,
    appeal: str | None = None,
    case: str | None = None,
    running: bool = False,
    limit: int = 100,
) -> list[Row]:
    """Return appeals, the latest first: all, one, those about one case, or with `running` those that are not over."""
    query = SQL(
        "{} WHERE (%(case)s::text IS NULL OR case_id = %(case)s) AND (%(appeal)s::text IS NULL OR appeal = %(appeal)s) AND (NOT %(running)s OR over_at IS NULL)"
        " ORDER BY lodged_at DESC, appeal LIMIT %(limit)s"
    ).format(APPEALS.selection())
    with connection.cursor(row_factory=args_row(Row)) as cursor:
        return cursor.execute(query, {"appeal": appeal, "case": case, "running": running, "limit": limit}).fetchall()


def others(connection: Connection[Any], appeal: str) -> list[Other]:
    """Return the other cases that the cause of this appeal touched, in the order of their ids."""
    query = SQL("{} WHERE appeal = %s ORDER BY case_id").format(OTHERS.selection())
    with connection.cursor(row_factory=args_row(Other)) as cursor:
        return cursor.execute(query, [appeal]).fetchall()
