"""Earned again or at a higher level: validity carried on while that is decided, marked, and ended to the second."""

from datetime import datetime
from typing import Any

import pytest

from domain.accreditation import (
    Accreditation,
    AccreditationLapsed,
    AccreditationRenewed,
    AccreditationUpgraded,
    CertificateIssued,
    ExtensionStarted,
    ReaccreditationEnded,
    ReaccreditationSubmitted,
    due_next,
)
from domain.accreditation import award as awards
from domain.clocks import Deadline, Due
from domain.scheme import Scheme
from tests.domain.awards import AGAIN, EXTENDING, LEVELS, after, awarded, end, found, renewing, suspended
from tests.domain.given import CASE, DAY, NOON, SCHEME, SECOND, refused, utc

EARNED_UNTIL = utc("2029-03-02 12:00")
CAP = utc("2029-09-02 11:00")  # half a year later, in summer time
IN_TIME = EARNED_UNTIL - SECOND
END = Deadline(rule="earn-again-before-end", due_at=EARNED_UNTIL)


def submitting(at: datetime = IN_TIME, submission: str = AGAIN, scheme: Scheme = EXTENDING) -> dict[str, Any]:
    return {"submission": submission, "scheme": scheme, "at": at}


def submitted(award: Accreditation | None = None, at: datetime = IN_TIME, submission: str = AGAIN) -> Accreditation:
    award = award or awarded(scheme=EXTENDING)
    return after(award, awards.submit_reaccreditation(award, **submitting(at, submission)))


def extended() -> Accreditation:
    award = submitted()
    return after(award, awards.start_extension(award, at=EARNED_UNTIL))


def ended(award: Accreditation, at: datetime, outcome: str = "not_awarded", **said: Any) -> Accreditation:
    return after(award, awards.end_reaccreditation(award, submission=AGAIN, outcome=outcome, at=at, **said))


def renewed(award: Accreditation, at: datetime) -> Accreditation:
    return after(award, awards.renew(award, **renewing(at)))


def test_submitted_in_time_it_goes_on_until_decided_at_most_for_the_scheme_s_extension():
    assert awards.submit_reaccreditation(awarded(scheme=EXTENDING), **submitting()) == [
        ReaccreditationSubmitted(submission=AGAIN, extension_ends_at=CAP, clock=END)
    ]
    award = submitted()
    assert award.valid_on(EARNED_UNTIL)
    assert award.valid_on(CAP - SECOND)
    assert not award.valid_on(CAP)
    assert [one.extension for one in award.periods] == [False, True]
    assert awards.submit_reaccreditation(award, **submitting()) == []


@pytest.mark.parametrize(("at", "scheme"), [(EARNED_UNTIL, EXTENDING), (IN_TIME, SCHEME)])
def test_submitted_too_late_or_under_a_scheme_without_extension_it_lapses_at_the_end(at: datetime, scheme: Scheme):
    award = awarded(scheme=scheme)
    [event] = awards.submit_reaccreditation(award, **submitting(at, scheme=scheme))

    assert event == ReaccreditationSubmitted(submission=AGAIN, extension_ends_at=None, clock=END)
    award = after(award, [event])
    assert not award.valid_on(EARNED_UNTIL)
    assert due_next(award, at=EARNED_UNTIL) == Due(step="lapse_award", at=EARNED_UNTIL)
    assert awards.lapse(award, at=EARNED_UNTIL) == [AccreditationLapsed(ended_at=EARNED_UNTIL)]


def test_the_extension_is_marked_when_what_was_earned_ends():
    award = submitted()
    assert due_next(award, at=EARNED_UNTIL) == Due(step="start_extension", at=EARNED_UNTIL)
    assert awards.start_extension(award, at=EARNED_UNTIL - SECOND) == []
    assert award.standing(IN_TIME) == "accredited"

    clock = Deadline(rule="extension-ends", due_at=CAP)
    assert awards.start_extension(award, at=EARNED_UNTIL) == [ExtensionStarted(starts_at=EARNED_UNTIL, clock=clock)]
    award = extended()
    assert award.standing(EARNED_UNTIL) == "extended"
    assert awards.start_extension(award, at=EARNED_UNTIL) == awards.lapse(award, at=CAP - SECOND) == []
    assert awards.start_extension(awarded(), at=EARNED_UNTIL) == []


