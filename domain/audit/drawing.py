"""An audit's sample follows from scope, seed and size alone, and is drawn once, so that nobody chooses the cases.

Anyone can draw it again: sort the cases in scope by the SHA-256 of `audit SEED CASE`, and take them from the beginning,
passing over those that no member may see. Source: handbook, Governance.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.audit import events as e
from domain.audit.seeing import visible_to_any
from domain.audit.state import CLOSE, Audit, require_member, require_open
from domain.clocks import Calendar
from domain.governance_policy import AuditRules
from domain.ids import CODE_FORM, is_code
from domain.person import Person
from domain.population import Case
from domain.refusals import refuse
from domain.submission.state import Stage
from domain.tasks import Task, TaskHandedOver, hand_over, set_task
from domain.texts import TextRef

OUTCOMES = ("awarded", "not_awarded")
MOST_ITEMS = 100
MOST_CASES = 1000
STAGES = tuple(one.value for one in Stage if one is not Stage.UNKNOWN)


def in_scope(scope: e.Scope, case: Case) -> bool:
    """Whether an audit of this scope is about this case."""
    return (
        case.scheme_id in scope.schemes
        and scope.begins_at <= case.since < scope.ends_at
        and (not scope.stages or case.stage in scope.stages)
        and (not scope.outcomes or case.outcome in scope.outcomes)
        and (not scope.provider_types or case.provider_type in scope.provider_types)
    )


def cases_in(scope: e.Scope, cases: Iterable[Case]) -> list[e.SampledCase]:
    """The cases that an audit of this scope is about."""
    return [
        e.SampledCase(case=one.case, provider=one.provider, scheme=one.scheme) for one in cases if in_scope(scope, one)
    ]


def ordered(cases: Iterable[e.SampledCase], seed: int) -> list[e.SampledCase]:
    """The cases in the order in which this seed draws them."""
    return sorted(cases, key=lambda one: (hashlib.sha256(f"audit {seed} {one.case}".encode()).digest(), one.case))


def digest_of_cases(cases: Iterable[e.SampledCase]) -> str:
    """The hex SHA-256 of the cases' ids, sorted, one a line."""
    return hashlib.sha256("\n".join(sorted(one.case for one in cases)).encode()).hexdigest()


def open_audit(
    audit: Audit,
    *,
    id: str,
    scope: e.Scope,
    checklist: Sequence[e.CheckItem],
    by: Person,
    members: Sequence[Person],
    seed: int,
    size: int,
    cases: Sequence[Case],
    position: int,
    rules: AuditRules,
    calendar: Calendar,
    at: datetime,
) -> list[e.AuditEvent]:
    """Open an audit and draw its sample from `cases`, all that there are at `position` of the log. Who opens it leads it.

    A scope is drawn from once: another seed or size for it is refused.
    """
    names, codes = tuple(one.id for one in members), tuple(one.code for one in checklist)
    if audit.id:
        if (audit.seed, audit.size, audit.members, audit.checklist) == (seed, size, names, codes):
            return []
        raise refuse(
            "sample-drawn-once",
            f"a sample of {audit.size} was drawn from this scope already, by the seed {audit.seed}",
            field="seed",
            allowed="the audit that there is, or one of another scope",
        )
    require_scope(scope, at=at)
    require_checklist(codes)
    _require_members(by, members, at)
    if not 1 <= size <= MOST_CASES:
        raise refuse("sample-size", f"{size} is no size of a sample", field="size", allowed=f"1 to {MOST_CASES:,}")
    if not 0 <= seed < 2**53:
        raise refuse("sample-seed", f"{seed} is no seed", field="seed", allowed="a whole number from 0, below 2^53")
    found = cases_in(scope, cases)
    sampled, passed_over = _next(ordered(found, seed), size, members)
    if not sampled:
        raise refuse(
            "audit-scope",
            "no case of this scope can be seen by any of the members" if found else "no case is of this scope",
            field="scope",
            allowed="a scope with cases in it, and members without a conflict",
        )
    opened = e.AuditOpened(
        audit=id,
        scope=scope,
        checklist=tuple(checklist),
        members=names,
        lead=by.id,
        seed=seed,
        size=size,
        position=position,
        population=len(found),
        digest=digest_of_cases(found),
        sampled=tuple(sampled),
        passed_over=tuple(passed_over),
        sets=(_closing(by.id, rules, calendar, at),),
    )
    return [opened]


def replace_hidden(audit: Audit, *, by: Person, members: Sequence[Person], cases: Sequence[Case]) -> list[e.AuditEvent]:
    """Put the next cases of the seed's order in the place of the unfinished ones that no member may see any more.

    `cases` are all that there were at the audit's position of the log.
    """
    require_open(audit)
    require_member(audit, by)
    hidden = hidden_from_all(audit, members)
    if not hidden:
        return []
    found = cases_in(_scope(audit), cases)
    if digest_of_cases(found) != audit.digest:
        raise refuse(
            "sample-drawn-again",
            "these are not the cases that the sample was drawn from",
            field="cases",
            allowed="the cases of the record at the audit's opening",
        )
    left = [one for one in ordered(found, audit.seed) if one.case not in {*audit.sampled, *audit.gone}]
    replaced: list[e.AuditEvent] = []
    for one in hidden:
        drawn, passed_over = _next(left, 1, members)
        left = left[len(drawn) + len(passed_over) :]
        replaced.append(
            e.SampledCaseReplaced(
                case=one.case,
                replacement=drawn[0] if drawn else None,
                passed_over=tuple(passed_over),
                ends=_tasks_about(audit, one.case),
            )
        )
    return replaced


