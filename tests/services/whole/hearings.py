"""The proper next step of an appeal or a complaint, by those who may."""

from collections.abc import Callable
from typing import Any

from domain.appeal.contested import REMEDIES
from services import (
    affected,
    appeals,
    complaint_handling,
    complaints,
)
from services.appeals import Ruling
from tests import factories
from tests.services.whole.acting import Acting
from tests.services.whole.cases import WHY


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
            cited = {one.criterion: one.sha256 for one in factories.evidence_of(list(judged))}
            said["judgements"] = {
                code: factories.judged_at(at.body, code, level, cited[code]) for code, level in short.items()
            }
    at.do(appeals.decide_appeal, held.chair, "appeals-panel", appeal=id, rulings=rulings, **said)


def _follow(at: Acting, id: str, held: Any, do: Callable[..., bool]) -> None:
    assessors = [one.assessor for one in at.said.of(held.lodging.case, "AssessorAssigned")]
    if held.others is None and assessors:
        do(affected.search_others, causes=[("assessor", assessors[0])], touched=at.touched)
    for other in held.open_others[:2]:
        had_part = at.said.parts_before(held.lodging.case, at.said.log[-1].position)
        dealers = at.free(at.owner(other), "appeals-officer", "officer", but=had_part)
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
