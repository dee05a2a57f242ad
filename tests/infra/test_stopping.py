"""Every service ends by itself when it is told to, with exit code 0, whatever of its servers is there."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from domain.submission.state import Stage
from infra.bootstrap import SERVICES
from infra.embedded import EmbeddedTemporal
from infra.temporal import SEARCH_ATTRIBUTES
from tests import factories as f
from tests.conftest import Database
from tests.infra.polling import until
from tests.infra.test_cli import ROOT
from tests.workflows.machinery import Machinery, wait_for
from workflows.activities import STEPS

LIMIT = 60.0
"""Seconds; `assay up` gives each of them 20, on a machine on which nothing else works."""


@pytest.fixture(scope="module")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTemporal]:
    folder = tmp_path_factory.mktemp("temporal")
    embedded = EmbeddedTemporal(folder, port=0, ui_port=None, search_attributes=SEARCH_ATTRIBUTES)
    embedded.start()
    yield embedded
    embedded.stop()


def nobody() -> str:
    """An address of this machine at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"


def started(name: str, folder: Path, **environ: str) -> subprocess.Popen[str]:
    said = {"ASSAY_DATA": str(folder), "ASSAY_API_PORT": "0", "ASSAY_READY_FILE": str(folder / "ready")}
    command = [sys.executable, "-m", "infra.cli.main", name]
    return subprocess.Popen(
        command, cwd=ROOT, env=os.environ | said | environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ends(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Tell it to end; its exit code, and what it said."""
    process.send_signal(signal.SIGTERM)
    try:
        said, _ = process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, said


@pytest.mark.parametrize("name", list(SERVICES))
def test_told_to_end_it_does_with_exit_code_0(
    name: str, database: Database, temporal: EmbeddedTemporal, tmp_path: Path
):
    process = started(name, tmp_path, DATABASE_URL=database.app_url, TEMPORAL_ADDRESS=temporal.address)
    until(lambda: (tmp_path / "ready").exists() or process.poll() is not None, 120)

    code, said = ends(process)

    assert code == 0, said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", list(SERVICES))
def test_it_ends_as_well_while_none_of_its_servers_is_there_nor_who_takes_its_traces(name: str, tmp_path: Path):
    gone = {
        "DATABASE_URL": f"postgresql://assay_app:secret@{nobody()}/assay",
        "TEMPORAL_ADDRESS": nobody(),
        "ASSAY_OTLP": f"http://{nobody()}",
        "ASSAY_LOG_LEVEL": "debug",
    }
    process = started(name, tmp_path, **gone)
    seen = bytearray()
    until(lambda: (tmp_path / "ready").exists() or _says_something(process, seen), 120)

    code, said = ends(process)

    assert code == 0, said
    assert "secret" not in said + seen.decode()


def _says_something(process: subprocess.Popen[str], seen: bytearray) -> bool:
    """Whether it has begun to work: who waits for a server says so in the log."""
    assert process.stdout
    os.set_blocking(process.stdout.fileno(), False)
    try:
        seen += os.read(process.stdout.fileno(), 10_000)
    except BlockingIOError:
        return False
    finally:
        os.set_blocking(process.stdout.fileno(), True)
    return bool(seen) or process.poll() is not None


def test_a_worker_that_is_told_to_end_finishes_the_step_in_hand(
    database: Database, temporal: EmbeddedTemporal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from infra.settings import Settings

    begun, go_on, taking = threading.Event(), threading.Event(), STEPS["start_preparation"]

    def slowly(*given: Any, **named: Any) -> Any:
        begun.set()
        assert go_on.wait(LIMIT)
        return taking(*given, **named)

    monkeypatch.setitem(cast("dict[str, Any]", STEPS), "start_preparation", slowly)
    settings = Settings(data=tmp_path, temporal_address=temporal.address, task_queue="stopping")
    with Machinery(settings, database.app_url) as machinery:
        machinery.start()
        body = f.open_body(machinery.app.office)
        case = f.register(body)
        assert begun.wait(LIMIT)
        thread, stop = machinery._running["worker"]
        stop.set()
        thread.join(0.5)
        assert thread.is_alive()  # it waits for the step

        go_on.set()
        thread.join(LIMIT)

        assert not thread.is_alive()
        wait_for(body, case, Stage.PREPARING)
