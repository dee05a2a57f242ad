"""The timetable of standardisation sessions: scheduled, held with attendance, cancelled. Source: handbook, People."""

from collections.abc import Sequence
from datetime import datetime

from domain import selection, standardisation
from domain.clocks import checked_instant
from domain.ids import derived_id
from domain.scheme_assurance import STANDARDISATION
from domain.standardisation import Standardisation
from services.acting import permitted
from services.office import Office, Receipt, Work, carry_out, require_kind
from services.policies import make_up
from services.ports import Command
from services.watching import by_process


def session_id(command_id: str) -> str:
    """The id of the session that the scheduling command with this id creates."""
    return derived_id("standardisation", command_id)


@permitted
def schedule_session(
    office: Office,
    command: Command,
    *,
    scheme: str,
    starts_at: datetime,
    leader: str,
    invited: Sequence[str],
    exemplars: Sequence[str] = (),
    note: str | None = None,
) -> Receipt:
    """Put a session (`session_id(command.id)`) on a scheme's timetable. By a quality manager or an officer.

    `exemplars` are decided submissions; a text may be one too. Nobody is invited to look at a case of a provider with which
    they have a conflict.
    """
    id = session_id(command.id)
    starts_at = checked_instant(starts_at, field="starts_at")

    def step(work: Work) -> None:
        work.acts(scheme)
        version = work.latest_scheme(scheme)
        people = [work.seen(one, version) for one in work.panel([leader, *invited])]
        cases = [work.submission(one) for one in exemplars]
        scheduled = standardisation.schedule(
            work.state(id),
            id=id,
            scheme=version,
            starts_at=starts_at,
            leader=people[0],
            invited=people[1:],
            exemplars=cases,
            note=work.text(note, field="note", subject=id) if note is not None else None,
            at=command.at,
        )
        work.add(id, scheduled, scheme=version.ref)
        make_up(work, what=STANDARDISATION, scheme=scheme, at=starts_at)
        providers = sorted({one.registration.provider for one in cases})
        for one in {each.id for each in people} if scheduled else ():
            work.add(one, selection.invite(work.person(one), session=id, providers=providers))

    return carry_out(office, command, id, leader, *invited, *exemplars, step=step)


@permitted
def record_attendance(office: Office, command: Command, *, session: str, present: Sequence[str]) -> Receipt:
    """Record who attended; it is noted on each of them. By who led it, or a quality manager who did not attend."""

    def step(work: Work) -> None:
        held = _session(work, session)
        scheme = held.scheme.partition("@")[0]
        manages = work.permits("none")
        leads = work.person(command.actor).had_part({held.leader})
        actor = work.acts(scheme, among=None if leads else work.roles("none"))
        recorded = standardisation.record(held, by=actor, manages=manages, present=present, at=command.at)
        work.add(session, recorded, scheme=held.scheme)
        attended_at = held.starts_at
        for one in work.people(present) if recorded and attended_at else ():
            noted = selection.attend(one, session=session, scheme=scheme, attended_at=attended_at or command.at)
            work.add(one.id, noted, scheme=held.scheme)

    return carry_out(office, command, session, *present, step=step)


def leave_sessions(work: Work, person: str, provider: str) -> None:
    """Take somebody off the sessions to come that look at cases of a provider with which they have a conflict."""
    sessions = [one for one, providers in work.person(person).competence.invited.items() if provider in providers]
    work.load(*sessions)
    for session in sessions:
        held: Standardisation = work.state(session)
        work.add(session, standardisation.leave_out(held, person=person, at=work.command.at), scheme=held.scheme)


@permitted
def cancel_session(office: Office, command: Command, *, session: str, reason: str) -> Receipt:
    """Cancel a session that was not held, with a reason. By a quality manager or an officer."""

    def step(work: Work) -> None:
        held = _session(work, session)
        work.acts(held.scheme.partition("@")[0])
        why = work.text(reason, field="reason", subject=session)
        work.add(session, standardisation.cancel(held, reason=why), scheme=held.scheme)

    return carry_out(office, command, session, step=step)


def begin_session(office: Office, command: Command, *, case: str) -> Receipt:
    """Let a session begin at its time: nobody is reminded of it any more. By the session's process."""
    return by_process(office, command, case, lambda held: standardisation.begin(held, at=command.at))


def _session(work: Work, id: str) -> Standardisation:
    held: Standardisation = work.state(require_kind(id, "standardisation"))
    standardisation.require_scheduled(held)
    return held
