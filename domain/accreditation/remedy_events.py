"""What an upheld appeal does to an accreditation, from then on: what was valid before stays so in the record."""

from dataclasses import dataclass
from datetime import datetime

from domain.clocks import Deadline
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodAgain:
    """A period of validity as it is from then on (UTC; the end itself no longer counts); see `validity.Period`."""

    submission: str
    scheme: str
    level: str
    strengths: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    extension: bool = False
    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardConfirmed:
    """`submission` was judged again because of an appeal, and earns what it had earned: the award stands."""

    submission: str
    appeal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardCorrected:
    """Judged again because of an appeal, `submission` earns another level, or other strengths, from `corrected_from` on.

    `later` are all periods from then on; the end stays as it was.
    """

    submission: str
    appeal: str
    level: str
    strengths: tuple[str, ...]
    corrected_from: datetime
    later: tuple[PeriodAgain, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardAnnulled:
    """Judged again because of an appeal, `submission` earns no award; what it had earned ends at `annulled_from`.

    `later` are the periods that are left, among them one that this one had overtaken; `clock` is that of their end.
    """

    submission: str
    appeal: str
    annulled_from: datetime
    later: tuple[PeriodAgain, ...]
    clock: Deadline | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReplaced:
    """On appeal the `finding` of a review was replaced by no action, with a reason."""

    concern: str
    appeal: str
    finding: str
    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ReductionUndone:
    """What a review had reduced is as it was from `undone_from` on; `later` are all periods from then on."""

    concern: str
    undone_from: datetime
    later: tuple[PeriodAgain, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalLifted:
    """What a review had withdrawn runs again from `lifted_from` on, to its original end; `later` is empty where that is past.

    `clock` is that of the end.
    """

    concern: str
    lifted_from: datetime
    later: tuple[PeriodAgain, ...]
    clock: Deadline | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernReopened:
    """A concern that the withdrawal had closed is to be taken up again, by the `clock`."""

    concern: str
    clock: Deadline
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaccreditationReopened:
    """`submission`, which was not to renew the award, is judged again because of an appeal.

    Where it was handed in in time, and that time is not over, it carries validity on again, from `extension_starts_at` and
    at most until `extension_ends_at`. `clock` is that of the end from now on; None where none runs.
    """

    submission: str
    appeal: str
    extension_starts_at: datetime | None
    extension_ends_at: datetime | None
    clock: Deadline | None


RemedyEvent = (
    AwardConfirmed
    | AwardCorrected
    | AwardAnnulled
    | ReviewReplaced
    | ReductionUndone
    | WithdrawalLifted
    | ConcernReopened
    | ReaccreditationReopened
)
