"""Plans, needs and activities on the real record: who may, and what the process does in time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain.clocks import DeadlineMissed, ReminderSent
from domain.development import events as e
from domain.person import AttemptRefused
from domain.refusals import Refused
from services import development, matters, people, workforce
from services.development import activity_id, development_id
from services.office import Work, carry_out
from services.ports import Text
from tests import factories
from tests.domain.given import refused, says_all
from tests.domain.workforce import APPEAL
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.workplace import Workplace, open_workplace


@pytest.fixture
def place(body: Body) -> Workplace:
    return open_workplace(body)


def ways(place: Workplace, activity: str) -> list[tuple[Callable[..., Any], dict[str, Any]]]:
    """Every service about Pat's plan that is for somebody else than Pat, with what it is given."""
    pat = {"person": place.pat}
    one = {**pat, "activity": activity}
    return [
        (development.open_plan, {**pat, "department": "assessing"}),
        (development.agree_plan, pat),
        (development.change_department, {**pat, "department": "appeals"}),
        (development.end_development, {**pat, "reason": "No time"}),
        (development.meet_need, {**pat, "topic": "bias"}),
        (development.approve_activity, one),
        (development.decline_activity, {**one, "reason": "Why"}),
        (development.review_impact, {**one, "impact": "had", "note": "It shows"}),
    ]


def test_a_plan_goes_from_its_needs_to_the_review_of_their_impact(place: Workplace, clock: Clock):
    place.agree()
    activity = place.complete(clock)
    place.by_pat(development.answer_questionnaire, activity=activity, scores={"relevance": 5, "quality": 4, "use": 3})
    place.by_pat(development.reflect, activity=activity, text="I see what I overlooked")
    clock.passes(days=100)
    said = {"person": place.pat, "activity": activity, "impact": "had", "note": "Her reports show it"}
    place.by_lead(development.review_impact, **said, met=["bias"])

    held = place.plan()
    assert held.needs["bias"].met
    assert held.activities[activity].review
    assert set(held.tasks.running) == {"plan-period"}


def test_nobody_decides_anything_about_their_own_plan_in_whatever_role(place: Workplace, clock: Clock):
    """Given Pat who is made a quality manager, and even the lead of their own department, later on."""
    place.agree()
    activity = place.complete(clock)
    clock.passes(days=100)
    place.body.by_officer(people.give_role, id=place.pat, role="quality-manager")
    place.by_manager(workforce.name_lead, department="assessing", lead=place.pat)
    before = len(place.body.recorded(development_id(place.pat)))

    for role in ("quality-manager", "assessor"):
        for service, said in ways(place, activity):
            with refused("not-for-oneself"):
                place.body.by(service, place.pat, role, **said)

    assert len(place.body.recorded(development_id(place.pat))) == before
    tried = place.body.events(place.pat, AttemptRefused)
    assert [one.rule for one in tried] == ["not-for-oneself"] * 16


def test_who_proposed_an_activity_does_not_approve_it_in_another_role_either(place: Workplace):
    place.agree()
    command = place.body.command(place.lead, "assessor")
    development.propose_activity(place.body.office, command, person=place.pat, offer=place.offer())
    said = {"person": place.pat, "activity": activity_id(command.id)}
    place.body.by_officer(people.give_role, id=place.lead, role="quality-manager")

    for role in ("assessor", "quality-manager"):
        with refused("proposer-never-approves", field="actor"):
            place.body.by(development.approve_activity, place.lead, role, **said)
        with refused("proposer-never-approves", field="actor"):
            place.body.by(development.decline_activity, place.lead, role, **said, reason="Why")
    assert place.by_manager(development.approve_activity, **said).events


def test_others_than_the_lead_and_quality_managers_decide_nothing(place: Workplace, clock: Clock):
    place.agree()
    activity = place.complete(clock)
    clock.passes(days=100)
    before = len(place.body.recorded(development_id(place.pat)))
    others = [
        (place.colleague, "assessor"),
        (place.body.officer, "officer"),
        (place.board, "board"),
        (place.body.chair, "chair"),
        (place.colleague, "quality-manager"),
        (development_id(place.pat), "process"),
    ]

    for actor, role in others:
        for service, said in ways(place, activity):
            with pytest.raises(Refused) as caught:
                place.body.by(service, actor, role, **said)
            says_all(caught.value)
            assert caught.value.rule in {"acting-role", "known-person"}

    assert len(place.body.recorded(development_id(place.pat))) == before


