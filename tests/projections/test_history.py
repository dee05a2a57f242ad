"""The history of a case tells everything that happened to it, wherever it was recorded, as it was known at any time."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from domain.accreditation import AccreditationLapsed, AccreditationRenewed, AwardConfirmed
from domain.meeting import MeetingOpened, MeetingScheduled, MinutesSigned
from domain.person import AttemptRefused, WorkTaken
from domain.submission import events as e
from domain.submission.remedy_events import AssessmentSetAside
from domain.window import PlaceTaken
from projections import history
from tests.projections.given import (
    ADA,
    AWARD,
    BEN,
    CASE,
    CHAIR,
    DAY,
    MEETING,
    NOON,
    OTHER,
    WINDOW,
    Log,
    awarded,
    due,
    make,
    registered,
    show,
    submitted,
    text,
)

JUDGED = e.JudgementRecorded(criterion="2.1", level="partially_met", rationale=text("why"), cites=())
CHANGED = e.JudgementChanged(criterion="2.1", before="partially_met", level="met", reason=text("reason"))
SCHEDULED = MeetingScheduled(
    meeting=MEETING, scheme="cpd-qa@1", starts_at=NOON, chair=CHAIR, panel=(CHAIR, BEN), items=(CASE, OTHER)
)


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, [history.MODEL])


def told(connection: Connection[Any], case: str, **bounds: Any) -> list[str]:
    return [entry.name.partition(".")[0] for entry in history.history(connection, case, **bounds)]


def test_an_entry_says_what_happened_who_did_it_and_where_it_is_recorded(connection: Connection[Any]):
    log = Log()
    log.add(OTHER, registered(OTHER))
    log.add(CASE, registered())
    log.add(CASE, CHANGED, at=NOON + DAY, actor=CHAIR, role="chair")
    show(connection, log.events, [history.MODEL])

    assert history.history(connection, CASE)[1] == history.Entry(
        case_id=CASE,
        position=3,
        stream=CASE,
        version=2,
        at=NOON + DAY,
        recorded_at=NOON + DAY + timedelta(seconds=1),
        actor=CHAIR,
        role="chair",
        name="JudgementChanged.1",
        sentence="Judgement on 2.1 changed in moderation from *partially met* to *met*: {text:text-reason}",
    )


def test_a_submission_s_history_tells_of_its_meeting_its_place_in_the_window_and_its_award(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(), submitted())
    log.add(WINDOW, PlaceTaken(submission=CASE))
    log.add(MEETING, SCHEDULED)
    log.add(MEETING, MeetingOpened(present=(CHAIR, BEN)))
    log.add(AWARD, awarded(CASE))
    show(connection, log.events, [history.MODEL])
    log.add(MEETING, MinutesSigned(minutes_spent=90))
    log.add(AWARD, AccreditationLapsed(ended_at=NOON))
    show(connection, log.events[-2:], [history.MODEL])

    meeting = ["MeetingScheduled", "MeetingOpened", "MinutesSigned"]
    own = ["ProgrammeRegistered", "PortfolioSubmitted", "PlaceTaken"]
    assert told(connection, CASE) == [*own, *meeting[:2], "AccreditationAwarded", meeting[2]]
    assert told(connection, OTHER) == meeting
    assert told(connection, MEETING) == meeting
    assert told(connection, WINDOW) == ["PlaceTaken"]
    assert told(connection, AWARD) == ["AccreditationAwarded", "AccreditationLapsed"]


def test_a_renewal_belongs_to_the_submission_that_earned_it(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(CASE))
    again = AccreditationRenewed(
        submission=OTHER,
        scheme="cpd-qa@1",
        level="accredited",
        starts_at=NOON,
        ends_at=NOON + DAY,
        clock=due("earn-again-before-end", 1),
        strengths=(),
    )
    log.add(AWARD, again)
    show(connection, log.events, [history.MODEL])

    assert told(connection, CASE) == ["AccreditationAwarded"]
    assert told(connection, OTHER) == ["AccreditationRenewed"]


def test_a_refused_attempt_on_a_case_is_in_its_history(connection: Connection[Any]):
    log = Log()
    log.add(ADA, AttemptRefused(rule="assessor-never-moderates", stream=CASE), actor=ADA, role="chair")
    log.add(ADA, AttemptRefused(rule="acting-role", stream=None), AttemptRefused(rule="acting-role", stream=BEN))
    show(connection, log.events, [history.MODEL])

    assert [(one.stream, one.version, one.actor) for one in history.history(connection, CASE)] == [(ADA, 1, ADA)]


def test_what_a_remedy_did_is_in_the_history_of_the_appeal_that_directed_it(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered())
    log.add(AWARD, awarded())
    log.add(CASE, AssessmentSetAside(appeal="appeal-a", excluded=()))
    log.add(OTHER, registered(OTHER))
    log.add(OTHER, e.FeeWaived(kind="submission", reason=None, appeal="appeal-a"))
    log.add(AWARD, AwardConfirmed(submission=CASE, appeal="appeal-a"))
    log.add(OTHER, e.FeeWaived(kind="registration", reason=text("why")))
    show(connection, log.events, [history.MODEL])

    assert told(connection, "appeal-a") == ["AssessmentSetAside", "FeeWaived", "AwardConfirmed"]
    assert told(connection, CASE)[-1] == "AwardConfirmed"


def test_people_have_no_history_of_their_own_here(connection: Connection[Any]):
    log = Log()
    log.add(ADA, WorkTaken(submission=CASE, window=WINDOW))
    show(connection, log.events, [history.MODEL])

    assert connection.execute("SELECT * FROM read.history").fetchall() == []


def test_history_up_to_a_version_tells_what_was_known_when_that_event_was_recorded(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered())
    log.add(MEETING, SCHEDULED)
    log.add(CASE, JUDGED)
    log.add(MEETING, MeetingOpened(present=(CHAIR,)))
    log.add(CASE, CHANGED)
    show(connection, log.events, [history.MODEL])

    assert told(connection, CASE, version=1) == ["ProgrammeRegistered"]
    assert told(connection, CASE, version=2) == ["ProgrammeRegistered", "MeetingScheduled", "JudgementRecorded"]
    assert told(connection, CASE, version=0) == []


def test_history_up_to_an_instant_goes_by_when_things_were_recorded(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(), at=NOON)
    log.add(CASE, JUDGED, at=NOON + DAY)
    show(connection, log.events, [history.MODEL])
    recorded_at = log.events[1].recorded_at

    assert told(connection, CASE, until=recorded_at) == ["ProgrammeRegistered", "JudgementRecorded"]
    assert told(connection, CASE, until=recorded_at - timedelta(microseconds=1)) == ["ProgrammeRegistered"]


def test_a_long_history_can_be_read_in_pages(connection: Connection[Any]):
    log = Log()
    log.add(CASE, registered(), *[JUDGED] * 6)
    show(connection, log.events, [history.MODEL])

    first = history.history(connection, CASE, limit=4)
    second = history.history(connection, CASE, limit=4, after=first[-1].position)

    assert [entry.version for entry in [*first, *second]] == [1, 2, 3, 4, 5, 6, 7]
