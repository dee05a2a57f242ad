"""Matters of every kind as people begin them on one body, and some of each kind that can be over at once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from services import (
    appeals,
    audits,
    complaints,
    development,
    erasure,
    policies,
    proposals,
    retention,
    risks,
    sampling,
    scrutiny,
    standardisation,
)
from services.authority import authority_id
from services.learning import learning_id
from services.policies import policy_id
from services.schemes import INSTALLER_ROLE
from tests import factories as f
from tests.factories import Body
from tests.services import boards
from tests.services.appealing import hearing, refused_case
from tests.services.complaining import by_contact
from tests.services.workplace import open_workplace

SCHEMES = Path(__file__).parents[2] / "schemes"


@dataclass(slots=True)
class Matters:
    """Those that are live, and those that are over, by kind."""

    body: Body
    live: dict[str, str] = field(default_factory=dict)
    over: dict[str, str] = field(default_factory=dict)

    def begun(self, by: str, role: str, service: Callable[..., Any], id: Callable[[str], str], /, **said: Any) -> str:
        """What this command begins."""
        command = self.body.command(by, role)
        service(self.body.office, command, **said)
        return id(command.id)


def begin(body: Body) -> Matters:
    """One matter of each kind that is live, and one that is over of each that people can end on the day that it begins."""
    held, hear, place = Matters(body), hearing(body), open_workplace(body)
    ann, bob, _ = boards.board_of(body)
    manager, other = place.manager, place.other_manager
    published = {"source": (SCHEMES / "retention.toml").read_text(), "file": "retention.toml"}
    body.by(policies.publish_policy, "installer", INSTALLER_ROLE, **published)
    held.live["policy"], held.live["development"] = policy_id("governance"), development.development_id(place.pat)
    held.live["authority"] = authority_id(body.assessors[0])

    first, second = refused_case(body), refused_case(body)
    held.live["learning"], held.live["appeal"] = learning_id(first), hear.lodge(first)
    held.over["appeal"] = hear.lodge(second)
    contact = hear.contact(second)
    body.by(appeals.withdraw_appeal, contact, "provider", appeal=held.over["appeal"], reason="No more.")

    provider = f.register_provider(body)
    held.live["complaint"], held.over["complaint"] = by_contact(body, provider), by_contact(body, provider)
    body.by(complaints.withdraw_complaint, provider.contact, "provider", case=held.over["complaint"])

    risk = {
        "kind": "familiarity",
        "description": "The same people meet each year.",
        "mitigation": "Nobody twice in a row.",
        "likelihood": "medium",
        "impact": "medium",
        "owner": body.officer,
    }
    held.live["risk"], held.over["risk"] = (
        held.begun(ann, "board", risks.register_risk, risks.risk_id, **risk) for _ in range(2)
    )
    body.by(risks.close_risk, ann, "board", risk=held.over["risk"], reason="It is gone.")

    held.live["audit"] = boards.opened(body, [ann, bob])
    held.over["audit"] = boards.opened(body, [ann, bob], begins_at=body.now() - timedelta(days=20))
    boards.find_all(body, ann, held.over["audit"])
    body.by(audits.close_audit, ann, "board", audit=held.over["audit"], summary="All is well.")

    change = {"scheme": body.scheme.id, "criteria": ["1.1"], "text": "Ask for less.", "grounds": "We saw it often."}
    held.live["proposal"], held.over["proposal"] = (
        held.begun(body.assessors[0], "assessor", proposals.propose_change, proposals.proposal_id, **change)
        for _ in range(2)
    )
    body.by(proposals.withdraw_proposal, body.assessors[0], "assessor", case=held.over["proposal"])

    session = {
        "scheme": body.scheme.id,
        "leader": body.chair,
        "invited": (*body.assessors, *body.moderators),
        "note": "Two portfolios",
    }
    held.live["standardisation"], held.over["standardisation"] = (
        held.begun(
            body.officer,
            "officer",
            standardisation.schedule_session,
            standardisation.session_id,
            starts_at=body.now() + timedelta(days=days),
            **session,
        )
        for days in (40, 50)
    )
    cancelled = {"session": held.over["standardisation"], "reason": "Nobody can."}
    body.by_officer(standardisation.cancel_session, **cancelled)

    held.live["sampling"] = boards_plan(body, manager)
    case = f.register(body)
    officer = f.appoint(body, "officer", scheme=None)
    boards.declare(body, officer, case, "officer")
    asked = {"person": officer, "case": case, "role": "officer", "scrutineer": body.chair, "reason": "Nobody else can."}
    held.live["scrutiny"], held.over["scrutiny"] = (
        held.begun(body.officer, "officer", scrutiny.propose_scrutiny, scrutiny.scrutiny_id, **{**asked, **said})
        for said in ({}, {"scrutineer": body.moderators[0]})
    )
    body.by_officer(scrutiny.end_scrutiny, case=held.over["scrutiny"], reason="Somebody else can.")

    held.live["retention"], held.over["retention"] = (
        held.begun(body.officer, "officer", erasure.request_erasure, retention.retention_id, subject=person)
        for person in (body.moderators[1], body.moderators[2])
    )
    declined = {"case": held.over["retention"], "reason": "It was somebody else."}
    body.by(retention.decline_letting_go, other, "quality-manager", **declined)
    return held


def boards_plan(body: Body, manager: str) -> str:
    """This year's plan of what is looked at again."""
    year = body.now().year
    body.by(sampling.plan_sampling, manager, "quality-manager", scheme=body.scheme.id, year=year, seed=boards.SEED)
    return sampling.plan_id(body.scheme.id, year)
