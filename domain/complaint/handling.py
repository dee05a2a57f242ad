"""A complaint is acknowledged and answered by one handler, and answered again by another, never by anyone who is party to it.

Source: handbook, section 13, and "Who did not decide".
"""

import dataclasses
from datetime import datetime

from domain.complaint import events as e
from domain.complaint.raising import taken_from, window_to_escalate
from domain.complaint.state import (
    ACKNOWLEDGE,
    DECIDES,
    HANDLER,
    LEVELS,
    OUTCOMES,
    UPHELD,
    Complaint,
    require_apart,
    require_open,
    require_stage,
    running,
)
from domain.person import Person
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.tasks import named
from domain.texts import TextRef

HANDLED = ("raised", "acknowledged", "escalated", "acknowledged-again")
"""The stages in which one handler has it in hand, or is to."""


def acknowledge(complaint: Complaint, *, by: Person) -> list[e.ComplaintEvent]:
    """Acknowledge the complaint, or that it was taken further, and have it in hand; or take on one that nobody has.

    By a handler who may have a part in it.
    """
    require_stage(complaint, "acknowledging", *HANDLED)
    require_apart(complaint, by)
    if complaint.handler == by.id:
        return []
    if complaint.handler is not None:
        raise refuse(
            "complaint-in-hand",
            "somebody else has this complaint in hand",
            field="actor",
            allowed="having it handed over by who has it",
        )
    mine = dataclasses.replace(running(complaint, DECIDES[complaint.level]), who=by.id)
    first = named(ACKNOWLEDGE, LEVELS[complaint.level])
    if first in complaint.tasks.running:
        return [e.ComplaintAcknowledged(level=complaint.level, handler=by.id, ends=(first,), sets=(mine,))]
    return [e.HandlerChanged(level=complaint.level, handler=by.id, reason=None, sets=(mine,))]


def hand_to(complaint: Complaint, *, by: Person, to: Person, reason: TextRef, at: datetime) -> list[e.ComplaintEvent]:
    """Hand a complaint in hand to another handler, by the same date. By a handler or overseer who may have a part in it."""
    require_stage(complaint, "handing it over", *HANDLED)
    require_apart(complaint, by)
    require_apart(complaint, to, field="to")
    if not to.holds(HANDLER, complaint.scheme.partition("@")[0], at):
        raise refuse("handler-role", "this person handles no complaints here", field="to", allowed=f"a {HANDLER}")
    if complaint.handler is None:
        raise refuse(
            "complaint-in-hand",
            "nobody has it in hand",
            field="complaint",
            allowed="acknowledging it, which takes it on",
        )
    if complaint.handler == to.id:
        return []
    theirs = dataclasses.replace(running(complaint, DECIDES[complaint.level]), who=to.id)
    return [e.HandlerChanged(level=complaint.level, handler=to.id, reason=reason, sets=(theirs,))]


def answer(
    complaint: Complaint,
    *,
    by: Person,
    outcome: str,
    reason: TextRef,
    done: TextRef | None,
    scheme: Scheme,
    at: datetime,
) -> list[e.ComplaintEvent]:
    """Answer the complaint, with reasons and what was done. By who has it in hand; then it may be taken further in time."""
    require_open(complaint)
    require_apart(complaint, by)
    if complaint.told.get(f"answered-{complaint.level}") == reason.id:
        return []
    require_stage(complaint, "answering", "acknowledged", "acknowledged-again")
    if complaint.handler != by.id:
        raise refuse(
            "complaint-in-hand",
            "this person does not have the complaint in hand",
            field="actor",
            allowed="its handler; anyone who may takes on what nobody has by acknowledging it",
        )
    require_outcome(outcome, done)
    return [
        e.ComplaintAnswered(
            level=complaint.level,
            handler=by.id,
            outcome=outcome,
            reason=reason,
            done=done,
            ends=(named(DECIDES[complaint.level], LEVELS[complaint.level]),),
            sets=(window_to_escalate(complaint, scheme=scheme, at=at),),
        )
    ]


def leave(complaint: Complaint, *, person: str) -> list[e.ComplaintEvent]:
    """Take from a person what they have in hand of it, since they have a conflict with the provider concerned."""
    return taken_from(complaint, person, because="conflict")


def require_outcome(outcome: str, done: TextRef | None) -> None:
    """Refuse an outcome that there is not, and one that upholds it without a word on what was done."""
    if outcome not in OUTCOMES:
        raise refuse("complaint-outcomes", f"{outcome!r} is no outcome", field="outcome", allowed=", ".join(OUTCOMES))
    if outcome in UPHELD and done is None:
        raise refuse(
            "upheld-says-what-was-done",
            "it is not said what was done",
            field="done",
            allowed="what was done, in an answer that upholds the complaint",
        )
