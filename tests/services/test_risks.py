"""The register of risks to impartiality on the real record: who may, in which order, and when the board is told."""

from typing import Any

from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import derived_id
from domain.person import AttemptRefused
from domain.risk import Risk, RiskReviewed
from services import matters, people, risks
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.boards import board_of, time_passes
from tests.services.conftest import Clock

SAID = {
    "kind": "familiarity",
    "description": "The same assessors see the same providers for years.",
    "mitigation": "Nobody assesses a provider twice in a row.",
}


def registered(body: Body, by: str, owner: str, *, likelihood: str = "medium", impact: str = "medium") -> str:
    command = body.command(by, "board")
    risks.register_risk(body.office, command, owner=owner, likelihood=likelihood, impact=impact, **SAID)
    return risks.risk_id(command.id)


def risk(body: Body, id: str) -> Risk:
    found: Risk = body.state(id)
    return found


def reviews(body: Body, by: str, role: str, id: str, result: str = "holds", **said: Any) -> RiskReviewed:
    receipt = body.by(risks.review_risk, by, role, risk=id, result=result, note="As it is.", **said)
    review: RiskReviewed = receipt.events[id][0]
    return review


def test_a_risk_is_reviewed_by_its_owner_and_seen_by_the_board_until_somebody_else_closes_it(body: Body, clock: Clock):
    ann, bob, _ = board_of(body)
    id = registered(body, ann, body.officer)
    clock.passes(days=100)

    assert not reviews(body, body.officer, "officer", id).to_confirm
    assert {one.rule for one in risk(body, id).tasks.running.values()} == {
        "review-risk-within",
        "see-risk-review-within",
    }
    body.by(risks.see_review, bob, "board", risk=id)
    with refused("owner-never-confirms", field="actor"):
        body.by_officer(people.give_role, id=bob, role="quality-manager")
        body.by(risks.name_owner, ann, "board", risk=id, owner=bob, reason="Bob watches now")
        body.by(risks.close_risk, bob, "quality-manager", risk=id, reason="It is gone")
    body.by(risks.close_risk, ann, "board", risk=id, reason="It is gone")
    assert (risk(body, id).over, risk(body, id).tasks.running) == (True, {})
    with refused("risk-open", field="risk"):
        reviews(body, bob, "board", id)


def test_the_review_of_a_high_risk_is_confirmed_by_a_member_of_the_board_who_never_owned_it(body: Body, clock: Clock):
    ann, bob, cat = board_of(body)
    id = registered(body, ann, bob, likelihood="high", impact="medium")
    assert reviews(body, bob, "board", id, "changed", likelihood="low").to_confirm
    assert reviews(body, bob, "board", id).to_confirm  # made light of, and not yet confirmed

    with refused("owner-never-confirms", field="actor"):
        body.by(risks.see_review, bob, "board", risk=id)
    with refused("not-for-oneself", field="actor"):
        body.by(risks.name_owner, bob, "board", risk=id, owner=cat, reason="Then I may")
    body.by(risks.name_owner, ann, "board", risk=id, owner=cat, reason="Bob asked me to")
    for former in (bob, cat):
        with refused("owner-never-confirms", field="actor"):
            body.by(risks.see_review, former, "board", risk=id)
        with refused("owner-never-confirms", field="actor"):
            body.by(risks.close_risk, former, "board", risk=id, reason="Gone")
    assert AttemptRefused(rule="owner-never-confirms", stream=id) in body.events(bob, AttemptRefused)
    body.by(risks.see_review, ann, "board", risk=id)
    assert risk(body, id).unseen is None


def test_the_board_may_have_a_risk_reviewed_again(body: Body, clock: Clock):
    ann, bob, _ = board_of(body)
    id = registered(body, ann, body.officer)
    with refused("review-to-see", field="risk"):
        body.by(risks.return_review, bob, "board", risk=id, reason="Look again")
    reviews(body, body.officer, "officer", id)

    body.by(risks.return_review, bob, "board", risk=id, reason="Look again")

    [task] = risk(body, id).tasks.running.values()
    assert (task.rule, task.who) == ("review-risk-within", body.officer)
    assert task.due_at < clock() + factories.timedelta(days=40)


