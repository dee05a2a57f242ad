"""Registration of a programme, its fees, preparation, and submission in a window. Source: handbook, sections 1 to 3."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import window
from domain.clocks import checked_instant
from domain.ids import derived_id
from domain.person import release_work, require_no_conflict
from domain.refusals import refuse
from domain.submission import clocks, preparation
from domain.submission.events import Answer, Evidence, SubmissionEvent
from domain.submission.state import Stage, Submission
from services.office import Office, Receipt, Work, carry_out, scheme_stream
from services.ports import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What a provider says of a programme on registering it; all but the title are codes that the scheme lists."""

    title: str
    category: str
    subject: str
    phase: str
    mode: str


def submission_id(command_id: str) -> str:
    """The id of the submission that the registering command with this id creates."""
    return derived_id("submission", command_id)


def register_programme(
    office: Office,
    command: Command,
    *,
    scheme: str,
    provider: str,
    programme: Programme,
    agreement_accepted: bool,
    follows: str | None = None,
    accreditation: str | None = None,
) -> Receipt:
    """Register a programme under the version of `scheme` (`cpd-qa`) in force. By the provider's contact.

    `follows` links it to an earlier submission; with `accreditation` it is to earn that award again, the light-touch way.
    """
    id = submission_id(command.id)

    def step(work: Work) -> None:
        actor = work.acts_as("provider", scheme)
        held = work.provider(provider)
        if actor.id not in held.contacts:
            raise refuse(
                "own-provider", "this is not your provider", field="provider", allowed="the provider you speak for"
            )
        version = work.scheme(f"{scheme}@{work.scheme_record(scheme).latest}")
        if accreditation is not None and follows not in _last_earned_by(work, accreditation):
            raise refuse(
                "reaccredits-award",
                "that submission did not earn this award",
                field="accreditation",
                allowed="the award, with the submission that last earned it as `follows`",
            )
        registered = preparation.register(
            work.state(id),
            id=id,
            scheme=version,
            provider=provider,
            lead_contact=actor.id,
            category=programme.category,
            subject=programme.subject,
            phase=programme.phase,
            mode=programme.mode,
            size_band=held.size_band,
            provider_type=held.provider_type,
            title=work.text(programme.title, field="title", subject=provider),
            agreement_accepted=agreement_accepted,
            follows=work.submission(follows) if follows else None,
            accreditation=accreditation,
            at=command.at,
        )
        work.add(id, registered, scheme=version.ref)

    return carry_out(office, command, id, provider, scheme_stream(scheme), *([follows] if follows else []), step=step)


def _last_earned_by(work: Work, accreditation: str) -> list[str]:
    return [period.submission for period in work.accreditation(accreditation).periods[-1:]]


def pay_fee(office: Office, command: Command, *, case: str, kind: str, amount: int) -> Receipt:
    """Note that a fee was paid. By an officer."""

    def step(work: Work) -> None:
        held = by_officer(work, case)
        work.add(case, preparation.pay_fee(held, kind=kind, amount=amount), scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)


def waive_fee(office: Office, command: Command, *, case: str, kind: str, reason: str) -> Receipt:
    """Waive a fee, with a reason. By an officer."""

    def step(work: Work) -> None:
        held = by_officer(work, case)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        work.add(case, preparation.waive_fee(held, kind=kind, reason=why), scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)


