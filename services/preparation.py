"""Registration of a programme, its fees, preparation, and submission in a window. Source: handbook, sections 1 to 3."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.clocks import checked_instant
from domain.ids import derived_id
from domain.person import release_work, require_no_conflict
from domain.places import no_place_left
from domain.provider import said_of
from domain.refusals import refuse
from domain.submission import booking, clocks, preparation
from domain.submission.events import Answer, Evidence, SubmissionEvent
from domain.submission.side_events import LinkedSubmissionRegistered
from domain.submission.state import Submission
from services import accreditations, files, places
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out, scheme_stream
from services.ports import Command
from services.sample import choose_again


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What a provider says of a programme on registering it; all but title and audience are codes that the scheme lists.

    `provider_type` and `size_band` are asked where the scheme has none such as the provider registered with. `roll` is its number of learners and `group` the code of those it goes through with, where fees go by them; `applies`
    answers the question of each of the scheme's exclusions; `applies_for` is a level of award.
    """

    title: str
    category: str
    subject: str
    phase: str
    mode: str
    audience: str = ""
    provider_type: str = ""
    size_band: str = ""
    roll: int = 0
    group: str | None = None
    applies: Mapping[str, bool] = field(default_factory=dict)
    applies_for: str | None = None


def submission_id(command_id: str) -> str:
    """The id of the submission that the registering command with this id creates."""
    return derived_id("submission", command_id)


@permitted
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
    upgrade: bool = False,
    visit_at: datetime | None = None,
) -> Receipt:
    """Register a programme under the version of `scheme` (`cpd-qa`) in force. By the provider's contact.

    `visit_at` is a provisional date for its assessment, where the scheme agrees one on registering. `follows` links it to an earlier submission; with `accreditation` it is to earn that award again, the light-touch way, or
    with `upgrade` at a higher level.
    """
    id = submission_id(command.id)
    provisional_at = checked_instant(visit_at, field="visit_at") if visit_at else None

    def step(work: Work) -> None:
        actor = work.acts(scheme)
        held = work.provider(provider)
        if actor.id not in held.contacts:
            raise refuse(
                "own-provider", "this is not your provider", field="provider", allowed="the provider you speak for"
            )
        version = work.scheme(f"{scheme}@{work.scheme_record(scheme).latest}")
        award = accreditations.award_held(work, accreditation, follows=follows) if accreditation else None
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
            size_band=said_of(held.size_band, programme.size_band, version.size_bands),
            provider_type=said_of(held.provider_type, programme.provider_type, version.provider_types),
            roll=programme.roll,
            group=programme.group,
            applies=programme.applies,
            title=work.text(programme.title, field="title", subject=provider),
            audience=work.text(programme.audience, field="audience", subject=provider) if programme.audience else None,
            agreement_accepted=agreement_accepted,
            follows=work.submission(follows) if follows else None,
            accreditation=accreditation,
            held=award,
            upgrade=upgrade,
            applies_for=programme.applies_for,
            at=command.at,
        )
        work.add(id, registered, scheme=version.ref)
        if registered and follows and not accreditation:
            work.add(follows, [LinkedSubmissionRegistered(submission=id)], scheme=version.ref)
        if registered and accreditation:
            accreditations.register_next(work, work.submission(id), accreditation)
        if registered and provisional_at:
            agreed = booking.book(
                work.submission(id), visit_at=provisional_at, provisional=True, scheme=version, at=command.at
            )
            work.add(id, agreed, scheme=version.ref)

    return carry_out(office, command, id, provider, scheme_stream(scheme), *([follows] if follows else []), step=step)


