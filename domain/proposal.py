"""A proposal to change criteria is kept with its evidence, considered in time, and linked to the version that took it up.

Source: handbook, section 14. Nobody considers their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import is_id
from domain.person import Person
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.scheme_diff import changed_criteria
from domain.states import replace
from domain.tasks import ALL, Matter, Task, TaskHandedOver, TaskMoved, follow, set_task
from domain.texts import TextRef

CONSIDER: Final = "consider-proposal-within"
"""The rule of the task to consider it."""
RESULTS: Final = ("accepted", "declined", "deferred")
"""What considering a proposal comes to; the proposal is then at that stage."""
EVIDENCE: Final = ("submission", "accreditation", "learning", "appeal", "complaint", "calibration", "audit", "sampling")
"""The kinds of things on record that a proposal may rest on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMade:
    """Somebody proposed to change criteria of `scheme` (`cpd-qa@1`, in force then), and on which evidence on record."""

    proposal: str
    scheme: str
    criteria: tuple[str, ...]
    proposer: str
    text: TextRef
    evidence: tuple[str, ...]
    grounds: TextRef | None
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalConsidered:
    """The proposal was `accepted`, `declined`, or `deferred` to be considered again, with a reason."""

    considerer: str
    result: str
    reason: TextRef
    ends: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalTakenUp:
    """The version `scheme` (`cpd-qa@2`) changed these of the criteria, as was proposed."""

    scheme: str
    criteria: tuple[str, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalWithdrawn:
    """Who proposed it withdrew it."""

    ends: tuple[str, ...]


ProposalEvent = (
    ProposalMade
    | ProposalConsidered
    | ProposalTakenUp
    | ProposalWithdrawn
    | TaskMoved
    | TaskHandedOver
    | ReminderSent
    | DeadlineMissed
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Proposal(Matter):
    """The state of a proposal's stream. `reason` is what was last said of it, `taken_up` the version that took it up."""

    criteria: tuple[str, ...] = ()
    proposer: str = ""
    reason: str = ""
    taken_up: str = ""

    @property
    def parties(self) -> frozenset[str]:
        """Who proposed it."""
        return frozenset({self.proposer}) if self.proposer else frozenset()


def evolve(proposal: Proposal, event: ProposalEvent) -> Proposal:
    """Apply one event."""
    proposal = replace(proposal, tasks=follow(proposal.tasks, event))
    match event:
        case ProposalMade():
            return replace(
                proposal,
                id=event.proposal,
                scheme=event.scheme,
                criteria=event.criteria,
                proposer=event.proposer,
                stage="made",
            )
        case ProposalConsidered():
            over = event.result == "declined"
            return replace(proposal, stage=event.result, reason=event.reason.id, over=over)
        case ProposalTakenUp():
            return replace(proposal, stage="taken-up", taken_up=event.scheme, over=True)
        case ProposalWithdrawn():
            return replace(proposal, stage="withdrawn", over=True)
        case TaskMoved() | TaskHandedOver() | ReminderSent() | DeadlineMissed():
            return proposal
        case _:
            assert_never(event)


def propose(
    proposal: Proposal,
    *,
    id: str,
    scheme: Scheme,
    criteria: Sequence[str],
    by: str,
    text: TextRef,
    evidence: Sequence[str] = (),
    grounds: TextRef | None = None,
    at: datetime,
) -> list[ProposalEvent]:
    """Propose to change criteria of the scheme's version in force, on evidence that is on record, told in `grounds`, or both."""
    if proposal.id:
        return []
    unknown = [code for code in criteria if code not in scheme.criteria]
    if unknown or not criteria:
        raise refuse(
            "proposal-criteria",
            f"there is no criterion {unknown[0]!r:.60}" if unknown else "no criterion is named",
            field="criteria",
            allowed=", ".join(scheme.criteria),
        )
    if any(not is_id(one, *EVIDENCE) for one in evidence):
        raise refuse(
            "proposal-evidence",
            "this is nothing on record that a proposal rests on",
            field="evidence",
            allowed=f"ids of {', '.join(EVIDENCE)}",
        )
    if not evidence and grounds is None:
        raise refuse(
            "proposal-evidence",
            "it rests on nothing",
            field="evidence",
            allowed="the ids of what is on record, or grounds in words",
        )
    return [
        ProposalMade(
            proposal=id,
            scheme=scheme.ref,
            criteria=tuple(dict.fromkeys(criteria)),
            proposer=by,
            text=text,
            evidence=tuple(dict.fromkeys(evidence)),
            grounds=grounds,
            sets=(_to_consider(scheme, at),),
        )
    ]


def consider(
    proposal: Proposal, *, by: Person, result: str, reason: TextRef, scheme: Scheme, at: datetime
) -> list[ProposalEvent]:
    """Accept, decline or defer a proposal, with a reason; deferred, it is to be considered again in the same time.

    `scheme` is the version that it was made under. By the board or a quality manager who did not propose it.
    """
    _require_made(proposal)
    if result not in RESULTS:
        raise refuse("proposal-results", f"{result!r} is no result", field="result", allowed=", ".join(RESULTS))
    if by.had_part({proposal.proposer}):
        raise refuse(
            "proposer-never-considers",
            "this person proposed it, and does not consider it",
            field="actor",
            allowed="somebody else of the board or a quality manager",
        )
    if proposal.reason == reason.id:
        return []
    _require_stage(proposal, "considering it", "made", "deferred")
    again = (_to_consider(scheme, at),) if result == "deferred" else ()
    return [ProposalConsidered(considerer=by.id, result=result, reason=reason, ends=(CONSIDER,), sets=again)]


def take_up(proposal: Proposal, *, before: Scheme, scheme: Scheme, criteria: Sequence[str] = ()) -> list[ProposalEvent]:
    """Link an accepted proposal to the published version that took it up, for all of its criteria or for some.

    `before` is the version published before `scheme`: the two differ in each of those criteria.
    """
    _require_made(proposal)
    if proposal.taken_up == scheme.ref:
        return []
    _require_stage(proposal, "taking it up", "accepted")
    under, _, number = proposal.scheme.partition("@")
    if scheme.id != under or scheme.version <= int(number):
        raise refuse(
            "proposal-version",
            f"{scheme.ref} is no later version of what was to be changed",
            field="version",
            allowed=f"a version of {under} after {number}",
        )
    chosen = tuple(dict.fromkeys(criteria)) or proposal.criteria
    unchanged = [code for code in chosen if code not in changed_criteria(before, scheme)]
    if unchanged or not set(chosen) <= set(proposal.criteria):
        raise refuse(
            "proposal-changed",
            f"{scheme.ref} does not change each of these criteria, or they were not proposed",
            field="criteria",
            allowed="criteria of the proposal that this version changes: "
            + (", ".join(sorted(set(proposal.criteria) & changed_criteria(before, scheme))) or "none"),
        )
    return [ProposalTakenUp(scheme=scheme.ref, criteria=chosen, ends=(ALL,))]


def withdraw(proposal: Proposal, *, by: Person) -> list[ProposalEvent]:
    """Withdraw a proposal that is not taken up yet. By who made it."""
    _require_made(proposal)
    if not by.had_part({proposal.proposer}):
        raise refuse("own-proposal", "this is not this person's proposal", field="actor", allowed="who made it")
    if proposal.stage == "withdrawn":
        return []
    _require_stage(proposal, "withdrawing it", "made", "deferred", "accepted")
    return [ProposalWithdrawn(ends=(ALL,))]


def _to_consider(scheme: Scheme, at: datetime) -> Task:
    rules = scheme.assurance.learning
    return set_task(
        CONSIDER,
        who="quality-manager",
        start=at,
        within=rules.consider_within,
        calendar=scheme.calendar,
        remind=rules.remind,
        told="board",
    )


def _require_made(proposal: Proposal) -> None:
    if not proposal.id:
        raise refuse("known-proposal", "there is no such proposal", field="proposal", allowed="the id of one on record")


def _require_stage(proposal: Proposal, doing: str, *stages: str) -> None:
    if proposal.stage not in stages:
        raise refuse(
            "proposal-stage",
            f"{doing} is not possible: the proposal is {proposal.stage}",
            field="proposal",
            allowed=f"a proposal that is {' or '.join(stages)}",
        )
