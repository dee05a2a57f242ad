"""The board's audits: sample, findings by point of the checklist, and actions, as reported to who may see them.

A reader's conflicts hide cases with all that was found on them, also from the figures: the caller says which providers'.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain import audit as events
from domain.audit.findings import RESULTS
from domain.audit.state import ACT, CLOSE
from domain.ids import kind_of
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables

SAMPLED, REPLACED, PASSED_OVER = "sampled", "replaced", "passed over"


@dataclass(slots=True)
class Audit:
    """An audit: `items` are the codes of the checklist, `questions` the ids of their texts; instants are UTC.

    `begins_at` and `ends_at` are of the period that it is about, `close_by` when it is to be closed.
    """

    audit: str
    lead: str
    members: list[str]
    schemes: list[str]
    stages: list[str]
    outcomes: list[str]
    provider_types: list[str]
    begins_at: datetime
    ends_at: datetime
    seed: int
    size: int
    population: int
    position: int
    digest: str
    items: list[str]
    questions: list[str]
    opened_at: datetime
    close_by: datetime
    closed_at: datetime | None = None
    summary: str | None = None


@dataclass(slots=True)
class Case:
    """A case that was drawn: `sampled`, `replaced` because no member may see it any more, or `passed over` for that."""

    audit: str
    case_id: str
    provider: str
    scheme: str
    standing: str


@dataclass(slots=True)
class Finding:
    """What was found; `superseded_by` is the number of the finding that stands in its place."""

    audit: str
    number: int
    case_id: str
    item: str
    by: str
    result: str
    found_at: datetime
    text: str | None = None
    supersedes: int | None = None
    superseded_by: int | None = None


@dataclass(slots=True)
class Action:
    """What is done about a finding, by whom and until when; `done_at` and `verified_at` are None until then."""

    audit: str
    number: int
    finding: int
    owner: str
    to_do: str
    due_at: datetime
    done_at: datetime | None = None
    verified_by: str | None = None
    verified_at: datetime | None = None


AUDITS: Final = Table("audits", Audit, ("audit",), ("opened_at",))
CASES: Final = Table("audit_cases", Case, ("audit", "case_id"))
FINDINGS: Final = Table("audit_findings", Finding, ("audit", "number"))
ACTIONS: Final = Table("audit_actions", Action, ("audit", "number"))


@dataclass(slots=True)
class _Held:
    """What the tables hold of one audit."""

    head: Audit | None = None
    cases: dict[str, Case] = field(default_factory=dict)
    findings: dict[int, Finding] = field(default_factory=dict)
    actions: dict[int, Action] = field(default_factory=dict)


def apply(tables: Tables, recorded: Sequence[Recorded]) -> None:
    """Change the rows of the audits that `recorded` are about."""
    recorded = [one for one in recorded if kind_of(one.stream) == "audit"]
    ids = {one.stream for one in recorded}
    if not ids:
        return
    held = {id: _Held() for id in ids}
    for head in tables.load(AUDITS, "audit", ids):
        held[head.audit].head = head
    for case in tables.load(CASES, "audit", ids):
        held[case.audit].cases[case.case_id] = case
    for finding in tables.load(FINDINGS, "audit", ids):
        held[finding.audit].findings[finding.number] = finding
    for action in tables.load(ACTIONS, "audit", ids):
        held[action.audit].actions[action.number] = action
    for one in recorded:
        _change(held[one.stream], one.stream, one.event, one.at)
    tables.save(AUDITS, [one.head for one in held.values() if one.head])
    tables.save(CASES, [case for one in held.values() for case in one.cases.values()])
    tables.save(FINDINGS, [finding for one in held.values() for finding in one.findings.values()])
    tables.save(ACTIONS, [action for one in held.values() for action in one.actions.values()])


MODEL: Final = ReadModel(name="audits", version=1, tables=(AUDITS, CASES, FINDINGS, ACTIONS), apply=apply)


def _change(held: _Held, id: str, event: Any, at: datetime) -> None:
    match event:
        case events.AuditOpened():
            held.head = _opened(event, at)
            held.cases = {one.case: _case(id, one) for one in event.sampled}
            held.cases |= {one: _out(id, one, PASSED_OVER) for one in event.passed_over}
        case events.SampledCaseReplaced():
            held.cases[event.case].standing = REPLACED
            held.cases |= {one: _out(id, one, PASSED_OVER) for one in event.passed_over}
            if event.replacement:
                held.cases[event.replacement.case] = _case(id, event.replacement)
        case events.FindingRecorded():
            held.findings[event.number] = Finding(
                audit=id,
                number=event.number,
                case_id=event.case,
                item=event.item,
                by=event.by,
                result=event.result,
                found_at=at,
                text=event.text.id if event.text else None,
                supersedes=event.supersedes,
            )
            if event.supersedes is not None:
                held.findings[event.supersedes].superseded_by = event.number
        case events.AuditActionAgreed():
            held.actions[event.number] = Action(
                audit=id,
                number=event.number,
                finding=event.finding,
                owner=event.owner,
                to_do=event.to_do.id,
                due_at=event.sets[0].due_at,
            )
        case events.AuditActionDone():
            held.actions[event.number].done_at = at
        case events.AuditActionReturned():
            held.actions[event.number].done_at = None
        case events.AuditActionVerified():
            held.actions[event.number].verified_by, held.actions[event.number].verified_at = event.by, at
        case events.AuditMembersChanged() if held.head:
            held.head.members, held.head.lead = list(event.members), event.lead
        case events.AuditClosed() if held.head:
            held.head.closed_at, held.head.summary = at, event.summary.id
        case _:
            pass
    for task in getattr(event, "sets", ()):
        if task.rule == ACT:
            held.actions[int(task.about)].due_at = task.due_at
            held.actions[int(task.about)].owner = task.who
        elif task.rule == CLOSE and held.head:
            held.head.close_by = task.due_at


def _opened(event: events.AuditOpened, at: datetime) -> Audit:
    return Audit(
        audit=event.audit,
        lead=event.lead,
        members=list(event.members),
        schemes=list(event.scope.schemes),
        stages=list(event.scope.stages),
        outcomes=list(event.scope.outcomes),
        provider_types=list(event.scope.provider_types),
        begins_at=event.scope.begins_at,
        ends_at=event.scope.ends_at,
        seed=event.seed,
        size=event.size,
        population=event.population,
        position=event.position,
        digest=event.digest,
        items=[one.code for one in event.checklist],
        questions=[one.question.id for one in event.checklist],
        opened_at=at,
        close_by=event.sets[0].due_at,
    )


def _case(audit: str, one: events.SampledCase) -> Case:
    return Case(audit=audit, case_id=one.case, provider=one.provider, scheme=one.scheme, standing=SAMPLED)


def _out(audit: str, case: str, standing: str) -> Case:
    return Case(audit=audit, case_id=case, provider="", scheme="", standing=standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCount:
    """How many cases have each result on a point of the checklist, of `cases` in all."""

    item: str
    results: dict[str, int]
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An audit as its reader may see it: `hidden` is how many cases their conflicts hide."""

    audit: Audit
    cases: list[Case]
    items: list[ItemCount]
    findings: list[Finding]
    actions: list[Action]
    hidden: int


