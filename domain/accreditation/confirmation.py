"""A certificate for each year, the later ones only once the provider confirmed that year, or one for the whole period.

Source: handbook, sections 9 and 10. A year may be confirmed late; its certificate then begins with that day, as does one
that a suspension held up.
"""

from datetime import datetime

from domain.accreditation import events as e
from domain.accreditation.state import Accreditation, evolve, require_accreditation, require_running
from domain.clocks import Deadline, DeadlineMissed, Duration, reminder_due
from domain.person import Person, require_no_conflict
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.tasks import named, set_task
from domain.texts import TextRef

CONFIRM = "confirm-within"
"""The rule of the clock of a confirmation."""
LOOK = "look-at-change-within"
"""The rule of the task to look at a notified change; about the id of its text."""
RESULTS = ("noted", "review")
OFFICER = "officer"
MANAGER = "quality-manager"


def years_of(scheme: Scheme, counts_from: datetime, starts_at: datetime, ends_at: datetime) -> tuple[e.Year, ...]:
    """The years of a period that have a certificate each; the last one ends with the period.

    Each is asked about the scheme's `confirm_within` before it begins, and is to be confirmed when it begins. Where the
    scheme has no yearly certificates, one is for the whole period, and nothing is asked.
    """
    if scheme.annual is None:
        return (e.Year(starts_at=starts_at, ends_at=ends_at, ask_at=None),)
    calendar, number = scheme.calendar, scheme.annual.certificates
    bounds = [starts_at]
    for year in range(1, number):
        begins = calendar.after(counts_from, Duration(text=f"P{year}Y", months=12 * year))
        if bounds[-1] < begins < ends_at:
            bounds.append(begins)
    return tuple(
        e.Year(
            starts_at=begins,
            ends_at=until,
            ask_at=max(calendar.before(begins, scheme.annual.confirm_within), bounds[place - 1]) if place else None,
        )
        for place, (begins, until) in enumerate(zip(bounds, [*bounds[1:], ends_at], strict=True))
    )


def certificates_due(
    award: Accreditation, *, at: datetime, decided_at: datetime | None = None
) -> list[e.AccreditationEvent]:
    """Issue the certificates that are earned and not yet issued: none while suspended, none for what is over.

    They are for the time from `at` on, or from a decision that is only noted at `at`.
    """
    since = decided_at or at
    if award.withdrawn_at is not None or award.suspended_on(at):
        return []
    issued = {one.year for one in award.certificates}
    return [
        e.CertificateIssued(year=number, starts_at=max(year.starts_at, since), ends_at=year.ends_at)
        for number, year in enumerate(award.years, 1)
        if number not in issued
        and (year.ask_at is None or number in award.confirmed)
        and max(year.starts_at, since) < year.ends_at
    ]


def ask_confirmation(award: Accreditation, *, scheme: Scheme, at: datetime) -> list[e.AccreditationEvent]:
    """Ask the provider to confirm the next year. Asked only when it has begun, as after an outage, it has as long as ever."""
    number = year_to_ask(award, at)
    if number is None or scheme.annual is None or award.lapsed or award.withdrawn_at is not None:
        return []
    year = award.years[number - 1]
    if year.ask_at is None or at < year.ask_at:
        return []
    due_at = year.starts_at if at < year.starts_at else scheme.calendar.due(at, scheme.annual.confirm_within)
    remind_at = scheme.reminders(at, due_at, scheme.annual.remind_confirm)
    return [e.ConfirmationAsked(year=number, clock=Deadline(rule=CONFIRM, due_at=due_at, remind_at=remind_at))]


def year_to_ask(award: Accreditation, at: datetime) -> int | None:
    """The first year not over at `at` that its provider has neither confirmed nor been asked to; one is asked at a time."""
    if award.asked is not None:
        return None
    for number, year in enumerate(award.years, 1):
        dealt_with = number in award.asked_years or number in award.confirmed
        if year.ask_at is not None and not dealt_with and max(year.starts_at, at) < year.ends_at:
            return number
    return None


