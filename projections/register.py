"""The public register: what was accredited from when until when, by whose decision, at which level and for which strengths.

Valid is what a period covers and no suspension does, whenever anyone got to recording its end. Rows are cut by the same
functions by which the domain cuts the periods of its own state; those left without any time are kept out of every answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.accreditation import (
    AccreditationAwarded,
    AccreditationImported,
    AccreditationReduced,
    AccreditationReinstated,
    AccreditationRenewed,
    AccreditationSuspended,
    AccreditationUpgraded,
    AccreditationWithdrawn,
    AwardAnnulled,
    AwardCorrected,
    PeriodAgain,
    ReaccreditationEnded,
    ReaccreditationReopened,
    ReaccreditationSubmitted,
    ReductionUndone,
    WithdrawalLifted,
)
from domain.accreditation.validity import ended, extension_ended, from_then_on, reduced_from
from projections.model import ReadModel, Recorded
from projections.tables import InMemory, Table, Tables


@dataclass(frozen=True, slots=True)
class Period:
    """One period of an accreditation, from `starts_at` until, and without, `ends_at` (UTC), earned by `submission`.

    `strengths` are codes of criteria of `scheme` (`cpd-qa@1`). `extension`: what was earned has ended, and validity goes on
    while it is decided whether it is earned again. `scope` is the id of a text that narrows it; `withdrawn` means that the
    award was withdrawn, at the end of its last period.
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
    extension: bool = False
    scope: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time in which an award was not valid because of `concern`; `ends_at` is None while it lasts (UTC)."""

    accreditation: str
    concern: str
    starts_at: datetime
    ends_at: datetime | None


PERIODS: Final = Table("register", Period, ("accreditation", "starts_at"), ("ends_at, accreditation", "provider"))
SUSPENSIONS: Final = Table("register_suspensions", Suspension, ("accreditation", "concern", "starts_at"))

Earned = AccreditationAwarded | AccreditationRenewed | AccreditationUpgraded
CHANGES: Final = (
    *Earned.__args__,
    AccreditationReduced,
    AccreditationWithdrawn,
    ReaccreditationSubmitted,
    ReaccreditationEnded,
    ReaccreditationReopened,
    AwardCorrected,
    AwardAnnulled,
    ReductionUndone,
    WithdrawalLifted,
)


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Change the periods and the suspensions of the awards that `events` are about."""
    concerned = [one for one in events if isinstance(one.event, CHANGES)]
    known = {one.stream for one in concerned if not isinstance(one.event, AccreditationAwarded)}
    held: dict[str, list[Period]] = {}
    any_of: dict[str, Period] = {}
    for period in sorted(tables.load(PERIODS, "accreditation", known), key=lambda one: one.starts_at):
        any_of[period.accreditation] = period
        if period.starts_at < period.ends_at:
            held.setdefault(period.accreditation, []).append(period)
    rows: dict[tuple[str, datetime], Period] = {}
    for one in concerned:
        changed = _changed(one.stream, held.get(one.stream, []), one.event, any_of.get(one.stream))
        any_of |= {period.accreditation: period for period in changed}
        rows.update({(period.accreditation, period.starts_at): period for period in changed})
        held[one.stream] = [period for period in changed if period.starts_at < period.ends_at]
    tables.save(PERIODS, rows.values())
    _apply_suspensions(tables, events)


MODEL: Final = ReadModel(name="register", version=4, tables=(PERIODS, SUSPENSIONS), apply=apply)


def _changed(accreditation: str, periods: list[Period], event: Any, any_of: Period | None) -> list[Period]:
    """The periods as the event leaves them, in order; those left without any time as well, so that they are written over.

    `any_of` is one of the award, also where none of it is left.
    """
    match event:
        case AccreditationImported():
            return _imported(accreditation, event)
        case AccreditationAwarded():
            return [_awarded(accreditation, event)]
        case AccreditationRenewed():
            return _and(extension_ended(periods, event.starts_at), _renewed(periods[-1], event))
        case AccreditationUpgraded():
            return _and(ended(periods, event.starts_at), replace(_renewed(periods[-1], event), scope=None))
        case AccreditationReduced():
            scope = event.scope.id if event.scope else None
            return reduced_from(periods, event.reduced_from, level=event.level, lowers=event.lowers, scope=scope)
        case AccreditationWithdrawn():
            return [replace(one, withdrawn=True) for one in ended(periods, event.withdrawn_from)]
        case ReaccreditationSubmitted(extension_ends_at=datetime() as until):
            last = periods[-1]
            return [*periods, replace(last, starts_at=last.ends_at, ends_at=until, extension=True)]
        case ReaccreditationEnded(extension_ended_at=datetime() as until):
            return extension_ended(periods, until)
        case ReaccreditationReopened(extension_starts_at=datetime() as begins, extension_ends_at=datetime() as until):
            last = max((one for one in periods if not one.extension), key=lambda one: one.ends_at)
            return _and(periods, replace(last, starts_at=begins, ends_at=until, extension=True))
        case AwardCorrected(corrected_from=at, later=later) | AwardAnnulled(annulled_from=at, later=later):
            return _from_then_on(periods, at, later, any_of)
        case ReductionUndone(undone_from=at, later=later):
            return _from_then_on(periods, at, later, any_of)
        case WithdrawalLifted(lifted_from=at, later=later):
            return [replace(one, withdrawn=False) for one in _from_then_on(periods, at, later, any_of)]
        case _:
            return periods


