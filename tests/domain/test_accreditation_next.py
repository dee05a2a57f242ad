"""An award is earned again in its time, and by one submission at a time; what changed since is judged the next time."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.accreditation import Accreditation, AccreditationEvent, NextSubmissionRegistered, award, confirmation
from domain.clocks import Duration
from tests.domain.awards import AGAIN, after, awarded, end, renewing
from tests.domain.given import DAY, NOON, SCHEME, SECOND, refused, text

OPENS = replace(SCHEME, reaccreditation_opens=Duration.parse("P6M"))
OPENS_AT = SCHEME.calendar.before(end(awarded()), Duration.parse("P6M"))


def register(held: Accreditation, at: datetime = NOON, **said: Any) -> list[AccreditationEvent]:
    whole = {"submission": AGAIN, "origin": "reaccreditation", "running": [], "scheme": SCHEME, **said}
    return award.register_next(held, **whole, at=at)


@pytest.mark.parametrize("origin", ["reaccreditation", "upgrade"])
def test_the_award_notes_once_which_submission_is_to_earn_it_again_or_to_raise_it(origin: str):
    noted = register(awarded(), origin=origin)

    assert noted == [NextSubmissionRegistered(submission=AGAIN, origin=origin)]
    assert register(after(awarded(), noted), origin=origin, running=[AGAIN]) == []


def test_another_one_meanwhile_is_refused_and_named():
    with refused("one-at-a-time", field="accreditation", match="submission-first"):
        register(awarded(), running=["submission-first"])
    with refused("known-accreditation"):
        register(Accreditation())


def test_it_is_earned_again_from_when_the_scheme_says_and_not_a_second_before():
    with refused("reaccreditation-opens", field="accreditation"):
        register(awarded(), OPENS_AT - SECOND, scheme=OPENS)
    assert register(awarded(), OPENS_AT, scheme=OPENS)
    assert register(awarded(), NOON, scheme=OPENS, origin="upgrade")  # a higher level has no such time


def test_where_the_scheme_says_nothing_it_is_from_when_the_last_period_earned_has_begun():
    again = after(awarded(), award.renew(awarded(), **renewing(end(awarded()) - DAY)))
    begins = end(awarded())

    with refused("reaccreditation-opens"):
        register(again, begins - SECOND, submission="submission-third")
    assert register(again, begins, submission="submission-third")


def test_once_it_has_ended_it_is_not_earned_again_the_light_touch_way():
    with refused("award-runs", field="accreditation"):
        register(awarded(), end(awarded()))
    assert register(awarded(), end(awarded()) - SECOND)


def changed(held: Accreditation, criterion: str) -> Accreditation:
    notified = confirmation.notify_change(held, text=text("so"), criteria=(criterion,), scheme=SCHEME, at=NOON)
    return after(held, notified)


def test_a_change_notified_after_registering_is_left_to_be_judged_and_an_earlier_one_is_not():
    held = changed(awarded(), "1.1")
    held = changed(after(held, register(held)), "2.1")
    assert held.changed == {"1.1", "2.1"}

    assert after(held, award.renew(held, **renewing(end(held) - DAY))).changed == {"2.1"}


def test_what_one_submission_was_not_asked_about_is_not_lost_by_another_that_came_to_nothing():
    held = after(awarded(), register(awarded()))
    held = changed(held, "1.2")
    held = after(held, register(held, submission="submission-other"))

    assert after(held, award.renew(held, **renewing(end(held) - DAY))).changed == {"1.2"}


def test_without_a_registration_on_record_nothing_is_left():
    held = changed(awarded(), "1.1")

    assert after(held, award.renew(held, **renewing(end(held) - DAY))).changed == frozenset()
