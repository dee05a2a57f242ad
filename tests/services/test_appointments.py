"""Appointments have a term and training expires, on the real record: by themselves, with reminders before, and never for oneself."""

from datetime import timedelta

import pytest

from domain.authority import AppointmentOver, TrainingNoted
from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import PROCESS_ROLE
from domain.person import AttemptRefused, RoleGiven, TrainingCompleted
from domain.submission import events as e
from services import assessment, calibration, competence, matters, moderation, people
from services.authority import authority_id, end_terms
from services.office import Office
from services.sample import calibration_id
from tests import factories
from tests.domain.given import DAY, refused
from tests.factories import Body
from tests.services import routes
from tests.services.conftest import Clock
from tests.services.tending import body_asking, process


def expiring(body: Body, person: str, kind: str, days: float) -> None:
    """The person's training of this kind expires in so many days."""
    expires_at = body.now() + days * DAY
    body.by_officer(people.record_training, id=person, kind=kind, scheme=body.scheme.id, expires_at=expires_at)


def appointed(body: Body, person: str, role: str, days: float) -> None:
    """The person's appointment ends in so many days."""
    ends_at = body.now() + days * DAY
    body.by_officer(people.give_role, id=person, role=role, scheme=body.scheme.id, ends_at=ends_at)


def test_an_appointment_ends_by_itself_at_its_end_with_reminders_before(body: Body, clock: Clock):
    mia, begins = body.moderators[0], clock()
    appointed(body, mia, "moderator", 365)
    stream = authority_id(mia)

    steps = list(process(body, stream, clock, begins + 366 * DAY))

    reminders = [one.planned_for for one in body.events(stream, ReminderSent)]
    ahead = body.scheme.assurance.people.remind_appointment
    ends_at = begins + 365 * DAY
    assert reminders == sorted(body.scheme.calendar.before(ends_at, one) for one in ahead)
    assert [step for step, _ in steps] == ["remind_task"] * len(ahead) + ["end_terms"]
    assert steps[-1][1] == ends_at
    [over] = body.events(stream, AppointmentOver)
    assert over.role == "moderator"
    assert len(over.ends) == 2  # the training for it is not to be renewed either
    assert not body.state(stream).tasks.running
    with refused("acting-role", field="role"):
        body.by(people.set_availability, mia, "moderator", available=False)


def test_authority_is_gone_at_its_end_even_where_no_process_ever_ran(body: Body, clock: Clock):
    appointed(body, body.chair, "chair", 30)
    case = factories.brought(body, "completed")
    clock.passes(days=30)

    with refused("authorised-panel", field="panel"):
        factories.take_up(body, case)
    assert body.submission(case).listed is None


def test_who_gave_an_appointment_is_on_record_and_nobody_gives_or_prolongs_their_own(body: Body):
    mia = body.moderators[0]
    appointed(body, mia, "moderator", 365)

    given = [one for one in body.recorded(mia) if isinstance(one.event, RoleGiven)][-1]
    assert (given.actor, given.role) == (body.officer, "officer")
    term = {"role": "officer", "ends_at": body.now() + 90 * DAY}
    body.by(people.give_role, "installer", "installer", id=body.officer, **term)
    with refused("not-for-oneself", field="id"):
        body.by_officer(people.give_role, id=body.officer, role="officer", ends_at=body.now() + 900 * DAY)
    assert body.state(body.officer).term_ends_at("officer", None) == term["ends_at"]


def test_an_appointment_prolonged_in_time_goes_on(body: Body, clock: Clock):
    mia, begins = body.moderators[0], clock()
    appointed(body, mia, "moderator", 100)
    clock.passes(days=99)
    appointed(body, mia, "moderator", 100)
    clock.passes(days=50)

    assert body.by(people.set_availability, mia, "moderator", available=False).events
    [task] = [one for one in body.state(authority_id(mia)).tasks.running.values() if "appointment" in one.rule]
    assert task.due_at == begins + 199 * DAY


