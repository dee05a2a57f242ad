"""Each published scheme at its own durations, from registration to the second award: every reminder and deadline to the second.

Dates are London's. Clocks go forward on 28 March 2027, 26 March 2028, 30 March 2031 and back on 31 October 2027; Easter
Monday is 29 March 2027, 17 April 2028 and 14 April 2031. People act late now and then, so that deadlines are seen to be missed.
"""

from datetime import datetime

import pytest

from domain.clocks import ReminderSent
from services import accreditations, moderation, visits
from services.assessment import Judgement
from services.awards import accreditation_id
from tests import factories as f
from tests.infra.polling import until
from tests.services.routes import SCHEMES, book, judge, submit
from tests.services.routes import register as register_programme
from tests.services.test_calibration import mark
from tests.workflows.acting import (
    accept,
    again,
    complete,
    goes_on,
    lasts,
    moderated_alone,
    panel_decides,
    screened,
    taken_up_alone,
    visited,
    window,
)
from tests.workflows.diary import Diary, london, same_time, shifted
from tests.workflows.machinery import LIMIT, Machinery
from tests.workflows.skipping import SkippingServer


@pytest.fixture
def body(request: pytest.FixtureRequest, skipping: Machinery, time: SkippingServer) -> f.Body:
    """A body that runs the scheme of the test, and begins on 1 January 2027."""
    time.go_to(london("2027-01-01 09:00"))
    source = shifted((SCHEMES / f"{request.param}.toml").read_text())
    source = source.replace("calibration_percent = 10", "calibration_percent = 100")  # chance decides no instant here
    opened = f.open_body(skipping.app.office, source=source, now=time.now)
    skipping.start()
    return opened


@pytest.fixture
def diary(body: f.Body, time: SkippingServer) -> Diary:
    return Diary(body, time)


@pytest.mark.parametrize("body", ["cpd-qa"], indirect=True)
def test_the_main_scheme_by_windows_meetings_and_further_evidence(body: f.Body, diary: Diary):
    case, ends_at = main_award(body, diary)
    main_award_again(body, diary, case, ends_at)


def main_submitted(body: f.Body, diary: Diary) -> tuple[str, str]:
    # A year to prepare, across both changes of the clocks.
    first_window = window(body, "2028-03-06 09:00", "2028-03-31 17:00")
    diary.go_to("2027-03-15 09:30")
    case = f.register(body)
    reminders = [london(day) for day in ("2027-09-15", "2027-12-15", "2028-02-15", "2028-03-08")]
    diary.runs(case, "submit-within", london("2028-03-15"), *reminders)
    for moment in reminders[:3]:
        diary.comes(moment, case, "ReminderSent submit-within")
    diary.comes(london("2028-03-06 09:00"), first_window, "WindowOpened")
    diary.comes(reminders[3], case, "ReminderSent submit-within")

    # Screened late: ten working days, the last of them in summer time.
    diary.go_to("2028-03-13 10:00")
    f.submit(body, case, first_window)
    diary.runs(case, "screen-within", london("2028-03-27"))
    diary.comes(london("2028-03-27"), case, "DeadlineMissed screen-within")
    diary.comes(london("2028-03-31 17:10"), first_window, "WindowClosed")
    return case, first_window


