"""Whatever anyone tries with a submission: its process, its provider and operations, in any order, at any time."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from domain import person as people
from domain.meeting import Meeting
from domain.person import Person
from domain.refusals import Refused
from domain.submission import assessment, clocks, decision, moderation, preparation
from domain.submission import events as e
from domain.submission.process import due_next, owed
from domain.submission.state import Submission, evolve
from tests.domain import given
from tests.domain.given import CASE, DAY, LEAD, NOON, PROVIDER, SCHEME, SECOND, WINDOW, fold, member, text

CAST: dict[str, tuple[str, ...]] = {
    "ada": ("assessor",),
    "ben": ("assessor", "moderator"),
    "cai": ("assessor", "chair"),
    "dot": ("chair", "moderator"),
    "eva": ("moderator",),
    "fin": ("moderator",),
    "gil": ("assessor", "moderator", "chair"),
    "hal": ("moderator", "chair"),
    "ivy": ("moderator",),
    "jon": ("moderator",),
    "lea": ("assessor", "chair"),
}
"""Who takes part, in which roles. Lea is the provider's lead contact too, and so has a conflict from the start."""

NAMES = st.sampled_from(sorted(CAST))
LEVELS = st.sampled_from(SCHEME.scale)
CRITERIA = st.sampled_from([*SCHEME.criteria, "9.9"])


