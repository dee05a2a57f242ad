"""A whole body on servers of its own, for as long as a test uses it: everything that `assay up` runs, with cases on record."""

import io
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.bootstrap import App, file_store, located, open_app
from infra.cli.health import examine
from infra.cli.servers import running_group
from infra.group import SERVICES
from infra.running import find_running
from infra.settings import Settings, load_settings
from infra.signaller import delivered
from tests.infra.polling import until
from tests.soak.business import CATCHING_UP, PEOPLE, fill, gather
from tests.soak.crowd import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """The body at work: how it is reached, and who comes to it."""

    app: App
    settings: Settings
    members: list[Member]

    @property
    def port(self) -> int:
        """Where the API listens, also after it was started again."""
        return self.settings.api_port

    def pid(self, name: str) -> int | None:
        """The process of a server or service, None while it is not known."""
        running = find_running(self.settings)
        return running.pids.get(name) if running else None

    def catch_up(self) -> None:
        """Wait until processes and read models know all that is on record."""
        until(lambda: delivered(self.app.records) == self.app.records.max_position(), CATCHING_UP)
        until(self.is_well, CATCHING_UP)

    def is_well(self) -> bool:
        """What `assay doctor` says of all this."""
        try:
            with redirect_stdout(io.StringIO()):
                examine(self.settings)
        except SystemExit:
            return False
        return True


@contextmanager
def working(data: Path, *, cases: int, people: Mapping[str, int] = PEOPLE, **environ: str) -> Iterator[Working]:
    """Run it in a new data folder, with so many made-up cases and so many people, and settings of its own."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("READS", "COMMANDS"):  # those without a token come from one address
            environment.setenv(f"ASSAY_API_{name}", "1000000")
        settings = load_settings({
            "ASSAY_DATA": str(data), "ASSAY_API_PORT": str(free_port()), "ASSAY_TEMPORAL_PORT": "0",
            "ASSAY_TEMPORAL_UI_PORT": "off", "ASSAY_LOG_LEVEL": "warning", **environ,
        })  # fmt: skip
        with (
            running_group(settings, lambda *_: None, (*SERVICES, "serve")) as running,
            open_app(running.database_url, pool_size=4, store=file_store(settings)) as app,
        ):
            body = fill(app, cases)
            found = located(settings, running.database_url, running.temporal_address)
            caught = Working(app=app, settings=found, members=[])
            caught.catch_up()
            members = gather(app, body, found, people)
            caught = Working(app=app, settings=found, members=members)
            caught.catch_up()
            yield caught


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
