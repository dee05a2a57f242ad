"""Badges at their edges: which are made and superseded by what happens to an award, and what one says at which instant."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.accreditation import (
    Accreditation,
    AccreditationEvent,
    AccreditationReinstated,
    AccreditationSuspended,
    concerns,
)
from domain.accreditation import award as awards
from domain.accreditation.validity import Suspension
from domain.badge import Badges
from tests.domain.award_remedies import LATER, follow
from tests.domain.awards import AGAIN, EXTENDING, GIVEN, LEVELS, RAY, concerned, end, in_review, renewing
from tests.domain.given import AWARD, DAY, NOON, SCHEME, SECOND, text

Award = Accreditation


def followed(badges: Badges, events: Iterable[AccreditationEvent], at: datetime = NOON) -> Badges:
    """The badges after these events; there has to be one. The next free place of the body is 40 on from their number."""
    happened = list(events)
    assert happened
    for event in happened:
        badges = badges.after(event, accreditation=AWARD, index=40 + len(badges.badges), at=at)
    return badges


def given_out(**given: Any) -> Badges:
    return followed(Badges(), awards.award(Award(), **{**GIVEN, **given}))


def said(badges: Badges) -> list[tuple[int, int, bool]]:
    return [(one.number, one.index, one.superseded) for one in badges.badges]


ENDS = end(given_out().award)


def earned_again() -> Badges:
    return followed(given_out(), awards.renew(given_out().award, **renewing(ENDS - DAY)), at=ENDS - DAY)


def withdrawn(at: datetime) -> Badges:
    badges = given_out()
    award = in_review(concerned(badges.award), at=at)
    found = {"finding": "withdraw", "reason": text("So it is"), "scheme": SCHEME, "at": at}
    return followed(
        replace(badges, award=award), concerns.conclude_review(award, concern="concern-a", by=RAY, **found), at
    )


# -- which there are ---------------------------------------------------------------------------------------------------


def test_an_award_has_a_badge_with_what_it_was_earned_by():
    [badge] = given_out().badges

    assert (badge.accreditation, badge.number, badge.index, badge.since) == (AWARD, 1, 40, NOON)
    assert (badge.scheme, badge.strengths, badge.superseded) == (SCHEME.ref, ("1.1",), False)


def test_what_changes_no_period_makes_no_badge_and_changes_the_award():
    badges = given_out()
    later = followed(badges, awards.lapse(badges.award, at=ENDS))

    assert later.award.lapsed
    assert later.badges == badges.badges


def test_earned_again_it_has_a_second_badge_and_the_first_stands():
    badges = earned_again()

    assert said(badges) == [(1, 40, False), (2, 41, False)]
    assert [one.since for one in badges.badges] == [NOON, ENDS - DAY]


def test_a_period_that_was_changed_has_another_badge_and_the_former_stays_superseded():
    first = given_out(scheme=LEVELS, level="gold")
    once = followed(first, follow(first.award, level="bronze"))
    twice = followed(once, follow(once.award, level="gold", at=LATER + DAY, appeal="appeal-b"))

    assert said(once) == [(1, 40, True), (2, 41, False), (3, 42, False)]
    assert said(twice)[:2] == [(1, 40, True), (2, 41, False)]
    assert all(one.superseded or one.period in twice.award.periods for one in twice.badges)
    assert [one.period for one in twice.badges if not one.superseded] == list(twice.award.periods)


def test_several_periods_that_are_new_at_once_have_places_of_their_own():
    award = given_out(scheme=EXTENDING).award
    [submitted] = awards.submit_reaccreditation(award, submission=AGAIN, scheme=EXTENDING, at=ENDS - DAY)

    assert said(Badges(award=award).after(submitted, accreditation=AWARD, index=7, at=NOON)) == [
        (1, 7, False),
        (2, 8, False),
    ]


def test_a_period_that_comes_again_has_a_new_badge():
    [badge] = given_out().badges
    badges = Badges(award=Award(), badges=(replace(badge, superseded=True),))

    later = followed(badges, awards.award(Award(), **GIVEN))

    assert said(later) == [(1, 40, True), (2, 41, False)]


def suspended(badges: Badges, concern: str = "concern-a", at: datetime = NOON + DAY) -> Badges:
    return followed(badges, [AccreditationSuspended(concern=concern, suspended_from=at)], at)


def reinstated(badges: Badges, concern: str = "concern-a", at: datetime = NOON + 2 * DAY) -> Badges:
    return followed(badges, [AccreditationReinstated(concern=concern, reinstated_from=at)], at)


def test_suspended_an_award_has_its_badges_superseded_and_reinstated_it_has_others():
    badges = suspended(earned_again())
    assert said(badges) == [(1, 40, True), (2, 41, True)]

    later = reinstated(badges)

    assert said(later) == [(1, 40, True), (2, 41, True), (3, 42, False), (4, 43, False)]
    assert [one.period for one in later.badges[2:]] == list(later.award.periods)
    assert {one.since for one in later.badges[2:]} == {NOON + 2 * DAY}


def test_suspended_twice_it_has_another_badge_once_nothing_suspends_it_any_more():
    badges = suspended(suspended(given_out()), concern="concern-b")
    assert said(badges) == [(1, 40, True)]

    once = reinstated(badges)
    assert said(once) == [(1, 40, True)]
    assert said(reinstated(once, concern="concern-b")) == [(1, 40, True), (2, 41, False)]


def test_a_period_that_was_over_keeps_its_badge_when_the_award_is_suspended():
    badges = suspended(earned_again(), at=ENDS)

    assert said(badges) == [(1, 40, False), (2, 41, True)]
    assert said(suspended(earned_again(), at=ENDS - SECOND)) == [(1, 40, True), (2, 41, True)]


def test_a_period_that_comes_while_the_award_is_suspended_has_a_badge_once_it_is_reinstated():
    badges = suspended(given_out())
    renewed = followed(badges, awards.renew(badges.award, **renewing(ENDS - DAY)), at=ENDS - DAY)
    assert said(renewed) == [(1, 40, True), (2, 41, True)]

    assert said(reinstated(renewed, at=ENDS - SECOND))[2:] == [(3, 42, False), (4, 43, False)]


# -- what one says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "expected"),
    [(NOON - SECOND, "to-begin"), (NOON, "valid"), (ENDS - SECOND, "valid"), (ENDS, "ended")],
    ids=["before", "as-it-begins", "to-the-last", "at-its-end"],
)
def test_a_badge_says_what_holds_at_the_instant(at: datetime, expected: str):
    badges = given_out()

    assert badges.standing(badges.badges[0], at) == expected


def test_a_badge_is_suspended_while_the_award_is():
    badges = given_out()
    suspended = Suspension(concern="concern-a", starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
    badges = replace(badges, award=replace(badges.award, suspensions=(suspended,)))

    said = [badges.standing(badges.badges[0], NOON + days * DAY) for days in range(3)]
    assert said == ["valid", "suspended", "valid"]


def test_the_badge_of_a_suspended_award_is_revoked_and_says_that_it_is_suspended_until_another_one_takes_its_place():
    badges = suspended(given_out())
    [badge] = badges.badges
    at = NOON + DAY

    assert [badges.revoked(badge, at), badges.standing(badge, at), badges.shown(at)] == [True, "suspended", badge]
    assert badges.standing(badge, ENDS) == "ended"
    later = reinstated(badges)
    assert [later.standing(one, NOON + 2 * DAY) for one in later.badges] == ["revoked", "valid"]
    assert later.shown(NOON + 2 * DAY) == later.badges[1]


def test_of_an_award_that_was_withdrawn_while_suspended_every_badge_is_revoked():
    badges = suspended(given_out(), concern="concern-b")
    award = in_review(concerned(badges.award), at=NOON + 2 * DAY)
    found = {"finding": "withdraw", "reason": text("So it is"), "scheme": SCHEME, "at": NOON + 2 * DAY}
    events = concerns.conclude_review(award, concern="concern-a", by=RAY, **found)
    later = followed(replace(badges, award=award), events, NOON + 2 * DAY)

    assert {later.standing(one, NOON + 2 * DAY) for one in later.badges} == {"revoked"}
    assert all(later.revoked(one, NOON + 2 * DAY) for one in later.badges)


def test_of_suspended_periods_the_one_that_it_is_in_is_shown():
    badges = suspended(earned_again())

    assert badges.shown(NOON + DAY) == badges.badges[0]
    assert badges.shown(ENDS) == badges.badges[1]


def test_of_a_withdrawn_award_every_badge_is_revoked_from_that_instant():
    taken = NOON + DAY
    badges = withdrawn(taken)
    first, second = badges.badges

    assert (first.superseded, second.period.ends_at) == (True, taken)
    assert [badges.standing(first, at) for at in (taken - SECOND, taken)] == ["revoked", "revoked"]
    assert [badges.standing(second, at) for at in (taken - SECOND, taken)] == ["valid", "revoked"]


def test_of_an_annulled_award_the_badge_that_was_cut_short_is_revoked_and_an_earlier_one_ended():
    badges = earned_again()
    first, second = badges.badges
    cut = replace(second, period=replace(second.period, ends_at=ENDS + DAY))
    badges = replace(badges, award=replace(badges.award, annulled_at=ENDS + DAY), badges=(first, cut))

    assert [badges.standing(first, at) for at in (ENDS, ENDS + DAY)] == ["ended", "ended"]
    assert [badges.standing(cut, at) for at in (ENDS, ENDS + DAY)] == ["valid", "revoked"]


# -- which one is shown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "number"),
    [(NOON, 1), (ENDS - SECOND, 1), (ENDS, 2), (NOON - SECOND, 2), (ENDS + 9999 * DAY, 2)],
    ids=["first", "still-first", "second", "before-any", "after-all"],
)
def test_the_badge_of_the_period_that_it_is_in_is_shown_or_else_the_last_to_stand(at: datetime, number: int):
    shown = earned_again().shown(at)
    assert shown
    assert shown.number == number


def test_a_superseded_badge_is_shown_only_where_none_stands():
    first, second = earned_again().badges
    aside = replace(second, superseded=True)

    assert Badges(badges=(first, aside)).shown(ENDS) == first
    assert Badges(badges=(first, aside)).shown(ENDS + DAY) == first
    assert Badges(badges=(replace(first, superseded=True), aside)).shown(NOON) == aside
    assert Badges().shown(NOON) is None


def test_of_badges_that_stand_and_are_over_the_one_that_ended_last_is_shown():
    first, second = earned_again().badges
    longer = replace(first, period=replace(first.period, ends_at=second.period.ends_at + DAY))

    assert Badges(badges=(longer, second)).shown(longer.period.ends_at) == longer


def test_between_two_periods_the_later_badge_is_shown():
    first, second = earned_again().badges
    later = replace(second, period=replace(second.period, starts_at=ENDS + DAY))

    assert Badges(badges=(first, later)).shown(ENDS) == later


@pytest.mark.parametrize(
    ("at", "expected"),
    [(NOON - DAY, "to-begin"), (NOON + DAY, "accredited"), (ENDS, "ended"), (ENDS + DAY, "ended")],
)
def test_an_award_stands_by_its_dates_before_its_process_says_so(at: datetime, expected: str):
    assert given_out().award_standing(at) == expected


def test_a_suspended_or_withdrawn_award_stands_so_whatever_its_dates_say():
    assert suspended(given_out()).award_standing(ENDS - DAY) == "suspended"
    assert withdrawn(NOON + DAY).award_standing(ENDS + DAY) == "withdrawn"


def test_of_an_award_without_badges_the_award_alone_says_how_it_stands():
    assert Badges(award=given_out().award).award_standing(NOON + DAY) == "accredited"
