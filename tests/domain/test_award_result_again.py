"""What a second result on appeal does to an award: confirmed, corrected or ended, from then on and never backwards."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.accreditation import (
    Accreditation,
    AwardAnnulled,
    AwardConfirmed,
    AwardCorrected,
    PeriodAgain,
    ReaccreditationEnded,
    confirmation,
    due_next,
    remedy,
)
from domain.accreditation import award as awards
from domain.clocks import Deadline, Duration
from tests.domain.award_remedies import END, LATER, follow, handed_in, of_levels, raised, replaced
from tests.domain.awards import (
    AGAIN,
    LEVELS,
    YEARLY,
    after,
    awarded,
    concerned,
    end,
    found,
    renewed,
    renewing,
)
from tests.domain.given import CASE, DAY, NOON, SCHEME, refused, text

# -- a second result ---------------------------------------------------------------------------------------------------


def test_the_same_result_confirms_the_award_once():
    award = awarded()
    events = follow(award, "marked", scheme=SCHEME)

    assert events == [AwardConfirmed(submission=CASE, appeal="appeal-a")]
    later = after(award, events)
    assert replace(later, judged_again=frozenset()) == award
    assert follow(later, "marked", scheme=SCHEME) == []
    assert remedy.remedied(later, "appeal-a")
    assert not remedy.remedied(later, "appeal-b")


def test_another_level_holds_from_the_new_report_on_and_the_end_and_its_clock_stay():
    award = of_levels()
    [event] = follow(award, "gold")

    assert isinstance(event, AwardCorrected)
    assert event.later == (
        PeriodAgain(submission=CASE, scheme=LEVELS.ref, level="gold", strengths=("1.1",), starts_at=LATER, ends_at=END),
    )
    later = after(award, [event])
    assert later.level_on(LATER - timedelta(microseconds=1)) == "bronze"
    assert later.level_on(LATER) == "gold"
    assert (later.ends_at, later.clock) == (END, award.clock)
    assert follow(later, "gold") == []


def test_other_strengths_at_the_same_level_are_a_correction():
    award = awarded()
    [event] = follow(award, "marked", scheme=SCHEME, strengths=("2.1",))

    assert isinstance(event, AwardCorrected)
    assert event.later[0].strengths == ("2.1",)
    assert after(award, [event]).earned[CASE].strengths == ("2.1",)


def test_no_longer_awarded_it_ends_from_then_on():
    award = awarded()
    events = follow(award, None, scheme=SCHEME)

    assert events == [AwardAnnulled(submission=CASE, appeal="appeal-a", annulled_from=LATER, later=(), clock=None)]
    later = after(award, events)
    assert not later.valid_on(LATER)
    assert later.valid_on(LATER - timedelta(microseconds=1))
    assert (later.lapsed, later.annulled_at, later.clock, later.asked) == (True, LATER, None, None)
    assert later.standing(LATER) == "annulled"
    assert later.over
    assert due_next(later, at=LATER) is None
    assert awards.lapse(later, at=END) == []
    assert follow(later, "marked", at=LATER + DAY, appeal="appeal-b") == []


def test_what_earned_nothing_changes_nothing():
    assert follow(awarded(), "gold", submission="submission-x") == []
    with refused("known-accreditation"):
        follow(Accreditation(), "gold")


def test_annulled_at_the_very_instant_at_which_it_began_nothing_is_left_of_it():
    award = awarded()
    later = after(award, follow(award, None, at=NOON))

    assert later.periods == ()
    assert later.ends_at == later.earned_until == NOON


def test_annulled_after_its_end_there_is_nothing_to_end():
    award = after(awarded(), awards.lapse(awarded(), at=END))
    later = after(award, follow(award, None, at=END + DAY))

    assert later.periods == award.periods
    assert later.lapsed


def test_what_an_annulled_award_asked_about_its_years_is_over():
    award = awarded(scheme=YEARLY)
    ask_at = award.years[1].ask_at
    assert ask_at
    award = after(award, confirmation.ask_confirmation(award, scheme=YEARLY, at=ask_at))
    later = after(award, follow(award, None, at=ask_at + DAY, scheme=YEARLY))

    assert later.asked is None
    assert all(one.ends_at <= max(one.starts_at, ask_at + DAY) for one in later.years)
    assert confirmation.year_to_ask(later, ask_at + DAY) is None


def test_a_review_that_reduced_it_still_does_where_that_is_lower():
    award = found(concerned(of_levels("gold")), "reduce", NOON + 10 * DAY, level="bronze", scheme=LEVELS)
    later = after(award, follow(award, "gold", strengths=("2.1",)))
    assert later.level_on(LATER) == "bronze"
    silver = after(later, replaced(later, LATER + DAY, LEVELS))
    assert silver.level_on(LATER + DAY) == "gold"


def test_while_it_is_withdrawn_a_correction_is_kept_for_when_that_is_lifted():
    award = found(concerned(of_levels()), "withdraw", NOON + 10 * DAY)
    corrected = after(award, follow(award, "gold"))
    assert not corrected.valid_on(LATER)

    lifted = after(corrected, replaced(corrected, LATER + DAY, LEVELS))

    assert lifted.level_on(LATER + DAY) == "gold"


def test_annulled_while_it_is_withdrawn_it_does_not_run_again():
    award = found(concerned(), "withdraw", NOON + 10 * DAY)
    annulled = after(award, follow(award, None, scheme=SCHEME))
    assert annulled.annulled_at is None
    assert annulled.standing(LATER) == "withdrawn"

    lifted = after(annulled, replaced(annulled, LATER + DAY))

    assert not lifted.valid_on(LATER + DAY)
    assert lifted.lapsed
    assert lifted.clock is None


# -- earned again, or at a higher level --------------------------------------------------------------------------------


def test_an_upgrade_that_is_no_longer_awarded_lets_the_award_run_on_as_it_was():
    award = raised()
    [event] = follow(award, None, submission=AGAIN)

    assert isinstance(event, AwardAnnulled)
    later = after(award, [event])
    assert (later.level_on(LATER - timedelta(seconds=1)), later.level_on(LATER)) == ("gold", "bronze")
    assert later.ends_at == END
    assert later.clock == Deadline(
        rule="earn-again-before-end",
        due_at=END,
        remind_at=of_levels().clock.remind_at,  # type: ignore[union-attr]
    )
    assert later.annulled_at is None
    assert not later.lapsed
    assert later.years[0] == of_levels().years[0]
    assert later.remind_at == of_levels().remind_at


@pytest.mark.parametrize("level", ["bronze", "gold"])
def test_an_upgrade_that_comes_to_no_higher_level_raises_nothing(level: str):
    award = raised()
    events = follow(award, level, submission=AGAIN, strengths=())

    assert isinstance(events[0], AwardAnnulled if level == "bronze" else AwardConfirmed)


def test_a_reduction_at_the_instant_of_an_upgrade_is_of_the_upgrade_alone():
    at = NOON + 50 * DAY
    award = found(concerned(raised(at=at)), "reduce", at, scope=text("less"))
    assert award.periods[-1].scope == text("less").id
    later = after(award, follow(award, None, submission=AGAIN))

    assert [(one.submission, one.scope) for one in later.periods if one.ends_at > LATER] == [(CASE, None)]


def test_where_the_award_that_it_raised_has_ended_nothing_is_left():
    award = raised()
    later = after(award, follow(award, None, at=END, submission=AGAIN))

    assert later.lapsed
    assert later.annulled_at == END


def test_where_what_it_raised_was_annulled_too_any_level_stands():
    award = raised()
    award = after(award, follow(award, None))
    events = follow(award, "bronze", at=LATER + DAY, submission=AGAIN)

    assert isinstance(events[0], AwardCorrected)


def test_what_was_earned_since_an_upgrade_stands_behind_what_it_had_raised():
    award = raised()
    since = after(award, awards.renew(award, **{**renewing(END - DAY, "submission-c", LEVELS), "level": "gold"}))
    later = after(since, follow(since, None, submission=AGAIN))

    assert later.level_on(LATER) == "bronze"
    assert [one.submission for one in later.periods] == [CASE, AGAIN, CASE, "submission-c"]
    assert not later.valid_on(END)
    assert later.valid_on(since.periods[-1].starts_at)


def test_a_narrower_scope_from_before_an_upgrade_is_none_of_the_upgrade_when_that_is_corrected():
    award = raised(found(concerned(of_levels()), "reduce", NOON + 10 * DAY, scope=text("less")))
    [event] = follow(award, "gold", submission=AGAIN, strengths=("2.1",))

    assert isinstance(event, AwardCorrected)
    assert [(one.submission, one.scope) for one in event.later] == [(AGAIN, None)]


def test_an_upgrade_annulled_at_the_very_instant_at_which_it_began_leaves_the_award_to_its_own_end():
    at = NOON + 50 * DAY
    award = raised(at=at)
    later = after(award, follow(award, None, at=at, submission=AGAIN))

    assert [(one.submission, one.ends_at) for one in later.periods] == [(CASE, at), (CASE, END)]
    assert later.level_on(at) == "bronze"


def test_what_was_earned_since_takes_the_place_of_a_renewal_that_an_upgrade_had_overtaken():
    award = renewed(of_levels(), END - 400 * DAY, "submission-b")
    a_year = Duration.parse("P1Y")
    shorter = replace(LEVELS, clocks=replace(LEVELS.clocks, validity=a_year))
    award = after(
        award,
        awards.upgrade(award, **{**renewing(LEVELS.calendar.before(END, a_year), scheme=shorter), "level": "gold"}),
    )
    award = renewed(award, END - 100 * DAY, "submission-c")
    [event] = follow(award, None, at=END - 50 * DAY, submission=AGAIN)

    assert isinstance(event, AwardAnnulled)
    assert [(one.submission, one.starts_at) for one in event.later] == [(CASE, END - 50 * DAY), ("submission-c", END)]


def test_a_renewal_annulled_before_it_begins_leaves_the_first_period_with_its_clock():
    award = renewed(awarded(), END - 200 * DAY)
    [event] = follow(award, None, at=END - 100 * DAY, submission=AGAIN, scheme=SCHEME)

    later = after(award, [event])
    assert isinstance(event, AwardAnnulled)
    assert event.clock == Deadline(
        rule="earn-again-before-end",
        due_at=END,
        remind_at=tuple(one for one in awarded().clock.remind_at if one > END - 100 * DAY),  # type: ignore[union-attr]
    )
    assert later.valid_on(END - DAY)
    assert not later.valid_on(END)
    assert not later.lapsed


def test_what_is_being_earned_again_is_not_reminded_of_when_something_is_annulled():
    award = replace(renewed(awarded(), END - 200 * DAY), pending=frozenset({"submission-c"}))
    [event] = follow(award, None, at=END - 100 * DAY, submission=AGAIN, scheme=SCHEME)

    assert isinstance(event, AwardAnnulled)
    assert event.clock == Deadline(rule="earn-again-before-end", due_at=END)


def test_what_another_submission_earned_stands_when_the_first_is_annulled():
    award = renewed(awarded(), END - 200 * DAY)
    later = after(award, follow(award, None, at=END - 100 * DAY, scheme=SCHEME))

    assert not later.valid_on(END - DAY)
    assert later.valid_on(END)
    assert later.annulled_at is None
    assert later.clock
    assert later.clock.due_at == end(award)


def test_on_the_basis_of_what_was_annulled_nothing_is_renewed():
    award = handed_in(awarded(), END - 10 * DAY)
    award = after(award, follow(award, None, at=END - 5 * DAY, scheme=SCHEME))

    events = awards.renew(award, **renewing(END - 3 * DAY))

    [ended_] = events
    assert isinstance(ended_, ReaccreditationEnded)
    assert ended_.outcome == "award-annulled"
    higher = awards.upgrade(award, **renewing(END - 3 * DAY, "submission-c"))
    assert after(award, higher).annulled_at is None
