"""The register of risks to impartiality: each has an owner, a mitigation and a date of review, and the board sees every review.

Who owns a risk, or ever did, neither confirms a review of it nor closes it. Source: handbook, Governance.
"""

from datetime import datetime
from typing import Final

from domain.clocks import Calendar
from domain.governance_policy import RATINGS, RiskRules
from domain.person import Person, require_known
from domain.refusals import refuse
from domain.risk.state import (
    CONFIRM,
    REVIEW,
    SEE,
    Risk,
    RiskClosed,
    RiskEvent,
    RiskOwnerNamed,
    RiskRegistered,
    RiskReviewed,
    RiskReviewReturned,
    RiskReviewSeen,
    rating,
)
from domain.tasks import ALL, Task, hand_over, set_task
from domain.texts import TextRef

KINDS: Final = ("self-interest", "self-review", "familiarity", "intimidation", "advocacy", "financial", "other")
RESULTS: Final = ("holds", "changed", "escalated")
"""What a review says: the mitigation holds; it, or the risk, has changed; the board has to do something."""
KEEPERS: Final = ("board", "quality-manager", "officer")
"""The roles that register risks and own them."""


def register(
    risk: Risk,
    *,
    id: str,
    kind: str,
    description: TextRef,
    likelihood: str,
    impact: str,
    owner: Person,
    mitigation: TextRef,
    rules: RiskRules,
    calendar: Calendar,
    at: datetime,
) -> list[RiskEvent]:
    """Put a risk on the register, to be reviewed by its owner as often as its rating asks."""
    if risk.id:
        return []
    if kind not in KINDS:
        raise refuse("risk-kinds", f"{kind!r} is no kind of risk", field="kind", allowed=", ".join(KINDS))
    _require_levels(likelihood, impact)
    _require_owner(owner, at)
    task = _review(owner.id, rating(likelihood, impact), rules, calendar, at)
    return [
        RiskRegistered(
            risk=id,
            kind=kind,
            description=description,
            likelihood=likelihood,
            impact=impact,
            owner=owner.id,
            mitigation=mitigation,
            sets=(task,),
        )
    ]


def review(
    risk: Risk,
    *,
    by: Person,
    result: str,
    note: TextRef,
    likelihood: str,
    impact: str,
    mitigation: TextRef | None,
    rules: RiskRules,
    calendar: Calendar,
    at: datetime,
) -> list[RiskEvent]:
    """Note what a review found, and when the next is due. By the owner, who still has to hold a role that owns risks.

    Of a risk that is high, before or after, or where the board has to act, the review is to be confirmed; others to be seen.
    """
    require_open(risk)
    if by.id != risk.owner:
        raise refuse("owner-reviews", "this person does not own this risk", field="actor", allowed="its owner")
    _require_owner(by, at, field="actor")
    if result not in RESULTS:
        raise refuse("risk-results", f"{result!r} is no result", field="result", allowed=", ".join(RESULTS))
    _require_levels(likelihood, impact)
    changed = mitigation is not None or (likelihood, impact) != (risk.likelihood, risk.impact)
    if (changed and result == "holds") or (not changed and result == "changed"):
        raise refuse(
            "risk-results",
            "something changes" if changed else "nothing changes",
            field="result",
            allowed="changed or escalated" if changed else "holds or escalated, or another level or mitigation",
        )
    held = risk.unseen
    same = (by.id, result, note, likelihood, impact, mitigation)
    if held and same == (held.by, held.result, held.note, held.likelihood, held.impact, held.mitigation):
        return []
    # What the board has not confirmed yet can't be made light of by another review.
    waiting = held is not None and held.to_confirm
    grave = waiting or result == "escalated" or "high" in (risk.rating, rating(likelihood, impact))
    return [
        RiskReviewed(
            by=by.id,
            result=result,
            note=note,
            likelihood=likelihood,
            impact=impact,
            mitigation=mitigation,
            to_confirm=grave,
            sets=(
                _review(risk.owner, rating(likelihood, impact), rules, calendar, at),
                set_task(
                    CONFIRM if grave else SEE,
                    who="board",
                    start=at,
                    within=rules.see_within,
                    calendar=calendar,
                    remind=rules.remind,
                    told="board",
                ),
            ),
            ends=(SEE, CONFIRM),
        )
    ]


