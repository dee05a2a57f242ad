"""A window takes submissions from its opening to its closing, to the second; grace, capacity and extensions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import places
from domain import window as windows
from domain.clocks import Due
from domain.refusals import Refused
from domain.window import PlaceFreed, PlaceTaken, Window, WindowExtended, WindowExtendedFor, evolve
from tests.domain.given import DAY, NOON, SCHEME, SECOND, WINDOW, fold, refused, text

WHY = text("The line was down")
OPENS, CLOSES = NOON + DAY, NOON + 10 * DAY
PLAN: dict[str, Any] = {
    "id": WINDOW,
    "scheme": SCHEME.id,
    "opens_at": OPENS,
    "closes_at": CLOSES,
    "grace_seconds": 600,
    "capacity": None,
}


def window(**plan: Any) -> Window:
    return fold(evolve, Window(), windows.schedule(Window(), **{**PLAN, **plan}, at=NOON))


def take(place_in: Window, at: datetime, submission: str = "submission-a") -> tuple[list[windows.WindowEvent], bool]:
    return places.take_place(place_in, submission=submission, scheme=SCHEME.id, at=at)


@pytest.mark.parametrize(
    ("plan", "rule", "field"),
    [
        ({"closes_at": OPENS}, "window-order", "closes_at"),
        ({"closes_at": OPENS - SECOND}, "window-order", "closes_at"),
        ({"opens_at": NOON - 2 * DAY, "closes_at": NOON}, "window-order", "closes_at"),
        ({"grace_seconds": -1}, "window-grace", "grace_seconds"),
        ({"grace_seconds": 86_401}, "window-grace", "grace_seconds"),
        ({"grace_seconds": 10**18}, "window-grace", "grace_seconds"),
        ({"capacity": 0}, "window-capacity", "capacity"),
        ({"capacity": -5}, "window-capacity", "capacity"),
    ],
)
def test_a_window_that_could_take_nothing_is_refused(plan: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        windows.schedule(Window(), **{**PLAN, **plan}, at=NOON)


def test_a_window_may_be_scheduled_when_it_has_already_opened():
    assert window(opens_at=NOON - DAY).opens_at == NOON - DAY


def test_a_window_that_is_scheduled_again_stays_as_it_is():
    assert windows.schedule(window(), **{**PLAN, "closes_at": CLOSES + DAY}, at=NOON) == []


@pytest.mark.parametrize(
    ("at", "late"),
    [
        (OPENS, False),
        (CLOSES, False),
        (CLOSES + SECOND, True),
        (CLOSES + timedelta(microseconds=1), True),
        (CLOSES + timedelta(seconds=600), True),
    ],
)
def test_a_submission_is_taken_from_the_opening_to_the_end_of_the_grace_which_marks_it_late(at: datetime, late: bool):
    assert take(window(), at) == ([], late)


@pytest.mark.parametrize("at", [OPENS - SECOND, CLOSES + timedelta(seconds=601), CLOSES + DAY])
def test_before_its_opening_and_after_its_grace_a_window_takes_nothing(at: datetime):
    with refused("window-open", field="window"):
        take(window(), at)


def test_without_grace_a_second_after_the_closing_is_too_late():
    assert take(window(grace_seconds=0), CLOSES) == ([], False)
    with refused("window-open"):
        take(window(grace_seconds=0), CLOSES + SECOND)


def test_what_counts_are_the_instants_not_whether_anyone_noted_them():
    noted_too_early = fold(evolve, window(), [windows.WindowClosed(closes_at=CLOSES)])

    assert take(noted_too_early, OPENS) == ([], False)
    with refused("window-open"):
        take(window(), CLOSES + DAY)


def test_a_window_of_another_scheme_takes_nothing_of_this_one():
    with refused("window-scheme", field="window", match=SCHEME.id):
        take(window(scheme="other-mark"), OPENS)


def test_a_window_that_does_not_exist_takes_nothing_and_cannot_be_extended():
    with refused("known-window", field="window"):
        take(Window(), OPENS)
    with refused("known-window", field="window"):
        windows.extend(Window(), closes_at=CLOSES, reason=WHY, at=NOON)


def test_only_a_window_with_a_limit_counts_its_places():
    assert take(window(capacity=None), OPENS)[0] == []
    assert take(window(capacity=1), OPENS)[0] == [windows.PlaceTaken(submission="submission-a")]


def test_when_all_places_are_taken_the_next_is_refused_and_told_of_its_claim():
    full = fold(evolve, window(capacity=1), take(window(capacity=1), OPENS)[0])

    with refused("window-capacity", field="window", match="first claim"):
        take(full, OPENS, "submission-b")


def test_who_has_a_place_keeps_it_and_takes_no_second_one():
    full = fold(evolve, window(capacity=1), take(window(capacity=1), OPENS)[0])

    assert take(full, OPENS + DAY) == ([], False)


def test_an_extension_lets_a_window_close_later_also_after_it_has_closed():
    closed = fold(evolve, window(), windows.close_window(window(), at=CLOSES + DAY))

    extended = fold(evolve, closed, windows.extend(closed, closes_at=CLOSES + 5 * DAY, reason=WHY, at=CLOSES + DAY))

    assert take(extended, CLOSES + 2 * DAY) == ([], False)
    assert windows.due_next(fold(evolve, extended, windows.open_window(extended, at=OPENS))) == Due(
        step="close_window", at=CLOSES + 5 * DAY + timedelta(seconds=600)
    )


@pytest.mark.parametrize(
    ("closes_at", "at"), [(CLOSES - SECOND, NOON), (CLOSES + DAY, CLOSES + DAY), (CLOSES + DAY, CLOSES + 2 * DAY)]
)
def test_an_extension_only_moves_the_closing_later_and_into_what_is_to_come(closes_at: datetime, at: datetime):
    with refused("window-extension", field="closes_at"):
        windows.extend(window(), closes_at=closes_at, reason=WHY, at=at)


def test_the_same_extension_again_changes_nothing():
    assert windows.extend(window(), closes_at=CLOSES, reason=WHY, at=NOON) == []


def test_an_extension_for_all_says_why():
    [event] = windows.extend(window(), closes_at=CLOSES + DAY, reason=WHY, at=NOON)

    assert event == WindowExtended(closes_at=CLOSES + DAY, reason=WHY)


def test_opening_and_closing_are_noted_once_and_not_before_they_come():
    planned = window()
    assert windows.open_window(planned, at=OPENS - SECOND) == []
    assert windows.close_window(planned, at=CLOSES + timedelta(seconds=599)) == []

    opened = fold(evolve, planned, windows.open_window(planned, at=OPENS))
    closed = fold(evolve, opened, windows.close_window(opened, at=CLOSES + timedelta(seconds=600)))

    assert windows.open_window(opened, at=OPENS + DAY) == []
    assert windows.close_window(closed, at=CLOSES + DAY) == []
    assert [windows.due_next(one) for one in (Window(), planned, opened, closed)] == [
        None,
        Due(step="open_window", at=OPENS),
        Due(step="close_window", at=CLOSES + timedelta(seconds=600)),
        None,
    ]


@given(
    capacity=st.integers(1, 4),
    tries=st.lists(st.tuples(st.sampled_from("abcdefg"), st.integers(-2, 14)), max_size=20),
    extend_to=st.none() | st.integers(8, 13),
)
def test_no_window_ever_takes_more_than_it_has_places_for(
    capacity: int, tries: list[tuple[str, int]], extend_to: int | None
):
    held = window(capacity=capacity, grace_seconds=0)
    latest = CLOSES
    for number, (submission, day) in enumerate(tries):
        if number == len(tries) // 2 and extend_to and NOON + extend_to * DAY > CLOSES:
            latest = NOON + extend_to * DAY
            held = fold(evolve, held, windows.extend(held, closes_at=latest, reason=WHY, at=NOON))
        at = NOON + day * DAY
        try:
            events, late = take(held, at, submission)
        except Refused:
            continue
        assert OPENS <= at <= latest
        assert not late
        held = fold(evolve, held, events)
        assert submission in held.places
        assert take(held, at, submission) == ([], False)
        assert len(held.places) <= capacity


# -- for one case, and for who found no place ----------------------------------------------------------------------------


def extended_for(held: Window, submission: str = "submission-a", days: int = 2, at: datetime = CLOSES) -> Window:
    events = windows.extend_for(held, submission=submission, closes_at=CLOSES + days * DAY, reason=WHY, at=at)
    assert events
    return fold(evolve, held, events)


def test_a_window_closes_later_for_one_submission_and_for_no_other():
    held = extended_for(window())

    assert take(held, CLOSES + 2 * DAY) == ([], False)
    assert take(held, CLOSES + 2 * DAY + SECOND) == ([], True)
    with refused("window-open"):
        take(held, CLOSES + 2 * DAY + timedelta(seconds=601))
    with refused("window-open"):
        take(held, CLOSES + DAY, "submission-b")
    assert windows.due_next(fold(evolve, held, windows.open_window(held, at=OPENS))) == windows.due_next(
        fold(evolve, window(), windows.open_window(window(), at=OPENS))
    )


def test_an_extension_for_one_only_moves_the_closing_later_and_the_same_again_changes_nothing():
    said: dict[str, Any] = {"submission": "submission-a", "reason": WHY}
    held = extended_for(window())

    assert windows.extend_for(held, closes_at=CLOSES + 2 * DAY, at=CLOSES, **said) == []
    for closes_at, at in ((CLOSES, NOON), (CLOSES + DAY, NOON), (CLOSES + 3 * DAY, CLOSES + 4 * DAY)):
        with refused("window-extension", field="closes_at"):
            windows.extend_for(held, closes_at=closes_at, at=at, **said)
    with refused("known-window"):
        windows.extend_for(Window(), closes_at=CLOSES, at=NOON, **said)


def test_an_extension_for_all_that_ends_later_counts_for_the_one_as_well():
    held = extended_for(window())
    held = fold(evolve, held, windows.extend(held, closes_at=CLOSES + 5 * DAY, reason=WHY, at=CLOSES))

    assert held.closes_for("submission-a") == CLOSES + 5 * DAY


def test_who_comes_when_all_places_are_taken_is_on_record_once_and_has_a_place_kept_in_another_window():
    full = fold(evolve, window(capacity=1), take(window(capacity=1), OPENS)[0])
    late = {"submission": "submission-b", "scheme": SCHEME.id, "at": OPENS}
    assert places.is_full(full, **late)
    refusal = places.refuse_place(full, submission="submission-b")
    assert refusal == [windows.PlaceRefused(submission="submission-b")]
    assert places.refuse_place(fold(evolve, full, refusal), submission="submission-b") == []

    coming = window(capacity=2)
    kept = fold(evolve, coming, places.reserve_place(coming, submission="submission-b"))
    assert kept.room == 1
    assert places.reserve_place(kept, submission="submission-b") == []
    others = fold(evolve, kept, take(kept, OPENS, "submission-c")[0])
    with refused("window-capacity"):
        take(others, OPENS, "submission-d")
    assert take(others, OPENS, "submission-b")[0] == [windows.PlaceTaken(submission="submission-b")]
    assert fold(evolve, others, take(others, OPENS, "submission-b")[0]).room == 0


def test_a_place_that_is_kept_no_longer_is_anybodys():
    kept = fold(evolve, window(capacity=1), places.reserve_place(window(capacity=1), submission="submission-b"))
    free = fold(evolve, kept, places.end_reservation(kept, submission="submission-b"))

    assert (kept.room, free.room) == (0, 1)
    assert places.reserve_place(kept, submission="submission-c") == []
    assert places.end_reservation(free, submission="submission-b") == []
    assert take(free, OPENS, "submission-c")[0]


def test_want_of_places_is_not_what_keeps_out_who_comes_at_the_wrong_time():
    full = fold(evolve, window(capacity=1), take(window(capacity=1), OPENS)[0])

    for at in (OPENS - SECOND, CLOSES + DAY):
        with refused("window-open"):
            places.is_full(full, submission="submission-b", scheme=SCHEME.id, at=at)
    assert not places.is_full(full, submission="submission-a", scheme=SCHEME.id, at=OPENS)


# -- daylight saving: on the wall clock of the scheme, right to the second -----------------------------------------------


@pytest.mark.parametrize(
    ("opens", "closes", "hours"),
    [
        ("2026-03-28T12:00:00+00:00", "2026-03-29T12:00:00+01:00", 23),  # the clocks go forward in the night
        ("2026-10-24T12:00:00+01:00", "2026-10-25T12:00:00+00:00", 25),  # and back
        ("2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00", 1),  # the same wall-clock time, twice
        ("2026-03-29T00:59:59+00:00", "2026-03-29T02:00:00+01:00", 1 / 3600),  # an hour that there is not
    ],
)
def test_a_window_across_daylight_saving_is_open_to_the_second(opens: str, closes: str, hours: float):
    opens_at, closes_at = (datetime.fromisoformat(one).astimezone(UTC) for one in (opens, closes))
    held = window(opens_at=opens_at, closes_at=closes_at, grace_seconds=60)

    assert (closes_at - opens_at).total_seconds() == pytest.approx(hours * 3600)
    assert SCHEME.calendar.local(closes_at).isoformat() == closes
    with refused("window-open"):
        take(held, opens_at - SECOND)
    assert take(held, opens_at) == ([], False)
    assert take(held, closes_at) == ([], False)
    assert take(held, closes_at + SECOND) == ([], True)
    assert take(held, closes_at + 60 * SECOND) == ([], True)
    with refused("window-open"):
        take(held, closes_at + 61 * SECOND)


@pytest.mark.parametrize(
    ("registered", "due"),
    [
        ("2026-03-29T12:00:00+01:00", "2027-03-29T12:00:00+01:00"),
        ("2025-10-26T01:30:00+00:00", "2026-10-26T01:30:00+00:00"),
        ("2025-03-29T01:30:00+00:00", "2026-03-29T02:30:00+01:00"),  # 01:30 is skipped that night
        ("2025-10-25T01:30:00+01:00", "2026-10-25T01:30:00+01:00"),  # 01:30 comes twice: the first
    ],
)
def test_the_time_to_submit_ends_at_the_same_time_of_the_wall_clock(registered: str, due: str):
    clock = SCHEME.deadline("submit_within", datetime.fromisoformat(registered).astimezone(UTC))

    assert SCHEME.calendar.local(clock.due_at).isoformat() == due


def test_a_place_is_freed_as_long_as_the_window_takes_any_and_only_by_who_has_it():
    held = fold(evolve, window(capacity=1, grace_seconds=600), [PlaceTaken(submission="submission-a")])
    ends_at = CLOSES + timedelta(seconds=600)

    freed = places.free_place(held, submission="submission-a", at=ends_at)

    assert freed == [PlaceFreed(submission="submission-a")]
    assert fold(evolve, held, freed).room == 1
    assert places.free_place(held, submission="submission-a", at=ends_at + SECOND) == []
    assert places.free_place(held, submission="submission-b", at=CLOSES) == []
    assert places.free_place(Window(places=held.places), submission="submission-a", at=CLOSES) == []


def test_a_window_ends_for_one_submission_after_the_grace_of_its_own_closing():
    held = window(grace_seconds=600)
    later = WindowExtendedFor(submission="submission-a", closes_at=CLOSES + DAY, reason=WHY)

    assert Window().ends_for("submission-a") is None
    assert held.ends_for("submission-a") == CLOSES + timedelta(seconds=600)
    assert fold(evolve, held, [later]).ends_for("submission-a") == CLOSES + DAY + timedelta(seconds=600)