@permitted
def pay_fee(office: Office, command: Command, *, case: str, kind: str, amount: int) -> Receipt:
    """Note that a fee was paid. By an officer."""

    def step(work: Work) -> None:
        held = by_officer(work, case)
        work.add(case, preparation.pay_fee(held, kind=kind, amount=amount), scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def waive_fee(office: Office, command: Command, *, case: str, kind: str, reason: str) -> Receipt:
    """Waive a fee, with a reason. By an officer."""

    def step(work: Work) -> None:
        held = by_officer(work, case)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        work.add(case, preparation.waive_fee(held, kind=kind, reason=why), scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def extend_preparation(office: Office, command: Command, *, case: str, until: datetime, reason: str) -> Receipt:
    """Grant more time to submit, also after the limit. By an officer."""
    until = checked_instant(until, field="until")

    def step(work: Work) -> None:
        held = by_officer(work, case)
        scheme = work.scheme(held.registration.scheme)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        extended = preparation.extend_preparation(held, until=until, reason=why, scheme=scheme, at=command.at)
        work.add(case, extended, scheme=scheme.ref)
        award = held.registration.accreditation if held.over else None
        if award:  # which may have been withdrawn meanwhile, or earned by another submission
            accreditations.award_held(work, award, follows=held.registration.follows)
            accreditations.register_next(work, held, award)

    return carry_out(office, command, case, step=step)


@permitted
def extend_deadline(office: Office, command: Command, *, case: str, until: datetime, reason: str) -> Receipt:
    """Move the running deadline of a provider or an assessor later, for this case, with a reason. By an officer."""
    until = checked_instant(until, field="until")

    def step(work: Work) -> None:
        held = by_officer(work, case)
        scheme = work.scheme(held.registration.scheme)
        why = work.text(reason, field="reason", subject=held.registration.provider)
        extended = clocks.extend_deadline(held, until=until, reason=why, scheme=scheme, at=command.at)
        work.add(case, extended, scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


@permitted
def withdraw(office: Office, command: Command, *, case: str, reason: str) -> Receipt:
    """Withdraw a submission. By the provider's lead contact."""

    def step(work: Work) -> None:
        held = work.submission(case)
        work.acts(scheme_id(held))
        why = work.text(reason, field="reason", subject=held.registration.provider)
        work.add(case, preparation.withdraw(held, by=command.actor, reason=why), scheme=held.registration.scheme)
        release_assessor(work, held, "withdrawn")
        places.end_claim(work, held)
        places.free_place(work, held)
        choose_again(work, held, reason="withdrawn")
        accreditations.follow(work, case)

    return carry_out(office, command, case, step=step)


@permitted
def submit_portfolio(
    office: Office,
    command: Command,
    *,
    case: str,
    window_id: str | None = None,
    answers: Mapping[str, str],
    evidence: Sequence[Evidence],
) -> Receipt:
    """Submit the portfolio: answers by criterion, and evidence; in a window, unless its date is booked. By the lead contact.

    Where the window has a limited number of places, one is taken in the same transaction. What was returned goes back
    into its window also when that has closed: its date is then the one to keep. Where no place is left that is recorded
    with the claim that follows from it, and then refused.
    """

    def step(work: Work) -> None:
        held = work.submission(case)
        work.acts(scheme_id(held))
        scheme = work.scheme(held.registration.scheme)
        booking.require_route(scheme, "windows" if window_id else "booked")
        taken, late = places.let_in(work, held, window_id) if window_id else ([], False)
        submitted = preparation.submit(
            held,
            by=command.actor,
            scheme=scheme,
            window=window_id or "",
            late=bool(late),
            answers=keep_answers(work, held, answers),
            evidence=evidence,
            at=command.at,
        )
        if submitted:
            files.name_files(work, case, evidence)
        if submitted and window_id and late is None:
            places.keep_claim(work, held, window_id)
            return
        work.add(case, submitted, scheme=scheme.ref)
        if submitted and window_id:
            places.take_place(work, held, window_id, taken)
        accreditations.follow(work, case)

    receipt = carry_out(office, command, case, *([window_id] if window_id else []), step=step)
    if window_id and places.refused_in(receipt.work.submission(case), receipt.work.window(window_id)):
        raise no_place_left(receipt.work.window(window_id))
    return receipt


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
        accreditations.follow(work, case)

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
    officer = work.acts(scheme_id(held))
    require_no_conflict(officer, held.registration.provider, case=case, roles=(work.command.role,))
    return held
