"""The timetable of standardisation sessions, year by year: when, who leads, how many were invited and came; and who attended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.competence import StandardisationAttended
from domain.standardisation import (
    InvitationWithdrawn,
    StandardisationCancelled,
    StandardisationHeld,
    StandardisationScheduled,
)
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables

SESSION_EVENTS: Final = (StandardisationScheduled, InvitationWithdrawn, StandardisationHeld, StandardisationCancelled)


@dataclass(slots=True)
class Session:
    """One session of a `scheme` (`cpd-qa`) at `starts_at` (UTC); `state` is `scheduled`, `held` or `cancelled`.

    `invited` counts its leader too; `leader` is empty where a conflict took them off it.
    """

    session: str
    scheme: str
    starts_at: datetime
    leader: str
    invited: int
    exemplars: int
    attended: int = 0
    state: str = "scheduled"


@dataclass(slots=True)
class Attendance:
    """A person attended a session, held at `attended_at` (UTC)."""

    person: str
    session: str
    scheme: str
    attended_at: datetime


SESSIONS: Final = Table("standardisation_sessions", Session, ("session",), ("starts_at",))
ATTENDANCE: Final = Table("standardisation_attendance", Attendance, ("person", "session"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Enter what was scheduled, held and cancelled, and who attended."""
    _enter_sessions(tables, [one for one in events if isinstance(one.event, SESSION_EVENTS)])
    attended = {
        (one.stream, one.event.session): Attendance(
            person=one.stream,
            session=one.event.session,
            scheme=one.event.scheme,
            attended_at=one.event.attended_at,
        )
        for one in events
        if isinstance(one.event, StandardisationAttended)
    }
    tables.save(ATTENDANCE, attended.values())


def _enter_sessions(tables: Tables, events: Sequence[Recorded]) -> None:
    if not events:
        return
    sessions = {one.session: one for one in tables.load(SESSIONS, "session", {each.stream for each in events})}
    for one in events:
        match one.event:
            case StandardisationScheduled():
                sessions[one.stream] = Session(
                    session=one.stream,
                    scheme=one.event.scheme.partition("@")[0],
                    starts_at=one.event.starts_at,
                    leader=one.event.leader,
                    invited=len(one.event.invited) + 1,
                    exemplars=len(one.event.exemplars) + (one.event.note is not None),
                )
            case InvitationWithdrawn():
                sessions[one.stream].invited -= 1
                if sessions[one.stream].leader == one.event.person:
                    sessions[one.stream].leader = ""
            case StandardisationHeld():
                sessions[one.stream].state = "held"
                sessions[one.stream].attended = len(one.event.present)
            case StandardisationCancelled():
                sessions[one.stream].state = "cancelled"
    tables.save(SESSIONS, sessions.values())


MODEL: Final = ReadModel(name="standardisation", version=1, tables=(SESSIONS, ATTENDANCE), apply=apply)


def timetable(
    connection: Connection[Any],
    *,
    year: int | None = None,
    zone: str = "Europe/London",
    scheme: str | None = None,
    limit: int = 100,
) -> list[Session]:
    """Return the sessions in the order of their dates: of one year on the clocks of `zone`, or of all; of one scheme, or of all."""
    query = SQL(
        "{} WHERE (%(year)s::int IS NULL OR extract(year FROM starts_at AT TIME ZONE %(zone)s) = %(year)s)"
        " AND (%(scheme)s::text IS NULL OR scheme = %(scheme)s) ORDER BY starts_at, session LIMIT %(limit)s"
    ).format(SESSIONS.selection())
    asked = {"year": year, "zone": zone, "scheme": scheme, "limit": limit}
    with connection.cursor(row_factory=args_row(Session)) as cursor:
        return cursor.execute(query, asked).fetchall()


def attended(connection: Connection[Any], *, person: str) -> list[Attendance]:
    """Return the sessions that a person attended, by date."""
    query = SQL("{} WHERE person = %s ORDER BY attended_at, session").format(ATTENDANCE.selection())
    with connection.cursor(row_factory=args_row(Attendance)) as cursor:
        return cursor.execute(query, [person]).fetchall()
