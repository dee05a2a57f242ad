"""The workforce policy on the real record: published and reviewed, departments led, reports made and noted, and what is at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.clocks import DeadlineMissed, ReminderSent
from domain.development import figures
from domain.person import AttemptRefused
from domain.policy import ReportMade
from domain.refusals import Refused
from services import development, people, policies, workforce
from services.development import activity_id, development_id
from services.office import Office
from services.schemes import INSTALLER_ROLE
from services.workforce import STREAM, figures_at, report_id
from tests import factories
from tests.domain.given import refused, says_all
from tests.domain.workforce import SOURCE
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.workplace import Workplace, open_workplace

SECOND_VERSION = SOURCE.replace("version = 1", "version = 2")


@pytest.fixture
def place(body: Body) -> Workplace:
    return open_workplace(body)


class Meanwhile:
    """A record in which something happens between the first command's loading and its writing."""

    def __init__(self, records: Any, happens: Callable[[], Any]) -> None:
        self._records, self._happens = records, happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def append(self, batch: Any) -> int:
        happens, self._happens = self._happens, lambda: None
        happens()
        return int(self._records.append(batch))


def while_(place: Workplace, happens: Callable[[], Any]) -> Office:
    """The office of somebody who is a little slower than what happens."""
    return Office(Meanwhile(place.body.office.records, happens))


def test_a_policy_is_published_by_those_who_answer_for_it_and_checked_whole(body: Body):
    manager, board = (factories.appoint(body, role, scheme=None) for role in ("quality-manager", "board"))
    said = {"source": SOURCE, "file": "workforce.toml"}

    for actor, role in ((body.officer, "officer"), (body.chair, "chair"), (body.officer, "quality-manager")):
        with refused("acting-role", field="role"):
            body.by(policies.publish_policy, actor, role, **said)
    with refused("policy-checked", field="workforce.toml", match="line 3: policy.version"):
        broken = {**said, "source": SOURCE.replace("version = 1", "version = 0")}
        body.by(policies.publish_policy, manager, "quality-manager", **broken)

    assert body.by(policies.publish_policy, manager, "quality-manager", **said).events
    assert not body.by(policies.publish_policy, board, "board", **said).events
    assert body.by(policies.publish_policy, board, "board", **said | {"source": SECOND_VERSION}).events
    assert body.state(STREAM).latest == 2


def test_no_person_publishes_as_the_installer(place: Workplace):
    with refused("acting-role", field="role"):
        place.body.by(policies.publish_policy, place.pat, INSTALLER_ROLE, source=SECOND_VERSION, file="workforce.toml")


def test_the_policy_in_force_is_the_latest(place: Workplace):
    source = SECOND_VERSION + "sources_needed = 1\n"
    place.by_manager(policies.publish_policy, source=source, file="workforce.toml")

    place.by_pat(development.add_need, topic="bias", source="self-evaluation", text="I think so")

    assert place.plan().needs["bias"].found


def test_the_review_comes_every_year_with_reminders_and_late_the_board_is_told(place: Workplace, clock: Clock):
    task = place.body.state(STREAM).tasks.running["review-policy-within"]
    place.lives_on(STREAM, task.due_at, clock)
    said = {"kind": "workforce", "result": "stands", "note": "It does what it should"}

    reminded = [one for one in place.body.events(STREAM, ReminderSent) if one.rule == task.rule]
    assert [one.planned_for for one in reminded] == list(task.remind_at)
    assert DeadlineMissed(rule=task.rule, due_at=task.due_at) in place.body.events(STREAM, DeadlineMissed)
    with refused("acting-role"):
        place.body.by(policies.review_policy, place.lead, "assessor", **said)
    with refused("known-policy", field="policy"):
        place.by_manager(policies.review_policy, **said | {"kind": "diet"})
    with pytest.raises(Refused) as caught:
        place.by_manager(policies.review_policy, **said | {"note": ""})
    says_all(caught.value)

    place.body.by(policies.review_policy, place.board, "board", **said)
    assert place.body.state(STREAM).tasks.running["review-policy-within"].due_at > task.due_at


