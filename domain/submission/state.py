"""Where a submission stands: its stage, the clock that runs, the people on it, and the judgements as they are now."""

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from domain.clocks import Deadline, DeadlineMissed, ReminderSent, reminder_key
from domain.provider import LeadContactNamed
from domain.refusals import Refused, refuse
from domain.scheme_record import RequirementsChanged
from domain.states import replace
from domain.submission import events as e
from domain.submission import past_events as p
from domain.submission import remedy_events as r
from domain.submission import side_events as s
from domain.submission import visit_events as v
from domain.submission.indicators import IndicatorLevel
from domain.submission.set_aside import Superseded, changes


class Stage(StrEnum):
    """The stages of the handbook."""

    UNKNOWN = "unknown"
    REGISTERED = "registered"
    PREPARING = "preparing"
    SUBMITTED = "submitted"
    SCREENING = "screening"
    RETURNED = "returned"
    IN_ASSESSMENT = "in_assessment"
    AWAITING_MODERATION = "awaiting_moderation"
    IN_MODERATION = "in_moderation"
    EVIDENCE_REQUESTED = "evidence_requested"
    FINAL_REVIEW = "final_review"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    INELIGIBLE = "ineligible"


ENDS = frozenset({Stage.WITHDRAWN, Stage.LAPSED, Stage.INELIGIBLE})


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Submission:
    """The state of a submission's stream.

    `clock` is the deadline of the stage it is in; `results` the clock for the result, None while it is stopped, when
    `results_left` seconds remain. `first` are the assessor's judgements, `changed` what a panel, of
    moderation or of an appeal, changed last in one, `judgements` the levels in force, and `indicators` those of the indicators of a criterion;
    `charges` what each fee came to, in minor units; `response` the answer to the latest request for further evidence.
    `shortfalls` are what its report says, approved at `approved_at`. `limit` is the clock to submit, which runs on behind an earlier date
    that a booking sets; `listed` the meeting that has it on its agenda. `stopped` says since when no window has a place for it, `claim` which window keeps one. `marker` is who marks it blind, and `marking` their clock.
    `superseded` are the decisions that appeals set aside, in order; `excluded` who takes no part any more because of one.
    `linked` are the submissions that were registered to try again after this one.
    """

    id: str = ""
    registered: e.ProgrammeRegistered | None = None
    stage: Stage = Stage.UNKNOWN
    clock: Deadline | None = None
    fees: dict[str, str] = field(default_factory=dict)
    charges: dict[str, int] = field(default_factory=dict)
    portfolio: e.PortfolioSubmitted | None = None
    assessor: str | None = None
    accepted: bool = False
    assessed: bool = False
    former_assessors: frozenset[str] = frozenset()
    first: dict[str, e.JudgementRecorded] = field(default_factory=dict)
    changed: dict[str, e.JudgementChanged | r.JudgementReplaced] = field(default_factory=dict)
    judgements: dict[str, str] = field(default_factory=dict)
    indicators: dict[str, tuple[IndicatorLevel, ...]] = field(default_factory=dict)
    strengths: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    moderation: e.ModerationStarted | None = None
    moderated: frozenset[str] = frozenset()
    results: Deadline | None = None
    results_left: float | None = None
    requests: int = 0
    asked: tuple[str, ...] = ()
    response: e.EvidenceProvided | None = None
    review_concluded: bool = False
    outcome: e.DecisionRecorded | None = None
    report_approved: bool = False
    approved_at: datetime | None = None
    shortfalls: tuple[e.Shortfall, ...] = ()
    released: bool = False
    reminders: frozenset[tuple[str, datetime, datetime]] = frozenset()
    missed: frozenset[tuple[str, datetime]] = frozenset()
    told: frozenset[str] = frozenset()
    limit: Deadline | None = None
    visit_at: datetime | None = None
    provisional: bool = False
    previewed: bool = False
    to_meet: v.PeopleToMeetAgreed | None = None
    visit: v.VisitHeld | None = None
    listed: str | None = None
    self_evaluation: s.SelfEvaluationRecorded | None = None
    advisers: frozenset[str] = frozenset()
    stopped: s.LimitStopped | None = None
    claim: str | None = None
    questions: dict[int, s.QuestionAsked] = field(default_factory=dict)
    replies: dict[int, s.QuestionAnswered] = field(default_factory=dict)
    refunded: dict[str, int] = field(default_factory=dict)
    calibrators: frozenset[str] = frozenset()
    marker: str | None = None
    marking: Deadline | None = None
    completed: e.AssessmentCompleted | None = None
    superseded: tuple[Superseded, ...] = ()
    excluded: frozenset[str] = frozenset()
    linked: tuple[str, ...] = ()

    @property
    def registration(self) -> e.ProgrammeRegistered:
        """The registration; refuses a submission that does not exist."""
        if self.registered is None:
            raise refuse(
                "known-submission",
                "there is no such submission",
                field="submission",
                allowed="the id of a registered one",
            )
        return self.registered

    @property
    def scheme_id(self) -> str:
        """The id of the scheme it is pinned to, without its version."""
        return self.registration.scheme.partition("@")[0]

    @property
    def submit_by(self) -> Deadline:
        """The clock to submit, which runs on behind an earlier date that a booking sets."""
        return self.limit or self.registration.clock

    @property
    def answered(self) -> bool:
        """The provider answered the panel's request for further evidence."""
        return self.response is not None

    @property
    def over(self) -> bool:
        """Nothing more is to happen here."""
        return self.stage in ENDS or (self.stage is Stage.DECIDED and self.released)


