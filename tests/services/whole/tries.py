"""Everything that anyone may try, on any case or matter, in any role that they hold or claim."""

from collections.abc import Callable
from typing import Any

from domain.conflicts import CONFLICT_KINDS
from domain.person import ROLES, TRAINING_KINDS
from services import (
    accounts,
    accreditations,
    affected,
    appeals,
    assessment,
    audit_actions,
    audits,
    calibration,
    competence,
    complaint_handling,
    complaints,
    conflicts,
    development,
    erasure,
    handover,
    items,
    matters,
    moderation,
    people,
    preparation,
    proposals,
    retention,
    risks,
    sampling,
    screening,
    scrutiny,
    support,
)
from services.moderation import Lack
from tests.services.whole.acting import Acting
from tests.services.whole.arguments import (
    DAY,
    Try,
    action_said,
    activity_said,
    assessed_said,
    at_stage,
    case,
    chaired_said,
    committee_said,
    complaint_said,
    concluded_said,
    confirmed_said,
    correcting_said,
    declaring_said,
    ending_said,
    fact_said,
    finding_said,
    letting_said,
    lifting_said,
    linking_said,
    meeting_said,
    moving_said,
    of,
    offered_said,
    one_of,
    opening_said,
    other_said,
    panel_said,
    person,
    reviewed_said,
    role_said,
    ruling_said,
    sampled_said,
    subject_said,
    taking_up_said,
    watching_said,
    why,
)
from tests.services.whole.cases import GROUNDS, WHY


def attempt(at: Acting, name: str, *, own: bool = True) -> bool:
    """Have anyone try one of `TRIES`, in a role that they hold, or (not `own`) that they only claim.

    Where it is not for their role, somebody in the role that it is for tries the same, rather one who should not.
    """
    service, arguments = TRIES[name]
    said = arguments(at)
    actor = said.pop("actor", None) or at.any(_anyone(at))
    role = at.any(sorted({one for one, _ in at.said.roles[actor]}) or ROLES) if own else at.any(ROLES)
    if at.do(service, actor, role, **said):
        return True
    if at.refused is None or at.refused.rule != "acting-role":
        return False
    wanted = [one for one in ROLES if one in (at.refused.allowed or "").rpartition("someone who is")[2].split()]
    holders = at.holders(*wanted)
    suspects = [one for one in holders if _suspect(at, one, said)]
    return bool(holders) and at.do(
        service, at.any(suspects if suspects and at.likely(60) else holders), wanted[0], **said
    )


def _suspect(at: Acting, who: str, said: dict[str, Any]) -> bool:
    """Whether somebody has a conflict, or had a part, in what something is about."""
    for stream in [one for one in said.values() if isinstance(one, str) and one in at.said.streams]:
        if at.said.conflict(who, at.owner(stream), at.body.now()) or at.said.same(
            who, [one for _, one in at.said.parts[stream]]
        ):
            return True
        if any(
            one.case and at.said.same(who, at.said.parts_before(one.case, one.position))
            for one in at.said.of(stream, "AppealLodged")
        ):
            return True
    return who in at.here.twins


def _anyone(at: Acting) -> list[str]:
    return [*at.here.everyone, *at.any([at.here.everyone, [one.contact for one in at.here.providers]])]


