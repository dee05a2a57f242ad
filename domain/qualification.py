"""What makes somebody eligible for work under a scheme at an instant, or what they lack; computed then, and kept with the work.

Source: handbook, People: training with an expiry, standardisation attended, non-disclosure, experience, capacity, the term
of an appointment. What was seen stays with the assignment or the item, whatever changes afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.person import Person
from domain.refusals import refuse
from domain.scheme import Scheme
from domain.scheme_assurance import REVIEWER

BASIC: Final[Mapping[str, tuple[str, ...]]] = {
    "assessor": ("assessing",),
    "moderator": ("moderating", "chairing"),
    "chair": ("chairing",),
    "appeals-panel": ("appeals",),
}
"""Training that every scheme asks for by role: one of these is enough."""


STANDARDISED: Final = ("assessor", "moderator", "chair")
"""The roles that judge by the criteria, and so are to judge alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """Training of one kind, and when it expires (UTC)."""

    kind: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualified:
    """What a rule saw of a person: training for the role that was valid then, when they were last standardised, what is
    verified of experience and background, when their appointment ends, and how much of their capacity is `used`.
    """

    training: tuple[Trained, ...] = ()
    standardised_at: datetime | None = None
    experience: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    term_ends_at: datetime | None = None
    used: int = 0
    allowed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """A member of a panel as the rule saw them when an item was taken up: `seated`, or why they were left out of it.

    `expert` says whether they know the item's subject.
    """

    person: str
    verdict: str
    expert: bool
    qualified: Qualified


def kinds_asked(role: str, scheme: Scheme) -> tuple[str, ...]:
    """The kinds of training that the scheme asks of this role, besides one of the basic ones."""
    return tuple(scheme.assurance.people.training.get(role, ()))


def lacks(person: Person, role: str, scheme: Scheme, *, at: datetime) -> str:
    """What the person lacks at `at` to work in `role` under the scheme, in words; empty where nothing is missing.

    Asks for training, standardisation, experience and non-disclosure; not for the role itself, nor about conflicts.
    """
    rules = scheme.assurance.people
    basic = BASIC.get(role, ())
    missing = [] if not basic or any(person.trained(one, scheme.id, at) for one in basic) else [basic[0]]
    missing += [one for one in kinds_asked(role, scheme) if not person.trained(one, scheme.id, at)]
    if missing:
        return f"no valid training for this scheme: {', '.join(dict.fromkeys(missing))}"
    if role in STANDARDISED and rules.standardised_within and not _standardised(person, scheme, at):
        return "no standardisation attended in time"
    if len(person.competence.verified("experience")) < rules.experience.get(role, 0):
        return "too few kinds of verified experience"
    return "" if person.non_disclosure else "non-disclosure not signed"


def lacks_to_review(person: Person, roles: Sequence[str], scheme: Scheme, *, at: datetime) -> str:
    """What the person lacks to review a concern in one of `roles`, in words; empty where nothing is missing.

    Where the scheme names training for it that is asked of everybody; else whatever a role asks for which there is any, so
    that an officer needs none and a moderator or chair what they moderate or chair with.
    """
    if kinds_asked(REVIEWER, scheme):
        return lacks(person, REVIEWER, scheme, at=at)
    missing = [lacks(person, role, scheme, at=at) if role in BASIC else "" for role in roles]
    return "" if "" in missing else next(iter(missing), "")


def require_trained(person: Person, role: str, scheme: Scheme, *, at: datetime, field: str = "actor") -> None:
    """Refuse work in `role` by a person without the training that the scheme names for it."""
    missing = [one for one in kinds_asked(role, scheme) if not person.trained(one, scheme.id, at)]
    if missing:
        raise refuse(
            f"trained-{role}",
            f"this person has no valid training for this scheme: {', '.join(missing)}",
            field=field,
            allowed="somebody who has the training that the scheme asks for, or making up for it first",
        )


def _standardised(person: Person, scheme: Scheme, at: datetime) -> bool:
    within, last = scheme.assurance.people.standardised_within, person.competence.standardised.get(scheme.id)
    return within is not None and last is not None and at < scheme.calendar.after(last, within)


def require_qualified(person: Person, role: str, scheme: Scheme, *, at: datetime, field: str = "actor") -> None:
    """Refuse work in `role` by a person who lacks something that the scheme asks for, saying what."""
    if problem := lacks(person, role, scheme, at=at):
        raise refuse(
            f"qualified-{role}",
            f"this person lacks something at this time: {problem}",
            field=field,
            allowed="somebody who has all that the scheme asks of the role, or making up for it first",
        )


def require_experience(person: Person, role: str, scheme: Scheme) -> None:
    """Refuse to appoint a person of whom fewer kinds of experience are verified than the scheme selects on."""
    least = scheme.assurance.people.experience.get(role, 0)
    held = person.competence.verified("experience")
    if len(held) < least:
        raise refuse(
            "selection-on-experience",
            f"{len(held)} kinds of experience are verified of this person",
            field="role",
            allowed=f"somebody with {least} kinds of experience, stated and verified",
        )


def capacity_of(person: Person, scheme: Scheme) -> int:
    """How many submissions of a round the person takes: as many as the scheme allows, or fewer where they said so."""
    return min(scheme.assessor_capacity, person.competence.most.get(scheme.id, scheme.assessor_capacity))


def qualified(person: Person, role: str, scheme: Scheme, *, at: datetime, used: int = 0, allowed: int = 0) -> Qualified:
    """What is seen of the person at `at` for work in `role`."""
    wanted = dict.fromkeys((*BASIC.get(role, ()), *kinds_asked(role, scheme)))
    valid = [one for one in wanted if person.trained(one, scheme.id, at)]
    return Qualified(
        training=tuple(Trained(kind=one, expires_at=person.training[one, scheme.id]) for one in valid),
        standardised_at=person.competence.standardised.get(scheme.id),
        experience=person.competence.verified("experience"),
        background=person.competence.verified("background"),
        term_ends_at=person.term_ends_at(role, scheme.id),
        used=used,
        allowed=allowed,
    )
