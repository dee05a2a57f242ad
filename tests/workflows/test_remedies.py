"""After an upheld appeal the processes take a case up again, which had ended, and bring it to its new result and award."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.accreditation import AccreditationAwarded, AccreditationLapsed
from domain.clocks import DeadlineMissed, ReminderSent
from domain.submission.events import AssessorAssigned, ResultReleased
from domain.submission.state import Stage
from services.assessment import Judgement
from services.awards import accreditation_id
from tests import factories as f
from tests.infra.polling import until
from tests.services.holding import conclude, raised, review
from tests.services.remedying import direct, ineligible, others
from tests.workflows.machinery import LIMIT, Machinery, bring, settled
from tests.workflows.skipping import SkippingServer


@pytest.fixture
def body(machinery: Machinery) -> f.Body:
    opened = f.open_body(machinery.app.office)
    machinery.start()
    return opened


def is_over(machinery: Machinery, case: str) -> bool:
    return machinery.status(case) is WorkflowExecutionStatus.COMPLETED


def test_after_assess_again_the_process_assigns_somebody_else_and_all_runs_to_the_new_result(
    body: f.Body, machinery: Machinery
):
    # given a result, with which the case's process has ended
    case = bring(body, "approved", f.schedule_window(body), {"1.1": "not_met"})
    first = settled(body, case).assessor
    until(lambda: is_over(machinery, case), LIMIT)
    # when an appeal has it assessed again
    direct(body, case, "assess-again")
    until(lambda: body.submission(case).assessor, LIMIT)
    # then the process chose somebody else, who assesses, and others moderate
    assigned = body.events(case, AssessorAssigned)[-1]
    assert assigned.assessor != first
    [note] = [one for one in body.recorded(case) if one.event == assigned]
    assert note.actor == case
    f.assess(body, case)
    others(body)
    f.take_up(body, case)
    f.confirm(body, case)
    f.decide(body, case)
    # and it releases the new result, which is an award, and ends
    until(lambda: body.submission(case).over, LIMIT)
    assert [one.outcome for one in body.events(case, ResultReleased)] == ["not_awarded", "awarded"]
    until(lambda: body.events(accreditation_id(case), AccreditationAwarded), LIMIT)
    until(lambda: is_over(machinery, case), LIMIT)
    until(lambda: machinery.status(accreditation_id(case)) is WorkflowExecutionStatus.RUNNING, LIMIT)


def test_a_replaced_decision_is_released_by_the_process(body: f.Body, machinery: Machinery):
    case = bring(body, "approved", f.schedule_window(body), {"1.1": "not_met"})
    until(lambda: is_over(machinery, case), LIMIT)

    direct(body, case, "replace-decision", judgements={"1.1": Judgement(level="met", reason="It is.")})

    until(lambda: body.submission(case).over, LIMIT)
    assert [one.outcome for one in body.events(case, ResultReleased)] == ["not_awarded", "awarded"]
    assert body.state(accreditation_id(case)).valid_on(body.now())


def test_what_was_found_ineligible_is_assigned_by_the_process(body: f.Body, machinery: Machinery):
    case = ineligible(body)
    until(lambda: is_over(machinery, case), LIMIT)

    direct(body, case, "assess-again", contested="ineligible")

    until(lambda: body.submission(case).assessor, LIMIT)


def test_a_moderation_that_an_appeal_ordered_and_that_is_overdue_is_told_and_a_lifted_award_ends_at_its_end(
    skipping: Machinery, time: SkippingServer
):
    # given an award that was withdrawn after a review
    body = f.open_body(skipping.app.office, source=f.scheme_source(remind_validity=["P1M"]), now=time.now)
    skipping.start()
    case = bring(body, "approved", f.schedule_window(body))
    award = accreditation_id(case)
    until(lambda: body.state(award).id, LIMIT)
    ends_at = body.state(award).ends_at
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "withdraw")
    # when an appeal lifts that, and another one has the result moderated again
    direct(body, award, "replace-decision", contested="review", concern=concern, reason="It was taught.")
    direct(body, case, "moderate-again")
    due = body.submission(case).clock
    assert due
    time.go_to(due.due_at + timedelta(minutes=1))
    # then operations are told that it is overdue, by the process that runs again
    until(lambda: body.events(case, DeadlineMissed), LIMIT)
    assert body.submission(case).stage is Stage.AWAITING_MODERATION
    # and the award is reminded of, and ends, as if nothing had been
    time.go_to(ends_at - timedelta(days=20))
    until(lambda: body.events(award, ReminderSent), LIMIT)
    time.go_to(ends_at + timedelta(minutes=1))
    until(lambda: body.events(award, AccreditationLapsed), LIMIT)
    assert body.events(award, AccreditationLapsed)[-1].ended_at == ends_at
