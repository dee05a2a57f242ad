"""What has to be known of an award so that a decision about it can be superseded: what was earned, reduced and cut short.

Source: handbook, Remedies. The periods of the state say what is valid; here is what they were made from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

from domain.accreditation import events as e
from domain.accreditation import remedy_events as r
from domain.accreditation.remedy_events import PeriodAgain
from domain.accreditation.validity import Period, ended, from_then_on, some
from domain.clocks import Deadline
from domain.scheme import Scheme

if TYPE_CHECKING:
    from domain.accreditation.state import Accreditation


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What a submission earned: under which `scheme`, at which level, with which strengths.

    `remind_at` is when to remind of its end (UTC), `years` the numbers of its years, from 0.
    """

    scheme: str
    level: str
    strengths: tuple[str, ...]
    remind_at: tuple[datetime, ...]
    years: range


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """A reduction because of a concern, and the submissions whose periods it lowers (`levels_of`) or narrows (`scope_of`)."""

    concern: str
    level: str | None
    scope: str | None
    levels_of: frozenset[str]
    scope_of: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What an upgrade or a withdrawal cut short: the periods and years as they were, the clock, and the year asked about.

    `open_concerns` are those that a withdrawal closed with it.
    """

    periods: tuple[Period, ...]
    years: tuple[e.Year, ...]
    clock: Deadline | None
    asked: int | None
    open_concerns: tuple[str, ...] = ()


def reduced(
    reductions: Iterable[Reduction], periods: Iterable[Period], event: e.AccreditationReduced
) -> tuple[Reduction, ...]:
    """The reductions with this one, which touches whatever comes after it."""
    touched = frozenset(one.submission for one in periods if one.ends_at > event.reduced_from)
    one = Reduction(
        concern=event.concern,
        level=event.level,
        scope=event.scope.id if event.scope else None,
        levels_of=touched,
        scope_of=touched,
    )
    return (*reductions, one)


def inherited(reductions: Iterable[Reduction], before: str, submission: str) -> tuple[Reduction, ...]:
    """The reductions once `submission` renews what `before` had earned: a narrower scope stays, the level is a new one."""
    return tuple(
        replace(one, scope_of=one.scope_of | {submission}) if before in one.scope_of else one for one in reductions
    )


def as_it_is_now(
    periods: Iterable[Period],
    at: datetime,
    *,
    earned: Mapping[str, Earned],
    reductions: Iterable[Reduction],
    scheme: Scheme,
) -> tuple[PeriodAgain, ...]:
    """What is left of `periods` from `at` on: at the level that was earned, or to which a review reduced it if that is lower."""
    held = tuple(reductions)
    left = [one for one in periods if one.ends_at > at and one.submission in earned]
    return tuple(
        PeriodAgain(
            submission=one.submission,
            scheme=earned[one.submission].scheme,
            level=_level(one.submission, earned, held, scheme),
            strengths=earned[one.submission].strengths,
            starts_at=max(one.starts_at, at),
            ends_at=one.ends_at,
            extension=one.extension,
            scope=next((cut.scope for cut in reversed(held) if cut.scope and one.submission in cut.scope_of), None),
        )
        for one in sorted(left, key=lambda one: one.starts_at)
    )


def _level(submission: str, earned: Mapping[str, Earned], reductions: Iterable[Reduction], scheme: Scheme) -> str:
    to = [one.level for one in reductions if one.level and submission in one.levels_of]
    return min((earned[submission].level, *to), key=scheme.rank)


def period(again: PeriodAgain) -> Period:
    """The period of the state that this makes."""
    return Period(
        submission=again.submission,
        level=again.level,
        starts_at=again.starts_at,
        ends_at=again.ends_at,
        extension=again.extension,
        scope=again.scope,
    )


def cut_short(award: "Accreditation", by: str, *, concerns: bool = False) -> dict[str, Before]:
    """What is kept of an award that `by` cuts short: an upgrade, or a concern that withdraws it, with its open `concerns`."""
    opened = [one.id for one in award.concerns.values() if one.clock and one.id != by] if concerns else []
    before = Before(
        periods=award.periods,
        years=award.years,
        clock=award.clock,
        asked=award.asked.year if award.asked else None,
        open_concerns=tuple(opened),
    )
    return {**award.before, by: before}


def changes(award: "Accreditation", event: r.RemedyEvent) -> dict[str, Any]:
    """What an upheld appeal changes in the state of an award, but for its concerns."""
    match event:
        case r.AwardConfirmed():
            return {"judged_again": award.judged_again | {(event.submission, event.appeal)}}
        case r.AwardCorrected():
            now = replace(award.earned[event.submission], level=event.level, strengths=event.strengths)
            return {
                "earned": {**award.earned, event.submission: now},
                "periods": _from_then_on(award, event.corrected_from, event.later),
                "judged_again": award.judged_again | {(event.submission, event.appeal)},
            }
        case r.AwardAnnulled():
            return _annulled(award, event)
        case r.ReviewReplaced():
            return {"judged_again": award.judged_again | {(event.concern, event.appeal)}}
        case r.ReductionUndone():
            return {
                "periods": _from_then_on(award, event.undone_from, event.later),
                "reductions": without(award.reductions, event.concern),
            }
        case r.WithdrawalLifted():
            return _lifted(award, event)
        case r.ConcernReopened():
            return {}
        case r.ReaccreditationReopened():
            return _reopened(award, event)
        case _:
            assert_never(event)


def without(reductions: tuple[Reduction, ...], concern: str) -> tuple[Reduction, ...]:
    """The reductions without the last one because of this concern."""
    last = max(place for place, one in enumerate(reductions) if one.concern == concern)
    return (*reductions[:last], *reductions[last + 1 :])


def _from_then_on(award: "Accreditation", at: datetime, later: Iterable[PeriodAgain]) -> tuple[Period, ...]:
    return some(from_then_on(award.periods, at, map(period, later)))


def _annulled(award: "Accreditation", event: r.AwardAnnulled) -> dict[str, Any]:
    at, own = event.annulled_from, award.earned[event.submission].years
    overtaken = award.before[event.submission].years if event.submission in award.before else ()
    years = (*overtaken, *award.years[len(overtaken) :])
    over = not event.later and award.withdrawn_at is None
    return {
        "earned": {one: held for one, held in award.earned.items() if one != event.submission},
        "before": {one: held for one, held in award.before.items() if one != event.submission},
        "periods": _from_then_on(award, at, event.later),
        "years": tuple(ended([one], at)[0] if place in own else one for place, one in enumerate(years)),
        "judged_again": award.judged_again | {(event.submission, event.appeal)},
        "annulled_at": at if over else award.annulled_at,
        "lapsed": award.lapsed or over,
        **_goes_on(award, event.later, event.clock, award.asked.year if award.asked else None),
    }


def _lifted(award: "Accreditation", event: r.WithdrawalLifted) -> dict[str, Any]:
    before = award.before[event.concern]
    years = [
        year
        if any(one.starts_at < year.ends_at and year.starts_at < one.ends_at for one in event.later)
        else ended([year], event.lifted_from)[0]
        for year in before.years
    ]
    return {
        "withdrawn_at": None,
        "before": {one: held for one, held in award.before.items() if one != event.concern},
        "periods": _from_then_on(award, event.lifted_from, event.later),
        "years": tuple(years),
        "lapsed": not event.later,
        **_goes_on(award, event.later, event.clock, before.asked),
    }


def _goes_on(
    award: "Accreditation", later: Iterable[PeriodAgain], clock: Deadline | None, asked: int | None
) -> dict[str, Any]:
    """The clock of what is left; a year that was asked about is asked about again, if it is still to be confirmed."""
    last = max((one for one in later if not one.extension), key=lambda one: one.ends_at, default=None)
    held = award.earned.get(last.submission) if last else None
    return {
        "clock": clock,
        "remind_at": held.remind_at if held else (),
        "scheme": held.scheme if held else award.scheme,
        "asked": None,
        "asked_years": award.asked_years - {asked},
    }


def _reopened(award: "Accreditation", event: r.ReaccreditationReopened) -> dict[str, Any]:
    going_on = {"pending": award.pending | {event.submission}, "clock": event.clock or award.clock}
    if event.extension_starts_at is None or event.extension_ends_at is None:
        return going_on
    last = max((one for one in award.periods if not one.extension), key=lambda one: one.ends_at)
    extension = replace(last, starts_at=event.extension_starts_at, ends_at=event.extension_ends_at, extension=True)
    return {**going_on, "lapsed": False, "periods": some([*award.periods, extension])}
