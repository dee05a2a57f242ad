"""A person with a conflict leaves one case at once, in whatever part they have in it; what they had is handed on.

Source: handbook, "Who did not decide". As an officer they have nothing in hand: their next command is refused.
"""

from collections.abc import Collection, Sequence

from domain import scrutiny, tasks
from domain.accreditation import Accreditation
from domain.accreditation.concerns import REVIEWERS, hand_back
from domain.audit.state import ACT, VERIFY, Audit
from domain.conflicts import ScrutinyRevoked
from domain.ids import MATTERS, kind_of
from domain.person import Person, release_work
from domain.sampling.planning import LOOKERS
from domain.sampling.state import LOOK, Plan
from domain.submission.handover import end_for_conflict
from domain.submission.leaving import leave_agenda, leave_item
from domain.submission.moderation import PANEL_ROLES
from domain.submission.state import Submission
from domain.tasks import OPERATIONS, Matter, named
from services.office import Work
from services.sample import choose_again


def leave_case(work: Work, person: str, provider: str, case: str) -> None:
    """Take the person off a case, if it is that provider's and a conflict keeps them from their part in it."""
    match kind_of(case):
        case "submission":
            held = work.submission(case)
            if held.registration.provider == provider and not held.over:
                _leave_assessment(work, person, held)
                _leave_agenda(work, person, work.submission(case))
                _leave_item(work, person, work.submission(case))
        case "accreditation":
            _leave_reviews(work, person, work.accreditation(case))
        case "scrutiny":
            leave_scrutiny(work, person, case)
        case "audit":
            leave_audit(work, person, provider, case)
        case "sampling":
            _leave_sampling(work, person, provider, case)
        case kind if kind in MATTERS:
            leave_tasks(work, person, case)


def _kept(work: Work, person: str, held: Submission, *roles: str) -> Person | None:
    """The person as seen under the case's rule, if a conflict keeps them from these roles in it."""
    who = work.seen(work.person(person), work.scheme(held.registration.scheme))
    return who if who.kept_from(held.registration.provider, case=held.id, roles=roles) else None


def _leave_assessment(work: Work, person: str, held: Submission) -> None:
    if not _kept(work, person, held, "assessor"):
        return
    ended = end_for_conflict(held, person=person)
    if ended:
        work.add(person, release_work(work.person(person), submission=held.id, reason="conflict"))
        work.add(held.id, ended, scheme=held.registration.scheme)
    elif held.marker == person:
        choose_again(work, held, reason="conflict")


def _leave_agenda(work: Work, person: str, held: Submission) -> None:
    if not held.listed or not _kept(work, person, held, *PANEL_ROLES):
        return
    meeting, scheme = work.meeting(held.listed), work.scheme(held.registration.scheme)
    if person in meeting.panel:
        panel = [work.seen(one, scheme) for one in work.panel(meeting.panel)]
        left = leave_agenda(held, meeting=meeting, person=person, panel=panel, scheme=scheme, at=work.command.at)
        work.add(held.id, left, scheme=scheme.ref)


def _leave_item(work: Work, person: str, held: Submission) -> None:
    if held.moderation is None or person not in held.moderation.panel:
        return
    scheme = work.scheme(held.registration.scheme)
    if _kept(work, person, held, *PANEL_ROLES):
        panel = [work.seen(one, scheme) for one in work.panel(held.moderation.panel)]
        left = leave_item(held, person=person, panel=panel, scheme=scheme, at=work.command.at)
        work.add(held.id, left, scheme=scheme.ref)


def _leave_reviews(work: Work, person: str, held: Accreditation) -> None:
    scheme = work.scheme(held.scheme)
    who = work.seen(work.person(person), scheme)
    if who.kept_from(held.provider, case=held.id, roles=REVIEWERS):
        work.add(held.id, hand_back(held, person=person, scheme=scheme, at=work.command.at), scheme=held.scheme)


def leave_scrutiny(work: Work, person: str, id: str) -> None:
    """End an arrangement of scrutiny in which the person takes part, and what was granted under it."""
    held: scrutiny.Scrutiny = work.state(id)
    if person == held.person and _granted(work, held):  # nothing new: it is for this conflict that it was arranged
        return
    end_granted(work, held, scrutiny.leave(held, person=person))


def end_granted(work: Work, held: scrutiny.Scrutiny, ended: Sequence[scrutiny.ScrutinyEvent]) -> None:
    """Add the events that end an arrangement, and take back what was granted under it."""
    work.add(held.id, ended, scheme=held.scheme)
    if ended and _granted(work, held):
        work.add(held.person, [ScrutinyRevoked(scrutiny=held.id)])


def _granted(work: Work, held: scrutiny.Scrutiny) -> bool:
    return held.id in {one.scrutiny for one in work.person(held.person).ties.granted.values()}


def leave_audit(work: Work, person: str, provider: str, id: str) -> None:
    """Hand over what the person is to do, or to verify, about cases of a provider; the rest of the audit stays theirs."""
    held: Audit = work.state(id)
    about = {
        str(one.number)
        for one in held.actions.values()
        if (case := held.sampled.get(held.findings[one.finding].case)) and case.provider == provider
    }
    leave_tasks(work, person, id, only={named(rule, one) for rule in (ACT, VERIFY) for one in about})


def _leave_sampling(work: Work, person: str, provider: str, id: str) -> None:
    held: Plan = work.state(id)
    theirs = {named(LOOK, str(number)) for number, one in held.drawn.items() if one.provider == provider}
    leave_tasks(work, person, id, to=LOOKERS, only=theirs)


def leave_tasks(
    work: Work,
    person: str,
    matter: str,
    *,
    to: str | None = None,
    because: str = "conflict",
    only: Collection[str] | None = None,
) -> None:
    """Hand the running tasks that the person has in a matter over: to whoever would be told that they are late, or `to` another.

    What nobody is told of is the person's own affair, as to take a complaint further, and stays theirs. `only` names some.
    """
    held: Matter = work.state(matter)
    theirs = [one for one in held.tasks.running.values() if one.who == person and one.told]
    for task in [one for one in theirs if only is None or one.name in only]:
        handed = tasks.hand_over(
            work.state(matter), rule=task.rule, about=task.about, to=to or task.told or OPERATIONS, because=because
        )
        work.add(matter, handed, scheme=held.scheme or None)
