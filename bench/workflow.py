"""How much of a bare workflow's speed the whole loop keeps: event → signal → workflow → activity → event.

Whole: submissions go from registration to a result. Each round begins with a person's command, by the services and into
the record; the signaller tells the process; that takes a step, an activity that reads the record and, where it is the
process's turn, adds to it; only then comes the next command.
Bare: as many workflows of as many rounds; for each a signal comes in, and an activity that does nothing is run.
Both have one server, as many cases at a time and the same worker settings, with the worker in a process of its own.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor, Worker

with workflow.unsafe.imports_passed_through():
    from bench.row import Row, in_turns
    from bench.server import fresh_server
    from infra.bootstrap import App, open_app
    from infra.embedded import EmbeddedTemporal
    from infra.settings import load_settings
    from infra.signaller import run_signaller
    from infra.temporal import SEARCH_ATTRIBUTES, connect
    from infra.worker import CACHED, THREADS, make_worker
    from tests import factories
    from tests.storing import store

CASES: Final = 48
AT_A_TIME: Final = 48
ROUNDS: Final = 12
"""Of one case: registering, and what `factories.course` yields."""


@activity.defn
def nothing(number: int) -> int:
    """The bare workflow's activity."""
    return number


@workflow.defn
class Bare:
    """Runs an activity for each signal, so many times."""

    def __init__(self) -> None:
        self._signals: list[int] = []

    @workflow.signal
    def go(self, number: int) -> None:
        """Call for a round."""
        self._signals.append(number)

    @workflow.run
    async def run(self, rounds: int) -> None:
        """Run so many rounds."""
        for _ in range(rounds):
            await workflow.wait_condition(lambda: bool(self._signals))
            await workflow.execute_activity(nothing, self._signals.pop(0), start_to_close_timeout=timedelta(seconds=10))


def rows() -> list[Row]:
    """Measure on servers of its own."""
    with fresh_server() as server, TemporaryDirectory(prefix="assay-bench-") as folder:
        temporal = EmbeddedTemporal(Path(folder), port=0, ui_port=None, search_attributes=SEARCH_ATTRIBUTES)
        temporal.start()
        leading = {"DATABASE_URL": server.app_url, "TEMPORAL_ADDRESS": temporal.address}
        try:
            with (
                _child("bare", leading) as bare,
                _child("worker", leading) as worker,
                _child("signaller", leading),
                open_app(server.app_url, pool_size=AT_A_TIME, store=store()) as app,
                _background_loop() as loop,
            ):
                bare_course = _bare_course(temporal.address, _Rounds(bare), loop)
                whole_course = _whole_course(app, _Rounds(worker))
                base, value = in_turns(3, partial(_rate, bare_course), partial(_rate, whole_course))
        finally:
            temporal.stop()
    what = f"rounds of a process a second, {AT_A_TIME} cases at a time, against a bare signalled workflow"
    return [Row(what=what, unit="/s", value=value, base=base, target=0.6, at_least=True)]


class _Rounds:
    """The rounds that a worker has done, as it tells them: one line with the case's id each."""

    def __init__(self, said: Iterable[bytes]) -> None:
        self._done: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(0))
        self._lock = threading.Lock()
        threading.Thread(target=self._read, args=(said,), daemon=True).start()

    def wait(self, case: str) -> None:
        """Wait until one more round of this case is done."""
        assert self._of(case).acquire(timeout=60), f"no round of {case} within a minute"

    def _read(self, said: Iterable[bytes]) -> None:
        for line in said:
            self._of(line.decode().strip()).release()

    def _of(self, case: str) -> threading.Semaphore:
        with self._lock:
            return self._done[case]


def _rate(course: Callable[[int], None]) -> float:
    """Go through the courses of `CASES` cases, `AT_A_TIME`; return rounds a second."""
    began = time.monotonic()
    with ThreadPoolExecutor(AT_A_TIME) as people:
        list(people.map(course, range(CASES)))
    return CASES * ROUNDS / (time.monotonic() - began)


@contextmanager
def _background_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread for the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _bare_course(address: str, rounds: _Rounds, loop: asyncio.AbstractEventLoop) -> Callable[[int], None]:
    client = asyncio.run_coroutine_threadsafe(Client.connect(address), loop).result()

    def course(number: int) -> None:
        case = f"bare-{time.monotonic_ns()}-{number}"
        for count in range(ROUNDS):
            going = client.start_workflow(
                "Bare", ROUNDS, id=case, task_queue="bare", start_signal="go", start_signal_args=[count]
            )
            asyncio.run_coroutine_threadsafe(going, loop).result()
            rounds.wait(case)

    return course


def _whole_course(app: App, rounds: _Rounds) -> Callable[[int], None]:
    roomy = factories.scheme_source().replace("capacity_per_round = 4", "capacity_per_round = 1000")
    body = factories.open_body(app.office, source=roomy, assessors=12)
    window = factories.schedule_window(body)
    providers = [factories.register_provider(body) for _ in range(16)]
    unmet = {"3.3": body.scheme.scale[0]}

    def course(number: int) -> None:
        case = factories.register(body, providers[number % len(providers)])
        rounds.wait(case)
        for _ in factories.course(body, case, window, unmet):
            rounds.wait(case)

    return course


@contextmanager
def _child(name: str, leading: Mapping[str, str]) -> Iterator[Iterable[bytes]]:
    """Run `python -m bench.workflow NAME` for the block, once it is ready; gives what it says from then on."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.workflow", name], env={**os.environ, **leading}, stdout=subprocess.PIPE
    )
    try:
        assert child.stdout
        child.stdout.readline()
        yield child.stdout
    finally:
        child.terminate()
        child.wait()


class _Telling(Interceptor):
    """Says whose round is done."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _TellingRound(next)


class _TellingRound(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        result = await super().execute_activity(input)
        print(activity.info().workflow_id, flush=True)
        return result


async def _work(name: str, stop: threading.Event) -> None:
    """Be the worker for the bare workflow, or the product's."""
    settings = load_settings(os.environ)
    client = await connect(settings)
    with ThreadPoolExecutor(THREADS) as threads, open_app(settings.database_url or "") as app:
        worker = make_worker(client, settings.task_queue, app.office, threads, _Telling())
        if name == "bare":
            worker = Worker(
                client,
                task_queue="bare",
                workflows=[Bare],
                activities=[nothing],
                activity_executor=threads,
                max_concurrent_activities=THREADS,
                max_cached_workflows=CACHED,
                interceptors=[_Telling()],
            )
        async with worker:
            print("ready", flush=True)
            await asyncio.to_thread(stop.wait)


def main(name: str) -> None:
    """Be one of the processes that are measured."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if name == "signaller":
        settings = load_settings(os.environ)
        with open_app(settings.database_url or "") as app:
            run_signaller(settings, app.records, stop, lambda: print("ready", flush=True))
    else:
        asyncio.run(_work(name, stop))


if __name__ == "__main__":
    main(sys.argv[1])