def test_an_extension_ends_at_its_cap_whatever_is_not_decided():
    award = extended()
    assert due_next(award, at=EARNED_UNTIL) == Due(step="lapse_award", at=CAP)

    assert awards.lapse(award, at=CAP + DAY) == [AccreditationLapsed(ended_at=CAP)]


@pytest.mark.parametrize("outcome", ["not_awarded", "withdrawn", "ineligible"])
def test_an_extension_ends_with_the_decision_when_the_award_is_not_earned_again(outcome: str):
    at = EARNED_UNTIL + 30 * DAY

    events = awards.end_reaccreditation(extended(), submission=AGAIN, outcome=outcome, at=at)

    assert events == [
        ReaccreditationEnded(submission=AGAIN, outcome=outcome, extension_ended_at=at),
        AccreditationLapsed(ended_at=at),
    ]
    over = after(extended(), events)
    assert over.valid_on(at - SECOND)
    assert not over.valid_on(at)
    assert over.over
    assert awards.end_reaccreditation(over, submission=AGAIN, outcome=outcome, at=at) == []


def test_decided_before_the_end_it_lapses_at_the_end():
    award = ended(submitted(at=EARNED_UNTIL - 60 * DAY), EARNED_UNTIL - 30 * DAY)

    assert not award.lapsed
    assert end(award) == EARNED_UNTIL
    assert due_next(award, at=EARNED_UNTIL) == Due(step="lapse_award", at=EARNED_UNTIL)


def test_a_submission_that_lapsed_before_the_end_carries_nothing_on_however_late_that_is_noted():
    award = ended(extended(), EARNED_UNTIL + 5 * DAY, "lapsed", ended_at=EARNED_UNTIL - DAY)

    assert award.lapsed
    assert not award.valid_on(EARNED_UNTIL)


def test_a_second_submission_carries_the_extension_on():
    award = submitted(extended_by_two := submitted(), EARNED_UNTIL - SECOND / 2, "submission-third")
    assert extended_by_two.periods == award.periods

    one = ended(award, EARNED_UNTIL + DAY)

    assert one.valid_on(EARNED_UNTIL + 2 * DAY)
    both = after(
        one,
        awards.end_reaccreditation(one, submission="submission-third", outcome="withdrawn", at=EARNED_UNTIL + 3 * DAY),
    )
    assert not both.valid_on(EARNED_UNTIL + 3 * DAY)


def test_who_has_submitted_is_not_reminded_to_unless_that_comes_to_nothing_in_time():
    award = awarded(scheme=EXTENDING)
    assert award.clock
    first, second, third = award.clock.remind_at

    busy = submitted(award, first - DAY)
    assert awards.remind(busy, at=first, last_window=None) == []
    assert due_next(busy, at=first) == Due(step="start_extension", at=EARNED_UNTIL)

    free = ended(busy, second + DAY, "withdrawn")
    assert awards.remind(free, at=second + DAY, last_window=None) == []
    assert due_next(free, at=second + DAY) == Due(step="remind_of_end", at=third)
    assert awards.remind(free, at=third, last_window=None)


def test_what_was_never_submitted_ends_nothing():
    assert awards.end_reaccreditation(awarded(), submission=AGAIN, outcome="lapsed", at=NOON) == []


def test_renewed_within_an_extension_it_has_no_gap_and_gains_no_time():
    at = EARNED_UNTIL + 60 * DAY

    again = renewed(extended(), at)

    assert [(one.starts_at, one.ends_at, one.extension) for one in again.periods] == [
        (NOON, EARNED_UNTIL, False),
        (EARNED_UNTIL, at, True),
        (at, utc("2032-03-02 12:00"), False),
    ]
    assert again.clock
    assert (again.clock.rule, again.clock.due_at) == ("earn-again-before-end", end(again))
    assert again.pending == frozenset()


def test_renewed_before_the_end_nothing_is_left_of_the_extension():
    again = renewed(submitted(at=EARNED_UNTIL - 60 * DAY), EARNED_UNTIL - DAY)

    assert [one.extension for one in again.periods] == [False, False]
    assert end(again) == utc("2032-03-02 12:00")


