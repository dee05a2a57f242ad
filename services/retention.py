"""Letting records go by the rules: listed as of a date, approved by two others, then erased with the event that records it.

Source: handbook, Retention. What a person asked to be erased goes the same way, see `services/erasure.py`.
"""

from datetime import datetime
from typing import Any

from domain.clocks import checked_instant
from domain.ids import derived_id, is_id, kind_of
from domain.person import Person, end_role, require_no_conflict
from domain.refusals import refuse
from domain.retention import holds as register
from domain.retention import letting_go
from domain.retention.state import Retention
from services.acting import permitted
from services.going import Going, asked, due, facts_of, require_seen, still
from services.keeping import HOLDS, Facts
from services.office import Office, Receipt, Work, carry_out
from services.own_records import require_released
from services.policies import policy_of
from services.ports import Command, Erasure, Shelves
from services.watching import matter_of

HELD_KINDS = ("person", "provider", "submission", "accreditation", "appeal", "complaint", "audit")
"""What may be put on hold."""


def retention_id(command_id: str) -> str:
    """The id of the list or the request that the command with this id begins."""
    return derived_id("retention", command_id)


@permitted
def propose_letting_go(office: Office, command: Command, *, shelves: Shelves, on: datetime | None = None) -> Receipt:
    """Propose that all goes that the rules let go on a date (now, if none is given): `retention_id(command.id)`.

    By a quality manager, an officer or the board; what is a provider's with whom they have a conflict is left out.
    """
    id, on = retention_id(command.id), checked_instant(on, field="on") if on else command.at

    def step(work: Work) -> None:
        actor = work.acts()
        facts = facts_of(work, shelves, at=min(on, command.at))
        propose_going(work, id, due(facts, without=actor.conflicts), facts, on)

    return carry_out(office, command, id, HOLDS, step=step)


@permitted
def approve_letting_go(office: Office, command: Command, *, case: str) -> Receipt:
    """Approve what is proposed: the second of two people to do so, neither of whom proposed it, makes it due."""

    def step(work: Work) -> None:
        held, actor = decides(work, case)
        work.add(case, letting_go.approve(held, by=actor, before=before(work, held), **terms_of(work)))

    return carry_out(office, command, case, step=step)


@permitted
def decline_letting_go(office: Office, command: Command, *, case: str, reason: str) -> Receipt:
    """Decide that nothing goes, with a reason; not by who proposed it, nor by whom it is about."""

    def step(work: Work) -> None:
        held, actor = decides(work, case)
        why = work.text(reason, field="reason", subject=case)
        work.add(case, letting_go.decline(held, by=actor, reason=why))

    return carry_out(office, command, case, step=step)


@permitted
def let_go(office: Office, command: Command, *, case: str, shelves: Shelves) -> Receipt:
    """Erase what two people approved and nothing keeps now, in the transaction of the event that says so.

    By a quality manager, an officer or the board. For a request, what a ground keeps stays until that ends; then again.
    The bytes of files go soon after, unless another case has them.
    """

    def step(work: Work) -> None:
        held, actor = decides(work, case)
        position = shelves.position()
        facts = facts_of(work, shelves, at=command.at)
        going = asked(facts, held.subject) if held.subject else still(facts, held.items)
        goes: dict[str, Any] = {"texts": going.texts, "fields": going.fields, "files": going.files, "kept": going.kept}
        done = letting_go.let_go(held, by=actor, before=before(work, held), **goes, **terms_of(work))
        if not done:
            return
        if held.subject:
            require_released(facts, held.subject)
        for subject in sorted({subject for subject, _ in going.fields if kind_of(subject) == "person"}):
            _end_speaking(work, subject)
        seen = require_seen(work, going, position, case=case)
        work.erase = Erasure(texts=going.texts, fields=going.fields, files=going.files, seen=seen)
        work.add(case, done)

    return carry_out(office, command, case, HOLDS, step=step)


