"""Files of a really running `assay serve`: large ones take no memory, and what is cut off, killed or has no room leaves nothing."""

import hashlib
import resource
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from infra.bootstrap import App, open_app
from infra.files.spool import Spool
from tests import storing
from tests.conftest import Database
from tests.infra.files.serving import Serving, serving, started, upload
from tests.infra.polling import until

MIB = 1024 * 1024


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=4, store=storing.store()) as opened:
        yield opened


@pytest.fixture
def served(app: App, database: Database, tmp_path: Path) -> Iterator[Serving]:
    with serving(app, database.app_url, tmp_path / "data") as found:
        yield found


def begun(served: Serving, size: int, sent: int) -> socket.socket:
    """An upload of `size` bytes of which `sent` were sent, and a part of it has been written."""
    where = urlsplit(served.url)
    connection = socket.create_connection((where.hostname, where.port))
    head = [f"POST {where.path} HTTP/1.1", "Host: here", f"Content-Length: {size}", "Idempotency-Key: cut-off"]
    head += [f"{name}: {value}" for name, value in served.headers.items()]
    connection.sendall("\r\n".join([*head, "", ""]).encode() + b"%PDF" + bytes(sent - 4))
    until(lambda: any(one.stat().st_size > 0 for one in served.parts()))
    return connection


def test_a_large_file_takes_little_memory_to_come_in_and_to_be_given_out(served: Serving):
    size = 96 * MIB
    assert upload(served, MIB, "first").status_code == 201
    before = served.now()

    kept = upload(served, size, "large")

    assert kept.status_code == 201, kept.text
    digest, length = hashlib.sha256(), 0
    with httpx.stream("GET", f"{served.url}/{kept.json()['sha256']}", headers=served.headers, timeout=300) as found:
        for piece in found.iter_bytes():
            digest.update(piece)
            length += len(piece)
    assert (digest.hexdigest(), length) == (kept.json()["sha256"], size)
    assert served.peak() - before < 48 * MIB


def test_an_upload_whose_sender_is_gone_leaves_nothing_behind(served: Serving):
    connection = begun(served, 8 * MIB, 3 * MIB)

    connection.close()

    until(lambda: served.kept() == [])
    assert httpx.get(served.url, headers=served.headers).json()["items"] == []


def test_an_upload_cut_off_by_a_kill_leaves_nothing_behind_once_it_runs_again(served: Serving, database: Database):
    with begun(served, 8 * MIB, 3 * MIB):
        served.kill()
    assert len(served.parts()) == 1

    with started(database.app_url, served.data):
        until(lambda: served.kept() == [])


def test_another_process_on_the_same_folder_leaves_an_upload_that_goes_on_alone(served: Serving):
    size = 3 * MIB
    with begun(served, size, 2 * MIB) as connection:
        (served.data / "files" / "parts" / "left-behind").write_bytes(b"x")
        assert Spool(served.data / "files").sweep() == 1
        assert len(served.parts()) == 1
        connection.sendall(bytes(size - 2 * MIB))
        assert b" 201 " in connection.recv(100)


def test_where_the_disk_is_full_the_upload_is_told_so_and_leaves_nothing_behind(served: Serving):
    psutil.Process(served.process.pid).rlimit(resource.RLIMIT_FSIZE, (4 * MIB, 4 * MIB))

    full = upload(served, 4 * MIB + 1, "too-much")

    assert full.status_code == 507, full.text
    assert full.json()["type"] == "/problems/storage-full"
    until(lambda: served.kept() == [])
    assert upload(served, MIB, "fits").status_code == 201


def test_a_file_changed_behind_its_back_breaks_the_connection_off_before_the_end(served: Serving):
    kept = upload(served, 3 * MIB, "one").json()
    path = served.data / "files" / kept["sha256"][:2] / kept["sha256"]
    with path.open("r+b") as file:
        file.seek(MIB)
        file.write(b"changed")

    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{served.url}/{kept['sha256']}", headers=served.headers)
    assert "its bytes are others than were uploaded" in (served.data / "serve.log").read_text()


def test_an_upload_goes_on_as_long_as_bytes_come(served: Serving):
    """Bytes that come one by one keep it going; the limit for whole bodies does not hold for it."""
    with begun(served, MIB + 20, MIB) as connection:
        for _ in range(20):
            connection.sendall(b"1")
        assert b" 201 " in connection.recv(100)
