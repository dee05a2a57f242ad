"""An appeal's own process: its reminders and word of lateness come at their instants, and it ends when the appeal does."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.clocks import DeadlineMissed, ReminderSent
from services import affected, appeals
from tests import factories as f
from tests.infra.polling import until
from tests.services.appealing import Appealing, hearing
from tests.workflows.machinery import LIMIT, Machinery, bring
from tests.workflows.skipping import SkippingServer
from tests.workflows.test_true_durations import london

SOON = timedelta(minutes=1)


@pytest.fixture
def hear(skipping: Machinery, time: SkippingServer) -> Appealing:
    time.go_to(london(2027, 1, 4, 9, 0))
    body = f.open_body(skipping.app.office, now=time.now)
    skipping.start()
    return hearing(body)


def told(hear: Appealing) -> str:
    """A submission that was not awarded, as its provider was told."""
    body = hear.body
    case = bring(body, "approved", f.schedule_window(body), {"1.1": body.scheme.scale[0]})
    until(lambda: body.submission(case).released, LIMIT)
    return case


def comes(hear: Appealing, time: SkippingServer, appeal: str, moment: Any, kind: type[Any]) -> Any:
    """Skip to a minute before `moment`, when there is nothing new of this kind yet, and then to it, when there is."""
    before = len(hear.body.events(appeal, kind))
    time.go_to(moment - SOON)
    assert len(hear.body.events(appeal, kind)) == before
    time.go_to(moment)
    until(lambda: len(hear.body.events(appeal, kind)) > before, LIMIT)
    latest = [one for one in hear.body.recorded(appeal) if isinstance(one.event, kind)][-1]
    assert moment <= latest.at < moment + SOON
    assert (latest.actor, latest.role) == (appeal, "process")
    return latest.event


def task(hear: Appealing, appeal: str, rule: str) -> Any:
    return hear.state(appeal).tasks.running[rule]


def test_what_is_not_acknowledged_admitted_or_decided_in_time_is_told_at_that_instant(
    hear: Appealing, time: SkippingServer
):
    appeal = hear.lodge(told(hear))
    lodged = task(hear, appeal, "acknowledge-appeal-within")
    assert comes(hear, time, appeal, lodged.remind_at[0], ReminderSent).rule == "acknowledge-appeal-within"
    assert comes(hear, time, appeal, lodged.due_at, DeadlineMissed).rule == "acknowledge-appeal-within"

    hear.by_officer(appeals.acknowledge_appeal, appeal=appeal)
    seen = task(hear, appeal, "admit-appeal-within")
    reminder = comes(hear, time, appeal, seen.remind_at[0], ReminderSent)
    assert (reminder.rule, reminder.due_at) == ("admit-appeal-within", seen.due_at)
    assert comes(hear, time, appeal, seen.due_at, DeadlineMissed).rule == "admit-appeal-within"

    hear.by_officer(appeals.admit_appeal, appeal=appeal)
    hear.name(appeal)
    heard = task(hear, appeal, "decide-appeal-within")
    assert comes(hear, time, appeal, heard.remind_at[0], ReminderSent).rule == "decide-appeal-within"
    assert comes(hear, time, appeal, heard.due_at, DeadlineMissed).rule == "decide-appeal-within"
    hear.decide(appeal)

    assert hear.state(appeal).over
    time.go_to(heard.due_at + timedelta(days=400))
    assert len(hear.body.events(appeal, ReminderSent)) == 3
    assert len(hear.body.events(appeal, DeadlineMissed)) == 3


def test_what_an_upheld_appeal_brings_is_watched_until_it_is_done(
    hear: Appealing, time: SkippingServer, skipping: Machinery
):
    body = hear.body
    other, case = told(hear), told(hear)
    appeal = hear.upheld(case)
    remedy, others = (task(hear, appeal, rule) for rule in ("carry-out-remedy-within", "others-within"))
    cause = ("panel-member", body.chair)
    hear.by_officer(affected.search_others, appeal=appeal, causes=[cause], touched=skipping.app.touched)

    assert comes(hear, time, appeal, remedy.remind_at[0], ReminderSent).rule == "carry-out-remedy-within"
    assert comes(hear, time, appeal, remedy.due_at, DeadlineMissed).rule == "carry-out-remedy-within"
    hear.by_officer(affected.deal_with_other, appeal=appeal, other=other, action="told", done="We told them.")
    assert comes(hear, time, appeal, others.remind_at[0], ReminderSent).rule == "others-within"
    another = f.appoint(body, "officer", scheme=None)
    body.by(affected.close_other, another, "officer", appeal=appeal, other=other)

    time.go_to(others.due_at + timedelta(days=30))
    assert [one.rule for one in body.events(appeal, DeadlineMissed)] == ["carry-out-remedy-within"]
    assert skipping.status(appeal) is WorkflowExecutionStatus.RUNNING


def test_nobody_is_reminded_of_an_appeal_that_is_withdrawn(hear: Appealing, time: SkippingServer):
    case = told(hear)
    appeal = hear.heard(case)
    due = task(hear, appeal, "decide-appeal-within")
    hear.body.by(appeals.withdraw_appeal, hear.contact(case), "provider", appeal=appeal, reason="No more.")
    withdrawn = hear.body.recorded(appeal)[-1].version

    time.go_to(due.due_at + timedelta(days=1))
    assert hear.body.recorded(appeal)[-1].version == withdrawn


def test_the_process_ends_when_the_appeal_does(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start()
    hear = hearing(body)
    appeal = hear.heard(told(hear))
    until(lambda: machinery.status(appeal) is WorkflowExecutionStatus.RUNNING, LIMIT)

    hear.decide(appeal)

    until(lambda: machinery.status(appeal) is WorkflowExecutionStatus.COMPLETED, LIMIT)
