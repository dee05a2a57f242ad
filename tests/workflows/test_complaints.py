"""The processes of complaints and questionnaires: reminders and lateness at their instants, and what closes by itself does."""

import pytest

from domain.clocks import DeadlineMissed, ReminderSent
from domain.complaint import ComplaintClosed
from domain.learning import QuestionnaireLapsed
from services import complaint_handling
from services.learning import learning_id
from tests import factories as f
from tests.infra.polling import until
from tests.services.complaining import acknowledge, by_contact, handlers
from tests.workflows.machinery import LIMIT, Machinery, bring
from tests.workflows.skipping import SkippingServer


@pytest.fixture
def body(skipping: Machinery, time: SkippingServer) -> f.Body:
    opened = f.open_body(skipping.app.office, now=time.now)
    skipping.start()
    return opened


def test_a_complaint_s_process_reminds_tells_of_lateness_and_closes_what_is_not_taken_further(
    body: f.Body, time: SkippingServer
):
    provider, [hal, _] = f.register_provider(body), handlers(body)
    case = by_contact(body, provider)
    acknowledge(body, case, hal)
    [task] = body.state(case).tasks.running.values()

    time.go_to(task.remind_at[0])
    until(lambda: body.events(case, ReminderSent), LIMIT)
    time.go_to(task.due_at)
    until(lambda: body.events(case, DeadlineMissed), LIMIT)
    said = {"outcome": "not-upheld", "reason": "We looked into it."}
    body.by(complaint_handling.answer_complaint, hal, "complaints-handler", case=case, **said)
    due = body.state(case).deadline
    time.go_to(due)
    until(lambda: body.events(case, ComplaintClosed), LIMIT)

    closed = body.recorded(case)[-1]
    assert (closed.actor, closed.role, closed.at) == (case, "process", max(closed.at, due))
    assert [one.rule for one in body.events(case, DeadlineMissed)] == ["answer-complaint-within"]


def test_a_questionnaire_s_process_lets_it_lapse_and_ends(body: f.Body, time: SkippingServer):
    case = bring(body, "approved", f.schedule_window(body))
    id = learning_id(case)
    until(lambda: body.recorded(id), LIMIT)

    time.go_to(body.state(id).deadline)
    until(lambda: body.state(id).over, LIMIT)

    assert {one.person for one in body.events(id, QuestionnaireLapsed)} == set(body.state(id).asked)
    assert not body.events(id, DeadlineMissed)
