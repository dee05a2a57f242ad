"""What goes wrong while people are at work: servers and services killed with -9, at set times, and kept down for a while."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """So many seconds after the beginning `victim` gets a signal, and gets it again whenever it is back, for `lasts` seconds."""

    after: float
    victim: str
    lasts: float = 0.0
    by: signal.Signals = signal.SIGKILL


@contextmanager
def happening(faults: Sequence[Fault], pid: Callable[[str], int | None]) -> Iterator[list[str]]:
    """Have them happen meanwhile; yields the names of what was struck, as it is. All have happened at the end."""
    struck, begun = list[str](), time.monotonic()

    def strike() -> None:
        for fault in sorted(faults, key=lambda one: one.after):
            time.sleep(max(0.0, begun + fault.after - time.monotonic()))
            _strike(fault, pid, struck)

    thread = threading.Thread(target=strike, name="faults")
    thread.start()
    try:
        yield struck
    finally:
        thread.join()


def _strike(fault: Fault, pid: Callable[[str], int | None], struck: list[str]) -> None:
    until, last = time.monotonic() + fault.lasts, None
    while True:
        found = pid(fault.victim)
        if found is not None and found != last:
            with suppress(ProcessLookupError):
                os.kill(found, fault.by)
                struck.append(fault.victim)
            last = found
        if time.monotonic() >= until:
            return
        time.sleep(0.05)
