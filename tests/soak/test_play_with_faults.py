"""PostgreSQL, Temporal, S3 and the mail server refuse, are slow and talk rubbish, one after another, while a play is on: none of it is lost.

Whatever is amiss, the doctor says so while it lasts, and no more afterwards, without anybody doing anything.
"""

import io
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from psycopg.conninfo import conninfo_to_dict

from infra.bootstrap import App, file_store, open_app
from infra.cli.evidence import verify_files
from infra.cli.health import examine
from infra.cli.servers import running_group
from infra.embedded import EmbeddedPostgres, EmbeddedTemporal
from infra.group import SERVICES
from infra.letters.writing import message_id
from infra.play.cast import publish
from infra.play.outcome import compare
from infra.play.script import Play
from infra.settings import Settings, load_settings
from infra.store.migrate import migrate
from infra.temporal import SEARCH_ATTRIBUTES
from tests.e2e.stage import Played, check_cases, letters_sent, pilot_plot
from tests.infra.between import Between, between
from tests.infra.files.conftest import KEY, made_bucket, s3_server
from tests.infra.letters.mailserver import Handler, serving
from tests.infra.polling import until
from tests.soak.body import free_port

pytestmark = pytest.mark.soak

LONG: Final = {
    "submit_within": "PT150S",
    "remind_submit": '["PT40S"]',
    "screen_within": "PT70S",
    "return_within": "PT70S",
    "accept_within": "PT70S",
    "assess_within": "PT70S",
    "moderate_within": "PT70S",
    "evidence_within": "PT50S",
    "remind_evidence": '["PT25S"]',
    "final_review_after": "PT70S",
    "review_within": "PT70S",
    "results_within": "PT70S",
    "validity": "PT40S",
    "remind_validity": '["PT36S", "PT25S", "PT15S", "PT5S"]',
}
"""What people have time for is longer than any fault here, so that the play comes to the same as without them."""
KINDS: Final = {"refuse": 3.0, "hold": 30.0, "noise": 3.0}
"""Each kind of fault, and the seconds that it lasts at least."""
NAMED: Final = {"s3": "files", "mail": "mail server", "postgres": "record", "temporal": "Temporal"}
"""The servers in the order in which they are struck, and what the doctor calls each: S3 first, while portfolios come in."""
NOTICED: Final = 25.0
"""Seconds within which the doctor has said so, on however busy a machine: while it lasts, for a fault of 30."""
WELL: Final = 60.0
"""Seconds within which it says that all of it is well again."""


@dataclass(slots=True)
class Faults:
    """What befalls the servers while the play goes on, and what the doctor said of each meanwhile."""

    proxies: Mapping[str, Between]
    settings: Settings
    begun: Callable[[], bool]
    said: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def happen(self) -> None:
        """Strike one server after another, each in each way, once it has `begun`; it is called on a thread of its own."""
        while not self.begun() and not self.over.wait(0.1):
            pass
        for server, what in NAMED.items():
            for kind, lasts in KINDS.items():
                begun = time.monotonic()
                self.proxies[server].does_now(kind)
                shown = self._told(what, well=False, limit=NOTICED)
                self.over.wait(max(0.0, begun + lasts - time.monotonic()))
                ended = time.monotonic()
                self.proxies[server].does_now("pass")
                again = self._told(what, well=True, limit=WELL)
                self.said.append(f"{server} {kind} {ended - begun:.0f} s: shown {shown}, well again {again}")
                self.problems += [f"{server}, {kind}: not shown"] if shown is None else []
                self.problems += [f"{server}, {kind}: not well again"] if again is None else []

    def _told(self, what: str, *, well: bool, limit: float) -> str | None:
        """After how long the doctor says so of `what`, and its words; None where it does not."""
        begun = time.monotonic()
        while time.monotonic() - begun < limit and not self.over.is_set():
            found = next((one for one in doctor(self.settings) if re.search(rf"well +{what}( |$)", one)), "")
            if found and found.startswith("well") is well:
                return f"after {time.monotonic() - begun:.1f} s" + ("" if well else f" ({' '.join(found.split())})")
        return None


