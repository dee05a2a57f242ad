"""`assay serve` as a process of its own, on a database of the test's, with a case to which a provider uploads over HTTP."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from bench.api import token_for
from infra.api.app import ROOT
from infra.bootstrap import App
from infra.identity.identify import open_doors
from infra.projector import catch_up
from infra.settings import load_settings
from tests import factories
from tests.infra.polling import until

STARTS = 180.0


@dataclass(slots=True)
class Serving:
    """The process, its address below which all is, and how its data folder looks."""

    process: subprocess.Popen[bytes]
    address: str
    data: Path
    headers: dict[str, str]
    case: str

    @property
    def url(self) -> str:
        """Where the files of the case are."""
        return f"{self.address}/cases/{self.case}/files"

    def kept(self) -> list[Path]:
        """Every file below the folder of files, parts of uploads too."""
        return sorted(one for one in (self.data / "files").rglob("*") if one.is_file())

    def parts(self) -> list[Path]:
        """The parts of uploads under way."""
        return [one for one in self.kept() if one.parent.name == "parts"]

    def peak(self) -> int:
        """The most memory that the process ever held, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(next(one.split()[1] for one in status.splitlines() if one.startswith("VmHWM")))

    def now(self) -> int:
        """The memory that it holds now, in bytes."""
        found: int = psutil.Process(self.process.pid).memory_info().rss
        return found

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(app: App, url: str, data: Path, **environment: str) -> Iterator[Serving]:
    """Serve from a data folder; a case is being prepared there, to which its contact uploads."""
    body = factories.open_body(app.office, now=lambda: datetime.now(UTC))
    case = factories.brought(body, "registered")
    catch_up(app.records)
    with started(url, data, **environment) as (process, address):
        settings = load_settings({"ASSAY_DATA": str(data), "ASSAY_API_PORT": address.split(":")[2].partition("/")[0]})
        doors = open_doors(settings, app.records.datastore)
        token = token_for(doors, body.submission(case).registration.lead_contact)
        headers = {"Authorization": f"Bearer {token}", "Assay-Role": "provider"}
        yield Serving(process, address, data, headers, case)


@contextmanager
def started(url: str, data: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process and its address."""
    ready = data / f"ready-{len(list(data.glob('ready-*')))}"
    data.mkdir(exist_ok=True)
    said = {
        "DATABASE_URL": url, "ASSAY_DATA": str(data), "ASSAY_API_PORT": "0", "ASSAY_READY_FILE": str(ready),
    }  # fmt: skip
    command = [sys.executable, "-m", "infra.cli.main", "serve"]
    with (data / "serve.log").open("ab") as log:
        process = subprocess.Popen(command, env={**os.environ, **said, **environment}, stderr=log)
    try:
        until(lambda: ready.exists() or process.poll() is not None, STARTS)
        assert process.poll() is None, (data / "serve.log").read_text()
        yield process, ready.read_text().removesuffix(ROOT) + ROOT
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def content(size: int) -> Iterator[bytes]:
    """A PDF of so many bytes, piece by piece."""
    yield b"%PDF-1.4\n"
    left, piece = size - 9, os.urandom(1024 * 1024)
    while left > 0:
        yield piece[:left]
        left -= len(piece)


def upload(serving: Serving, size: int, key: str) -> httpx.Response:
    """Upload so many bytes."""
    headers = serving.headers | {"Idempotency-Key": key, "Content-Length": str(size)}
    return httpx.post(serving.url, content=content(size), headers=headers, timeout=300)
