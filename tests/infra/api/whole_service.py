"""The whole API as `assay serve` runs it, with its own issuer, on a port of its own in a thread of the tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.api import token_for
from infra.api.serve import run_api
from infra.bootstrap import App
from infra.identity.identify import open_doors
from infra.settings import Settings, load_settings
from tests.infra.polling import until


@dataclass(slots=True)
class Server:
    """The API as `assay serve` runs it, in a thread of this process."""

    settings: Settings
    stop: threading.Event
    thread: threading.Thread

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.settings.api_port}/api/v1"

    def token(self, app: App, person: str) -> str:
        return token_for(open_doors(self.settings, app.records.datastore), person)


@contextmanager
def serving(data: Path, url: str, **more: str) -> Iterator[Server]:
    """Serve what the record that `url` leads to has; `more` are variables of the settings."""
    settings = replace(load_settings({"ASSAY_DATA": str(data), "ASSAY_API_PORT": "0", **more}), database_url=url)
    stop, told = threading.Event(), list[str]()
    thread = threading.Thread(target=run_api, args=(settings, stop, told.append))
    thread.start()
    try:
        until(lambda: told or not thread.is_alive(), 60)
        port = int(told[0].split(":")[2].partition("/")[0])
        yield Server(replace(settings, api_port=port, identity=settings.identity.at(port)), stop, thread)
    finally:
        stop.set()
        thread.join()
