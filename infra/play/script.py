"""The play: each tick, whoever's turn it is does what is theirs to do, by the services that people will use.

Nothing here moves a clock or does a process's part. Every command has an id of its own, so that it can be repeated when
the database was away.
"""

import hashlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.accreditation import Accreditation
from domain.clocks import Duration, ReminderSent
from domain.scheme import Scheme
from domain.submission.events import Evidence
from domain.submission.state import Stage, Submission
from infra.bootstrap import App
from infra.play.cast import Cast, Names, appoint
from infra.play.results import Results
from infra.problems import CannotStart
from infra.store.errors import RecordUnavailable
from services import assessment, awards, moderation, preparation, providers, screening, windows
from services.assessment import Judgement
from services.moderation import Lack
from services.office import Receipt, fold
from services.ports import Command, Recorded
from services.preparation import Programme

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
BEFORE_MODERATION = (
    Stage.REGISTERED,
    Stage.PREPARING,
    Stage.SUBMITTED,
    Stage.SCREENING,
    Stage.RETURNED,
    Stage.IN_ASSESSMENT,
)


@dataclass(slots=True)
class Entry:
    """One submission of the play. `cycle` is `first`, `again` or `renewal`; `wanted` the results it is to end with."""

    number: str
    cycle: str
    submission: str
    provider: str
    contact: str
    wanted: dict[str, str]
    judged: dict[str, str]
    window: str = ""
    submits: bool = True
    answers: bool = True
    meeting: str = ""

    @property
    def key(self) -> str:
        return f"{self.cycle}/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is played: the scheme, the results, the assessors' first judgements, and what is special about which row."""

    scheme: Scheme
    results: Results
    first: Results
    again: Results
    no_answer: frozenset[str] = frozenset()
    never_submits: frozenset[str] = frozenset()
    reaccredits: frozenset[str] = frozenset()


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
    _numbers: dict[str, int] = field(default_factory=dict)

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

    def do(self, service: Callable[..., Receipt], who: str, role: str, what: str, /, **arguments: object) -> Receipt:
        """Carry out one command; repeat it, with the same id, while the database can't be reached."""
        command = Command(id=f"{self.run}/{what}", actor=who, role=role, at=now())
        until = time.monotonic() + PATIENCE
        self.commands += 1
        while True:
            try:
                return service(self.app.office, command, **arguments)
            except RecordUnavailable:
                if time.monotonic() > until:
                    raise
                time.sleep(TICK)

    def _window(self, number: str, opens_at: datetime, closes_at: datetime) -> str:
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
        self._numbers[number] = turn
        self._register(Entry(number, "first", "", provider, contact, wanted, judged, window))

    def _enter_again(self, number: str, wanted: dict[str, str], window: str) -> None:
        before = self._last(number)
        entry = Entry(number, "again", "", before.provider, before.contact, wanted, wanted, window)
        self._register(entry, follows=before.submission)

    def _register(self, entry: Entry, follows: str | None = None, accreditation: str | None = None) -> None:
        scheme, turn = self.plot.scheme, self._numbers[entry.number]
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
            self._turn(entry, self.cases[entry.submission])
        self._meetings(acting)
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
        return 60.0 + 2 * sum(
            seconds(self.plot.scheme, value)
            for value in (getattr(clocks, name) for name in clocks.__dataclass_fields__)
            if isinstance(value, Duration)
        )

    def _within(self, limit: float) -> None:
        if time.monotonic() > limit:
            stuck = [
                f"{entry.key} ({entry.submission}) is {self.cases[entry.submission].stage}"
                for entry in self.entries
                if not self.cases[entry.submission].over
            ]
            raise CannotStart(f"The play is stuck: {'; '.join(stuck)}. `assay doctor` says what is behind.")

    # -- everyone's turn ---------------------------------------------------------------------------------------------

    def _turn(self, entry: Entry, case: Submission) -> None:
        match case.stage:
            case Stage.REGISTERED | Stage.PREPARING:
                self._submit(entry, case)
            case Stage.SCREENING:
                self._screen(entry, case)
            case Stage.IN_ASSESSMENT if case.assessor:
                self._assess(entry, case, case.assessor)
            case Stage.EVIDENCE_REQUESTED if entry.answers and not case.answered and case.clock:
                if now() < case.clock.due_at:
                    self._answer(entry, case)
            case Stage.FINAL_REVIEW | Stage.DECIDED if case.moderation:
                self._review(entry, case, case.moderation.chair)
            case _:
                pass

    def _submit(self, entry: Entry, case: Submission) -> None:
        window = fold(entry.window, self.app.records.load(entry.window)[entry.window]) if entry.submits else None
        if window is None or window.opens_at is None or now() < window.opens_at:
            return
        self._pay(entry, case)
        self.do(
            preparation.submit_portfolio,
            entry.contact,
            "provider",
            f"{entry.key}/portfolio",
            case=entry.submission,
            window_id=entry.window,
            answers={
                code: self.names.text(f"How the programme meets {code}, in our own words")
                for code in case.registration.criteria
            },
            evidence=[self._file(entry, code, number) for code in case.registration.criteria for number in (1, 2)],
        )

    def _pay(self, entry: Entry, case: Submission) -> None:
        for kind in (kind for kind, state in case.fees.items() if state == "due"):
            what, amount = f"{entry.key}/paid/{kind}", case.charges[kind]
            self.do(preparation.pay_fee, self.cast.officer, "officer", what, case=case.id, kind=kind, amount=amount)

    def _file(self, entry: Entry, code: str, number: int, what: str = "evidence") -> Evidence:
        content = f"{what} {number} for {code} of {entry.key}, play {self.run}".encode()
        return Evidence(
            criterion=code,
            sha256=hashlib.sha256(content).hexdigest(),
            media_type=self.plot.scheme.media_types[0],
            size=len(content),
            pinpoint=(0, 60),
        )

    def _screen(self, entry: Entry, case: Submission) -> None:
        self._pay(entry, case)
        self.do(screening.pass_screening, self.cast.officer, "officer", f"{entry.key}/screened", case=case.id)

    def _assess(self, entry: Entry, case: Submission, assessor: str) -> None:
        by = (assessor, "assessor")
        if not case.accepted:
            self.do(assessment.accept_assignment, *by, f"{entry.key}/accepted/{assessor}", case=case.id)
        for section in self.plot.scheme.sections:
            codes = [one for one in case.registration.criteria if self.plot.scheme.criteria[one].section == section]
            if codes:
                self._judge_section(entry, case, by, section, codes)
        minutes = 240 + 15 * len(case.registration.criteria)
        what = f"{entry.key}/assessed/{assessor}"
        self.do(assessment.complete_assessment, *by, what, case=case.id, minutes_spent=minutes)

    def _judge_section(
        self, entry: Entry, case: Submission, by: tuple[str, str], section: str, codes: Sequence[str]
    ) -> None:
        judgements = {
            code: Judgement(
                level=entry.judged[code],
                reason=self.names.text(f"What the evidence shows on {code}"),
                cites=(self._file(entry, code, 1).sha256,),
            )
            for code in codes
        }
        what = f"{entry.key}/judged/{section}/{by[0]}"
        self.do(assessment.judge, *by, what, case=case.id, judgements=judgements)

    def _answer(self, entry: Entry, case: Submission) -> None:
        self.do(
            moderation.provide_evidence,
            entry.contact,
            "provider",
            f"{entry.key}/further",
            case=case.id,
            answers={code: self.names.text(f"What we add on {code}") for code in case.asked},
            evidence=[self._file(entry, code, 1, "further evidence") for code in case.asked],
        )

    def _meetings(self, acting: Sequence[Entry]) -> None:
        """Operations list what awaits moderation, two a meeting; the meeting is then held."""
        waiting = [
            one for one in acting if self.cases[one.submission].stage is Stage.AWAITING_MODERATION and not one.meeting
        ]
        coming = any(one.submits and self.cases[one.submission].stage in BEFORE_MODERATION for one in acting)
        while len(waiting) >= 2 or (waiting and not coming):
            items, waiting = waiting[:2], waiting[2:]
            self._hold_meeting(items)

    def _hold_meeting(self, items: Sequence[Entry]) -> None:
        cast, what = self.cast, "meeting/" + "+".join(one.key for one in items)
        turn = self._numbers[items[0].number]
        chair = cast.chairs[turn % len(cast.chairs)]
        panel = [cast.moderators[(turn + one) % len(cast.moderators)] for one in range(self.plot.scheme.quorum - 1)]
        at = now()
        self.do(
            moderation.schedule_meeting,
            cast.officer,
            "officer",
            what,
            scheme=self.plot.scheme.id,
            starts_at=at,
            chair=chair,
            panel=panel,
            items=[one.submission for one in items],
        )
        meeting = moderation.meeting_id(f"{self.run}/{what}")
        by = (chair, "chair")
        self.do(moderation.open_meeting, *by, f"{what}/opened", id=meeting, present=[chair, *panel])
        for entry in items:
            entry.meeting = meeting
            self._moderate(entry, self.cases[entry.submission], by, meeting)
        self.do(moderation.sign_minutes, *by, f"{what}/signed", id=meeting, minutes_spent=55 * len(items))

    def _moderate(self, entry: Entry, case: Submission, by: tuple[str, str], meeting: str) -> None:
        """Confirm what stands, change exactly what differs from the results, and ask for more where that is no pass."""
        self.do(moderation.take_up, *by, f"{entry.key}/taken-up/{meeting}", case=case.id, id=meeting)
        findings = {}
        for code in case.registration.criteria:
            changed = case.judgements[code] != entry.wanted[code]
            reason = self.names.text(f"The panel reads the evidence on {code} differently") if changed else None
            findings[code] = Judgement(level=entry.wanted[code], reason=reason)
        self.do(moderation.moderate, *by, f"{entry.key}/moderated", case=case.id, judgements=findings)
        short = self._short(entry, case)
        if short and self.plot.scheme.evidence_rounds:
            wanted = self.names.text("Please show how this is done in practice")
            what = f"{entry.key}/evidence-asked"
            self.do(moderation.request_evidence, *by, what, case=case.id, criteria=short, wanted=wanted)
        else:
            self._decide(entry, case, by)

    def _short(self, entry: Entry, case: Submission) -> tuple[str, ...]:
        scheme = self.plot.scheme
        return scheme.outcome(entry.wanted, case.registration.criteria).unmet

    def _review(self, entry: Entry, case: Submission, chair: str) -> None:
        by = (chair, "chair")
        if case.stage is Stage.FINAL_REVIEW:
            confirmed = {code: Judgement(level=case.judgements[code]) for code in case.asked}
            self.do(moderation.moderate, *by, f"{entry.key}/reviewed", case=case.id, judgements=confirmed)
            self.do(moderation.conclude_review, *by, f"{entry.key}/review-concluded", case=case.id)
        self._decide(entry, case, by)

    def _decide(self, entry: Entry, case: Submission, by: tuple[str, str]) -> None:
        self.do(moderation.decide, *by, f"{entry.key}/decided", case=case.id)
        lacks = {
            code: Lack(
                lacking="evidence" if number % 2 else "practice",
                missing=self.names.text(f"What {code} still needs"),
            )
            for number, code in enumerate(self._short(entry, case))
        }
        self.do(moderation.approve_report, *by, f"{entry.key}/report", case=case.id, lacks=lacks)


def now() -> datetime:
    """The real time: no clock is faked in a play."""
    return datetime.now(UTC)


def seconds(scheme: Scheme, length: Duration) -> float:
    """A scheme's length of time in seconds, from now."""
    start = now()
    return (scheme.calendar.after(start, length) - start).total_seconds()
