"""While an award lasts: years confirmed, changes notified, concerns and their reviews, and what became of a reaccreditation.

Source: handbook, sections 9 to 11.
"""

from collections.abc import Callable, Sequence

from domain.accreditation import Accreditation, AccreditationEvent, award, concerns, confirmation
from domain.accreditation.state import require_accreditation
from domain.ids import derived_id
from domain.permissions import roles
from domain.person import require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.submission import events as e
from domain.submission.applying import Held
from domain.submission.state import ENDS, Submission
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.public import by_public, said_already
from services.superseding import supersede


def concern_id(command_id: str) -> str:
    """The id of the concern that the raising command with this id creates."""
    return derived_id("concern", command_id)


@permitted
def confirm_year(office: Office, command: Command, *, case: str, year: int, statement: str) -> Receipt:
    """Confirm that provision keeps up, so that this year has its certificate. By the provider's contact."""

    def step(work: Work) -> None:
        held = _of_provider(work, case)
        said = work.text(statement, field="statement", subject=held.provider)
        confirmed = confirmation.confirm_year(held, year=year, statement=said, at=command.at)
        work.add(case, confirmed, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def notify_change(office: Office, command: Command, *, case: str, text: str, criteria: Sequence[str] = ()) -> Receipt:
    """Tell of a change, and which criteria it touches. By the provider's contact."""

    def step(work: Work) -> None:
        held = _of_provider(work, case)
        said = work.text(text, field="text", subject=held.provider)
        notified = confirmation.notify_change(
            held, text=said, criteria=tuple(criteria), scheme=work.scheme(held.scheme), at=command.at
        )
        work.add(case, notified, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def look_at_change(office: Office, command: Command, *, case: str, change: str, result: str, reason: str) -> Receipt:
    """Say whether a notified change (by the id of its text) is `noted` or calls for a `review`. By an officer without a conflict.

    A review begins with a concern (`concern_id(command.id)`) that the officer raises, and somebody else then decides.
    """

    def step(work: Work) -> None:
        held = _existing(work, case)
        officer = work.acts(_scheme_id(held))
        said = work.text(reason, field="reason", subject=held.provider)
        work.add(
            case,
            confirmation.look_at_change(held, change=change, by=officer, result=result, reason=said),
            scheme=held.scheme,
        )
        if result == "review":
            now, scheme = work.accreditation(case), work.scheme(held.scheme)
            raised = concerns.raise_concern(
                now, id=concern_id(command.id), raised_by=officer.id, text=said, scheme=scheme, at=command.at
            )
            work.add(case, raised, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def raise_concern(
    office: Office,
    command: Command,
    *,
    case: str,
    text: str,
    kind: str = "quality",
    from_outside: bool = False,
    name: str = "",
    address: str = "",
) -> Receipt:
    """Raise a concern (`concern_id(command.id)`) about an award. By anyone who has a role; an officer also for outsiders.

    The public raises one too (`by_public`), in at most 5,000 characters. The name and address that somebody outside may
    leave for the answer go to the vault under the concern's id. The same words of the public twice about one award
    within a day are one concern: nothing is written the second time.
    """
    id = concern_id(command.id)
    outside = from_outside or by_public(command)

    def step(work: Work) -> None:
        held = _existing(work, case)
        if by_public(command):
            if said_already(work, held, text):
                return
        elif from_outside:
            _by_officer(work, held, "enter-concern")
        else:
            work.acts_in_own_role()
        raised = concerns.raise_concern(
            held,
            id=id,
            raised_by=None if outside else command.actor,
            entered_by=command.actor if from_outside else None,
            text=work.text(text, field="text", subject=id if outside else held.provider),
            kind=kind,
            reachable=outside and bool(address),
            from_public=by_public(command),
            scheme=work.scheme(held.scheme),
            at=command.at,
        )
        if raised and outside:
            work.keep_personal(id, **{field: said for field, said in (("name", name), ("address", address)) if said})
        work.add(case, raised, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def answer_concern(office: Office, command: Command, *, case: str, concern: str, text: str) -> Receipt:
    """Tell who raised a concern what came of it. By who concluded its review, or an officer, without a conflict."""

    def step(work: Work) -> None:
        held = _existing(work, case)
        actor = work.acts(_scheme_id(held))
        said = work.text(text, field="text", subject=concern)
        answered = concerns.answer_concern(held, concern=concern, by=actor, text=said, at=command.at)
        work.add(case, answered, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


@permitted
def open_review(office: Office, command: Command, *, case: str, concern: str, reviewer: str) -> Receipt:
    """Have a concern reviewed by someone who may decide it, or hand it to another reviewer. By an officer."""

    def step(work: Work) -> None:
        held = _existing(work, case)
        _by_officer(work, held, command.action)
        [person] = work.panel([reviewer])
        opened = concerns.open_review(
            held,
            concern=concern,
            reviewer=person,
            took_part=assessors_of(work, held),
            scheme=work.scheme(held.scheme),
            at=command.at,
        )
        work.add(case, opened, scheme=held.scheme)

    return carry_out(office, command, case, reviewer, step=step)


@permitted
def conclude_review(
    office: Office,
    command: Command,
    *,
    case: str,
    concern: str,
    finding: str,
    reason: str,
    level: str | None = None,
    scope: str | None = None,
) -> Receipt:
    """Conclude a review: `no_action`, `suspend`, `reduce` (to `level`, `scope` or both), `withdraw`, `reinstate`. By its reviewer."""

    def step(work: Work) -> None:
        held = _existing(work, case)
        reviewer = work.acts(_scheme_id(held))
        concluded = concerns.conclude_review(
            held,
            concern=concern,
            by=reviewer,
            took_part=assessors_of(work, held),
            finding=finding,
            reason=work.text(reason, field="reason", subject=held.provider),
            level=level,
            scope=work.text(scope, field="scope", subject=held.provider) if scope else None,
            scheme=work.scheme(held.scheme),
            standing=work.scheme(held.scheme_on(command.at)),
            at=command.at,
        )
        work.add(case, concluded, scheme=held.scheme)

    return carry_out(office, command, case, step=step)


def ask_confirmation(office: Office, command: Command, *, case: str) -> Receipt:
    """Ask the provider to confirm the next year. By the award's process."""
    return _by_process(
        office,
        command,
        case,
        lambda work, held: confirmation.ask_confirmation(held, scheme=work.scheme(held.scheme), at=command.at),
    )


def remind_to_confirm(office: Office, command: Command, *, case: str) -> Receipt:
    """Send the reminder to confirm that is due. By the award's process."""
    return _by_process(office, command, case, lambda _, held: confirmation.remind_to_confirm(held, at=command.at))


def miss_confirmation(office: Office, command: Command, *, case: str) -> Receipt:
    """Note that a year was not confirmed in time, and tell operations. By the award's process."""
    return _by_process(office, command, case, lambda _, held: confirmation.miss_confirmation(held, at=command.at))


def miss_review(office: Office, command: Command, *, case: str) -> Receipt:
    """Tell operations that a concern has no reviewer in time, or that a review is overdue. By the award's process."""
    return _by_process(office, command, case, lambda _, held: concerns.miss_review(held, at=command.at))


def start_extension(office: Office, command: Command, *, case: str) -> Receipt:
    """Mark that validity goes on behind its end while a reaccreditation is decided. By the award's process."""
    return _by_process(office, command, case, lambda _, held: award.start_extension(held, at=command.at))


def award_held(work: Work, accreditation: str, *, follows: str | None) -> Held:
    """What counts of the award that a submission is to earn again or raise; `follows` must be the one that last earned it."""
    held = work.accreditation(accreditation)
    last = held.periods[-1] if held.periods else None
    if last is None or follows != last.submission:
        raise refuse(
            "reaccredits-award",
            "that submission did not earn this award",
            field="accreditation",
            allowed="the award, with the submission that last earned it as `follows`",
        )
    if held.withdrawn_at is not None:
        raise refuse(
            "award-runs",
            "the award was withdrawn",
            field="accreditation",
            allowed="a new registration, without the award",
        )
    return Held(id=held.id, level=last.level, changed=held.changed, runs=held.valid_on(work.command.at))


def register_next(work: Work, case: Submission, accreditation: str) -> None:
    """Let the award know of a submission registered to earn it again or to raise it; refuses one out of its time or turn."""
    held = work.accreditation(accreditation)
    work.load(*held.next)
    work.unmoved.update({accreditation, *held.next})  # another one may be registered, or get more time, at this moment
    noted = award.register_next(
        held,
        submission=case.id,
        origin=case.registration.origin,
        running=[one for one in sorted(held.next) if not work.submission(one).over],
        scheme=work.scheme(case.registration.scheme),
        at=work.command.at,
    )
    work.add(accreditation, noted, scheme=case.registration.scheme)


def follow(work: Work, case: str) -> None:
    """Let the award learn, in the same transaction, that a submission to earn it again was handed in, or ended without it.

    What a submission had earned that ended otherwise after an appeal is over too.
    """
    held = work.submission(case)
    registration, happened = held.registration, work.events.get(case, [])
    if happened and held.stage in ENDS:
        supersede(work, held)  # under a remedy it came to an end without a result
    if registration.origin != "reaccreditation" or registration.accreditation is None or not happened:
        return
    id, at = registration.accreditation, work.command.at
    if any(isinstance(one, e.PortfolioSubmitted) for one in happened):
        known = work.accreditation(id)
        submitted = award.submit_reaccreditation(known, submission=case, scheme=work.scheme(known.scheme), at=at)
        work.add(id, submitted, scheme=known.scheme)
    outcome = (
        held.stage.value if held.stage in ENDS else held.outcome.outcome if held.released and held.outcome else None
    )
    if outcome is not None:
        known = work.accreditation(id)
        lapsed_at = next((one.due_at for one in happened if isinstance(one, e.SubmissionLapsed)), None)
        ended_at = lapsed_at or (held.approved_at if held.released else None)
        over = award.end_reaccreditation(known, submission=case, outcome=outcome, at=at, ended_at=ended_at)
        work.add(id, over, scheme=known.scheme)


def _by_process(
    office: Office,
    command: Command,
    case: str,
    decide: Callable[[Work, Accreditation], list[AccreditationEvent]],
) -> Receipt:
    def step(work: Work) -> None:
        work.acts_as_process(case)
        held = _existing(work, case)
        work.add(case, decide(work, held), scheme=held.scheme)

    return carry_out(office, command, case, step=step)


def _existing(work: Work, case: str) -> Accreditation:
    held = work.accreditation(case)
    require_accreditation(held)
    return held


def _by_officer(work: Work, held: Accreditation, action: str) -> None:
    officer = work.acts(_scheme_id(held), among=roles(action))
    require_no_conflict(officer, held.provider, case=held.id, roles=(work.command.role,))


def _of_provider(work: Work, case: str) -> Accreditation:
    held = _existing(work, case)
    actor = work.acts(_scheme_id(held))
    if actor.id not in work.provider(held.provider).contacts:
        raise refuse(
            "own-provider", "this is not your award", field="accreditation", allowed="an award of your provider"
        )
    return held


def assessors_of(work: Work, held: Accreditation) -> frozenset[str]:
    """Who assessed what earned the award, or had it in hand, in every period."""
    earned = {one.submission for one in held.periods}
    work.load(*earned)
    cases = [work.submission(one) for one in earned]
    return frozenset({one for case in cases for one in (case.assessor, *case.former_assessors) if one})


def who_assessed(work: Work, accreditation: str | None) -> frozenset[str]:
    """Who assessed what earned the award, in every period; who only had it in hand did not."""
    earned = {one.submission for one in work.accreditation(accreditation).periods} if accreditation else set()
    work.load(*earned)
    return frozenset(case.assessor for case in map(work.submission, sorted(earned)) if case.assessor)


def assessed_before(work: Work, case: Submission, scheme: Scheme) -> frozenset[str]:
    """Who assessed the award that a case is to earn again, where the scheme wants somebody else to assess it then."""
    again = case.registration.origin == "reaccreditation" and not scheme.same_assessor_again
    return who_assessed(work, case.registration.accreditation) if again else frozenset()


def _scheme_id(held: Accreditation) -> str:
    return held.scheme.partition("@")[0]
