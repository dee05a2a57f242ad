"""What plays in tests need: schemes with other durations, servers that can be killed, and what a play must have left."""

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.clocks import ReminderSent
from domain.ids import kind_of
from domain.letters import KINDS, addressed
from domain.scheme_file import read_scheme
from infra.bootstrap import App, file_store, open_app
from infra.cli.servers import running_group
from infra.letters.outbox import Row
from infra.play.cast import publish
from infra.play.outcome import Comparison, compare
from infra.play.plot import Entry, Plot
from infra.play.results import read_results
from infra.play.script import Play
from infra.running import Running, find_running
from infra.settings import Settings, load_settings
from services.states import fold
from tests.infra.polling import until

PILOT = Path(__file__).parents[2] / "examples" / "pilot"
STRETCHED = {
    "submit_within": "PT50S",
    "remind_submit": '["PT20S"]',
    "screen_within": "PT30S",
    "return_within": "PT30S",
    "accept_within": "PT30S",
    "assess_within": "PT30S",
    "moderate_within": "PT30S",
    "evidence_within": "PT30S",
    "remind_evidence": '["PT15S"]',
    "final_review_after": "PT30S",
    "review_within": "PT30S",
    "results_within": "PT30S",
    "validity": "PT60S",
    "remind_validity": '["PT50S", "PT35S", "PT20S", "PT5S"]',
}
"""Durations of at least twenty times what a killed server or service takes to be back, about a second and a half."""


def pilot_plot(durations: Mapping[str, str] = {}) -> tuple[Plot, str]:
    """The pilot's plot and its scheme's source, with some durations replaced."""
    source = (PILOT / "scheme.toml").read_text(encoding="utf-8")
    for name, length in durations.items():
        value = length if length.startswith("[") else f'"{length}"'
        source, count = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", source)
        assert count == 1, name
    scheme = read_scheme(source)
    results = read_results(PILOT / "results.csv", scheme)
    plot = Plot(
        scheme=scheme,
        results=results,
        first=read_results(PILOT / "first.csv", scheme, only=results),
        again=read_results(PILOT / "second.csv", scheme, only=results),
        no_answer=frozenset({"14"}),
        never_submits=frozenset({"20"}),
        reaccredits=frozenset({"11"}),
    )
    return plot, source


@dataclass(slots=True)
class Played:
    """A play that was performed, on servers that still run."""

    app: App
    play: Play
    comparison: Comparison
    settings: Settings
    running: Running


@contextmanager
def performed(
    data: Path,
    durations: Mapping[str, str] = {},
    *,
    killer: "Killer | None" = None,
) -> Iterator[Played]:
    """Perform the pilot in a new data folder, with a killer about if one is given."""
    plot, source = pilot_plot(durations)
    settings = replace(load_settings({"ASSAY_DATA": str(data)}), temporal_port=0, temporal_ui_port=None)
    with (
        running_group(settings, lambda *_: None) as running,
        open_app(running.database_url, store=file_store(settings)) as app,
    ):
        publish(app.office, source, "scheme.toml", plot.scheme, datetime.now(UTC))
        play = Play(app=app, plot=plot, run="test", watch=lambda *_: None)
        if killer:
            killer.start(settings)
        try:
            play.perform()
        finally:
            if killer:
                killer.stop()
        yield Played(app, play, compare(app.records, play), settings, running)


@dataclass(slots=True)
class Killer:
    """Ends servers and services with kill -9, at moments and in an order that its seed decides."""

    seed: int
    every: tuple[float, float]
    most: int
    victims: Sequence[str] = ("worker", "signaller", "projector", "temporal", "postgres")
    killed: list[tuple[float, str]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, settings: Settings) -> None:
        self._thread = threading.Thread(target=self._kill, args=(settings,), name="killer")
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()

    def _kill(self, settings: Settings) -> None:
        chance, begun, order = random.Random(self.seed), time.monotonic(), list[str]()
        while len(self.killed) < self.most and not self._over.wait(chance.uniform(*self.every)):
            running = find_running(settings)
            order = order or chance.sample(self.victims, len(self.victims))
            victim = order.pop()
            if running is None or victim not in running.pids:
                continue
            try:
                os.kill(running.pids[victim], signal.SIGKILL)
            except ProcessLookupError:
                continue  # still dead from the last time
            self.killed.append((round(time.monotonic() - begun, 1), victim))


