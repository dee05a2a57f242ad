"""The figures of a report: counted from what each person's development is, with numbers beside every mean."""

from typing import Any

from domain.development import Development, figures, looking_back, plan
from domain.development.figures import ActivityFact, ActivityFigures, Facts, NeedFact, NeedFigures, Satisfaction
from tests.domain.given import DAY, NOON, SECOND, text
from tests.domain.workforce import (
    ACTIVITY,
    LATER,
    LEAD,
    PERSON,
    SCORES,
    after,
    agreed,
    approved,
    completed,
    noted,
    opened,
    proposed,
    reviewed,
    who,
)


def activity(**changes: Any) -> ActivityFact:
    said = {"kind": "sector", "stage": "completed", "minutes": 90, "cost": 100, "currency": "GBP", "done_at": NOON}
    return ActivityFact(**{**said, "scores": (), "impact": "", **changes})


def need(topic: str = "bias", *sources: str, found: bool = True, met: bool = False) -> NeedFact:
    return NeedFact(topic=topic, sources=frozenset(sources), found=found, met=met)


def facts(person: str = "a", **changes: Any) -> Facts:
    said = {"department": "appeals", "running": True, "agreed": True, "needs": (), "activities": (), "overdue": ()}
    return Facts(person=person, **{**said, **changes})


def test_people_are_counted_with_a_plan_agreed_and_in_the_whole_body_without():
    known = [facts("a"), facts("b", agreed=False), facts("c", running=False, agreed=False)]

    whole = figures.of(known, staff={"a", "b", "c", "d"}, scope="board")
    assert (whole.with_plan, whole.agreed, whole.without_plan) == (2, 1, 2)
    part = figures.of(known, staff={"a", "b", "c", "d"}, scope="appeals")
    assert (part.scope, part.with_plan, part.without_plan) == ("appeals", 2, 0)


def test_a_department_s_figures_are_of_its_own_people():
    known = [
        facts("a", needs=(need(),), overdue=("late",)),
        facts("b", department="assessing", activities=(activity(),)),
    ]

    part = figures.of(known, staff=(), scope="appeals")

    assert (part.with_plan, len(part.needs), part.activities, part.overdue) == (1, 1, (), (("late", 1),))


def test_needs_are_counted_by_topic_and_source():
    known = [
        facts("a", needs=(need("bias", "appraisal", "sampling"), need("chairing", "appraisal", found=False))),
        facts("b", needs=(need("bias", "appraisal", met=True), need("chairing", "appeal", found=True))),
    ]

    assert figures.of(known, staff=(), scope="board").needs == (
        NeedFigures(topic="bias", waiting=0, open=1, met=1, sources=(("appraisal", 2), ("sampling", 1))),
        NeedFigures(topic="chairing", waiting=1, open=1, met=0, sources=(("appeal", 1), ("appraisal", 1))),
    )


def test_activities_are_counted_by_kind_with_the_hours_and_cost_of_those_completed():
    done = (activity(), activity(stage="approved", done_at=None), activity(kind="teaching", cost=7, currency="EUR"))

    found = figures.of([facts(activities=done), facts("b", activities=done[:1])], staff=(), scope="board")

    assert found.activities == (
        ActivityFigures(
            kind="sector", currency="GBP", stages=(("approved", 1), ("completed", 2)), minutes=180, cost=200
        ),
        ActivityFigures(kind="teaching", currency="EUR", stages=(("completed", 1),), minutes=90, cost=7),
    )
    assert found.impact == (("to-review", 3),)


def test_satisfaction_and_impact_are_of_those_completed():
    done = (
        activity(scores=(("use", 5), ("quality", 4)), impact="had"),
        activity(scores=(("use", 2),), impact="none"),
        activity(stage="dropped", done_at=None),
    )

    found = figures.of([facts(activities=done)], staff=(), scope="board")

    assert found.satisfaction == (
        Satisfaction(question="quality", n=1, total=4),
        Satisfaction(question="use", n=2, total=7),
    )
    assert [one.mean for one in found.satisfaction] == [4.0, 3.5]
    assert found.impact == (("had", 1), ("none", 1))


def test_what_was_completed_by_the_instant_it_goes_from_is_left_out_and_what_is_to_come_is_not():
    later = activity(done_at=NOON + SECOND, minutes=30)
    done = (activity(done_at=NOON), later, activity(stage="proposed", done_at=None))
    known = [facts(activities=done)]

    [one] = figures.of(known, staff=(), scope="board", since=NOON).activities
    assert (one.stages, one.minutes) == ((("completed", 1), ("proposed", 1)), later.minutes)
    [one] = figures.of(known, staff=(), scope="board").activities
    assert one.stages == (("completed", 2), ("proposed", 1))


def test_what_counts_of_a_plan_is_what_it_holds():
    held = reviewed(completed(), met=["bias"])
    found = figures.facts_of(held, LATER + 101 * DAY)

    assert (found.person, found.department, found.running, found.agreed) == (PERSON, "assessing", True, True)
    [bias] = found.needs
    assert bias == need("bias", "appraisal", "sampling", "self-evaluation", met=True)
    [one] = found.activities
    assert (one.stage, one.minutes, one.cost, one.done_at, one.impact) == ("completed", 95, 12_000, LATER, "had")
    assert one.scores == ()
    assert found.overdue == ("answer-questionnaire-within", "reflect-within")


def test_an_activity_s_answers_count_once_they_are_given():
    said = {"activity": ACTIVITY, "by": who(PERSON), "scores": SCORES, "questions": tuple(SCORES)}
    held = after(completed(), looking_back.answer(completed(), **said))

    [one] = figures.facts_of(held, LATER).activities
    assert dict(one.scores) == SCORES
    assert one.impact == ""
    assert [each.stage for each in figures.facts_of(approved(), NOON).activities] == ["approved"]
    assert [each.minutes for each in figures.facts_of(proposed(), NOON).activities] == [90]


def test_a_task_is_overdue_from_its_instant_on():
    due = opened().tasks.running["agree-plan-within"].due_at

    assert figures.facts_of(opened(), due - SECOND).overdue == ()
    assert figures.facts_of(opened(), due).overdue == ("agree-plan-within",)


def test_a_need_without_a_plan_is_none_that_runs_and_what_ended_is_not_agreed_any_more():
    assert not figures.facts_of(noted(Development(), "appraisal"), NOON).running
    ended = after(agreed(), plan.end(agreed(), by=who(LEAD), reason=text("left")))
    assert figures.facts_of(ended, NOON).agreed is False


def test_the_digest_is_of_all_the_figures_and_of_nothing_else():
    one = figures.of([facts()], staff={"a"}, scope="board")

    assert figures.digest(one) == figures.digest(figures.of([facts()], staff=["a"], scope="board"))
    assert figures.digest(one) != figures.digest(figures.of([facts(overdue=("late",))], staff={"a"}, scope="board"))
    assert figures.digest(one) == "ebe752ccb082b892e215ca614748f4f9e43c6dc58d53193fbfbb4f1e1d6e91bc"
