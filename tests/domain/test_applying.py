"""What a submission is for: a new award, one earned again the light-touch way, or a higher level; and the level applied for."""

from dataclasses import replace
from typing import Any

import pytest

from domain.submission import events as e
from domain.submission import preparation
from domain.submission.applying import Held
from domain.submission.state import Submission
from tests.domain import given
from tests.domain.awards import LEVELS
from tests.domain.given import AWARD, CASE, SAID, after, all_at, refused

APPLIED = replace(LEVELS, award_choice="applied")
AWARDED = given.released()
HELD = Held(id=AWARD, level="bronze")
REFUSED = given.released(
    given.approved(given.decided(given.confirmed(given.in_moderation(given.assessed(None, all_at("low"))))))
)


def registering(**said: Any) -> e.ProgrammeRegistered:
    [registered, *_] = preparation.register(Submission(), **{**SAID, "scheme": LEVELS, **said})
    assert isinstance(registered, e.ProgrammeRegistered)
    return registered


AGAIN: dict[str, Any] = {"id": "submission-b", "follows": AWARDED, "accreditation": AWARD, "held": HELD}
HIGHER: dict[str, Any] = {**AGAIN, "upgrade": True}


def test_the_level_applied_for_is_said_where_the_scheme_assesses_at_just_that():
    with refused("level-applied-for", field="applies_for", match="bronze, gold"):
        registering(scheme=APPLIED)
    with refused("level-applied-for", field="applies_for"):
        registering(applies_for="platinum")

    assert registering(scheme=APPLIED, applies_for="gold").applies_for == "gold"
    assert registering().applies_for is None


def test_who_comes_again_applies_for_the_same_level_unless_another_is_said():
    before = replace(REFUSED, registered=replace(REFUSED.registration, applies_for="gold"))

    assert registering(scheme=APPLIED, id="submission-b", follows=before).applies_for == "gold"
    assert registering(scheme=APPLIED, id="submission-b", follows=before, applies_for="bronze").applies_for == "bronze"


@pytest.mark.parametrize(
    ("choice", "applies_for", "levels", "outcome"),
    [
        ("applied", "gold", all_at("middle"), ("not_awarded", None)),
        ("applied", "bronze", all_at("high"), ("awarded", "bronze")),
        ("highest", "gold", all_at("middle"), ("awarded", "bronze")),
        ("highest", "bronze", all_at("high"), ("awarded", "bronze")),
        ("highest", None, all_at("high"), ("awarded", "gold")),
    ],
)
def test_the_outcome_is_at_the_level_applied_for_or_at_a_lower_one_where_the_highest_reached_counts(
    choice: str, applies_for: str | None, levels: dict[str, str], outcome: tuple[str, str | None]
):
    result = replace(LEVELS, award_choice=choice).outcome(levels, tuple(LEVELS.criteria), applies_for)

    assert (result.outcome, result.level) == outcome


def test_earned_again_light_touch_an_award_stays_at_most_at_its_level():
    assert registering(**AGAIN).applies_for == "bronze"
    assert (
        registering(**{**AGAIN, "held": Held(id=AWARD, level="gold"), "applies_for": "bronze"}).applies_for == "bronze"
    )
    with refused("level-applied-for", field="applies_for", match="needs an upgrade"):
        registering(**AGAIN, applies_for="gold")


def test_declared_changes_are_judged_again_beside_the_light_touch_criteria():
    changed = registering(**{**AGAIN, "held": Held(id=AWARD, level="bronze", changed=frozenset({"1.1"}))})

    assert (changed.criteria, changed.changed) == (("1.1", "2.1"), ("1.1",))


def test_a_higher_level_is_judged_in_full_for_a_fee_of_its_own():
    upgrade = replace(LEVELS.fees.items[0], kind="upgrade", due="upgrade", by="flat", amount=50_000)
    rules = replace(LEVELS, fees=replace(LEVELS.fees, items=(*LEVELS.fees.items, upgrade)))
    case = after(Submission(), preparation.register(Submission(), **{**SAID, "scheme": rules, **HIGHER}))

    assert case.registration.origin == "upgrade"
    assert case.registration.criteria == tuple(rules.criteria)
    assert case.charges == {"upgrade": 50_000}
    assert case.registration.follows == CASE


def test_a_higher_level_is_applied_for_where_the_scheme_has_that_and_while_the_award_runs():
    assert registering(**HIGHER, applies_for="gold").applies_for == "gold"
    with refused("upgrade-allowed", field="upgrade"):
        registering(**HIGHER, scheme=replace(LEVELS, upgrade=False))
    with refused("award-runs", field="accreditation"):
        registering(**{**HIGHER, "held": replace(HELD, runs=False)})
    with refused("level-applied-for", field="applies_for"):
        registering(**HIGHER, applies_for="bronze")
    with refused("level-applied-for", field="applies_for", match="gold is the highest"):
        registering(**{**HIGHER, "held": Held(id=AWARD, level="gold")})
    with refused("level-applied-for", field="applies_for"):
        registering(**HIGHER, scheme=APPLIED)


@pytest.mark.parametrize("follows", [None, REFUSED])
def test_a_higher_level_of_what(follows: Submission | None):
    with refused("linked-submission", field="follows"):
        registering(id="submission-b", follows=follows, upgrade=True)
