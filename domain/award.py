"""Award rules: the outcome is computed from the final judgements, never typed in.

Source: handbook, section 8, Decision. A scheme names its levels of award in order, each with a rule of a named form. The
level awarded is the highest whose rule holds; or, where the scheme says so, the one applied for, if its rule holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

FORMS = ("every-criterion-at-least", "in-each-section", "core-and-others")
"""The named forms of award rule.

`every-criterion-at-least`: each criterion judged reached `level` or more. `in-each-section`: in each section `at_least` of
the criteria judged did (all of them, where fewer are judged). `core-and-others`: each criterion of `core` that is judged did,
and `at_least` of the others (all, where fewer are judged).
"""

CHOICES = ("highest", "applied")


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardLevel:
    """A level of award and the rule under which it is reached."""

    name: str
    form: str
    level: str
    at_least: int = 0
    core: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the award rule makes of the judgements: `awarded` with a level, or `not_awarded` with what fell short."""

    outcome: str
    level: str | None
    unmet: tuple[str, ...]


def compute_outcome(
    levels: Sequence[AwardLevel],
    scale: Sequence[str],
    judgements: Mapping[str, str],
    criteria: Sequence[str],
    *,
    sections: Mapping[str, str] = MappingProxyType({}),
    applied_for: str | None = None,
) -> Outcome:
    """Apply the award rules to the final judgements of `criteria`; `sections` names the section of each.

    `levels` go from the lowest to the highest, as do the levels of judgement in `scale`. With `applied_for` that level of
    award alone is considered. `unmet` are the criteria below what the lowest level considered asks.
    Raises KeyError when a criterion was not judged: there is no outcome without every judgement.
    """
    considered = [award for award in levels if applied_for in (None, award.name)]
    short: tuple[str, ...] = ()
    for award in reversed(considered):
        enough = scale.index(award.level)
        short = tuple(code for code in criteria if scale.index(judgements[code]) < enough)
        if _holds(award, criteria, sections, frozenset(short)):
            return Outcome(outcome="awarded", level=award.name, unmet=())
    return Outcome(outcome="not_awarded", level=None, unmet=short)


def _holds(award: AwardLevel, criteria: Sequence[str], sections: Mapping[str, str], short: frozenset[str]) -> bool:
    match award.form:
        case "in-each-section":
            groups: dict[str, list[str]] = {}
            for code in criteria:
                groups.setdefault(sections.get(code, ""), []).append(code)
            return all(_enough(group, short, award.at_least) for group in groups.values())
        case "core-and-others":
            others = [code for code in criteria if code not in award.core]
            return not short.intersection(award.core) and _enough(others, short, award.at_least)
        case _:
            return not short


def _enough(codes: Sequence[str], short: frozenset[str], at_least: int) -> bool:
    return sum(code not in short for code in codes) >= min(at_least, len(codes))
