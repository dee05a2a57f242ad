"""How long a user waits for the command's help, the whole process, against the limit of 0.4 seconds."""

import subprocess
import sys
import time
from pathlib import Path

from bench.row import Row

LIMIT = 0.4


def rows() -> list[Row]:
    """Measure the installed command."""
    command = str(Path(sys.executable).with_name("assay"))
    times = []
    for _ in range(8):
        started = time.perf_counter()
        subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    value = sorted(times[1:])[len(times) // 2 - 1]
    return [Row(what="assay --help, whole process (base: the limit)", unit="s", value=value, base=LIMIT, target=1.0)]
