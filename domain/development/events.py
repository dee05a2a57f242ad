"""What happens to a person's plan for their professional development: the events of its stream.

Source: handbook, Workforce. Whose plan it is stands in the stream's first event; typed texts stand in none.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.clocks import DeadlineMissed, ReminderSent
from domain.tasks import Task, TaskHandedOver, TaskMoved
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedNoted:
    """A source (`appraisal`, `appeal`, …) pointed to a need of the person; `found`: with it there are sources enough.

    `topic` tells a person's needs apart. `matter` is the appeal, complaint, sampling or questionnaire that it comes from.
    """

    development: str
    person: str
    topic: str
    source: str
    by: str
    text: TextRef
    found: bool
    matter: str | None = None
    sets: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOpened:
    """The person has a plan for a period (UTC) in a department, under a version of the policy (`workforce@1`).

    `period` counts a person's periods from 1; `carried` are the topics of the unmet needs of the one before.
    """

    development: str
    person: str
    department: str
    period: int
    starts_at: datetime
    ends_at: datetime
    policy: str
    carried: tuple[str, ...]
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAgreed:
    """Somebody else than the person agreed the plan of this period: its needs are those that it is to meet."""

    by: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanClosed:
    """A period is over; the needs in `unmet` go on into the next."""

    period: int
    met: tuple[str, ...]
    unmet: tuple[str, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentEnded:
    """The person works for the body no longer, or needs no plan, for a stated reason; nothing more is asked of them."""

    by: str
    reason: TextRef
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentChanged:
    """The person is of another department; tasks of the former lead fall to whoever leads this one."""

    department: str
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedMet:
    """Somebody else than the person found the need met, after the activities for it showed impact."""

    topic: str
    by: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityProposed:
    """An activity was proposed for needs of the plan, with its provider, what speaks for its quality, length and cost.

    `quality` is the policy's code, `statement` the words for it; `cost` is in hundredths of `currency`; `planned_at` is
    when it is to be over (UTC).
    """

    activity: str
    by: str
    topics: tuple[str, ...]
    kind: str
    title: TextRef
    trainer: TextRef
    quality: str
    statement: TextRef
    minutes: int
    cost: int
    currency: str
    planned_at: datetime
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityApproved:
    """An activity was approved by somebody who is neither the person nor proposed it; it counts from `approved_at` (UTC) on."""

    activity: str
    by: str
    approved_at: datetime
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDeclined:
    """An activity was declined by somebody who is neither the person nor proposed it, with a reason; its needs want another."""

    activity: str
    by: str
    reason: TextRef
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDropped:
    """An activity does not take place, for a stated reason; its needs want another."""

    activity: str
    by: str
    reason: TextRef
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityCompleted:
    """An approved activity was over at `done_at` (UTC) and took so many minutes: the central record of it."""

    activity: str
    by: str
    done_at: datetime
    minutes: int
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """The answer to one question on satisfaction: 1 (not at all) to 5 (fully)."""

    question: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionnaireAnswered:
    """The person said how satisfied they are with an activity."""

    activity: str
    ratings: tuple[Rating, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReflectionWritten:
    """The person wrote what they made of an activity."""

    activity: str
    text: TextRef
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactReviewed:
    """Somebody else than the person found that an activity `had`, `partly` had or had `none` of the impact meant."""

    activity: str
    by: str
    impact: str
    note: TextRef
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


DevelopmentEvent = (
    NeedNoted
    | PlanOpened
    | PlanAgreed
    | PlanClosed
    | DevelopmentEnded
    | DepartmentChanged
    | NeedMet
    | ActivityProposed
    | ActivityApproved
    | ActivityDeclined
    | ActivityDropped
    | ActivityCompleted
    | QuestionnaireAnswered
    | ReflectionWritten
    | ImpactReviewed
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)
