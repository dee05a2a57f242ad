"""Which events bring a submission to which stage. Source: handbook, "A submission's stages"."""

from collections.abc import Mapping
from typing import Final

from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission import visit_events as v
from domain.submission.state import Stage

STAGES: Final[Mapping[type, Stage]] = {
    e.ProgrammeRegistered: Stage.REGISTERED,
    e.PreparationStarted: Stage.PREPARING,
    e.PreparationExtended: Stage.PREPARING,
    e.SubmissionLapsed: Stage.LAPSED,
    e.SubmissionWithdrawn: Stage.WITHDRAWN,
    e.PortfolioSubmitted: Stage.SUBMITTED,
    e.ScreeningStarted: Stage.SCREENING,
    e.ScreeningPassed: Stage.IN_ASSESSMENT,
    e.PortfolioReturned: Stage.RETURNED,
    e.FoundIneligible: Stage.INELIGIBLE,
    v.PreviewAlerted: Stage.PREPARING,
    e.AssessmentCompleted: Stage.AWAITING_MODERATION,
    e.ModerationStarted: Stage.IN_MODERATION,
    e.ItemAdjourned: Stage.AWAITING_MODERATION,
    e.FoundOutsideDefinition: Stage.INELIGIBLE,
    e.EvidenceRequested: Stage.EVIDENCE_REQUESTED,
    e.FinalReviewOpened: Stage.FINAL_REVIEW,
    e.DecisionRecorded: Stage.DECIDED,
    r.ModerationSetAside: Stage.AWAITING_MODERATION,
    r.AssessmentSetAside: Stage.IN_ASSESSMENT,
}
"""The stage that each of these events leads to; the others leave it."""
