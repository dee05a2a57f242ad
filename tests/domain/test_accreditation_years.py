"""A certificate for each year, the later ones once the provider confirmed that year; and the changes it tells of."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accreditation import (
    Accreditation,
    CertificateIssued,
    ChangeNotified,
    ConfirmationAsked,
    ConfirmationMissed,
    YearConfirmed,
    confirmation,
    due_next,
)
from domain.accreditation import award as awards
from domain.clocks import Deadline, DeadlineMissed, Due, Duration
from tests.domain.awards import LEVELS, YEARLY, after, awarded, end, found, renewing, suspended
from tests.domain.given import DAY, NOON, SECOND, refused, text, utc

SECOND_YEAR = utc("2027-03-02 12:00")
ASKED_AT = utc("2027-02-02 12:00")
SAID = text("It keeps up")


def held() -> Accreditation:
    return awarded(scheme=YEARLY)


def asked(award: Accreditation | None = None, at: datetime = ASKED_AT) -> Accreditation:
    award = award or held()
    return after(award, confirmation.ask_confirmation(award, scheme=YEARLY, at=at))


def confirmed(award: Accreditation, year: int, at: datetime) -> Accreditation:
    return after(award, confirmation.confirm_year(award, year=year, statement=SAID, at=at))


def missed(award: Accreditation) -> Accreditation:
    assert award.asked
    return after(award, confirmation.miss_confirmation(award, at=award.asked.clock.due_at))


def certified(award: Accreditation) -> list[int]:
    return [one.year for one in award.certificates]


def test_the_first_certificate_comes_with_the_award_and_the_years_end_on_the_wall_clock():
    award = held()

    assert [(year.starts_at, year.ends_at) for year in award.years] == [
        (NOON, SECOND_YEAR),
        (SECOND_YEAR, utc("2028-03-02 12:00")),
        (utc("2028-03-02 12:00"), utc("2029-03-02 12:00")),
    ]
    assert award.certificates == (CertificateIssued(year=1, starts_at=NOON, ends_at=SECOND_YEAR),)


@pytest.mark.parametrize(
    ("start", "second"), [("2028-02-29 12:00", "2029-02-28 12:00"), ("2026-03-28 12:00", "2027-03-28 11:00")]
)
def test_a_year_begins_on_the_same_day_also_after_29_february_and_across_summer_time(start: str, second: str):
    assert awarded(scheme=YEARLY, decided_at=utc(start)).years[1].starts_at == utc(second)


def test_where_there_are_more_years_than_certificates_the_last_one_lasts_to_the_end():
    two = replace(YEARLY, annual=replace(YEARLY.annual, certificates=2))

    award = awarded(scheme=two)

    assert [year.ends_at for year in award.years] == [SECOND_YEAR, end(award)]
    short = replace(YEARLY, clocks=replace(YEARLY.clocks, validity=Duration.parse("P2Y")))
    assert len(awarded(scheme=short).years) == 2


def test_a_scheme_without_yearly_certificates_gives_one_for_the_whole_period_and_asks_for_nothing():
    award = awarded()

    assert award.certificates == (CertificateIssued(year=1, starts_at=NOON, ends_at=end(award)),)
    assert confirmation.year_to_ask(award, NOON) is None
    again = after(award, awards.renew(award, **renewing(end(award) - DAY)))
    assert again.certificates[1:] == (CertificateIssued(year=2, starts_at=end(award), ends_at=end(again)),)


def test_the_provider_is_asked_before_the_year_begins_and_reminded():
    award = held()
    assert due_next(award, at=NOON) == Due(step="ask_confirmation", at=ASKED_AT)
    assert confirmation.ask_confirmation(award, scheme=YEARLY, at=ASKED_AT - SECOND) == []

    [event] = confirmation.ask_confirmation(award, scheme=YEARLY, at=ASKED_AT)

    clock = Deadline(rule="confirm-within", due_at=SECOND_YEAR, remind_at=(utc("2027-02-16 12:00"),))
    assert event == ConfirmationAsked(year=2, clock=clock)
    award = after(award, [event])
    assert confirmation.ask_confirmation(award, scheme=YEARLY, at=ASKED_AT) == []
    assert due_next(award, at=ASKED_AT) == Due(step="remind_to_confirm", at=clock.remind_at[0])
    reminded = after(award, confirmation.remind_to_confirm(award, at=clock.remind_at[0]))
    assert confirmation.remind_to_confirm(reminded, at=clock.remind_at[0]) == []
    assert due_next(reminded, at=clock.remind_at[0]) == Due(step="miss_confirmation", at=SECOND_YEAR)


def test_who_is_asked_late_because_of_an_outage_has_as_long_as_ever():
    award = asked(at=SECOND_YEAR + DAY)

    assert award.asked
    assert award.asked.clock.due_at == utc("2027-03-31 11:00")  # four weeks later, in summer time


def test_one_year_is_asked_about_at_a_time_so_that_none_asked_late_is_forgotten():
    late = utc("2028-01-20 12:00")
    award = asked(at=late)  # the third year is to be asked about from 3 February on
    assert award.asked
    assert award.asked.clock.due_at == utc("2028-02-17 12:00")

    assert confirmation.ask_confirmation(award, scheme=YEARLY, at=utc("2028-02-03 12:00")) == []
    award = missed(award)
    assert asked(award, at=utc("2028-02-17 12:00")).asked.year == 3  # type: ignore[union-attr]


def test_a_year_confirmed_gets_its_certificate_once():
    events = confirmation.confirm_year(asked(), year=2, statement=SAID, at=ASKED_AT + DAY)

    assert events == [
        YearConfirmed(year=2, statement=SAID),
        CertificateIssued(year=2, starts_at=SECOND_YEAR, ends_at=utc("2028-03-02 12:00")),
    ]
    award = after(asked(), events)
    assert award.asked is None
    assert confirmation.confirm_year(award, year=2, statement=SAID, at=ASKED_AT + DAY) == []


def test_a_year_not_confirmed_in_time_has_no_certificate_and_operations_are_told():
    award = asked()
    assert confirmation.miss_confirmation(award, at=SECOND_YEAR - SECOND) == []

    assert confirmation.miss_confirmation(award, at=SECOND_YEAR + DAY) == [
        ConfirmationMissed(year=2, due_at=SECOND_YEAR),
        DeadlineMissed(rule="confirm-within", due_at=SECOND_YEAR),
    ]
    award = missed(award)
    assert confirmation.miss_confirmation(award, at=SECOND_YEAR + DAY) == []
    assert certified(award) == [1]
    assert award.valid_on(SECOND_YEAR + DAY)


def test_it_may_still_be_confirmed_late_and_the_certificate_begins_then():
    late = SECOND_YEAR + 40 * DAY

    award = confirmed(missed(asked()), 2, late)

    assert award.certificates[-1] == CertificateIssued(year=2, starts_at=late, ends_at=award.years[1].ends_at)


@pytest.mark.parametrize(
    ("year", "at"),
    [
        (1, NOON),
        (2, ASKED_AT - SECOND),
        (2, utc("2028-03-02 12:00")),
        (3, ASKED_AT),
        (4, ASKED_AT),
        (0, ASKED_AT),
    ],
)
def test_a_year_is_confirmed_from_when_it_is_asked_about_until_it_ends(year: int, at: datetime):
    with refused("confirm-year", field="year"):
        confirmation.confirm_year(held(), year=year, statement=SAID, at=at)


def test_nothing_is_confirmed_or_notified_once_the_award_is_over():
    award = held()
    withdrawn = found(suspended(NOON + DAY, award), "withdraw", NOON + 2 * DAY)

    for over, at in ((award, end(award)), (withdrawn, NOON + 3 * DAY)):
        with refused("award-runs", field="accreditation"):
            confirmation.confirm_year(over, year=2, statement=SAID, at=at)
        with refused("award-runs", field="accreditation"):
            confirmation.notify_change(over, text=SAID, criteria=(), scheme=YEARLY, at=at)
    with refused("known-accreditation"):
        confirmation.confirm_year(Accreditation(), year=2, statement=SAID, at=NOON)


def test_while_suspended_a_year_may_be_confirmed_but_its_certificate_waits_for_the_reinstatement():
    award = confirmed(asked(suspended(NOON + DAY, held())), 2, ASKED_AT + DAY)
    assert certified(award) == [1]

    back = found(award, "reinstate", SECOND_YEAR + 5 * DAY)

    assert back.certificates[-1] == CertificateIssued(
        year=2, starts_at=SECOND_YEAR + 5 * DAY, ends_at=award.years[1].ends_at
    )


def test_years_are_counted_through_all_periods_and_the_next_period_s_first_certificate_comes_with_it():
    award = held()

    again = after(award, awards.renew(award, **renewing(end(award) - 400 * DAY, scheme=YEARLY)))

    assert certified(again) == [1, 4]
    assert [year.ask_at is None for year in again.years] == [True, False, False, True, False, False]
    assert due_next(again, at=NOON) == Due(step="ask_confirmation", at=ASKED_AT)


def test_an_upgrade_leaves_nothing_to_confirm_of_the_years_that_it_overtook():
    yearly = replace(LEVELS, annual=YEARLY.annual)
    award = asked(awarded(scheme=yearly, level="bronze"))
    at = ASKED_AT + DAY

    higher = after(award, awards.upgrade(award, **{**renewing(at, scheme=yearly), "level": "gold"}))

    assert higher.asked is None
    assert certified(higher) == [1, 4]
    assert due_next(higher, at=at) == Due(step="ask_confirmation", at=higher.years[4].ask_at)
    with refused("confirm-year", field="year"):
        confirmation.confirm_year(higher, year=2, statement=SAID, at=at)


def test_a_change_is_noted_with_the_criteria_that_it_touches_until_the_award_is_earned_again():
    award = held()
    [event] = confirmation.notify_change(award, text=SAID, criteria=("1.2",), scheme=YEARLY, at=NOON)

    assert isinstance(event, ChangeNotified)
    assert (event.text, event.criteria, [one.about for one in event.sets]) == (SAID, ("1.2",), [SAID.id])
    changed = after(award, [event])
    assert changed.changed == {"1.2"}
    again = after(changed, awards.renew(changed, **renewing(end(award) - DAY)))
    assert again.changed == frozenset()


def test_a_change_touches_criteria_of_the_scheme():
    with refused("scheme-criteria", field="criteria"):
        confirmation.notify_change(held(), text=SAID, criteria=("9.9",), scheme=YEARLY, at=NOON)


@given(
    start=st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2034, 1, 1)),  # noqa: DTZ001 - made aware below
    validity=st.sampled_from(["P2Y", "P3Y", "P30M", "P10D"]),
    certificates=st.integers(1, 4),
)
def test_the_years_of_any_award_follow_each_other_and_make_up_the_whole(
    start: datetime, validity: str, certificates: int
):
    assert YEARLY.annual
    rules = replace(
        YEARLY,
        annual=replace(YEARLY.annual, certificates=certificates),
        clocks=replace(YEARLY.clocks, validity=Duration.parse(validity)),
    )

    award = awarded(scheme=rules, decided_at=start.replace(tzinfo=NOON.tzinfo))

    assert award.years[0].starts_at == award.periods[0].starts_at
    assert award.years[-1].ends_at == end(award)
    assert all(one.ends_at == other.starts_at for one, other in pairwise(award.years))
    assert all(year.starts_at < year.ends_at for year in award.years)
    assert all(
        year.ask_at and earlier.starts_at <= year.ask_at < year.starts_at for earlier, year in pairwise(award.years)
    )
