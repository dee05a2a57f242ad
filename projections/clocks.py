"""Which clocks of a submission or an accreditation run after each event; the same rules as the domain's own states.

Beside the clock of its stage a case has others, each in a lane of its own: a blind marking, an award's years to confirm, and
the concerns about it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from domain.accreditation import (
    AccreditationImported,
    AccreditationLapsed,
    AccreditationUpgraded,
    AccreditationWithdrawn,
    AwardAnnulled,
    ConcernRaised,
    ConcernReopened,
    ConfirmationAsked,
    ConfirmationMissed,
    ReviewConcluded,
    ReviewerRelieved,
    ReviewOpened,
    ReviewReplaced,
    WithdrawalLifted,
    YearConfirmed,
)
from domain.clocks import Deadline, ReminderSent
from domain.provider import LeadContactNamed
from domain.submission import events as e
from domain.submission.booking import PORTFOLIO
from domain.submission.remedy_events import AssessmentSetAside, DecisionReplaced, ModerationSetAside
from domain.submission.side_events import BlindMarkingEnded, LimitStopped, MarkedBlindBy

RESULTS: Final = "results-within"
"""The rule of the clock for the result, which runs beside the one of the stage."""

_STOPS: Final = frozenset(
    {
        e.SubmissionLapsed,
        LimitStopped,
        e.PortfolioSubmitted,
        e.ScreeningPassed,
        e.FoundIneligible,
        e.AssignmentEnded,
        e.EvidenceProvided,
        e.EvidenceNotProvided,
        AccreditationLapsed,
        AccreditationWithdrawn,
        YearConfirmed,
        ConfirmationMissed,
        ReviewConcluded,
        ReviewReplaced,
        AssessmentSetAside,
        DecisionReplaced,
    }
)
_MARKING: Final = (MarkedBlindBy, BlindMarkingEnded)
_BACK_TO_RESULTS: Final = frozenset({e.FinalReviewConcluded, e.DecisionRecorded})


class Clocked(Protocol):
    """A row with the clock of the stage (its rule, when it is due, when reminders are still to go out) and of the result."""

    rule: str | None
    due_at: datetime | None
    remind_at: list[datetime]
    results_due: datetime | None


class Lane(Clocked, Protocol):
    """A clock with the ids of who has to act when it runs: the case's lead contact, or its assessor."""

    lead_contact: str
    assessor: str | None


L = TypeVar("L", bound=Lane)


def turned(case: Mapping[str, L], event: Any, lane: Callable[[str], L]) -> list[L]:
    """Return the clocks of a case, by lane, that an event turns; `lane` gives one by name, new where there is none yet."""
    match event:
        case ConfirmationAsked():
            _stop_years(case)  # a request takes the place of one still running, which an outage had held up
            return [lane(f"year-{event.year}")]
        case YearConfirmed() | ConfirmationMissed():
            return [lane(f"year-{event.year}")]
        case (
            ConcernRaised()
            | ReviewOpened()
            | ReviewerRelieved()
            | ReviewConcluded()
            | ReviewReplaced()
            | ConcernReopened()
        ):
            return [lane(event.concern)]
        case AccreditationUpgraded() | AccreditationLapsed() | AwardAnnulled():
            _stop_years(case)
            return [case[""]]
        case MarkedBlindBy() | BlindMarkingEnded():
            return [lane("marking")]
        case AccreditationWithdrawn() | e.SubmissionWithdrawn() | e.FoundOutsideDefinition() | e.ResultReleased():
            return list(case.values())
        case LeadContactNamed():
            return list(case.values())
        case _:
            return [case[""]]


def turn_lane(row: Lane, event: Any) -> None:
    """Change one of a case's clocks as `event` does, with who has to act."""
    turn(row, event)
    row.lead_contact = getattr(event, "lead_contact", row.lead_contact)
    row.assessor = getattr(event, "assessor", row.assessor)
    if isinstance(event, _MARKING):
        _run(row, None)
        if isinstance(event, MarkedBlindBy) and event.marking:
            row.assessor = event.second
            _run(row, event.marking)


def _stop_years(case: Mapping[str, Lane]) -> None:
    for name, clock in case.items():
        if name.startswith("year-"):
            stop(clock)


def turn(row: Clocked, event: Any) -> None:
    """Change the clocks of `row` as `event` does."""
    kind = type(event)
    if kind is ReminderSent:
        if (row.rule, row.due_at) == (event.rule, event.due_at):
            row.remind_at = [moment for moment in row.remind_at if moment > event.planned_for]
    elif kind is e.ModerationStarted:
        row.results_due = event.results.due_at
        _run(row, event.results)
    elif kind is e.EvidenceRequested:
        row.results_due = None
        _run(row, event.clock)
    elif kind is e.FinalReviewOpened:
        row.results_due = event.results.due_at
        _run(row, event.clock)
    elif kind in _BACK_TO_RESULTS:
        _run(row, Deadline(rule=RESULTS, due_at=row.results_due) if row.results_due else None)
    elif kind in (e.SubmissionWithdrawn, e.ResultReleased, e.FoundOutsideDefinition):
        row.results_due = None
        _run(row, None)
    elif kind in (AwardAnnulled, WithdrawalLifted):
        _run(row, event.clock)
    elif kind in (e.ItemAdjourned, ModerationSetAside):
        row.results_due = None
        _run(row, event.clock)
    elif kind is e.PreparationExtended and row.rule == PORTFOLIO:
        pass  # the earlier date that a booking set runs on before the limit
    elif kind in _STOPS or (kind is AccreditationImported and event.over):
        _run(row, None)
    elif clock := getattr(event, "clock", None):
        _run(row, clock)


def stop(row: Clocked) -> None:
    """Stop the clock of `row`; that for the result goes on."""
    _run(row, None)


def _run(row: Clocked, clock: Deadline | None) -> None:
    row.rule = clock.rule if clock else None
    row.due_at = clock.due_at if clock else None
    row.remind_at = list(clock.remind_at) if clock else []
