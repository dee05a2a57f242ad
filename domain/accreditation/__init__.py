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
    ConcernAnswered,
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
    "CertificateIssued",
    "ChangeNotified",
    "Concern",
    "ConcernAnswered",
    "ConcernRaised",
    "ConfirmationAsked",
    "ConfirmationMissed",
    "ExtensionStarted",
    "NextSubmissionRegistered",
    "Period",
    "ReaccreditationEnded",
    "ReaccreditationSubmitted",
    "ReviewConcluded",
    "ReviewOpened",
    "Suspension",
    "YearConfirmed",
    "due_next",
    "evolve",
    "require_accreditation",
    "tell_of_change",
]