def main_award(body: f.Body, diary: Diary) -> tuple[str, datetime]:
    case, first_window = main_submitted(body, diary)

    # Over Easter one assessor does not answer within five working days; the next one is late with the assessment.
    diary.go_to("2028-04-07 10:00")
    silent = screened(body, case)
    diary.runs(case, "accept-within", london("2028-04-18"))
    diary.comes(london("2028-04-18"), case, "AssignmentEnded")
    until(lambda: body.submission(case).assessor not in (None, silent), LIMIT)
    diary.runs(case, "accept-within", london("2028-04-25"))
    diary.go_to("2028-04-19 10:00")
    accept(body, case)
    reminders = [london("2028-05-04"), london("2028-05-10")]
    diary.runs(case, "assess-within", london("2028-05-11"), *reminders)  # 1 May is a holiday
    # Who marks it blind has as long, from when the first was chosen, and is late too.
    for day in ("2028-04-25", "2028-05-02"):
        diary.comes(london(day), case, "ReminderSent mark-blind-within")
    diary.comes(london("2028-05-03"), case, "DeadlineMissed mark-blind-within")
    for moment in reminders:
        diary.comes(moment, case, "ReminderSent assess-within")
    diary.comes(london("2028-05-11"), case, "DeadlineMissed assess-within")

    # The panel asks for further evidence, which comes; the final review is late.
    diary.go_to("2028-05-12 10:00")
    judge(body, case, "met", {"3.3": "partially_met"})
    complete(body, case)
    diary.runs(case, "moderate-within", london("2028-06-26"))  # 29 May is a holiday
    diary.go_to("2028-06-19 10:00")
    f.take_up(body, case)
    f.confirm(body, case)
    body.by_chair(moderation.request_evidence, case=case, criteria=["3.3"], wanted="Who looked at workload?")
    taken_up = body.submission(case).moderation
    assert taken_up
    diary.runs(case, "evidence-within", london("2028-07-03"), london("2028-06-26"), london("2028-07-01"))
    for day in ("2028-06-26", "2028-07-01"):
        diary.comes(london(day), case, "ReminderSent evidence-within")
    diary.go_to("2028-07-02 12:00")
    given = {"answers": {"3.3": "The staff panel did."}, "evidence": f.uploaded(body, case, ["3.3"])}
    body.by_contact(moderation.provide_evidence, case, **given)
    diary.comes(taken_up.review_from, case, "FinalReviewOpened")
    diary.runs(case, "review-within", london("2028-07-10"))
    diary.comes(london("2028-07-10"), case, "DeadlineMissed review-within")
    diary.go_to("2028-07-11 10:00")
    change = {"3.3": Judgement(level="met", reason="The panel's minutes show it.")}
    body.by_chair(moderation.moderate, case=case, judgements=change)
    body.by_chair(moderation.conclude_review, case=case)
    f.decide(body, case)
    ends_at = lasts(body, accreditation_id(case), "2028-07-11 10:00", "2031-07-11")
    diary.close(case, first_window)
    return case, ends_at


def main_award_again(body: f.Body, diary: Diary, case: str, ends_at: datetime) -> None:
    award = accreditation_id(case)
    # Three years, reminded in summer and in winter time, and earned again the light-touch way in time.
    year_before = same_time(ends_at, "2030-07-11")
    reminders = [same_time(ends_at, day) for day in ("2030-07-11", "2031-01-11", "2031-04-11", "2031-06-11")]
    diary.runs(award, "earn-again-before-end", ends_at, *reminders)
    diary.go_to("2030-06-03 10:00")
    second_window = window(body, "2031-02-03 09:00", "2031-03-14 17:00")
    diary.comes(year_before, award, "ReminderSent earn-again-before-end")
    diary.go_to("2030-07-15 11:00")
    second = again(body, case)
    diary.comes(reminders[1], award, "ReminderSent earn-again-before-end")
    assert {one.last_window for one in body.events(award, ReminderSent)} == {second_window}
    diary.comes(london("2031-01-15"), second, "ReminderSent submit-within")
    diary.comes(london("2031-02-03 09:00"), second_window, "WindowOpened")
    diary.go_to("2031-02-10 10:00")
    f.submit(body, second, second_window)
    diary.runs(second, "screen-within", london("2031-02-24"))
    diary.go_to("2031-02-17 10:00")
    screened(body, second)
    diary.go_to("2031-02-18 10:00")
    accept(body, second)
    mark(body, second, body.submission(second).marker or "")  # in time: nobody is reminded
    diary.runs(second, "assess-within", london("2031-03-11"), london("2031-03-04"), london("2031-03-10"))
    diary.comes(london("2031-03-04"), second, "ReminderSent assess-within")
    diary.go_to("2031-03-05 10:00")
    judge(body, second, "met")
    complete(body, second)
    diary.runs(second, "moderate-within", london("2031-04-18"))  # Good Friday and Easter Monday between
    diary.comes(london("2031-03-14 17:10"), second_window, "WindowClosed")
    diary.go_to("2031-03-31 10:00")
    panel_decides(body, second)
    goes_on(body, award, ends_at, "2034-07-11")
    diary.close(second, award, second_window)


