"""The edges of what a clock takes: the first and the last instant that can be meant, and why another can't."""

from datetime import date, datetime, timedelta

import pytest

from domain.clocks import Calendar, checked_instant
from tests.domain.given import SECOND, refused, utc

FIRST, BEYOND = utc("2000-01-01 00:00"), utc("2200-01-01 00:00")


def test_instants_are_taken_from_the_first_to_the_last_second_that_can_be_meant():
    assert checked_instant(FIRST, field="at") == FIRST
    assert checked_instant(BEYOND - SECOND, field="at") == BEYOND - SECOND


@pytest.mark.parametrize("at", [FIRST - SECOND, BEYOND, BEYOND + timedelta(days=400)])
def test_an_instant_that_can_not_be_meant_is_refused_as_out_of_range(at: datetime):
    with refused("instants", field="at", match="is out of range"):
        checked_instant(at, field="at")


def test_an_instant_without_an_offset_is_refused_as_such():
    with refused("instants", field="at", match="has no offset from UTC"):
        checked_instant(FIRST.replace(tzinfo=None), field="at")


def test_what_ends_on_a_holiday_took_no_working_day_more_than_what_ended_the_day_before():
    calendar = Calendar(zone="Europe/London", holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))
    thursday, friday, monday, tuesday = (utc(f"2026-04-0{day} 12:00") for day in (2, 3, 6, 7))

    assert [calendar.working_days(thursday, end) for end in (thursday, friday, monday, tuesday)] == [0, 0, 0, 1]
    assert calendar.working_days(friday, monday) == 0
