"""Worker, signaller and Temporal are stopped, and Temporal's data is lost: nothing is done twice, and nothing is left undone."""

import asyncio
import os
import signal
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from domain.clocks import ReminderSent
from domain.ids import kind_of
from domain.submission.events import (
    AssessorAssigned,
    PreparationExtended,
    PreparationStarted,
    ScreeningStarted,
    SubmissionLapsed,
)
from domain.submission.state import Stage
from domain.window import WindowOpened
from infra import signaller
from infra.embedded import EmbeddedPostgres, EmbeddedTemporal
from infra.processes import States, rebuild, states
from infra.settings import Settings
from infra.store.errors import RecordUnavailable
from infra.store.migrate import migrate
from infra.temporal import SEARCH_ATTRIBUTES
from infra.temporal import signal as tell
from services import assessment, preparation
from tests import factories as f
from tests.conftest import Database
from tests.infra.polling import until
from tests.workflows.machinery import LIMIT, Machinery, bring, settled, steps_taken, wait_for
from tests.workflows.skipping import SkippingServer
from workflows.process import LONG_HISTORY
from workflows.situation import News


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[EmbeddedTemporal]:
    """A Temporal of this test's own, to be stopped."""
    embedded = EmbeddedTemporal(tmp_path, port=0, ui_port=None, search_attributes=SEARCH_ATTRIBUTES)
    embedded.start()
    yield embedded
    embedded.stop()


@pytest.fixture
def on_mortal(database: Database, mortal: EmbeddedTemporal) -> Iterator[Machinery]:
    """A worker and a signaller on it."""
    with Machinery(Settings(data=mortal.folder, temporal_address=mortal.address), database.app_url) as made:
        yield made


def kill(server: EmbeddedTemporal) -> None:
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    until(lambda: not server.is_running())


def caught_up(machinery: Machinery) -> bool:
    """Has the signaller told everything, and kept that it has?"""
    return signaller.delivered(machinery.app.records) == machinery.app.records.max_position()


def commands(body: f.Body, case: str) -> list[str]:
    """The commands whose events are in the case's stream, each once for each event of it."""
    return [one.command for one in body.recorded(case) if one.role == "process"]


def test_a_signaller_that_dies_before_it_keeps_its_place_tells_again_and_changes_nothing(
    machinery: Machinery, monkeypatch: pytest.MonkeyPatch
):
    body = f.open_body(machinery.app.office)
    told: list[tuple[str, Any]] = []

    async def telling(client: Client, queue: str, case: str, name: str, *arguments: Any) -> None:
        told.append((case, arguments))
        await tell(client, queue, case, name, *arguments)

    monkeypatch.setattr(signaller, "signal", telling)
    with monkeypatch.context() as crashing:
        crashing.setattr(signaller._Place, "keep", lambda *_, **__: None)
        machinery.start()
        case = bring(body, "screened", f.schedule_window(body))
        until(lambda: body.submission(case).assessor, LIMIT)
        machinery.stop("signaller")
    assert signaller.delivered(machinery.app.records) == 0
    before, told_before = body.recorded(case), len(told)

    machinery.start("signaller")
    until(lambda: caught_up(machinery), LIMIT)
    f.assess(body, case)  # what comes after the repetitions is dealt with, so they have been
    settled(body, case)

    assert [name for name, _ in told[told_before:]].count(case) >= 1
    assert list(body.recorded(case))[: len(before)] == list(before)
    assert len(body.events(case, PreparationStarted)) == len(body.events(case, AssessorAssigned)) == 1


