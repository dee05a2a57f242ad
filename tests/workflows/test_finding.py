"""Operations find a running case in Temporal by its scheme, its stage, its provider and its deadline."""

from datetime import datetime, timedelta

from temporalio.client import Client

from domain.submission.state import Stage
from tests import factories as f
from tests.infra.polling import until
from tests.workflows.machinery import LIMIT, Machinery, wait_for

DAY = timedelta(days=1)


def test_a_running_submission_is_found_by_scheme_stage_provider_and_deadline(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start()
    case, other = f.register(body), f.register(body)
    wait_for(body, case, Stage.PREPARING)
    held = body.submission(case)
    assert held.clock
    mine = f"AssayProvider = '{held.registration.provider}'"

    until(lambda: found(machinery, mine) == {case}, LIMIT)
    assert found(machinery, f"{mine} AND AssayScheme = '{body.scheme.ref}'") == {case}
    assert found(machinery, f"{mine} AND AssayScheme = 'another@1'") == set()
    assert found(machinery, f"{mine} AND AssayStage = 'preparing'") == {case}
    assert found(machinery, f"{mine} AND {deadline_about(held.clock.due_at)}") == {case}
    assert found(machinery, f"{mine} AND {deadline_about(held.clock.due_at - 2 * DAY)}") == set()
    both = f"AssayStage = 'preparing' AND {deadline_about(held.clock.due_at)}"
    until(lambda: {case, other} <= found(machinery, both), LIMIT)


def test_a_submission_is_found_at_its_new_stage_by_its_new_deadline(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start()
    window = f.schedule_window(body)
    case = f.register(body)
    wait_for(body, case, Stage.PREPARING)
    mine = f"AssayProvider = '{body.submission(case).registration.provider}'"

    f.submit(body, case, window)
    wait_for(body, case, Stage.SCREENING)

    clock = body.submission(case).clock
    assert clock
    now_so = f"{mine} AND AssayStage = 'screening' AND {deadline_about(clock.due_at)}"
    until(lambda: found(machinery, now_so) == {case}, LIMIT)
    assert found(machinery, f"{mine} AND AssayStage = 'preparing'") == set()


def deadline_about(due: datetime) -> str:
    """The condition of a deadline within a day of `due`; the development server can't tell equal instants."""
    return f"AssayDeadline > '{(due - DAY).isoformat()}' AND AssayDeadline < '{(due + DAY).isoformat()}'"


def found(machinery: Machinery, query: str) -> set[str]:
    """The ids of the running processes that `query` finds."""

    async def ask(client: Client) -> set[str]:
        return {one.id async for one in client.list_workflows(f"ExecutionStatus = 'Running' AND {query}")}

    return machinery.ask(ask)
