"""What came of submissions, by type and size of provider: whether one group fares otherwise than the rest."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from domain.figures.asked import FEWEST, Asked
from domain.figures.facts import Case, Facts
from domain.statistics.intervals import newcombe, wilson

ALL, BY_TYPE, BY_SIZE = "all", "provider_type", "size_band"
AWARDED, NOT_AWARDED = "awarded", "not_awarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """Of a scheme's submissions whose result was first told in the period, how many of a `group` are awarded as it stands now.

    `by` says what the group is one of: `provider_type`, `size_band`, or `all`. `low` and `high` are the ends of Wilson's
    95 % interval of the `share` awarded. `difference` is that share less the one of all others, with the ends of Newcombe's
    95 % interval; None where there are no others. `few`: of so few cases that it says little.
    """

    scheme: str
    by: str
    group: str
    decided: int
    awarded: int
    not_awarded: int
    share: float
    low: float
    high: float
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    few: bool


def told(facts: Facts, asked: Asked) -> Iterator[Case]:
    """The submissions whose provider was first told a result in the period, and that have one as it stands."""
    for case in facts.cases.values():
        if case.outcome and asked.of_scheme(case.scheme) and asked.holds(case.told_at):
            yield case


def outcomes(facts: Facts, asked: Asked) -> Iterator[OutcomeRow]:
    """The outcomes of the period: of each scheme all, then by type of provider and by size."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for case in told(facts, asked):
        for by, group in ((ALL, ""), (BY_TYPE, case.provider_type), (BY_SIZE, case.size_band)):
            counts[case.held.scheme_id, by, group, case.outcome or ""] += 1
    for scheme, by, group in sorted({key[:3] for key in counts}):
        awarded, refused = (counts[scheme, by, group, one] for one in (AWARDED, NOT_AWARDED))
        everyone = tuple(counts[scheme, ALL, "", one] for one in (AWARDED, NOT_AWARDED))
        yield outcome_row(scheme, by, group, counts=(awarded, refused), everyone=everyone)


def outcome_row(scheme: str, by: str, group: str, *, counts: tuple[int, int], everyone: tuple[int, ...]) -> OutcomeRow:
    """The row of a group of which `counts` are awarded and not awarded, of `everyone` in all."""
    awarded, refused = counts
    decided = awarded + refused
    share = wilson(awarded, decided)
    others = sum(everyone) - decided
    difference = newcombe(awarded, decided, everyone[0] - awarded, others) if others else None
    return OutcomeRow(
        scheme=scheme,
        by=by,
        group=group,
        decided=decided,
        awarded=awarded,
        not_awarded=refused,
        share=share.value,
        low=share.low,
        high=share.high,
        difference=difference.value if difference else None,
        difference_low=difference.low if difference else None,
        difference_high=difference.high if difference else None,
        few=decided < FEWEST,
    )
