"""Validity is earned, earned again or at a higher level, carried on while that is decided, and ends to the second.

Source: handbook, sections 9 and 11.
"""

from collections.abc import Collection
from datetime import datetime

from domain.accreditation import events as e
from domain.accreditation.confirmation import certificates_due, changes_waiting, years_of
from domain.accreditation.state import Accreditation, evolve, require_accreditation, require_running
from domain.clocks import Deadline, reminder_due
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.scheme_record import requirements_changed

EXTENSION = "extension-ends"
"""The rule of the clock of an extension."""


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
    noted_at: datetime | None = None,
    strengths: tuple[str, ...],
) -> list[e.AccreditationEvent]:
    """Accredit a programme for the scheme's length of validity, from the decision on, however much later that is noted."""
    if accreditation.id:
        return []
    ends_at, clock, years = _validity(scheme, decided_at, decided_at)
    awarded = e.AccreditationAwarded(
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
        years=years,
    )
    return _with_certificates(accreditation, awarded, decided_at, noted_at)


def renew(
    accreditation: Accreditation,
    *,
    submission: str,
    scheme: Scheme,
    level: str,
    decided_at: datetime,
    noted_at: datetime | None = None,
    strengths: tuple[str, ...],
) -> list[e.AccreditationEvent]:
    """Accredit again: from the end of what was earned, or from the decision where that came after the end.

    Decided while an extension lasted, it begins with the decision and ends as if it had begun with the earlier end: an
    extension is no gift of time. What was withdrawn is not earned again, nor is what was annulled on appeal: its basis is gone.
    """
    require_accreditation(accreditation)
    if earned_by(accreditation, submission):
        return []
    gone = "withdrawn" if accreditation.withdrawn_at else "annulled" if accreditation.annulled_at else ""
    if gone:
        return end_reaccreditation(accreditation, submission=submission, outcome=f"award-{gone}", at=decided_at)
    earned_until = accreditation.earned_until
    counts_from = earned_until if decided_at < accreditation.ends_at else max(decided_at, earned_until)
    starts_at = max(decided_at, earned_until)
    ends_at, clock, years = _validity(scheme, counts_from, starts_at)
    renewed = e.AccreditationRenewed(
        submission=submission,
        scheme=scheme.ref,
        level=level,
        starts_at=starts_at,
        ends_at=ends_at,
        clock=clock,
        strengths=strengths,
        years=years,
    )
    return _with_certificates(accreditation, renewed, decided_at, noted_at)


def upgrade(
    accreditation: Accreditation,
    *,
    submission: str,
    scheme: Scheme,
    level: str,
    decided_at: datetime,
    noted_at: datetime | None = None,
    strengths: tuple[str, ...],
) -> list[e.AccreditationEvent]:
    """Accredit at a higher level, with a new validity from the decision on. At no higher one the award stays as it is."""
    require_accreditation(accreditation)
    held = accreditation.level_on(decided_at)
    if earned_by(accreditation, submission) or accreditation.withdrawn_at is not None:
        return []
    if held is not None and scheme.rank(level) <= scheme.rank(held):
        return []
    ends_at, clock, years = _validity(scheme, decided_at, decided_at)
    upgraded = e.AccreditationUpgraded(
        submission=submission,
        scheme=scheme.ref,
        level=level,
        starts_at=decided_at,
        ends_at=ends_at,
        clock=clock,
        strengths=strengths,
        years=years,
    )
    return _with_certificates(accreditation, upgraded, decided_at, noted_at)


def register_next(
    accreditation: Accreditation,
    *,
    submission: str,
    origin: str,
    running: Collection[str],
    scheme: Scheme,
    at: datetime,
) -> list[e.AccreditationEvent]:
    """Note that a submission is to earn the award again (`reaccreditation`), or at a higher level (`upgrade`).

    One at a time: `running` are those registered before that have not ended. Earned again it is from the time on that the
    scheme gives before the end, or without that once the last period earned has begun; and not any more once it has ended.
    Refuses what is out of its time or turn. Source: handbook, section 11.
    """
    require_accreditation(accreditation)
    others = [one for one in running if one != submission]
    if others:
        raise refuse(
            "one-at-a-time",
            f"{others[0]} is registered to earn this award already",
            field="accreditation",
            allowed="one at a time: go on with that one, or withdraw it first",
        )
    if origin == "reaccreditation":
        _require_time_to_earn_again(accreditation, scheme, at)
    if submission in accreditation.next:
        return []
    return [e.NextSubmissionRegistered(submission=submission, origin=origin)]


def _require_time_to_earn_again(accreditation: Accreditation, scheme: Scheme, at: datetime) -> None:
    require_running(accreditation, "earning it again the light-touch way", at)
    ends_at = accreditation.earned_until
    if scheme.reaccreditation_opens:
        opens_at = scheme.calendar.before(ends_at, scheme.reaccreditation_opens)
    else:
        opens_at = max(one.starts_at for one in accreditation.periods if not one.extension)
    if at < opens_at:
        raise refuse(
            "reaccreditation-opens",
            f"the award is earned until {ends_at.isoformat()}",
            field="accreditation",
            allowed=f"from {opens_at.isoformat()}",
        )