def test_an_owner_whose_roles_have_ended_reviews_nothing_and_another_is_named(body: Body, clock: Clock):
    ann, bob, _ = board_of(body)
    owner = factories.appoint(body, "quality-manager", scheme=None)
    id = registered(body, ann, owner)
    body.by_officer(people.give_role, id=owner, role="assessor", scheme=body.scheme.id)
    body.by_officer(people.end_role, id=owner, role="quality-manager")

    with refused("acting-role", field="role"):
        reviews(body, owner, "assessor", id)
    with refused("risk-owner", field="owner"):
        body.by(risks.name_owner, ann, "board", risk=id, owner=body.assessors[0], reason="The role ended")
    body.by(risks.name_owner, ann, "board", risk=id, owner=bob, reason="The role ended")

    [task] = risk(body, id).tasks.running.values()
    assert task.who == bob
    assert reviews(body, bob, "board", id)


def test_a_high_risk_is_closed_by_the_board_alone(body: Body, clock: Clock):
    ann, *_ = board_of(body)
    manager = factories.appoint(body, "quality-manager", scheme=None)
    id = registered(body, ann, body.officer, likelihood="high", impact="high")

    with refused("board-closes-high", field="role"):
        body.by(risks.close_risk, manager, "quality-manager", risk=id, reason="Gone")
    with refused("acting-role", field="role"):
        body.by_officer(risks.close_risk, risk=id, reason="Gone")
    assert body.by(risks.close_risk, ann, "board", risk=id, reason="Gone").events


def test_the_risks_process_reminds_the_owner_and_tells_the_board_at_the_policys_instants(body: Body, clock: Clock):
    ann, *_ = board_of(body)
    id = registered(body, ann, body.officer, likelihood="high", impact="high")
    [task] = risk(body, id).tasks.running.values()
    assert (task.who, task.told) == (body.officer, "board")

    happened = time_passes(body, clock, id, task.due_at)

    assert [(at, type(one)) for at, one in happened] == [
        *((moment, ReminderSent) for moment in task.remind_at),
        (task.due_at, DeadlineMissed),
    ]
    with refused("process-only", field="role"):
        body.by(matters.miss_task, ann, "board", case=id)
    assert reviews(body, body.officer, "officer", id)


def test_what_can_not_be_meant_is_refused_and_nothing_is_written(body: Body, clock: Clock):
    ann, *_ = board_of(body)
    id = registered(body, ann, body.officer)
    position = body.office.records.read_log(0, 10_000)[-1].position
    said = SAID | {"likelihood": "low", "impact": "low", "owner": body.officer}

    for but, rule, field in (
        ({"kind": "envy"}, "risk-kinds", "kind"),
        ({"likelihood": "certain"}, "risk-levels", "likelihood"),
        ({"impact": ""}, "risk-levels", "impact"),
        ({"owner": body.assessors[0]}, "risk-owner", "owner"),
        ({"owner": derived_id("person", "nobody")}, "known-person", "owner"),
        ({"owner": "nobody"}, "known-person", "person"),
        ({"description": " "}, "text-given", "description"),
        ({"mitigation": "x" * 1_000_000}, "text-length", "mitigation"),
    ):
        with refused(rule, field=field):
            body.by(risks.register_risk, ann, "board", **(said | but))
    for said_of, rule, field in (
        ({"result": "splendid"}, "risk-results", "result"),
        ({"result": "changed"}, "risk-results", "result"),
        ({"result": "holds", "likelihood": "high"}, "risk-results", "result"),
        ({"result": "changed", "impact": "vast"}, "risk-levels", "impact"),
    ):
        with refused(rule, field=field):
            body.by_officer(risks.review_risk, risk=id, note="As it is", **said_of)
    unknown = derived_id("risk", "none")
    with refused("known-risk", field="risk"):
        body.by_officer(risks.review_risk, risk=unknown, result="holds", note="As it is")
    with refused("known-risk", field="risk"):
        body.by(risks.close_risk, ann, "board", risk="none", reason="Gone")
    assert body.office.records.read_log(position, 10) == []
    with refused("owner-reviews", field="actor"):
        reviews(body, ann, "board", id)
    [noted] = body.office.records.read_log(position, 10)
    assert noted.event == AttemptRefused(rule="owner-reviews", stream=id)


def test_a_repeated_command_changes_nothing(body: Body, clock: Clock):
    ann, bob, _ = board_of(body)
    command = body.command(ann, "board")
    said = SAID | {"likelihood": "low", "impact": "low", "owner": body.officer}
    risks.register_risk(body.office, command, **said)
    assert risks.register_risk(body.office, command, **said).repeated
    id = risks.risk_id(command.id)
    reviews(body, body.officer, "officer", id)
    body.by(risks.see_review, bob, "board", risk=id)

    assert body.by(risks.see_review, ann, "board", risk=id).events == {}
    body.by(risks.close_risk, ann, "board", risk=id, reason="Gone")
    assert body.by(risks.close_risk, ann, "board", risk=id, reason="Gone").events == {}