class Submitting(RuleBasedStateMachine):
    """One submission, people with several roles, and a clock; what its process, the provider and operations try with it."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOON
        self.case = Submission()
        self.happened: list[tuple[e.SubmissionEvent, Submission, datetime]] = []
        self.people: dict[str, Person] = {name: member(name, *roles) for name, roles in CAST.items()}
        self.people["lea"] = given.conflicted(replace(self.people["lea"], id=LEAD))
        self.meeting = Meeting()
        self.meetings = 0

    # -- how a command is tried ---------------------------------------------------------------------------------------

    def attempt(self, decide: Callable[[], Sequence[e.SubmissionEvent]], by: str | None = None) -> bool:
        """Try a command, on behalf of a person if one is named; say whether it came to anything."""
        before = self.case
        try:
            events = decide()
        except Refused as refusal:
            assert self.case is before
            given.says_all(refusal)
            return False
        for event in events:
            self.happened.append((event, self.case, self.now))
            self.case = evolve(self.case, event)
        if events and by:
            assert PROVIDER not in self.people[by].conflicts, f"{by} has a conflict, and yet {events}"
        if events:
            assert decide() == [], "the same command again changes nothing"
        return bool(events)

    def changes(self, name: str, events: Sequence[people.PersonEvent]) -> None:
        self.people[name] = fold(people.evolve, self.people[name], events)

    def sits(self, by: str) -> dict[str, Any]:
        panel = self.case.moderation.panel if self.case.moderation else self.meeting.panel
        members = [one for one in self.people.values() if one.id in panel]
        return {"by": self.people[by], "panel": members, "scheme": SCHEME, "at": self.now}

    # -- time and people ----------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([0, 1, 3, 8, 15, 40, 370]), seconds=st.integers(-1, 1))
    def time_passes(self, days: int, seconds: int) -> None:
        self.now = max(self.now, self.now + days * DAY + seconds * SECOND)

    @precondition(lambda self: self.case.clock)
    @rule(seconds=st.integers(-1, 1))
    def a_deadline_comes(self, seconds: int) -> None:
        assert self.case.clock
        self.now = max(self.now, self.case.clock.due_at + seconds * SECOND)

    @rule(name=NAMES, often=st.integers(0, 5))
    def someone_declares_a_conflict(self, name: str, often: int) -> None:
        if not often:  # seldom, or soon nobody is left
            self.changes(name, people.declare_conflict(self.people[name], provider=PROVIDER, kind="advised"))

    @rule(name=NAMES, often=st.integers(0, 5))
    def someones_role_ends(self, name: str, often: int) -> None:
        if not often:
            role = CAST[name][0]
            self.changes(name, people.end_role(self.people[name], role=role, scheme=SCHEME.id))

    # -- the process --------------------------------------------------------------------------------------------------

    @rule()
    def its_process_does_what_is_owed_or_due(self) -> None:
        due = due_next(self.case, at=self.now)
        step = owed(self.case) or (due.step if due and due.at <= self.now else None)
        if step:
            assert self.take(step), f"{step} did nothing when it was its turn"

    @rule(step=st.sampled_from(["start_preparation", "lapse", "remind", "miss_deadline", "start_screening",
        "take_back", "open_final_review", "release_result"]))  # fmt: skip
    def its_process_is_early_or_late(self, step: str) -> None:
        self.take(step)

    def take(self, step: str) -> bool:
        at = self.now
        match step:
            case "start_preparation":
                return self.attempt(lambda: preparation.start_preparation(self.case))
            case "start_screening":
                return self.attempt(lambda: preparation.start_screening(self.case, scheme=SCHEME, at=at))
            case "assign_assessor":
                return self.assign()
            case "release_result":
                return self.attempt(lambda: decision.release_result(self.case))
            case "remind":
                return self.attempt(lambda: clocks.remind(self.case, at=at))
            case "miss_deadline":
                return self.attempt(lambda: clocks.miss_deadline(self.case, at=at))
            case "lapse":
                return self.attempt(lambda: preparation.lapse(self.case, at=at))
            case "take_back":
                return self.ends_work(lambda: assessment.take_back(self.case, reason="not-answered", at=at))
            case _:
                return self.attempt(lambda: moderation.open_final_review(self.case, scheme=SCHEME, at=at))

    def assign(self) -> bool:
        pool = list(self.people.values())
        before = self.case.assessor
        done = self.attempt(lambda: assessment.assign(self.case, scheme=SCHEME, assessors=pool, at=self.now)[0])
        if self.case.assessor and not before:
            [name] = [one for one, person in self.people.items() if person.id == self.case.assessor]
            assert PROVIDER not in self.people[name].conflicts
            taken = people.take_work(
                self.people[name],
                submission=CASE,
                window=assessment.round_of(self.case),
                capacity=SCHEME.assessor_capacity,
            )
            self.changes(name, taken)
        return done

    def ends_work(self, decide: Callable[[], Sequence[e.SubmissionEvent]]) -> bool:
        assessor = self.case.assessor
        done = self.attempt(decide)
        if done:
            [name] = [one for one, person in self.people.items() if person.id == assessor]
            self.changes(name, people.release_work(self.people[name], submission=CASE, reason="declined"))
        return done

    # -- the provider and operations ----------------------------------------------------------------------------------

    def pays_and_passes(self) -> None:
        for kind in ("registration", "submission"):
            self.a_fee_is_paid_or_waived(kind, waived=False, short=False)
        self.screens("pass")

    @rule(saying=st.sampled_from(["We do", "We would"]), some=st.integers(0, 4), late=st.booleans())
    def submits(self, saying: str, some: int, late: bool) -> None:
        whole = given.answers(saying=saying)[: some or 3]
        said = {"window": WINDOW, "late": late, "answers": whole, "evidence": given.files(), "at": self.now}
        self.attempt(lambda: preparation.submit(self.case, by=LEAD, scheme=SCHEME, **said))

    @rule(kind=st.sampled_from(["registration", "submission", "bribe"]), waived=st.booleans(), short=st.booleans())
    def a_fee_is_paid_or_waived(self, kind: str, waived: bool, short: bool) -> None:
        amount = self.case.charges.get(kind, 1) - short
        if waived:
            self.attempt(lambda: preparation.waive_fee(self.case, kind=kind, reason=text("small")))
        else:
            self.attempt(lambda: preparation.pay_fee(self.case, kind=kind, amount=amount))

    @rule(days=st.integers(-10, 60))
    def more_time_is_granted(self, days: int) -> None:
        limit = self.case.clock.due_at if self.case.clock else self.now
        said = {"until": max(limit, self.now) + days * DAY, "reason": text("ill"), "scheme": SCHEME, "at": self.now}
        self.attempt(lambda: preparation.extend_preparation(self.case, **said))

    @rule(days=st.integers(-1, 20))
    def a_deadline_is_moved(self, days: int) -> None:
        due_at = self.case.clock.due_at if self.case.clock else self.now
        said = {"until": due_at + days * DAY, "reason": text("ill"), "scheme": SCHEME, "at": self.now}
        self.attempt(lambda: clocks.extend_deadline(self.case, **said))

    @rule(what=st.sampled_from([*["pass"] * 6, "return", "ineligible"]))
    def screens(self, what: str) -> None:
        match what:
            case "pass":
                self.attempt(lambda: preparation.pass_screening(self.case))
            case "return":
                said = {"reason": text("a page"), "scheme": SCHEME, "at": self.now}
                self.attempt(lambda: preparation.return_portfolio(self.case, **said))
            case _:
                self.attempt(lambda: preparation.find_ineligible(self.case, reason=text("first aid")))

    @rule(by=st.sampled_from([LEAD, LEAD, "person-other"]), often=st.integers(0, 9))
    def withdraws(self, by: str, often: int) -> None:
        if not often:
            self.attempt(lambda: preparation.withdraw(self.case, by=by, reason=text("no time")))

    @rule(
        criteria=st.lists(CRITERIA, max_size=3), say=st.sampled_from(["This", "That"]), by=st.sampled_from([LEAD, "x"])
    )
    def answers_the_panel(self, criteria: list[str], say: str, by: str) -> None:
        said = {"answers": given.answers(criteria or self.case.asked, say), "evidence": [], "at": self.now}
        self.attempt(lambda: moderation.provide_evidence(self.case, by=by, scheme=SCHEME, **said))
