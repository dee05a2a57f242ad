"""Fees: flat, by size band, or by type and roll; in parts; less for a group; and never by what came of a case."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fees import FeeItem, Fees
from domain.submission import events as e
from domain.submission import preparation
from domain.submission.state import Submission
from tests.domain.given import SAID, refused, scheme

ROLLS = {"charity": ((100, 1000), (500, 2000)), "trust": ((100, 3000),)}


def item(**said: Any) -> FeeItem:
    return FeeItem(**{"kind": "registration", "due": "registration", "amounts": {}, "rolls": {}, **said})


def charge(
    fee: FeeItem, *, size_band: str = "small", provider_type: str = "charity", roll: int = 0, grouped: bool = False
) -> int:
    return fee.charge(size_band=size_band, provider_type=provider_type, roll=roll, grouped=grouped)


def test_a_fee_is_flat_or_goes_by_the_providers_size():
    assert charge(item(amount=1234)) == 1234
    assert charge(item(by="size_band", amounts={"small": 1, "large": 2}), size_band="large") == 2


@pytest.mark.parametrize(("roll", "amount"), [(0, 1000), (100, 1000), (101, 2000), (500, 2000), (99_999, 2000)])
def test_a_fee_goes_by_type_and_roll_and_the_last_step_is_for_all_beyond(roll: int, amount: int):
    assert charge(item(by="type_and_roll", rolls=ROLLS), roll=roll) == amount


def test_a_fee_falls_due_in_parts_and_a_group_pays_less_for_each():
    half = item(amount=1001, percent=50, group_discount=10)

    assert charge(half) == 501
    assert charge(half, grouped=True) == 450


@given(amount=st.integers(0, 10**9), percent=st.integers(0, 100), discount=st.integers(0, 100))
def test_no_part_and_no_discount_ever_makes_more_of_a_fee_or_less_than_nothing(
    amount: int, percent: int, discount: int
):
    fee = item(amount=amount, percent=percent, group_discount=discount)

    assert 0 <= charge(fee, grouped=True) <= charge(fee) <= amount


def by_roll() -> Any:
    return scheme(fees=Fees(currency="GBP", items=(item(by="type_and_roll", rolls=ROLLS),)))


def test_where_fees_go_by_type_a_provider_of_another_schemes_type_is_refused():
    said = {**SAID, "scheme": by_roll(), "roll": 50}
    [_, charged] = preparation.register(Submission(), **{**said, "provider_type": "trust"})
    assert charged == e.FeeCharged(kind="registration", amount=3000, currency="GBP")

    for provider_type in ("university", ""):
        with refused("scheme-lists", field="provider_type", match="charity, trust"):
            preparation.register(Submission(), **{**said, "provider_type": provider_type})


def test_where_fees_go_by_the_number_of_learners_it_has_to_be_said():
    with refused("roll-for-fees", field="roll", match="not said"):
        preparation.register(Submission(), **{**SAID, "scheme": by_roll(), "provider_type": "trust"})
