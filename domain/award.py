"""Award rules: the outcome is computed from the final judgements, never typed in.

Source: handbook, section 8, Decision. A scheme names its levels of award in order, each with a rule of a named form;
the level awarded is the highest whose rule holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FORMS = ("every-criterion-at-least",)
"""The named forms of award rule. `every-criterion-at-least`: each criterion judged reached `level` or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardLevel:
    """A level of award and the rule under which it is reached."""

    name: str
    form: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the award rule makes of the judgements: `awarded` with a level, or `not_awarded` with what fell short."""

    outcome: str
    level: str | None
    unmet: tuple[str, ...]


def compute_outcome(
    levels: Sequence[AwardLevel], scale: Sequence[str], judgements: Mapping[str, str], criteria: Sequence[str]
) -> Outcome:
    """Apply the award rules to the final judgements of `criteria`.

    `levels` go from the lowest to the highest, as do the levels of judgement in `scale`.
    Raises KeyError when a criterion was not judged: there is no outcome without every judgement.
    """
    short: tuple[str, ...] = ()
    for award in reversed(levels):
        enough = scale.index(award.level)
        short = tuple(code for code in criteria if scale.index(judgements[code]) < enough)
        if not short:
            return Outcome(outcome="awarded", level=award.name, unmet=())
    return Outcome(outcome="not_awarded", level=None, unmet=short)
