"""Internal sampling on the real record: drawn by seed and clock, looked at by who had no part, closed once all is seen."""

import pytest

from domain.clocks import DeadlineMissed
from domain.ids import PROCESS_ROLE, derived_id
from domain.person import AttemptRefused
from domain.refusals import Refused
from domain.sampling import AssessmentsDrawn, FollowUpNamed, Plan, SampleResultRecorded
from services import matters, people, sampling
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.boards import board_of, by_process, provider_of, time_passes
from tests.services.conftest import Clock

SEED = 7


@pytest.fixture
def manager(body: Body) -> str:
    """A quality manager of a body with a board and its policy."""
    board_of(body, 1)
    return factories.appoint(body, "quality-manager", scheme=None)


def planned(body: Body, manager: str, **but: object) -> str:
    said = {"scheme": body.scheme.id, "year": 2026, "seed": SEED}
    body.by(sampling.plan_sampling, manager, "quality-manager", **(said | but))
    return sampling.plan_id(body.scheme.id, 2026)


def plan_of(body: Body, id: str) -> Plan:
    found: Plan = body.state(id)
    return found


def drawn_of(body: Body, manager: str, assessments: int = 2) -> tuple[str, list[str]]:
    """A plan from which so many assessments were drawn: each assessor's first ones are."""
    id = planned(body, manager)
    cases = [factories.brought(body, "completed") for _ in range(assessments)]
    body.by(sampling.draw_sample, manager, "quality-manager", case=id)
    assert [one.case for one in plan_of(body, id).drawn.values()] == cases
    return id, cases


def look(body: Body, by: str, role: str, id: str, number: int, *, result: str = "sound", **said: str) -> object:
    return body.by(sampling.record_result, by, role, plan=id, number=number, result=result, **said)


def test_what_is_completed_is_drawn_looked_at_and_closed_with_a_report(body: Body, clock: Clock, manager: str):
    id, [first, second] = drawn_of(body, manager)
    assessor = plan_of(body, id).drawn[1].assessor
    before = {case: len(body.recorded(case)) for case in (first, second)}

    look(body, manager, "quality-manager", id, 1)
    serious = {"text": "No reasons", "topic": "rationales", "need": "Writing reasons that cite"}
    receipt = look(body, body.moderators[0], "moderator", id, 2, result="serious", **serious)

    [follow] = body.events(id, FollowUpNamed)
    assert (follow.person, follow.topic) == (plan_of(body, id).drawn[2].assessor, "rationales")
    assert {one.subject for one in receipt.work.texts} == {follow.person}
    assert {case: len(body.recorded(case)) for case in before} == before
    assert assessor in {one.assessor for one in plan_of(body, id).tallies}
    with refused("sampling-complete", field="plan"):
        body.by(sampling.close_sampling, manager, "quality-manager", plan=id, report="All in all")
    time_passes(body, clock, id, plan_of(body, id).planned.ends_at)
    assert plan_of(body, id).final
    body.by(sampling.close_sampling, manager, "quality-manager", plan=id, report="All in all")
    assert (plan_of(body, id).over, plan_of(body, id).tasks.running) == (True, {})


def test_a_drawing_again_draws_nothing_twice_and_what_was_drawn_stays(body: Body, clock: Clock, manager: str):
    id, _ = drawn_of(body, manager)

    assert body.by(sampling.draw_sample, manager, "quality-manager", case=id).events == {}
    third = factories.brought(body, "completed")
    body.by(sampling.draw_sample, manager, "quality-manager", case=id)

    assert [one.case for one in plan_of(body, id).drawn.values()][2] == third
    assert len(body.events(id, AssessmentsDrawn)) == 2
    assert sum(one.completed for one in plan_of(body, id).tallies) == 3


def test_a_year_is_planned_once_whatever_the_seed(body: Body, clock: Clock, manager: str):
    id = planned(body, manager)
    other = factories.appoint(body, "quality-manager", scheme=None)

    for who in (manager, other):
        with refused("sampling-planned-once", field="seed"):
            planned(body, who, seed=SEED + 1)
    with refused("sampling-planned-once", field="seed"):
        planned(body, manager, percent=50)
    assert planned(body, manager) == id
    assert AttemptRefused(rule="sampling-planned-once", stream=id) in body.events(manager, AttemptRefused)


