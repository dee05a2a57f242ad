"""A policy of the body's own, as data: published by version, never changed, and itself reviewed at intervals, with reminders.

Source: handbook, Workforce, and what outside standards ask of a body. What each kind of policy says is in a module of its own,
and what is regularly done under it too: the leads and reports of the workforce policy are decided on in `domain/workforce.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, assert_never

from domain import rounds
from domain.clocks import Calendar, DeadlineMissed, Duration, ReminderSent
from domain.governance_policy import read_governance
from domain.refusals import refuse
from domain.retention_policy import read_retention
from domain.rounds import ConflictsAskedAbout, RoundEvent, YearLookedAt, YearMadeUpFor
from domain.states import replace
from domain.tasks import Matter, Task, TaskHandedOver, TaskMoved, follow, set_task
from domain.texts import TextRef
from domain.toml_reader import Reader, read_calendar, read_file
from domain.workforce_policy import Workforce, read_workforce

CONTENTS: Final[Mapping[str, Callable[[Reader], Any]]] = {
    "governance": read_governance,
    "retention": read_retention,
    "workforce": read_workforce,
}
"""The kinds of policies, each with the function that reads what it says."""
REVIEW: Final = "review-policy-within"
"""The rule of the task to review a policy."""
RESULTS: Final = ("stands", "to-change")
REPORT: Final = "report-within"
"""The rule of the task to make the next report of a department, or the board's; `about` says which."""
NOTE: Final = "note-report-within"
"""The rule of the task to note a report; `about` is the report."""
BOARD: Final = "board"
"""The scope of the board's report, beside those of the departments; and who receives it."""
MANAGER: Final = "quality-manager"


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
    """A version is in force: `source` is its TOML text, `digest` the hex SHA-256 of that text in UTF-8.

    `ends` are the reports of departments that it no longer knows.
    """

    policy: str
    kind: str
    version: int
    digest: str
    source: str
    sets: tuple[Task, ...]
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReviewed:
    """Somebody reviewed the version in force: it `stands`, or is `to-change`; the next review is set."""

    by: str
    result: str
    note: TextRef
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentLeadNamed:
    """A person leads a department from now on, and makes its next report; `sets` is that task, if it runs."""

    department: str
    lead: str
    sets: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentLeadEnded:
    """Nobody leads the department until another is named; its next report falls to the quality manager."""

    department: str
    lead: str
    sets: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMade:
    """A department's report, or the board's (`scope`), was made: on what was so at `until_at` (UTC).

    Activities in it are those completed after `since_at`, all where it is None. `digest` is the hex SHA-256 of its figures, which the record yields again at any time.
    """

    report: str
    scope: str
    by: str
    since_at: datetime | None
    until_at: datetime
    digest: str
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNoted:
    """Who was to see a report has seen it: the board its own, the quality manager those of departments."""

    report: str
    by: str
    ends: tuple[str, ...]


PolicyEvent = (
    RoundEvent
    | PolicyPublished
    | PolicyReviewed
    | DepartmentLeadNamed
    | DepartmentLeadEnded
    | ReportMade
    | ReportNoted
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class PolicyRecord(Matter):
    """The state of a policy's stream; `leads` by department, `noted` the reports that were seen."""

    versions: dict[int, PolicyPublished] = field(default_factory=dict)
    last_review: PolicyReviewed | None = None
    leads: dict[str, str] = field(default_factory=dict)
    reports: dict[str, ReportMade] = field(default_factory=dict)
    noted: frozenset[str] = frozenset()

    time_up: ClassVar[Mapping[str, str]] = {rounds.ASK: "ask_about_conflicts", rounds.LOOK: "look_at_year"}

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
        case PolicyReviewed():
            return replace(record, last_review=event)
        case DepartmentLeadNamed():
            return replace(record, leads={**record.leads, event.department: event.lead})
        case DepartmentLeadEnded():
            left = {one: lead for one, lead in record.leads.items() if one != event.department}
            return replace(record, leads=left)
        case ReportMade():
            return replace(record, reports={**record.reports, event.report: event})
        case ReportNoted():
            return replace(record, noted=record.noted | {event.report})
        case ConflictsAskedAbout() | YearLookedAt() | YearMadeUpFor():
            return record
        case TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
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
    if policy.version <= record.latest:
        problem = "is already published with other content" if published else "comes before the one in force"
        raise refuse(
            "policy-versions",
            f"version {policy.version} of the {policy.kind} policy {problem}",
            field="policy.version",
            allowed=f"version {record.latest + 1} or later",
        )
    reports = _reports(record, policy, at)
    return [
        PolicyPublished(
            policy=id,
            kind=policy.kind,
            version=policy.version,
            digest=policy.digest,
            source=policy.source,
            sets=(
                _next_review(policy, at),
                *(one for one in reports if one.name not in record.tasks.running),
                *rounds.begin(record, policy.content, at=at),
            ),
            ends=tuple(sorted(_reports_running(record) - {one.name for one in reports})),
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
    last = record.last_review
    if last and (last.by, last.result, last.note) == (by, result, note):
        return []
    sets = (_next_review(policy, at), *rounds.begin(record, policy.content, at=at))
    return [PolicyReviewed(by=by, result=result, note=note, sets=sets)]


def _next_review(policy: Policy, at: datetime) -> Task:
    return set_task(
        REVIEW,
        who=MANAGER,
        start=at,
        within=policy.review_every,
        calendar=policy.calendar,
        remind=policy.remind_review,
        told=BOARD,
    )


def _reports(record: PolicyRecord, policy: Policy, at: datetime) -> list[Task]:
    """The first report of each department, and of the board, counted from `at`."""
    if not isinstance(policy.content, Workforce):
        return []
    return [next_report(record, policy, scope, at) for scope in (*policy.content.cpd.departments, BOARD)]


def _reports_running(record: PolicyRecord) -> set[str]:
    return {name for name, one in record.tasks.running.items() if one.rule == REPORT}


def next_report(record: PolicyRecord, policy: Policy, scope: str, start: datetime) -> Task:
    """The task to make the next report of a department or the board, from `start` (UTC) on.

    It falls to the department's lead, or to the quality manager; late, who receives it is told.
    """
    rules = policy.content.reports
    whole = scope == BOARD
    return set_task(
        REPORT,
        about=scope,
        who=record.leads.get(scope, MANAGER),
        start=start,
        within=rules.board_every if whole else rules.department_every,
        calendar=policy.calendar,
        remind=rules.remind,
        told=BOARD if whole else MANAGER,
    )