def listed(connection: Connection[Any], *, limit: int = 100) -> list[Audit]:
    """Return the audits, the latest first."""
    query = SQL("{} ORDER BY opened_at DESC, audit LIMIT %s").format(AUDITS.selection())
    with connection.cursor(row_factory=args_row(Audit)) as cursor:
        return cursor.execute(query, [limit]).fetchall()


def providers(connection: Connection[Any], audit: str) -> set[str]:
    """Return the providers whose cases were drawn."""
    query = SQL("SELECT DISTINCT provider FROM {} WHERE audit = %s").format(CASES.identifier())
    return {provider for (provider,) in connection.execute(query, [audit]) if provider}


def report(connection: Connection[Any], audit: str, *, hidden_providers: Collection[str] = ()) -> Report | None:
    """Return the report of an audit, without the cases of `hidden_providers`; None if there is no such audit."""
    with connection.cursor(row_factory=args_row(Audit)) as cursor:
        head = cursor.execute(SQL("{} WHERE audit = %s").format(AUDITS.selection()), [audit]).fetchone()
    if head is None:
        return None
    with connection.cursor(row_factory=args_row(Case)) as cursor:
        query = SQL("{} WHERE audit = %s ORDER BY case_id").format(CASES.selection())
        drawn = cursor.execute(query, [audit]).fetchall()
    # Of those replaced or passed over the reader may see only how many: no member may see them.
    cases = [one for one in drawn if one.standing == SAMPLED and one.provider not in hidden_providers]
    seen = {one.case_id for one in cases}
    with connection.cursor(row_factory=args_row(Finding)) as cursor:
        query = SQL("{} WHERE audit = %s AND case_id = ANY(%s) ORDER BY number").format(FINDINGS.selection())
        findings = cursor.execute(query, [audit, list(seen)]).fetchall()
    with connection.cursor(row_factory=args_row(Action)) as cursor:
        query = SQL("{} WHERE audit = %s AND finding = ANY(%s) ORDER BY number").format(ACTIONS.selection())
        actions = cursor.execute(query, [audit, [one.number for one in findings]]).fetchall()
    standing = [one for one in findings if one.superseded_by is None]
    items = [
        ItemCount(
            item=item,
            results={result: sum(one.item == item and one.result == result for one in standing) for result in RESULTS},
            cases=len(cases),
        )
        for item in head.items
    ]
    hidden = sum(one.standing == SAMPLED for one in drawn) - len(cases)
    return Report(audit=head, cases=cases, items=items, findings=findings, actions=actions, hidden=hidden)
