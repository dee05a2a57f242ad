"""The page of a case over HTTP, as an officer reads it with a token, against a route that does one SELECT, in one server."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter

from bench.command import CASES, prepare
from bench.row import Row, in_turns
from bench.server import fresh_server
from bench.wire import rate
from domain.submission.events import ProgrammeRegistered
from infra.api.caller import Api
from infra.api.serve import run_api
from infra.bootstrap import App, folder_store, open_app
from infra.cli.servers import tell_ready
from infra.identity import sessions
from infra.identity.configured import Identity
from infra.identity.identify import Doors, open_doors
from infra.identity.issuer import LocalIssuer
from infra.identity.signing import Grant
from infra.logs import configure_logging
from infra.projector import catch_up
from infra.settings import Settings, load_settings

READ = 40
"""So many cases are read in turns."""


def rows() -> list[Row]:
    """Measure on servers of its own."""
    with (
        fresh_server() as server,
        tempfile.TemporaryDirectory() as folder,
        open_app(server.app_url, store=folder_store(Path(folder))) as app,
    ):
        prepare(app)
        catch_up(app.records)
        officer, cases = _officer_and_cases(app)
        settings = settings_for(Path(folder), server.app_url)
        token = token_for(open_doors(settings, app.records.datastore), officer)
        headers = {"Authorization": f"Bearer {token}", "Assay-Role": "officer"}
        with served(settings) as port:
            pages = [f"/api/v1/cases/{case}" for case in cases]
            base, value = in_turns(5, lambda: rate(port, ["/one"], headers), lambda: rate(port, pages, headers))
    what = "pages of cases a second, 8 readers, against a route that does one SELECT"
    return [Row(what=what, unit="/s", value=value, base=base, target=0.5, at_least=True)]


def _officer_and_cases(app: App) -> tuple[str, list[str]]:
    page = app.records.read_log(0, 20_000, ["RoleGiven.1", "ProgrammeRegistered.1"])
    officer = next(one.stream for one in page if getattr(one.event, "role", "") == "officer")
    cases = [one.stream for one in page if isinstance(one.event, ProgrammeRegistered)]
    assert len(cases) == CASES, f"{len(cases)} cases"
    return officer, cases[:READ]


def settings_for(folder: Path, url: str) -> Settings:
    """Those of a server on that database, with its data in that folder."""
    return Settings(data=folder, database_url=url, api_port=0, identity=Identity(base="http://127.0.0.1:8080"))


def token_for(doors: Doors, person: str) -> str:
    """A token as somebody gets it who signs in."""
    at, store = datetime.now(UTC), doors.datastore
    secret = sessions.begin(store, kind=sessions.PAGES, person=person, at=at)
    session = sessions.find(store, secret or "", kind=sessions.PAGES, at=at)
    assert session, "no session began"
    grant = Grant(subject=person, client="bench", scope="", ends_at=session.ends_at, session=session.id)
    return str(LocalIssuer(doors).signer.answer(grant, at)["access_token"])


@contextmanager
def served(settings: Settings) -> Iterator[int]:
    """The API in a process of its own; yields its port."""
    ready = settings.data / "ready"
    environment = os.environ | {"DATABASE_URL": settings.database_url or "", "ASSAY_DATA": str(settings.data)}
    environment |= {"ASSAY_READY_FILE": str(ready), "ASSAY_BASE_URL": settings.identity.base, "ASSAY_API_PORT": "0"}
    process = subprocess.Popen([sys.executable, "-m", "bench.api"], env=environment | {"ASSAY_API_READS": "1000000"})
    try:
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server is not ready"
            time.sleep(0.05)
        yield int(ready.read_text().split(":")[2].partition("/")[0])
    finally:
        process.terminate()
        process.wait(20)


def _one(api: Api) -> list[APIRouter]:
    """A route that does one SELECT for nobody in particular: what there is to compare with."""
    routes = APIRouter()

    @routes.get("/one")
    def one() -> dict[str, int]:
        [(events,)] = api.app.records.datastore.rows(
            "SELECT count(*)::int FROM record.vault WHERE subject = %s", ["nobody"]
        )
        return {"found": events}

    return [routes]


def _serve() -> None:
    """As `assay serve`, with that route beside."""
    configure_logging("error")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    run_api(load_settings(os.environ), stop, tell_ready, _one)


if __name__ == "__main__":
    _serve()
