"""A play that is ended early takes everything it started with it, however it is ended."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from infra.children import is_alive
from tests.infra.polling import until

ROOT = Path(__file__).parents[2]
PILOT = ROOT / "examples" / "pilot"


@pytest.mark.parametrize(("ended_by", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_play_that_is_ended_leaves_nothing_running(tmp_path: Path, ended_by: signal.Signals, code: int):
    command = [sys.executable, "-m", "infra.cli.main", "play", PILOT / "results.csv", "--scheme", PILOT / "scheme.toml"]
    play = subprocess.Popen(
        [*map(str, command), "--data", str(tmp_path)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    state = tmp_path / "run" / "group.json"
    until(state.exists, 60)
    children = [psutil.Process(pid) for pid in json.loads(state.read_text())["pids"].values()]
    assert len(children) == 5

    play.send_signal(ended_by)

    assert play.wait(60) == code
    until(lambda: not any(is_alive(child) for child in children), 30)
