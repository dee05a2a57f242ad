"""Each scheme's own route, from registration to a decision: windows or booked dates, previews, visits, forms of moderation."""

from datetime import datetime

import pytest

from domain.clocks import DeadlineMissed, ReminderSent
from domain.meeting import MeetingScheduled
from domain.submission import events as e
from domain.submission.state import Stage, Submission
from services import assessment, awards, items, moderation, people, preparation, visits
from services.office import Office
from tests import factories
from tests.domain.given import refused
from tests.factories import Body, settle
from tests.services.conftest import Clock
from tests.services.routes import (
    DAY,
    awaiting,
    body_of,
    book,
    complete,
    judge,
    moderate_alone,
    process,
    provider_of,
    register,
    result,
    same_clocks,
    screen,
    submit,
    visited,
)

# -- the four schemes ------------------------------------------------------------------------------------------------


def test_the_main_scheme_goes_by_windows_and_a_meeting(office: Office, clock: Clock):
    body = body_of(office, clock, "cpd-qa")
    window = factories.schedule_window(body)
    case = register(body)
    submit(body, case, window)
    screen(body, case)
    body.by_assessor(assessment.accept_assignment, case)
    judge(body, case, "met")
    complete(body, case)
    factories.take_up(body, case)
    factories.confirm(body, case)
    factories.decide(body, case)
    settle(body, case)

    assert result(body, case) == ("awarded", "accredited")
    [scheduled] = body.events(body.events(case, e.ModerationStarted)[0].meeting, MeetingScheduled)
    assert scheduled.form == "meeting"


@pytest.mark.parametrize(
    ("applies_for", "judged", "came_to"),
    [("silver", "silver", ("awarded", "silver")), ("gold", "silver", ("not_awarded", None)), ("bronze", "gold", ("awarded", "bronze"))],
)  # fmt: skip
def test_the_leadership_mark_is_booked_when_ready_and_given_at_the_level_applied_for(
    office: Office, clock: Clock, applies_for: str, judged: str, came_to: tuple[str, str | None]
):
    body = body_of(office, clock, "cpld-mark")
    case = register(body, applies_for)
    book(body, case, clock() + 60 * DAY)
    clock.passes(days=50)
    submit(body, case)
    screen(body, case)
    body.by_assessor(assessment.accept_assignment, case)
    clock.passes(days=10)
    judge(body, case, judged)
    complete(body, case)
    moderate_alone(body, case, body.moderators[0])

    assert result(body, case) == came_to
    decided = body.submission(case).outcome
    assert decided
    assert decided.chair == body.moderators[0]
    assert body.state(body.moderators[0]).account.earned


def test_the_mark_with_a_visit_goes_by_a_provisional_date_a_preview_a_visit_and_one_moderator(
    office: Office, clock: Clock
):
    body = body_of(office, clock, "cpd-mark")
    date = clock() + 150 * DAY
    case = register(body, visit_at=date)
    assert (body.submission(case).visit_at, body.submission(case).provisional) == (date, True)
    book(body, case, date)
    clock.passes(days=120)
    submit(body, case)
    assessor = screen(body, case)
    body.by_assessor(assessment.accept_assignment, case)
    body.by_assessor(visits.pass_preview, case)
    visited(body, case, clock, date, "mark")
    judge(body, case, "secure")
    complete(body, case)
    assert body.state(assessor).in_hand == {}
    assert {(kind, one) for kind, one in body.state(assessor).account.work} >= {("visit", case)}
    assert set(body.state(assessor).round_work.values()) == {0}
    moderate_alone(body, case, body.moderators[0])

    assert result(body, case) == ("awarded", "mark")


def test_the_mark_of_four_aspects_goes_by_a_verification_visit_and_an_award_panel(office: Office, clock: Clock):
    body = body_of(office, clock, "pd-mark")
    date = clock() + 90 * DAY
    case = register(body)
    body.by_officer(visits.book_assessment, case=case, visit_at=date)
    clock.passes(days=60)
    submit(body, case)
    screen(body, case)
    body.by_assessor(assessment.accept_assignment, case)
    visited(body, case, clock, date, "gold")
    judge(body, case, "enhancing", {"impact.vision": "not_yet"})
    complete(body, case)
    factories.take_up(body, case)
    factories.confirm(body, case)
    factories.decide(body, case)
    settle(body, case)

    assert result(body, case) == ("awarded", "silver")
    [scheduled] = body.events(body.events(case, e.ModerationStarted)[0].meeting, MeetingScheduled)
    assert scheduled.form == "award-panel"


# -- dates, by the process -------------------------------------------------------------------------------------------