def remind_to_confirm(award: Accreditation, *, at: datetime) -> list[e.AccreditationEvent]:
    """Send the reminder to confirm that is due at `at`, if one is."""
    return [] if award.asked is None else list(reminder_due(award.asked.clock, award.reminders, at))


def confirm_year(award: Accreditation, *, year: int, statement: TextRef, at: datetime) -> list[e.AccreditationEvent]:
    """Confirm a year, from when it is asked about until it ends; its certificate is issued unless the award is suspended."""
    require_running(award, "confirming a year", at)
    if year in award.confirmed:
        return []
    open_years = [
        number
        for number, one in enumerate(award.years, 1)
        if one.ask_at is not None and one.ask_at <= at < one.ends_at and one.starts_at < one.ends_at
    ]
    if year not in open_years:
        allowed = ", ".join(map(str, open_years)) or "none at this time"
        raise refuse("confirm-year", f"year {year} is not to be confirmed now", field="year", allowed=allowed)
    confirmed = e.YearConfirmed(year=year, statement=statement)
    return [confirmed, *certificates_due(evolve(award, confirmed), at=at)]


def miss_confirmation(award: Accreditation, *, at: datetime) -> list[e.AccreditationEvent]:
    """Note that a year was not confirmed in time, so that its certificate is withheld, and tell operations."""
    if award.asked is None or at < award.asked.clock.due_at:
        return []
    clock = award.asked.clock
    return [
        e.ConfirmationMissed(year=award.asked.year, due_at=clock.due_at),
        DeadlineMissed(rule=clock.rule, due_at=clock.due_at),
    ]


def notify_change(
    award: Accreditation, *, text: TextRef, criteria: tuple[str, ...], scheme: Scheme, at: datetime
) -> list[e.AccreditationEvent]:
    """Tell of a change; the criteria that it touches are judged again when the award is to be earned again."""
    require_running(award, "notifying a change", at)
    unknown = [code for code in criteria if code not in scheme.criteria]
    if unknown:
        raise refuse(
            "scheme-criteria",
            f"{', '.join(unknown)}: no criteria of {scheme.ref}",
            field="criteria",
            allowed=", ".join(scheme.criteria),
        )
    task = set_task(
        LOOK,
        about=text.id,
        who=OFFICER,
        start=at,
        within=scheme.change_looked_at,
        calendar=scheme.calendar,
        remind=scheme.remind_answer,
        told=MANAGER,
    )
    return [e.ChangeNotified(text=text, criteria=criteria, sets=(task,))]


def changes_waiting(award: Accreditation) -> tuple[str, ...]:
    """The names of the tasks to look at changes, which nobody has to once the award is over."""
    return tuple(name for name, one in award.tasks.running.items() if one.rule == LOOK)


def look_at_change(
    award: Accreditation, *, change: str, by: Person, result: str, reason: TextRef
) -> list[e.AccreditationEvent]:
    """Say what a notified change calls for: it is `noted`, or the award is to be reviewed. By an officer without a conflict.

    The concern that a review begins with is raised with it, so that somebody else decides it.
    """
    require_accreditation(award)
    require_no_conflict(by, award.provider, case=award.id, roles=(OFFICER,))
    if result not in RESULTS:
        raise refuse("change-results", f"{result!r} is no result", field="result", allowed=", ".join(RESULTS))
    name = named(LOOK, change)
    if name not in award.tasks.running:
        waiting = [one.about for one in award.tasks.running.values() if one.rule == LOOK]
        raise refuse(
            "known-change",
            "no such change waits for somebody to look at it",
            field="change",
            allowed=", ".join(waiting) or "nothing; none was notified that waits",
        )
    return [e.ChangeLookedAt(change=change, by=by.id, result=result, reason=reason, ends=(name,))]
