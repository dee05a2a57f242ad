"""The booked route: dates, the portfolio before them, its preview, and the visit with whom it meets and what it recommends."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain import person as people
from domain.clocks import Duration
from domain.person import AT_A_TIME, Person
from domain.refusals import Refused
from domain.scheme import Route, Scheme
from domain.submission import assessment, booking, clocks, items, preparation, visits
from domain.submission import events as e
from domain.submission import visit_events as v
from domain.submission.process import due_next, owed
from domain.submission.set_aside import Superseded
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.given import ADA, BEN, DAY, NOON, SECOND, WINDOW, after, conflicted, fold, refused, text

ROUTE = Route(
    kind="booked",
    visit=True,
    provisional=True,
    preview_before=Duration.parse("P21D"),
    earliest_booking=Duration.parse("P30D"),
    people_to_meet=("head", "teachers", "parents"),
)
SCHEME: Scheme = given.scheme(route=ROUTE)
PAPER: Scheme = given.scheme(route=Route(kind="booked", earliest_booking=Duration.parse("P30D")))
"""Booked, but without a visit or a preview."""
DATE = NOON + 100 * DAY


def book(case: Submission, visit_at: datetime = DATE, at: datetime = NOON, **said: Any) -> list[e.SubmissionEvent]:
    return booking.book(case, visit_at=visit_at, **{"scheme": SCHEME, "at": at, **said})


def booked(case: Submission | None = None, visit_at: datetime = DATE, scheme: Scheme = SCHEME) -> Submission:
    case = case or given.preparing()
    return after(case, book(case, visit_at, scheme=scheme))


def submit(case: Submission, **said: Any) -> list[e.SubmissionEvent]:
    return preparation.submit(case, **given.portfolio(case, **{"window": "", "scheme": SCHEME, **said}))


def in_assessment(case: Submission | None = None, scheme: Scheme = SCHEME) -> Submission:
    case = case or booked(scheme=scheme)
    return given.in_assessment(given.screening(after(case, submit(case, scheme=scheme))))


def accepted(case: Submission | None = None, scheme: Scheme = SCHEME, at: datetime = NOON + 33 * DAY) -> Submission:
    case = given.assigned(case or in_assessment(scheme=scheme), scheme=scheme)
    return after(case, assessment.accept(case, by=ADA, scheme=scheme, at=at))


def previewed(case: Submission | None = None) -> Submission:
    case = case or accepted()
    return after(case, visits.pass_preview(case, scheme=SCHEME, at=NOON + 35 * DAY))


def agreed(case: Submission | None = None) -> Submission:
    case = case or previewed()
    return after(case, visits.agree_people(case, groups=ROUTE.people_to_meet, missing={}, scheme=SCHEME))


def hold(case: Submission | None = None, by: Person = ADA, at: datetime = DATE, **said: Any) -> list[e.SubmissionEvent]:
    whole = {"met": ["head", "teachers"], "minutes_spent": 240, "recommendation": "marked", "scheme": SCHEME}
    return visits.hold(agreed() if case is None else case, by=by, at=at, **{**whole, **said})


def visited(case: Submission | None = None) -> Submission:
    case = case or agreed()
    return after(case, hold(case))


# -- dates -----------------------------------------------------------------------------------------------------------


def test_a_date_is_booked_far_enough_ahead_and_the_portfolio_is_due_before_it():
    [event] = book(given.preparing())

    assert isinstance(event, v.AssessmentBooked)
    assert (event.visit_at, event.provisional) == (DATE, False)
    assert event.clock
    assert (event.clock.rule, event.clock.due_at) == ("portfolio-before-date", booking.portfolio_due(SCHEME, DATE))
    assert event.clock.due_at == DATE - 21 * DAY
    with refused("earliest-booking", field="visit_at"):
        book(given.preparing(), booking_day(30) - SECOND)
    assert book(given.preparing(), booking_day(30))


def booking_day(days: int) -> datetime:
    return SCHEME.calendar.after(NOON, Duration.parse(f"P{days}D"))


def test_the_same_date_booked_again_changes_nothing_and_another_one_takes_its_place():
    case = booked()

    assert book(case) == []
    again = after(case, book(case, DATE + DAY))
    assert again.visit_at == DATE + DAY
    assert again.clock
    assert again.clock.due_at == DATE - 20 * DAY


def test_a_date_is_booked_for_which_the_portfolio_is_due_within_the_limit():
    case = given.preparing()
    limit = case.registration.clock.due_at

    assert book(case, limit + 20 * DAY)
    with refused("booking-within-limit", field="visit_at", match="portfolio would be due"):
        book(case, limit + 22 * DAY)
    more = {"until": limit + 30 * DAY, "reason": text("ill"), "scheme": SCHEME, "at": NOON}
    assert book(after(case, preparation.extend_preparation(case, **more)), limit + 22 * DAY)


def test_a_provisional_date_binds_nobody_until_it_is_confirmed():
    case = given.preparing()
    case = after(case, book(case, provisional=True))

    assert case.clock == case.limit == case.registration.clock
    assert book(case, provisional=True) == []
    with refused("date-before-portfolio", field="submission", match="provisional"):
        submit(case)
    confirmed = after(case, book(case, at=DATE - 25 * DAY))  # it was far enough ahead when it was agreed
    assert not confirmed.provisional
    with refused("provisional-date", field="provisional"):
        book(confirmed, DATE + DAY, provisional=True)


def test_where_the_scheme_has_no_provisional_dates_none_is_agreed():
    with refused("provisional-date", field="provisional"):
        book(given.preparing(), scheme=PAPER, provisional=True)


@pytest.mark.parametrize(("scheme", "window"), [(given.SCHEME, ""), (SCHEME, WINDOW)])
def test_a_portfolio_comes_by_the_schemes_own_route(scheme: Scheme, window: str):
    with refused("scheme-route", field="visit_at" if not window else "window"):
        preparation.submit(booked(), **given.portfolio(booked(), scheme=scheme, window=window))


def test_no_date_is_booked_where_the_scheme_has_windows():
    with refused("scheme-route", field="visit_at", match="window"):
        book(given.preparing(), scheme=given.SCHEME)


def test_the_portfolio_is_in_by_its_date_and_not_a_second_later():
    assert submit(booked(), at=DATE - 21 * DAY)
    with refused("portfolio-before-date", field="submission"):
        submit(booked(), at=DATE - 21 * DAY + SECOND)
    with refused("date-before-portfolio", field="submission", match="no date"):
        submit(given.preparing())


def test_what_was_returned_has_a_date_of_its_own():
    case = given.returned(given.screening(after(booked(), submit(booked()))))
    assert case.clock

    assert submit(case, at=case.clock.due_at)


def test_a_date_whose_portfolio_is_not_in_is_given_up_and_the_limit_runs_on():
    case = booked()
    case = after(case, clocks.remind(case, at=DATE - 22 * DAY))
    due = due_next(case, at=DATE - 22 * DAY)
    assert due
    assert (due.step, due.at) == ("give_up_date", DATE - 21 * DAY)
    assert booking.give_up(case, at=due.at - SECOND) == []
    assert preparation.lapse(case, at=due.at) == []

    missed, given_up = booking.give_up(case, at=due.at)

    assert isinstance(missed, clocks.DeadlineMissed)
    assert isinstance(given_up, v.BookingGivenUp)
    case = after(case, [missed, given_up])
    assert (case.stage, case.visit_at, case.clock) == (Stage.PREPARING, None, case.registration.clock)
    assert booking.give_up(case, at=due.at) == []
    assert book(case, DATE + 60 * DAY, at=due.at)


def test_more_time_moves_the_limit_behind_a_booked_date_and_not_the_date():
    case = booked()
    until = case.registration.clock.due_at + 30 * DAY

    more = preparation.extend_preparation(case, until=until, reason=text("ill"), scheme=SCHEME, at=NOON)

    extended = after(case, more)
    assert extended.clock == case.clock
    assert extended.limit
    assert extended.limit.due_at == until
    assert preparation.extend_preparation(extended, until=until, reason=text("ill"), scheme=SCHEME, at=NOON) == []


@for_all(ahead=st.integers(0, 500), seconds=st.integers(-1, 1), later=st.integers(0, 500))
def test_whatever_date_is_booked_the_portfolio_is_due_in_time_and_the_limit_is_never_passed(
    ahead: int, seconds: int, later: int
):
    case = given.preparing()
    try:
        case = after(case, book(case, NOON + ahead * DAY + seconds * SECOND))
    except Refused:
        return
    assert case.clock
    assert NOON < case.clock.due_at <= case.registration.clock.due_at
    at = NOON + later * DAY
    try:
        in_time = bool(submit(case, at=at))
    except Refused:
        in_time = False
    assert in_time is (at <= case.clock.due_at)


# -- capacity --------------------------------------------------------------------------------------------------------


def test_on_the_booked_route_capacity_is_what_one_has_in_hand_and_work_done_frees_the_place():
    case = in_assessment()
    key = assessment.round_of(case)
    assert key == f"{AT_A_TIME}{SCHEME.id}"
    busy = ADA
    for one in ("submission-a", "submission-b"):
        busy = fold(people.evolve, busy, people.take_work(busy, submission=one, window=key, capacity=2))

    chosen = assessment.assign(case, scheme=SCHEME, assessors=[busy], at=NOON + 32 * DAY)[1]
    assert chosen is None
    done = fold(people.evolve, busy, people.release_work(busy, submission="submission-a", reason="assessed"))
    chosen = assessment.assign(case, scheme=SCHEME, assessors=[done], at=NOON + 32 * DAY)[1]
    assert chosen is done


# -- the preview -----------------------------------------------------------------------------------------------------


def test_the_assessor_who_accepts_owes_the_preview_then_the_visit_then_the_assessment():
    case = accepted()
    assert case.clock
    assert case.clock.rule == "preview-within"
    assert NOON + 33 * DAY < case.clock.due_at < DATE
    case = previewed(case)
    assert case.clock
    assert (case.clock.rule, case.clock.due_at) == ("visit-on-date", DATE + DAY)
    assert all(moment < DATE for moment in case.clock.remind_at)
    assert due_next(visited(), at=DATE)
    assert visited().clock == SCHEME.deadline("assess_within", DATE, SCHEME.clocks.remind_assess)


def test_a_missed_preview_or_visit_is_told_once():
    for case in (accepted(), previewed()):
        assert case.clock
        due = due_next(case, at=case.clock.due_at)
        assert due
        assert due.step == "miss_deadline"
        told = after(case, clocks.miss_deadline(case, at=due.at))
        assert due_next(told, at=due.at) is None
        assert owed(told) is None


def test_an_officer_may_see_the_portfolio_before_anyone_is_assigned():
    case = in_assessment()

    case = after(case, visits.pass_preview(case, scheme=SCHEME, at=NOON + 31 * DAY))

    assert owed(case) == "assign_assessor"
    assert visits.pass_preview(case, scheme=SCHEME, at=NOON + 31 * DAY) == []
    assert accepted(case).clock == previewed().clock


def alert(case: Submission, **said: Any) -> list[e.SubmissionEvent]:
    whole = {"until": NOON + 500 * DAY, "visit_at": None, "reason": text("too thin"), "at": NOON + 35 * DAY}
    return visits.alert(case, scheme=SCHEME, **{**whole, **said})


def test_too_weak_a_portfolio_goes_back_at_once_with_more_time_and_needs_another_date():
    case = accepted()

    case = after(case, alert(case))

    assert (case.stage, case.visit_at, case.assessor) == (Stage.PREPARING, None, None)
    assert case.clock
    assert (case.clock.rule, case.clock.due_at) == ("submit-within", NOON + 500 * DAY)
    assert alert(case) == []
    assert ADA.id in case.former_assessors
    again = after(case, book(case, NOON + 300 * DAY, at=NOON + 36 * DAY))
    assert submit(again, at=NOON + 200 * DAY)


def test_an_alert_may_name_the_new_date_at_once():
    case = accepted()
    rebooked = after(case, alert(case, visit_at=NOON + 300 * DAY))

    assert rebooked.visit_at == NOON + 300 * DAY
    assert rebooked.clock
    assert rebooked.clock.rule == "portfolio-before-date"
    with refused("earliest-booking", field="visit_at"):
        alert(case, visit_at=NOON + 40 * DAY)


def test_what_is_recommended_is_more_time_and_not_less():
    with refused("extension-later", field="until"):
        alert(accepted(), until=NOON + 100 * DAY)


def test_a_preview_is_of_what_was_submitted_and_was_not_previewed_where_the_scheme_has_one():
    with refused("stage-order", field="submission"):
        visits.pass_preview(booked(), scheme=SCHEME, at=NOON)
    with refused("stage-order", field="submission"):
        alert(previewed())
    with refused("preview-before", field="submission"):
        visits.pass_preview(accepted(scheme=PAPER), scheme=PAPER, at=NOON + 35 * DAY)
    with refused("scheme-route"):
        visits.pass_preview(given.accepted(), scheme=given.SCHEME, at=NOON)


# -- the visit -------------------------------------------------------------------------------------------------------


def agree(*groups: str, case: Submission | None = None, **missing: str) -> list[e.SubmissionEvent]:
    reasons = {group: text(why) for group, why in missing.items()}
    return visits.agree_people(case or previewed(), groups=groups, missing=reasons, scheme=SCHEME)


def test_every_group_that_the_scheme_names_is_to_be_met_or_it_is_said_why_not():
    [event] = agree("teachers", "head", parents="There are none")

    assert isinstance(event, v.PeopleToMeetAgreed)
    assert event.groups == ("head", "teachers")
    assert [one.group for one in event.left_out] == ["parents"]
    assert agree("teachers", "head", parents="There are none", case=after(previewed(), [event])) == []
    assert agree("head", "teachers", "parents", case=after(previewed(), [event]))
    with refused("people-to-meet", field="groups", match="parents"):
        agree("head", "teachers")
    with refused("people-to-meet", field="groups", match="head"):
        agree("head", "teachers", "parents", head="both")
    with refused("people-to-meet", field="groups", match="nobody"):
        agree(head="ill", teachers="ill", parents="ill")
    with refused("scheme-lists", field="groups"):
        agree("head", "teachers", "parents", "ghosts")


def test_a_visit_is_held_on_its_date_or_later_and_not_a_second_before():
    [event] = hold()

    assert isinstance(event, v.VisitHeld)
    assert (event.assessor, event.met, event.recommendation) == (ADA.id, ("head", "teachers"), "marked")
    assert hold(visited()) == []
    assert hold(recommendation=None)
    with refused("visit-on-date", field="at"):
        hold(at=DATE - SECOND)
    with refused("visit-on-date", field="at"):
        hold(after(agreed(), book(agreed(), DATE + DAY, at=NOON + 40 * DAY)))


def test_a_visit_comes_after_the_preview_and_after_it_was_agreed_whom_to_meet():
    with refused("preview-before-visit", field="submission"):
        hold(accepted())
    with refused("people-to-meet", field="met"):
        hold(previewed())


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"met": []}, "people-to-meet", "met"),
        ({"met": ["ghosts"]}, "scheme-lists", "met"),
        ({"minutes_spent": 0}, "minutes-spent", "minutes_spent"),
        ({"recommendation": "platinum"}, "scheme-lists", "recommendation"),
    ],
)
def test_a_visit_says_whom_it_met_how_long_it_took_and_what_is_recommended(said: dict[str, Any], rule: str, field: str):
    with refused(rule, field=field):
        hold(**said)


def test_the_visitor_is_the_assigned_assessor_and_has_no_link_to_the_provider():
    with refused("assigned-assessor", field="actor"):
        hold(by=BEN)
    with refused("conflict-of-interest", field="actor"):
        hold(by=conflicted(ADA))
    with refused("visitor-without-link", field="actor"):
        hold(replace(agreed(), advisers=frozenset({ADA.id})))


def test_there_is_no_visit_where_the_scheme_has_none():
    with refused("visit-where-scheme-has-one", field="submission"):
        hold(accepted(scheme=PAPER), scheme=PAPER)


def complete(case: Submission, scheme: Scheme = SCHEME) -> list[e.SubmissionEvent]:
    return assessment.complete(case, by=ADA, scheme=scheme, minutes_spent=60, at=DATE + DAY)


def test_an_assessment_is_complete_only_after_the_visit_where_the_scheme_has_one():
    with refused("visit-before-judgement", field="submission"):
        complete(given.judged(agreed()))
    assert complete(given.judged(visited()))
    assert complete(given.judged(accepted(scheme=PAPER)), PAPER)


@pytest.mark.parametrize("from_visit", [True, False])
def test_the_time_for_the_result_counts_from_the_visit_where_the_scheme_says_so(from_visit: bool):
    scheme = replace(
        SCHEME, route=replace(ROUTE, results_from_visit=from_visit), moderation_form="independent", quorum=1
    )
    taken_at = DATE + 10 * DAY
    case = replace(given.assessed(), visit_at=DATE)

    [event] = items.take_up_alone(case, by=given.MIA, had_part=(), scheme=scheme, at=taken_at)

    assert isinstance(event, e.ModerationStarted)
    assert event.results == scheme.deadline("results_within", DATE if from_visit else taken_at)
    unbooked = replace(case, visit_at=None)
    [other] = items.take_up_alone(unbooked, by=given.MIA, had_part=(), scheme=scheme, at=taken_at)
    assert isinstance(other, e.ModerationStarted)
    assert other.results == scheme.deadline("results_within", taken_at)
    appealed = replace(case, superseded=(Superseded(appeal="appeal-a", contested="result"),))
    [after_appeal] = items.take_up_alone(appealed, by=given.MIA, had_part=(), scheme=scheme, at=taken_at)
    assert isinstance(after_appeal, e.ModerationStarted)
    assert after_appeal.results == scheme.deadline("results_within", taken_at)


def test_a_visit_stays_with_the_assessor_who_held_it():
    case = visited()
    case = after(case, assessment.decline(case, by=ADA))
    case = given.assigned(case, to=BEN, scheme=SCHEME)
    case = after(case, assessment.accept(case, by=BEN, scheme=SCHEME, at=DATE + 2 * DAY))

    assert case.visit is None
    assert case.previewed
    assert hold(case, by=BEN, at=DATE + 3 * DAY)


def test_nothing_is_booked_or_agreed_once_the_visit_was_held():
    with refused("stage-order", field="submission"):
        book(visited(), DATE + 60 * DAY, at=DATE + DAY)
    with refused("stage-order", field="submission"):
        agree("head", teachers="ill", parents="ill", case=visited())


def test_an_assessment_on_paper_has_its_time_from_the_booked_date():
    case = accepted(scheme=PAPER)
    assert case.clock
    assert (case.clock.rule, case.clock.due_at) == (
        "assess-within",
        PAPER.calendar.due(DATE, PAPER.clocks.assess_within),
    )
    late = accepted(scheme=PAPER, at=DATE + 5 * DAY)
    assert late.clock
    assert late.clock.due_at == PAPER.calendar.due(DATE + 5 * DAY, PAPER.clocks.assess_within)


def test_a_case_on_the_booked_route_that_is_left_alone_gives_its_date_up_and_lapses():
    case, at, done = booked(), NOON, []
    while due := due_next(case, at=at):
        at = max(at, due.at)
        step = {"remind": clocks.remind, "give_up_date": booking.give_up, "lapse": preparation.lapse}[due.step]
        case = after(case, step(case, at=at))
        done.append(due.step)

    assert done == ["remind", "remind", "give_up_date", "remind", "remind", "lapse"]
    assert case.over
