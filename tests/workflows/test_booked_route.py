"""On the booked route a process watches the dates: what is due for one, and what is missed, by its own durations."""

from datetime import timedelta

from domain.clocks import DeadlineMissed, ReminderSent
from domain.submission.state import Stage
from domain.submission.visit_events import BookingGivenUp
from services import assessment
from tests import factories as f
from tests.infra.polling import until
from tests.services.routes import SCHEMES, book, register, submit
from tests.workflows.machinery import LIMIT, Machinery, wait_for
from tests.workflows.skipping import SkippingServer

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def test_a_date_is_given_up_when_its_portfolio_is_not_in_and_a_preview_that_is_overdue_is_told(
    skipping: Machinery, time: SkippingServer
):
    # given a case whose assessment is booked
    source = (SCHEMES / "cpd-mark.toml").read_text()
    body = f.open_body(skipping.app.office, source=source, now=time.now)
    skipping.start()
    case = register(body)
    date = time.now() + 100 * DAY
    book(body, case, date)
    # when the portfolio is not in by its date, of which its provider is reminded
    clock = body.submission(case).clock
    assert clock
    time.go_to(clock.remind_at[-1] + MINUTE)
    until(lambda: body.events(case, ReminderSent), LIMIT)
    time.go_to(clock.due_at + MINUTE)
    until(lambda: body.events(case, BookingGivenUp), LIMIT)
    # then operations were told, and the limit runs on
    assert [one.rule for one in body.events(case, ReminderSent)] == ["portfolio-before-date"]
    assert [one.rule for one in body.events(case, DeadlineMissed)] == ["portfolio-before-date"]
    clock = body.submission(case).clock
    assert clock
    assert clock.rule == "submit-within"
    # and when another date is booked, and the preview is not done in time
    book(body, case, time.now() + 60 * DAY)
    submit(body, case)
    wait_for(body, case, Stage.SCREENING)
    f.pass_screening(body, case)
    until(lambda: body.submission(case).assessor, LIMIT)
    body.by_assessor(assessment.accept_assignment, case)
    due = body.submission(case).clock
    assert due
    time.go_to(due.due_at + MINUTE)
    # then operations are told of that too
    until(lambda: len(body.events(case, DeadlineMissed)) == 2, LIMIT)
    assert body.events(case, DeadlineMissed)[1].rule == "preview-within"
