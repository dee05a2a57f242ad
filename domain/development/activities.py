"""Activities of professional development: proposed for needs of the plan, approved by somebody else, recorded once they are over.

Source: handbook, Workforce. Approval comes first; nobody approves what they proposed or take part in themselves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.development import events as e
from domain.development.duties import Duties
from domain.development.state import (
    APPROVE,
    LIVE,
    PLAN,
    RECORD,
    Activity,
    Development,
    require_activity,
    require_one,
    require_other,
    require_plan,
    require_stage,
)
from domain.refusals import refuse
from domain.tasks import named
from domain.texts import TextRef
from domain.workforce_policy import Workforce

LONGEST: Final = 100_000
"""Minutes of the longest activity: a course of a year has fewer."""
DEAREST: Final = 100_000_000
"""Hundredths of the currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is said of an activity when it is proposed; see the event of that name."""

    topics: tuple[str, ...]
    kind: str
    title: TextRef
    trainer: TextRef
    quality: str
    statement: TextRef
    minutes: int
    cost: int
    planned_at: datetime


def propose(
    held: Development, *, id: str, by: str, proposal: Proposal, duties: Duties, at: datetime
) -> list[e.DevelopmentEvent]:
    """Propose an activity that fits the plan: for needs that are found and not met, by a provider of stated quality."""
    require_plan(held)
    if id in held.activities:
        return []
    _require_fits(held, proposal.topics)
    policy: Workforce = duties.policy.content
    require_one("activity-kinds", proposal.kind, policy.cpd.kinds, "kind")
    require_one("trainer-quality", proposal.quality, policy.cpd.quality, "quality")
    _require_minutes(proposal.minutes)
    if not 0 <= proposal.cost <= DEAREST:
        raise refuse("activity-cost", "this is no cost", field="cost", allowed=f"0 to {DEAREST:,} hundredths")
    if proposal.planned_at <= at:
        raise refuse(
            "approved-before", "the activity would be over already", field="planned_at", allowed="an instant to come"
        )
    return [
        e.ActivityProposed(
            activity=id,
            by=by,
            topics=proposal.topics,
            kind=proposal.kind,
            title=proposal.title,
            trainer=proposal.trainer,
            quality=proposal.quality,
            statement=proposal.statement,
            minutes=proposal.minutes,
            cost=proposal.cost,
            currency=policy.cpd.currency,
            planned_at=proposal.planned_at,
            ends=tuple(named(PLAN, topic) for topic in proposal.topics),
            sets=(duties.to_approve(id, by, at),),
        )
    ]


def approve(
    held: Development, *, activity: str, by: str, duties: Duties, at: datetime, aliases: Collection[str] = ()
) -> list[e.DevelopmentEvent]:
    """Approve an activity, once the plan is agreed; neither the person nor who proposed it does. It is then to be recorded.

    `aliases` are other accounts of who approves it.
    """
    one = _to_judge(held, activity, by, aliases)
    if one.stage == "approved":
        return []
    require_stage(one, "proposed")
    if not held.agreed:
        raise refuse(
            "plan-agreed-first",
            "the plan of this period is not agreed",
            field="person",
            allowed="agreeing the plan first",
        )
    record = duties.to_record(activity, max(one.planned_at, at))
    return [
        e.ActivityApproved(activity=activity, by=by, approved_at=at, ends=(named(APPROVE, activity),), sets=(record,))
    ]


def decline(
    held: Development,
    *,
    activity: str,
    by: str,
    reason: TextRef,
    duties: Duties,
    at: datetime,
    aliases: Collection[str] = (),
) -> list[e.DevelopmentEvent]:
    """Decline an activity with a reason; neither the person nor who proposed it does. Its needs want another."""
    one = _to_judge(held, activity, by, aliases)
    if one.stage == "declined":
        return []
    require_stage(one, "proposed")
    again = duties.to_plan(held, one.topics, at, but=activity)
    return [e.ActivityDeclined(activity=activity, by=by, reason=reason, ends=(named(APPROVE, activity),), sets=again)]


def drop(
    held: Development, *, activity: str, by: str, reason: TextRef, duties: Duties, at: datetime
) -> list[e.DevelopmentEvent]:
    """Note that an activity still to come does not take place, with a reason; its needs want another."""
    require_plan(held)
    one = require_activity(held, activity)
    if one.stage == "dropped":
        return []
    require_stage(one, *sorted(LIVE))
    again = duties.to_plan(held, one.topics, at, but=activity)
    ends = (named(APPROVE, activity), named(RECORD, activity))
    return [e.ActivityDropped(activity=activity, by=by, reason=reason, ends=ends, sets=again)]


def complete(
    held: Development, *, activity: str, by: str, done_at: datetime, minutes: int, duties: Duties, at: datetime
) -> list[e.DevelopmentEvent]:
    """Record that an approved activity was over at `done_at`, and how long it took; what looks back on it is then due.

    What was over before it was approved is refused: approval comes first.
    """
    require_plan(held)
    one = require_activity(held, activity)
    if one.stage == "completed" and one.done_at == done_at:
        return []
    require_stage(one, "approved")
    if done_at > at or (one.approved_at and done_at < one.approved_at):
        raise refuse(
            "approved-before",
            "it was over before it was approved, or is not over yet",
            field="done_at",
            allowed="an instant between the approval and now",
        )
    _require_minutes(minutes)
    return [
        e.ActivityCompleted(
            activity=activity,
            by=by,
            done_at=done_at,
            minutes=minutes,
            ends=(named(RECORD, activity),),
            sets=duties.to_look_back(activity, done_at=done_at, at=at),
        )
    ]


def _to_judge(held: Development, activity: str, by: str, aliases: Collection[str]) -> Activity:
    require_plan(held)
    require_other(held, by, "approves or declines an activity")
    one = require_activity(held, activity)
    if one.proposed_by in {by, *aliases}:
        raise refuse(
            "proposer-never-approves",
            "this person proposed the activity, and neither approves nor declines it",
            field="actor",
            allowed="a lead or quality manager who did not propose it",
        )
    return one


def _require_fits(held: Development, topics: Sequence[str]) -> None:
    unmet = {one.topic for one in held.needs.values() if one.unmet}
    if not topics or len(set(topics)) != len(topics) or not unmet.issuperset(topics):
        raise refuse(
            "activity-fits-plan",
            "an activity is for needs of the plan that are found and not met",
            field="topics",
            allowed="one or more of " + ", ".join(sorted(unmet)) if unmet else "nothing until a need is found",
        )


def _require_minutes(minutes: int) -> None:
    if not 1 <= minutes <= LONGEST:
        raise refuse("activity-length", "this is no length", field="minutes", allowed=f"1 to {LONGEST:,} minutes")
