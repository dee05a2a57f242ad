"""What can happen on the booked route: dates, the preview of a portfolio, and the visit.

Source: handbook, sections 3 and 5 (schemes with a booked date or a visit).
"""

from dataclasses import dataclass
from datetime import datetime

from domain.clocks import Deadline
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentBooked:
    """The assessment, with its visit where the scheme has one, was booked for `visit_at`; a `provisional` date binds nobody.

    `clock` is the deadline that runs from now on because of it, None where it changes none.
    """

    visit_at: datetime
    provisional: bool
    clock: Deadline | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingGivenUp:
    """The portfolio was not in by its date, so that the booked one is free again; `clock` is the limit to submit."""

    visit_at: datetime
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPassed:
    """The finished portfolio was seen ahead of the visit, and is fit for it; `clock` is the deadline that runs from now on."""

    clock: Deadline | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewAlerted:
    """Seen ahead of the visit, the portfolio was too weak for it: more time is recommended, and another date needed.

    `clock` is the new limit to submit.
    """

    reason: TextRef
    clock: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMet:
    """A group of people that the visit will not meet, though the scheme names it, and why."""

    group: str
    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleToMeetAgreed:
    """It was agreed which groups of people the visit meets, and why not the others that the scheme names."""

    groups: tuple[str, ...]
    left_out: tuple[NotMet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitHeld:
    """The assessor visited, met these groups, and shared a recommendation: a level of award, or None for no award."""

    assessor: str
    met: tuple[str, ...]
    minutes_spent: int
    recommendation: str | None
    clock: Deadline


VisitEvent = AssessmentBooked | BookingGivenUp | PreviewPassed | PreviewAlerted | PeopleToMeetAgreed | VisitHeld
