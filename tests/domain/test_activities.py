"""Activities: proposed for needs of the plan, approved by others, recorded, and looked back on by the person and by others."""

from typing import Any

import pytest

from domain.development import Development, activities, looking_back
from domain.development import events as e
from tests.domain.given import DAY, NOON, SECOND, refused, text
from tests.domain.workforce import (
    ACTIVITY,
    DUTIES,
    LATER,
    LEAD,
    MANAGER,
    PERSON,
    SCORES,
    after,
    agreed,
    approved,
    completed,
    proposal,
    proposed,
    reviewed,
    running,
    who,
    with_need,
)

OTHER_ACTIVITY = "activity-two"
PROPOSING: dict[str, Any] = {"id": ACTIVITY, "by": who(PERSON), "duties": DUTIES, "at": NOON}
JUDGING: dict[str, Any] = {"activity": ACTIVITY, "duties": DUTIES, "at": NOON + DAY}
ENDING: dict[str, Any] = {**JUDGING, "reason": text("too dear")}
COMPLETING: dict[str, Any] = {**JUDGING, "by": who(PERSON), "done_at": LATER, "minutes": 95, "at": LATER + DAY}
QUESTIONS = tuple(SCORES)
ANSWERING: dict[str, Any] = {"activity": ACTIVITY, "by": who(PERSON), "scores": SCORES, "questions": QUESTIONS}
REFLECTING: dict[str, Any] = {"activity": ACTIVITY, "by": who(PERSON), "text": text("I see")}
REVIEW_FROM = LATER.replace(month=7)
REVIEWING: dict[str, Any] = {
    "activity": ACTIVITY,
    "by": who(LEAD),
    "impact": "had",
    "note": text("It shows"),
    "met": (),
    "duties": DUTIES,
    "at": REVIEW_FROM,
}


def test_an_activity_is_proposed_for_a_need_of_the_plan_and_is_to_be_approved_in_time():
    [event] = activities.propose(agreed(), **PROPOSING, proposal=proposal())

    assert (event.kind, event.minutes, event.cost, event.currency) == ("sector", 90, 12_000, "GBP")
    assert event.ends == ("plan-for-need-within:bias",)
    [task] = event.sets
    assert (task.name, task.who, task.told) == (f"approve-activity-within:{ACTIVITY}", LEAD, "quality-manager")


def test_what_the_lead_proposes_the_quality_manager_is_to_approve():
    held = proposed(by=LEAD)

    task = held.tasks.running[f"approve-activity-within:{ACTIVITY}"]
    assert (task.who, task.told) == ("quality-manager", "board")


@pytest.mark.parametrize("topics", [(), ("chairing",), ("bias", "chairing"), ("bias", "bias")])
def test_an_activity_fits_the_plan_by_the_needs_that_it_names(topics: tuple[str, ...]):
    with refused("activity-fits-plan", field="topics", match="bias"):
        activities.propose(agreed(), **PROPOSING, proposal=proposal(topics=topics))


def test_an_activity_is_for_needs_that_are_found_and_not_met():
    with refused("activity-fits-plan", field="topics", match="until a need is found"):
        activities.propose(reviewed(met=["bias"]), **PROPOSING | {"id": OTHER_ACTIVITY}, proposal=proposal())


@pytest.mark.parametrize(
    ("rule", "field", "said"),
    [
        ("activity-kinds", "kind", {"kind": "yoga"}),
        ("trainer-quality", "quality", {"quality": "cheap"}),
        ("activity-length", "minutes", {"minutes": 0}),
        ("activity-length", "minutes", {"minutes": 100_001}),
        ("activity-cost", "cost", {"cost": -1}),
        ("activity-cost", "cost", {"cost": 100_000_001}),
        ("approved-before", "planned_at", {"planned_at": NOON}),
        ("approved-before", "planned_at", {"planned_at": NOON - DAY}),
    ],
)
def test_a_proposal_says_what_the_policy_knows_and_what_can_be(rule: str, field: str, said: dict[str, Any]):
    with refused(rule, field=field):
        activities.propose(agreed(), **PROPOSING, proposal=proposal(**said))


