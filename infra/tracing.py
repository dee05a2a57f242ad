"""Traces by OpenTelemetry, off by default: request → command → append, and signal → step → append, sent by OTLP over HTTP.

What ties them together are ids of requests and commands; no name, no address, no text and no query is an attribute.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace import Tracer as OtelTracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

PATH: Final = "/v1/traces"
PATIENCE: Final = 3.0
"""Seconds to send some spans in; a collector that is away holds nothing up."""
PREFIX: Final = "assay."

_PROPAGATOR: Final = TraceContextTextMapPropagator()


@dataclass(frozen=True, slots=True)
class _Span:
    span: OtelSpan

    def note(self, **attributes: str | int) -> None:
        """Say more about it."""
        self.span.set_attributes({PREFIX + name: value for name, value in attributes.items()})

    def rename(self, name: str) -> None:
        """Call it otherwise."""
        self.span.update_name(name)


@dataclass(frozen=True, slots=True)
class Tracing:
    """Makes the spans of one service, and sends them in batches."""

    provider: TracerProvider
    tracer: OtelTracer

    @contextmanager
    def span(
        self, name: str, carrier: Mapping[str, str] | None, attributes: Mapping[str, str | int]
    ) -> Iterator[_Span]:
        """A span for a block; what it raises is noted by its kind alone, since its words may hold what somebody typed."""
        context = _PROPAGATOR.extract(carrier) if carrier is not None else None
        kind = SpanKind.SERVER if carrier is not None else SpanKind.INTERNAL
        with self.tracer.start_as_current_span(
            name, context, kind, record_exception=False, set_status_on_exception=False
        ) as span:
            made = _Span(span)
            made.note(**attributes)
            try:
                yield made
            except Exception as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def interceptors(self) -> Sequence[Any]:
        """What has Temporal's client and worker make spans of signals and steps."""
        from temporalio.contrib.opentelemetry import TracingInterceptor

        return (TracingInterceptor(self.tracer),)

    def end(self) -> None:
        """Send what is left."""
        self.provider.shutdown()


def start_tracing(service: str, endpoint: str) -> Tracing:
    """Trace `service`, and send it to the collector at `endpoint`, the root of its OTLP over HTTP."""
    resource = Resource.create({"service.name": f"assay-{service}", "service.version": version("assay-accreditation")})
    provider = TracerProvider(resource=resource)
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + PATH, timeout=PATIENCE)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Tracing(provider, provider.get_tracer("assay"))