def test_nobody_looks_at_their_own_assessment_or_at_a_case_in_which_they_had_a_part(
    body: Body, clock: Clock, manager: str
):
    id, [first, _] = drawn_of(body, manager)
    assessor = plan_of(body, id).drawn[1].assessor
    body.by_officer(people.give_role, id=assessor, role="quality-manager")

    with refused("sampler-took-no-part", field="actor"):
        look(body, assessor, "quality-manager", id, 1)
    with refused("sampler-took-no-part", field="looker"):
        body.by(sampling.ask_to_look, manager, "quality-manager", plan=id, number=1, looker=assessor)
    assert AttemptRefused(rule="sampler-took-no-part", stream=id) in body.events(assessor, AttemptRefused)
    factories.take_up(body, first)
    for moderator in body.moderators:
        with refused("sampler-took-no-part", field="actor"):
            look(body, moderator, "moderator", id, 1)
    assert look(body, manager, "quality-manager", id, 1)


def test_an_officer_who_did_something_in_a_case_does_not_look_at_it_as_a_quality_manager(
    body: Body, clock: Clock, manager: str
):
    id, _ = drawn_of(body, manager)
    body.by(people.give_role, "installer", "installer", id=body.officer, role="quality-manager")

    with refused("sampler-took-no-part", field="actor"):
        look(body, body.officer, "quality-manager", id, 1)


def test_who_has_a_conflict_or_lacks_role_or_training_does_not_look(body: Body, clock: Clock, manager: str):
    id, [first, _] = drawn_of(body, manager)
    untrained = factories.appoint(body, "moderator")
    moderator = body.moderators[0]

    with refused("sampler-competent", field="actor"):
        look(body, untrained, "moderator", id, 1)
    with refused("acting-role", field="role"):
        look(body, body.officer, "officer", id, 1)
    said = {"id": moderator, "provider": provider_of(body, first), "kind": "advised"}
    body.by(people.declare_conflict, moderator, "moderator", **said)
    with refused("conflict-of-interest", field="actor"):
        look(body, moderator, "moderator", id, 1)
    with refused("conflict-of-interest", field="looker"):
        body.by(sampling.ask_to_look, manager, "quality-manager", plan=id, number=1, looker=moderator)


def test_who_is_asked_to_look_is_reminded_and_the_board_told_when_nobody_did(body: Body, clock: Clock, manager: str):
    id, _ = drawn_of(body, manager)
    moderator = body.moderators[1]
    body.by(sampling.ask_to_look, manager, "quality-manager", plan=id, number=2, looker=moderator)
    task = plan_of(body, id).tasks.running["look-at-sample-within:2"]
    assert (task.who, task.told) == (moderator, "board")

    happened = time_passes(body, clock, id, task.due_at)

    missed = [(at, one.about) for at, one in happened if isinstance(one, DeadlineMissed)]
    assert missed == [(task.due_at, "1"), (task.due_at, "2")]
    look(body, moderator, "moderator", id, 2)
    assert "look-at-sample-within:2" not in plan_of(body, id).tasks.running


def test_a_conflict_declared_hands_the_look_at_that_providers_work_over_and_no_other(
    body: Body, clock: Clock, manager: str
):
    id, [first, _] = drawn_of(body, manager)
    moderator = body.moderators[1]
    for number in (1, 2):
        body.by(sampling.ask_to_look, manager, "quality-manager", plan=id, number=number, looker=moderator)
    due_at = plan_of(body, id).tasks.running["look-at-sample-within:1"].due_at

    said = {"id": moderator, "provider": provider_of(body, first)}
    declared = body.by(people.declare_conflict, moderator, "moderator", **said)

    running = plan_of(body, id).tasks.running
    assert id in declared.events
    assert (running["look-at-sample-within:1"].who, running["look-at-sample-within:1"].due_at) == (
        "quality-manager",
        due_at,
    )
    assert running["look-at-sample-within:2"].who == moderator
    assert look(body, manager, "quality-manager", id, 1)


