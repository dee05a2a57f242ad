"""Who was refused for want of places does not lose time by it: the limit stands still, or moves with the next window."""

from datetime import datetime

import pytest

from domain.clocks import Due
from domain.submission import limits, preparation
from domain.submission import side_events as s
from domain.submission.process import due_next
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.given import DAY, NOON, SCHEME, STAGES, WINDOW, after, all_but, text, utc

LIMIT = utc("2027-03-02 12:00")
NEXT = "window-next"


def stopped(at: datetime = NOON + 300 * DAY) -> Submission:
    case = given.preparing()
    return after(case, limits.stop_limit(case, window=WINDOW, at=at))


def moved(case: Submission, closes_at: datetime, at: datetime = NOON + 300 * DAY) -> list[s.LimitMoved]:
    return limits.move_limit(case, window=NEXT, ends_at=closes_at, scheme=SCHEME, at=at)


def test_while_no_window_has_a_place_the_limit_stands_still_and_nothing_lapses():
    case = stopped()

    assert (case.clock, case.stage, limits.waits_for_place(case)) == (None, Stage.PREPARING, True)
    assert due_next(case, at=NOON) is None
    assert preparation.lapse(case, at=NOON + 9999 * DAY) == []
    assert limits.stop_limit(case, window=WINDOW, at=NOON) == []


def test_a_place_kept_lets_the_time_last_at_least_until_that_window_closes():
    case = after(stopped(), moved(stopped(), LIMIT + 100 * DAY))

    assert case.clock
    assert (case.clock.rule, case.clock.due_at, case.claim) == ("submit-within", LIMIT + 100 * DAY, NEXT)
    assert due_next(case, at=LIMIT + 100 * DAY) == Due(step="lapse", at=LIMIT + 100 * DAY)
    assert moved(case, LIMIT + 100 * DAY) == []
    assert moved(case, LIMIT + 101 * DAY)


def test_the_time_that_was_left_when_it_stood_still_is_not_lost():
    [later] = moved(stopped(), NOON + 310 * DAY, at=NOON + 305 * DAY)

    assert later.clock.due_at == LIMIT + 5 * DAY


def test_a_limit_that_ends_after_the_window_anyway_stays():
    [event] = moved(given.preparing(), NOON + 310 * DAY)

    assert event.clock.due_at == LIMIT


def test_an_extension_runs_also_while_a_place_is_awaited():
    case = stopped()
    more = {"until": LIMIT + DAY, "reason": text("illness"), "scheme": SCHEME, "at": NOON + 301 * DAY}
    case = after(case, preparation.extend_preparation(case, **more))

    assert case.clock
    assert limits.waits_for_place(case)


@pytest.mark.parametrize("stage", all_but("registered", "preparing"))
def test_at_any_other_stage_there_is_no_claim_and_no_limit_to_move(stage: str):
    case = STAGES[stage]()

    assert not limits.may_claim(case)
    assert not limits.waits_for_place(case)
    assert limits.stop_limit(case, window=WINDOW, at=NOON) == []
    assert moved(case, LIMIT) == []
