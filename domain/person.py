"""A person who works for the body or speaks for a provider: roles, training, undertakings, conflicts, and work in hand.

Names and addresses are in the vault; here is only what the rules need.
"""

from dataclasses import dataclass, field
from datetime import datetime

from domain.competence import Competence, CompetenceEvent, gained
from domain.ids import CODE_FORM, is_code
from domain.pay import Account, PayEarned, PayPaid, booked
from domain.refusals import refuse
from domain.states import replace
from domain.terms import ALWAYS, Term, appointed

BODY_WIDE = ("officer", "quality-manager", "board", "appeals-officer", "complaints-handler")
"""Roles that a person may hold for all schemes at once."""
ROLES = (*BODY_WIDE, "assessor", "moderator", "chair", "appeals-panel", "provider")
"""Roles a person can be given. `provider` is given by naming a contact."""

AT_A_TIME = "at-a-time-"
"""Begins the name of a round without an end, where no windows make rounds: capacity then counts what is in hand."""

TRAINING_KINDS = ("assessing", "moderating", "chairing", "criteria", "bias", "exemplars", "appeals")
CONFLICT_KINDS = ("declared", "employed-there", "advised", "trained", "guided", "family", "financial")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRegistered:
    """A person became known."""

    person: str
    subjects: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven:
    """The person may act in `role`; for a scheme, or for all where `scheme` is None.

    The appointment holds from `starts_at` and until `ends_at` (UTC) by itself, where they are given.
    """

    role: str
    scheme: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEnded:
    """The person may no longer act in `role` for `scheme`."""

    role: str
    scheme: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCompleted:
    """Training in `kind` (`assessing`, `chairing`) for a scheme, valid until `expires_at` (UTC)."""

    kind: str
    scheme: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NonDisclosureSigned:
    """The person undertook to keep what they read to themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilitySet:
    """The person takes on work, or does not."""

    available: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDeclared:
    """The person has a conflict of interest with a provider."""

    provider: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTaken:
    """A submission of `window`'s round was given to this person to assess."""

    submission: str
    window: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkReleased:
    """The person no longer has this submission in hand: assessed, declined, or taken back."""

    submission: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRefused:
    """The person tried what a rule of separation forbids; `stream` is the case it was about, if known."""

    rule: str
    stream: str | None


PersonEvent = (
    PersonRegistered
    | RoleGiven
    | RoleEnded
    | TrainingCompleted
    | NonDisclosureSigned
    | AvailabilitySet
    | ConflictDeclared
    | WorkTaken
    | WorkReleased
    | AttemptRefused
    | PayEarned
    | PayPaid
    | CompetenceEvent
)


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Person:
    """The state of a person's stream. `round_work` counts what was taken on in each window's round and not given back.

    `terms` are the start and the end of appointments that have one (UTC); `holds` minds them.
    `guided` are the providers with which having guided them is the only conflict.
    """

    id: str = ""
    subjects: frozenset[str] = frozenset()
    phases: frozenset[str] = frozenset()
    roles: frozenset[tuple[str, str | None]] = frozenset()
    terms: dict[tuple[str, str | None], Term] = field(default_factory=dict)
    competence: Competence = field(default_factory=Competence)
    training: dict[tuple[str, str], datetime] = field(default_factory=dict)
    non_disclosure: bool = False
    available: bool = True
    conflicts: frozenset[str] = frozenset()
    guided: frozenset[str] = frozenset()
    in_hand: dict[str, str] = field(default_factory=dict)
    round_work: dict[str, int] = field(default_factory=dict)
    account: Account = field(default_factory=Account)

    def holds(self, role: str, scheme: str | None, at: datetime) -> bool:
        """May act in `role` for `scheme` at `at`: was appointed, and the appointment's term has begun and not ended."""
        either = ((role, scheme), (role, None))
        return any(one in self.roles and self.terms.get(one, ALWAYS).runs(at) for one in either)

    def roles_at(self, at: datetime) -> frozenset[tuple[str, str | None]]:
        """The roles held at `at`, each with its scheme."""
        return frozenset(one for one in self.roles if self.terms.get(one, ALWAYS).runs(at))

    def term_ends_at(self, role: str, scheme: str | None) -> datetime | None:
        """When the appointment ends (UTC), if it does by itself."""
        held = (role, scheme) if (role, scheme) in self.roles else (role, None)
        return self.terms.get(held, ALWAYS).ends_at

    def trained(self, kind: str, scheme: str, at: datetime) -> bool:
        """Has training of this kind for this scheme that is valid at `at`."""
        expires = self.training.get((kind, scheme))
        return expires is not None and at < expires


