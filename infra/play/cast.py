"""The people of a play: who they are, what they may do, and what they would say. Names are made up, from a seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.ids import derived_id
from domain.qualification import kinds_asked
from domain.scheme import Scheme
from services import people, schemes
from services.office import Office, Receipt
from services.ports import Command

FIRST = (
    "Ada",
    "Bram",
    "Chidi",
    "Dilys",
    "Elif",
    "Farah",
    "Goran",
    "Hana",
    "Ines",
    "Jonas",
    "Kemi",
    "Lorcan",
    "Mina",
    "Noor",
)
LAST = (
    "Abara",
    "Brandvold",
    "Castellan",
    "Duxbury",
    "Eskildsen",
    "Farrimond",
    "Gethin",
    "Holloway",
    "Iwuchukwu",
    "Jankauskas",
)
PLACES = ("Larkfield", "Oakmere", "Stonebridge", "Wetherdale", "Thornbury Vale", "Hexley", "Marlowe Cross", "Penhallow")
KINDS = ("Learning Trust", "Subject Association", "Teaching Partnership", "College of Education", "Foundation")
STREETS = ("Chandler's Row", "Priory Lane", "Foundry Street", "Beacon Hill", "Weavers' Yard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who plays which part: ids of people, and every name and address that was made up (for tests that search for them)."""

    officer: str
    assessors: tuple[str, ...]
    chairs: tuple[str, ...]
    moderators: tuple[str, ...]
    typed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Names:
    """Makes up names and addresses; the same seed makes the same ones. Remembers all it made."""

    random: random.Random
    typed: list[str] = field(default_factory=list)

    def person(self, part: str, mark: str = "") -> tuple[str, str]:
        """A name and an address for mail; with a `mark` of their own it is nobody else's, whatever others are called."""
        name = f"{self.random.choice(FIRST)} {self.random.choice(LAST)}"
        email = f"{name.lower().replace(' ', '.')}{mark and '.'}{mark}@{part}.example"
        self.typed += [name, email]
        return name, email

    def organisation(self) -> tuple[str, str]:
        """A name and a postal address."""
        name = f"{self.random.choice(PLACES)} {self.random.choice(KINDS)}"
        address = f"{self.random.randint(1, 99)} {self.random.choice(STREETS)}, {self.random.choice(PLACES)}"
        self.typed += [name, address]
        return name, address

    def text(self, body: str) -> str:
        """A typed text, remembered."""
        self.typed.append(body)
        return body


Do = Callable[..., Receipt]
"""Carries a service out as one command: `do(service, who, role, what, **arguments)`."""


def appoint(do: Do, names: Names, scheme: Scheme, run: str, *, items: int, at: datetime) -> Cast:
    """Register and authorise the people that a play of `items` submissions needs."""
    expires = at + timedelta(days=3650)

    def member(part: str, number: int, role: str, training: str | None) -> str:
        id = derived_id("person", run, part, str(number))
        name, email = names.person(part, id.removeprefix("person-"))
        subjects = scheme.subjects if role == "chair" else (scheme.subjects[number % len(scheme.subjects)],)
        phases = (scheme.phases[number % len(scheme.phases)],)
        by = ("installer", schemes.INSTALLER_ROLE)
        do(people.register_person, *by, f"{id} known", id=id, name=name, email=email, subjects=subjects, phases=phases)
        do(people.give_role, *by, f"{id} {role}", id=id, role=role, scheme=None if role == "officer" else scheme.id)
        for kind in dict.fromkeys((training, *kinds_asked(role, scheme))) if training else ():
            trained = {"id": id, "kind": kind, "scheme": scheme.id, "expires_at": expires}
            do(people.record_training, *by, f"{id} trained in {kind}", **trained)
        do(people.sign_non_disclosure, id, role, f"{id} non-disclosure")
        return id

    markings = items + -(-items * scheme.calibration_percent // 100)
    assessors = max(3, -(-markings // scheme.assessor_capacity) + 1)
    chairs = 3
    return Cast(
        officer=member("operations", 0, "officer", None),
        assessors=tuple(member("assessors", one, "assessor", "assessing") for one in range(assessors)),
        chairs=tuple(member("chairs", one, "chair", "chairing") for one in range(chairs)),
        moderators=tuple(
            member("moderators", one, "moderator", "moderating") for one in range(max(4, scheme.quorum + 1))
        ),
        typed=names.typed,
    )


def publish(office: Office, source: str, file: str, scheme: Scheme, at: datetime) -> None:
    """Publish the scheme that is played; the same content again changes nothing. Raises Refused for another content."""
    command = Command(id=f"publish/{scheme.ref}/{scheme.digest}", actor="installer", role=schemes.INSTALLER_ROLE, at=at)
    schemes.publish_scheme(office, command, source=source, file=file)
