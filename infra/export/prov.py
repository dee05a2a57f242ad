"""Where a decision came from, as PROV-JSON: what was handed in and judged, by which steps, and in whose hands; by ids alone.

Entities are the portfolio (its manifest), each judgement, the decision and the report; activities are assessment, moderation,
decision, report and appeal. What an appeal set aside was invalidated by it, and what came in its place is derived from it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission.past_events import DecisionImported
from services.ports import Recorded

PREFIX: Final = {"assay": "urn:assay:"}
Attributes = dict[str, Any]


@dataclass(slots=True)
class _Document:
    """A document being made: its nodes and relations, and what holds so far."""

    case: str
    parts: dict[str, dict[str, Attributes]] = field(default_factory=dict)
    portfolio: list[str] = field(default_factory=list)
    judgements: dict[str, str] = field(default_factory=dict)
    decision: str | None = None
    report: str | None = None
    step: str = ""

    def name(self, *words: object) -> str:
        return "assay:" + "/".join([self.case, *(str(one) for one in words)])

    def node(self, kind: str, id: str, **said: Any) -> str:
        self.parts.setdefault(kind, {}).setdefault(id, {}).update(
            {key: one for key, one in said.items() if one is not None}
        )
        return id

    def relate(self, kind: str, said: Attributes) -> None:
        held = self.parts.setdefault(kind, {})
        if said not in held.values():
            held[f"_:{kind}{len(held) + 1}"] = said

    def begin(self, what: str, one: Recorded, people: Iterable[tuple[str | None, str]], id: str | None = None) -> str:
        """Begin an activity, with the people who have a part in it."""
        step = self.node(
            "activity", id or self.name(what, one.version), **{"prov:type": what, "prov:startTime": _time(one.at)}
        )
        for person, role in people:
            if person:
                agent = self.node("agent", f"assay:{person}", **{"prov:type": "prov:Person"})
                self.relate("wasAssociatedWith", {"prov:activity": step, "prov:agent": agent, "prov:role": role})
        self.step = step
        return step

    def uses(self, step: str, entities: Iterable[str | None]) -> None:
        for entity in entities:
            if entity:
                self.relate("used", {"prov:activity": step, "prov:entity": entity})

    def makes(self, step: str, entity: str, one: Recorded, sources: Iterable[str | None], **said: Any) -> str:
        """An entity that a step makes out of others."""
        self.node("entity", entity, **said)
        if step:
            self.relate("wasGeneratedBy", {"prov:entity": entity, "prov:activity": step, "prov:time": _time(one.at)})
            self.parts["activity"][step]["prov:endTime"] = _time(one.at)
        for source in sources:
            if source:
                self.relate("wasDerivedFrom", {"prov:generatedEntity": entity, "prov:usedEntity": source})
        return entity

    def judge(self, step: str, one: Recorded, criterion: str, level: str, version: object) -> None:
        id = self.name("judgement", criterion, version)
        earlier = self.judgements.get(criterion)
        sources = [earlier] if earlier else list(self.portfolio)
        said = {"prov:type": "judgement", "assay:criterion": criterion, "assay:level": level}
        self.judgements[criterion] = self.makes(step, id, one, sources, **said)

    def supersede(self, step: str, one: Recorded) -> None:
        """The decision and the report hold no more, by this step."""
        for entity in (self.decision, self.report):
            if entity:
                said = {"prov:entity": entity, "prov:activity": step, "prov:time": _time(one.at)}
                self.relate("wasInvalidatedBy", said)
        self.report = None


def prov_of(case: str, events: Sequence[Recorded]) -> dict[str, Any]:
    """Return the document of what led to the decisions of a submission; `events` are all of its stream, in order."""
    document = _Document(case)
    for one in events:
        _tell(document, one, one.event)
    return {"prefix": dict(PREFIX), **document.parts}


def _tell(document: _Document, one: Recorded, event: Any) -> None:
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


def _appeal(document: _Document, one: Recorded, appeal: str) -> str:
    step = document.begin("appeal", one, [], id=f"assay:{appeal}")
    document.uses(step, [document.decision])
    return step


def _decide(document: _Document, one: Recorded, step: str, outcome: str, level: str | None) -> None:
    judged = list(document.judgements.values())
    document.uses(step, judged or document.portfolio)
    said = {"prov:type": "decision", "assay:outcome": outcome, "assay:level": level}
    sources = [document.decision, *(judged or document.portfolio)]
    document.decision = document.makes(step, document.name("decision", one.version), one, sources, **said)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
