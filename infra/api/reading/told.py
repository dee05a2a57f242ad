"""The history of a case or a matter in sentences, as known at an instant or a version, without what its reader may not see.

Entries that tell of judgements, concerns or money need an action of their own, as in the feed. Typed texts are shown to who
works on the case, and to others only where they were said to both sides.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.events import NAMES
from domain.ids import kind_of
from domain.relations import ASSIGNED, OWN, PANEL
from infra.api.looks import look
from infra.api.reading import kinds
from infra.api.reading.listing import Listing, View
from infra.api.seeing import Sight
from infra.api.telling import OF_STREAMS, further
from projections import history

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
CONFIDENTIAL: Final = "see-confidential"
_CLASSES: Final = {name.partition(".")[0]: kind for name, kind in NAMES.items()}
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
    found = list(seen(view, entries))
    if is_confidential(found):
        look(view.api, view.caller, view.id, CONFIDENTIAL)
    return found


def is_confidential(entries: Iterable[Told]) -> bool:
    """Whether an entry shows a text that the body's people wrote among themselves."""
    return any(one.name not in TO_BOTH and _TEXT.search(one.sentence) for one in entries)


def seen(view: View, entries: Sequence[history.Entry]) -> Iterator[Told]:
    """Those of these entries that the reader may see, as far as they may."""
    readable = readable_to(view, entries)
    return (as_told(one, readable[one.position]) for one in entries if one.position in readable)


def readable_to(view: View, entries: Sequence[history.Entry]) -> dict[int, bool]:
    """By position, which of these entries the reader may see, each with whether they may read the texts in it."""
    sight = view.sight
    working = works_on(sight, view.id)
    names = {one.name for one in entries}
    actions = {name: _action(name) for name in names}
    to_both = {name for name in names if name.partition(".")[0] in TO_BOTH}
    seen = {action for action in {*actions.values()} - {None} if action and sight.sees(view.id, action)}
    elsewhere = _elsewhere(view, {one.stream for one in entries} - {view.id}, working)
    hidden = {name for name, action in actions.items() if action and action not in seen}
    return {
        one.position: working or one.name in to_both or one.actor == view.caller.actor
        for one in entries
        if one.name not in hidden and (one.stream == view.id or one.stream in elsewhere)
    }


def as_told(entry: history.Entry, readable: bool = True) -> Told:
    """An entry of the history as it is told, without its texts where they may not be read."""
    sentence = entry.sentence if readable else _TEXT.sub(NOT_SHOWN, entry.sentence)
    return Told(
        position=entry.position,
        stream=entry.stream,
        version=entry.version,
        at=entry.at,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        role=entry.role,
        name=entry.name.partition(".")[0],
        sentence=sentence,
    )


def _action(name: str) -> str | None:
    """What else somebody has to be allowed to see for an event of this stored name, of whatever version."""
    kind = _CLASSES.get(name.partition(".")[0])
    return further(kind) if kind else CONFIDENTIAL


def works_on(sight: Sight, id: str) -> bool:
    """Whether somebody works on a case, or is more to a matter than the one whose own it is, and reads what is written about it."""
    if kind_of(id) in CASES:
        return sight.sees(id, CONFIDENTIAL)
    relations = sight.relations(id)
    return OWN not in relations or not relations.isdisjoint({ASSIGNED, PANEL})


def _elsewhere(view: View, streams: set[str], working: bool) -> set[str]:
    """Of other streams that say something of this case, those that the reader may see; who tried what, who works on it."""
    kinds_of = {kind_of(one) for one in streams}
    found = {one for one in streams if kind_of(one) == "person" and working}
    for kind in kinds_of - {"person"}:
        found |= view.sight.kept(OF_STREAMS[kind], [one for one in streams if kind_of(one) == kind])
    return found


RESOURCES: Final = {
    "appeals": "appeal",
    "complaints": "complaint",
    "audits": "audit",
    "risks": "risk",
    "sampling": "sampling",
    "proposals": "proposal",
    "development": "development",
    "standardisation": "standardisation",
    "scrutiny": "scrutiny",
    "authority": "authority",
    "learning": "learning",
    "retention": "retention",
}
"""The kinds of matters that have a page, by its address."""


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
    *(_history(resource, (kind,), OF_STREAMS[kind], resource) for resource, kind in RESOURCES.items()),
)
