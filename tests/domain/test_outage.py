"""Thirty days down: no reminder is lost, none doubled by any restart, none sent for what moved on meanwhile.

A process is down over the thirty days and starts again as often as it likes after. It keeps nothing of its own: each time
it folds the record, and takes the steps that time then calls for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import accreditation
from domain.accreditation import Accreditation, confirmation
from domain.accreditation import award as awards
from domain.clocks import Deadline, Due, Duration, ReminderSent, reminder_key
from domain.submission import clocks, preparation, process
from domain.submission import state as submission
from tests.domain import given as stages
from tests.domain.awards import YEARLY, awarded, end, renewing
from tests.domain.given import DAY, NOON, SCHEME, fold, text, utc

DOWN = 30 * DAY


@dataclass(slots=True)
class Case:
    """A case that its process alone drives: its state, what it sent, and whether its clock came to its end."""

    state: Any
    evolve: Callable[[Any, Any], Any]
    due_next: Callable[..., Due | None]
    steps: dict[str, Callable[[Any, datetime], list[Any]]]
    sent: list[tuple[datetime, ReminderSent]] = field(default_factory=list)
    ended: str = ""

    def run(self, since: datetime, until: datetime) -> None:
        """The process runs from `since` to `until`, and takes each step twice, as after a crash before it knew."""
        at = since
        while not self.ended and (due := self.due_next(self.state, at=at)) and max(at, due.at) < until:
            at = max(at, due.at)
            if due.step not in self.steps:
                self.ended = due.step
                return
            events = self.steps[due.step](self.state, at)
            assert events, f"{due.step} did nothing: a process would try for ever"
            self.does(events)
            assert self.steps[due.step](self.state, at) == []
            self.sent += [(at, one) for one in events if isinstance(one, ReminderSent)]

    def does(self, events: Iterable[Any]) -> None:
        self.state = fold(self.evolve, self.state, events)


def of_submission(stage: str) -> Case:
    steps = {"remind": lambda case, at: clocks.remind(case, at=at)}
    return Case(stages.STAGES[stage](), submission.evolve, process.due_next, steps)


def of_award(award: Accreditation) -> Case:
    steps = {
        "remind_of_end": lambda held, at: awards.remind(held, at=at, last_window=None),
        "remind_to_confirm": lambda held, at: confirmation.remind_to_confirm(held, at=at),
        "miss_confirmation": lambda held, at: confirmation.miss_confirmation(held, at=at),
        "ask_confirmation": lambda held, at: confirmation.ask_confirmation(held, scheme=YEARLY, at=at),
    }
    return Case(award, accreditation.evolve, accreditation.due_next, steps)


CASES: dict[str, Callable[[], Case]] = {
    "a programme in preparation": lambda: of_submission("preparing"),
    "an assessment": lambda: of_submission("accepted"),
    "a request for evidence": lambda: of_submission("asked"),
    "an award": lambda: of_award(awarded()),
    "an award with a year to confirm": lambda: of_award(awarded(scheme=YEARLY)),
}


def clock_of(case: Case) -> Deadline:
    clock: Deadline | None = case.state.clock
    assert clock
    return clock


def check(case: Case, clock: Deadline, down: datetime, up: datetime) -> None:
    """What holds of the reminders of `clock`, whatever happened."""
    own = [(at, one) for at, one in case.sent if (one.rule, one.due_at) == (clock.rule, clock.due_at)]
    assert len({reminder_key(one) for _, one in own}) == len(own), "one was doubled"
    assert all(one.planned_for <= at < one.due_at for at, one in own), "one was early, or of no use any more"
    assert all(not down <= at < up for at, _ in own)
    assert sum(at == up for at, _ in own) <= 1, "a backlog was sent"
    if up < clock.due_at:
        dealt_with = len(own) + sum(one.overtaken for _, one in own)
        assert dealt_with == len(clock.remind_at), "one was lost"
        assert not clock.remind_at or own[-1][1].planned_for == clock.remind_at[-1]
    else:
        assert all(at < down for at, _ in own)


@pytest.mark.parametrize("name", CASES)
@given(before_due=st.integers(-10 * 24, 400 * 24), restarts=st.lists(st.integers(0, 40 * 24), max_size=5))
@settings(max_examples=60)
def test_none_is_lost_or_doubled_whenever_it_falls_and_however_often_all_starts_again(
    name: str, before_due: int, restarts: list[int]
):
    case = CASES[name]()
    clock = clock_of(case)
    begin = min(NOON, clock.due_at - 400 * DAY)
    down = max(begin, clock.due_at - timedelta(hours=before_due) - DOWN)
    up = down + DOWN

    case.run(begin, until=down)
    moments = [up, *sorted(up + timedelta(hours=one) for one in restarts), clock.due_at + 60 * DAY]
    for since, until in pairwise(moments):
        case.run(since, until)

    check(case, clock, down, up)


def test_three_reminders_that_it_held_up_are_one_with_the_true_time_left():
    often = tuple(map(Duration.parse, ("P30D", "P20D", "P10D")))
    case = of_award(awarded(scheme=replace(SCHEME, clocks=replace(SCHEME.clocks, remind_validity=often))))
    due_at = clock_of(case).due_at

    case.run(due_at - 35 * DAY + DOWN, until=due_at)

    [(at, one)] = case.sent
    assert (one.planned_for, one.overtaken, one.due_at - at) == (due_at - 10 * DAY, 2, 5 * DAY)


MOVES: dict[str, Callable[[Any, datetime], list[Any]]] = {
    "was handed in": lambda case, at: preparation.submit(case, **stages.portfolio(case, at=at)),
    "was withdrawn": lambda case, _: preparation.withdraw(case, by=stages.LEAD, reason=text("no time")),
    "was given more time": lambda case, at: preparation.extend_preparation(
        case, reason=text("ill"), until=utc("2028-01-01 12:00"), scheme=SCHEME, at=at
    ),
}


@pytest.mark.parametrize("how", MOVES)
def test_none_goes_out_for_a_submission_that_moved_on_meanwhile(how: str):
    case = of_submission("preparing")
    clock = clock_of(case)
    down = clock.remind_at[0] - DAY
    case.run(NOON, until=down)

    case.does(MOVES[how](case.state, down + 5 * DAY))
    case.run(down + DOWN, until=clock.due_at + 300 * DAY)

    assert [one for _, one in case.sent if one.due_at == clock.due_at] == []


def test_none_of_its_old_end_goes_out_for_an_award_that_was_earned_again_meanwhile():
    case = of_award(awarded())
    clock = clock_of(case)
    down = clock.remind_at[-1] - DAY
    case.run(NOON, until=down)
    before = len(case.sent)

    case.does(awards.renew(case.state, **renewing(down + 5 * DAY)))
    case.run(down + DOWN, until=clock.due_at + DAY)

    assert end(case.state) > clock.due_at
    assert [one for _, one in case.sent[before:] if one.due_at == clock.due_at] == []