def doctor(settings: Settings) -> Sequence[str]:
    """What `assay doctor` prints, line by line; the last is `All is well.` where it is."""
    with redirect_stdout(io.StringIO()) as said, suppress(SystemExit):
        examine(settings, patience=0.0)
    return [line.strip() for line in said.getvalue().splitlines()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Four real servers, each behind a proxy, and the settings that lead to the proxies."""

    proxies: Mapping[str, Between]
    settings: Settings
    mail: Handler


@contextmanager
def servers(folder: Path, environment: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Start them all; the environment leads services to the proxies."""
    postgres = EmbeddedPostgres(folder / "postgres")
    temporal = EmbeddedTemporal(folder / "temporal", port=0, ui_port=None, search_attributes=SEARCH_ATTRIBUTES)
    handler = Handler()
    with ExitStack() as stack:
        for one in (postgres, temporal):
            one.start()
            stack.callback(one.stop)
        url, s3 = migrate(postgres.admin_url, postgres.app_password), stack.enter_context(s3_server())
        mail = stack.enter_context(serving(handler))
        parts = conninfo_to_dict(url)
        where = {
            "s3": s3, "postgres": f"unix://{parts['host']}/.s.PGSQL.5432", "mail": f"http://127.0.0.1:{mail}",
            "temporal": f"http://{temporal.address}",
        }  # fmt: skip
        proxies = {name: stack.enter_context(between(address)) for name, address in where.items()}
        said = {
            "ASSAY_DATA": str(folder / "data"),
            "DATABASE_URL": f"postgresql://{parts['user']}:{parts['password']}@127.0.0.1:{proxies['postgres'].port}/{parts['dbname']}",
            "TEMPORAL_ADDRESS": f"127.0.0.1:{proxies['temporal'].port}",
            "ASSAY_FILES_URL": f"s3://{made_bucket(s3)}/assay",
            "ASSAY_FILES_ENDPOINT": proxies["s3"].address,
            "ASSAY_FILES_KEY": KEY["key"],
            "ASSAY_FILES_SECRET": KEY["secret"],
            "ASSAY_SMTP_URL": f"smtp://127.0.0.1:{proxies['mail'].port}",
            "ASSAY_MAIL_FROM": "assay@body.example",
            "ASSAY_MAIL_PAUSE": "1",
            "ASSAY_MAIL_TIMEOUT": "8",
            "ASSAY_API_PORT": str(free_port()),
        }  # fmt: skip
        for name, value in said.items():
            environment.setenv(name, value)
        yield Stage(proxies=proxies, settings=load_settings(said), mail=handler)


def check_met(stage: Stage) -> None:
    """The faults came in the middle of the work: of files, of letters, and of whoever works on the record or with Temporal."""
    assert {b"PUT ", b"HEAD", b"HTTP"} & set(stage.proxies["s3"].held)  # of a file on its way; the doctor only GETs
    assert all(proxy.held for proxy in stage.proxies.values())
    logs = {name: (stage.settings.data / "logs" / f"{name}.log").read_text() for name in SERVICES}
    replies = set(re.findall(r'"reply": "([^"]+)", [^\n]*"letters.server_away"', logs["courier"]))
    assert replies & {"no-connection", "no-answer", "rubbish"}, replies
    assert all("lock.lost" in logs[name] for name in ("courier", "projector", "signaller"))
    assert "RecordUnavailable" in logs["worker"]


def check_taken(app: App, settings: Settings, handler: Handler) -> int:
    """Every letter came, and once; more often only where the server fell silent over it, which the outbox knows as a try.

    Returns how many came more than once.
    """
    sent = {message_id(row.id, settings.mail): row for row in letters_sent(app)}
    came = Counter(str(one.message["Message-ID"]) for one in handler.taken)
    assert came.keys() == sent.keys()
    for id, times in came.items():
        assert times <= sent[id].tries + sent[id].interrupted, (id, times, sent[id])
    return sum(times > 1 for times in came.values())


def test_whatever_is_away_slow_or_talks_rubbish_during_a_play_nothing_is_lost_and_all_is_caught_up_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a body whose four servers are reached through proxies, and a play in which people have time for all they do
    plot, source = pilot_plot(LONG)
    plot = replace(plot, again={}, reaccredits=frozenset())
    with servers(tmp_path, monkeypatch) as stage:
        settings = stage.settings
        with (
            running_group(settings, lambda *_: None, (*SERVICES, "serve")) as running,
            open_app(settings.database_url or "", store=file_store(settings), longest=10.0) as app,
        ):
            publish(app.office, source, "scheme.toml", plot.scheme, datetime.now(UTC))
            until(lambda: doctor(settings)[-1] == "All is well.", WELL)
            play = Play(app=app, plot=plot, run="test", watch=lambda *_: None)
            # when each server refuses, falls silent for half a minute, and talks rubbish, one after another
            faults, begun = Faults(stage.proxies, settings, lambda: play.files.counts()[0] > 0), time.monotonic()
            thread = threading.Thread(target=faults.happen, name="faults")
            thread.start()
            try:
                play.perform()
                took = time.monotonic() - begun
            except BaseException:
                faults.over.set()
                raise
            finally:
                thread.join()
            with capsys.disabled():
                print(f"\nthe play took {took:.0f} s", *faults.said, sep="\n  ")

            # then the doctor said of each that it was amiss, and of all that they are well, with nobody's help
            assert faults.problems == []
            check_met(stage)
            until(lambda: doctor(settings)[-1] == "All is well.", WELL)
            # and it all came to what it comes to without faults, every letter came, and every file is whole
            played = Played(app, play, compare(app.records, play), settings, running)
            check_cases(played)
            twice = check_taken(app, settings, stage.mail)
            verify_files(settings)
            with capsys.disabled():
                print(
                    f"{len(stage.mail.taken)} letters came, {twice} a second time; caught up {time.monotonic() - begun:.0f} s after the beginning"
                )
                print(capsys.readouterr().out)