def extend_preparation(office: Office, command: Command, *, case: str, until: datetime, reason: str) -> Receipt:
    """Grant more time to submit, also after the limit. By an officer."""
    until = checked_instant(until, field="until")

    def step(work: Work) -> None:
        held = by_officer(work, case)
        scheme = work.scheme(held.registration.scheme)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        extended = preparation.extend_preparation(held, until=until, reason=why, scheme=scheme, at=command.at)
        work.add(case, extended, scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


def withdraw(office: Office, command: Command, *, case: str, reason: str) -> Receipt:
    """Withdraw a submission. By the provider's lead contact."""

    def step(work: Work) -> None:
        held = work.submission(case)
        work.acts_as("provider", scheme_id(held))
        why = work.text(reason, field="reason", subject=held.registration.provider)
        work.add(case, preparation.withdraw(held, by=command.actor, reason=why), scheme=held.registration.scheme)
        release_assessor(work, held, "withdrawn")

    return carry_out(office, command, case, step=step)


def submit_portfolio(
    office: Office,
    command: Command,
    *,
    case: str,
    window_id: str,
    answers: Mapping[str, str],
    evidence: Sequence[Evidence],
) -> Receipt:
    """Submit the portfolio in a window: answers by criterion, and evidence. By the provider's lead contact.

    Where the window has a limited number of places, one is taken in the same transaction. What was returned goes back
    into its window also when that has closed: its date is then the one to keep.
    """

    def step(work: Work) -> None:
        held = work.submission(case)
        work.acts_as("provider", scheme_id(held))
        scheme = work.scheme(held.registration.scheme)
        places, late = _let_in(work, held, window_id)
        submitted = preparation.submit(
            held,
            by=command.actor,
            scheme=scheme,
            window=window_id,
            late=late,
            answers=keep_answers(work, held, answers),
            evidence=evidence,
            at=command.at,
        )
        work.add(case, submitted, scheme=scheme.ref)
        work.add(window_id, places if submitted else [], scheme=scheme.ref)

    return carry_out(office, command, case, window_id, step=step)


def _let_in(work: Work, case: Submission, window_id: str) -> tuple[list[window.WindowEvent], bool]:
    """Take a place in the window, if there is a limit; say whether it is late."""
    been_in = case.portfolio if case.stage in (Stage.SUBMITTED, Stage.SCREENING, Stage.RETURNED) else None
    if been_in and been_in.window == window_id:
        return [], been_in.late
    return window.take_place(work.window(window_id), submission=case.id, scheme=scheme_id(case), at=work.command.at)


def start_preparation(office: Office, command: Command, *, case: str) -> Receipt:
    """Begin preparation. By the case's process."""
    return by_process(office, command, case, lambda _, held: preparation.start_preparation(held))


def lapse(office: Office, command: Command, *, case: str) -> Receipt:
    """End a submission that was not handed in by its date. By the case's process."""
    return by_process(office, command, case, lambda _, held: preparation.lapse(held, at=command.at))


def remind(office: Office, command: Command, *, case: str) -> Receipt:
    """Send the reminder that is due. By the case's process."""
    return by_process(office, command, case, lambda _, held: clocks.remind(held, at=command.at))


def miss_deadline(office: Office, command: Command, *, case: str) -> Receipt:
    """Tell operations that a deadline passed. By the case's process."""
    return by_process(office, command, case, lambda _, held: clocks.miss_deadline(held, at=command.at))


def by_process(
    office: Office, command: Command, case: str, decide: Callable[[Work, Submission], list[SubmissionEvent]]
) -> Receipt:
    """Carry out one step of a submission's process; `decide` turns the state into events."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held = work.submission(case)
        work.add(case, decide(work, held), scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)


def keep_answers(work: Work, case: Submission, answers: Mapping[str, str]) -> list[Answer]:
    """Keep the answers' texts; return what the event says of them."""
    owner = case.registration.provider
    return [
        Answer(criterion=code, text=work.text(body, field=f"answers.{code}", subject=owner))
        for code, body in answers.items()
    ]


def release_assessor(work: Work, case: Submission, reason: str) -> None:
    """Give the assessor's place in the round back."""
    if case.assessor:
        work.add(case.assessor, release_work(work.person(case.assessor), submission=case.id, reason=reason))


def scheme_id(case: Submission) -> str:
    """The id of the scheme a case is pinned to, without its version."""
    return case.scheme_id


def by_officer(work: Work, case: str) -> Submission:
    """The case, for an officer acting without a conflict; refuses anyone else."""
    held = work.submission(case)
    require_no_conflict(work.acts_as("officer", scheme_id(held)), held.registration.provider)
    return held
