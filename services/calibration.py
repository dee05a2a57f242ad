"""The sample marked blind: a second assessor chosen with the first, their marking, and how far the two agree.

Source: handbook, section 5. Nothing here reads what the first assessor made of a case, but for the comparison at the end.
"""

from collections.abc import Mapping

from domain import calibration
from domain.calibration import Agreement, Calibration, CalibrationCompleted
from domain.consistency import Consistency, consistency
from domain.person import Person, release_work
from domain.refusals import refuse
from domain.submission.side_events import BlindMarkingEnded
from domain.submission.state import Submission
from services.acting import permitted
from services.assessment import Judgement, keep_findings, still_qualified
from services.ledger import earn_pay
from services.office import Office, Receipt, Work, carry_out, require_kind
from services.ports import Command
from services.preparation import by_officer, by_process
from services.sample import calibration_id, choose_again, choose_calibrator
from services.schemes import recorded
from services.states import fold

AT_ONCE = 200
"""How many markings are read at once."""


@permitted
def judge_blind(office: Office, command: Command, *, case: str, judgements: Mapping[str, Judgement]) -> Receipt:
    """Judge one or more criteria a second time. By the assigned second assessor."""
    id = calibration_id(case)

    def step(work: Work) -> None:
        actor, held = _assigned(work, case)
        portfolio = work.submission(case).portfolio
        known = frozenset(one.sha256 for one in portfolio.evidence) if portfolio else frozenset()
        findings = keep_findings(work, held.provider, judgements)
        scheme = work.scheme(held.scheme)
        judged = calibration.judge(held, by=actor, scheme=scheme, known=known, findings=findings)
        work.add(id, still_qualified(actor, scheme, judged, command), scheme=scheme.ref)

    return carry_out(office, command, id, case, step=step)


@permitted
def complete_blind(office: Office, command: Command, *, case: str, minutes_spent: int) -> Receipt:
    """Finish marking blind, which is paid as an assessment is. By the assigned second assessor."""
    id = calibration_id(case)

    def step(work: Work) -> None:
        actor, held = _assigned(work, case)
        scheme = work.scheme(held.scheme)
        done = calibration.complete(held, by=actor, minutes_spent=minutes_spent)
        if still_qualified(actor, scheme, done, command):
            work.add(actor.id, release_work(actor, submission=case, reason="assessed"))
            earn_pay(work, actor.id, kind="assessment", case=id, scheme=scheme)
            ended = BlindMarkingEnded(second=actor.id, reason="marked")
            work.add(case, [ended], scheme=scheme.ref)
        work.add(id, done, scheme=scheme.ref)

    return carry_out(office, command, id, case, step=step)


@permitted
def decline_blind(office: Office, command: Command, *, case: str) -> Receipt:
    """Say no to marking blind; the rule chooses somebody else at once. By the assigned second assessor."""
    id = calibration_id(case)

    def step(work: Work) -> None:
        actor, held = _assigned(work, case)
        if actor.id in held.former and held.assessor != actor.id:
            return
        calibration.require_calibrator(held, actor)
        choose_again(work, work.submission(case), reason="declined")

    return carry_out(office, command, id, case, step=step)


@permitted
def choose_marker(office: Office, command: Command, *, case: str) -> Receipt:
    """Have somebody else mark a case of the sample blind: who has it is overdue, or nobody was eligible. By an officer."""

    def step(work: Work) -> None:
        held = by_officer(work, case)
        scheme = work.scheme(held.registration.scheme)
        calibration.require_to_choose(held, work.state(calibration_id(case)), scheme, at=command.at)
        if work.state(calibration_id(case)).assessor:
            choose_again(work, held, reason="overdue")
        else:
            pool = work.people(work.scheme_record(scheme.id).people("assessor"))
            choose_calibrator(work, held, scheme, pool)

    return carry_out(office, command, case, calibration_id(case), step=step)


def remind_marker(office: Office, command: Command, *, case: str) -> Receipt:
    """Send who marks a case blind the reminder that is due. By the case's process."""
    return by_process(office, command, case, lambda _, held: calibration.remind_marker(held, at=command.at))


def miss_marking(office: Office, command: Command, *, case: str) -> Receipt:
    """Tell operations that a blind marking is overdue. By the case's process."""
    return by_process(office, command, case, lambda _, held: calibration.miss_marking(held, at=command.at))


def compare(office: Office, *, case: str) -> tuple[Agreement, ...]:
    """How far the first and the second assessor agree, criterion by criterion; empty until both are done."""
    stream = calibration_id(require_kind(case, "submission"))
    loaded = office.records.streams(case, stream)
    return _agreement(fold(case, loaded[case].entries), fold(stream, loaded[stream].entries))


def consistent(office: Office, *, scheme: str | None = None) -> tuple[Consistency, ...]:
    """How far assessors agree in all that was marked blind, by criterion: under one scheme (its id), or under each."""
    markings = sorted({one.stream for one in recorded(office, CalibrationCompleted)})
    compared: list[tuple[str, Agreement]] = []
    for begin in range(0, len(markings), AT_ONCE):
        loaded = office.records.streams(*markings[begin : begin + AT_ONCE])
        seconds: list[Calibration] = [fold(id, one.entries) for id, one in loaded.items()]
        cases = office.records.streams(*(one.submission for one in seconds))
        for second in seconds:
            first: Submission = fold(second.submission, cases[second.submission].entries)
            if scheme in (None, first.scheme_id):
                compared += [(first.scheme_id, one) for one in _agreement(first, second)]
    return consistency(compared)


def _agreement(first: Submission, second: Calibration) -> tuple[Agreement, ...]:
    if not first.assessed or not second.completed:
        return ()
    return calibration.agreement(
        {code: one.level for code, one in first.first.items()},
        {code: one.level for code, one in second.judgements.items()},
        second.scale,
    )


def _assigned(work: Work, case: str) -> tuple[Person, Calibration]:
    """The acting assessor, and the marking that they want to do something with."""
    actor = work.acts(work.submission(case).scheme_id)
    held: Calibration = work.state(calibration_id(case))
    if not held.id:
        raise refuse(
            "calibration-sample",
            "nobody marks this submission blind",
            field="submission",
            allowed="a submission of the sample",
        )
    return actor, held
