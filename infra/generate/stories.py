"""The made-up course of one submission, event by event, as its seed has it."""

from collections.abc import Iterator
from typing import Any, Final

from domain.accreditation import AccreditationAwarded, AccreditationLapsed, AccreditationRenewed
from domain.assignment import Considered
from domain.clocks import Deadline, DeadlineMissed, ReminderSent
from domain.ids import derived_id
from domain.meeting import MeetingOpened, MeetingScheduled, MinutesSigned
from domain.person import AttemptRefused, WorkReleased, WorkTaken
from domain.submission import events as e
from domain.submission.indicators import IndicatorLevel
from domain.window import PlaceTaken
from infra.generate.case import CHAIRS, DAY, Case, Step

SCHEME: Final = "cpd-qa@1"
CRITERIA: Final = ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3")
WEAK: Final = "2.1"
"""The criterion that a case falls short of, if of any."""
INDICATORS: Final = {"3.3": ("3.3.a", "3.3.b", "3.3.c", "3.3.d")}
LEVELS: Final = ("not_met", "partially_met", *("met",) * 10)
SUBJECTS: Final = ("general", "mathematics", "science", "english")


def story(case: Case) -> Iterator[Step]:
    """Tell the course of `case` from its registration on; instants never go back."""
    yield from _preparation(case)
    if case.window:
        yield from _screening(case)
    if case.assessor:
        yield from _assessment(case)
        yield from _moderation(case)


def _preparation(case: Case) -> Iterator[Step]:
    clock = case.due("submit-within", 365, 60, 14)
    yield case.by(case.lead, "provider", _registered(case, clock), _fee("registration"))
    yield case.by_process(e.PreparationStarted())
    case.after(20)
    yield case.by(case.someone("officer"), "officer", e.FeePaid(kind="registration", amount=57500))
    case.after(200)
    if case.chance(0.15):
        for moment in clock.remind_at:
            case.at = max(case.at, moment)
            yield case.by_process(ReminderSent(rule=clock.rule, due_at=clock.due_at, planned_for=moment))
        case.at = clock.due_at
        yield case.by_process(e.SubmissionLapsed(rule=clock.rule, due_at=clock.due_at))
        if case.chance(0.4):
            return
        extended = e.PreparationExtended(reason=case.text("extension"), clock=case.due("submit-within", 60, 14))
        yield case.by(case.someone("officer"), "officer", extended)
        case.after(40)
    if case.chance(0.05):
        yield case.by(case.lead, "provider", e.SubmissionWithdrawn(reason=case.text("withdrawal")))
        return
    case.window = derived_id("window", case.run, f"{case.at:%Y-%m}")
    yield case.by(case.lead, "provider", _submitted(case), _fee("submission"))
    yield case.by(case.lead, "provider", PlaceTaken(submission=case.id), stream=case.window)


def _screening(case: Case) -> Iterator[Step]:
    yield case.by_process(e.ScreeningStarted(clock=case.due("screen-within", 14)))
    case.after(5)
    yield case.by(case.someone("officer"), "officer", e.FeePaid(kind="submission", amount=120000))
    if case.chance(0.1):
        returned = e.PortfolioReturned(reason=case.text("return"), clock=case.due("return-within", 10))
        yield case.by(case.someone("officer"), "officer", returned)
        case.after(8)
        yield case.by(case.lead, "provider", _submitted(case))
        yield case.by_process(e.ScreeningStarted(clock=case.due("screen-within", 14)))
        case.after(5)
    if case.chance(0.03):
        yield case.by(case.someone("officer"), "officer", e.FoundIneligible(reason=case.text("ineligible")))
        return
    yield case.by(case.someone("officer"), "officer", e.ScreeningPassed())
    case.assessor = case.any_assessor()