def test_the_lead_of_another_department_decides_nothing_here_and_a_former_lead_nothing_any_more(place: Workplace):
    place.find_need()
    place.by_manager(workforce.name_lead, department="appeals", lead=place.colleague)
    with refused("acting-role", field="role"):
        place.body.by(development.agree_plan, place.colleague, "assessor", person=place.pat)

    place.by_manager(workforce.name_lead, department="assessing", lead=place.colleague)
    with refused("acting-role", field="role"):
        place.by_lead(development.agree_plan, person=place.pat)
    assert place.body.by(development.agree_plan, place.colleague, "assessor", person=place.pat).events


def test_only_the_person_answers_and_reflects(place: Workplace, clock: Clock):
    place.agree()
    activity = place.complete(clock)
    said = {"person": place.pat, "activity": activity}

    for act in (place.by_lead, place.by_manager):
        with refused("in-own-words", field="actor"):
            act(development.answer_questionnaire, **said, scores={"relevance": 5, "quality": 5, "use": 5})
        with refused("in-own-words", field="actor"):
            act(development.reflect, **said, text="It was splendid")
    with refused("acting-role"):
        place.body.by(development.reflect, place.colleague, "assessor", **said, text="It was splendid")


def test_a_person_is_one_source_and_cannot_make_a_need_of_their_own_saying(place: Workplace):
    place.by_pat(development.add_need, topic="chairing", source="self-evaluation", text="I want to chair")

    for source in ("appraisal", "sampling", "questionnaire"):
        with refused("source-speaks-itself", field="source"):
            place.by_pat(development.add_need, topic="chairing", source=source, text="Others say so too")
    for act in (place.by_lead, place.by_manager):
        with refused("source-speaks-itself", field="source"):
            act(development.add_need, person=place.pat, topic="chairing", source="self-evaluation", text="They said")
    with refused("acting-role", field="role"):
        said = {"person": place.pat, "topic": "chairing", "text": "They should"}
        place.body.by(development.add_need, place.colleague, "assessor", **said, source="appraisal")

    assert not place.plan().needs["chairing"].found


def test_a_need_from_a_source_that_does_not_exist_is_refused(place: Workplace):
    said = {"person": place.pat, "topic": "bias", "text": "The appeal said so"}

    for matter in (APPEAL, "appeal-1", "last week's", development_id(place.pat)):
        with refused("need-from-matter", field="matter"):
            place.by_manager(development.add_need, **said, source="appeal", matter=matter)
    with refused("need-from-matter", field="matter"):
        place.by_manager(development.add_need, **said, source="complaint")
    with refused("need-sources", field="source"):
        place.by_manager(development.add_need, **said, source="horoscope")

    assert place.plan().needs == {}


def test_an_appeals_officer_notes_needs_from_appeals_and_from_nothing_else(place: Workplace):
    said = {"person": place.pat, "topic": "bias", "text": "The appeal said so"}
    for role, source, other in (
        ("appeals-officer", "appeal", "complaint"),
        ("complaints-handler", "complaint", "appeal"),
    ):
        who = factories.appoint(place.body, role, scheme=None)
        with refused("need-from-matter", field="matter"):  # may, and there is no such matter
            place.body.by(development.add_need, who, role, **said, source=source, matter=APPEAL)
        for not_theirs in (other, "appraisal"):
            with refused("acting-role", field="role"):
                place.body.by(development.add_need, who, role, **said, source=not_theirs)
        with refused("acting-role", field="role"):
            place.body.by(development.add_need, place.colleague, role, **said, source=source, matter=APPEAL)


class Named:
    """An event by which a matter names somebody for a follow-up."""

    def __init__(self, person: str) -> None:
        self.event = self
        self.person = person
        self.need = "a text"