@pytest.mark.parametrize("said", [{"minutes": 1}, {"minutes": 100_000}, {"cost": 0}, {"cost": 100_000_000}])
def test_the_least_and_the_most_can_be(said: dict[str, Any]):
    assert activities.propose(agreed(), **PROPOSING, proposal=proposal(**said))


def test_the_same_proposal_is_made_once_and_only_where_a_plan_runs():
    assert activities.propose(proposed(), **PROPOSING, proposal=proposal()) == []
    with refused("plan-runs", field="person"):
        activities.propose(Development(), **PROPOSING, proposal=proposal())


def test_an_activity_is_approved_by_others_and_then_to_be_recorded():
    [event] = activities.approve(proposed(), by=who(LEAD), **JUDGING)

    assert event.ends == (f"approve-activity-within:{ACTIVITY}",)
    [task] = event.sets
    assert (task.name, task.who, task.told) == (f"record-activity-within:{ACTIVITY}", PERSON, LEAD)
    assert task.due_at > LATER
    assert activities.approve(approved(), by=who(MANAGER), **JUDGING) == []


def test_what_is_approved_after_it_was_to_be_over_is_recorded_in_time_from_then_on():
    [event] = activities.approve(proposed(), by=who(LEAD), **JUDGING | {"at": LATER + 30 * DAY})

    assert event.sets[0].due_at > LATER + 30 * DAY


@pytest.mark.parametrize("decide", [activities.approve, activities.decline])
def test_nobody_approves_or_declines_their_own_activity_or_what_they_proposed(decide: Any):
    said = JUDGING if decide is activities.approve else ENDING

    with refused("not-for-oneself", field="actor"):
        decide(proposed(), by=who(PERSON), **said)
    with refused("not-for-oneself", field="actor"):
        decide(proposed(by=LEAD), by=who(PERSON), **said)
    with refused("proposer-never-approves", field="actor"):
        decide(proposed(by=LEAD), by=who(LEAD), **said)
    assert decide(proposed(by=LEAD), by=who(MANAGER), **said)


def test_approval_wants_a_plan_that_is_agreed():
    with refused("plan-agreed-first", field="person"):
        activities.approve(proposed(with_need()), by=who(LEAD), **JUDGING)
    assert activities.decline(proposed(with_need()), by=who(LEAD), **ENDING)


def test_for_what_was_declined_or_dropped_another_activity_is_wanted():
    for held in (
        after(proposed(), activities.decline(proposed(), by=who(LEAD), **ENDING)),
        after(proposed(), activities.drop(proposed(), by=who(PERSON), **ENDING)),
        after(approved(), activities.drop(approved(), by=who(PERSON), **ENDING)),
    ):
        assert running(held) == {"plan-period", "plan-for-need-within:bias"}
        assert held.activities[ACTIVITY].stage in ("declined", "dropped")


def test_where_another_activity_for_it_is_under_way_no_further_one_is_wanted():
    held = proposed(proposed(), id=OTHER_ACTIVITY)

    held = after(held, activities.decline(held, by=who(LEAD), **ENDING))

    assert "plan-for-need-within:bias" not in running(held)


def test_each_end_comes_once_and_at_its_stage():
    declined = after(proposed(), activities.decline(proposed(), by=who(LEAD), **ENDING))
    dropped = after(approved(), activities.drop(approved(), by=who(PERSON), **ENDING))

    assert activities.decline(declined, by=who(LEAD), **ENDING) == []
    assert activities.drop(dropped, by=who(PERSON), **ENDING) == []
    for held in (declined, dropped, completed()):
        with refused("activity-stage", field="activity", match="proposed"):
            activities.approve(held, by=who(LEAD), **JUDGING)
    for held in (approved(), dropped, completed()):
        with refused("activity-stage", field="activity"):
            activities.decline(held, by=who(LEAD), **ENDING)
    for held in (declined, completed()):
        with refused("activity-stage", field="activity", match="approved or proposed"):
            activities.drop(held, by=who(PERSON), **ENDING)
    for held in (proposed(), declined, dropped):
        with refused("activity-stage", field="activity"):
            activities.complete(held, **COMPLETING)