def _assessment(case: Case) -> Iterator[Step]:
    considered = tuple(
        Considered(person=one, verdict="eligible", match=1, load=2)
        for one in (case.assessor, case.someone("assessor", 0), case.someone("assessor", 1))
    )
    if case.chance(0.05):
        yield case.by_process(e.NobodyEligible(considered=considered, clock=case.due("assign-again-after", 2)))
        case.at += 2 * DAY
    while True:
        assigned = e.AssessorAssigned(assessor=case.assessor, considered=considered, clock=case.due("accept-within", 7))
        yield case.by_process(assigned)
        yield case.by_process(WorkTaken(submission=case.id, window=case.window), stream=case.assessor)
        case.after(5)
        if not case.chance(0.1):
            break
        yield case.by(case.assessor, "assessor", e.AssignmentEnded(assessor=case.assessor, reason="declined"))
        released = WorkReleased(submission=case.id, reason="declined")
        yield case.by(case.assessor, "assessor", released, stream=case.assessor)
        case.assessor = case.any_assessor()
    clock = case.due("assess-within", 21, 7, 2)
    yield case.by(case.assessor, "assessor", e.AssignmentAccepted(assessor=case.assessor, clock=clock))
    for section in (CRITERIA[:3], CRITERIA[3:6], CRITERIA[6:]):
        case.after(6)
        yield case.by(case.assessor, "assessor", *(_judged(case, one) for one in section))
    completed = e.AssessmentCompleted(
        assessor=case.assessor,
        minutes_spent=case.rng.randrange(200, 500),
        strengths=CRITERIA[:5],
        areas=CRITERIA[5:],
        clock=case.due("moderate-within", 28),
    )
    yield case.by(case.assessor, "assessor", completed)
    assessed = WorkReleased(submission=case.id, reason="assessed")
    yield case.by(case.assessor, "assessor", assessed, stream=case.assessor)
    if case.chance(0.1):
        case.at = completed.clock.due_at
        yield case.by_process(DeadlineMissed(rule=completed.clock.rule, due_at=case.at))


def _moderation(case: Case) -> Iterator[Step]:
    meeting, chair = derived_id("meeting", case.id), case.someone("chair", case.rng.randrange(CHAIRS))
    panel = (chair, case.someone("moderator", 0), case.someone("moderator", 1))
    case.awarded = case.chance(0.6)
    case.after(14)
    if case.chance(0.02):
        refused = AttemptRefused(rule="assessor-never-moderates", stream=case.id)
        yield case.by(case.assessor, "chair", refused, stream=case.assessor)
    scheduled = MeetingScheduled(
        meeting=meeting, scheme=SCHEME, starts_at=case.at + DAY, chair=chair, panel=panel, items=(case.id,)
    )
    yield case.by(case.someone("officer"), "officer", scheduled, stream=meeting)
    case.at += DAY
    yield case.by(chair, "chair", MeetingOpened(present=panel), stream=meeting)
    results = case.due("results-within", 21)
    yield case.by(
        chair,
        "chair",
        e.ModerationStarted(meeting=meeting, chair=chair, panel=panel, results=results, review_from=case.at + 14 * DAY),
    )
    yield case.by(chair, "chair", *(_moderated(case, one) for one in CRITERIA))
    if case.chance(0.2):
        yield from _further_evidence(case, chair)
    yield case.by(chair, "chair", MinutesSigned(minutes_spent=90), stream=meeting)
    decision = e.DecisionRecorded(
        outcome="awarded" if case.awarded else "not_awarded",
        level="accredited" if case.awarded else None,
        unmet=() if case.awarded else (WEAK,),
        chair=chair,
        strengths=CRITERIA[:5],
        areas=CRITERIA[5:],
    )
    case.after(2)
    yield case.by(chair, "chair", decision)
    case.after(4)
    lacks = () if case.awarded else (e.Shortfall(criterion=WEAK, lacking="practice", missing=case.text("lack")),)
    yield case.by(chair, "chair", e.OutcomeReportApproved(chair=chair, shortfalls=lacks))
    yield case.by_process(e.ResultReleased(outcome=decision.outcome))
    if case.awarded:
        yield from _accreditation(case)


def _further_evidence(case: Case, chair: str) -> Iterator[Step]:
    clock = case.due("evidence-within", 14, 3)
    asked = e.EvidenceRequested(criteria=(WEAK,), wanted=case.text("wanted"), clock=clock, results_left=21 * 86400.0)
    yield case.by(chair, "chair", asked)
    if case.chance(0.8):
        case.after(12)
        answer = e.Answer(criterion=WEAK, text=case.text("answer again"))
        yield case.by(case.lead, "provider", e.EvidenceProvided(answers=(answer,), evidence=()))
        answered: tuple[e.SubmissionEvent, ...] = ()
    else:
        answered = (e.EvidenceNotProvided(due_at=clock.due_at),)
    case.at = clock.due_at
    opened = e.FinalReviewOpened(clock=case.due("review-within", 7), results=case.due("results-within", 21))
    yield case.by_process(*answered, opened)
    case.after(5)
    yield case.by(chair, "chair", _moderated(case, WEAK), e.FinalReviewConcluded())