def evolve(person: Person, event: PersonEvent) -> Person:
    """Apply one event."""
    match event:
        case PersonRegistered():
            return replace(person, id=event.person, subjects=frozenset(event.subjects), phases=frozenset(event.phases))
        case RoleGiven():
            key, term = (event.role, event.scheme), Term(starts_at=event.starts_at, ends_at=event.ends_at)
            return replace(person, roles=person.roles | {key}, terms={**person.terms, key: term})
        case RoleEnded():
            return replace(person, roles=person.roles - {(event.role, event.scheme)})
        case TrainingCompleted():
            return replace(person, training={**person.training, (event.kind, event.scheme): event.expires_at})
        case NonDisclosureSigned():
            return replace(person, non_disclosure=True)
        case AvailabilitySet():
            return replace(person, available=event.available)
        case ConflictDeclared():
            others = person.conflicts - person.guided
            guided = person.guided | {event.provider} if event.kind == "guided" else person.guided - {event.provider}
            return replace(person, conflicts=person.conflicts | {event.provider}, guided=guided - others)
        case WorkTaken():
            return replace(
                person,
                in_hand={**person.in_hand, event.submission: event.window},
                round_work={**person.round_work, event.window: person.round_work.get(event.window, 0) + 1},
            )
        case WorkReleased():
            window = person.in_hand.get(event.submission)
            in_hand = {one: held for one, held in person.in_hand.items() if one != event.submission}
            done = event.reason == "assessed" and not (window or "").startswith(AT_A_TIME)
            if window is None or done:  # work done still counts towards the round, where rounds come to an end
                return replace(person, in_hand=in_hand)
            round_work = {**person.round_work, window: person.round_work[window] - 1}
            return replace(person, in_hand=in_hand, round_work=round_work)
        case AttemptRefused():
            return person
        case PayEarned() | PayPaid():
            return replace(person, account=booked(person.account, event))
        case _:
            return replace(person, competence=gained(person.competence, event))


def register(person: Person, *, id: str, subjects: tuple[str, ...], phases: tuple[str, ...]) -> list[PersonEvent]:
    """Make a person known, with the subjects and phases they are expert in."""
    if person.id:
        return []
    for field_name, codes in (("subjects", subjects), ("phases", phases)):
        for code in codes:
            if not is_code(code):
                raise refuse("codes", f"{code!r} is not a code", field=field_name, allowed=CODE_FORM)
    return [PersonRegistered(person=id, subjects=subjects, phases=phases)]


def give_role(
    person: Person,
    *,
    role: str,
    scheme: str | None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    at: datetime,
) -> list[PersonEvent]:
    """Let the person act in a role, from `starts_at` and until `ends_at` where they are given (UTC)."""
    require_known(person)
    if role not in ROLES:
        raise refuse("known-role", f"{role!r} is not a role", field="role", allowed=", ".join(ROLES))
    held = person.terms.get((role, scheme), ALWAYS) if (role, scheme) in person.roles else None
    term = appointed(held, Term(starts_at=starts_at, ends_at=ends_at), at=at)
    return [] if term is None else [RoleGiven(role=role, scheme=scheme, starts_at=term.starts_at, ends_at=term.ends_at)]


def end_role(person: Person, *, role: str, scheme: str | None) -> list[PersonEvent]:
    """Let the person act in a role no longer."""
    require_known(person)
    return [RoleEnded(role=role, scheme=scheme)] if (role, scheme) in person.roles else []


