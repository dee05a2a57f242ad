"""The product's worker and signaller as a test needs them: in threads, each to be stopped and started."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from domain.submission.process import owed
from domain.submission.state import Stage, Submission
from infra.bootstrap import open_app
from infra.settings import Settings
from infra.signaller import run_signaller
from infra.temporal import connect
from infra.worker import run_worker
from tests.factories import Body, course, register
from tests.infra.polling import until
from tests.storing import store

T = TypeVar("T")
LIMIT = 30.0


class Machinery:
    """A worker and a signaller on one database and one Temporal; a context manager that stops what still runs."""

    def __init__(self, settings: Settings, database_url: str) -> None:
        self.settings = settings
        self.app = open_app(database_url, pool_size=16, store=store())
        self._running: dict[str, tuple[threading.Thread, threading.Event]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.app.records.close()

    def start(self, *names: str) -> None:
        """Start what is named (`worker`, `signaller`), or both."""
        for name in names or ("worker", "signaller"):
            run: Callable[..., None] = run_worker if name == "worker" else run_signaller
            using = self.app.office if name == "worker" else self.app.records
            stop, ready = threading.Event(), threading.Event()
            thread = threading.Thread(target=run, args=(self.settings, using, stop, ready.set), name=name, daemon=True)
            thread.start()
            assert ready.wait(LIMIT), f"the {name} did not start"
            self._running[name] = thread, stop

    def stop(self, *names: str) -> None:
        """Stop what is named, or all that runs."""
        stopping = [self._running.pop(name) for name in names or list(self._running)]
        for _, stop in stopping:
            stop.set()
        for thread, _ in stopping:
            thread.join(LIMIT)
            assert not thread.is_alive(), f"the {thread.name} did not stop"

    def ask(self, question: Callable[[Client], Awaitable[T]]) -> T:
        """Ask Temporal something by a client of its own."""

        async def asking() -> T:
            return await question(await connect(self.settings))

        return asyncio.run(asking())

    def status(self, case: str) -> WorkflowExecutionStatus | None:
        """How the case's process is: running, completed, …; None while it has none."""

        async def describe(client: Client) -> Any:
            try:
                return (await client.get_workflow_handle(case).describe()).status
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return None
                raise

        return self.ask(describe)


async def steps_taken(client: Client, case: str) -> list[tuple[str, int]]:
    """The steps of the latest run of the case's process, in order, each with the position in the log that it is about."""
    return _steps(await client.get_workflow_handle(case).fetch_history())


async def steps_of_all_runs(client: Client, case: str) -> list[tuple[str, int]]:
    """Those of every run: news that comes once a process has ended starts it again, for a look."""
    runs = [run async for run in client.list_workflows(f'WorkflowId = "{case}"')]
    runs.sort(key=lambda run: run.start_time)
    histories = [await client.get_workflow_handle(case, run_id=run.run_id).fetch_history() for run in runs]
    return [step for history in histories for step in _steps(history)]


def _steps(history: WorkflowHistory) -> list[tuple[str, int]]:
    taken = []
    for event in history.events:
        scheduled, marker = event.activity_task_scheduled_event_attributes, event.marker_recorded_event_attributes
        if scheduled.activity_type.name:
            taken.append((scheduled.activity_type.name, json.loads(scheduled.input.payloads[0].data)["position"]))
        elif marker.marker_name == "core_local_activity":
            named, seen = (json.loads(marker.details[key].payloads[0].data) for key in ("data", "result"))
            taken.append((named["activity_type"], seen["position"]))
    return taken


def wait_for(body: Body, case: str, stage: Stage) -> None:
    """Wait until the submission has come to this stage."""
    until(lambda: body.submission(case).stage is stage, LIMIT)


def settled(body: Body, case: str) -> Submission:
    """Wait until the process has done all that it owes the case; returns where the case stands then."""
    until(lambda: owed(body.submission(case)) is None, LIMIT)
    return body.submission(case)


def bring(body: Body, reached: str, window: str, levels: Mapping[str, str] | None = None) -> str:
    """Bring a new case as far as `reached`, a word of `factories.course`, people and process each in turn; returns its id."""
    case = register(body)
    settled(body, case)
    for word in course(body, case, window, levels):
        settled(body, case)
        if word == reached:
            return case
    raise AssertionError(f"no case comes to {reached}")
