"""Texts are found by the events that refer to them, with their kind; and whom and what a stream names."""

from typing import Any

import psycopg
import pytest
from psycopg import Connection

from domain.accreditation import ConcernRaised
from domain.meeting import MeetingScheduled
from domain.provider import LeadContactNamed
from domain.retention import LettingGoDeclined
from domain.submission import events as e
from domain.tasks import Task, TaskHandedOver, TaskMoved
from projections import texts
from tests.conftest import Database
from tests.projections.given import (
    ADA,
    AWARD,
    BEN,
    CASE,
    CHAIR,
    DAY,
    MEETING,
    NOON,
    PROVIDER,
    Log,
    assigned,
    due,
    make,
    moderation_started,
    registered,
    rows,
    show,
    submitted,
    text,
)

ANYONE = "person-aaaaaaaaaaaaaaaa"
THEIRS = "provider-aaaaaaaaaaaaaaaa"
APPEAL = "appeal-aaaaaaaaaaaaaaaa"


def shown(connection: Connection[Any], log: Log) -> list[tuple[Any, ...]]:
    make(connection, [texts.MODEL])
    show(connection, log.events, [texts.MODEL])
    return rows(connection, texts.MODEL)


def kept(database: Database, *ids: str, subject: str = THEIRS) -> None:
    """These texts are kept."""
    with psycopg.connect(database.admin_url) as connection:
        for id in ids:
            connection.execute("INSERT INTO record.texts VALUES (%s, %s, '', 'words')", [id, subject])


def task(**said: Any) -> Task:
    return Task(**{"rule": "decide-within", "due_at": NOON, "who": "board"} | said)


def test_each_text_is_found_once_with_its_kind_stream_and_since_when(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered())
    log.add(CASE, submitted(), at=NOON + DAY)
    log.add(CASE, e.PortfolioReturned(reason=text("again"), clock=due("return-within", 9)), at=NOON + 2 * DAY)
    log.add("risk-aaaaaaaaaaaaaaaa", TaskMoved(reason=text("later"), sets=(task(),)), at=NOON + 3 * DAY)

    found = shown(connection, log)

    assert ("text-title", CASE, "register", NOON) in found
    assert ("text-again", CASE, "administration", NOON + 2 * DAY) in found
    assert ("text-later", "risk-aaaaaaaaaaaaaaaa", "governance", NOON + 3 * DAY) in found
    answers = [one for one in found if len(one) == 4 and one[2] == "portfolio"]
    assert {(stream, since) for _, stream, _, since in answers} == {(CASE, NOON + DAY)}


def test_whoever_took_part_is_named_and_whoever_was_only_considered_or_speaks_for_the_provider_is_not(
    connection: Connection[Any],
):
    log = Log()
    log.add(
        CASE, registered(provider=THEIRS), LeadContactNamed(lead_contact="person-bbbbbbbbbbbbbbbb"), assigned(to=ANYONE)
    )

    assert [one for one in shown(connection, log) if len(one) == 2] == [(CASE, ANYONE), (CASE, THEIRS)]
    assert texts.naming(connection, [ANYONE, THEIRS, "person-bbbbbbbbbbbbbbbb"]) == {ANYONE: [CASE], THEIRS: [CASE]}


def test_a_matter_keeps_what_it_names_until_it_is_closed(connection: Connection[Any]):
    log = Log()
    case = "submission-aaaaaaaaaaaaaaaa"
    log.add(APPEAL, TaskHandedOver(because="conflict", sets=(task(about=case),)))
    log.add("risk-aaaaaaaaaaaaaaaa", TaskHandedOver(because="conflict", sets=(task(about=case),)))
    shown(connection, log)
    assert texts.open_matters(connection) == {APPEAL: [APPEAL], case: [APPEAL]}

    log.add(APPEAL, LettingGoDeclined(by=ADA, reason=text("over"), ends=("*",)))
    show(connection, log.events, [texts.MODEL])
    assert texts.open_matters(connection) == {}

    log.add(APPEAL, TaskHandedOver(because="conflict", sets=(task(about=ANYONE),)))
    show(connection, log.events, [texts.MODEL])
    assert texts.open_matters(connection).keys() == {APPEAL, case, ANYONE}


def test_ending_some_tasks_closes_nothing(connection: Connection[Any]):
    log = Log()
    log.add(APPEAL, TaskHandedOver(because="conflict", sets=(task(),)))
    log.add(APPEAL, LettingGoDeclined(by=ADA, reason=text("one"), ends=("decide-within",)))

    shown(connection, log)

    assert texts.open_matters(connection) == {APPEAL: [APPEAL]}


def test_who_asks_gets_what_is_still_kept_and_the_rows_stay_as_they_are(
    connection: Connection[Any], database: Database
):
    log = Log()
    log.add("risk-aaaaaaaaaaaaaaaa", TaskMoved(reason=text("later"), sets=(task(),)), at=NOON + DAY)
    log.add(CASE, registered())
    before = shown(connection, log)
    assert texts.holders(connection) == []

    kept(database, "text-title", "text-later")
    assert texts.holders(connection) == [CASE, "risk-aaaaaaaaaaaaaaaa"]
    assert texts.kept(connection, ["text-title", "text-none"]) == {"text-title"}
    assert [one.id for one in texts.of_subject(connection, THEIRS)] == ["text-title", "text-later"]
    assert texts.of_subject(connection, ANYONE) == []
    connection.execute("DELETE FROM record.texts WHERE id = 'text-later'")

    assert texts.holders(connection) == [CASE]
    assert [one.id for one in texts.of_subject(connection, THEIRS)] == ["text-title"]
    assert rows(connection, texts.MODEL) == before


def test_an_award_names_the_concerns_about_it(connection: Connection[Any]):
    concern = "concern-aaaaaaaaaaaaaaaa"
    raised = ConcernRaised(concern=concern, raised_by=None, text=text("misuse"), clock=due("take-up-concern-within", 5))
    log = Log()
    log.add(AWARD, raised)

    shown(connection, log)

    assert texts.naming(connection, [concern]) == {concern: [AWARD]}


@pytest.mark.parametrize("event", [
    moderation_started(),
    MeetingScheduled(meeting=MEETING, scheme="cpd-qa", starts_at=NOON, chair=CHAIR, panel=(CHAIR, BEN), items=(CASE,)),
])  # fmt: skip
def test_what_has_no_text_adds_none(connection: Connection[Any], event: Any):
    log = Log()
    log.add(CASE if isinstance(event, e.ModerationStarted) else MEETING, event)

    assert [one for one in shown(connection, log) if len(one) == 4] == []
    assert PROVIDER not in texts.naming(connection, [PROVIDER])
