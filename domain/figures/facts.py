"""The facts that figures are made of, as the log has them up to an instant of its own: every case, folded by its own rules.

What is asked of a case here is asked of its state, so that a figure and a decision never differ on how a case stands.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol, get_args

from domain.accreditation import events as award_events
from domain.accreditation import state as awards
from domain.appeal import state as appeals
from domain.appeal.events import AppealDecided, AppealEvent
from domain.calibration import Calibration, CalibrationCompleted, CalibrationEvent
from domain.calibration import evolve as evolve_calibration
from domain.clocks import DeadlineMissed, ReminderSent
from domain.complaint import state as complaints
from domain.complaint.events import ComplaintAnswered, ComplaintDecided, ComplaintEvent
from domain.figures import runs
from domain.figures.runs import Runs
from domain.ids import kind_of
from domain.learning import QuestionnaireAnswered, QuestionnaireSent
from domain.meeting import MeetingOpened, MinutesSigned
from domain.person import Person
from domain.provider import ProviderRegistered
from domain.submission import events as e
from domain.submission import remedy_events as r
from domain.submission import visit_events as v
from domain.submission.state import Stage, Submission
from domain.submission.state import evolve as evolve_submission

ASSESSOR, SECOND, PANEL, PROVIDER = "assessor", "second-assessor", "panel", "provider"
"""Whose minutes are known; those of a panel are of all its members together, those of a provider what its people said."""
FOLLOWED: Final[tuple[type[Any], ...]] = tuple(
    dict.fromkeys(
        one
        for one in (
            *get_args(e.SubmissionEvent),
            *get_args(award_events.AccreditationEvent),
            *get_args(AppealEvent),
            *get_args(ComplaintEvent),
            *get_args(CalibrationEvent),
            MeetingOpened,
            MinutesSigned,
            QuestionnaireSent,
            QuestionnaireAnswered,
            ProviderRegistered,
        )
        if one not in (ReminderSent, DeadlineMissed)
    )
)
"""The kinds of events that facts follow from. That a deadline was missed is seen from the deadline and the instant."""


class Happened(Protocol):
    """One event of the log; `at` is when it holds (UTC)."""

    @property
    def stream(self) -> str: ...
    @property
    def event(self) -> Any: ...
    @property
    def at(self) -> datetime: ...


@dataclass(slots=True)
class Stay:
    """A submission was at a stage from `since` until `until` (UTC), None while it is; `due_at` is its clock's date when it left."""

    stage: str
    since: datetime
    until: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderated:
    """A moderation that led to a decision at `at`: of each criterion the level of `assessor` and what the panel made of it.

    Only what the panel made of what the assessor had before them: a judgement after further evidence says nothing of the first.
    """

    assessor: str
    at: datetime
    pairs: dict[str, tuple[str, str]]


@dataclass(slots=True)
class Case:
    """A submission: `told_at` is when its provider was first told a result, `assessed_at` when it was last assessed (UTC)."""

    case: str
    provider: str
    provider_type: str
    size_band: str
    held: Submission
    stays: list[Stay] = field(default_factory=list)
    runs: Runs = field(default_factory=Runs)
    minutes: dict[str, int] = field(default_factory=dict)
    panel: dict[str, tuple[str, str]] = field(default_factory=dict)
    meetings: list[str] = field(default_factory=list)
    moderated: Moderated | None = None
    told_at: datetime | None = None
    assessed_at: datetime | None = None

    @property
    def scheme(self) -> str:
        """The scheme version that it is under."""
        return self.held.registration.scheme

    @property
    def outcome(self) -> str | None:
        """The outcome that stands and was told; None where there is none, or where it was set aside."""
        return self.held.outcome.outcome if self.held.outcome and self.held.released else None


