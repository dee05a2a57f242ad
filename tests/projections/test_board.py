"""The board shows each case where the handbook says it stands, the overdue first."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from domain.clocks import ReminderSent
from domain.scheme_record import RequirementsChanged
from domain.submission import events as e
from domain.submission import visit_events as v
from domain.submission.side_events import LimitMoved, LimitStopped
from projections import board
from tests.projections.given import (
    ADA,
    CASE,
    DAY,
    NOON,
    OTHER,
    Log,
    assigned,
    considered,
    due,
    make,
    moderation_started,
    registered,
    show,
    submitted,
    text,
)


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, [board.MODEL])


def shown(connection: Connection[Any], log: Log, case: str = CASE) -> board.Case:
    show(connection, log.events, [board.MODEL])
    return board.find(connection, [case])[case]


def many(connection: Connection[Any], *days: float | None, **rest: Any) -> list[str]:
    """Cases due so many days after NOON; None for one that is over."""
    log = Log()
    for number, one in enumerate(days):
        case = f"submission-{number}"
        log.add(case, registered(case, days=one or 1, **rest))
        if one is None:
            log.add(case, e.SubmissionWithdrawn(reason=text("reason")))
    show(connection, log.events, [board.MODEL])
    return [f"submission-{number}" for number in range(len(days))]


def test_a_registered_case_waits_for_its_portfolio(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(days=100))

    case = shown(connection, log)

    assert case == board.Case(
        submission=CASE,
        title="text-title",
        scheme="cpd-qa@1",
        provider="provider-a",
        origin="new",
        category="single-programme",
        subject="science",
        stage="registered",
        since=NOON,
        rule="submit-within",
        due_at=NOON + 100 * DAY,
        remind_at=[NOON + 40 * DAY, NOON + 86 * DAY],
    )
    assert case.next_reminder == NOON + 40 * DAY


def test_since_is_when_the_stage_began_and_not_when_the_case_was_last_touched(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered())
    log.add(CASE, e.PreparationStarted(), at=NOON + DAY)
    log.add(CASE, e.FeePaid(kind="registration", amount=1), at=NOON + 2 * DAY)
    log.add(CASE, e.PreparationExtended(reason=text("more"), clock=due("submit-within", 400)), at=NOON + 3 * DAY)

    case = shown(connection, log)

    assert (case.stage, case.since, case.due_at) == ("preparing", NOON + DAY, NOON + 400 * DAY)


def test_a_case_that_was_moved_shows_the_version_it_is_under_and_being_told_of_one_changes_nothing(
    connection: Connection[Any],
):
    log = Log()
    log.add(CASE, registered(days=100))
    before = shown(connection, log)
    log.add(CASE, RequirementsChanged(scheme="cpd-qa@2", before=before.scheme))
    assert shown(connection, log) == before

    log.add(CASE, e.CaseMoved(scheme="cpd-qa@2", criteria=("1.1",), ruled_out=(), reason=text("reason")))

    moved = shown(connection, log)
    assert moved.scheme == "cpd-qa@2"
    assert (moved.stage, moved.due_at) == (before.stage, before.due_at)


def test_a_case_on_the_booked_route_shows_its_date_and_no_window(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(days=365), e.PreparationStarted())
    log.add(CASE, v.AssessmentBooked(visit_at=NOON + 100 * DAY, provisional=True, clock=None))
    case = shown(connection, log)
    assert (case.visit_at, case.provisional, case.rule) == (NOON + 100 * DAY, True, "submit-within")

    soon = due("portfolio-before-date", 80)
    log.add(CASE, v.AssessmentBooked(visit_at=NOON + 101 * DAY, provisional=False, clock=soon))
    log.add(CASE, e.PreparationExtended(reason=text("more"), clock=due("submit-within", 400)))
    case = shown(connection, log)
    assert (case.visit_at, case.provisional, case.due_at) == (NOON + 101 * DAY, False, soon.due_at)

    log.add(CASE, submitted(window=""), e.ScreeningPassed(), assigned())
    log.add(CASE, v.PreviewAlerted(reason=text("thin"), clock=due("submit-within", 500)))
    case = shown(connection, log)
    assert (case.stage, case.window, case.visit_at) == ("preparing", None, None)
    assert case.due_at == NOON + 500 * DAY


def test_an_adjourned_item_awaits_moderation_again_and_has_no_date_for_its_result(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(), moderation_started())
    adjourned = e.ItemAdjourned(meeting="meeting-a", reason=text("two left"), clock=due("moderate-within", 30))
    log.add(CASE, adjourned)

    case = shown(connection, log)

    assert (case.stage, case.rule, case.results_due) == ("awaiting_moderation", "moderate-within", None)


def test_a_reminder_that_was_sent_is_not_the_next_one(connection: Connection[Any]):
    log = Log()
    clock = registered(days=100).clock
    log.add(CASE, registered(days=100))
    sent = ReminderSent(rule=clock.rule, due_at=clock.due_at, planned_for=clock.remind_at[0])
    log.add(CASE, sent, at=clock.remind_at[0])

    assert shown(connection, log).next_reminder == clock.remind_at[1]

    late = ReminderSent(rule=clock.rule, due_at=clock.due_at, planned_for=clock.remind_at[1])
    log.add(CASE, late)
    show(connection, log.events[-1:], [board.MODEL])
    assert board.find(connection, [CASE])[CASE].next_reminder is None


def test_a_case_for_which_no_window_has_a_place_is_stuck_until_one_keeps_one(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(), e.PreparationStarted(), LimitStopped(window="window-a", left=3600.0))

    case = shown(connection, log)
    assert (case.stuck, case.due_at) == ("no-window", None)

    log.add(CASE, LimitMoved(window="window-b", clock=due("submit-within", 30)))
    show(connection, log.events[-1:], [board.MODEL])
    case = board.find(connection, [CASE])[CASE]
    assert (case.stuck, case.rule) == (None, "submit-within")


def test_a_case_without_anyone_eligible_is_stuck_until_someone_is_assigned(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(), submitted(), e.ScreeningPassed())
    nobody = e.NobodyEligible(considered=(considered(verdict="not available"),), clock=due("assign-again-after", 2))
    log.add(CASE, nobody)

    case = shown(connection, log)
    assert (case.stuck, case.rule, case.assessor, case.window) == (
        "nobody-eligible",
        "assign-again-after",
        None,
        "window-a",
    )
    assert board.counts(connection, at=NOON) == [board.Count(stage="in_assessment", cases=1, overdue=0, stuck=1)]

    log.add(CASE, assigned(ADA))
    show(connection, log.events[-1:], [board.MODEL])
    case = board.find(connection, [CASE])[CASE]
    assert (case.stuck, case.rule, case.assessor) == (None, "accept-within", ADA)


def test_the_result_s_clock_stops_while_further_evidence_is_awaited(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(), moderation_started(results_days=21))
    assert shown(connection, log).results_due == NOON + 21 * DAY

    asked = e.EvidenceRequested(
        criteria=("2.1",), wanted=text("wanted"), clock=due("evidence-within", 14, 11), results_left=21 * 86400.0
    )
    log.add(CASE, asked)
    show(connection, log.events[-1:], [board.MODEL])
    case = board.find(connection, [CASE])[CASE]
    assert (case.stage, case.rule, case.results_due) == ("evidence_requested", "evidence-within", None)

    log.add(CASE, e.FinalReviewOpened(clock=due("review-within", 21), results=due("results-within", 35)))
    show(connection, log.events[-1:], [board.MODEL])
    case = board.find(connection, [CASE])[CASE]
    assert (case.stage, case.rule, case.results_due) == ("final_review", "review-within", NOON + 35 * DAY)


def test_a_decided_case_shows_its_outcome_and_no_clock_once_the_provider_knows(connection: Connection[Any]):
    log = Log()
    decided = e.DecisionRecorded(outcome="awarded", level="accredited", unmet=(), chair="person-chair")
    log.add(CASE, registered(), moderation_started(), decided)
    case = shown(connection, log)
    assert (case.stage, case.outcome, case.level, case.rule) == ("decided", "awarded", "accredited", "results-within")

    log.add(CASE, e.ResultReleased(outcome="awarded"))
    show(connection, log.events[-1:], [board.MODEL])
    case = board.find(connection, [CASE])[CASE]
    assert (case.rule, case.due_at, case.results_due) == (None, None, None)


def test_the_overdue_come_first_then_the_next_deadline_and_at_last_what_has_none(connection: Connection[Any]):
    many(connection, 300, None, 100, 200)

    assert [case.submission for case in board.page(connection, at=NOON + 150 * DAY)] == [
        "submission-2",  # overdue
        "submission-3",
        "submission-0",
        "submission-1",  # over
    ]


def test_a_deadline_is_overdue_from_its_very_instant_on(connection: Connection[Any]):
    many(connection, 100)
    instant = NOON + 100 * DAY

    assert board.page(connection, at=instant - timedelta(microseconds=1), overdue=True) == []
    assert len(board.page(connection, at=instant, overdue=True)) == 1
    assert board.page(connection, at=instant, overdue=False) == []
    assert board.counts(connection, at=instant)[0].overdue == 1


def test_pages_follow_each_other_without_gap_or_repetition(connection: Connection[Any]):
    cases = many(connection, 5, None, 5, 1, None, 3, 5, None, 2)

    seen: list[str] = []
    after = None
    while found := board.page(connection, at=NOON, after=after, limit=2):
        seen += [case.submission for case in found]
        after = board.place(found[-1])

    assert seen == [cases[number] for number in (3, 8, 5, 0, 2, 6, 1, 4, 7)]


def test_the_board_can_be_narrowed_to_a_stage_a_scheme_and_a_provider(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(), e.PreparationStarted())
    log.add(OTHER, registered(OTHER, provider="provider-b", scheme="cpd-qa@2"))
    log.add("submission-c", registered("submission-c", scheme="cpld-mark@1"))
    show(connection, log.events, [board.MODEL])

    def found(**filters: Any) -> list[str]:
        return [case.submission for case in board.page(connection, at=NOON, **filters)]

    assert found(stage="preparing") == [CASE]
    assert found(scheme="cpd-qa") == [CASE, OTHER]
    assert found(scheme="cpd-qa@2") == [OTHER]
    assert found(provider="provider-b") == [OTHER]
    assert found(provider="provider-b", stage="preparing") == []
    assert [(one.stage, one.cases) for one in board.counts(connection, at=NOON, scheme="cpd-qa")] == [
        ("registered", 1),
        ("preparing", 1),
    ]
