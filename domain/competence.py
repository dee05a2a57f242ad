"""What a person brings to the work besides training: experience, background, standardisation, absences, capacity of their own.

Source: handbook, People: selection on stated kinds of experience, standardisation attended, availability. A statement
counts once somebody else has verified it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from domain.scheme_assurance import BACKGROUNDS, EXPERIENCE
from domain.states import replace
from domain.texts import TextRef

KINDS: Final = {"experience": EXPERIENCE, "background": BACKGROUNDS}
"""What can be stated of a person, and of which kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialStated:
    """`stated_by` says of the person that they have this experience or background; it counts if `verified`."""

    topic: str
    kind: str
    text: TextRef
    stated_by: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialVerified:
    """Somebody other than the person verified what was stated."""

    topic: str
    kind: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialWithdrawn:
    """What was stated does not hold; it counts no longer."""

    topic: str
    kind: str
    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationFell:
    """What was verified counts no longer: the `verifier` turned out to be this very person, `because` accounts were linked.

    It can be verified anew by somebody else.
    """

    topic: str
    kind: str
    verifier: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardisationInvited:
    """The person is to come to a session that looks at cases of these `providers`; who has a conflict with one does not."""

    session: str
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardisationAttended:
    """The person was present at a standardisation session of this scheme, held at `attended_at` (UTC)."""

    session: str
    scheme: str
    attended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsencePlanned:
    """The person takes no new work from `starts_at` until `ends_at` (UTC)."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceCancelled:
    """An absence that was planned does not take place, or no further."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityLimited:
    """The person takes at most `most` submissions of this scheme in a round, where the scheme allows more."""

    scheme: str
    most: int


CompetenceEvent = (
    CredentialStated
    | CredentialVerified
    | CredentialWithdrawn
    | VerificationFell
    | StandardisationInvited
    | StandardisationAttended
    | AbsencePlanned
    | AbsenceCancelled
    | CapacityLimited
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What was stated, by whom, and who verified it; nobody yet where that is empty. `fell`: its verification did not stand."""

    stated_by: str
    verifier: str = ""
    fell: bool = False


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Competence:
    """All of it, as part of a person's state. `stated` is by topic and kind, `standardised` by scheme.

    `invited` are the providers whose cases are looked at, by session.
    """

    stated: dict[tuple[str, str], Credential] = field(default_factory=dict)
    standardised: dict[str, datetime] = field(default_factory=dict)
    sessions: frozenset[str] = frozenset()
    invited: dict[str, tuple[str, ...]] = field(default_factory=dict)
    absences: frozenset[tuple[datetime, datetime]] = frozenset()
    most: dict[str, int] = field(default_factory=dict)

    def verified(self, topic: str) -> tuple[str, ...]:
        """The kinds of a topic (`experience`, `background`) that somebody verified, in the handbook's order."""
        return tuple(kind for kind in KINDS[topic] if (one := self.stated.get((topic, kind))) and one.verifier)

    def keeps_from_portfolios(self) -> tuple[str, ...]:
        """The backgrounds that keep somebody from competitors' portfolios: those verified, also where that fell since."""
        backgrounds = (one for one in KINDS["background"] if ("background", one) in self.stated)
        return tuple(one for one in backgrounds if self._was_verified("background", one))

    def _was_verified(self, topic: str, kind: str) -> bool:
        held = self.stated[topic, kind]
        return bool(held.verifier) or held.fell

    def absent(self, at: datetime) -> bool:
        """Said to be away at `at`."""
        return any(starts_at <= at < ends_at for starts_at, ends_at in self.absences)


def gained(held: Competence, event: CompetenceEvent) -> Competence:
    """Apply one event."""
    match event:
        case CredentialStated():
            one = Credential(stated_by=event.stated_by, verifier=event.stated_by if event.verified else "")
            return replace(held, stated={**held.stated, (event.topic, event.kind): one})
        case CredentialVerified():
            key = (event.topic, event.kind)
            one = Credential(stated_by=held.stated[key].stated_by, verifier=event.verifier)
            return replace(held, stated={**held.stated, key: one})
        case CredentialWithdrawn():
            left = {key: one for key, one in held.stated.items() if key != (event.topic, event.kind)}
            return replace(held, stated=left)
        case VerificationFell():
            key = (event.topic, event.kind)
            fallen = Credential(stated_by=held.stated[key].stated_by, fell=True)
            return replace(held, stated={**held.stated, key: fallen})
        case StandardisationInvited():
            return replace(held, invited={**held.invited, event.session: event.providers})
        case StandardisationAttended():
            latest = max(event.attended_at, held.standardised.get(event.scheme, event.attended_at))
            return replace(
                held,
                standardised={**held.standardised, event.scheme: latest},
                sessions=held.sessions | {event.session},
            )
        case AbsencePlanned():
            return replace(held, absences=held.absences | {(event.starts_at, event.ends_at)})
        case AbsenceCancelled():
            return replace(held, absences=held.absences - {(event.starts_at, event.ends_at)})
        case CapacityLimited():
            return replace(held, most={**held.most, event.scheme: event.most})
        case _:
            assert_never(event)
