"""The edges of a window: the longest grace, and extensions that would extend nothing."""

import pytest

from domain import window as windows
from domain.window import MOST_GRACE, WindowExtendedFor
from tests.domain.given import DAY, SECOND, refused, text
from tests.domain.test_window import CLOSES, window

CASE, WHY = "submission-a", text("the lead author was ill")


def test_a_grace_of_a_whole_day_is_the_longest():
    assert window(grace_seconds=MOST_GRACE).grace == DAY


@pytest.mark.parametrize("closes_at", [CLOSES, CLOSES - SECOND])
def test_an_extension_for_one_that_does_not_go_beyond_the_closing_for_all_is_refused(closes_at):
    with refused("window-extension", field="closes_at"):
        windows.extend_for(window(), submission=CASE, closes_at=closes_at, reason=WHY, at=CLOSES - DAY)


def test_an_extension_for_one_ends_after_the_instant_at_which_it_is_granted():
    later = CLOSES + DAY

    with refused("window-extension", field="closes_at"):
        windows.extend_for(window(), submission=CASE, closes_at=later, reason=WHY, at=later)
    assert windows.extend_for(window(), submission=CASE, closes_at=later, reason=WHY, at=later - SECOND) == [
        WindowExtendedFor(submission=CASE, closes_at=later, reason=WHY)
    ]
