"""Appeals and their causes: how many of the results told were contested, on which grounds, and what came of it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.appeal.state import DISMISSED, UPHELD, Appeal
from domain.figures.asked import FEWEST, Asked, scheme_of
from domain.figures.facts import Facts, Matter
from domain.statistics.intervals import wilson

ALL, CONTESTED, GROUND, REMEDY, CAUSE = "all", "contested", "ground", "remedy", "cause"
ORDER: Final = (ALL, CONTESTED, GROUND, REMEDY, CAUSE)
NOT_ADMITTED, WITHDRAWN = "not-admitted", "withdrawn"
RESULT: Final = "result"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRow:
    """Appeals lodged in the period under a scheme: `all`, or those of a `group` by what is `contested`, ground, remedy or cause.

    Of an appeal with several grounds each ground counts by what the panel found on it. Causes are those for which other
    cases were searched once it was upheld. `open` are not decided yet. `low` and `high` are the ends of Wilson's 95 %
    interval of the share `upheld` of those decided. `told` are the results told in the period, and `rate` the share of
    results that were contested, with its own interval; in the row of all only. `few`: so few were decided that it says little.
    """

    scheme: str
    by: str
    group: str
    lodged: int
    decided: int
    upheld: int
    dismissed: int
    not_admitted: int
    withdrawn: int
    open: int
    share: float | None
    low: float | None
    high: float | None
    told: int | None = None
    rate: float | None = None
    rate_low: float | None = None
    rate_high: float | None = None
    few: bool


def appeals(facts: Facts, asked: Asked) -> Iterator[AppealRow]:
    """The appeals lodged in the period, and how often results first told in it were contested, whenever that was."""
    ends: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    contesting: dict[str, set[str]] = defaultdict(set)
    results: dict[str, set[str]] = defaultdict(set)
    for case in facts.cases.values():
        if asked.of_scheme(case.scheme) and asked.holds(case.told_at):
            results[case.held.scheme_id].add(case.case)
            ends.setdefault((case.held.scheme_id, ALL, ""), [])
    for matter in facts.of_kind("appeal"):
        held: Appeal = matter.held
        if asked.of_scheme(held.scheme):
            scheme = scheme_of(held.scheme)
            if held.lodging.contested == RESULT:
                contesting[scheme].add(held.lodging.case)
            if asked.holds(matter.began_at):
                for by, group, end in _groups(matter):
                    ends[scheme, by, group].append(end)
    for scheme, by, group in sorted(ends, key=lambda one: (one[0], ORDER.index(one[1]), one[2])):
        told = results[scheme] if by == ALL else None
        yield _row((scheme, by, group), ends[scheme, by, group], told, contesting[scheme])


def _groups(matter: Matter) -> Iterator[tuple[str, str, str]]:
    """Every group that an appeal counts in, with what came of it there."""
    held: Appeal = matter.held
    end = held.decided.outcome if held.decided else held.stage
    findings = {one.ground: one.finding for one in held.decided.findings} if held.decided else {}
    yield ALL, "", end
    yield CONTESTED, held.lodging.contested, end
    for code in dict.fromkeys(one.code for one in held.lodging.grounds):
        yield GROUND, code, findings.get(code, end)
    if held.decided and held.decided.remedy:
        yield REMEDY, held.decided.remedy, end
    for kind in sorted({cause.kind for one in held.found for cause in one.causes}):
        yield CAUSE, kind, end


def _row(key: tuple[str, str, str], ends: list[str], told: set[str] | None, contesting: set[str]) -> AppealRow:
    scheme, by, group = key
    upheld, dismissed = ends.count(UPHELD), ends.count(DISMISSED)
    not_admitted, withdrawn = ends.count(NOT_ADMITTED), ends.count(WITHDRAWN)
    decided = upheld + dismissed
    share = wilson(upheld, decided) if decided else None
    rate = wilson(len(told & contesting), len(told)) if told else None
    return AppealRow(
        scheme=scheme,
        by=by,
        group=group,
        lodged=len(ends),
        decided=decided,
        upheld=upheld,
        dismissed=dismissed,
        not_admitted=not_admitted,
        withdrawn=withdrawn,
        open=len(ends) - decided - not_admitted - withdrawn,
        share=share.value if share else None,
        low=share.low if share else None,
        high=share.high if share else None,
        told=None if told is None else len(told),
        rate=rate.value if rate else None,
        rate_low=rate.low if rate else None,
        rate_high=rate.high if rate else None,
        few=decided < FEWEST,
    )
