"""Child processes: each has a log file and a session of its own, and does not outlive its supervisor."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pwd import struct_passwd
from typing import Any, Final

import psutil

from infra.folder import hold, make_private
from infra.problems import CannotStart

LOG_LIMIT: Final = 10_000_000
"""Bytes: a longer log is set aside, as one `.1`, when its process is started again."""

# Linux sends the death signal when the *thread* that started the child ends, so one thread starts them all.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="child-starter")
_libc: Any = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG: Final = 1


class Child:
    """One child process of a data folder: `logs/NAME.log` takes its output and `run/NAME.pid` says who it is.

    The pid file is locked by whoever runs the child, so two supervisors never run the same one, and a supervisor
    that finds the file unlocked may end the process that a dead one left behind.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.log = folder / "logs" / f"{name}.log"
        self.pid_file = folder / "run" / f"{name}.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._claim: int | None = None

    @property
    def pid(self) -> int | None:
        """The process id, or None while it isn't running."""
        return self._process.pid if self._process and self.is_running() else None

    @property
    def exit_code(self) -> int | None:
        """How the last process ended (negative: by that signal), or None if none has."""
        return self._process.poll() if self._process else None

    def is_running(self) -> bool:
        """Say whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def claim(self, stop_signal: signal.Signals = signal.SIGTERM, limit: float = 10.0) -> int:
        """Become the one who runs this child, and end a process that a dead supervisor left (`limit` in seconds).

        Returns the descriptor of the locked pid file, empty or naming a dead process.
        Raises CannotStart if another supervisor runs it.
        """
        if self._claim is not None:
            return self._claim
        make_private(self.log.parent, self.pid_file.parent)
        self._claim = hold(self.pid_file)
        if self._claim is None:
            raise CannotStart(
                f"Another process already runs {self.name} in {self.log.parent.parent}: `assay up` is just starting or"
                " stopping there, or another command reads; try again in a moment."
            )
        left = _process_of(os.pread(self._claim, 100, 0).decode())
        if left:
            end(left, stop_signal, limit)
        return self._claim

    def spawn(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        user: struct_passwd | None = None,
        cwd: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """Start `command`, as the system user `user` if given. On Linux it gets `stop_signal` if the supervisor dies."""
        claim = self.claim(stop_signal)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_name(self.log.name + ".1"))
        identity: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            self._log_start = log.tell()
            self._process = process = _starter.submit(
                lambda: subprocess.Popen(
                    command,
                    env=env,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops all in order
                    preexec_fn=_dies_with(os.getpid(), stop_signal),  # noqa: PLW1509 - it takes no lock
                    **identity,
                )
            ).result()
        _record(claim, f"{process.pid} {psutil.Process(process.pid).create_time()}")

    def said(self) -> str:
        """Return what the last process has written so far."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read(LOG_LIMIT).decode(errors="replace")

    def wait_until(self, ready: Callable[[], bool], limit: float) -> None:
        """Wait until `ready()`. Raises CannotStart if the process ends before, or after `limit` seconds."""
        deadline = time.monotonic() + limit
        while not ready():
            if not self.is_running():
                why = f"stopped while starting (exit {self.exit_code}): {last_words(self.said())}"
                raise CannotStart(f"{self.name} {why}; its log is {self.log}.")
            if time.monotonic() > deadline:
                raise CannotStart(f"{self.name} was not ready within {limit:.0f} seconds; its log is {self.log}.")
            time.sleep(0.01)

    def stop(self, stop_signal: signal.Signals = signal.SIGTERM, limit: float = 10.0) -> None:
        """Ask the process to end, kill it after `limit` seconds, and give up the claim. Nothing if it isn't running."""
        if self._process and self.is_running():
            self._process.send_signal(stop_signal)
            try:
                self._process.wait(limit)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self.release()

    def release(self) -> None:
        """Give up the claim on a process that isn't running."""
        if self._claim is not None:
            _record(self._claim, "")
            os.close(self._claim)
            self._claim = None


def _record(claim: int, text: str) -> None:
    os.ftruncate(claim, 0)
    os.pwrite(claim, text.encode(), 0)


def last_words(said: str) -> str:
    """Return the line that tells why a process ended: the last that calls itself fatal, else the last."""
    lines = [line.strip(" \t\r.") for line in said.splitlines() if line.strip()]
    return ([line for line in lines if "FATAL" in line] or lines or ["it said nothing"])[-1]


def end(process: psutil.Process, stop_signal: signal.Signals, limit: float) -> None:
    """End a process that is not our child: by `stop_signal`, and by SIGKILL after `limit` seconds."""
    for each, seconds in ((stop_signal, limit), (signal.SIGKILL, 5.0)):
        try:
            process.send_signal(each)
        except psutil.NoSuchProcess:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not is_alive(process):
                return
            time.sleep(0.01)


def is_alive(process: psutil.Process) -> bool:
    """Say whether `process` still does anything; a zombie nobody reaps doesn't."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _process_of(record: str) -> psutil.Process | None:
    """Return the process a pid file names, unless its id has since gone to another one: then it began at another time."""
    pid, _, began = record.partition(" ")
    if not began:
        return None
    try:
        process = psutil.Process(int(pid))
        return process if abs(process.create_time() - float(began)) < 2 else None
    except psutil.NoSuchProcess:
        return None


def _dies_with(supervisor: int, death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what makes a new child get `death_signal` when the supervisor dies; None where the system has no such thing."""
    if _libc is None:
        return None

    def arrange() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != supervisor:  # it died before the line above
            os._exit(1)

    return arrange
