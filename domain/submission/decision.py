"""Decision, outcome report and release: the outcome is computed, the report says what is missing, then it is told.

Source: handbook, section 8.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.person import Person
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.submission import events as e
from domain.submission.assessment import named_areas
from domain.submission.moderation import require_all_moderated, require_chair, require_open
from domain.submission.state import Stage, Submission, wrong_stage

LACKING = ("evidence", "practice")


def decide(
    case: Submission,
    *,
    by: Person,
    panel: Sequence[Person],
    scheme: Scheme,
    areas: Sequence[str] | None = None,
    at: datetime,
) -> list[e.SubmissionEvent]:
    """Record the outcome that the award rule computes from the final judgements. There is no other way to one.

    Areas for consideration are the criteria below what the level awarded asks for, and those that the panel names
    (`areas`), whatever their level; without any said, those that the assessor named.
    """
    if case.outcome:
        return []
    require_open(case, "deciding", by=by, panel=panel, scheme=scheme, at=at)
    require_all_moderated(case)
    if case.stage is Stage.FINAL_REVIEW and not case.review_concluded:
        raise refuse(
            "review-before-decision",
            "the final review is not concluded",
            field="submission",
            allowed="concluding it first",
        )
    named = case.named if areas is None else named_areas(case, scheme, areas)
    return [outcome_of(case, scheme, case.judgements, named, chair=by.id)]


def outcome_of(
    case: Submission, scheme: Scheme, judgements: Mapping[str, str], named: Sequence[str], *, chair: str
) -> e.DecisionRecorded:
    """What the award rule makes of these judgements of the case; `named` are areas for consideration at any level."""
    criteria, applies_for = case.registration.criteria, case.registration.applies_for
    result = scheme.outcome(judgements, criteria, applies_for)
    top = len(scheme.scale) - 1
    asked = scheme.asked_of(result.level or applies_for)
    reached = {code: scheme.scale.index(judgements[code]) for code in criteria}
    return e.DecisionRecorded(
        outcome=result.outcome,
        level=result.level,
        unmet=result.unmet,
        chair=chair,
        strengths=tuple(
            code for code, level in reached.items() if code not in named and (level > asked or level == top)
        ),
        areas=tuple(code for code, level in reached.items() if level < asked or code in named),
    )


def approve_report(
    case: Submission, *, by: Person, scheme: Scheme, shortfalls: Sequence[e.Shortfall], at: datetime
) -> list[e.SubmissionEvent]:
    """Approve the outcome report, which says for each criterion unmet what is missing, evidence or practice.

    It may say so of areas for consideration too, where an award was made although some criteria are below its level.
    """
    if case.outcome is None or case.moderation is None:
        raise wrong_stage(case, "approving the report", Stage.DECIDED)
    require_chair(case, by, case.moderation.chair, scheme, at)
    if case.report_approved and tuple(shortfalls) == case.shortfalls:
        return []
    if case.report_approved:  # what this one says would be lost without a word
        raise refuse(
            "report-approved-once",
            "the report of this outcome is approved already",
            field="lacks",
            allowed="what was approved",
        )
    unmet, said = set(case.outcome.unmet), [one.criterion for one in shortfalls]
    if not unmet <= set(said) <= unmet | set(case.outcome.areas) or len(said) != len(set(said)):
        also = [code for code in case.outcome.areas if code not in unmet]
        raise refuse(
            "report-complete",
            "the report does not say of each unmet criterion, once, what is missing",
            field="lacks",
            allowed=f"one entry for each of {', '.join(sorted(unmet)) or 'none'}"
            + (f", and one for any of {', '.join(also)}" if also else ""),
        )
    for shortfall in shortfalls:
        if shortfall.lacking not in LACKING:
            raise refuse(
                "report-lacking",
                f"{shortfall.lacking!r} is not a kind of lack",
                field="lacks",
                allowed=" or ".join(LACKING),
            )
    return [e.OutcomeReportApproved(chair=by.id, shortfalls=tuple(shortfalls), approved_at=at)]


def release_result(case: Submission) -> list[e.SubmissionEvent]:
    """Tell the provider the result, once the chair has approved the report."""
    if case.outcome is None or not case.report_approved or case.released:
        return []
    return [e.ResultReleased(outcome=case.outcome.outcome)]
