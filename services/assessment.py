"""Assignment by the rule, and the assessor's work. Source: handbook, section 5."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from domain.person import Person, take_work
from domain.qualification import capacity_of, require_qualified
from domain.scheme import Scheme
from domain.submission import assessment
from domain.submission.assessment import Finding
from services.accreditations import assessed_before
from services.acting import permitted
from services.ledger import earn_pay
from services.office import Office, Receipt, Work, carry_out
from services.ports import Command
from services.preparation import by_officer, release_assessor, scheme_id
from services.sample import choose_calibrator

Decided = TypeVar("Decided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One criterion judged: a level of the scale, the rationale or reason in words, and cited evidence (hex SHA-256).

    `indicators` are the levels of its indicators, by code: all of them for an assessor, those that change for a panel.
    """

    level: str
    reason: str | None = None
    cites: tuple[str, ...] = ()
    indicators: Mapping[str, str] = field(default_factory=dict)


def assign_assessor(office: Office, command: Command, *, case: str) -> Receipt:
    """Let the rule choose an assessor, and take their capacity in the same transaction. By the case's process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        held = work.submission(case)
        scheme = work.scheme(held.registration.scheme)
        pool = work.people(work.scheme_record(scheme.id).people("assessor"))
        before = assessed_before(work, held, scheme)
        events, chosen = assessment.assign(held, scheme=scheme, assessors=pool, before=before, at=command.at)
        if chosen and held.portfolio:
            round_ = assessment.round_of(held)
            taken = take_work(chosen, submission=case, window=round_, capacity=capacity_of(chosen, scheme))
            work.add(chosen.id, taken)
        work.add(case, events, scheme=scheme.ref)
        if chosen:
            choose_calibrator(work, work.submission(case), scheme, pool)

    return carry_out(office, command, case, step=step)


@permitted
def accept_assignment(office: Office, command: Command, *, case: str) -> Receipt:
    """Take the work on. By the assigned assessor."""

    def step(work: Work) -> None:
        held = work.submission(case)
        scheme = work.scheme(held.registration.scheme)
        actor = work.acts(scheme.id)
        accepted = assessment.accept(held, by=actor, scheme=scheme, at=command.at)
        work.add(case, still_qualified(actor, scheme, accepted, command), scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


@permitted
def decline_assignment(office: Office, command: Command, *, case: str) -> Receipt:
    """Say no; the place in the round is given back, and the rule chooses again. By the assigned assessor."""

    def step(work: Work) -> None:
        held = work.submission(case)
        actor = work.acts(scheme_id(held))
        ended = assessment.decline(held, by=actor)
        if ended:
            release_assessor(work, held, "declined")
        work.add(case, ended, scheme=held.registration.scheme)

    return carry_out(office, command, case, step=step)


def take_back(office: Office, command: Command, *, case: str) -> Receipt:
    """Take the case from an assessor who did not answer in time; the rule then chooses again. By the case's process."""

    def step(work: Work) -> None:
        work.acts_as_process(case)
        _take_back(work, case, "not-answered")

    return carry_out(office, command, case, step=step)


@permitted
def reassign(office: Office, command: Command, *, case: str) -> Receipt:
    """Take the case from an assessor who is overdue; the rule then chooses again. By an officer without a conflict."""

    def step(work: Work) -> None:
        by_officer(work, case)
        _take_back(work, case, "overdue")

    return carry_out(office, command, case, step=step)


def _take_back(work: Work, case: str, reason: str) -> None:
    held = work.submission(case)
    ended = assessment.take_back(held, reason=reason, at=work.command.at)
    if ended:
        release_assessor(work, held, reason)
    work.add(case, ended, scheme=held.registration.scheme)


@permitted
def judge(office: Office, command: Command, *, case: str, judgements: Mapping[str, Judgement]) -> Receipt:
    """Judge one or more criteria. By the assigned assessor, who accepted the work."""

    def step(work: Work) -> None:
        held = work.submission(case)
        scheme = work.scheme(held.registration.scheme)
        actor = work.acts(scheme.id)
        findings = keep_findings(work, held.registration.provider, judgements)
        judged = assessment.judge(held, by=actor, scheme=scheme, findings=findings)
        work.add(case, still_qualified(actor, scheme, judged, command), scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


@permitted
def complete_assessment(
    office: Office, command: Command, *, case: str, minutes_spent: int, areas: Sequence[str] = ()
) -> Receipt:
    """Finish the assessment; the place in the round stays counted. By the assigned assessor.

    `areas` are criteria that they name as areas for consideration, whatever their level.
    """

    def step(work: Work) -> None:
        held = work.submission(case)
        scheme = work.scheme(held.registration.scheme)
        actor = work.acts(scheme.id)
        done = assessment.complete(
            held, by=actor, scheme=scheme, minutes_spent=minutes_spent, areas=areas, at=command.at
        )
        if still_qualified(actor, scheme, done, command):
            release_assessor(work, held, "assessed")
            earn_pay(work, actor.id, kind="assessment", case=case, scheme=scheme)
        work.add(case, done, scheme=scheme.ref)

    return carry_out(office, command, case, step=step)


def still_qualified(actor: Person, scheme: Scheme, done: Sequence[Decided], command: Command) -> Sequence[Decided]:
    """Return what an assessor has `done`; refused where what made them eligible has expired since they were assigned."""
    if done:
        require_qualified(actor, "assessor", scheme, at=command.at)
    return done


def keep_findings(work: Work, owner: str, judgements: Mapping[str, Judgement]) -> dict[str, Finding]:
    """Keep the reasons' texts; return what the decision sees of each judgement."""
    return {
        code: Finding(
            level=one.level,
            reason=work.text(one.reason, field=f"judgements.{code}.reason", subject=owner) if one.reason else None,
            cites=one.cites,
            indicators=one.indicators,
        )
        for code, one in judgements.items()
    }
