"""What an upheld appeal does to a reaccreditation and to the finding of a review: judged again, replaced, from then on."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.accreditation import (
    Accreditation,
    AccreditationReinstated,
    CertificateIssued,
    ConcernReopened,
    ReaccreditationReopened,
    ReductionUndone,
    ReviewReplaced,
    WithdrawalLifted,
    concerns,
    confirmation,
    evolve,
    remedy,
)
from domain.accreditation import award as awards
from domain.clocks import Deadline
from tests.domain.award_remedies import END, LATER, ended, follow, handed_in, of_levels, reopened, replaced
from tests.domain.awards import (
    AGAIN,
    EXTENDING,
    GIVEN,
    LEVELS,
    YEARLY,
    after,
    awarded,
    concerned,
    found,
    in_review,
    renewing,
    suspended,
)
from tests.domain.given import CASE, DAY, NOON, SCHEME, fold, refused, text

# -- a reaccreditation judged again ------------------------------------------------------------------------------------


def test_before_the_end_it_carries_validity_on_again_behind_it():
    award = ended(handed_in(awarded(scheme=EXTENDING), END - 60 * DAY), END - 20 * DAY)
    [event] = reopened(award, END - 10 * DAY)

    cap = EXTENDING.calendar.after(END, EXTENDING.extension)  # type: ignore[arg-type]
    assert event == ReaccreditationReopened(
        submission=AGAIN,
        appeal="appeal-a",
        extension_starts_at=END,
        extension_ends_at=cap,
        clock=Deadline(rule="earn-again-before-end", due_at=END),
    )
    later = after(award, [event])
    assert later.pending == {AGAIN}
    assert later.ends_at == cap
    assert reopened(later, END - 10 * DAY) == []


def test_after_the_end_it_carries_validity_on_from_then_on_and_the_time_between_stays_without():
    award = ended(handed_in(awarded(scheme=EXTENDING), END - 60 * DAY), END + 20 * DAY)
    at = END + 40 * DAY
    assert award.lapsed
    [event] = reopened(award, at)

    assert isinstance(event, ReaccreditationReopened)
    later = after(award, [event])
    cap = EXTENDING.calendar.after(END, EXTENDING.extension)  # type: ignore[arg-type]
    assert event.clock == Deadline(rule=awards.EXTENSION, due_at=cap)
    assert later.clock == event.clock
    [at_once] = reopened(award, END + 20 * DAY)
    assert isinstance(at_once, ReaccreditationReopened)
    assert at_once.extension_starts_at == END + 20 * DAY
    assert later.valid_on(END + 10 * DAY)
    assert not later.valid_on(END + 30 * DAY)
    assert later.valid_on(at)
    assert not later.lapsed
    renewal = after(later, awards.renew(later, **renewing(at + DAY, scheme=EXTENDING)))
    assert renewal.valid_on(at + DAY)
    assert renewal.ends_at == EXTENDING.calendar.after(END, EXTENDING.clocks.validity)


@pytest.mark.parametrize("at", [END, END + 400 * DAY])
def test_what_had_no_extension_or_none_left_is_only_judged_again(at: datetime):
    award = ended(handed_in(awarded(), END - 60 * DAY, scheme=SCHEME if at == END else EXTENDING), END - DAY)
    [event] = reopened(award, at)

    assert event == ReaccreditationReopened(
        submission=AGAIN, appeal="appeal-a", extension_starts_at=None, extension_ends_at=None, clock=None
    )
    assert not after(award, [event]).valid_on(at)


def test_at_the_very_end_of_what_was_earned_its_extension_begins_at_once():
    award = ended(handed_in(awarded(scheme=EXTENDING), END - 60 * DAY), END - 20 * DAY)
    [event] = reopened(award, END)

    assert isinstance(event, ReaccreditationReopened)
    assert event.extension_starts_at == END
    assert event.clock == Deadline(rule=awards.EXTENSION, due_at=award.carried[AGAIN][1])


def test_at_the_very_end_of_its_extension_nothing_is_left_to_carry():
    award = ended(handed_in(awarded(scheme=EXTENDING), END - 60 * DAY), END + 20 * DAY)
    cap = award.carried[AGAIN][1]
    [event] = reopened(award, cap)

    assert isinstance(event, ReaccreditationReopened)
    assert event.extension_ends_at is None


def test_where_another_one_carries_it_on_or_has_earned_it_there_is_nothing_more_to_carry():
    award = ended(handed_in(awarded(scheme=EXTENDING), END - 60 * DAY), END - 50 * DAY)
    award = handed_in(award, END - 40 * DAY, "submission-c")
    [event] = reopened(award, END - 30 * DAY)
    assert isinstance(event, ReaccreditationReopened)
    assert event.extension_ends_at is None
    earned = after(award, awards.renew(award, **renewing(END - 20 * DAY, "submission-c", EXTENDING)))
    [event] = reopened(earned, END - 10 * DAY)
    assert isinstance(event, ReaccreditationReopened)
    assert event.extension_ends_at is None
    assert reopened(earned, END, "submission-c") == []


def test_what_it_was_to_be_carried_on_from_has_to_be_its_end_still():
    levels = replace(LEVELS, extension=EXTENDING.extension)
    award = ended(handed_in(of_levels(scheme=levels), END - 60 * DAY, scheme=levels), END - 50 * DAY)
    higher = {**renewing(END - 40 * DAY, "submission-c", levels), "level": "gold"}
    award = after(award, awards.upgrade(award, **higher))
    [event] = reopened(award, END - 30 * DAY)

    assert isinstance(event, ReaccreditationReopened)
    assert event.extension_ends_at is None


@pytest.mark.parametrize("days", [-40, 10], ids=["before-its-end", "in-its-extension"])
@pytest.mark.parametrize("gone", ["withdrawn", "annulled"])
def test_of_what_is_gone_nothing_is_carried_on(gone: str, days: int):
    award, at = handed_in(awarded(scheme=EXTENDING), END - 60 * DAY), END + days * DAY
    if days < 0:
        award = ended(award, at - 10 * DAY)
    if gone == "withdrawn":
        award = found(concerned(award), "withdraw", at)
    else:
        award = after(award, follow(award, None, at=at, scheme=SCHEME))
    if days > 0:
        award = ended(award, at + DAY)
    [event] = reopened(award, at + 10 * DAY)

    assert isinstance(event, ReaccreditationReopened)
    assert (event.extension_ends_at, event.clock) == (None, None)


def test_a_reaccreditation_of_no_award_is_refused():
    with refused("known-accreditation"):
        reopened(Accreditation())


# -- a review ----------------------------------------------------------------------------------------------------------


def test_a_suspension_ends_at_the_appeal_s_decision_and_its_certificates_come():
    award = suspended(NOON + 10 * DAY, awarded(scheme=YEARLY))
    second = award.years[1]
    award = after(award, confirmation.confirm_year(award, year=2, statement=text("it does"), at=second.starts_at))
    at = second.starts_at + DAY
    events = replaced(award, at)

    assert events[:2] == [
        ReviewReplaced(concern="concern-a", appeal="appeal-a", finding="suspend", reason=text("it was taught")),
        AccreditationReinstated(concern="concern-a", reinstated_from=at),
    ]
    assert [one.year for one in events[2:] if isinstance(one, CertificateIssued)] == [2]
    later = after(award, events)
    assert later.valid_on(at)
    assert not later.valid_on(at - timedelta(microseconds=1))
    assert later.concerns["concern-a"].finding == "no_action"
    assert replaced(later, at) == []
    assert remedy.remedied(later, "appeal-a")


def test_a_further_review_of_the_concern_ends_with_it():
    award = in_review(suspended(NOON + 10 * DAY), at=NOON + 20 * DAY)
    later = after(award, replaced(award))

    assert (later.concerns["concern-a"].reviewer, later.concerns["concern-a"].clock) == (None, None)


def test_a_reduction_is_undone_from_then_on():
    to = {"level": "bronze", "scope": text("less"), "scheme": LEVELS}
    award = found(concerned(of_levels("gold")), "reduce", NOON + 10 * DAY, **to)
    whole = after(award, awards.renew(award, **{**renewing(END - DAY, scheme=LEVELS), "level": "gold"}))
    assert whole.reductions[0].scope_of == {CASE, AGAIN}
    [_, event] = replaced(award, scheme=LEVELS)

    assert isinstance(event, ReductionUndone)
    later = after(award, [event])
    assert (later.level_on(LATER - timedelta(seconds=1)), later.level_on(LATER)) == ("bronze", "gold")
    assert [one.scope for one in later.periods] == [None, text("less").id, None]
    assert later.ends_at == END


def test_what_another_review_reduced_stays_reduced():
    award = found(concerned(of_levels("gold")), "reduce", NOON + 10 * DAY, scope=text("less"))
    award = concerned(award, "concern-b")
    award = found(award, "reduce", NOON + 20 * DAY, "concern-b", level="bronze", scheme=LEVELS)
    first = after(award, replaced(award, scheme=LEVELS))
    assert (first.level_on(LATER), first.periods[-1].scope) == ("bronze", None)

    second = after(award, replaced(award, scheme=LEVELS, concern="concern-b"))
    assert (second.level_on(LATER), second.periods[-1].scope) == ("gold", text("less").id)


def test_a_narrower_scope_is_undone_for_what_was_earned_since_too_and_a_level_earned_since_stays():
    award = found(
        concerned(of_levels("gold")), "reduce", NOON + 10 * DAY, level="bronze", scope=text("less"), scheme=LEVELS
    )
    award = after(award, awards.renew(award, **{**renewing(END - 9 * DAY, scheme=LEVELS), "level": "bronze"}))
    assert award.periods[-1].scope == text("less").id
    later = after(award, replaced(award, scheme=LEVELS))

    assert [(one.level, one.scope) for one in later.periods if one.ends_at > LATER] == [
        ("gold", None),
        ("bronze", None),
    ]


def test_a_withdrawn_award_runs_again_to_its_original_end():
    award = found(concerned(), "withdraw", NOON + 10 * DAY)
    [_, event] = replaced(award)

    assert isinstance(event, WithdrawalLifted)
    later = after(award, [event])
    assert not later.valid_on(LATER - timedelta(microseconds=1))
    assert later.valid_on(LATER)
    assert (later.ends_at, later.withdrawn_at, later.lapsed) == (END, None, False)
    assert later.clock == awarded().clock
    assert later.before == {}
    assert later.years == awarded().years
    assert later.standing(LATER) == "accredited"
    assert not later.over
    assert [one.year for one in later.certificates] == [1]


@pytest.mark.parametrize("at", [END, END + DAY])
def test_once_its_original_end_is_past_it_does_not_run_again(at: datetime):
    award = found(concerned(), "withdraw", NOON + 10 * DAY)
    later = after(award, replaced(award, at))

    assert not later.valid_on(at)
    assert (later.withdrawn_at, later.lapsed, later.clock) == (None, True, None)
    assert later.standing(at) == "lapsed"


def test_reminders_of_what_runs_again_are_those_still_to_come():
    award = found(concerned(), "withdraw", NOON + 10 * DAY)
    reminded = awarded().clock.remind_at  # type: ignore[union-attr]
    later = after(award, replaced(award, reminded[0]))

    assert later.clock
    assert later.clock.remind_at == reminded[1:]


def test_a_year_that_was_asked_about_is_asked_about_again():
    award = awarded(scheme=YEARLY)
    ask_at = award.years[1].ask_at
    assert ask_at
    award = after(award, confirmation.ask_confirmation(award, scheme=YEARLY, at=ask_at))
    award = found(concerned(award), "withdraw", ask_at + DAY)
    later = after(award, replaced(award, ask_at + 2 * DAY, YEARLY))

    assert confirmation.year_to_ask(later, ask_at + 2 * DAY) == 2
    assert later.years == awarded(scheme=YEARLY).years


def test_a_year_that_passed_while_it_was_withdrawn_is_over():
    award = found(concerned(awarded(scheme=YEARLY)), "withdraw", NOON + 10 * DAY)
    third = awarded(scheme=YEARLY).years[2]
    later = after(award, replaced(award, third.starts_at, YEARLY))

    assert confirmation.year_to_ask(later, third.starts_at) == 3
    assert later.years[2] == third


def test_withdrawn_at_the_very_instant_at_which_it_began_it_ended_then():
    award = found(concerned(), "withdraw", NOON)

    assert award.periods == ()
    assert award.ends_at == award.earned_until == NOON


def test_years_of_what_was_annulled_while_it_was_withdrawn_are_over_when_that_is_lifted_and_those_earned_next_stay():
    award = awarded(scheme=YEARLY)
    award = after(award, awards.renew(award, **renewing(END - 200 * DAY, scheme=YEARLY)))
    withdrawn = found(concerned(award), "withdraw", END - 100 * DAY)
    at = END - 50 * DAY
    first = after(withdrawn, follow(withdrawn, None, at=END - 60 * DAY, scheme=SCHEME))
    second = after(withdrawn, follow(withdrawn, None, at=END - 60 * DAY, scheme=SCHEME, submission=AGAIN))

    assert after(first, replaced(first, at)).years == (
        *award.years[:2],
        replace(award.years[2], ends_at=at),
        *award.years[3:],
    )
    lifted = after(second, replaced(second, at))
    assert lifted.years[:3] == award.years[:3]
    assert all(one.starts_at == one.ends_at for one in lifted.years[3:])


def test_other_concerns_that_the_withdrawal_closed_are_to_be_taken_up_again():
    award = concerned(concerned(), "concern-b")
    done = found(concerned(award, "concern-c"), "no_action", NOON, "concern-c")
    award = found(done, "withdraw", NOON + 10 * DAY)
    events = replaced(award)

    clock = Deadline(rule=concerns.TAKE_UP, due_at=SCHEME.calendar.due(LATER, SCHEME.concern_taken_up))
    assert [one for one in events if isinstance(one, ConcernReopened)] == [
        ConcernReopened(concern="concern-b", clock=clock)
    ]
    assert after(award, events).concerns["concern-b"].clock == clock


@pytest.mark.parametrize("carried", [True, False])
def test_a_lifted_award_is_carried_on_where_it_is_still_being_earned_again(carried: bool):
    award = handed_in(awarded(scheme=EXTENDING), END - 60 * DAY)
    award = found(concerned(award), "withdraw", END - 50 * DAY)
    if not carried:
        award = ended(award, END - 40 * DAY)
    later = after(award, replaced(award, END - 30 * DAY))
    assert later.valid_on(END + DAY) is carried
    assert later.clock
    assert later.clock.due_at == END
    assert bool(later.clock.remind_at) is not carried

    if carried:
        after_end = after(award, replaced(award, END + DAY))
        assert after_end.clock == Deadline(rule=awards.EXTENSION, due_at=award.carried[AGAIN][1])
        assert after_end.standing(END + DAY) == "extended"


@pytest.mark.parametrize("finding", ["no_action", None])
def test_only_what_suspended_reduced_or_withdrew_is_contested(finding: str | None):
    award = found(concerned(), "no_action", NOON + DAY) if finding else concerned()
    with refused("remedy-fits", field="concern", match="suspend, reduce, withdraw"):
        replaced(award)
    with refused("known-concern", field="concern"):
        replaced(award, concern="concern-x")
    with refused("known-accreditation"):
        replaced(Accreditation())


def test_the_state_is_made_from_the_events_alone():
    events = awards.award(Accreditation(), **GIVEN)
    award = fold(evolve, Accreditation(), events)
    more = follow(award, None, scheme=SCHEME)

    assert fold(evolve, Accreditation(), [*events, *more]) == after(award, more)
