"""A person who works for the body or speaks for a provider: roles, training, undertakings, conflicts, and work in hand.

Names and addresses are in the vault; here is only what the rules need.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from domain import conflicts as ties_of
from domain import linked as accounts
from domain.competence import Competence, CompetenceEvent, gained
from domain.conflicts import (
    Conflict,
    ConflictDeclared,
    ConflictLifted,
    FactCorrected,
    FactRecorded,
    ScrutinyGranted,
    ScrutinyRevoked,
    Seen,
    Ties,
    TiesEvent,
)
from domain.ids import CODE_FORM, is_code
from domain.linked import AccountClosed, AccountsLinked, Linked
from domain.pay import Account, PayEarned, PayPaid, booked
from domain.refusals import refuse
from domain.states import replace
from domain.terms import ALWAYS, Term, appointed

BODY_WIDE = ("officer", "quality-manager", "board", "appeals-officer", "complaints-handler")
"""Roles that a person may hold for all schemes at once."""
ROLES = (*BODY_WIDE, "assessor", "moderator", "chair", "appeals-panel", "provider")
"""Roles a person can be given. `provider` is given by naming a contact."""
SPEAKS = "provider"
"""The role of who speaks for a provider."""

AT_A_TIME = "at-a-time-"
"""Begins the name of a round without an end, where no windows make rounds: capacity then counts what is in hand."""

CONFLICT_KINDS = ties_of.CONFLICT_KINDS
TRAINING_KINDS = ("assessing", "moderating", "chairing", "criteria", "bias", "exemplars", "appeals")


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
    | ConflictLifted
    | FactRecorded
    | FactCorrected
    | ScrutinyGranted
    | ScrutinyRevoked
    | AccountsLinked
    | AccountClosed
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
    `ties` are conflicts and what they are found from, `linked` other accounts of the same human. `seen` says when and under
    which rule one looks at the person; not said, conflicts that go with time are there.
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
    ties: Ties = field(default_factory=Ties)
    linked: Linked = field(default_factory=Linked)
    seen: Seen | None = None
    in_hand: dict[str, str] = field(default_factory=dict)
    round_work: dict[str, int] = field(default_factory=dict)
    account: Account = field(default_factory=Account)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all accounts of this human that are known here: whoever had a part under one of them had it."""
        return self.linked.aliases | {self.id, self.linked.goes_on or self.id}

    @property
    def all_conflicts(self) -> tuple[Conflict, ...]:
        """Their conflicts, declared and found."""
        return ties_of.conflicts_of(self.ties, self.seen)

    @property
    def conflicts(self) -> frozenset[str]:
        """The providers with which they have a conflict."""
        return frozenset(one.provider for one in self.all_conflicts)

    @property
    def guided(self) -> frozenset[str]:
        """The providers with which having guided them is the only conflict."""
        return self.conflicts - {one.provider for one in self.all_conflicts if one.kind != "guided"}

    def kept_from(self, provider: str, *, case: str = "", roles: Collection[str] = ()) -> bool:
        """Does a conflict keep them from acting in any of `roles` in this case? Not where scrutiny was arranged for it."""
        granted = self.ties.granted.get(case)
        if granted and granted.provider == provider and granted.role in roles and self.within(granted.until_at):
            return False
        return provider in self.conflicts

    def within(self, until_at: datetime) -> bool:
        """Whether what lasts until that instant (UTC) still does, as they are seen; not without knowing when that is."""
        return self.seen is not None and self.seen.at < until_at

    def had_part(self, people: Collection[str | None]) -> bool:
        """Whether one of `people` is this human, under whichever account."""
        return not self.ids.isdisjoint(people)

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
        case (
            ConflictDeclared()
            | ConflictLifted()
            | FactRecorded()
            | FactCorrected()
            | ScrutinyGranted()
            | ScrutinyRevoked()
        ):
            return replace(person, ties=ties_of.evolve(person.ties, event))
        case AccountsLinked():
            return _linked(person, event)
        case AccountClosed():
            return replace(person, linked=accounts.evolve(person.linked, event))
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


def _linked(person: Person, event: AccountsLinked) -> Person:
    """With what the other account had declared, what is known about it, and what it did in each round."""
    ties, round_work = person.ties, dict(person.round_work)
    for declared in event.declared:
        ties = ties_of.evolve(ties, ConflictDeclared(provider=declared.provider, kind=declared.kind))
    for fact in event.facts:
        ties = ties_of.evolve(ties, fact)
    for one in event.counted:
        round_work[one.window] = round_work.get(one.window, 0) + one.work
    return replace(person, linked=accounts.evolve(person.linked, event), ties=ties, round_work=round_work)


def register(person: Person, *, id: str, subjects: tuple[str, ...], phases: tuple[str, ...]) -> list[PersonEvent]:
    """Make a person known, with the subjects and phases they are expert in."""
    if person.id:
        return []
    for field_name, codes in (("subjects", subjects), ("phases", phases)):
        for code in codes:
            if not is_code(code):
                raise refuse("codes", f"{code!r} is not a code", field=field_name, allowed=CODE_FORM)
    return [PersonRegistered(person=id, subjects=subjects, phases=phases)]


def require_role_name(role: str) -> None:
    """Refuse what is no role that a person can be given."""
    if role not in ROLES:
        raise refuse("known-role", f"{role!r} is not a role", field="role", allowed=", ".join(ROLES))


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
    accounts.require_open(person.linked)
    require_role_name(role)
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
    accounts.require_open(person.linked)
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


def declare_conflict(person: Person, *, provider: str, kind: str) -> list[TiesEvent]:
    """Record a conflict with a provider; it blocks at once. See `domain.conflicts`."""
    require_known(person)
    return ties_of.declare(person.ties, provider=provider, kind=kind)


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


def require_no_conflict(person: Person, provider: str, *, case: str = "", roles: Collection[str] = ()) -> None:
    """Refuse a person who has a conflict with the provider: they may neither see the case nor take part.

    Where `case` and the `roles` that they may want to act in are said, scrutiny that was arranged for it is honoured.
    """
    if person.kept_from(provider, case=case, roles=roles):
        kinds = sorted({one.kind.replace("-", " ") for one in person.all_conflicts if one.provider == provider})
        raise refuse(
            "conflict-of-interest",
            "this person has a conflict of interest with the provider and takes no part in the case: "
            + ", ".join(kinds),
            field="actor",
            allowed="someone without a conflict",
        )


def article(word: str) -> str:
    """The indefinite article before `word`."""
    return "an" if word.startswith(tuple("aeiou")) else "a"
