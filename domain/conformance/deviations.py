"""What departs from the straight way: by which event, for which reason; all of it is allowed to somebody, and none of it hidden.

Whoever is named with an event allowed it: a person in a role, the process where a clock or a rule did, or an appeal.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.accreditation import events as a
from domain.accreditation import remedy_events as ar
from domain.appeal import events as ap
from domain.clocks import DeadlineMissed
from domain.complaint import events as co
from domain.conflicts import ScrutinyGranted
from domain.retention.events import HoldPlaced
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission import side_events as s
from domain.submission import visit_events as v
from domain.submission.past_events import DecisionImported
from domain.submission.state import Stage
from domain.tasks import TaskHandedOver, TaskMoved
from domain.window import WindowExtended, WindowExtendedFor

KINDS: Final = {
    "extended": "more time was granted",
    "extended-after-the-end": "more time was granted after it had lapsed",
    "limit-moved": "its time to submit moved, since no window had a place for it",
    "late": "handed in, or lodged, late and taken all the same",
    "lapsed": "it lapsed",
    "imported": "it was decided elsewhere, and came as it was",
    "deadline-missed": "a deadline passed",
    "returned": "the portfolio went back",
    "date-changed": "its date was given up, or another one set",
    "version-moved": "it moved to another version of the scheme",
    "fee-waived": "a fee was waived",
    "fee-refunded": "a fee was given back",
    "nobody-eligible": "the rule found nobody",
    "work-ended": "somebody had to let go of what they had taken on, or said no to it",
    "handed-over": "somebody else took over",
    "adjourned": "it was adjourned",
    "evidence-not-provided": "further evidence did not come",
    "hold": "what is kept of it was put on hold",
    "scrutiny": "somebody acts in spite of a conflict, and is watched",
    "set-aside": "a decision was set aside on appeal",
    "suspended": "the award was suspended",
    "reduced": "the award was reduced",
    "withdrawn": "it was withdrawn",
    "not-confirmed": "a year was not confirmed in time",
    "not-allowed": "a move that the process does not know",
}
"""The kinds of deviations, in words."""
NOT_ALLOWED: Final = "not-allowed"
ELSEWHERE: Final = (WindowExtendedFor, ScrutinyGranted, HoldPlaced)
"""Events in other streams that let a case depart from the straight way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One departure: its kind, the rule, appeal or cause that it goes by, and the id of the text that gives the reason, if any."""

    kind: str
    by: str = ""
    reason: str | None = None


def departure(event: Any, stage: str, visit_at: datetime | None = None) -> Departure | None:
    """How an event departs from the straight way of a case at `stage`; None where it goes straight on.

    `visit_at` is the date that was booked for it and binds, if there is one.
    """
    kind = _kind(event, stage, visit_at)
    if kind is None:
        return None
    texts = (getattr(getattr(event, name, None), "id", None) for name in ("reason", "why"))  # a reason may be a code
    return Departure(kind=kind, by=_by(event), reason=next(filter(None, texts), None))


def about(event: Any) -> str:
    """The case that an event of another stream is about; empty for any other event."""
    match event:
        case WindowExtendedFor(submission=case) | ScrutinyGranted(case=case) | HoldPlaced(subject=case):
            return case
    return ""


_KINDS: Final[dict[type[Any], str]] = {
    s.DeadlineExtended: "extended",
    TaskMoved: "extended",
    WindowExtended: "extended",
    WindowExtendedFor: "extended",
    s.LimitStopped: "limit-moved",
    s.LimitMoved: "limit-moved",
    DecisionImported: "imported",
    a.AccreditationImported: "imported",
    e.SubmissionLapsed: "lapsed",
    a.AccreditationLapsed: "lapsed",
    DeadlineMissed: "deadline-missed",
    e.PortfolioReturned: "returned",
    v.PreviewAlerted: "returned",
    v.BookingGivenUp: "date-changed",
    e.CaseMoved: "version-moved",
    e.FeeWaived: "fee-waived",
    s.FeeRefunded: "fee-refunded",
    e.NobodyEligible: "nobody-eligible",
    e.AssignmentEnded: "work-ended",
    s.MemberRelieved: "work-ended",
    a.ReviewerRelieved: "work-ended",
    ap.PanelMemberLeft: "work-ended",
    ap.AppealOfficerLeft: "work-ended",
    co.HandlerLeft: "work-ended",
    co.CommitteeMemberLeft: "work-ended",
    e.ItemHandedOver: "handed-over",
    co.HandlerChanged: "handed-over",
    TaskHandedOver: "handed-over",
    e.ItemAdjourned: "adjourned",
    e.EvidenceNotProvided: "evidence-not-provided",
    HoldPlaced: "hold",
    ScrutinyGranted: "scrutiny",
    r.ModerationSetAside: "set-aside",
    r.AssessmentSetAside: "set-aside",
    r.IneligibilitySetAside: "set-aside",
    r.DecisionReplaced: "set-aside",
    ar.AwardCorrected: "set-aside",
    ar.AwardAnnulled: "set-aside",
    ar.ReviewReplaced: "set-aside",
    ar.ReductionUndone: "set-aside",
    ar.WithdrawalLifted: "set-aside",
    ar.ReaccreditationReopened: "set-aside",
    a.AccreditationSuspended: "suspended",
    a.AccreditationReduced: "reduced",
    a.AccreditationWithdrawn: "withdrawn",
    e.SubmissionWithdrawn: "withdrawn",
    ap.AppealWithdrawn: "withdrawn",
    co.ComplaintWithdrawn: "withdrawn",
    a.ConfirmationMissed: "not-confirmed",
}


def _kind(event: Any, stage: str, visit_at: datetime | None) -> str | None:
    match event:
        case v.AssessmentBooked(visit_at=other):
            return "date-changed" if visit_at not in (None, other) else None
        case e.PreparationExtended():
            return "extended-after-the-end" if stage == Stage.LAPSED else "extended"
        case e.PortfolioSubmitted(late=True) | ap.AppealLodged(late=True):
            return "late"
        case s.BlindMarkingEnded(reason=reason):
            return None if reason == "marked" else "work-ended"
    return _KINDS.get(type(event))


def _by(event: Any) -> str:
    """What it goes by besides who did it: a rule, a cause, a fee, an appeal or a scheme version; codes and ids only."""
    for name in ("appeal", "rule", "because", "concern", "scrutiny", "ground", "kind", "scheme"):
        if isinstance(found := getattr(event, name, None), str) and found:
            return found
    if isinstance(event, e.AssignmentEnded | s.BlindMarkingEnded):
        return event.reason
    clock = getattr(event, "clock", None)
    sets = getattr(event, "sets", ())
    return clock.rule if clock else sets[0].rule if sets else ""
