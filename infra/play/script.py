"""The play: each tick, whoever's turn it is does what is theirs to do, by the services that people will use.

Nothing here moves a clock or does a process's part. Every command has an id of its own, so that it can be repeated when
the database was away.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from domain.accreditation import Accreditation
from domain.clocks import Duration, ReminderSent
from domain.scheme import Scheme
from domain.submission.state import Submission
from infra.bootstrap import App
from infra.files.errors import FilesOutOfReach
from infra.files.kept import KeptFiles
from infra.play.cast import Cast, Names, appoint
from infra.play.plot import Entry, Plot, now
from infra.play.turns import hold_moderation, take_turn
from infra.problems import CannotStart
from infra.store.errors import RecordUnavailable
from services import awards, preparation, providers, windows
from services.ports import Command, Recorded
from services.preparation import Programme
from services.states import fold

TICK = 0.15
TITLES = (
    "Teaching that lasts",
    "Reading across the curriculum",
    "From evidence to habit",
    "Coaching in the classroom",
    "Questions worth asking",
    "Marking less, saying more",
    "Leading a department",
)
PATIENCE = 180.0
"""Seconds that one command is repeated for while the database can't be reached."""


Done = TypeVar("Done")

Watch = Callable[[Sequence[tuple[Entry, Submission]], dict[str, Accreditation]], None]
"""Is shown all cases and awards after each tick."""