def complete_training(
    person: Person, *, kind: str, scheme: str, expires_at: datetime, at: datetime
) -> list[PersonEvent]:
    """Record training that is valid until `expires_at`."""
    require_known(person)
    if kind not in TRAINING_KINDS:
        raise refuse(
            "training-kinds", f"{kind!r} is no kind of training", field="kind", allowed=", ".join(TRAINING_KINDS)
        )
    if expires_at <= at:
        raise refuse(
            "training-validity", "the training would have expired already", field="expires_at", allowed="a later date"
        )
    if person.training.get((kind, scheme)) == expires_at:
        return []
    return [TrainingCompleted(kind=kind, scheme=scheme, expires_at=expires_at)]


def sign_non_disclosure(person: Person) -> list[PersonEvent]:
    """Record the undertaking not to disclose."""
    require_known(person)
    return [] if person.non_disclosure else [NonDisclosureSigned()]


def set_availability(person: Person, *, available: bool) -> list[PersonEvent]:
    """Record whether the person takes on work."""
    require_known(person)
    return [] if person.available == available else [AvailabilitySet(available=available)]


def declare_conflict(person: Person, *, provider: str, kind: str) -> list[PersonEvent]:
    """Record a conflict with a provider; it blocks at once, and nothing here lifts it."""
    require_known(person)
    if kind not in CONFLICT_KINDS:
        raise refuse(
            "conflict-kinds", f"{kind!r} is no kind of conflict", field="kind", allowed=", ".join(CONFLICT_KINDS)
        )
    graver = provider in person.guided and kind != "guided"
    if provider in person.conflicts and not graver:
        return []
    return [ConflictDeclared(provider=provider, kind=kind)]


def take_work(person: Person, *, submission: str, window: str, capacity: int) -> list[PersonEvent]:
    """Take a place of the person's capacity in this round."""
    if submission in person.in_hand:
        return []
    if person.round_work.get(window, 0) >= capacity:
        raise refuse(
            "assessor-capacity",
            f"this assessor already has {capacity} submissions in this round",
            field="assessor",
            allowed="an assessor with capacity left",
        )
    return [WorkTaken(submission=submission, window=window)]


def release_work(person: Person, *, submission: str, reason: str) -> list[PersonEvent]:
    """Give the place back (`declined`, `reassigned`, …), or end the work (`assessed`)."""
    return [WorkReleased(submission=submission, reason=reason)] if submission in person.in_hand else []


def require_known(person: Person, *, field: str = "person") -> None:
    """Refuse a person who is not registered."""
    if not person.id:
        raise refuse("known-person", "there is no such person", field=field, allowed="the id of a registered person")


def require_role(person: Person, role: str, scheme: str | None, at: datetime) -> None:
    """Refuse a person who does not hold, at `at`, the role they want to act in."""
    require_known(person, field="actor")
    if not person.holds(role, scheme, at):
        held = ", ".join(sorted({name for name, _ in person.roles_at(at)})) or "none"
        raise refuse(
            "acting-role",
            f"this person is not {article(role)} {role} here",
            field="role",
            allowed=f"the roles this person holds ({held}), or someone who is {article(role)} {role}",
        )


def require_own_role(person: Person, role: str, at: datetime) -> None:
    """Refuse a person who does not hold the role they act in, for any scheme; for what one does for oneself."""
    require_known(person, field="actor")
    if role not in {held for held, _ in person.roles_at(at)}:
        require_role(person, role, None, at)


def require_no_conflict(person: Person, provider: str) -> None:
    """Refuse a person who has a conflict with the provider: they may neither see the case nor take part."""
    if provider in person.conflicts:
        raise refuse(
            "conflict-of-interest",
            "this person has a conflict of interest with the provider and takes no part in the case",
            field="actor",
            allowed="someone without a conflict",
        )


def article(word: str) -> str:
    """The indefinite article before `word`."""
    return "an" if word.startswith(tuple("aeiou")) else "a"
