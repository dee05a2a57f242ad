"""Complaints are listed with who handles them, stage and outcome; counted by level; and shown to whom they may be shown."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from domain import complaint as c
from domain.complaint import Complaint
from domain.person import Person
from domain.tasks import TaskMoved
from projections import complaints
from projections.complaints import Asker, Numbers
from tests.domain import complaining as given
from tests.domain.complaining import ADA, BOARD, COMPLAINT, HAL, IDA, LEAD, QUINN, SAID
from tests.domain.given import NOON, PROVIDER, SCHEME, conflicted, fold, text
from tests.projections.given import Log, make, rows, show

DAY = timedelta(days=1)
MODELS = [complaints.MODEL]


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, MODELS)


class Course:
    """A complaint as it goes on, with the log of what happened to it."""

    def __init__(self, log: Log, **said: Any) -> None:
        self.log, self.state, self.id = log, Complaint(), said.get("id", COMPLAINT)
        self.add(c.raise_complaint(self.state, **SAID | said), at=said.get("at", NOON))

    def add(self, events: Any, *, at: Any = NOON) -> None:
        self.log.add(self.id, *events, at=at)
        self.state = fold(c.evolve, self.state, events)

    def answered(self, by: Person, outcome: str, *, at: Any = NOON) -> None:
        self.add(c.acknowledge(self.state, by=by), at=at)
        said = {"reason": text(by.id), "done": text("done"), "scheme": SCHEME, "at": at}
        self.add(c.answer(self.state, by=by, outcome=outcome, **said), at=at)

    def escalated(self, *, at: Any = NOON) -> None:
        reason = text(f"no-{self.state.level}")
        self.add(c.escalate(self.state, by=Person(id=LEAD), reason=reason, scheme=SCHEME, at=at), at=at)


def whole_course(log: Log) -> Course:
    course = Course(log)
    course.answered(HAL, "not-upheld", at=NOON + DAY)
    course.escalated(at=NOON + 2 * DAY)
    course.answered(IDA, "partly-upheld", at=NOON + 60 * DAY)
    course.escalated(at=NOON + 61 * DAY)
    formed = {"by": QUINN, "chair": BOARD[0].id, "members": BOARD, "scheme": SCHEME, "at": NOON}
    course.add(c.form_committee(course.state, **formed), at=NOON + 62 * DAY)
    said = {"by": BOARD[0], "members": BOARD, "outcome": "upheld", "reason": text("r"), "done": text("d")}
    course.add(c.decide(course.state, **said, scheme=SCHEME), at=NOON + 63 * DAY)
    return course


def test_a_complaint_is_shown_with_who_has_it_its_stage_and_outcome(connection: Connection[Any]):
    log = Log()
    course = Course(log)
    course.answered(HAL, "upheld", at=NOON + DAY)
    show(connection, log.events, MODELS)

    [row] = complaints.page(connection)
    assert (row.stage, row.level, row.handler, row.outcome) == ("answered", 1, HAL.id, "upheld")
    assert (row.people, row.handlers, row.raised_at, row.closed_at) == ([ADA], [HAL.id], NOON, None)
    assert complaints.page(connection, stage="raised") == []
    assert complaints.page(connection, open_only=True) == [row]
    assert complaints.one(connection, COMPLAINT) == row
    assert complaints.one(connection, "complaint-none") is None


def test_the_board_sees_numbers_by_level(connection: Connection[Any]):
    log = Log()
    whole_course(log)
    Course(log, id="complaint-late", at=NOON + DAY)
    show(connection, log.events, MODELS)

    one, two, three = complaints.numbers(connection, at=NOON + 90 * DAY)
    assert one == Numbers(
        level=1, opened=2, acknowledged=1, acknowledged_in_time=1, answered=1, answered_in_time=1, upheld=0, overdue=1
    )
    assert (two.opened, two.acknowledged_in_time, two.answered, two.answered_in_time, two.upheld) == (1, 0, 1, 0, 1)
    assert (three.opened, three.answered_in_time, three.upheld, three.overdue) == (1, 1, 1, 0)
    [later] = complaints.numbers(connection, at=NOON + 90 * DAY, since=NOON + DAY, until=NOON + 2 * DAY)
    assert (later.level, later.opened, later.answered) == (1, 1, 0)
    assert complaints.numbers(connection, at=NOON, scheme="other") == []
    assert len(complaints.numbers(connection, at=NOON, scheme=SCHEME.id)) == 3


def test_more_time_makes_what_was_late_in_time(connection: Connection[Any]):
    log = Log()
    course = Course(log)
    [task] = [one for one in course.state.tasks.running.values() if one.rule == "answer-complaint-within"]
    from dataclasses import replace

    course.add([TaskMoved(reason=text("ill"), sets=(replace(task, due_at=NOON + 90 * DAY),))])
    show(connection, log.events, MODELS)

    assert [one.overdue for one in complaints.numbers(connection, at=NOON + 89 * DAY)] == [0]
    assert [one.overdue for one in complaints.numbers(connection, at=NOON + 91 * DAY)] == [1]


def test_what_is_withdrawn_is_not_overdue(connection: Connection[Any]):
    log = Log()
    course = Course(log)
    course.add(c.withdraw(course.state, by=Person(id=LEAD), reason=None), at=NOON + DAY)
    show(connection, log.events, MODELS)

    assert [one.overdue for one in complaints.numbers(connection, at=NOON + 99 * DAY)] == [0]
    [row] = complaints.page(connection)
    assert (row.stage, row.closed_at) == ("withdrawn", NOON + DAY)
    assert complaints.page(connection, open_only=True) == []


def test_who_asks_sees_what_they_may(connection: Connection[Any]):
    log = Log()
    Course(log, people=(HAL.id,))
    Course(log, id="complaint-other", people=(), about="service")
    show(connection, log.events, MODELS)

    def seen(person: Person, *, limit: int = 100, **known: Any) -> set[str]:
        return {
            one.complaint
            for one in complaints.page(connection, asker=Asker(at=NOON, person=person, **known), limit=limit)
        }

    assert seen(HAL) == {"complaint-other"}
    assert seen(HAL, limit=1) == {"complaint-other"}
    assert seen(IDA) == {COMPLAINT, "complaint-other"}
    assert seen(conflicted(IDA)) == set()
    assert seen(Person(id="person-x"), speaks_for=[PROVIDER]) == {COMPLAINT, "complaint-other"}
    assert complaints.one(connection, COMPLAINT, asker=Asker(at=NOON, person=HAL)) is None
    assert complaints.one(connection, COMPLAINT, asker=Asker(at=NOON, person=QUINN))


def test_who_is_named_later_sees_it_no_longer(connection: Connection[Any]):
    log = Log()
    course = Course(log)
    course.add(c.name_person(course.state, by=Person(id=LEAD), person=HAL.id))
    show(connection, log.events, MODELS)

    assert complaints.page(connection, asker=Asker(at=NOON, person=HAL)) == []
    [row] = complaints.page(connection)
    assert row.people == sorted([ADA, HAL.id])


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_it_says_the_same_as_the_record_however_the_events_come(connection: Connection[Any], size: int):
    log = Log()
    course = whole_course(log)
    given_back = Course(log, id="complaint-left")
    given_back.add(c.acknowledge(given_back.state, by=HAL))
    given_back.add(c.leave(given_back.state, person=HAL.id))
    for start in range(0, len(log.events), size):
        show(connection, log.events[start : start + size], MODELS)

    row, left = complaints.one(connection, COMPLAINT), complaints.one(connection, "complaint-left")
    assert row is not None
    assert left is not None
    assert (row.stage, row.outcome, row.level) == (course.state.stage, course.state.outcome, course.state.level)
    assert set(row.handlers) == course.state.handlers
    assert (left.handler, left.stage, left.handlers) == (None, "acknowledged", [HAL.id])
    assert len(rows(connection, complaints.MODEL)) == 2 + 4


def test_the_stages_of_the_domain_are_those_given():
    assert {given.STAGES[name]().stage for name in given.STAGES} == set(given.STAGES)
