"""Every text that any event can refer to is of a kind that the policy has a rule for; ids are found wherever they stand."""

from typing import Any, get_type_hints

import pytest

from domain import calibration
from domain.events import NAMES
from domain.retention.kinds import OF_EVENTS, OF_STREAMS, Typed, ids_in, texts_in
from domain.retention_policy import KINDS
from domain.submission import events as e
from domain.submission import side_events as s
from domain.submission import visit_events as v
from domain.tasks import Task, TaskHandedOver, TaskMoved
from tests.domain.given import NOON, text

ADA = "person-aaaaaaaaaaaaaaaa"
CASE = "submission-aaaaaaaaaaaaaaaa"


def test_what_is_listed_are_texts_of_events_and_kinds_of_the_policy():
    assert set(OF_EVENTS.values()) | set(OF_STREAMS.values()) <= set(KINDS)
    for kind, field in OF_EVENTS:
        assert kind in NAMES.values()
        hint = str(get_type_hints(kind)[field])
        assert "TextRef" in hint or "Answer" in hint or "Shortfall" in hint, (kind, field)


def test_the_texts_of_a_portfolio_are_found_in_every_answer():
    answers = (e.Answer(criterion="1.1", text=text("one")), e.Answer(criterion="2.1", text=text("two")))
    handed_in = e.PortfolioSubmitted(window="", late=False, answers=answers, evidence=(), manifest="0" * 64)

    assert texts_in(handed_in, CASE) == [Typed(text("one").id, "portfolio"), Typed(text("two").id, "portfolio")]


@pytest.mark.parametrize(("event", "stream", "kind"), [
    (s.DraftGuidanceGiven(adviser=ADA, criteria=("1.1",), text=text("a")), CASE, "portfolio"),
    (e.FeeWaived(kind="registration", reason=text("a")), CASE, "administration"),
    (TaskMoved(reason=text("a"), sets=()), "appeal-aaaaaaaaaaaaaaaa", "appeals"),
    (TaskMoved(reason=text("a"), sets=()), "complaint-aaaaaaaaaaaaaaaa", "complaints"),
    (TaskMoved(reason=text("a"), sets=()), "audit-aaaaaaaaaaaaaaaa", "audits"),
    (TaskMoved(reason=text("a"), sets=()), "learning-aaaaaaaaaaaaaaaa", "questionnaires"),
    (TaskMoved(reason=text("a"), sets=()), "development-aaaaaaaaaaaaaaaa", "development"),
    (TaskMoved(reason=text("a"), sets=()), "risk-aaaaaaaaaaaaaaaa", "governance"),
    (TaskMoved(reason=text("a"), sets=()), "accreditation-aaaaaaaaaaaaaaaa", "awards"),
])  # fmt: skip
def test_a_text_is_of_the_kind_of_its_event_or_else_of_its_stream(event: Any, stream: str, kind: str):
    assert texts_in(event, stream) == [Typed(text("a").id, kind)]


def test_a_text_in_a_list_of_groups_is_found_and_one_not_given_is_not():
    agreed = v.PeopleToMeetAgreed(groups=("head",), left_out=(v.NotMet(group="staff", reason=text("away")),))

    assert texts_in(agreed, CASE) == [Typed(text("away").id, "administration")]
    assert texts_in(TaskHandedOver(because="conflict", sets=()), CASE) == []


def test_a_blind_judgement_is_a_judgement_like_another():
    assert OF_EVENTS[calibration.BlindJudgementRecorded, "rationale"] == OF_EVENTS[e.JudgementRecorded, "rationale"]


def test_ids_are_found_wherever_they_stand_and_not_in_fields_left_out():
    handed = TaskHandedOver(because=ADA, sets=(Task(rule="act-within", due_at=NOON, who="board", about=CASE),))

    assert ids_in(handed) == {ADA, CASE}
    assert ids_in(handed, but=frozenset({"because"})) == {CASE}
    assert ids_in(TaskMoved(reason=text("a"), sets=())) == set()
