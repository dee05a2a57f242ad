"""Who had a part in a case, and in what: nobody of them hears an appeal about it. Also who has nothing to do with the body.

Source: handbook, section 12, and "Who did not decide". It is computed from what people did, never from the roles that they
hold now, so that no change of roles makes anybody's part go away.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

from domain.accreditation import ConcernRaised, ReviewOpened
from domain.calibration import CalibrationAssigned
from domain.ids import is_id, kind_of
from domain.meeting import MeetingOpened, MeetingScheduled
from domain.pay import PayEarned
from domain.person import RoleGiven
from domain.submission import events as e
from domain.submission.past_events import DecisionImported
from domain.submission.side_events import BlindMarkingEnded, DraftGuidanceGiven, MarkedBlindBy
from domain.submission.visit_events import VisitHeld

HEARS: Final = "appeals-panel"
"""The role of those who hear appeals."""
ASSESSED, MARKED, MODERATED = "assessed it", "marked it blind", "moderated it"
ADVISED, SCREENED, ADMINISTERED = "advised on it", "screened it", "administered it"
RAISED, REVIEWED, HEARD = "raised a concern about it", "reviewed a concern about it", "heard an appeal about it"


class Acted(Protocol):
    """One event, and who did it in which role."""

    @property
    def event(self) -> Any: ...
    @property
    def actor(self) -> str: ...
    @property
    def role(self) -> str: ...


def who_had_part(case: str, streams: Mapping[str, Iterable[Acted]]) -> dict[str, frozenset[str]]:
    """Everyone of the body who did anything in a case, with what they did.

    `streams` are the case's own and those that belong to it: its meetings, its blind marking, its award, its window.
    Of a window only what is about this case counts. Who speaks for the provider is not of the body.
    """
    found: dict[str, set[str]] = {}
    for stream, entries in streams.items():
        for one in entries:
            if kind_of(stream) == "window" and getattr(one.event, "submission", None) != case:
                continue
            if is_id(one.actor, "person") and one.role != "provider":
                found.setdefault(one.actor, set()).add(_did(one))
            for person, part in _named(one.event):
                found.setdefault(person, set()).add(part)
    return {person: frozenset(did - {ADMINISTERED} or did) for person, did in found.items()}


def _did(one: Acted) -> str:
    if one.role == HEARS:
        return HEARD
    match one.event:
        case e.ScreeningPassed() | e.PortfolioReturned() | e.FoundIneligible():
            return SCREENED
        case _:
            return ADMINISTERED


def _named(event: Any) -> Iterator[tuple[str, str]]:
    match event:
        case e.AssessorAssigned(assessor=person) | e.AssignmentEnded(assessor=person) | VisitHeld(assessor=person):
            yield person, ASSESSED
        case DecisionImported(assessor=str(person)):
            yield person, ASSESSED
        case MarkedBlindBy(second=person) | BlindMarkingEnded(second=person) | CalibrationAssigned(assessor=person):
            yield person, MARKED
        case DraftGuidanceGiven(adviser=person):
            yield person, ADVISED
        case e.ModerationStarted(chair=chair, panel=panel) | MeetingScheduled(chair=chair, panel=panel):
            yield from ((person, MODERATED) for person in (chair, *panel))
        case MeetingOpened(present=present):
            yield from ((person, MODERATED) for person in present)
        case e.ItemHandedOver(chair=person) | e.DecisionRecorded(chair=person) | e.OutcomeReportApproved(chair=person):
            yield person, MODERATED
        case ConcernRaised(raised_by=str(person)):
            yield person, RAISED
        case ReviewOpened(reviewer=person):
            yield person, REVIEWED


def judged(parts: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Those whose part was more than to administer the case: they take no part in what a remedy brings."""
    return frozenset(person for person, did in parts.items() if set(did) - {ADMINISTERED})


def unconnected(events: Iterable[Any]) -> bool:
    """Whether a person, by all events of theirs, never had a role here but to hear appeals, and was never paid here."""
    return not any(
        (isinstance(event, RoleGiven) and event.role != HEARS) or isinstance(event, PayEarned) for event in events
    )
