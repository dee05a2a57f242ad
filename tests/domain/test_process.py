"""What a case is owed now, and what its clock does next, at every stage."""

from collections.abc import Callable
from datetime import datetime

import pytest

from domain.submission import assessment, clocks, decision, moderation, preparation
from domain.submission import events as e
from domain.submission.process import due_next, owed
from domain.submission.state import Submission
from tests.domain import given
from tests.domain.given import DAY, NOON, SCHEME, STAGES, after, utc

OWED = {
    "registered": "start_preparation",
    "submitted": "start_screening",
    "in_assessment": "assign_assessor",
    "approved": "release_result",
}


@pytest.mark.parametrize("stage", STAGES)
def test_what_is_owed_at_a_stage(stage: str):
    assert owed(STAGES[stage]()) == OWED.get(stage)


DUE = {
    "registered": ("remind", utc("2027-02-02 12:00")),
    "preparing": ("remind", utc("2027-02-02 12:00")),
    "screening": ("miss_deadline", utc("2026-04-17 12:00")),
    "returned": ("lapse", utc("2026-04-12 12:00")),
    "assigned": ("take_back", utc("2026-04-13 12:00")),
    "accepted": ("remind", utc("2026-04-20 12:00")),
    "judged": ("remind", utc("2026-04-20 12:00")),
    "assessed": ("miss_deadline", utc("2026-05-11 12:00")),
    "in_moderation": ("miss_deadline", utc("2026-05-07 12:00")),
    "confirmed": ("miss_deadline", utc("2026-05-07 12:00")),
    "asked": ("remind", utc("2026-04-23 12:00")),
    "responded": ("open_final_review", utc("2026-04-30 12:00")),
    "in_review": ("miss_deadline", utc("2026-05-08 12:00")),
    "reviewed": ("miss_deadline", utc("2026-05-22 12:00")),
    "decided": ("miss_deadline", utc("2026-05-07 12:00")),
    "approved": ("miss_deadline", utc("2026-05-07 12:00")),
}


@pytest.mark.parametrize("stage", STAGES)
def test_what_its_clock_does_next(stage: str):
    found = due_next(STAGES[stage](), at=NOON)

    assert (found and (found.step, found.at)) == DUE.get(stage)


def step(case: Submission, name: str, at: datetime) -> list[e.SubmissionEvent]:
    """What the step of a process decides; nobody is there to be assigned."""
    decisions: dict[str, Callable[[], list[e.SubmissionEvent]]] = {
        "start_preparation": lambda: preparation.start_preparation(case),
        "start_screening": lambda: preparation.start_screening(case, scheme=SCHEME, at=at),
        "assign_assessor": lambda: assessment.assign(case, scheme=SCHEME, assessors=[], at=at)[0],
        "release_result": lambda: decision.release_result(case),
        "remind": lambda: clocks.remind(case, at=at),
        "lapse": lambda: preparation.lapse(case, at=at),
        "miss_deadline": lambda: clocks.miss_deadline(case, at=at),
        "take_back": lambda: assessment.take_back(case, reason="not-answered", at=at),
        "open_final_review": lambda: moderation.open_final_review(case, scheme=SCHEME, at=at),
    }
    return decisions[name]()


def left_to_its_process(case: Submission, at: datetime, until: datetime) -> list[tuple[str, datetime]]:
    """Let a case's process alone act until `until`; return what it did, and when."""
    done = []
    while True:
        if name := owed(case):
            at_step = at
        elif (due := due_next(case, at=at)) and max(at, due.at) < until:
            name, at_step = due.step, max(at, due.at)
        else:
            return done
        at = at_step
        events = step(case, name, at)
        assert events, f"{name} at {at} did nothing: a process would try for ever"
        case = after(case, events)
        done.append((name, at))


@pytest.mark.parametrize("late", [0, 3, 20, 400])
@pytest.mark.parametrize("stage", given.all_but("in_assessment"))
def test_each_step_does_something_when_its_turn_comes_however_late_and_then_the_process_rests(stage: str, late: int):
    case = STAGES[stage]()
    start = NOON + 62 * DAY + late * DAY

    done = left_to_its_process(case, start, until=NOON + 3000 * DAY)

    assert len(done) < 10 or done[-1][0] == "assign_assessor"  # which goes on until somebody is found
    assert [at for _, at in done] == sorted(at for _, at in done)


def test_a_case_that_nobody_can_assess_is_looked_at_again_each_time_the_scheme_says():
    done = left_to_its_process(given.in_assessment(), NOON, until=NOON + 5 * DAY)

    assert done == [("assign_assessor", NOON + days * DAY) for days in range(5)]


def test_a_case_that_is_left_alone_lapses_after_its_reminders():
    done = left_to_its_process(given.registered(), NOON, until=NOON + 3000 * DAY)

    assert done == [
        ("start_preparation", NOON),
        ("remind", utc("2027-02-02 12:00")),
        ("remind", utc("2027-02-23 12:00")),
        ("lapse", utc("2027-03-02 12:00")),
    ]


def test_after_an_outage_the_reminders_it_held_up_are_one_and_after_the_deadline_none():
    case = given.preparing()

    assert left_to_its_process(case, utc("2027-02-25 12:00"), until=NOON + 3000 * DAY) == [
        ("remind", utc("2027-02-25 12:00")),
        ("lapse", utc("2027-03-02 12:00")),
    ]
    assert left_to_its_process(case, utc("2027-03-09 12:00"), until=NOON + 3000 * DAY) == [
        ("lapse", utc("2027-03-09 12:00"))
    ]


def test_an_assessor_who_does_not_answer_loses_the_case_and_one_who_is_overdue_is_reported_once():
    assert left_to_its_process(given.assigned(), NOON + 33 * DAY, until=utc("2026-04-14 12:00")) == [
        ("take_back", utc("2026-04-13 12:00")),
        ("assign_assessor", utc("2026-04-13 12:00")),
    ]
    assert left_to_its_process(given.accepted(), NOON + 33 * DAY, until=NOON + 3000 * DAY) == [
        ("remind", utc("2026-04-20 12:00")),
        ("miss_deadline", utc("2026-04-27 12:00")),
    ]


def test_an_unanswered_request_leads_to_the_review_which_is_then_somebodys_turn():
    assert left_to_its_process(given.asked(), NOON + 46 * DAY, until=NOON + 3000 * DAY) == [
        ("remind", utc("2026-04-23 12:00")),
        ("open_final_review", utc("2026-04-30 12:00")),
        ("miss_deadline", utc("2026-05-07 12:00")),
        ("miss_deadline", utc("2026-05-21 12:00")),
    ]


@pytest.mark.parametrize("stage", ["released", "withdrawn", "lapsed", "ineligible"])
def test_nothing_is_owed_to_what_is_over(stage: str):
    over = STAGES[stage]()

    assert over.over
    assert left_to_its_process(over, NOON, until=NOON + 9999 * DAY) == []


def test_a_case_that_does_not_exist_is_owed_nothing():
    assert owed(Submission()) is None
    assert due_next(Submission(), at=NOON) is None
