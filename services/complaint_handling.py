"""Complaints dealt with: acknowledged and answered, answered again by another handler, reviewed by a committee; what follows.

Source: handbook, section 13. Nobody who is party to a complaint, handled it before or has a conflict deals with it.
"""

from collections.abc import Sequence

from domain import complaint as complaints
from domain.complaint import Complaint
from domain.complaint.state import HANDLER, require_apart
from domain.ids import kind_of
from domain.person import Person
from domain.qualification import require_trained
from services.acting import permitted
from services.complaints import complaint_of, provider_of
from services.development import note_need
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command


@permitted
def acknowledge_complaint(office: Office, command: Command, *, case: str) -> Receipt:
    """Acknowledge a complaint, or that it was taken further, and have it in hand. By a complaints handler who may."""

    def step(work: Work) -> None:
        held, actor = _by_handler(work, case)
        work.add(case, complaints.acknowledge(held, by=actor), scheme=held.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def hand_to(office: Office, command: Command, *, case: str, to: str, reason: str) -> Receipt:
    """Hand a complaint in hand to another handler, with a reason. By a complaints handler or quality manager who may."""

    def step(work: Work) -> None:
        held, actor = _by_handler(work, case)
        [other] = work.panel([to])
        _require_trained(work, held, other, field="to")
        why = work.text(reason, field="reason", subject=case)
        work.add(case, complaints.hand_to(held, by=actor, to=other, reason=why, at=command.at), scheme=held.scheme)

    return carry_out(office, command, case, to, step=step)


@permitted
def answer_complaint(
    office: Office, command: Command, *, case: str, outcome: str, reason: str, done: str | None = None
) -> Receipt:
    """Answer a complaint: `upheld`, `partly-upheld` or `not-upheld`, why, and what was `done`. By who has it in hand."""

    def step(work: Work) -> None:
        held, actor = _by_handler(work, case)
        answered = complaints.answer(
            held,
            by=actor,
            outcome=outcome,
            reason=work.text(reason, field="reason", subject=case),
            done=work.text(done, field="done", subject=case) if done else None,
            scheme=work.scheme(held.scheme),
            at=command.at,
        )
        work.add(case, answered, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def form_committee(office: Office, command: Command, *, case: str, chair: str, members: Sequence[str]) -> Receipt:
    """Name the committee that reviews a complaint, or one anew where somebody left. By a handler or quality manager who may."""

    def step(work: Work) -> None:
        held, actor = _by_handler(work, case)
        seated = work.panel(members)
        formed = complaints.form_committee(
            held, by=actor, chair=chair, members=seated, scheme=work.scheme(held.scheme), at=command.at
        )
        work.add(case, formed, scheme=held.scheme)

    return carry_out(office, command, case, *members, step=step)


@permitted
def decide_complaint(
    office: Office, command: Command, *, case: str, outcome: str, reason: str, done: str | None = None
) -> Receipt:
    """Record what the committee decided, which closes the complaint. By its chair."""

    def step(work: Work) -> None:
        held, actor = _by_handler(work, case)
        decided = complaints.decide(
            held,
            by=actor,
            members=work.panel(held.members),
            outcome=outcome,
            reason=work.text(reason, field="reason", subject=case),
            done=work.text(done, field="done", subject=case) if done else None,
            scheme=work.scheme(held.scheme),
        )
        work.add(case, decided, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def name_follow_up(office: Office, command: Command, *, case: str, person: str, topic: str, need: str) -> Receipt:
    """Name what somebody complained about has to learn from an upheld complaint, on a topic (a code). By who upheld it.

    It is noted as a need of theirs in the same transaction.
    """

    def step(work: Work) -> None:
        held, actor = _by_handler(work, case)
        said = work.text(need, field="need", subject=person)
        named = complaints.name_follow_up(held, by=actor, person=person, topic=topic, need=said)
        work.add(case, named, scheme=held.scheme)
        if named:
            note_need(work, person=person, topic=topic, source="complaint", text=said, matter=case)

    return carry_out(office, command, case, step=step)


@permitted
def name_affected_case(office: Office, command: Command, *, case: str, affected: str, note: str) -> Receipt:
    """Name another case that was touched by what an upheld complaint is about. By who upheld it."""

    def step(work: Work) -> None:
        held, actor = _by_handler(work, case)
        provider_of(work, affected, field="affected")
        said = work.text(note, field="note", subject=case)
        named = complaints.name_affected_case(
            held, by=actor, case=affected, note=said, scheme=work.scheme(held.scheme), at=command.at
        )
        work.add(case, named, scheme=held.scheme)

    return carry_out(office, command, case, affected, step=step)


@permitted
def deal_with_affected(
    office: Office, command: Command, *, case: str, affected: str, action: str, done: str
) -> Receipt:
    """Say what was done about another case that an upheld complaint touched. By a handler, officer or quality manager who may."""

    def step(work: Work) -> None:
        held, actor, provider = _on_affected(work, case, affected)
        dealt = complaints.deal_with_affected(
            held,
            by=actor,
            provider=provider,
            case=affected,
            action=action,
            done=work.text(done, field="done", subject=provider),
        )
        work.add(case, dealt, scheme=held.scheme)

    return carry_out(office, command, case, affected, step=step)


@permitted
def close_affected(office: Office, command: Command, *, case: str, affected: str) -> Receipt:
    """Find what was done about it enough. By one of those roles too, and by somebody else."""

    def step(work: Work) -> None:
        held, actor, provider = _on_affected(work, case, affected)
        closed = complaints.close_affected(held, by=actor, provider=provider, case=affected)
        work.add(case, closed, scheme=held.scheme)

    return carry_out(office, command, case, affected, step=step)


def _on_affected(work: Work, case: str, affected: str) -> tuple[Complaint, Person, str]:
    held = complaint_of(work, case)
    actor = work.acts(held.scheme.partition("@")[0])
    require_apart(held, actor, level=1)
    provider, scheme = provider_of(work, affected, field="affected")
    return held, work.seen(actor, work.latest_scheme(scheme)), provider


def leave(work: Work, person: str, provider: str) -> None:
    """Take all complaints that concern a provider from a person who has a conflict with it, in the same transaction."""
    concerned = sorted(one for one in work.provider(provider).cases if kind_of(one) == "complaint")
    work.load(*concerned)
    for id in concerned:
        held: Complaint = work.state(id)
        work.add(id, complaints.leave(held, person=person), scheme=held.scheme)


def _by_handler(work: Work, case: str) -> tuple[Complaint, Person]:
    held = complaint_of(work, case)
    actor = work.acts(held.scheme.partition("@")[0])
    require_apart(held, actor)
    if work.command.role == HANDLER:
        _require_trained(work, held, actor)
    return held, actor


def _require_trained(work: Work, held: Complaint, person: Person, field: str = "actor") -> None:
    require_trained(person, HANDLER, work.scheme(held.scheme), at=work.command.at, field=field)