def expected_events(entry: Entry, plot: Plot, criteria: Sequence[str]) -> Counter[str]:
    """How often each event is to be in the stream of a submission of the pilot, whatever died meanwhile."""
    if not entry.submits:
        return Counter({"ProgrammeRegistered.1": 1, "FeeCharged.1": 1, "SubmissionLapsed.1": 1})
    changed = sum(entry.judged[code] != entry.wanted[code] for code in criteria)
    short = sum(entry.wanted[code] != plot.scheme.scale[-1] for code in criteria)
    fees = 2 if entry.cycle == "first" else 1
    once = (
        "ProgrammeRegistered PortfolioSubmitted ScreeningStarted ScreeningPassed AssessorAssigned AssignmentAccepted "
        "AssessmentCompleted ItemListed ModerationStarted DecisionRecorded OutcomeReportApproved ResultReleased"
    )
    expected = Counter({f"{name}.1": 1 for name in once.split()})
    expected["LinkedSubmissionRegistered.1"] = int(entry.cycle == "first" and entry.number in plot.again)
    expected["FeeCharged.1"] = expected["FeePaid.1"] = fees
    expected["JudgementRecorded.1"] = len(criteria)
    expected["JudgementChanged.1"] = changed
    expected["JudgementConfirmed.1"] = len(criteria) - changed + short
    if short:
        answered = entry.number not in plot.no_answer
        expected["EvidenceRequested.1"] = expected["FinalReviewOpened.1"] = expected["FinalReviewConcluded.1"] = 1
        expected["EvidenceProvided.1" if answered else "EvidenceNotProvided.1"] = 1
    return +expected


LOOSE = ("PreparationStarted.1", "ReminderSent.1", "DeadlineMissed.1")
"""Events that depend on whether a process or a person was first, or on how late something was."""


def letters_sent(app: App) -> list[Row]:
    """Every letter that the record sends was written once, and no other; returns those that went out, once all have."""
    outbox = app.post.outbox
    end = app.records.max_position()
    until(lambda: outbox.place() == end and not outbox.counts().keys() & {"queued", "sending"}, 60)
    log = app.records.read_log(0, 1_000_000)
    states: dict[str, Any] = {}
    expected = []
    for one in log:
        if kind_of(one.stream) in KINDS:
            states[one.stream] = fold(one.stream, [one], state=states.get(one.stream))
            expected += [letter.id for letter in addressed(one.stream, one.version, one.event, states[one.stream])]
    written = [row for stream in states for row in outbox.of_case(stream)]
    assert sorted(row.id for row in written) == sorted(expected)
    assert len(expected) == len(set(expected)) > 60
    assert {row.state for row in written} <= {"sent", "overtaken"}
    return [row for row in written if row.state == "sent"]


def check_letters(played: Played) -> None:
    """Every letter that the record sends went out, as a file of its own; and no other."""
    gone = {row.id for row in letters_sent(played.app)}
    assert {path.stem for path in (played.settings.data / "letters").glob("*.eml")} == gone


def check_nothing_lost_or_doubled(played: Played) -> None:
    """Every event of every case once, every reminder and every letter once, every award as it was to be."""
    check_letters(played)
    check_cases(played)


def check_cases(played: Played) -> None:
    """Every event of every case once, every reminder once, every award as it was to be."""
    app, play = played.app, played.play
    assert list(played.comparison.differences) == []
    histories = app.records.load(*(entry.submission for entry in play.entries), *play.awards)
    for entry in play.entries:
        recorded = histories[entry.submission]
        found = Counter(one.name for one in recorded)
        assert found["PreparationStarted.1"] <= 1, entry.key
        criteria = recorded[0].event.criteria
        strict = Counter({name: count for name, count in found.items() if name not in LOOSE})
        assert strict == expected_events(entry, play.plot, criteria), entry.key
    for id, recorded in histories.items():
        assert [one.version for one in recorded] == list(range(1, len(recorded) + 1)), id
        sent = [one.event for one in recorded if isinstance(one.event, ReminderSent)]
        keys = [(one.rule, one.due_at, one.planned_for) for one in sent]
        assert len(keys) == len(set(keys)), f"a reminder of {id} went out twice"
        if id in play.awards:
            ends = Counter(one.name for one in recorded if one.name not in LOOSE)
            assert ends["AccreditationAwarded.1"] == 1
            assert ends["AccreditationRenewed.1"] + ends["AccreditationLapsed.1"] == 1
