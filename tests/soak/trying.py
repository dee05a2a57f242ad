"""A process that runs pytest again and again, each time in a fork that has imported what the tests take from elsewhere.

It is run in the copy to be tried, and told tests, one JSON list a line; it answers each line with pytest's exit code. It
imports nothing of the project itself: a fork must find the one changed module, and read all of the project anew.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

LIMIT: Final = 180
"""Seconds that one run may take: a guard changed may mean that something never ends, which is noticed too."""
OPTIONS: Final = ("-x", "-q", "--no-header", "-p", "no:cacheprovider")


def elsewhere() -> list[str]:
    """The modules that collecting the domain's tests imports, in that order, but for those of the project."""
    import pytest

    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        pytest.main([*OPTIONS, "--collect-only", "tests/domain"])
    here = Path.cwd()
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
    return [name for name, file in files.items() if file and name != "__main__" and not Path(file).is_relative_to(here)]


def run(tests: list[str]) -> int:
    """The exit code of pytest on these tests, in a fork; that of a test that failed where it took too long."""
    child = os.fork()
    if child == 0:
        import pytest

        signal.alarm(LIMIT)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os._exit(int(pytest.main([*OPTIONS, *tests])))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1


def main() -> None:
    """Import what is from elsewhere, then answer each line."""
    sys.dont_write_bytecode = (
        True  # two changes within a second may be of one length: the second would be taken for the first
    )
    sys.path[0] = str(Path.cwd())
    if "--elsewhere" in sys.argv:
        print(*elsewhere())
        return
    told = subprocess.run([sys.executable, __file__, "--elsewhere"], stdout=subprocess.PIPE, text=True, check=True)
    for name in told.stdout.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        print(run(json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
