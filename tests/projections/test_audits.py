"""Audits as reported: figures by point, findings and actions, and nothing of what a reader may not see."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain import audit as e
from domain.clocks import DeadlineMissed
from domain.tasks import ALL, Task, TaskHandedOver, TaskMoved
from projections import audits
from tests.projections.given import ADA, BEN, CHAIR, DAY, NOON, Log, make, rows, show, text

AUDIT = "audit-a"
ONE, TWO, THREE = (
    e.SampledCase(case=f"submission-{name}", provider=f"provider-{name}", scheme="cpd-qa@1") for name in "abc"
)


def task(rule: str, who: str, about: str = "", days: int = 30) -> Task:
    return Task(rule=rule, who=who, about=about, due_at=NOON + days * DAY, told="board")


CLOSE = task("close-audit-within", ADA, days=90)
OPENED = e.AuditOpened(
    audit=AUDIT,
    scope=e.Scope(schemes=("cpd-qa",), begins_at=NOON - 30 * DAY, ends_at=NOON, stages=("decided",)),
    checklist=tuple(e.CheckItem(code=code, question=text(code)) for code in ("reasons", "clocks")),
    members=(ADA, BEN),
    lead=ADA,
    seed=7,
    size=2,
    position=99,
    population=5,
    digest="d" * 64,
    sampled=(ONE, TWO),
    passed_over=("submission-x",),
    sets=(CLOSE,),
)


def found(number: int, case: e.SampledCase, item: str, result: str, **rest: Any) -> e.FindingRecorded:
    said = {"by": BEN, "text": text(f"found-{number}")} | rest
    return e.FindingRecorded(number=number, case=case.case, item=item, result=result, **said)


COURSE: list[Any] = [
    OPENED,
    e.AuditCaseSeen(person=BEN, case=ONE.case, portfolio=False),
    found(1, ONE, "reasons", "major"),
    found(2, TWO, "reasons", "conforms", text=None),
    found(3, ONE, "clocks", "minor"),
    e.AuditActionAgreed(
        number=1, finding=1, owner=CHAIR, to_do=text("do"), sets=(task("act-on-finding-within", CHAIR, "1"),)
    ),
    found(4, ONE, "clocks", "conforms", supersedes=3, reason=text("why")),
    TaskMoved(reason=text("ill"), sets=(task("act-on-finding-within", CHAIR, "1", days=40),)),
    TaskHandedOver(because="conflict", sets=(task("act-on-finding-within", BEN, "1", days=40),)),
    DeadlineMissed(rule="act-on-finding-within", due_at=NOON + 40 * DAY, about="1"),
    e.AuditActionDone(
        number=1, by=BEN, note=text("n"), sets=(task("verify-action-within", ADA, "1"),), ends=("act-on-finding-within:1",)
    ),
    e.AuditActionReturned(
        number=1, by=ADA, reason=text("r"), sets=(task("act-on-finding-within", BEN, "1", days=50),), ends=()
    ),
    e.AuditActionDone(number=1, by=BEN, note=text("n"), sets=(), ends=()),
    e.AuditActionVerified(number=1, by=ADA, note=text("v"), ends=()),
    e.SampledCaseReplaced(case=TWO.case, replacement=THREE, passed_over=("submission-y",), ends=()),
    e.AuditMembersChanged(members=(BEN, CHAIR), lead=BEN, reason=text("m"), sets=(replace(CLOSE, who=BEN),)),
    found(5, THREE, "reasons", "not-applicable"),
    e.AuditClosed(by=BEN, summary=text("all"), ends=(ALL,)),
]  # fmt: skip


def reported(connection: Connection[Any], events: list[Any], **asked: Any) -> audits.Report:
    log = Log()
    for hour, event in enumerate(events):
        log.add(AUDIT, event, at=NOON + hour * DAY / 24)
    make(connection)
    show(connection, log.events)
    report = audits.report(connection, AUDIT, **asked)
    assert report
    return report


def test_a_report_counts_what_stands_by_point_and_says_what_is_done_about_it(connection: Connection[Any]):
    report = reported(connection, COURSE)

    assert [(one.case_id, one.standing) for one in report.cases] == [
        (ONE.case, "sampled"),
        (THREE.case, "sampled"),
    ]
    assert [(one.item, one.cases, {k: v for k, v in one.results.items() if v}) for one in report.items] == [
        ("reasons", 2, {"major": 1, "not-applicable": 1}),
        ("clocks", 2, {"conforms": 1}),
    ]
    assert [(one.number, one.superseded_by) for one in report.findings] == [(1, None), (3, 4), (4, None), (5, None)]
    [action] = report.actions
    assert (action.owner, action.verified_by, action.due_at) == (BEN, ADA, NOON + 50 * DAY)
    assert action.done_at == NOON + 12 * DAY / 24
    assert action.verified_at == NOON + 13 * DAY / 24
    assert (report.audit.lead, report.audit.members, report.audit.summary) == (BEN, [BEN, CHAIR], "text-all")
    assert report.audit.closed_at == NOON + 17 * DAY / 24
    assert report.hidden == 0


def test_what_a_readers_conflict_hides_is_in_no_list_and_no_figure(connection: Connection[Any]):
    report = reported(connection, COURSE, hidden_providers={ONE.provider})

    assert ([one.case_id for one in report.cases], report.hidden) == ([THREE.case], 1)
    assert [one.number for one in report.findings] == [5]
    assert report.actions == []
    assert [sum(one.results.values()) for one in report.items] == [1, 0]
    assert audits.providers(connection, AUDIT) == {ONE.provider, TWO.provider, THREE.provider}


def test_an_action_that_was_returned_is_not_done(connection: Connection[Any]):
    [action] = reported(connection, COURSE[:12]).actions

    assert (action.done_at, action.due_at) == (None, NOON + 50 * DAY)


def test_audits_are_listed_the_latest_first(connection: Connection[Any]):
    log = Log()
    log.add(AUDIT, OPENED)
    log.add("audit-b", replace(OPENED, audit="audit-b"), at=NOON + DAY)
    make(connection)
    show(connection, log.events)

    assert [one.audit for one in audits.listed(connection)] == ["audit-b", AUDIT]
    assert [one.audit for one in audits.listed(connection, limit=1)] == ["audit-b"]
    assert audits.report(connection, "audit-none") is None


@given(cuts=st.sets(st.integers(1, len(COURSE) - 1)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_batching_gives_the_same_rows(connection: Connection[Any], cuts: set[int]):
    log = Log()
    for event in COURSE:
        log.add(AUDIT, event)
    make(connection, [audits.MODEL])
    show(connection, log.events, [audits.MODEL])
    at_once = rows(connection, audits.MODEL)

    make(connection, [audits.MODEL])
    for begin, end in pairwise([0, *sorted(cuts), len(COURSE)]):
        show(connection, log.events[begin:end], [audits.MODEL])
    assert rows(connection, audits.MODEL) == at_once
