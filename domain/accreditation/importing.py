"""An award that was made before the body kept its record here: it begins in the past, and its clocks run from then.

What is due is due; what is over is over at once: of what lies behind nobody is reminded, and nobody is told.
Source: handbook, Importing.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.accreditation import events as e
from domain.accreditation.confirmation import certificates_due, years_of
from domain.accreditation.state import Accreditation, evolve
from domain.accreditation.validity import Suspension
from domain.clocks import Deadline
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened to an award before it came here (UTC). `ends_at` None: as long as the scheme says.

    Up to the year `confirmed_to` all years were confirmed. A suspension that lasts has no `reinstated_at`.
    """

    starts_at: datetime
    ends_at: datetime | None = None
    confirmed_to: int = 1
    suspended_at: datetime | None = None
    reinstated_at: datetime | None = None
    withdrawn_at: datetime | None = None


def import_award(
    *,
    id: str,
    submission: str,
    provider: str,
    lead_contact: str,
    scheme: Scheme,
    level: str,
    category: str,
    subject: str,
    phase: str,
    strengths: tuple[str, ...],
    past: Past,
    concern: str,
    scope: TextRef | None,
    at: datetime,
) -> e.AccreditationImported:
    """Take over an award as it stands at `at` (UTC); `concern` is the one under which a suspension can be reviewed here."""
    starts_at = past.starts_at
    ends_at = past.ends_at or scheme.calendar.after(starts_at, scheme.clocks.validity)
    years = years_of(scheme, starts_at, starts_at, ends_at)
    _require_order(past, ends_at, len(years), at)
    ahead = () if past.withdrawn_at else scheme.reminders(starts_at, ends_at, scheme.clocks.remind_validity)
    clock = Deadline(rule="earn-again-before-end", due_at=ends_at, remind_at=tuple(one for one in ahead if one > at))
    suspended = [past.suspended_at] if past.suspended_at else []

    def imported(certificates: tuple[e.CertificateIssued, ...], *, whole: bool) -> e.AccreditationImported:
        return e.AccreditationImported(
            accreditation=id,
            submission=submission,
            provider=provider,
            lead_contact=lead_contact,
            scheme=scheme.ref,
            level=level,
            category=category,
            subject=subject,
            phase=phase,
            starts_at=starts_at,
            ends_at=ends_at,
            clock=clock,
            strengths=strengths,
            years=years,
            confirmed=tuple(range(2, past.confirmed_to + 1)),
            certificates=certificates,
            suspended=tuple(
                Suspension(concern=concern, starts_at=one, ends_at=past.reinstated_at) for one in suspended if whole
            ),
            withdrawn_from=past.withdrawn_at if whole else None,
            lapsed=whole and past.withdrawn_at is None and ends_at <= at,
            scope=scope,
        )

    held = evolve(Accreditation(), imported((), whole=False))
    issued = [one for one in certificates_due(held, at=starts_at) if isinstance(one, e.CertificateIssued)]
    return imported(tuple(issued), whole=True)


def _require_order(past: Past, ends_at: datetime, years: int, at: datetime) -> None:
    """Refuse what can't have been: an end before the start, something to come, a suspension or a withdrawal outside of it."""
    if past.starts_at > at:
        raise refuse("past-awards", "it has not begun yet", field="starts_on", allowed="a day that has been")
    if ends_at <= past.starts_at:
        raise refuse("past-awards", "it ends before it begins", field="ends_on", allowed="a day behind starts_on")
    end = min(ends_at, at)
    for field, moment in (("suspended_on", past.suspended_at), ("withdrawn_on", past.withdrawn_at)):
        if moment is not None and not past.starts_at <= moment <= end:
            raise refuse(
                "past-awards",
                "that is not within its validity",
                field=field,
                allowed="a day of its validity that has been",
            )
    if past.reinstated_at is not None:
        if past.suspended_at is None:
            raise refuse(
                "past-awards", "it was not suspended", field="reinstated_on", allowed="suspended_on as well, or nothing"
            )
        if not past.suspended_at < past.reinstated_at <= at:
            raise refuse(
                "past-awards",
                "that is not behind the day on which it was suspended, or still to come",
                field="reinstated_on",
                allowed="a later day that has been, or nothing while it lasts",
            )
    if past.confirmed_to > years:
        allowed = f"a number from 1 to {years}"
        raise refuse("past-awards", f"it has no year {past.confirmed_to}", field="confirmed_to", allowed=allowed)