TRIES: dict[str, tuple[Callable[..., Any], Try]] = {
    "pass screening": (screening.pass_screening, at_stage("screening")),
    "return it": (screening.return_portfolio, at_stage("screening", reason=why)),
    "find it ineligible": (screening.find_ineligible, at_stage("screening", reason=why)),
    "waive a fee": (preparation.waive_fee, at_stage("preparing", kind=lambda _: "registration", reason=why)),
    "pay a fee": (preparation.pay_fee, at_stage("preparing", kind=lambda _: "registration", amount=lambda _: 20000)),
    "give more time": (
        preparation.extend_deadline,
        at_stage("in_assessment", until=lambda at: at.body.now() + 60 * DAY, reason=why),
    ),
    "guide": (support.give_guidance, at_stage("preparing", criteria=lambda _: ["1.1"], text=why)),
    "withdraw": (preparation.withdraw, at_stage("preparing", reason=why)),
    "ask": (support.ask_question, at_stage("in_assessment", text=why)),
    "accept": (assessment.accept_assignment, at_stage("in_assessment")),
    "decline": (assessment.decline_assignment, at_stage("in_assessment")),
    "judge": (assessment.judge, assessed_said),
    "judge blind": (calibration.judge_blind, assessed_said),
    "complete": (assessment.complete_assessment, at_stage("in_assessment", minutes_spent=lambda _: 9)),
    "decline blind": (calibration.decline_blind, at_stage("in_assessment")),
    "end an assignment": (handover.end_assignment, at_stage("in_assessment", reason=why)),
    "schedule a meeting": (moderation.schedule_meeting, meeting_said),
    "open a meeting": (moderation.open_meeting, opening_said),
    "take up": (moderation.take_up, taking_up_said),
    "hand over an item": (items.hand_over_item, chaired_said(lambda at, _, __: {"to": person(at), "reason": WHY})),
    "adjourn": (items.adjourn_item, chaired_said(lambda _, __, ___: {"reason": WHY})),
    "rule it out": (items.find_outside_definition, chaired_said(lambda _, __, ___: {"reason": WHY})),
    "moderate": (moderation.moderate, chaired_said(confirmed_said)),
    "ask for evidence": (
        moderation.request_evidence,
        chaired_said(lambda _, __, ___: {"criteria": ["1.1"], "wanted": WHY}),
    ),
    "decide": (moderation.decide, chaired_said(lambda _, __, ___: {})),
    "approve a report": (
        moderation.approve_report,
        chaired_said(lambda _, __, ___: {"lacks": {"1.1": Lack(lacking="practice", missing=WHY)}}, "decided"),
    ),
    "lodge an appeal": (
        appeals.lodge_appeal,
        at_stage("decided", contested=lambda _: "result", grounds=lambda at: {at.any(GROUNDS): WHY}),
    ),
    "withdraw an appeal": (appeals.withdraw_appeal, of("appeal", reason=why)),
    "acknowledge an appeal": (appeals.acknowledge_appeal, of("appeal")),
    "admit an appeal": (appeals.admit_appeal, of("appeal", reason=why)),
    "refuse an appeal": (appeals.refuse_appeal, of("appeal", reason=why)),
    "name a panel": (appeals.name_panel, panel_said),
    "leave a panel": (appeals.leave_panel, of("appeal", reason=why)),
    "take somebody off a panel": (appeals.leave_panel, of("appeal", reason=why, person=person)),
    "decide an appeal": (appeals.decide_appeal, ruling_said),
    "close a remedy": (appeals.close_remedy, of("appeal")),
    "deal with another": (affected.deal_with_other, lambda at: other_said(at) | {"action": "told", "done": WHY}),
    "close another": (affected.close_other, other_said),
    "name what follows": (
        affected.cpd_follows,
        of("appeal", topic=lambda _: "bias", needs=lambda at: {person(at): "More."}),
    ),
    "complain": (complaints.raise_complaint, complaint_said),
    "enter a complaint": (complaints.enter_complaint, complaint_said),
    "name somebody": (complaints.name_person, of("complaint", person=person)),
    "take it further": (complaints.escalate_complaint, of("complaint", reason=why)),
    "withdraw a complaint": (complaints.withdraw_complaint, of("complaint")),
    "acknowledge a complaint": (complaint_handling.acknowledge_complaint, of("complaint")),
    "hand it on": (complaint_handling.hand_to, of("complaint", to=person, reason=why)),
    "answer a complaint": (
        complaint_handling.answer_complaint,
        of("complaint", outcome=lambda _: "upheld", reason=why, done=why),
    ),
    "form a committee": (complaint_handling.form_committee, committee_said),
    "decide a complaint": (
        complaint_handling.decide_complaint,
        of("complaint", outcome=lambda _: "not-upheld", reason=why),
    ),
    "follow up a complaint": (
        complaint_handling.name_follow_up,
        of("complaint", person=person, topic=lambda _: "bias", need=why),
    ),
    "name an affected case": (complaint_handling.name_affected_case, of("complaint", affected=case, note=why)),
    "deal with an affected case": (
        complaint_handling.deal_with_affected,
        of("complaint", affected=case, action=lambda _: "told", done=why),
    ),
    "close an affected case": (complaint_handling.close_affected, of("complaint", affected=case)),
    "raise a concern": (accreditations.raise_concern, of("accreditation", text=lambda at: f"No, {at.dice.random()}.")),
    "enter a concern": (
        accreditations.raise_concern,
        of("accreditation", text=lambda at: f"No, {at.dice.random()}.", from_outside=lambda _: True),
    ),
    "open a review": (accreditations.open_review, lambda at: reviewed_said(at) | {"reviewer": person(at)}),
    "conclude a review": (accreditations.conclude_review, concluded_said),
    "answer a concern": (accreditations.answer_concern, lambda at: reviewed_said(at) | {"text": WHY}),
    "look at a case": (
        audits.look_at,
        lambda at: {key: said for key, said in finding_said(at).items() if key != "item"},
    ),
    "record a finding": (audits.record_finding, lambda at: finding_said(at) | {"result": "major", "text": WHY}),
    "replace a finding": (
        audits.supersede_finding,
        of("audit", finding=lambda _: 1, result=lambda _: "conforms", reason=why),
    ),
    "replace the hidden": (audits.replace_hidden, of("audit")),
    "agree an action": (audit_actions.agree_action, of("audit", finding=lambda _: 1, owner=person, to_do=why)),
    "give an action": (audit_actions.give_action, lambda at: action_said(at) | {"owner": person(at), "reason": WHY}),
    "do an action": (audit_actions.do_action, lambda at: action_said(at) | {"note": WHY}),
    "verify an action": (audit_actions.verify_action, lambda at: action_said(at) | {"note": WHY}),
    "return an action": (audit_actions.return_action, lambda at: action_said(at) | {"reason": WHY}),
    "draw a sample": (sampling.draw_sample, lambda at: {"case": one_of(at, "sampling")}),
    "ask to look": (sampling.ask_to_look, lambda at: sampled_said(at) | {"looker": person(at)}),
    "record a result": (sampling.record_result, lambda at: sampled_said(at) | {"result": "sound"}),
    "register a risk": (
        risks.register_risk,
        lambda at: {
            "kind": "familiarity",
            "description": WHY,
            "likelihood": "high",
            "impact": "low",
            "owner": person(at),
            "mitigation": WHY,
        },
    ),
    "review a risk": (risks.review_risk, of("risk", result=lambda _: "holds", note=why)),
    "see a review": (risks.see_review, of("risk")),
    "return a review": (risks.return_review, of("risk", reason=why)),
    "name an owner": (risks.name_owner, of("risk", owner=person, reason=why)),
    "close a risk": (risks.close_risk, of("risk", reason=why)),
    "consider a proposal": (proposals.consider_proposal, of("proposal", result=lambda _: "accepted", reason=why)),
    "propose scrutiny": (scrutiny.propose_scrutiny, watching_said),
    "approve scrutiny": (scrutiny.approve_scrutiny, of("scrutiny")),
    "end scrutiny": (scrutiny.end_scrutiny, of("scrutiny", reason=why)),
    "sign scrutiny": (scrutiny.sign_scrutiny, of("scrutiny", statement=why)),
    "agree a plan": (development.agree_plan, lambda at: {"person": activity_said(at)["person"]}),
    "propose an activity": (development.propose_activity, offered_said),
    "approve an activity": (development.approve_activity, activity_said),
    "decline an activity": (development.decline_activity, lambda at: activity_said(at) | {"reason": WHY}),
    "review impact": (
        development.review_impact,
        lambda at: activity_said(at) | {"impact": "had", "note": WHY},
    ),
    "complete an activity": (
        development.complete_activity,
        lambda at: activity_said(at) | {"done_at": at.body.now(), "minutes": 90},
    ),
    "ask to be erased": (erasure.request_erasure, lambda at: {"subject": person(at)}),
    "check a requester": (erasure.check_requester, of("retention", means=lambda _: "in-person")),
    "propose erasure": (erasure.propose_erasure, letting_said),
    "approve erasure": (retention.approve_letting_go, of("retention")),
    "decline erasure": (retention.decline_letting_go, of("retention", reason=why)),
    "let go": (retention.let_go, letting_said),
    "hold": (retention.hold, lambda at: {"subject": subject_said(at), "ground": "legal-claim", "reason": WHY}),
    "declare a conflict": (people.declare_conflict, lambda at: declaring_said(at) | {"kind": at.any(CONFLICT_KINDS)}),
    "record a fact": (conflicts.record_fact, fact_said),
    "correct a fact": (conflicts.correct_fact, correcting_said),
    "lift a conflict": (conflicts.lift_conflict, lifting_said),
    "link accounts": (accounts.link_accounts, linking_said),
    "give a role": (people.give_role, role_said),
    "end a role": (people.end_role, ending_said),
    "record training": (
        people.record_training,
        lambda at: {
            "id": person(at),
            "kind": at.any(TRAINING_KINDS),
            "scheme": at.body.scheme.id,
            "expires_at": at.body.now() + 400 * DAY,
        },
    ),
    "be away": (people.set_availability, lambda at: {"available": at.likely(50)}),
    "state a credential": (
        competence.state_credential,
        lambda at: {"id": person(at), "topic": "experience", "kind": "leading", "text": WHY},
    ),
    "verify a credential": (
        competence.verify_credential,
        lambda at: {"id": person(at), "topic": "experience", "kind": "leading"},
    ),
    "move a task": (matters.move_task, moving_said),
    "pose as a process": (
        matters.remind_task,
        lambda at: {"actor": person(at), "case": one_of(at, "appeal", "complaint")},
    ),
}
"""What may be tried: a service, and what it is told by the dice."""