def test_a_lead_is_named_by_a_quality_manager_for_somebody_else_who_works_here(place: Workplace):
    provider = factories.register_provider(place.body)
    with refused("not-for-oneself", field="lead"):
        place.by_manager(workforce.name_lead, department="appeals", lead=place.manager)
    with refused("works-for-the-body", field="lead"):
        place.by_manager(workforce.name_lead, department="appeals", lead=provider.contact)
    with refused("known-person", field="lead"):
        place.by_manager(workforce.name_lead, department="appeals", lead="person-aaaaaaaaaaaaaaaa")
    with refused("known-department"):
        place.by_manager(workforce.end_lead, department="kitchen")
    for actor, role in ((place.lead, "assessor"), (place.body.officer, "officer"), (place.board, "board")):
        with refused("acting-role", field="role"):
            place.body.by(workforce.name_lead, actor, role, department="appeals", lead=place.pat)
        with refused("acting-role", field="role"):
            place.body.by(workforce.end_lead, actor, role, department="assessing")

    assert place.body.state(STREAM).leads == {"assessing": place.lead}


def test_a_lead_who_works_for_the_body_no_longer_leads_nobody_though_they_speak_for_a_provider(place: Workplace):
    """Given a provider's contact who had a role in the body too, which ended."""
    place.find_need()
    contact = factories.register_provider(place.body).contact
    role = {"id": contact, "role": "assessor", "scheme": place.body.scheme.id}
    place.body.by_officer(people.give_role, **role)
    place.by_manager(workforce.name_lead, department="assessing", lead=contact)
    assert place.body.by(development.agree_plan, contact, "provider", person=place.pat).events

    place.body.by_officer(people.end_role, **role)

    with refused("works-for-the-body", field="actor"):
        place.body.by(development.end_development, contact, "provider", person=place.pat, reason="Bored")


def test_the_tasks_of_a_former_lead_fall_to_the_new_one_or_to_the_quality_manager(place: Workplace):
    place.by_manager(development.open_plan, person=place.colleague, department="appeals")
    command = place.body.command(place.manager, "quality-manager")
    said = {"department": "assessing", "lead": place.other_manager}

    workforce.name_lead(place.body.office, command, **said)
    assert place.plan().tasks.running["agree-plan-within"].who == place.other_manager
    assert place.plan(place.colleague).tasks.running["agree-plan-within"].who == "quality-manager"
    before = len(place.body.recorded(development_id(place.pat)))
    assert workforce.name_lead(place.body.office, command, **said).repeated
    assert len(place.body.recorded(development_id(place.pat))) == before

    place.by_manager(workforce.end_lead, department="assessing")
    assert place.plan().tasks.running["agree-plan-within"].who == "quality-manager"
    assert place.plan().tasks.running["agree-plan-within"].told == "board"


def test_a_command_that_stopped_half_way_hands_over_the_rest_when_it_is_repeated(place: Workplace):
    command = place.body.command(place.manager, "quality-manager")
    said = {"department": "assessing", "lead": place.other_manager}

    def fails() -> None:
        raise ConnectionError

    workforce_office = Office(Meanwhile(place.body.office.records, lambda: None))
    records: Any = workforce_office.records
    records._happens = lambda: setattr(records, "_happens", fails)  # the first writing succeeds, the second does not
    with pytest.raises(ConnectionError):
        workforce.name_lead(workforce_office, command, **said)
    assert place.plan().tasks.running["agree-plan-within"].who == place.lead

    workforce.name_lead(place.body.office, command, **said)

    assert place.plan().tasks.running["agree-plan-within"].who == place.other_manager


def test_who_leads_no_longer_at_that_very_moment_agrees_nothing(place: Workplace):
    place.find_need()
    office = while_(place, lambda: place.by_manager(workforce.end_lead, department="assessing"))

    with refused("acting-role", field="role"):
        development.agree_plan(office, place.body.command(place.lead, "assessor"), person=place.pat)

    assert not place.plan().agreed


def test_who_is_no_quality_manager_any_more_at_that_very_moment_agrees_nothing(place: Workplace):
    place.find_need()
    ends = {"id": place.manager, "role": "quality-manager"}
    office = while_(place, lambda: place.body.by_officer(people.end_role, **ends))

    with refused("acting-role", field="role"):
        development.agree_plan(office, place.body.command(place.manager, "quality-manager"), person=place.pat)


def test_an_activity_declined_at_that_very_moment_is_not_approved_too(place: Workplace):
    place.agree()
    activity = place.propose()
    said = {"person": place.pat, "activity": activity}
    office = while_(place, lambda: place.by_manager(development.decline_activity, **said, reason="Too dear"))

    with refused("activity-stage", field="activity"):
        development.approve_activity(office, place.body.command(place.lead, "assessor"), **said)

    assert place.plan().activities[activity].stage == "declined"


