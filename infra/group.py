"""`assay up`: the servers and services of one data folder run as one group, which restarts what dies and stops in order."""

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol
from urllib.parse import urlsplit

from infra import running
from infra.children import Child
from infra.embedded import EmbeddedPostgres, EmbeddedTemporal
from infra.folder import prepare
from infra.listening import require_free
from infra.problems import CannotStart
from infra.running import Running, find_running
from infra.service import Service
from infra.settings import Settings

__all__ = ["SERVICES", "Group", "Running", "find_running"]

SERVICES: Final = ("worker", "projector", "signaller", "courier")
LONGEST_PAUSE: Final = 30.0
"""Seconds between attempts to restart what keeps dying."""
METRICS_STEP: Final = 2
"""From the port on which a service shows its metrics to that of the next one; the port between is for Temporal's library."""
SETTLED: Final = 60.0
"""Seconds alive after which earlier deaths no longer count."""

Say = Callable[[str, str], None]
"""Tells the user something: the name of a server or service, and its address or a sentence."""


class _Member(Protocol):
    """A server or service of the group; `address` is what to tell the user."""

    @property
    def name(self) -> str: ...
    @property
    def pid(self) -> int | None: ...
    @property
    def address(self) -> str: ...
    def is_running(self) -> bool: ...
    def launch(self) -> None: ...
    def wait_ready(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(slots=True)
class _Watch:
    """How often a member died lately, when it last started, and when to start it again (monotonic seconds)."""

    deaths: int = 0
    started: float = 0.0
    due: float | None = None


class Group:
    """The servers that `settings` don't place elsewhere, and `services`, as children of this process.

    Each service is run as `command` + its name, with an environment that leads it to the servers.
    Call `start`, then `run_until` (or `tend` now and then), and in any case `stop`, all from one thread.
    """

    def __init__(
        self,
        settings: Settings,
        services: Sequence[str] = SERVICES,
        *,
        search_attributes: Mapping[str, str] | None = None,
        command: Sequence[str] = (sys.executable, "-P", "-m", "infra.cli.main"),
    ) -> None:
        self._settings = settings
        self._services = services
        self._search_attributes = search_attributes
        self._command = command
        self._members: list[_Member] = []
        self._watches: dict[str, _Watch] = {}
        self._lock: int | None = None
        self._say: Say = lambda _name, _text: None
        self._running: Running | None = None

    def start(self, say: Say) -> Running:
        """Start all, in order, telling each address; return how to reach them.

        Raises CannotStart, with everything stopped again, when anything can't start.
        """
        self._say = say
        prepare(self._settings.data)
        self._lock = running.take(self._settings)
        try:
            return self._start_all()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all, in reverse order, each gently and after its limit by force. Nothing if nothing runs."""
        while self._members:
            self._members.pop().stop()
        self._running = None
        if self._lock is not None:
            running.release(self._settings, self._lock)
            self._lock = None

    def pids(self) -> dict[str, int]:
        """Return the process ids of what runs, by name, in the order of starting."""
        return {member.name: member.pid for member in self._members if member.pid is not None}

    def tend(self) -> None:
        """Restart what died, saying so: at once the first time, then after pauses that double up to `LONGEST_PAUSE`."""
        restarted = [member for member in self._members if self._tend(member, self._watches[member.name])]
        if restarted and self._running:
            self._running = replace(self._running, pids=self.pids())
            running.tell(self._settings, self._running)

    def run_until(self, stop: threading.Event, every: float = 0.25) -> None:
        """Tend the group, every `every` seconds, until `stop` is set."""
        while not stop.wait(every):
            self.tend()

    def _start_all(self) -> Running:
        settings = self._settings
        postgres = None if settings.database_url else EmbeddedPostgres(settings.data)
        temporal = None if settings.temporal_address else self._embedded_temporal()
        for server in (postgres, temporal):
            if server:
                server.check()  # what can be known at once is refused at once
        if "serve" in self._services:
            self._require_port()
        if postgres:
            self._start(postgres)
        database_url = self._migrate(postgres)
        if temporal:
            self._start(temporal)
        temporal_address = temporal.address if temporal else settings.temporal_address or ""
        environment = self._environment(database_url, temporal_address)
        for number, name in enumerate(self._services):
            own = environment | self._observed(number)
            self._start(Service(name, settings.data, [*self._command, name], own))
        served = next((urlsplit(member.address) for member in self._members if member.name == "serve"), None)
        self._running = Running(
            pid=os.getpid(),
            pids=self.pids(),
            database_url=database_url,
            temporal_address=temporal_address,
            temporal_ui=temporal.ui_address if temporal else None,
            base=self._settings.identity.at(served.port).base if served and served.port else "",
            served=f"{served.scheme}://{served.netloc}" if served else "",
        )
        running.tell(settings, self._running)
        return self._running

    def _require_port(self) -> None:
        """Refuse a port of the API that another program has, once what a dead supervisor left there is ended."""
        left = Child("serve", self._settings.data)
        left.claim()
        left.release()
        require_free(self._settings.api_host, self._settings.api_port, what="The API", variable="ASSAY_API_PORT")

    def _start(self, member: _Member) -> None:
        self._members.append(member)
        member.launch()
        member.wait_ready()
        self._watches[member.name] = _Watch(started=time.monotonic())
        self._say(member.name, member.address)

    def _tend(self, member: _Member, watch: _Watch) -> bool:
        """Restart `member` if it is dead and the time has come; return whether this was tried."""
        now = time.monotonic()
        if member.is_running():
            if now - watch.started > SETTLED:
                watch.deaths = 0
            return False
        if watch.due is None:
            pause = min(LONGEST_PAUSE, 2.0 ** (watch.deaths - 1)) if watch.deaths else 0.0
            watch.deaths += 1
            watch.due = now + pause
            self._say(member.name, f"died; starting it again {f'in {pause:.0f} s' if pause else 'now'}")
        if now < watch.due:
            return False
        watch.due = None
        watch.started = now
        try:
            member.launch()
        except (CannotStart, OSError) as problem:  # OSError: a full disk, say, which may pass
            self._say(member.name, str(problem))
        return True

    def _embedded_temporal(self) -> EmbeddedTemporal:
        return EmbeddedTemporal(
            self._settings.data,
            self._settings.temporal_port,
            self._settings.temporal_ui_port,
            namespace=self._settings.temporal_namespace,
            search_attributes=self._search_attributes,
        )

    def _migrate(self, postgres: EmbeddedPostgres | None) -> str:
        """Bring the database to this version, if we may, and return the URL that the application uses."""
        from infra.store.migrate import migrate  # slow to import, and only who starts a group needs it

        if postgres:
            return migrate(postgres.admin_url, postgres.app_password)
        url = self._settings.database_url or ""
        if self._settings.database_admin_url:
            password = urlsplit(url).password
            if not password:
                raise CannotStart(
                    "DATABASE_URL has no password; beside DATABASE_ADMIN_URL it needs the one of its role."
                )
            migrate(self._settings.database_admin_url, password)
        return url

    def _observed(self, number: int) -> dict[str, str]:
        """Where the service of that number, counted from 0, shows its metrics: each has its own port, and the next one."""
        at = self._settings.metrics
        return {"ASSAY_METRICS": str(replace(at, port=at.port + METRICS_STEP * number)) if at else "off"}

    def _environment(self, database_url: str, temporal_address: str) -> dict[str, str]:
        """Return the environment of the services: ours, leading to the servers, without the right to change the schema."""
        settings = self._settings
        own = {name: value for name, value in os.environ.items() if name != "DATABASE_ADMIN_URL"}
        if not settings.temporal_address:  # keys and certificates are for another server than the embedded one
            own = {name: value for name, value in own.items() if not name.startswith("TEMPORAL_")}
        return own | {
            "ASSAY_DATA": str(settings.data),
            "DATABASE_URL": database_url,
            "TEMPORAL_ADDRESS": temporal_address,
            "TEMPORAL_NAMESPACE": settings.temporal_namespace,
            "ASSAY_TASK_QUEUE": settings.task_queue,
            "ASSAY_LOG_LEVEL": settings.log_level,
            "ASSAY_OTLP": settings.otlp or "off",
            "ASSAY_API_HOST": settings.api_host,
            "ASSAY_API_PORT": str(settings.api_port),
        }