def evolve(case: Submission, event: e.SubmissionEvent) -> Submission:
    """Apply one event."""
    match event:
        case e.JudgementRecorded():
            return replace(
                case,
                first={**case.first, event.criterion: event},
                judgements={**case.judgements, event.criterion: event.level},
                indicators=_signs(case, event),
            )
        case e.JudgementConfirmed():
            return replace(
                case,
                judgements={**case.judgements, event.criterion: event.level},
                moderated=case.moderated | {event.criterion},
            )
        case e.JudgementChanged():
            return replace(
                case,
                judgements={**case.judgements, event.criterion: event.level},
                indicators=_signs(case, event),
                moderated=case.moderated | {event.criterion},
                changed={**case.changed, event.criterion: event},
            )
        case ReminderSent():
            return replace(case, reminders=case.reminders | {reminder_key(event)})
        case DeadlineMissed():
            return replace(case, missed=case.missed | {(event.rule, event.due_at)})
        case e.ProgrammeRegistered():
            return replace(
                case,
                id=event.submission,
                registered=event,
                stage=Stage.REGISTERED,
                clock=event.clock,
                limit=event.clock,
            )
        case p.DecisionImported():
            return _imported(case, event)
        case e.FeeCharged():
            return replace(
                case,
                fees={**case.fees, event.kind: "due" if event.amount else "paid"},
                charges={**case.charges, event.kind: event.amount},
            )
        case e.FeePaid():
            return replace(case, fees={**case.fees, event.kind: "paid"})
        case e.FeeWaived():
            return replace(case, fees={**case.fees, event.kind: "waived"})
        case e.PreparationStarted():
            return replace(case, stage=Stage.PREPARING)
        case e.PreparationExtended():
            bound = case.clock if case.visit_at and not case.provisional else None
            return replace(case, stage=Stage.PREPARING, clock=bound or event.clock, limit=event.clock)
        case (
            v.AssessmentBooked()
            | v.BookingGivenUp()
            | v.PreviewPassed()
            | v.PreviewAlerted()
            | v.PeopleToMeetAgreed()
            | v.VisitHeld()
        ):
            return _towards_visit(case, event)
        case e.CaseMoved():
            pinned = dataclasses.replace(
                case.registration, scheme=event.scheme, criteria=event.criteria, ruled_out=event.ruled_out
            )
            return replace(case, registered=pinned)
        case LeadContactNamed():
            return replace(case, registered=dataclasses.replace(case.registration, lead_contact=event.lead_contact))
        case RequirementsChanged():
            return replace(case, told=case.told | {event.scheme})
        case (
            s.SelfEvaluationRecorded()
            | s.DraftGuidanceGiven()
            | s.LimitStopped()
            | s.LimitMoved()
            | s.DeadlineExtended()
            | s.QuestionAsked()
            | s.QuestionAnswered()
            | s.FeeRefunded()
            | s.MarkedBlindBy()
            | s.BlindMarkingEnded()
            | s.LinkedSubmissionRegistered()
            | s.MemberRelieved()
        ):
            return _beside(case, event)
        case e.SubmissionLapsed():
            return replace(case, stage=Stage.LAPSED, clock=None, visit_at=None, provisional=False)
        case e.SubmissionWithdrawn():
            return replace(case, stage=Stage.WITHDRAWN, clock=None, results=None)
        case e.PortfolioSubmitted():
            return replace(case, stage=Stage.SUBMITTED, clock=None, portfolio=event, previewed=False)
        case e.ScreeningStarted():
            return replace(case, stage=Stage.SCREENING, clock=event.clock)
        case e.ScreeningPassed():
            return replace(case, stage=Stage.IN_ASSESSMENT, clock=None)
        case e.PortfolioReturned():
            return replace(case, stage=Stage.RETURNED, clock=event.clock)
        case e.FoundIneligible():
            return replace(case, stage=Stage.INELIGIBLE, clock=None)
        case e.AssessorAssigned():
            return replace(case, assessor=event.assessor, accepted=False, clock=event.clock)
        case e.NobodyEligible():
            return replace(case, clock=event.clock)
        case e.AssignmentAccepted():
            return replace(case, accepted=True, clock=event.clock)
        case e.AssignmentEnded():
            return replace(
                case,
                assessor=None,
                accepted=False,
                former_assessors=case.former_assessors | {event.assessor},
                first={},
                judgements={},
                indicators={},
                named=(),
                visit=None,
                clock=None,
            )
        case e.AssessmentCompleted():
            return replace(
                case,
                stage=Stage.AWAITING_MODERATION,
                assessed=True,
                completed=event,
                strengths=event.strengths,
                areas=event.areas,
                named=event.named,
                clock=event.clock,
            )
        case e.ItemListed() | e.ItemHandedOver() | e.ItemAdjourned() | e.FoundOutsideDefinition():
            return _on_agenda(case, event)
        case e.ModerationStarted():
            return replace(
                case,
                stage=Stage.IN_MODERATION,
                moderation=event,
                listed=None,
                results=event.results,
                clock=event.results,
            )
        case e.EvidenceRequested():
            return replace(
                case,
                stage=Stage.EVIDENCE_REQUESTED,
                asked=event.criteria,
                response=None,
                review_concluded=False,
                requests=case.requests + 1,
                clock=event.clock,
                results=None,
                results_left=event.results_left,
            )
        case e.EvidenceProvided():
            return replace(case, response=event, clock=None)
        case e.EvidenceNotProvided():
            return replace(case, clock=None)
        case e.FinalReviewOpened():
            return replace(
                case,
                stage=Stage.FINAL_REVIEW,
                clock=event.clock,
                results=event.results,
                moderated=case.moderated - set(case.asked),
            )
        case e.FinalReviewConcluded():
            return replace(case, review_concluded=True, clock=case.results)
        case e.DecisionRecorded():
            return replace(
                case,
                stage=Stage.DECIDED,
                outcome=event,
                clock=case.results,
                strengths=event.strengths,
                areas=event.areas,
            )
        case e.OutcomeReportApproved():
            return replace(case, report_approved=True, approved_at=event.approved_at, shortfalls=event.shortfalls)
        case e.ResultReleased():
            return replace(case, released=True, clock=None, results=None)
        case r.ModerationSetAside() | r.AssessmentSetAside() | r.IneligibilitySetAside() | r.DecisionReplaced():
            later = changes(case, event)
            return replace(case, **{**later, "stage": Stage(later.get("stage", case.stage))})
        case _:
            assert_never(event)


