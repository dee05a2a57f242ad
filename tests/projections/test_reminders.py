"""What will be sent next, to whom and why, can be asked at any time; and what was sent."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from domain.accreditation import (
    AccreditationLapsed,
    AccreditationWithdrawn,
    ConcernRaised,
    ConfirmationAsked,
    ConfirmationMissed,
    ReviewConcluded,
    ReviewOpened,
    YearConfirmed,
)
from domain.clocks import Deadline, DeadlineMissed, ReminderSent
from domain.provider import LeadContactNamed
from domain.submission import events as e
from domain.submission import visit_events as v
from domain.submission.side_events import BlindMarkingEnded, MarkedBlindBy
from projections import reminders
from projections.reminders import DEADLINE, OPERATIONS, REMINDER
from tests.projections.given import (
    ADA,
    AWARD,
    BEN,
    CASE,
    DAY,
    LEAD,
    NOON,
    OTHER,
    Log,
    awarded,
    due,
    make,
    registered,
    show,
    submitted,
    text,
)

FAR = NOON + 10_000 * DAY


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, [reminders.MODEL])


def plans(connection: Connection[Any], *events: Any, stream: str = CASE, **rest: Any) -> list[tuple[str, str, float]]:
    """Kind, recipient and days after NOON of what is planned when `events` have happened."""
    log = Log()
    log.add(stream, *events)
    show(connection, log.events, [reminders.MODEL])
    return asked(connection, **rest)


def asked(connection: Connection[Any], **rest: Any) -> list[tuple[str, str, float]]:
    found = reminders.planned(connection, **{"until": FAR} | rest)
    return [(one.kind, one.recipient, (one.planned_for - NOON) / DAY) for one in found]


def sent(clock: Deadline, number: int, *, overtaken: int = 0) -> ReminderSent:
    moment = clock.remind_at[number]
    return ReminderSent(rule=clock.rule, due_at=clock.due_at, planned_for=moment, overtaken=overtaken)


def raised(concern: str) -> ConcernRaised:
    clock = due("take-up-concern-within", 5)
    return ConcernRaised(concern=concern, raised_by=None, text=text("why"), clock=clock)


def booked(days: float, *remind_after: float) -> v.AssessmentBooked:
    clock = due("portfolio-before-date", days, *remind_after)
    return v.AssessmentBooked(visit_at=NOON + days * DAY, provisional=False, clock=clock)


def test_a_clock_plans_its_reminders_and_word_to_operations_of_its_end(connection: Connection[Any]):
    assert plans(connection, registered(days=100), booked(50, 20, 40)) == [
        (REMINDER, LEAD, 20),
        (REMINDER, LEAD, 40),
        (DEADLINE, OPERATIONS, 50),
    ]

    found = reminders.planned(connection, until=FAR)[0]
    assert (found.rule, found.due_at) == ("portfolio-before-date", NOON + 50 * DAY)
    assert found.why == (
        f"The deadline for handing the portfolio in before the booked date is {{time:{found.due_at.isoformat()}}}."
    )


def test_reminders_go_to_who_is_the_lead_contact_by_then(connection: Connection[Any]):
    asked_to_confirm = ConfirmationAsked(year=2, clock=due("confirm-within", 30, 20))
    log = Log()
    log.add(AWARD, awarded(), asked_to_confirm, LeadContactNamed(lead_contact=BEN), sent(asked_to_confirm.clock, 0))
    show(connection, log.events, [reminders.MODEL])

    assert [one.recipient for one in reminders.sent(connection, AWARD)] == [BEN]
    assert {one.recipient for one in reminders.planned(connection, until=FAR)} == {BEN, OPERATIONS}


def test_the_end_of_an_accreditation_is_announced_to_its_lead_contact(connection: Connection[Any]):
    assert plans(connection, awarded(days=1095), stream=AWARD) == [
        (REMINDER, LEAD, 730),
        (REMINDER, LEAD, 913),
        (REMINDER, LEAD, 1004),
        (REMINDER, LEAD, 1065),
    ]


@pytest.mark.parametrize(
    ("event", "recipient"),
    [
        (e.PortfolioReturned(reason=text("why"), clock=due("return-within", 10, 5)), LEAD),
        (e.AssessorAssigned(assessor=BEN, considered=(), clock=due("accept-within", 10, 5)), BEN),
        (e.AssignmentAccepted(assessor=ADA, clock=due("assess-within", 10, 5)), ADA),
        (e.AssignmentAccepted(assessor=ADA, clock=due("preview-within", 10, 5)), ADA),
        (
            v.VisitHeld(assessor=ADA, met=(), minutes_spent=9, recommendation=None, clock=due("assess-within", 10, 5)),
            ADA,
        ),
        (booked(10, 5), LEAD),
        (
            e.EvidenceRequested(
                criteria=("2.1",), wanted=text("it"), clock=due("evidence-within", 10, 5), results_left=1.0
            ),
            LEAD,
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_reminders_go_to_whoever_has_to_act(connection: Connection[Any], event: Any, recipient: str):
    assert plans(connection, registered(), event, until=NOON + 9 * DAY) == [(REMINDER, recipient, 5)]


def test_a_clock_that_ends_takes_its_plans_away(connection: Connection[Any]):
    assert plans(connection, registered(), submitted()) == []
    assert plans(connection, awarded(), AccreditationLapsed(ended_at=NOON), stream=AWARD) == []


@pytest.mark.parametrize("over", [True, False])
def test_a_blind_marking_that_is_done_or_of_a_case_that_is_over_plans_nothing(connection: Connection[Any], over: bool):
    by_ben = MarkedBlindBy(calibration="calibration-a", second=BEN, marking=due("mark-blind-within", 20, 10))
    ended = e.ResultReleased(outcome="awarded") if over else BlindMarkingEnded(second=BEN, reason="marked")

    assert plans(connection, registered(), submitted(), by_ben, ended) == []


def test_a_clock_that_is_replaced_takes_its_plans_away(connection: Connection[Any]):
    extended = e.PreparationExtended(reason=text("more"), clock=due("submit-within", 200, 190))

    assert plans(connection, registered(days=100), extended) == [(REMINDER, LEAD, 190)]


def test_the_clock_for_the_result_runs_beside_that_of_the_review_and_is_told_once(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(), e.FinalReviewOpened(clock=due("review-within", 7), results=due("results-within", 21)))
    log.add(CASE, DeadlineMissed(rule="review-within", due_at=NOON + 7 * DAY))
    log.add(CASE, DeadlineMissed(rule="results-within", due_at=NOON + 21 * DAY), e.FinalReviewConcluded())
    rules = []
    for number in range(1, 6):
        show(connection, log.events[number - 1 : number], [reminders.MODEL])
        rules.append([one.rule for one in reminders.planned(connection, until=FAR) if one.kind == DEADLINE])

    assert rules == [[], ["review-within", "results-within"], ["results-within"], [], []]


def test_what_was_sent_is_kept_and_planned_no_longer(connection: Connection[Any]):
    clock = registered(days=100).clock
    log = Log()
    log.add(CASE, registered(days=100))
    log.add(CASE, sent(clock, 0), at=NOON + 41 * DAY)
    show(connection, log.events, [reminders.MODEL])

    assert asked(connection) == [(REMINDER, LEAD, 86)]
    assert reminders.sent(connection, CASE) == [
        reminders.Sent(
            case_id=CASE,
            position=2,
            kind=REMINDER,
            rule="submit-within",
            recipient=LEAD,
            planned_for=NOON + 40 * DAY,
            due_at=NOON + 100 * DAY,
            sent_at=NOON + 41 * DAY,
            overtaken=0,
            last_window=None,
        )
    ]


def test_reminders_that_an_outage_held_up_collapse_into_the_latest(connection: Connection[Any]):
    plans(connection, registered(days=100), booked(50, 20, 40))

    assert asked(connection, at=NOON + 45 * DAY) == [(REMINDER, LEAD, 40), (DEADLINE, OPERATIONS, 50)]
    assert asked(connection, at=NOON + 40 * DAY) == [(REMINDER, LEAD, 40), (DEADLINE, OPERATIONS, 50)]
    assert len(asked(connection, at=NOON + 40 * DAY - timedelta(microseconds=1))) == 3


def test_no_reminder_is_planned_once_the_deadline_has_passed(connection: Connection[Any]):
    plans(connection, registered(days=100), booked(50, 20, 40))

    assert asked(connection, at=NOON + 50 * DAY) == [(DEADLINE, OPERATIONS, 50)]


def test_what_ended_during_an_outage_keeps_nothing_else_from_the_list(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(days=100))
    log.add(OTHER, registered(OTHER, days=200))
    show(connection, log.events, [reminders.MODEL])

    assert asked(connection, at=NOON + 100 * DAY, limit=1) == [(REMINDER, LEAD, 140)]


def test_a_missed_deadline_is_told_once(connection: Connection[Any]):
    missed = DeadlineMissed(rule="screen-within", due_at=NOON + 10 * DAY)

    assert plans(connection, registered(), e.ScreeningStarted(clock=due("screen-within", 10)), missed) == []
    assert [(one.kind, one.recipient) for one in reminders.sent(connection, CASE)] == [(DEADLINE, OPERATIONS)]


def test_plans_can_be_asked_up_to_an_instant_for_one_case_and_up_to_a_number(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(days=100))
    log.add(OTHER, registered(OTHER, days=99))
    show(connection, log.events, [reminders.MODEL])

    assert [one[2] for one in asked(connection, until=NOON + 40 * DAY)] == [39, 40]
    assert [one[2] for one in asked(connection, case=OTHER)] == [39, 85]
    assert [one[2] for one in asked(connection, limit=3)] == [39, 40, 85]


def test_what_runs_beside_the_end_of_an_award_is_planned_too(connection: Connection[Any]):
    asked_to_confirm = ConfirmationAsked(year=2, clock=due("confirm-within", 30, 20))
    opened = ReviewOpened(concern="concern-a", reviewer=BEN, clock=due("review-concern-within", 40))
    log = Log()
    log.add(AWARD, awarded(days=1095), asked_to_confirm, opened)
    show(connection, log.events, [reminders.MODEL])

    assert asked(connection, until=NOON + 100 * DAY) == [
        (REMINDER, LEAD, 20),
        (DEADLINE, OPERATIONS, 30),
        (DEADLINE, OPERATIONS, 40),
    ]
    log.add(AWARD, sent(asked_to_confirm.clock, 0), YearConfirmed(year=2, statement=text("yes")))
    log.add(AWARD, ReviewConcluded(concern="concern-a", finding="no_action", reason=text("so")))
    show(connection, log.events[-3:], [reminders.MODEL])
    assert asked(connection, until=NOON + 100 * DAY) == []
    assert [one.recipient for one in reminders.sent(connection, AWARD)] == [LEAD]
    assert len(asked(connection)) == 4


def test_a_concern_is_to_be_taken_up_until_it_has_a_reviewer(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=1095), raised("concern-a"))
    log.add(AWARD, ReviewOpened(concern="concern-a", reviewer=BEN, clock=due("review-concern-within", 40)))
    show(connection, log.events[:2], [reminders.MODEL])

    assert asked(connection, until=NOON + 100 * DAY) == [(DEADLINE, OPERATIONS, 5)]
    show(connection, log.events[2:], [reminders.MODEL])
    assert asked(connection, until=NOON + 100 * DAY) == [(DEADLINE, OPERATIONS, 40)]


def test_operations_are_told_once_of_two_concerns_that_were_to_be_taken_up_by_the_same_time(
    connection: Connection[Any],
):
    log = Log()
    log.add(AWARD, awarded(days=1095), raised("concern-a"), raised("concern-b"))
    log.add(AWARD, DeadlineMissed(rule="take-up-concern-within", due_at=NOON + 5 * DAY))
    show(connection, log.events[:3], [reminders.MODEL])

    assert asked(connection, until=NOON + 100 * DAY) == [(DEADLINE, OPERATIONS, 5)]
    show(connection, log.events[3:], [reminders.MODEL])
    assert asked(connection, until=NOON + 100 * DAY) == []


def test_a_year_asked_about_takes_the_place_of_one_asked_about_before(connection: Connection[Any]):
    late = ConfirmationAsked(year=2, clock=due("confirm-within", 30, 20))
    following = ConfirmationAsked(year=3, clock=due("confirm-within", 50, 40))

    assert plans(connection, awarded(), late, following, stream=AWARD, until=NOON + 100 * DAY) == [
        (REMINDER, LEAD, 40),
        (DEADLINE, OPERATIONS, 50),
    ]


def test_a_missed_confirmation_is_told_and_planned_no_longer(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(), ConfirmationAsked(year=2, clock=due("confirm-within", 30, 20)))
    log.add(AWARD, ConfirmationMissed(year=2, due_at=NOON + 30 * DAY))
    log.add(AWARD, DeadlineMissed(rule="confirm-within", due_at=NOON + 30 * DAY))
    show(connection, log.events, [reminders.MODEL])

    assert asked(connection, until=NOON + 100 * DAY) == []
    assert [(one.kind, one.recipient) for one in reminders.sent(connection, AWARD)] == [(DEADLINE, OPERATIONS)]


def test_nothing_is_planned_for_an_award_that_was_withdrawn(connection: Connection[Any]):
    opened = ReviewOpened(concern="concern-a", reviewer=BEN, clock=due("review-concern-within", 40))
    withdrawn = AccreditationWithdrawn(concern="concern-a", withdrawn_from=NOON)

    assert plans(connection, awarded(), opened, withdrawn, stream=AWARD) == []
