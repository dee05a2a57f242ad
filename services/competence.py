"""What people bring: experience and background stated and verified, absences, capacity of their own. Source: handbook, People."""

from datetime import datetime

from domain import selection
from domain.clocks import checked_instant
from domain.person import Person
from services.acting import permitted
from services.authority import settle_verification
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command


@permitted
def state_credential(office: Office, command: Command, *, id: str, topic: str, kind: str, text: str) -> Receipt:
    """State experience (`led`) or background (`teacher`) of a person, with a text that says of what it consists.

    By themselves, which counts once somebody verified it; or by a quality manager or an officer, who answers for it.
    """

    def step(work: Work) -> None:
        actor = _by_oneself_or_for_another(work, id)
        said = work.text(text, field="text", subject=id)
        stated = selection.state(work.person(id), topic=topic, kind=kind, text=said, by=actor)
        work.add(id, stated)
        if any(one.verified for one in stated):
            settle_verification(work, person=id, topic=topic, kind=kind)

    return carry_out(office, command, id, step=step)


@permitted
def verify_credential(office: Office, command: Command, *, id: str, topic: str, kind: str) -> Receipt:
    """Verify what a person stated of themselves. By a quality manager or an officer other than that person."""

    def step(work: Work) -> None:
        actor = work.acts()
        work.add(id, selection.verify(work.person(id), topic=topic, kind=kind, by=actor))
        settle_verification(work, person=id, topic=topic, kind=kind)

    return carry_out(office, command, id, step=step)


@permitted
def withdraw_credential(office: Office, command: Command, *, id: str, topic: str, kind: str, reason: str) -> Receipt:
    """Say that it does not hold, with a reason. By the person themselves, a quality manager or an officer.

    A background that was verified is withdrawn by somebody else.
    """

    def step(work: Work) -> None:
        actor = _by_oneself_or_for_another(work, id)
        why = work.text(reason, field="reason", subject=id)
        work.add(id, selection.withdraw(work.person(id), topic=topic, kind=kind, by=actor, reason=why))
        settle_verification(work, person=id, topic=topic, kind=kind)

    return carry_out(office, command, id, step=step)


@permitted
def plan_absence(office: Office, command: Command, *, starts_at: datetime, ends_at: datetime) -> Receipt:
    """Say from when until when one takes no new work; for oneself."""
    begins = checked_instant(starts_at, field="starts_at")
    ends = checked_instant(ends_at, field="ends_at")

    def step(work: Work) -> None:
        planned = selection.plan_absence(work.acts_in_own_role(), starts_at=begins, ends_at=ends, at=command.at)
        work.add(command.actor, planned)

    return carry_out(office, command, command.actor, step=step)


@permitted
def cancel_absence(office: Office, command: Command, *, starts_at: datetime, ends_at: datetime) -> Receipt:
    """Say that an absence does not take place after all; for oneself."""
    begins = checked_instant(starts_at, field="starts_at")
    ends = checked_instant(ends_at, field="ends_at")

    def step(work: Work) -> None:
        work.add(command.actor, selection.cancel_absence(work.acts_in_own_role(), starts_at=begins, ends_at=ends))

    return carry_out(office, command, command.actor, step=step)


@permitted
def limit_capacity(office: Office, command: Command, *, scheme: str, most: int) -> Receipt:
    """Say how many submissions of a scheme one takes in a round, at most as many as it allows; for oneself."""

    def step(work: Work) -> None:
        actor = work.acts_in_own_role()
        work.add(command.actor, selection.limit_capacity(actor, scheme=work.latest_scheme(scheme), most=most))

    return carry_out(office, command, command.actor, step=step)


def _by_oneself_or_for_another(work: Work, id: str) -> Person:
    """The acting person: the one whom it is about, in any role of theirs, or who may do it for others."""
    return work.acts_in_own_role() if id == work.command.actor else work.acts(among=work.roles("none"))
