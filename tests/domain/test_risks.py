"""The register of risks to impartiality: who owns, reviews, confirms and closes, and by when."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain import person as people
from domain import risk as risks
from domain.governance_policy import RATINGS
from domain.person import Person, RoleEnded
from domain.risk import Risk, keeping
from domain.risk.state import CONFIRM, REVIEW, SEE, rating
from domain.tasks import hand_over
from tests.domain.given import DAY, NOON, fold, member, refused, text
from tests.domain.governing import ANN, BOB, CALENDAR, CAT, OLA, QUE, RISK, RISKING

DATES: dict[str, Any] = {"rules": RISKING, "calendar": CALENDAR, "at": NOON}
SAID: dict[str, Any] = {
    "id": RISK,
    "kind": "familiarity",
    "description": text("what"),
    "likelihood": "medium",
    "impact": "medium",
    "owner": OLA,
    "mitigation": text("how"),
    **DATES,
}


def after(risk: Risk, events: Sequence[Any]) -> Risk:
    assert events
    return fold(risks.evolve, risk, events)


def registered(**said: Any) -> Risk:
    return after(Risk(), keeping.register(Risk(), **(SAID | said)))


def reviewing(risk: Risk, by: Person = OLA, **said: Any) -> list[Any]:
    unchanged = {"likelihood": risk.likelihood, "impact": risk.impact, "mitigation": None}
    return keeping.review(
        risk, by=by, **({"result": "holds", "note": text("note"), **unchanged, **DATES, "at": NOON + DAY} | said)
    )


def reviewed(risk: Risk, by: Person = OLA, **said: Any) -> Risk:
    return after(risk, reviewing(risk, by, **said))


GRAVE = registered(owner=BOB, likelihood="high", impact="high")


@pytest.mark.parametrize(
    ("likelihood", "impact", "rated"),
    [
        ("low", "low", "low"),
        ("low", "medium", "low"),
        ("low", "high", "medium"),
        ("medium", "medium", "medium"),
        ("medium", "high", "high"),
        ("high", "high", "high"),
    ],
)
def test_a_risk_is_rated_by_likelihood_and_impact(likelihood: str, impact: str, rated: str):
    assert rating(likelihood, impact) == rating(impact, likelihood) == rated


@pytest.mark.parametrize("level", RATINGS)
def test_a_risk_is_reviewed_as_often_as_its_rating_asks(level: str):
    [task] = registered(likelihood=level, impact=level).tasks.running.values()

    assert (task.rule, task.who, task.told) == (REVIEW, OLA.id, "board")
    assert task.due_at == CALENDAR.due(NOON, RISKING.review_within(level))


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"kind": "envy"}, "risk-kinds", "kind"),
        ({"likelihood": "certain"}, "risk-levels", "likelihood"),
        ({"impact": ""}, "risk-levels", "impact"),
        ({"owner": Person()}, "known-person", "owner"),
        ({"owner": member("ada", "assessor")}, "risk-owner", "owner"),
    ],
)
def test_what_is_no_risk_is_refused(said: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        registered(**said)


def test_a_risk_is_registered_once():
    assert keeping.register(registered(), **SAID) == []


@pytest.mark.parametrize("owner", [ANN, OLA, QUE])
def test_the_board_officers_and_quality_managers_own_risks(owner: Person):
    assert registered(owner=owner).owner == owner.id


def test_the_owner_reviews_in_time_and_the_board_sees_it():
    risk = reviewed(registered())

    assert risk.tasks.running[REVIEW].due_at == CALENDAR.due(NOON + DAY, RISKING.review_medium)
    see = risk.tasks.running[SEE]
    assert (see.who, see.told, see.due_at) == ("board", "board", CALENDAR.due(NOON + DAY, RISKING.see_within))
    assert reviewing(risk) == []
    risk = after(risk, keeping.see_review(risk, by=ANN))
    assert (risk.unseen, set(risk.tasks.running)) == (None, {REVIEW})
    assert keeping.see_review(risk, by=ANN) == []


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"by": QUE}, "owner-reviews", "actor"),
        ({"by": fold(people.evolve, OLA, [RoleEnded(role="officer")])}, "risk-owner", "actor"),
        ({"result": "splendid"}, "risk-results", "result"),
        ({"result": "changed"}, "risk-results", "result"),
        ({"result": "holds", "likelihood": "low"}, "risk-results", "result"),
        ({"result": "holds", "impact": "low"}, "risk-results", "result"),
        ({"result": "holds", "mitigation": text("new")}, "risk-results", "result"),
        ({"result": "changed", "likelihood": "certain"}, "risk-levels", "likelihood"),
    ],
)
def test_what_is_no_review_is_refused(said: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        reviewing(registered(), **said)


def test_a_review_that_contradicts_itself_is_told_what_would_fit():
    with refused("risk-results", match=r"something changes\. Allowed: changed or escalated\."):
        reviewing(registered(), likelihood="low")
    with refused("risk-results", match=r"nothing changes\. Allowed: holds or escalated"):
        reviewing(registered(), result="changed")


@pytest.mark.parametrize(
    ("risk", "said", "confirmed"),
    [
        (registered(), {}, False),
        (registered(), {"result": "changed", "mitigation": text("new")}, False),
        (registered(), {"result": "escalated"}, True),
        (registered(), {"result": "escalated", "likelihood": "low"}, True),
        (registered(), {"result": "changed", "impact": "high"}, True),
        (registered(likelihood="high"), {}, True),
        (registered(likelihood="high"), {"result": "changed", "likelihood": "low"}, True),
    ],
)
def test_the_board_confirms_what_is_or_was_high_or_escalated_and_sees_the_rest(
    risk: Risk, said: dict[str, Any], confirmed: bool
):
    [event] = reviewing(risk, **said)

    assert event.to_confirm is confirmed
    assert {one.rule for one in event.sets} == {REVIEW, CONFIRM if confirmed else SEE}


def test_a_review_that_waits_to_be_confirmed_is_not_made_light_of_by_another():
    risk = reviewed(GRAVE, BOB, result="changed", likelihood="low", impact="low")
    risk = reviewed(risk, BOB, note=text("all is well"))

    assert risk.unseen
    assert risk.unseen.to_confirm
    assert set(risk.tasks.running) == {REVIEW, CONFIRM}
    risk = after(risk, keeping.see_review(risk, by=ANN))
    assert not reviewed(risk, BOB).unseen.to_confirm


def test_another_review_takes_the_place_of_one_that_the_board_has_not_seen():
    risk = reviewed(registered())

    for other in ({"note": text("n")}, {"result": "escalated"}, {"result": "changed", "impact": "low"}):
        assert len(reviewing(risk, **other)) == 1


def test_who_owns_a_risk_or_did_neither_confirms_nor_closes_it():
    risk = reviewed(GRAVE, BOB)
    risk = after(risk, keeping.name_owner(risk, at=NOON, by=ANN, owner=CAT, reason=text("why")))

    for theirs in (BOB, CAT):
        for decide in (
            lambda by=theirs: keeping.see_review(risk, by=by),
            lambda by=theirs: keeping.return_review(risk, by=by, reason=text("no"), **DATES),
            lambda by=theirs: keeping.close(risk, by=by, role="board", reason=text("gone")),
        ):
            with refused("owner-never-confirms", field="actor"):
                decide()
    assert keeping.see_review(risk, by=ANN)


def test_a_review_with_which_the_board_does_not_agree_is_made_again_soon():
    with refused("review-to-see", field="risk"):
        keeping.return_review(registered(), by=ANN, reason=text("no"), **DATES)
    risk = reviewed(registered())
    risk = after(risk, keeping.return_review(risk, by=ANN, reason=text("no"), **DATES))

    [task] = risk.tasks.running.values()
    assert (task.rule, task.who) == (REVIEW, OLA.id)
    assert task.due_at == CALENDAR.due(NOON, RISKING.see_within)


def test_another_owner_has_the_same_date_and_nobody_hands_on_their_own():
    risk = registered()
    with refused("not-for-oneself", field="actor"):
        keeping.name_owner(risk, at=NOON, by=OLA, owner=CAT, reason=text("why"))
    with refused("risk-owner", field="owner"):
        keeping.name_owner(risk, at=NOON, by=ANN, owner=member("ada", "assessor"), reason=text("why"))
    assert keeping.name_owner(risk, at=NOON, by=ANN, owner=OLA, reason=text("why")) == []
    handed = after(risk, keeping.name_owner(risk, at=NOON, by=ANN, owner=CAT, reason=text("why")))

    assert handed.tasks.running[REVIEW].due_at == risk.tasks.running[REVIEW].due_at
    assert handed.tasks.running[REVIEW].who == handed.owner == CAT.id
    with refused("owner-reviews", field="actor"):
        reviewing(handed, OLA)


def test_a_task_handed_over_for_another_reason_makes_its_new_holder_the_owner():
    risk = registered()
    risk = after(risk, hand_over(risk, rule=REVIEW, to=QUE.id, because="role-ended"))

    assert (risk.owner, risk.hands) == (QUE.id, {OLA.id, QUE.id})
    risk = reviewed(risk, QUE)
    seen = after(risk, hand_over(risk, rule=SEE, to=ANN.id, because="asked"))
    assert seen.owner == QUE.id


def test_a_high_risk_or_one_to_be_confirmed_is_closed_by_the_board():
    close: dict[str, Any] = {"by": QUE, "role": "quality-manager", "reason": text("gone")}
    for risk in (GRAVE, reviewed(registered(), result="escalated")):
        with refused("board-closes-high", field="role"):
            keeping.close(risk, **close)
        assert keeping.close(risk, **(close | {"by": ANN, "role": "board"}))
    risk = after(reviewed(registered()), keeping.close(reviewed(registered()), **close))

    assert (risk.over, risk.tasks.running, risk.unseen) == (True, {}, None)
    assert keeping.close(risk, **close) == []
    for decide in (
        lambda: keeping.close(risk, by=ANN, role="board", reason=text("gone")),
        lambda: reviewing(risk),
        lambda: keeping.see_review(risk, by=ANN),
        lambda: keeping.return_review(risk, by=ANN, reason=text("no"), **DATES),
        lambda: keeping.name_owner(risk, at=NOON, by=ANN, owner=CAT, reason=text("why")),
    ):
        with refused("risk-open", field="risk"):
            decide()


def test_nothing_is_done_about_a_risk_that_is_not_there():
    for decide in (
        lambda: reviewing(Risk(likelihood="low", impact="low")),
        lambda: keeping.see_review(Risk(), by=ANN),
        lambda: keeping.close(Risk(), by=ANN, role="board", reason=text("gone")),
    ):
        with refused("known-risk", field="risk"):
            decide()
