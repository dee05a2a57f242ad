"""What can happen to an accreditation, in the handbook's order. People are ids, texts are references, instants are UTC."""

from dataclasses import dataclass
from datetime import datetime

from domain.accreditation.remedy_events import RemedyEvent
from domain.accreditation.validity import Suspension
from domain.clocks import Deadline, DeadlineMissed, ReminderSent
from domain.provider import LeadContactNamed
from domain.scheme_record import RequirementsChanged
from domain.tasks import Task, TaskMoved
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year of validity, or a whole period, with a certificate of its own. `ask_at`: when to ask that it be confirmed; None for the first,
    whose certificate comes with the award. `ends_at` no longer belongs to it.
    """

    starts_at: datetime
    ends_at: datetime
    ask_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationAwarded:
    """A programme was accredited from `starts_at` until `ends_at` (UTC; the end itself no longer counts).

    `years` are those that have a certificate each, where the scheme has such.
    """

    accreditation: str
    submission: str
    provider: str
    lead_contact: str
    scheme: str
    level: str
    category: str
    subject: str
    phase: str
    starts_at: datetime
    ends_at: datetime
    clock: Deadline
    strengths: tuple[str, ...]
    years: tuple[Year, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationRenewed:
    """The award was earned again by `submission`, for a further period."""

    submission: str
    scheme: str
    level: str
    starts_at: datetime
    ends_at: datetime
    clock: Deadline
    strengths: tuple[str, ...]
    years: tuple[Year, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationUpgraded:
    """A higher level was earned by `submission`; its validity begins at `starts_at`, and the earlier one ends there."""

    submission: str
    scheme: str
    level: str
    starts_at: datetime
    ends_at: datetime
    clock: Deadline
    strengths: tuple[str, ...]
    years: tuple[Year, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationLapsed:
    """Validity ended at `ended_at` because the award was not earned again in time."""

    ended_at: datetime
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIssued:
    """The certificate of one year was issued; years are counted through all periods, from 1."""

    year: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationImported(AccreditationAwarded):
    """An award that was made elsewhere came here, with what had happened to it; beyond that it is one like any other.

    Its `clock` has only the reminders still to come then. `confirmed` are the years that were confirmed, `certificates`
    those issued; a suspension that lasts is reviewed under its concern. `lapsed`: it had ended; nobody is told.
    """

    confirmed: tuple[int, ...] = ()
    certificates: tuple[CertificateIssued, ...] = ()
    suspended: tuple[Suspension, ...] = ()
    withdrawn_from: datetime | None = None
    lapsed: bool = False
    scope: TextRef | None = None

    @property
    def over(self) -> bool:
        """It had ended when it came: there is nothing for a process to do."""
        return self.lapsed or self.withdrawn_from is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationAsked:
    """The provider was asked to confirm that provision keeps up, so that `year` gets its certificate."""

    year: int
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class YearConfirmed:
    """The provider confirmed a year, with a statement."""

    year: int
    statement: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationMissed:
    """A year was not confirmed by `due_at`: its certificate is withheld until it is."""

    year: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNotified:
    """The provider told of a change; the `criteria` that it touches are judged again at reaccreditation.

    Somebody is to look at it in time (`sets`); nothing was set in events recorded before that was asked.
    """

    text: TextRef
    criteria: tuple[str, ...] = ()
    sets: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLookedAt:
    """An officer looked at the `change` (its text's id): it is `noted`, or leads to a `review`, with a reason."""

    change: str
    by: str
    result: str
    reason: TextRef
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernRaised:
    """Someone raised a concern; `raised_by` is None where it came from outside, and was entered by the officer `entered_by`.

    It is to be taken up by the `clock`. `reachable`: somebody outside left an address for the answer. What the public says
    once more in the same words before `same_until_at` is this concern again. `sets` is the answer that is due at once where
    what it is about is not reviewed any more.
    """

    concern: str
    raised_by: str | None
    text: TextRef
    clock: Deadline | None = None
    entered_by: str | None = None
    kind: str = "quality"
    reachable: bool = False
    same_until_at: datetime | None = None
    sets: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOpened:
    """A concern is reviewed by `reviewer`; the review is due. An answer that was still due waits for what it finds."""

    concern: str
    reviewer: str
    clock: Deadline
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerRelieved:
    """The reviewer has a conflict and reviews this concern no longer; somebody else is to take it up by the `clock`."""

    concern: str
    reviewer: str
    because: str
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewConcluded:
    """The review came to a finding: `no_action`, `suspend`, `reduce`, `withdraw` or `reinstate`, with a reason.

    Who raised the concern and can be reached is to be answered in time (`sets`).
    """

    concern: str
    finding: str
    reason: TextRef
    sets: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernAnswered:
    """Who raised the concern was told what came of it."""

    concern: str
    text: TextRef
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationSuspended:
    """Because of a concern the award is not valid from `suspended_from` until it is reinstated."""

    concern: str
    suspended_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationReinstated:
    """The suspension because of this concern ended at `reinstated_from`."""

    concern: str
    reinstated_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationReduced:
    """From `reduced_from` the award is of a lower level, or its `scope` is what the text says; None: as it was.

    `lowers` are the levels of the scheme that are above it: whatever else has been earned already stays as it is, also where
    that is less. None in events recorded before this was noted, which set all that came after to `level`.
    """

    concern: str
    level: str | None
    scope: TextRef | None
    reduced_from: datetime
    lowers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationWithdrawn:
    """The award was withdrawn and ended at `withdrawn_from`, for good; who raised another concern is answered in time (`sets`)."""

    concern: str
    withdrawn_from: datetime
    sets: tuple[Task, ...] = ()
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextSubmissionRegistered:
    """A submission was registered to earn the award again, or at a higher level; `origin` says which."""

    submission: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaccreditationSubmitted:
    """`submission`, which is to earn the award again, was handed in.

    Handed in time, it carries validity on behind the end until it is decided, at most until `extension_ends_at`; None
    where it came too late, or where the scheme has no such extension. `clock` is that of the end from now on, without
    reminders to do what has been done; None where none runs.
    """

    submission: str
    extension_ends_at: datetime | None
    clock: Deadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionStarted:
    """The end was reached with a reaccreditation still to be decided: validity goes on, at most until the clock's end."""

    starts_at: datetime
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaccreditationEnded:
    """`submission` does not renew the award; its `outcome` says why (`not_awarded`, `withdrawn`, `lapsed`, …).

    An extension that it carried ended at `extension_ended_at`; None where another submission carries it on. `clock` is that
    of the end, with the reminders still to come, where there is time left to earn it again.
    """

    submission: str
    outcome: str
    extension_ended_at: datetime | None
    clock: Deadline | None = None


AccreditationEvent = (
    AccreditationAwarded
    | AccreditationImported
    | AccreditationRenewed
    | AccreditationUpgraded
    | AccreditationLapsed
    | CertificateIssued
    | ConfirmationAsked
    | YearConfirmed
    | ConfirmationMissed
    | ChangeNotified
    | ChangeLookedAt
    | ConcernRaised
    | ReviewOpened
    | ReviewerRelieved
    | ReviewConcluded
    | ConcernAnswered
    | AccreditationSuspended
    | AccreditationReinstated
    | AccreditationReduced
    | AccreditationWithdrawn
    | NextSubmissionRegistered
    | ReaccreditationSubmitted
    | ExtensionStarted
    | ReaccreditationEnded
    | RemedyEvent
    | LeadContactNamed
    | RequirementsChanged
    | TaskMoved
    | ReminderSent
    | DeadlineMissed
)
