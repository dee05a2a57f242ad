"""A person's plan: opened and agreed by others, with needs that several sources point to, turned every period."""

from typing import Any

import pytest

from domain import tasks
from domain.clocks import DeadlineMissed
from domain.development import Development, activities, plan
from domain.development import events as e
from domain.development.duties import Duties
from domain.ids import derived_id
from domain.refusals import Refused
from domain.tasks import ALL
from tests.domain.given import DAY, NOON, SECOND, refused, text
from tests.domain.workforce import (
    ACTIVITY,
    APPEAL,
    DUTIES,
    ID,
    LEAD,
    MANAGER,
    OTHER,
    PERSON,
    POLICY,
    after,
    agreed,
    approved,
    completed,
    noted,
    opened,
    policy,
    proposed,
    reviewed,
    running,
    who,
    with_need,
)

OPENING: dict[str, Any] = {
    "id": ID,
    "person": PERSON,
    "department": "assessing",
    "duties": DUTIES,
    "by": who(LEAD),
    "at": NOON,
}
NOTING: dict[str, Any] = {
    "id": ID,
    "person": PERSON,
    "topic": "bias",
    "source": "appraisal",
    "text": text("why"),
    "matter": None,
    "by": who(LEAD),
    "duties": DUTIES,
    "at": NOON,
}
YEAR_ON = NOON.replace(year=2027)


def noting(held: Development, **changes: Any) -> list[Any]:
    return plan.note_need(held, **NOTING | changes)


def test_a_plan_is_opened_for_a_period_and_is_to_be_agreed_in_time():
    [event] = plan.open_plan(Development(), **OPENING)

    assert (event.period, event.starts_at, event.ends_at, event.carried) == (1, NOON, YEAR_ON, ())
    assert event.policy == "workforce@1"
    agree, turn = event.sets
    assert (agree.rule, agree.who, agree.told) == ("agree-plan-within", LEAD, "quality-manager")
    assert (turn.rule, turn.due_at, turn.told) == ("plan-period", event.ends_at, "")
    assert opened().running


def test_nobody_opens_their_own_plan_and_each_has_one():
    with refused("not-for-oneself", field="actor"):
        plan.open_plan(Development(), **OPENING | {"by": who(PERSON)})
    assert plan.open_plan(opened(), **OPENING) == []
    with refused("one-plan-each", field="person"):
        plan.open_plan(opened(), **OPENING | {"department": "appeals"})


def test_a_plan_is_of_a_department_of_the_policy():
    with refused("known-department", field="department", match="assessing, appeals"):
        plan.open_plan(Development(), **OPENING | {"department": "kitchen"})


def test_a_lead_s_own_plan_is_the_quality_manager_s_to_agree_and_late_the_board_is_told():
    own = Duties(policy=POLICY, person=LEAD, lead=LEAD)

    [event] = plan.open_plan(Development(), **OPENING | {"person": LEAD, "duties": own, "by": who(MANAGER)})

    assert (event.sets[0].who, event.sets[0].told) == ("quality-manager", "board")


def test_where_nobody_leads_what_is_for_a_lead_is_the_quality_manager_s():
    [event] = plan.open_plan(
        Development(), **OPENING | {"duties": Duties(policy=POLICY, person=PERSON), "by": who(MANAGER)}
    )

    assert {one.who for one in event.sets} == {"quality-manager"}


def test_a_need_for_which_an_activity_is_to_be_planned_already_sets_nothing_more():
    [event] = noting(with_need(), text=text("more"))

    assert event.sets == ()


def test_what_is_not_there_is_said_with_what_is():
    with refused("known-need", field="topic", match="a need noted before"):
        plan.meet_need(opened(), topic="bias", by=who(LEAD))
    with refused("known-activity", field="activity", match="an activity proposed before"):
        activities.approve(agreed(), activity=ACTIVITY, by=who(LEAD), duties=DUTIES, at=NOON)


def test_a_need_is_found_once_three_different_sources_point_to_it():
    held = noted(noted(opened(), "appraisal"), "sampling")
    assert not held.needs["bias"].found
    assert "plan-for-need-within:bias" not in running(held)

    held = noted(held, "appraisal", text=text("again"))
    assert not held.needs["bias"].found, "a source heard twice is one source"

    held = noted(held, "self-evaluation")
    assert held.needs["bias"].unmet
    found = held.tasks.running["plan-for-need-within:bias"]
    assert (found.who, found.told) == (PERSON, LEAD)


