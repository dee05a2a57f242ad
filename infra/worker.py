"""The worker runs the processes and takes their steps; it outlasts Temporal's and the record's outages."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    UnsandboxedWorkflowRunner,
    Worker,
)

from infra import observing
from infra.logs import frames
from infra.settings import Settings
from infra.store.errors import DamagedRecord, RecordUnavailable
from infra.temporal import PROCESSES, UNREACHABLE, Pauses, connect_patiently, register_search_attributes
from services.office import Office
from workflows.activities import activities, command_id
from workflows.situation import Step

THREADS: Final = 16
"""Steps taken at a time; each takes a connection to the record, so its pool should be as large."""

CACHED: Final = 2000
"""Processes kept in memory between tasks: more than are active at a time, since the others start by replay."""

_FAREWELL: Final = timedelta(seconds=10)
_log = structlog.get_logger(__name__)


def run_worker(settings: Settings, office: Office, stop: threading.Event, ready: Callable[[], None]) -> None:
    """Work until `stop` is set; call `ready` whenever it has begun to. Raises CannotStart."""
    asyncio.run(_run(settings, office, stop, ready))


async def _run(settings: Settings, office: Office, stop: threading.Event, ready: Callable[[], None]) -> None:
    pauses = Pauses()
    while not stop.is_set():
        client = await connect_patiently(settings, stop)
        if client is None:
            return
        try:
            await register_search_attributes(client)
            await _work(client, settings.task_queue, office, stop, ready)
        except UNREACHABLE as error:
            _log.warning("worker.interrupted", error=str(error))
            await pauses.pause(stop)


async def _work(
    client: Client, task_queue: str, office: Office, stop: threading.Event, ready: Callable[[], None]
) -> None:
    """Work until `stop` is set. Raises one of UNREACHABLE when Temporal refuses to go on."""
    with ThreadPoolExecutor(THREADS, "step") as threads:
        worker = make_worker(client, task_queue, office, threads)
        running = asyncio.create_task(worker.run())
        _log.info("worker.started", task_queue=task_queue)
        ready()
        while not stop.is_set() and not running.done():
            await asyncio.wait([running], timeout=0.1)
        if not running.done():
            await worker.shutdown()
        await running
        _log.info("worker.stopped", task_queue=task_queue)


def make_worker(
    client: Client, task_queue: str, office: Office, threads: ThreadPoolExecutor, *more: Interceptor
) -> Worker:
    """Return a worker for all processes, whose steps are taken in `threads`, with `more` interceptors beside our own."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=list(dict.fromkeys(PROCESSES.values())),
        activities=activities(office),
        activity_executor=threads,
        max_concurrent_activities=THREADS,
        max_cached_workflows=CACHED,
        graceful_shutdown_timeout=_FAREWELL,
        workflow_runner=UnsandboxedWorkflowRunner(),  # decision 0007: the tests replay them in the sandbox
        interceptors=[_LogContext(), *more],
    )


class _LogContext(Interceptor):
    """Names the case, its process and the step in everything that is logged while a step is taken."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _StepContext(next)


class _StepContext(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        step = info.activity_type
        named = {"case": info.workflow_id, "workflow": info.workflow_type, "step": step}
        if isinstance(asked := input.args[0], Step):
            named["command"] = command_id(step, asked)
        with (
            structlog.contextvars.bound_contextvars(**named),
            observing.timed("worker_step_seconds", step=step),
            observing.span(step, command=named.get("command") or ""),
        ):
            try:
                done = await super().execute_activity(input)
            except Exception as error:  # noqa: BLE001 - it goes on, in words that a history may hold
                observing.count("worker_steps", step=step, result="failed")
                raise _told(error) from None
            observing.count("worker_steps", step=step, result="taken")
            return done


def _told(error: Exception) -> Exception:
    """The failure of a step as Temporal keeps it: its kind; its words only where they are ours, of the record itself.

    A history is not to hold what somebody typed, and an exception's words may.
    """
    if isinstance(error, FailureError):
        return error
    ours = isinstance(error, (RecordUnavailable, DamagedRecord))
    _log.warning("step.failed", error=type(error).__name__, frames=frames(error), reason=str(error) if ours else None)
    return ApplicationError(str(error) if ours else "the worker's log says where", type=type(error).__name__)