@pytest.mark.parametrize("body", ["cpld-mark"], indirect=True)
def test_the_leadership_mark_by_booked_dates_and_one_moderator(body: f.Body, diary: Diary):
    case, ends_at = leadership_award(body, diary)
    leadership_award_again(body, diary, case, ends_at)


def leadership_award(body: f.Body, diary: Diary) -> tuple[str, datetime]:
    # Half the year goes by before a date is booked; the portfolio is then due on that date.
    diary.go_to("2027-04-26 09:30")
    case = register_programme(body, "silver")
    diary.runs(
        case,
        "submit-within",
        london("2028-04-26"),
        *(london(day) for day in ("2027-10-26", "2028-01-26", "2028-03-26", "2028-04-19")),
    )
    diary.comes(london("2027-10-26"), case, "ReminderSent submit-within")
    diary.go_to("2027-11-01 10:00")
    date = london("2028-01-17 10:00")
    book(body, case, date)
    reminders = [london("2027-12-17 10:00"), london("2028-01-10 10:00")]
    diary.runs(case, "portfolio-before-date", date, *reminders)
    for moment in reminders:
        diary.comes(moment, case, "ReminderSent portfolio-before-date")

    # The assessment has its time from the day on which it is accepted, since that is after the date.
    diary.go_to("2028-01-12 10:00")
    submit(body, case)
    diary.runs(case, "screen-within", london("2028-01-26"))
    diary.go_to("2028-01-14 10:00")
    screened(body, case)
    diary.runs(case, "accept-within", london("2028-01-21"))
    diary.go_to("2028-01-18 10:00")
    accept(body, case)
    diary.runs(case, "assess-within", london("2028-02-08"), london("2028-02-01"))
    diary.comes(london("2028-02-01"), case, "ReminderSent assess-within")
    diary.go_to("2028-02-04 10:00")
    judge(body, case, "silver")
    complete(body, case)

    # Moderated late, so that the award begins on 29 February.
    diary.runs(case, "moderate-within", london("2028-02-25"))
    diary.comes(london("2028-02-25"), case, "DeadlineMissed moderate-within")
    diary.go_to("2028-02-29 10:00")
    moderated_alone(body, case)
    ends_at = lasts(body, accreditation_id(case), "2028-02-29 10:00", "2031-02-28")
    diary.close(case)
    return case, ends_at