def test_the_same_news_twice_or_out_of_order_is_no_news(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start()
    case = bring(body, "screened", f.schedule_window(body))
    until(lambda: caught_up(machinery), LIMIT)
    news = [News(position=one.position, name=one.name) for one in body.recorded(case)]

    async def repeat(client: Client) -> None:
        await tell(client, machinery.settings.task_queue, case, "recorded", news)
        await tell(client, machinery.settings.task_queue, case, "recorded", news[::-1])

    machinery.ask(repeat)
    body.by_assessor(assessment.accept_assignment, case)
    accepted = ("look", body.recorded(case)[-1].position)

    taken = partial(steps_taken, case=case)
    until(lambda: accepted in machinery.ask(taken), LIMIT)
    steps = machinery.ask(taken)
    assert len(set(steps)) == len(steps)
    assert len(set(commands(body, case))) == len(commands(body, case))


def test_old_news_is_no_news_to_a_process_that_started_afresh_either(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start()
    window = f.schedule_window(body)
    case = f.register(body)
    settled(body, case)
    until(lambda: caught_up(machinery), LIMIT)
    old = [News(position=one.position, name=one.name) for one in body.recorded(case)]

    async def tell_until_it_is_long(client: Client) -> str | None:
        process = client.get_workflow_handle(case)
        while (described := await process.describe()).history_length <= LONG_HISTORY:
            await tell(client, machinery.settings.task_queue, case, "recorded", old)
        return described.run_id

    async def run(client: Client) -> str | None:
        return (await client.get_workflow_handle(case).describe()).run_id

    first = machinery.ask(tell_until_it_is_long)
    f.submit(body, case, window)
    wait_for(body, case, Stage.SCREENING)
    until(lambda: machinery.ask(run) != first, LIMIT)
    until(lambda: caught_up(machinery), LIMIT)
    known = [News(position=one.position, name=one.name) for one in body.recorded(case)]
    for news in (old, known, known[::-1]):
        machinery.ask(lambda client, news=news: tell(client, machinery.settings.task_queue, case, "recorded", news))
    next(f.paying(body, case))  # what comes after the old news is dealt with, so that has been

    taken = partial(steps_taken, case=case)
    until(lambda: machinery.ask(taken), LIMIT)
    assert machinery.ask(taken) == [("look", body.recorded(case)[-1].position)]
    assert len(set(commands(body, case))) == len(commands(body, case))


def test_with_the_database_down_processes_wait_and_then_go_on(temporal: EmbeddedTemporal, tmp_path: Path):
    postgres = EmbeddedPostgres(tmp_path)
    postgres.start()
    try:
        settings = Settings(data=tmp_path, temporal_address=temporal.address, task_queue="database-down")
        with Machinery(settings, migrate(postgres.admin_url, postgres.app_password)) as machinery:
            source = f.scheme_source(submit_within="PT3S", remind_submit=[])
            body = f.open_body(machinery.app.office, source=source)
            machinery.start()
            case = f.register(body)
            wait_for(body, case, Stage.PREPARING)
            clock = body.submission(case).clock
            assert clock

            assert postgres.pid
            os.kill(postgres.pid, signal.SIGKILL)
            until(lambda: not postgres.is_running())
            with pytest.raises(RecordUnavailable):
                f.register(body)
            until(lambda: past(clock.due_at))
            postgres.start()
            another = f.register(body)

            wait_for(body, case, Stage.LAPSED)
            wait_for(body, another, Stage.PREPARING)
            assert body.events(case, SubmissionLapsed)[0].due_at == clock.due_at
            until(lambda: caught_up(machinery), LIMIT)
            machinery.stop()
    finally:
        postgres.stop()


def test_with_temporal_down_commands_commit_and_all_is_caught_up_with_later(
    on_mortal: Machinery, mortal: EmbeddedTemporal
):
    body = f.open_body(on_mortal.app.office)
    on_mortal.start()
    window = f.schedule_window(body)
    first = f.register(body)
    wait_for(body, first, Stage.PREPARING)

    kill(mortal)
    f.submit(body, first, window)
    others = [f.register(body) for _ in range(5)]
    assert body.submission(first).stage is Stage.SUBMITTED
    assert {body.submission(one).stage for one in others} == {Stage.REGISTERED}
    mortal.start()

    wait_for(body, first, Stage.SCREENING)
    for one in others:
        wait_for(body, one, Stage.PREPARING)
    until(lambda: caught_up(on_mortal), LIMIT)
    assert len(body.events(first, ScreeningStarted)) == 1


def test_when_temporals_data_is_lost_every_live_case_goes_on_after_a_rebuild(
    on_mortal: Machinery, mortal: EmbeddedTemporal
):
    source = f.scheme_source(accept_within="PT7S")
    body = f.open_body(on_mortal.app.office, source=source)
    on_mortal.start()
    window = f.schedule_window(body, opens_in=timedelta(seconds=-1))
    over = bring(body, "approved", window, levels={"1.1": "not_met"})
    preparing, assigned = f.register(body), bring(body, "screened", window)
    until(lambda: body.submission(over).over and body.submission(assigned).assessor, LIMIT)
    until(lambda: caught_up(on_mortal), LIMIT)

    on_mortal.stop()
    mortal.stop()
    for file in (mortal.folder / "temporal").iterdir():
        file.unlink()
    waiting = f.register(body)
    mortal.start()
    told: list[tuple[int, int]] = []
    before = asyncio.run(states(on_mortal.settings, on_mortal.app.records))
    cases = {one for one in before.missing if kind_of(one) in ("submission", "window")}
    assert cases == {window, preparing, assigned, waiting}
    live = len(before.missing)  # and the matters beside them: whose training expires when, who was asked about a case
    assert asyncio.run(rebuild(on_mortal.settings, on_mortal.app.records, lambda *done: told.append(done))) == live
    on_mortal.start()

    assert told[0] == (0, live)
    assert told[-1] == (live, live)
    wait_for(body, waiting, Stage.PREPARING)
    assert asyncio.run(states(on_mortal.settings, on_mortal.app.records)).missing == ()
    taken_from = body.submission(assigned).assessor
    until(lambda: body.submission(assigned).assessor not in (taken_from, None), LIMIT)  # the clock runs on
    f.submit(body, preparing, window)
    wait_for(body, preparing, Stage.SCREENING)


def test_a_rebuild_beside_running_processes_changes_nothing(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start()
    case = bring(body, "screened", f.schedule_window(body))
    until(lambda: body.submission(case).assessor, LIMIT)
    before = body.recorded(case)

    asyncio.run(rebuild(machinery.settings, machinery.app.records))
    body.by_assessor(assessment.accept_assignment, case)
    until(lambda: caught_up(machinery), LIMIT)

    assert list(body.recorded(case))[:-1] == list(before)


def test_a_case_that_is_over_goes_on_when_it_is_reopened(machinery: Machinery):
    body = f.open_body(machinery.app.office, source=f.scheme_source(submit_within="PT1S", remind_submit=[]))
    machinery.start()
    case = f.register(body)
    wait_for(body, case, Stage.LAPSED)
    until(lambda: machinery.status(case) is WorkflowExecutionStatus.COMPLETED, LIMIT)

    until_then = datetime.now(UTC) + timedelta(seconds=2)
    body.by_officer(preparation.extend_preparation, case=case, until=until_then, reason="An illness.")

    until(lambda: len(body.events(case, SubmissionLapsed)) == 2, LIMIT)
    assert body.events(case, SubmissionLapsed)[1].due_at == body.events(case, PreparationExtended)[0].clock.due_at


def past(moment: datetime) -> bool:
    return datetime.now(UTC) > moment


def test_reminders_that_an_outage_held_up_collapse_into_the_latest(machinery: Machinery):
    source = f.scheme_source(submit_within="PT25S", remind_submit=["PT22S", "PT21S", "PT9S"])
    body = f.open_body(machinery.app.office, source=source)
    machinery.start()
    case = f.register(body)
    wait_for(body, case, Stage.PREPARING)
    clock = body.submission(case).clock
    assert clock

    machinery.stop("worker")
    until(lambda: past(clock.remind_at[1]))
    assert body.events(case, ReminderSent) == []
    machinery.start("worker")
    until(lambda: len(body.events(case, ReminderSent)) == 2, LIMIT)

    sent: Sequence[ReminderSent] = body.events(case, ReminderSent)
    assert [(one.planned_for, one.overtaken) for one in sent] == [(clock.remind_at[1], 1), (clock.remind_at[2], 0)]


def test_reminders_of_a_year_in_which_nothing_ran_are_one_with_the_true_time_left(
    skipping: Machinery, time: SkippingServer
):
    body = f.open_body(skipping.app.office, now=time.now)
    case = f.register(body)
    clock = body.submission(case).registration.clock
    back_at = clock.remind_at[2] + timedelta(days=3)

    time.go_to(back_at)
    skipping.start()
    until(lambda: body.events(case, ReminderSent), LIMIT)
    time.go_to(clock.remind_at[3])
    until(lambda: len(body.events(case, ReminderSent)) == 2, LIMIT)

    late, last = [one for one in body.recorded(case) if isinstance(one.event, ReminderSent)]
    assert (late.event.planned_for, late.event.overtaken) == (clock.remind_at[2], 2)
    assert back_at <= late.at < back_at + timedelta(minutes=1)
    assert (last.event.planned_for, last.event.overtaken) == (clock.remind_at[3], 0)


def test_no_reminder_goes_out_for_what_an_outage_outlasted(machinery: Machinery):
    source = f.scheme_source(submit_within="PT3S", remind_submit=["PT2S", "PT1S"])
    body = f.open_body(machinery.app.office, source=source)
    machinery.start()
    window = f.schedule_window(body)
    until(lambda: body.events(window, WindowOpened), LIMIT)
    case = f.register(body)
    wait_for(body, case, Stage.PREPARING)
    clock = body.submission(case).clock
    assert clock

    machinery.stop("worker")
    until(lambda: past(clock.due_at))
    machinery.start("worker")
    wait_for(body, case, Stage.LAPSED)

    assert body.events(case, ReminderSent) == []
    assert body.events(case, SubmissionLapsed) == [SubmissionLapsed(rule="submit-within", due_at=clock.due_at)]


def test_a_live_case_without_a_process_is_named_until_it_has_one(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start("worker")
    case = f.register(body)

    def found() -> States:
        return asyncio.run(states(machinery.settings, machinery.app.records))

    missing = found().missing
    known = [one for one in missing if kind_of(one) == "submission"]
    assert known == [case]
    machinery.start("signaller")
    until(lambda: not found().missing, LIMIT)
    assert (found().live, found().workers) == (len(missing), 1)
