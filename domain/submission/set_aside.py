"""What an upheld appeal leaves of a submission's state: the decision that was contested is kept, what follows is open again.

Source: handbook, Remedies.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, assert_never

from domain.refusals import refuse
from domain.submission import events as e
from domain.submission import remedy_events as r

if TYPE_CHECKING:
    from domain.submission.state import Submission

RESULT = "result"
INELIGIBLE = "ineligible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """A decision that an appeal set aside: an outcome with its report, or a finding that the programme was not eligible.

    `judgements` are those that it rested on, `approved_at` is when its report was approved (UTC).
    """

    appeal: str
    contested: str
    outcome: e.DecisionRecorded | None = None
    judgements: tuple[tuple[str, str], ...] = ()
    shortfalls: tuple[e.Shortfall, ...] = ()
    approved_at: datetime | None = None


def require_eligibility_open(case: "Submission") -> None:
    """Refuse to find ineligible, or outside the definition, what an appeal found eligible."""
    if any(one.contested == INELIGIBLE for one in case.superseded):
        raise refuse(
            "eligibility-settled",
            "on appeal the programme was found eligible",
            field="submission",
            allowed="judging it by the criteria",
        )


def changes(case: "Submission", event: r.RemedyEvent) -> dict[str, Any]:
    """What an upheld appeal changes in the state of a case."""
    match event:
        case r.ModerationSetAside():
            return {
                **_open_again(case, event.appeal, event.contested, event.excluded),
                **_unmoderated(case),
                "stage": "awaiting_moderation",
                "clock": event.clock,
            }
        case r.AssessmentSetAside():
            return {
                **_open_again(case, event.appeal, RESULT, event.excluded),
                **_unmoderated(case),
                **_unassessed(case),
                "stage": "in_assessment",
                "clock": None,
            }
        case r.IneligibilitySetAside():
            return _open_again(case, event.appeal, INELIGIBLE, event.excluded)
        case r.DecisionReplaced():
            return {**_open_again(case, event.appeal, RESULT, event.excluded), **_replaced(case, event)}
        case _:
            assert_never(event)


def _open_again(case: "Submission", appeal: str, contested: str, excluded: tuple[str, ...]) -> dict[str, Any]:
    earlier = Superseded(
        appeal=appeal,
        contested=contested,
        outcome=case.outcome,
        judgements=tuple(case.judgements.items()),
        shortfalls=case.shortfalls,
        approved_at=case.approved_at,
    )
    return {
        "superseded": (*case.superseded, earlier),
        "excluded": case.excluded | set(excluded),
        "outcome": None,
        "report_approved": False,
        "approved_at": None,
        "shortfalls": (),
        "released": False,
        "marking": None,  # what was not marked blind before the result is not asked for again
        "missed": frozenset(),  # no clock of before runs again
    }


def _unmoderated(case: "Submission") -> dict[str, Any]:
    """Moderation begins afresh: the judgements are the assessor's, and its panel may ask for further evidence once itself."""
    return {
        "listed": None,
        "moderation": None,
        "moderated": frozenset(),
        "changed": {},
        "judgements": {code: one.level for code, one in case.first.items()},
        "indicators": {code: one.indicators for code, one in case.first.items() if one.indicators},
        "strengths": case.completed.strengths if case.completed else (),
        "areas": case.completed.areas if case.completed else (),
        "requests": 0,
        "asked": (),
        "response": None,
        "review_concluded": False,
        "results": None,
        "results_left": None,
    }


def _unassessed(case: "Submission") -> dict[str, Any]:
    return {
        "assessor": None,
        "accepted": False,
        "assessed": False,
        "completed": None,
        "former_assessors": case.former_assessors | ({case.assessor} if case.assessor else frozenset()),
        "first": {},
        "judgements": {},
        "indicators": {},
        "named": (),
        "strengths": (),
        "areas": (),
        "visit": None,  # who assesses it visits it
    }


def _replaced(case: "Submission", event: r.DecisionReplaced) -> dict[str, Any]:
    """The decision that holds now; its report says of what is still short what it said before."""
    decision = e.DecisionRecorded(
        outcome=event.outcome,
        level=event.level,
        unmet=event.unmet,
        chair=event.recorded_by,
        strengths=event.strengths,
        areas=event.areas,
    )
    signs = {one.criterion: one.indicators for one in event.judgements if one.indicators}
    return {
        "judgements": case.judgements | {one.criterion: one.level for one in event.judgements},
        "changed": case.changed | {one.criterion: one for one in event.judgements},
        "indicators": case.indicators | signs,
        "outcome": decision,
        "strengths": event.strengths,
        "areas": event.areas,
        "report_approved": True,
        "approved_at": event.replaced_at,
        "shortfalls": tuple(one for one in case.shortfalls if one.criterion in {*event.unmet, *event.areas}),
    }
