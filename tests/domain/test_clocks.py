"""Clocks: lengths of time as schemes state them, and the calendar on which they are counted."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.clocks import Calendar, Duration, checked_instant
from tests.domain.given import DAY, NOON, SECOND, refused, scheme, utc

LONDON = Calendar(zone="Europe/London", holidays=frozenset({date(2026, 4, 3), date(2026, 4, 6)}))
EARLY, LATE = datetime(2020, 1, 1), datetime(2060, 1, 1)  # noqa: DTZ001 - in UTC, as hypothesis wants them
TO_THE_END = Calendar(zone="Europe/London", day_ends=time(23, 59, 59))


def length(text: str) -> Duration:
    return Duration.parse(text)


@pytest.mark.parametrize(
    ("text", "months", "days", "working_days", "seconds"),
    [
        ("P12M", 12, 0, 0, 0),
        ("P1Y6M", 18, 0, 0, 0),
        ("P2W1D", 0, 15, 0, 0),
        ("PT1H30M0.5S", 0, 0, 0, 5400.5),
        ("P1M2DT3S", 1, 2, 0, 3),
        ("1 working day", 0, 0, 1, 0),
        ("10 working days", 0, 0, 10, 0),
        ("P100Y", 1200, 0, 0, 0),
    ],
)
def test_a_duration_is_read_as_iso_8601_or_in_working_days(
    text: str, months: int, days: int, working_days: int, seconds: float
):
    assert length(text) == Duration(text=text, months=months, days=days, working_days=working_days, seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1", "1D", "-P1D", "p1d", "P1.5D", "P1DT", "P1D\n", " P1D", "P1H", "PT1D", "P٣D", "10 days",
     "-1 working days", "1.5 working days", "ten working days", "5 working days "],
)  # fmt: skip
def test_anything_else_is_no_duration_and_the_error_says_what_is(text: str):
    with pytest.raises(ValueError, match=r"allowed: an ISO 8601 duration such as P12M.*'10 working days'"):
        length(text)


@pytest.mark.parametrize("text", ["P0D", "PT0S", "PT0.0S", "P0Y0M0W0DT0H0M0S", "0 working days"])
def test_no_time_at_all_is_no_duration(text: str):
    with pytest.raises(ValueError, match="more than nothing"):
        length(text)


@pytest.mark.parametrize("text", ["P101Y", "P1201M", f"P{'9' * 400}D", f"{'9' * 5000} working days", "PT1E9S"])
def test_a_length_that_no_calendar_reaches_is_no_duration(text: str):
    with pytest.raises(ValueError, match="at most 100 years"):
        length(text)


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2028-02-29 12:00", "P3Y", "2031-02-28 12:00"),
        ("2028-02-29 12:00", "P4Y", "2032-02-29 12:00"),
        ("2026-01-31 12:00", "P1M", "2026-02-28 12:00"),
        ("2026-12-31 12:00", "P2M", "2027-02-28 12:00"),
        ("2026-03-02 12:00", "P14D", "2026-03-16 12:00"),
    ],
)
def test_months_and_years_end_on_the_same_day_or_the_last_of_a_shorter_month(start: str, text: str, end: str):
    assert LONDON.after(utc(start), length(text)) == utc(end)


def test_days_are_counted_on_the_wall_clock_across_daylight_saving():
    before = utc("2026-03-28 12:00")

    assert LONDON.after(before, length("P1D")) == utc("2026-03-29 11:00")  # noon again, an hour sooner
    assert LONDON.after(before, length("PT24H")) == utc("2026-03-29 12:00")
    assert LONDON.after(utc("2026-10-24 11:00"), length("P1D")) == utc("2026-10-25 12:00")


def test_a_time_that_daylight_saving_skips_is_as_much_later_as_the_clock_was_put_forward():
    assert LONDON.after(utc("2026-03-28 01:30"), length("P1D")) == utc("2026-03-29 01:30")  # 02:30 on the wall


def test_a_time_that_comes_twice_is_its_first_coming():
    assert LONDON.after(utc("2026-10-24 00:30"), length("P1D")) == utc("2026-10-25 00:30")


def test_from_the_second_coming_of_a_time_seconds_and_days_are_counted_right():
    second = utc("2026-10-25 01:30")  # half past one, for the second time

    assert LONDON.after(second, length("PT30S")) == second + 30 * SECOND
    assert LONDON.after(second, length("P1D")) == utc("2026-10-26 01:30")
    assert LONDON.after(second, length("P29M")) == utc("2029-03-25 01:30")  # skipped that day


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2026-03-02 12:00", "1 working day", "2026-03-03 12:00"),
        ("2026-03-06 12:00", "1 working day", "2026-03-09 12:00"),  # Friday to Monday
        ("2026-03-07 12:00", "1 working day", "2026-03-09 12:00"),  # so from Saturday
        ("2026-03-02 12:00", "10 working days", "2026-03-16 12:00"),
        ("2026-04-02 11:00", "1 working day", "2026-04-07 11:00"),  # over Good Friday and Easter Monday
    ],
)
def test_working_days_leave_out_weekends_and_the_schemes_holidays(start: str, text: str, end: str):
    assert LONDON.after(utc(start), length(text)) == utc(end)


def test_working_days_are_counted_backwards_too():
    assert LONDON.before(utc("2026-04-07 11:00"), length("2 working days")) == utc("2026-04-01 11:00")
    assert LONDON.before(utc("2026-03-09 12:00"), length("1 working day")) == utc("2026-03-06 12:00")


@given(st.integers(-9000, 9000).map(lambda hours: NOON + timedelta(hours=hours)), st.integers(0, 24 * 90))
def test_working_days_between_two_instants_are_those_counted_one_by_one(start: datetime, hours: int):
    calendar = Calendar(
        zone="Europe/London", holidays=frozenset({date(2025, 12, 25), date(2026, 4, 3), date(2026, 8, 29)})
    )
    end = start + timedelta(hours=hours)
    first, last = calendar.local(start).date(), calendar.local(end).date()
    days = [first + timedelta(days=one) for one in range(1, (last - first).days + 1)]

    assert calendar.working_days(start, end) == sum(calendar.is_working_day(day) for day in days)


@given(st.integers(-9000, 9000).map(lambda hours: NOON + timedelta(hours=hours)), st.integers(1, 60))
def test_what_is_due_in_so_many_working_days_is_so_many_working_days_away(start: datetime, number: int):
    calendar = Calendar(zone="Europe/London", holidays=frozenset({date(2025, 12, 25), date(2026, 4, 3)}))
    end = calendar.after(start, Duration.parse(f"{number} working days"))

    assert calendar.working_days(start, end) == number


def test_whose_day_it_is_is_the_zones_not_utcs():
    friday_in_auckland = utc("2026-03-05 12:30")  # and still Thursday in UTC

    auckland = Calendar(zone="Pacific/Auckland")

    assert auckland.after(friday_in_auckland, length("1 working day")) == utc("2026-03-08 12:30")  # Monday there


def test_a_deadline_in_whole_days_lasts_until_the_end_of_its_last_day():
    assert TO_THE_END.due(NOON, length("P1D")) == utc("2026-03-03 23:59:59")
    assert TO_THE_END.due(NOON, length("P12M")) == utc("2027-03-02 23:59:59")
    assert TO_THE_END.due(utc("2026-03-28 12:00"), length("P1D")) == utc("2026-03-29 22:59:59")


def test_a_deadline_in_hours_and_seconds_is_exact():
    assert TO_THE_END.due(NOON, length("PT36H")) == NOON + timedelta(hours=36)


def test_without_an_end_of_day_a_deadline_is_exact():
    assert LONDON.due(NOON, length("P1D")) == NOON + DAY


@given(
    start=st.datetimes(EARLY, LATE, timezones=st.just(UTC)),
    text=st.one_of(
        st.builds("P{}M".format, st.integers(1, 40)),
        st.builds("P{}D".format, st.integers(1, 400)),
        st.builds("PT{}S".format, st.integers(1, 10**7)),
        st.builds("{} working days".format, st.integers(1, 40)),
    ),
    calendar=st.sampled_from(
        [LONDON, TO_THE_END, Calendar(zone="America/St_Johns"), Calendar(zone="Australia/Lord_Howe", day_ends=time(2))]
    ),
)
@example(start=utc("2026-10-25 01:30"), text="P29M", calendar=LONDON)
def test_a_deadline_is_always_later_than_its_start_and_in_utc(start: datetime, text: str, calendar: Calendar):
    moved, due = calendar.after(start, length(text)), calendar.due(start, length(text))

    assert moved > start
    assert due > start
    assert {moved.utcoffset(), due.utcoffset()} == {timedelta()}
    assert calendar.before(moved, length(text)) < moved


def test_reminders_fall_between_the_start_of_a_deadline_and_its_end():
    rules = scheme(calendar=LONDON)

    planned = rules.reminders(NOON, NOON + 20 * DAY, (length("P7D"), length("P1M"), length("P20D"), length("P1D")))

    assert planned == (NOON + 13 * DAY, NOON + 19 * DAY)


@pytest.mark.parametrize(
    "instant",
    [NOON.replace(tzinfo=None), datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), utc("1999-12-31")],
)
def test_an_instant_without_an_offset_or_out_of_range_is_refused(instant: datetime):
    with refused("instants", field="closes_at"):
        checked_instant(instant, field="closes_at")


def test_an_instant_with_another_offset_is_taken_in_utc():
    taken = checked_instant(NOON.astimezone(timezone(timedelta(hours=5))), field="closes_at")

    assert (taken, taken.utcoffset()) == (NOON, timedelta())