def leadership_award_again(body: f.Body, diary: Diary, case: str, ends_at: datetime) -> None:
    award = accreditation_id(case)
    reminders = [same_time(ends_at, day) for day in ("2030-02-28", "2030-08-28", "2030-11-28", "2031-01-28")]
    diary.runs(award, "earn-again-before-end", ends_at, *reminders)
    for moment in reminders[:2]:
        diary.comes(moment, award, "ReminderSent earn-again-before-end")

    # Earned again over Christmas: three holidays within ten working days.
    diary.go_to("2030-09-02 10:00")
    second = again(body, case)
    diary.go_to("2030-10-01 10:00")
    book(body, second, london("2031-01-20 10:00"))
    reminders_to_submit = [london("2030-10-20 10:00"), london("2030-12-20 10:00"), london("2031-01-13 10:00")]
    diary.runs(second, "portfolio-before-date", london("2031-01-20 10:00"), *reminders_to_submit)
    diary.comes(reminders_to_submit[0], second, "ReminderSent portfolio-before-date")
    diary.comes(reminders[2], award, "ReminderSent earn-again-before-end")
    diary.go_to("2030-12-18 10:00")
    submit(body, second)
    diary.runs(second, "screen-within", london("2031-01-06"))
    diary.go_to("2031-01-06 10:00")
    screened(body, second)
    diary.go_to("2031-01-07 10:00")
    accept(body, second)
    diary.runs(second, "assess-within", london("2031-02-10"), london("2031-02-03"))  # from the date
    diary.comes(london("2031-02-03"), second, "ReminderSent assess-within")
    diary.go_to("2031-02-05 10:00")
    judge(body, second, "silver")
    complete(body, second)
    diary.go_to("2031-02-10 10:00")
    moderated_alone(body, second)
    goes_on(body, award, ends_at, "2034-02-28")
    diary.close(second, award)


@pytest.mark.parametrize("body", ["cpd-mark"], indirect=True)
def test_the_mark_with_a_visit_by_a_preview_and_a_certificate_each_year(body: f.Body, diary: Diary):
    case, ends_at = visited_award(body, diary)
    visited_award_again(body, diary, case, ends_at)


def visited_award(body: f.Body, diary: Diary) -> tuple[str, datetime]:
    # A provisional date binds nobody; confirmed, it has the portfolio in three weeks before.
    diary.go_to("2027-03-01 09:30")
    date = london("2027-10-18 10:00")
    case = register_programme(body, visit_at=date)
    limit = [london(day) for day in ("2027-09-01", "2027-12-01", "2028-02-01")]
    diary.runs(case, "submit-within", london("2028-03-01"), *limit)
    diary.go_to("2027-06-01 10:00")
    book(body, case, date)
    reminders = [london("2027-06-27 10:00"), london("2027-08-27 10:00")]
    diary.runs(case, "portfolio-before-date", london("2027-09-27 10:00"), *reminders)
    for moment in reminders:
        diary.comes(moment, case, "ReminderSent portfolio-before-date")

    # The preview is late; the visit is reminded of, and held on its date.
    diary.go_to("2027-09-20 10:00")
    submit(body, case)
    diary.runs(case, "screen-within", london("2027-09-27"))
    diary.go_to("2027-09-21 10:00")
    screened(body, case)
    diary.runs(case, "accept-within", london("2027-09-28"))
    diary.go_to("2027-09-22 10:00")
    accept(body, case)
    diary.runs(case, "preview-within", london("2027-09-29"))
    diary.comes(london("2027-09-29"), case, "DeadlineMissed preview-within")
    diary.go_to("2027-09-30 10:00")
    body.by_assessor(visits.pass_preview, case)
    diary.runs(case, "visit-on-date", london("2027-10-19"), london("2027-10-13 10:00"))
    diary.comes(london("2027-10-13 10:00"), case, "ReminderSent visit-on-date")
    diary.go_to("2027-10-18 15:00")
    visited(body, case, "mark")
    diary.runs(case, "assess-within", london("2027-11-01"), london("2027-10-27"))  # the clocks go back between
    diary.comes(london("2027-10-27"), case, "ReminderSent assess-within")
    diary.go_to("2027-10-28 10:00")
    judge(body, case, "secure")
    complete(body, case)
    diary.runs(case, "moderate-within", london("2027-11-04"))
    diary.go_to("2027-11-02 10:00")
    moderated_alone(body, case)
    ends_at = lasts(body, accreditation_id(case), "2027-11-02 10:00", "2030-11-02")
    diary.close(case)
    return case, ends_at


