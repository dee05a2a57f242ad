"""The register of risks to impartiality, as people keep it. Source: handbook, Governance."""

from collections.abc import Callable, Sequence

from domain.ids import derived_id
from domain.person import Person
from domain.risk import Risk, RiskEvent, keeping
from services.acting import permitted
from services.audits import governance
from services.office import Office, Receipt, Work, carry_out, require_kind
from services.policies import policy_id
from services.ports import Command


def risk_id(command_id: str) -> str:
    """The id of the risk that the registering command with this id creates."""
    return derived_id("risk", command_id)


@permitted
def register_risk(
    office: Office,
    command: Command,
    *,
    kind: str,
    description: str,
    likelihood: str,
    impact: str,
    owner: str,
    mitigation: str,
) -> Receipt:
    """Put a risk (`risk_id(command.id)`) on the register, with its owner. By the board, a quality manager or an officer."""
    id = risk_id(command.id)

    def step(work: Work) -> None:
        work.acts()
        policy, [person] = governance(work), work.panel([owner])
        registered = keeping.register(
            work.state(id),
            id=id,
            kind=kind,
            description=work.text(description, field="description", subject=id),
            likelihood=likelihood,
            impact=impact,
            owner=person,
            mitigation=work.text(mitigation, field="mitigation", subject=id),
            rules=policy.content.risks,
            calendar=policy.calendar,
            at=command.at,
        )
        work.add(id, registered)

    return carry_out(office, command, id, owner, policy_id("governance"), step=step)


@permitted
def review_risk(
    office: Office,
    command: Command,
    *,
    risk: str,
    result: str,
    note: str,
    likelihood: str | None = None,
    impact: str | None = None,
    mitigation: str | None = None,
) -> Receipt:
    """Review a risk: its mitigation `holds`, something `changed`, or it is `escalated` to the board. By its owner.

    Likelihood, impact and mitigation are said where they change.
    """

    def decide(work: Work, held: Risk, actor: Person) -> list[RiskEvent]:
        policy = governance(work)
        return keeping.review(
            held,
            by=actor,
            result=result,
            note=work.text(note, field="note", subject=risk),
            likelihood=held.likelihood if likelihood is None else likelihood,
            impact=held.impact if impact is None else impact,
            mitigation=None if mitigation is None else work.text(mitigation, field="mitigation", subject=risk),
            rules=policy.content.risks,
            calendar=policy.calendar,
            at=command.at,
        )

    return _on_risk(office, command, risk, decide)


@permitted
def see_review(office: Office, command: Command, *, risk: str) -> Receipt:
    """See the owner's review, and agree with it. By a member of the board who never owned the risk."""
    return _on_risk(office, command, risk, lambda _, held, actor: keeping.see_review(held, by=actor))


@permitted
def return_review(office: Office, command: Command, *, risk: str, reason: str) -> Receipt:
    """Have the owner review it again. By a member of the board who never owned the risk."""

    def decide(work: Work, held: Risk, actor: Person) -> list[RiskEvent]:
        policy = governance(work)
        return keeping.return_review(
            held,
            by=actor,
            reason=work.text(reason, field="reason", subject=risk),
            rules=policy.content.risks,
            calendar=policy.calendar,
            at=command.at,
        )

    return _on_risk(office, command, risk, decide)


@permitted
def name_owner(office: Office, command: Command, *, risk: str, owner: str, reason: str) -> Receipt:
    """Let somebody else own a risk, as when a role of its owner ended. By the board or a quality manager, not its owner."""

    def decide(work: Work, held: Risk, actor: Person) -> list[RiskEvent]:
        [person] = work.panel([owner])
        why = work.text(reason, field="reason", subject=risk)
        return keeping.name_owner(held, by=actor, owner=person, reason=why, at=command.at)

    return _on_risk(office, command, risk, decide)


@permitted
def close_risk(office: Office, command: Command, *, risk: str, reason: str) -> Receipt:
    """Take a risk off the register. By the board or a quality manager (a high one by the board) who never owned it."""

    def decide(work: Work, held: Risk, actor: Person) -> list[RiskEvent]:
        return keeping.close(held, by=actor, role=command.role, reason=work.text(reason, field="reason", subject=risk))

    return _on_risk(office, command, risk, decide)


def _on_risk(
    office: Office,
    command: Command,
    risk: str,
    decide: Callable[[Work, Risk, Person], Sequence[RiskEvent]],
) -> Receipt:
    def step(work: Work) -> None:
        actor = work.acts()
        held: Risk = work.state(require_kind(risk, "risk"))
        work.add(risk, decide(work, held, actor))

    return carry_out(office, command, risk, step=step)
