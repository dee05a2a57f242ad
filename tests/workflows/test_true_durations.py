"""The main scheme's own durations, days to years long, on a server whose time is skipped: each ends to the second."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.accreditation import AccreditationAwarded, AccreditationLapsed, AccreditationRenewed
from domain.clocks import DeadlineMissed, ReminderSent
from domain.submission.events import EvidenceNotProvided, FinalReviewOpened, SubmissionLapsed
from domain.submission.state import Stage
from domain.window import WindowClosed, WindowOpened
from services import moderation, screening
from services.awards import accreditation_id
from tests import factories as f
from tests.infra.polling import until
from tests.workflows.diary import AHEAD, LONDON
from tests.workflows.machinery import LIMIT, Machinery, bring, settled, wait_for
from tests.workflows.skipping import SkippingServer

AT_ONCE = timedelta(minutes=1)


@pytest.fixture
def body(skipping: Machinery, time: SkippingServer) -> f.Body:
    time.go_to(london(2027, 1, 4, 9, 0))
    opened = f.open_body(skipping.app.office, now=time.now)
    skipping.start()
    return opened


def london(year: int, *parts: int) -> datetime:
    """An instant by London's wall clock."""
    return datetime(year + AHEAD, *parts, tzinfo=LONDON).astimezone(UTC)


def on(same_time_as: datetime, year: int, month: int, day: int) -> datetime:
    """The instant on that day at the time that London's clocks show at another instant."""
    clock = same_time_as.astimezone(LONDON).time()
    return datetime.combine(date(year + AHEAD, month, day), clock, LONDON).astimezone(UTC)


def comes_at(body: f.Body, time: SkippingServer, moment: datetime, stream: str, kind: type[Any]) -> Any:
    """Skip to a minute before `moment`, when there is no new event of this kind yet, and then to it, when there is."""
    before = len(body.events(stream, kind))
    time.go_to(moment - AT_ONCE)
    assert len(body.events(stream, kind)) == before
    time.go_to(moment)
    until(lambda: len(body.events(stream, kind)) > before, LIMIT)
    latest = [one for one in body.recorded(stream) if isinstance(one.event, kind)][-1]
    assert moment <= latest.at < moment + AT_ONCE
    return latest.event


def test_reminders_come_months_before_the_limit_and_the_lapse_at_the_end_of_its_day(body: f.Body, time: SkippingServer):
    time.go_to(london(2027, 8, 31, 15, 0))
    case = f.register(body)
    wait_for(body, case, Stage.PREPARING)
    limit = london(2028, 8, 31, 23, 59, 59)

    for day in ((2028, 2, 29), (2028, 5, 31), (2028, 7, 31), (2028, 8, 24)):
        moment = london(*day, 23, 59, 59)
        reminder = comes_at(body, time, moment, case, ReminderSent)
        assert reminder == ReminderSent(rule="submit-within", due_at=limit, planned_for=moment)
    assert comes_at(body, time, limit, case, SubmissionLapsed) == SubmissionLapsed(rule="submit-within", due_at=limit)


def test_what_is_returned_lapses_at_the_end_of_the_tenth_day(body: f.Body, time: SkippingServer):
    time.go_to(london(2027, 3, 20, 9, 30))  # the clocks go forward on the 28th
    case = f.register(body)
    settled(body, case)
    f.submit(body, case, f.schedule_window(body))
    settled(body, case)
    body.by_officer(screening.return_portfolio, case=case, reason="An answer is missing.")

    lapsed = comes_at(body, time, london(2027, 3, 30, 23, 59, 59), case, SubmissionLapsed)

    assert lapsed.rule == "return-within"


def test_without_an_answer_the_final_review_opens_when_the_fourteen_days_are_over(body: f.Body, time: SkippingServer):
    time.go_to(london(2027, 3, 20, 9, 30))
    case = bring(body, "confirmed", f.schedule_window(body))
    body.by_chair(moderation.request_evidence, case=case, criteria=["3.3"], wanted="Who looked at workload?")
    limit = london(2027, 4, 3, 23, 59, 59)

    for day in ((2027, 3, 27), (2027, 4, 1)):
        comes_at(body, time, london(*day, 23, 59, 59), case, ReminderSent)
    comes_at(body, time, limit, case, FinalReviewOpened)

    assert body.events(case, EvidenceNotProvided) == [EvidenceNotProvided(due_at=limit)]


def test_with_an_answer_the_final_review_opens_two_weeks_after_the_meeting(body: f.Body, time: SkippingServer):
    time.go_to(london(2027, 3, 20, 9, 30))
    case = bring(body, "confirmed", f.schedule_window(body))
    body.by_chair(moderation.request_evidence, case=case, criteria=["3.3"], wanted="Who looked at workload?")
    taken_up = body.submission(case).moderation
    time.go_to(london(2027, 3, 25, 9, 0))
    body.by_contact(
        moderation.provide_evidence,
        case,
        answers={"3.3": "The staff panel did."},
        evidence=f.uploaded(body, case, ["3.3"]),
    )

    assert taken_up
    assert taken_up.review_from.replace(second=0, microsecond=0) == london(2027, 4, 3, 9, 30)
    comes_at(body, time, taken_up.review_from, case, FinalReviewOpened)
    assert body.events(case, EvidenceNotProvided) == []
    assert body.events(case, ReminderSent) == []


