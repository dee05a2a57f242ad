"""How far judges agree, and how often a panel changes what somebody judged.

Two assessors who marked the same portfolio, the second one blind, say how reliable judgements are. A panel that sees what
the assessor made of it is no second judge: how far it agrees says how much it changes, not how reliable either is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain import calibration
from domain.figures.asked import FEWEST, Asked
from domain.figures.facts import Case, Facts, Marked, Moderated
from domain.statistics.agreement import agreement, nominal, ordinal
from domain.statistics.intervals import wilson

CALIBRATION, MODERATION = "calibration", "moderation"
Scales = Callable[[str], Sequence[str]]
"""The scale of a scheme version, from the lowest level to the highest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRow:
    """Krippendorff's alpha `between` the first and a blind second assessor (`calibration`), or assessor and panel (`moderation`).

    Of one criterion of a scheme version, or of all of them together (`criterion` empty). `judgements` were compared, of so
    many `cases`; `alike` of them were the same, `one_apart` one step of the scale apart. `nominal` counts every difference
    alike, `ordinal` by how far apart; each with the ends of its 95 % bootstrap interval. None where it is not defined.
    `few`: of so few cases that it says little.
    """

    between: str
    scheme: str
    criterion: str
    cases: int
    judgements: int
    alike: int
    one_apart: int
    nominal: float | None
    nominal_low: float | None
    nominal_high: float | None
    ordinal: float | None
    ordinal_low: float | None
    ordinal_high: float | None
    few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """Of what `assessor` judged under a scheme, how many of the judgements a panel looked at it `changed`, and the `share`.

    `low` and `high` are the ends of Wilson's 95 % interval of the share, `rest` the share of all other assessors together,
    None where there are none. `few`: of so few cases that it says little.
    """

    assessor: str
    scheme: str
    cases: int
    judgements: int
    changed: int
    share: float
    low: float
    high: float
    rest: float | None
    few: bool


Pairs = Mapping[str, tuple[str, str]]


def agreements(facts: Facts, asked: Asked, scales: Scales) -> Iterator[AgreementRow]:
    """The agreement of what was marked blind, and of what was moderated, in the period; by scheme version and criterion."""
    for between, compared in (
        (CALIBRATION, _marked(facts, asked)),
        (MODERATION, ((case.scheme, moderated.pairs) for case, moderated in _moderated(facts, asked))),
    ):
        by_scheme: dict[str, list[Pairs]] = defaultdict(list)
        for scheme, pairs in compared:
            if pairs:
                by_scheme[scheme].append(pairs)
        for scheme, cases in sorted(by_scheme.items()):
            scale = scales(scheme)
            yield _agreement(between, scheme, "", scale, cases)
            for code in sorted({code for pairs in cases for code in pairs}):
                of_one = [{code: pairs[code]} for pairs in cases if code in pairs]
                yield _agreement(between, scheme, code, scale, of_one)


def changes(facts: Facts, asked: Asked) -> Iterator[ChangeRow]:
    """By scheme and assessor, how much of what they judged was changed in the moderations of the period."""
    found: dict[tuple[str, str], list[int]] = {}
    of_scheme: dict[str, list[int]] = {}
    for case, moderated in _moderated(facts, asked):
        pairs, scheme = moderated.pairs, case.held.scheme_id
        changed = sum(first != second for first, second in pairs.values())
        of_one = found.setdefault((scheme, moderated.assessor), [0, 0, 0])
        for counts in (of_one, of_scheme.setdefault(scheme, [0, 0, 0])):
            for place, number in enumerate((1, len(pairs), changed)):
                counts[place] += number
    for (scheme, assessor), (cases, judged, changed) in sorted(found.items()):
        if not judged:
            continue
        share, (_, judged_in_all, changed_in_all) = wilson(changed, judged), of_scheme[scheme]
        others = judged_in_all - judged
        yield ChangeRow(
            assessor=assessor,
            scheme=scheme,
            cases=cases,
            judgements=judged,
            changed=changed,
            share=share.value,
            low=share.low,
            high=share.high,
            rest=(changed_in_all - changed) / others if others else None,
            few=cases < FEWEST,
        )


def _moderated(facts: Facts, asked: Asked) -> Iterator[tuple[Case, Moderated]]:
    for case in facts.cases.values():
        if case.moderated and asked.of_scheme(case.scheme) and asked.holds(case.moderated.at):
            yield case, case.moderated


def _marked(facts: Facts, asked: Asked) -> Iterator[tuple[str, Pairs]]:
    """What was marked twice: it counts from when both were done, unless an appeal set the assessment aside."""
    for id, marked in facts.markings.items():
        case = facts.cases.get(id)
        if case is None or not asked.of_scheme(case.scheme):
            continue
        done_at = max(case.assessed_at, marked.completed_at) if case.assessed_at and marked.completed_at else None
        if case.held.assessed and asked.holds(done_at):
            yield case.scheme, _compared(case, marked)


def _compared(case: Case, marked: Marked) -> Pairs:
    compared = calibration.agreement(
        {code: one.level for code, one in case.held.first.items()},
        {code: one.level for code, one in marked.held.judgements.items()},
        marked.held.scale,
    )
    return {one.criterion: (one.first, one.second) for one in compared}


def _agreement(between: str, scheme: str, criterion: str, scale: Sequence[str], cases: Sequence[Pairs]) -> AgreementRow:
    rank = {level: place for place, level in enumerate(scale)}
    groups = [[(rank[first], rank[second]) for first, second in pairs.values()] for pairs in cases]
    apart = [abs(first - second) for group in groups for first, second in group]
    same, ranked = agreement(groups, (nominal, ordinal), len(scale))
    return AgreementRow(
        between=between,
        scheme=scheme,
        criterion=criterion,
        cases=len(cases),
        judgements=len(apart),
        alike=apart.count(0),
        one_apart=apart.count(1),
        nominal=same.alpha,
        nominal_low=same.low,
        nominal_high=same.high,
        ordinal=ranked.alpha,
        ordinal_low=ranked.low,
        ordinal_high=ranked.high,
        few=len(cases) < FEWEST,
    )