@dataclass(slots=True)
class Play:
    """A play under way. `run` makes its ids; the same run played again repeats its commands and changes nothing."""

    app: App
    plot: Plot
    run: str
    watch: Watch
    seed: int = 2020
    entries: list[Entry] = field(default_factory=list)
    cases: dict[str, Submission] = field(default_factory=dict)
    histories: dict[str, Sequence[Recorded]] = field(default_factory=dict)
    awards: dict[str, Accreditation] = field(default_factory=dict)
    commands: int = 0
    names: Names = field(init=False)
    cast: Cast = field(init=False)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def files(self) -> KeptFiles:
        """Where what providers hand in is kept. Raises ValueError where the play was given no place for it."""
        if self.app.files is None:
            raise ValueError("a play needs a place for files")
        return self.app.files

    def __post_init__(self) -> None:
        self.names = Names(random.Random(self.seed))  # noqa: S311 - made-up names, not secrets

    def perform(self) -> None:
        """Play it all to its end. Raises CannotStart saying which case is stuck where, if time runs out."""
        plot = self.plot
        rows = len(plot.results) + len(plot.never_submits) + len(plot.again) + len(plot.reaccredits)
        self.cast = appoint(self.do, self.names, plot.scheme, self.run, items=rows, at=now())
        length = seconds(plot.scheme, plot.scheme.clocks.submit_within)
        opens_at = now() + timedelta(seconds=0.15 * length)
        window = self._window("1", opens_at, opens_at + timedelta(seconds=0.55 * length))
        for number, wanted in plot.results.items():
            self._enter(number, wanted, plot.first.get(number, wanted), window)
        for number in sorted(plot.never_submits):
            top = dict.fromkeys(plot.scheme.criteria, plot.scheme.scale[-1])
            self._enter(number, top, top, window)
        self._until_over("first")
        if plot.again:
            opens_at = now() + timedelta(seconds=0.02 * length)
            window = self._window("2", opens_at, opens_at + timedelta(seconds=0.3 * length))
            for number, wanted in plot.again.items():
                self._enter_again(number, wanted, window)
            self._until_over("again")
        self._until_awards_over()

    # -- one command -------------------------------------------------------------------------------------------------

    def do(
        self,
        service: Callable[..., Done],
        who: str,
        role: str,
        what: str,
        /,
        at: datetime | None = None,
        **arguments: object,
    ) -> Done:
        """Carry out one command, now or as of `at`; repeat it, with the same id, while the database can't be reached."""
        command = Command(id=f"{self.run}/{what}", actor=who, role=role, at=at or now())
        until = time.monotonic() + PATIENCE
        self.commands += 1
        while True:
            try:
                return service(self.app.office, command, **arguments)
            except (RecordUnavailable, FilesOutOfReach):
                if time.monotonic() > until:
                    raise
                time.sleep(TICK)

    def _window(self, number: str, opens_at: datetime, closes_at: datetime) -> str:
        """Schedule a window and return its id; empty where dates are booked instead."""
        if self.plot.scheme.route.kind == "booked":
            return ""
        what = f"window/{number}"
        self.do(
            windows.schedule_window,
            self.cast.officer,
            "officer",
            what,
            scheme=self.plot.scheme.id,
            opens_at=opens_at,
            closes_at=closes_at,
        )
        return windows.window_id(f"{self.run}/{what}")

    # -- registering -------------------------------------------------------------------------------------------------

    def _enter(self, number: str, wanted: dict[str, str], judged: dict[str, str], window: str) -> None:
        scheme, turn = self.plot.scheme, len(self.entries)
        what = f"provider/{number}"
        contact, provider = providers.contact_id(f"{self.run}/{what}"), providers.provider_id(f"{self.run}/{what}")
        name, address = self.names.organisation()
        contact_name, contact_email = self.names.person("providers")
        self.do(
            providers.register_provider,
            contact,
            "provider",
            what,
            scheme=scheme.id,
            name=name,
            address=address,
            contact_name=contact_name,
            contact_email=contact_email,
            provider_type=scheme.provider_types[turn % len(scheme.provider_types)],
            size_band=scheme.size_bands[turn % len(scheme.size_bands)],
        )
        self.numbers[number] = turn
        self._register(Entry(number, "first", "", provider, contact, wanted, judged, window))

    def _enter_again(self, number: str, wanted: dict[str, str], window: str) -> None:
        before = self._last(number)
        entry = Entry(number, "again", "", before.provider, before.contact, wanted, wanted, window)
        self._register(entry, follows=before.submission)

    def _register(self, entry: Entry, follows: str | None = None, accreditation: str | None = None) -> None:
        scheme, turn = self.plot.scheme, self.numbers[entry.number]
        entry.submits = entry.number not in self.plot.never_submits
        entry.answers = entry.number not in self.plot.no_answer
        entry.submission = preparation.submission_id(f"{self.run}/{entry.key}/programme")
        programme = Programme(
            title=self.names.text(f"{TITLES[turn % len(TITLES)]} for {scheme.subjects[turn % len(scheme.subjects)]}"),
            category=scheme.categories[0],
            subject=scheme.subjects[turn % len(scheme.subjects)],
            phase=scheme.phases[turn % len(scheme.phases)],
            mode=scheme.modes[turn % len(scheme.modes)],
            roll=100,
            applies={one.code: False for one in scheme.exclusions},
            applies_for=None if accreditation else self.plot.applies_for(entry.wanted),
        )
        self.do(
            preparation.register_programme,
            entry.contact,
            "provider",
            f"{entry.key}/programme",
            scheme=scheme.id,
            provider=entry.provider,
            programme=programme,
            agreement_accepted=True,
            follows=follows,
            accreditation=accreditation,
        )
        self.entries.append(entry)
        self._look()

    # -- ticking -----------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        ids = [entry.submission for entry in self.entries]
        ids += [awards.accreditation_id(entry.submission) for entry in self.entries if entry.cycle != "renewal"]
        try:
            loaded = self.app.records.load(*ids)
        except RecordUnavailable:
            time.sleep(TICK)
            return
        self.histories = dict(loaded)
        for id, recorded in loaded.items():
            if id.startswith("submission"):
                self.cases[id] = fold(id, recorded)
            elif recorded:
                self.awards[id] = fold(id, recorded)
        self.watch([(entry, self.cases[entry.submission]) for entry in self.entries], self.awards)

    def _tick(self) -> None:
        self._look()
        acting = [entry for entry in self.entries if not self.cases[entry.submission].over]
        for entry in acting:
            take_turn(self, entry, self.cases[entry.submission])
        hold_moderation(self, acting)
        time.sleep(TICK)

    def _until_over(self, cycle: str) -> None:
        limit = time.monotonic() + self._longest()
        while not all(self.cases[one.submission].over for one in self.entries if one.cycle == cycle):
            self._within(limit)
            self._tick()
        self._look()

    def _until_awards_over(self) -> None:
        """Go on until each award has lapsed, or been renewed if that is its part."""
        limit = time.monotonic() + self._longest()
        earn_again = {one.number: one for one in self.entries if one.number in self.plot.reaccredits}
        renewing = {number: self._award_of(one) for number, one in earn_again.items() if self._award_of(one)}
        self._look()
        if not self.awards:
            return
        window = ""
        if renewing:
            length = seconds(self.plot.scheme, self.plot.scheme.clocks.validity)
            window = self._window("3", now(), now() + timedelta(seconds=0.2 * length))
        while not all(self._finished(award, renewing) for award in self.awards.values()):
            self._within(limit)
            for number in [
                one for one in renewing if not any(e.cycle == "renewal" and e.number == one for e in self.entries)
            ]:
                self._renew_when_reminded(number, window)
            self._tick()
        self._look()

    def _award_of(self, entry: Entry) -> str:
        last = self._last(entry.number)
        id = awards.accreditation_id(last.submission)
        return id if id in self.awards else ""

    def _finished(self, award: Accreditation, renewing: dict[str, str]) -> bool:
        return len({one.submission for one in award.periods}) > 1 if award.id in renewing.values() else award.lapsed

    def _renew_when_reminded(self, number: str, window: str) -> None:
        before = self._last(number)
        id = awards.accreditation_id(before.submission)
        if not any(isinstance(one.event, ReminderSent) for one in self.histories.get(id, ())):
            return
        entry = Entry(number, "renewal", "", before.provider, before.contact, before.wanted, before.wanted, window)
        self._register(entry, follows=before.submission, accreditation=id)

    def _last(self, number: str) -> Entry:
        return [entry for entry in self.entries if entry.number == number][-1]

    def _longest(self) -> float:
        clocks = self.plot.scheme.clocks
        lengths = [getattr(clocks, name) for name in clocks.__dataclass_fields__] + self.plot.ahead()
        return 60.0 + 2 * sum(seconds(self.plot.scheme, one) for one in lengths if isinstance(one, Duration))

    def _within(self, limit: float) -> None:
        if time.monotonic() > limit:
            stuck = [
                f"{entry.key} ({entry.submission}) is {self.cases[entry.submission].stage}"
                for entry in self.entries
                if not self.cases[entry.submission].over
            ]
            raise CannotStart(f"The play is stuck: {'; '.join(stuck)}. `assay doctor` says what is behind.")


def seconds(scheme: Scheme, length: Duration) -> float:
    """A scheme's length of time in seconds, from now."""
    start = now()
    return (scheme.calendar.after(start, length) - start).total_seconds()
