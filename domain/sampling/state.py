"""A plan for internal quality assurance: what was drawn of each assessor's completed assessments, and what was found of it.

Source: handbook, Governance.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, assert_never

from domain.clocks import DeadlineMissed, ReminderSent
from domain.states import replace
from domain.tasks import Matter, Task, TaskHandedOver, TaskMoved, follow
from domain.texts import TextRef

DRAW: Final = "draw-sample-on"
"""The rule of the clock on which the plan draws by itself."""
LOOK: Final = "look-at-sample-within"
FINISH: Final = "finish-sampling-within"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The percentage of each assessor's completed assessments that is drawn, and at least how many; `new_` those of a new one.

    Somebody is new for `new_for` (a duration) from the first assessment that they completed under the scheme.
    """

    percent: int
    least: int
    new_percent: int
    new_least: int
    new_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One assessment to be looked at, because it is of the `share`, or among the first (`least`) of its assessor."""

    number: int
    case: str
    provider: str
    assessor: str
    completed_at: datetime
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many assessments a person has completed in the plan's year, how many of them as a new assessor, and how many it plans for."""

    assessor: str
    completed: int
    new: int
    planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingPlanned:
    """A plan for a scheme and a year (UTC instants), with its shares and the seed that draws."""

    plan: str
    scheme: str
    year: int
    begins_at: datetime
    ends_at: datetime
    seed: int
    shares: Shares
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentsDrawn:
    """What was completed up to `position` of the log was drawn from; `final` once the year is over."""

    position: int
    drawn: tuple[Drawn, ...]
    tallies: tuple[Tally, ...]
    final: bool
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleResultRecorded:
    """Somebody looked at an assessment of the sample and found it `sound`, or a minor or serious fault, on a `topic`."""

    number: int
    by: str
    result: str
    text: TextRef | None
    topic: str | None
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpNamed:
    """What was found gives a need for the development of a person, on a topic."""

    person: str
    need: TextRef
    topic: str
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingClosed:
    """The plan is done, with a report."""

    by: str
    report: TextRef
    ends: tuple[str, ...]


SamplingEvent = (
    SamplingPlanned
    | AssessmentsDrawn
    | SampleResultRecorded
    | FollowUpNamed
    | SamplingClosed
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Plan(Matter):
    """The state of a plan's stream; `drawn` and `results` are by number."""

    time_up: ClassVar[Mapping[str, str]] = {DRAW: "draw_sample"}

    planned: SamplingPlanned | None = None
    drawn: dict[int, Drawn] = field(default_factory=dict)
    results: dict[int, SampleResultRecorded] = field(default_factory=dict)
    tallies: tuple[Tally, ...] = ()
    position: int = 0
    final: bool = False
    closed_by: str = ""

    @property
    def waiting(self) -> list[int]:
        """The numbers of those drawn that nobody has looked at."""
        return [number for number in self.drawn if number not in self.results]


def evolve(plan: Plan, event: SamplingEvent) -> Plan:
    """Apply one event."""
    plan = replace(plan, tasks=follow(plan.tasks, event))
    match event:
        case SamplingPlanned():
            return replace(plan, id=event.plan, stage="running", planned=event)
        case AssessmentsDrawn():
            return replace(
                plan,
                drawn=plan.drawn | {one.number: one for one in event.drawn},
                tallies=event.tallies,
                position=event.position,
                final=event.final,
                stage="drawn" if event.final else plan.stage,
            )
        case SampleResultRecorded():
            return replace(plan, results={**plan.results, event.number: event})
        case SamplingClosed():
            return replace(plan, stage="closed", over=True, closed_by=event.by)
        case FollowUpNamed() | TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return plan
        case _:
            assert_never(event)
