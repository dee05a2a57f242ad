"""Independent scrutiny where a conflict can't be avoided: for one person, one case and one role, approved by two others.

An officer proposes it with a reason and with somebody independent who watches; until two others have approved, nothing is
granted, and it can be ended at any time. Who assessed a case never decides it, whatever is arranged. Source: handbook, Who
did not decide.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from domain.clocks import DeadlineMissed, ReminderSent
from domain.linked import require_open
from domain.person import Person, require_known, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.states import replace
from domain.tasks import ALL, Matter, Task, TaskHandedOver, TaskMoved, follow, set_task
from domain.texts import TextRef

APPROVE: Final = "approve-scrutiny-within"
SIGN: Final = "sign-scrutiny-within"
"""The rules of the tasks: of two others to approve it, and of who scrutinises to sign the statement."""
ROLES: Final = ("officer", "assessor", "moderator", "chair")
"""The roles in one of which somebody can be watched."""
APPROVERS: Final = ("officer", "quality-manager", "board")
PROPOSED, IN_FORCE, ENDED, SIGNED = "proposed", "in-force", "ended", "signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrutinyProposed:
    """It is proposed that `person` acts in `role` in `case` in spite of a conflict, and that `scrutineer` watches it."""

    scrutiny: str
    person: str
    case: str
    role: str
    scheme: str
    provider: str
    scrutineer: str
    proposer: str
    reason: TextRef
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrutinyApproved:
    """Somebody else approved it; with the second one it is granted until `until_at` (UTC)."""

    approver: str
    until_at: datetime | None
    sets: tuple[Task, ...] = ()
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrutinyEnded:
    """Nothing is granted any more: somebody said so with a reason, or it is `because` of a conflict of who took part."""

    reason: TextRef | None
    because: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrutinySigned:
    """Who scrutinised signed what they saw; that ends it."""

    scrutineer: str
    statement: TextRef
    ends: tuple[str, ...]


ScrutinyEvent = (
    ScrutinyProposed
    | ScrutinyApproved
    | ScrutinyEnded
    | ScrutinySigned
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Scrutiny(Matter):
    """The state of an arrangement's stream."""

    person: str = ""
    case: str = ""
    role: str = ""
    scrutineer: str = ""
    proposer: str = ""
    approvers: tuple[str, ...] = field(default_factory=tuple)
    until_at: datetime | None = None

    @property
    def parties(self) -> frozenset[str]:
        """Who acts in spite of a conflict, and who watches."""
        return frozenset({self.person, self.scrutineer}) - {""}

    @property
    def taking_part(self) -> tuple[str, ...]:
        """Who may not approve it: the person, who proposed it, and who watches."""
        return (self.person, self.proposer, self.scrutineer)


def evolve(held: Scrutiny, event: ScrutinyEvent) -> Scrutiny:
    """Apply one event."""
    held = replace(held, tasks=follow(held.tasks, event))
    match event:
        case ScrutinyProposed():
            return replace(
                held,
                id=event.scrutiny,
                scheme=event.scheme,
                provider=event.provider,
                stage=PROPOSED,
                person=event.person,
                case=event.case,
                role=event.role,
                scrutineer=event.scrutineer,
                proposer=event.proposer,
            )
        case ScrutinyApproved():
            stage = IN_FORCE if event.until_at else held.stage
            return replace(held, approvers=(*held.approvers, event.approver), stage=stage, until_at=event.until_at)
        case ScrutinyEnded():
            return replace(held, stage=ENDED, over=ALL in event.ends)
        case ScrutinySigned():
            return replace(held, stage=SIGNED, over=True)
        case TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return held
        case _:
            assert_never(event)


def propose(
    held: Scrutiny,
    *,
    id: str,
    person: Person,
    case: str,
    provider: str,
    role: str,
    scrutineer: Person,
    proposer: Person,
    had_part: Collection[str],
    assessed: Collection[str | None],
    reason: TextRef,
    scheme: Scheme,
    at: datetime,
) -> list[ScrutinyEvent]:
    """Propose an arrangement; `had_part` are all who had any part in the case, `assessed` who assessed it or had it in hand."""
    if held.id:
        return []
    for one, field_name in ((person, "person"), (scrutineer, "scrutineer")):
        require_known(one, field=field_name)
        require_open(one.linked, field=field_name)
    require_no_conflict(proposer, provider)
    if proposer.had_part(person.ids):
        raise refuse(
            "not-for-oneself",
            "nobody arranges this for themselves",
            field="person",
            allowed="another officer proposing it",
        )
    _require_needed(person, case=case, provider=provider, role=role, assessed=assessed, scheme=scheme, at=at)
    if scrutineer.had_part({*person.ids, *proposer.ids, *had_part}) or provider in scrutineer.conflicts:
        raise refuse(
            "independent-scrutineer",
            "this person has a conflict with the provider, or a part in the case or in this proposal",
            field="scrutineer",
            allowed="someone without a conflict who had no part in the case, and who does not propose it",
        )
    rules = scheme.assurance.people
    task = set_task(
        APPROVE,
        who="quality-manager",
        start=at,
        within=rules.approve_scrutiny_within,
        calendar=scheme.calendar,
        told="board",
    )
    return [
        ScrutinyProposed(
            scrutiny=id,
            person=person.id,
            case=case,
            role=role,
            scheme=scheme.ref,
            provider=provider,
            scrutineer=scrutineer.id,
            proposer=proposer.id,
            reason=reason,
            sets=(task,),
        )
    ]


