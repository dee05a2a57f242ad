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
from domain.submission import events as e
from domain.submission import visit_events as v
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
    assigned,
    awarded,
    due,
    make,
    moderation_started,
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


def test_a_clock_plans_its_reminders_and_the_deadline_itself(connection: Connection[Any]):
    assert plans(connection, registered(days=100)) == [
        (REMINDER, LEAD, 40),
        (REMINDER, LEAD, 86),
        (DEADLINE, LEAD, 100),
    ]

    found = reminders.planned(connection, until=FAR)[0]
    assert (found.rule, found.due_at) == ("submit-within", NOON + 100 * DAY)
    assert found.why == f"The deadline for submitting the portfolio is {{time:{found.due_at.isoformat()}}}."


@pytest.mark.parametrize(
    ("event", "recipient"),
    [
        (e.PortfolioReturned(reason=text("why"), clock=due("return-within", 10)), LEAD),
        (e.ScreeningStarted(clock=due("screen-within", 10)), OPERATIONS),
        (e.NobodyEligible(considered=(), clock=due("assign-again-after", 10)), OPERATIONS),
        (assigned(BEN), BEN),
        (e.AssignmentAccepted(assessor=ADA, clock=due("assess-within", 10)), ADA),
        (e.AssignmentAccepted(assessor=ADA, clock=due("preview-within", 10)), ADA),
        (v.VisitHeld(assessor=ADA, met=(), minutes_spent=9, recommendation=None, clock=due("assess-within", 10)), ADA),
        (v.AssessmentBooked(visit_at=NOON, provisional=False, clock=due("portfolio-before-date", 10)), LEAD),
        (
            e.AssessmentCompleted(
                assessor=ADA, minutes_spent=1, strengths=(), areas=(), clock=due("moderate-within", 10)
            ),
            OPERATIONS,
        ),
        (moderation_started(), OPERATIONS),
        (
            e.EvidenceRequested(
                criteria=("2.1",), wanted=text("it"), clock=due("evidence-within", 10), results_left=1.0
            ),
            LEAD,
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_reminders_go_to_whoever_has_to_act(connection: Connection[Any], event: Any, recipient: str):
    assert [one[1] for one in plans(connection, registered(), event)] == [recipient]


def test_the_end_of_an_accreditation_is_announced_to_its_lead_contact(connection: Connection[Any]):
    assert plans(connection, awarded(days=1095), stream=AWARD) == [
        (REMINDER, LEAD, 730),
        (REMINDER, LEAD, 913),
        (REMINDER, LEAD, 1004),
        (REMINDER, LEAD, 1065),
        (DEADLINE, LEAD, 1095),
    ]


def test_a_clock_that_ends_takes_its_plans_away(connection: Connection[Any]):
    assert plans(connection, registered(), submitted()) == []
    assert plans(connection, awarded(), AccreditationLapsed(ended_at=NOON), stream=AWARD) == []


def test_a_clock_that_is_replaced_takes_its_plans_away(connection: Connection[Any]):
    extended = e.PreparationExtended(reason=text("more"), clock=due("submit-within", 200, 190))

    assert plans(connection, registered(days=100), extended) == [(REMINDER, LEAD, 190), (DEADLINE, LEAD, 200)]


def test_the_clock_for_the_result_runs_beside_that_of_the_review(connection: Connection[Any]):
    review = e.FinalReviewOpened(clock=due("review-within", 7), results=due("results-within", 21))

    assert plans(connection, registered(), review) == [(DEADLINE, OPERATIONS, 7), (DEADLINE, OPERATIONS, 21)]
    assert [one.rule for one in reminders.planned(connection, until=FAR)] == ["review-within", "results-within"]


def test_what_was_sent_is_kept_and_planned_no_longer(connection: Connection[Any]):
    clock = registered(days=100).clock
    log = Log()
    log.add(CASE, registered(days=100))
    log.add(CASE, sent(clock, 0), at=NOON + 41 * DAY)
    show(connection, log.events, [reminders.MODEL])

    assert asked(connection) == [(REMINDER, LEAD, 86), (DEADLINE, LEAD, 100)]
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
    plans(connection, registered(days=100))

    assert asked(connection, at=NOON + 90 * DAY) == [(REMINDER, LEAD, 86), (DEADLINE, LEAD, 100)]
    assert asked(connection, at=NOON + 86 * DAY) == [(REMINDER, LEAD, 86), (DEADLINE, LEAD, 100)]
    assert len(asked(connection, at=NOON + 86 * DAY - timedelta(microseconds=1))) == 3


def test_no_reminder_is_planned_once_the_deadline_has_passed(connection: Connection[Any]):
    plans(connection, registered(days=100))

    assert asked(connection, at=NOON + 100 * DAY) == [(DEADLINE, LEAD, 100)]


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
    assert [one[2] for one in asked(connection, case=OTHER)] == [39, 85, 99]
    assert [one[2] for one in asked(connection, limit=3)] == [39, 40, 85]


def test_what_runs_beside_the_end_of_an_award_is_planned_for_whoever_has_to_act(connection: Connection[Any]):
    asked_to_confirm = ConfirmationAsked(year=2, clock=due("confirm-within", 30, 20))
    opened = ReviewOpened(concern="concern-a", reviewer=BEN, clock=due("review-concern-within", 40))
    log = Log()
    log.add(AWARD, awarded(days=1095), asked_to_confirm, opened)
    show(connection, log.events, [reminders.MODEL])

    assert asked(connection, until=NOON + 100 * DAY) == [
        (REMINDER, LEAD, 20),
        (DEADLINE, LEAD, 30),
        (DEADLINE, BEN, 40),
    ]
    log.add(AWARD, sent(asked_to_confirm.clock, 0), YearConfirmed(year=2, statement=text("yes")))
    log.add(AWARD, ReviewConcluded(concern="concern-a", finding="no_action", reason=text("so")))
    show(connection, log.events[-3:], [reminders.MODEL])
    assert asked(connection, until=NOON + 100 * DAY) == []
    assert [one.recipient for one in reminders.sent(connection, AWARD)] == [LEAD]
    assert len(asked(connection)) == 5


def test_a_concern_is_operations_to_take_up_until_it_has_a_reviewer(connection: Connection[Any]):
    raised = ConcernRaised(
        concern="concern-a", raised_by=None, text=text("why"), clock=due("take-up-concern-within", 5)
    )
    opened = ReviewOpened(concern="concern-a", reviewer=BEN, clock=due("review-concern-within", 40))
    log = Log()
    log.add(AWARD, awarded(days=1095), raised)
    show(connection, log.events, [reminders.MODEL])

    assert asked(connection, until=NOON + 100 * DAY) == [(DEADLINE, OPERATIONS, 5)]
    log.add(AWARD, DeadlineMissed(rule="take-up-concern-within", due_at=NOON + 5 * DAY), opened)
    show(connection, log.events[-2:], [reminders.MODEL])
    assert asked(connection, until=NOON + 100 * DAY) == [(DEADLINE, BEN, 40)]
    assert [(one.kind, one.recipient) for one in reminders.sent(connection, AWARD)] == [(DEADLINE, OPERATIONS)]


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
