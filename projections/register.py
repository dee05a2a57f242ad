"""The public register: what was accredited from when until when, by whose decision, at which level and for which strengths.

Valid is what a period covers, whenever anyone got to recording its end; so a row is a period, and is never changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.accreditation import AccreditationAwarded, AccreditationRenewed
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables


@dataclass(frozen=True, slots=True)
class Period:
    """One period of an accreditation, from `starts_at` until, and without, `ends_at` (UTC), earned by `submission`.

    `strengths` are codes of criteria of `scheme` (`cpd-qa@1`).
    """

    accreditation: str
    starts_at: datetime
    ends_at: datetime
    submission: str
    provider: str
    scheme: str
    level: str
    category: str
    subject: str
    phase: str
    strengths: list[str]


PERIODS: Final = Table("register", Period, ("accreditation", "starts_at"), ("ends_at, accreditation", "provider"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Enter a period for each award and each renewal."""
    entries = [one for one in events if isinstance(one.event, AccreditationAwarded | AccreditationRenewed)]
    renewed = {one.stream for one in entries if isinstance(one.event, AccreditationRenewed)}
    latest = {period.accreditation: period for period in tables.load(PERIODS, "accreditation", renewed)}
    added = []
    for one in entries:
        latest[one.stream] = _period(one.stream, one.event, latest.get(one.stream))
        added.append(latest[one.stream])
    tables.add(PERIODS, added)


MODEL: Final = ReadModel(name="register", version=1, tables=(PERIODS,), apply=apply)


def _period(accreditation: str, event: AccreditationAwarded | AccreditationRenewed, earlier: Period | None) -> Period:
    if isinstance(event, AccreditationAwarded):
        return Period(
            accreditation=accreditation,
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            submission=event.submission,
            provider=event.provider,
            scheme=event.scheme,
            level=event.level,
            category=event.category,
            subject=event.subject,
            phase=event.phase,
            strengths=list(event.strengths),
        )
    if earlier is None:
        raise ValueError(f"{accreditation} was renewed before it was awarded")
    return replace(
        earlier,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        submission=event.submission,
        scheme=event.scheme,
        level=event.level,
        strengths=list(event.strengths),
    )


def valid(
    connection: Connection[Any],
    *,
    at: datetime,
    scheme: str | None = None,
    provider: str | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Period]:
    """Return the periods that hold at the instant `at` (UTC), past or to come, by accreditation, behind the id `after`.

    `scheme` is a reference (`cpd-qa@1`) or a scheme of any version (`cpd-qa`).
    """
    query = SQL(
        "{} WHERE starts_at <= %(at)s AND ends_at > %(at)s AND accreditation > %(after)s"
        " AND (%(scheme)s::text IS NULL OR scheme = %(scheme)s OR split_part(scheme, '@', 1) = %(scheme)s)"
        " AND (%(provider)s::text IS NULL OR provider = %(provider)s)"
        " ORDER BY accreditation LIMIT %(limit)s"
    ).format(PERIODS.selection())
    values = {"at": at, "scheme": scheme, "provider": provider, "after": after, "limit": limit}
    with connection.cursor(row_factory=args_row(Period)) as cursor:
        return cursor.execute(query, values).fetchall()


def periods(connection: Connection[Any], accreditation: str) -> list[Period]:
    """Return all periods of one accreditation, in order; empty if there is no such accreditation."""
    query = SQL("{} WHERE accreditation = %s ORDER BY starts_at").format(PERIODS.selection())
    with connection.cursor(row_factory=args_row(Period)) as cursor:
        return cursor.execute(query, [accreditation]).fetchall()
