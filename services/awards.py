"""What follows a decision: the result told, the award made, renewed or raised, reminders before its end, and its lapse.

Source: handbook, sections 8, 9 and 11.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.accreditation import Accreditation, AccreditationEvent
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
from services.superseding import accreditation_of, supersede


def accreditation_id(submission: str) -> str:
    """The id of the accreditation that this submission earns."""
    return derived_id("accreditation", submission)


def release_result(office: Office, command: Command, *, case: str) -> Receipt:
    """Tell the provider the result and, if it is awarded, make, renew or raise the award in the same transaction.

    A second result, after an appeal, corrects or ends what the first one had made. Everyone who had a part is asked how it
    was. By the case's process.
    """

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held = work.submission(case)
        events = released(held)
        if events and held.outcome and not supersede(work, held) and held.outcome.level is not None:
            # not when somebody got to telling it
            earn(work, held, held.outcome.level, decided_at=held.approved_at or command.at)
        work.add(case, events, scheme=held.registration.scheme)
        if events:
            send_questionnaires(work, held)
        follow(work, case)

    return carry_out(office, command, case, learning_id(case), step=step)


def earn(work: Work, case: Submission, level: str, *, decided_at: datetime) -> None:
    """Let a submission earn an award at `level`, or renew or raise the one that it is for, from `decided_at` on."""
    scheme = work.scheme(case.registration.scheme)
    id = accreditation_of(case)
    award = work.accreditation(id)
    if any(submission == case.id for submission, _ in award.judged_again):
        award = replace(award, annulled_at=None)  # it was this one's own result that was annulled
    said: dict[str, Any] = {
        "submission": case.id,
        "scheme": scheme,
        "level": level,
        "decided_at": decided_at,
        "noted_at": work.command.at,
        "strengths": case.strengths,
    }
    work.add(id, _earned(award, case, id, said), scheme=scheme.ref)


def _earned(award: Accreditation, case: Submission, id: str, said: dict[str, Any]) -> list[AccreditationEvent]:
    registration, decided_at = case.registration, said["decided_at"]
    if not award.id:
        return accreditation.award(
            award,
            id=id,
            provider=registration.provider,
            lead_contact=registration.lead_contact,
            category=registration.category,
            subject=registration.subject,
            phase=registration.phase,
            **said,
        )
    if registration.origin == "upgrade":
        return accreditation.upgrade(award, **said)
    runs = award.withdrawn_at is None
    if runs and registration.origin == "reaccreditation" and (why_not := _overtaken(award, registration.follows)):
        return accreditation.end_reaccreditation(award, submission=case.id, outcome=why_not, at=decided_at)
    return accreditation.renew(award, **said)


def _overtaken(award: Accreditation, follows: str | None) -> str:
    """Why a reaccreditation after `follows` renews nothing: an appeal annulled that, or another one renewed it since."""
    if follows not in award.earned:
        return "award-annulled"
    return "" if award.periods and award.periods[-1].submission == follows else "earned-since"


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
