"""What may happen to a submission beside its way from stage to stage: help before it is handed in, a limit that waits
for a place in a window, questions and answers, money given back, its part in the sample marked blind, and a further try.
"""

from dataclasses import dataclass

from domain.clocks import Deadline
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLevel:
    """Where a provider sees itself on one criterion."""

    criterion: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfEvaluationRecorded:
    """The provider said where it sees itself on some or all criteria, and what it is going to do about it."""

    levels: tuple[OwnLevel, ...]
    plan: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftGuidanceGiven:
    """An adviser said something of drafts on some criteria; they neither assess nor moderate this provider from now on."""

    adviser: str
    criteria: tuple[str, ...]
    text: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitStopped:
    """`window` had no place left for it, and no other is known: the time to submit stands still, `left` seconds long."""

    window: str
    left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMoved:
    """A place in `window` is kept for it, so that the time to submit lasts at least until that closes."""

    window: str
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineExtended:
    """The deadline that runs was moved later, with a reason."""

    reason: TextRef
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked:
    """The assessor asked the provider something; a case's questions are numbered from 1."""

    number: int
    assessor: str
    text: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered:
    """The provider answered question `number`."""

    number: int
    text: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRefunded:
    """So much of a fee that was paid went back, in minor units of its currency, with a reason, or because of an `appeal`."""

    kind: str
    amount: int
    reason: TextRef | None
    appeal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedBlindBy:
    """The submission is of the sample: `second` marks it a second time, in `calibration`, which counts for nothing here.

    `marking` is the clock of that.
    """

    calibration: str
    second: str
    marking: Deadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindMarkingEnded:
    """`second` has marked it (`marked`), or has it no longer: `declined`, `conflict`, `overdue`,
    `preview-alerted` or `withdrawn`."""

    second: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedSubmissionRegistered:
    """After this one, which was not awarded, `submission` was registered to try again."""

    submission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRelieved:
    """A member of the item's panel takes part in it no longer, `because` of a conflict; a chair leaves it without one."""

    member: str
    because: str


SideEvent = (
    SelfEvaluationRecorded
    | DraftGuidanceGiven
    | LimitStopped
    | LimitMoved
    | DeadlineExtended
    | QuestionAsked
    | QuestionAnswered
    | FeeRefunded
    | MarkedBlindBy
    | BlindMarkingEnded
    | LinkedSubmissionRegistered
    | MemberRelieved
)
