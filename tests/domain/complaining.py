"""Complaints given at each of their stages, with the people who deal with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain import complaint as complaints
from domain import person as people
from domain.complaint import Complaint, evolve
from domain.ids import derived_id
from domain.person import Person
from tests.domain.given import NOON, PROVIDER, SCHEME, fold, member, text


def worker(name: str, *roles: str, conflicts: Sequence[str] = ()) -> Person:
    """A person who holds these roles for all schemes, and undertook not to disclose."""
    person = member(name, conflicts=conflicts)
    return fold(people.evolve, person, [people.RoleGiven(role=role, scheme=None) for role in roles])


HAL, IDA, JON = (worker(name, "complaints-handler") for name in ("hal", "ida", "jon"))
QUINN = worker("quinn", "quality-manager")
BOARD = tuple(worker(name, "board") for name in ("bea", "bob", "bo"))
LEAD = derived_id("person", "lead")
ADA = derived_id("person", "ada")
COMPLAINT = derived_id("complaint", "one")
CASE = derived_id("submission", "one")
SAID: dict[str, Any] = {
    "id": COMPLAINT,
    "scheme": SCHEME,
    "about": "people",
    "text": text("They were late"),
    "people": (ADA,),
    "provider": PROVIDER,
    "raised_by": LEAD,
    "on_behalf_of": PROVIDER,
    "at": NOON,
}
WITHIN = {"scheme": SCHEME, "at": NOON}


def after(complaint: Complaint, events: Sequence[complaints.ComplaintEvent]) -> Complaint:
    """The complaint after these events; there has to be one."""
    assert events
    return fold(evolve, complaint, events)


def raised(**said: Any) -> Complaint:
    return after(Complaint(), complaints.raise_complaint(Complaint(), **SAID | said))


def acknowledged(complaint: Complaint | None = None, *, by: Person = HAL) -> Complaint:
    complaint = complaint or raised()
    return after(complaint, complaints.acknowledge(complaint, by=by))


def answered(
    complaint: Complaint | None = None, *, by: Person = HAL, outcome: str = "upheld", at: datetime = NOON
) -> Complaint:
    complaint = complaint or acknowledged(by=by)
    said = {"reason": text(f"Because {by.id}"), "done": text("We wrote to them"), "scheme": SCHEME, "at": at}
    return after(complaint, complaints.answer(complaint, by=by, outcome=outcome, **said))


def escalated(complaint: Complaint | None = None, *, at: datetime = NOON) -> Complaint:
    complaint = complaint or answered()
    reason = text(f"Not enough at {complaint.level}")
    return after(complaint, complaints.escalate(complaint, by=Person(id=LEAD), reason=reason, scheme=SCHEME, at=at))


def answered_again() -> Complaint:
    return answered(acknowledged(escalated(), by=IDA), by=IDA, outcome="not-upheld")


def to_committee() -> Complaint:
    return escalated(answered_again())


def in_review(complaint: Complaint | None = None, members: Sequence[Person] = BOARD) -> Complaint:
    complaint = complaint or to_committee()
    formed = complaints.form_committee(
        complaint, at=NOON, by=QUINN, chair=members[0].id, members=members, scheme=SCHEME
    )
    return after(complaint, formed)


def decided(complaint: Complaint | None = None, *, outcome: str = "upheld") -> Complaint:
    complaint = complaint or in_review()
    said = {"reason": text("We find"), "done": text("An apology"), "scheme": SCHEME, "outcome": outcome}
    return after(complaint, complaints.decide(complaint, by=BOARD[0], members=BOARD, **said))


def withdrawn() -> Complaint:
    complaint = raised()
    return after(complaint, complaints.withdraw(complaint, by=Person(id=LEAD), reason=None))


def closed() -> Complaint:
    complaint = answered()
    assert complaint.deadline
    return after(complaint, complaints.close(complaint, at=complaint.deadline))


STAGES = {
    "raised": raised, "acknowledged": acknowledged, "answered": answered, "escalated": escalated,
    "acknowledged-again": lambda: acknowledged(escalated(), by=IDA), "answered-again": answered_again,
    "committee-asked": to_committee, "in-review": in_review, "closed": decided, "withdrawn": withdrawn,
}  # fmt: skip
"""A complaint at each of its stages."""
