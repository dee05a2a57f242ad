"""Ten thousand letters leave by a real server, in bounded memory, far faster than an hour, each once."""

import time
from collections import Counter
from pathlib import Path
from typing import Any, cast

import psutil
import pytest

from infra.bootstrap import open_app
from infra.cli.generating import UNTIL
from infra.generate.writing import Wanted, generate
from infra.settings import Settings
from tests.conftest import Database
from tests.factories import Body
from tests.infra.letters.conftest import Posting
from tests.infra.letters.mailserver import serving
from tests.infra.letters.test_crash import courier
from tests.infra.polling import until

LETTERS = 10_000
MANY = """
INSERT INTO letters.letters (id, position, stream, version, letter, recipient)
SELECT 'letter-' || md5(id || copy), position, stream, version, letter, recipient
FROM letters.letters, generate_series(1, 100) AS copy ORDER BY copy, position LIMIT %s RETURNING id
"""
"""As many more letters as there are to be: each as one that a made-up case sends, under an id of its own."""
LONGEST = 900.0
"""Seconds in which they have to be gone, on however busy a machine: four times as fast as is asked for."""
MB = 1_000_000
FLAT = 40
"""MB by which the courier may grow between its first thousand letters and its last."""


class Counting:
    """Takes every letter, and keeps nothing of it but its Message-ID."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        head = envelope.content.partition(b"\r\n\r\n")[0].decode()
        self.taken[next(line for line in head.splitlines() if line.startswith("Message-ID:"))] += 1
        return "250 OK"


@pytest.mark.soak
def test_ten_thousand_letters_leave_in_flat_memory(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_MAIL_RATE", "100000")
    counting = Counting()
    with open_app(database.app_url, pool_size=4) as app, serving(counting) as port:
        generate(app, Wanted(cases=300, seed=1, until=UNTIL))
        Posting(app, cast("Body", None), Settings(data=tmp_path)).compose()
        made = app.records.datastore.rows(MANY, [LETTERS])
        assert len(made) == LETTERS
        with courier(database, tmp_path, port) as process:
            watched = psutil.Process(process.pid)

            def gone() -> int:
                return sum(counting.taken.values())

            until(lambda: gone() > 0, LONGEST)
            begun = time.monotonic()
            until(lambda: gone() >= 1_000, LONGEST)
            early = watched.memory_info().rss
            until(lambda: not app.post.outbox.counts().keys() & {"queued", "sending"}, LONGEST)
            late, seconds = watched.memory_info().rss, time.monotonic() - begun
            used = watched.cpu_times()
            print(
                f"\n{gone():,} letters in {seconds:.0f} s: {gone() / seconds * 3600:,.0f} an hour;"
                f" {1000 * (used.user + used.system) / gone():.1f} ms of the courier's processor each;"
                f" it has {early / MB:.0f} MB after 1,000 and {late / MB:.0f} MB after {gone():,}"
            )
        assert (late - early) / MB < FLAT
        assert set(counting.taken.values()) == {1}
        states = app.post.outbox.counts()
        assert states["sent"] == len(counting.taken)
        assert states.keys() <= {"sent", "overtaken"}
        assert sum(states.values()) > LETTERS
