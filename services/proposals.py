"""Proposals to change criteria: made by anyone with a role, considered, and linked to the version that took them up.

Source: handbook, section 14.
"""

from collections.abc import Sequence

from domain import proposal
from domain.ids import derived_id, is_id
from domain.proposal import Proposal
from domain.refusals import refuse
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out, require_kind
from services.ports import Command


def proposal_id(command_id: str) -> str:
    """The id of the proposal that the command with this id makes."""
    return derived_id("proposal", command_id)


@permitted
def propose_change(
    office: Office,
    command: Command,
    *,
    scheme: str,
    criteria: Sequence[str],
    text: str,
    evidence: Sequence[str] = (),
    grounds: str | None = None,
) -> Receipt:
    """Propose (`proposal_id(command.id)`) to change criteria of the scheme's version in force. By anyone who has a role."""
    id = proposal_id(command.id)

    def step(work: Work) -> None:
        actor = work.acts_in_own_role()
        in_force = work.scheme(f"{scheme}@{work.scheme_record(scheme).latest}")
        _require_on_record(work, evidence)
        made = proposal.propose(
            work.state(id),
            id=id,
            scheme=in_force,
            criteria=criteria,
            by=actor.id,
            text=work.text(text, field="text", subject=actor.id),
            evidence=evidence,
            grounds=work.text(grounds, field="grounds", subject=actor.id) if grounds else None,
            at=command.at,
        )
        work.add(id, made, scheme=in_force.ref)

    return carry_out(office, command, id, step=step)


@permitted
def consider_proposal(office: Office, command: Command, *, case: str, result: str, reason: str) -> Receipt:
    """Consider a proposal: `accepted`, `declined` or `deferred`, with a reason. By the board or a quality manager."""

    def step(work: Work) -> None:
        held = _existing(work, case)
        actor = work.acts(held.scheme.partition("@")[0])
        considered = proposal.consider(
            held,
            by=actor,
            result=result,
            reason=work.text(reason, field="reason", subject=case),
            scheme=work.scheme(held.scheme),
            at=command.at,
        )
        work.add(case, considered, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def take_up_proposal(
    office: Office, command: Command, *, case: str, version: int, criteria: Sequence[str] = ()
) -> Receipt:
    """Link an accepted proposal to the published version that changed its criteria, or some of them.

    By the board, a quality manager or an officer.
    """

    def step(work: Work) -> None:
        held = _existing(work, case)
        scheme = held.scheme.partition("@")[0]
        work.acts(scheme)
        published = work.scheme_record(scheme).versions
        if version not in published:
            raise refuse(
                "published-scheme",
                f"version {version} of {scheme} is not published",
                field="version",
                allowed=", ".join(map(str, sorted(published))),
            )
        before = max((one for one in published if one < version), default=version)
        taken = proposal.take_up(
            held,
            before=work.scheme(f"{scheme}@{before}"),
            scheme=work.scheme(f"{scheme}@{version}"),
            criteria=criteria,
        )
        work.add(case, taken, scheme=f"{scheme}@{version}")

    return carry_out(office, command, case, step=step)


@permitted
def withdraw_proposal(office: Office, command: Command, *, case: str) -> Receipt:
    """Withdraw a proposal. By who made it."""

    def step(work: Work) -> None:
        held = _existing(work, case)
        actor = work.acts_in_own_role()
        work.add(case, proposal.withdraw(held, by=actor), scheme=held.scheme or None)

    return carry_out(office, command, case, step=step)


def _existing(work: Work, case: str) -> Proposal:
    held: Proposal = work.state(require_kind(case, "proposal"))
    if not held.id:
        raise refuse("known-proposal", "there is no such proposal", field="proposal", allowed="the id of one on record")
    return held


def _require_on_record(work: Work, evidence: Sequence[str]) -> None:
    """Refuse evidence that is not on record; what is no id at all is refused by the proposal itself."""
    found = [one for one in evidence if is_id(one, *proposal.EVIDENCE)]
    streams = work.office.records.streams(*found) if found else {}
    if any(not one.version for one in streams.values()):
        raise refuse("proposal-evidence", "this is not on record", field="evidence", allowed="ids of what is on record")
