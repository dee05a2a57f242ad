"""The embedded servers: what is committed stays, whatever is killed, and what can't start says why."""

import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from infra.children import is_alive
from infra.embedded import EmbeddedPostgres, EmbeddedTemporal
from infra.embedded.privileges import database_user
from infra.problems import CannotStart
from tests.infra.polling import until

SCHEME = SearchAttributeKey.for_keyword("AssayScheme")


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "data")
    yield server
    server.stop()


@pytest.fixture
def temporal(tmp_path: Path) -> Iterator[EmbeddedTemporal]:
    server = EmbeddedTemporal(tmp_path / "data", 0, 0, search_attributes={"AssayScheme": "Keyword"})
    yield server
    server.stop()


def query(server: EmbeddedPostgres, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.admin_url) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def may_list(path: Path, user: str) -> bool:
    return subprocess.run(["ls", path], user=user, capture_output=True, check=False).returncode == 0


def test_a_committed_row_survives_kill_9_of_the_database(postgres: EmbeddedPostgres):
    postgres.start()
    url = postgres.admin_url
    query(postgres, "CREATE TABLE facts AS SELECT 'kept' AS fact")
    open_connection = psycopg.connect(url)  # its backend is an orphan when the postmaster is gone

    os.kill(postgres.pid, signal.SIGKILL)
    until(lambda: not postgres.is_running())
    postgres.start()

    assert query(postgres, "TABLE facts") == [("kept",)]
    assert postgres.admin_url == url
    with pytest.raises(psycopg.OperationalError):
        open_connection.execute("SELECT 1")


def test_the_database_dies_with_a_killed_supervisor_and_starts_again_under_the_next(postgres: EmbeddedPostgres):
    script = (
        "import sys, time; from pathlib import Path; from infra.embedded import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1])); server.start(); print(server.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(postgres.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        orphan = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()

    postgres.start()  # also where the system doesn't end the children of the dead: then this does

    assert not is_alive(orphan)
    assert query(postgres, "SELECT 1") == [(1,)]


def test_a_pid_file_that_names_a_stranger_by_now_does_not_stop_the_start(postgres: EmbeddedPostgres):
    postgres.start()
    os.kill(postgres.pid, signal.SIGKILL)
    until(lambda: not postgres.is_running())
    user = database_user(postgres.cluster)
    with subprocess.Popen(["sleep", "60"], user=user.pw_uid if user else None) as stranger:
        for file in (postgres.cluster / "postmaster.pid", Path(f"{postgres.address}.lock")):
            lines = file.read_text().split("\n")
            file.write_text("\n".join([str(stranger.pid), *lines[1:]]))

        postgres.start()

        assert stranger.poll() is None
        assert query(postgres, "SELECT 1") == [(1,)]
        stranger.kill()


def test_only_who_knows_the_password_gets_in_and_only_through_the_socket(postgres: EmbeddedPostgres):
    postgres.start()

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres:wrong@/postgres?host={Path(postgres.address).parent}")
    assert [c for c in psutil.Process(postgres.pid).net_connections("inet") if c.status == psutil.CONN_LISTEN] == []
    assert (postgres.folder / "passwords.json").stat().st_mode & 0o777 == 0o600
    assert query(postgres, "SHOW fsync") == query(postgres, "SHOW synchronous_commit") == [("on",)]


def test_a_folder_too_deep_for_a_socket_gets_a_shorter_one(tmp_path: Path):
    server = EmbeddedPostgres(tmp_path / ("deep" * 30), durable=False)
    try:
        server.start()

        assert len(server.address) < 60
        assert query(server, "SHOW fsync") == [("off",)]
    finally:
        server.stop()
    assert not Path(server.address).parent.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as somebody else")
def test_started_by_root_it_runs_as_a_user_that_may_only_pass_through_a_private_folder(tmp_path: Path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "secret").write_text("")
    server = EmbeddedPostgres(private / "data", durable=False)
    try:
        server.start()

        user = pwd.getpwnam(psutil.Process(server.pid).username())
        assert user.pw_uid != 0
        assert not may_list(private, user.pw_name)
        assert may_list(private / "secret", user.pw_name)
        assert not may_list(private / "secret", "nobody")
    finally:
        server.stop()


def test_a_second_supervisor_of_the_same_folder_is_refused(postgres: EmbeddedPostgres):
    postgres.start()

    with pytest.raises(CannotStart, match=r"already runs postgres in .*just starting.*; try again in a moment"):
        EmbeddedPostgres(postgres.folder).start()

    assert postgres.is_running()


def test_a_cluster_of_another_postgresql_is_refused(postgres: EmbeddedPostgres):
    postgres.cluster.mkdir(parents=True)
    (postgres.cluster / "PG_VERSION").write_text("16\n")

    with pytest.raises(CannotStart, match=r"made by PostgreSQL 16 and this is 18; move its data with pg_dump"):
        postgres.start()


def test_a_server_that_ends_while_starting_is_reported_with_its_own_words(postgres: EmbeddedPostgres):
    postgres.start()
    postgres.stop()
    (postgres.cluster / "postgresql.auto.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(CannotStart, match=r"postgres stopped while starting \(exit 1\): .*; its log is .*postgres.log"):
        postgres.start()


async def test_a_workflow_survives_kill_9_of_temporal(temporal: EmbeddedTemporal):
    temporal.start()
    address = temporal.address
    client = await Client.connect(address)
    attributes = TypedSearchAttributes([SearchAttributePair(SCHEME, "quality")])
    await client.start_workflow("Case", id="case-1", task_queue="none", search_attributes=attributes)

    os.kill(temporal.pid, signal.SIGKILL)
    until(lambda: not temporal.is_running())
    temporal.start()

    assert temporal.address == address
    description = await (await Client.connect(address)).get_workflow_handle("case-1").describe()
    assert description.typed_search_attributes.get(SCHEME) == "quality"


def test_temporal_listens_on_the_loopback_alone_and_writes_to_its_log(temporal: EmbeddedTemporal):
    temporal.start()

    listening = {c.laddr.ip for c in psutil.Process(temporal.pid).net_connections() if c.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}
    assert "Temporal Server:" in (temporal.folder / "logs" / "temporal.log").read_text()
    assert os.getsid(temporal.pid) == temporal.pid


@pytest.mark.parametrize("variable", ["ASSAY_TEMPORAL_PORT", "ASSAY_TEMPORAL_UI_PORT"])
def test_a_port_that_is_taken_is_named_with_the_setting_that_changes_it(tmp_path: Path, variable: str):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ports = (port, 0) if variable == "ASSAY_TEMPORAL_PORT" else (0, port)

        with pytest.raises(CannotStart, match=f"Port {port} is taken by another program.* set {variable} "):
            EmbeddedTemporal(tmp_path, *ports).start()
