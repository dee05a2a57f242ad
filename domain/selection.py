"""How a person's experience and background are stated and verified, and what they say of their absences and capacity.

Source: handbook, People. Nobody verifies what is said of themselves, and nobody what they stated themselves about another
a second time: who records it of somebody else answers for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain import competence as c
from domain.person import Person, require_known
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.texts import TextRef

BACKGROUND: Final = "background"
LINKED: Final = "accounts-linked"
"""Why the word of an account that is the person's own counts no longer."""


def state(person: Person, *, topic: str, kind: str, text: TextRef, by: Person) -> list[c.CredentialStated]:
    """State experience (`led`) or background (`teacher`) of a person: by themselves, to be verified, or by somebody else.

    What stands, or is verified already, is not stated again; one's own word is replaced by that of somebody else.
    """
    require_known(person)
    _require_kind(topic, kind)
    held = person.competence.stated.get((topic, kind))
    if held and (held.verifier or by.had_part(person.ids)):
        return []
    return [
        c.CredentialStated(topic=topic, kind=kind, text=text, stated_by=by.id, verified=not by.had_part(person.ids))
    ]


def verify(person: Person, *, topic: str, kind: str, by: Person) -> list[c.CredentialVerified]:
    """Verify what a person stated of themselves; never by themselves."""
    require_known(person)
    _require_kind(topic, kind)
    held = _stated(person, topic, kind)
    if by.had_part(person.ids):
        raise refuse(
            "not-for-oneself",
            f"nobody verifies their own {topic}",
            field="actor",
            allowed="an officer or a quality manager other than the person",
        )
    return [] if held.verifier else [c.CredentialVerified(topic=topic, kind=kind, verifier=by.id)]


def withdraw(person: Person, *, topic: str, kind: str, by: Person, reason: TextRef) -> list[c.CredentialWithdrawn]:
    """Say that what was stated does not hold; it can be stated again.

    A background that somebody verified is not withdrawn by oneself: it may be what keeps one from a competitor's portfolio.
    """
    require_known(person)
    _require_kind(topic, kind)
    if topic == BACKGROUND and kind in person.competence.keeps_from_portfolios() and by.had_part(person.ids):
        raise refuse(
            "not-for-oneself",
            "nobody withdraws a background of their own that was verified",
            field="actor",
            allowed="an officer or a quality manager other than the person",
        )
    if (topic, kind) not in person.competence.stated:
        return []
    return [c.CredentialWithdrawn(topic=topic, kind=kind, reason=reason)]


def fall(person: Person, other: Person) -> list[c.VerificationFell]:
    """Let what was verified of a person by an account that turns out to be theirs count no longer."""
    own = person.ids | other.ids
    return [
        c.VerificationFell(topic=topic, kind=kind, verifier=one.verifier, because=LINKED)
        for (topic, kind), one in sorted(person.competence.stated.items())
        if one.verifier in own
    ]


def plan_absence(person: Person, *, starts_at: datetime, ends_at: datetime, at: datetime) -> list[c.AbsencePlanned]:
    """Say from when until when (UTC) one takes no new work."""
    require_known(person)
    if (starts_at, ends_at) in person.competence.absences:
        return []
    if ends_at <= max(starts_at, at):
        raise refuse(
            "absence-to-come",
            "this absence is over, or ends before it begins",
            field="ends_at",
            allowed="an end to come, after the start",
        )
    return [c.AbsencePlanned(starts_at=starts_at, ends_at=ends_at)]


def cancel_absence(person: Person, *, starts_at: datetime, ends_at: datetime) -> list[c.AbsenceCancelled]:
    """Say that an absence does not take place after all."""
    require_known(person)
    if (starts_at, ends_at) not in person.competence.absences:
        return []
    return [c.AbsenceCancelled(starts_at=starts_at, ends_at=ends_at)]


def limit_capacity(person: Person, *, scheme: Scheme, most: int) -> list[c.CapacityLimited]:
    """Say how many submissions of a scheme one takes in a round; at most as many as the scheme allows everybody."""
    require_known(person)
    if person.competence.most.get(scheme.id, scheme.assessor_capacity) == most:
        return []
    if not 1 <= most <= scheme.assessor_capacity:
        raise refuse(
            "own-capacity",
            f"{most} is not a capacity of one's own",
            field="most",
            allowed=f"1 to {scheme.assessor_capacity}, which {scheme.ref} allows; who takes none is not available",
        )
    return [c.CapacityLimited(scheme=scheme.id, most=most)]


def invite(person: Person, *, session: str, providers: Sequence[str]) -> list[c.StandardisationInvited]:
    """Note that a person is to come to a session, where it looks at cases: a conflict with their providers keeps them away."""
    require_known(person)
    if not providers or session in person.competence.invited:
        return []
    return [c.StandardisationInvited(session=session, providers=tuple(dict.fromkeys(providers)))]


def attend(person: Person, *, session: str, scheme: str, attended_at: datetime) -> list[c.StandardisationAttended]:
    """Note that a person was present at a standardisation session, on the date on which it was held."""
    require_known(person)
    if session in person.competence.sessions:
        return []
    return [c.StandardisationAttended(session=session, scheme=scheme, attended_at=attended_at)]


def _require_kind(topic: str, kind: str) -> None:
    if topic not in c.KINDS:
        raise refuse("credential-topics", f"{topic!r} is nothing to state", field="topic", allowed=", ".join(c.KINDS))
    kinds: Sequence[str] = c.KINDS[topic]
    if kind not in kinds:
        raise refuse(f"{topic}-kinds", f"{kind!r} is no kind of {topic}", field="kind", allowed=", ".join(kinds))


def _stated(person: Person, topic: str, kind: str) -> c.Credential:
    held = person.competence.stated.get((topic, kind))
    if held is None:
        stated = ", ".join(sorted(one for what, one in person.competence.stated if what == topic))
        raise refuse(
            "credential-stated",
            f"no such {topic} was stated of this person",
            field="kind",
            allowed=stated or "stating it first",
        )
    return held
