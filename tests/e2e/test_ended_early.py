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


@pytest.mark.parametrize(
    ("ended_by", "code"),
    [(signal.SIGTERM, 143), pytest.param(signal.SIGINT, 130, marks=pytest.mark.soak), (signal.SIGKILL, -9)],
)
def test_a_play_that_is_ended_leaves_nothing_running(tmp_path: Path, ended_by: signal.Signals, code: int):
    command = [sys.executable, "-m", "infra.cli.main", "play", PILOT / "results.csv", "--scheme", PILOT / "scheme.toml"]
    told = tmp_path / "told.txt"
    with told.open("w") as output:
        options = ["--data", str(tmp_path / "data")]
        play = subprocess.Popen([*map(str, command), *options], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    state = tmp_path / "data" / "run" / "group.json"
    until(state.exists, 60)
    children = [psutil.Process(pid) for pid in json.loads(state.read_text())["pids"].values()]
    assert len(children) == 6

    play.send_signal(ended_by)

    assert play.wait(60) == code, told.read_text()
    until(lambda: not any(is_alive(child) for child in children), 30)


DEAF = """
import os, signal, time
from infra.cli.servers import ENDING, _leaving

class Deaf:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.1)

leave = _leaving()
for one in (*ENDING, signal.SIGALRM):
    signal.signal(one, leave)
Deaf()
print("not heard", flush=True)
time.sleep(30)
"""


def test_who_is_asked_to_end_while_nobody_listens_is_asked_again():
    asked = subprocess.run(
        [sys.executable, "-c", DEAF], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert (asked.stdout, asked.returncode) == ("not heard\n", 143)
