"""The proper next step of a submission, from stage to stage, by those who may."""

from collections.abc import Callable
from typing import Any

from services import (
    appeals,
    assessment,
    calibration,
    moderation,
    preparation,
    screening,
)
from services.assessment import Judgement
from services.moderation import Lack
from tests import factories
from tests.services.whole.acting import Acting

WHY = "So it is."


def submission(at: Acting, case: str) -> None:
    """On from stage to stage; from its result to an appeal, now and then."""
    held = at.body.submission(case)
    match held.stage.value:
        case "preparing" | "returned":
            _pay(at, case)
            criteria = held.registration.criteria
            answers = dict.fromkeys(criteria, "What we do.")
            window = at.streams("window")[0]
            at.do(
                preparation.submit_portfolio,
                held.registration.lead_contact,
                "provider",
                case=case,
                window_id=window,
                answers=answers,
                evidence=factories.uploaded(at.body, case, criteria),
            )
        case "screening":
            _pay(at, case)
            officer = at.free(at.owner(case), "officer", but=held.excluded)
            if officer and at.likely(15):
                at.do(screening.find_ineligible, officer[0], "officer", case=case, reason=WHY)
            elif officer:
                at.do(screening.pass_screening, officer[0], "officer", case=case)
        case "in_assessment" if held.assessor:
            _assess(at, case, held)
        case "awaiting_moderation":
            _take_up(at, case, held)
        case "in_moderation" | "final_review" if held.moderation and held.moderation.chair:
            _moderate(at, case, held)
        case "evidence_requested":
            evidence = factories.uploaded(at.body, case, held.asked)
            said = {"answers": dict.fromkeys(held.asked, "Here."), "evidence": evidence}
            at.do(moderation.provide_evidence, held.registration.lead_contact, "provider", case=case, **said)
        case "decided" if not held.report_approved:
            _approve(at, case, held)
        case "decided" | "ineligible" if at.likely(30):
            contested = "ineligible" if held.stage.value == "ineligible" else "result"
            lodge(at, case, contested)


def lodge(at: Acting, case: str, contested: str, concern: str | None = None) -> None:
    """Its contact contests a decision."""
    said = {"contested": contested, "grounds": {at.any(GROUNDS): "It was not read."}, "concern": concern}
    at.do(appeals.lodge_appeal, at.contact(case), "provider", case=case, **said)


GROUNDS = ("procedure", "evidence", "bias", "unreasonable")


def _pay(at: Acting, case: str) -> None:
    held = at.body.submission(case)
    officers = at.free(at.owner(case), "officer")
    for kind, state in held.fees.items():
        if state == "due" and officers:
            at.do(preparation.pay_fee, officers[0], "officer", case=case, kind=kind, amount=held.charges[kind])


def judgements(at: Acting, case: str) -> dict[str, Judgement]:
    """Every criterion judged: at the top, but for one sometimes."""
    criteria = at.body.submission(case).registration.criteria
    cited = {one.criterion: one.sha256 for one in factories.evidence_of(criteria)}
    short = at.any(criteria) if at.likely(50) else ""
    level = at.any(("not_met", "partially_met"))
    return {
        code: factories.judged_at(at.body, code, level if code == short else "met", digest)
        for code, digest in cited.items()
    }


def _assess(at: Acting, case: str, held: Any) -> None:
    if held.marker and at.likely(60):
        at.do(calibration.judge_blind, held.marker, "assessor", case=case, judgements=judgements(at, case))
        at.do(calibration.complete_blind, held.marker, "assessor", case=case, minutes_spent=30)
    if not held.accepted and at.likely(10):
        at.do(assessment.decline_assignment, held.assessor, "assessor", case=case)
        return
    if not held.accepted:
        at.do(assessment.accept_assignment, held.assessor, "assessor", case=case)
    at.do(assessment.judge, held.assessor, "assessor", case=case, judgements=judgements(at, case))
    if at.likely(80):
        at.do(assessment.complete_assessment, held.assessor, "assessor", case=case, minutes_spent=90)


def _take_up(at: Acting, case: str, held: Any) -> None:
    meeting = held.listed
    if not meeting:
        had = {*held.excluded, *at.said.assessed[case]}
        chairs = at.free(at.owner(case), "chair", but=had)
        panel = at.free(at.owner(case), "moderator", but=had)
        officers = at.free(at.owner(case), "officer")
        if not (chairs and officers and len(panel) > 1):
            return
        said = {"scheme": at.body.scheme.id, "starts_at": at.body.now(), "chair": chairs[0], "panel": panel[:5]}
        others = [one for one in _waiting(at) if one != case and at.likely(20)]
        if not at.do(moderation.schedule_meeting, officers[0], "officer", items=[case, *others], **said):
            at.do(moderation.schedule_meeting, officers[0], "officer", items=[case], **said)
        meeting = at.body.submission(case).listed
    if meeting:
        held = at.body.state(meeting)
        at.do(moderation.open_meeting, held.chair, "chair", id=meeting, present=held.panel)
        if not at.do(moderation.take_up, held.chair, "chair", case=case, id=meeting):
            at.do(moderation.sign_minutes, held.chair, "chair", id=meeting, minutes_spent=60)


def _waiting(at: Acting) -> list[str]:
    states = {one: at.body.submission(one) for one in at.streams("submission")}
    return [one for one, held in states.items() if held.stage.value == "awaiting_moderation" and not held.listed]


def _moderate(at: Acting, case: str, held: Any) -> None:
    chair = held.moderation.chair

    def do(service: Callable[..., Any], **said: Any) -> bool:
        return at.do(service, chair, "chair", case=case, **said)

    made = {code: Judgement(level=level) for code, level in held.judgements.items()}
    if at.likely(30):
        code = at.any(made)
        made[code] = Judgement(level=at.any(at.body.scheme.scale), reason=WHY)
    if held.stage.value == "final_review":
        do(moderation.moderate, judgements=made)
        do(moderation.conclude_review)
    elif at.likely(15):
        do(moderation.request_evidence, criteria=[at.any(made)], wanted="More.")
        return
    else:
        do(moderation.moderate, judgements=made)
    if do(moderation.decide):
        _approve(at, case, at.body.submission(case))


def _approve(at: Acting, case: str, held: Any) -> None:
    if held.outcome and held.moderation:
        lacks = {code: Lack(lacking="evidence", missing="More.") for code in held.outcome.unmet}
        at.do(moderation.approve_report, held.moderation.chair, "chair", case=case, lacks=lacks)
