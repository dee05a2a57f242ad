"""Where a complaint stands, and who has no part in dealing with it: those complained about, who complained, and earlier handlers.

Source: handbook, section 13, and "Who did not decide". It is confidential: who is complained about does not see it.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, Protocol, assert_never

from domain.clocks import DeadlineMissed, ReminderSent
from domain.complaint import events as e
from domain.person import Person, require_no_conflict
from domain.refusals import Refused, refuse
from domain.states import replace
from domain.tasks import Matter, Task, TaskHandedOver, TaskMoved, follow, named

ABOUT: Final = ("service", "people", "case")
OUTCOMES: Final = ("upheld", "partly-upheld", "not-upheld")
UPHELD: Final = ("upheld", "partly-upheld")
LEVELS: Final = {1: "first", 2: "second", 3: "committee"}
"""What tells the tasks of each level apart."""

ACKNOWLEDGE: Final = "acknowledge-complaint-within"
ANSWER: Final = "answer-complaint-within"
ANSWER_AGAIN: Final = "answer-complaint-again-within"
REVIEW: Final = "review-complaint-within"
AFFECTED: Final = "see-to-affected-within"
"""The rule of the task to look after a case that was touched too; about that case."""
ESCALATE: Final = "escalate-complaint-within"
DECIDES: Final = {1: ANSWER, 2: ANSWER_AGAIN, 3: REVIEW}
"""The rule of the task in which each level comes to its answer."""

HANDLER: Final = "complaints-handler"
OVERSEERS: Final = ("quality-manager", "board")
"""Who may look at complaints besides those who handle them."""
STAGES: Final = {
    1: ("raised", "acknowledged", "answered"),
    2: ("escalated", "acknowledged-again", "answered-again"),
    3: ("committee-asked", "in-review", "closed"),
}
"""The stages of each level: it is come to, somebody has it in hand, it is answered."""
ENDS: Final = ("closed", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A case that was touched too: what was done about it last, by whom, and whether somebody else has closed it."""

    action: str | None = None
    done: str | None = None
    dealt_by: tuple[str, ...] = ()
    closed: bool = False


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Complaint(Matter):
    """The state of a complaint's stream, which is over once it is closed or withdrawn and no case that it touched is left.

    `people` are complained about. `handled` says who had it in hand at which level, also those who left; `members` sit on
    the committee. `outcome` is the latest answer, by `decided_by`; `told` the references of what was said at each level, so
    that the same again is known.
    """

    people: frozenset[str] = frozenset()
    raised_by: str | None = None
    entered_by: str | None = None
    on_behalf_of: str | None = None
    level: int = 1
    handler: str | None = None
    members: tuple[str, ...] = ()
    handled: frozenset[tuple[int, str]] = frozenset()
    outcome: str | None = None
    decided_by: str | None = None
    told: dict[str, str] = field(default_factory=dict)
    follow_ups: frozenset[tuple[str, str]] = frozenset()
    affected: dict[str, Affected] = field(default_factory=dict)

    time_up: ClassVar[Mapping[str, str]] = {ESCALATE: "close_complaint"}

    @property
    def parties(self) -> frozenset[str]:
        """Who is complained about, and who complained."""
        return self.people | {one for one in (self.raised_by, self.entered_by) if one}

    @property
    def handlers(self) -> frozenset[str]:
        """Everybody who has or had it in hand, or sits on its committee."""
        return frozenset(person for _, person in self.handled) | {*self.members}

    def earlier(self, level: int) -> frozenset[str]:
        """Who had it in hand before it came to this level."""
        return frozenset(person for at, person in self.handled if at < level)

    @property
    def closed(self) -> bool:
        """No answer to it is to come any more."""
        return self.stage in ENDS

    @property
    def looking_after(self) -> tuple[str, ...]:
        """The names of the tasks to look after cases that it touched, which run on when it is closed."""
        return tuple(name for name, one in self.tasks.running.items() if one.rule == AFFECTED)

    @property
    def upheld(self) -> bool:
        """The latest answer upholds it, at least in part."""
        return self.outcome in UPHELD


def evolve(complaint: Complaint, event: e.ComplaintEvent) -> Complaint:
    """Apply one event."""
    later = _evolve(replace(complaint, tasks=follow(complaint.tasks, event)), event)
    return replace(later, over=later.closed and not later.looking_after)


