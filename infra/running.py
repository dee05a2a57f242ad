"""What runs on a data folder is written into the folder, so that other commands find it; a lock says whether it still does."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from infra.folder import hold, write_private
from infra.problems import CannotStart
from infra.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What runs on a data folder and how to reach it. `database_url` is the application's, with its password.

    `base` is the address under which browsers reach it, `served` the one where it listens; both empty where no API runs.
    """

    pid: int
    pids: Mapping[str, int]
    database_url: str = field(repr=False)
    temporal_address: str
    temporal_ui: str | None
    base: str = ""
    served: str = ""


def find_running(settings: Settings) -> Running | None:
    """Return what runs on the data folder, or None if nothing does or it is still starting."""
    try:
        text = _state_file(settings.data).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    lock = hold(_lock_file(settings.data))
    if lock is not None:  # whoever wrote that file is dead
        os.close(lock)
        return None
    return Running(**json.loads(text))


def take(settings: Settings) -> int:
    """Hold the data folder, until `release` or the end of this process; return the lock.

    Raises CannotStart, saying who holds it, if somebody does.
    """
    lock = hold(_lock_file(settings.data))
    if lock is None:
        running = find_running(settings)
        who = (
            f"process {running.pid}, Temporal at {running.temporal_address}"
            if running
            else "still starting or stopping"
        )
        raise CannotStart(
            f"Assay already runs on {settings.data} ({who}); stop that with Ctrl-C, or set ASSAY_DATA to another folder."
        )
    return lock


def tell(settings: Settings, running: Running) -> None:
    """Let other commands find `running`."""
    write_private(_state_file(settings.data), json.dumps(asdict(running), indent=1))


def release(settings: Settings, lock: int) -> None:
    """Give the data folder back."""
    _state_file(settings.data).unlink(missing_ok=True)
    os.close(lock)


def _lock_file(data: Path) -> Path:
    return data / "run" / "group.lock"


def _state_file(data: Path) -> Path:
    return data / "run" / "group.json"