@pytest.mark.parametrize("days", [0, -1])
def test_no_appointment_ends_before_it_begins_and_nothing_is_written(body: Body, days: int):
    before = len(body.recorded(body.moderators[0])), len(body.recorded(authority_id(body.moderators[0])))

    with refused("appointment-term", field="ends_at"):
        appointed(body, body.moderators[0], "moderator", days)
    with refused("instants", field="starts_at"):
        naive = body.now().replace(tzinfo=None) + 9 * DAY
        said = {"id": body.moderators[0], "role": "chair", "scheme": body.scheme.id, "starts_at": naive}
        body.by_officer(people.give_role, **said)

    assert before == (len(body.recorded(body.moderators[0])), len(body.recorded(authority_id(body.moderators[0]))))


def test_a_role_that_an_officer_ends_is_reminded_of_no_more(body: Body):
    mia = body.moderators[0]
    appointed(body, mia, "moderator", 100)
    stream = authority_id(mia)
    assert body.state(stream).tasks.running

    body.by_officer(people.end_role, id=mia, role="moderator", scheme=body.scheme.id)

    assert not body.state(stream).tasks.running


def test_training_is_noted_with_its_reminders_in_the_same_transaction(body: Body, clock: Clock):
    ada = body.assessors[0]
    expiring(body, ada, "assessing", 90)
    stream = authority_id(ada)

    [trained] = [one for one in body.recorded(ada) if isinstance(one.event, TrainingCompleted)][-1:]
    [noted] = [one for one in body.recorded(stream) if isinstance(one.event, TrainingNoted)][-1:]
    assert (trained.command, trained.recorded_at) == (noted.command, noted.recorded_at)
    steps = list(process(body, stream, clock, clock() + 90 * DAY))
    assert [step for step, _ in steps] == ["remind_task", "remind_task", "miss_task"]
    [missed] = body.events(stream, DeadlineMissed)
    assert (missed.about, missed.due_at) == (f"assessing:{body.scheme.id}", steps[-1][1])
    assert body.state(stream).tasks.running[f"{missed.rule}:{missed.about}"].told == "quality-manager"


def test_training_that_was_renewed_is_not_reminded_of(body: Body, clock: Clock):
    ada = body.assessors[0]
    expiring(body, ada, "assessing", 90)
    expiring(body, ada, "assessing", 900)

    assert list(process(body, authority_id(ada), clock, clock() + 100 * DAY)) == []


def test_nobody_records_training_for_themselves_and_the_attempt_is_on_record(body: Body):
    body.by(people.give_role, "installer", "installer", id=body.officer, role="assessor", scheme=body.scheme.id)
    said = {"kind": "bias", "scheme": body.scheme.id, "expires_at": body.now() + 90 * DAY}

    with refused("not-for-oneself", field="id"):
        body.by_officer(people.record_training, id=body.officer, **said)
    with refused("acting-role"):
        body.by(people.record_training, body.officer, "assessor", id=body.officer, **said)

    assert not body.state(body.officer).training
    assert not body.recorded(authority_id(body.officer))
    assert [one.rule for one in body.events(body.officer, AttemptRefused)] == ["not-for-oneself", "acting-role"]


def test_only_the_process_of_a_persons_authority_ends_their_terms(body: Body, clock: Clock):
    appointed(body, body.moderators[0], "moderator", 10)
    stream, other = authority_id(body.moderators[0]), authority_id(body.moderators[1])
    clock.passes(days=20)

    for actor, role in ((other, PROCESS_ROLE), (body.officer, "officer"), (body.moderators[0], "moderator")):
        with refused("process-only", field="role"):
            body.by(end_terms, actor, role, case=stream)
        with refused("process-only", field="role"):
            body.by(matters.remind_task, actor, role, case=stream)
    assert not body.events(stream, AppointmentOver)
    assert body.by(end_terms, stream, PROCESS_ROLE, case=stream).events
    assert not body.by(end_terms, stream, PROCESS_ROLE, case=stream).events


