"""Tasks of matters: who has what by when, and what is listed as still to be sent is exactly what the process then sends."""

import dataclasses
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain import policy, tasks
from domain.clocks import DeadlineMissed, ReminderSent
from domain.learning import QuestionnaireLapsed
from domain.policy import PolicyPublished, PolicyRecord, PolicyReviewed
from domain.tasks import Task, TaskHandedOver, TaskMoved
from projections import reminders
from projections import tasks as listing
from projections.reminders import DEADLINE, REMINDER
from tests.projections.given import DAY, NOON, Log, make, show, text

MATTER, OTHER = "policy-a", "policy-b"
MODELS = (reminders.MODEL, listing.MODEL)
"""What knows of tasks, whatever matter they are of."""


def task(about: str = "", *, days: float = 20, remind: tuple[float, ...] = (10, 18), **said: Any) -> Task:
    """A task of its own due so many days after NOON, reminded of so many days after NOON."""
    moments = tuple(NOON + one * DAY for one in remind)
    return Task(**{"rule": "act-within", "about": about, "who": "person-a", "due_at": NOON + days * DAY,
                   "remind_at": moments, **said})  # fmt: skip


def sets(*running: Task) -> PolicyPublished:
    return PolicyPublished(policy=MATTER, kind="workforce", version=1, digest="0" * 64, source="", sets=running)


def shown(connection: Connection[Any], *events: Any) -> Log:
    log = Log()
    log.add(MATTER, *events)
    make(connection, MODELS)
    show(connection, log.events, MODELS)
    return log


def test_a_task_is_listed_for_who_has_it_until_it_is_done(connection: Connection[Any]):
    log = shown(connection, sets(task("one", days=9), task("two", who="board")))

    assert [(one.name, one.who) for one in listing.running(connection)] == [
        ("act-within:one", "person-a"),
        ("act-within:two", "board"),
    ]
    assert [one.about for one in listing.running(connection, who="board")] == ["two"]
    assert [one.about for one in listing.running(connection, overdue_at=NOON + 9 * DAY)] == ["one"]
    assert listing.running(connection, case=OTHER) == []

    closed = len(log.events)
    log.add(MATTER, QuestionnaireLapsed(person="person-a", ends=("act-within:one",)), at=NOON + DAY)
    show(connection, log.events[closed:], MODELS)
    assert [one.about for one in listing.running(connection)] == ["two"]
    [done] = connection.execute("SELECT done_at FROM read.tasks WHERE about = 'one'").fetchall()
    assert done == (NOON + DAY,)


def test_what_is_planned_names_who_is_reminded_and_who_is_told(connection: Connection[Any]):
    shown(connection, sets(task("one"), task("two", who="person-b", told="board"), task("three", told="")))

    planned = reminders.planned(connection, until=NOON + 99 * DAY)

    assert [(one.kind, one.recipient, one.about) for one in planned if one.planned_for == NOON + 10 * DAY] == [
        (REMINDER, "person-a", "one"),
        (REMINDER, "person-a", "three"),
        (REMINDER, "person-b", "two"),
    ]
    assert [(one.recipient, one.about) for one in planned if one.kind == DEADLINE] == [
        ("operations", "one"),
        ("board", "two"),
    ]


def test_what_was_reminded_of_is_not_planned_again_in_other_hands_and_is_when_the_date_moves(
    connection: Connection[Any],
):
    first = task()
    reminded = ReminderSent(rule="act-within", due_at=first.due_at, planned_for=first.remind_at[0])
    handed = TaskHandedOver(because="conflict", sets=(dataclasses.replace(first, who="person-b"),))
    log = shown(connection, sets(first), reminded, handed)

    plans = [(one.recipient, one.planned_for) for one in reminders.planned(connection, until=NOON + 19 * DAY)]
    assert plans == [("person-b", NOON + 18 * DAY)]

    before = len(log.events)
    log.add(MATTER, TaskMoved(reason=text("why"), sets=(task(days=30, remind=(20, 28), who="person-b"),)))
    show(connection, log.events[before:], MODELS)
    plans = [(one.recipient, one.planned_for) for one in reminders.planned(connection, until=NOON + 29 * DAY)]
    assert plans == [("person-b", NOON + 20 * DAY), ("person-b", NOON + 28 * DAY)]


abouts = st.sampled_from(["", "one", "two"])
running = st.builds(
    lambda about, days, remind, who, told: task(
        about, days=days, remind=tuple(sorted({one for one in remind if one < days})), who=who, told=told
    ),
    abouts,
    st.integers(2, 60),
    st.lists(st.integers(1, 59), max_size=3),
    st.sampled_from(["person-a", "person-b"]),
    st.sampled_from(["operations", "board"]),
)
steps = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(["set", "hand over", "move", "review"]), running, abouts), max_size=8
)


@given(course=steps, ahead=st.integers(0, 80))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_listed_until_an_instant_is_exactly_what_is_then_sent(
    connection: Connection[Any], course: list[tuple[int, str, Task, str]], ahead: int
):
    log, matter, at = Log(), PolicyRecord(), NOON

    def happens(*events: Any) -> None:
        nonlocal matter
        for event in events:
            log.add(MATTER, event, at=at)
            matter = policy.evolve(matter, event)

    happens(sets(task()))
    for days, what, given_task, about in course:
        at += days * DAY
        happens(*tasks.remind(matter, at=at), *tasks.miss(matter, at=at))
        held = matter.tasks.running.get(tasks.named("act-within", about))
        match what:
            case "set":
                later = timedelta(days=(at - NOON).days)
                happens(sets(dataclasses.replace(given_task, due_at=given_task.due_at + later,
                                                 remind_at=tuple(one + later for one in given_task.remind_at))))  # fmt: skip
            case "hand over" if held:
                happens(*tasks.hand_over(matter, rule="act-within", about=about, to="person-c", because="conflict"))
            case "move" if held:
                until = max(held.due_at, at) + days * DAY + DAY
                happens(*tasks.move_task(matter, rule="act-within", about=about, until=until, reason=text("w"), at=at))
            case "review":
                happens(PolicyReviewed(by="person-a", result="stands", note=text("n"), sets=()))
    make(connection, MODELS)
    show(connection, log.events, MODELS)
    until = at + ahead * DAY
    listed = [
        (one.kind, one.rule, one.about, one.recipient, one.due_at, one.planned_for)
        for one in reminders.planned(connection, until=until, at=at)
    ]

    sent = []
    while (due := tasks.due_next(matter, at=at)) and max(due.at, at) <= until:
        at = max(due.at, at)
        step = tasks.remind if due.step == "remind_task" else tasks.miss
        said = step(matter, at=at)
        assert said, f"{due.step} did nothing"
        for one in said:
            held = matter.tasks.running[tasks.named(one.rule, one.about)]
            told = isinstance(one, DeadlineMissed)
            sent.append(
                (
                    DEADLINE if told else REMINDER,
                    one.rule,
                    one.about,
                    held.told if told else held.who,
                    one.due_at,
                    one.due_at if isinstance(one, DeadlineMissed) else one.planned_for,
                )
            )
        for one in said:
            matter = policy.evolve(matter, one)
    assert sorted(sent) == sorted(listed)