def see_review(risk: Risk, *, by: Person) -> list[RiskEvent]:
    """Note that the board saw the owner's review and agrees. By a member of the board who never owned the risk."""
    require_open(risk)
    _require_never_owned(risk, by)
    if risk.unseen is None:
        return []
    return [RiskReviewSeen(by=by.id, ends=(SEE, CONFIRM))]


def return_review(
    risk: Risk, *, by: Person, reason: TextRef, rules: RiskRules, calendar: Calendar, at: datetime
) -> list[RiskEvent]:
    """Have the owner review it again, with a reason, in the time that the board has to see a review. By who could agree."""
    require_open(risk)
    _require_never_owned(risk, by)
    if risk.unseen is None:
        raise refuse(
            "review-to-see", "there is no review to be seen", field="risk", allowed="waiting for the owner's review"
        )
    task = set_task(
        REVIEW,
        who=risk.owner,
        start=at,
        within=rules.see_within,
        calendar=calendar,
        remind=rules.remind,
        told="board",
    )
    return [RiskReviewReturned(by=by.id, reason=reason, sets=(task,), ends=(SEE, CONFIRM))]


def name_owner(risk: Risk, *, by: Person, owner: Person, reason: TextRef, at: datetime) -> list[RiskEvent]:
    """Let somebody else own the risk, by the same date of review. By anyone who may, but for the owner that it has."""
    require_open(risk)
    if owner.id == risk.owner:
        return []
    if by.id == risk.owner:
        raise refuse(
            "not-for-oneself",
            "nobody hands on a risk of their own",
            field="actor",
            allowed="somebody else of the board, or a quality manager",
        )
    _require_owner(owner, at)
    handed = hand_over(risk, rule=REVIEW, to=owner.id, because="reassigned")
    sets = tuple(task for one in handed for task in one.sets)
    return [RiskOwnerNamed(owner=owner.id, reason=reason, sets=sets)]


def close(risk: Risk, *, by: Person, role: str, reason: TextRef) -> list[RiskEvent]:
    """Take the risk off, with a reason. By somebody who never owned it, acting as board for a high one, or one to be confirmed."""
    if risk.over and risk.closed_by == by.id:
        return []
    require_open(risk)
    _require_never_owned(risk, by)
    grave = risk.rating == "high" or (risk.unseen is not None and risk.unseen.to_confirm)
    if grave and role != "board":
        raise refuse("board-closes-high", "this risk is high", field="role", allowed="board")
    return [RiskClosed(by=by.id, reason=reason, ends=(ALL,))]


def require_open(risk: Risk) -> None:
    """Refuse a risk that is not on the register, or closed."""
    if not risk.id:
        raise refuse("known-risk", "there is no such risk", field="risk", allowed="the id of a risk on the register")
    if risk.over:
        raise refuse("risk-open", "this risk is closed", field="risk", allowed="registering it anew")


def may_own(person: Person, at: datetime) -> bool:
    """Whether this person holds a role at `at` that owns risks."""
    return any(person.holds(role, None, at) for role in KEEPERS)


def _require_owner(person: Person, at: datetime, *, field: str = "owner") -> None:
    require_known(person, field=field)
    if not may_own(person, at):
        raise refuse(
            "risk-owner",
            "this person holds no role that owns risks",
            field=field,
            allowed=f"somebody who is {', '.join(KEEPERS)}",
        )


def _require_never_owned(risk: Risk, by: Person) -> None:
    if by.had_part(risk.hands):
        raise refuse(
            "owner-never-confirms",
            "this person owns the risk, or did",
            field="actor",
            allowed="somebody who never owned it",
        )


def _require_levels(likelihood: str, impact: str) -> None:
    for field, level in (("likelihood", likelihood), ("impact", impact)):
        if level not in RATINGS:
            raise refuse("risk-levels", f"{level!r} is no level", field=field, allowed=", ".join(RATINGS))


def _review(who: str, rated: str, rules: RiskRules, calendar: Calendar, at: datetime) -> Task:
    return set_task(
        REVIEW,
        who=who,
        start=at,
        within=rules.review_within(rated),
        calendar=calendar,
        remind=rules.remind,
        told="board",
    )