def test_renewed_after_the_extension_ran_out_it_begins_with_the_decision():
    lapsed = after(extended(), awards.lapse(extended(), at=CAP))

    again = renewed(lapsed, CAP + 10 * DAY)

    assert not again.valid_on(CAP)
    assert again.periods[-1].starts_at == CAP + 10 * DAY
    assert end(again) == utc("2032-09-12 11:00")


@pytest.mark.parametrize(
    ("start", "until", "again"),
    [
        ("2028-02-29 12:00", "2031-02-28 12:00", "2034-02-28 12:00"),
        ("2026-03-28 12:00", "2029-03-28 11:00", "2032-03-28 11:00"),
        ("2026-10-25 12:00", "2029-10-25 11:00", "2032-10-25 11:00"),
    ],
)
def test_a_renewal_ends_on_the_same_day_of_the_calendar(start: str, until: str, again: str):
    award = awarded(decided_at=utc(start))

    assert end(award) == utc(until)
    assert end(renewed(award, utc(until) - DAY)) == utc(again)


def test_while_suspended_it_can_be_renewed_and_stays_suspended():
    award = renewed(suspended(NOON + DAY), EARNED_UNTIL - DAY)

    assert not award.valid_on(EARNED_UNTIL)
    assert found(award, "reinstate", EARNED_UNTIL + DAY).valid_on(EARNED_UNTIL + DAY)


def test_what_was_withdrawn_is_not_earned_again():
    gone = found(suspended(NOON + DAY, submitted()), "withdraw", NOON + 2 * DAY)

    assert awards.renew(gone, **renewing(NOON + 3 * DAY)) == [
        ReaccreditationEnded(submission=AGAIN, outcome="award-withdrawn", extension_ended_at=NOON + 3 * DAY, clock=None)
    ]


def raising(at: datetime, level: str = "gold") -> dict[str, Any]:
    return {**renewing(at, scheme=LEVELS), "level": level}


def test_a_higher_level_begins_with_its_decision_and_has_a_validity_of_its_own():
    award, at = awarded(scheme=LEVELS, level="bronze"), NOON + 100 * DAY

    [event, certificate] = awards.upgrade(award, **raising(at))

    assert isinstance(event, AccreditationUpgraded)
    assert certificate == CertificateIssued(year=2, starts_at=at, ends_at=event.ends_at)
    higher = after(award, [event, certificate])
    assert (higher.level_on(at - SECOND), higher.level_on(at)) == ("bronze", "gold")
    assert end(higher) == LEVELS.calendar.after(at, LEVELS.clocks.validity)
    assert awards.upgrade(higher, **raising(at + DAY)) == []
    assert higher.clock
    assert higher.clock.due_at == end(higher)


@pytest.mark.parametrize("level", ["bronze", "gold"])
def test_at_no_higher_level_the_running_award_stays_untouched(level: str):
    assert awards.upgrade(awarded(scheme=LEVELS, level="gold"), **raising(NOON + DAY, level)) == []


def test_a_level_earned_in_full_counts_also_when_the_award_ended_meanwhile_but_not_when_it_was_withdrawn():
    award = awarded(scheme=LEVELS, level="gold")
    late = end(award) + DAY

    assert after(award, awards.upgrade(award, **raising(late))).valid_on(late)
    gone = found(suspended(NOON + DAY, award), "withdraw", NOON + 2 * DAY)
    assert awards.upgrade(gone, **raising(NOON + 3 * DAY)) == []
    assert awards.upgrade(award, **{**raising(late), "submission": CASE}) == []


def test_a_higher_level_takes_the_place_of_a_renewal_that_had_not_begun():
    award = awarded(scheme=LEVELS, level="bronze")
    again = after(
        award, awards.renew(award, **{**raising(end(award) - 90 * DAY, "bronze"), "submission": "submission-b"})
    )
    at = end(award) - 10 * DAY

    higher = after(again, awards.upgrade(again, **raising(at)))

    assert [one.level for one in higher.periods] == ["bronze", "gold"]
    assert higher.level_on(end(award)) == "gold"


def test_nothing_is_submitted_or_raised_for_an_award_that_does_not_exist():
    with refused("known-accreditation"):
        awards.submit_reaccreditation(Accreditation(), **submitting())
    with refused("known-accreditation"):
        awards.upgrade(Accreditation(), **raising(NOON))
    assert isinstance(awards.renew(awarded(), **renewing(NOON + DAY))[0], AccreditationRenewed)
