"""The edges of what a clock takes: the first and the last instant that can be meant, and why another can't."""

from datetime import datetime, timedelta

import pytest

from domain.clocks import checked_instant
from tests.domain.given import SECOND, refused, utc

FIRST, BEYOND = utc("2000-01-01 00:00"), utc("2200-01-01 00:00")


def test_instants_are_taken_from_the_first_to_the_last_second_that_can_be_meant():
    assert checked_instant(FIRST, field="at") == FIRST
    assert checked_instant(BEYOND - SECOND, field="at") == BEYOND - SECOND


@pytest.mark.parametrize("at", [FIRST - SECOND, BEYOND, BEYOND + timedelta(days=400)])
def test_an_instant_that_can_not_be_meant_is_refused_as_out_of_range(at: datetime):
    with refused("instants", field="at", match="is out of range"):
        checked_instant(at, field="at")


def test_an_instant_without_an_offset_is_refused_as_such():
    with refused("instants", field="at", match="has no offset from UTC"):
        checked_instant(FIRST.replace(tzinfo=None), field="at")
