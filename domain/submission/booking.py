"""The booked route: there are no windows, a provider books the date of its assessment when it is ready.

Source: handbook, section 3 (schemes with a booked date). The portfolio is in by that date, or as long before it as the scheme
wants to see it ahead; a provisional date, where the scheme has them, binds nobody until it is confirmed.
"""

from datetime import datetime

from domain.clocks import Deadline, DeadlineMissed, Duration
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.submission import events as e
from domain.submission import visit_events as v
from domain.submission.state import Stage, Submission, require_registered, wrong_stage

PORTFOLIO = "portfolio-before-date"
PREVIEW = "preview-within"
VISIT = "visit-on-date"
BEFORE_SUBMISSION = (Stage.REGISTERED, Stage.PREPARING)
BOOKABLE = (*BEFORE_SUBMISSION, Stage.SUBMITTED, Stage.SCREENING, Stage.RETURNED, Stage.IN_ASSESSMENT)
ONE_WORKING_DAY = Duration(text="1 working day", working_days=1)
"""How long after a visit it is to be on record."""


def require_route(scheme: Scheme, kind: str) -> None:
    """Refuse what belongs to the other way to an assessment: a window where dates are booked, or a date where there are windows."""
    if scheme.route.kind != kind:
        booked = scheme.route.kind == "booked"
        raise refuse(
            "scheme-route",
            f"under {scheme.ref} a provider {'books a date' if booked else 'submits in a window'}",
            field="visit_at" if kind == "booked" else "window",
            allowed="booking a date, and no window" if booked else "submitting in a window",
        )


def portfolio_due(scheme: Scheme, visit_at: datetime) -> datetime:
    """When the portfolio has to be in for an assessment on that date (UTC)."""
    ahead = scheme.route.preview_before
    return scheme.calendar.before(visit_at, ahead) if ahead else visit_at


def book(
    case: Submission, *, visit_at: datetime, scheme: Scheme, provisional: bool = False, at: datetime
) -> list[e.SubmissionEvent]:
    """Book a date, confirm a provisional one, or take another instead."""
    require_route(scheme, "booked")
    require_registered(case)
    if (case.visit_at, case.provisional) == (visit_at, provisional):
        return []
    if case.stage not in BOOKABLE or case.visit:
        raise wrong_stage(case, "booking a date", Stage.PREPARING, Stage.IN_ASSESSMENT)
    if provisional:
        _require_may_be_provisional(case, scheme)
    confirms = case.provisional and case.visit_at == visit_at
    earliest = scheme.calendar.after(at, scheme.route.earliest_booking) if scheme.route.earliest_booking else at
    if visit_at < earliest and not confirms:  # it was far enough ahead when it was agreed
        raise refuse(
            "earliest-booking",
            f"{visit_at.isoformat()} is too soon",
            field="visit_at",
            allowed=f"from {earliest.isoformat()}",
        )
    if case.stage in BEFORE_SUBMISSION:
        _require_within_limit(case, scheme, visit_at, at)
    clock = None if provisional else _clock(case, scheme, visit_at, at)
    return [v.AssessmentBooked(visit_at=visit_at, provisional=provisional, clock=clock)]


def _require_may_be_provisional(case: Submission, scheme: Scheme) -> None:
    if not scheme.route.provisional:
        raise refuse(
            "provisional-date",
            f"{scheme.ref} has no provisional dates",
            field="provisional",
            allowed="booking the date itself",
        )
    if case.visit_at and not case.provisional:
        raise refuse(
            "provisional-date",
            f"the assessment is booked for {case.visit_at.isoformat()} already",
            field="provisional",
            allowed="booking another date instead",
        )


def _require_within_limit(case: Submission, scheme: Scheme, visit_at: datetime, at: datetime) -> None:
    due = portfolio_due(scheme, visit_at)
    limit = case.submit_by
    if not at < due <= limit.due_at:
        raise refuse(
            "booking-within-limit",
            f"the portfolio would be due at {due.isoformat()}",
            field="visit_at",
            allowed=f"a date for which it is due by {limit.due_at.isoformat()} and still to come; or an extension first",
        )


def _clock(case: Submission, scheme: Scheme, visit_at: datetime, at: datetime) -> Deadline | None:
    """The deadline that a confirmed date sets: for the portfolio, or for the work of an assessor who has begun."""
    if case.stage in BEFORE_SUBMISSION:
        due = portfolio_due(scheme, visit_at)
        return Deadline(rule=PORTFOLIO, due_at=due, remind_at=scheme.reminders(at, due, scheme.clocks.remind_submit))
    if case.stage is Stage.IN_ASSESSMENT and case.accepted:
        return work_clock(case, scheme, visit_at=visit_at, at=at)
    return None


def give_up(case: Submission, *, at: datetime) -> list[e.SubmissionEvent]:
    """Give a date up for which the portfolio was not in; the limit to submit runs on, and operations are told."""
    due, limit = case.clock, case.submit_by
    if case.visit_at is None or due is None or due.rule != PORTFOLIO or at < due.due_at:
        return []
    ahead = tuple(moment for moment in limit.remind_at if moment > at)  # those that the earlier date stood for are over
    rest = Deadline(rule=limit.rule, due_at=limit.due_at, remind_at=ahead)
    return [
        DeadlineMissed(rule=due.rule, due_at=due.due_at),
        v.BookingGivenUp(visit_at=case.visit_at, clock=rest),
    ]


def require_date(case: Submission, *, scheme: Scheme, at: datetime) -> None:
    """Refuse a portfolio for which no date is booked, or that is too late for it; what was returned has a date of its own."""
    if case.visit_at is None or case.provisional:
        raise refuse(
            "date-before-portfolio",
            "the date of the assessment is only provisional" if case.visit_at else "no date of assessment is booked",
            field="submission",
            allowed="confirming or booking a date first",
        )
    due = portfolio_due(scheme, case.visit_at)
    if case.stage is not Stage.RETURNED and at > due:
        raise refuse(
            PORTFOLIO,
            f"for the date booked the portfolio was due at {due.isoformat()}",
            field="submission",
            allowed="booking a later date first",
        )


def work_clock(case: Submission, scheme: Scheme, *, visit_at: datetime | None = None, at: datetime) -> Deadline:
    """The deadline of an assessor who has taken the work on: the preview, then the visit, or else the assessment.

    An assessment on a booked date has its time from that date, and so has the record of a visit.
    """
    route, clocks = scheme.route, scheme.clocks
    begins = max(visit_at or case.visit_at or at, at)
    if route.preview_before and not case.previewed:
        # A look whether it is fit to go on, as screening is, and as long; in any case before the visit.
        return Deadline(rule=PREVIEW, due_at=min(scheme.calendar.due(at, clocks.screen_within), begins))
    if route.visit and case.visit is None:
        due = scheme.calendar.due(begins, ONE_WORKING_DAY)
        return Deadline(rule=VISIT, due_at=due, remind_at=scheme.reminders(at, begins, clocks.remind_assess))
    due = scheme.calendar.due(begins, clocks.assess_within)
    return Deadline(rule="assess-within", due_at=due, remind_at=scheme.reminders(at, due, clocks.remind_assess))
