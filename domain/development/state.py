"""The state of a person's development: their plan's period, their needs with the sources of each, and their activities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, assert_never

from domain.clocks import DeadlineMissed, ReminderSent
from domain.development import events as e
from domain.person import Person
from domain.refusals import refuse
from domain.states import replace
from domain.tasks import Matter, TaskHandedOver, TaskMoved, follow, named
from domain.texts import TextRef

OPEN: Final = "open-plan-within"
"""The rule of the task to open a plan for a person with a need and none."""
AGREE: Final = "agree-plan-within"
"""The rule of the task to agree a period's plan."""
PERIOD: Final = "plan-period"
"""The rule by which a period ends and the next begins."""
PLAN: Final = "plan-for-need-within"
"""The rule of the task to propose an activity for a need that is found; `about` is its topic."""
APPROVE: Final = "approve-activity-within"
RECORD: Final = "record-activity-within"
QUESTIONNAIRE: Final = "answer-questionnaire-within"
REFLECTION: Final = "reflect-within"
IMPACT: Final = "review-impact-within"
"""The rules of an activity's tasks; `about` is the activity."""
LIVE: Final = frozenset({"proposed", "approved"})
"""The stages of an activity that is still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What pointed to a need: the kind of source, the matter it comes from, if any, and the words."""

    kind: str
    matter: str | None
    text: TextRef


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Need:
    """A need by its topic. `found` once sources enough point to it; `carried` counts the periods' ends that it outlived.

    `shown`: an activity for it had impact, at least in part; `met_in` is the period in which it was met, 0 before. A source
    that points to one that was met begins it again.
    """

    topic: str
    sources: tuple[Source, ...] = ()
    found: bool = False
    carried: int = 0
    shown: bool = False
    met_in: int = 0

    @property
    def met(self) -> bool:
        """Found to be met."""
        return self.met_in > 0

    @property
    def unmet(self) -> bool:
        """Found, and not met yet."""
        return self.found and not self.met


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Activity:
    """An activity: `proposed`, `approved`, `declined`, `dropped` or `completed`; then what was said of it.

    `minutes` are those planned, and once it is completed those that it took.
    """

    id: str
    proposed_by: str
    topics: tuple[str, ...]
    kind: str
    minutes: int
    cost: int
    currency: str
    planned_at: datetime
    stage: str = "proposed"
    approved_at: datetime | None = None
    done_at: datetime | None = None
    answered: e.QuestionnaireAnswered | None = None
    reflected: e.ReflectionWritten | None = None
    review: e.ImpactReviewed | None = None


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Development(Matter):
    """The state of a person's stream of development. Before a plan is opened there may be needs, noted from an appeal."""

    person: str = ""
    department: str = ""
    period: int = 0
    starts_at: datetime | None = None
    agreed: bool = False
    needs: dict[str, Need] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)

    time_up: ClassVar[Mapping[str, str]] = {PERIOD: "turn_period"}

    @property
    def parties(self) -> frozenset[str]:
        """Whose plan it is."""
        return frozenset({self.person} - {""})

    @property
    def running(self) -> bool:
        """Whether the person has a plan now."""
        return self.stage in ("open", "agreed")

    def planned(self, topic: str, but: str = "") -> bool:
        """Whether an activity for this need is under way: to be approved, recorded or reviewed; other than `but`."""
        return any(
            topic in one.topics and any(named(rule, one.id) in self.tasks.running for rule in (APPROVE, RECORD, IMPACT))
            for one in self.activities.values()
            if one.id != but
        )