def _from_then_on(
    periods: list[Period], at: datetime, later: Sequence[PeriodAgain], any_of: Period | None
) -> list[Period]:
    """The periods as a decision after an appeal leaves them: as they were until `at`, and as it says from then on."""
    if any_of is None:
        raise AssertionError("an award had a period before an appeal changed it")
    again = [
        replace(
            any_of,
            submission=one.submission,
            scheme=one.scheme,
            level=one.level,
            strengths=list(one.strengths),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            extension=one.extension,
            scope=one.scope,
        )
        for one in later
    ]
    return from_then_on(periods, at, again)


def _and(periods: Iterable[Period], period: Period) -> list[Period]:
    """The periods with a further one, which takes the place of what was to begin with it."""
    return [*(one for one in periods if one.starts_at != period.starts_at), period]


def _awarded(accreditation: str, event: AccreditationAwarded) -> Period:
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


def _imported(accreditation: str, event: AccreditationImported) -> list[Period]:
    period = replace(_awarded(accreditation, event), scope=event.scope.id if event.scope else None)
    if event.withdrawn_from is None:
        return [period]
    return [replace(one, withdrawn=True) for one in ended([period], event.withdrawn_from)]


def _renewed(earlier: Period, event: AccreditationRenewed | AccreditationUpgraded) -> Period:
    return replace(
        earlier,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        submission=event.submission,
        scheme=event.scheme,
        level=event.level,
        strengths=list(event.strengths),
        extension=False,
    )


def _apply_suspensions(tables: Tables, events: Sequence[Recorded]) -> None:
    before = [
        Suspension(one.stream, each.concern, each.starts_at, each.ends_at)
        for one in events
        if isinstance(one.event, AccreditationImported)
        for each in one.event.suspended
    ]
    concerned = [one for one in events if isinstance(one.event, AccreditationSuspended | AccreditationReinstated)]
    reinstated = {one.stream for one in concerned if isinstance(one.event, AccreditationReinstated)}
    lasting = {
        (one.accreditation, one.concern): one
        for one in tables.load(SUSPENSIONS, "accreditation", reinstated)
        if one.ends_at is None
    } | {(one.accreditation, one.concern): one for one in before}
    rows = {(one.accreditation, one.concern, one.starts_at): one for one in before}
    for one in concerned:
        key = one.stream, one.event.concern
        if isinstance(one.event, AccreditationSuspended):
            lasting[key] = Suspension(*key, one.event.suspended_from, None)
        else:
            lasting[key] = replace(lasting[key], ends_at=one.event.reinstated_from)
        rows[*key, lasting[key].starts_at] = lasting[key]
    tables.save(SUSPENSIONS, rows.values())


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
    return _at(connection, suspended=False, at=at, scheme=scheme, provider=provider, after=after, limit=limit)


def suspended(
    connection: Connection[Any],
    *,
    at: datetime,
    scheme: str | None = None,
    provider: str | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Period]:
    """Return the periods in which the instant `at` (UTC) is, but which don't hold then because of a suspension."""
    return _at(connection, suspended=True, at=at, scheme=scheme, provider=provider, after=after, limit=limit)


def _at(connection: Connection[Any], *, suspended: bool, **values: Any) -> list[Period]:
    query = SQL(
        "{periods} WHERE starts_at <= %(at)s AND ends_at > %(at)s AND accreditation > %(after)s"
        " AND (%(scheme)s::text IS NULL OR scheme = %(scheme)s OR split_part(scheme, '@', 1) = %(scheme)s)"
        " AND (%(provider)s::text IS NULL OR provider = %(provider)s)"
        " AND %(suspended)s = EXISTS (SELECT FROM {suspensions} AS one WHERE one.accreditation = {table}.accreditation"
        " AND one.starts_at <= %(at)s AND coalesce(one.ends_at, 'infinity') > %(at)s)"
        " ORDER BY accreditation LIMIT %(limit)s"
    ).format(periods=PERIODS.selection(), suspensions=SUSPENSIONS.identifier(), table=PERIODS.identifier())
    with connection.cursor(row_factory=args_row(Period)) as cursor:
        return cursor.execute(query, values | {"suspended": suspended}).fetchall()


def known_by(events: Sequence[Recorded], *, on: datetime) -> tuple[list[Period], list[Period]]:
    """Return what these events of awards, in the log's order, say of the instant `on` (UTC): what was valid, what suspended.

    With the events that were recorded by an earlier instant, it is what the register said then: it is made of them by the
    function that makes the register itself.
    """
    tables = InMemory()
    apply(tables, events)
    stopped = {
        one.accreditation
        for one in tables.rows(SUSPENSIONS)
        if one.starts_at <= on and (one.ends_at is None or one.ends_at > on)
    }
    covering = [one for one in tables.rows(PERIODS) if one.starts_at <= on < one.ends_at]
    covering.sort(key=lambda one: one.accreditation)
    return (
        [one for one in covering if one.accreditation not in stopped],
        [one for one in covering if one.accreditation in stopped],
    )


def periods(connection: Connection[Any], accreditation: str) -> list[Period]:
    """Return all periods of one accreditation, in order; empty if there is no such accreditation."""
    query = SQL("{} WHERE accreditation = %s AND starts_at < ends_at ORDER BY starts_at").format(PERIODS.selection())
    with connection.cursor(row_factory=args_row(Period)) as cursor:
        return cursor.execute(query, [accreditation]).fetchall()


def suspensions(connection: Connection[Any], accreditation: str) -> list[Suspension]:
    """Return the times in which one accreditation was suspended, in order."""
    query = SQL("{} WHERE accreditation = %s ORDER BY starts_at, concern").format(SUSPENSIONS.selection())
    with connection.cursor(row_factory=args_row(Suspension)) as cursor:
        return cursor.execute(query, [accreditation]).fetchall()
