"""The lists of what the board does: audits with their cases, findings and actions, the register of risks, internal sampling."""

from dataclasses import dataclass
from typing import Final

from psycopg.sql import SQL

from infra.api.reading.listing import Listing
from projections import audits, risks, sampling

_DRAWN: Final = SQL("SELECT * FROM {} WHERE audit = %(id)s AND standing = 'sampled'").format(audits.CASES.identifier())


@dataclass(slots=True)
class Found(audits.Finding):
    """What was found on a case of `provider`; `superseded_by` is the number of the finding that stands in its place."""

    provider: str = ""


_FOUND: Final = SQL(
    "SELECT findings.*, cases.provider FROM {} AS findings JOIN {} AS cases USING (audit, case_id)"
    " WHERE audit = %(id)s AND cases.standing = 'sampled'"
).format(audits.FINDINGS.identifier(), audits.CASES.identifier())


@dataclass(slots=True)
class Agreed(audits.Action):
    """What is done about a finding on a case of `provider`, by whom and until when; `done_at` and `verified_at` are None until then."""

    case_id: str = ""
    provider: str = ""


_AGREED: Final = SQL(
    "SELECT actions.*, findings.case_id, cases.provider FROM {} AS actions"
    " JOIN {} AS findings ON findings.audit = actions.audit AND findings.number = actions.finding"
    " JOIN {} AS cases ON cases.audit = findings.audit AND cases.case_id = findings.case_id"
    " WHERE actions.audit = %(id)s AND cases.standing = 'sampled'"
).format(audits.ACTIONS.identifier(), audits.FINDINGS.identifier(), audits.CASES.identifier())

_RISKS: Final = SQL("SELECT * FROM {} WHERE since <= %(on)s AND (until IS NULL OR until > %(on)s)").format(
    risks.VERSIONS.identifier()
)
_SAMPLES: Final = SQL("SELECT * FROM {} WHERE plan = %(id)s").format(sampling.SAMPLES.identifier())


LISTS: Final = (
    Listing(
        path="audits",
        operation="list_audits",
        summary="The board's audits: what they are about, who leads them, by when they are to be closed",
        tag="audits",
        action="see-audits",
        row=audits.Audit,
        source=audits.AUDITS,
        models=(audits.MODEL,),
        key=("audit",),
        order="-opened_at",
        sorts=("audit", "close_by", "closed_at"),
        filters=("audit", "lead", "members", "schemes", "opened_at", "close_by", "closed_at"),
        case="audit",
        names=("lead",),
        texts=("summary",),
        hidden=("questions",),
        empty={"open": "closed_at"},
        past={"overdue": "close_by"},
    ),
    Listing(
        path="audits/{id}/cases",
        kinds=("audit",),
        operation="list_audit_cases",
        summary="The cases of an audit's sample that the caller may see",
        tag="audits",
        action="see-audits",
        row=audits.Case,
        source=_DRAWN,
        models=(audits.MODEL,),
        key=("case_id",),
        order="case_id",
        sorts=("provider", "scheme"),
        filters=("case_id", "provider", "scheme"),
        beside="case_id",
        beside_provider="provider",
        names=("provider",),
    ),
    Listing(
        path="audits/{id}/findings",
        kinds=("audit",),
        operation="list_audit_findings",
        summary="What an audit found, on the cases that the caller may see",
        tag="audits",
        action="see-audits",
        row=Found,
        source=_FOUND,
        models=(audits.MODEL,),
        key=("number",),
        order="number",
        sorts=("case_id", "item", "result", "found_at"),
        filters=("number", "case_id", "item", "by", "result", "found_at", "provider"),
        beside="case_id",
        beside_provider="provider",
        names=("by", "provider"),
        texts=("text",),
        empty={"standing": "superseded_by"},
    ),
    Listing(
        path="audits/{id}/actions",
        kinds=("audit",),
        operation="list_audit_actions",
        summary="What is done about an audit's findings, on the cases that the caller may see",
        tag="audits",
        action="see-audits",
        row=Agreed,
        source=_AGREED,
        models=(audits.MODEL,),
        key=("number",),
        order="due_at",
        sorts=("number", "owner"),
        filters=("number", "finding", "owner", "due_at", "done_at", "verified_at", "case_id"),
        beside="case_id",
        beside_provider="provider",
        names=("owner", "verified_by", "provider"),
        texts=("to_do",),
        empty={"open": "verified_at"},
        past={"overdue": "due_at"},
    ),
    Listing(
        path="risks",
        operation="list_risks",
        summary="The register of risks to impartiality, as it stood on a date",
        tag="risks",
        action="see-risks",
        row=risks.Version,
        source=_RISKS,
        models=(risks.MODEL,),
        key=("risk",),
        order="review_by",
        sorts=("risk", "rating", "registered_at", "closed_at"),
        filters=("risk", "kind", "likelihood", "impact", "rating", "owner", "review_by", "to_confirm", "result"),
        names=("owner",),
        texts=("description", "mitigation"),
        hidden=("until",),
        empty={"open": "closed_at"},
        past={"overdue": "review_by"},
        values={"rating": ("high", "medium", "low")},
        dated=True,
    ),
    Listing(
        path="sampling",
        operation="list_sampling",
        summary="Plans of internal sampling, by scheme and year",
        tag="sampling",
        action="see-sampling",
        row=sampling.Plan,
        source=sampling.PLANS,
        models=(sampling.MODEL,),
        key=("plan",),
        order="-year",
        sorts=("scheme", "finish_by"),
        filters=("plan", "scheme", "year", "finish_by", "closed_at"),
        case="plan",
        texts=("report",),
        empty={"open": "closed_at"},
    ),
    Listing(
        path="sampling/{id}/samples",
        kinds=("sampling",),
        operation="list_samples",
        summary="What was drawn in a plan, who is to look at it, and what was found",
        tag="sampling",
        action="see-sampling",
        row=sampling.Sample,
        source=_SAMPLES,
        models=(sampling.MODEL,),
        key=("number",),
        order="due_at",
        sorts=("number", "assessor", "looked_at"),
        filters=("number", "case_id", "provider", "assessor", "because", "due_at", "looker", "result", "topic"),
        beside="case_id",
        beside_provider="provider",
        names=("provider", "assessor", "looker", "looked_by"),
        texts=("text",),
        empty={"waiting": "result"},
        past={"overdue": "due_at"},
    ),
)