def test_an_award_of_29_february_ends_on_28_february_three_years_later(body: f.Body, time: SkippingServer):
    time.go_to(london(2028, 2, 14, 9, 0))
    case = bring(body, "decided", f.schedule_window(body))
    time.go_to(london(2028, 2, 29, 10, 0))
    f.approve(body, case)
    settled(body, case)
    award = accreditation_id(case)
    [awarded] = body.events(award, AccreditationAwarded)

    assert london(2028, 2, 29, 10, 0) <= awarded.starts_at < london(2028, 2, 29, 10, 1)
    assert awarded.ends_at == on(awarded.starts_at, 2031, 2, 28)
    for day in ((2030, 2, 28), (2030, 8, 28), (2030, 11, 28), (2031, 1, 28)):
        moment = on(awarded.starts_at, *day)
        reminder = comes_at(body, time, moment, award, ReminderSent)
        assert (reminder.due_at, reminder.planned_for, reminder.overtaken) == (awarded.ends_at, moment, 0)
    lapsed = comes_at(body, time, awarded.ends_at, award, AccreditationLapsed)
    assert lapsed == AccreditationLapsed(ended_at=awarded.ends_at)
    state = body.state(award)
    assert state.valid_on(awarded.ends_at - timedelta(microseconds=1))
    assert not state.valid_on(awarded.ends_at)


def test_an_award_earned_again_goes_on_from_its_end_with_reminders_at_the_same_time_of_day_in_summer_and_winter(
    body: f.Body, time: SkippingServer
):
    time.go_to(london(2027, 7, 30, 16, 20))
    first = bring(body, "approved", f.schedule_window(body))
    award = accreditation_id(first)
    [awarded] = body.events(award, AccreditationAwarded)
    for day in ((2029, 7, 30), (2030, 1, 30), (2030, 4, 30)):
        assert_same_time_of_day(comes_at(body, time, on(awarded.ends_at, *day), award, ReminderSent))

    registration = body.submission(first).registration
    provider = f.Provider(id=registration.provider, contact=registration.lead_contact)
    second = f.register(body, provider, follows=first, accreditation=award)
    settled(body, second)
    for _ in f.course(body, second, f.schedule_window(body)):
        settled(body, second)
    [renewed] = body.events(award, AccreditationRenewed)

    assert (renewed.starts_at, renewed.ends_at) == (awarded.ends_at, on(awarded.ends_at, 2033, 7, 30))
    for day in ((2032, 7, 30), (2033, 1, 30), (2033, 4, 30), (2033, 6, 30)):
        reminder = comes_at(body, time, on(awarded.ends_at, *day), award, ReminderSent)
        assert_same_time_of_day(reminder)
        assert reminder.due_at == renewed.ends_at
    assert comes_at(body, time, renewed.ends_at, award, AccreditationLapsed).ended_at == renewed.ends_at
    assert len(body.events(award, ReminderSent)) == 3 + 4


def assert_same_time_of_day(reminder: ReminderSent) -> None:
    planned, due = reminder.planned_for.astimezone(LONDON), reminder.due_at.astimezone(LONDON)
    assert planned.time() == due.time()


def test_a_final_review_not_concluded_in_seven_days_is_told_to_operations(body: f.Body, time: SkippingServer):
    time.go_to(london(2027, 10, 11, 9, 30))  # the clocks go back on the 31st
    case = bring(body, "confirmed", f.schedule_window(body))
    body.by_chair(moderation.request_evidence, case=case, criteria=["3.3"], wanted="Who looked at workload?")
    comes_at(body, time, london(2027, 10, 25, 23, 59, 59), case, FinalReviewOpened)

    missed = comes_at(body, time, london(2027, 11, 1, 23, 59, 59), case, DeadlineMissed)

    assert missed.rule == "review-within"
    assert body.submission(case).stage is Stage.FINAL_REVIEW


def test_a_window_opens_and_closes_at_its_instants_and_later_when_it_is_extended(body: f.Body, time: SkippingServer):
    time.go_to(london(2027, 3, 1, 9, 0))
    window = f.schedule_window(body, opens_in=timedelta(days=14), lasts=timedelta(days=14), grace_seconds=600)
    opens_at, closes_at = body.state(window).opens_at, body.state(window).closes_at
    until(lambda: body.state(window).opens_at)

    comes_at(body, time, opens_at, window, WindowOpened)
    later = closes_at + timedelta(days=3)
    body.by_officer(f.windows.extend_window, id=window, closes_at=later, reason="The line was down.")
    time.go_to(closes_at + timedelta(hours=1))
    assert not body.state(window).closed
    comes_at(body, time, later + timedelta(seconds=600), window, WindowClosed)
