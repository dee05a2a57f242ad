"""The lists of what the body does about itself: audits, risks, sampling, learning, retention, schemes, policies, windows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL

from infra.api.reading import kinds
from infra.api.reading.listing import Listing, View
from projections import audits, directory, learning, risks, sampling, tasks, texts
from services.going import facts_of
from services.keeping import HOLDS
from services.office import Work
from services.ports import Command
from services.survey import survey

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
_SCHEMES: Final = SQL("SELECT * FROM {} WHERE what = 'scheme'").format(directory.VERSIONS.identifier())
_POLICIES: Final = SQL("SELECT * FROM {} WHERE what = 'policy'").format(directory.VERSIONS.identifier())


def _summaries(view: View) -> Iterable[learning.Summary]:
    with view.connect() as connection:
        return learning.summaries(connection, public=bool(view.more.get("public")))


def _means(view: View) -> Iterable[learning.Mean]:
    with view.connect() as connection:
        return learning.means(connection, public=bool(view.more.get("public")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Of one kind of record: how many texts and fields may go, and of how many; how many stay, and on which grounds."""

    kind: str
    goes: int
    holders: int
    stays: int
    grounds: list[str]
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is kept of `subject` stays, on this ground, until the hold is released."""

    subject: str
    ground: str
    by: str
    reason: str


def _work(view: View) -> Work:
    return Work(view.api.app.office, Command(id="reading", actor="reading", role="reading", at=view.on), about=HOLDS)


def _survey(view: View) -> Iterable[Kept]:
    for kind, one in survey(facts_of(_work(view), view.api.app.shelves, at=view.on)).items():
        yield Kept(
            kind=kind,
            goes=one.goes,
            holders=len(one.holders),
            stays=sum(one.stays.values()),
            grounds=sorted(one.stays),
            next_at=one.next_at,
        )


def _holds(view: View) -> Iterable[Held]:
    for subject, one in sorted(_work(view).state(HOLDS).holds.items()):
        yield Held(subject=subject, ground=one.ground, by=one.by, reason=one.reason.id)


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
    Listing(
        path="learning",
        operation="list_learning",
        summary="By scheme version and role: how many answered about their cases, and the minutes a case took them",
        tag="learning",
        action="see-learning",
        row=learning.Summary,
        source=_summaries,
        models=(learning.MODEL,),
        key=("scheme", "role"),
        order="scheme",
        sorts=("role",),
        filters=("scheme", "role"),
        more={"public": kinds.YES},
    ),
    Listing(
        path="learning/questions",
        operation="list_learning_questions",
        summary="By scheme version and role: the mean score of each question",
        tag="learning",
        action="see-learning",
        row=learning.Mean,
        source=_means,
        models=(learning.MODEL,),
        key=("scheme", "role", "question"),
        order="scheme",
        sorts=("role", "question"),
        filters=("scheme", "role", "question"),
        more={"public": kinds.YES},
    ),
    Listing(
        path="retention",
        operation="list_retention",
        summary="By kind of record: what may go on a date, what stays and on which grounds",
        tag="retention",
        action="see-retention",
        row=Kept,
        source=_survey,
        models=(texts.MODEL, tasks.MODEL),
        key=("kind",),
        order="kind",
        filters=("kind",),
        dated=True,
    ),
    Listing(
        path="retention/holds",
        operation="list_holds",
        summary="What is on hold, and why",
        tag="retention",
        action="see-retention",
        row=Held,
        source=_holds,
        models=(texts.MODEL, tasks.MODEL),
        key=("subject",),
        order="subject",
        filters=("subject", "ground", "by"),
        beside="subject",
        names=("by",),
        texts=("reason",),
    ),
    Listing(
        path="schemes",
        operation="list_schemes",
        summary="Published versions of schemes",
        tag="schemes",
        action="see-schemes",
        row=directory.Version,
        source=_SCHEMES,
        models=(directory.MODEL,),
        key=("name", "version"),
        order="name",
        sorts=("published_at", "position"),
        filters=("name", "version", "digest", "published_at"),
        hidden=("what",),
    ),
    Listing(
        path="policies",
        operation="list_policies",
        summary="Published versions of the body's policies",
        tag="policies",
        action="see-policies",
        row=directory.Version,
        source=_POLICIES,
        models=(directory.MODEL,),
        key=("name", "version"),
        order="name",
        sorts=("published_at", "position"),
        filters=("name", "version", "digest", "published_at"),
        hidden=("what",),
    ),
    Listing(
        path="windows",
        operation="list_windows",
        summary="Windows for submissions: when each opens and closes",
        tag="windows",
        action="see-windows",
        row=directory.Window,
        source=directory.WINDOWS,
        models=(directory.MODEL,),
        key=("window",),
        order="-closes_at",
        sorts=("opens_at", "scheme"),
        filters=("window", "scheme", "opens_at", "closes_at", "state"),
        values={"state": ("scheduled", "open", "closed")},
    ),
)