def test_a_matter_counts_for_those_whom_it_names_for_a_follow_up(place: Workplace):
    entries: Any = [*place.body.recorded(place.pat), Named(place.colleague)]

    with refused("need-from-matter", field="matter"):
        development.require_named(entries, place.pat)
    development.require_named([*entries, Named(place.pat)], place.pat)


def note_from_appeal(place: Workplace, person: str) -> Any:
    """A need noted in the transaction of another command, as an upheld appeal does it."""

    def step(work: Work) -> None:
        work.acts(among=("quality-manager",))
        said = work.text("See to bias", field="need", subject=person)
        development.note_need(work, person=person, topic="bias", source="appeal", text=said, matter=APPEAL)

    return carry_out(place.body.office, place.body.command(place.manager, "quality-manager"), APPEAL_BY, step=step)


APPEAL_BY = development_id("somebody")
"""Stands for the stream of the appeal, which this command leaves as it is."""


def test_a_need_noted_by_an_upheld_appeal_stands_alone_and_a_plan_is_to_be_opened_for_who_has_none(
    place: Workplace, clock: Clock
):
    receipt = note_from_appeal(place, place.colleague)

    held = place.plan(place.colleague)
    assert held.needs["bias"].found
    assert set(held.tasks.running) == {"open-plan-within"}
    assert [one.subject for one in receipt.work.texts] == [place.colleague]
    due = held.tasks.running["open-plan-within"].due_at
    steps = place.lives_on(development_id(place.colleague), due, clock)
    assert steps[-1] == ("miss_task", due)

    place.by_lead(development.open_plan, person=place.colleague, department="assessing")
    assert place.plan(place.colleague).needs["bias"].unmet


def test_a_need_from_an_appeal_is_kept_by_the_usual_rules_where_no_policy_is_published(body: Body):
    manager = factories.appoint(body, "quality-manager", scheme=None)
    place = Workplace(body, manager, *[""] * 4, body.assessors[0])

    note_from_appeal(place, place.pat)

    assert place.plan().needs["bias"].found
    with refused("known-policy", field="policy"):
        place.by_manager(development.open_plan, person=place.pat, department="assessing")
    with refused("known-policy", field="policy"):
        place.by_pat(development.add_need, topic="bias", source="self-evaluation", text="I think so")


def test_a_plan_is_opened_for_who_works_for_the_body(place: Workplace):
    provider = factories.register_provider(place.body)

    with refused("works-for-the-body", field="person"):
        place.by_manager(development.open_plan, person=provider.contact, department="assessing")
    for nobody in ("Pat", "", development_id(place.pat), "person-aaaaaaaaaaaaaaaa"):
        with refused("known-person"):
            place.by_manager(development.open_plan, person=nobody, department="assessing")
    with refused("known-department", field="department"):
        place.by_manager(development.open_plan, person=place.colleague, department="kitchen")


@pytest.mark.parametrize("text", ["", "   ", "a\0b", "x" * 1_000_000])
def test_a_text_that_cannot_be_kept_writes_nothing(place: Workplace, text: str):
    place.agree()
    before = len(place.body.recorded(development_id(place.pat)))

    with pytest.raises(Refused) as caught:
        place.by_pat(development.add_need, topic="chairing", source="self-evaluation", text=text)
    says_all(caught.value)
    for field in ("title", "trainer", "statement"):
        with pytest.raises(Refused) as caught:
            place.by_pat(development.propose_activity, offer=place.offer(**{field: text}))
        assert caught.value.field == field

    assert len(place.body.recorded(development_id(place.pat))) == before


def test_instants_have_an_offset_and_what_is_to_come_is_to_come(place: Workplace):
    place.agree()
    activity = place.approve()
    naive = place.body.now().replace(tzinfo=None)

    with refused("instants", field="planned_at"):
        place.by_pat(development.propose_activity, offer=place.offer(planned_at=naive))
    with refused("instants", field="done_at"):
        place.by_pat(development.complete_activity, activity=activity, done_at=naive, minutes=3)
    with refused("approved-before", field="done_at"):
        later = place.body.now() + timedelta(days=1)
        place.by_pat(development.complete_activity, activity=activity, done_at=later, minutes=3)


