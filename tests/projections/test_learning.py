"""What was learnt is counted by scheme and role, with names for few and with small numbers left out for the public."""

from typing import Any

import pytest
from psycopg import Connection

from domain.ids import derived_id
from domain.learning import Asked, QuestionnaireAnswered, QuestionnaireLapsed, QuestionnaireSent, Score
from domain.person import Person
from projections import learning
from projections.learning import Answer, Mean, Summary
from tests.domain.given import member
from tests.projections.given import CASE, DAY, LEAD, NOON, Log, make, show, text

MODELS = [learning.MODEL]
SCHEME = "test-mark@1"


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, MODELS)


def sent(log: Log, number: int = 1, *, scheme: str = SCHEME) -> str:
    """What was asked about a case: its contact and its assessor."""
    id, case = f"learning-{number:02}", f"{CASE}-{number:02}"
    asked = (
        Asked(person=f"{LEAD}-{number:02}", role="provider"),
        Asked(person=f"person-ada-{number:02}", role="assessor"),
    )
    log.add(id, QuestionnaireSent(learning=id, case=case, scheme=scheme, asked=asked, sets=()))
    return id


def answered(log: Log, number: int, score: int, minutes: int, *, role: str = "provider", comment: Any = None) -> None:
    person = f"{LEAD if role == 'provider' else 'person-ada'}-{number:02}"
    scores = (Score(question="criteria-clear", score=score), Score(question="report-useful", score=5))
    said = {"person": person, "role": role, "scores": scores, "comment": comment, "minutes_spent": minutes}
    log.add(f"learning-{number:02}", QuestionnaireAnswered(**said, ends=()), at=NOON + number * DAY)


def filled(answers: int) -> Log:
    """So many providers answered, with scores from 1 on, and one who did not; one assessor answered."""
    log = Log()
    for number in range(1, answers + 2):
        sent(log, number)
    for number in range(1, answers + 1):
        answered(log, number, 1 + number % 2, 100 * number, comment=text(f"c{number}"))
    log.add(f"learning-{answers + 1:02}", QuestionnaireLapsed(person=f"{LEAD}-{answers + 1:02}", ends=()))
    answered(log, 1, 3, 60, role="assessor")
    return log


def test_it_is_counted_by_scheme_and_role_with_n(connection: Connection[Any]):
    log = filled(4)
    sent(log, 90, scheme="other-mark@2")
    show(connection, log.events, MODELS)

    assert learning.summaries(connection, scheme="test-mark") == [
        Summary(scheme=SCHEME, role="assessor", asked=5, answered=1, mean_minutes=60.0, total_minutes=60),
        Summary(scheme=SCHEME, role="provider", asked=5, answered=4, mean_minutes=250.0, total_minutes=1000),
    ]
    assert Mean(scheme=SCHEME, role="provider", question="criteria-clear", n=4, mean=1.5) in learning.means(connection)
    assert Mean(scheme=SCHEME, role="assessor", question="criteria-clear", n=1, mean=3.0) in learning.means(connection)
    nobody = Summary(scheme="other-mark@2", role="provider", asked=1, answered=0, mean_minutes=None, total_minutes=0)
    assert nobody in learning.summaries(connection)
    assert learning.means(connection, scheme="other-mark") == []


@pytest.mark.parametrize("count", [4, 5])
def test_to_the_public_nothing_is_shown_of_fewer_than_five(connection: Connection[Any], count: int):
    show(connection, filled(count).events, MODELS)

    [assessors, providers] = learning.summaries(connection, public=True)
    shown = (providers.asked, providers.answered, providers.mean_minutes, providers.total_minutes)
    assert shown == ((None,) * 4 if count == 4 else (6, 5, 300.0, 1500))
    assert (assessors.asked, assessors.answered, assessors.mean_minutes) == (None, None, None)
    of = {(one.role, one.question): (one.n, one.mean) for one in learning.means(connection, public=True)}
    assert of["provider", "report-useful"] == ((None, None) if count == 4 else (5, 5.0))
    assert of["assessor", "report-useful"] == (None, None)


def test_answers_have_names_for_quality_managers_and_the_board_only(connection: Connection[Any]):
    show(connection, filled(3).events, MODELS)

    named = learning.answers(connection, at=NOON, scheme="test-mark", asker=member("q", "quality-manager"))
    assert named == learning.answers(connection, at=NOON, scheme="test-mark")
    assert (named[0].person, named[0].comment) == (f"{LEAD}-03", "text-c3")
    for asker in (member("ada", "assessor"), member("olga", "officer"), Person()):
        seen = learning.answers(connection, at=NOON, scheme="test-mark", asker=asker)
        assert len(seen) == 4
        assert {(one.person, one.case_id, one.comment) for one in seen} == {(None, None, None)}
    assert seen[1] == Answer(scheme=SCHEME, role="provider", minutes=100, person=None, case_id=None, comment=None)
    assert learning.answers(connection, at=NOON, scheme="other-mark") == []


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_however_the_events_come_the_rows_are_the_same(connection: Connection[Any], size: int):
    log = filled(5)
    for start in range(0, len(log.events), size):
        show(connection, log.events[start : start + size], MODELS)

    assert [(one.role, one.answered) for one in learning.summaries(connection)] == [("assessor", 1), ("provider", 5)]
    lapsed = connection.execute("SELECT person FROM read.learning_asked WHERE lapsed_at IS NOT NULL").fetchall()
    assert lapsed == [(f"{LEAD}-06",)]
    assert derived_id("learning", CASE).startswith("learning-")
