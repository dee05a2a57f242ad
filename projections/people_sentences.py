"""What events about people say in words: what they bring, standardisation sessions, and what is to be renewed."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain import authority, competence, standardisation
from domain.person import RoleGiven
from projections.words import counted, listed, people, plain, time, token


def term(event: RoleGiven) -> str:
    """Return from when until when an appointment holds, as the end of a sentence; empty where nothing is said of it."""
    begins = f", from {time(event.starts_at)}" if event.starts_at else ""
    return begins + (f", until {time(event.ends_at)}" if event.ends_at else "")


def _stated(event: competence.CredentialStated) -> str:
    what = f"{_credential(event)} was stated by {token('person', event.stated_by)}"
    return f"{what}{', which counts' if event.verified else ', to be verified'}: {token('text', event.text.id)}"


def _credential(event: Any) -> str:
    return f"The {plain(event.topic)} “{plain(event.kind)}”"


def _for(scheme: str | None) -> str:
    return scheme or "all schemes"


def _scheduled(event: standardisation.StandardisationScheduled) -> str:
    said = (
        f"A standardisation session of {event.scheme} was scheduled for {time(event.starts_at)}, led by"
        f" {token('person', event.leader)}, with {people(event.invited)} and {counted(len(event.exemplars), 'exemplar')}"
    )
    return f"{said}: {token('text', event.note.id)}" if event.note else f"{said}."


def _appointment_noted(event: authority.AppointmentNoted) -> str:
    what = f"The appointment of {token('person', event.person)} as {plain(event.role)} for {_for(event.scheme)}"
    if not event.sets:
        return f"{what} has no end any more."
    return f"{what} is to be renewed by {time(event.sets[0].due_at)}."


SENTENCES: Final[Mapping[type, Callable[[Any], str]]] = {
    competence.CredentialStated: _stated,
    competence.CredentialVerified: lambda o: f"{_credential(o)} was verified by {token('person', o.verifier)}.",
    competence.CredentialWithdrawn: lambda o: f"{_credential(o)} does not hold: {token('text', o.reason.id)}",
    competence.VerificationFell: lambda o: (
        f"{_credential(o)} counts no longer: {token('person', o.verifier)}, who verified it, is the person themselves."
    ),
    competence.StandardisationInvited: lambda o: (
        "The person was invited to a standardisation session on cases of"
        f" {listed([token('provider', one) for one in o.providers])}."
    ),
    competence.StandardisationAttended: lambda o: (
        f"The person attended the standardisation session of {o.scheme} on {time(o.attended_at)}."
    ),
    competence.AbsencePlanned: lambda o: (
        f"The person takes no new work from {time(o.starts_at)} until {time(o.ends_at)}."
    ),
    competence.AbsenceCancelled: lambda o: (
        f"The absence from {time(o.starts_at)} until {time(o.ends_at)} does not take place."
    ),
    competence.CapacityLimited: lambda o: (
        f"The person takes at most {counted(o.most, 'submission')} of {o.scheme} in a round."
    ),
    authority.TrainingNoted: lambda o: (
        f"{token('person', o.person)}'s training in {plain(o.kind)} for {o.scheme} is to be renewed by"
        f" {time(o.sets[0].due_at)}."
    ),
    authority.AppointmentNoted: _appointment_noted,
    authority.AppointmentOver: lambda o: f"The appointment as {plain(o.role)} for {_for(o.scheme)} is over.",
    authority.ConflictsAsked: lambda o: (
        f"{token('person', o.person)} was asked whether the conflicts that they declared are all, to say so by"
        f" {time(o.sets[0].due_at)}."
    ),
    authority.ConflictsConfirmed: lambda o: (
        f"{token('person', o.person)} confirmed that the conflicts declared are all."
    ),
    authority.LinkNoted: lambda o: (
        f"What {token('person', o.person)} and {token('person', o.other)}, who are one, have in hand is looked at once more."
    ),
    authority.LinkLookedAt: lambda o: (
        f"What the person had in hand under {token('person', o.other)} too was looked at once more."
    ),
    authority.VerificationAsked: lambda o: (
        f"{listed([plain(one.about.partition(':')[2]) for one in o.sets])} of {token('person', o.person)}"
        f" {'is' if len(o.sets) == 1 else 'are'} to be verified anew by {time(o.sets[0].due_at)}."
    ),
    authority.VerificationSettled: lambda o: f"{_credential(o)} is to be verified no longer: it was, or was withdrawn.",
    standardisation.StandardisationScheduled: _scheduled,
    standardisation.InvitationWithdrawn: lambda o: (
        f"{token('person', o.person)} does not come to the standardisation session because of a {plain(o.because)}."
    ),
    standardisation.StandardisationBegun: lambda _: "The time of the standardisation session came.",
    standardisation.StandardisationHeld: lambda o: (
        f"The standardisation session was held with {people(o.present)}, as {token('person', o.recorder)} recorded."
    ),
    standardisation.StandardisationCancelled: lambda o: (
        f"The standardisation session was cancelled: {token('text', o.reason.id)}"
    ),
}