def test_the_needs_of_a_period_are_carried_over_once_however_often_it_is_turned(place: Workplace, clock: Clock):
    place.find_need()
    case = development_id(place.pat)
    clock.comes_to(place.plan().tasks.running["plan-period"].due_at)
    turned = place.body.command(case, "process", id="another")
    office = while_(place, lambda: development.turn_period(place.body.office, turned, case=case))

    assert not development.turn_period(office, place.body.command(case, "process", id="one"), case=case).events
    assert place.plan().needs["bias"].carried == 1
    assert place.plan().period == 2


def test_a_department_s_report_is_made_by_its_lead_or_a_quality_manager_and_the_board_s_by_a_quality_manager(
    place: Workplace,
):
    until = {"until_at": place.body.now()}
    for actor, role, scope in (
        (place.lead, "assessor", "appeals"),
        (place.lead, "assessor", "board"),
        (place.pat, "assessor", "assessing"),
        (place.board, "board", "board"),
        (place.body.officer, "officer", "assessing"),
    ):
        with refused("acting-role", field="role"):
            place.body.by(workforce.make_report, actor, role, scope=scope, **until)
    with refused("known-department"):
        place.by_manager(workforce.make_report, scope="kitchen", **until)
    with refused("instants", field="since_at"):
        place.by_manager(workforce.make_report, scope="board", **until, since_at=place.body.now().replace(tzinfo=None))

    for act, scope in ((place.by_lead, "assessing"), (place.by_manager, "appeals"), (place.by_manager, "board")):
        assert act(workforce.make_report, scope=scope, **until).events


def test_a_report_s_digest_is_of_figures_that_the_record_yields_again_at_any_time(place: Workplace, clock: Clock):
    place.agree()
    place.complete(clock)
    until = clock.at
    clock.passes(hours=1)

    place.by_manager(workforce.make_report, scope="board", until_at=until)
    place.by_pat(development.add_need, topic="chairing", source="self-evaluation", text="I want to chair")
    clock.passes(days=400)

    [made] = place.body.events(STREAM, ReportMade)
    again = figures_at(place.body.office, "board", until)
    assert made.digest == figures.digest(again)
    assert made.digest != figures.digest(figures_at(place.body.office, "board", clock.at))
    assert (again.with_plan, again.agreed) == (1, 1)
    assert again.without_plan == len({*place.body.assessors, *place.body.moderators}) - 1 + 5
    [kind] = again.activities
    assert (kind.kind, kind.minutes, kind.cost, kind.stages) == ("sector", 95, 12_000, (("completed", 1),))
    assert figures_at(place.body.office, "appeals", clock.at).with_plan == 0


def test_a_report_is_noted_by_who_receives_it(place: Workplace):
    command = place.body.command(place.manager, "quality-manager")
    workforce.make_report(place.body.office, command, scope="board", until_at=place.body.now())
    report = report_id(command.id)

    for actor, role in ((place.lead, "assessor"), (place.body.officer, "board")):
        with refused("acting-role", field="role"):
            place.body.by(workforce.note_report, actor, role, report=report)
    with refused("report-receivers", field="role"):
        place.body.by(workforce.note_report, place.other_manager, "quality-manager", report=report)
    place.body.by_officer(people.give_role, id=place.manager, role="board")
    with refused("not-for-oneself", field="actor"):
        place.body.by(workforce.note_report, place.manager, "board", report=report)

    assert place.body.by(workforce.note_report, place.board, "board", report=report).events
    assert f"note-report-within:{report}" not in place.body.state(STREAM).tasks.running
    assert "not-for-oneself" in {one.rule for one in place.body.events(place.manager, AttemptRefused)}


def test_reports_are_reminded_of_and_told_when_they_are_late(place: Workplace, clock: Clock):
    task = place.body.state(STREAM).tasks.running["report-within:assessing"]
    assert task.who == place.lead

    place.lives_on(STREAM, task.due_at + timedelta(days=1), clock)

    sent = [one for one in place.body.events(STREAM, ReminderSent) if one.about == "assessing"]
    assert [one.planned_for for one in sent] == list(task.remind_at)
    assert {one.about for one in place.body.events(STREAM, DeadlineMissed)} == {"assessing", "appeals"}


def test_ids_follow_from_the_commands():
    assert report_id("one") == report_id("one") != report_id("two")
    assert activity_id("one").startswith("activity-")
    assert report_id("one").startswith("report-")
