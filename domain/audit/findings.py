"""Findings of an audit: one for each case and point of the checklist, by a member who may see the case, never edited.

Source: handbook, Governance.
"""

from domain.audit import events as e
from domain.audit.state import Audit, require_member, require_open
from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from domain.tasks import ALL
from domain.texts import TextRef

RESULTS = ("conforms", "minor", "major", "not-applicable")


def look_at(audit: Audit, *, case: str, by: Person, portfolio: bool) -> list[e.AuditEvent]:
    """Note that somebody looked at a case of the sample, and whether at the portfolio too; once each."""
    require_sampled(audit, case, by)
    if (by.id, case, portfolio) in audit.seen:
        return []
    return [e.AuditCaseSeen(person=by.id, case=case, portfolio=portfolio)]


def record_finding(
    audit: Audit, *, case: str, item: str, by: Person, result: str, text: TextRef | None
) -> list[e.AuditEvent]:
    """Record what was found on a point where nothing is found yet."""
    _require_may_find(audit, case, item, by=by, result=result, text=text)
    number = audit.in_force.get((case, item))
    if number is not None:
        held = audit.findings[number]
        if (held.by, held.result, held.text) == (by.id, result, text):
            return []
        raise refuse(
            "findings-superseded",
            f"finding {number} stands for this point, and findings are not edited",
            field="item",
            allowed="superseding it, with a reason",
        )
    return [_finding(audit, case, item, by=by, result=result, text=text)]


def supersede_finding(
    audit: Audit, *, finding: int, by: Person, result: str, text: TextRef | None, reason: TextRef
) -> list[e.AuditEvent]:
    """Put another finding in the place of one that stands, with a reason; the earlier one and its actions stay on record."""
    held = require_finding(audit, finding, by)
    if audit.in_force[held.case, held.item] != finding:
        later = audit.findings[audit.in_force[held.case, held.item]]
        if (later.supersedes, later.by, later.result, later.text) == (finding, by.id, result, text):
            return []
        raise refuse(
            "findings-superseded",
            f"finding {finding} was superseded by finding {later.number}",
            field="finding",
            allowed=f"superseding finding {later.number}",
        )
    _require_may_find(audit, held.case, held.item, by=by, result=result, text=text)
    recorded = _finding(audit, held.case, held.item, by=by, result=result, text=text, supersedes=finding, reason=reason)
    return [recorded]


def close_audit(audit: Audit, *, by: Person, hidden: int, summary: TextRef) -> list[e.AuditEvent]:
    """Close the audit, once every point of every case has its finding and every action is verified. By the lead member.

    `hidden` is how many cases no member may see any more.
    """
    if audit.over and audit.lead == by.id:
        return []
    require_open(audit)
    if by.id != audit.lead:
        raise refuse(
            "audit-lead", "this person does not lead this audit", field="actor", allowed="the member who leads it"
        )
    if hidden:
        raise refuse(
            "every-case-answered",
            f"no member may see {hidden} of its cases",
            field="audit",
            allowed="replacing them first",
        )
    if left := audit.unanswered:
        raise refuse(
            "every-case-answered",
            f"{len(left)} points in {len({case for case, _ in left})} cases have no finding",
            field="audit",
            allowed="a finding on each point of each case first",
        )
    if bare := [one.number for one in audit.bare]:
        raise refuse(
            "major-needs-action",
            f"nothing is to be done yet about finding {', '.join(map(str, bare))}",
            field="audit",
            allowed="an action for each major finding first",
        )
    if waiting := [one.number for one in audit.to_verify]:
        raise refuse(
            "actions-verified",
            f"action {', '.join(map(str, waiting))} is not verified",
            field="audit",
            allowed="every action done, and verified by somebody else, first",
        )
    return [e.AuditClosed(by=by.id, summary=summary, ends=(ALL,))]


def require_finding(audit: Audit, finding: int, by: Person) -> e.FindingRecorded:
    """Return a finding about a case of the sample that this member may see; refuses others."""
    require_open(audit)
    require_member(audit, by)
    held = audit.findings.get(finding)
    if held is None or held.case not in audit.sampled:
        raise refuse("known-finding", "there is no such finding", field="finding", allowed="the number of one")
    require_no_conflict(by, audit.sampled[held.case].provider)
    return held


def require_sampled(audit: Audit, case: str, by: Person) -> e.SampledCase:
    """Return a case of the sample that this member may see; refuses others."""
    require_open(audit)
    require_visible(audit, case, by)
    return audit.sampled[case]


def require_visible(audit: Audit, case: str, by: Person) -> None:
    """Refuse who may not see a case of the sample, whether or not the audit is open still."""
    require_member(audit, by)
    if case not in audit.sampled:
        raise refuse("case-in-sample", "this case is not of the sample", field="case", allowed="a case of the sample")
    require_no_conflict(by, audit.sampled[case].provider)


def _require_may_find(audit: Audit, case: str, item: str, *, by: Person, result: str, text: TextRef | None) -> None:
    require_sampled(audit, case, by)
    if item not in audit.checklist:
        raise refuse(
            "audit-checklist",
            f"{item!r} is not on the checklist",
            field="item",
            allowed=", ".join(audit.checklist),
        )
    if result not in RESULTS:
        raise refuse("finding-results", f"{result!r} is no result", field="result", allowed=", ".join(RESULTS))
    if text is None and result != "conforms":
        raise refuse(
            "finding-text",
            f"what is found to be {result} is said in words",
            field="text",
            allowed="a text, or the result conforms",
        )


def _finding(
    audit: Audit,
    case: str,
    item: str,
    *,
    by: Person,
    result: str,
    text: TextRef | None,
    supersedes: int | None = None,
    reason: TextRef | None = None,
) -> e.FindingRecorded:
    return e.FindingRecorded(
        number=len(audit.findings) + 1,
        case=case,
        item=item,
        by=by.id,
        result=result,
        text=text,
        supersedes=supersedes,
        reason=reason,
    )
