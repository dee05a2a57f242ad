"""What an upheld appeal does to a submission. The first decision stays in the record; what comes later supersedes it."""

from dataclasses import dataclass
from datetime import datetime

from domain.clocks import Deadline
from domain.submission.indicators import IndicatorLevel
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationSetAside:
    """Because of an appeal it is moderated again, by the `clock`, by other people; the assessor's judgements stand.

    `contested` is `result`, or `ineligible` where a panel had ruled it outside the definition. `excluded` are those who
    take no part in what follows; `reason` is what the appeals panel said where it replaced a finding.
    """

    appeal: str
    contested: str
    excluded: tuple[str, ...]
    clock: Deadline
    reason: TextRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentSetAside:
    """Because of an appeal it is assessed again by somebody else, all criteria afresh, and then moderated by other people."""

    appeal: str
    excluded: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IneligibilitySetAside:
    """Because of an appeal the programme counts as eligible; it goes on from screening, which found that it was not."""

    appeal: str
    excluded: tuple[str, ...]
    reason: TextRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementReplaced:
    """One judgement as the appeals panel changed it, with its reason; `indicators` are all as they are now."""

    criterion: str
    before: str
    level: str
    reason: TextRef
    indicators: tuple[IndicatorLevel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReplaced:
    """The appeals panel changed judgements, from which the award rule computed the outcome that holds from now on.

    The other fields are those of the decision that it takes the place of; `recorded_by` acted for the appeals panel.
    """

    appeal: str
    excluded: tuple[str, ...]
    judgements: tuple[JudgementReplaced, ...]
    outcome: str
    level: str | None
    unmet: tuple[str, ...]
    recorded_by: str
    replaced_at: datetime
    strengths: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


RemedyEvent = ModerationSetAside | AssessmentSetAside | IneligibilitySetAside | DecisionReplaced
