"""What a submission is at the stage for is what people may be offered, until it is too late for it."""

import pytest

from domain.submission.next_steps import FEES, STAGES, possible
from domain.submission.state import Stage, Submission


@pytest.mark.parametrize("stage", Stage)
def test_each_command_is_possible_at_its_stages_and_at_no_other(stage: Stage):
    case = Submission(stage=stage)
    late = {"lodge_appeal"} if stage is Stage.DECIDED else set()

    assert possible(case) == [action for action, stages in STAGES.items() if stage in stages and action not in late]


def test_a_report_is_approved_once_and_an_appeal_waits_for_the_released_result():
    decided = {"approve_report", "lodge_appeal"}
    assert decided & set(possible(Submission(stage=Stage.DECIDED))) == {"approve_report"}
    assert decided & set(possible(Submission(stage=Stage.DECIDED, report_approved=True))) == set()
    assert decided & set(possible(Submission(stage=Stage.DECIDED, report_approved=True, released=True))) == {
        "lodge_appeal"
    }
    assert "lodge_appeal" in possible(Submission(stage=Stage.INELIGIBLE))


def test_an_item_is_handed_over_until_its_result_is_told():
    assert "hand_over_item" in possible(Submission(stage=Stage.DECIDED))
    assert "hand_over_item" not in possible(Submission(stage=Stage.DECIDED, released=True))


@pytest.mark.parametrize("action", FEES)
def test_a_fee_is_paid_waived_or_given_back_as_it_stands(action: str):
    assert action in possible(Submission(fees={"submission": FEES[action]}))
    assert action not in possible(Submission(fees={"submission": "waived"}))
