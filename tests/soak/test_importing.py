"""Twenty thousand past accreditations come on record, with their processes, while others go on working."""

import asyncio
import csv
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil
import pytest

from bench.importing import awards, prepare
from domain.ids import derived_id
from domain.permissions import INSTALLER_ROLE
from infra.bootstrap import App, located, open_app
from infra.cli.servers import running_group
from infra.group import SERVICES
from infra.running import Running
from infra.settings import Settings, load_settings
from infra.signaller import delivered
from infra.temporal import connect
from services.people import register_person
from services.ports import Command
from tests.infra.polling import until

pytestmark = pytest.mark.soak

AWARDS: Final = 20_000
WITHIN: Final = 120.0
"""Seconds, on two cores on which nothing else works."""
LONGEST: Final = 1.0
"""Seconds that any command of somebody else may take meanwhile."""


def test_twenty_thousand_past_accreditations_come_with_their_processes_while_others_go_on(tmp_path: Path):
    file = tmp_path / "awards.csv"
    sheet = awards(AWARDS)
    with file.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([sheet.header, *(cells for _, cells in sheet.rows)])
    settings = replace(load_settings({"ASSAY_DATA": str(tmp_path / "data")}), temporal_port=0, temporal_ui_port=None)
    with (
        running_group(settings, lambda *_: None, SERVICES) as running,
        open_app(running.database_url, pool_size=4) as app,
    ):
        prepare(app, AWARDS)
        settings = located(settings, running.database_url, running.temporal_address)
        until(lambda: delivered(app.records) == app.records.max_position(), 120)
        began, worked = time.monotonic(), work_of(running)
        with others_at_work(app) as seconds:
            run = subprocess.run(
                [sys.executable, "-m", "infra.cli.main", "import", "accreditations", str(file)],
                capture_output=True, text=True, env=os.environ | {"ASSAY_DATA": str(settings.data)}, check=False,
            )  # fmt: skip
            recorded, end = time.monotonic() - began, app.records.max_position() or 0
            until(lambda: delivered(app.records) >= end, 600)
        whole = time.monotonic() - began
        worked = work_of(running) - worked + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        processes = asyncio.run(count_of(settings))
    print(f"\n{run.stdout[-300:]}")
    print(f"seconds of a core that all of it worked: {worked:.0f}")
    print(
        f"recorded in {recorded:.0f} s, with {processes:,} processes in {whole:.0f} s; others' commands meanwhile: {len(seconds)},"
        f" median {statistics.median(seconds) * 1e3:.0f} ms, longest {max(seconds) * 1e3:.0f} ms; load {os.getloadavg()[0]:.1f}"
    )

    assert run.returncode == 0, run.stderr
    assert f"{AWARDS:,} were written" in run.stdout
    assert AWARDS * 0.4 < processes < AWARDS * 0.6  # three years of six
    assert max(seconds) < LONGEST
    assert whole < WITHIN


@contextmanager
def others_at_work(app: App) -> Iterator[list[float]]:
    """Somebody else gives a command five times a second for the block; gives how long each took."""
    taken: list[float] = []
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.2):
            id = derived_id("person", f"other-{len(taken)}")
            command = Command(id=f"other-{id}", actor="installer", role=INSTALLER_ROLE, at=datetime.now(UTC))
            started = time.monotonic()
            register_person(app.office, command, id=id, name="Somebody", email=f"{id}@people.example")
            taken.append(time.monotonic() - started)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield taken
    finally:
        over.set()
        thread.join()


def work_of(running: Running) -> float:
    """For how many seconds of a core the servers and services have worked so far."""
    own = [psutil.Process(pid) for pid in running.pids.values()]
    every = {one.pid: one for parent in own for one in (parent, *parent.children(recursive=True))}
    return sum(sum(one.cpu_times()[:2]) for one in every.values())


async def count_of(settings: Settings) -> int:
    """How many processes of awards run."""
    client = await connect(settings)
    query = "WorkflowType = 'AccreditationProcess' AND ExecutionStatus = 'Running'"
    return (await client.count_workflows(query)).count