def test_every_command_given_twice_is_carried_out_once(place: Workplace, clock: Clock):
    place.agree()
    command = place.body.command(place.pat, "assessor")
    first = development.propose_activity(place.body.office, command, person=place.pat, offer=place.offer())
    again = development.propose_activity(place.body.office, command, person=place.pat, offer=place.offer())

    assert (again.repeated, again.position, again.events) == (True, first.position, {})
    assert len(place.body.events(development_id(place.pat), e.ActivityProposed)) == 1


def test_the_process_reminds_says_what_is_late_and_turns_the_period_at_their_instants(place: Workplace, clock: Clock):
    case = development_id(place.pat)
    agree, turn = (place.plan().tasks.running[rule] for rule in ("agree-plan-within", "plan-period"))

    steps = place.lives_on(case, turn.due_at, clock)

    assert steps == [
        *(("remind_task", at) for at in agree.remind_at),
        ("miss_task", agree.due_at),
        *(("remind_task", at) for at in turn.remind_at),
        ("turn_period", turn.due_at),
    ]
    assert [one.rule for one in place.body.events(case, ReminderSent)] == ["agree-plan-within", "plan-period"]
    assert place.body.events(case, DeadlineMissed) == [DeadlineMissed(rule="agree-plan-within", due_at=agree.due_at)]
    assert place.plan().period == 2
    assert place.process(development.turn_period, case).events == {}


def test_every_clock_of_an_activity_is_reminded_of_and_told_when_it_is_late(place: Workplace, clock: Clock):
    place.agree()
    case, activity = development_id(place.pat), place.propose()
    due = place.plan().tasks.running[f"approve-activity-within:{activity}"].due_at
    place.lives_on(case, due, clock)
    place.by_lead(development.approve_activity, person=place.pat, activity=activity)
    due = place.plan().tasks.running[f"record-activity-within:{activity}"].due_at
    place.lives_on(case, due, clock)
    place.by_pat(development.complete_activity, activity=activity, done_at=clock.at, minutes=95)
    due = place.plan().tasks.running[f"review-impact-within:{activity}"].due_at
    place.lives_on(case, due, clock)

    rules = [
        "approve-activity-within",
        "record-activity-within",
        "answer-questionnaire-within",
        "reflect-within",
        "review-impact-within",
    ]
    assert [one.rule for one in place.body.events(case, ReminderSent)] == rules
    missed = place.body.events(case, DeadlineMissed)
    assert [one.rule for one in missed] == rules
    assert {one.about for one in missed} == {activity}


def test_a_process_turns_its_own_period_only(place: Workplace):
    case = development_id(place.pat)
    for actor, role in ((development_id(place.colleague), "process"), (place.manager, "quality-manager")):
        with refused("process-only", field="role"):
            place.body.by(development.turn_period, actor, role, case=case)
    with refused("process-only", field="role"):
        place.body.by(matters.miss_task, place.manager, "process", case=case)


def test_nobody_gives_themselves_more_time(place: Workplace, clock: Clock):
    place.agree()
    activity = place.complete(clock)
    place.body.by_officer(people.give_role, id=place.pat, role="quality-manager")
    said = {
        "case": development_id(place.pat),
        "rule": "reflect-within",
        "about": activity,
        "until": place.body.now() + timedelta(days=90),
        "reason": "A holiday",
    }

    with refused("not-for-oneself", field="actor"):
        place.body.by(matters.move_task, place.pat, "quality-manager", **said)
    assert place.by_manager(matters.move_task, **said).events


def test_typed_texts_are_kept_for_the_person_so_that_they_go_with_them(place: Workplace, clock: Clock):
    place.agree()
    activity = place.complete(clock)

    receipt = place.by_pat(development.reflect, activity=activity, text="I was tired")

    [kept] = receipt.work.texts
    assert isinstance(kept, Text)
    assert (kept.subject, kept.body) == (place.pat, "I was tired")
