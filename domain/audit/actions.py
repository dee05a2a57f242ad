"""Actions that follow from findings: owned by somebody without a conflict, done in time, and verified by somebody else.

Source: handbook, Governance.
"""

from datetime import datetime

from domain.audit import events as e
from domain.audit.findings import require_finding
from domain.audit.seeing import require_unconflicted
from domain.audit.state import ACT, VERIFY, Action, Audit, require_open
from domain.clocks import Calendar
from domain.governance_policy import AuditRules
from domain.person import Person, require_known, require_no_conflict
from domain.refusals import refuse
from domain.tasks import Task, hand_over, named, set_task
from domain.texts import TextRef

MOST_ACTIONS = 1000


def agree_action(
    audit: Audit,
    *,
    finding: int,
    by: Person,
    owner: Person,
    to_do: TextRef,
    rules: AuditRules,
    calendar: Calendar,
    at: datetime,
) -> list[e.AuditEvent]:
    """Let somebody act on a finding that is not that all conforms, by the policy's date. By a member who may see the case."""
    held = require_finding(audit, finding, by)
    if audit.in_force[held.case, held.item] != finding or held.result not in ("minor", "major"):
        raise refuse(
            "finding-to-act-on",
            f"finding {finding} calls for nothing",
            field="finding",
            allowed="a minor or major finding that nothing superseded",
        )
    _require_owner(audit, held, owner)
    number = len(audit.actions) + 1
    if number > MOST_ACTIONS:
        raise refuse("audit-actions", "the audit has too many actions", field="finding", allowed="an audit of its own")
    task = _task(ACT, number, owner.id, rules=rules, calendar=calendar, at=at)
    return [e.AuditActionAgreed(number=number, finding=finding, owner=owner.id, to_do=to_do, sets=(task,))]


def give_action(audit: Audit, *, action: int, by: Person, owner: Person, reason: TextRef) -> list[e.AuditEvent]:
    """Let somebody else act on a finding, by the same date. By a member who may see the case."""
    held = require_action(audit, action)
    finding = require_finding(audit, held.finding, by)
    _require_undone(held)
    _require_owner(audit, finding, owner)
    return list(hand_over(audit, rule=ACT, about=str(action), to=owner.id, because="reassigned", reason=reason))


def do_action(
    audit: Audit, *, action: int, by: Person, note: TextRef, rules: AuditRules, calendar: Calendar, at: datetime
) -> list[e.AuditEvent]:
    """Say that it is done, with a note of what was. By its owner, unless they have a conflict meanwhile."""
    held = require_action(audit, action)
    require_no_conflict(by, _provider(audit, held))
    if held.owner != by.id:
        raise refuse("owner-acts", "this is somebody else's to do", field="actor", allowed="the owner of the action")
    if held.done:
        return []
    verifier = "board" if audit.lead in held.hands else audit.lead
    task = _task(VERIFY, action, verifier, rules=rules, calendar=calendar, at=at)
    return [e.AuditActionDone(number=action, by=by.id, note=note, sets=(task,), ends=(named(ACT, str(action)),))]


def verify_action(audit: Audit, *, action: int, by: Person, note: TextRef) -> list[e.AuditEvent]:
    """Find that it is done. By a member who may see the case and in whose hands it never was."""
    held = _to_verify(audit, action, by)
    if held.verified:
        return []
    _require_done(held)
    return [e.AuditActionVerified(number=action, by=by.id, note=note, ends=(named(VERIFY, str(action)),))]


def return_action(
    audit: Audit, *, action: int, by: Person, reason: TextRef, rules: AuditRules, calendar: Calendar, at: datetime
) -> list[e.AuditEvent]:
    """Find that it is not done, so that the owner has it again. By who could verify it."""
    held = _to_verify(audit, action, by)
    _require_done(held)
    if held.verified:
        raise refuse(
            "actions-verified", "this action is verified", field="action", allowed="a new action for the finding"
        )
    task = _task(ACT, action, held.owner, rules=rules, calendar=calendar, at=at)
    ends = (named(VERIFY, str(action)),)
    return [e.AuditActionReturned(number=action, by=by.id, reason=reason, sets=(task,), ends=ends)]


def require_action(audit: Audit, action: int) -> Action:
    """Return an action of an audit that is open; refuses others."""
    require_open(audit)
    held = audit.actions.get(action)
    if held is None:
        raise refuse("known-action", "there is no such action", field="action", allowed="the number of one")
    return held


def _to_verify(audit: Audit, action: int, by: Person) -> Action:
    held = require_action(audit, action)
    require_finding(audit, held.finding, by)
    if by.had_part(held.hands):
        raise refuse(
            "owner-never-verifies",
            "this action is, or was, in this person's own hands",
            field="actor",
            allowed="a member in whose hands it never was",
        )
    return held


def _require_owner(audit: Audit, finding: e.FindingRecorded, owner: Person) -> None:
    require_known(owner, field="owner")
    require_unconflicted(owner, audit.sampled[finding.case].provider, field="owner")
    if all(role == "provider" for role, _ in owner.roles):
        raise refuse(
            "action-owner",
            "this person holds no role in the body",
            field="owner",
            allowed="somebody who does, such as an officer or a quality manager",
        )


def _require_undone(held: Action) -> None:
    if held.done:
        raise refuse("action-done", "this action is done", field="action", allowed="verifying or returning it")


def _require_done(held: Action) -> None:
    if not held.done:
        raise refuse(
            "action-done", "the owner has not said yet that it is done", field="action", allowed="waiting until then"
        )


def _provider(audit: Audit, action: Action) -> str:
    case = audit.findings[action.finding].case
    return audit.sampled[case].provider if case in audit.sampled else ""


def _task(rule: str, number: int, who: str, *, rules: AuditRules, calendar: Calendar, at: datetime) -> Task:
    within = rules.act_within if rule == ACT else rules.verify_within
    return set_task(
        rule,
        who=who,
        start=at,
        within=within,
        calendar=calendar,
        remind=rules.remind,
        about=str(number),
        told="board",
    )