def _require_needed(
    person: Person,
    *,
    case: str,
    provider: str,
    role: str,
    assessed: Collection[str | None],
    scheme: Scheme,
    at: datetime,
) -> None:
    if role not in ROLES or not person.holds(role, scheme.id, at):
        held = [one for one in ROLES if person.holds(one, scheme.id, at)]
        raise refuse(
            "scrutiny-role",
            f"this person is no {role} here whose work could be watched",
            field="role",
            allowed=", ".join(held) or "someone else, who holds such a role",
        )
    if provider not in person.conflicts or case in person.ties.granted:
        raise refuse(
            "scrutiny-needed",
            "scrutiny is arranged for this case already"
            if provider in person.conflicts
            else "this person has no conflict with the provider",
            field="person",
            allowed="someone with a conflict for whom nothing is arranged in this case",
        )
    if role in ("moderator", "chair") and person.had_part(assessed):
        raise refuse(
            "assessor-never-moderates",
            "this person assessed this case, which no arrangement lets them decide",
            field="person",
            allowed="someone who had no part in the assessment",
        )


def approve(
    held: Scrutiny,
    *,
    by: Person,
    before: Sequence[Person],
    parties: Mapping[str, Person],
    had_part: Collection[str],
    scheme: Scheme,
    at: datetime,
) -> list[ScrutinyEvent]:
    """Approve it; the second of two people grants it. Everyone is looked at again.

    `before` are those who approved it already, `parties` the person, the proposer and the scrutineer by id, `had_part` all
    who did anything in the case.
    """
    if by.id in held.approvers:
        return []
    _require_stage(held, "approving", PROPOSED)
    for one in (by, *before):
        require_no_conflict(one, held.provider)
    others = {id for one in parties.values() for id in one.ids}
    if by.had_part(others | {id for one in before for id in one.ids}) or any(one.had_part(others) for one in before):
        raise refuse(
            "two-others-approve",
            "who approves is neither the person, nor who proposed it or watches, and no one approves twice",
            field="actor",
            allowed="two others who are " + ", ".join(APPROVERS),
        )
    watches = parties[held.scrutineer]
    if held.provider in watches.conflicts or watches.had_part(had_part):
        raise refuse(
            "independent-scrutineer",
            "who was to scrutinise has a conflict with the provider, or a part in the case by now",
            field="case",
            allowed="ending this, and proposing another scrutineer",
        )
    if not held.approvers:
        return [ScrutinyApproved(approver=by.id, until_at=None)]
    rules = scheme.assurance.people
    task = set_task(
        SIGN,
        who=held.scrutineer,
        start=at,
        within=rules.sign_scrutiny_within,
        calendar=scheme.calendar,
        remind=rules.remind_scrutiny,
        told="quality-manager",
    )
    return [ScrutinyApproved(approver=by.id, until_at=task.due_at, sets=(task,), ends=(APPROVE,))]


def end(held: Scrutiny, *, reason: TextRef) -> list[ScrutinyEvent]:
    """End it at any time, with a reason; of what was granted a statement is still to be signed."""
    if held.stage in (ENDED, SIGNED):
        return []
    _require_stage(held, "ending", PROPOSED, IN_FORCE)
    return [ScrutinyEnded(reason=reason, because="", ends=(APPROVE,) if held.stage == IN_FORCE else (ALL,))]


def leave(held: Scrutiny, *, person: str) -> list[ScrutinyEvent]:
    """End it since the person, or who scrutinises, has a conflict that it was not made for; before it is granted, also who proposed it."""
    concerned = {
        PROPOSED: held.taking_part,
        IN_FORCE: (held.person, held.scrutineer),
        ENDED: (held.scrutineer,),
    }
    return abandon(held, because="conflict") if person in concerned.get(held.stage, ()) else []


def abandon(held: Scrutiny, *, because: str) -> list[ScrutinyEvent]:
    """End it for good, without a statement, as nobody independent is left to give one."""
    return [] if held.over else [ScrutinyEnded(reason=None, because=because, ends=(ALL,))]


def sign(held: Scrutiny, *, by: Person, statement: TextRef) -> list[ScrutinyEvent]:
    """Sign what was seen, which ends it; by who scrutinised."""
    if held.stage == SIGNED and by.id == held.scrutineer:
        return []
    _require_stage(held, "signing", IN_FORCE, ENDED)
    require_no_conflict(by, held.provider)
    if by.id != held.scrutineer or held.over:
        raise refuse(
            "scrutineer-signs",
            "this arrangement is over" if held.over else "only who scrutinises signs",
            field="actor",
            allowed="nothing more; it ended without one" if held.over else "the scrutineer",
        )
    return [ScrutinySigned(scrutineer=by.id, statement=statement, ends=(ALL,))]


def _require_stage(held: Scrutiny, what: str, *allowed: str) -> None:
    if held.stage not in allowed:
        raise refuse(
            "stage-order",
            f"{what} is not possible while the arrangement is {held.stage.replace('-', ' ') or 'unknown'}",
            field="case",
            allowed="while it is " + " or ".join(one.replace("-", " ") for one in allowed),
        )
