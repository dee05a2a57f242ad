"""Facts about people from which conflicts are found, their correction, and declared conflicts lifted.

Source: handbook, Who did not decide. A conflict of either kind takes the person off everything of that provider in the same
transaction (`services/handover.py`), and nobody lifts their own.
"""

from datetime import datetime

from domain import conflicts
from domain.clocks import checked_instant
from domain.conflicts import NOTED, SAID
from domain.linked import require_open
from domain.person import Person, require_known, require_no_conflict
from domain.refusals import refuse
from services.acting import permitted
from services.handover import end_work
from services.office import Office, Receipt, Work, carry_out
from services.people import about_person, require_provider
from services.ports import Command


@permitted
def record_fact(
    office: Office,
    command: Command,
    *,
    id: str,
    kind: str,
    provider: str,
    from_at: datetime,
    until_at: datetime | None = None,
) -> Receipt:
    """Record what is, or was, between a person and a provider, from and until (UTC; None while it lasts).

    One's own, or by an officer or a quality manager. What is found from it blocks at once.
    """
    from_at = checked_instant(from_at, field="from_at")
    until_at = checked_instant(until_at, field="until_at") if until_at else None

    def step(work: Work) -> None:
        source = SAID if about_person(work, id) else NOTED
        require_provider(work, provider)
        held = work.person(id)
        require_known(held, field="id")
        recorded = conflicts.record_fact(
            held.ties,
            kind=kind,
            provider=provider,
            from_at=from_at,
            until_at=until_at,
            source=source,
            at=command.at,
        )
        work.add(id, recorded)
        end_work(work, id, provider)

    return carry_out(office, command, id, provider, step=step)


@permitted
def correct_fact(
    office: Office,
    command: Command,
    *,
    id: str,
    number: int,
    from_at: datetime,
    until_at: datetime | None = None,
    stands: bool = True,
    reason: str,
) -> Receipt:
    """Correct the dates of a fact, or say that it is none (`stands` false), with a reason.

    By an officer or a quality manager who is not the person and has no conflict with that provider.
    """
    from_at = checked_instant(from_at, field="from_at")
    until_at = checked_instant(until_at, field="until_at") if until_at else None

    def step(work: Work) -> None:
        held, why = work.person(id), work.text(reason, field="reason", subject=id)
        fact = held.ties.facts.get(number)
        _by_another(work, held, fact.provider if fact else "")
        corrected = conflicts.correct_fact(
            held.ties,
            number=number,
            from_at=from_at,
            until_at=until_at,
            stands=stands,
            reason=why,
            at=command.at,
        )
        work.add(id, corrected)
        if fact and corrected:  # it may be graver than it seemed
            end_work(work, id, fact.provider)

    return carry_out(office, command, id, step=step)


@permitted
def lift_conflict(office: Office, command: Command, *, id: str, provider: str, kind: str, reason: str) -> Receipt:
    """Lift a conflict of one kind that was declared in error, with a reason.

    By an officer who is not the person, under any account, and has no conflict with that provider.
    """

    def step(work: Work) -> None:
        held, why = work.person(id), work.text(reason, field="reason", subject=id)
        _by_another(work, held, provider)
        work.add(id, conflicts.lift(held.ties, provider=provider, kind=kind, reason=why))

    return carry_out(office, command, id, step=step)


def _by_another(work: Work, held: Person, provider: str) -> None:
    """Refuse who would lift or correct what is their own, or has a conflict there too."""
    actor = work.acts()
    require_known(held, field="id")
    if actor.had_part(held.ids):
        raise refuse(
            "not-for-oneself",
            "nobody lifts a conflict of their own",
            field="id",
            allowed="somebody else without a conflict doing it: " + ", ".join(work.roles("none")),
        )
    require_open(held.linked)
    require_no_conflict(actor, provider)