def test_a_completed_activity_is_recorded_and_then_to_be_looked_back_on_in_time():
    [event] = activities.complete(approved(), **COMPLETING)

    assert (event.done_at, event.minutes, event.ends) == (LATER, 95, (f"record-activity-within:{ACTIVITY}",))
    questionnaire, reflection, review = event.sets
    assert (questionnaire.rule, questionnaire.who) == ("answer-questionnaire-within", PERSON)
    assert (reflection.rule, reflection.who) == ("reflect-within", PERSON)
    assert (review.rule, review.who) == ("review-impact-within", LEAD)
    assert LATER + DAY < questionnaire.due_at < reflection.due_at < REVIEW_FROM < review.due_at
    held = completed()
    assert held.activities[ACTIVITY].minutes == 95
    assert activities.complete(held, **COMPLETING) == []
    with refused("activity-stage"):
        activities.complete(held, **COMPLETING | {"done_at": LATER - DAY})


@pytest.mark.parametrize("done_at", [NOON, NOON + DAY - SECOND, LATER + DAY + SECOND])
def test_what_was_over_before_it_was_approved_or_is_to_come_is_not_recorded(done_at: Any):
    with refused("approved-before", field="done_at"):
        activities.complete(approved(), **COMPLETING | {"done_at": done_at})


@pytest.mark.parametrize("done_at", [NOON + DAY, LATER + DAY])
def test_what_was_over_between_the_approval_and_now_is_recorded(done_at: Any):
    assert activities.complete(approved(), **COMPLETING | {"done_at": done_at})


def test_its_length_is_one():
    with refused("activity-length", field="minutes"):
        activities.complete(approved(), **COMPLETING | {"minutes": 0})


def test_the_person_answers_every_question_once():
    [event] = looking_back.answer(completed(), **ANSWERING)

    assert event.ratings == tuple(e.Rating(question=one, score=4) for one in QUESTIONS)
    assert event.ends == (f"answer-questionnaire-within:{ACTIVITY}",)
    held = after(completed(), [event])
    assert looking_back.answer(held, **ANSWERING) == []
    with refused("said-once", field="activity"):
        looking_back.answer(held, **ANSWERING | {"scores": dict.fromkeys(QUESTIONS, 5)})


@pytest.mark.parametrize(
    ("rule", "scores"),
    [
        ("every-question", {}),
        ("every-question", {QUESTIONS[0]: 4}),
        ("every-question", {**SCORES, "weather": 1}),
        ("scores", {**SCORES, QUESTIONS[0]: 0}),
        ("scores", {**SCORES, QUESTIONS[0]: 6}),
        ("scores", {**SCORES, QUESTIONS[0]: True}),
        ("scores", {**SCORES, QUESTIONS[0]: 4.5}),
    ],
)
def test_answers_are_to_the_policy_s_questions_from_1_to_5(rule: str, scores: Any):
    with refused(rule, field="scores"):
        looking_back.answer(completed(), **ANSWERING | {"scores": scores})


@pytest.mark.parametrize("score", [1, 5])
def test_the_lowest_and_the_highest_score_can_be_given(score: int):
    assert looking_back.answer(completed(), **ANSWERING | {"scores": dict.fromkeys(QUESTIONS, score)})


def test_the_person_reflects_once():
    held = after(completed(), looking_back.reflect(completed(), **REFLECTING))

    assert f"reflect-within:{ACTIVITY}" not in running(held)
    assert looking_back.reflect(held, **REFLECTING) == []
    with refused("said-once", field="activity"):
        looking_back.reflect(held, **REFLECTING | {"text": text("No, I don't")})


@pytest.mark.parametrize(
    ("look_back", "said"),
    [(looking_back.answer, ANSWERING), (looking_back.reflect, REFLECTING)],
    ids=["answer", "reflect"],
)
def test_only_the_person_says_what_they_made_of_it_and_once_it_is_completed(look_back: Any, said: dict[str, Any]):
    for other in (LEAD, MANAGER):
        with refused("in-own-words", field="actor"):
            look_back(completed(), **said | {"by": who(other)})
    with refused("activity-stage", field="activity"):
        look_back(approved(), **said)
    with refused("known-activity", field="activity", match=ACTIVITY):
        look_back(completed(), **said | {"activity": OTHER_ACTIVITY})
    with refused("plan-runs"):
        look_back(Development(), **said)


