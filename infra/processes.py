"""Every live case has its process; where one has none, as after the loss of Temporal's data, it is started from the stream.

Which cases are live, the record alone decides.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from infra.settings import Settings
from infra.store.records import PostgresRecords
from infra.temporal import PROCESSES, UNREACHABLE, connect, signal
from services.states import fold
from workflows.situation import situation_of

__all__ = ["UNREACHABLE", "States", "live_cases", "rebuild", "states"]

AT_ONCE: Final = 32
PATIENCE: Final = timedelta(seconds=5)
"""For one answer of Temporal to who only looks."""
FOLDED_AT_ONCE: Final = 500
LAST_WORDS: Final = (
    "SubmissionLapsed.1",
    "SubmissionWithdrawn.1",
    "FoundIneligible.1",
    "ResultReleased.1",
    "DecisionImported.1",
    "WindowClosed.1",
)
"""Events after which a case is over, unless something else comes; others have to be read to know.

An award that lapsed goes on where there is a concern about it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """How many cases are live, which of them have no process, and how many workers serve them."""

    live: int
    missing: tuple[str, ...]
    workers: int


def live_cases(records: PostgresRecords) -> list[str]:
    """Return the ids of all cases that are not over, in the order in which they began."""
    query = (
        "SELECT originator_id FROM (SELECT DISTINCT ON (originator_id) originator_id, topic, notification_id"
        " FROM record.events WHERE originator_id LIKE ANY(%s) ORDER BY originator_id, originator_version DESC) AS last"
        " WHERE topic <> ALL(%s) ORDER BY notification_id"
    )
    kinds = [f"{kind}-%" for kind in PROCESSES]
    candidates = [id for (id,) in records.datastore.rows(query, [kinds, list(LAST_WORDS)])]
    now, live = datetime.now(UTC), []
    for start in range(0, len(candidates), FOLDED_AT_ONCE):
        for id, stream in records.streams(*candidates[start : start + FOLDED_AT_ONCE]).items():
            if not situation_of(fold(id, stream.entries), position=stream.position, at=now).over:
                live.append(id)
    return live


async def rebuild(
    settings: Settings, records: PostgresRecords, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> int:
    """Start the process of every live case, or have it look again if it runs; return how many there are.

    `progress` is told how many are done, and of how many. Raises one of UNREACHABLE.
    """
    client = await connect(settings)
    cases = await asyncio.to_thread(live_cases, records)
    progress(0, len(cases))
    free, done = asyncio.Semaphore(AT_ONCE), 0

    async def start(case: str) -> None:
        nonlocal done
        async with free:
            await signal(client, settings.task_queue, case, "look_again")
        done += 1
        progress(done, len(cases))

    await asyncio.gather(*(start(case) for case in cases))
    return len(cases)


async def states(settings: Settings, records: PostgresRecords) -> States:
    """Compare the live cases with the processes that run. Raises one of UNREACHABLE, or TimeoutError, when Temporal is silent."""
    client = await asyncio.wait_for(connect(settings), PATIENCE.total_seconds())
    running = {one.id async for one in client.list_workflows('ExecutionStatus = "Running"', rpc_timeout=PATIENCE)}
    live = await asyncio.to_thread(live_cases, records)
    return States(
        live=len(live),
        missing=tuple(case for case in live if case not in running),
        workers=await _workers(client, settings.task_queue),
    )


async def _workers(client: Client, task_queue: str) -> int:
    """How many workers asked for work lately."""
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        ),
        timeout=PATIENCE,
    )
    return len({poller.identity for poller in described.pollers})
