"""Until when a record is kept: the current cycle and the one before; matters from their closing; people from their last role."""

from datetime import datetime, timedelta
from typing import Any

from domain.accreditation import Accreditation, concerns, evolve
from domain.accreditation import award as awards
from domain.clocks import Calendar, Duration
from domain.pay import PayEarned, PayPaid
from domain.person import Person, RoleEnded, WorkTaken
from domain.person import evolve as person_evolve
from domain.retention.keeping import (
    Part,
    Until,
    award_runs_until,
    case_kept,
    cycle_at,
    cycle_kept,
    matter_kept,
    person_kept,
    provider_kept,
)
from domain.retention_policy import RetentionPolicy
from domain.states import replace
from tests.domain.awards import AGAIN, awarded, renewing
from tests.domain.given import CASE, DAY, NOON, SCHEME, SECOND, fold, member, preparing, released, text, withdrawn
from tests.domain.test_retention_policy import content

POLICY: RetentionPolicy = content()
CALENDAR = Calendar(zone="Europe/London")
RULE = POLICY.rules["portfolio"]
THIRD = "submission-third"


def years(at: datetime, count: int) -> datetime:
    return CALENDAR.after(at, Duration(text="", months=12 * count))


def again(award: Accreditation, submission: str = AGAIN) -> Accreditation:
    """The award earned again, a month before its end."""
    return fold(evolve, award, awards.renew(award, **renewing(award.ends_at - 30 * DAY, submission)))


def cycle(award: Accreditation, of: str, *, next_runs: bool = False) -> Until:
    return cycle_kept(award, cycle=of, next_runs=next_runs, rule=RULE, calendar=CALENDAR)


def case_until(case: Any, award: Accreditation | None = None, ended_at: datetime | None = NOON, **said: Any) -> Until:
    given = {"next_runs": False, "rule": RULE, "calendar": CALENDAR} | said
    return case_kept(case, ended_at=ended_at, award=award or Accreditation(), **given)


def test_a_record_is_let_go_at_its_instant_and_not_a_second_before():
    until = Until(ground="legal-claims", at=NOON)

    assert not until.past(NOON - SECOND)
    assert until.past(NOON)
    assert not Until(ground="running-case").past(NOON)


def test_a_running_case_is_kept_and_nobody_can_say_until_when():
    assert case_until(preparing(), ended_at=None) == Until(ground="running-case")
    assert case_until(withdrawn(), ended_at=None) == Until(ground="running-case")
    assert case_until(preparing()) == Until(ground="running-case")


def test_a_case_that_earned_nothing_is_kept_so_long_after_its_end():
    assert case_until(withdrawn()) == Until(ground="accreditation-record", at=years(NOON, 3))


def test_without_a_later_cycle_the_time_counts_from_the_award_s_end():
    award = awarded()

    assert cycle(award, CASE) == Until(ground=RULE.ground, at=years(award.ends_at, 3))
    assert case_until(released(), award) == cycle(award, CASE)


def test_while_the_next_submission_is_not_over_nobody_can_say():
    assert cycle(awarded(), CASE, next_runs=True) == Until(ground="running-case")
    assert case_until(released(), awarded(), next_runs=True) == Until(ground="running-case")


def test_the_cycle_before_the_current_one_is_kept_until_the_current_one_ends():
    first = awarded()
    second = again(first)

    assert cycle(second, CASE) == Until(ground=RULE.ground, at=second.ends_at)
    assert cycle(second, CASE, next_runs=True) == cycle(second, CASE)
    assert cycle(second, AGAIN).at == years(second.ends_at, 3)


def test_of_three_cycles_the_first_goes_when_the_second_has_ended():
    second = again(awarded())
    third = again(second, THIRD)

    assert cycle(third, CASE).at == second.ends_at
    assert cycle(third, AGAIN).at == third.ends_at


def test_a_concern_that_is_looked_at_keeps_all_of_the_award():
    award = awarded()
    raised = concerns.raise_concern(award, id="concern-a", raised_by=None, text=text("misuse"), scheme=SCHEME, at=NOON)
    open_one = fold(evolve, award, raised)

    assert cycle(open_one, CASE) == Until(ground="open-matter")


def test_a_submission_that_was_to_earn_an_award_again_and_did_not_belongs_to_the_cycle_that_ran():
    award = awarded()
    not_again = replace(withdrawn(), id=AGAIN)
    ended_at = award.ends_at - 30 * DAY

    assert case_until(not_again, award, ended_at).at == years(award.ends_at, 3)
    late = award.ends_at + 30 * DAY
    assert case_until(not_again, award, late).at == years(late, 3)
    assert case_until(not_again, award, ended_at, next_runs=True).at is None