def test_a_date_without_a_portfolio_is_given_up_by_the_process_and_operations_are_told(office: Office, clock: Clock):
    body = body_of(office, clock, "cpd-mark")
    case = register(body)
    date = clock() + 100 * DAY
    book(body, case, date)

    done = list(process(body, case, clock, date))

    assert done == ["remind", "give_up_date"]
    assert [one.rule for one in body.events(case, DeadlineMissed)] == ["portfolio-before-date"]
    assert body.submission(case).clock
    with refused("date-before-portfolio", field="submission"):
        submit(body, case)
    assert list(process(body, case, clock, date + 500 * DAY))[-1] == "lapse"
    assert body.submission(case).stage is Stage.LAPSED
    assert {one.rule for one in body.events(case, ReminderSent)} == {"portfolio-before-date", "submit-within"}
    assert same_clocks(body, case)


def accepted(body: Body, clock: Clock, visit_at: datetime) -> str:
    case = register(body)
    book(body, case, visit_at)
    clock.comes_to(visit_at - 30 * DAY)
    submit(body, case)
    screen(body, case)
    body.by_assessor(assessment.accept_assignment, case)
    return case


def test_a_missed_preview_and_a_missed_visit_are_told(office: Office, clock: Clock):
    body = body_of(office, clock, "cpd-mark")
    date = clock() + 100 * DAY
    case = accepted(body, clock, date)

    assert list(process(body, case, clock, date - 10 * DAY)) == ["miss_deadline"]
    body.by_officer(visits.pass_preview, case=case)
    assert list(process(body, case, clock, date + 10 * DAY)) == ["remind", "miss_deadline"]

    assert [one.rule for one in body.events(case, DeadlineMissed)] == ["preview-within", "visit-on-date"]
    assert same_clocks(body, case)


def test_too_weak_a_portfolio_is_alerted_at_once_rebooked_and_assessed_by_someone_else(office: Office, clock: Clock):
    body = body_of(office, clock, "cpd-mark")
    date = clock() + 100 * DAY
    case = accepted(body, clock, date)
    first = body.submission(case).assessor
    assert first
    again = date + 200 * DAY
    said = {"reason": "Too thin", "until": clock() + 400 * DAY, "visit_at": again}

    body.by_assessor(visits.alert_preview, case, **said)

    held = settle(body, case)
    assert (held.stage, held.visit_at, held.assessor) == (Stage.PREPARING, again, None)
    assert body.state(first).in_hand == {}
    clock.comes_to(again - 40 * DAY)
    submit(body, case)
    assert screen(body, case) != first
    body.by_assessor(assessment.accept_assignment, case)
    assert body.submission(case).clock
    with refused("preview-before-visit", field="submission"):
        clock.comes_to(again)
        body.by_assessor(visits.hold_visit, case, met=["head"], minutes_spent=9, recommendation=None)
    assert same_clocks(body, case)


def test_more_time_behind_a_booked_date_moves_no_clock(office: Office, clock: Clock):
    body = body_of(office, clock, "cpd-mark")
    case = register(body)
    book(body, case, clock() + 100 * DAY)
    running = body.submission(case).clock

    body.by_officer(preparation.extend_preparation, case=case, until=clock() + 500 * DAY, reason="Illness")

    assert body.submission(case).clock == running
    assert same_clocks(body, case)


# -- who may -----------------------------------------------------------------------------------------------------------


def test_dates_previews_and_visits_are_for_their_own_people(office: Office, clock: Clock):
    body = body_of(office, clock, "cpd-mark")
    date = clock() + 100 * DAY
    case = accepted(body, clock, date)
    other = provider_of(body).contact
    assessor = body.submission(case).assessor
    [stranger, *_] = [one for one in body.assessors if one != assessor]
    before = len(body.recorded(case))

    with refused("own-provider", field="actor"):
        body.by(visits.book_assessment, other, "provider", case=case, visit_at=date + DAY)
    with refused("acting-role", field="role"):
        body.by_contact(visits.agree_provisional_date, case, visit_at=date + DAY)
    with refused("process-only", field="role"):
        body.by_officer(visits.give_up_date, case=case)
    for service, said in (
        (visits.pass_preview, {}),
        (visits.alert_preview, {"reason": "No", "until": date + 900 * DAY}),
        (visits.agree_people, {"groups": ["head"], "missing": {}}),
        (visits.hold_visit, {"met": ["head"], "minutes_spent": 1, "recommendation": None}),
    ):
        with refused("assigned-assessor", field="actor"):
            body.by(service, stranger, "assessor", case=case, **said)
        with refused("acting-role", field="role"):
            body.by_contact(service, case, **said)
    assert len(body.recorded(case)) == before


def test_the_independent_moderator_had_no_part_in_the_case_whatever_it_was(office: Office, clock: Clock):
    body = body_of(office, clock, "cpld-mark")
    case = awaiting(body, clock)
    assessor = body.submission(case).assessor
    assert assessor
    second = factories.appoint(body, "officer", scheme=None)
    for one in (assessor, body.officer):
        said = {"id": one, "role": "moderator", "scheme": body.scheme.id}
        people.give_role(office, body.command(second, "officer"), **said)
    with refused("assessor-never-moderates", field="actor"):
        body.by(items.take_up_alone, assessor, "moderator", case=case)
    with refused("independent-person", field="actor"):
        body.by(items.take_up_alone, body.officer, "moderator", case=case)
    with refused("acting-role", field="role"):
        body.by(items.take_up_alone, body.chair, "chair", case=case)

    body.by(items.take_up_alone, body.moderators[1], "moderator", case=case)
    with refused("meeting-chair", field="actor"):
        body.by(moderation.decide, body.moderators[0], "moderator", case=case)
    with refused("acting-role", field="role"):
        body.by_chair(moderation.decide, case=case)