def _imported(case: Submission, event: p.DecisionImported) -> Submission:
    """Decided and told, as far as is known of what was decided elsewhere."""
    registered = e.ProgrammeRegistered(
        submission=event.submission,
        scheme=event.scheme,
        provider=event.provider,
        lead_contact=event.lead_contact,
        category=event.category,
        subject=event.subject,
        phase=event.phase,
        mode="",
        size_band="",
        title=event.title,
        agreement_accepted=True,
        origin="imported",
        follows=None,
        accreditation=event.accreditation,
        criteria=(),
        clock=Deadline(rule="submit-within", due_at=event.decided_at),
    )
    outcome = e.DecisionRecorded(
        outcome=event.outcome,
        level=event.level,
        unmet=(),
        chair="",
        strengths=event.strengths,
        areas=event.areas,
    )
    return replace(
        case,
        id=event.submission,
        registered=registered,
        stage=Stage.DECIDED,
        assessor=event.assessor,
        assessed=event.assessor is not None,
        strengths=event.strengths,
        areas=event.areas,
        outcome=outcome,
        report_approved=True,
        approved_at=event.decided_at,
        released=True,
    )


def _signs(case: Submission, event: e.JudgementRecorded | e.JudgementChanged) -> dict[str, tuple[IndicatorLevel, ...]]:
    return {**case.indicators, event.criterion: event.indicators} if event.indicators else case.indicators