def test_a_need_on_another_topic_does_not_count_for_this_one():
    held = noted(noted(noted(opened(), "appraisal"), "sampling"), "self-evaluation", "chairing")

    assert not held.needs["bias"].found
    assert not held.needs["chairing"].found


@pytest.mark.parametrize("source", ["appeal", "complaint"])
def test_a_need_from_an_upheld_appeal_or_complaint_stands_on_its_own(source: str):
    matter = derived_id(source, "one")

    [event] = noting(opened(), source=source, matter=matter)

    assert (event.found, event.matter, event.source) == (True, matter, source)


def test_how_many_sources_it_takes_and_which_stand_alone_is_the_policy_s():
    stricter = policy([("[cpd]\n", '[cpd]\nalone = ["complaint"]\nsources_needed = 2\n')])
    duties = Duties(policy=stricter, person=PERSON, lead=LEAD)

    [event] = noting(opened(), source="appeal", matter=APPEAL, duties=duties)
    assert not event.found
    [event] = noting(after(opened(), [event]), duties=duties)
    assert event.found


def test_what_was_found_stays_so_under_a_stricter_policy():
    stricter = Duties(policy=policy([("[cpd]\n", "[cpd]\nsources_needed = 5\n")]), person=PERSON, lead=LEAD)

    [event] = noting(with_need(), text=text("more"), duties=stricter)

    assert event.found


def test_the_same_source_in_the_same_words_is_noted_once():
    held = after(opened(), noting(opened()))

    assert noting(held) == []


def test_only_the_person_says_what_they_found_themselves_and_only_others_the_rest():
    for source in ("appraisal", "sampling", "questionnaire"):
        with refused("source-speaks-itself", field="source", match="self-evaluation"):
            noting(opened(), source=source, by=who(PERSON))
    with refused("source-speaks-itself", field="source"):
        noting(opened(), source="appeal", matter=APPEAL, by=who(PERSON))
    with refused("source-speaks-itself", field="source", match="appraisal"):
        noting(opened(), source="self-evaluation", by=who(LEAD))


@pytest.mark.parametrize("source", ["horoscope", "", "x" * 1_000_000])
def test_a_need_comes_from_a_source_that_the_policy_knows(source: str):
    with refused("need-sources", field="source", match="appraisal"):
        noting(opened(), source=source)


@pytest.mark.parametrize("topic", ["", "Bias in judging", "x" * 1_000_000])
def test_a_topic_is_a_code(topic: str):
    with refused("codes", field="topic"):
        noting(opened(), topic=topic)


@pytest.mark.parametrize(
    ("source", "matter", "said"),
    [
        ("appeal", None, "from a matter of its kind. Allowed: the id of the appeal"),
        ("complaint", None, "the id of the complaint"),
        ("appeal", derived_id("complaint", "one"), "the id of the appeal"),
        ("complaint", "the one of last week", "the id of the complaint"),
        ("sampling", derived_id("appeal", "one"), "the id of the sampling"),
        ("questionnaire", derived_id("sampling", "one"), "the id of the learning"),
        ("appraisal", derived_id("sampling", "one"), "from no matter. Allowed: nothing"),
    ],
)
def test_a_need_from_a_matter_names_one_of_its_kind_and_no_other_does(source: str, matter: str | None, said: str):
    with refused("need-from-matter", field="matter"):
        noting(opened(), source=source, matter=matter)
    with pytest.raises(Refused) as caught:
        noting(opened(), source=source, matter=matter)
    assert said in str(caught.value)


@pytest.mark.parametrize(("source", "kind"), [("sampling", "sampling"), ("questionnaire", "learning")])
def test_a_need_from_sampling_or_a_questionnaire_may_name_it(source: str, kind: str):
    [event] = noting(opened(), source=source, matter=derived_id(kind, "one"))

    assert event.matter == derived_id(kind, "one")


def test_for_who_has_a_need_and_no_plan_one_is_to_be_opened_in_time():
    held = after(Development(), noting(Development(), source="appeal", matter=APPEAL))

    assert (held.id, held.person, held.stage, held.running) == (ID, PERSON, "noted", False)
    [task] = held.tasks.running.values()
    assert (task.rule, task.who, task.told) == ("open-plan-within", "quality-manager", "board")
    [again] = noting(held)
    assert again.sets == ()

    held = opened(held)
    assert running(held) == {"agree-plan-within", "plan-period", "plan-for-need-within:bias"}
    assert held.needs["bias"].carried == 0


