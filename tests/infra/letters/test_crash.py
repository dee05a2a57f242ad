"""The courier is killed as a letter is handed over: that one goes once more, under the same Message-ID, and says so."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import Database
from tests.factories import register
from tests.infra.letters.conftest import Posting
from tests.infra.letters.mailserver import Handler, serving
from tests.infra.polling import until

ROOT = Path(__file__).parents[3]


@contextmanager
def courier(database: Database, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A real courier, by itself, whose letters leave by the server on this port."""
    environment = os.environ | {
        "ASSAY_DATA": str(folder),
        "DATABASE_URL": database.app_url,
        "ASSAY_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "ASSAY_MAIL_FROM": "letters@body.example",
        "ASSAY_MAIL_PAUSE": "0.1",
        "ASSAY_MAIL_CONNECTIONS": "1",
    }
    command = [sys.executable, "-P", "-m", "infra.cli.main", "courier"]
    with (folder / "courier.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_killed_between_handing_over_and_marking_it_sends_that_letter_once_more_and_no_other(
    post: Posting, database: Database, tmp_path: Path
):
    cases = [register(post.body) for _ in range(4)]
    post.compose()
    handler = Handler()
    with serving(handler) as port:
        with courier(database, tmp_path, port) as first:

            def kill() -> None:
                if len(handler.taken) == 3:
                    first.kill()
                    first.wait(10)

            handler.took = kill
            until(lambda: first.poll() is not None, 30)
        [on_its_way] = [one for case in cases for one in post.letters(case) if one.state == "sending"]
        with courier(database, tmp_path, port):
            until(lambda: post.outbox.counts().keys() == {"sent"}, 30)

    again = f"<{on_its_way.id}@body.example>"
    came = Counter(one.message["Message-ID"] for one in handler.taken)
    letters = [one for case in cases for one in post.letters(case)]
    assert came == {f"<{one.id}@body.example>": 1 for one in letters} | {again: 2}
    assert {one.id: one.interrupted for one in letters if one.interrupted} == {on_its_way.id: 1}
    assert b"@provider.example" not in (tmp_path / "courier.log").read_bytes()


def test_killed_twice_over_the_same_letter_it_is_given_up_where_somebody_sees_it(post: Posting):
    case = register(post.body)
    post.compose()
    letter = post.letters(case)[0]
    for left in ("queued", "failed"):
        assert post.outbox.begin(letter, seen=post.outbox.place(), subject="s", body="b", names=[])
        assert post.outbox.recover() == 1
        assert (post.outbox.row(letter.id).state, post.outbox.row(letter.id).reply) == (left, "interrupted")
