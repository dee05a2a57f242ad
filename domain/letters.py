"""Which letters are sent when something happens, to whom, and whether one that has waited still has anything to say.

Source: handbook, Letters. It follows from the event and the state of its case alone, so that the same log always comes to
the same letters, each known by an id of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain import accreditation as award
from domain import appeal, complaint, learning
from domain.case_letters import letters_of
from domain.clocks import Deadline, DeadlineMissed, ReminderSent
from domain.ids import MATTERS, derived_id, kind_of
from domain.letter_events import LetterSentNow
from domain.submission import events as e
from domain.submission import side_events as beside
from domain.submission import visit_events as visit
from domain.submission.state import Submission
from domain.tasks import OPERATIONS, Task, named

KINDS: Final = frozenset({"submission", "accreditation", *MATTERS})
"""The kinds of streams about which letters are sent."""

ASSESSOR_ACTS: Final = frozenset(
    {"accept-within", "preview-within", "visit-on-date", "assess-within", "mark-blind-within"}
)
"""The rules whose reminders go to the assessor; those of the others go to the lead contact."""
OPERATIONS_ARE_TOLD: Final = frozenset(
    {
        "portfolio-before-date",
        "screen-within",
        "preview-within",
        "visit-on-date",
        "assess-within",
        "mark-blind-within",
        "moderate-within",
        "review-within",
        "results-within",
        "confirm-within",
        "take-up-concern-within",
        "review-concern-within",
    }
)
"""The rules at whose end operations are told. At the end of any other the case goes on by itself, and nothing is sent."""

STANDARD_OF: Final[Mapping[type[Any], str]] = {
    appeal.AppealAcknowledged: "appeal-acknowledged",
    appeal.AppealAdmitted: "appeal-admitted",
    appeal.AppealNotAdmitted: "appeal-not-admitted",
    appeal.PanelNamed: "appeal-panel",
    appeal.AppealDecided: "appeal-decided",
    appeal.RemedyClosed: "appeal-closed",
    complaint.ComplaintAcknowledged: "complaint-acknowledged",
    complaint.ComplaintAnswered: "complaint-answered",
    complaint.CommitteeFormed: "complaint-committee",
    complaint.ComplaintDecided: "complaint-decided",
    complaint.ComplaintClosed: "complaint-closed",
    learning.QuestionnaireSent: "questionnaire",
}
"""What is told when it happens in a matter, in standard words: see `case_letters` for cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """A letter that is to go to `recipient`: a person's id, that of a concern or complaint from outside, or a role."""

    id: str
    letter: str
    recipient: str


def addressed(stream: str, version: int, event: Any, state: Any) -> list[Addressed]:
    """The letters that event `version` of a stream sends, `state` being what the stream's events up to it make."""
    if kind_of(stream) not in KINDS:
        return []
    if isinstance(event, LetterSentNow):
        return addressed(stream, version, event.planned, state) if event.planned else []
    if isinstance(event, ReminderSent | DeadlineMissed):
        recipient = _reminded(event, state) if isinstance(event, ReminderSent) else told(event.rule, event.about, state)
        [letter] = letters_of(event) if isinstance(event, ReminderSent) else ("overdue",)
        return [Addressed(id=reminder_id(stream, event), letter=letter, recipient=recipient)] if recipient else []
    standard = [STANDARD_OF[type(event)]] if type(event) in STANDARD_OF else []
    return [
        Addressed(id=derived_id("letter", stream, str(version), letter, one), letter=letter, recipient=one)
        for letter in (*standard, *letters_of(event))
        for one in dict.fromkeys(_recipients(event, state))
        if one
    ]


def reminder_id(stream: str, event: ReminderSent | DeadlineMissed) -> str:
    """The id of the letter of a reminder, or of word that a date passed: it is known before the letter is written."""
    planned = event.planned_for.isoformat() if isinstance(event, ReminderSent) else "passed"
    return derived_id("letter", stream, named(event.rule, event.about), event.due_at.isoformat(), planned)


