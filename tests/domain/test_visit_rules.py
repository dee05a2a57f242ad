"""Whatever anyone tries on the booked route, in any order, dates, previews and visits keep their rules."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.clocks import DeadlineMissed
from domain.person import Person
from domain.refusals import Refused
from domain.submission import assessment, booking, clocks, preparation, visits
from domain.submission import events as e
from domain.submission import visit_events as v
from domain.submission.process import due_next, owed
from domain.submission.state import Stage, Submission, evolve
from tests.domain import given
from tests.domain.given import ADA, BEN, DAY, LEAD, NOON, SECOND, fold, text
from tests.domain.test_visits import ROUTE, SCHEME

WHO = st.sampled_from([ADA, BEN])
AHEAD = st.sampled_from([1, 20, 30, 31, 60, 100, 300, 390])
PREPARING = (Stage.REGISTERED, Stage.PREPARING)


class VisitRules(RuleBasedStateMachine):
    """One submission on the booked route, two assessors, and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOON
        self.case = given.registered()
        self.happened: list[tuple[e.SubmissionEvent, Submission, datetime]] = []

    def attempt(self, decide: Callable[[], Sequence[e.SubmissionEvent]]) -> bool:
        try:
            events = decide()
        except Refused as refusal:
            given.says_all(refusal)
            return False
        for event in events:
            self.happened.append((event, self.case, self.now))
            self.case = evolve(self.case, event)
        if events:
            assert decide() == [], "the same command again changes nothing"
        return bool(events)

    @property
    def assessor(self) -> Person:
        return ADA if self.case.assessor == ADA.id else BEN

    @initialize(far=st.integers(0, 10), weak=st.integers(0, 2))
    def it_gets_so_far(self, far: int, weak: int) -> None:
        way: list[Callable[[], object]] = [
            self.its_process_does_what_is_owed_or_due,
            lambda: self.a_date_is_booked(60, provisional=False, seconds=0),
            lambda: self.it_is_submitted_and_screened("We do"),
            self.its_process_does_what_is_owed_or_due,
            lambda: self.someone_assesses(self.assessor, "accept"),
            lambda: self.someone_previews(weak == 0, 300, 100),
            lambda: self.an_instant_comes(0, date=True),
            lambda: self.someone_agrees_and_visits(self.assessor),
            lambda: self.someone_assesses(self.assessor, "judge"),
            lambda: self.someone_assesses(self.assessor, "complete"),
        ]
        for go in way[:far]:
            go()

    @rule(days=st.sampled_from([0, 1, 3, 8, 15, 40]))
    def time_passes(self, days: int) -> None:
        self.now += days * DAY

    @precondition(lambda self: self.case.clock or self.case.visit_at)
    @rule(seconds=st.integers(-1, 1), date=st.booleans())
    def an_instant_comes(self, seconds: int, date: bool) -> None:
        moment = self.case.visit_at if date else self.case.clock and self.case.clock.due_at
        if moment:
            self.now = max(self.now, moment + seconds * SECOND)

    @rule()
    def its_process_does_what_is_owed_or_due(self) -> None:
        due = due_next(self.case, at=self.now)
        step = owed(self.case) or (due.step if due and due.at <= self.now else None)
        if step:
            assert self.take(step), f"{step} did nothing when it was its turn"

    def take(self, step: str) -> bool:
        case, at = self.case, self.now
        decisions: dict[str, Callable[[], Sequence[e.SubmissionEvent]]] = {
            "start_preparation": lambda: preparation.start_preparation(self.case),
            "start_screening": lambda: preparation.start_screening(self.case, scheme=SCHEME, at=at),
            "assign_assessor": lambda: assessment.assign(self.case, scheme=SCHEME, assessors=[ADA, BEN], at=at)[0],
            "take_back": lambda: assessment.take_back(self.case, reason="not-answered", at=at),
            "remind": lambda: clocks.remind(self.case, at=at),
            "miss_deadline": lambda: clocks.miss_deadline(self.case, at=at),
            "lapse": lambda: preparation.lapse(self.case, at=at),
            "give_up_date": lambda: booking.give_up(self.case, at=at),
        }
        assert case is self.case
        return self.attempt(decisions[step])

    @rule(days=AHEAD, provisional=st.booleans(), seconds=st.integers(-1, 1))
    def a_date_is_booked(self, days: int, provisional: bool, seconds: int) -> None:
        said = {"visit_at": self.now + days * DAY + seconds * SECOND, "provisional": provisional}
        self.attempt(lambda: booking.book(self.case, scheme=SCHEME, at=self.now, **said))

    @precondition(lambda self: self.case.provisional)
    @rule()
    def the_date_is_confirmed(self) -> None:
        date = self.case.visit_at
        if date:
            self.attempt(lambda: booking.book(self.case, visit_at=date, scheme=SCHEME, at=self.now))

    @rule(saying=st.sampled_from(["We do", "We would"]))
    def it_is_submitted_and_screened(self, saying: str) -> None:
        said = {"scheme": SCHEME, "at": self.now, "answers": given.answers(saying=saying), "evidence": []}
        if self.attempt(lambda: preparation.submit(self.case, by=LEAD, window="", late=False, **said)):
            self.case = given.paid(self.case)
            self.attempt(lambda: preparation.pass_screening(self.case))

    @rule(days=st.integers(1, 400))
    def more_time_is_granted(self, days: int) -> None:
        said = {"until": self.now + days * DAY, "reason": text("ill"), "scheme": SCHEME, "at": self.now}
        self.attempt(lambda: preparation.extend_preparation(self.case, **said))

    @rule(by=WHO, what=st.sampled_from(["accept", "accept", "decline", "judge", "complete"]))
    def someone_assesses(self, by: Person, what: str) -> None:
        match what:
            case "accept":
                self.attempt(lambda: assessment.accept(self.case, by=by, scheme=SCHEME, at=self.now))
            case "decline":
                self.attempt(lambda: assessment.decline(self.case, by=by))
            case "judge":
                whole = {
                    code: assessment.Finding(level="high", reason=text(code))
                    for code in self.case.registration.criteria
                }
                self.attempt(lambda: assessment.judge(self.case, by=by, scheme=SCHEME, findings=whole))
            case _:
                said = {"scheme": SCHEME, "minutes_spent": 60, "at": self.now}
                self.attempt(lambda: assessment.complete(self.case, by=by, **said))

    @rule(weak=st.booleans(), days=st.integers(1, 800), date=st.none() | AHEAD)
    def someone_previews(self, weak: bool, days: int, date: int | None) -> None:
        if not weak:
            self.attempt(lambda: visits.pass_preview(self.case, scheme=SCHEME, at=self.now))
            return
        said = {"until": self.now + days * DAY, "visit_at": self.now + date * DAY if date else None}
        self.attempt(lambda: visits.alert(self.case, reason=text("thin"), scheme=SCHEME, at=self.now, **said))

    @rule(by=WHO)
    def someone_agrees_and_visits(self, by: Person) -> None:
        groups = ROUTE.people_to_meet
        self.attempt(lambda: visits.agree_people(self.case, groups=groups, missing={}, scheme=SCHEME))
        said = {"met": groups[:1], "minutes_spent": 60, "recommendation": None, "scheme": SCHEME, "at": self.now}
        self.attempt(lambda: visits.hold(self.case, by=by, **said))

    # -- what holds everywhere ----------------------------------------------------------------------------------------

    @invariant()
    def a_portfolio_came_for_a_booked_date_in_time(self) -> None:
        for event, before, at in self.happened:
            if isinstance(event, e.PortfolioSubmitted):
                assert before.visit_at
                assert not before.provisional
                assert at <= booking.portfolio_due(SCHEME, before.visit_at)

    @invariant()
    def a_visit_was_on_its_date_after_a_preview_by_who_had_the_case(self) -> None:
        for event, before, at in self.happened:
            if isinstance(event, v.VisitHeld):
                assert before.visit_at
                assert before.visit_at <= at
                assert before.previewed
                assert before.to_meet
                assert (event.assessor, True) == (before.assessor, before.accepted)

    @invariant()
    def nothing_was_complete_without_a_visit_by_its_assessor(self) -> None:
        if self.case.assessed:
            assert self.case.visit
            assert self.case.visit.assessor == self.case.assessor

    @invariant()
    def the_limit_is_never_passed_by_the_date_of_a_portfolio(self) -> None:
        if self.case.stage in PREPARING and self.case.clock and self.case.clock.rule == booking.PORTFOLIO:
            assert self.case.visit_at
            assert self.case.limit
            assert self.case.clock.due_at == booking.portfolio_due(SCHEME, self.case.visit_at)
            assert self.case.clock.due_at <= self.case.limit.due_at

    @invariant()
    def what_is_left_to_its_provider_ends_by_its_limit_at_the_latest(self) -> None:
        if self.case.stage in PREPARING:
            assert self.case.clock
            assert self.case.clock.rule in {booking.PORTFOLIO, "submit-within"}

    @invariant()
    def a_deadline_is_told_once(self) -> None:
        told = [(event.rule, event.due_at) for event, _, _ in self.happened if isinstance(event, DeadlineMissed)]
        assert len(told) == len(set(told))

    @invariant()
    def the_state_is_what_the_events_make(self) -> None:
        again = fold(evolve, given.registered(), [event for event, _, _ in self.happened])
        assert (again.stage, again.clock, again.visit_at, again.limit) == (
            self.case.stage,
            self.case.clock,
            self.case.visit_at,
            self.case.limit,
        )


TestVisitRules = VisitRules.TestCase
TestVisitRules.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=timedelta(seconds=5), print_blob=True
)
