"""The process as data: from where each event may move a submission, an award, an appeal or a complaint on.

What people may do with a submission at which stage stands in `domain/submission/next_steps.py`, what time does to it in
`process.py`, and where an event leads in `stages.py`; what they may do with a matter in `domain/matter_steps.py`. This joins them.
Whoever follows a case by it finds what the rules would have refused, however it came into the record: a move from another
stage, and what is done at a stage at which nobody can.
"""

from collections.abc import Mapping
from typing import Any, Final

from domain.accreditation import events as a
from domain.accreditation import remedy_events as ar
from domain.appeal import events as ap
from domain.complaint import events as co
from domain.complaint.state import STAGES as LEVELS
from domain.matter_steps import STAGES as MATTERS
from domain.submission import events as e
from domain.submission import past_events as p
from domain.submission import remedy_events as r
from domain.submission import side_events as s
from domain.submission import visit_events as v
from domain.submission.next_steps import STAGES as AT
from domain.submission.process import WHEN_TIME_IS_UP
from domain.submission.stages import STAGES as LEADS_TO
from domain.submission.state import Stage

Moves = Mapping[type[Any], frozenset[str]]
"""By event, the stages from which it may move a case on; the empty one is that of a case that has not begun."""

BEGINS: Final = frozenset({""})
_LAPSES: Final = frozenset(stage for stage, step in WHEN_TIME_IS_UP.items() if step == "lapse")

SUBMISSION: Final[Moves] = {
    e.ProgrammeRegistered: BEGINS,
    p.DecisionImported: BEGINS,
    e.PreparationStarted: frozenset({Stage.REGISTERED}),
    e.PreparationExtended: AT["extend_preparation"],
    e.SubmissionLapsed: _LAPSES,
    e.SubmissionWithdrawn: AT["withdraw"],
    v.PreviewAlerted: AT["alert_preview"],
    e.PortfolioSubmitted: AT["submit_portfolio"],
    e.ScreeningStarted: frozenset({Stage.SUBMITTED, Stage.INELIGIBLE}),  # again, where an appeal found it eligible
    e.ScreeningPassed: AT["pass_screening"] | {Stage.INELIGIBLE},
    e.PortfolioReturned: AT["return_portfolio"],
    e.FoundIneligible: AT["find_ineligible"],
    e.AssessmentCompleted: AT["complete_assessment"],
    e.ModerationStarted: AT["take_up"] | AT["take_up_alone"],
    e.ItemAdjourned: AT["adjourn_item"] | {Stage.AWAITING_MODERATION},
    e.FoundOutsideDefinition: AT["find_outside_definition"],
    e.EvidenceRequested: AT["request_evidence"],
    e.FinalReviewOpened: AT["provide_evidence"],
    e.DecisionRecorded: AT["decide"],
    r.ModerationSetAside: AT["lodge_appeal"],
    r.AssessmentSetAside: AT["lodge_appeal"],
}
"""Every event that leads to a stage: `domain/submission/stages.py` says to which; and what was decided elsewhere, and came so."""

WITHIN: Final[Moves] = {
    e.CaseMoved: AT["move_case"],
    s.SelfEvaluationRecorded: AT["evaluate_oneself"],
    s.DraftGuidanceGiven: AT["give_guidance"],
    e.AssignmentAccepted: AT["accept_assignment"],
    v.VisitHeld: AT["hold_visit"],
    s.QuestionAsked: AT["ask_question"],
    e.JudgementRecorded: AT["judge"],
    e.JudgementConfirmed: AT["moderate"],
    e.JudgementChanged: AT["moderate"],
    e.EvidenceProvided: AT["provide_evidence"],
    e.EvidenceNotProvided: AT["provide_evidence"],
    e.FinalReviewConcluded: AT["moderation.conclude_review"],
    e.OutcomeReportApproved: AT["approve_report"],
    e.ResultReleased: AT["lodge_appeal"],
    r.DecisionReplaced: AT["lodge_appeal"],
}
"""What leaves a submission at its stage, and yet happens at these alone: a judgement changed after the decision is none of the panel's."""

_RUNS: Final = frozenset({"accredited", "extended", "suspended"})
_OVER: Final = frozenset({"lapsed", "annulled", "withdrawn"})
ACCREDITATION: Final[Moves] = {
    a.AccreditationAwarded: BEGINS | {"annulled"},
    a.AccreditationImported: BEGINS,
    a.AccreditationRenewed: _RUNS | {"lapsed", "annulled"},
    a.AccreditationUpgraded: _RUNS | {"annulled"},
    a.ExtensionStarted: _RUNS,
    a.ReaccreditationSubmitted: _RUNS | _OVER,  # the submission goes on, whatever becomes of the award meanwhile
    a.ReaccreditationEnded: _RUNS | _OVER,
    a.AccreditationLapsed: _RUNS,
    a.AccreditationSuspended: _RUNS,
    a.AccreditationReinstated: frozenset({"suspended"}),
    a.AccreditationReduced: _RUNS,
    a.AccreditationWithdrawn: _RUNS,
    ar.AwardConfirmed: _RUNS | _OVER,
    ar.AwardCorrected: _RUNS | _OVER,
    ar.AwardAnnulled: _RUNS | _OVER,
    ar.ReviewReplaced: _RUNS | _OVER,
    ar.ReductionUndone: _RUNS | _OVER,
    ar.WithdrawalLifted: frozenset({"withdrawn"}),
    ar.ReaccreditationReopened: _RUNS | _OVER,
}
"""What brings an award to another standing, and the standings in which it may."""

_OF_APPEALS: Final = MATTERS["appeal"]
APPEAL: Final[Moves] = {
    ap.AppealLodged: BEGINS,
    ap.AppealAcknowledged: _OF_APPEALS["acknowledge_appeal"],
    ap.AppealAdmitted: _OF_APPEALS["admit_appeal"],
    ap.AppealNotAdmitted: _OF_APPEALS["refuse_appeal"],
    ap.AppealWithdrawn: _OF_APPEALS["withdraw_appeal"],
    ap.PanelNamed: _OF_APPEALS["name_panel"],
    ap.AppealDecided: _OF_APPEALS["decide_appeal"],
    ap.RemedyClosed: _OF_APPEALS["close_remedy"],
    ap.OthersFound: _OF_APPEALS["search_others"],
    ap.OtherClosed: _OF_APPEALS["close_other"],
}

_OF_COMPLAINTS: Final = MATTERS["complaint"]
COMPLAINT: Final[Moves] = {
    co.ComplaintRaised: BEGINS,
    co.ComplaintAcknowledged: _OF_COMPLAINTS["acknowledge_complaint"],
    co.HandlerChanged: _OF_COMPLAINTS["hand_to"],
    co.ComplaintAnswered: _OF_COMPLAINTS["answer_complaint"],
    co.ComplaintEscalated: _OF_COMPLAINTS["escalate_complaint"],
    co.CommitteeFormed: _OF_COMPLAINTS["form_committee"],
    co.ComplaintDecided: _OF_COMPLAINTS["decide_complaint"],
    co.ComplaintClosed: _OF_COMPLAINTS["escalate_complaint"] | {LEVELS[3][2]},  # not taken further, or reviewed
    co.ComplaintWithdrawn: _OF_COMPLAINTS["withdraw_complaint"],
}

MOVES: Final[Mapping[str, Moves]] = {
    "submission": SUBMISSION,
    "accreditation": ACCREDITATION,
    "appeal": APPEAL,
    "complaint": COMPLAINT,
}
"""By kind of case."""
LEADS: Final = LEADS_TO
"""To which stage each event leads a submission; for the others their own state says it."""
