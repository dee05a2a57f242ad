"""A policy of the body's own, as data: published by version, never changed, and itself reviewed at intervals, with reminders.

Source: handbook, People, and what outside standards ask of a body. What each kind of policy says is in a module of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, assert_never

from domain.clocks import Calendar, DeadlineMissed, Duration, ReminderSent
from domain.refusals import refuse
from domain.retention_policy import read_retention
from domain.states import replace
from domain.tasks import Matter, Task, TaskHandedOver, TaskMoved, follow, set_task
from domain.texts import TextRef
from domain.toml_reader import Reader, read_calendar, read_file

CONTENTS: Final[Mapping[str, Callable[[Reader], Any]]] = {"retention": read_retention}
"""The kinds of policies, each with the function that reads what it says."""
REVIEW: Final = "review-policy-within"
"""The rule of the task to review a policy."""
RESULTS: Final = ("stands", "to-change")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of a policy: `content` is what its kind says; it is reviewed every `review_every`."""

    kind: str
    version: int
    title: str
    digest: str
    calendar: Calendar
    review_every: Duration
    remind_review: tuple[Duration, ...]
    content: Any
    source: str = ""

    @property
    def ref(self) -> str:
        return f"{self.kind}@{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPublished:
    """A version is in force: `source` is its TOML text, `digest` the hex SHA-256 of that text in UTF-8."""

    policy: str
    kind: str
    version: int
    digest: str
    source: str
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReviewed:
    """Somebody reviewed the version in force: it `stands`, or is `to-change`; the next review is set."""

    by: str
    result: str
    note: TextRef
    sets: tuple[Task, ...]


PolicyEvent = PolicyPublished | PolicyReviewed | TaskMoved | TaskHandedOver | ReminderSent | DeadlineMissed


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class PolicyRecord(Matter):
    """The state of a policy's stream."""

    versions: dict[int, PolicyPublished] = field(default_factory=dict)

    @property
    def latest(self) -> int:
        """The version in force, 0 if none is published."""
        return max(self.versions, default=0)


def evolve(record: PolicyRecord, event: PolicyEvent) -> PolicyRecord:
    """Apply one event."""
    record = replace(record, tasks=follow(record.tasks, event))
    match event:
        case PolicyPublished():
            return replace(
                record, id=event.policy, stage="in-force", versions={**record.versions, event.version: event}
            )
        case PolicyReviewed() | TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return record
        case _:
            assert_never(event)


def read_policy(source: str, file: str = "policy") -> Policy:
    """Read and check one version of a policy from TOML text. Raises FaultyFile naming every fault at once."""

    def read(reader: Reader, digest: str) -> Policy:
        kind = reader.chosen("policy.kind", tuple(CONTENTS))
        return Policy(
            kind=kind,
            version=reader.whole("policy.version", least=1),
            title=reader.text("policy.title"),
            digest=digest,
            calendar=read_calendar(reader),
            review_every=reader.duration("policy.review_every", "P1Y"),
            remind_review=reader.durations("policy.remind_review", ["P2M", "P1M"]),
            content=CONTENTS[kind](reader) if kind in CONTENTS else None,
            source=source,
        )

    return read_file(source, file, read)


def publish(record: PolicyRecord, *, id: str, policy: Policy, at: datetime) -> list[PolicyEvent]:
    """Put a version in force. The same content again changes nothing, other content under its number is refused."""
    published = record.versions.get(policy.version)
    if published and published.digest == policy.digest:
        return []
    if published or policy.version < record.latest:
        problem = "is already published with other content" if published else "comes before the one in force"
        raise refuse(
            "policy-versions",
            f"version {policy.version} of the {policy.kind} policy {problem}",
            field="policy.version",
            allowed=f"version {record.latest + 1} or later",
        )
    return [
        PolicyPublished(
            policy=id,
            kind=policy.kind,
            version=policy.version,
            digest=policy.digest,
            source=policy.source,
            sets=(_next_review(policy, at),),
        )
    ]


def review(
    record: PolicyRecord, *, policy: Policy, by: str, result: str, note: TextRef, at: datetime
) -> list[PolicyEvent]:
    """Note that the version in force was reviewed, and when the next review is due. Whoever is late starts afresh from now."""
    if not record.id:
        raise refuse("known-policy", "this policy is not published", field="policy", allowed="publishing it first")
    if result not in RESULTS:
        raise refuse("policy-results", f"{result!r} is no result", field="result", allowed=", ".join(RESULTS))
    return [PolicyReviewed(by=by, result=result, note=note, sets=(_next_review(policy, at),))]


def _next_review(policy: Policy, at: datetime) -> Task:
    return set_task(
        REVIEW,
        who="quality-manager",
        start=at,
        within=policy.review_every,
        calendar=policy.calendar,
        remind=policy.remind_review,
        told="board",
    )
