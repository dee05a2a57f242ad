"""What anyone says who tries something: a case or matter, people, and what else is asked, by the dice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from domain.conflicts import FACTS
from domain.ids import derived_id
from domain.person import ROLES
from services.appeals import Ruling
from services.assessment import Judgement
from services.development import Offer
from tests.services.whole.acting import Acting
from tests.services.whole.cases import WHY, judgements
from tests.services.whole.steps import shelves

DAY = timedelta(days=1)
Try = Callable[[Acting], dict[str, Any]]


def one_of(at: Acting, *kinds: str) -> str:
    """A stream of one of these kinds, or an id of which there is none."""
    found = at.streams(*kinds)
    return at.any(found) if found and at.likely(97) else derived_id(kinds[0], "nobody")


def case(at: Acting, stage: str = "") -> str:
    """A submission, at this stage if there is one and the dice will."""
    found = [one for one in at.streams("submission") if not stage or at.body.submission(one).stage.value == stage]
    return at.any(found) if found and at.likely(90) else one_of(at, "submission")


def person(at: Acting) -> str:
    """Somebody of the body."""
    return at.any(at.here.everyone)


def of(kind: str, **rest: Callable[[Acting], Any]) -> Try:
    """Arguments whose first, named as services name it, is a stream of this kind."""
    name = {"submission": "case", "accreditation": "case", "scrutiny": "case", "complaint": "case", "proposal": "case"}
    name |= {"retention": "case", "audit": "audit", "appeal": "appeal", "risk": "risk", "sampling": "plan"}
    return lambda at: {name[kind]: one_of(at, kind), **{key: make(at) for key, make in rest.items()}}


def at_stage(stage: str, **rest: Callable[[Acting], Any]) -> Try:
    """Arguments whose case is a submission, most often at this stage."""
    return lambda at: {"case": case(at, stage), **{key: make(at) for key, make in rest.items()}}


def why(_: Acting) -> str:
    return WHY


def who_decides_said(at: Acting, held: str) -> str:
    """Whoever chairs, handles or owns it, and now and then anybody."""
    state = at.body.state(held)
    named = getattr(state, "chair", "") or getattr(state, "handler", "") or getattr(state, "owner", "")
    return named if named and at.likely(50) else person(at)


def chaired_said(make: Callable[[Acting, str, Any], dict[str, Any]], stage: str = "in_moderation") -> Try:
    def arguments(at: Acting) -> dict[str, Any]:
        id = case(at, stage)
        held = at.body.submission(id) if id in at.said.streams else None
        chair = held.moderation.chair if held and held.moderation else ""
        return {"actor": chair if chair and at.likely(30) else person(at), "case": id, **make(at, id, held)}

    return arguments


def confirmed_said(at: Acting, _: str, held: Any) -> dict[str, Any]:
    judged = held.judgements if held and held.judgements else {"1.1": "met"}
    return {"judgements": {code: Judgement(level=level) for code, level in judged.items()}}


def assessed_said(at: Acting) -> dict[str, Any]:
    id = at.any(at.streams("submission"))
    held = at.body.submission(id)
    assessor = held.assessor if held.assessor and at.likely(40) else person(at)
    return {"actor": assessor, "case": id, "judgements": judgements(at, id)}


def meeting_said(at: Acting) -> dict[str, Any]:
    chairs, panel = at.holders("chair"), at.holders("moderator")
    at.dice.shuffle(panel)
    said = {"scheme": at.body.scheme.id, "starts_at": at.body.now(), "panel": panel[:4]}
    return {**said, "chair": at.any(chairs or panel), "items": [case(at, "awaiting_moderation")]}


def opening_said(at: Acting) -> dict[str, Any]:
    id = one_of(at, "meeting")
    held = at.body.state(id)
    return {
        "actor": held.chair if held.chair and at.likely(50) else person(at),
        "id": id,
        "present": held.panel or [person(at)],
    }


def taking_up_said(at: Acting) -> dict[str, Any]:
    id = one_of(at, "meeting")
    held = at.body.state(id)
    actor = held.chair if held.chair and at.likely(60) else person(at)
    return {"actor": actor, "case": at.any(held.items or [case(at)]), "id": id}


def panel_said(at: Acting) -> dict[str, Any]:
    named = at.dice.sample(at.here.people["appeals-panel"] if at.likely(80) else at.here.everyone, 3)
    return {"appeal": one_of(at, "appeal"), "chair": named[0], "members": named[1:]}


def ruling_said(at: Acting) -> dict[str, Any]:
    id = one_of(at, "appeal")
    held = at.body.state(id)
    grounds = [one.code for one in held.lodged.grounds] if held.lodged else ["evidence"]
    finding = at.any(("upheld", "dismissed"))
    remedy = at.any(("moderate-again", "assess-again", None))
    rulings = {code: Ruling(finding=finding, reason=WHY) for code in grounds}
    return {"actor": who_decides_said(at, id), "appeal": id, "rulings": rulings, "remedy": remedy}


def other_said(at: Acting) -> dict[str, Any]:
    id = one_of(at, "appeal")
    held = at.body.state(id)
    return {"appeal": id, "other": at.any(list(held.others or ()) or [case(at)])}


def complaint_said(at: Acting) -> dict[str, Any]:
    named = [person(at)] if at.likely(60) else []
    said = {"scheme": at.body.scheme.id, "about": "service", "text": "Nobody answers.", "people": named}
    return said | {"about": "case", "case": case(at)} if at.likely(40) else said


def committee_said(at: Acting) -> dict[str, Any]:
    named = at.dice.sample(at.holders("board", "quality-manager", "chair", "moderator"), 3)
    return {"case": one_of(at, "complaint"), "chair": named[0], "members": named}


def reviewed_said(at: Acting) -> dict[str, Any]:
    id = one_of(at, "accreditation")
    known = [one.concern for one in at.said.of(id, "ConcernRaised")] or [derived_id("concern", "none")]
    return {"case": id, "concern": at.any(known)}


def concluded_said(at: Acting) -> dict[str, Any]:
    said = reviewed_said(at)
    reviewers = [one.reviewer for one in at.said.of(said["case"], "ReviewOpened")]
    actor = at.any(reviewers) if reviewers and at.likely(50) else person(at)
    return said | {"actor": actor, "finding": at.any(("no_action", "suspend", "withdraw", "reinstate")), "reason": WHY}


def finding_said(at: Acting) -> dict[str, Any]:
    id = one_of(at, "audit")
    sampled = list(at.body.state(id).sampled) or [case(at)]
    return {"audit": id, "case": at.any(sampled) if at.likely(90) else case(at), "item": "reasons"}


def action_said(at: Acting) -> dict[str, Any]:
    id = one_of(at, "audit")
    actions = list(at.body.state(id).actions.values())
    action = at.any(actions) if actions else None
    actor = action.owner if action and at.likely(30) else person(at)
    return {"actor": actor, "audit": id, "action": action.number if action else 1}


def declaring_said(at: Acting) -> dict[str, Any]:
    who = person(at)
    actor = who if at.likely(70) else person(at)
    return {"actor": actor, "id": who, "provider": at.any(at.here.providers).id}


def fact_said(at: Acting) -> dict[str, Any]:
    now = at.body.now()
    until = now - at.dice.randrange(1, 2000) * DAY if at.likely(50) else None
    said = {"kind": at.any(FACTS), "from_at": now - 3000 * DAY, "until_at": until}
    return declaring_said(at) | said


def correcting_said(at: Acting) -> dict[str, Any]:
    known = [(who, number) for who, facts in at.said.facts.items() for number in facts]
    who, number = at.any(known) if known else (person(at), 1)
    said = {"id": who, "number": number, "from_at": at.body.now() - 3000 * DAY, "reason": WHY}
    return said | {"stands": at.likely(50), "until_at": at.body.now() - at.dice.randrange(1, 2000) * DAY}


def lifting_said(at: Acting) -> dict[str, Any]:
    known = [(who, *key) for who, ties in at.said.declared.items() for key in ties]
    who, provider, kind = at.any(known) if known else (person(at), at.any(at.here.providers).id, "declared")
    return {"actor": who if at.likely(30) else person(at), "id": who, "provider": provider, "kind": kind, "reason": WHY}


def linking_said(at: Acting) -> dict[str, Any]:
    pair = list(at.here.twins) if at.likely(70) else at.dice.sample(at.here.everyone, 2)
    at.dice.shuffle(pair)
    return {"goes_on": pair[0], "other": pair[1], "reason": WHY}


def role_said(at: Acting) -> dict[str, Any]:
    role = at.any(ROLES)
    who = person(at)
    said = {"id": who, "role": role, "scheme": at.any((None, at.body.scheme.id))}
    return said | {"actor": who if at.likely(30) else person(at)}


def ending_said(at: Acting) -> dict[str, Any]:
    who = person(at)
    role, scheme = at.any(sorted(at.said.roles[who], key=str) or [("assessor", None)])
    return {"id": who, "role": role, "scheme": scheme}


def moving_said(at: Acting) -> dict[str, Any]:
    running = [
        (id, task)
        for id in at.streams("appeal", "complaint", "audit", "risk", "proposal", "retention", "scrutiny", "development")
        for task in at.body.state(id).tasks.running.values()
    ]
    id, task = at.any(running)
    return {"case": id, "rule": task.rule, "about": task.about, "until": task.due_at + 3 * DAY, "reason": WHY}


def watching_said(at: Acting) -> dict[str, Any]:
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


def activity_said(at: Acting) -> dict[str, Any]:
    id = at.any(at.streams("development"))
    held = at.body.state(id)
    known = list(held.activities) or [derived_id("activity", "none")]
    return {"person": held.person, "activity": at.any(known)}


def offered_said(at: Acting) -> dict[str, Any]:
    offer = Offer(
        topics=("bias",), kind="sector", title="A course", trainer="The Academy", quality="accredited",
        statement="Known", minutes=90, cost=12_000, planned_at=at.body.now() + 30 * DAY,
    )  # fmt: skip
    return {"person": activity_said(at)["person"], "offer": offer}


def sampled_said(at: Acting) -> dict[str, Any]:
    id = one_of(at, "sampling")
    numbers = list(at.body.state(id).drawn) or [1]
    return {"plan": id, "number": at.any(numbers)}


def letting_said(at: Acting) -> dict[str, Any]:
    return {"case": one_of(at, "retention"), "shelves": shelves(at)}


def subject_said(at: Acting) -> str:
    return at.any([case(at), at.any(at.here.providers).id, person(at)])