def _evolve(complaint: Complaint, event: e.ComplaintEvent) -> Complaint:
    match event:
        case e.ComplaintRaised():
            return replace(
                complaint,
                id=event.complaint,
                scheme=event.scheme,
                provider=event.provider or "",
                stage="raised",
                people=frozenset(event.people),
                raised_by=event.raised_by,
                entered_by=event.entered_by,
                on_behalf_of=event.on_behalf_of,
            )
        case e.PersonComplainedAbout():
            return replace(complaint, people=complaint.people | {event.person})
        case e.ComplaintAcknowledged() | e.HandlerChanged():
            return _in_hand(complaint, [event.handler], handler=event.handler)
        case e.HandlerLeft():
            return replace(complaint, handler=None)
        case e.ComplaintAnswered():
            return _answered(complaint, event.level, event.outcome, event.handler, event.reason.id)
        case e.ComplaintEscalated():
            said = {**complaint.told, f"escalated-{event.level}": event.reason.id}
            return replace(
                complaint, level=event.level, stage=STAGES[event.level][0], handler=None, outcome=None, told=said
            )
        case e.CommitteeFormed():
            formed = replace(complaint, members=event.members)
            return _in_hand(formed, event.members, handler=event.chair)
        case e.CommitteeMemberLeft():
            left = tuple(one for one in complaint.members if one != event.person)
            chair = None if complaint.handler == event.person else complaint.handler
            return replace(complaint, members=left, handler=chair)
        case e.ComplaintDecided():
            return _answered(complaint, 3, event.outcome, event.chair, event.reason.id)
        case e.ComplaintClosed():
            return replace(complaint, stage="closed")
        case e.ComplaintWithdrawn():
            return replace(complaint, stage="withdrawn")
        case e.FollowUpNamed():
            return replace(complaint, follow_ups=complaint.follow_ups | {(event.person, event.need.id)})
        case e.AffectedCaseNamed():
            return replace(complaint, affected={**complaint.affected, event.case: Affected()})
        case e.AffectedCaseDealtWith():
            held = complaint.affected[event.case]
            by = tuple(dict.fromkeys((*held.dealt_by, event.dealt_by)))
            dealt = dataclasses.replace(held, action=event.action, done=event.done.id, dealt_by=by)
            return replace(complaint, affected={**complaint.affected, event.case: dealt})
        case e.AffectedCaseClosed():
            closed = dataclasses.replace(complaint.affected[event.case], closed=True)
            return replace(complaint, affected={**complaint.affected, event.case: closed})
        case TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return complaint
        case _:
            assert_never(event)


def _in_hand(complaint: Complaint, people: Sequence[str], *, handler: str) -> Complaint:
    handled = complaint.handled | {(complaint.level, one) for one in people}
    return replace(complaint, stage=STAGES[complaint.level][1], handler=handler, handled=handled)


def _answered(complaint: Complaint, level: int, outcome: str, by: str, said: str) -> Complaint:
    told = {**complaint.told, f"answered-{level}": said}
    return replace(complaint, stage=STAGES[level][2], outcome=outcome, decided_by=by, told=told)


def require_raised(complaint: Complaint) -> None:
    """Refuse a complaint that does not exist."""
    if not complaint.id:
        raise refuse(
            "known-complaint", "there is no such complaint", field="complaint", allowed="the id of one that was raised"
        )


def require_open(complaint: Complaint) -> None:
    """Refuse a complaint that is over."""
    require_raised(complaint)
    if complaint.closed:
        raise refuse(
            "complaint-over", f"this complaint is {complaint.stage}", field="complaint", allowed="raising a new one"
        )


def require_stage(complaint: Complaint, doing: str, *stages: str) -> None:
    """Refuse what is not to be done at this stage."""
    require_open(complaint)
    if complaint.stage not in stages:
        raise refuse(
            "complaint-stage",
            f"{doing} is not possible while the complaint is {complaint.stage}",
            field="complaint",
            allowed=f"a complaint that is {' or '.join(stages)}",
        )


def require_apart(complaint: Complaint, person: Person, *, level: int | None = None, field: str = "actor") -> None:
    """Refuse who may have no part in dealing with the complaint, at its level or the one given.

    That is who is complained about, who complained or entered it, who had it in hand at an earlier level, and who has a
    conflict with the provider concerned. Why is not said: the complaint is confidential.
    """
    if complaint.provider:
        require_no_conflict(person, complaint.provider)
    if person.had_part(complaint.parties | complaint.earlier(level or complaint.level)):
        raise apart(field)


def apart(field: str) -> Refused:
    """The refusal of who has no part in it."""
    return refuse(
        "complaint-apart",
        "this person takes no part in dealing with this complaint",
        field=field,
        allowed="somebody not complained about, who did not raise or enter it, nor had it in hand before",
    )


class Confidential(Protocol):
    """What has to be known of a complaint to say who may see it."""

    @property
    def scheme(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def people(self) -> Collection[str]: ...
    @property
    def handlers(self) -> Collection[str]: ...
    @property
    def raised_by(self) -> str | None: ...
    @property
    def entered_by(self) -> str | None: ...
    @property
    def on_behalf_of(self) -> str | None: ...


def may_see(complaint: Confidential, person: Person, *, speaks_for: Collection[str] = (), at: datetime) -> bool:
    """Whether a person may see the complaint at `at`; `speaks_for` are the providers whose contact they are.

    Nobody does who is complained about. Who complained does, and who has it in hand, handles complaints or oversees them
    without a conflict with the provider concerned.
    """
    if not person.id or person.had_part(complaint.people):
        return False
    if person.had_part({complaint.raised_by, complaint.entered_by}) or complaint.on_behalf_of in speaks_for:
        return True
    if complaint.provider and complaint.provider in person.conflicts:
        return False
    scheme = complaint.scheme.partition("@")[0]
    handled = person.had_part(complaint.handlers)
    return handled or any(person.holds(role, scheme, at) for role in (HANDLER, *OVERSEERS))


def running(complaint: Complaint, rule: str) -> Task:
    """The running task of this rule at the complaint's level."""
    return complaint.tasks.running[named(rule, LEVELS[complaint.level])]
