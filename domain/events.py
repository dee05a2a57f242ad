"""The stored name of every event: explicit, unique and versioned, so that a class can be renamed and old records read."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain import accreditation, clocks, meeting, person, provider, scheme_record, window
from domain.submission import events as submission

NAMES: Final[Mapping[str, type[Any]]] = {
    "ReminderSent.1": clocks.ReminderSent,
    "DeadlineMissed.1": clocks.DeadlineMissed,
    "AccreditationAwarded.1": accreditation.AccreditationAwarded,
    "AccreditationRenewed.1": accreditation.AccreditationRenewed,
    "AccreditationLapsed.1": accreditation.AccreditationLapsed,
    "MeetingScheduled.1": meeting.MeetingScheduled,
    "MeetingOpened.1": meeting.MeetingOpened,
    "MinutesSigned.1": meeting.MinutesSigned,
    "PersonRegistered.1": person.PersonRegistered,
    "RoleGiven.1": person.RoleGiven,
    "RoleEnded.1": person.RoleEnded,
    "TrainingCompleted.1": person.TrainingCompleted,
    "NonDisclosureSigned.1": person.NonDisclosureSigned,
    "AvailabilitySet.1": person.AvailabilitySet,
    "ConflictDeclared.1": person.ConflictDeclared,
    "WorkTaken.1": person.WorkTaken,
    "WorkReleased.1": person.WorkReleased,
    "AttemptRefused.1": person.AttemptRefused,
    "ProviderRegistered.1": provider.ProviderRegistered,
    "ContactNamed.1": provider.ContactNamed,
    "SchemeVersionPublished.1": scheme_record.SchemeVersionPublished,
    "PersonAuthorised.1": scheme_record.PersonAuthorised,
    "AuthorityEnded.1": scheme_record.AuthorityEnded,
    "WindowAnnounced.1": scheme_record.WindowAnnounced,
    "WindowScheduled.1": window.WindowScheduled,
    "WindowExtended.1": window.WindowExtended,
    "WindowOpened.1": window.WindowOpened,
    "WindowClosed.1": window.WindowClosed,
    "PlaceTaken.1": window.PlaceTaken,
    "ProgrammeRegistered.1": submission.ProgrammeRegistered,
    "FeeCharged.1": submission.FeeCharged,
    "FeePaid.1": submission.FeePaid,
    "FeeWaived.1": submission.FeeWaived,
    "PreparationStarted.1": submission.PreparationStarted,
    "PreparationExtended.1": submission.PreparationExtended,
    "SubmissionLapsed.1": submission.SubmissionLapsed,
    "SubmissionWithdrawn.1": submission.SubmissionWithdrawn,
    "PortfolioSubmitted.1": submission.PortfolioSubmitted,
    "ScreeningStarted.1": submission.ScreeningStarted,
    "ScreeningPassed.1": submission.ScreeningPassed,
    "PortfolioReturned.1": submission.PortfolioReturned,
    "FoundIneligible.1": submission.FoundIneligible,
    "AssessorAssigned.1": submission.AssessorAssigned,
    "NobodyEligible.1": submission.NobodyEligible,
    "AssignmentAccepted.1": submission.AssignmentAccepted,
    "AssignmentEnded.1": submission.AssignmentEnded,
    "JudgementRecorded.1": submission.JudgementRecorded,
    "AssessmentCompleted.1": submission.AssessmentCompleted,
    "ModerationStarted.1": submission.ModerationStarted,
    "JudgementConfirmed.1": submission.JudgementConfirmed,
    "JudgementChanged.1": submission.JudgementChanged,
    "EvidenceRequested.1": submission.EvidenceRequested,
    "EvidenceProvided.1": submission.EvidenceProvided,
    "EvidenceNotProvided.1": submission.EvidenceNotProvided,
    "FinalReviewOpened.1": submission.FinalReviewOpened,
    "FinalReviewConcluded.1": submission.FinalReviewConcluded,
    "DecisionRecorded.1": submission.DecisionRecorded,
    "OutcomeReportApproved.1": submission.OutcomeReportApproved,
    "ResultReleased.1": submission.ResultReleased,
}
"""Stored name → class. A changed shape gets a new number here and an upcaster from the old one in UPCASTERS."""

STORED_NAMES: Final[Mapping[type[Any], str]] = {kind: name for name, kind in NAMES.items()}
"""Class → stored name."""

UPCASTERS: Final[Mapping[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]]] = {}
"""Old stored name → function that makes the next name and data of it. Empty while no shape has changed."""
