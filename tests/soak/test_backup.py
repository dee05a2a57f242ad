"""A backup taken while fifty people use the API and processes work restores to what the doctor calls well; nobody felt it."""

import asyncio
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from infra.backup.manifest import read_manifest
from infra.bootstrap import open_app
from infra.cli.backup import restore_backup, take_backup
from infra.cli.servers import running_group
from infra.settings import Address
from tests.soak.body import working
from tests.soak.crowd import Notes, at_work, figures
from tests.soak.test_load import MET

pytestmark = pytest.mark.soak

SECONDS: Final = 45.0
BEGUN: Final = 10.0
"""Seconds after which the backup is begun."""


def test_taken_while_fifty_people_are_at_work_it_restores_to_a_state_that_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes, backup = Notes(), tmp_path / "backup"
    took = list[float]()
    with working(tmp_path / "here", cases=300) as body:

        def take() -> None:
            time.sleep(BEGUN)  # into the midst of the work
            begun = time.monotonic()
            take_backup(replace(body.settings, database_url=None), backup)
            took.append(time.monotonic() - begun)

        taking = threading.Thread(target=take)
        taking.start()
        asyncio.run(at_work(body.members, notes, port=body.port, seconds=SECONDS, seed=6))
        taking.join()
        log = body.app.records.recorder.select_log(0, 1_000_000)
    manifest = read_manifest(backup)
    assert 0 < manifest.position < log[-1][0]
    assert [one for one in notes.asked if one.status not in {200, 304} and one.rule not in MET] == []

    there = replace(body.settings, data=tmp_path / "there", database_url=None, temporal_address=None)
    begun = time.monotonic()
    with socket.create_server(
        ("127.0.0.1", 0)
    ) as taken:  # as by what shows its figures while a copy is restored beside it
        restore_backup(replace(there, metrics=Address(host="127.0.0.1", port=taken.getsockname()[1])), backup)
    with capsys.disabled():
        print(f"\n{manifest.events:,} events: backup {took[0]:.1f} s, restore {time.monotonic() - begun:.1f} s")
        print(figures(notes, SECONDS))
    assert "All is well." in capsys.readouterr().out

    apart = replace(there, temporal_port=0, temporal_ui_port=None)
    with running_group(apart, lambda *_: None, ("projector",)) as running, open_app(running.database_url) as app:
        restored = [row for row in app.records.recorder.select_log(0, 1_000_000) if row[0] <= manifest.position]
    assert restored == [row for row in log if row[0] <= manifest.position]
