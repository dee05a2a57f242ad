"""A moderation meeting: scheduled with a quorum, opened and minuted by its chair, with members of its panel only."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import meeting as meetings
from domain.meeting import Meeting, MeetingOpened, MinutesSigned, evolve
from domain.refusals import Refused
from tests.domain.given import CASE, DAY, MEETING, NOON, SCHEME, SECOND, fold, opened, refused, scheduled

PLAN: dict[str, Any] = {
    "id": MEETING,
    "scheme": SCHEME.id,
    "starts_at": NOON,
    "chair": "chair",
    "panel": ("mia", "nik"),
    "items": (CASE,),
    "quorum": 3,
    "at": NOON,
}


def meeting(**plan: Any) -> Meeting:
    return fold(evolve, Meeting(), meetings.schedule(Meeting(), **{**PLAN, **plan}))


def test_a_meeting_begins_now_or_later():
    with refused("meeting-time", field="starts_at", match="past"):
        meeting(starts_at=NOON - SECOND)
    assert meeting(starts_at=NOON).starts_at == NOON


def test_the_chair_is_one_of_the_panel_and_nobody_is_counted_twice():
    assert meeting(panel=("mia", "nik", "chair", "mia")).panel == ("chair", "mia", "nik")
    assert meeting(items=(CASE, CASE)).items == (CASE,)


@pytest.mark.parametrize(
    ("plan", "rule", "field"),
    [
        ({"items": ()}, "meeting-items", "items"),
        ({"panel": ("mia",)}, "meeting-quorum", "panel"),
        ({"panel": ("mia", "mia", "chair")}, "meeting-quorum", "panel"),
        ({"panel": ()}, "meeting-quorum", "panel"),
    ],
)
def test_a_meeting_without_items_or_quorum_is_refused(plan: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        meetings.schedule(Meeting(), **{**PLAN, **plan})


def test_what_was_scheduled_opened_or_signed_is_not_so_a_second_time():
    once = meeting()
    assert meetings.schedule(once, **{**PLAN, "chair": "other"}) == []

    begun = fold(evolve, once, meetings.open_meeting(once, by="chair", present=("chair", "mia"), at=NOON))
    assert meetings.open_meeting(begun, by="chair", present=("chair",), at=NOON + DAY) == []

    over = fold(evolve, begun, meetings.sign_minutes(begun, by="chair", minutes_spent=60))
    assert meetings.sign_minutes(over, by="chair", minutes_spent=90) == []


def test_a_meeting_opens_at_its_time_and_not_a_second_before():
    with refused("meeting-time", field="at"):
        meetings.open_meeting(meeting(), by="chair", present=("chair",), at=NOON - SECOND)
    assert meetings.open_meeting(meeting(), by="chair", present=("chair",), at=NOON) == [
        MeetingOpened(present=("chair",))
    ]


@pytest.mark.parametrize("present", [("chair", "stranger"), ("mia", "nik"), ()])
def test_only_members_of_the_panel_are_present_and_the_chair_is(present: tuple[str, ...]):
    with refused("meeting-panel", field="present"):
        meetings.open_meeting(meeting(), by="chair", present=present, at=NOON)


def test_nobody_but_its_chair_opens_a_meeting_or_signs_its_minutes():
    with refused("meeting-chair", field="actor"):
        meetings.open_meeting(meeting(), by="mia", present=("chair", "mia"), at=NOON)
    with refused("meeting-chair", field="actor"):
        meetings.sign_minutes(opened(), by="mia", minutes_spent=60)


def test_minutes_are_signed_of_a_meeting_that_was_held_and_took_time():
    with refused("meeting-order", field="meeting"):
        meetings.sign_minutes(meeting(), by="chair", minutes_spent=60)
    with refused("minutes-spent", field="minutes_spent"):
        meetings.sign_minutes(opened(), by=opened().chair, minutes_spent=0)


def test_a_meeting_that_does_not_exist_can_be_neither_opened_nor_minuted():
    with refused("known-meeting", field="meeting"):
        meetings.open_meeting(Meeting(), by="", present=("",), at=NOON)
    with refused("known-meeting", field="meeting"):
        meetings.sign_minutes(Meeting(), by="", minutes_spent=1)


PEOPLE = st.sampled_from(["chair", "mia", "nik", "stranger"])
COMMANDS = st.one_of(
    st.tuples(st.just("open"), PEOPLE, st.lists(PEOPLE, max_size=4), st.integers(-1, 2)),
    st.tuples(st.just("sign"), PEOPLE, st.integers(-1, 100), st.none()),
)


@given(st.lists(COMMANDS, max_size=12))
def test_whatever_is_tried_only_the_chair_acts_and_the_minutes_come_last(commands: list[tuple[Any, ...]]):
    held, happened = meeting(), []
    for what, by, one, other in commands:
        try:
            if what == "open":
                decided = meetings.open_meeting(held, by=by, present=tuple(one), at=NOON + other * DAY)
            else:
                decided = meetings.sign_minutes(held, by=by, minutes_spent=one)
        except Refused:
            continue
        assert by == "chair"
        happened += decided
        held = fold(evolve, held, decided)

    kinds = [type(event) for event in happened]
    assert kinds in ([], [MeetingOpened], [MeetingOpened, MinutesSigned])
    assert set(held.present) <= set(held.panel)
    assert not held.present or held.chair in held.present


def test_a_scheduled_meeting_is_as_it_was_planned():
    planned = scheduled()

    assert (planned.id, planned.scheme, planned.items, planned.signed) == (MEETING, SCHEME.id, (CASE,), False)


def test_who_took_over_an_item_may_sign_the_minutes_and_nobody_else_but_the_chair():
    begun = opened()

    with refused("meeting-chair", field="actor"):
        meetings.sign_minutes(begun, by="stranger", minutes_spent=60, took_over={"second"})
    assert meetings.sign_minutes(begun, by="second", minutes_spent=60, took_over={"second"})