def test_the_cycle_of_an_instant_is_the_last_that_had_begun():
    award = again(awarded())
    begins = award.periods[1].starts_at

    assert cycle_at(award, begins) == AGAIN
    assert cycle_at(award, begins - SECOND) == CASE
    assert cycle_at(award, NOON - 999 * DAY) == CASE


def test_what_a_submission_earned_runs_to_its_own_end():
    award = again(awarded())

    assert award_runs_until(award, CASE) == award.periods[0].ends_at
    assert award_runs_until(award, AGAIN) == award.ends_at
    assert award_runs_until(award, THIRD) is None


def test_a_matter_s_texts_are_kept_from_its_closing_and_while_it_is_open():
    rule, later = POLICY.rules["complaints"], NOON + 90 * DAY

    assert matter_kept(recorded_at=NOON, closed_at=None, rule=rule, calendar=CALENDAR) == Until(ground="open-matter")
    kept = matter_kept(recorded_at=NOON, closed_at=later, rule=rule, calendar=CALENDAR)
    assert kept == Until(ground="legal-claims", at=years(later, 6))


def test_what_counts_from_being_recorded_does_so_whether_the_matter_is_closed_or_not():
    rule = POLICY.rules["governance"]

    for closed_at in (None, NOON + 90 * DAY):
        kept = matter_kept(recorded_at=NOON, closed_at=closed_at, rule=rule, calendar=CALENDAR)
        assert kept == Until(ground="governance-record", at=years(NOON, 6))


def test_a_provider_s_names_are_kept_from_the_end_of_its_last_case_or_award():
    rule, given = POLICY.rules["providers"], {"known_at": NOON, "calendar": CALENDAR}

    assert provider_kept(ended_at=[], rule=rule, **given).at == years(NOON, 10)
    assert provider_kept(ended_at=[NOON + DAY, NOON + 9 * DAY], rule=rule, **given).at == years(NOON + 9 * DAY, 10)
    assert provider_kept(ended_at=[NOON + DAY, None], rule=rule, **given) == Until(ground="running-case")


STAFF = member("zoe", "officer")
FORMER = fold(person_evolve, STAFF, [RoleEnded(role=role, scheme=scheme) for role, scheme in STAFF.roles])


def person(who: Person = FORMER, *, at: datetime = NOON, **said: Any) -> dict[str, datetime | None]:
    """What keeps a person's record, by ground."""
    given = {"acts": False, "since": NOON - 30 * DAY, "parts": (), "paid_at": None, "named_in_open": False} | said
    kept = person_kept(who, **given, policy=POLICY, calendar=CALENDAR, at=at)
    return {one.ground: one.at for one in kept}


def test_a_person_s_record_is_kept_a_year_after_their_last_role():
    ends_at = years(NOON - 30 * DAY, 1)

    assert person() == {"working-relation": ends_at}
    assert person(at=ends_at) == {}
    assert person(at=ends_at - SECOND) == {"working-relation": ends_at}
    assert person(acts=True, at=NOON + 999 * DAY) == {"working-relation": None}


LONG = NOON + 9999 * DAY


def test_a_running_case_keeps_whoever_takes_part_in_it():
    assert person(at=LONG, parts=[Part(over=True)]) == {}
    assert person(at=LONG, parts=[Part(over=True), Part(over=False)]) == {"running-case": None}
    busy = fold(person_evolve, FORMER, [WorkTaken(submission=CASE, window="window-a")])
    assert person(busy, at=LONG) == {"running-case": None}


def test_an_award_keeps_the_name_of_whoever_it_rests_on_while_it_runs():
    parts = [Part(over=True, award_ends_at=LONG + DAY), Part(over=True, award_ends_at=LONG + 2 * DAY)]

    assert person(at=LONG, parts=parts) == {"award-runs": LONG + 2 * DAY}
    assert person(at=LONG + 2 * DAY, parts=parts) == {}
    assert person(at=LONG + 2 * DAY - SECOND, parts=parts) == {"award-runs": LONG + 2 * DAY}


def test_an_open_matter_keeps_whom_it_names():
    assert person(at=LONG, named_in_open=True) == {"open-matter": None}


def test_pay_keeps_the_name_until_it_is_paid_and_then_for_the_accounts():
    earned = fold(person_evolve, FORMER, [PayEarned(kind="assessment", case=CASE, amount=100, currency="GBP")])
    paid = fold(person_evolve, earned, [PayPaid(amount=100, currency="GBP")])

    assert person(earned, at=LONG, paid_at=LONG - 4000 * DAY) == {"pay-records": None}
    assert person(paid, at=LONG, paid_at=LONG - DAY) == {"pay-records": years(LONG - DAY, 6)}
    assert person(paid, at=LONG, paid_at=LONG - timedelta(days=6 * 366)) == {}


def test_who_never_earned_anything_is_kept_by_no_accounts():
    assert "pay-records" not in person()
