"""What follows from an audit's findings: actions agreed, handed on, done, and verified by somebody else.

Source: handbook, Governance.
"""

from domain.audit import Audit, AuditEvent, actions, findings
from domain.person import Person, require_known
from services.acting import permitted
from services.audits import governance, on_audit, unconflicted
from services.leaving import leave_audit
from services.office import Office, Receipt, Work, carry_out, require_kind
from services.ports import Command


@permitted
def agree_action(office: Office, command: Command, *, audit: str, finding: int, owner: str, to_do: str) -> Receipt:
    """Let somebody act on a minor or major finding, by the policy's date. By a member who may see the case."""

    def decide(work: Work, held: Audit, actor: Person) -> list[AuditEvent]:
        policy, provider = governance(work), _provider(held, finding, actor)
        work.concerns(provider, audit)
        return actions.agree_action(
            held,
            finding=finding,
            by=actor,
            owner=_owner(work, owner),
            to_do=work.text(to_do, field="to_do", subject=provider),
            rules=policy.content.audits,
            calendar=policy.calendar,
            at=command.at,
        )

    return on_audit(office, command, audit, decide, owner)


@permitted
def give_action(office: Office, command: Command, *, audit: str, action: int, owner: str, reason: str) -> Receipt:
    """Let somebody else act on a finding, by the same date. By a member who may see the case."""

    def decide(work: Work, held: Audit, actor: Person) -> list[AuditEvent]:
        provider = _provider(held, actions.require_action(held, action).finding, actor)
        why = work.text(reason, field="reason", subject=provider)
        return actions.give_action(held, action=action, by=actor, owner=_owner(work, owner), reason=why)

    return on_audit(office, command, audit, decide, owner)


@permitted
def do_action(office: Office, command: Command, *, audit: str, action: int, note: str) -> Receipt:
    """Say that an action is done. By its owner, in whatever role they hold, unless they have a conflict meanwhile."""

    def step(work: Work) -> None:
        work.unmoved.add(command.actor)
        actor = work.acts_in_own_role()
        held: Audit = work.state(require_kind(audit, "audit"))
        case = held.findings[actions.require_action(held, action).finding].case
        provider = unconflicted(work, actor, case).registration.provider
        policy = governance(work)
        done = actions.do_action(
            held,
            action=action,
            by=actor,
            note=work.text(note, field="note", subject=provider),
            rules=policy.content.audits,
            calendar=policy.calendar,
            at=command.at,
        )
        work.add(audit, done)
        if held.lead and provider in work.panel([held.lead])[0].conflicts:  # who has one verifies nothing of it
            leave_audit(work, held.lead, provider, audit)

    return carry_out(office, command, audit, step=step)


@permitted
def verify_action(office: Office, command: Command, *, audit: str, action: int, note: str) -> Receipt:
    """Find that an action is done. By a member who may see the case and in whose hands it never was."""

    def decide(work: Work, held: Audit, actor: Person) -> list[AuditEvent]:
        provider = _provider(held, actions.require_action(held, action).finding, actor)
        said = work.text(note, field="note", subject=provider)
        return actions.verify_action(held, action=action, by=actor, note=said)

    return on_audit(office, command, audit, decide)


@permitted
def return_action(office: Office, command: Command, *, audit: str, action: int, reason: str) -> Receipt:
    """Find that an action is not done, so that its owner has it again. By who could verify it."""

    def decide(work: Work, held: Audit, actor: Person) -> list[AuditEvent]:
        policy = governance(work)
        provider = _provider(held, actions.require_action(held, action).finding, actor)
        return actions.return_action(
            held,
            action=action,
            by=actor,
            reason=work.text(reason, field="reason", subject=provider),
            rules=policy.content.audits,
            calendar=policy.calendar,
            at=command.at,
        )

    return on_audit(office, command, audit, decide)


def _owner(work: Work, owner: str) -> Person:
    """Who is to act: a conflict that they declare meanwhile undoes the command."""
    [person] = work.panel([owner])
    require_known(person, field="owner")
    return person


def _provider(held: Audit, finding: int, actor: Person) -> str:
    """Whose case a finding is about, for a member who may see it."""
    return held.sampled[findings.require_finding(held, finding, actor).case].provider
