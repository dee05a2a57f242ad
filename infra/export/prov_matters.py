"""Where the decisions on awards, appeals and complaints came from: reviews, hearings and answers, by ids alone.

Who decided is named, and who had it in hand; who raised a concern, complained, or is complained about is not. A decision that is
contested has the name here that it has in the document of its own case, so that documents can be joined.
"""

from dataclasses import dataclass, field
from typing import Any

from domain import accreditation as a
from domain import appeal as ap
from domain import complaint as co
from infra.export.prov_document import Document
from services.ports import Recorded


@dataclass(slots=True)
class Award(Document):
    """A document about an award: as it stands after each decision, and the reviews and appeals that changed it."""

    award: str | None = None
    concerns: dict[str, str] = field(default_factory=dict)
    reviews: dict[str, str] = field(default_factory=dict)
    findings: dict[str, str] = field(default_factory=dict)

    def follow(self, one: Recorded) -> None:
        """Take in an event."""
        match one.event:
            case a.AccreditationAwarded() | a.AccreditationRenewed() | a.AccreditationUpgraded() as earned:
                self._stands("", one, [self._earned_by(earned.submission)], level=earned.level)
            case a.ConcernRaised(concern=concern, kind=kind):
                said = {"prov:type": "concern", "assay:kind": kind}
                self.concerns[concern] = self.makes("", f"assay:{concern}", one, (), **said)
            case a.ReviewOpened(concern=concern, reviewer=reviewer):
                self.reviews[concern] = step = self.begin("review", one, [(reviewer, "reviewer")])
                self.uses(step, [self.concerns.get(concern), self.award])
            case a.ReviewConcluded(concern=concern, finding=finding):
                sources = [self.concerns.get(concern), self.award]
                self._finds(self.reviews.get(concern, ""), one, concern, finding, sources)
            case a.AccreditationSuspended(concern=concern):
                self._stands(self.reviews.get(concern, ""), one, [self.findings.get(concern)], standing="suspended")
            case a.AccreditationReinstated(concern=concern):
                self._stands(self.reviews.get(concern, ""), one, [self.findings.get(concern)], standing="accredited")
            case a.AccreditationReduced(concern=concern, level=level):
                self._stands(self.reviews.get(concern, ""), one, [self.findings.get(concern)], level=level)
            case a.AccreditationWithdrawn(concern=concern):
                self._stands(self.reviews.get(concern, ""), one, [self.findings.get(concern)], standing="withdrawn")
            case a.ReviewReplaced(concern=concern, appeal=appeal, finding=finding):
                step, before = self._appeal(one, appeal), self.findings.get(concern)
                self.reviews[concern] = step
                self.uses(step, [before])
                self.invalidates(step, before, one)
                self._finds(step, one, concern, finding, [before])
            case a.ReductionUndone(concern=concern) | a.WithdrawalLifted(concern=concern):
                self._stands(self.reviews.get(concern, ""), one, [self.findings.get(concern)], standing="accredited")
            case a.AwardCorrected(submission=submission, appeal=appeal, level=level):
                self._stands(self._appeal(one, appeal), one, [self._earned_by(submission)], level=level)
            case a.AwardAnnulled(submission=submission, appeal=appeal):
                self._stands(self._appeal(one, appeal), one, [self._earned_by(submission)], standing="annulled")

    def _earned_by(self, submission: str) -> str:
        return self.node("entity", f"assay:{submission}", **{"prov:type": "submission"})

    def _appeal(self, one: Recorded, appeal: str) -> str:
        return self.begin("appeal", one, [], id=f"assay:{appeal}")

    def _finds(self, step: str, one: Recorded, concern: str, finding: str, sources: list[str | None]) -> None:
        said = {"prov:type": "finding", "assay:finding": finding}
        self.findings[concern] = self.makes(step, self.name("finding", one.version), one, sources, **said)

    def _stands(
        self, step: str, one: Recorded, sources: list[str | None], *, level: str | None = None, standing: str = ""
    ) -> None:
        """The award as it is from now on, in the place of what it was."""
        if step:
            self.invalidates(step, self.award, one)
        said = {"prov:type": "award", "assay:level": level, "assay:standing": standing or None}
        self.award = self.makes(step, self.name("award", one.version), one, [self.award, *sources], **said)


