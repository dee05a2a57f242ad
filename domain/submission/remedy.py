"""The remedies of an upheld appeal: moderated again, assessed again by other people, or the decision replaced.

Source: handbook, section 12 and Remedies. Nothing is erased: the first decision stays in the record, and what comes later
supersedes it. Whoever had a part in it, or heard the appeal, takes none in what follows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.refusals import Refused, refuse
from domain.scheme import Scheme, require_level
from domain.submission import events as e
from domain.submission import indicators
from domain.submission import remedy_events as r
from domain.submission.assessment import Finding, require_judged_here
from domain.submission.decision import outcome_of
from domain.submission.set_aside import INELIGIBLE, RESULT
from domain.submission.side_events import FeeRefunded
from domain.submission.state import Stage, Submission, require_registered
from domain.texts import TextRef

MODERATE_AGAIN = "moderate-again"
ASSESS_AGAIN = "assess-again"
REPLACE_DECISION = "replace-decision"
REVIEW = "review"
FITTING: Mapping[str, tuple[str, ...]] = {
    RESULT: (MODERATE_AGAIN, ASSESS_AGAIN, REPLACE_DECISION),
    INELIGIBLE: (ASSESS_AGAIN, REPLACE_DECISION),
    REVIEW: (REPLACE_DECISION,),
}
"""The remedies that each kind of contested decision may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What an appeals panel directed: which `remedy`, of which kind of contested decision, and who is `excluded`.

    `judgements` are those that it changed, where it replaces a result; `reason` why it replaces anything else.
    """

    appeal: str
    contested: str
    remedy: str
    excluded: frozenset[str] = frozenset()
    judgements: Mapping[str, Finding] = field(default_factory=dict)
    reason: TextRef | None = None


def require_fitting(wanted: Remedy) -> None:
    """Refuse a remedy that a decision of this kind can't have, and what is not said, or said in vain, with it."""
    fitting = FITTING.get(wanted.contested)
    if fitting is None:
        raise _unfit(f"{wanted.contested!r} is no decision to contest", ", ".join(FITTING), field="contested")
    if wanted.remedy not in fitting:
        raise _unfit(f"{wanted.remedy!r} is no remedy of this decision", ", ".join(fitting))
    replaces_result = (wanted.contested, wanted.remedy) == (RESULT, REPLACE_DECISION)
    if wanted.judgements and not replaces_result:
        allowed = "none: judgements are changed where a result is replaced"
        raise _unfit("judgements change nothing here", allowed, field="judgements")
    if wanted.remedy == REPLACE_DECISION and not replaces_result and wanted.reason is None:
        raise refuse("remedy-reason", "a finding is replaced without a reason", field="reason", allowed="a text")


def carry_through(
    case: Submission, *, wanted: Remedy, by: str, scheme: Scheme, at: datetime
) -> list[e.SubmissionEvent]:
    """Carry a remedy through on a submission, from `at` on (UTC); `by` records a replaced decision. Once for each appeal."""
    require_registered(case)
    require_fitting(wanted)
    if any(one.appeal == wanted.appeal for one in case.superseded):
        return []
    match wanted.contested, wanted.remedy:
        case ("result", _) if not (case.released and case.outcome):
            raise _unfit(
                "no result was released that still stands", "a submission with a released result", field="submission"
            )
        case ("ineligible", _) if case.stage is not Stage.INELIGIBLE:
            allowed = "one that was found ineligible, or outside the definition"
            raise _unfit("this submission was not found ineligible", allowed, field="submission")
        case "result", "moderate-again":
            return [_moderated_again(case, wanted, scheme, at)]
        case "result", "assess-again":
            return [r.AssessmentSetAside(appeal=wanted.appeal, excluded=_excluded(case, wanted))]
        case "result", _:
            return [_replaced(case, wanted, by, scheme, at)]
        case "ineligible", _:
            return _eligible(case, wanted, scheme, at)
    raise _unfit("this is no decision on a submission", f"{RESULT} or {INELIGIBLE}", field="contested")


def remedied(case: Submission, appeal: str) -> bool:
    """Has the remedy that this appeal directed come to its end: a new result, or whatever else ended the case?

    What a later appeal set aside in its turn had come to its end before.
    """
    directed = [one.appeal for one in case.superseded]
    return appeal in directed and (directed[-1] != appeal or case.over)


