"""An accreditation while it lasts: validity, upkeep, concerns, and how it is earned again. Source: handbook, sections 9 to 11.

What other modules need of it by name stands here; each policy is in a module of its own.
"""

from domain.accreditation.award import tell_of_change
from domain.accreditation.events import (
    AccreditationAwarded,
    AccreditationEvent,
    AccreditationLapsed,
    AccreditationReduced,
    AccreditationReinstated,
    AccreditationRenewed,
    AccreditationSuspended,
    AccreditationUpgraded,
    AccreditationWithdrawn,
    CertificateIssued,
    ChangeNotified,
    ConcernRaised,
    ConfirmationAsked,
    ConfirmationMissed,
    ExtensionStarted,
    NextSubmissionRegistered,
    ReaccreditationEnded,
    ReaccreditationSubmitted,
    ReviewConcluded,
    ReviewOpened,
    YearConfirmed,
)
from domain.accreditation.process import due_next
from domain.accreditation.remedy_events import (
    AwardAnnulled,
    AwardConfirmed,
    AwardCorrected,
    ConcernReopened,
    PeriodAgain,
    ReaccreditationReopened,
    ReductionUndone,
    ReviewReplaced,
    WithdrawalLifted,
)
from domain.accreditation.state import Accreditation, Concern, evolve, require_accreditation
from domain.accreditation.validity import Period, Suspension

__all__ = [
    "Accreditation",
    "AccreditationAwarded",
    "AccreditationEvent",
    "AccreditationLapsed",
    "AccreditationReduced",
    "AccreditationReinstated",
    "AccreditationRenewed",
    "AccreditationSuspended",
    "AccreditationUpgraded",
    "AccreditationWithdrawn",
    "AwardAnnulled",
    "AwardConfirmed",
    "AwardCorrected",
    "CertificateIssued",
    "ChangeNotified",
    "Concern",
    "ConcernRaised",
    "ConcernReopened",
    "ConfirmationAsked",
    "ConfirmationMissed",
    "ExtensionStarted",
    "NextSubmissionRegistered",
    "Period",
    "PeriodAgain",
    "ReaccreditationEnded",
    "ReaccreditationReopened",
    "ReaccreditationSubmitted",
    "ReductionUndone",
    "ReviewConcluded",
    "ReviewOpened",
    "ReviewReplaced",
    "Suspension",
    "WithdrawalLifted",
    "YearConfirmed",
    "due_next",
    "evolve",
    "require_accreditation",
    "tell_of_change",
]
