"""Who finds no place in a window has the first claim on the next one, whenever that is announced, and loses no time."""

from datetime import timedelta
from functools import partial

import pytest

from domain.refusals import Refused
from domain.submission.side_events import LimitMoved, LimitStopped
from domain.window import PlaceFreed, PlaceRefused, PlaceReserved, ReservationEnded, WindowExtendedFor
from services import preparation, screening, windows
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.test_at_once import at_once

DAY = timedelta(days=1)


def full_window(body: Body) -> str:
    """A window whose one place is taken."""
    window = factories.schedule_window(body, capacity=1)
    factories.submit(body, factories.register(body), window)
    return window


def refused_one(body: Body, window: str) -> str:
    """A case that came when all places were taken."""
    case = factories.register(body)
    factories.settle(body, case)
    with refused("window-capacity", field="window", match="first claim"):
        factories.submit(body, case, window)
    return case


def test_a_place_is_kept_in_the_window_that_is_announced_already_and_the_limit_lasts_as_long(body: Body, clock: Clock):
    window = full_window(body)
    coming = factories.schedule_window(body, opens_in=400 * DAY, lasts=30 * DAY, capacity=1)

    case = refused_one(body, window)

    assert body.events(window, PlaceRefused) == [PlaceRefused(submission=case)]
    assert body.events(coming, PlaceReserved) == [PlaceReserved(submission=case)]
    assert body.events(case, LimitMoved)[0].window == coming
    assert body.submission(case).clock.due_at == body.state(coming).closes_at  # type: ignore[union-attr]
    clock.comes_to(body.state(coming).opens_at)
    with refused("window-capacity"):
        factories.submit(body, factories.register(body), coming)
    factories.submit(body, case, coming)
    assert body.submission(case).portfolio.window == coming  # type: ignore[union-attr]


def test_with_no_window_to_come_the_limit_stands_still_until_one_is_scheduled_which_keeps_the_place(
    body: Body, clock: Clock
):
    window = full_window(body)
    case, second = refused_one(body, window), refused_one(body, window)
    clock.passes(days=700)
    assert body.submission(case).clock is None
    assert body.by(preparation.lapse, case, "process", case=case).events == {}

    one = factories.schedule_window(body, opens_in=10 * DAY, lasts=600 * DAY, capacity=1)
    assert body.events(one, PlaceReserved) == [PlaceReserved(submission=case)]  # who came first
    other = factories.schedule_window(body, opens_in=20 * DAY, lasts=600 * DAY)
    assert body.events(other, PlaceReserved) == []  # where there is no limit none need be kept

    for held, where in ((case, one), (second, other)):
        assert len(body.events(held, LimitStopped)) == 1
        assert [moved.window for moved in body.events(held, LimitMoved)] == [where]
        assert body.submission(held).clock.due_at == body.state(where).closes_at  # type: ignore[union-attr]


def test_the_limit_lasts_through_the_grace_of_the_window_that_keeps_a_place(body: Body, clock: Clock):
    window = full_window(body)
    coming = factories.schedule_window(body, opens_in=400 * DAY, lasts=30 * DAY, capacity=1, grace_seconds=600)
    case = refused_one(body, window)
    ends_at = body.state(coming).ends_at

    clock.comes_to(ends_at)

    assert body.submission(case).clock.due_at == ends_at  # type: ignore[union-attr]
    factories.submit(body, case, coming)
    assert body.submission(case).portfolio.late  # type: ignore[union-attr]


def test_who_let_a_kept_place_go_by_and_is_refused_again_has_a_claim_again(body: Body, clock: Clock):
    window = full_window(body)
    kept = factories.schedule_window(body, opens_in=10 * DAY, lasts=10 * DAY, capacity=1)
    case = refused_one(body, window)
    assert body.submission(case).claim == kept
    clock.comes_to(body.state(kept).ends_at + timedelta(days=1))
    full = full_window(body)
    later = factories.schedule_window(body, opens_in=30 * DAY, capacity=1)

    with refused("window-capacity"):
        factories.submit(body, case, full)

    assert body.submission(case).claim == later
    assert body.state(later).reserved == {case}


def test_one_place_at_a_time_is_kept_for_a_case_whichever_window_closes_later(body: Body, clock: Clock):
    window = full_window(body)
    gone = factories.schedule_window(body, opens_in=10 * DAY, lasts=10 * DAY, capacity=1)
    case = refused_one(body, window)
    clock.comes_to(body.state(gone).ends_at + timedelta(days=1))
    full = full_window(body)
    later = factories.schedule_window(body, opens_in=30 * DAY, capacity=1)
    with refused("window-capacity"):
        factories.submit(body, case, full)
    assert body.state(later).reserved == {case}
    assert body.state(gone).reserved == frozenset()

    closes_at = clock() + 3 * DAY
    body.by_officer(windows.extend_window, id=gone, closes_at=closes_at, reason="The line was down.")
    factories.submit(body, case, gone)

    assert body.state(later).reserved == frozenset()
    assert body.state(later).room == 1


