"""What a letter says, from the event that sends it and the state of its case then: the values of its placeholders.

Typed texts are not among them but for the programme's title and an answer to somebody who has no page to read it on: what
people wrote is read where it is known who reads it. Source: docs/decisions/0023.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from domain import accreditation as award
from domain import appeal, complaint
from domain.clocks import Deadline, DeadlineMissed, ReminderSent
from domain.letter_events import LetterSentNow
from domain.scheme import Scheme
from domain.scheme_record import RequirementsChanged
from domain.submission import events as e
from domain.submission import side_events as beside
from domain.submission import visit_events as visit
from domain.submission.state import Submission
from projections.words import listed, money, plain, task

Shown = Callable[[datetime], str]
"""Shows an instant (UTC) on the wall clock that the letter goes by."""


def facts(event: Any, at: datetime, state: Any, scheme: Scheme | None, shown: Shown) -> dict[str, str]:
    """The values of the placeholders that come of the event itself; `at` is when it held, `state` the case's after it."""
    if isinstance(event, LetterSentNow):
        return facts(event.planned, at, state, scheme, shown)
    return dict(_said(event, at, state, scheme, shown))


def answer_in(event: Any) -> str:
    """The id of the text that the letter of an event has in it, empty where there is none."""
    match event:
        case award.ConcernAnswered(text=text) | complaint.ComplaintAnswered(reason=text):
            return text.id
        case complaint.ComplaintDecided(reason=text):
            return text.id
        case _:
            return ""


def window_in(event: Any) -> str:
    """The id of the window that a reminder names, empty where it names none."""
    planned = event.planned if isinstance(event, LetterSentNow) else event
    return (planned.last_window or "") if isinstance(planned, ReminderSent) else ""


def programme_of(state: Any) -> str:
    """The submission whose title names the programme of a case, empty where it is no case."""
    match state:
        case Submission():
            return state.id
        case award.Accreditation() if state.earned:
            return next(iter(state.earned))
        case _:
            return ""


def _said(event: Any, at: datetime, state: Any, scheme: Scheme | None, shown: Shown) -> Iterator[tuple[str, str]]:
    clock = getattr(event, "clock", None)
    if isinstance(clock, Deadline):
        yield "deadline", shown(clock.due_at)
    elif sets := getattr(event, "sets", ()):
        yield "deadline", shown(min(one.due_at for one in sets))
    if scheme and isinstance(event, _CONTESTABLE):
        yield "appeal_by", shown(scheme.calendar.due(at, scheme.assurance.appeals.lodge_within))
    for part in (_of_submission, _of_award, _of_matter):
        yield from part(event, at, state, scheme, shown)
    for kind, field in _FROM.items():
        if isinstance(event, kind):
            since: datetime = getattr(event, field)
            level = getattr(event, "level", None) or state.level_on(since)
            yield from (("date", shown(since)), ("level", plain(level or "none")))


def _of_submission(
    event: Any, at: datetime, state: Any, scheme: Scheme | None, shown: Shown
) -> Iterator[tuple[str, str]]:
    del at
    match event:
        case ReminderSent() | DeadlineMissed():
            yield from (("task", task(event.rule)), ("deadline", shown(event.due_at)))
        case beside.LimitStopped():
            yield "deadline", "standing still until a window has a place for it"
        case e.FeeCharged():
            yield from (("fee", plain(event.kind)), ("amount", money(event.amount, event.currency)))
        case e.FeeWaived():
            yield "fee", plain(event.kind)
        case beside.FeeRefunded():
            yield from (
                ("fee", plain(event.kind)),
                ("amount", money(event.amount, scheme.fees.currency if scheme else "")),
            )
        case visit.AssessmentBooked() | visit.BookingGivenUp():
            yield "date", shown(event.visit_at)
        case beside.MarkedBlindBy() if event.marking:
            yield "deadline", shown(event.marking.due_at)
        case beside.QuestionAsked():
            yield "number", str(event.number)
        case e.EvidenceRequested():
            yield "criteria", listed(event.criteria)
        case e.ResultReleased():
            yield "outcome", plain(event.outcome)
            if state.outcome:
                yield from (("level", plain(state.outcome.level or "none")), ("criteria", listed(state.outcome.unmet)))
        case e.SubmissionLapsed():
            yield "date", shown(event.due_at)


def _of_award(event: Any, at: datetime, state: Any, scheme: Scheme | None, shown: Shown) -> Iterator[tuple[str, str]]:
    del scheme
    match event:
        case award.AccreditationLapsed():
            yield "date", shown(event.ended_at)
        case award.CertificateIssued():
            yield from (("year", str(event.year)), ("from", shown(event.starts_at)), ("until", shown(event.ends_at)))
        case award.ConfirmationAsked():
            yield "year", str(event.year)
        case award.ConfirmationMissed():
            yield from (("year", str(event.year)), ("date", shown(event.due_at)))
        case RequirementsChanged():
            yield "version", event.scheme
        case award.AwardConfirmed():
            yield "level", plain(state.level_on(at) or "none")


def _of_matter(event: Any, at: datetime, state: Any, scheme: Scheme | None, shown: Shown) -> Iterator[tuple[str, str]]:
    del at, state, scheme, shown
    match event:
        case appeal.AppealDecided():
            yield "outcome", plain(event.outcome)
        case complaint.ComplaintAnswered() | complaint.ComplaintDecided():
            yield "outcome", plain(event.outcome)


_CONTESTABLE = (
    e.ResultReleased,
    e.FoundIneligible,
    e.FoundOutsideDefinition,
    award.AccreditationSuspended,
    award.AccreditationReduced,
    award.AccreditationWithdrawn,
)
_FROM = {
    award.AccreditationSuspended: "suspended_from",
    award.AccreditationReinstated: "reinstated_from",
    award.AccreditationReduced: "reduced_from",
    award.AccreditationWithdrawn: "withdrawn_from",
    award.AwardCorrected: "corrected_from",
    award.AwardAnnulled: "annulled_from",
    award.ReductionUndone: "undone_from",
    award.WithdrawalLifted: "lifted_from",
}
"""From when on something holds, by the event that says so."""
