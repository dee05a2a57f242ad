"""Audits of the board: opened with a sample, looked at, found on, closed. What members do about findings is in `audit_actions`.

An audit changes no case: everything that it records is in its own stream. Source: handbook, Governance.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from domain.audit import Audit, AuditEvent, CheckItem, Scope, drawing, findings, seeing
from domain.clocks import checked_instant
from domain.governance_policy import Governance
from domain.ids import derived_id
from domain.person import Person, require_no_conflict
from domain.policy import Policy
from domain.population import Population
from domain.refusals import refuse
from domain.submission.events import Answer, Evidence
from domain.submission.state import Submission
from domain.texts import TextRef
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out, require_kind
from services.policies import policy_id, policy_of
from services.population import population
from services.ports import Command, Records


def audit_id(scope: Scope) -> str:
    """The id of the audit of a scope, of which there is one."""
    lists = (scope.schemes, scope.stages, scope.outcomes, scope.provider_types)
    period = (one.astimezone(UTC).isoformat() for one in (scope.begins_at, scope.ends_at))
    return derived_id("audit", *(",".join(sorted(set(one))) for one in lists), *period)


@permitted
def open_audit(
    office: Office,
    command: Command,
    *,
    scope: Scope,
    checklist: Mapping[str, str],
    members: Sequence[str],
    seed: int,
    size: int,
) -> Receipt:
    """Open an audit (`audit_id(scope)`) and draw its sample from the record as it is. By a member of the board, who leads it.

    `checklist` is the question of each point, by code.
    """
    scope = replace(
        scope,
        begins_at=checked_instant(scope.begins_at, field="scope.begins_at"),
        ends_at=checked_instant(scope.ends_at, field="scope.ends_at"),
    )
    drawing.require_scope(scope, at=command.at)
    drawing.require_checklist(tuple(checklist))
    id = audit_id(scope)
    cases: list[Population] = []

    def step(work: Work) -> None:
        actor = work.acts()
        for one in scope.schemes:
            if not work.scheme_record(one).versions:
                raise refuse(
                    "published-scheme", f"{one!r} is not published", field="scope", allowed="a published scheme's id"
                )
        held, panel, policy = _state(work, id), work.panel(members), governance(work)
        if not held.id and not cases:
            cases.append(population(office.records))
        found = cases[0] if cases else Population()
        points = [
            CheckItem(code=code, question=work.text(body, field=f"checklist.{code}", subject=id))
            for code, body in checklist.items()
        ]
        opened = drawing.open_audit(
            held,
            id=id,
            scope=scope,
            checklist=points,
            by=actor,
            members=panel,
            seed=seed,
            size=size,
            cases=list(found.cases.values()),
            position=found.position,
            rules=policy.content.audits,
            calendar=policy.calendar,
            at=command.at,
        )
        work.add(id, opened)

    return carry_out(office, command, id, policy_id("governance"), *members, step=step)


@permitted
def change_members(
    office: Office, command: Command, *, audit: str, members: Sequence[str], lead: str, reason: str
) -> Receipt:
    """Let others be an audit's members. By one who is and stays one, or by any of the board once none of them is on it."""

    def decide(work: Work, held: Audit, actor: Person) -> list[AuditEvent]:
        return drawing.change_members(
            held,
            by=actor,
            present=work.panel(held.members),
            members=work.panel(members),
            lead=lead,
            reason=work.text(reason, field="reason", subject=audit),
            at=command.at,
        )

    return on_audit(office, command, audit, decide)