def test_the_plans_process_draws_by_itself_each_month_and_for_the_last_time_when_the_year_is_over(
    body: Body, clock: Clock, manager: str
):
    id = planned(body, manager)
    clock.passes(days=3)
    case = factories.brought(body, "completed")

    happened = time_passes(body, clock, id, plan_of(body, id).planned.ends_at)

    drawings = [(at, one) for at, one in happened if isinstance(one, AssessmentsDrawn)]
    assert [one.case for _, drawing in drawings for one in drawing.drawn] == [case]
    assert drawings[0][1].drawn
    assert drawings[-1][0] == plan_of(body, id).planned.ends_at
    assert [drawing.final for _, drawing in drawings] == [False] * (len(drawings) - 1) + [True]
    assert len(drawings) == 10  # each month from April to December, and the last one
    assert by_process(body, id, sampling.draw_sample).events == {}
    other = body.command(derived_id("sampling", "other"), PROCESS_ROLE)
    with refused("process-only", field="role"):
        sampling.draw_sample(body.office, other, case=id)
    with refused("process-only", field="role"):
        body.by(matters.remind_task, manager, "quality-manager", case=id)


def test_a_result_is_for_good(body: Body, clock: Clock, manager: str):
    id, _ = drawn_of(body, manager)
    look(body, manager, "quality-manager", id, 1)

    with refused("sampled-once", field="number"):
        look(body, manager, "quality-manager", id, 1, result="minor", text="On second thoughts")
    with refused("sampled-once", field="number"):
        body.by(sampling.ask_to_look, manager, "quality-manager", plan=id, number=1, looker=body.moderators[0])
    assert look(body, manager, "quality-manager", id, 1).events == {}
    assert len(body.events(id, SampleResultRecorded)) == 1


def test_what_can_not_be_meant_is_refused_and_nothing_is_written(body: Body, clock: Clock, manager: str):
    id, _ = drawn_of(body, manager)
    position = body.office.records.read_log(0, 10_000)[-1].position

    for but, rule, field in (
        ({"scheme": "none"}, "published-scheme", "scheme"),
        ({"year": 2025}, "sampling-year", "year"),
        ({"year": 99_999}, "sampling-year", "year"),
        ({"year": 2027, "seed": -1}, "sample-seed", "seed"),
        ({"year": 2027, "percent": 9}, "sampling-shares", "percent"),
        ({"year": 2027, "percent": 101}, "sampling-shares", "percent"),
        ({"year": 2027, "least": 1}, "sampling-shares", "least"),
    ):
        with refused(rule, field=field):
            planned(body, manager, **but)
    for number, said, rule, field in (
        (9, {}, "known-sample", "number"),
        (1, {"result": "splendid"}, "sampling-results", "result"),
        (1, {"result": "minor"}, "sampling-text", "text"),
        (1, {"result": "serious", "text": "Why"}, "sampling-text", "topic"),
        (1, {"result": "serious", "text": "Why", "topic": "reasons"}, "sampling-text", "need"),
        (1, {"result": "serious", "text": "Why", "topic": "No Code", "need": "This"}, "codes", "topic"),
        (1, {"result": "minor", "text": "x" * 1_000_000}, "text-length", "text"),
        (1, {"result": "minor", "text": ""}, "text-given", "text"),
    ):
        with refused(rule, field=field):
            look(body, manager, "quality-manager", id, number, **said)
    for unknown in ("none", derived_id("sampling", "none")):
        for service, more in (
            (sampling.draw_sample, {"case": unknown}),
            (sampling.close_sampling, {"plan": unknown, "report": "All"}),
            (sampling.record_result, {"plan": unknown, "number": 1, "result": "sound"}),
        ):
            with pytest.raises(Refused) as caught:
                body.by(service, manager, "quality-manager", **more)
            assert caught.value.rule in ("known-sampling", "known-plan")
    assert body.office.records.read_log(position, 10) == []
    with refused("acting-role", field="role"):
        body.by_officer(sampling.plan_sampling, scheme=body.scheme.id, year=2027, seed=1)


def test_a_sample_hides_what_a_person_has_a_conflict_with(body: Body, clock: Clock, manager: str):
    id, [first, _] = drawn_of(body, manager)
    receipt = body.by(sampling.draw_sample, manager, "quality-manager", case=id)
    moderator = body.moderators[0]
    assert sampling.visible_in(plan_of(body, id), receipt.work, moderator) == [1, 2]

    said = {"id": moderator, "provider": provider_of(body, first), "kind": "advised"}
    receipt = body.by(people.declare_conflict, moderator, "moderator", **said)

    assert sampling.visible_in(plan_of(body, id), receipt.work, moderator) == [2]
