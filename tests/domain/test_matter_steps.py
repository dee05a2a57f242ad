"""What a matter is at the stage for is what people may be offered; that nothing else succeeds, the whole body shows."""

import pytest

from domain import permissions
from domain.complaint.state import Affected, Complaint
from domain.matter_steps import STAGES, possible
from domain.proposal import Proposal
from domain.sampling.state import Plan
from domain.scrutiny import Scrutiny
from domain.tasks import Task, Tasks
from tests.domain.given import utc

LATER = Task(rule="consider-proposal-within", due_at=utc("2027-01-01T12:00"), who="board")


def test_each_step_is_an_action_of_the_table():
    named = {action for stages in STAGES.values() for action in stages}

    assert named <= set(permissions.actions())


@pytest.mark.parametrize("stage", ["made", "deferred", "accepted", "declined", "withdrawn"])
def test_each_command_is_possible_at_its_stages_and_at_no_other(stage: str):
    matter = Proposal(id="proposal-aaaaaaaaaaaaaaaa", stage=stage)

    assert possible(matter) == [action for action, stages in STAGES["proposal"].items() if stage in stages]


def test_a_task_is_moved_while_one_runs():
    assert "move_task" not in possible(Proposal(id="proposal-aaaaaaaaaaaaaaaa"))
    assert "move_task" in possible(Proposal(id="proposal-aaaaaaaaaaaaaaaa", tasks=Tasks(running={LATER.name: LATER})))


def test_what_follows_from_a_complaint_is_possible_once_it_is_upheld_also_when_it_is_closed():
    closed = {"id": "complaint-aaaaaaaaaaaaaaaa", "stage": "closed"}

    assert possible(Complaint(**closed, outcome="not-upheld")) == []
    assert possible(Complaint(**closed, outcome="upheld")) == ["name_follow_up", "name_affected_case"]
    waiting = Complaint(**closed, outcome="upheld", affected={"submission-aaaaaaaaaaaaaaaa": Affected()})
    assert {"deal_with_affected", "close_affected"} <= set(possible(waiting))


def test_a_plan_draws_no_more_after_its_last_drawing_and_an_arrangement_that_is_over_is_not_signed():
    assert "draw_sample" in possible(Plan(id="sampling-aaaaaaaaaaaaaaaa", stage="running"))
    drawn = possible(Plan(id="sampling-aaaaaaaaaaaaaaaa", stage="drawn", final=True))
    assert drawn == ["ask_to_look", "record_result", "close_sampling"]
    assert "sign_scrutiny" in possible(Scrutiny(id="scrutiny-aaaaaaaaaaaaaaaa", stage="ended"))
    assert "sign_scrutiny" not in possible(Scrutiny(id="scrutiny-aaaaaaaaaaaaaaaa", stage="ended", over=True))