def test_impact_is_reviewed_by_others_once_its_time_has_come():
    with refused("not-for-oneself", field="actor"):
        looking_back.review_impact(completed(), **REVIEWING | {"by": who(PERSON)})
    with refused("impact-takes-time", field="activity"):
        looking_back.review_impact(completed(), **REVIEWING | {"at": REVIEW_FROM - 3600 * 2 * SECOND})

    [event] = looking_back.review_impact(completed(), **REVIEWING)

    assert event.ends == (f"review-impact-within:{ACTIVITY}",)
    assert [one.name for one in event.sets] == ["plan-for-need-within:bias"], "it is not met yet"
    held = after(completed(), [event])
    assert looking_back.review_impact(held, **REVIEWING) == []
    for other in ({"impact": "none"}, {"by": who(MANAGER)}, {"note": text("Or not")}):
        with refused("said-once", field="activity"):
            looking_back.review_impact(held, **REVIEWING | other)


@pytest.mark.parametrize("impact", ["had", "partly"])
def test_a_need_is_closed_by_the_review_that_finds_it_met(impact: str):
    reviewed_, met = looking_back.review_impact(completed(), **REVIEWING | {"impact": impact, "met": ["bias"]})

    assert reviewed_.sets == ()
    assert (met.topic, met.by) == ("bias", LEAD)
    assert after(completed(), [reviewed_, met]).needs["bias"].met_in == 1


def test_of_several_needs_those_not_met_want_another_activity():
    held = with_need(agreed(), "chairing")
    held = completed(approved(proposed(held, topics=("bias", "chairing"))))

    held = after(held, looking_back.review_impact(held, **REVIEWING | {"met": ["chairing"]}))

    assert held.needs["chairing"].met
    assert "plan-for-need-within:bias" in running(held)
    assert "plan-for-need-within:chairing" not in running(held)


@pytest.mark.parametrize(
    ("impact", "met", "allowed"),
    [("none", ["bias"], "none"), ("had", ["chairing"], "bias"), ("partly", ["bias", "chairing"], "bias")],
)
def test_a_review_finds_met_only_what_the_activity_was_for_and_had_impact_on(impact: str, met: list[str], allowed: str):
    with refused("needs-met-by-it", field="met", match=f"Allowed: {allowed}"):
        looking_back.review_impact(completed(), **REVIEWING | {"impact": impact, "met": met})


def test_a_need_met_already_is_not_met_again():
    held = proposed(agreed(), id=OTHER_ACTIVITY)
    held = after(held, activities.approve(held, **JUDGING | {"activity": OTHER_ACTIVITY}, by=who(LEAD)))
    held = after(held, activities.complete(held, **COMPLETING | {"activity": OTHER_ACTIVITY}))
    held = reviewed(completed(approved(proposed(held))), met=["bias"])

    with refused("needs-met-by-it", field="met", match="none"):
        looking_back.review_impact(held, **REVIEWING | {"activity": OTHER_ACTIVITY, "met": ["bias"]})
    [event] = looking_back.review_impact(held, **REVIEWING | {"activity": OTHER_ACTIVITY})
    assert event.sets == ()


def test_a_review_finds_one_of_three_things_of_a_completed_activity():
    with refused("impacts", field="impact", match="had, partly, none"):
        looking_back.review_impact(completed(), **REVIEWING | {"impact": "great"})
    with refused("activity-stage", field="activity"):
        looking_back.review_impact(approved(), **REVIEWING)
    with refused("plan-runs", field="person"):
        looking_back.review_impact(Development(), **REVIEWING)


def test_what_is_no_activity_of_the_plan_is_refused_by_name():
    for decide in (
        lambda held: activities.approve(held, by=who(LEAD), **JUDGING),
        lambda held: activities.decline(held, by=who(LEAD), **ENDING),
        lambda held: activities.drop(held, by=who(LEAD), **ENDING),
        lambda held: activities.complete(held, **COMPLETING),
        lambda held: looking_back.review_impact(held, **REVIEWING),
    ):
        with refused("known-activity", field="activity"):
            decide(agreed())
        with refused("plan-runs", field="person"):
            decide(Development())
