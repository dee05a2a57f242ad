"""What happens in an audit of the board. Source: handbook, Governance."""

from dataclasses import dataclass
from datetime import datetime

from domain.clocks import DeadlineMissed, ReminderSent
from domain.tasks import Task, TaskHandedOver, TaskMoved
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which cases an audit is about: those that came to their stage in a period (UTC), from `begins_at` to before `ends_at`.

    Of these schemes (ids), stages, outcomes and types of providers; each of the three last may be empty, for all.
    """

    schemes: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    stages: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    provider_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckItem:
    """One point of the checklist: its code and the question."""

    code: str
    question: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledCase:
    """A case of the sample, whose it is and under which scheme version."""

    case: str
    provider: str
    scheme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOpened:
    """The board opened an audit and the sample was drawn, by `seed`, from the `population` cases in scope at `position` of the log.

    `digest` is the hex SHA-256 of their ids, sorted, one a line; `passed_over` the cases that came before the last one
    drawn and that no member may see.
    """

    audit: str
    scope: Scope
    checklist: tuple[CheckItem, ...]
    members: tuple[str, ...]
    lead: str
    seed: int
    size: int
    position: int
    population: int
    digest: str
    sampled: tuple[SampledCase, ...]
    passed_over: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditMembersChanged:
    """Others are the audit's members from now on, for a stated reason."""

    members: tuple[str, ...]
    lead: str
    reason: TextRef
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledCaseReplaced:
    """No member may see a case of the sample any more; the next one in the order of the seed is in its place.

    `replacement` is None where the order is at its end; `passed_over` are cases before it that no member may see either.
    """

    case: str
    replacement: SampledCase | None
    passed_over: tuple[str, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCaseSeen:
    """A person looked at a case of the sample; with `portfolio`, at what the provider wrote and handed in too."""

    person: str
    case: str
    portfolio: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecorded:
    """A member found on one point of the checklist, in one case, that it `conforms`, or how it does not.

    `supersedes` is the number of the earlier finding that this one takes the place of, for a stated reason.
    """

    number: int
    case: str
    item: str
    by: str
    result: str
    text: TextRef | None
    supersedes: int | None = None
    reason: TextRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditActionAgreed:
    """Somebody is to act on a finding."""

    number: int
    finding: int
    owner: str
    to_do: TextRef
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditActionDone:
    """The owner says that it is done; somebody else is to verify it."""

    number: int
    by: str
    note: TextRef
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditActionReturned:
    """A member found that it is not done; the owner has it again."""

    number: int
    by: str
    reason: TextRef
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditActionVerified:
    """A member other than the owner found that it is done."""

    number: int
    by: str
    note: TextRef
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditClosed:
    """The lead member closed the audit with a summary."""

    by: str
    summary: TextRef
    ends: tuple[str, ...]


AuditEvent = (
    AuditOpened
    | AuditMembersChanged
    | SampledCaseReplaced
    | AuditCaseSeen
    | FindingRecorded
    | AuditActionAgreed
    | AuditActionDone
    | AuditActionReturned
    | AuditActionVerified
    | AuditClosed
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)
