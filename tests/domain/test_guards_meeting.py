"""The edges of a meeting: the shortest that took time, and what its refusals say of who is present."""

import pytest

from domain import meeting as meetings
from domain.meeting import MinutesSigned
from tests.domain.given import DAY, NOON, opened, refused, scheduled

AT = NOON + 45 * DAY


def test_a_meeting_of_one_minute_took_time():
    held = opened()

    assert meetings.sign_minutes(held, by=held.chair, minutes_spent=1) == [MinutesSigned(minutes_spent=1)]


@pytest.mark.parametrize("chair_is_there", [True, False])
def test_a_stranger_is_what_is_said_to_be_wrong_whether_the_chair_is_there_or_not(chair_is_there: bool):
    planned = scheduled()
    present = ("stranger", *([planned.chair] if chair_is_there else []))

    with refused("meeting-panel", match="only members of the panel"):
        meetings.open_meeting(planned, by=planned.chair, present=present, at=AT)


def test_a_panel_without_its_chair_is_told_that_the_chair_is_missing():
    planned = scheduled()

    with refused("meeting-panel", match="the chair is not present"):
        meetings.open_meeting(planned, by=planned.chair, present=planned.panel[1:], at=AT)
