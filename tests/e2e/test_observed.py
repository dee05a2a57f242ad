"""While people are at work: figures of every service, traces from request to append, and logs, none with a name or a text."""

import asyncio
import gzip
import json
import re
import socket
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx
import psycopg
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from infra import group
from infra.api.app import ROOT
from tests.infra.polling import until
from tests.soak.body import Working, working
from tests.soak.crowd import Notes, at_work

SERVICES = (*group.SERVICES, "serve")
"""In the order of starting, in which they get their ports."""
SECONDS = 6.0
MOST = 400
"""Values of one label: more than there are routes."""
ID = re.compile(r"[0-9a-f]{12}|\d{5}")
CANARIES = ("Canary Fieldfare", "canary.fieldfare@example.org", "Canary Secret Text")


@dataclass(slots=True)
class Collector:
    """A collector of traces, as OTLP over HTTP has it."""

    spans: list[tuple[str, Any]] = field(default_factory=list)

    def named(self, service: str, name: str) -> list[Any]:
        """The spans of a service whose name begins so."""
        return [one for by, one in list(self.spans) if by == service and one.name.startswith(name)]

    def by_trace(self) -> Mapping[bytes, list[Any]]:
        found = defaultdict(list)
        for _, one in list(self.spans):
            found[one.trace_id].append(one)
        return found


@dataclass(slots=True)
class Observed:
    """A body that was at work, and what was observed of it."""

    body: Working
    collector: Collector
    metrics: int
    scraped: Mapping[str, Mapping[str, Metric]]
    sdk: Mapping[str, Metric]
    logs: Mapping[str, str]


class _Handler(BaseHTTPRequestHandler):
    collector: ClassVar[Collector]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        assert self.path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            said = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.collector.spans += [(said["service.name"], one) for one in scope.spans]
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.end_headers()
        self.wfile.write(ExportTraceServiceResponse().SerializeToString())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def collector() -> Iterator[tuple[Collector, str]]:
    found = Collector()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"collector": found}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory, collector: tuple[Collector, str]) -> Iterator[Observed]:
    data, metrics = tmp_path_factory.mktemp("observed") / "data", free_ports()
    found, address = collector
    said = {"ASSAY_METRICS": str(metrics), "ASSAY_OTLP": address, "ASSAY_LOG_LEVEL": "info"}
    people = {"officer": 2, "assessor": 3, "provider": 3, "public": 1}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        with working(data, cases=24, people=people, **said) as body:
            asyncio.run(at_work(body.members, Notes(), port=body.port, seconds=SECONDS, seed=3, thinking=0.2))
            provoke(body)
            body.catch_up()
            scraped = {name: scrape(metrics + 2 * number) for number, name in enumerate(SERVICES)}
            sdk = scrape(metrics + 1)
            until(lambda: found.named("assay-worker", "RunActivity"))
            logs = {path.name: path.read_text(errors="replace") for path in (data / "logs").iterdir()}
            yield Observed(body, found, metrics, scraped, sdk, logs)


def free_ports() -> int:
    """The first of as many ports in a row as are needed, that nobody has."""
    for first in range(20_000, 32_000, 20):
        with suppress(OSError), ExitStack() as held:
            for port in range(first, first + 2 * len(SERVICES)):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
    raise AssertionError("there are not enough free ports in a row")


def provoke(body: Working) -> None:
    """Ask wrongly, with names, addresses and texts wherever one can be put."""
    name, email, text = CANARIES
    member = next(one for one in body.members if one.name.startswith("officer"))
    headers = {**member.headers, "Idempotency-Key": name, "User-Agent": name, "X-Request-Id": text}
    root = f"http://127.0.0.1:{body.port}"
    with httpx.Client(base_url=root, headers=headers, timeout=30) as client:
        said = {"name": name, "email": email, "text": text}
        answers = [
            client.get(f"{ROOT}/people/{email}"),
            client.get(f"{ROOT}/board", params={"stage": text, "name": name}),
            client.get(f"/{email}", params=said),
            client.post(f"{ROOT}/people/register", json=said),
            client.post(f"{ROOT}/people/{email}/record-training", json=said),
            client.post(f"{ROOT}/people/register", content=f'{{"name": "{name}'.encode()),
            client.post(f"{ROOT}/complaints/submit-complaint", json={"text": text, "role": name}),
            client.request("CANARY", f"{ROOT}/{email}"),
            client.get(f"{ROOT}/board", headers={"Authorization": f"Bearer {email}"}),
            client.get(f"{ROOT}/board", headers={"Assay-Role": email}),
            client.post("/identity/token", data={"grant_type": text, "client_id": email, "client_secret": name}),
            client.get("/sign-in", params={"next": text, "hint": email}),
            client.get("/identity/authorize", params={"client_id": email, "state": text}),
        ]
    assert {one.status_code for one in answers} <= {302, 303, 400, 401, 403, 404, 405, 409, 422}, answers


def scrape(port: int) -> Mapping[str, Metric]:
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10)
    assert answer.status_code == 200
    return {one.name: one for one in text_string_to_metric_families(answer.text)}


def total(metrics: Mapping[str, Metric], name: str, **labels: str) -> float:
    """The sum of a metric's values, of those samples that have the labels."""
    return sum(
        one.value
        for one in metrics[name].samples
        if not one.name.endswith(("_created", "_bucket", "_sum")) and labels.items() <= one.labels.items()
    )


def typed(body: Working) -> Sequence[str]:
    """Every name, address and text on record that can be told from ordinary words, and what was provoked with."""
    with psycopg.connect(body.settings.database_url or "") as connection:
        rows = connection.execute("SELECT value FROM record.vault UNION SELECT body FROM record.texts").fetchall()
    found = [one for (one,) in rows if len(one) > 7]
    assert len(found) > 100
    return [*found, *CANARIES, "canary", "fieldfare"]


