"""What can happen to a complaint, in the handbook's order. People are ids, texts are references, instants are UTC.

`level` is 1 for the first answer, 2 for the second, 3 for the committee. Source: handbook, section 13.
"""

from dataclasses import dataclass

from domain.clocks import DeadlineMissed, ReminderSent
from domain.tasks import Task, TaskHandedOver, TaskMoved
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRaised:
    """Somebody complained under `scheme` (`cpd-qa@1`) about the service, about people, or about a case.

    `people` are those complained about who are known. `raised_by` is None where it came from outside; `entered_by` then
    entered it for them. `on_behalf_of` is the provider for which its contact complains, `provider` whose affair it is, if
    anybody's. `reachable`: there is somebody to tell the answer.
    """

    complaint: str
    scheme: str
    about: str
    text: TextRef
    people: tuple[str, ...]
    case: str | None
    provider: str | None
    raised_by: str | None
    entered_by: str | None
    on_behalf_of: str | None
    reachable: bool
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonComplainedAbout:
    """It came out that the complaint is about this person too, who has no part in dealing with it from now on."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAcknowledged:
    """The complaint, or that it was taken further, was acknowledged; `handler` answers it."""

    level: int
    handler: str
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerChanged:
    """Another handler answers from now on, for a stated reason; without one where nobody had it in hand."""

    level: int
    handler: str
    reason: TextRef | None
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerLeft:
    """The handler takes no part any more `because` of a conflict, being complained about, or an account closed; another is needed."""

    person: str
    because: str
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAnswered:
    """The handler answered at this level: `upheld`, `partly-upheld` or `not-upheld`, why, and what was done."""

    level: int
    handler: str
    outcome: str
    reason: TextRef
    done: TextRef | None
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintEscalated:
    """Who complained took it further, to this level, for a reason."""

    level: int
    reason: TextRef
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeFormed:
    """That it goes to a committee was acknowledged, and these people are to review it; `chair` is one of them."""

    chair: str
    members: tuple[str, ...]
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeMemberLeft:
    """A member of the committee, or its chair, takes no part any more `because` of a conflict or the like."""

    person: str
    because: str
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintDecided:
    """The committee reviewed the complaint and decided, as its chair recorded; `members` are those who did."""

    chair: str
    members: tuple[str, ...]
    outcome: str
    reason: TextRef
    done: TextRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintClosed:
    """The complaint is closed `because` it was `not-escalated` in time, or `reviewed` by the committee."""

    because: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintWithdrawn:
    """Who complained withdrew the complaint."""

    reason: TextRef | None
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpNamed:
    """The complaint was upheld, and this person concerned has something to learn from it, on a topic (a code)."""

    person: str
    need: TextRef
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedCaseNamed:
    """The complaint was upheld, and what it is about touched this case too, as the note says.

    It is to be dealt with in time (`sets`); nothing was set in events recorded before that was asked.
    """

    case: str
    note: TextRef
    sets: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedCaseDealtWith:
    """What was done about a case that the complaint touched too, by `dealt_by`."""

    case: str
    dealt_by: str
    action: str
    done: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedCaseClosed:
    """Somebody else found what was done about it enough."""

    case: str
    closed_by: str
    ends: tuple[str, ...]


ComplaintEvent = (
    ComplaintRaised
    | PersonComplainedAbout
    | ComplaintAcknowledged
    | HandlerChanged
    | HandlerLeft
    | ComplaintAnswered
    | ComplaintEscalated
    | CommitteeFormed
    | CommitteeMemberLeft
    | ComplaintDecided
    | ComplaintClosed
    | ComplaintWithdrawn
    | FollowUpNamed
    | AffectedCaseNamed
    | AffectedCaseDealtWith
    | AffectedCaseClosed
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)
