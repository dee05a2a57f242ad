"""Departments run the workforce policy, the quality manager answers for all of it, and the board sees what comes of it.

Source: handbook, Workforce. Leads and reports stand in the policy's own stream, whose events are in `domain/policy.py`.
"""

import dataclasses
import re
from datetime import datetime
from typing import Final

from domain.clocks import Calendar, Duration
from domain.person import Person
from domain.policy import (
    BOARD,
    MANAGER,
    NOTE,
    REPORT,
    DepartmentLeadEnded,
    DepartmentLeadNamed,
    Policy,
    PolicyEvent,
    PolicyRecord,
    ReportMade,
    ReportNoted,
    next_report,
)
from domain.refusals import refuse
from domain.tasks import Task, named, set_task
from domain.workforce_policy import CpdRules, Workforce

USUAL: Final = Policy(
    kind="workforce",
    version=0,
    title="The handbook's rules, until a policy is published",
    digest="",
    calendar=Calendar(zone="Europe/London"),
    review_every=Duration.parse("P1Y"),
    remind_review=(),
    content=Workforce(cpd=CpdRules(departments=())),
)
"""By what a need from an appeal or complaint is noted while the body has published no policy."""
RECEIVERS: Final = {True: (BOARD,), False: (MANAGER, BOARD)}
"""Who notes a report: of the board (True), of a department (False); the first of them is reminded to."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def name_lead(record: PolicyRecord, *, policy: Policy, department: str, lead: str, by: Person) -> list[PolicyEvent]:
    """Name who leads a department from now on, in the place of whoever did; nobody names themselves."""
    require_department(policy, department)
    if by.had_part({lead}):
        raise refuse(
            "not-for-oneself",
            "nobody makes themselves a lead",
            field="lead",
            allowed="another quality manager doing it",
        )
    if record.leads.get(department) == lead:
        return []
    return [DepartmentLeadNamed(department=department, lead=lead, sets=_report_of(record, department, lead))]


def end_lead(record: PolicyRecord, *, department: str) -> list[PolicyEvent]:
    """Let a department have no lead until another is named; the quality manager does meanwhile what is the lead's."""
    lead = record.leads.get(department)
    if lead is None:
        return []
    return [DepartmentLeadEnded(department=department, lead=lead, sets=_report_of(record, department, MANAGER))]


def make_report(
    record: PolicyRecord,
    *,
    id: str,
    policy: Policy,
    scope: str,
    by: str,
    since_at: datetime | None,
    until_at: datetime,
    digest: str,
    at: datetime,
) -> list[PolicyEvent]:
    """Make the report of a department, or the board's, on what was so at `until_at` (UTC); the next one is set.

    The department's lead makes its own; who acts as quality manager (whom the service lets in) makes any.
    """
    if id in record.reports:
        return []
    if scope != BOARD:
        require_department(policy, scope)
    if until_at > at or (since_at is not None and since_at >= until_at):
        raise refuse(
            "report-of-what-was",
            "a report says what was so already, from an instant to a later one",
            field="until_at",
            allowed="an instant that has come, after the one it goes from",
        )
    last = max((one.until_at for one in record.reports.values() if one.scope == scope), default=None)
    if last is not None and until_at <= last:
        raise refuse(
            "report-goes-on",
            f"the last report of {scope} is of a later time already",
            field="until_at",
            allowed=f"an instant after {last.isoformat()}",
        )
    if not _DIGEST.fullmatch(digest):
        raise refuse("report-digest", "this is no digest", field="digest", allowed="a SHA-256 in 64 hex digits")
    return [
        ReportMade(
            report=id,
            scope=scope,
            by=by,
            since_at=since_at,
            until_at=until_at,
            digest=digest,
            ends=(named(REPORT, scope),),
            sets=(next_report(record, policy, scope, at), _to_note(policy, id, scope, at)),
        )
    ]


def note_report(record: PolicyRecord, *, report: str, by: Person, role: str) -> list[PolicyEvent]:
    """Note that a report was seen: the board's by one of the board, a department's by a quality manager too; not by who made it."""
    made = record.reports.get(report)
    if made is None:
        raise refuse("known-report", "there is no such report", field="report", allowed="the id of a report made")
    receivers = RECEIVERS[made.scope == BOARD]
    if role not in receivers:
        allowed = " or ".join(receivers)
        raise refuse("report-receivers", "this report is for others to note", field="role", allowed=allowed)
    if by.had_part({made.by}):
        raise refuse(
            "not-for-oneself",
            "nobody notes a report that they made themselves",
            field="actor",
            allowed="somebody else who receives it: " + " or ".join(receivers),
        )
    if report in record.noted:
        return []
    return [ReportNoted(report=report, by=by.id, ends=(named(NOTE, report),))]


def require_department(policy: Policy, department: str) -> None:
    """Refuse what is no department of the policy in force."""
    departments = policy.content.cpd.departments
    if department not in departments:
        raise refuse(
            "known-department",
            f"{department!r} is no department",
            field="department",
            allowed=", ".join(departments),
        )


def _report_of(record: PolicyRecord, department: str, who: str) -> tuple[Task, ...]:
    """The task of the department's next report, in the hands of `who`."""
    task = record.tasks.running.get(named(REPORT, department))
    return (dataclasses.replace(task, who=who),) if task else ()


def _to_note(policy: Policy, id: str, scope: str, at: datetime) -> Task:
    rules = policy.content.reports
    return set_task(
        NOTE,
        about=id,
        who=RECEIVERS[scope == BOARD][0],
        start=at,
        within=rules.note_within,
        calendar=policy.calendar,
        remind=rules.remind,
        told=BOARD,
    )
