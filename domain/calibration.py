"""Calibration: a share of submissions is marked a second time, blind, by another assessor; it counts for nothing else.

Source: handbook, section 5. Which submissions are of the sample follows from their ids, so that it can be checked and
nobody chooses. The second assessor sees the portfolio and nothing that the first one made of it; what the two made of it
is compared later.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from domain.assignment import Considered, choose_assessor
from domain.clocks import Deadline, DeadlineMissed, reminder_due
from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.states import replace
from domain.submission import indicators
from domain.submission.assessment import Finding, require_finding, round_of
from domain.submission.events import SubmissionEvent
from domain.submission.indicators import IndicatorLevel
from domain.submission.state import Submission
from domain.texts import TextRef

MARKING = "mark-blind-within"
"""The rule of the clock of a second assessor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationAssigned:
    """The rule chose who marks the submission blind; `considered` keeps who was looked at, and why."""

    calibration: str
    submission: str
    scheme: str
    provider: str
    criteria: tuple[str, ...]
    scale: tuple[str, ...]
    assessor: str
    considered: tuple[Considered, ...]
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyToCalibrate:
    """The submission is of the sample, but nobody was eligible to mark it blind."""

    submission: str
    considered: tuple[Considered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindJudgementRecorded:
    """The second assessor judged one criterion on the same scale."""

    criterion: str
    level: str
    rationale: TextRef
    cites: tuple[str, ...]
    indicators: tuple[IndicatorLevel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationCompleted:
    """Every criterion is judged a second time."""

    assessor: str
    minutes_spent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationGivenUp:
    """The second assessor has it no longer: `declined`, `conflict`, `overdue`, `preview-alerted` or `withdrawn`."""

    assessor: str
    reason: str


CalibrationEvent = (
    CalibrationAssigned | NobodyToCalibrate | BlindJudgementRecorded | CalibrationCompleted | CalibrationGivenUp
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Calibration:
    """The state of a calibration's stream."""

    id: str = ""
    submission: str = ""
    scheme: str = ""
    provider: str = ""
    criteria: tuple[str, ...] = ()
    scale: tuple[str, ...] = ()
    assessor: str | None = None
    former: frozenset[str] = frozenset()
    judgements: dict[str, BlindJudgementRecorded] = field(default_factory=dict)
    completed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What two assessors made of one criterion; `apart` is how many steps of the scale lie between them."""

    criterion: str
    first: str
    second: str
    apart: int


def evolve(held: Calibration, event: CalibrationEvent) -> Calibration:
    """Apply one event."""
    match event:
        case CalibrationAssigned():
            return replace(
                held,
                id=event.calibration,
                submission=event.submission,
                scheme=event.scheme,
                provider=event.provider,
                criteria=event.criteria,
                scale=event.scale,
                assessor=event.assessor,
            )
        case NobodyToCalibrate():
            return replace(held, submission=event.submission)
        case BlindJudgementRecorded():
            return replace(held, judgements={**held.judgements, event.criterion: event})
        case CalibrationCompleted():
            return replace(held, completed=True)
        case CalibrationGivenUp():
            return replace(held, assessor=None, former=held.former | {event.assessor}, judgements={})
        case _:
            assert_never(event)


def in_sample(submission: str, scheme: Scheme) -> bool:
    """Whether this submission is of the scheme's share to be marked blind: the same answer whoever asks, and whenever."""
    digest = hashlib.sha256(f"calibration {scheme.id} {submission}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100 < scheme.calibration_percent


def assign(
    held: Calibration,
    *,
    id: str,
    case: Submission,
    scheme: Scheme,
    assessors: Sequence[Person],
    before: frozenset[str] = frozenset(),
    at: datetime,
) -> tuple[list[CalibrationEvent], Person | None]:
    """Choose by the same rule who marks a submission of the sample blind: never anyone who has, had or advised on it.

    Nor who assessed the award `before` that it is to earn again, where the scheme wants somebody else.
    """
    if held.assessor or held.completed or not in_sample(case.id, scheme):
        return [], None
    first = {case.assessor} if case.assessor else set()
    chosen, considered = choose_assessor(
        assessors,
        scheme=scheme,
        submission=id,
        provider=case.registration.provider,
        subject=case.registration.subject,
        phase=case.registration.phase,
        window=round_of(case),
        excluded=case.former_assessors | case.advisers | held.former | first,
        appealed=case.excluded,
        before=before,
        at=at,
    )
    if chosen is None:
        return [] if held.submission else [NobodyToCalibrate(submission=case.id, considered=considered)], None
    assigned = CalibrationAssigned(
        calibration=id,
        submission=case.id,
        scheme=scheme.ref,
        provider=case.registration.provider,
        criteria=case.registration.criteria,
        scale=scheme.scale,
        assessor=chosen.id,
        considered=considered,
        clock=marking_clock(scheme, at),
    )
    return [assigned], chosen


def marking_clock(scheme: Scheme, at: datetime) -> Deadline:
    """The time that a second assessor has: as long as the first, from when they were chosen."""
    clock = scheme.deadline("assess_within", at, scheme.clocks.remind_assess)
    return Deadline(rule=MARKING, due_at=clock.due_at, remind_at=clock.remind_at)


def remind_marker(case: Submission, *, at: datetime) -> list[SubmissionEvent]:
    """Send the second assessor the reminder that is due at `at`, if one is."""
    return [] if case.marking is None else list(reminder_due(case.marking, case.reminders, at))


def miss_marking(case: Submission, *, at: datetime) -> list[SubmissionEvent]:
    """Tell operations that a blind marking is overdue; once for each deadline."""
    clock = case.marking
    if clock is None or at < clock.due_at or (clock.rule, clock.due_at) in case.missed:
        return []
    return [DeadlineMissed(rule=clock.rule, due_at=clock.due_at)]


def require_to_choose(case: Submission, held: Calibration, scheme: Scheme, *, at: datetime) -> None:
    """Refuse to have somebody else mark it blind where that is nobody's turn: it is of no sample, done, or in time."""
    if not in_sample(case.id, scheme) or case.assessor is None or held.completed or case.over:
        raise refuse(
            "calibration-sample",
            "this was marked already" if held.completed else "nobody marks this submission blind",
            field="submission",
            allowed="a submission of the sample in assessment, which nobody has marked yet",
        )
    if case.marking and at < case.marking.due_at:
        raise refuse(
            "mark-blind-within",
            f"the second assessor has time until {case.marking.due_at.isoformat()}",
            field="submission",
            allowed="waiting until then",
        )


def judge(
    held: Calibration, *, by: Person, scheme: Scheme, known: frozenset[str], findings: Mapping[str, Finding]
) -> list[CalibrationEvent]:
    """Judge criteria as the first assessor does, citing files of the portfolio (`known`, hex SHA-256)."""
    require_calibrator(held, by)
    _require_open(held)
    recorded: list[CalibrationEvent] = []
    for code, finding in findings.items():
        rationale = require_finding(code, finding, criteria=held.criteria, scheme=scheme, known=known)
        judged = BlindJudgementRecorded(
            criterion=code,
            level=finding.level,
            rationale=rationale,
            cites=finding.cites,
            indicators=indicators.judged(scheme, code, finding.indicators),
        )
        if held.judgements.get(code) != judged:
            recorded.append(judged)
    return recorded


def complete(held: Calibration, *, by: Person, minutes_spent: int) -> list[CalibrationEvent]:
    """Finish once every criterion is judged."""
    require_calibrator(held, by)
    if held.completed:
        return []
    missing = [code for code in held.criteria if code not in held.judgements]
    if missing:
        raise refuse(
            "every-criterion-judged",
            f"not judged yet: {', '.join(missing)}",
            field="judgements",
            allowed="a judgement of each criterion first",
        )
    if minutes_spent < 1:
        raise refuse("minutes-spent", "the marking took no time", field="minutes_spent", allowed="1 or more minutes")
    return [CalibrationCompleted(assessor=by.id, minutes_spent=minutes_spent)]


def give_up(held: Calibration, *, reason: str) -> list[CalibrationEvent]:
    """End the second assessor's work, unless it is done."""
    if held.assessor is None or held.completed:
        return []
    return [CalibrationGivenUp(assessor=held.assessor, reason=reason)]


def agreement(first: Mapping[str, str], second: Mapping[str, str], scale: Sequence[str]) -> tuple[Agreement, ...]:
    """Compare two markings, criterion by criterion: those that both judged, in the first one's order."""
    return tuple(
        Agreement(
            criterion=code, first=level, second=second[code], apart=abs(scale.index(level) - scale.index(second[code]))
        )
        for code, level in first.items()
        if code in second
    )


def require_calibrator(held: Calibration, by: Person) -> None:
    """Refuse anyone but the second assessor, and them too once they have a conflict."""
    require_no_conflict(by, held.provider)
    if held.assessor != by.id:
        raise refuse(
            "assigned-assessor",
            "only who was assigned to mark this blind does that",
            field="actor",
            allowed="the assigned second assessor",
        )


def _require_open(held: Calibration) -> None:
    if held.completed:
        raise refuse(
            "calibration-completed", "this was marked already", field="submission", allowed="nothing more; it is done"
        )
