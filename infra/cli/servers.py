"""Running the servers and services of one data folder, as a group or one by one."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from rich.console import Console

from infra.cli.screen import screen
from infra.group import SERVICES, Group
from infra.problems import CannotStart
from infra.running import Running, find_running
from infra.settings import Settings
from infra.store.migrate import migrate

Say = Callable[[str, str], None]
WITHOUT_TEMPORAL: Final = ("projector", "courier", "serve")
"""The services that work without Temporal."""
ENDING: Final = (signal.SIGINT, signal.SIGTERM)
AGAIN_AFTER: Final = 1.0
"""Seconds after which who was asked to end, and has not heard, is asked again."""


def run_group(settings: Settings) -> None:
    """Run it all until Ctrl-C or SIGTERM; data stays for the next start."""
    from infra.cli.backup import revive_beside
    from infra.cli.config import hints

    console = screen()
    for hint in hints(dict(os.environ)):
        console.print(hint)
    stop = _stop_on_signals()
    group = _group(settings, (*SERVICES, "serve"))
    try:
        say = partial(_say, console)
        running = group.start(say)
        revive_beside(settings, running, say)
        console.print(f"Assay runs on {settings.data}. Ctrl-C stops it; the data stays.")
        if settings.identity.local:
            console.print(
                "`assay sign-in PERSON` prints a link to sign in by; the first: `assay identity first-officer`."
            )
        group.run_until(stop)
        console.print("Stopping ...")
    finally:
        group.stop()
    console.print("Stopped. The next start goes on where this one was.")


def _say(console: Console, name: str, text: str) -> None:
    console.print(f"  {name:<10} {text}")


@contextmanager
def running_group(settings: Settings, say: Say, services: Sequence[str] = SERVICES) -> Iterator[Running]:
    """What runs on the data folder already, or else a group of our own, tended in the background and stopped at the end."""
    found = find_running(settings)
    if found:
        say("running", f"already, as process {found.pid}; using that")
        yield found
        return
    group, stop = _group(settings, services), threading.Event()
    started: list[Running | BaseException] = []
    ready = threading.Event()

    def tend() -> None:
        # Children die with the thread that started them, so that one thread starts, tends and stops them all.
        try:
            started.append(group.start(say))
            ready.set()
            group.run_until(stop)
        except BaseException as problem:  # noqa: BLE001 - raised again, in the thread that waits
            started.append(problem)
            ready.set()
        finally:
            group.stop()

    leave = _leaving()
    before = {one: signal.signal(one, leave) for one in (*ENDING, signal.SIGALRM)}
    thread = threading.Thread(target=tend, name="group")
    thread.start()
    try:
        ready.wait()
        if isinstance(started[-1], BaseException):
            raise started[-1]
        yield started[-1]
    finally:
        for one in before:
            signal.signal(one, signal.SIG_IGN)  # nothing cuts the way out short
        signal.setitimer(signal.ITIMER_REAL, 0)
        stop.set()
        thread.join()
        for one, handler in before.items():
            signal.signal(one, handler)


def run_service(name: str, settings: Settings) -> None:
    """Run one service until SIGTERM or Ctrl-C, against the servers that the settings or the running group name."""
    from infra import bootstrap
    from infra.logs import configure_logging
    from infra.observed import observed

    configure_logging(settings.log_level)
    found = None if settings.database_url else find_running(settings)
    url = settings.database_url or (found.database_url if found else "")
    address = settings.temporal_address or (found.temporal_address if found else "")
    if not url or (name not in WITHOUT_TEMPORAL and not address):
        raise CannotStart(
            f"`assay {name}` needs DATABASE_URL and TEMPORAL_ADDRESS, or `assay up` running on {settings.data}."
        )
    with observed(name, settings):
        bootstrap.SERVICES[name](bootstrap.located(settings, url, address), _stop_on_signals(), tell_ready)
    if name not in WITHOUT_TEMPORAL:
        _leave_at_once()


def _leave_at_once() -> NoReturn:
    """End the process with 0, all that it worked with being closed, without the interpreter's own end.

    Threads of Temporal's library may call into an interpreter that is ending, which then aborts (temporalio/sdk-python#300).
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def begin_letters(settings: Settings, position: int) -> None:
    """Have letters written of what was recorded behind `position` of the log."""
    from infra.bootstrap import open_app
    from infra.cli.reading import database

    with database(settings) as url, open_app(url, pool_size=1) as app:
        app.post.outbox.begin_at(position, again=True)


def run_migrations(settings: Settings) -> None:
    """Migrate the database that DATABASE_ADMIN_URL leads to; the application's password is that of DATABASE_URL."""
    from urllib.parse import urlsplit

    if not settings.database_admin_url or not settings.database_url:
        raise CannotStart(
            "`assay migrate` needs DATABASE_ADMIN_URL and DATABASE_URL; `assay up` migrates its own database."
        )
    migrate(settings.database_admin_url, urlsplit(settings.database_url).password or "")
    screen().print("The database is at this version.")


def _group(settings: Settings, services: Sequence[str] = SERVICES) -> Group:
    from infra.temporal import SEARCH_ATTRIBUTES

    return Group(settings, services, search_attributes=SEARCH_ATTRIBUTES)


def _leaving() -> Callable[[int, object], None]:
    """A handler of Ctrl-C and SIGTERM that ends what runs, with the group stopped on the way out.

    What a handler raises is lost where Python has just called a finaliser, so it is raised again until somebody listens.
    """
    asked: list[int] = []

    def leave(number: int, _frame: object) -> None:
        asked.append(number)
        for one in ENDING:
            signal.signal(one, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, AGAIN_AFTER)
        if asked[0] == signal.SIGINT:
            raise KeyboardInterrupt
        sys.exit(128 + asked[0])

    return leave


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: stop.set())
    return stop


OFTEN: Final = 20_000
"""Things that are made between two looks for garbage."""


def tell_ready(address: str) -> None:
    """Tell the group that started this service that it works, and where it listens; nobody sees half of it.

    What it has made by then stays as long as it runs: looking through all of that for garbage, again and again, would hold up
    everybody who asks for a quarter of a second. One answer about a long case makes tens of thousands of things, and few that go in circles:
    to look after every few hundred, as is usual, would take a tenth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OFTEN, 10, 10)
    if ready := os.environ.get("ASSAY_READY_FILE"):
        told = Path(f"{ready}.new")
        told.write_text(address, encoding="utf-8")
        told.replace(ready)
    elif address:
        screen().print(f"Serving {address}. Ctrl-C stops it.")