@dataclass(slots=True)
class Appeal(Document):
    """A document about an appeal: the decision that it contests, who heard it, and what they found on each ground."""

    contested: str | None = None
    lodged: str | None = None

    def follow(self, one: Recorded) -> None:
        """Take in an event."""
        match one.event:
            case ap.AppealLodged(case=case, contested=contested, version=version):
                what = "finding" if contested == "review" else "decision"
                self.contested = self.node("entity", f"assay:{case}/{what}/{version}", **{"prov:type": what})
                said = {"prov:type": "appeal"}
                self.lodged = self.makes("", self.name("lodged", one.version), one, [self.contested], **said)
            case ap.AppealAdmitted(officer=officer):
                self._admission(one, officer, "admitted")
            case ap.AppealNotAdmitted(officer=officer):
                self._admission(one, officer, "not-admitted")
            case ap.PanelNamed(chair=chair, panel=panel):
                self.uses(self.begin("hearing", one, _panel(chair, panel)), [self.lodged, self.contested])
            case ap.AppealDecided(chair=chair, panel=panel, outcome=outcome, remedy=remedy, findings=findings):
                step = self.begin("appeal", one, _panel(chair, panel), id=f"assay:{self.case}")
                self.uses(step, [self.lodged, self.contested])
                sources = [self.lodged, self.contested]
                for ground in findings:
                    said = {"prov:type": "finding", "assay:ground": ground.ground, "assay:finding": ground.finding}
                    found = self.name("ground", ground.ground, one.version)
                    sources.append(self.makes(step, found, one, [self.lodged, self.contested], **said))
                decided = {"prov:type": "decision", "assay:outcome": outcome, "assay:remedy": remedy}
                self.makes(step, self.name("decision", one.version), one, sources, **decided)

    def _admission(self, one: Recorded, officer: str, outcome: str) -> None:
        step = self.begin("admission", one, [(officer, "appeals-officer")])
        self.uses(step, [self.lodged])
        said = {"prov:type": "admission", "assay:outcome": outcome}
        self.makes(step, self.name("admission", one.version), one, [self.lodged], **said)


@dataclass(slots=True)
class Complaint(Document):
    """A document about a complaint: its answers by one handler after another, and what a committee made of them."""

    raised: str | None = None
    answers: list[str] = field(default_factory=list)

    def follow(self, one: Recorded) -> None:
        """Take in an event."""
        match one.event:
            case co.ComplaintRaised(about=about):
                said = {"prov:type": "complaint", "assay:about": about}
                self.raised = self.makes("", self.name("raised", one.version), one, (), **said)
            case co.ComplaintAcknowledged(handler=handler) | co.HandlerChanged(handler=handler):
                self.uses(self.begin("handling", one, [(handler, "complaints-handler")]), [self.raised, *self.answers])
            case co.ComplaintAnswered(level=level, outcome=outcome):
                self._answers("answer", one, {"assay:level": level, "assay:outcome": outcome})
            case co.CommitteeFormed(chair=chair, members=members):
                self.uses(self.begin("review", one, _panel(chair, members)), [self.raised, *self.answers])
            case co.ComplaintDecided(chair=chair, members=members, outcome=outcome):
                self.uses(self.begin("decision", one, _panel(chair, members)), [self.raised, *self.answers])
                self._answers("decision", one, {"assay:outcome": outcome})

    def _answers(self, what: str, one: Recorded, said: dict[str, Any]) -> None:
        id = self.name(what, one.version)
        self.answers.append(self.makes(self.step, id, one, [self.raised, *self.answers], **{"prov:type": what}, **said))


def _panel(chair: str, members: tuple[str, ...]) -> list[tuple[str | None, str]]:
    return [(chair, "chair"), *((person, "member") for person in members if person != chair)]
