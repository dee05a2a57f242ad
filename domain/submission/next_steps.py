"""Which commands a submission is at the stage for: what people may be offered; whether one succeeds, its own rules say.

Source: handbook, "A submission's stages".
"""

from collections.abc import Mapping
from typing import Final

from domain.submission.state import ENDS, Stage, Submission

PREPARATION: Final = frozenset({Stage.REGISTERED, Stage.PREPARING})
MODERATION: Final = frozenset({Stage.IN_MODERATION, Stage.EVIDENCE_REQUESTED, Stage.FINAL_REVIEW})
BOOKING: Final = PREPARATION | {Stage.SUBMITTED, Stage.SCREENING, Stage.RETURNED, Stage.IN_ASSESSMENT}
SCREENED: Final = frozenset({Stage.SUBMITTED, Stage.SCREENING})
"""Whoever screens need not wait for the process to say that it has begun, which takes a while where the process engine is down."""
LIVE: Final = frozenset(Stage) - ENDS - {Stage.UNKNOWN, Stage.DECIDED}
BLIND: Final = MODERATION | {Stage.IN_ASSESSMENT, Stage.AWAITING_MODERATION, Stage.DECIDED}

STAGES: Final[Mapping[str, frozenset[Stage]]] = {
    "move_case": PREPARATION,
    "evaluate_oneself": PREPARATION,
    "give_guidance": PREPARATION,
    "extend_preparation": PREPARATION | {Stage.LAPSED},
    "submit_portfolio": PREPARATION | {Stage.RETURNED},
    "withdraw": LIVE,
    "extend_deadline": LIVE,
    "name_lead_contact": LIVE | {Stage.DECIDED},
    "book_assessment": BOOKING,
    "agree_provisional_date": BOOKING,
    "pass_preview": BOOKING,
    "alert_preview": BOOKING,
    "agree_people": BOOKING,
    "pass_screening": SCREENED,
    "return_portfolio": SCREENED,
    "find_ineligible": SCREENED,
    "accept_assignment": frozenset({Stage.IN_ASSESSMENT}),
    "decline_assignment": frozenset({Stage.IN_ASSESSMENT}),
    "reassign": frozenset({Stage.IN_ASSESSMENT}),
    "end_assignment": frozenset({Stage.IN_ASSESSMENT}),
    "hold_visit": frozenset({Stage.IN_ASSESSMENT}),
    "judge": frozenset({Stage.IN_ASSESSMENT}),
    "complete_assessment": frozenset({Stage.IN_ASSESSMENT}),
    "ask_question": frozenset({Stage.IN_ASSESSMENT}),
    "answer_question": LIVE,
    "judge_blind": BLIND,
    "complete_blind": BLIND,
    "decline_blind": BLIND,
    "choose_marker": BLIND,
    "take_up": frozenset({Stage.AWAITING_MODERATION}),
    "take_up_alone": frozenset({Stage.AWAITING_MODERATION}),
    "moderate": frozenset({Stage.IN_MODERATION, Stage.FINAL_REVIEW}),
    "request_evidence": frozenset({Stage.IN_MODERATION}),
    "provide_evidence": frozenset({Stage.EVIDENCE_REQUESTED}),
    "moderation.conclude_review": frozenset({Stage.FINAL_REVIEW}),
    "decide": frozenset({Stage.IN_MODERATION, Stage.FINAL_REVIEW}),
    "approve_report": frozenset({Stage.DECIDED}),
    "find_outside_definition": MODERATION,
    "hand_over_item": MODERATION | {Stage.DECIDED},
    "adjourn_item": MODERATION,
    "lodge_appeal": frozenset({Stage.DECIDED, Stage.INELIGIBLE}),
}
"""The stages at which each command of people about a submission may succeed, by its name in the table of permissions."""
FEES: Final[Mapping[str, str]] = {"pay_fee": "due", "waive_fee": "due", "refund_fee": "paid"}
"""Commands about a fee, and as what one has to stand."""


def possible(case: Submission) -> list[str]:
    """The commands that the case is at the stage for, in a stable order."""
    staged = [action for action, stages in STAGES.items() if case.stage in stages and not _too_late(case, action)]
    return staged + [action for action, standing in FEES.items() if standing in case.fees.values()]


def _too_late(case: Submission, action: str) -> bool:
    """What comes before a report is approved, or a result released, no longer does."""
    if action == "approve_report":
        return case.report_approved
    if action == "hand_over_item":
        return case.released
    return action == "lodge_appeal" and case.stage is Stage.DECIDED and not case.released
