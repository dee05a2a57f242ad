"""What a provider is asked on registering: whether an exclusion applies, and what the fees go by."""

from dataclasses import replace
from typing import Any

import pytest

from domain.scheme import Exclusion
from domain.submission import preparation
from domain.submission.state import Submission
from tests.domain import given
from tests.domain.given import SAID, SCHEME, refused, scheme

STATUTORY = Exclusion(code="statutory-training", question="Is it training that the law requires?")
DELIVERS = Exclusion(code="others-design", question="Do you deliver what others designed?")
ASKING = scheme(exclusions=(STATUTORY, DELIVERS))
NEITHER = {"statutory-training": False, "others-design": False}


def register(**said: Any) -> Any:
    return preparation.register(Submission(), **{**SAID, **said})


def test_a_programme_to_which_no_exclusion_applies_is_registered_with_what_was_ruled_out():
    case = given.registered(scheme=ASKING, applies=NEITHER)

    assert case.registration.ruled_out == ("statutory-training", "others-design")
    assert given.registered().registration.ruled_out == ()


def test_an_exclusion_that_applies_is_refused_with_its_code():
    with refused("excluded-programmes", field="applies.others-design", match="others-design"):
        register(scheme=ASKING, applies={**NEITHER, "others-design": True})


@pytest.mark.parametrize("applies", [{}, {"statutory-training": False}, {**NEITHER, "bribery": False}])
def test_every_question_of_the_scheme_is_answered_and_no_other(applies: dict[str, bool]):
    with refused("exclusions-answered"):
        register(scheme=ASKING, applies=applies)


BY_ROLL = replace(
    SCHEME.fees,
    items=(
        replace(
            SCHEME.fees.items[0],
            by="type_and_roll",
            amounts={},
            rolls={"charity": ((100, 10_000), (500, 30_000)), "trust": ((100, 20_000),)},
            group_discount=10,
        ),
    ),
)


@pytest.mark.parametrize(
    ("roll", "group", "amount"), [(100, None, 10_000), (101, None, 30_000), (9000, "hill", 27_000)]
)
def test_a_fee_goes_by_type_and_roll_and_is_less_for_those_who_go_through_together(
    roll: int, group: str | None, amount: int
):
    case = given.registered(scheme=scheme(fees=BY_ROLL), provider_type="charity", roll=roll, group=group)

    assert case.charges == {"registration": amount}


@pytest.mark.parametrize("roll", [0, -1, 1_000_001])
def test_where_fees_go_by_roll_it_has_to_be_said(roll: int):
    with refused("roll-for-fees", field="roll"):
        register(scheme=scheme(fees=BY_ROLL), provider_type="charity", roll=roll)


def test_a_group_is_named_by_a_code_since_it_stands_in_the_record():
    with refused("codes", field="group"):
        register(group="The Hill Schools")
