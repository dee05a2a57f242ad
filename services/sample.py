"""The sample: which submissions are marked blind, by whom, and by whom next when that one can't. Source: handbook, section 5."""

from collections.abc import Sequence

from domain import calibration
from domain.calibration import Calibration, in_sample
from domain.ids import derived_id
from domain.person import Person, release_work, take_work
from domain.qualification import capacity_of
from domain.scheme import Scheme
from domain.submission.assessment import round_of
from domain.submission.side_events import BlindMarkingEnded, MarkedBlindBy
from domain.submission.state import Submission
from services.accreditations import assessed_before
from services.office import Work

NOBODY_NEXT = ("withdrawn", "preview-alerted")
"""Why a blind marking ends without anyone to follow: there is nothing to mark any more, or something else."""


def calibration_id(case: str) -> str:
    """The id of a submission's calibration, if it is of the sample."""
    return derived_id("calibration", case)


def choose_calibrator(work: Work, case: Submission, scheme: Scheme, pool: Sequence[Person]) -> None:
    """Where the case is of the sample and nobody marks it blind yet, let the rule choose, and take their capacity."""
    if not in_sample(case.id, scheme) or case.over:
        return
    id = calibration_id(case.id)
    held: Calibration = work.state(id)
    events, chosen = calibration.assign(
        held,
        id=id,
        case=case,
        scheme=scheme,
        assessors=[work.person(one.id) for one in pool],
        before=assessed_before(work, case, scheme),
        at=work.command.at,
    )
    work.add(id, events, scheme=scheme.ref)
    if chosen:
        taken = take_work(chosen, submission=case.id, window=round_of(case), capacity=capacity_of(chosen, scheme))
        work.add(chosen.id, taken)
        marking = calibration.marking_clock(scheme, work.command.at)
        work.add(case.id, [MarkedBlindBy(calibration=id, second=chosen.id, marking=marking)], scheme=scheme.ref)


def choose_again(work: Work, case: Submission, *, reason: str) -> None:
    """Take a blind marking that is not done from who has it, and let the rule choose somebody else."""
    if not case.calibrators:
        return
    id = calibration_id(case.id)
    held: Calibration = work.state(id)
    ended = calibration.give_up(held, reason=reason)
    if not ended or not held.assessor:
        return
    scheme = work.scheme(case.registration.scheme)
    work.add(held.assessor, release_work(work.person(held.assessor), submission=case.id, reason=reason))
    work.add(id, ended, scheme=scheme.ref)
    work.add(case.id, [BlindMarkingEnded(second=held.assessor, reason=reason)], scheme=scheme.ref)
    if reason not in NOBODY_NEXT:
        pool = work.people(work.scheme_record(scheme.id).people("assessor"))
        choose_calibrator(work, case, scheme, pool)
