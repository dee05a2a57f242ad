"""Everything that anyone may try, on any case or matter, in any role that they hold or claim."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from domain.conflicts import CONFLICT_KINDS, FACTS
from domain.ids import PROCESS_ROLE, derived_id
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
from services.appeals import Ruling
from services.assessment import Judgement
from services.development import Offer
from services.moderation import Lack
from tests.services.whole.acting import Acting
from tests.services.whole.steps import GROUNDS, WHY, judgements, shelves

DAY = timedelta(days=1)
Try = Callable[[Acting], dict[str, Any]]


def attempt(at: Acting, name: str, *, own: bool = True) -> bool:
    """Have anyone try one of `TRIES`, in a role that they hold, or (not `own`) that they only claim; the same again changes nothing."""
    service, arguments = TRIES[name]
    said = arguments(at)
    actor = said.pop("actor", None) or at.any(_anyone(at))
    held = sorted({role for role, _ in at.said.roles[actor]})
    fitting = [role for role in held if role in FITTING.get(name, ROLES)]
    role = at.any((fitting if at.likely(80) else held) or held or ROLES) if own else at.any(ROLES)
    return at.do(service, actor, role, **said)


def _anyone(at: Acting) -> list[str]:
    return [*at.here.everyone, *at.any([at.here.everyone, [one.contact for one in at.here.providers]])]


def _one(at: Acting, *kinds: str) -> str:
    """A stream of one of these kinds, or an id of which there is none."""
    found = at.streams(*kinds)
    return at.any(found) if found and at.likely(97) else derived_id(kinds[0], "nobody")


def case(at: Acting, stage: str = "") -> str:
    """A submission, at this stage if there is one and the dice will."""
    found = [one for one in at.streams("submission") if not stage or at.body.submission(one).stage.value == stage]
    return at.any(found) if found and at.likely(90) else _one(at, "submission")


def person(at: Acting) -> str:
    """Somebody of the body."""
    return at.any(at.here.everyone)


def of(kind: str, **rest: Callable[[Acting], Any]) -> Try:
    """Arguments whose first, named as services name it, is a stream of this kind."""
    name = {"submission": "case", "accreditation": "case", "scrutiny": "case", "complaint": "case", "proposal": "case"}
    name |= {"retention": "case", "audit": "audit", "appeal": "appeal", "risk": "risk", "sampling": "plan"}
    return lambda at: {name[kind]: _one(at, kind), **{key: make(at) for key, make in rest.items()}}


def at_stage(stage: str, **rest: Callable[[Acting], Any]) -> Try:
    """Arguments whose case is a submission, most often at this stage."""
    return lambda at: {"case": case(at, stage), **{key: make(at) for key, make in rest.items()}}


def why(_: Acting) -> str:
    return WHY


def _who_decides(at: Acting, held: str) -> str:
    """Whoever chairs, handles or owns it, and now and then anybody."""
    state = at.body.state(held)
    named = getattr(state, "chair", "") or getattr(state, "handler", "") or getattr(state, "owner", "")
    return named if named and at.likely(50) else person(at)


def _chaired(make: Callable[[Acting, str, Any], dict[str, Any]], stage: str = "in_moderation") -> Try:
    def arguments(at: Acting) -> dict[str, Any]:
        id = case(at, stage)
        held = at.body.submission(id) if at.said.streams[id] else None
        chair = held.moderation.chair if held and held.moderation else ""
        return {"actor": chair if chair and at.likely(30) else person(at), "case": id, **make(at, id, held)}

    return arguments


def _confirmed(at: Acting, _: str, held: Any) -> dict[str, Any]:
    judged = held.judgements if held and held.judgements else {"1.1": "met"}
    return {"judgements": {code: Judgement(level=level) for code, level in judged.items()}}


def _assessed(at: Acting) -> dict[str, Any]:
    id = at.any(at.streams("submission"))
    held = at.body.submission(id)
    assessor = held.assessor if held.assessor and at.likely(40) else person(at)
    return {"actor": assessor, "case": id, "judgements": judgements(at, id)}


def _meeting(at: Acting) -> dict[str, Any]:
    chairs, panel = at.holders("chair"), at.holders("moderator")
    at.dice.shuffle(panel)
    said = {"scheme": at.body.scheme.id, "starts_at": at.body.now(), "panel": panel[:4]}
    return {**said, "chair": at.any(chairs or panel), "items": [case(at, "awaiting_moderation")]}


def _opening(at: Acting) -> dict[str, Any]:
    id = _one(at, "meeting")
    held = at.body.state(id)
    return {
        "actor": held.chair if held.chair and at.likely(50) else person(at),
        "id": id,
        "present": held.panel or [person(at)],
    }


def _taking_up(at: Acting) -> dict[str, Any]:
    id = _one(at, "meeting")
    held = at.body.state(id)
    actor = held.chair if held.chair and at.likely(60) else person(at)
    return {"actor": actor, "case": at.any(held.items or [case(at)]), "id": id}


def _panel(at: Acting) -> dict[str, Any]:
    named = at.dice.sample(at.here.people["appeals-panel"] if at.likely(80) else at.here.everyone, 3)
    return {"appeal": _one(at, "appeal"), "chair": named[0], "members": named[1:]}


def _ruling(at: Acting) -> dict[str, Any]:
    id = _one(at, "appeal")
    held = at.body.state(id)
    grounds = [one.code for one in held.lodged.grounds] if held.lodged else ["evidence"]
    finding = at.any(("upheld", "dismissed"))
    remedy = at.any(("moderate-again", "assess-again", None))
    rulings = {code: Ruling(finding=finding, reason=WHY) for code in grounds}
    return {"actor": _who_decides(at, id), "appeal": id, "rulings": rulings, "remedy": remedy}


def _other(at: Acting) -> dict[str, Any]:
    id = _one(at, "appeal")
    held = at.body.state(id)
    return {"appeal": id, "other": at.any(list(held.others or ()) or [case(at)])}


def _complaint(at: Acting) -> dict[str, Any]:
    named = [person(at)] if at.likely(60) else []
    said = {"scheme": at.body.scheme.id, "about": "service", "text": "Nobody answers.", "people": named}
    return said | {"about": "case", "case": case(at)} if at.likely(40) else said


def _committee(at: Acting) -> dict[str, Any]:
    named = at.dice.sample(at.holders("board", "quality-manager", "chair", "moderator"), 3)
    return {"case": _one(at, "complaint"), "chair": named[0], "members": named}


def _reviewed(at: Acting) -> dict[str, Any]:
    id = _one(at, "accreditation")
    known = [one.concern for one in at.said.of(id, "ConcernRaised")] or [derived_id("concern", "none")]
    return {"case": id, "concern": at.any(known)}


def _concluded(at: Acting) -> dict[str, Any]:
    said = _reviewed(at)
    reviewers = [one.reviewer for one in at.said.of(said["case"], "ReviewOpened")]
    actor = at.any(reviewers) if reviewers and at.likely(50) else person(at)
    return said | {"actor": actor, "finding": at.any(("no_action", "suspend", "withdraw", "reinstate")), "reason": WHY}


def _finding(at: Acting) -> dict[str, Any]:
    id = _one(at, "audit")
    sampled = list(at.body.state(id).sampled) or [case(at)]
    return {"audit": id, "case": at.any(sampled) if at.likely(90) else case(at), "item": "reasons"}


def _action(at: Acting) -> dict[str, Any]:
    id = _one(at, "audit")
    actions = list(at.body.state(id).actions.values())
    action = at.any(actions) if actions else None
    actor = action.owner if action and at.likely(30) else person(at)
    return {"actor": actor, "audit": id, "action": action.number if action else 1}


def _declaring(at: Acting) -> dict[str, Any]:
    who = person(at)
    actor = who if at.likely(70) else person(at)
    return {"actor": actor, "id": who, "provider": at.any(at.here.providers).id}


def _fact(at: Acting) -> dict[str, Any]:
    now = at.body.now()
    until = now - at.dice.randrange(1, 2000) * DAY if at.likely(50) else None
    said = {"kind": at.any(FACTS), "from_at": now - 3000 * DAY, "until_at": until}
    return _declaring(at) | said


def _correcting(at: Acting) -> dict[str, Any]:
    known = [(who, number) for who, facts in at.said.facts.items() for number in facts]
    who, number = at.any(known) if known else (person(at), 1)
    said = {"id": who, "number": number, "from_at": at.body.now() - 3000 * DAY, "reason": WHY}
    return said | {"stands": at.likely(50), "until_at": at.body.now() - at.dice.randrange(1, 2000) * DAY}


def _lifting(at: Acting) -> dict[str, Any]:
    known = [(who, *key) for who, ties in at.said.declared.items() for key in ties]
    who, provider, kind = at.any(known) if known else (person(at), at.any(at.here.providers).id, "declared")
    return {"actor": who if at.likely(30) else person(at), "id": who, "provider": provider, "kind": kind, "reason": WHY}


def _linking(at: Acting) -> dict[str, Any]:
    pair = list(at.here.twins) if at.likely(70) else at.dice.sample(at.here.everyone, 2)
    at.dice.shuffle(pair)
    return {"goes_on": pair[0], "other": pair[1], "reason": WHY}


def _role(at: Acting) -> dict[str, Any]:
    role = at.any(ROLES)
    who = person(at)
    said = {"id": who, "role": role, "scheme": at.any((None, at.body.scheme.id))}
    return said | {"actor": who if at.likely(30) else person(at)}


def _ending(at: Acting) -> dict[str, Any]:
    who = person(at)
    role, scheme = at.any(sorted(at.said.roles[who], key=str) or [("assessor", None)])
    return {"id": who, "role": role, "scheme": scheme}


def _moving(at: Acting) -> dict[str, Any]:
    running = [
        (id, task)
        for id in at.streams("appeal", "complaint", "audit", "risk", "proposal", "retention", "scrutiny", "development")
        for task in at.body.state(id).tasks.running.values()
    ]
    id, task = at.any(running)
    return {"case": id, "rule": task.rule, "about": task.about, "until": task.due_at + 3 * DAY, "reason": WHY}


def _watching(at: Acting) -> dict[str, Any]:
    """Of all who have a conflict with a provider, somebody is to act in one of its cases all the same."""
    cases = at.streams("submission")
    of_some = [
        one for one in cases if any(at.said.conflict(who, at.owner(one), at.body.now()) for who in at.here.everyone)
    ]
    id = at.any(of_some or cases)
    conflicted = [who for who in at.here.everyone if at.said.conflict(who, at.owner(id), at.body.now())]
    who = at.any(conflicted or at.here.everyone)
    fitting = [one for one, _ in at.said.roles[who] if one in ("officer", "assessor", "moderator", "chair")]
    free = at.free(at.owner(id), *ROLES) or at.here.everyone
    said = {"person": who, "case": id, "role": at.any(sorted(fitting) or ["officer"]), "scrutineer": free[0]}
    return said | {"reason": WHY}


def _activity(at: Acting) -> dict[str, Any]:
    id = at.any(at.streams("development"))
    held = at.body.state(id)
    known = list(held.activities) or [derived_id("activity", "none")]
    return {"person": held.person, "activity": at.any(known)}


def _offered(at: Acting) -> dict[str, Any]:
    offer = Offer(
        topics=("bias",), kind="sector", title="A course", trainer="The Academy", quality="accredited",
        statement="Known", minutes=90, cost=12_000, planned_at=at.body.now() + 30 * DAY,
    )  # fmt: skip
    return {"person": _activity(at)["person"], "offer": offer}


def _sampled(at: Acting) -> dict[str, Any]:
    id = _one(at, "sampling")
    numbers = list(at.body.state(id).drawn) or [1]
    return {"plan": id, "number": at.any(numbers)}


def _letting(at: Acting) -> dict[str, Any]:
    return {"case": _one(at, "retention"), "shelves": shelves(at)}


def _subject(at: Acting) -> str:
    return at.any([case(at), at.any(at.here.providers).id, person(at)])


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
    "judge": (assessment.judge, _assessed),
    "judge blind": (calibration.judge_blind, _assessed),
    "complete": (assessment.complete_assessment, at_stage("in_assessment", minutes_spent=lambda _: 9)),
    "decline blind": (calibration.decline_blind, at_stage("in_assessment")),
    "end an assignment": (handover.end_assignment, at_stage("in_assessment", reason=why)),
    "schedule a meeting": (moderation.schedule_meeting, _meeting),
    "open a meeting": (moderation.open_meeting, _opening),
    "take up": (moderation.take_up, _taking_up),
    "hand over an item": (items.hand_over_item, _chaired(lambda at, _, __: {"to": person(at), "reason": WHY})),
    "adjourn": (items.adjourn_item, _chaired(lambda _, __, ___: {"reason": WHY})),
    "rule it out": (items.find_outside_definition, _chaired(lambda _, __, ___: {"reason": WHY})),
    "moderate": (moderation.moderate, _chaired(_confirmed)),
    "ask for evidence": (
        moderation.request_evidence,
        _chaired(lambda _, __, ___: {"criteria": ["1.1"], "wanted": WHY}),
    ),
    "decide": (moderation.decide, _chaired(lambda _, __, ___: {})),
    "approve a report": (
        moderation.approve_report,
        _chaired(lambda _, __, ___: {"lacks": {"1.1": Lack(lacking="practice", missing=WHY)}}, "decided"),
    ),
    "lodge an appeal": (
        appeals.lodge_appeal,
        at_stage("decided", contested=lambda _: "result", grounds=lambda at: {at.any(GROUNDS): WHY}),
    ),
    "withdraw an appeal": (appeals.withdraw_appeal, of("appeal", reason=why)),
    "acknowledge an appeal": (appeals.acknowledge_appeal, of("appeal")),
    "admit an appeal": (appeals.admit_appeal, of("appeal", reason=why)),
    "refuse an appeal": (appeals.refuse_appeal, of("appeal", reason=why)),
    "name a panel": (appeals.name_panel, _panel),
    "leave a panel": (appeals.leave_panel, of("appeal", reason=why)),
    "take somebody off a panel": (appeals.leave_panel, of("appeal", reason=why, person=person)),
    "decide an appeal": (appeals.decide_appeal, _ruling),
    "close a remedy": (appeals.close_remedy, of("appeal")),
    "deal with another": (affected.deal_with_other, lambda at: _other(at) | {"action": "told", "done": WHY}),
    "close another": (affected.close_other, _other),
    "name what follows": (
        affected.cpd_follows,
        of("appeal", topic=lambda _: "bias", needs=lambda at: {person(at): "More."}),
    ),
    "complain": (complaints.raise_complaint, _complaint),
    "enter a complaint": (complaints.enter_complaint, _complaint),
    "name somebody": (complaints.name_person, of("complaint", person=person)),
    "take it further": (complaints.escalate_complaint, of("complaint", reason=why)),
    "withdraw a complaint": (complaints.withdraw_complaint, of("complaint")),
    "acknowledge a complaint": (complaint_handling.acknowledge_complaint, of("complaint")),
    "hand it on": (complaint_handling.hand_to, of("complaint", to=person, reason=why)),
    "answer a complaint": (
        complaint_handling.answer_complaint,
        of("complaint", outcome=lambda _: "upheld", reason=why, done=why),
    ),
    "form a committee": (complaint_handling.form_committee, _committee),
    "decide a complaint": (
        complaint_handling.decide_complaint,
        of("complaint", outcome=lambda _: "not-upheld", reason=why),
    ),
    "follow up a complaint": (
        complaint_handling.name_follow_up,
        of("complaint", person=person, topic=lambda _: "bias", need=why),
    ),
    "name an affected case": (complaint_handling.name_affected_case, of("complaint", affected=case, note=why)),
    "raise a concern": (accreditations.raise_concern, of("accreditation", text=lambda at: f"No, {at.dice.random()}.")),
    "enter a concern": (
        accreditations.raise_concern,
        of("accreditation", text=lambda at: f"No, {at.dice.random()}.", from_outside=lambda _: True),
    ),
    "open a review": (accreditations.open_review, lambda at: _reviewed(at) | {"reviewer": person(at)}),
    "conclude a review": (accreditations.conclude_review, _concluded),
    "answer a concern": (accreditations.answer_concern, lambda at: _reviewed(at) | {"text": WHY}),
    "look at a case": (audits.look_at, lambda at: {key: said for key, said in _finding(at).items() if key != "item"}),
    "record a finding": (audits.record_finding, lambda at: _finding(at) | {"result": "major", "text": WHY}),
    "replace a finding": (
        audits.supersede_finding,
        of("audit", finding=lambda _: 1, result=lambda _: "conforms", reason=why),
    ),
    "replace the hidden": (audits.replace_hidden, of("audit")),
    "agree an action": (audit_actions.agree_action, of("audit", finding=lambda _: 1, owner=person, to_do=why)),
    "give an action": (audit_actions.give_action, lambda at: _action(at) | {"owner": person(at), "reason": WHY}),
    "do an action": (audit_actions.do_action, lambda at: _action(at) | {"note": WHY}),
    "verify an action": (audit_actions.verify_action, lambda at: _action(at) | {"note": WHY}),
    "return an action": (audit_actions.return_action, lambda at: _action(at) | {"reason": WHY}),
    "draw a sample": (sampling.draw_sample, lambda at: {"case": _one(at, "sampling")}),
    "ask to look": (sampling.ask_to_look, lambda at: _sampled(at) | {"looker": person(at)}),
    "record a result": (sampling.record_result, lambda at: _sampled(at) | {"result": "sound"}),
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
    "propose scrutiny": (scrutiny.propose_scrutiny, _watching),
    "approve scrutiny": (scrutiny.approve_scrutiny, of("scrutiny")),
    "end scrutiny": (scrutiny.end_scrutiny, of("scrutiny", reason=why)),
    "sign scrutiny": (scrutiny.sign_scrutiny, of("scrutiny", statement=why)),
    "agree a plan": (development.agree_plan, lambda at: {"person": _activity(at)["person"]}),
    "propose an activity": (development.propose_activity, _offered),
    "approve an activity": (development.approve_activity, _activity),
    "decline an activity": (development.decline_activity, lambda at: _activity(at) | {"reason": WHY}),
    "review impact": (
        development.review_impact,
        lambda at: _activity(at) | {"impact": "had", "note": WHY},
    ),
    "complete an activity": (
        development.complete_activity,
        lambda at: _activity(at) | {"done_at": at.body.now(), "minutes": 90},
    ),
    "ask to be erased": (erasure.request_erasure, lambda at: {"subject": person(at)}),
    "check a requester": (erasure.check_requester, of("retention", means=lambda _: "in-person")),
    "propose erasure": (erasure.propose_erasure, _letting),
    "approve erasure": (retention.approve_letting_go, of("retention")),
    "decline erasure": (retention.decline_letting_go, of("retention", reason=why)),
    "let go": (retention.let_go, _letting),
    "hold": (retention.hold, lambda at: {"subject": _subject(at), "ground": "legal-claim", "reason": WHY}),
    "declare a conflict": (people.declare_conflict, lambda at: _declaring(at) | {"kind": at.any(CONFLICT_KINDS)}),
    "record a fact": (conflicts.record_fact, _fact),
    "correct a fact": (conflicts.correct_fact, _correcting),
    "lift a conflict": (conflicts.lift_conflict, _lifting),
    "link accounts": (accounts.link_accounts, _linking),
    "give a role": (people.give_role, _role),
    "end a role": (people.end_role, _ending),
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
    "move a task": (matters.move_task, _moving),
    "pose as a process": (
        matters.remind_task,
        lambda at: {"actor": person(at), "case": _one(at, "appeal", "complaint")},
    ),
}
"""What may be tried: a service, and what it is told by the dice."""

OFFICE = ("officer", "quality-manager")
FITTING: dict[str, tuple[str, ...]] = {
    "link accounts": OFFICE,
    "correct a fact": OFFICE,
    "lift a conflict": OFFICE,
    "move a task": matters.MOVERS,
    "give a role": OFFICE,
    "record training": OFFICE,
    "pose as a process": (PROCESS_ROLE,),
}
"""The roles in which something is done at all, where nobody could otherwise be counted on to try it in one of them."""
