"""The processes of matters of every kind: started from the record alone, and true to their dates after a long outage."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import MATTERS, kind_of
from domain.tasks import Matter
from infra import signaller
from infra.embedded import EmbeddedTemporal
from infra.processes import live_cases, rebuild, states
from infra.projector import catch_up
from infra.settings import Settings
from infra.temporal import SEARCH_ATTRIBUTES
from projections import reminders
from projections.reminders import Planned
from services import complaints, proposals
from services.ports import Recorded
from tests import factories as f
from tests.conftest import Database
from tests.infra.polling import until
from tests.services.appealing import hearing, refused_case
from tests.services.complaining import by_contact
from tests.workflows.machinery import LIMIT, Machinery
from tests.workflows.matters import Matters, begin
from tests.workflows.skipping import SkippingServer
from tests.workflows.test_true_durations import london
from workflows.situation import situation_of

DAY = timedelta(days=1)
Said = tuple[str, str, str, str, str, datetime, datetime]
"""What is sent: of which case, which kind, by which rule, about what, to whom, planned for when, and the deadline."""


def told(machinery: Machinery) -> bool:
    """Has the signaller told the processes all that was recorded?"""
    return signaller.delivered(machinery.app.records) == machinery.app.records.max_position()


def log(machinery: Machinery) -> list[Recorded]:
    return list(machinery.app.records.read_log(0, 1_000_000))


def at_rest(machinery: Machinery, body: f.Body) -> bool:
    """Has every live case all that was owed to it, or fell due, up to now?"""
    now = body.now()
    for case in live_cases(machinery.app.records):
        situation = situation_of(body.state(case), position=0, at=now)
        if situation.owed or (situation.due and situation.due.at <= now):
            return False
    return True


def listed(machinery: Machinery, database: Database, until_then: datetime, at: datetime) -> Counter[Said]:
    """What `assay reminders` lists at `at`."""
    catch_up(machinery.app.records)
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        return Counter(map(_planned, reminders.planned(connection, until=until_then, at=at)))


def _planned(one: Planned) -> Said:
    return one.case_id, one.kind, one.rule, one.about, one.recipient, one.planned_for, one.due_at


def sent(machinery: Machinery, database: Database, after: int) -> Counter[Said]:
    """What was sent for any case behind this position of the log, each time that it was."""
    catch_up(machinery.app.records)
    cases = {one.stream for one in log(machinery) if one.position > after}
    with psycopg.connect(database.app_url, autocommit=True) as connection:
        found = [one for case in sorted(cases) for one in reminders.sent(connection, case) if one.position > after]
    return Counter(
        (one.case_id, one.kind, one.rule, one.about, one.recipient, one.planned_for, one.due_at) for one in found
    )


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[EmbeddedTemporal]:
    """A Temporal of this test's own, to be stopped."""
    embedded = EmbeddedTemporal(tmp_path, port=0, ui_port=None, search_attributes=SEARCH_ATTRIBUTES)
    embedded.start()
    yield embedded
    embedded.stop()


def test_when_temporals_data_is_lost_the_process_of_every_live_matter_is_started_and_none_of_those_that_are_over(
    database: Database, mortal: EmbeddedTemporal
):
    settings = Settings(data=mortal.folder, temporal_address=mortal.address)
    with Machinery(settings, database.app_url) as machinery:
        body = f.open_body(machinery.app.office)
        machinery.start()
        held = begin(body)
        assert set(held.live) == set(MATTERS)
        until(lambda: told(machinery) and at_rest(machinery, body), LIMIT)

        machinery.stop()
        mortal.stop()
        for file in (mortal.folder / "temporal").iterdir():
            file.unlink()
        mortal.start()
        recorded = machinery.app.records.max_position()
        before = asyncio.run(states(settings, machinery.app.records))
        assert set(held.live.values()) <= set(before.missing)
        assert set(held.over.values()).isdisjoint(before.missing)
        assert asyncio.run(rebuild(settings, machinery.app.records)) == len(before.missing) == before.live
        machinery.start()

        until(lambda: asyncio.run(states(settings, machinery.app.records)).missing == (), LIMIT)
        for kind, matter in held.live.items():
            assert machinery.status(matter) is WorkflowExecutionStatus.RUNNING, kind
        for kind, matter in held.over.items():
            assert machinery.status(matter) is None, kind
        until(lambda: told(machinery), LIMIT)
        assert machinery.app.records.max_position() == recorded
        assert_goes_on(machinery, held)


def assert_goes_on(machinery: Machinery, held: Matters) -> None:
    """A process that was started anew hears what people do."""
    body, proposal = held.body, held.live["proposal"]
    body.by(proposals.withdraw_proposal, body.assessors[0], "assessor", case=proposal)
    until(lambda: machinery.status(proposal) is WorkflowExecutionStatus.COMPLETED, LIMIT)


SET_THEN = frozenset({"confirm-conflicts-within", "plan-sampling-within", "schedule-standardisation-within"})
"""What the body's rounds set only when they are taken, as late as all else: nobody could be told of it before."""


