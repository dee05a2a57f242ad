"""Questionnaires on a real record: sent with the result, answered by who had a part, and lapsing by themselves."""

from typing import Any

import pytest

from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import derived_id
from domain.learning import QUESTIONS, QuestionnaireAnswered, QuestionnaireLapsed, QuestionnaireSent
from domain.person import AttemptRefused
from domain.refusals import Refused
from services import learning, people
from services.learning import learning_id
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.complaining import passing
from tests.services.conftest import Clock
from tests.services.test_commands import BAD_IDS, counts


def said(role: str, score: int = 4) -> dict[str, Any]:
    return {"scores": dict.fromkeys(QUESTIONS[role], score), "minutes_spent": 120}


def answer(body: Body, case: str, by: str, role: str, **other: Any) -> Any:
    return body.by(learning.answer_questionnaire, by, role, case=learning_id(case), **said(role) | other)


def test_everyone_who_had_a_part_is_asked_with_the_result_and_in_its_transaction(body: Body):
    case = factories.brought(body, "approved")
    assert not body.recorded(learning_id(case))

    factories.settle(body, case)

    held = body.submission(case)
    [sent] = body.recorded(learning_id(case))
    released = body.recorded(case)[-1]
    assert (sent.command, sent.recorded_at) == (released.command, released.recorded_at)
    assert isinstance(sent.event, QuestionnaireSent)
    asked = {one.person: one.role for one in sent.event.asked}
    assert asked[held.registration.lead_contact] == "provider"
    assert asked[held.assessor] == "assessor"
    assert asked[body.chair] == "chair"
    assert {one for one, role in asked.items() if role == "moderator"} == set(body.moderators)


def test_answers_change_nothing_of_the_case_and_hold_no_text(body: Body):
    case = factories.brought(body, "released")
    before, held = body.recorded(case), body.submission(case)

    answer(body, case, held.registration.lead_contact, "provider", comment="A secret thought.", minutes_spent=600)
    answer(body, case, body.chair, "chair")

    assert body.recorded(case) == before
    assert "secret" not in str(body.recorded(learning_id(case)))
    assert [one.role for one in body.events(learning_id(case), QuestionnaireAnswered)] == ["provider", "chair"]


def test_who_had_no_part_or_another_one_answers_nothing(body: Body, database: Database):
    case = factories.brought(body, "released")
    held, other = body.submission(case), factories.register_provider(body)
    unasked = factories.register(body)
    idle = next(one for one in body.assessors if one != held.assessor)
    before = counts(database)

    for by, role in (
        (idle, "assessor"),
        (other.contact, "provider"),
        (body.chair, "moderator"),
        (body.officer, "officer"),
    ):
        with refused("questionnaire-asked", field="actor"):
            body.by(learning.answer_questionnaire, by, role, case=learning_id(case), scores={}, minutes_spent=1)
    with refused("known-person", field="actor"):
        answer(body, case, derived_id("person", "nobody"), "chair")
    with refused("known-learning", field="learning"):
        answer(body, unasked, body.chair, "chair")
    for bad in BAD_IDS:
        with pytest.raises(Refused, match="no learning id"):
            body.by(learning.answer_questionnaire, body.chair, "chair", case=bad, **said("chair"))
    with refused("text-length", field="comment"):
        answer(body, case, body.chair, "chair", comment="x" * 1_000_000)
    assert counts(database) == before
    assert not body.events(learning_id(case), QuestionnaireAnswered)
    assert not body.events(body.chair, AttemptRefused)


def test_whose_role_has_ended_still_answers_for_the_part_they_had(body: Body):
    case = factories.brought(body, "released")
    body.by_officer(people.end_role, id=body.chair, role="chair", scheme=body.scheme.id)

    assert answer(body, case, body.chair, "chair").events


def test_given_twice_an_answer_counts_once(body: Body):
    case = factories.brought(body, "released")
    command = body.command(body.chair, "chair")

    for _ in range(2):
        learning.answer_questionnaire(body.office, command, case=learning_id(case), **said("chair"))
    with refused("questionnaire-open"):
        answer(body, case, body.chair, "chair", minutes_spent=7)

    assert len(body.events(learning_id(case), QuestionnaireAnswered)) == 1


def test_who_does_not_answer_is_reminded_once_and_then_left_alone(body: Body, clock: Clock):
    case = factories.brought(body, "released")
    id = learning_id(case)
    answer(body, case, body.chair, "chair")
    asked = len(body.state(id).asked)
    clock.comes_to(next(iter(body.state(id).tasks.running.values())).remind_at[0])
    assert passing(body, id) == ["remind_task"]
    clock.comes_to(body.state(id).deadline)

    assert passing(body, id) == ["close_learning"]

    assert body.state(id).over
    assert len(body.events(id, ReminderSent)) == asked - 1
    assert {one.person for one in body.events(id, QuestionnaireLapsed)} == set(body.state(id).asked) - {body.chair}
    assert not body.events(id, DeadlineMissed)
    with refused("questionnaire-open"):
        answer(body, case, body.submission(case).registration.lead_contact, "provider")
    with refused("process-only"):
        body.by_officer(learning.close_learning, case=id)
