"""The history of a case or a matter in sentences, as known at an instant or a version, without what its reader may not see.

Entries of judgements, concerns and appeals need the actions of their own; typed texts are shown to who works on it, and to
others only where they were said to both sides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.ids import MATTERS, kind_of
from domain.relations import ASSIGNED, OWN, PANEL
from infra.api.reading import kinds
from infra.api.reading.listing import Listing, View
from projections import history

JUDGING: Final = frozenset(
    {
        "AssessmentCompleted", "AssessmentSetAside", "BlindMarkingEnded", "DecisionRecorded", "DecisionReplaced",
        "JudgementChanged", "JudgementConfirmed", "JudgementRecorded", "MarkedBlindBy", "ModerationSetAside",
        "OutcomeReportApproved",
    }
)  # fmt: skip
"""Events that tell how a submission is judged."""
CONCERNS: Final = frozenset(
    {
        "ConcernAnswered", "ConcernRaised", "ConcernReopened", "ReviewConcluded", "ReviewOpened", "ReviewReplaced",
        "ReviewerRelieved",
    }
)  # fmt: skip
"""Events that tell of concerns about an award."""
TO_BOTH: Final = frozenset(
    {
        "AccreditationReduced", "AccreditationSuspended", "AccreditationWithdrawn", "AppealDecided", "AppealLodged",
        "AppealNotAdmitted", "AppealWithdrawn", "CaseMoved", "ChangeNotified", "ComplaintAnswered", "ComplaintDecided",
        "ComplaintEscalated", "ComplaintRaised", "ComplaintWithdrawn", "DeadlineExtended", "DraftGuidanceGiven",
        "EvidenceRequested", "FeeRefunded", "FeeWaived", "FoundIneligible", "FoundOutsideDefinition",
        "OutcomeReportApproved", "PortfolioReturned", "PreparationExtended", "ProgrammeRegistered", "QuestionAnswered",
        "QuestionAsked", "SelfEvaluationRecorded", "SubmissionWithdrawn", "WindowExtendedFor",
    }
)  # fmt: skip
"""Events whose typed texts the body says to who speaks for the case, or they say to it."""
NOT_SHOWN: Final = "[text not shown]"
_TEXT: Final = re.compile(r"\{text:[^{}]+\}")
CASES: Final = ("submission", "accreditation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event in the history: it is event `version` of `stream`, and `position` of the log, and `sentence` says it in words.

    `at` is when it holds, `recorded_at` when it was recorded (UTC); `actor` is a person's id, or a case's where its process
    acted.
    """

    position: int
    stream: str
    version: int
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    name: str
    sentence: str


def told(view: View) -> list[Told]:
    """The entries of the history of `view.id` that the reader may see."""
    with view.connect() as connection:
        entries = history.history(connection, view.id, version=view.more.get("version"), until=view.more.get("at"))
    return list(_seen(view, entries))


def _seen(view: View, entries: list[history.Entry]) -> Iterator[Told]:
    id, sight = view.id, view.sight
    case = kind_of(id) in CASES
    judgements, concerns = sight.sees(id, "see-judgements"), sight.sees(id, "see-concerns")
    working = sight.sees(id, "see-confidential") if case else _works_on(view)
    for one in entries:
        name = one.name.partition(".")[0]
        hidden = (name in JUDGING and case and not judgements) or (name in CONCERNS and not concerns)
        if hidden or not _sees_stream(view, one.stream, working):
            continue
        open_text = working or name in TO_BOTH or one.actor == view.caller.actor
        yield Told(
            position=one.position,
            stream=one.stream,
            version=one.version,
            at=one.at,
            recorded_at=one.recorded_at,
            actor=one.actor,
            role=one.role,
            name=name,
            sentence=one.sentence if open_text else _TEXT.sub(NOT_SHOWN, one.sentence),
        )


def _works_on(view: View) -> bool:
    """Whether the reader of a matter is more to it than the one whose own it is."""
    relations = view.sight.relations(view.id)
    return OWN not in relations or not relations.isdisjoint({ASSIGNED, PANEL})


def _sees_stream(view: View, stream: str, working: bool) -> bool:
    """What another stream says of this case is shown to who may see that; who tried what, to who works on the case."""
    if stream == view.id:
        return True
    match kind_of(stream):
        case "person":
            return working
        case "appeal":
            return view.sight.sees(stream, "see-appeals")
        case "submission" | "accreditation":
            return view.sight.sees(stream, "see-case")
        case kind:
            return kind not in MATTERS


SEEN_BY: Final = {
    "appeals": ("appeal", "see-appeals"),
    "complaints": ("complaint", "see-complaints"),
    "audits": ("audit", "see-audits"),
    "risks": ("risk", "see-risks"),
    "sampling": ("sampling", "see-sampling"),
    "proposals": ("proposal", "see-proposals"),
    "development": ("development", "see-development"),
    "standardisation": ("standardisation", "see-standardisation"),
    "scrutiny": ("scrutiny", "see-conflicts"),
    "authority": ("authority", "see-people"),
    "learning": ("learning", "see-learning"),
    "retention": ("retention", "see-retention"),
}
"""By address, the kind of matter and the action that shows it."""


def _history(resource: str, of: tuple[str, ...], action: str, tag: str) -> Listing:
    return Listing(
        path=f"{resource}/{{id}}/history",
        kinds=of,
        operation=f"list_{resource}_history",
        summary="What happened, in plain sentences, from the record itself",
        tag=tag,
        action=action,
        row=Told,
        source=told,
        models=(history.MODEL,),
        key=("position",),
        order="position",
        sorts=("at", "recorded_at"),
        filters=("stream", "at", "recorded_at", "actor", "role", "name"),
        names=("actor",),
        said=("sentence",),
        more={"version": kinds.NUMBER, "at": kinds.FROM},
    )


LISTS: Final = (
    _history("cases", CASES, "see-case", "cases"),
    *(_history(resource, (kind,), action, resource) for resource, (kind, action) in SEEN_BY.items()),
)
