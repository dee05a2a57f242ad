"""How long things take: days at each stage, minutes of work, and whether clocks were kept."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.clocks import Calendar
from domain.figures.asked import FEWEST, Asked, scheme_of
from domain.figures.facts import ASSESSOR, PANEL, PROVIDER, SECOND, Facts, Stay
from domain.figures.outcomes import told
from domain.figures.runs import Run
from domain.ids import kind_of
from domain.statistics.intervals import wilson
from domain.statistics.spread import Spread, spread
from domain.submission.state import ENDS, Stage

DAY: Final = timedelta(days=1)
ROLES: Final = (ASSESSOR, SECOND, PANEL, PROVIDER)
STAGES: Final = tuple(one.value for one in Stage if one not in ENDS and one is not Stage.UNKNOWN)
Calendars = Callable[[str], Calendar]
"""The calendar of a scheme version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """How long submissions under a scheme were at a `stage` that they left in the period (`ended`); the time decided ends when it is told.

    Quartiles, median and the longest are in calendar days, and in the scheme's working days. `overdue` of those that ended
    left it when its clock had passed. `open` are there still, and `open_overdue` of them too late; `longest_open` is how
    many calendar days the oldest of them has been there. `few`: so few ended that it says little.
    """

    scheme: str
    stage: str
    ended: int
    overdue: int
    open: int
    open_overdue: int
    longest_open: float | None
    lower: float | None
    median: float | None
    upper: float | None
    longest: float | None
    working_lower: float | None
    working_median: float | None
    working_upper: float | None
    working_longest: float | None
    few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesRow:
    """Minutes of work on a submission by who is in a `role`, of those whose result was first told in the period.

    `assessor` with visits; `second-assessor` where it was marked blind; `panel`: its part of each meeting's length, times
    who was there; `provider`: what its people said afterwards. `cases` are those of which it is known, `total` their sum.
    """

    scheme: str
    role: str
    cases: int
    total: float
    lower: float
    median: float
    upper: float
    longest: float
    few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """The clocks of a `rule` in cases of a `kind` that were due, or kept, in the period, and how many were kept.

    `late` ended after their date, `running_late` have passed and still wait. `moved` were given a later date before, some
    of them more than once. `low` and `high` are the ends of Wilson's 95 % interval of the `share` in time. What was not
    wanted any more is not counted.
    """

    scheme: str
    kind: str
    rule: str
    due: int
    in_time: int
    late: int
    running_late: int
    moved: int
    share: float
    low: float
    high: float
    few: bool


def stage_times(facts: Facts, asked: Asked, calendars: Calendars, at: datetime) -> Iterator[StageRow]:
    """The time at each stage, as seen at `at` (UTC), in the handbook's order."""
    found: dict[tuple[str, str], list[tuple[str, Stay]]] = defaultdict(list)
    for case in facts.cases.values():
        if asked.of_scheme(case.scheme):
            for stay in case.stays:
                if stay.stage in STAGES:
                    found[case.held.scheme_id, stay.stage].append((case.scheme, stay))
    running = {
        id(case.stays[-1]): case.held.clock.due_at
        for case in facts.cases.values()
        if case.stays and case.stays[-1].until is None and case.held.clock
    }
    for scheme, stage in sorted(found, key=lambda one: (one[0], STAGES.index(one[1]))):
        stays = found[scheme, stage]
        ended = [(ref, one, one.until) for ref, one in stays if one.until and asked.holds(one.until)]
        still = [one for _, one in stays if one.until is None]
        days = spread([(until - one.since) / DAY for _, one, until in ended])
        working = spread([calendars(ref).working_days(one.since, until) for ref, one, until in ended])
        yield StageRow(
            scheme=scheme,
            stage=stage,
            ended=len(ended),
            overdue=sum(one.due_at is not None and until >= one.due_at for _, one, until in ended),
            open=len(still),
            open_overdue=sum(id(one) in running and running[id(one)] <= at for one in still),
            longest_open=max(((at - one.since) / DAY for one in still), default=None),
            **_quartiles(days),
            **_quartiles(working, "working_"),
            few=len(ended) < FEWEST,
        )


def minutes(facts: Facts, asked: Asked) -> Iterator[MinutesRow]:
    """The minutes per submission, by scheme and role."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    of_panels = facts.panel_minutes()
    for case in told(facts, asked):
        spent: dict[str, float] = {**case.minutes, PANEL: of_panels[case.case]}
        for role, length in spent.items():
            if length:
                found[case.held.scheme_id, role].append(length)
    for scheme, role in sorted(found, key=lambda one: (one[0], ROLES.index(one[1]))):
        lengths = found[scheme, role]
        if of := spread(lengths):
            yield MinutesRow(
                scheme=scheme,
                role=role,
                cases=of.count,
                total=sum(lengths),
                lower=of.lower,
                median=of.median,
                upper=of.upper,
                longest=of.longest,
                few=of.count < FEWEST,
            )


def clocks(facts: Facts, asked: Asked, at: datetime) -> Iterator[ClockRow]:
    """How far each clock was kept, as seen at `at` (UTC): it counts when it ended, or else when it was due."""
    found: dict[tuple[str, str, str], list[Run]] = defaultdict(list)
    of_cases = [(one.scheme, one.case, one.runs) for one in facts.cases.values()]
    of_matters = [(one.scheme, one.id, one.runs) for one in facts.matters.values()]
    for ref, case, runs in of_cases + of_matters:
        for run in runs.all if asked.of_scheme(ref) else ():
            over = run.ended_at or (run.due_at if run.due_at <= at else None)
            if over and not run.void and asked.holds(over):
                found[scheme_of(ref), kind_of(case), run.rule].append(run)
    for (scheme, kind, rule), ran in sorted(found.items()):
        late = [one for one in ran if one.late(at)]
        share = wilson(len(ran) - len(late), len(ran))
        yield ClockRow(
            scheme=scheme,
            kind=kind,
            rule=rule,
            due=len(ran),
            in_time=len(ran) - len(late),
            late=sum(one.ended_at is not None for one in late),
            running_late=sum(one.ended_at is None for one in late),
            moved=sum(one.moved > 0 for one in ran),
            share=share.value,
            low=share.low,
            high=share.high,
            few=len(ran) < FEWEST,
        )


def _quartiles(of: Spread | None, prefix: str = "") -> dict[str, float | None]:
    names = ("lower", "median", "upper", "longest")
    return {f"{prefix}{name}": getattr(of, name) if of else None for name in names}
