"""Clocks as they ran: set, moved, stopped, kept or missed, and those that came to nothing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.accreditation.events import AccreditationWithdrawn
from domain.figures.runs import Run, Runs, of_accreditation, of_matter, of_submission
from domain.submission import events as e
from domain.submission import side_events as s
from domain.submission.moderation import RESULTS
from tests.domain import appealing, given
from tests.domain.awards import concerned
from tests.domain.given import ADA, DAY, NOON, text
from tests.domain.test_accreditation_years import asked as asked_award
from tests.domain.test_guards_facts import ASKED, ASSIGNED, BEN, DECIDED, LATER, REGISTERED, TOLD, clock

STAGE = ("stage", "some-within")


def ran(*steps: tuple[dict[Any, datetime], Any]) -> Runs:
    """Clocks that run since each event, a day apart."""
    runs = Runs()
    for number, (now, event) in enumerate(steps):
        runs.follow(now, event, NOON + number * DAY)
    return runs


def test_a_clock_is_set_moved_and_ends_when_what_it_waited_for_came():
    runs = ran(({STAGE: LATER}, REGISTERED), ({STAGE: LATER}, DECIDED), ({STAGE: LATER + DAY}, ASSIGNED), ({}, TOLD))

    assert runs.all == [
        Run(rule="some-within", set_at=NOON, due_at=LATER + DAY, moved=1, ended_at=NOON + 3 * DAY, void=False)
    ]
    assert (runs.running, runs.stopped) == ({}, {})


def test_a_clock_that_is_stopped_goes_on_as_the_same_one():
    runs = ran(({STAGE: LATER}, REGISTERED), ({}, ASKED), ({STAGE: LATER + DAY}, TOLD))

    assert runs.all == [Run(rule="some-within", set_at=NOON, due_at=LATER + DAY)]
    assert (list(runs.running), runs.stopped) == ([STAGE], {})


@pytest.mark.parametrize(
    ("event", "void"),
    [
        (TOLD, False),
        (e.SubmissionWithdrawn(reason=text("no")), True),
        (AccreditationWithdrawn(concern="c", withdrawn_from=NOON), True),
        (e.AssignmentEnded(assessor=ADA.id, reason="conflict"), True),
        (e.AssignmentEnded(assessor=ADA.id, reason="declined"), False),
        (s.BlindMarkingEnded(second=BEN, reason="withdrawn"), True),
        (s.BlindMarkingEnded(second=BEN, reason="marked"), False),
    ],
    ids=lambda one: f"{type(one).__name__}-{getattr(one, 'reason', '')}" if not isinstance(one, bool) else str(one),
)
def test_what_is_not_wanted_any_more_was_neither_kept_nor_missed(event: Any, void: bool):
    [run] = ran(({STAGE: LATER}, REGISTERED), ({}, event)).all

    assert (run.ended_at, run.void) == (NOON + DAY, void)


def test_what_came_at_the_very_instant_was_late_and_what_did_not_come_is_so_from_then_on():
    ended = Run(rule="some-within", set_at=NOON, due_at=LATER, ended_at=LATER)
    assert [ended.late(NOON), replace(ended, ended_at=NOON).late(LATER)] == [True, False]
    assert [replace(ended, ended_at=None).late(at) for at in (NOON, LATER)] == [False, True]


def names(clocks: Iterable[tuple[str, str]]) -> set[str]:
    return {slot for slot, _ in clocks}


def test_the_clocks_of_a_submission_are_its_stages_the_results_and_that_of_who_marks_it_blind():
    held = replace(given.registered(), clock=clock(), results=clock(RESULTS), marking=clock("mark-blind-within"))

    assert of_submission(held) == {
        STAGE: LATER, ("results", RESULTS): LATER, ("marking", "mark-blind-within"): LATER,
    }  # fmt: skip
    for rule in (RESULTS, "assign-again-after"):
        assert names(of_submission(replace(held, clock=clock(rule)))) == {"results", "marking"}
    assert of_submission(replace(held, clock=None, results=None, marking=None)) == {}


def test_the_clocks_of_an_award_are_of_years_and_concerns_and_those_of_a_matter_its_tasks():
    award = asked_award()
    assert award.asked
    assert of_accreditation(award) == {("year-2", "confirm-within"): award.asked.clock.due_at}
    assert of_accreditation(replace(award, asked=None)) == {}
    raised = concerned()
    assert names(of_accreditation(raised)) == {"concern-a", *raised.tasks.running}
    without = {id: replace(one, clock=None) for id, one in raised.concerns.items()}
    assert names(of_accreditation(replace(raised, concerns=without))) == set(raised.tasks.running)
    assert of_matter(appealing.lodged()) == {
        (name, one.rule): one.due_at for name, one in appealing.lodged().tasks.running.items()
    }