def visited_award_again(body: f.Body, diary: Diary, case: str, ends_at: datetime) -> None:
    award = accreditation_id(case)
    # The second year is confirmed in time; the third is not, at the very instant that a year is left.
    asked, reminder = same_time(ends_at, "2028-10-05"), same_time(ends_at, "2028-10-19")
    diary.comes(asked, award, "ConfirmationAsked")
    diary.runs(award, "confirm-within", same_time(ends_at, "2028-11-02"), reminder)
    diary.comes(reminder, award, "ReminderSent confirm-within")
    diary.go_to("2028-10-20 10:00")
    contact = body.submission(case).registration.lead_contact
    body.by(accreditations.confirm_year, contact, "provider", case=award, year=2, statement="It is kept up.")
    diary.comes(same_time(ends_at, "2029-10-05"), award, "ConfirmationAsked")
    diary.comes(same_time(ends_at, "2029-10-19"), award, "ReminderSent confirm-within")
    at_once = ("ConfirmationMissed", "DeadlineMissed confirm-within", "ReminderSent earn-again-before-end")
    diary.comes(same_time(ends_at, "2029-11-02"), award, *at_once)
    reminders = [same_time(ends_at, day) for day in ("2029-11-02", "2030-05-02", "2030-08-02", "2030-10-02")]
    diary.runs(award, "earn-again-before-end", ends_at, *reminders)

    # Earned again over the summer.
    diary.go_to("2030-02-04 10:00")
    second = again(body, case)
    book(body, second, london("2030-09-09 10:00"))
    reminders_to_submit = [london("2030-02-19 10:00"), london("2030-05-19 10:00"), london("2030-07-19 10:00")]
    diary.runs(second, "portfolio-before-date", london("2030-08-19 10:00"), *reminders_to_submit)
    diary.comes(reminders_to_submit[0], second, "ReminderSent portfolio-before-date")
    diary.comes(reminders[1], award, "ReminderSent earn-again-before-end")
    diary.comes(reminders_to_submit[1], second, "ReminderSent portfolio-before-date")
    diary.comes(reminders_to_submit[2], second, "ReminderSent portfolio-before-date")
    diary.comes(reminders[2], award, "ReminderSent earn-again-before-end")
    diary.go_to("2030-08-12 10:00")
    submit(body, second)
    diary.go_to("2030-08-19 10:00")
    screened(body, second)
    diary.runs(second, "accept-within", london("2030-08-27"))  # 26 August is a holiday
    diary.go_to("2030-08-21 10:00")
    accept(body, second)
    diary.runs(second, "preview-within", london("2030-08-29"))
    diary.go_to("2030-08-27 10:00")
    body.by_assessor(visits.pass_preview, second)
    diary.comes(london("2030-09-04 10:00"), second, "ReminderSent visit-on-date")
    diary.go_to("2030-09-09 11:00")
    visited(body, second, "mark")
    diary.runs(second, "assess-within", london("2030-09-23"), london("2030-09-18"))
    diary.go_to("2030-09-12 10:00")
    judge(body, second, "secure")
    complete(body, second)
    diary.go_to("2030-09-16 10:00")
    taken_up_alone(body, second)
    diary.runs(second, "results-within", london("2030-09-30"))  # three weeks from the visit
    diary.comes(london("2030-09-30"), second, "DeadlineMissed results-within")
    diary.go_to("2030-10-01 10:00")
    moderated_alone(body, second)
    goes_on(body, award, ends_at, "2033-11-02")
    diary.close(second, award)


@pytest.mark.parametrize("body", ["pd-mark"], indirect=True)
def test_the_mark_of_four_aspects_by_a_verification_visit_and_an_award_panel(body: f.Body, diary: Diary):
    case, ends_at = verified_award(body, diary)
    verified_award_again(body, diary, case, ends_at)


