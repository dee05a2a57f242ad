"""Which letter tells what happens in a submission or an award; a scheme may word each. Source: docs/schemes.md, `[letters]`."""

from collections.abc import Mapping
from typing import Any, Final

from domain import accreditation as award
from domain.clocks import ReminderSent
from domain.scheme_record import RequirementsChanged
from domain.submission import events as e
from domain.submission import remedy_events as remedy
from domain.submission import side_events as beside
from domain.submission import visit_events as visit

LETTER_OF: Final[Mapping[type[Any], str]] = {
    e.ProgrammeRegistered: "registered",
    e.PreparationExtended: "extended",
    beside.DeadlineExtended: "extended",
    beside.LimitStopped: "extended",
    beside.LimitMoved: "extended",
    beside.DraftGuidanceGiven: "guidance",
    visit.AssessmentBooked: "booked",
    visit.BookingGivenUp: "booking-given-up",
    visit.PreviewAlerted: "preview-alerted",
    e.PortfolioReturned: "returned",
    e.FoundIneligible: "ineligible",
    e.FoundOutsideDefinition: "ineligible",
    e.AssessorAssigned: "assigned",
    beside.MarkedBlindBy: "assigned",
    beside.QuestionAsked: "question",
    e.EvidenceRequested: "evidence-requested",
    e.FeeCharged: "fee-charged",
    e.FeeWaived: "fee-waived",
    beside.FeeRefunded: "fee-refunded",
    remedy.ModerationSetAside: "judged-again",
    remedy.AssessmentSetAside: "judged-again",
    remedy.IneligibilitySetAside: "judged-again",
    e.SubmissionLapsed: "lapsed",
    award.AccreditationLapsed: "lapsed",
    award.CertificateIssued: "certificate",
    award.ConfirmationAsked: "confirmation",
    award.ConfirmationMissed: "confirmation-missed",
    award.ExtensionStarted: "extension",
    RequirementsChanged: "requirements-changed",
    award.ConcernAnswered: "concern-answered",
    award.AccreditationSuspended: "suspended",
    award.AccreditationReinstated: "reinstated",
    award.AccreditationReduced: "reduced",
    award.AccreditationWithdrawn: "withdrawn",
    award.AwardConfirmed: "award-confirmed",
    award.AwardCorrected: "award-corrected",
    award.AwardAnnulled: "award-annulled",
    award.ReviewReplaced: "review-replaced",
    award.ReductionUndone: "reduction-undone",
    award.WithdrawalLifted: "withdrawal-lifted",
}
"""What is told to somebody when it happens in a case, by the letter that tells it; a scheme may word these."""


def letters_of(event: Any) -> tuple[str, ...]:
    """The letters that are sent when this happens in a case, by the names that a scheme words them under."""
    match event:
        case ReminderSent(rule="earn-again-before-end"):
            return ("end-of-award",)
        case ReminderSent():
            return ("reminder",)
        case e.ResultReleased(outcome=outcome):
            return (f"result-{outcome.replace('_', '-')}",)
        case _:
            letter = LETTER_OF.get(type(event))
            return (letter,) if letter else ()
