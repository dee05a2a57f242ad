"""Appeals listed: where each stands, what came of it, who else was touched; and in its case's own history."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from domain import appeal as a
from domain.appeal.causes import Cause
from domain.appeal.events import Ground
from domain.submission import events as s
from projections import appeals, history, touched
from tests.projections.given import ADA, BEN, CASE, DAY, LEAD, NOON, OTHER, PROVIDER, Log, due, make, show, text

APPEAL, SECOND = "appeal-a", "appeal-b"
MODELS = (appeals.MODEL, history.MODEL, touched.MODEL)
LODGED = a.AppealLodged(
    appeal=APPEAL,
    case=CASE,
    scheme="cpd-qa@1",
    provider=PROVIDER,
    lodged_by=LEAD,
    contested="result",
    concern=None,
    version=9,
    position=90,
    told_at=NOON,
    lodge_by=NOON + 28 * DAY,
    late=False,
    grounds=(Ground(code="evidence", text=text("ground")),),
    sets=(),
)
ADMITTED = a.AppealAdmitted(case=CASE, officer=BEN, reason=None, sets=(), ends=())
DECIDED = a.AppealDecided(
    case=CASE,
    outcome="upheld",
    chair=BEN,
    panel=(BEN,),
    findings=(),
    remedy="assess-again",
    excluded=(),
    in_time=True,
    sets=(),
    ends=("*",),
)
FOUND = a.OthersFound(
    officer=BEN, causes=(Cause(kind="assessor", value=ADA),), searched_to=9, cases=(OTHER,), sets=(), ends=()
)


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, MODELS)


def test_an_appeal_is_listed_with_where_it_stands_and_what_came_of_it(connection: Connection[Any]):
    log = Log()
    log.add(APPEAL, LODGED)
    log.add(APPEAL, a.AppealAcknowledged(officer=BEN, sets=(), ends=()), ADMITTED, at=NOON + DAY)
    show(connection, log.events, MODELS)
    [row] = appeals.listed(connection)
    assert (row.stage, row.outcome, row.lodged_at, row.grounds) == ("admitted", None, NOON, ["evidence"])

    at = len(log.events)
    log.add(APPEAL, DECIDED, at=NOON + 2 * DAY)
    log.add(APPEAL, FOUND, a.RemedyClosed(case=CASE, officer=BEN, ends=()), at=NOON + 3 * DAY)
    show(connection, log.events[at:], MODELS)
    [row] = appeals.listed(connection, case=CASE)
    assert (row.stage, row.outcome, row.remedy, row.in_time) == ("upheld", "upheld", "assess-again", True)
    assert (row.decided_at, row.remedy_closed_at, row.over_at) == (NOON + 2 * DAY, NOON + 3 * DAY, None)
    assert (row.others, row.others_open, row.searched) == (1, 1, True)

    at = len(log.events)
    log.add(APPEAL, a.OtherDealtWith(case=OTHER, dealt_by=BEN, action="told", done=text("done")), at=NOON + 4 * DAY)
    log.add(APPEAL, a.OtherClosed(case=OTHER, closed_by=ADA, ends=()), at=NOON + 5 * DAY)
    show(connection, log.events[at:], MODELS)
    [row] = appeals.listed(connection)
    assert (row.stage, row.others_open, row.over_at) == ("closed", 0, NOON + 5 * DAY)
    assert appeals.others(connection, APPEAL) == [appeals.Other(APPEAL, OTHER, "told", closed=True)]
    assert appeals.listed(connection, running=True) == []


@pytest.mark.parametrize(
    ("event", "stage"),
    [
        (a.AppealNotAdmitted(case=CASE, officer=BEN, reason=text("no"), ends=("*",)), "not-admitted"),
        (a.AppealWithdrawn(case=CASE, reason=text("no"), ends=("*",)), "withdrawn"),
    ],
)
def test_what_is_not_heard_is_over(connection: Connection[Any], event: Any, stage: str):
    log = Log()
    log.add(APPEAL, LODGED, event)
    show(connection, log.events, MODELS)

    [row] = appeals.listed(connection)
    assert (row.stage, row.over_at, row.outcome) == (stage, NOON, None)


def test_those_that_are_not_over_and_those_about_one_case_are_listed_latest_first(connection: Connection[Any]):
    log = Log()
    log.add(APPEAL, LODGED, replace(DECIDED, outcome="dismissed", remedy=None))
    log.add(SECOND, replace(LODGED, appeal=SECOND, case=OTHER), at=NOON + DAY)
    show(connection, log.events, MODELS)

    assert [one.appeal for one in appeals.listed(connection)] == [SECOND, APPEAL]
    assert [one.appeal for one in appeals.listed(connection, running=True)] == [SECOND]
    assert [one.appeal for one in appeals.listed(connection, case=CASE)] == [APPEAL]
    assert [one.stage for one in appeals.listed(connection, limit=5)] == ["lodged", "dismissed"]


def test_any_batching_gives_the_same_rows_of_appeals_and_causes(connection: Connection[Any]):
    log = Log()
    log.add(CASE, s.AssessorAssigned(assessor=ADA, considered=(), clock=due("accept-within", 7)))
    log.add(APPEAL, LODGED, ADMITTED, DECIDED, FOUND)
    log.add(APPEAL, a.OtherDealtWith(case=OTHER, dealt_by=BEN, action="told", done=text("done")))
    log.add(CASE, s.AssessorAssigned(assessor=ADA, considered=(), clock=due("accept-within", 7)))
    show(connection, log.events, MODELS)
    at_once = appeals.listed(connection), appeals.others(connection, APPEAL), rows(connection)

    make(connection, MODELS)
    for one in log.events:
        show(connection, [one], MODELS)

    assert (appeals.listed(connection), appeals.others(connection, APPEAL), rows(connection)) == at_once
    assert rows(connection) == [(CASE, "assessor", ADA, 1, 7)]


def rows(connection: Connection[Any]) -> list[Any]:
    return connection.execute(touched.TOUCHED.selection()).fetchall()


def test_cases_are_found_by_what_touched_them_up_to_a_position(connection: Connection[Any]):
    log = Log()
    for case in (CASE, OTHER, CASE):
        log.add(case, s.AssessorAssigned(assessor=ADA, considered=(), clock=due("accept-within", 7)))
    log.add(OTHER, s.PortfolioSubmitted(window="window-a", late=False, answers=(), evidence=(), manifest="0"))
    show(connection, log.events, MODELS)

    assert touched.touched_cases(connection, [("assessor", ADA)]) == [CASE, OTHER]
    assert touched.touched_cases(connection, [("assessor", ADA)], until=1) == [CASE]
    assert touched.touched_cases(connection, [("window", "window-a"), ("assessor", BEN)]) == [OTHER]
    assert touched.touched_cases(connection, [("window", ADA)]) == []


def test_a_case_s_own_history_says_that_it_is_under_appeal_and_what_came_of_it(connection: Connection[Any]):
    log = Log()
    log.add(CASE, s.ResultReleased(outcome="not_awarded"))
    log.add(APPEAL, LODGED, a.AppealAcknowledged(officer=BEN, sets=(), ends=()), ADMITTED, DECIDED)
    log.add(APPEAL, a.RemedyClosed(case=CASE, officer=BEN, ends=()))
    show(connection, log.events, MODELS)

    own = [one.name.partition(".")[0] for one in history.history(connection, CASE)]
    assert own == ["ResultReleased", "AppealLodged", "AppealAdmitted", "AppealDecided", "RemedyClosed"]
    assert len(history.history(connection, APPEAL)) == 5
    assert "the submission is assessed again, by other people" in history.history(connection, CASE)[3].sentence
