"""The figures that operations look at, as Prometheus reads them: of each service on an address of its own, off by default."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily, Metric

from infra.listening import require_free, taken
from infra.settings import Address

PREFIX: Final = "assay_"
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Upper ends in seconds."""
PORT: Final = "ASSAY_METRICS"

COUNTERS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "api_requests": ("Requests answered.", ("method", "route", "status")),
    "store_appends": ("Appends to the record, each of one command.", ()),
    "store_events": ("Events appended.", ()),
    "store_conflicts": ("Appends refused since a stream had moved; the command decides again.", ()),
    "store_unavailable": ("Times that the record was out of reach.", ()),
    "projector_events": ("Events applied to the lists.", ()),
    "signaller_signals": ("Signals to processes: delivered, or delayed since Temporal did not take them.", ("result",)),
    "worker_steps": ("Steps of processes: taken, or failed and to be tried again.", ("step", "result")),
}
TIMES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "api_request_seconds": ("How long requests took.", ("method", "route")),
    "store_append_seconds": ("How long appends took, waiting for others included.", ()),
    "projector_batch_seconds": ("How long batches of events took to be applied.", ()),
    "worker_step_seconds": ("How long steps of processes took.", ("step",)),
}
GAUGES: Final[Mapping[str, str]] = {
    "api_under_way": "Requests under way.",
    "courier_active": "1 where this courier is the active one.",
    "projector_active": "1 where this projector is the active one.",
    "projector_position": "The position that all lists show.",
    "projector_behind_positions": "How far the lists are behind the record.",
    "projector_behind_seconds": "Since when the lists lack something.",
    "signaller_active": "1 where this signaller is the active one.",
    "signaller_position": "The position up to which processes were told everything.",
    "signaller_behind_positions": "How far the processes are behind the record.",
    "signaller_behind_seconds": "Since when the processes were not told something.",
    "signaller_waiting": "Pieces of news read and not delivered yet.",
}


@dataclass(slots=True, eq=False)
class _Gauges:
    """Gauges that are looked at when somebody asks; what can't be known then is left out."""

    looks: dict[str, Callable[[], float]] = field(default_factory=dict)

    def collect(self) -> Iterable[Metric]:
        for name, look in list(self.looks.items()):
            try:
                value = look()
            except Exception:  # noqa: BLE001, S112 - whatever is out of reach is not known, and the rest is shown
                continue
            yield GaugeMetricFamily(PREFIX + name, GAUGES[name], value=value)


class Metrics:
    """A service's figures, in a registry of their own."""

    def __init__(self, service: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, and nobody asks for them
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        said = Gauge(PREFIX + "service", "Which one, of which version.", ("service", "version"), registry=self.registry)
        said.labels(service=service, version=version("assay-accreditation")).set(1)
        self._gauges = _Gauges()
        self.registry.register(self._gauges)
        self._counters = {
            name: Counter(PREFIX + name, said, labels, registry=self.registry)
            for name, (said, labels) in COUNTERS.items()
        }
        self._times = {
            name: Histogram(PREFIX + name, said, labels, buckets=BUCKETS, registry=self.registry)
            for name, (said, labels) in TIMES.items()
        }

    def count(self, name: str, by: float, labels: Mapping[str, str]) -> None:
        """Add to a counter of COUNTERS."""
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(by)

    def measure(self, name: str, seconds: float, labels: Mapping[str, str]) -> None:
        """Note a time of TIMES."""
        times = self._times[name]
        (times.labels(**labels) if labels else times).observe(seconds)

    def watch(self, name: str, look: Callable[[], float]) -> None:
        """Have a gauge of GAUGES be what `look` says."""
        if name not in GAUGES:
            raise KeyError(name)
        self._gauges.looks[name] = look


def serve_metrics(service: str, at: Address) -> tuple[Metrics, str]:
    """Show the figures of `service` at an address, until the process ends; also returns where Temporal's library is to.

    Raises CannotStart where one of the two ports is taken.
    """
    metrics = Metrics(service)
    require_free(at.host, at.port + 1, what="The metrics of Temporal's library", variable=PORT)
    try:
        start_http_server(at.port, at.host, metrics.registry)
    except OSError as problem:
        raise taken(at.host, at.port, problem, what="The metrics", variable=PORT) from problem
    return metrics, str(Address(host=at.host, port=at.port + 1))