@permitted
def replace_hidden(office: Office, command: Command, *, audit: str) -> Receipt:
    """Put others in the place of the cases that no member may see any more, in the order of the seed. By a member."""
    cases: list[Population] = []

    def decide(work: Work, held: Audit, actor: Person) -> list[AuditEvent]:
        members = work.panel(held.members)
        if drawing.hidden_from_all(held, members) and not cases:
            cases.append(population(office.records, until=held.position))
        found = list(cases[0].cases.values()) if cases else []
        return drawing.replace_hidden(held, by=actor, members=members, cases=found)

    return on_audit(office, command, audit, decide)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """What a member sees of a case: outcome and levels; what the provider wrote and handed in, where they may read that."""

    case: str
    scheme: str
    stage: str
    outcome: str
    level: str
    judgements: Mapping[str, str]
    answers: tuple[Answer, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@permitted
def look_at(office: Office, command: Command, *, audit: str, case: str, portfolio: bool = False) -> CaseView:
    """Look at a case of the sample, which is recorded; with `portfolio` also at what the provider wrote. By a member.

    What they may see is computed anew each time, also when the command is repeated.
    """

    def decide(work: Work, held: Audit, actor: Person) -> list[AuditEvent]:
        return findings.look_at(held, case=case, by=_may_see(work, actor, case, portfolio), portfolio=portfolio)

    work = on_audit(office, command, audit, decide, case).work
    seen = work.submission(case)
    findings.require_visible(_state(work, audit), case, _may_see(work, work.acts(), case, portfolio))
    whole = seen.portfolio if portfolio else None
    return CaseView(
        case=case,
        scheme=seen.registration.scheme,
        stage=seen.stage.value,
        outcome=seen.outcome.outcome if seen.outcome else "",
        level=(seen.outcome.level or "") if seen.outcome else "",
        judgements=dict(seen.judgements),
        answers=tuple(whole.answers) if whole else (),
        evidence=tuple(whole.evidence) if whole else (),
    )


@permitted
def record_finding(
    office: Office, command: Command, *, audit: str, case: str, item: str, result: str, text: str | None = None
) -> Receipt:
    """Record what was found on a point of the checklist in a case. By a member who may see it."""

    def decide(work: Work, held: Audit, actor: Person) -> list[AuditEvent]:
        provider = unconflicted(work, actor, case).registration.provider
        said = _said(work, text, provider)
        return findings.record_finding(held, case=case, item=item, by=actor, result=result, text=said)

    return on_audit(office, command, audit, decide, case)


@permitted
def supersede_finding(
    office: Office, command: Command, *, audit: str, finding: int, result: str, reason: str, text: str | None = None
) -> Receipt:
    """Put another finding in the place of one that stands, with a reason. By a member who may see the case."""

    def decide(work: Work, held: Audit, actor: Person) -> list[AuditEvent]:
        case = findings.require_finding(held, finding, actor).case
        provider = held.sampled[case].provider
        return findings.supersede_finding(
            held,
            finding=finding,
            by=actor,
            result=result,
            text=_said(work, text, provider),
            reason=work.text(reason, field="reason", subject=provider),
        )

    return on_audit(office, command, audit, decide)


@permitted
def close_audit(office: Office, command: Command, *, audit: str, summary: str) -> Receipt:
    """Close an audit with a summary, once all is found, acted on and verified. By the member who leads it."""

    def decide(work: Work, held: Audit, actor: Person) -> list[AuditEvent]:
        hidden = len(drawing.hidden_from_all(held, work.panel(held.members)))
        said = work.text(summary, field="summary", subject=audit)
        return findings.close_audit(held, by=actor, hidden=hidden, summary=said)

    return on_audit(office, command, audit, decide)


def drawn_again(records: Records, held: Audit) -> list[str]:
    """Draw an audit's sample again from the record; return what does not agree with it, in words."""
    return drawing.drawn_again(held, population(records, until=held.position).cases.values())


def on_audit(
    office: Office,
    command: Command,
    audit: str,
    decide: Callable[[Work, Audit, Person], Sequence[AuditEvent]],
    *streams: str,
) -> Receipt:
    """What a member of the board does in an audit."""

    def step(work: Work) -> None:
        actor = work.acts()
        work.add(audit, decide(work, _state(work, audit), actor))

    return carry_out(office, command, audit, *streams, step=step)


def governance(work: Work) -> Policy:
    """The governance policy in force; its content is a `Governance`."""
    held = policy_of(work, "governance")
    assert isinstance(held.content, Governance)  # noqa: S101 - the kind says so
    return held


def unconflicted(work: Work, person: Person, case: str) -> Submission:
    """The case, for who has no conflict with its provider: asked before whether it is of a sample, which nobody is to infer."""
    held = work.submission(case)
    require_no_conflict(work.seen(person, work.scheme(held.registration.scheme)), held.registration.provider)
    return held


def _may_see(work: Work, actor: Person, case: str, portfolio: bool) -> Person:
    """The actor, if they may see the case now, and its portfolio if that is wanted."""
    held = unconflicted(work, actor, case)
    if not portfolio:
        return actor
    scheme = work.scheme(held.registration.scheme)
    within, calendar = scheme.assurance.people.employed_within, scheme.calendar
    speaks = any(
        seeing.speaks_for_a_provider(
            [(one.at, one.event) for one in history], at=work.command.at, within=within, calendar=calendar
        )
        for history in work.office.records.load(*actor.ids).values()
    )
    if not seeing.may_read_portfolio(
        actor, provider=held.registration.provider, speaks=speaks, backgrounds=_backgrounds(work, actor)
    ):
        raise refuse(
            "no-competitors-portfolio",
            "this person speaks for a provider, or did, or has that background",
            field="portfolio",
            allowed="the outcome and the figures of the case",
        )
    return actor


def _backgrounds(work: Work, person: Person) -> frozenset[str]:
    """The backgrounds that keep a person from portfolios, under any account."""
    accounts = work.people(sorted(person.ids))
    return frozenset(kind for one in accounts for kind in one.competence.keeps_from_portfolios())


def _said(work: Work, text: str | None, subject: str) -> TextRef | None:
    return None if text is None else work.text(text, field="text", subject=subject)


def _state(work: Work, audit: str) -> Audit:
    held: Audit = work.state(require_kind(audit, "audit"))
    return held
