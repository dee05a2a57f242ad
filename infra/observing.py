"""What is observed while work is done: counted, timed, looked at, traced. Until somebody wants it, nothing of it is imported.

Labels and attributes are names of things there are few of; no person, no text, and no id stands in a label.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol


class Meter(Protocol):
    """Takes figures; `infra/metrics.py` says which there are."""

    def count(self, name: str, by: float, labels: Mapping[str, str]) -> None:
        """Add to a counter."""

    def measure(self, name: str, seconds: float, labels: Mapping[str, str]) -> None:
        """Note how long something took."""

    def watch(self, name: str, look: Callable[[], float]) -> None:
        """Have a gauge be what `look` says whenever somebody asks; where it raises, it is not known."""


class Span(Protocol):
    """One piece of traced work, while it goes on."""

    def note(self, **attributes: str | int) -> None:
        """Say more about it."""

    def rename(self, name: str) -> None:
        """Call it otherwise, now that it is known what it was."""


class Tracer(Protocol):
    """Makes spans, each within the one that goes on around it, or within what `carrier`, the headers of a request, names."""

    def span(
        self, name: str, carrier: Mapping[str, str] | None, attributes: Mapping[str, str | int]
    ) -> AbstractContextManager[Span]:
        """A span for a block."""

    def interceptors(self) -> Sequence[Any]:
        """What has Temporal's client and worker make spans of their own."""


class _NoSpan:
    def note(self, **attributes: str | int) -> None:
        pass

    def rename(self, name: str) -> None:
        pass


_NOTHING: Span = _NoSpan()
_meter: Meter | None = None
_tracer: Tracer | None = None
_sdk: str | None = None


def observe_with(*, meter: Meter | None = None, tracer: Tracer | None = None, sdk: str | None = None) -> None:
    """Have this process observed from now on; `sdk` is the address where Temporal's library shows its own figures."""
    global _meter, _tracer, _sdk
    _meter, _tracer, _sdk = meter, tracer, sdk


def count(name: str, by: float = 1, **labels: str) -> None:
    """Add to a counter."""
    if _meter:
        _meter.count(name, by, labels)


def measure(name: str, seconds: float, **labels: str) -> None:
    """Note how long something took, in seconds."""
    if _meter:
        _meter.measure(name, seconds, labels)


def watch(name: str, look: Callable[[], float]) -> None:
    """Have a gauge be what `look` says whenever somebody asks."""
    if _meter:
        _meter.watch(name, look)


@contextmanager
def timed(name: str, **labels: str) -> Iterator[None]:
    """Note how long the block took, however it ended."""
    begun = time.perf_counter()
    try:
        yield
    finally:
        measure(name, time.perf_counter() - begun, **labels)


def span(name: str, carrier: Mapping[str, str] | None = None, **attributes: str | int) -> AbstractContextManager[Span]:
    """Trace the block, if anybody wants that."""
    return _tracer.span(name, carrier, attributes) if _tracer else nullcontext(_NOTHING)


def interceptors() -> Sequence[Any]:
    """What has Temporal's client and worker make spans of their own; none where nobody traces."""
    return _tracer.interceptors() if _tracer else ()


def sdk_metrics() -> str | None:
    """Where Temporal's library is to show its own figures, if anywhere."""
    return _sdk
