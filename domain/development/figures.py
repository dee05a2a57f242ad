"""The figures of a department's report and the board's: what the plans, needs and activities of their people come to.

Source: handbook, Workforce. They follow from the record as it was at an instant, so that whoever computes them again finds the
same, and the digest kept with the report shows it. Numbers of people and answers stand beside every mean.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from domain.development.state import Development
from domain.policy import BOARD


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFact:
    """A need as it was: the kinds of its sources, whether found and met."""

    topic: str
    sources: frozenset[str]
    found: bool
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFact:
    """An activity as it was; `scores` by question, `impact` empty until it was reviewed."""

    kind: str
    stage: str
    minutes: int
    cost: int
    currency: str
    done_at: datetime | None
    scores: tuple[tuple[str, int], ...]
    impact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What counts of one person's development as it was at an instant; `overdue` are the rules of the tasks that were late."""

    person: str
    department: str
    running: bool
    agreed: bool
    needs: tuple[NeedFact, ...]
    activities: tuple[ActivityFact, ...]
    overdue: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFigures:
    """Needs on one topic: not found yet, found and open, met; and to how many of them each source points."""

    topic: str
    waiting: int
    open: int
    met: int
    sources: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFigures:
    """Activities of one kind and currency by stage; minutes and cost (hundredths) of those completed."""

    kind: str
    currency: str
    stages: tuple[tuple[str, int], ...]
    minutes: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """The answers to one question: how many, and their sum, so that nothing is rounded."""

    question: str
    n: int
    total: int

    @property
    def mean(self) -> float:
        """The mean of 1 (not at all) to 5 (fully)."""
        return self.total / self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All of it, of a department or of the whole body (`board`); `without_plan` counts people of the whole body only."""

    scope: str
    with_plan: int
    agreed: int
    without_plan: int
    needs: tuple[NeedFigures, ...]
    activities: tuple[ActivityFigures, ...]
    satisfaction: tuple[Satisfaction, ...]
    impact: tuple[tuple[str, int], ...]
    overdue: tuple[tuple[str, int], ...]


def facts_of(held: Development, at: datetime) -> Facts:
    """What counts of a development whose state at `at` (UTC) this is."""
    needs = [
        NeedFact(topic=one.topic, sources=frozenset(each.kind for each in one.sources), found=one.found, met=one.met)
        for one in held.needs.values()
    ]
    activities = [
        ActivityFact(
            kind=one.kind,
            stage=one.stage,
            minutes=one.minutes,
            cost=one.cost,
            currency=one.currency,
            done_at=one.done_at,
            scores=tuple((each.question, each.score) for each in one.answered.ratings) if one.answered else (),
            impact=one.review.impact if one.review else "",
        )
        for one in held.activities.values()
    ]
    return Facts(
        person=held.person,
        department=held.department,
        running=held.running,
        agreed=held.running and held.agreed,
        needs=tuple(needs),
        activities=tuple(activities),
        overdue=tuple(one.rule for one in held.tasks.running.values() if one.due_at <= at),
    )


def of(facts: Iterable[Facts], *, staff: Collection[str], scope: str, since: datetime | None = None) -> Figures:
    """Return the figures of a department or of the whole body (`board`), whose people are `staff`.

    Activities completed at or before `since` are left out.
    """
    whole = scope == BOARD
    mine = [one for one in facts if whole or one.department == scope]
    done = [
        each for one in mine for each in one.activities if since is None or each.done_at is None or each.done_at > since
    ]
    planned = {one.person for one in mine if one.running}
    return Figures(
        scope=scope,
        with_plan=len(planned),
        agreed=sum(one.agreed for one in mine),
        without_plan=len(set(staff) - planned) if whole else 0,
        needs=_needs([each for one in mine for each in one.needs]),
        activities=_activities(done),
        satisfaction=_satisfaction(done),
        impact=_counted(one.impact or "to-review" for one in done if one.stage == "completed"),
        overdue=_counted(rule for one in mine for rule in one.overdue),
    )


def digest(figures: Figures) -> str:
    """Return the hex SHA-256 of the figures, as JSON with sorted keys in UTF-8."""
    return hashlib.sha256(json.dumps(asdict(figures), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _needs(needs: Sequence[NeedFact]) -> tuple[NeedFigures, ...]:
    found = []
    for topic in sorted({one.topic for one in needs}):
        mine = [one for one in needs if one.topic == topic]
        found.append(
            NeedFigures(
                topic=topic,
                waiting=sum(not one.found for one in mine),
                open=sum(one.found and not one.met for one in mine),
                met=sum(one.met for one in mine),
                sources=_counted(source for one in mine for source in one.sources),
            )
        )
    return tuple(found)


def _activities(activities: Sequence[ActivityFact]) -> tuple[ActivityFigures, ...]:
    found = []
    for kind, currency in sorted({(one.kind, one.currency) for one in activities}):
        mine = [one for one in activities if (one.kind, one.currency) == (kind, currency)]
        completed = [one for one in mine if one.stage == "completed"]
        found.append(
            ActivityFigures(
                kind=kind,
                currency=currency,
                stages=_counted(one.stage for one in mine),
                minutes=sum(one.minutes for one in completed),
                cost=sum(one.cost for one in completed),
            )
        )
    return tuple(found)


def _satisfaction(activities: Sequence[ActivityFact]) -> tuple[Satisfaction, ...]:
    scores: dict[str, list[int]] = {}
    for one in activities:
        for question, score in one.scores:
            scores.setdefault(question, []).append(score)
    return tuple(Satisfaction(question=one, n=len(all_), total=sum(all_)) for one, all_ in sorted(scores.items()))


def _counted(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(names).items()))
