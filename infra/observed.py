"""A service is observed for as long as it runs, where the settings say so: metrics, traces, or neither."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.observing import observe_with
from infra.settings import Settings


@contextmanager
def observed(service: str, settings: Settings) -> Iterator[None]:
    """Observe the block. Raises CannotStart where a port of the metrics is taken."""
    meter = sdk = tracer = None
    if settings.metrics:
        from infra.metrics import serve_metrics

        meter, sdk = serve_metrics(service, settings.metrics)
    if settings.otlp:
        from infra.tracing import start_tracing

        tracer = start_tracing(service, settings.otlp)
    observe_with(meter=meter, tracer=tracer, sdk=sdk)
    try:
        yield
    finally:
        observe_with()
        if tracer:
            tracer.end()