def test_after_thirty_days_in_which_nothing_ran_each_task_is_reminded_of_once_and_lateness_told_once_as_listed(
    skipping: Machinery, time: SkippingServer, database: Database
):
    time.go_to(london(2027, 1, 4, 9, 0))
    body = f.open_body(skipping.app.office, now=time.now)
    held = begin(body)
    begun, tasks = body.now(), running(body, held)
    overs = {matter: body.recorded(matter)[-1].version for matter in held.over.values()}

    time.go_to(begun + 30 * DAY)
    end, back_at = skipping.app.records.max_position(), body.now()
    expected = listed(skipping, database, back_at, back_at)
    skipping.start()
    until(lambda: told(skipping) and at_rest(skipping, body), LIMIT)

    went_out = Counter({key: count for key, count in sent(skipping, database, end).items() if key[2] not in SET_THEN})
    assert went_out == expected
    assert set(went_out.values()) == {1}
    said = [one for one in log(skipping) if one.position > end and isinstance(one.event, ReminderSent | DeadlineMissed)]
    said = [one for one in said if one.event.rule not in SET_THEN]
    for one in said:
        due = tasks[one.stream, one.event.rule, one.event.about]
        assert (one.actor, one.role, one.event.due_at) == (one.stream, "process", due.due_at)
        late = [moment for moment in due.remind_at if moment <= back_at]
        if isinstance(one.event, ReminderSent):
            assert back_at <= one.at < due.due_at
            assert (one.event.planned_for, one.event.overtaken) == (late[-1], len(late) - 1)
        else:
            assert due.due_at <= back_at <= one.at
    assert {kind_of(one.stream) for one in said} >= {
        "appeal",
        "complaint",
        "development",
        "standardisation",
        "scrutiny",
        "retention",
    }
    assert any(one.event.overtaken for one in said if isinstance(one.event, ReminderSent))
    assert {kind for _, kind, *_ in went_out} == {"reminder", "deadline"}
    # What was due to be said is said: nothing that passed is forgotten, and nothing is said of what is over.
    spoken = {(one.stream, one.event.rule, one.event.about) for one in said}
    silent = {
        key for key, due in tasks.items() if key not in spoken and (due.due_at <= back_at or _called(due, back_at))
    }
    assert all(not tasks[key].told for key in silent)
    assert {matter: body.recorded(matter)[-1].version for matter in held.over.values()} == overs
    settled_at = skipping.app.records.max_position()
    asyncio.run(rebuild(skipping.settings, skipping.app.records))
    until(lambda: told(skipping) and at_rest(skipping, body), LIMIT)
    assert skipping.app.records.max_position() == settled_at
    assert_as_listed(skipping, time, database, body, begun + 75 * DAY)


def _called(due: Any, at: datetime) -> bool:
    return any(moment <= at for moment in due.remind_at)


def running(body: f.Body, held: Matters) -> dict[tuple[str, str, str], Any]:
    """The tasks of all matters."""
    found: dict[tuple[str, str, str], Any] = {}
    for stream in {one.stream for one in body.office.records.read_log(0, 1_000_000)}:  # type: ignore[attr-defined]
        if kind_of(stream) in MATTERS:
            state: Matter = body.state(stream)
            found |= {(stream, due.rule, due.about): due for due in state.tasks.running.values()}
    assert {stream for stream, _, _ in found} >= set(held.live.values())
    return found


def assert_as_listed(
    machinery: Machinery, time: SkippingServer, database: Database, body: f.Body, horizon: datetime
) -> None:
    """At each instant from now on for which anything is listed, that is sent, and nothing else, to everyone whom it says."""
    instants = 0
    while coming := listed(machinery, database, horizon, body.now()):
        moment = min(planned_for for *_, planned_for, _ in coming)
        end = machinery.app.records.max_position()
        time.go_to(moment)
        until(lambda: at_rest(machinery, body), LIMIT)
        went_out = sent(machinery, database, end)
        assert went_out == Counter({one: count for one, count in coming.items() if one[-2] == moment})
        instants += 1
    assert instants > 5


def test_a_worker_that_was_down_catches_up_on_the_matters_whose_processes_ran_and_on_what_ended_meanwhile_it_is_silent(
    machinery: Machinery,
):
    source = f.scheme_source()
    for old, new in (
        ('acknowledge_within = "5 working days"', 'acknowledge_within = "PT16S"'),
        ('remind = ["5 working days"]', 'remind = ["PT4S"]'),
        ('acknowledge_within = "3 working days"', 'acknowledge_within = "PT40S"'),
        ('remind = ["3 working days"]', 'remind = ["PT28S", "PT26S", "PT1S"]'),
    ):
        assert source.count(old) == 1
        source = source.replace(old, new)
    body = f.open_body(machinery.app.office, source=source)
    machinery.start()
    case, provider = refused_case(body), f.register_provider(body)
    appeal = hearing(body).lodge(case)
    complaint, withdrawn = by_contact(body, provider), by_contact(body, provider)
    for matter in (appeal, complaint, withdrawn):
        until(lambda matter=matter: machinery.status(matter) is WorkflowExecutionStatus.RUNNING, LIMIT)

    machinery.stop("worker")
    assert body.events(appeal, ReminderSent) == body.events(complaint, ReminderSent) == []
    body.by(complaints.withdraw_complaint, provider.contact, "provider", case=withdrawn)
    [lodged], due = body.state(appeal).tasks.running.values(), body.state(complaint).tasks.running
    acknowledged = due["acknowledge-complaint-within:first"]
    back_at = max(lodged.due_at, acknowledged.remind_at[1])
    until(lambda: body.now() > back_at, LIMIT)
    assert body.now() < acknowledged.remind_at[2]
    machinery.start("worker")
    until(lambda: body.events(complaint, ReminderSent) and body.events(appeal, DeadlineMissed), LIMIT)
    until(lambda: machinery.status(withdrawn) is WorkflowExecutionStatus.COMPLETED, LIMIT)

    [reminder] = body.events(complaint, ReminderSent)
    assert (reminder.due_at, reminder.planned_for) == (acknowledged.due_at, acknowledged.remind_at[1])
    assert reminder.overtaken == 1
    assert [one.due_at for one in body.events(appeal, DeadlineMissed)] == [lodged.due_at]
    assert body.events(appeal, ReminderSent) == []
    assert body.events(withdrawn, ReminderSent | DeadlineMissed) == []