def _accreditation(case: Case) -> Iterator[Step]:
    stream = derived_id("accreditation", case.id)
    clock = case.due("earn-again-before-end", 3 * 365, 365, 182, 91, 30)
    period: dict[str, Any] = {
        "starts_at": case.at,
        "ends_at": clock.due_at,
        "scheme": SCHEME,
        "level": "accredited",
        "clock": clock,
    }
    awarded = AccreditationAwarded(
        accreditation=stream,
        submission=case.id,
        provider=case.provider,
        lead_contact=case.lead,
        category="single-programme",
        subject="general",
        phase="secondary",
        strengths=CRITERIA[:5],
        **period,
    )
    yield case.by_process(awarded, stream=stream)
    for number, moment in enumerate(clock.remind_at):
        case.at = moment
        sent = ReminderSent(rule=clock.rule, due_at=clock.due_at, planned_for=moment, overtaken=number % 2)
        yield case.by_process(sent, stream=stream)
    case.at = clock.due_at
    if case.chance(0.5):
        yield case.by_process(AccreditationLapsed(ended_at=case.at), stream=stream)
        return
    clock = case.due("earn-again-before-end", 3 * 365, 365, 182, 91, 30)
    period |= {"starts_at": case.at, "ends_at": clock.due_at, "clock": clock}
    again = derived_id("submission", case.id, "again")
    yield case.by_process(AccreditationRenewed(submission=again, strengths=CRITERIA[:7], **period), stream=stream)


def _registered(case: Case, clock: Deadline) -> e.ProgrammeRegistered:
    return e.ProgrammeRegistered(
        submission=case.id,
        scheme=SCHEME,
        provider=case.provider,
        lead_contact=case.lead,
        category="single-programme",
        subject=case.rng.choice(SUBJECTS),
        phase="secondary",
        mode="blended",
        size_band="small",
        title=case.text("title"),
        agreement_accepted=True,
        origin="new",
        follows=None,
        accreditation=None,
        criteria=CRITERIA,
        clock=clock,
    )


def _submitted(case: Case) -> e.PortfolioSubmitted:
    return e.PortfolioSubmitted(
        window=case.window,
        late=case.chance(0.05),
        answers=tuple(e.Answer(criterion=one, text=case.text(one)) for one in CRITERIA),
        evidence=tuple(
            e.Evidence(
                criterion=one, sha256=f"{case.rng.getrandbits(256):064x}", media_type="application/pdf", size=9000
            )
            for one in CRITERIA
        ),
        manifest="1" * 64,
    )


def _fee(kind: str) -> e.FeeCharged:
    return e.FeeCharged(kind=kind, amount=57500 if kind == "registration" else 120000, currency="GBP")


def _judged(case: Case, criterion: str) -> e.JudgementRecorded:
    level = case.levels[criterion] = case.rng.choice(LEVELS)
    return e.JudgementRecorded(
        criterion=criterion,
        level=level,
        rationale=case.text(f"why {criterion}"),
        cites=("0" * 64,),
        indicators=_signs(criterion, level),
    )


def _signs(criterion: str, level: str) -> tuple[IndicatorLevel, ...]:
    return tuple(IndicatorLevel(indicator=one, level=level) for one in INDICATORS.get(criterion, ()))


def _moderated(case: Case, criterion: str) -> e.JudgementConfirmed | e.JudgementChanged:
    """The panel's level: that which the outcome, on which the dice have fallen, follows from."""
    before, level = case.levels[criterion], "partially_met" if criterion == WEAK and not case.awarded else "met"
    case.levels[criterion] = level
    if before != level:
        return e.JudgementChanged(
            criterion=criterion,
            before=before,
            level=level,
            reason=case.text(f"change {criterion}"),
            indicators=_signs(criterion, level),
        )
    return e.JudgementConfirmed(criterion=criterion, level=level)