def submit_reaccreditation(
    accreditation: Accreditation, *, submission: str, scheme: Scheme, at: datetime
) -> list[e.AccreditationEvent]:
    """Note that a reaccreditation was handed in; in time, it carries validity on as far as the award's scheme lets it."""
    require_accreditation(accreditation)
    if submission in accreditation.pending or earned_by(accreditation, submission):
        return []
    runs = accreditation.withdrawn_at is None and not accreditation.extended
    in_time = runs and at < accreditation.earned_until
    until = (
        scheme.calendar.after(accreditation.earned_until, scheme.extension) if scheme.extension and in_time else None
    )
    clock = accreditation.clock and Deadline(rule=accreditation.clock.rule, due_at=accreditation.clock.due_at)
    return [e.ReaccreditationSubmitted(submission=submission, extension_ends_at=until, clock=clock)]


def end_reaccreditation(
    accreditation: Accreditation, *, submission: str, outcome: str, at: datetime, ended_at: datetime | None = None
) -> list[e.AccreditationEvent]:
    """Note that a reaccreditation does not renew the award, since `ended_at`; an extension that it carried ends with it."""
    if submission not in accreditation.pending:
        return []
    others = accreditation.pending - {submission}
    over = e.ReaccreditationEnded(
        submission=submission,
        outcome=outcome,
        extension_ended_at=None if others else ended_at or at,
        clock=None if others else _reminding_again(accreditation, at),
    )
    return [over, *lapse(evolve(accreditation, over), at=at)]


def start_extension(accreditation: Accreditation, *, at: datetime) -> list[e.AccreditationEvent]:
    """Mark publicly that what was earned has ended, and that validity goes on while the reaccreditation is decided."""
    clock = accreditation.clock
    if clock is None or clock.rule == EXTENSION or not accreditation.extended or at < accreditation.earned_until:
        return []
    running = Deadline(rule=EXTENSION, due_at=accreditation.ends_at)
    return [e.ExtensionStarted(starts_at=accreditation.earned_until, clock=running)]


def lapse(accreditation: Accreditation, *, at: datetime) -> list[e.AccreditationEvent]:
    """Record that validity ended, to the second, however late this is noticed. Nothing before the end."""
    require_accreditation(accreditation)
    if accreditation.lapsed or accreditation.withdrawn_at is not None or at < accreditation.ends_at:
        return []
    return [e.AccreditationLapsed(ended_at=accreditation.ends_at, ends=changes_waiting(accreditation))]


def remind(accreditation: Accreditation, *, at: datetime, last_window: str | None) -> list[e.AccreditationEvent]:
    """Send the reminder of the coming end that is due at `at`, if one is; it names the last window still of use."""
    if accreditation.clock is None:
        return []
    return list(reminder_due(accreditation.clock, accreditation.reminders, at, last_window))


def tell_of_change(accreditation: Accreditation, *, scheme: Scheme) -> list[e.AccreditationEvent]:
    """Tell the holder of an award that has not ended, once, that a later version of its scheme is in force."""
    if not accreditation.id or accreditation.lapsed or accreditation.withdrawn_at is not None:
        return []
    return list(requirements_changed(accreditation.told, under=accreditation.scheme, scheme=scheme))


def _with_certificates(
    accreditation: Accreditation, earned: e.AccreditationEvent, decided_at: datetime, noted_at: datetime | None
) -> list[e.AccreditationEvent]:
    """What was earned, and the certificates that come with it as things stand when it is noted."""
    later = evolve(accreditation, earned)
    return [earned, *certificates_due(later, at=noted_at or decided_at, decided_at=decided_at)]


def _reminding_again(accreditation: Accreditation, at: datetime) -> Deadline | None:
    """The clock of an end still to come, with the reminders to earn it again that are still to come."""
    clock = accreditation.clock
    if clock is None or clock.rule == EXTENSION:
        return None
    return Deadline(
        rule=clock.rule, due_at=clock.due_at, remind_at=tuple(one for one in accreditation.remind_at if one > at)
    )


def earned_by(accreditation: Accreditation, submission: str) -> bool:
    """Did this submission earn a period of the award, and was it not annulled since?"""
    return submission in accreditation.earned


def _validity(
    scheme: Scheme, counts_from: datetime, starts_at: datetime
) -> tuple[datetime, Deadline, tuple[e.Year, ...]]:
    ends_at = scheme.calendar.after(counts_from, scheme.clocks.validity)
    remind_at = scheme.reminders(starts_at, ends_at, scheme.clocks.remind_validity)
    clock = Deadline(rule="earn-again-before-end", due_at=ends_at, remind_at=remind_at)
    return ends_at, clock, years_of(scheme, counts_from, starts_at, ends_at)