def hidden_from_all(audit: Audit, members: Sequence[Person]) -> list[e.SampledCase]:
    """The unfinished cases that no member may see."""
    unfinished = audit.unfinished
    return [one for one in audit.sampled.values() if one.case in unfinished and not visible_to_any(one, members)]


def change_members(
    audit: Audit,
    *,
    by: Person,
    present: Sequence[Person],
    members: Sequence[Person],
    lead: str,
    reason: TextRef,
    at: datetime,
) -> list[e.AuditEvent]:
    """Let others be the members, one of whom leads. By one of those present who stays, or of the board once none of them is."""
    require_open(audit)
    if any(one.holds("board", None, at) for one in present):
        require_member(audit, by)
    names = tuple(one.id for one in members)
    if (names, lead) == (audit.members, audit.lead):
        return []
    _require_members(by, members, at)
    if lead not in names:
        raise refuse("audit-lead", "who leads is no member", field="lead", allowed="one of the members")
    moved = hand_over(audit, rule=CLOSE, to=lead, because="members-changed")
    sets = tuple(task for one in moved if isinstance(one, TaskHandedOver) for task in one.sets)
    return [e.AuditMembersChanged(members=names, lead=lead, reason=reason, sets=sets)]


def drawn_again(audit: Audit, cases: Iterable[Case]) -> list[str]:
    """Draw the sample again from the record's cases at the audit's position; return what does not agree, in words."""
    found = cases_in(_scope(audit), cases)
    faults = []
    if len(found) != audit.population:
        faults.append(f"{len(found)} cases are in scope, and it says {audit.population}")
    if digest_of_cases(found) != audit.digest:
        faults.append("the cases in scope are others than those drawn from")
    taken = {*audit.sampled, *audit.gone}
    first = {one.case for one in ordered(found, audit.seed)[: len(taken)]}
    if first != taken:
        faults.append(f"{len(taken - first)} cases were taken out of the order of the seed")
    return faults


def require_scope(scope: e.Scope, *, at: datetime) -> None:
    """Refuse a scope that names what there is not, or a period that is not over."""
    if not scope.schemes:
        raise refuse("audit-scope", "no scheme is named", field="scope.schemes", allowed="the id of at least one")
    for field, named, known in (("stages", scope.stages, STAGES), ("outcomes", scope.outcomes, OUTCOMES)):
        if unknown := [one for one in named if one not in known]:
            raise refuse("audit-scope", f"{unknown[0]!r} is unknown", field=f"scope.{field}", allowed=", ".join(known))
    for one in (*scope.schemes, *scope.provider_types):
        if not is_code(one):
            raise refuse("codes", f"{one!r} is not a code", field="scope", allowed=CODE_FORM)
    if not scope.begins_at < scope.ends_at <= at:
        raise refuse(
            "audit-period",
            "the period is empty or not over",
            field="scope.ends_at",
            allowed="a beginning before its end, which has passed",
        )


def _scope(audit: Audit) -> e.Scope:
    require_known(audit)
    assert audit.scope is not None  # noqa: S101 - an audit that was opened has one
    return audit.scope


def require_known(audit: Audit) -> None:
    """Refuse an audit that is not there."""
    if not audit.id:
        raise refuse("known-audit", "there is no such audit", field="audit", allowed="the id of an audit")


def _tasks_about(audit: Audit, case: str) -> tuple[str, ...]:
    """The names of the tasks that run about a case."""
    numbers = [str(one.number) for one in audit.to_verify if audit.findings[one.finding].case == case]
    return tuple(one.name for one in audit.tasks.running.values() if one.about in numbers)


def _next(
    order: Sequence[e.SampledCase], size: int, members: Sequence[Person]
) -> tuple[list[e.SampledCase], list[str]]:
    """The first `size` cases that some member may see, and those before the last of them that none may."""
    drawn: list[e.SampledCase] = []
    passed_over: list[str] = []
    for one in order:
        if len(drawn) == size:
            break
        if visible_to_any(one, members):
            drawn.append(one)
        else:
            passed_over.append(one.case)
    return drawn, passed_over


def require_checklist(codes: Sequence[str]) -> None:
    """Refuse a checklist without points, with too many, or with points that are no different codes."""
    for one in codes:
        if not is_code(one):
            raise refuse("codes", f"{one!r} is not a code", field="checklist", allowed=CODE_FORM)
    if not 1 <= len(codes) <= MOST_ITEMS or len(set(codes)) < len(codes):
        raise refuse(
            "audit-checklist",
            f"the checklist has {len(codes)} points, {len(set(codes))} of them different",
            field="checklist",
            allowed=f"1 to {MOST_ITEMS} different points",
        )


def _require_members(by: Person, members: Sequence[Person], at: datetime) -> None:
    for one in members:
        if not one.holds("board", None, at):
            raise refuse(
                "audit-members",
                f"{one.id} is not of the board",
                field="members",
                allowed="people who hold the role board",
            )
    names = [one.id for one in members]
    if by.id not in names or len(set(names)) < len(names):
        raise refuse(
            "audit-members",
            "the members are not different people with yourself among them",
            field="members",
            allowed="yourself and other members of the board, each once",
        )


def _closing(lead: str, rules: AuditRules, calendar: Calendar, at: datetime) -> Task:
    return set_task(
        CLOSE,
        who=lead,
        start=at,
        within=rules.close_within,
        calendar=calendar,
        remind=rules.remind,
        told="board",
    )