def test_a_plan_is_agreed_by_somebody_else_once_a_need_is_found():
    with refused("plan-has-needs", field="person"):
        plan.agree_plan(noted(opened(), "appraisal"), by=who(LEAD))
    with refused("not-for-oneself", field="actor"):
        plan.agree_plan(with_need(), by=who(PERSON))
    with refused("plan-runs", field="person"):
        plan.agree_plan(Development(), by=who(LEAD))

    held = agreed()
    assert held.agreed
    assert "agree-plan-within" not in running(held)
    assert plan.agree_plan(held, by=who(MANAGER)) == []


def test_a_need_is_met_once_an_activity_for_it_has_shown_impact_and_not_by_oneself():
    for held in (with_need(), completed(), reviewed(impact="none")):
        with refused("impact-first", field="topic"):
            plan.meet_need(held, topic="bias", by=who(LEAD))
    with refused("not-for-oneself", field="actor"):
        plan.meet_need(reviewed(), topic="bias", by=who(PERSON))
    with refused("known-need", field="topic", match="bias"):
        plan.meet_need(reviewed(), topic="chairing", by=who(LEAD))
    with refused("plan-runs"):
        plan.meet_need(Development(), topic="bias", by=who(LEAD))

    for impact in ("had", "partly"):
        held = reviewed(impact=impact)
        assert "plan-for-need-within:bias" in running(held), "until it is met, another activity is wanted"
        held = after(held, plan.meet_need(held, topic="bias", by=who(LEAD)))
        assert held.needs["bias"].met
        assert "plan-for-need-within:bias" not in running(held)
        assert plan.meet_need(held, topic="bias", by=who(LEAD)) == []


def test_a_source_that_points_to_a_need_that_was_met_begins_it_again():
    held = reviewed(met=["bias"])

    held = noted(held, "appraisal", text=text("it came back"))

    assert not held.needs["bias"].met
    assert not held.needs["bias"].found
    assert not held.needs["bias"].shown
    assert [one.kind for one in held.needs["bias"].sources] == ["appraisal"]


def test_when_a_period_ends_the_needs_not_met_go_on_into_the_next_once():
    held = with_need(with_need(), "chairing")
    held = reviewed(completed(approved(proposed(agreed(held)))), met=["bias"])
    ends_at = held.tasks.running["plan-period"].due_at

    assert plan.turn(held, duties=DUTIES, at=ends_at - SECOND) == []
    closed, begun = plan.turn(held, duties=DUTIES, at=ends_at + 3 * DAY)

    assert (closed.period, closed.met, closed.unmet) == (1, ("bias",), ("chairing",))
    assert (begun.period, begun.starts_at, begun.carried) == (2, ends_at, ("chairing",))
    assert begun.ends_at == ends_at.replace(year=2028)
    held = after(held, [closed, begun])
    assert held.needs["chairing"].carried == 1
    assert not held.agreed
    assert held.tasks.running["agree-plan-within"].due_at > ends_at + 3 * DAY
    assert plan.turn(held, duties=DUTIES, at=ends_at + 3 * DAY) == [], "nothing is carried over twice"


def test_what_was_met_in_an_earlier_period_is_not_said_to_be_met_in_this():
    held = reviewed(met=["bias"])
    for year in (2027, 2028):
        ends_at = held.tasks.running["plan-period"].due_at
        closed, begun = plan.turn(held, duties=DUTIES, at=ends_at)
        assert closed.met == (("bias",) if year == 2027 else ())
        assert closed.unmet == begun.carried == ()
        held = after(held, [closed, begun])


def test_a_period_ends_on_the_calendar_and_an_activity_under_way_outlives_it():
    held = approved()
    ends_at = held.tasks.running["plan-period"].due_at

    held = after(held, plan.turn(held, duties=DUTIES, at=ends_at))

    assert f"record-activity-within:{ACTIVITY}" in running(held)
    assert "plan-for-need-within:bias" not in running(held), "an activity for it is under way"
    assert held.activities[ACTIVITY].stage == "approved"