@dataclass(slots=True)
class Matter:
    """An award, an appeal or a complaint: its state, its clocks, when it began, and when it was decided, if it was (UTC)."""

    id: str
    held: Any
    began_at: datetime
    runs: Runs = field(default_factory=Runs)
    decided_at: datetime | None = None

    @property
    def scheme(self) -> str:
        """The scheme version that it is under."""
        return str(self.held.scheme)


@dataclass(slots=True)
class Marked:
    """A blind marking and when it was completed (UTC); None until then."""

    held: Calibration
    completed_at: datetime | None = None


@dataclass(slots=True)
class _Meeting:
    present: int = 0
    minutes: int = 0


_FOLDS: Final[dict[str, tuple[Any, Any, Any]]] = {
    "accreditation": (awards.evolve, awards.Accreditation(), runs.of_accreditation),
    "appeal": (appeals.evolve, appeals.Appeal(), runs.of_matter),
    "complaint": (complaints.evolve, complaints.Complaint(), runs.of_matter),
}
_DECIDED: Final = (AppealDecided, ComplaintAnswered, ComplaintDecided)


@dataclass(slots=True)
class Facts:
    """All cases and matters by id, and blind markings by submission; events are to be followed in the log's order."""

    cases: dict[str, Case] = field(default_factory=dict)
    matters: dict[str, Matter] = field(default_factory=dict)
    markings: dict[str, Marked] = field(default_factory=dict)
    _meetings: dict[str, _Meeting] = field(default_factory=dict)
    _markings: dict[str, Marked] = field(default_factory=dict)
    _types: dict[str, str] = field(default_factory=dict)
    _asked: dict[str, str] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Matter]:
        """The awards (`accreditation`), appeals or complaints."""
        return [one for one in self.matters.values() if kind_of(one.id) == kind]

    def seen(self, ids: Collection[str]) -> "Facts":
        """These facts without the cases and matters that are not among `ids`, and what is about them."""
        return Facts(
            cases={id: one for id, one in self.cases.items() if id in ids},
            matters={id: one for id, one in self.matters.items() if id in ids},
            markings={id: one for id, one in self.markings.items() if id in ids},
            _meetings=self._meetings,
        )

    def visible_to(self, person: Person, at: datetime) -> set[str]:
        """The ids of what this person may see at `at` (UTC): of no provider with which they have a conflict, no complaint about them."""
        cases = {one.case for one in self.cases.values() if one.provider not in person.conflicts}
        matters = {one.id for one in self.matters.values() if one.held.provider not in person.conflicts}
        hidden = {one.id for one in self.of_kind("complaint") if not complaints.may_see(one.held, person, at=at)}
        return (cases | matters) - hidden

    def panel_minutes(self) -> dict[str, float]:
        """What meetings spent on each case, by their minutes: its part of each meeting's length, times who was there.

        It is the part among these cases, so that nobody can tell from it that a meeting had others.
        """
        items = Counter(meeting for case in self.cases.values() for meeting in case.meetings)
        spent = {id: one.minutes * one.present / items[id] for id, one in self._meetings.items() if items[id]}
        return {case.case: sum(spent.get(one, 0) for one in case.meetings) for case in self.cases.values()}

    def follow(self, one: Happened) -> None:
        """Take in one event."""
        match kind_of(one.stream):
            case "submission":
                self._submission(one)
            case "accreditation" | "appeal" | "complaint" as kind:
                self._matter(kind, one)
            case "calibration":
                self._calibration(one)
            case "meeting":
                self._meeting(one)
            case "learning":
                self._learning(one)
            case "provider":
                if isinstance(one.event, ProviderRegistered):
                    self._types[one.stream] = one.event.provider_type

    def _submission(self, one: Happened) -> None:
        event, case = one.event, self.cases.get(one.stream)
        if isinstance(event, e.ProgrammeRegistered):
            case = self.cases[one.stream] = Case(
                case=one.stream,
                provider=event.provider,
                provider_type=event.provider_type or self._types.get(event.provider, ""),
                size_band=event.size_band,
                held=Submission(),
            )
        if case is None:
            return  # decided elsewhere, and imported: that is no work of this body's, and in none of its figures
        before = case.held
        case.held = evolve_submission(before, lighter(event))
        _stay(case, before, one)
        case.runs.follow(runs.of_submission(case.held), event, one.at)
        self._judged(case, before, one)

    def _judged(self, case: Case, before: Submission, one: Happened) -> None:
        match one.event:
            case e.ModerationStarted(meeting=meeting):
                case.panel = {}
                if meeting and meeting not in case.meetings:
                    case.meetings.append(meeting)
            case e.JudgementConfirmed(criterion=code, level=level) | e.JudgementChanged(criterion=code, level=level):
                if code in before.first and code not in before.asked:
                    case.panel[code] = (before.first[code].level, level)
            case e.DecisionRecorded() if before.assessor:
                case.moderated = Moderated(assessor=before.assessor, at=one.at, pairs=case.panel)
            case e.ItemAdjourned():
                case.panel = {}
            case r.ModerationSetAside() | r.AssessmentSetAside():
                case.panel, case.moderated = {}, None
            case e.AssessmentCompleted(minutes_spent=minutes):
                case.assessed_at = one.at
                _spend(case, ASSESSOR, minutes)
            case v.VisitHeld(minutes_spent=minutes):
                _spend(case, ASSESSOR, minutes)
            case e.ResultReleased():
                case.told_at = case.told_at or one.at

    def _matter(self, kind: str, one: Happened) -> None:
        evolve, initial, running = _FOLDS[kind]
        matter = self.matters.get(one.stream)
        if matter is None:
            matter = self.matters[one.stream] = Matter(id=one.stream, held=initial, began_at=one.at)
        matter.held = evolve(matter.held, one.event)
        matter.runs.follow(running(matter.held), one.event, one.at)
        if isinstance(one.event, _DECIDED):
            matter.decided_at = one.at

    def _calibration(self, one: Happened) -> None:
        marked = self._markings.setdefault(one.stream, Marked(Calibration()))
        marked.held = evolve_calibration(marked.held, one.event)
        self.markings[marked.held.submission] = marked
        if isinstance(one.event, CalibrationCompleted):
            marked.completed_at = one.at
            if case := self.cases.get(marked.held.submission):
                _spend(case, SECOND, one.event.minutes_spent)

    def _meeting(self, one: Happened) -> None:
        meeting = self._meetings.setdefault(one.stream, _Meeting())
        match one.event:
            case MeetingOpened(present=present):
                meeting.present = len(present)
            case MinutesSigned(minutes_spent=minutes):
                meeting.minutes = minutes

    def _learning(self, one: Happened) -> None:
        match one.event:
            case QuestionnaireSent(case=about):
                self._asked[one.stream] = about
            case QuestionnaireAnswered(role="provider", minutes_spent=minutes):
                if case := self.cases.get(self._asked.get(one.stream, "")):
                    _spend(case, PROVIDER, minutes)


def lighter(event: Any) -> Any:
    """An event as it is folded here: a portfolio is most of what a case holds, and no figure looks into it."""
    return replace(event, answers=(), evidence=()) if isinstance(event, e.PortfolioSubmitted) else event


def _stay(case: Case, before: Submission, one: Happened) -> None:
    """Note that a submission came to another stage, or that what it waited for at the last one is done."""
    stage = case.held.stage
    told = isinstance(one.event, e.ResultReleased)
    if case.stays and case.stays[-1].until is None and (told or stage != case.stays[-1].stage):
        last = case.stays[-1]
        last.until, last.due_at = one.at, before.clock.due_at if before.clock else None
    if stage is not before.stage and stage is not Stage.UNKNOWN:
        case.stays.append(Stay(stage=stage.value, since=one.at))


def _spend(case: Case, role: str, minutes: int) -> None:
    case.minutes[role] = case.minutes.get(role, 0) + minutes
