"""Screening by operations: passed, returned with reasons and a date, or refused. Source: handbook, section 4."""

from domain.submission import preparation
from domain.submission.events import SubmissionEvent
from domain.submission.moderation import require_not_excluded
from domain.submission.state import Submission
from services.accreditations import follow
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out
from services.places import free_place
from services.ports import Command
from services.preparation import by_officer, by_process


def start_screening(office: Office, command: Command, *, case: str) -> Receipt:
    """Start screening what was submitted. By the case's process."""

    def decide(work: Work, held: Submission) -> list[SubmissionEvent]:
        return preparation.start_screening(held, scheme=work.scheme(held.registration.scheme), at=command.at)

    return by_process(office, command, case, decide)


def _screened_by(work: Work, case: str) -> Submission:
    """The case, for an officer who may screen it: without a conflict, and without a part in what an appeal set aside."""
    held = by_officer(work, case)
    require_not_excluded(held, work.person(work.command.actor))
    return held


@permitted
def pass_screening(office: Office, command: Command, *, case: str) -> Receipt:
    """Find a submission complete, eligible and paid for. By an officer without a conflict."""

    def step(work: Work) -> None:
        held = _screened_by(work, case)
        work.add(case, preparation.pass_screening(held), scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def return_portfolio(office: Office, command: Command, *, case: str, reason: str) -> Receipt:
    """Send a portfolio back, with reasons; the scheme sets the date. By an officer without a conflict."""

    def step(work: Work) -> None:
        held = _screened_by(work, case)
        scheme = work.scheme(held.registration.scheme)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        work.add(case, preparation.return_portfolio(held, reason=why, scheme=scheme, at=command.at), scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


@permitted
def find_ineligible(office: Office, command: Command, *, case: str, reason: str) -> Receipt:
    """Refuse a programme that this scheme does not accredit, with reasons. By an officer without a conflict."""

    def step(work: Work) -> None:
        held = _screened_by(work, case)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        work.add(case, preparation.find_ineligible(held, reason=why), scheme=held.registration.scheme)
        free_place(work, held)
        follow(work, case)

    return carry_out(office, command, case, step=step)
