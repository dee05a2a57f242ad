"""One of Assay's own services as a child process: it starts from the environment, and says itself when it is ready."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.children import Child


class Service:
    """The service `name`, run as `command` with `environment`.

    The process must make the file that its environment names as ASSAY_READY_FILE as soon as it works.
    """

    def __init__(self, name: str, folder: Path, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = command
        self._ready_file = folder / "run" / f"{name}.ready"
        self._environment = {**environment, "ASSAY_READY_FILE": str(self._ready_file)}
        self._child = Child(name, folder)

    @property
    def pid(self) -> int | None:
        """The process id, or None while it isn't running."""
        return self._child.pid

    @property
    def address(self) -> str:
        """What to tell the user of where it is: the address that it says itself, or the process where it listens nowhere."""
        try:
            said = self._ready_file.read_text(encoding="utf-8")
        except FileNotFoundError:
            said = ""
        return said or f"process {self.pid}"

    def is_running(self) -> bool:
        """Say whether the process lives."""
        return self._child.is_running()

    def launch(self) -> None:
        """Start it without waiting; `wait_ready` waits. Raises CannotStart if another supervisor runs it."""
        self._child.claim()
        self._ready_file.unlink(missing_ok=True)
        self._child.spawn(self._command, env=self._environment)

    def wait_ready(self, limit: float = 60.0) -> None:
        """Wait until it says that it is ready, at most `limit` seconds. Raises CannotStart if it won't be."""
        self._child.wait_until(self._ready_file.exists, limit)

    def stop(self) -> None:
        """Let it finish what is under way and stop it. Nothing if it isn't running."""
        self._child.stop(limit=20.0)
        self._ready_file.unlink(missing_ok=True)