# -- forms, agendas and adjournment ------------------------------------------------------------------------------------


def schedule(body: Body, *cases: str) -> str:
    command = body.command(body.officer, "officer")
    planned = {"starts_at": command.at, "chair": body.chair, "panel": body.moderators, "items": cases}
    moderation.schedule_meeting(body.office, command, scheme=body.scheme.id, **planned)
    return moderation.meeting_id(command.id)


def test_another_form_of_moderation_than_the_schemes_is_refused(body: Body, office: Office, clock: Clock):
    case = factories.brought(body, "completed")
    with refused("moderation-form", field="form", match="a meeting"):
        body.by(items.take_up_alone, body.moderators[0], "moderator", case=case)

    other = body_of(office, clock, "cpld-mark")
    with refused("moderation-form", field="form", match="one independent person"):
        schedule(other, awaiting(other, clock))


def test_what_a_meeting_did_not_take_up_is_free_when_its_minutes_are_signed(body: Body):
    window = factories.schedule_window(body)
    one, other = (factories.brought(body, "completed", window=window) for _ in range(2))
    meeting = schedule(body, one, other)
    with refused("listed-once", field="items"):
        schedule(body, other)
    body.by_chair(moderation.open_meeting, id=meeting, present=[body.chair, *body.moderators])
    body.by_chair(moderation.take_up, case=one, id=meeting)

    body.by_chair(moderation.sign_minutes, id=meeting, minutes_spent=50)

    assert body.submission(one).stage is Stage.IN_MODERATION
    [freed] = body.events(other, e.ItemAdjourned)
    assert (freed.meeting, freed.reason) == (meeting, None)
    assert body.submission(other).listed is None
    assert schedule(body, other)


def moderated(body: Body, case: str) -> Submission:
    factories.take_up(body, case)
    factories.confirm(body, case)
    factories.decide(body, case)
    return settle(body, case)


def test_an_item_whose_quorum_is_lost_is_adjourned_and_goes_to_another_meeting(body: Body):
    case = factories.brought(body, "taken up")
    for one in body.moderators[:2]:
        body.by_officer(people.end_role, id=one, role="moderator", scheme=body.scheme.id)
    with refused("item-quorum", field="present"):
        factories.confirm(body, case)
    with refused("meeting-chair", field="actor"):
        second = factories.appoint(body, "chair", training="chairing")
        body.by(items.adjourn_item, second, "chair", case=case, reason="Two had to leave")

    body.by_chair(items.adjourn_item, case=case, reason="Two had to leave")
    assert not body.by_officer(items.adjourn_item, case=case, reason="And again").events

    assert body.submission(case).stage is Stage.AWAITING_MODERATION
    body.moderators = (
        *body.moderators[2:],
        *(factories.appoint(body, "moderator", training="moderating") for _ in range(2)),
    )
    assert moderated(body, case).over
    assert same_clocks(body, case)


def test_an_officer_takes_an_item_off_an_agenda(body: Body):
    case = factories.brought(body, "completed")
    schedule(body, case)

    body.by_officer(items.adjourn_item, case=case, reason="The chair is ill")

    assert schedule(body, case)


def test_a_panel_may_find_a_programme_outside_the_definition(body: Body):
    case = factories.brought(body, "taken up")

    body.by_chair(items.find_outside_definition, case=case, reason="It sells a product")

    assert body.submission(case).stage is Stage.INELIGIBLE
    assert settle(body, case).over
    assert same_clocks(body, case)
    assert not body.recorded(awards.accreditation_id(case))


def test_every_command_of_these_routes_given_twice_changes_nothing_the_second_time(office: Office, clock: Clock):
    body = body_of(office, clock, "cpd-mark")
    date = clock() + 100 * DAY
    case = accepted(body, clock, date)
    groups = body.scheme.route.people_to_meet
    assessor = body.submission(case).assessor
    assert assessor
    for service, said in (
        (visits.book_assessment, {"visit_at": date + 20 * DAY}),
        (visits.pass_preview, {}),
        (visits.agree_people, {"groups": groups[1:], "missing": {groups[0]: "Ill"}}),
    ):
        command = body.command(body.officer, "officer")
        first, again = (service(office, command, case=case, **said) for _ in range(2))
        assert (again.repeated, again.position, again.events) == (True, first.position, {})
    clock.comes_to(date + 20 * DAY)
    command = body.command(assessor, "assessor")
    said = {"met": groups[:1], "minutes_spent": 60, "recommendation": None}
    first, again = (visits.hold_visit(office, command, case=case, **said) for _ in range(2))
    assert (again.repeated, again.position, again.events) == (True, first.position, {})
