"""An accreditation is valid from its start to its end, to the second; it is renewed, or it lapses."""

from dataclasses import replace
from datetime import time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accreditation import (
    Accreditation,
    AccreditationAwarded,
    AccreditationEvent,
    AccreditationLapsed,
    AccreditationRenewed,
    due_next,
    evolve,
)
from domain.accreditation import award as awards
from domain.clocks import Due, ReminderSent
from tests.domain.awards import GIVEN, awarded, end, renewed, renewing
from tests.domain.given import CASE, DAY, NOON, SCHEME, SECOND, fold, refused, scheme, utc


@pytest.mark.parametrize(
    ("start", "ends_at"),
    [
        ("2026-03-02 12:00", "2029-03-02 12:00"),
        ("2028-02-29 12:00", "2031-02-28 12:00"),
        ("2026-03-28 12:00", "2029-03-28 11:00"),  # noon on the wall, in summer time that year
        ("2026-10-25 01:30", "2029-10-25 00:30"),
        ("2026-03-25 01:30", "2029-03-25 01:30"),  # skipped by the clock that day
    ],
)
def test_validity_ends_on_the_same_day_and_time_of_the_zones_wall_clock_three_years_later(start: str, ends_at: str):
    assert end(awarded(decided_at=utc(start))) == utc(ends_at)


def test_an_award_ends_to_the_second_also_where_deadlines_last_until_the_end_of_their_day():
    rules = scheme(calendar=replace(SCHEME.calendar, day_ends=time(23, 59, 59)))

    assert end(awarded(scheme=rules)) == utc("2029-03-02 12:00")


def test_it_is_valid_from_its_start_until_the_second_before_its_end():
    award = awarded()

    assert not award.valid_on(NOON - SECOND)
    assert award.valid_on(NOON)
    assert award.valid_on(end(award) - SECOND)
    assert not award.valid_on(end(award))


def test_it_ends_when_it_ends_however_late_that_is_noted():
    award = awarded()
    assert awards.lapse(award, at=end(award) - SECOND) == []

    [event] = awards.lapse(award, at=end(award) + 40 * DAY)

    assert event == AccreditationLapsed(ended_at=end(award))
    over = fold(evolve, award, [event])
    assert awards.lapse(over, at=end(award) + 50 * DAY) == []
    assert not over.valid_on(end(award) + 20 * DAY)


def test_an_award_is_made_once():
    assert awards.award(awarded(), **{**GIVEN, "level": "other"}) == []


def test_renewed_before_its_end_it_goes_on_from_there_without_a_gap():
    award = awarded()

    again = renewed(award, end(award) - 60 * DAY)

    assert again.periods[1].starts_at == end(award)
    assert again.valid_on(end(award))
    assert end(again) == utc("2032-03-02 12:00")


def test_renewed_after_its_end_it_begins_again_with_the_decision_and_the_gap_stays():
    award = awarded()
    lapsed = fold(evolve, award, awards.lapse(award, at=end(award)))

    again = renewed(lapsed, end(award) + 60 * DAY)

    assert again.periods[1].starts_at == end(award) + 60 * DAY
    assert not again.valid_on(end(award) + 59 * DAY)
    assert again.valid_on(end(award) + 60 * DAY)
    assert not again.lapsed
    assert due_next(again, at=end(award) + 60 * DAY) is not None


def test_the_same_submission_renews_it_once():
    again = renewed(awarded(), NOON + 900 * DAY)

    assert awards.renew(again, **renewing(NOON + 950 * DAY)) == []
    assert awards.renew(awarded(), **renewing(NOON + DAY, CASE)) == []


def test_an_award_that_does_not_exist_is_neither_renewed_nor_lapsed():
    with refused("known-accreditation", field="accreditation"):
        awards.renew(Accreditation(), **renewing(NOON))
    with refused("known-accreditation", field="accreditation"):
        awards.lapse(Accreditation(), at=NOON)
    assert awards.remind(Accreditation(), at=NOON, last_window=None) == []
    assert due_next(Accreditation(), at=NOON) is None


def test_reminders_of_the_end_come_at_the_schemes_dates_and_name_the_last_window_of_use():
    award = awarded()
    assert award.clock
    assert award.clock.remind_at == (utc("2028-03-02 12:00"), utc("2028-09-02 11:00"), utc("2029-02-02 12:00"))

    [reminder] = awards.remind(award, at=award.clock.remind_at[0], last_window="window-last")

    assert isinstance(reminder, ReminderSent)
    assert (reminder.rule, reminder.due_at, reminder.last_window) == (
        "earn-again-before-end",
        end(award),
        "window-last",
    )
    assert awards.remind(fold(evolve, award, [reminder]), at=award.clock.remind_at[0], last_window=None) == []


def test_once_it_is_renewed_or_over_nobody_is_reminded_of_the_old_end():
    award = awarded()
    early = end(award) - 20 * DAY

    assert awards.remind(renewed(award, early), at=early, last_window=None) == []
    assert awards.remind(award, at=end(award), last_window=None) == []
    over = fold(evolve, award, awards.lapse(award, at=end(award)))
    assert awards.remind(over, at=early, last_window=None) == []


def test_what_its_clock_does_next_are_the_reminders_then_the_lapse_then_nothing():
    award = awarded()
    assert award.clock
    first, second, third = award.clock.remind_at

    assert due_next(award, at=NOON) == Due(step="remind_of_end", at=first)
    reminded = fold(evolve, award, awards.remind(award, at=second, last_window=None))
    assert due_next(reminded, at=second) == Due(step="remind_of_end", at=third)
    reminded = fold(evolve, reminded, awards.remind(reminded, at=third, last_window=None))
    assert due_next(reminded, at=third) == Due(step="lapse_award", at=end(award))
    assert due_next(award, at=end(award) + DAY) == Due(step="lapse_award", at=end(award))
    lapsed = fold(evolve, reminded, awards.lapse(reminded, at=end(award)))
    assert due_next(lapsed, at=end(award)) is None


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["renew", "lapse", "remind"]), st.integers(0, 2500), st.sampled_from("abc")),
        max_size=12,
    )
)
def test_whatever_happens_periods_never_overlap_and_validity_follows_from_them_alone(steps: list[tuple[str, int, str]]):
    award, happened, at = awarded(), [], NOON

    def decide(what: str, name: str) -> list[AccreditationEvent]:
        match what:
            case "renew":
                return awards.renew(award, **renewing(at, f"submission-{name}"))
            case "lapse":
                return awards.lapse(award, at=at)
            case _:
                return awards.remind(award, at=at, last_window=None)

    for what, days, name in sorted(steps, key=lambda step: step[1]):
        at = NOON + timedelta(days=days)
        events = decide(what, name)
        award = fold(evolve, award, events)
        assert decide(what, name) == []
        happened += events

    periods = award.periods
    assert len({period.submission for period in periods}) == len(periods)
    assert all(period.starts_at < period.ends_at for period in periods)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(periods))
    assert award.lapsed == (award.clock is None)
    assert not award.lapsed or not award.valid_on(at)
    lapses = [event.ended_at for event in happened if isinstance(event, AccreditationLapsed)]
    assert set(lapses) <= {period.ends_at for period in periods}
    assert len(set(lapses)) == len(lapses)
    assert not any(isinstance(event, AccreditationAwarded) for event in happened)
    assert len([event for event in happened if isinstance(event, AccreditationRenewed)]) == len(periods) - 1
