"""How much of a bare workflow's speed the whole loop keeps: event → signal → workflow → activity → event.

Whole: submissions go from registration to a result. Each of a submission's rounds begins with a person's command, by the
services and into the record; the signaller sends it on, the process takes a step (an activity that reads the record and,
where it is the process's turn, adds to it), and only then comes the next command.
Bare: as many workflows of as many rounds; in each round a signal comes in and an activity that does nothing is run.
Both have the same server, as many cases at a time and the same worker settings, each in processes of its own.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor, Worker

CASES: Final = 120
AT_A_TIME: Final = 48
ROUNDS: Final = 12
"""Of one submission: see `_course`."""


@activity.defn
def nothing(number: int) -> int:
    """The bare workflow's activity."""
    return number


@workflow.defn
class Bare:
    """Runs an activity for each signal, so many times."""

    def __init__(self) -> None:
        self._signals: list[int] = []

    @workflow.signal
    def go(self, number: int) -> None:
        """Call for a round."""
        self._signals.append(number)

    @workflow.run
    async def run(self, rounds: int) -> None:
        """Run so many rounds."""
        for _ in range(rounds):
            await workflow.wait_condition(lambda: bool(self._signals))
            await workflow.execute_activity(nothing, self._signals.pop(0), start_to_close_timeout=timedelta(seconds=10))
