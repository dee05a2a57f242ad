"""The proper next step of a case or matter, by those who may: so that it gets somewhere."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from infra.projector import catch_up
from services import (
    accreditations,
    audit_actions,
    audits,
    development,
    erasure,
    proposals,
    retention,
    risks,
    sampling,
    scrutiny,
)
from services.development import Offer
from tests.services.whole.acting import Acting
from tests.services.whole.cases import WHY, lodge, submission
from tests.services.whole.hearings import appeal, complaint


def step(at: Acting, stream: str) -> None:
    """Take the next step of a case or matter."""
    at.process(stream)
    STEPS[stream.partition("-")[0]](at, stream)
    if not stream.startswith("calibration"):
        at.process(stream)


def accreditation(at: Acting, case: str) -> None:
    """A concern is raised, reviewed and concluded; what it takes away is contested."""
    concluded = {one.concern: one for one in at.said.of(case, "ReviewConcluded")}
    concerns = [one for one in at.said.of(case, "ConcernRaised") if one.concern not in concluded]
    if not concerns:
        taken = [one for one in concluded.values() if one.finding in ("suspend", "withdraw")]
        if taken and at.likely(40):
            lodge(at, case, "review", taken[-1].concern)
        elif at.likely(30):
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
        for manager, source in zip([*managers, *managers], ("appraisal", "sampling"), strict=False):
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
