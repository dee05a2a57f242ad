"""Whatever happens to an award, in any order: what is valid when follows from what was decided, and nothing contradicts it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain import tasks
from domain.accreditation import (
    AccreditationEvent,
    AccreditationLapsed,
    AwardAnnulled,
    WithdrawalLifted,
    YearConfirmed,
    concerns,
    confirmation,
    due_next,
    evolve,
    remedy,
)
from domain.accreditation import award as awards
from domain.award import AwardLevel
from domain.clocks import Duration
from domain.refusals import Refused
from tests.domain.awards import LEVELS, RAY, YEARLY, awarded, renewing
from tests.domain.given import CASE, NOON, fold, says_all, text

RULES = replace(
    LEVELS,
    annual=YEARLY.annual,
    extension=Duration.parse("P6M"),
    awards=(
        LEVELS.awards[0],
        AwardLevel(name="silver", form="every-criterion-at-least", level="middle"),
        LEVELS.awards[1],
    ),
)
CONCERNS = st.sampled_from(["concern-a", "concern-b"])
SUBMISSIONS = st.sampled_from(["submission-b", "submission-c", "submission-d"])
NAMES = st.sampled_from([one.name for one in RULES.awards])
APPEALS = st.sampled_from(["appeal-a", "appeal-b", "appeal-c"])


class AwardMachine(RuleBasedStateMachine):
    """An award to which people and time do what they can."""

    def __init__(self) -> None:
        super().__init__()
        self.award = awarded(scheme=RULES, level="silver")
        self.at = NOON
        self.happened: list[AccreditationEvent] = []
        self.seen: list[tuple[datetime, bool, str | None]] = []

    def does(self, decide: Callable[[], list[AccreditationEvent]], *, twice: bool = True) -> None:
        """Carry out a decision; the same again changes nothing."""
        try:
            events = decide()
        except Refused as refusal:
            says_all(refusal)
            return
        self.award = fold(evolve, self.award, events)
        self.happened += events
        if twice:
            assert decide() == []

    @rule(days=st.integers(0, 300))
    def time_passes(self, days: int) -> None:
        self.seen.append((self.at, self.award.valid_on(self.at), self.award.level_on(self.at)))
        self.at += timedelta(days=days, seconds=1)

    @rule()
    def the_process_catches_up(self) -> None:
        steps: dict[str, Callable[[], list[AccreditationEvent]]] = {
            "remind_of_end": lambda: awards.remind(self.award, at=self.at, last_window=None),
            "start_extension": lambda: awards.start_extension(self.award, at=self.at),
            "lapse_award": lambda: awards.lapse(self.award, at=self.at),
            "ask_confirmation": lambda: confirmation.ask_confirmation(self.award, scheme=RULES, at=self.at),
            "remind_to_confirm": lambda: confirmation.remind_to_confirm(self.award, at=self.at),
            "miss_confirmation": lambda: confirmation.miss_confirmation(self.award, at=self.at),
            "miss_review": lambda: concerns.miss_review(self.award, at=self.at),
            "remind_task": lambda: list(tasks.remind(self.award, at=self.at)),
            "miss_task": lambda: list(tasks.miss(self.award, at=self.at)),
        }
        for _ in range(60):
            due = due_next(self.award, at=self.at)
            if due is None or due.at > self.at:
                return
            before = len(self.happened)
            self.does(steps[due.step], twice=due.step != "ask_confirmation")
            assert len(self.happened) > before, f"{due.step} did nothing"
        raise AssertionError("the process never comes to rest")

    @rule(year=st.integers(0, 8))
    def a_year_is_confirmed(self, year: int) -> None:
        self.does(lambda: confirmation.confirm_year(self.award, year=year, statement=text("yes"), at=self.at))

    @rule(concern=CONCERNS)
    def a_concern_is_raised(self, concern: str) -> None:
        said = {"text": text("why"), "scheme": RULES, "at": self.at}
        self.does(lambda: concerns.raise_concern(self.award, id=concern, raised_by=None, reachable=True, **said))

    @rule(concern=CONCERNS)
    def a_review_is_opened(self, concern: str) -> None:
        said = {"concern": concern, "reviewer": RAY, "took_part": (), "scheme": RULES, "at": self.at}
        self.does(lambda: concerns.open_review(self.award, **said))

    @rule(concern=CONCERNS, finding=st.sampled_from(concerns.FINDINGS), level=NAMES)
    def a_review_is_concluded(self, concern: str, finding: str, level: str) -> None:
        if finding == "withdraw" and level != "gold":  # less often, or little else would happen
            return
        said = {"by": RAY, "finding": finding, "reason": text("why"), "level": level, "scheme": RULES, "at": self.at}
        self.does(lambda: concerns.conclude_review(self.award, concern=concern, **said))

    @rule(submission=SUBMISSIONS)
    def a_reaccreditation_is_submitted(self, submission: str) -> None:
        said = {"submission": submission, "scheme": RULES, "at": self.at}
        self.does(lambda: awards.submit_reaccreditation(self.award, **said))

    @rule(submission=SUBMISSIONS)
    def a_reaccreditation_ends(self, submission: str) -> None:
        said = {"submission": submission, "outcome": "not_awarded", "at": self.at}
        self.does(lambda: awards.end_reaccreditation(self.award, **said))

    @rule(submission=SUBMISSIONS, level=NAMES, upgrade=st.booleans())
    def it_is_earned_again(self, submission: str, level: str, upgrade: bool) -> None:
        said = {**renewing(self.at, submission, RULES), "level": level}
        earn = awards.upgrade if upgrade else awards.renew
        self.does(lambda: earn(self.award, **said))

    @rule(submission=SUBMISSIONS | st.just(CASE), level=NAMES | st.none(), appeal=APPEALS)
    def what_earned_it_comes_to_another_result(self, submission: str, level: str | None, appeal: str) -> None:
        said = {"strengths": ("1.1",), "scheme": RULES, "decided_at": self.at, "noted_at": self.at}
        self.does(lambda: remedy.follow_result(self.award, submission=submission, appeal=appeal, level=level, **said))

    @rule(concern=CONCERNS, appeal=APPEALS)
    def a_finding_is_replaced(self, concern: str, appeal: str) -> None:
        said = {"concern": concern, "appeal": appeal, "reason": text("so"), "scheme": RULES, "at": self.at}
        self.does(lambda: remedy.replace_review(self.award, **said))

    @rule(submission=SUBMISSIONS, appeal=APPEALS)
    def a_reaccreditation_is_judged_again(self, submission: str, appeal: str) -> None:
        self.does(lambda: remedy.reopen_reaccreditation(self.award, submission=submission, appeal=appeal, at=self.at))

    @invariant()
    def periods_never_overlap(self) -> None:
        assert all(one.ends_at <= other.starts_at for one, other in pairwise(self.award.periods))
        assert all(one.starts_at < one.ends_at for one in self.award.periods)

    @invariant()
    def suspended_means_not_valid(self) -> None:
        assert not (self.award.suspended_on(self.at) and self.award.valid_on(self.at))

    @precondition(lambda self: self.award.withdrawn_at is not None)
    @invariant()
    def withdrawn_is_never_valid_again(self) -> None:
        assert self.at >= self.award.withdrawn_at
        assert not any(self.award.valid_on(self.at + timedelta(days=days)) for days in (0, 1, 400, 4000))
        assert self.award.clock is None
        assert self.award.over is not bool(self.award.tasks.running)  # who raised a concern is still to be answered
        assert self.award.tasks.running or due_next(self.award, at=self.at) is None

    @invariant()
    def what_was_valid_stays_so(self) -> None:
        assert all(
            (self.award.valid_on(at), self.award.level_on(at)) == (valid, level) for at, valid, level in self.seen
        )

    @invariant()
    def a_certificate_is_for_a_first_or_a_confirmed_year_and_there_is_one_a_year(self) -> None:
        confirmed = {one.year for one in self.happened if isinstance(one, YearConfirmed)}
        issued = [one.year for one in self.award.certificates]
        assert len(issued) == len(set(issued))
        for number in issued:
            assert self.award.years[number - 1].ask_at is None or number in confirmed

    @invariant()
    def only_what_is_earned_is_valid_from_now_on(self) -> None:
        assert all(one.submission in self.award.earned for one in self.award.periods if one.ends_at > self.at)

    @invariant()
    def a_level_is_never_above_what_was_earned(self) -> None:
        for one in self.award.periods:
            if one.ends_at > self.at:
                assert RULES.rank(one.level) <= RULES.rank(self.award.earned[one.submission].level)

    @invariant()
    def the_clock_runs_to_an_end_that_is_there(self) -> None:
        if self.award.clock is not None and not self.award.lapsed:
            assert self.award.clock.due_at in {one.ends_at for one in self.award.periods}

    @invariant()
    def lapsed_is_not_valid_and_has_no_clock(self) -> None:
        if self.award.lapsed:
            assert not self.award.valid_on(self.at)
            assert self.award.clock is None
            lapses = [one.ended_at for one in self.happened if isinstance(one, AccreditationLapsed)]
            ends = [one for one in self.happened if isinstance(one, AwardAnnulled | WithdrawalLifted)]
            assert lapses or ends
            assert all(one <= self.at for one in lapses)

    @invariant()
    def an_extension_lasts_no_longer_than_the_scheme_lets_it(self) -> None:
        for one in self.award.periods:
            if one.extension:
                assert RULES.extension
                assert one.ends_at <= RULES.calendar.after(one.starts_at, RULES.extension)


AwardMachine.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestAwardMachine = AwardMachine.TestCase
