"""Where a decision came from, as PROV-JSON: what was handed in and judged, by which steps, and in whose hands; by ids alone.

Of a submission, entities are the portfolio (its manifest), each judgement, the decision and the report; activities are assessment,
moderation, decision, report and appeal. What an appeal set aside was invalidated by it, and what came in its place is derived from it.
Of awards, appeals and complaints: see `prov_matters.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.ids import kind_of
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission.past_events import DecisionImported
from infra.export.prov_document import Document
from infra.export.prov_matters import Appeal, Award, Complaint
from services.ports import Recorded


@dataclass(slots=True)
class _Submission(Document):
    """A document about a submission, and what holds so far."""

    portfolio: list[str] = field(default_factory=list)
    judgements: dict[str, str] = field(default_factory=dict)
    decision: str | None = None
    report: str | None = None

    def follow(self, one: Recorded) -> None:
        """Take in an event."""
        _tell(self, one, one.event)

    def judge(self, step: str, one: Recorded, criterion: str, level: str, version: object) -> None:
        id = self.name("judgement", criterion, version)
        earlier = self.judgements.get(criterion)
        sources = [earlier] if earlier else list(self.portfolio)
        said = {"prov:type": "judgement", "assay:criterion": criterion, "assay:level": level}
        self.judgements[criterion] = self.makes(step, id, one, sources, **said)

    def supersede(self, step: str, one: Recorded) -> None:
        """The decision and the report hold no more, by this step."""
        self.invalidates(step, self.decision, one)
        self.invalidates(step, self.report, one)
        self.report = None


_KINDS: Final[Mapping[str, Any]] = {
    "submission": _Submission,
    "accreditation": Award,
    "appeal": Appeal,
    "complaint": Complaint,
}
KINDS: Final = tuple(_KINDS)
"""The kinds of cases in which decisions are taken that lead back to something."""


def prov_of(case: str, events: Sequence[Recorded]) -> dict[str, Any]:
    """Return the document of what led to the decisions of a case of one of `KINDS`; `events` are all of its stream, in order."""
    document = _KINDS[kind_of(case)](case)
    for one in events:
        document.follow(one)
    written: dict[str, Any] = document.written()
    return written


def _tell(document: _Submission, one: Recorded, event: Any) -> None:
    match event:
        case e.PortfolioSubmitted(manifest=manifest):
            said = {"prov:type": "portfolio", "assay:manifest": manifest}
            document.portfolio = [document.makes("", document.name("portfolio", one.version), one, (), **said)]
        case e.AssessorAssigned(assessor=person):
            document.uses(document.begin("assessment", one, [(person, "assessor")]), document.portfolio)
        case e.JudgementRecorded(criterion=criterion, level=level):
            document.judge(document.step, one, criterion, level, one.version)
        case e.ModerationStarted(chair=chair, panel=panel):
            people = [(chair, "chair"), *((person, "moderator") for person in panel if person != chair)]
            document.uses(document.begin("moderation", one, people), document.judgements.values())
        case e.JudgementChanged(criterion=criterion, level=level):
            document.judge(document.step, one, criterion, level, one.version)
        case e.EvidenceProvided():
            said = {"prov:type": "further evidence"}
            further = document.makes("", document.name("further-evidence", one.version), one, (), **said)
            document.portfolio.append(further)
            document.uses(document.step, [further] if document.step else [])
        case e.DecisionRecorded(chair=chair, outcome=outcome, level=level):
            _decide(document, one, document.begin("decision", one, [(chair, "chair")]), outcome, level)
        case DecisionImported(outcome=outcome):
            step = document.begin("import", one, [(one.actor if one.role != "installer" else None, one.role)])
            _decide(document, one, step, outcome, getattr(event, "level", None))
        case e.FoundIneligible() | e.FoundOutsideDefinition():
            _decide(document, one, document.begin("decision", one, [(one.actor, one.role)]), "not_eligible", None)
        case e.OutcomeReportApproved(chair=chair):
            step = document.begin("report", one, [(chair, "chair")])
            document.uses(step, [document.decision])
            sources = [document.decision, *document.judgements.values()]
            report = document.name("report", one.version)
            document.report = document.makes(step, report, one, sources, **{"prov:type": "report"})
        case r.ModerationSetAside() | r.AssessmentSetAside() | r.IneligibilitySetAside():
            document.supersede(_appeal(document, one, event.appeal), one)
        case r.DecisionReplaced(judgements=judgements, outcome=outcome, level=level):
            step = _appeal(document, one, event.appeal)
            document.supersede(step, one)
            for judged in judgements:
                document.judge(step, one, judged.criterion, judged.level, one.version)
            _decide(document, one, step, outcome, level)


def _appeal(document: _Submission, one: Recorded, appeal: str) -> str:
    step = document.begin("appeal", one, [], id=f"assay:{appeal}")
    document.uses(step, [document.decision])
    return step


def _decide(document: _Submission, one: Recorded, step: str, outcome: str, level: str | None) -> None:
    judged = list(document.judgements.values())
    document.uses(step, judged or document.portfolio)
    said = {"prov:type": "decision", "assay:outcome": outcome, "assay:level": level}
    sources = [document.decision, *(judged or document.portfolio)]
    document.decision = document.makes(step, document.name("decision", one.version), one, sources, **said)