def verified_award(body: f.Body, diary: Diary) -> tuple[str, datetime]:
    # Reminded of the portfolio in winter and of the visit in summer time; the visit is recorded late, after Easter.
    diary.go_to("2027-11-08 09:30")
    case = register_programme(body)
    diary.runs(case, "submit-within", london("2028-11-08"), london("2028-08-08"), london("2028-10-08"))
    date = london("2028-04-10 10:00")
    body.by_officer(visits.book_assessment, case=case, visit_at=date)
    reminders = [london("2028-01-10 10:00"), london("2028-03-10 10:00")]
    diary.runs(case, "portfolio-before-date", date, *reminders)
    for moment in reminders:
        diary.comes(moment, case, "ReminderSent portfolio-before-date")
    diary.go_to("2028-03-20 10:00")
    submit(body, case)
    diary.runs(case, "screen-within", london("2028-03-27"))
    diary.go_to("2028-03-21 10:00")
    screened(body, case)
    diary.runs(case, "accept-within", london("2028-03-28"))
    diary.go_to("2028-03-22 10:00")
    accept(body, case)
    diary.runs(case, "visit-on-date", london("2028-04-11"), london("2028-04-05 10:00"))
    diary.comes(london("2028-04-05 10:00"), case, "ReminderSent visit-on-date")
    diary.comes(london("2028-04-11"), case, "DeadlineMissed visit-on-date")
    diary.go_to("2028-04-12 10:00")
    visited(body, case, "silver")
    diary.runs(case, "assess-within", london("2028-04-28"), london("2028-04-25"))
    diary.comes(london("2028-04-25"), case, "ReminderSent assess-within")
    diary.go_to("2028-04-26 10:00")
    judge(body, case, "enhancing", {"impact.vision": "not_yet"})
    complete(body, case)
    diary.runs(case, "moderate-within", london("2028-05-25"))  # 1 May is a holiday
    diary.go_to("2028-05-22 10:00")
    panel_decides(body, case)
    ends_at = lasts(body, accreditation_id(case), "2028-05-22 10:00", "2031-05-22")
    assert body.state(accreditation_id(case)).periods[-1].level == "silver"
    diary.close(case)
    return case, ends_at


def verified_award_again(body: f.Body, diary: Diary, case: str, ends_at: datetime) -> None:
    award = accreditation_id(case)
    # Earned again across Easter 2031, the day after the clocks went forward.
    reminders = [same_time(ends_at, day) for day in ("2030-05-22", "2030-11-22", "2031-02-22", "2031-04-22")]
    diary.runs(award, "earn-again-before-end", ends_at, *reminders)
    for moment in reminders[:2]:
        diary.comes(moment, award, "ReminderSent earn-again-before-end")
    diary.go_to("2030-11-25 10:00")
    second = again(body, case)
    date = london("2031-03-31 10:00")
    body.by_officer(visits.book_assessment, case=second, visit_at=date)
    reminders_to_submit = [london("2030-12-31 10:00"), london("2031-02-28 10:00")]
    diary.runs(second, "portfolio-before-date", date, *reminders_to_submit)
    diary.comes(reminders_to_submit[0], second, "ReminderSent portfolio-before-date")
    diary.comes(reminders[2], award, "ReminderSent earn-again-before-end")
    diary.comes(reminders_to_submit[1], second, "ReminderSent portfolio-before-date")
    diary.go_to("2031-03-03 10:00")
    submit(body, second)
    diary.go_to("2031-03-04 10:00")
    screened(body, second)
    diary.go_to("2031-03-05 10:00")
    accept(body, second)
    diary.comes(london("2031-03-26 10:00"), second, "ReminderSent visit-on-date")
    diary.go_to("2031-03-31 15:00")
    visited(body, second, "silver")
    diary.runs(second, "assess-within", london("2031-04-16"), london("2031-04-09"))  # Easter between
    diary.comes(london("2031-04-09"), second, "ReminderSent assess-within")
    diary.go_to("2031-04-10 10:00")
    judge(body, second, "enhancing")
    complete(body, second)
    diary.go_to("2031-04-21 10:00")
    panel_decides(body, second)
    goes_on(body, award, ends_at, "2034-05-22")
    diary.close(second, award)
