"""The timetable of standardisation, on the real record: scheduled, reminded of, held with attendance, and asked for where it counts."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.clocks import DeadlineMissed, ReminderSent
from domain.competence import StandardisationAttended
from domain.ids import PROCESS_ROLE
from domain.person import AttemptRefused, ConflictDeclared
from domain.refusals import Refused
from domain.standardisation import InvitationWithdrawn, StandardisationHeld, StandardisationScheduled
from domain.submission import events as e
from infra.store.records import PostgresRecords
from services import assessment, matters, people, standardisation
from services.office import Office
from tests import factories
from tests.domain.given import DAY, refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.tending import body_asking, process
from tests.services.test_at_once import at_once, while_deciding


@pytest.fixture
def body(office: Office, clock: Clock) -> Body:
    """A body whose scheme asks who assesses and moderates for a standardisation within a year."""
    return body_asking(office, clock, '[people]\nstandardised_within = "P1Y"\n')


def manager_of(body: Body) -> str:
    return factories.appoint(body, "quality-manager", scheme=None)


def scheduled(body: Body, *, days: float = 30, office: Office | None = None, id: str | None = None, **said: Any) -> str:
    """An officer schedules a session that everybody is invited to; returns its id."""
    command = body.command(body.officer, "officer", id=id)
    whole: dict[str, Any] = {
        "scheme": body.scheme.id,
        "starts_at": body.now() + days * DAY,
        "leader": body.chair,
        "invited": (*body.assessors, *body.moderators),
        "note": "Two portfolios of last year",
    }
    standardisation.schedule_session(office or body.office, command, **{**whole, **said})
    return standardisation.session_id(command.id)


def held(body: Body, clock: Clock, present: Sequence[str] = ()) -> str:
    """A session that took place just now with these people, or with everybody."""
    session = scheduled(body, days=1)
    clock.passes(days=1)
    everybody = (body.chair, *body.assessors, *body.moderators)
    body.by_chair(standardisation.record_attendance, session=session, present=present or everybody)
    return session


def test_nobody_works_under_a_scheme_that_asks_for_it_without_a_standardisation_in_time(body: Body, clock: Clock):
    case = factories.brought(body, "screened")
    stuck = factories.settle(body, case)
    assert stuck.assessor is None
    [nobody] = body.events(case, e.NobodyEligible)
    assert {one.verdict for one in nobody.considered} == {"no standardisation attended in time"}

    session = held(body, clock)

    clock.passes(days=2)
    body.by(assessment.assign_assessor, case, PROCESS_ROLE, case=case)
    [assigned] = body.events(case, e.AssessorAssigned)
    attended_at = body.state(session).starts_at
    assert {one.qualified.standardised_at for one in assigned.considered} == {attended_at}
    factories.assess(body, case)
    factories.take_up(body, case)
    [started] = body.events(case, e.ModerationStarted)
    assert {one.qualified.standardised_at for one in started.seen} == {attended_at}
    clock.passes(days=400)
    with refused("trained-chair", field="actor", match="no standardisation"):
        factories.confirm(body, case)


def test_attendance_is_noted_on_each_who_came_in_the_same_transaction_and_on_nobody_else(body: Body, clock: Clock):
    came, away = body.assessors[0], body.assessors[1]
    session = held(body, clock, (body.chair, came))

    [here] = [one for one in body.recorded(session) if isinstance(one.event, StandardisationHeld)]
    for person in (body.chair, came):
        [noted] = [one for one in body.recorded(person) if isinstance(one.event, StandardisationAttended)]
        assert (noted.command, noted.event.session) == (here.command, session)
        assert noted.event.attended_at == body.state(session).starts_at
    assert body.state(away).competence.standardised == {}


def test_a_session_recorded_late_counts_from_its_date(body: Body, clock: Clock):
    session = scheduled(body, days=1)
    starts_at = clock() + DAY
    clock.passes(days=200)

    body.by_chair(standardisation.record_attendance, session=session, present=(body.chair, body.assessors[0]))

    assert body.state(body.assessors[0]).competence.standardised == {body.scheme.id: starts_at}


def test_everyone_is_reminded_at_the_right_instants_and_the_manager_told_of_a_record_that_is_late(
    body: Body, clock: Clock
):
    begins, session = clock(), scheduled(body, days=30)
    rules = body.scheme.assurance.people

    steps = list(process(body, session, clock, begins + 60 * DAY))

    starts_at = begins + 30 * DAY
    ahead = sorted(body.scheme.calendar.before(starts_at, one) for one in rules.remind_standardisation)
    late = body.scheme.calendar.due(starts_at, rules.record_standardisation_within)
    assert [at for _, at in steps] == [*ahead, starts_at, late]
    assert [step for step, _ in steps] == ["remind_task", "remind_task", "begin_session", "miss_task"]
    reminded = [one.about for one in body.events(session, ReminderSent)]
    assert sorted(reminded) == sorted([body.chair, *body.assessors, *body.moderators] * 2)
    [missed] = body.events(session, DeadlineMissed)
    assert missed.rule == "record-standardisation-within"
    assert body.state(session).stage == "begun"
    body.by_chair(standardisation.record_attendance, session=session, present=(body.chair, body.assessors[0]))
    assert body.state(session).over
    assert list(process(body, session, clock, clock() + 900 * DAY)) == []


def test_attendance_signed_only_by_oneself_is_refused_and_on_record(body: Body, clock: Clock):
    manager = manager_of(body)
    session = scheduled(body, days=1, leader=body.chair)
    clock.passes(days=1)
    before = len(body.recorded(session))

    with refused("not-for-oneself", field="present"):
        body.by_chair(standardisation.record_attendance, session=session, present=(body.chair,))
    with refused("standardisation-invited", field="present"):
        body.by(standardisation.record_attendance, manager, "quality-manager", session=session, present=(manager,))
    ada = body.assessors[0]
    with refused("acting-role"):
        body.by(standardisation.record_attendance, ada, "assessor", session=session, present=(ada, body.chair))
    body.by(people.give_role, "installer", "installer", id=ada, role="quality-manager")
    with refused("not-for-oneself", field="present"):
        body.by(standardisation.record_attendance, ada, "quality-manager", session=session, present=(ada, body.chair))

    assert len(body.recorded(session)) == before
    assert body.state(ada).competence.standardised == {}
    assert [one.rule for one in body.events(ada, AttemptRefused)] == ["acting-role", "not-for-oneself"]
    assert [one.rule for one in body.events(body.chair, AttemptRefused)] == ["not-for-oneself"]


def test_a_quality_manager_records_who_came_to_a_session_of_others(body: Body, clock: Clock):
    manager, session = manager_of(body), scheduled(body, days=1)
    clock.passes(days=1)

    body.by(
        standardisation.record_attendance, manager, "quality-manager", session=session, present=(body.assessors[2],)
    )

    assert body.state(body.assessors[2]).competence.standardised
    [recorded] = [one for one in body.recorded(session) if isinstance(one.event, StandardisationHeld)]
    assert (recorded.actor, recorded.event.recorder) == (manager, manager)


def test_a_session_is_scheduled_and_cancelled_by_a_quality_manager_or_an_officer(body: Body):
    manager = manager_of(body)
    session = scheduled(body)

    for actor, role in ((body.chair, "chair"), (body.assessors[0], "assessor")):
        with refused("acting-role", field="role"):
            body.by(standardisation.cancel_session, actor, role, session=session, reason="No room")
    receipt = body.by(standardisation.cancel_session, manager, "quality-manager", session=session, reason="No room")

    assert receipt.events
    assert not body.by(standardisation.cancel_session, manager, "quality-manager", session=session, reason="So").events
    assert body.state(session).stage == "cancelled"
    assert not body.state(session).tasks.running


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"scheme": "no-such-mark"}, "acting-role"),
        ({"leader": "person-nobody"}, "known-person"),
        ({"leader": factories.derived_id("person", "nobody")}, "known-person"),
        ({"invited": ()}, "standardisation-invited"),
        ({"note": None}, "standardisation-exemplars"),
        ({"note": ""}, "text-given"),
        ({"note": "x" * 1_000_000}, "text-length"),
        ({"exemplars": ("submission-nothing",)}, "known-submission"),
        ({"exemplars": (factories.derived_id("submission", "nothing"),)}, "known-submission"),
        ({"days": -1}, "standardisation-to-come"),
        ({"days": 0}, "standardisation-to-come"),
    ],
)
def test_a_session_that_cannot_be_is_refused_and_nothing_is_written(body: Body, said: dict[str, Any], rule: str):
    if rule == "acting-role":
        body.officer = factories.appoint(body, "officer")  # of this scheme only
    with pytest.raises(Refused) as caught:
        scheduled(body, **said, id="impossible")

    assert caught.value.rule == rule
    assert all((caught.value.field, caught.value.reason, caught.value.allowed))
    assert not body.recorded(standardisation.session_id("impossible"))


def test_of_a_session_that_there_is_not_nothing_is_recorded(body: Body):
    for session in ("standardisation-nothing", factories.derived_id("standardisation", "nothing"), body.chair):
        with refused("known-standardisation"):
            body.by_chair(standardisation.record_attendance, session=session, present=(body.chair,))
        with refused("known-standardisation"):
            body.by_officer(standardisation.cancel_session, session=session, reason="Why")


def test_an_exemplar_of_a_provider_is_seen_by_nobody_with_a_conflict_also_one_declared_meanwhile(
    office: Office, clock: Clock, records: PostgresRecords
):
    body = body_asking(office, clock)
    case = factories.brought(body, "released")
    provider, ben = body.submission(case).registration.provider, body.assessors[1]

    def declares() -> None:
        body.by(people.declare_conflict, ben, "assessor", id=ben, provider=provider, kind="advised")

    with refused("conflict-of-interest"):
        scheduled(body, exemplars=(case,), office=while_deciding(body, records, declares))
    others = [one for one in (*body.assessors, *body.moderators) if one != ben]
    session = scheduled(body, exemplars=(case,), invited=others)
    [planned] = body.events(session, StandardisationScheduled)
    assert planned.exemplars == (case,)


def test_a_conflict_declared_takes_off_the_sessions_to_come_that_look_at_that_providers_cases(
    office: Office, clock: Clock
):
    body = body_asking(office, clock)
    case = factories.brought(body, "released")
    other = factories.brought(body, "released")
    provider, ben = body.submission(case).registration.provider, body.assessors[1]
    sessions = [scheduled(body, exemplars=exemplars) for exemplars in ((case, other), (other,), ())]
    done = scheduled(body, days=1, exemplars=(case,))
    clock.passes(days=1)
    body.by_chair(standardisation.record_attendance, session=done, present=(body.chair, ben))

    receipt = body.by_officer(people.declare_conflict, id=ben, provider=provider, kind="employed-there")

    assert [one for one in (*sessions, done) if one in receipt.events] == [sessions[0]]
    assert [ben in body.state(one).invited for one in sessions] == [False, True, True]
    assert body.state(done).present == (body.chair, ben)
    [here] = [one for one in body.recorded(sessions[0]) if isinstance(one.event, InvitationWithdrawn)]
    [there] = [one for one in body.recorded(ben) if isinstance(one.event, ConflictDeclared)]
    assert here.command == there.command
    assert f"attend-standardisation-on:{ben}" not in body.state(sessions[0]).tasks.running
    body.by_officer(people.declare_conflict, id=body.chair, provider=provider, kind="employed-there")
    assert body.state(sessions[0]).leader == ""
    clock.passes(days=30)
    with refused("acting-role"):
        body.by_chair(standardisation.record_attendance, session=sessions[0], present=body.assessors[:1])


def test_attendance_recorded_by_two_at_once_is_recorded_once(body: Body, clock: Clock):
    manager, session = manager_of(body), scheduled(body, days=1)
    clock.passes(days=1)
    ada, ben = body.assessors[:2]

    results = at_once(
        lambda: body.by_chair(standardisation.record_attendance, session=session, present=(body.chair, ada)),
        lambda: body.by(
            standardisation.record_attendance, manager, "quality-manager", session=session, present=(ada, ben)
        ),
    )

    assert [one.rule for one in results if isinstance(one, Refused)] == ["standardisation-open"]
    assert len(body.events(session, StandardisationHeld)) == 1
    assert len(body.events(ada, StandardisationAttended)) == 1


def test_only_a_sessions_own_process_begins_it(body: Body, clock: Clock):
    session, other = scheduled(body, days=1), scheduled(body, days=2)
    clock.passes(days=1)

    for actor, role in ((other, PROCESS_ROLE), (body.officer, "officer")):
        with refused("process-only", field="role"):
            body.by(standardisation.begin_session, actor, role, case=session)
        with refused("process-only", field="role"):
            body.by(matters.remind_task, actor, role, case=session)
    assert body.by(standardisation.begin_session, session, PROCESS_ROLE, case=session).events
    assert not body.by(standardisation.begin_session, other, PROCESS_ROLE, case=other).events