def test_training_that_expires_between_assignment_and_judging_stops_the_work(body: Body, clock: Clock):
    case = factories.brought(body, "accepted")
    ada = body.submission(case).assessor
    assert ada
    expiring(body, ada, "bias", 1)
    cited = {one.criterion: one.sha256 for one in factories.evidence_of(list(body.scheme.criteria))}
    judgements = {code: factories.judged_at(body, code, "met", cited[code]) for code in body.scheme.criteria}
    some = dict(list(judgements.items())[:3])
    body.by_assessor(assessment.judge, case, judgements=some)
    clock.passes(days=1)
    before = len(body.recorded(case))

    with refused("qualified-assessor", field="actor", match="bias"):
        body.by_assessor(assessment.judge, case, judgements=judgements)
    assert len(body.recorded(case)) == before
    expiring(body, ada, "bias", 90)
    body.by_assessor(assessment.judge, case, judgements=judgements)
    expiring(body, ada, "bias", 1)
    clock.passes(days=1)
    with refused("qualified-assessor", field="actor"):
        body.by_assessor(assessment.complete_assessment, case, minutes_spent=90)
    assert body.state(ada).account.earned == {}
    assert body.by_assessor(assessment.decline_assignment, case).events  # to give it back needs no training


def test_an_assignment_is_accepted_by_who_is_still_trained(body: Body, clock: Clock):
    case = factories.brought(body, "screened")
    ada = factories.settle(body, case).assessor
    assert ada
    expiring(body, ada, "criteria", 1)
    clock.passes(days=1)

    with refused("qualified-assessor", field="actor", match="criteria"):
        body.by_assessor(assessment.accept_assignment, case)


def test_a_blind_marking_is_done_by_who_is_still_trained(office: Office, clock: Clock):
    source = factories.scheme_source().replace("[assessment]\n", "[assessment]\ncalibration_percent = 100\n")
    body = factories.open_body(office, source=source, now=clock)
    case = factories.brought(body, "screened")
    factories.settle(body, case)
    second = body.state(calibration_id(case)).assessor
    cited = {one.criterion: one.sha256 for one in factories.evidence_of(list(body.scheme.criteria))}
    judgements = {code: factories.judged_at(body, code, "met", cited[code]) for code in body.scheme.criteria}
    expiring(body, second, "exemplars", 1)
    clock.passes(days=1)

    with refused("qualified-assessor", field="actor", match="exemplars"):
        body.by(calibration.judge_blind, second, "assessor", case=case, judgements=judgements)
    expiring(body, second, "exemplars", 1)
    body.by(calibration.judge_blind, second, "assessor", case=case, judgements=judgements)
    clock.passes(days=1)
    with refused("qualified-assessor", field="actor", match="exemplars"):
        body.by(calibration.complete_blind, second, "assessor", case=case, minutes_spent=9)
    assert case in body.state(second).in_hand


def test_a_visit_is_held_by_who_is_still_trained(office: Office, clock: Clock):
    body = routes.body_of(office, clock, "pd-mark")
    visit_at = clock() + 60 * DAY
    case = routes.register(body)
    routes.book(body, case, visit_at)
    routes.submit(body, case)
    assessor = routes.screen(body, case)
    body.by_assessor(assessment.accept_assignment, case)
    expiring(body, assessor, "assessing", 30)

    with refused("qualified-assessor", field="actor", match="assessing"):
        routes.visited(body, case, clock, visit_at, None)
    assert body.submission(case).visit is None