def test_where_a_place_is_kept_a_window_extended_for_one_moves_their_limit_too(body: Body):
    window = full_window(body)
    coming = factories.schedule_window(body, opens_in=400 * DAY, lasts=30 * DAY, capacity=1)
    case = refused_one(body, window)
    later = body.state(coming).closes_at + 2 * DAY

    body.by_officer(windows.extend_window_for, id=coming, case=case, closes_at=later, reason="They were ill.")

    assert body.submission(case).clock.due_at == later  # type: ignore[union-attr]


def test_a_refusal_repeated_is_one_claim(body: Body):
    window = full_window(body)
    case = factories.register(body)
    command = body.command(body.submission(case).registration.lead_contact, "provider")
    criteria = body.submission(case).registration.criteria
    said = {"answers": dict.fromkeys(criteria, "So."), "evidence": factories.uploaded(body, case, criteria)}

    for _ in range(2):
        with refused("window-capacity"):
            preparation.submit_portfolio(body.office, command, case=case, window_id=window, **said)
    with refused("window-capacity"):
        factories.submit(body, case, window)

    assert len(body.events(window, PlaceRefused)) == len(body.events(case, LimitStopped)) == 1


def test_who_withdraws_or_comes_elsewhere_leaves_the_place_to_others(body: Body):
    window = full_window(body)
    coming = factories.schedule_window(body, opens_in=30 * DAY, capacity=2)
    gone, elsewhere = refused_one(body, window), refused_one(body, window)
    assert body.state(coming).reserved == {gone, elsewhere}
    free = factories.schedule_window(body, lasts=20 * DAY)
    body.by_contact(preparation.withdraw, gone, reason="No time")
    factories.submit(body, elsewhere, free)

    assert {one.submission for one in body.events(coming, ReservationEnded)} == {gone, elsewhere}
    assert body.state(coming).reserved == frozenset()


@pytest.mark.parametrize("how", ["withdrawn", "ineligible"])
def test_a_place_is_free_again_when_who_had_it_ends_while_the_window_is_open(body: Body, how: str):
    window = factories.schedule_window(body, capacity=1)
    first, second = factories.register(body), factories.register(body)
    factories.submit(body, first, window)
    factories.settle(body, first)

    if how == "withdrawn":
        body.by_contact(preparation.withdraw, first, reason="No time")
    else:
        body.by_officer(screening.find_ineligible, case=first, reason="Statutory training.")

    assert body.events(window, PlaceFreed) == [PlaceFreed(submission=first)]
    factories.submit(body, second, window)
    assert body.state(window).places == {second}


def test_no_place_is_freed_in_a_window_that_is_over_or_has_no_limit(body: Body, clock: Clock):
    limited, free = factories.schedule_window(body, capacity=1), factories.schedule_window(body)
    one, other = factories.register(body), factories.register(body)
    factories.submit(body, one, limited)
    factories.submit(body, other, free)
    body.by_contact(preparation.withdraw, other, reason="No time")
    clock.comes_to(body.state(limited).ends_at + timedelta(seconds=1))

    body.by_contact(preparation.withdraw, one, reason="No time")

    assert body.events(limited, PlaceFreed) == body.events(free, PlaceFreed) == []
    assert body.state(limited).places == {one}


def test_when_the_window_that_keeps_a_place_closes_later_so_does_the_limit(body: Body):
    window = full_window(body)
    coming = factories.schedule_window(body, opens_in=400 * DAY, lasts=30 * DAY, capacity=1)
    case = refused_one(body, window)
    later = body.state(coming).closes_at + 9 * DAY

    body.by_officer(windows.extend_window, id=coming, closes_at=later, reason="The line was down.")

    assert body.submission(case).clock.due_at == later  # type: ignore[union-attr]


def test_a_window_is_extended_for_one_case_with_a_reason(body: Body, clock: Clock):
    window = factories.schedule_window(body, lasts=DAY)
    case, other = factories.register(body), factories.register(body)
    later = body.state(window).closes_at + 2 * DAY
    said = {"id": window, "case": case, "closes_at": later, "reason": "The line was down."}

    body.by_officer(windows.extend_window_for, **said)
    body.by_officer(windows.extend_window_for, **said)

    assert len(body.events(window, WindowExtendedFor)) == 1
    clock.comes_to(later)
    with refused("window-open"):
        factories.submit(body, other, window)
    factories.submit(body, case, window)
    assert body.submission(case).portfolio.late is False  # type: ignore[union-attr]
    with refused("acting-role"):
        body.by_contact(windows.extend_window_for, case, id=window, closes_at=later, reason="Why")


def test_a_window_scheduled_while_people_are_refused_keeps_a_place_for_each_of_them(body: Body):
    window = full_window(body)
    cases = [factories.register(body) for _ in range(6)]

    came = at_once(
        *(partial(factories.submit, body, case, window) for case in cases),
        lambda: factories.schedule_window(body, opens_in=DAY, capacity=10),
    )

    assert sum(isinstance(one, Refused) for one in came) == 6
    [coming] = [one for one in came if isinstance(one, str)]
    assert body.state(coming).reserved == set(cases)
    assert not any(body.submission(case).clock is None for case in cases)
