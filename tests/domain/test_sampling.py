"""Internal sampling: what is drawn of whose work, who looks at it, what follows, and when a plan is closed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import person as people
from domain import sampling
from domain.person import Person, RoleGiven
from domain.population import Assessed
from domain.sampling import FollowUpNamed, Plan, SampleResultRecorded, looking, planning
from domain.sampling.state import DRAW, FINISH, LOOK
from domain.tasks import Due, due_next
from tests.domain.given import ADA, BEN, CHAIR, DAY, MIA, NOON, SCHEME, SECOND, conflicted, fold, member, refused, text
from tests.domain.governing import ANN, CALENDAR, OLA, PLAN, QUE, SAMPLING, assessed

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
SAID: dict[str, Any] = {
    "id": PLAN,
    "scheme": SCHEME.id,
    "year": 2026,
    "seed": 7,
    "rules": SAMPLING,
    "calendar": CALENDAR,
    "at": NOON,
}
WORK = [assessed(number, ADA if number % 2 else BEN, number) for number in range(1, 41)]


def after(plan: Plan, events: Sequence[Any]) -> Plan:
    assert events
    return fold(sampling.evolve, plan, events)


def planned(**said: Any) -> Plan:
    return after(Plan(), planning.plan_sampling(Plan(), **(SAID | said)))


def drawing(plan: Plan, work: Sequence[Assessed] = WORK, *, at: datetime = NOON + 50 * DAY) -> list[Any]:
    rules: dict[str, Any] = {"rules": SAMPLING, "calendar": CALENDAR}
    return planning.draw(plan, assessments=work, position=len(work), **rules, at=at)


def drawn(work: Sequence[Assessed] = WORK, **said: Any) -> Plan:
    return after(planned(), drawing(planned(), work, **said))


def result(plan: Plan, **said: Any) -> list[Any]:
    usual = {"number": 1, "by": QUE, "took_part": (), "result": "sound", "text": None, "topic": None, "need": None}
    return looking.record_result(plan, **(usual | {"at": NOON} | said))


# Planning


def test_a_plan_has_the_policys_shares_or_more_and_is_to_be_finished_after_its_year():
    plan = planned()
    shares = plan.planned.shares

    assert (shares.percent, shares.least, shares.new_percent, shares.new_least) == (10, 2, 30, 4)
    assert (plan.planned.begins_at, plan.planned.ends_at) == (BEGIN, END)
    finish = plan.tasks.running[FINISH]
    assert (finish.who, finish.told) == ("quality-manager", "board")
    assert finish.due_at == CALENDAR.due(END, SAMPLING.finish_within)
    more = planned(percent=50, least=9).planned.shares
    assert (more.percent, more.least, more.new_percent, more.new_least) == (50, 9, 50, 9)
    assert planned(percent=100, least=1000)


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"year": 2025}, "sampling-year", "year"),
        ({"at": END}, "sampling-year", "year"),
        ({"year": 1999}, "sampling-year", "year"),
        ({"year": 2200}, "sampling-year", "year"),
        ({"seed": -1}, "sample-seed", "seed"),
        ({"seed": 2**53}, "sample-seed", "seed"),
        ({"percent": 9}, "sampling-shares", "percent"),
        ({"percent": 101}, "sampling-shares", "percent"),
        ({"least": 1}, "sampling-shares", "least"),
        ({"least": 1001}, "sampling-shares", "least"),
        ({"percent": 100, "least": 1001}, "sampling-shares", "least"),
    ],
)
def test_what_is_no_plan_is_refused(said: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        planned(**said)


def test_a_year_is_planned_until_its_last_second_and_once():
    plan = planned(at=END - SECOND, seed=0)

    assert planned(year=2199, seed=2**53 - 1)
    assert planned(year=2000, at=BEGIN.replace(year=1999))
    assert planning.plan_sampling(plan, **(SAID | {"seed": 0})) == []
    for other in ({"seed": 8}, {"percent": 50}):
        with refused("sampling-planned-once", field="seed"):
            planning.plan_sampling(plan, **(SAID | other))


# Drawing


def test_of_each_assessor_the_first_ones_and_a_share_are_drawn_and_nobody_chooses():
    plan = drawn()
    for assessor in (ADA, BEN):
        mine = [one for one in WORK if one.assessor == assessor.id]
        seen = {one.case for one in plan.drawn.values() if one.assessor == assessor.id}
        share = {one.case for one in mine if planning.in_share(plan.planned, one.case, 30)}
        assert seen == {one.case for one in mine[:4]} | share
        assert 4 <= len(seen) < 20
        assert {one.because for one in plan.drawn.values() if one.assessor == assessor.id} == {"least", "share"}
    assert {one.number for one in plan.drawn.values()} == set(range(1, len(plan.drawn) + 1))


def test_after_their_first_year_less_of_an_assessors_work_is_drawn():
    year = 365
    old = [assessed(1, ADA, -2 * year)]
    later = [assessed(number, ADA, number) for number in range(2, 42)]
    plan = drawn([*old, *later])
    share = {one.case for one in later if planning.in_share(plan.planned, one.case, 10)}

    assert {one.case for one in plan.drawn.values()} == {one.case for one in later[:2]} | share
    [tally] = plan.tallies
    assert (tally.completed, tally.new, tally.planned) == (40, 0, 4)


def test_an_assessor_is_new_until_the_policys_time_after_their_first_to_the_second():
    first = assessed(1, ADA, -200)
    end = CALENDAR.after(first.completed_at, SAMPLING.new_for)
    for moment, new in ((end - SECOND, 1), (end, 0)):
        [tally] = drawn([first, assessed(2, ADA, (moment - NOON) / DAY)], at=END).tallies
        assert tally.new == new


@pytest.mark.parametrize(
    ("completed", "new", "expected"),
    [
        (0, 0, 0),
        (1, 0, 1),
        (2, 0, 2),
        (5, 0, 2),
        (21, 0, 3),
        (30, 0, 3),
        (3, 3, 3),
        (10, 10, 4),
        (20, 10, 4),
        (100, 1, 11),
    ],
)
def test_a_plan_says_how_many_it_comes_to(completed: int, new: int, expected: int):
    assert planning._planned(planned().planned.shares, completed, new) == expected


def test_only_what_was_completed_under_the_scheme_in_the_year_is_drawn():
    begin = (BEGIN - NOON) / DAY
    end = (END - NOON) / DAY
    work = [
        assessed(1, "person-a", begin - 1),
        assessed(2, "person-b", begin),
        assessed(3, "person-c", end - 0.1),
        assessed(4, "person-d", end),
        assessed(5, "person-e", 1, scheme="other-mark@1"),
        assessed(6, "person-f", 1, scheme="test-mark@2"),
    ]

    assert [one.assessor for one in drawn(work, at=END).drawn.values()] == ["person-b", "person-c", "person-f"]


@given(cuts=st.sets(st.integers(1, len(WORK) - 1)), seed=st.integers(0, 99))
def test_whenever_it_is_drawn_the_same_comes_of_it(cuts: set[int], seed: int):
    at_once = after(planned(seed=seed), drawing(planned(seed=seed), at=END))

    plan = planned(seed=seed)
    for _, end in pairwise([0, *sorted(cuts), len(WORK)]):
        events = drawing(plan, WORK[:end], at=NOON + end * DAY)
        plan = after(plan, events) if events else plan
    plan = after(plan, drawing(plan, at=END))

    def of(one: Plan) -> set[Any]:
        return {(held.case, held.assessor, held.because) for held in one.drawn.values()}

    assert of(plan) == of(at_once)
    assert plan.tallies == at_once.tallies


def test_another_seed_draws_others():
    assert {one.case for one in drawn().drawn.values()} != {
        one.case for one in after(planned(seed=8), drawing(planned(seed=8))).drawn.values()
    }


def test_a_case_is_of_every_share_from_its_own_hundredth_on():
    plan = planned().planned
    cases = [f"case-{number}" for number in range(1_000)]

    for case in cases[:20]:
        shares = [planning.in_share(plan, case, percent) for percent in range(101)]
        assert shares == sorted(shares)
        assert (shares[0], shares[100]) == (False, True)
    drawn = [sum(planning.in_share(plan, one, percent) for one in cases) for percent in (0, 10, 100)]
    assert (drawn[0], drawn[2]) == (0, 1_000)
    assert 70 < drawn[1] < 130


def test_nothing_new_draws_nothing_unless_the_clock_says_so():
    plan = drawn(at=NOON + 20 * DAY)
    assert drawing(plan, at=NOON + 21 * DAY) == []
    due = plan.tasks.running[DRAW].due_at
    assert drawing(plan, at=due - SECOND) == []
    [looked] = drawing(plan, at=due)
    assert looked.drawn == ()
    [counted] = drawing(plan, [*WORK, assessed(99, CHAIR, 41)], at=NOON + 41 * DAY)
    assert counted.tallies != plan.tallies


def test_each_assessment_of_a_case_is_drawn_for_itself():
    twice = [assessed(1, ADA, 1), assessed(1, BEN, 2), assessed(1, ADA, 3)]

    assert [(one.case, one.assessor) for one in drawn(twice).drawn.values()] == [
        (one.case, one.assessor) for one in twice
    ]


def test_the_plan_draws_by_its_own_clock_and_the_last_time_as_the_year_ends():
    plan = planned()
    first = plan.tasks.running[DRAW]
    assert (first.told, first.due_at) == ("", CALENDAR.due(NOON, SAMPLING.draw_every))
    assert due_next(plan, at=NOON) == Due(step="draw_sample", at=first.due_at)

    late = after(plan, drawing(plan, at=END - 5 * DAY))
    assert late.tasks.running[DRAW].due_at == END
    assert (late.final, late.stage) == (False, "running")
    last = after(late, drawing(late, at=END))
    assert (last.final, last.stage, DRAW in last.tasks.running) == (True, "drawn", False)
    assert drawing(last, at=END + DAY) == []


def test_a_plan_made_ahead_begins_to_draw_with_its_year():
    ahead = planned(year=2027)

    assert ahead.tasks.running[DRAW].due_at == CALENDAR.due(END, SAMPLING.draw_every)


def test_what_was_drawn_can_be_drawn_again_and_what_was_not_to_be_is_found_out():
    plan = drawn()
    assert planning.drawn_again(plan, WORK, calendar=CALENDAR) == []

    first = plan.drawn[1]
    without = {number: one for number, one in plan.drawn.items() if number != 1}
    chosen = without | {1: replace(first, case=WORK[-1].case, because="share")}
    for held, fault in (
        ({"drawn": without}, "1 that were to be drawn"),
        ({"drawn": chosen}, "1 were drawn that were not"),
    ):
        assert any(fault in one for one in planning.drawn_again(Plan(**(vars(plan) | held)), WORK, calendar=CALENDAR))
    assert planning.drawn_again(plan, [*WORK, assessed(99, CHAIR, 400)], calendar=CALENDAR) == []  # of another year
    assert "counted otherwise" in planning.drawn_again(plan, [*WORK, assessed(99, CHAIR, 60)], calendar=CALENDAR)[-1]
    with refused("known-plan", field="plan"):
        planning.drawn_again(Plan(), WORK, calendar=CALENDAR)


# Looking


def test_what_is_drawn_is_to_be_looked_at_in_time():
    task = drawn().tasks.running[f"{LOOK}:1"]

    assert (task.who, task.told) == ("quality-manager", "board")
    assert task.due_at == CALENDAR.due(NOON + 50 * DAY, SAMPLING.look_within)


LATER = {"at": NOON + 9999 * DAY}
BOTH = fold(people.evolve, ADA, [RoleGiven(role="quality-manager")])


@pytest.mark.parametrize(
    ("by", "said", "rule"),
    [
        (Person(), {}, "known-person"),
        (OLA, {}, "sampler-competent"),
        (ANN, {}, "sampler-competent"),
        (BEN, {}, "sampler-competent"),
        (fold(people.evolve, member("new"), [RoleGiven(role="moderator", scheme=SCHEME.id)]), {}, "sampler-competent"),
        (MIA, LATER, "sampler-competent"),
        (CHAIR, {}, "sampler-competent"),
        (conflicted(QUE, assessed(1, ADA, 1).provider), {}, "conflict-of-interest"),
        (MIA, {"took_part": {MIA.id}}, "sampler-took-no-part"),
        (BOTH, {}, "sampler-took-no-part"),
    ],
)
def test_who_looks_is_competent_without_a_conflict_and_had_no_part_in_it(by: Person, said: dict[str, Any], rule: str):
    plan = drawn()
    with refused(rule, field="actor"):
        result(plan, by=by, **said)
    asked = {"number": 1, "looker": by, "took_part": (), "at": NOON} | said
    with refused(rule, field="looker"):
        looking.ask_to_look(plan, **asked)


@pytest.mark.parametrize("by", [QUE, MIA])
def test_a_quality_manager_or_a_trained_moderator_looks(by: Person):
    plan = drawn()
    assert result(plan, by=by, took_part={ADA.id})
    plan = after(plan, looking.ask_to_look(plan, number=1, looker=by, took_part=(), at=NOON))

    assert plan.tasks.running[f"{LOOK}:1"].who == by.id


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"number": 999}, "known-sample", "number"),
        ({"result": "splendid"}, "sampling-results", "result"),
        ({"result": "minor"}, "sampling-text", "text"),
        ({"result": "serious", "topic": "reasons", "need": text("n")}, "sampling-text", "text"),
        ({"result": "serious", "text": text("t"), "need": text("n")}, "sampling-text", "topic"),
        ({"result": "serious", "text": text("t"), "topic": "reasons"}, "sampling-text", "need"),
        ({"result": "minor", "text": text("t"), "topic": "No Code"}, "codes", "topic"),
    ],
)
def test_what_is_no_result_is_refused(said: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        result(drawn(), **said)


def test_a_serious_result_gives_a_need_of_the_assessor_and_no_other_does():
    plan = drawn()
    serious = {"result": "serious", "text": text("t"), "topic": "reasons", "need": text("n")}

    recorded, follow = result(plan, **serious)
    assert follow == FollowUpNamed(person=ADA.id, need=text("n"), topic="reasons", case=plan.drawn[1].case)
    assert isinstance(recorded, SampleResultRecorded)
    for other in ("sound", "minor"):
        assert len(result(plan, **(serious | {"result": other}))) == 1


def test_a_result_is_for_good():
    plan = after(drawn(), result(drawn()))

    assert f"{LOOK}:1" not in plan.tasks.running
    assert result(plan) == []
    for other in ({"by": MIA}, {"result": "minor", "text": text("t")}):
        with refused("sampled-once", field="number"):
            result(plan, **other)
    with refused("sampled-once", field="number"):
        looking.ask_to_look(plan, number=1, looker=MIA, took_part=(), at=NOON)


# Closing


def test_a_plan_is_closed_once_its_year_is_drawn_to_the_end_and_each_was_looked_at():
    work = WORK[:2]
    close: dict[str, Any] = {"by": QUE.id, "report": text("all")}
    plan = drawn(work)
    with refused("sampling-complete", field="plan", match="year is not over"):
        planning.close(plan, **close)
    plan = after(plan, drawing(plan, work, at=END))
    with refused("sampling-complete", field="plan", match="at 2 of those"):
        planning.close(plan, **close)
    for number in (1, 2):
        plan = after(plan, result(plan, number=number))
    plan = after(plan, planning.close(plan, **close))

    assert (plan.over, plan.tasks.running, plan.stage) == (True, {}, "closed")
    assert planning.close(plan, **close) == []
    assert drawing(plan, at=END + DAY) == []
    with refused("sampling-open", field="plan"):
        planning.close(plan, by="person-x", report=text("all"))
    with refused("sampling-open", field="plan"):
        result(plan, number=1)


def test_nothing_is_done_in_a_plan_that_is_not_there():
    for decide in (
        lambda: drawing(Plan()),
        lambda: planning.close(Plan(), by=QUE.id, report=text("all")),
        lambda: result(Plan()),
        lambda: looking.ask_to_look(Plan(), number=1, looker=QUE, took_part=(), at=NOON),
    ):
        with refused("known-plan", field="plan"):
            decide()
