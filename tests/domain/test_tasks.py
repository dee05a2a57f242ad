"""Tasks of a matter: set and ended by its events, reminded of once each, reported once when they pass, moved with a reason."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import tasks
from domain.clocks import Calendar, DeadlineMissed, Duration, ReminderSent
from domain.states import replace
from domain.tasks import ALL, Matter, Task, set_task
from tests.domain.given import DAY, NOON, SECOND, refused, text

CALENDAR = Calendar(zone="Europe/London")
FORTNIGHT = set_task(
    "answer-within",
    who="person-a",
    start=NOON,
    within=Duration.parse("P14D"),
    calendar=CALENDAR,
    remind=[Duration.parse("P7D"), Duration.parse("P2D"), Duration.parse("P30D")],
)
WEEK = set_task("act-within", who="board", start=NOON, within=Duration.parse("P7D"), calendar=CALENDAR, about="one")


@dataclass(frozen=True, kw_only=True)
class Happened:
    """An event that sets and ends tasks."""

    sets: tuple[Task, ...] = ()
    ends: tuple[str, ...] = ()


class Closing(Matter):
    """A matter that closes by itself when an answer does not come."""

    time_up: ClassVar = {"answer-within": "close_it"}


def with_tasks(*sets: Task, ends: tuple[str, ...] = (), matter: Matter | None = None) -> Matter:
    return after(matter or Matter(id="risk-a"), [Happened(sets=sets, ends=ends)])


def after(matter: Matter, events: Sequence[Any]) -> Matter:
    for event in events:
        matter = replace(matter, tasks=tasks.follow(matter.tasks, event))
    return matter


def test_a_task_is_due_on_the_calendar_with_the_reminders_that_fall_between():
    assert FORTNIGHT.due_at == NOON + 14 * DAY
    assert FORTNIGHT.remind_at == (NOON + 7 * DAY, NOON + 12 * DAY)


def test_a_reminder_that_would_come_as_the_task_begins_is_left_out_and_one_a_second_later_is_not():
    due_at, remind = NOON + 7 * DAY, [Duration.parse("P7D")]

    assert tasks.moments(due_at, remind, CALENDAR, NOON) == ()
    assert tasks.moments(due_at, remind, CALENDAR, NOON - SECOND) == (NOON,)


def test_an_event_ends_the_tasks_that_it_names_and_begins_others():
    matter = with_tasks(FORTNIGHT, WEEK)

    assert set(matter.tasks.running) == {"answer-within", "act-within:one"}
    assert set(with_tasks(ends=("act-within:one",), matter=matter).tasks.running) == {"answer-within"}
    assert set(with_tasks(ends=(ALL,), matter=matter).tasks.running) == set()
    assert set(with_tasks(WEEK, ends=(ALL,), matter=matter).tasks.running) == {"act-within:one"}


def test_the_next_thing_is_the_earliest_of_all_tasks():
    matter = with_tasks(FORTNIGHT, WEEK)

    due = tasks.due_next(matter, at=NOON)
    assert due
    assert (due.step, due.at) == ("miss_task", WEEK.due_at) or due.at == NOON + 7 * DAY
    assert tasks.due_next(replace(matter, over=True), at=NOON) is None
    assert tasks.due_next(Matter(id="risk-a"), at=NOON) is None


def test_a_reminder_goes_once_and_what_an_outage_held_up_collapses_into_the_latest():
    matter = with_tasks(FORTNIGHT, WEEK)

    sent = tasks.remind(matter, at=NOON + 13 * DAY)

    assert sent == [
        ReminderSent(rule="answer-within", due_at=NOON + 14 * DAY, planned_for=NOON + 12 * DAY, overtaken=1)
    ]
    assert tasks.remind(after(matter, sent), at=NOON + 13 * DAY) == []


def test_tasks_of_one_rule_and_date_are_reminded_of_and_reported_each_for_itself():
    other = dataclasses.replace(FORTNIGHT, about="two", who="person-b")
    matter = with_tasks(FORTNIGHT, other)

    assert {one.about for one in tasks.remind(matter, at=NOON + 7 * DAY)} == {"", "two"}
    late = tasks.miss(matter, at=NOON + 14 * DAY)
    assert {one.about for one in late} == {"", "two"}
    assert tasks.miss(after(matter, late), at=NOON + 15 * DAY) == []


def test_a_task_is_overdue_from_its_instant_on_and_not_a_second_before():
    matter = with_tasks(WEEK)

    assert tasks.miss(matter, at=WEEK.due_at - SECOND) == []
    assert tasks.miss(matter, at=WEEK.due_at) == [DeadlineMissed(rule="act-within", due_at=WEEK.due_at, about="one")]


def test_a_task_of_which_nobody_is_told_lets_the_matter_go_on_by_itself():
    matter = with_tasks(dataclasses.replace(FORTNIGHT, told="", remind_at=()), matter=Closing(id="complaint-a"))

    due = tasks.due_next(matter, at=NOON)
    assert due
    assert (due.step, due.at) == ("close_it", FORTNIGHT.due_at)
    assert tasks.miss(matter, at=NOON + 20 * DAY) == []


def test_what_is_over_reminds_of_nothing_and_reports_nothing():
    matter = replace(with_tasks(FORTNIGHT), over=True)

    assert tasks.remind(matter, at=NOON + 13 * DAY) == []
    assert tasks.miss(matter, at=NOON + 20 * DAY) == []


def test_more_time_is_given_with_a_reason_also_after_the_date_and_reminders_keep_their_distance():
    matter = with_tasks(FORTNIGHT)
    until = FORTNIGHT.due_at + 10 * DAY

    [moved] = tasks.move_task(matter, rule="answer-within", until=until, reason=text("why"), at=NOON + 15 * DAY)

    [task] = moved.sets
    assert (task.due_at, task.remind_at) == (until, (NOON + 17 * DAY, NOON + 22 * DAY))
    assert tasks.move_task(after(matter, [moved]), rule="answer-within", until=until, reason=text("why"), at=NOON) == []


@pytest.mark.parametrize("until", [FORTNIGHT.due_at - SECOND, NOON])
def test_more_time_is_later(until: Any):
    with refused("extension-later", field="until"):
        tasks.move_task(with_tasks(FORTNIGHT), rule="answer-within", until=until, reason=text("why"), at=NOON)


def test_more_time_ends_after_the_instant_at_which_it_is_given_and_its_reminders_come_after_that():
    matter, at = with_tasks(FORTNIGHT), FORTNIGHT.due_at + DAY
    said = {"rule": "answer-within", "reason": text("why"), "at": at}

    with refused("extension-later", field="until"):
        tasks.move_task(matter, until=at, **said)
    assert tasks.move_task(matter, until=at + SECOND, **said)
    [moved] = tasks.move_task(matter, until=at + 2 * DAY, **said)
    assert moved.sets[0].remind_at == ()
    [moved] = tasks.move_task(matter, until=at + 2 * DAY + SECOND, **said)
    assert moved.sets[0].remind_at == (at + SECOND,)


def test_only_a_task_that_runs_is_moved_or_handed_over():
    with refused("task-running", field="rule", match="act-within:one"):
        tasks.move_task(with_tasks(WEEK), rule="answer-within", until=NOON, reason=text("why"), at=NOON)
    with refused("task-running", field="rule", match="no task runs here"):
        tasks.hand_over(Matter(id="risk-a"), rule="answer-within", to="person-b", because="conflict")


def test_a_task_handed_over_keeps_its_date_and_what_was_reminded_of_is_not_sent_again():
    matter = with_tasks(FORTNIGHT)
    matter = after(matter, tasks.remind(matter, at=NOON + 7 * DAY))

    handed = tasks.hand_over(matter, rule="answer-within", to="person-b", because="conflict")

    matter = after(matter, handed)
    assert matter.tasks.running["answer-within"] == dataclasses.replace(FORTNIGHT, who="person-b")
    assert tasks.remind(matter, at=NOON + 8 * DAY) == []
    assert tasks.hand_over(matter, rule="answer-within", to="person-b", because="conflict") == []


@given(
    lengths=st.lists(st.tuples(st.integers(1, 40), st.lists(st.integers(0, 45), max_size=4)), min_size=1, max_size=4),
    looks=st.lists(st.integers(0, 50), max_size=30),
)
def test_whenever_one_looks_everything_is_sent_once_and_nothing_out_of_its_time(
    lengths: list[tuple[int, list[int]]], looks: list[int]
):
    running = [
        Task(
            rule="answer-within",
            about=str(place),
            who="person-a",
            due_at=NOON + days * DAY,
            remind_at=tuple(sorted({NOON + one * DAY for one in remind if 0 < one < days})),
        )
        for place, (days, remind) in enumerate(lengths)
    ]
    matter, sent = with_tasks(*running), []
    for day in sorted(looks):
        at = NOON + day * DAY
        happened = [*tasks.remind(matter, at=at), *tasks.miss(matter, at=at)]
        for one in happened:
            if isinstance(one, ReminderSent):
                assert one.planned_for <= at < one.due_at
            else:
                assert one.due_at <= at
        matter = after(matter, happened)
        sent += happened
        due = tasks.due_next(matter, at=at)
        assert due is None or due.at > at
    assert len(sent) == len(set(sent))
    end = NOON + timedelta(days=100)
    late = after(matter, tasks.miss(matter, at=end))
    assert tasks.due_next(late, at=end) is None
