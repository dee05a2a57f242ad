"""The courier carries word out of the house: letters and whatever else is sent because something was recorded. Of several, one is active.

Its jobs run beside each other, each on a thread of its own: what holds one up, or ends it, is not felt by the others.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog

from infra.bootstrap import App
from infra.letters import bounces, composing, posting
from infra.settings import Settings
from infra.store.errors import RecordUnavailable
from infra.store.leader import RETRY, hold_lock

NAME: Final = "courier"
"""Of its lock."""

LONGEST_PAUSE: Final = 30.0
"""Seconds between two attempts at a job that keeps failing."""
SETTLED: Final = 60.0
"""Seconds after which earlier failures of a job no longer count."""

Job = Callable[[Settings, App, threading.Event], None]
"""Works until the event is set; keeps its own place in the log, and goes on from there when it is called again.

It may raise RecordUnavailable when the database is away, and is then called again soon; whatever else it raises is logged
by name, and it is called again after pauses that grow.
"""


def _webhooks(settings: Settings, app: App, stop: threading.Event) -> None:
    from infra.webhooks.delivering import run_webhooks  # brings the API's library, which who asks for a name needs not

    run_webhooks(settings, app, stop)


def _seals(settings: Settings, app: App, stop: threading.Event) -> None:
    from infra.seals.job import run_seals  # brings what signs and stamps

    run_seals(settings, app, stop)


JOBS: Final[Mapping[str, Job]] = {
    "letters": composing.run,
    "post": posting.run,
    "bounces": bounces.run,
    "webhooks": _webhooks,
    "seals": _seals,
}
"""What is carried out, by name."""

_log = structlog.get_logger(__name__)


def run_courier(
    settings: Settings,
    app: App,
    stop: threading.Event,
    ready: Callable[[], None],
    *,
    jobs: Mapping[str, Job] = JOBS,
) -> None:
    """Carry out `jobs` until `stop` is set; `ready` is called at once, as to wait for its turn is part of the work."""
    ready()
    while not stop.is_set():
        with hold_lock(app.records.datastore.url, NAME, stop) as ended:
            if ended.is_set():
                continue
            _log.info("courier.active", jobs=sorted(jobs))
            with ThreadPoolExecutor(max(len(jobs), 1), "job") as threads:
                for name, job in jobs.items():
                    threads.submit(_keep_at, name, job, settings, app, ended)
                ended.wait()


def _keep_at(name: str, job: Job, settings: Settings, app: App, ended: threading.Event) -> None:
    """Carry out a job until `ended`, however often it fails."""
    failures = 0
    while not ended.is_set():
        began = time.monotonic()
        try:
            job(settings, app, ended)
        except RecordUnavailable:
            ended.wait(RETRY)  # `follow` says so, and when it is back
            continue
        except Exception as error:  # noqa: BLE001 - one job's fault is not to end the others
            failures = 1 if time.monotonic() - began > SETTLED else failures + 1
            pause = min(LONGEST_PAUSE, 2.0 ** (failures - 1))
            _log.error("courier.job_failed", job=name, error=type(error).__name__, again_in=pause)
            ended.wait(pause)
        else:
            ended.wait(RETRY)
