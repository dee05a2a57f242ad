"""Whatever is away, silent or answers rubbish, the doctor says which it is, soon, and still says all that it can of the rest."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.bootstrap import open_app
from infra.cli.health import Finding, of_mail, of_scanner
from infra.embedded import EmbeddedTemporal
from infra.letters.configured import Mail, Server
from infra.projector import catch_up
from infra.temporal import SEARCH_ATTRIBUTES
from tests.conftest import Database
from tests.infra.files.scanner import scanner
from tests.infra.letters.mailserver import Handler, serving
from tests.infra.test_cli import assay


@pytest.fixture(scope="module")
def temporal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTemporal]:
    embedded = EmbeddedTemporal(tmp_path_factory.mktemp("t"), port=0, ui_port=None, search_attributes=SEARCH_ATTRIBUTES)
    embedded.start()
    yield embedded
    embedded.stop()


@contextmanager
def faulty(how: str) -> Iterator[str]:
    """The address of a server that is away, that takes connections and says nothing, or that answers rubbish."""
    listening, over = socket.create_server(("127.0.0.1", 0)), threading.Event()
    listening.settimeout(0.1)
    address, taken = f"127.0.0.1:{listening.getsockname()[1]}", list[socket.socket]()
    if how == "away":
        listening.close()
        yield address
        return

    def take() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            taken.append(connection)
            if how == "rubbish":
                connection.sendall(b"\x00\xffrubbish\r\n" * 50)
                connection.close()

    thread = threading.Thread(target=take)
    thread.start()
    try:
        yield address
    finally:
        over.set()
        thread.join()
        listening.close()
        for one in taken:
            one.close()


def said(database_url: str, temporal: str, api: str, data: Path, **environ: str) -> dict[str, str]:
    """What the doctor says of each thing, by its name; it exits with 1, since something is amiss."""
    ran = assay(
        "doctor",
        DATABASE_URL=database_url, TEMPORAL_ADDRESS=temporal, ASSAY_BASE_URL=f"http://{api}", ASSAY_DATA=str(data),
        **environ,
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "hush" not in ran.stdout + ran.stderr
    rows = (re.match(r"(?:not )?well\s{2,}(\S+(?: \S+)*)", line) for line in ran.stdout.splitlines())
    return {row[1]: row.string for row in rows if row}


@pytest.mark.parametrize("how", ["away", "silent", "rubbish"])
def test_the_record(how: str, temporal: EmbeddedTemporal, tmp_path: Path):
    with faulty(how) as address, faulty("away") as api:
        found = said(f"postgresql://assay_app:hush@{address}/assay", temporal.address, api, tmp_path)

    assert found["record"].startswith("not well")
    assert "start PostgreSQL; nothing is accepted meanwhile" in found["record"]
    assert found["Temporal"].startswith("well")
    assert found["serve"].startswith("not well")


@pytest.mark.parametrize("how", ["away", "silent", "rubbish"])
def test_temporal_and_the_api(how: str, database: Database, tmp_path: Path):
    with open_app(database.app_url) as app:
        catch_up(app.records)
    with faulty(how) as address, faulty(how) as api:
        found = said(database.app_url, address, api, tmp_path)

    assert found["record"].startswith("well")
    assert found["read models"].startswith("well")
    assert found["Temporal"].startswith("not well")
    assert "start it; commands are taken meanwhile" in found["Temporal"]
    assert f"does not answer at http://{api}" in found["serve"]
    for service in ("projector", "signaller", "courier"):
        assert "none is active" in found[service]


@pytest.mark.parametrize(
    ("how", "reply"),
    [
        ("away", "no-connection"),
        ("silent", "no-answer"),
        ("rubbish", "rubbish"),
        ("refuses us", "sender-550"),
        ("well", ""),
    ],
    ids=["away", "silent", "rubbish", "refuses us", "well"],
)
def test_the_mail_server(how: str, reply: str):
    """At once, and not only when letters have waited for long."""
    with ExitStack() as stack:
        if how in {"refuses us", "well"}:
            refusing = "550 not from you" if how == "refuses us" else "250 OK"
            address = f"127.0.0.1:{stack.enter_context(serving(Choosy(refusing)))}"
        else:
            address = stack.enter_context(faulty(how))
        host, _, port = address.partition(":")
        server = Server(host=host, port=int(port), security="smtp")

        [found] = of_mail(Mail(server=server, sender="assay@body.example"))

    assert found.well is (how == "well")
    assert found.found == (f"takes letters at {address}" if found.well else f"takes no letters at {address}: {reply}")


class Choosy(Handler):
    """A mail server that answers so to who says from whom a letter is."""

    def __init__(self, says: str) -> None:
        super().__init__()
        self.says = says

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.says.startswith("250"):
            envelope.mail_from = address
        return self.says


def test_where_there_is_no_mail_server_none_is_missed():
    assert of_mail(Mail()) == []


def test_a_scanner_that_is_not_there_or_talks_rubbish_is_not_well():
    assert of_scanner(None) == []
    with scanner() as (listening, address):
        assert of_scanner(address) == [Finding(what="scanner", well=True, found=f"answers at {address}")]
        listening.says = b"250 hello\0"
        [rubbish] = of_scanner(address)
    [gone] = of_scanner(address)
    assert (rubbish.well, gone.well) == (False, False)
    assert "250 hello" in rubbish.found
    assert f"the scanner at {address} can't be asked" in gone.found
