"""What the public is told of outcomes: a year at a time, as it was known three months later, and nothing of small numbers.

A year is told once, as of a fixed instant, and never again otherwise: who compares today's figures with yesterday's, or one
period with another that overlaps it, learns nothing of the one case between them. What a row says of few is left out, and
so much beside it that nobody can take it from the total either. Source: docs/decisions/0031.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.clocks import Calendar, Duration
from domain.figures.appealed import ALL as ALL_APPEALS
from domain.figures.appealed import appeals
from domain.figures.asked import FEWEST, Asked
from domain.figures.facts import Facts
from domain.figures.outcomes import ALL, AWARDED, BY_SIZE, BY_TYPE, NOT_AWARDED, OutcomeRow, outcome_row, told
from domain.statistics.intervals import wilson
from domain.statistics.spread import spread
from domain.submission.moderation import RESULTS
from domain.submission.state import Stage

SETTLES: Final = Duration.parse("P3M")
"""How long after a year its figures are taken: by then what was decided in it is on record, corrections among it."""
DAY: Final = timedelta(days=1)
APPEALS, TIMES = "appeals", "times"
Counts = tuple[int, int]
"""How many are awarded, and how many are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year of a scheme in its own zone: from `begins` until, and without, `ends`; told as known at `settled_at` (UTC)."""

    scheme: str
    year: int
    begins: datetime
    ends: datetime
    settled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRow:
    """What the public is told of a scheme's `year`, by what (`all`, `provider_type`, `size_band`, `appeals`, `times`) and of which `group`.

    Of results told in the year: how many are awarded and not awarded, the share with its 95 % interval, and how it differs
    from that of all others. Of `appeals` decided: `awarded` are those upheld, `not_awarded` those dismissed. Of `times`: the
    `median_days` from handing in to the result, and the share of results in time. All are None where it is too little to be told.
    """

    scheme: str
    year: int
    by: str
    group: str
    decided: int | None = None
    awarded: int | None = None
    not_awarded: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    median_days: int | None = None
    shown: bool = False


def year_of(scheme: str, calendar: Calendar, year: int) -> Year:
    """The year of a scheme."""
    zone = ZoneInfo(calendar.zone)
    begins, ends = (datetime(one, 1, 1, tzinfo=zone).astimezone(UTC) for one in (year, year + 1))
    return Year(scheme=scheme, year=year, begins=begins, ends=ends, settled_at=calendar.after(ends, SETTLES))


def published(facts: Facts, year: Year, groups: Mapping[str, Sequence[str]]) -> Iterator[PublicRow]:
    """What is told of a year, from the facts as known when it settled.

    `groups` are all types of provider and size bands that the scheme knows: each has a row, whether or not anybody of it was
    there, so that a row that is there says nothing.
    """
    asked = Asked(scheme=year.scheme, begins=year.begins, ends=year.ends)
    counts: dict[str, dict[str, list[int]]] = {by: {group: [0, 0] for group in names} for by, names in groups.items()}
    total = [0, 0]
    for case in told(facts, asked):
        place = (AWARDED, NOT_AWARDED).index(case.outcome or "")
        total[place] += 1
        for by, group in ((BY_TYPE, case.provider_type), (BY_SIZE, case.size_band)):
            counts.setdefault(by, {}).setdefault(group, [0, 0])[place] += 1
    everyone = (total[0], total[1])
    open_total = tellable(everyone)
    yield _outcome(year, ALL, "", everyone, everyone) if open_total else _hidden(year, ALL, "")
    for by, of in sorted(counts.items()):
        table = {group: (one[0], one[1]) for group, one in sorted(of.items())}
        hidden = suppressed(table) if open_total else frozenset(table)
        for group, pair in table.items():
            yield _hidden(year, by, group) if group in hidden else _outcome(year, by, group, pair, everyone)
    yield _appeals(facts, asked, year)
    yield _times(facts, asked, year) if open_total else _hidden(year, TIMES, "")


def tellable(counts: Counts) -> bool:
    """Whether neither count is so small that it may not be told; none is as small as few, since all of a group then had the other."""
    return min(counts) >= FEWEST


def suppressed(table: Mapping[str, Counts]) -> frozenset[str]:
    """The groups of which nothing is told, where the total of all groups is.

    First those of which a count is small. What the others leave of the total is then known, for all hidden groups
    together: so further groups are hidden, the smallest first, until at least two with anybody in them are, and what they
    have together is itself large enough to be told. Each hidden count may then be anything from none to that sum.
    """
    hidden = {group for group, counts in table.items() if not tellable(counts)}
    shown = sorted(table.keys() - hidden, key=lambda group: (sum(table[group]), group))
    for group in shown:
        filled = [table[one] for one in hidden if sum(table[one])]
        together = (sum(one[0] for one in filled), sum(one[1] for one in filled))
        if not filled or tellable(together):  # one alone never is, or it would not be hidden
            break
        hidden.add(group)
    return frozenset(hidden)


def _outcome(year: Year, by: str, group: str, counts: Counts, everyone: Counts) -> PublicRow:
    row: OutcomeRow = outcome_row(year.scheme, by, group, counts=counts, everyone=everyone)
    names = ("decided", "awarded", "not_awarded", "share", "low", "high")
    more = ("difference", "difference_low", "difference_high")
    cells = {name: getattr(row, name) for name in (*names, *more)}
    return PublicRow(scheme=year.scheme, year=year.year, by=by, group=group, shown=True, **cells)


def _hidden(year: Year, by: str, group: str) -> PublicRow:
    return PublicRow(scheme=year.scheme, year=year.year, by=by, group=group)


def _appeals(facts: Facts, asked: Asked, year: Year) -> PublicRow:
    row = next((one for one in appeals(facts, asked) if one.by == ALL_APPEALS), None)
    if row is None or not tellable((row.upheld, row.dismissed)):
        return _hidden(year, APPEALS, "")
    return PublicRow(
        scheme=year.scheme,
        year=year.year,
        by=APPEALS,
        group="",
        decided=row.decided,
        awarded=row.upheld,
        not_awarded=row.dismissed,
        share=row.share,
        low=row.low,
        high=row.high,
        shown=True,
    )


def _times(facts: Facts, asked: Asked, year: Year) -> PublicRow:
    """How long results took, and which share was in time; that is not told where few were late, or few in time: the total tells which."""
    days, kept = [], []
    for case in told(facts, asked):
        handed_in = [one.since for one in case.stays if one.stage == Stage.SUBMITTED]
        if handed_in and case.told_at:
            days.append((case.told_at - handed_in[0]) / DAY)
        kept += [not run.late(year.settled_at) for run in case.runs.all if run.rule == RESULTS and not run.void]
    of, in_time = spread(days), sum(kept)
    if of is None or min(of.count, len(kept)) < FEWEST:
        return _hidden(year, TIMES, "")
    share = wilson(in_time, len(kept)).value if tellable((in_time, len(kept) - in_time)) else None
    return PublicRow(
        scheme=year.scheme,
        year=year.year,
        by=TIMES,
        group="",
        share=None if share is None else round(share, 2),
        median_days=round(of.median),
        shown=True,
    )