def _beside(case: Submission, event: s.SideEvent) -> Submission:
    match event:
        case s.SelfEvaluationRecorded():
            return replace(case, self_evaluation=event)
        case s.DraftGuidanceGiven():
            return replace(case, advisers=case.advisers | {event.adviser})
        case s.LimitStopped():
            return replace(case, clock=None, stopped=event)
        case s.LimitMoved():
            return replace(case, clock=event.clock, limit=event.clock, stopped=None, claim=event.window)
        case s.DeadlineExtended():
            return replace(case, clock=event.clock)
        case s.QuestionAsked():
            return replace(case, questions={**case.questions, event.number: event})
        case s.QuestionAnswered():
            return replace(case, replies={**case.replies, event.number: event})
        case s.FeeRefunded():
            back = case.refunded.get(event.kind, 0) + event.amount
            return replace(case, refunded={**case.refunded, event.kind: back})
        case s.MarkedBlindBy():
            return replace(
                case, calibrators=case.calibrators | {event.second}, marker=event.second, marking=event.marking
            )
        case s.BlindMarkingEnded():
            return replace(case, marker=None, marking=None)
        case s.LinkedSubmissionRegistered():
            return replace(case, linked=(*case.linked, event.submission))
        case s.MemberRelieved():
            return replace(case, moderation=case.moderation and _without(case.moderation, event.member))
        case _:
            assert_never(event)


def _towards_visit(case: Submission, event: v.VisitEvent) -> Submission:
    match event:
        case v.AssessmentBooked():
            clock = event.clock or case.clock
            return replace(case, visit_at=event.visit_at, provisional=event.provisional, clock=clock)
        case v.BookingGivenUp():
            return replace(case, visit_at=None, clock=event.clock)
        case v.PreviewPassed():
            return replace(case, previewed=True, clock=event.clock or case.clock)
        case v.PreviewAlerted():
            return replace(case, stage=Stage.PREPARING, visit_at=None, clock=event.clock, limit=event.clock)
        case v.PeopleToMeetAgreed():
            return replace(case, to_meet=event)
        case v.VisitHeld():
            return replace(case, visit=event, clock=event.clock)
        case _:
            assert_never(event)


def _on_agenda(
    case: Submission, event: e.ItemListed | e.ItemHandedOver | e.ItemAdjourned | e.FoundOutsideDefinition
) -> Submission:
    match event:
        case e.ItemListed():
            return replace(case, listed=event.meeting)
        case e.ItemHandedOver():
            held = case.moderation
            panel = tuple(dict.fromkeys((*held.panel, event.chair))) if held else ()
            return replace(case, moderation=held and dataclasses.replace(held, chair=event.chair, panel=panel))
        case e.ItemAdjourned():
            return replace(
                case,
                stage=Stage.AWAITING_MODERATION,
                listed=None,
                moderation=None,
                moderated=frozenset(),
                changed={},
                judgements={code: one.level for code, one in case.first.items()},
                indicators={code: one.indicators for code, one in case.first.items() if one.indicators},
                review_concluded=False,
                results=None,
                clock=event.clock,
            )
        case e.FoundOutsideDefinition():
            return replace(case, stage=Stage.INELIGIBLE, clock=None, results=None)
        case _:
            assert_never(event)


def _without(held: e.ModerationStarted, member: str) -> e.ModerationStarted:
    panel = tuple(one for one in held.panel if one != member)
    return dataclasses.replace(held, panel=panel, chair="" if held.chair == member else held.chair)


def require_registered(case: Submission) -> None:
    """Refuse a submission that does not exist."""
    _ = case.registration


def wrong_stage(case: Submission, what: str, *allowed: Stage) -> Refused:
    """The refusal of a step that belongs to another stage."""
    return refuse(
        "stage-order",
        f"{what} is not possible while the submission is {case.stage.replace('_', ' ')}",
        field="submission",
        allowed="at the stage " + " or ".join(stage.replace("_", " ") for stage in allowed),
    )