@permitted
def hold(office: Office, command: Command, *, subject: str, ground: str, reason: str) -> Receipt:
    """Keep whatever is kept of a person, a provider, a case or a matter, whatever the rules let go, until it is released."""

    def step(work: Work) -> None:
        work.acts()
        if not is_id(subject, *HELD_KINDS) or not office.records.streams(subject)[subject].version:
            raise refuse(
                "known-subject",
                "there is nothing of this id that could be kept",
                field="subject",
                allowed=f"the id of one on record: {', '.join(HELD_KINDS)}",
            )
        why = work.text(reason, field="reason", subject=subject)
        placing: dict[str, Any] = {
            "id": HOLDS,
            "subject": subject,
            "by": command.actor,
            "ground": ground,
            "reason": why,
        }
        work.add(HOLDS, register.hold(work.state(HOLDS), **placing, **terms_of(work)))

    return carry_out(office, command, HOLDS, step=step)


@permitted
def review_hold(office: Office, command: Command, *, subject: str, reason: str) -> Receipt:
    """Note that a hold was looked at and is still needed, and why."""

    def step(work: Work) -> None:
        work.acts()
        why = work.text(reason, field="reason", subject=subject)
        looked: dict[str, Any] = {"subject": subject, "by": command.actor, "reason": why}
        work.add(HOLDS, register.review_hold(work.state(HOLDS), **looked, **terms_of(work)))

    return carry_out(office, command, HOLDS, step=step)


@permitted
def release_hold(office: Office, command: Command, *, subject: str, reason: str, shelves: Shelves) -> Receipt:
    """End a hold, with a reason; not by who placed it, nor by whom it is about or who has a conflict with the provider."""

    def step(work: Work) -> None:
        actor = work.acts()
        why = work.text(reason, field="reason", subject=subject)
        released = register.release_hold(work.state(HOLDS), subject=subject, by=actor, reason=why)
        if actor.had_part({subject}):
            raise refuse(
                "not-for-oneself", "this is about them", field="actor", allowed="somebody whom it is not about"
            )
        for provider in sorted(facts_of(work, shelves, at=command.at).concerned(subject)):
            require_no_conflict(actor, provider)
        work.add(HOLDS, released)

    return carry_out(office, command, HOLDS, step=step)


def terms_of(work: Work) -> dict[str, Any]:
    """What the policy says, its calendar, and now."""
    policy = policy_of(work, "retention")
    return {"policy": policy.content, "calendar": policy.calendar, "at": work.command.at}


def decides(work: Work, case: str) -> tuple[Retention, Person]:
    """The list or request, and who decides it, without a conflict with any provider whose affair it is."""
    held: Retention = matter_of(work, case)
    actor = work.acts()
    for provider in held.providers:
        require_no_conflict(actor, provider)
    return held, actor


def before(work: Work, held: Retention) -> list[Person]:
    """Who proposed it, and who approved it already; who they are must not change while the command is decided."""
    return work.panel([one for one in (held.proposed_by, *held.approved_by) if one])


def propose_going(work: Work, id: str, going: Going, facts: Facts, on: datetime) -> None:
    """Propose what goes, by the policy in force."""
    work.add(
        id,
        letting_go.propose(
            work.state(id),
            id=id,
            policy_ref=facts.policy.ref,
            by=work.person(work.command.actor),
            due_by=on,
            items=going.items,
            kept=going.kept,
            providers=sorted(going.providers),
            digest=going.digest,
            policy=facts.content,
            calendar=facts.policy.calendar,
            at=work.command.at,
        ),
    )


def _end_speaking(work: Work, subject: str) -> None:
    """Nobody acts any more as somebody who was erased: who alone spoke for a provider of which nothing is live ends that."""
    for role, scheme in sorted(work.person(subject).roles, key=str):
        work.add(subject, end_role(work.person(subject), role=role, scheme=scheme))
