"""Holds: what a claim, an investigation or a court needs stays, whatever the rules let go, until the hold is released.

Source: handbook, Retention. A hold has a ground from the policy and a review; whoever has a stake in it may still place one.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from domain.clocks import Calendar
from domain.refusals import refuse
from domain.retention import events as e
from domain.retention.state import Retention
from domain.retention_policy import RetentionPolicy
from domain.tasks import Task, named, set_task
from domain.texts import TextRef

REVIEW: Final = "review-hold-within"


def hold(
    held: Retention, *, id: str, subject: str, by: str, ground: str, reason: TextRef, policy: RetentionPolicy,
    calendar: Calendar, at: datetime,
) -> list[e.HoldPlaced]:  # fmt: skip
    """Keep whatever is kept of `subject`, from now on; `id` is the register of holds."""
    if ground not in policy.holds:
        raise refuse("hold-grounds", f"{ground!r} is no such ground", field="ground", allowed=", ".join(policy.holds))
    present = held.holds.get(subject)
    if present and present.ground == ground:
        return []
    if present:
        raise refuse(
            "one-hold",
            f"this is on hold already: {present.ground}",
            field="subject",
            allowed="releasing that hold, or reviewing it",
        )
    task = _review(subject, policy, calendar, at)
    return [e.HoldPlaced(register=id, subject=subject, by=by, ground=ground, reason=reason, sets=(task,))]


def review_hold(
    held: Retention,
    *,
    subject: str,
    by: str,
    reason: TextRef,
    policy: RetentionPolicy,
    calendar: Calendar,
    at: datetime,
) -> list[e.HoldReviewed]:
    """Note that a hold was looked at and is still needed, with why; the next review counts from now."""
    _require_held(held, subject)
    return [e.HoldReviewed(subject=subject, by=by, reason=reason, sets=(_review(subject, policy, calendar, at),))]


def release_hold(
    held: Retention, *, subject: str, by: str, reason: TextRef, aliases: Collection[str] = ()
) -> list[e.HoldReleased]:
    """End a hold, with a reason; by somebody else than who placed it, under any account."""
    placed = _require_held(held, subject)
    if placed.by in {by, *aliases}:
        raise refuse(
            "not-for-oneself",
            "who placed a hold does not release it",
            field="actor",
            allowed="somebody else who may place one",
        )
    return [e.HoldReleased(subject=subject, by=by, reason=reason, ends=(named(REVIEW, subject),))]


def _review(subject: str, policy: RetentionPolicy, calendar: Calendar, at: datetime) -> Task:
    return set_task(
        REVIEW,
        who="quality-manager",
        start=at,
        within=policy.review_holds_every,
        calendar=calendar,
        remind=policy.remind_holds,
        about=subject,
    )


def _require_held(held: Retention, subject: str) -> e.HoldPlaced:
    placed = held.holds.get(subject)
    if placed is None:
        raise refuse(
            "hold-placed",
            "there is no hold on this",
            field="subject",
            allowed=", ".join(sorted(held.holds)) or "nothing; there is no hold",
        )
    return placed