def test_two_periods_that_an_outage_held_up_are_turned_one_after_the_other():
    held = with_need()
    late = NOON.replace(year=2028, month=6)

    held = after(held, plan.turn(held, duties=DUTIES, at=late))
    held = after(held, plan.turn(held, duties=DUTIES, at=late))

    assert held.period == 3
    assert held.needs["bias"].carried == 2
    assert plan.turn(held, duties=DUTIES, at=late) == []


def test_what_is_late_is_told_and_the_period_turns_by_itself():
    held = agreed()
    due = held.tasks.running["plan-for-need-within:bias"].due_at
    ends_at = held.tasks.running["plan-period"].due_at

    late = tasks.miss(held, at=due)
    assert late == [DeadlineMissed(rule="plan-for-need-within", due_at=due, about="bias")]
    held = after(held, late)
    reminder = tasks.due_next(held, at=due)
    assert reminder
    assert reminder.step == "remind_task"
    held = after(held, tasks.remind(held, at=reminder.at))

    step = tasks.due_next(held, at=reminder.at)
    assert step
    assert (step.step, step.at) == ("turn_period", ends_at)
    assert tasks.miss(held, at=ends_at) == []


def test_who_moves_to_another_department_has_its_lead_from_then_on():
    held = proposed()
    duties = Duties(policy=POLICY, person=PERSON, lead=OTHER)

    with refused("not-for-oneself"):
        plan.change_department(held, department="appeals", duties=duties, by=who(PERSON))
    with refused("known-department"):
        plan.change_department(held, department="kitchen", duties=duties, by=who(LEAD))
    with refused("plan-runs"):
        plan.change_department(Development(), department="appeals", duties=duties, by=who(LEAD))
    assert plan.change_department(held, department="assessing", duties=duties, by=who(LEAD)) == []

    held = after(held, plan.change_department(held, department="appeals", duties=duties, by=who(LEAD)))

    assert held.department == "appeals"
    assert held.tasks.running[f"approve-activity-within:{ACTIVITY}"].who == OTHER
    assert held.tasks.running["plan-period"].who == OTHER
    assert held.tasks.running["plan-period"].told == ""


def test_with_another_lead_the_tasks_fall_to_them_but_never_what_they_proposed_themselves():
    held = with_need(proposed(by=OTHER), "chairing")
    duties = Duties(policy=POLICY, person=PERSON, lead=OTHER)

    [event] = plan.follow_lead(held, duties=duties)

    held = after(held, [event])
    approve = held.tasks.running[f"approve-activity-within:{ACTIVITY}"]
    assert (approve.who, approve.told) == ("quality-manager", "board")
    own = held.tasks.running["plan-for-need-within:chairing"]
    assert (own.who, own.told) == (PERSON, OTHER)
    assert plan.follow_lead(held, duties=duties) == []
    assert plan.follow_lead(after(Development(), noting(Development())), duties=duties) == []


def test_a_development_that_ended_asks_for_nothing_and_its_needs_are_carried_over_into_a_new_one():
    held = with_need(proposed(), "chairing")
    with refused("not-for-oneself"):
        plan.end(held, by=who(PERSON), reason=text("bored"))
    with refused("plan-runs"):
        plan.end(Development(), by=who(LEAD), reason=text("left"))

    held = after(held, plan.end(held, by=who(LEAD), reason=text("left")))

    assert held.over
    assert running(held) == set()
    assert held.activities[ACTIVITY].stage == "dropped"
    assert plan.end(held, by=who(LEAD), reason=text("left")) == []
    with refused("plan-runs"):
        plan.agree_plan(held, by=who(LEAD))

    held = opened(held, at=NOON + 10 * DAY)
    assert not held.over
    assert held.period == 2
    assert held.needs["bias"].carried == held.needs["chairing"].carried == 1
    assert running(held) >= {"plan-for-need-within:bias", "plan-for-need-within:chairing"}


def test_a_need_of_who_had_a_plan_wants_one_again():
    held = after(opened(), plan.end(opened(), by=who(LEAD), reason=text("left")))

    held = after(held, noting(held))

    assert not held.over
    assert running(held) == {"open-plan-within"}
    assert after(held, plan.end(held, by=who(LEAD), reason=text("gone"))).over


def test_what_ends_a_development_ends_all_its_tasks():
    [event] = plan.end(completed(), by=who(LEAD), reason=text("left"))

    assert event == e.DevelopmentEnded(by=LEAD, reason=text("left"), ends=(ALL,))
