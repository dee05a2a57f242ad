"""Booked dates, the preview of a portfolio, and visits. Source: handbook, sections 3 and 5 (schemes with a booked date)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.clocks import checked_instant
from domain.submission import booking, visits
from domain.submission.assessment import require_assessor
from domain.submission.events import SubmissionEvent
from domain.submission.preparation import require_provider
from domain.submission.state import Submission
from services.acting import permitted
from services.assessment import still_qualified
from services.ledger import earn_pay
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.preparation import by_officer, by_process, release_assessor
from services.sample import choose_again


@permitted
def book_assessment(office: Office, command: Command, *, case: str, visit_at: datetime) -> Receipt:
    """Book the date, confirm a provisional one, or take another. By the provider's lead contact, or an officer."""
    visit_at = checked_instant(visit_at, field="visit_at")

    def step(work: Work) -> None:
        held = _by_officer_or_concerned(work, case)
        scheme = work.scheme(held.registration.scheme)
        work.add(case, booking.book(held, visit_at=visit_at, scheme=scheme, at=command.at), scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


@permitted
def agree_provisional_date(office: Office, command: Command, *, case: str, visit_at: datetime) -> Receipt:
    """Agree on a date that binds nobody until it is booked. By an officer; a provider can say one on registering."""
    visit_at = checked_instant(visit_at, field="visit_at")

    def step(work: Work) -> None:
        held = by_officer(work, case)
        scheme = work.scheme(held.registration.scheme)
        agreed = booking.book(held, visit_at=visit_at, provisional=True, scheme=scheme, at=command.at)
        work.add(case, agreed, scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


def give_up_date(office: Office, command: Command, *, case: str) -> Receipt:
    """Give a booked date up for which the portfolio was not in. By the case's process."""
    return by_process(office, command, case, lambda _, held: booking.give_up(held, at=command.at))


@permitted
def pass_preview(office: Office, command: Command, *, case: str) -> Receipt:
    """Find the portfolio fit for the visit. By the assigned assessor, or an officer."""

    def step(work: Work) -> None:
        held = _by_officer_or_concerned(work, case)
        scheme = work.scheme(held.registration.scheme)
        work.add(case, visits.pass_preview(held, scheme=scheme, at=command.at), scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


@permitted
def alert_preview(
    office: Office, command: Command, *, case: str, reason: str, until: datetime, visit_at: datetime | None = None
) -> Receipt:
    """Find it too weak: back to preparation until `until`, with another date if one is known. By assessor or officer."""
    until = checked_instant(until, field="until")
    rebooked = checked_instant(visit_at, field="visit_at") if visit_at else None

    def step(work: Work) -> None:
        held = _by_officer_or_concerned(work, case)
        scheme = work.scheme(held.registration.scheme)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        told = visits.alert(held, reason=why, until=until, visit_at=rebooked, scheme=scheme, at=command.at)
        if told:
            release_assessor(work, held, "preview-alerted")
            choose_again(
                work, held, reason="preview-alerted"
            )  # what was marked blind is no longer what will be assessed
        work.add(case, told, scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


@permitted
def agree_people(
    office: Office, command: Command, *, case: str, groups: Sequence[str], missing: Mapping[str, str]
) -> Receipt:
    """Agree whom the visit meets, with a reason for each group `missing`. By the assigned assessor, or an officer."""

    def step(work: Work) -> None:
        held = _by_officer_or_concerned(work, case)
        scheme = work.scheme(held.registration.scheme)
        owner = held.registration.provider
        reasons = {group: work.text(why, field=f"missing.{group}", subject=owner) for group, why in missing.items()}
        agreed = visits.agree_people(held, groups=groups, missing=reasons, scheme=scheme)
        work.add(case, agreed, scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


@permitted
def hold_visit(
    office: Office, command: Command, *, case: str, met: Sequence[str], minutes_spent: int, recommendation: str | None
) -> Receipt:
    """Record the visit and the recommendation shared at its end. By the assigned assessor."""

    def step(work: Work) -> None:
        held = work.submission(case)
        scheme = work.scheme(held.registration.scheme)
        actor = work.acts(scheme.id)
        visited: list[SubmissionEvent] = visits.hold(
            held,
            by=actor,
            met=met,
            minutes_spent=minutes_spent,
            recommendation=recommendation,
            scheme=scheme,
            at=command.at,
        )
        if still_qualified(actor, scheme, visited, command):
            earn_pay(work, actor.id, kind="visit", case=case, scheme=scheme)
        work.add(case, visited, scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


def _by_officer_or_concerned(work: Work, case: str) -> Submission:
    """The case, for an officer without a conflict, or for its lead contact or its assigned assessor, whose it is to do."""
    if work.permits("none"):
        return by_officer(work, case)
    held = work.submission(case)
    actor = work.acts(held.scheme_id)
    if work.permits("own"):
        require_provider(held, actor.id)
    else:
        require_assessor(held, actor)
    return held
