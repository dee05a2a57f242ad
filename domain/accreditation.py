"""An accreditation: validity from start to end to the second, reminders before the end, renewal, lapse.

Source: handbook, sections 9 to 11.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from domain.clocks import Deadline, Due, ReminderSent, next_reminder, reminder_due, reminder_key
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.states import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationAwarded:
    """A programme was accredited from `starts_at` until `ends_at` (UTC; the end itself no longer counts)."""

    accreditation: str
    submission: str
    provider: str
    lead_contact: str
    scheme: str
    level: str
    category: str
    subject: str
    phase: str
    starts_at: datetime
    ends_at: datetime
    clock: Deadline
    strengths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationRenewed:
    """The award was earned again by `submission`, for a further period."""

    submission: str
    scheme: str
    level: str
    starts_at: datetime
    ends_at: datetime
    clock: Deadline
    strengths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccreditationLapsed:
    """Validity ended at `ended_at` because the award was not earned again in time."""

    ended_at: datetime


AccreditationEvent = AccreditationAwarded | AccreditationRenewed | AccreditationLapsed | ReminderSent


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period of validity, and the submission that earned it. `ends_at` no longer belongs to it."""

    submission: str
    level: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Accreditation:
    """The state of an accreditation's stream."""

    id: str = ""
    provider: str = ""
    lead_contact: str = ""
    scheme: str = ""
    periods: tuple[Period, ...] = ()
    clock: Deadline | None = None
    reminders: frozenset[tuple[str, datetime, datetime]] = frozenset()
    lapsed: bool = False

    def valid_on(self, at: datetime) -> bool:
        """Was the programme accredited at this instant? From the periods alone, whenever anyone got to recording the end."""
        return any(period.starts_at <= at < period.ends_at for period in self.periods)


def evolve(accreditation: Accreditation, event: AccreditationEvent) -> Accreditation:
    """Apply one event."""
    match event:
        case AccreditationAwarded() | AccreditationRenewed():
            period = Period(
                submission=event.submission, level=event.level, starts_at=event.starts_at, ends_at=event.ends_at
            )
            later = replace(
                accreditation,
                scheme=event.scheme,
                periods=(*accreditation.periods, period),
                clock=event.clock,
                lapsed=False,
            )
            if isinstance(event, AccreditationRenewed):
                return later
            return replace(later, id=event.accreditation, provider=event.provider, lead_contact=event.lead_contact)
        case AccreditationLapsed():
            return replace(accreditation, lapsed=True, clock=None)
        case ReminderSent():
            return replace(accreditation, reminders=accreditation.reminders | {reminder_key(event)})
        case _:
            assert_never(event)


def award(
    accreditation: Accreditation,
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
    decided_at: datetime,
    strengths: tuple[str, ...],
) -> list[AccreditationEvent]:
    """Accredit a programme for the scheme's length of validity, from the decision on."""
    if accreditation.id:
        return []
    ends_at, clock = _validity(scheme, decided_at)
    return [
        AccreditationAwarded(
            accreditation=id,
            submission=submission,
            provider=provider,
            lead_contact=lead_contact,
            scheme=scheme.ref,
            level=level,
            category=category,
            subject=subject,
            phase=phase,
            starts_at=decided_at,
            ends_at=ends_at,
            clock=clock,
            strengths=strengths,
        )
    ]


def renew(
    accreditation: Accreditation,
    *,
    submission: str,
    scheme: Scheme,
    level: str,
    decided_at: datetime,
    strengths: tuple[str, ...],
) -> list[AccreditationEvent]:
    """Accredit again: from the end of the running period, or from the decision where that came after the end."""
    require_accreditation(accreditation)
    if any(period.submission == submission for period in accreditation.periods):
        return []
    starts_at = max(decided_at, accreditation.periods[-1].ends_at)
    ends_at, clock = _validity(scheme, starts_at)
    return [
        AccreditationRenewed(
            submission=submission,
            scheme=scheme.ref,
            level=level,
            starts_at=starts_at,
            ends_at=ends_at,
            clock=clock,
            strengths=strengths,
        )
    ]


def lapse(accreditation: Accreditation, *, at: datetime) -> list[AccreditationEvent]:
    """Record that validity ended, to the second, however late this is noticed. Nothing before the end."""
    require_accreditation(accreditation)
    ends_at = accreditation.periods[-1].ends_at
    if accreditation.lapsed or at < ends_at:
        return []
    return [AccreditationLapsed(ended_at=ends_at)]


def remind(accreditation: Accreditation, *, at: datetime, last_window: str | None) -> list[AccreditationEvent]:
    """Send the reminder of the coming end that is due at `at`, if one is; it names the last window still of use."""
    if accreditation.clock is None:
        return []
    return list(reminder_due(accreditation.clock, accreditation.reminders, at, last_window))


def due_next(accreditation: Accreditation, *, at: datetime) -> Due | None:
    """The next thing the clock does, as seen at `at`: a reminder of the coming end, then the lapse. None once lapsed."""
    if accreditation.clock is None:
        return None
    reminder = next_reminder(accreditation.clock, accreditation.reminders, at)
    if reminder and reminder < accreditation.clock.due_at:
        return Due(step="remind_of_end", at=reminder)
    return Due(step="lapse_award", at=accreditation.clock.due_at)


def require_accreditation(accreditation: Accreditation) -> None:
    """Refuse an accreditation that does not exist."""
    if not accreditation.id:
        raise refuse(
            "known-accreditation", "there is no such accreditation", field="accreditation", allowed="the id of an award"
        )


def _validity(scheme: Scheme, starts_at: datetime) -> tuple[datetime, Deadline]:
    ends_at = scheme.calendar.after(starts_at, scheme.clocks.validity)
    remind_at = scheme.reminders(starts_at, ends_at, scheme.clocks.remind_validity)
    return ends_at, Deadline(rule="earn-again-before-end", due_at=ends_at, remind_at=remind_at)
