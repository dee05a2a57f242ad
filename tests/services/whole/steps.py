"""The proper next step of a case or matter, by those who may: so that it gets somewhere."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from domain.appeal.contested import REMEDIES
from infra.projector import catch_up
from services import (
    accreditations,
    affected,
    appeals,
    assessment,
    audit_actions,
    audits,
    calibration,
    complaint_handling,
    complaints,
    development,
    erasure,
    moderation,
    preparation,
    proposals,
    retention,
    risks,
    sampling,
    screening,
    scrutiny,
)
from services.appeals import Ruling
from services.assessment import Judgement
from services.development import Offer
from services.moderation import Lack
from tests import factories
from tests.services.whole.acting import Acting

WHY = "So it is."


def step(at: Acting, stream: str) -> None:
    """Take the next step of a case or matter."""
    at.process(stream)
    STEPS[stream.partition("-")[0]](at, stream)
    if not stream.startswith("calibration"):
        at.process(stream)


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
                evidence=factories.evidence_for(case, criteria),
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
            evidence = factories.evidence_for(f"{case} more", held.asked)
            said = {"answers": dict.fromkeys(held.asked, "Here."), "evidence": evidence}
            at.do(moderation.provide_evidence, held.registration.lead_contact, "provider", case=case, **said)
        case "decided" if not held.report_approved:
            _approve(at, case, held)
        case "decided" | "ineligible" if at.likely(50):
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
    cited = {one.criterion: one.sha256 for one in factories.evidence_for(case, criteria)}
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


def appeal(at: Acting, id: str) -> None:
    """Acknowledged, admitted, heard, decided, its remedy closed, and others who were touched looked after."""
    held = at.body.state(id)
    had_part = at.said.parts_before(held.lodging.case, held.lodging.position)
    officers = at.free(held.provider, "appeals-officer", but={*had_part, *held.panel})
    if not officers:
        return

    def do(service: Callable[..., Any], **said: Any) -> bool:
        return at.do(service, officers[0], "appeals-officer", appeal=id, **said)

    match held.stage:
        case "lodged":
            do(appeals.acknowledge_appeal)
        case "acknowledged" if at.likely(10):
            do(appeals.refuse_appeal, reason=WHY)
        case "acknowledged":
            do(appeals.admit_appeal, reason=WHY)
        case "admitted":
            _name(at, held, had_part, do)
        case "before-panel" if len(held.panel) < 3 or not held.chair:
            _name(at, held, had_part, do)
        case "before-panel":
            _decide(at, id, held)
        case "upheld":
            _follow(at, id, held, do)


def _name(at: Acting, held: Any, had_part: set[str], do: Callable[..., bool]) -> None:
    stay = list(held.panel)
    free = at.free(held.provider, "appeals-panel", but={*had_part, *stay, *held.officers})
    outside = [one for one in at.here.people["appeals-panel"][2:] if one in free]
    panel = [*stay, *outside[:1], *(one for one in free if one not in outside[:1])][:3]
    if panel:
        chair = held.chair or panel[0]
        do(appeals.name_panel, chair=chair, members=[one for one in panel if one != chair])


def _decide(at: Acting, id: str, held: Any) -> None:
    upheld = at.likely(55)
    rulings = {
        one.code: Ruling(finding="upheld" if upheld else "dismissed", reason="We looked.")
        for one in held.lodging.grounds
    }
    said: dict[str, Any] = {"remedy": at.any(REMEDIES[held.lodging.contested]) if upheld else None}
    if said["remedy"] == "replace-decision":
        said["reason"] = WHY if held.lodging.contested != "result" else None
        if held.lodging.contested == "result":
            judged = at.body.submission(held.lodging.case).judgements
            short = {code: "met" for code, level in judged.items() if level != "met"} or {at.any(judged): "not_met"}
            cited = {one.criterion: one.sha256 for one in factories.evidence_for(held.lodging.case, list(judged))}
            said["judgements"] = {
                code: factories.judged_at(at.body, code, level, cited[code]) for code, level in short.items()
            }
    at.do(appeals.decide_appeal, held.chair, "appeals-panel", appeal=id, rulings=rulings, **said)


def _follow(at: Acting, id: str, held: Any, do: Callable[..., bool]) -> None:
    assessors = [one.assessor for one in at.said.of(held.lodging.case, "AssessorAssigned")]
    if held.others is None and assessors:
        do(affected.search_others, causes=[("assessor", assessors[0])], touched=at.touched)
    for other in held.open_others[:2]:
        dealers = at.free(at.owner(other), "appeals-officer", "officer")
        dealers = [one for one in dealers if not at.said.conflict(one, held.provider, at.body.now())]
        for one in dealers[:1]:
            role = "officer" if at.said.holds(one, "officer") else "appeals-officer"
            at.do(affected.deal_with_other, one, role, appeal=id, other=other, action="told", done="They know.")
        for one in dealers[1:2]:
            role = "officer" if at.said.holds(one, "officer") else "appeals-officer"
            at.do(affected.close_other, one, role, appeal=id, other=other)
    if not held.remedy_closed and at.body.state(held.lodging.case).over:
        do(appeals.close_remedy)


def complaint(at: Acting, case: str) -> None:
    """Answered, taken further, answered again, and before a committee."""
    held = at.body.state(case)
    apart = {*held.parties, *held.earlier(held.level)}
    handlers = at.free(held.provider, "complaints-handler", but=apart)
    upheld = at.likely(50)
    said = {
        "outcome": "upheld" if upheld else "not-upheld",
        "reason": WHY,
        "done": "We said sorry." if upheld else None,
    }
    match held.stage:
        case "raised" | "escalated" | "acknowledged" | "acknowledged-again" if held.handler:
            at.do(complaint_handling.answer_complaint, held.handler, "complaints-handler", case=case, **said)
        case "raised" | "escalated" | "acknowledged" | "acknowledged-again" if handlers:
            at.do(complaint_handling.acknowledge_complaint, handlers[0], "complaints-handler", case=case)
        case "answered" | "answered-again":
            who = held.raised_by or held.entered_by
            role = "provider" if held.on_behalf_of else at.any([one for one, _ in at.said.roles[who]] or ["officer"])
            at.do(complaints.escalate_complaint, who, role, case=case, reason="That is no answer.")
        case "committee-asked" | "in-review" if len(held.members) < 3:
            members = at.free(held.provider, "board", "quality-manager", "chair", "moderator", but=apart)[:3]
            if handlers and len(members) == 3:
                said = {"chair": members[0], "members": members}
                at.do(complaint_handling.form_committee, handlers[0], "complaints-handler", case=case, **said)
        case "in-review" if held.handler:
            roles = [
                one
                for one, _ in at.said.roles[held.handler]
                if one in ("board", "quality-manager", "chair", "moderator")
            ]
            if roles:
                at.do(complaint_handling.decide_complaint, held.handler, roles[0], case=case, **said)


def accreditation(at: Acting, case: str) -> None:
    """A concern is raised, reviewed and concluded; what it takes away is contested."""
    concluded = {one.concern: one for one in at.said.of(case, "ReviewConcluded")}
    concerns = [one for one in at.said.of(case, "ConcernRaised") if one.concern not in concluded]
    if not concerns:
        taken = [one for one in concluded.values() if one.finding in ("suspend", "withdraw")]
        if taken and at.likely(50):
            lodge(at, case, "review", taken[-1].concern)
        else:
            who = at.any(at.holders("moderator", "assessor", "chair"))
            role = at.any([one for one, _ in at.said.roles[who]])
            at.do(accreditations.raise_concern, who, role, case=case, text=f"It is not so, {at.dice.random()}.")
        return
    concern = concerns[-1]
    opened = at.said.of(case, "ReviewOpened", "ReviewerRelieved")
    opened = [one for one in opened if one.concern == concern.concern][-1:]
    if not opened or type(opened[0]).__name__ == "ReviewerRelieved" or at.likely(20):
        apart = {concern.raised_by, concern.entered_by, *at.said.parts_before(case, at.said.log[-1].position)}
        reviewers = at.free(at.owner(case), "chair", "moderator", "officer", but=apart)
        officers = at.free(at.owner(case), "officer")
        if reviewers and officers:
            said = {"case": case, "concern": concern.concern, "reviewer": reviewers[0]}
            at.do(accreditations.open_review, officers[0], "officer", **said)
        return
    role = at.any([one for one, _ in at.said.roles[opened[0].reviewer]] or ["chair"])
    said = {"case": case, "concern": concern.concern, "reason": WHY}
    finding = at.any(("no_action", "suspend", "withdraw"))
    at.do(accreditations.conclude_review, opened[0].reviewer, role, finding=finding, **said)


def audit(at: Acting, id: str) -> None:
    """Findings, actions, done and verified."""
    held = at.body.state(id)
    if held.over:
        return
    for case, item in held.unanswered[:2]:
        for member in [one for one in at.free(at.owner(case), "board") if one in held.members][:1]:
            result = at.any(("conforms", "minor", "major"))
            text = None if result == "conforms" else "What was found."
            said = {"case": case, "item": item, "result": result, "text": text}
            at.do(audits.record_finding, member, "board", audit=id, **said)
    for finding in held.bare[:1]:
        for member in [one for one in at.free(at.owner(finding.case), "board") if one in held.members][:1]:
            owner = at.any(at.here.everyone)
            said = {"finding": finding.number, "owner": owner, "to_do": "Say why."}
            at.do(audit_actions.agree_action, member, "board", audit=id, **said)
    for action in held.to_verify[:2]:
        roles = [one for one, _ in at.said.roles[action.owner]]
        if not action.done and roles:
            said = {"action": action.number, "note": "Done."}
            at.do(audit_actions.do_action, action.owner, at.any(roles), audit=id, **said)
        for member in [one for one in held.members if one not in action.hands and action.done][:1]:
            at.do(audit_actions.verify_action, member, "board", audit=id, action=action.number, note="I saw it.")


def risk(at: Acting, id: str) -> None:
    """Reviewed by its owner, and seen by another of the board."""
    held = at.body.state(id)
    if held.unseen:
        others = [one for one in at.holders("board") if not at.said.same(one, held.hands)]
        at.do(risks.see_review, at.any(others or at.holders("board")), "board", risk=id)
    elif roles := [one for one, _ in at.said.roles[held.owner]]:
        said = {"result": at.any(("holds", "changed", "escalated")), "note": WHY, "mitigation": "Others do it."}
        at.do(risks.review_risk, held.owner, roles[0], risk=id, **said)


def proposal(at: Acting, id: str) -> None:
    """Considered by somebody else."""
    held = at.body.state(id)
    others = [one for one in at.holders("quality-manager", "board", "officer") if not at.said.same(one, held.parties)]
    who = at.any(others)
    role = at.any([one for one, _ in at.said.roles[who]])
    at.do(proposals.consider_proposal, who, role, case=id, result=at.any(("accepted", "deferred")), reason=WHY)


def plan(at: Acting, id: str) -> None:
    """Needs found, agreed, and an activity proposed, approved and over."""
    held = at.body.state(id)
    person, managers = held.person, at.free("", "quality-manager")
    live = [one for one in held.activities.values() if one.stage in ("proposed", "approved")]
    open_needs = [need for need in held.needs.values() if need.found and not need.met]
    if not open_needs and managers:
        for manager, source in zip([*managers, *managers], ("appraisal", "observation"), strict=False):
            said = {"person": person, "topic": "bias", "source": source, "text": "More."}
            at.do(development.add_need, manager, "quality-manager", **said)
        at.do(
            development.add_need,
            person,
            role_of(at, person),
            person=person,
            topic="bias",
            source="self-evaluation",
            text="More.",
        )
    for activity in live:
        said = {"person": person, "activity": activity.id}
        if activity.stage == "proposed":
            others = [one for one in managers if not at.said.same(one, {person, activity.proposed_by})]
            at.do(development.approve_activity, at.any(others or managers), "quality-manager", **said)
    if open_needs and not live:
        offer = Offer(
            topics=("bias",), kind="sector", title="A course", trainer="The Academy", quality="accredited",
            statement="Known", minutes=90, cost=12_000, planned_at=at.body.now() + timedelta(days=30),
        )  # fmt: skip
        who, role = (
            (at.any(managers), "quality-manager") if managers and at.likely(60) else (person, role_of(at, person))
        )
        at.do(development.propose_activity, who, role, person=person, offer=offer)


def role_of(at: Acting, person: str) -> str:
    """A role that somebody holds, or held."""
    return at.any(sorted(one for one, _ in at.said.roles[person]) or ["officer"])


DECIDERS = ("quality-manager", "officer", "board")


def letting_go(at: Acting, id: str) -> None:
    """Checked, proposed, approved by two, and gone."""
    held = at.body.state(id)
    who = at.any(at.holders(*DECIDERS))
    role = at.any([one for one in DECIDERS if at.said.holds(who, one)])
    match held.stage:
        case "requested":
            at.do(erasure.check_requester, who, role, case=id, means="in-person")
        case "checked":
            at.do(erasure.propose_erasure, who, role, case=id, shelves=shelves(at))
        case "proposed":
            at.do(retention.approve_letting_go, who, role, case=id)
        case "approved":
            at.do(retention.let_go, who, role, case=id, shelves=shelves(at))


def shelves(at: Acting) -> Any:
    """The shelves, once the read models show all that was recorded."""
    catch_up(at.records)
    return at.shelves


def sample(at: Acting, id: str) -> None:
    """Somebody looks at an assessment of the sample."""
    held = at.body.state(id)
    for number in held.waiting[:2]:
        drawn = held.drawn[number]
        had_part = at.said.parts_before(drawn.case, at.said.log[-1].position)
        for one in at.free(drawn.provider, "quality-manager", but=had_part)[:1]:
            at.do(sampling.record_result, one, "quality-manager", plan=id, number=number, result="sound")


def watched(at: Acting, id: str) -> None:
    """Approved by two others, and signed in the end."""
    held = at.body.state(id)
    if held.stage == "proposed":
        others = at.free(held.provider, *DECIDERS, but={*held.taking_part, *held.approvers})
        for one in others[:1]:
            at.do(
                scrutiny.approve_scrutiny, one, at.any([role for role in DECIDERS if at.said.holds(one, role)]), case=id
            )
    elif held.stage == "in-force" and at.likely(20):
        at.do(scrutiny.sign_scrutiny, held.scrutineer, role_of(at, held.scrutineer), case=id, statement="I saw it.")


STEPS: dict[str, Callable[[Acting, str], None]] = {
    "submission": submission,
    "appeal": appeal,
    "complaint": complaint,
    "accreditation": accreditation,
    "audit": audit,
    "risk": risk,
    "proposal": proposal,
    "development": plan,
    "retention": letting_go,
    "sampling": sample,
    "scrutiny": watched,
}
