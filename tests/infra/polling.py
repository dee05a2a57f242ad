"""Tests wait for a condition, with a limit, and never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], limit: float = 15.0) -> T:
    """Return the first true value of `condition()`; fail the test after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still {value!r} after {limit} s"
        time.sleep(0.01)
    return value