def free_of_charge(linked: Submission, *, appeal: str) -> list[e.SubmissionEvent]:
    """Give back, or waive, what a further try was charged, since the decision that called for it does not stand."""
    events: list[e.SubmissionEvent] = []
    for kind, state in linked.fees.items():
        left = linked.charges[kind] - linked.refunded.get(kind, 0)
        if state == "paid" and left:
            events.append(FeeRefunded(kind=kind, amount=left, reason=None, appeal=appeal))
        elif state == "due":
            events.append(e.FeeWaived(kind=kind, reason=None, appeal=appeal))
    return events


def _excluded(case: Submission, wanted: Remedy) -> tuple[str, ...]:
    """Who takes no part in what follows: whom the appeal names, and in any case who moderated it before."""
    before = {case.moderation.chair, *case.moderation.panel} if case.moderation else set()
    return tuple(sorted(wanted.excluded | before))


def _moderated_again(case: Submission, wanted: Remedy, scheme: Scheme, at: datetime) -> r.ModerationSetAside:
    return r.ModerationSetAside(
        appeal=wanted.appeal,
        contested=wanted.contested,
        excluded=_excluded(case, wanted),
        clock=scheme.deadline("moderate_within", at),
        reason=wanted.reason,
    )


def _eligible(case: Submission, wanted: Remedy, scheme: Scheme, at: datetime) -> list[e.SubmissionEvent]:
    """It goes on from where it was found not to be eligible: to moderation by others, or to assessment once it is paid for."""
    if case.moderation:
        return [_moderated_again(case, wanted, scheme, at)]
    unpaid = "due" in case.fees.values()
    eligible = r.IneligibilitySetAside(appeal=wanted.appeal, excluded=_excluded(case, wanted), reason=wanted.reason)
    return [eligible, e.ScreeningStarted(clock=scheme.deadline("screen_within", at)) if unpaid else e.ScreeningPassed()]


def _replaced(case: Submission, wanted: Remedy, by: str, scheme: Scheme, at: datetime) -> r.DecisionReplaced:
    replaced = [
        one
        for code, finding in wanted.judgements.items()
        if (one := _judgement(case, scheme, code, finding)) is not None
    ]
    if not replaced:
        raise refuse(
            "remedy-changes-something",
            "no judgement is changed",
            field="judgements",
            allowed="one or more judgements other than those that stand, each with its reason",
        )
    judgements = case.judgements | {one.criterion: one.level for one in replaced}
    outcome = outcome_of(case, scheme, judgements, _named(case, scheme), chair=by)
    return r.DecisionReplaced(
        appeal=wanted.appeal,
        excluded=_excluded(case, wanted),
        judgements=tuple(replaced),
        outcome=outcome.outcome,
        level=outcome.level,
        unmet=outcome.unmet,
        recorded_by=by,
        replaced_at=at,
        strengths=outcome.strengths,
        areas=outcome.areas,
    )


def _judgement(case: Submission, scheme: Scheme, code: str, finding: Finding) -> r.JudgementReplaced | None:
    """The judgement as the panel changed it; None where it is as it was."""
    require_judged_here(case, scheme, code)
    require_level(scheme, finding.level, field=f"judgements.{code}.level")
    before, signs_before = case.judgements[code], case.indicators.get(code, ())
    signs = indicators.changed(scheme, code, signs_before, finding.indicators)
    if (finding.level, signs) == (before, signs_before):
        return None
    if finding.reason is None:
        raise refuse(
            "change-needs-reason",
            f"the judgement on {code} would be replaced without a reason",
            field=f"judgements.{code}.reason",
            allowed="a text",
        )
    return r.JudgementReplaced(
        criterion=code, before=before, level=finding.level, reason=finding.reason, indicators=signs
    )


def _named(case: Submission, scheme: Scheme) -> Sequence[str]:
    """The areas for consideration that were named, whatever their level: those not below what the level asks for."""
    if case.outcome is None:
        return ()
    asked = scheme.asked_of(case.outcome.level or case.registration.applies_for)
    return [code for code in case.outcome.areas if scheme.scale.index(case.judgements[code]) >= asked]


def _unfit(reason: str, allowed: str, *, field: str = "remedy") -> Refused:
    return refuse("remedy-fits", reason, field=field, allowed=allowed)