def _recipients(event: Any, state: Any) -> Iterator[str]:
    match event:
        case e.AssessorAssigned(assessor=person) | beside.MarkedBlindBy(second=person):
            yield person
        case award.ConcernAnswered(concern=concern):
            yield state.concerns[concern].raised_by or concern
        case appeal.PanelNamed(chair=chair, panel=panel):
            yield from (chair, *panel)
        case complaint.CommitteeFormed(chair=chair, members=members):
            yield from (chair, *members)
        case learning.QuestionnaireSent(asked=asked):
            yield from (one.person for one in asked)
        case _:
            yield _whose(state)


def _whose(state: Any) -> str:
    """Who hears of what happens: the lead contact of a case, who lodged an appeal, who complained."""
    match state:
        case Submission():
            return state.registration.lead_contact
        case award.Accreditation():
            return state.lead_contact
        case appeal.Appeal():
            return state.lodging.lodged_by
        case complaint.Complaint():
            return state.raised_by or state.id
        case _:
            return ""


def _reminded(event: ReminderSent, state: Any) -> str:
    if task := _task(event.rule, event.about, state):
        return task.who
    if event.rule in ASSESSOR_ACTS and isinstance(state, Submission):
        return (state.marker if event.rule == "mark-blind-within" else state.assessor) or ""
    return _whose(state)


def told(rule: str, about: str, state: Any) -> str:
    """Who is told that a date passed; empty for nobody."""
    if task := _task(rule, about, state):
        return task.told
    return OPERATIONS if rule in OPERATIONS_ARE_TOLD else ""


def _task(rule: str, about: str, state: Any) -> Task | None:
    tasks = getattr(state, "tasks", None)
    return tasks.running.get(named(rule, about)) if tasks else None


def running(state: Any) -> set[tuple[str, datetime]]:
    """The dates that run in a case or matter: the rule of each (of a task with what it is about), and when it is due."""
    if state.over:
        return set()
    found: list[Deadline | None] = []
    match state:
        case Submission():
            found = [state.clock, state.limit, state.results, state.marking]
        case award.Accreditation():
            found = [state.clock, state.asked.clock if state.asked else None]
            found += [one.clock for one in state.concerns.values()]
    tasks = [] if isinstance(state, Submission) else state.tasks.running.values()
    return {(one.rule, one.due_at) for one in found if one} | {(one.name, one.due_at) for one in tasks}


def still_stands(event: Any, then: Any, now: Any) -> bool:
    """Whether the letter of `event` still says what is so, `then` being the state that it was written in.

    What asks for something is overtaken when it was done, or is asked no more; a result when an appeal set it aside. What
    only tells of something that happened is true for good.
    """
    match event:
        case LetterSentNow(planned=planned):
            return still_stands(planned, then, now)
        case ReminderSent() | DeadlineMissed():
            return (named(event.rule, event.about), event.due_at) in running(now)
        case e.AssessorAssigned(assessor=person):
            return bool(now.assessor == person)
        case beside.MarkedBlindBy(second=person):
            return bool(now.marker == person)
        case beside.QuestionAsked(number=number):
            return number not in now.replies and now.stage == then.stage
        case e.EvidenceRequested(clock=clock) | e.PortfolioReturned(clock=clock):
            return (clock.rule, clock.due_at) in running(now)
        case visit.AssessmentBooked(visit_at=visit_at):
            return bool(now.visit_at == visit_at)
        case award.ConfirmationAsked(year=year):
            return now.asked is not None and now.asked.year == year
        case e.ResultReleased() | e.FoundIneligible() | e.FoundOutsideDefinition():
            return len(now.superseded) == len(then.superseded)
        case appeal.PanelNamed() | complaint.CommitteeFormed() | learning.QuestionnaireSent():
            return not now.over
        case _:
            return True
