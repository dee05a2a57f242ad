"""What follows a decision: the result told, the award made, renewed or raised, reminders before its end, and its lapse.

Source: handbook, sections 8, 9 and 11.
"""

from domain.accreditation import award as accreditation
from domain.accreditation.state import require_accreditation
from domain.ids import derived_id
from domain.scheme_record import last_usable_window
from domain.submission.decision import release_result as released
from domain.submission.state import Submission
from services.accreditations import follow
from services.learning import learning_id, send_questionnaires
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command


def accreditation_id(submission: str) -> str:
    """The id of the accreditation that this submission earns."""
    return derived_id("accreditation", submission)


def release_result(office: Office, command: Command, *, case: str) -> Receipt:
    """Tell the provider the result and, if it is awarded, make, renew or raise the award in the same transaction.

    Everyone who had a part is asked how it was. By the case's process.
    """

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held = work.submission(case)
        events = released(held)
        if events and held.outcome and held.outcome.level is not None:
            _award(work, held, held.outcome.level)
        work.add(case, events, scheme=held.registration.scheme)
        if events:
            send_questionnaires(work, held)
        follow(work, case)

    return carry_out(office, command, case, learning_id(case), step=step)


def _award(work: Work, case: Submission, level: str) -> None:
    registration = case.registration
    decided_at = case.approved_at or work.command.at  # not when somebody got to telling it
    scheme = work.scheme(registration.scheme)
    if registration.accreditation:
        id = registration.accreditation
        earn = accreditation.upgrade if registration.origin == "upgrade" else accreditation.renew
        events = earn(
            work.accreditation(id),
            submission=case.id,
            scheme=scheme,
            level=level,
            decided_at=decided_at,
            noted_at=work.command.at,
            strengths=case.strengths,
        )
    else:
        id = accreditation_id(case.id)
        events = accreditation.award(
            work.accreditation(id),
            id=id,
            submission=case.id,
            provider=registration.provider,
            lead_contact=registration.lead_contact,
            scheme=scheme,
            level=level,
            category=registration.category,
            subject=registration.subject,
            phase=registration.phase,
            decided_at=decided_at,
            noted_at=work.command.at,
            strengths=case.strengths,
        )
    work.add(id, events, scheme=scheme.ref)


def remind_of_end(office: Office, command: Command, *, case: str) -> Receipt:
    """Send the reminder of the coming end that is due, with the last window still of use. By the award's process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held = work.accreditation(case)
        require_accreditation(held)
        windows = work.scheme_record(held.scheme.partition("@")[0]).windows
        last = last_usable_window(windows, at=command.at, ends_at=held.clock.due_at) if held.clock else None
        work.add(case, accreditation.remind(held, at=command.at, last_window=last), scheme=held.scheme)

    return carry_out(office, command, case, step=step)


def lapse_award(office: Office, command: Command, *, case: str) -> Receipt:
    """Note that validity ended. By the award's process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held = work.accreditation(case)
        work.add(case, accreditation.lapse(held, at=command.at), scheme=held.scheme)

    return carry_out(office, command, case, step=step)