def test_each_service_shows_its_figures_at_its_own_address(observed: Observed):
    api, worker = observed.scraped["serve"], observed.scraped["worker"]
    projector, signaller = observed.scraped["projector"], observed.scraped["signaller"]
    end = observed.body.app.records.max_position()

    for name in SERVICES:
        assert total(observed.scraped[name], "assay_service", service=name) == 1
        assert total(observed.scraped[name], "process_resident_memory_bytes") > 1_000_000
    assert total(api, "assay_api_requests", route="/board", status="200", method="GET") > 0
    assert total(api, "assay_api_requests", route="none", method="other") == 1
    assert total(api, "assay_api_request_seconds", method="POST") > 0
    assert total(api, "assay_api_under_way") == 0
    assert total(api, "assay_store_appends") > 0
    assert total(api, "assay_store_events") >= total(api, "assay_store_appends")
    assert total(projector, "assay_projector_active") == total(signaller, "assay_signaller_active") == 1
    assert total(projector, "assay_projector_position") == total(signaller, "assay_signaller_position") == end
    for reader, name in ((projector, "projector"), (signaller, "signaller")):
        assert total(reader, f"assay_{name}_behind_positions") == total(reader, f"assay_{name}_behind_seconds") == 0
    assert total(projector, "assay_projector_batch_seconds") > 0
    assert total(signaller, "assay_signaller_signals", result="delivered") > 0
    assert total(signaller, "assay_signaller_waiting") == 0
    assert total(worker, "assay_worker_steps", step="look", result="taken") + total(worker, "assay_store_appends") > 0


def test_the_library_of_temporal_shows_its_own_beside(observed: Observed):
    assert total(observed.sdk, "temporal_workflow_task_execution_latency_seconds") > 0
    assert {"temporal_request", "temporal_worker_task_slots_available"} <= set(observed.sdk)


def test_no_label_is_an_id_or_a_text_and_there_are_few_values_of_each(observed: Observed):
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for metrics in (*observed.scraped.values(), observed.sdk):
        for metric in metrics.values():
            for sample in metric.samples:
                for label, value in sample.labels.items():
                    values[sample.name, label].add(value)
    assert max(len(one) for one in values.values()) < MOST
    said = {value for one in values.values() for value in one}
    strange = {one for one in said if ID.search(one) and not re.fullmatch(r"[\d.]+|\+Inf|\d+@.*", one)}
    assert strange == set()
    assert [text for text in typed(observed.body) for one in said if text in one] == []


def test_a_request_a_command_and_its_append_are_one_trace(observed: Observed):
    requests = {one.span_id: one for one in observed.collector.named("assay-serve", "POST /")}
    traces = observed.collector.by_trace()
    whole = [
        [one.name for one in traces[request.trace_id]]
        for request in requests.values()
        if any(one.name == "append" for one in traces[request.trace_id])
    ]
    assert whole
    # The request, the command by its name, and what it appended: again, where a process was quicker.
    for names in whole:
        assert len(set(names)) == 3, names
        assert len(names) - names.count("append") == 2, names
    appended = observed.collector.named("assay-serve", "append")[0]
    said = {one.key: one.value for one in appended.attributes}
    assert said["assay.command"].string_value
    assert said["assay.position"].int_value > 0
    request = {one.key for one in next(iter(requests.values())).attributes}
    assert {"assay.request", "assay.status"} <= request


def test_the_id_of_a_request_leads_from_its_answer_to_its_trace_and_its_log(observed: Observed):
    answer = httpx.get(f"http://127.0.0.1:{observed.body.port}{ROOT}/schemes")
    id = answer.headers["X-Request-Id"]

    def traced() -> bool:
        spans = observed.collector.named("assay-serve", "GET /schemes")
        return any(a.key == "assay.request" and a.value.string_value == id for one in spans for a in one.attributes)

    until(traced)
    log = (observed.body.settings.data / "logs" / "serve.log").read_text()
    line = next(json.loads(line) for line in log.splitlines() if id in line)
    assert (line["event"], line["route"], line["status"]) == ("api.answered", "/schemes", 200)


def test_a_signal_and_the_steps_of_its_process_are_one_trace(observed: Observed):
    def together() -> bool:
        for spans in observed.collector.by_trace().values():
            names = {one.name.partition(":")[0] for one in spans}
            if {"RunActivity", "append"} <= names and names & {
                "SignalWorkflow",
                "StartWorkflow",
                "SignalWithStartWorkflow",
            }:
                return True
        return False

    until(together, 30)


def test_no_name_address_or_text_stands_in_a_trace(observed: Observed):
    said = "\n".join(str(one) for _, one in list(observed.collector.spans))
    assert len(said) > 10_000
    assert [text for text in typed(observed.body) if text in said] == []


def test_no_name_address_or_text_stands_in_a_log(observed: Observed):
    assert set(observed.logs) >= {f"{name}.log" for name in SERVICES}
    assert observed.logs["serve.log"].count("api.answered") > 50
    found = [(text, log) for text in typed(observed.body) for log, said in observed.logs.items() if text in said]
    assert found == []
    for query in ("limit=", "after=", "Bearer"):
        assert query not in "".join(observed.logs[f"{name}.log"] for name in SERVICES)


def test_logs_name_the_case_the_step_and_the_command_and_start_with_no_request(observed: Observed):
    lines = [json.loads(line) for name in SERVICES for line in observed.logs[f"{name}.log"].splitlines()]
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)
    first = next(
        line for line in map(json.loads, observed.logs["serve.log"].splitlines()) if line["event"] == "api.answered"
    )
    assert first["route"] != f"{ROOT}/openapi.json"
