"""Cases at their edges, from registration to money: what is still allowed, what is just not, and what a refusal says then."""

from dataclasses import replace
from typing import Any

import pytest

from domain import calibration, pay
from domain.award import AwardLevel
from domain.ledger import account_of
from domain.pay import PayEarned, PayPaid
from domain.scheme import Scheme
from domain.submission import limits, trial
from domain.submission.moving import move
from domain.submission.state import Submission
from tests.domain import given
from tests.domain.awards import LEVELS
from tests.domain.given import AWARD, BEN, SCHEME, after, all_at, refused
from tests.domain.test_calibration import judged
from tests.domain.test_eligibility import ASKING, BY_ROLL, NEITHER, register
from tests.domain.test_moving import WHY, second
from tests.domain.test_support import answer, asked

# -- registration and the time to submit -----------------------------------------------------------------------------


def test_who_answers_what_the_scheme_does_not_ask_is_told_what_it_asks():
    with refused("exclusions-answered", field="applies", match="Allowed: statutory-training, others-design"):
        register(scheme=ASKING, applies={**NEITHER, "bribery": False})
    with refused("exclusions-answered", field="applies", match="this scheme asks nothing"):
        register(applies={"bribery": False})


def test_a_million_learners_are_not_too_many():
    charged = given.scheme(fees=BY_ROLL)

    assert given.registered(scheme=charged, provider_type="charity", roll=1_000_000).registration.roll == 1_000_000


def test_who_prepares_and_was_not_refused_waits_for_no_place():
    assert not limits.waits_for_place(given.preparing())


# -- another version -------------------------------------------------------------------------------------------------


def applying(level: str) -> Submission:
    return given.preparing(given.registered(scheme=LEVELS, applies_for=level))


def move_to(case: Submission, to: Scheme, follows: Submission | None = None) -> Submission:
    return after(case, move(case, scheme=to, follows=follows, applies={}, reason=WHY))


def test_a_case_that_earns_an_award_again_keeps_its_areas_for_consideration_when_it_moves():
    earned = replace(given.released(), areas=("1.2",))
    case = given.registered(follows=earned, accreditation=AWARD)

    assert move_to(case, second(), earned).registration.criteria == ("1.2", "2.1")


@pytest.mark.parametrize("level", ["bronze", "gold"])
def test_a_case_moves_where_the_level_it_applies_for_is_known(level: str):
    moved = move_to(applying(level), replace(LEVELS, version=2))

    assert (moved.registration.applies_for, moved.registration.scheme) == (level, "test-mark@2")


def test_a_case_does_not_move_where_the_level_it_applies_for_is_unknown():
    with refused("level-applied-for", field="to", match="'bronze' is no level of test-mark@2"):
        move_to(applying("bronze"), second())


FEWER = {code: one for code, one in SCHEME.criteria.items() if code != "1.2"}
MORE = (*SCHEME.scale, "higher")


def asking_for(level: str, **changes: Any) -> Scheme:
    """A later version with one award, for every criterion at this level."""
    return second(awards=(AwardLevel(name="mark", form="every-criterion-at-least", level=level),), **changes)


@pytest.mark.parametrize(
    ("levels", "to", "why"),
    [
        (all_at("high"), asking_for("higher", scale=MORE), "1.1, 1.2 and 2.1 below what the lowest award asks"),
        (all_at("high", c12="low"), asking_for("high", criteria=FEWER), "1.2 no longer asked for"),
        (all_at("high", c12="middle"), asking_for("middle"), "1.2 would be enough"),
        (all_at("high"), asking_for("middle"), "the award rules give another level"),
    ],
)
def test_where_an_outcome_would_differ_it_is_said_why(levels: dict[str, str], to: Scheme, why: str):
    case = given.decided(given.confirmed(given.in_moderation(given.assessed(None, levels))))

    tried = trial.under(case, to)

    assert tried
    assert (tried.verdict, tried.why) == ("differs", why)


# -- questions to the provider ---------------------------------------------------------------------------------------


def test_who_answers_no_question_is_told_which_were_asked():
    with refused("known-question", field="number", match=r"one asked \(1, 2\)"):
        answer(asked(asked(), "And when?"), 3)
    with refused("known-question", field="number", match=r"one asked \(none yet\)"):
        answer(given.accepted(), 1)


# -- the end, calibration and pay ------------------------------------------------------------------------------------


def test_a_decided_case_is_over_once_its_result_is_released():
    assert not given.decided().over
    assert not given.approved().over
    assert given.released().over


def test_a_second_marking_may_take_a_single_minute():
    assert calibration.complete(judged(), by=BEN, minutes_spent=1)


def test_who_pays_too_much_is_told_what_is_owed():
    earned = PayEarned(kind="assessment", case="submission-a", amount=300, currency="GBP")

    with refused("pay-within-earned", match=r"Allowed: 1 to 300\."):
        pay.pay(account_of([earned]), amount=301, currency="GBP")
    with refused("pay-within-earned", match="Allowed: nothing, until more is earned"):
        pay.pay(account_of([earned, PayPaid(amount=300, currency="GBP")]), amount=1, currency="GBP")