def evolve(held: Development, event: e.DevelopmentEvent) -> Development:
    """Apply one event."""
    held = replace(held, tasks=follow(held.tasks, event))
    match event:
        case e.NeedNoted():
            noted = {**held.needs, event.topic: _with_source(held.needs.get(event.topic), event)}
            stage = held.stage if held.running else "noted"
            return replace(held, id=event.development, person=event.person, stage=stage, over=False, needs=noted)
        case e.PlanOpened():
            carried = {
                topic: replace(held.needs[topic], carried=held.needs[topic].carried + 1) for topic in event.carried
            }
            return replace(
                held,
                id=event.development,
                person=event.person,
                department=event.department,
                period=event.period,
                starts_at=event.starts_at,
                stage="open",
                over=False,
                agreed=False,
                needs=held.needs | carried,
            )
        case e.PlanAgreed():
            return replace(held, agreed=True, stage="agreed")
        case e.PlanClosed():
            return replace(held, stage="closed")
        case e.DevelopmentEnded():
            left = {one.id: replace(one, stage="dropped") for one in held.activities.values() if one.stage in LIVE}
            return replace(held, over=True, stage="ended", activities=held.activities | left)
        case e.DepartmentChanged():
            return replace(held, department=event.department)
        case e.NeedMet():
            met = replace(held.needs[event.topic], met_in=held.period)
            return replace(held, needs={**held.needs, event.topic: met})
        case e.ActivityProposed():
            proposed = Activity(
                id=event.activity,
                proposed_by=event.by,
                topics=event.topics,
                kind=event.kind,
                minutes=event.minutes,
                cost=event.cost,
                currency=event.currency,
                planned_at=event.planned_at,
            )
            return replace(held, activities={**held.activities, event.activity: proposed})
        case TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return held
        case _:
            return _with_activity(held, event)


def _with_source(need: Need | None, event: e.NeedNoted) -> Need:
    source = Source(kind=event.source, matter=event.matter, text=event.text)
    if need is None or need.met:
        return Need(topic=event.topic, sources=(source,), found=event.found)
    return replace(need, sources=(*need.sources, source), found=event.found)


def _with_activity(
    held: Development,
    event: e.ActivityApproved
    | e.ActivityDeclined
    | e.ActivityDropped
    | e.ActivityCompleted
    | e.QuestionnaireAnswered
    | e.ReflectionWritten
    | e.ImpactReviewed,
) -> Development:
    one = held.activities[event.activity]
    match event:
        case e.ActivityApproved():
            one = replace(one, stage="approved", approved_at=event.approved_at)
        case e.ActivityDeclined():
            one = replace(one, stage="declined")
        case e.ActivityDropped():
            one = replace(one, stage="dropped")
        case e.ActivityCompleted():
            one = replace(one, stage="completed", done_at=event.done_at, minutes=event.minutes)
        case e.QuestionnaireAnswered():
            one = replace(one, answered=event)
        case e.ReflectionWritten():
            one = replace(one, reflected=event)
        case e.ImpactReviewed():
            one = replace(one, review=event)
            held = replace(held, needs=held.needs | _shown(held, one) if event.impact != "none" else held.needs)
        case _:
            assert_never(event)
    return replace(held, activities={**held.activities, event.activity: one})


def _shown(held: Development, activity: Activity) -> dict[str, Need]:
    return {topic: replace(held.needs[topic], shown=True) for topic in activity.topics}


def require_plan(held: Development) -> None:
    """Refuse where the person has no plan now."""
    if not held.running:
        raise refuse(
            "plan-runs", "this person has no plan", field="person", allowed="somebody for whom a plan is opened"
        )


def require_need(held: Development, topic: str) -> Need:
    """Return a need on record; refuses another."""
    if topic not in held.needs:
        raise refuse(
            "known-need",
            "there is no such need in this plan",
            field="topic",
            allowed=", ".join(sorted(held.needs)) or "a need noted before",
        )
    return held.needs[topic]


def require_activity(held: Development, activity: str) -> Activity:
    """Return an activity on record; refuses another."""
    if activity not in held.activities:
        raise refuse(
            "known-activity",
            "there is no such activity in this plan",
            field="activity",
            allowed=", ".join(sorted(held.activities)) or "an activity proposed before",
        )
    return held.activities[activity]


def require_other(held: Development, by: Person, what: str) -> None:
    """Refuse the person whose plan it is, under any account, who does not `what` for themselves."""
    if by.had_part({held.person}):
        raise refuse(
            "not-for-oneself",
            f"nobody {what} for themselves",
            field="actor",
            allowed="the department's lead or a quality manager who is somebody else",
        )


def require_one(rule: str, given: str, allowed: Sequence[str], field: str) -> None:
    """Refuse by `rule` what is not one of those allowed."""
    if given not in allowed:
        raise refuse(rule, f"{given!r} is not one of them", field=field, allowed=", ".join(allowed))


def require_stage(one: Activity, *stages: str) -> None:
    """Refuse an activity at another stage."""
    if one.stage not in stages:
        raise refuse(
            "activity-stage",
            f"this activity is {one.stage}",
            field="activity",
            allowed=f"one that is {' or '.join(stages)}",
        )
