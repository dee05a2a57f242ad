"""A risk to impartiality: how grave it is, who owns it or ever did, and the review that the board has not seen yet.

Source: handbook, Governance.
"""

from dataclasses import dataclass
from typing import Final, assert_never

from domain.clocks import DeadlineMissed, ReminderSent
from domain.governance_policy import RATINGS
from domain.states import replace
from domain.tasks import Matter, Task, TaskHandedOver, TaskMoved, follow
from domain.texts import TextRef

REVIEW: Final = "review-risk-within"
SEE: Final = "see-risk-review-within"
CONFIRM: Final = "confirm-risk-review-within"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRegistered:
    """Somebody saw a risk to impartiality; `owner` watches over it."""

    risk: str
    kind: str
    description: TextRef
    likelihood: str
    impact: str
    owner: str
    mitigation: TextRef
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReviewed:
    """The owner reviewed it; `mitigation` is a new one, where it changed. It is `to_confirm` where the board has to agree."""

    by: str
    result: str
    note: TextRef
    likelihood: str
    impact: str
    mitigation: TextRef | None
    to_confirm: bool
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReviewSeen:
    """A member of the board saw the review and agrees with it."""

    by: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReviewReturned:
    """A member of the board does not agree with the review; the owner reviews it again."""

    by: str
    reason: TextRef
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskOwnerNamed:
    """Somebody else owns the risk from now on, for a stated reason."""

    owner: str
    reason: TextRef
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskClosed:
    """The risk is no more, for a stated reason."""

    by: str
    reason: TextRef
    ends: tuple[str, ...]


RiskEvent = (
    RiskRegistered
    | RiskReviewed
    | RiskReviewSeen
    | RiskReviewReturned
    | RiskOwnerNamed
    | RiskClosed
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Risk(Matter):
    """The state of a risk's stream; `hands` is everybody who ever owned it, `unseen` the review that the board has not seen."""

    likelihood: str = ""
    impact: str = ""
    owner: str = ""
    hands: frozenset[str] = frozenset()
    unseen: RiskReviewed | None = None
    closed_by: str = ""

    @property
    def rating(self) -> str:
        """How grave it is, from likelihood and impact."""
        return rating(self.likelihood, self.impact)


def rating(likelihood: str, impact: str) -> str:
    """`high` where one is high and the other at least medium, `low` where one is low and the other at most medium."""
    score = (RATINGS.index(likelihood) + 1) * (RATINGS.index(impact) + 1)
    return "high" if score >= 6 else "medium" if score >= 3 else "low"


def evolve(risk: Risk, event: RiskEvent) -> Risk:
    """Apply one event."""
    risk = replace(risk, tasks=follow(risk.tasks, event))
    match event:
        case RiskRegistered():
            return replace(
                risk,
                id=event.risk,
                stage="open",
                likelihood=event.likelihood,
                impact=event.impact,
                owner=event.owner,
                hands=frozenset({event.owner}),
            )
        case RiskReviewed():
            return replace(risk, likelihood=event.likelihood, impact=event.impact, unseen=event, stage="reviewed")
        case RiskReviewSeen() | RiskReviewReturned():
            return replace(risk, unseen=None, stage="open")
        case RiskOwnerNamed():
            return replace(risk, owner=event.owner, hands=risk.hands | {event.owner})
        case RiskClosed():
            return replace(risk, stage="closed", over=True, unseen=None, closed_by=event.by)
        case TaskHandedOver():
            owners = {one.who for one in event.sets if one.rule == REVIEW}
            return replace(risk, owner=max(owners), hands=risk.hands | owners) if owners else risk
        case TaskMoved() | ReminderSent() | DeadlineMissed():
            return risk
        case _:
            assert_never(event)
