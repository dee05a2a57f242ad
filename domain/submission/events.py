"""What can happen to a submission, in the handbook's order. People are ids, texts are references, instants are UTC."""

from dataclasses import dataclass
from datetime import datetime

from domain.assignment import Considered
from domain.clocks import Deadline, DeadlineMissed, ReminderSent
from domain.provider import LeadContactNamed
from domain.qualification import Seated
from domain.scheme_record import RequirementsChanged
from domain.submission.indicators import IndicatorLevel
from domain.submission.past_events import DecisionImported
from domain.submission.remedy_events import RemedyEvent
from domain.submission.side_events import SideEvent
from domain.submission.visit_events import VisitEvent
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One file of the portfolio, identified by its hex SHA-256; audio and video carry a pinpoint `from–to` in seconds."""

    criterion: str
    sha256: str
    media_type: str
    size: int
    pinpoint: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the provider says to one criterion."""

    criterion: str
    text: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRegistered:
    """A provider registered a programme. `origin` is `new`, `again` (after a refusal), `reaccreditation` or `upgrade`.

    `roll` is the provider's number of learners where fees go by it; `group` the code of those it goes through with.
    `ruled_out` are the scheme's exclusions that the provider said don't apply. `applies_for` is a level of award, where one
    is applied for; `audience` says for whom the programme is; `changed` the criteria judged again because of changes that the provider declared.
    """

    submission: str
    scheme: str
    provider: str
    lead_contact: str
    category: str
    subject: str
    phase: str
    mode: str
    size_band: str
    title: TextRef
    agreement_accepted: bool
    origin: str
    follows: str | None
    accreditation: str | None
    criteria: tuple[str, ...]
    clock: Deadline
    provider_type: str = ""
    roll: int = 0
    group: str | None = None
    ruled_out: tuple[str, ...] = ()
    applies_for: str | None = None
    changed: tuple[str, ...] = ()
    audience: TextRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeCharged:
    """A fee fell due, in minor units of `currency`."""

    kind: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePaid:
    """A fee was paid in full."""

    kind: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeWaived:
    """A fee was waived, with a reason, or because of an `appeal`."""

    kind: str
    reason: TextRef | None
    appeal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationStarted:
    """Preparation began: guidance was made available."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationExtended:
    """More time to submit was granted, with a reason."""

    reason: TextRef
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMoved:
    """At the provider's wish the case moved to the version `scheme` (`cpd-qa@2`), by whose `criteria` it is judged.

    `ruled_out` are that version's exclusions, which the provider said don't apply.
    """

    scheme: str
    criteria: tuple[str, ...]
    ruled_out: tuple[str, ...]
    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionLapsed:
    """Nothing was submitted in time."""

    rule: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionWithdrawn:
    """The provider withdrew."""

    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioSubmitted:
    """A portfolio was submitted and is frozen; `manifest` is the hex SHA-256 over its answers and evidence.

    `window` is empty where the scheme has none, and assessment is on a booked date.
    """

    window: str
    late: bool
    answers: tuple[Answer, ...]
    evidence: tuple[Evidence, ...]
    manifest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningStarted:
    """Screening is due."""

    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningPassed:
    """Complete, eligible, paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioReturned:
    """The portfolio went back to the provider with reasons and a date."""

    reason: TextRef
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIneligible:
    """The programme is not one that this scheme accredits."""

    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessorAssigned:
    """The rule chose an assessor; `considered` keeps who was looked at, and why each was chosen or passed over."""

    assessor: str
    considered: tuple[Considered, ...]
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyEligible:
    """The rule found nobody to assign; it looks again later, or when operations have done something about it."""

    considered: tuple[Considered, ...]
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentAccepted:
    """The assessor took the work on; the assessment is due."""

    assessor: str
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentEnded:
    """The assessor has the case no longer: `declined`, `not-answered`, `overdue`, `conflict` or `reassigned`.

    `why` is what an officer said who ended it early.
    """

    assessor: str
    reason: str
    why: TextRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementRecorded:
    """The assessor judged one criterion and its indicators, with a rationale that cites evidence (hex SHA-256)."""

    criterion: str
    level: str
    rationale: TextRef
    cites: tuple[str, ...]
    indicators: tuple[IndicatorLevel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentCompleted:
    """Every criterion is judged; moderation is due. `minutes_spent` is the assessor's own time.

    `named` are those of the `areas` that the assessor named, whatever their level.
    """

    assessor: str
    minutes_spent: int
    strengths: tuple[str, ...]
    areas: tuple[str, ...]
    clock: Deadline
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemListed:
    """The submission was put on the agenda of a meeting."""

    meeting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemHandedOver:
    """Another chair, or another one person who moderates alone, leads this item from now on.

    With a `reason`, or `because` of a conflict of the one before. `seen` keeps what made them eligible.
    """

    chair: str
    reason: TextRef | None
    because: str = ""
    seen: Seated | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAdjourned:
    """What was listed for a meeting, or taken up, awaits moderation again: quorum was lost, or the meeting is over.

    `meeting` is empty where one person had taken it up alone; `reason` None where the minutes were signed without it, or
    `because` of a conflict.
    """

    meeting: str
    reason: TextRef | None
    clock: Deadline
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOutsideDefinition:
    """The panel ruled that the programme is not one by the scheme's definition."""

    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationStarted:
    """A meeting took the item up; `panel` are those who take part in it, without anyone who has a conflict.

    Where one independent person moderates, `meeting` is empty, and that person is the chair and the panel. `seen` keeps
    what made each eligible, and of everyone on the meeting's panel who was left out of this item, why.
    """

    meeting: str
    chair: str
    panel: tuple[str, ...]
    results: Deadline
    review_from: datetime
    seen: tuple[Seated, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementConfirmed:
    """The panel confirmed a judgement."""

    criterion: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementChanged:
    """The panel changed a judgement, or those of its indicators, with a reason; `indicators` are all as they are now."""

    criterion: str
    before: str
    level: str
    reason: TextRef
    indicators: tuple[IndicatorLevel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRequested:
    """The panel asked for further evidence on some criteria; the clock for the result stops with `results_left` seconds."""

    criteria: tuple[str, ...]
    wanted: TextRef
    clock: Deadline
    results_left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceProvided:
    """The provider answered the request."""

    answers: tuple[Answer, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceNotProvided:
    """The date for further evidence passed without an answer."""

    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalReviewOpened:
    """The panel looks again; the clock for the result goes on with the time it had left."""

    clock: Deadline
    results: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalReviewConcluded:
    """The panel has looked again at every criterion on which it asked for evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecorded:
    """The chair recorded the outcome that the award rule computed: `awarded` with a level, or `not_awarded`.

    `strengths` are the criteria judged above what the level awarded asks for, or at the top of the scale, `areas` for
    consideration those below it. Where there is no award, it is the level applied for that counts, or else the lowest.
    """

    outcome: str
    level: str | None
    unmet: tuple[str, ...]
    chair: str
    strengths: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """For one criterion unmet: whether `evidence` was lacking or `practice`, and what is missing."""

    criterion: str
    lacking: str
    missing: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReportApproved:
    """The chair approved the outcome report."""

    chair: str
    shortfalls: tuple[Shortfall, ...]
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReleased:
    """The provider was told the result."""

    outcome: str


SubmissionEvent = (
    ProgrammeRegistered
    | DecisionImported
    | FeeCharged
    | FeePaid
    | FeeWaived
    | PreparationStarted
    | PreparationExtended
    | CaseMoved
    | SubmissionLapsed
    | SubmissionWithdrawn
    | PortfolioSubmitted
    | ScreeningStarted
    | ScreeningPassed
    | PortfolioReturned
    | FoundIneligible
    | AssessorAssigned
    | NobodyEligible
    | AssignmentAccepted
    | AssignmentEnded
    | JudgementRecorded
    | AssessmentCompleted
    | ItemListed
    | ItemHandedOver
    | ItemAdjourned
    | FoundOutsideDefinition
    | ModerationStarted
    | JudgementConfirmed
    | JudgementChanged
    | EvidenceRequested
    | EvidenceProvided
    | EvidenceNotProvided
    | FinalReviewOpened
    | FinalReviewConcluded
    | DecisionRecorded
    | OutcomeReportApproved
    | ResultReleased
    | LeadContactNamed
    | RequirementsChanged
    | SideEvent
    | VisitEvent
    | RemedyEvent
    | ReminderSent
    | DeadlineMissed
)