def test_a_term_that_ends_between_listing_and_taking_up_leaves_the_member_out(body: Body, clock: Clock):
    case = factories.brought(body, "completed")
    extra = factories.appoint(body, "moderator", training="moderating")
    appointed(body, extra, "moderator", 5)
    command = body.command(body.officer, "officer")
    panel = (*body.moderators, extra)
    said = {"scheme": body.scheme.id, "starts_at": clock() + 4 * DAY, "chair": body.chair, "panel": panel}
    moderation.schedule_meeting(body.office, command, **said, items=[case])
    meeting = moderation.meeting_id(command.id)
    clock.passes(days=4)
    body.by_chair(moderation.open_meeting, id=meeting, present=(body.chair, *panel))
    clock.passes(days=1)

    body.by_chair(moderation.take_up, case=case, id=meeting)

    [started] = body.events(case, e.ModerationStarted)
    seen = {one.person: one for one in started.seen}
    assert extra not in started.panel
    assert seen[extra].verdict == "not authorised for this scheme"
    assert seen[extra].qualified.term_ends_at == clock()
    assert [one.kind for one in seen[body.chair].qualified.training] == ["chairing", "criteria", "bias", "exemplars"]
    assert set(started.panel) == {body.chair, *body.moderators}


def test_a_chair_whose_training_expires_leads_the_item_no_longer(body: Body, clock: Clock):
    case = factories.brought(body, "taken up")
    expiring(body, body.chair, "exemplars", 1)
    clock.passes(days=1)

    with refused("trained-chair", field="actor", match="exemplars"):
        factories.confirm(body, case)
    assert not body.events(case, e.JudgementConfirmed)


def test_what_made_the_assessor_eligible_is_kept_whatever_becomes_of_it(body: Body, clock: Clock):
    case = factories.brought(body, "screened")
    chosen = factories.settle(body, case).assessor
    assert chosen
    expiring(body, chosen, "bias", 1)
    clock.passes(days=400)

    [assigned] = body.events(case, e.AssessorAssigned)
    [seen] = [one for one in assigned.considered if one.verdict == "chosen"]
    assert seen.person == chosen
    kept = {one.kind: one.expires_at for one in seen.qualified.training}
    assert set(kept) == {"assessing", "criteria", "bias", "exemplars"}
    assert min(kept.values()) > clock() + timedelta(days=3000)
    assert (seen.qualified.used, seen.qualified.allowed) == (0, body.scheme.assessor_capacity)
    assert len([one for one in assigned.considered if one.qualified]) == len(body.assessors)


def test_a_capacity_of_ones_own_and_an_absence_are_honoured_when_work_is_given(body: Body, clock: Clock):
    few, away, willing = body.assessors
    body.by(competence.limit_capacity, few, "assessor", scheme=body.scheme.id, most=1)
    body.by(competence.plan_absence, away, "assessor", starts_at=clock() - DAY, ends_at=clock() + 90 * DAY)
    window = factories.schedule_window(body)

    cases = [factories.brought(body, "screened", window=window) for _ in range(4)]
    chosen = [factories.settle(body, case).assessor for case in cases]

    assert away not in chosen
    assert chosen.count(few) == 1
    assert chosen.count(willing) == 3


def test_a_scheme_that_selects_on_experience_appoints_nobody_without(office: Office, clock: Clock):
    body = body_asking(office, clock, "[people.experience]\nappeals-panel = 2\n")
    pia, said = body.moderators[0], {"role": "appeals-panel", "scheme": body.scheme.id}

    with refused("selection-on-experience", field="role", match="0 kinds"):
        body.by_officer(people.give_role, id=pia, **said)
    with refused("selection-on-experience", field="role"):
        body.by(people.give_role, "installer", "installer", id=pia, **said)
    for kind in ("led", "delivered"):
        body.by(competence.state_credential, pia, "moderator", id=pia, topic="experience", kind=kind, text="Ten years")
    with refused("selection-on-experience", field="role", match="0 kinds"):
        body.by_officer(people.give_role, id=pia, **said)  # nobody has verified it
    for kind in ("led", "delivered"):
        body.by_officer(competence.verify_credential, id=pia, topic="experience", kind=kind)
    assert body.by_officer(people.give_role, id=pia, **said).events
    assert body.state(pia).holds("appeals-panel", body.scheme.id, clock())
