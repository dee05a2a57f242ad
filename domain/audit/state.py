"""Where an audit stands: its sample, the findings in force, and the actions that follow from them."""

import dataclasses
from dataclasses import dataclass, field
from typing import Final, assert_never

from domain.audit import events as e
from domain.clocks import DeadlineMissed, ReminderSent
from domain.person import Person
from domain.refusals import refuse
from domain.states import replace
from domain.tasks import Matter, TaskHandedOver, TaskMoved, follow

ACT: Final = "act-on-finding-within"
VERIFY: Final = "verify-action-within"
CLOSE: Final = "close-audit-within"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What is done about a finding: whose it is now, everybody whose it was or who did it, and whether it is verified."""

    number: int
    finding: int
    owner: str
    hands: frozenset[str]
    done: bool = False
    verified: bool = False


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Audit(Matter):
    """The state of an audit's stream.

    `sampled` are the cases of the sample as it is now, `gone` those that came out of it or were passed over; `findings`
    are all, by number, and `in_force` those that nothing superseded, by case and point of the checklist.
    """

    scope: e.Scope | None = None
    checklist: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    lead: str = ""
    seed: int = 0
    size: int = 0
    position: int = 0
    population: int = 0
    digest: str = ""
    sampled: dict[str, e.SampledCase] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    seen: frozenset[tuple[str, str, bool]] = frozenset()
    findings: dict[int, e.FindingRecorded] = field(default_factory=dict)
    in_force: dict[tuple[str, str], int] = field(default_factory=dict)
    actions: dict[int, Action] = field(default_factory=dict)

    @property
    def standing(self) -> list[e.FindingRecorded]:
        """The findings in force, of the cases that are in the sample."""
        return [self.findings[number] for (case, _), number in self.in_force.items() if case in self.sampled]

    @property
    def unanswered(self) -> list[tuple[str, str]]:
        """Each case and point of the checklist without a finding."""
        wanted = ((case, item) for case in self.sampled for item in self.checklist)
        return [one for one in wanted if one not in self.in_force]

    @property
    def bare(self) -> list[e.FindingRecorded]:
        """The major findings in force about which nothing is to be done yet."""
        acted_on = {one.finding for one in self.actions.values()}
        return [one for one in self.standing if one.result == "major" and one.number not in acted_on]

    @property
    def to_verify(self) -> list[Action]:
        """The actions about cases of the sample that are not verified."""
        return [
            one for one in self.actions.values() if not one.verified and self.findings[one.finding].case in self.sampled
        ]

    @property
    def unfinished(self) -> set[str]:
        """The cases for which something is still to be found, agreed, done or verified."""
        acting = {self.findings[one.finding].case for one in self.to_verify}
        return {case for case, _ in self.unanswered} | {one.case for one in self.bare} | acting


def evolve(audit: Audit, event: e.AuditEvent) -> Audit:
    """Apply one event."""
    audit = replace(audit, tasks=follow(audit.tasks, event))
    match event:
        case e.AuditOpened():
            return _opened(audit, event)
        case e.AuditMembersChanged():
            return replace(audit, members=event.members, lead=event.lead)
        case e.SampledCaseReplaced():
            left = {case: one for case, one in audit.sampled.items() if case != event.case}
            if event.replacement:
                left[event.replacement.case] = event.replacement
            return replace(audit, sampled=left, gone=(*audit.gone, event.case, *event.passed_over))
        case e.AuditCaseSeen():
            return replace(audit, seen=audit.seen | {(event.person, event.case, event.portfolio)})
        case e.FindingRecorded():
            return replace(
                audit,
                findings={**audit.findings, event.number: event},
                in_force={**audit.in_force, (event.case, event.item): event.number},
            )
        case e.AuditActionAgreed():
            agreed = Action(
                number=event.number, finding=event.finding, owner=event.owner, hands=frozenset({event.owner})
            )
            return _with(audit, agreed)
        case e.AuditActionDone():
            held = audit.actions[event.number]
            return _with(audit, dataclasses.replace(held, done=True, hands=held.hands | {event.by}))
        case e.AuditActionReturned():
            return _with(audit, dataclasses.replace(audit.actions[event.number], done=False))
        case e.AuditActionVerified():
            return _with(audit, dataclasses.replace(audit.actions[event.number], verified=True))
        case e.AuditClosed():
            return replace(audit, stage="closed", over=True)
        case TaskHandedOver():
            for task in event.sets:
                if task.rule == ACT:
                    held = audit.actions[int(task.about)]
                    audit = _with(audit, dataclasses.replace(held, owner=task.who, hands=held.hands | {task.who}))
            return audit
        case TaskMoved() | ReminderSent() | DeadlineMissed():
            return audit
        case _:
            assert_never(event)


def _opened(audit: Audit, event: e.AuditOpened) -> Audit:
    return replace(
        audit,
        id=event.audit,
        stage="open",
        scope=event.scope,
        checklist=tuple(one.code for one in event.checklist),
        members=event.members,
        lead=event.lead,
        seed=event.seed,
        size=event.size,
        position=event.position,
        population=event.population,
        digest=event.digest,
        sampled={one.case: one for one in event.sampled},
        gone=event.passed_over,
    )


def _with(audit: Audit, action: Action) -> Audit:
    return replace(audit, actions={**audit.actions, action.number: action})


def require_open(audit: Audit) -> None:
    """Refuse an audit that is not there, or is closed."""
    if not audit.id:
        raise refuse("known-audit", "there is no such audit", field="audit", allowed="the id of an audit")
    if audit.over:
        raise refuse("audit-open", "this audit is closed", field="audit", allowed="nothing more; an audit of its own")


def require_member(audit: Audit, by: Person) -> None:
    """Refuse who is not one of the audit's members."""
    if by.id not in audit.members:
        raise refuse(
            "audit-members", "this person is no member of this audit", field="actor", allowed="one of its members"
        )
