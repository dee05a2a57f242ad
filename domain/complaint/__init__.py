"""Complaints about the body's service, its people or a case: two stages and a committee, decided by people not complained about."""

from domain.complaint.committee import decide, form_committee
from domain.complaint.events import (
    AffectedCaseClosed,
    AffectedCaseDealtWith,
    AffectedCaseNamed,
    CommitteeFormed,
    CommitteeMemberLeft,
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintClosed,
    ComplaintDecided,
    ComplaintEscalated,
    ComplaintEvent,
    ComplaintRaised,
    ComplaintWithdrawn,
    FollowUpNamed,
    HandlerChanged,
    HandlerLeft,
    PersonComplainedAbout,
)
from domain.complaint.following import close_affected, deal_with_affected, name_affected_case, name_follow_up
from domain.complaint.handling import acknowledge, answer, hand_to, leave
from domain.complaint.raising import close, escalate, name_person, raise_complaint, withdraw
from domain.complaint.state import Complaint, evolve, may_see

__all__ = [
    "AffectedCaseClosed",
    "AffectedCaseDealtWith",
    "AffectedCaseNamed",
    "CommitteeFormed",
    "CommitteeMemberLeft",
    "Complaint",
    "ComplaintAcknowledged",
    "ComplaintAnswered",
    "ComplaintClosed",
    "ComplaintDecided",
    "ComplaintEscalated",
    "ComplaintEvent",
    "ComplaintRaised",
    "ComplaintWithdrawn",
    "FollowUpNamed",
    "HandlerChanged",
    "HandlerLeft",
    "PersonComplainedAbout",
    "acknowledge",
    "answer",
    "close",
    "close_affected",
    "deal_with_affected",
    "decide",
    "escalate",
    "evolve",
    "form_committee",
    "hand_to",
    "leave",
    "may_see",
    "name_affected_case",
    "name_follow_up",
    "name_person",
    "raise_complaint",
    "withdraw",
]
