"""Guidance is a conflict from that moment; questions and answers are on the record; conflicts and officers end assignments."""

import pytest

from domain.conflicts import ConflictDeclared, FactRecorded
from domain.person import WorkReleased
from domain.submission import events as e
from domain.submission.side_events import DraftGuidanceGiven, QuestionAnswered, QuestionAsked, SelfEvaluationRecorded
from services import assessment, handover, people, preparation, support
from services.office import Office
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock


@pytest.fixture
def advising(office: Office, clock: Clock) -> Body:
    """A body whose scheme allows guidance on drafts."""
    allowed = "\n[preparation]\nguidance_on_drafts = true\n"
    return factories.open_body(office, source=factories.scheme_source() + allowed, now=clock)


def test_who_guides_has_a_conflict_from_the_same_transaction_on_and_is_not_chosen(advising: Body):
    body = advising
    provider = factories.register_provider(body)
    case = factories.register(body, provider)
    adviser = body.assessors[0]

    body.by(support.give_guidance, adviser, "assessor", case=case, criteria=["1.1"], text="Say for whom.")

    [given] = [one for one in body.recorded(case) if isinstance(one.event, DraftGuidanceGiven)]
    [conflict] = [one for one in body.recorded(adviser) if isinstance(one.event, FactRecorded)]
    assert (conflict.event.provider, conflict.event.kind, conflict.event.until_at) == (provider.id, "guided", None)
    assert (given.command, given.recorded_at) == (conflict.command, conflict.recorded_at)
    body.by(support.give_guidance, adviser, "assessor", case=case, criteria=["1.2"], text="And who knows?")
    assert len(body.events(case, DraftGuidanceGiven)) == 2
    assert len(body.events(adviser, FactRecorded)) == 1
    # Not on another case of that provider either.
    other = factories.register(body, provider)
    window = factories.schedule_window(body)
    factories.settle(body, other)
    factories.submit(body, other, window)
    factories.settle(body, other)
    factories.pass_screening(body, other)
    factories.settle(body, other)
    [assigned] = body.events(other, e.AssessorAssigned)
    verdicts = {one.person: one.verdict for one in assigned.considered}
    assert verdicts[adviser] == "conflict with the provider"


def test_guidance_takes_from_the_adviser_what_they_have_in_hand_of_that_provider(advising: Body):
    body = advising
    assigned = factories.brought(body, "screened")
    adviser = factories.settle(body, assigned).assessor
    registration = body.submission(assigned).registration
    assert adviser
    draft = factories.register(body, factories.Provider(id=registration.provider, contact=registration.lead_contact))

    body.by(support.give_guidance, adviser, "assessor", case=draft, criteria=["1.1"], text="Say for whom.")

    assert body.submission(assigned).assessor is None
    assert factories.settle(body, assigned).assessor not in (None, adviser)


def test_an_officer_who_guided_no_longer_administers_that_provider(advising: Body):
    body = advising
    case = factories.register(body)
    body.by_officer(support.give_guidance, case=case, criteria=["1.1"], text="Say for whom.")

    with refused("conflict-of-interest"):
        body.by_officer(preparation.waive_fee, case=case, kind="registration", reason="A favour")


def test_a_self_evaluation_is_recorded_with_its_plan(body: Body):
    case = factories.register(body)

    for level in ("not_met", "met"):
        body.by_contact(support.evaluate_oneself, case, levels={"1.1": level}, plan="We shall see to it.")

    assert [one.levels[0].level for one in body.events(case, SelfEvaluationRecorded)] == ["not_met", "met"]


def test_questions_and_answers_are_part_of_the_record(body: Body):
    case = factories.brought(body, "accepted")

    body.by_assessor(support.ask_question, case, text="Who took part?")
    body.by_contact(support.answer_question, case, number=1, text="Everyone did.")

    [asked], [answered] = body.events(case, QuestionAsked), body.events(case, QuestionAnswered)
    assert (asked.number, answered.number) == (1, 1)
    assert asked.text.digest != answered.text.digest
    with refused("known-question"):
        body.by_contact(support.answer_question, case, number=2, text="And more.")


def test_a_conflict_ends_the_assignment_in_the_same_transaction_and_the_rule_chooses_again(body: Body):
    case = factories.brought(body, "judged")
    before = body.submission(case)
    assert before.assessor

    body.by(
        people.declare_conflict,
        before.assessor,
        "assessor",
        id=before.assessor,
        provider=before.registration.provider,
        kind="family",
    )

    [ended] = [one for one in body.recorded(case) if isinstance(one.event, e.AssignmentEnded)]
    [declared] = [one for one in body.recorded(before.assessor) if isinstance(one.event, ConflictDeclared)]
    assert ended.event.reason == "conflict"
    assert (ended.command, ended.recorded_at) == (declared.command, declared.recorded_at)
    assert body.events(before.assessor, WorkReleased) == [WorkReleased(submission=case, reason="conflict")]
    assert body.state(before.assessor).in_hand == {}
    assert factories.settle(body, case).assessor not in (None, before.assessor)


def test_a_conflict_with_one_provider_leaves_the_work_on_others(body: Body):
    case = factories.brought(body, "accepted")
    assessor = body.submission(case).assessor
    other = factories.register_provider(body)
    assert assessor

    body.by_officer(people.declare_conflict, id=assessor, provider=other.id, kind="family")

    assert body.submission(case).assessor == assessor


def test_an_officer_ends_an_assignment_early_for_a_stated_reason(body: Body):
    case = factories.brought(body, "accepted")
    assessor = body.submission(case).assessor
    assert assessor

    body.by_officer(handover.end_assignment, case=case, reason="They are ill.")

    [ended] = body.events(case, e.AssignmentEnded)
    assert (ended.reason, ended.why is not None) == ("reassigned", True)
    assert body.state(assessor).in_hand == {}
    assert body.by_officer(handover.end_assignment, case=case, reason="They are ill.").events == {}
    assert factories.settle(body, case).assessor not in (None, assessor)
    with refused("assigned-assessor"):
        body.by(assessment.judge, assessor, "assessor", case=case, judgements={})
