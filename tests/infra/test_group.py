"""The group that `assay up` runs: it starts in order, restarts what dies, is found by others, and refuses clearly."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import psycopg
import pytest

from infra.children import is_alive
from infra.folder import FORMAT
from infra.group import Group, find_running
from infra.problems import CannotStart
from infra.settings import Settings
from tests.infra.polling import until

SERVICE = """
import os, pathlib, signal, sys
if sys.argv[1] == "broken":
    sys.exit("The scheme is missing; give one with --scheme.")
import psycopg
psycopg.connect(os.environ["DATABASE_URL"]).close()
assert "DATABASE_ADMIN_URL" not in os.environ
signal.signal(signal.SIGTERM, lambda *_: (print(sys.argv[1], "stops", flush=True), sys.exit(0)))
pathlib.Path(os.environ["ASSAY_READY_FILE"]).touch()
while True:
    signal.pause()
"""
COMMAND = [sys.executable, "-c", SERVICE]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", temporal_port=0, temporal_ui_port=0)


@pytest.fixture
def said() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def group(settings: Settings) -> Iterator[Group]:
    group = Group(settings, ("worker", "projector"), command=COMMAND)
    yield group
    group.stop()


def test_everything_starts_in_order_is_found_by_others_and_stops(group: Group, settings: Settings, said):
    assert find_running(settings) is None

    running = group.start(lambda *line: said.append(line))

    assert [name for name, _ in said] == ["postgres", "temporal", "worker", "projector"]
    assert running == find_running(settings)
    assert (running.pid, running.pids) == (os.getpid(), group.pids())
    assert psycopg.connect(running.database_url).execute("SELECT current_user").fetchone() == ("assay_app",)
    state = settings.data / "run" / "group.json"
    assert state.stat().st_mode & 0o777 == 0o600
    assert "postgresql:" not in repr(running)

    processes = [psutil.Process(pid) for pid in group.pids().values()]
    group.stop()

    assert not any(process.is_running() for process in processes)
    assert group.pids() == {}
    assert find_running(settings) is None
    assert "worker stops" in (settings.data / "logs" / "worker.log").read_text()


def test_what_dies_is_restarted_and_the_others_stay(group: Group, settings: Settings, said):
    running = group.start(lambda *line: said.append(line))
    before = group.pids()
    stop = threading.Event()
    for name in ("postgres", "temporal", "worker"):
        os.kill(before[name], signal.SIGKILL)

    def restarted() -> bool:
        now = find_running(settings).pids
        if now["worker"] != before["worker"] and (settings.data / "run" / "worker.ready").exists():
            stop.set()
        return stop.is_set()

    with ThreadPoolExecutor(1) as watcher:
        watched = watcher.submit(until, restarted)
        group.run_until(stop, every=0.05)
        assert watched.result()

    assert set(group.pids().values()) & set(before.values()) == {before["projector"]}
    assert find_running(settings).pids == group.pids()
    assert find_running(settings).database_url == running.database_url
    assert psycopg.connect(running.database_url).execute("SELECT 1").fetchone() == (1,)
    assert ("worker", "died; starting it again now") in said


def test_what_keeps_dying_is_restarted_after_growing_pauses(group: Group, said):
    group.start(lambda *line: said.append(line))

    def died(times: int) -> bool:
        if pid := group.pids().get("worker"):
            psutil.Process(pid).kill()
        group.tend()
        return len([1 for name, text in said if name == "worker" and text.startswith("died")]) == times

    until(lambda: died(times=3))

    assert [text for name, text in said if name == "worker"][1:] == [
        "died; starting it again now",
        "died; starting it again in 1 s",
        "died; starting it again in 2 s",
    ]


def test_after_kill_9_of_the_supervisor_the_next_one_starts_on_the_same_folder_and_port(settings: Settings):
    script = (
        "import sys; from pathlib import Path; from infra.group import Group; from infra.settings import Settings\n"
        "settings = Settings(data=Path(sys.argv[1]), temporal_port=0, temporal_ui_port=None)\n"
        "print(Group(settings, ('worker',), command=sys.argv[2:]).start(lambda *_: None).temporal_address, flush=True)\n"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(settings.data), *COMMAND]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as supervisor:
        address = supervisor.stdout.readline().strip()
        left = [psutil.Process(pid) for pid in find_running(settings).pids.values()]
        supervisor.kill()

    assert find_running(settings) is None
    again = Group(replace(settings, temporal_port=int(address.rpartition(":")[2])), ("worker",), command=COMMAND)
    try:
        assert again.start(lambda *_: None).temporal_address == address
        assert not any(is_alive(process) for process in left)
    finally:
        again.stop()


def test_a_second_group_on_the_same_folder_is_refused_and_harms_nothing(group: Group, settings: Settings):
    running = group.start(lambda *_: None)

    with pytest.raises(
        CannotStart, match=rf"already runs on .* \(process {os.getpid()}, Temporal at {running.temporal_address}\)"
    ):
        Group(settings, (), command=COMMAND).start(lambda *_: None)

    assert running == find_running(settings)
    assert psycopg.connect(running.database_url).execute("SELECT 1").fetchone() == (1,)


def test_a_service_that_cannot_start_is_reported_in_its_own_words_and_all_is_stopped(settings: Settings):
    group = Group(settings, ("worker", "broken"), command=COMMAND)

    with pytest.raises(CannotStart, match=r"broken stopped while starting \(exit 1\): The scheme is missing; give one"):
        group.start(lambda *_: None)

    assert group.pids() == {}
    assert find_running(settings) is None
    pids = [int(file.read_text().split()[0]) for file in (settings.data / "run").glob("*.pid") if file.read_text()]
    assert pids == []


def test_a_taken_port_is_refused_before_anything_starts(settings: Settings, said):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        taken = Settings(data=settings.data, temporal_port=port, temporal_ui_port=None)

        with pytest.raises(CannotStart, match=f"Port {port} is taken by another program"):
            Group(taken, (), command=COMMAND).start(lambda *line: said.append(line))

    assert said == []


def test_a_folder_of_a_newer_version_is_refused(settings: Settings):
    settings.data.mkdir()
    (settings.data / "FORMAT").write_text(f"{FORMAT + 1}\n")

    with pytest.raises(CannotStart, match=rf"made by a newer Assay \(format {FORMAT + 1}, this one knows {FORMAT}\)"):
        Group(settings, ()).start(lambda *_: None)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotStart, match=r"can't be written .*set ASSAY_DATA"):
        Group(Settings(data=tmp_path / "file" / "data"), ()).start(lambda *_: None)


def test_a_full_disk_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=499_999_999))

    with pytest.raises(CannotStart, match="has 499 MB free and at least 500 MB are needed"):
        Group(settings, ()).start(lambda *_: None)


def test_a_stale_state_file_means_that_nothing_runs(settings: Settings):
    run = settings.data / "run"
    run.mkdir(parents=True)
    state = {"pid": 1, "pids": {}, "database_url": "", "temporal_address": "", "temporal_ui": None}
    (run / "group.json").write_text(json.dumps(state))

    assert find_running(settings) is None
