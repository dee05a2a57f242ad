"""Nothing of what observes is imported until a setting asks for it; what is counted is what happened; ports are refused clearly."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from infra import observing
from infra.metrics import COUNTERS, GAUGES, TIMES, Metrics, serve_metrics
from infra.problems import CannotStart
from infra.settings import Address, load_settings
from infra.store.errors import RecordUnavailable
from infra.store.records import PostgresRecords
from services.ports import StaleStream
from tests.infra.test_cli import ROOT, assay
from tests.infra.toy import CODEC, batch, change, reading

OFF = """
import sys
from infra.observed import observed
from infra.settings import load_settings
from infra import bootstrap, worker, signaller, projector
from infra.api import serve
with observed("serve", load_settings({})):
    print([one for one in sys.modules if one.startswith(("prometheus_client", "opentelemetry.sdk", "opentelemetry.exporter"))])
"""


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    """The figures of this process, for one test."""
    found = Metrics("test")
    observing.observe_with(meter=found)
    yield found
    observing.observe_with()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"assay_{name}", labels)


def test_what_is_off_is_not_imported():
    said = subprocess.run([sys.executable, "-c", OFF], capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout == "[]\n"


def test_appends_events_and_conflicts_are_counted_as_they_were(records: PostgresRecords, metrics: Metrics):
    records.append(batch(change("meter-1", 0, reading(1), reading(2))))
    with pytest.raises(StaleStream):
        records.append(batch(change("meter-1", 0, reading(3))))

    assert value(metrics, "store_appends_total") == 1
    assert value(metrics, "store_events_total") == 2
    assert value(metrics, "store_conflicts_total") == 1
    assert value(metrics, "store_append_seconds_count") == 2
    assert value(metrics, "store_unavailable_total") == 0


def test_a_record_that_is_out_of_reach_is_counted(metrics: Metrics):
    with (
        PostgresRecords("postgresql://nobody@127.0.0.1:1/none", CODEC, pool_size=1) as records,
        pytest.raises(RecordUnavailable),
    ):
        records.max_position()

    assert (value(metrics, "store_unavailable_total") or 0) >= 1


def test_what_can_not_be_known_is_left_out_and_the_rest_is_shown(metrics: Metrics):
    def lost() -> float:
        raise psycopg.OperationalError("gone")

    observing.watch("projector_position", lost)
    observing.watch("projector_active", lambda: 1)

    assert value(metrics, "projector_position") is None
    assert value(metrics, "projector_active") == 1


def test_a_figure_that_is_in_no_table_is_a_mistake(metrics: Metrics):
    for observe in (
        lambda: observing.count("made_up"),
        lambda: observing.measure("made_up", 1.0),
        lambda: observing.watch("made_up", lambda: 1),
    ):
        with pytest.raises(KeyError):
            observe()


@pytest.mark.parametrize("name", [*COUNTERS, *TIMES, *GAUGES])
def test_every_figure_of_the_tables_is_taken_somewhere_and_in_the_handbook_of_operations(name: str):
    code = "\n".join(path.read_text() for path in (ROOT / "infra").rglob("*.py") if path.name != "metrics.py")
    handbook = (ROOT / "docs" / "operations.md").read_text()
    reader, _, what = name.partition("_")
    assert f'"{name}"' in code or f'"{{name}}_{what}"' in code
    assert f"assay_{name}" in handbook or f"`…_{what}" in handbook
    assert reader in {"api", "courier", "projector", "signaller", "store", "worker"}


def test_a_port_that_is_taken_is_said_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"The metrics can't listen on 127.0.0.1:{port} .* set ASSAY_METRICS"):
            serve_metrics("test", Address(host="127.0.0.1", port=port))
        with pytest.raises(CannotStart, match=r"The metrics of Temporal's library can't listen"):
            serve_metrics("test", Address(host="127.0.0.1", port=port - 1))


@pytest.mark.parametrize(
    ("said", "address"),
    [("off", None), ("9100", "127.0.0.1:9100"), ("0.0.0.0:9100", "0.0.0.0:9100"), ("[::1]:9100", "[::1]:9100")],
)
def test_where_the_figures_are_shown_is_a_port_or_an_address(said: str, address: str | None):
    found = load_settings({"ASSAY_METRICS": said}).metrics
    assert (str(found) if found else None) == address


@pytest.mark.parametrize("said", ["on", "0", "65535", ":9100", "host:", "http://host:9100"])
def test_anything_else_is_refused(said: str, tmp_path: Path):
    ran = assay("config", ASSAY_METRICS=said, ASSAY_DATA=str(tmp_path))
    assert ran.returncode == 1
    assert "write it as a port of this machine, as host:port (1 to 65000), or off" in ran.stderr


def test_a_collector_is_an_address_and_never_shown_with_its_password(tmp_path: Path):
    assert load_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://there:4318"}).otlp == "http://there:4318"
    assert load_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://there:4318", "ASSAY_OTLP": "off"}).otlp is None
    ran = assay("config", ASSAY_OTLP="ftp://me:hush@there", ASSAY_DATA=str(tmp_path))
    assert "ASSAY_OTLP is no address of a collector" in ran.stderr
    assert "hush" not in ran.stdout + ran.stderr
