"""The booked route and items of moderation at their edges: a date to the instant, what it was agreed for, and who has an item."""

from domain.clocks import Duration
from domain.scheme import Route
from domain.submission import booking, moderation, preparation
from domain.submission import visit_events as v
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.given import DAY, MIA, NIK, NOON, after, refused, text
from tests.domain.test_moderation import ALONE, take_up_alone
from tests.domain.test_visits import (
    DATE,
    PAPER,
    SCHEME,
    accepted,
    alert,
    book,
    booked,
    hold,
    in_assessment,
    submit,
)


def extended(case: Submission) -> Submission:
    """The case with thirty days more to submit."""
    until = case.registration.clock.due_at + 30 * DAY
    more = {"until": until, "reason": text("ill"), "scheme": SCHEME, "at": NOON}
    return after(case, preparation.extend_preparation(case, **more))


# -- dates -----------------------------------------------------------------------------------------------------------


def test_who_comes_by_the_other_route_is_told_which_one_the_scheme_has():
    with refused("scheme-route", match=r"a provider submits in a window. Allowed: submitting in a window\."):
        book(given.preparing(), scheme=given.SCHEME)
    with refused("scheme-route", match=r"a provider books a date. Allowed: booking a date, and no window\."):
        preparation.submit(booked(), **given.portfolio(booked(), scheme=SCHEME))


def test_a_provisional_date_makes_no_other_date_far_enough_ahead():
    case = given.preparing()
    agreed = after(case, book(case, provisional=True))

    with refused("earliest-booking", field="visit_at"):
        book(agreed, NOON + 29 * DAY)


def test_a_portfolio_is_never_due_at_the_very_instant_of_the_booking():
    soon = given.scheme(route=Route(kind="booked", preview_before=Duration.parse("P14D")))

    with refused("booking-within-limit", field="visit_at"):
        book(given.preparing(), NOON + 14 * DAY, scheme=soon)


def test_a_portfolio_may_be_due_at_the_limit_itself():
    case = given.preparing()
    limit = case.registration.clock.due_at

    there = after(case, book(case, limit + 21 * DAY))

    assert there.clock
    assert there.clock.due_at == limit


def test_another_date_moves_the_deadline_of_the_assessor_who_has_begun():
    case = accepted(scheme=PAPER)

    [event] = book(case, DATE + DAY, at=NOON + 40 * DAY, scheme=PAPER)

    assert isinstance(event, v.AssessmentBooked)
    assert event.clock == booking.work_clock(case, PAPER, visit_at=DATE + DAY, at=NOON + 40 * DAY)


def test_another_date_sets_no_deadline_to_an_assessor_who_has_not_begun():
    for case in (in_assessment(scheme=PAPER), given.assigned(in_assessment(scheme=PAPER), scheme=PAPER)):
        [event] = book(case, DATE + DAY, at=NOON + 40 * DAY, scheme=PAPER)

        assert isinstance(event, v.AssessmentBooked)
        assert event.clock is None


def test_a_date_is_not_given_up_once_its_portfolio_is_in():
    case = booked()
    case = after(case, submit(case))

    assert (case.stage, case.clock, case.visit_at) == (Stage.SUBMITTED, None, DATE)
    assert booking.give_up(case, at=DATE) == []


def test_an_assessor_who_is_late_does_not_cost_the_provider_its_date():
    case = accepted()
    assert case.clock

    assert booking.give_up(case, at=case.clock.due_at + DAY) == []


def test_a_date_given_up_leaves_the_limit_as_it_was_extended():
    case = extended(booked())
    assert case.clock

    free = after(case, booking.give_up(case, at=case.clock.due_at))

    assert free.clock == case.limit


def test_a_reminder_of_the_limit_at_the_instant_when_a_date_is_given_up_is_over():
    case = given.preparing()
    first, second = case.registration.clock.remind_at
    case = after(case, book(case, first + 21 * DAY))
    assert case.clock
    assert case.clock.due_at == first

    free = after(case, booking.give_up(case, at=first))

    assert free.clock
    assert free.clock.remind_at == (second,)


def test_what_was_returned_may_be_in_again_after_it_was_due_for_its_date():
    case = booked(visit_at=NOON + 60 * DAY)
    case = given.returned(given.screening(after(case, submit(case))))
    assert case.clock
    assert case.clock.due_at > booking.portfolio_due(SCHEME, NOON + 60 * DAY)

    assert submit(case, at=case.clock.due_at)


# -- the preview and the visit ---------------------------------------------------------------------------------------


def test_an_alert_may_leave_the_limit_as_it_is():
    case = accepted()
    assert case.limit

    weak = after(case, alert(case, until=case.limit.due_at))

    assert (weak.stage, weak.assessor) == (Stage.PREPARING, None)
    assert weak.clock
    assert weak.clock.due_at == case.limit.due_at


def test_what_was_not_handed_in_is_not_found_too_weak():
    with refused("stage-order", field="submission"):
        alert(booked())


def test_an_alert_takes_back_no_time_that_was_granted():
    case = accepted(in_assessment(extended(booked())))
    assert case.limit

    with refused("extension-later", field="until"):
        alert(case, until=case.limit.due_at - DAY)


def test_an_alert_gives_time_to_come():
    case = accepted()
    assert case.limit
    late = case.limit.due_at + DAY

    with refused("extension-later", field="until"):
        alert(case, until=late, at=late)


def test_who_has_not_accepted_the_work_visits_nobody():
    with refused("stage-order", field="submission", match="a visit by who has not accepted the work"):
        hold(given.assigned(in_assessment(), scheme=SCHEME))


def test_a_visit_may_take_a_single_minute():
    assert hold(minutes_spent=1)


def test_who_visits_too_early_is_told_the_date():
    with refused("visit-on-date", field="at", match=f"the visit is on {DATE.date().isoformat()}T12:00"):
        hold(at=DATE - DAY)


# -- items of moderation ---------------------------------------------------------------------------------------------


def test_what_one_person_moderates_is_not_taken_up_by_another():
    case = after(given.assessed(), take_up_alone(by=MIA))

    with refused("stage-order", field="submission"):
        take_up_alone(case, by=NIK)


def test_an_item_is_led_by_a_chair_or_else_by_the_one_who_moderates_it_alone():
    assert moderation.leads(given.SCHEME) == "chair"
    assert moderation.leads(ALONE) == "moderator"
