"""A step is one command, the same however often it is tried; a refused one neither ends the process nor spins."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from temporalio.client import Client

from domain.ids import PROCESS_ROLE
from domain.refusals import refuse
from domain.submission.events import PreparationStarted, SubmissionLapsed
from domain.submission.state import Stage
from services.office import Receipt
from tests import factories as f
from tests.infra.polling import until
from tests.workflows.machinery import LIMIT, Machinery, bring, settled, wait_for
from tests.workflows.skipping import SkippingServer
from workflows.activities import STEPS, command_id, look, take_step
from workflows.situation import Step

DUE = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def body(machinery: Machinery) -> f.Body:
    return f.open_body(machinery.app.office)


def test_a_commands_id_comes_from_what_called_for_it():
    assert command_id("remind", Step(case="submission-1", position=7)) == "submission-1/7/remind"
    by_the_clock = Step(case="submission-1", position=7, due_at=DUE)
    assert command_id("remind", by_the_clock) == "submission-1/7/remind/2030-01-01T00:00:00+00:00"


def test_a_step_is_taken_by_the_process_because_of_what_called_for_it(body: f.Body):
    case = f.register(body)
    position = body.recorded(case)[-1].position

    situation = take_step(body.office, "start_preparation", Step(case=case, position=position), body.now())

    taken = body.recorded(case)[-1]
    assert (taken.actor, taken.role, taken.causation) == (case, PROCESS_ROLE, str(position))
    assert (situation.position, situation.stage, situation.owed) == (taken.position, "preparing", None)
    assert situation.due
    assert (situation.due.step, situation.scheme) == ("remind", "cpd-qa@1")


def test_a_step_tried_again_changes_nothing_and_tells_where_the_case_stands(body: f.Body):
    case = f.register(body)
    step = Step(case=case, position=body.recorded(case)[-1].position)
    take_step(body.office, "start_preparation", step, body.now())
    f.submit(body, case, f.schedule_window(body))

    situation = take_step(body.office, "start_preparation", step, body.now())

    assert len(body.events(case, PreparationStarted)) == 1
    assert (situation.position, situation.owed) == (body.recorded(case)[-1].position, "start_screening")
    assert situation == look(body.office, case, body.now())


def test_what_a_clock_does_holds_from_the_instant_it_was_due_even_if_our_clock_is_behind(body: f.Body):
    case = f.register(body)
    f.settle(body, case)
    clock = body.submission(case).clock
    assert clock

    take_step(
        body.office, "lapse", Step(case=case, position=1, due_at=clock.due_at), clock.due_at - timedelta(seconds=1)
    )

    assert body.recorded(case)[-1].at == clock.due_at


def test_a_refused_step_tells_where_the_case_stands(body: f.Body, monkeypatch: pytest.MonkeyPatch):
    case = f.register(body)
    monkeypatch.setitem(STEPS, "start_preparation", refusing([]))

    situation = take_step(body.office, "start_preparation", Step(case=case, position=1), body.now())

    assert (situation.stage, situation.owed) == ("registered", "start_preparation")


def test_a_case_that_is_not_in_the_record_is_over(body: f.Body):
    assert look(body.office, "submission-a", body.now()).over


def test_a_step_that_changes_nothing_is_tried_again_after_growing_rests_and_at_once_when_there_is_news(
    skipping: Machinery, time: SkippingServer, monkeypatch: pytest.MonkeyPatch
):
    body = f.open_body(skipping.app.office, now=time.now)
    skipping.start()
    case = f.register(body)
    wait_for(body, case, Stage.PREPARING)
    lapse, tried = STEPS["lapse"], []
    monkeypatch.setitem(STEPS, "lapse", refusing(tried))
    clock = body.submission(case).clock
    assert clock

    time.go_to(clock.due_at)
    until(lambda: len(tried) == 1, LIMIT)
    for rest in (5, 10, 20):
        before = len(tried)
        first = time.now()
        time.go_to(first + timedelta(seconds=rest - 2))
        assert len(tried) == before
        time.go_to(first + timedelta(seconds=rest + 1))
        until(lambda before=before: len(tried) == before + 1, LIMIT)
    monkeypatch.setitem(STEPS, "lapse", lapse)
    f.pay_fees(body, case)

    wait_for(body, case, Stage.LAPSED)
    assert len(body.events(case, SubmissionLapsed)) == 1


def refusing(tried: list[str]):
    def step(office, command, *, case):
        tried.append(command.id)
        raise refuse("for-the-test", "no")

    return step


def test_nothing_personal_goes_to_temporal(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start()
    case = bring(body, "approved", f.schedule_window(body), levels={"1.1": "not_met"})
    until(lambda: body.submission(case).over, LIMIT)

    async def raw(client):
        history = await client.get_workflow_handle(case).fetch_history()
        return b"".join(event.SerializeToString() for event in history.events)

    history = machinery.ask(raw)
    assert body.submission(case).registration.provider.encode() in history
    personal = machinery.app.vault.personal([body.officer, body.chair, *body.assessors])
    words = [word for fields in personal.values() for word in fields.values()]
    assert len(words) == 2 * (2 + len(body.assessors))
    for word in [*words, "Test Street", "provider.example", "A programme", "Why 1.1", "What 1.1"]:
        assert word.encode() not in history


def test_a_step_that_fails_leaves_its_kind_and_not_its_words_in_the_history(
    machinery: Machinery, monkeypatch: pytest.MonkeyPatch
):
    body, taking, failed = f.open_body(machinery.app.office), STEPS["start_preparation"], list[str]()

    def fails_once(*given: Any, **named: Any) -> Receipt:
        if not failed:
            failed.append("once")
            raise KeyError("Canary Fieldfare, canary@example.org")
        return taking(*given, **named)

    monkeypatch.setitem(cast("dict[str, Any]", STEPS), "start_preparation", fails_once)
    machinery.start()
    case = f.register(body)
    wait_for(body, case, Stage.PREPARING)
    settled(body, case)

    history = until(lambda: machinery.ask(lambda client: told(client, case)))
    assert "canary" not in history.lower()
    assert "KeyError" in history


async def told(client: Client, case: str) -> str:
    """The history of the case's process, once it says that a step failed."""
    said = (await client.get_workflow_handle(case).fetch_history()).to_json()
    return said if "lastFailure" in said else ""
