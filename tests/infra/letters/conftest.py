"""A body whose letters are written and sent: what was recorded is composed at once, and what waits is carried out by the job itself."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from infra.bootstrap import App, open_app
from infra.letters import composing, posting
from infra.letters.configured import Mail, Server
from infra.letters.outbox import Outbox, Row
from infra.projector import catch_up
from infra.settings import Settings
from tests.conftest import Database
from tests.factories import Body, open_body
from tests.infra.polling import until
from tests.services.conftest import Clock


@dataclass
class Posting:
    """The body, its outbox, and the courier's two jobs, one after the other as a test says."""

    app: App
    body: Body
    settings: Settings

    @property
    def outbox(self) -> Outbox:
        return self.app.post.outbox

    def by(self, port: int, **mail: Any) -> "Posting":
        """The same, with letters leaving by the server on this port."""
        server = Server(host="127.0.0.1", port=port, security="smtp")
        said: dict[str, Any] = {"sender": "letters@body.example", "pause": 0.05, "rate": 100_000, "timeout": 5.0}
        return replace(self, settings=replace(self.settings, mail=Mail(server=server, **(said | mail))))

    def compose(self, batch: int = 1_000) -> None:
        """Write what the log sends since the last time."""
        after = self.outbox.place() or 0
        self.outbox.begin_at(after)
        while events := self.app.records.read_log(after, batch):
            assert composing.compose(self.app, self.outbox, events, after=after)
            after = events[-1].position

    def caught_up(self) -> None:
        """Bring the read models up to what was recorded."""
        catch_up(self.app.records)

    @contextmanager
    def sending(self) -> Iterator[threading.Thread]:
        """Let the job send what waits, as long as the block lasts."""
        ended = threading.Event()
        thread = threading.Thread(target=posting.run, args=(self.settings, self.app, ended), daemon=True)
        thread.start()
        try:
            yield thread
        finally:
            ended.set()
            thread.join(20)
            assert not thread.is_alive()

    def send(self) -> None:
        """Send all that can be sent."""
        with self.sending():
            until(lambda: not (self.outbox.counts().keys() & {"queued", "sending"}), 30)

    def letters(self, case: str, letter: str = "") -> list[Row]:
        """The letters about a case, or those of one name."""
        return [one for one in self.outbox.of_case(case) if letter in ("", one.letter)]

    def files(self) -> dict[str, str]:
        """What was written to files, by the letter's id."""
        return {path.stem: path.read_text() for path in (self.settings.data / "letters").glob("*.eml")}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def post(database: Database, tmp_path: Path, clock: Clock) -> Iterator[Posting]:
    """A body of which no letter was written yet."""
    with open_app(database.app_url, pool_size=8) as app:
        body = open_body(app.office, now=clock)
        yield Posting(app, body, Settings(data=tmp_path))
