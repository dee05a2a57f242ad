"""Who is there before a case needs them: the people of a run, a case's provider with its contact, and each month's window."""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from domain.accreditation import AccreditationAwarded
from domain.conflicts import ON_RECORD, FactRecorded
from domain.person import NonDisclosureSigned, PersonRegistered, RoleGiven, TrainingCompleted
from domain.provider import CaseOpened, ContactNamed, ProviderRegistered
from domain.scheme_record import PersonAuthorised
from domain.submission.events import ProgrammeRegistered
from domain.window import PlaceTaken, WindowScheduled
from infra.generate.case import ASSESSORS, CHAIRS, DAY, Step, member
from infra.generate.stories import SCHEME, SUBJECTS
from infra.play.cast import Names
from services.office import scheme_stream
from services.ports import PersonalData

INSTALLER: Final = "installer"
SCHEME_ID: Final = SCHEME.partition("@")[0]
JUDGING: Final = ("criteria", "bias", "exemplars")
"""What the scheme wants assessors and chairs trained in besides."""
YEARS: Final = 3650 * DAY
MONTH: Final = 31 * DAY
ROOM: Final = 100_000
"""Places of a window: it has a limit, so that the places taken show, and never runs out."""


def peopled(steps: Iterable[Step], *, run: str, at: datetime) -> Iterator[Step]:
    """Yield `steps` with, before each, those that make known whom and what it is about and nobody has heard of."""
    yield from _body(run, at)
    known: set[str] = set()
    for step in steps:
        for event in step.events:
            if isinstance(event, ProgrammeRegistered) and event.provider not in known:
                known.add(event.provider)
                yield from _provider(event, step.at)
            elif isinstance(event, PlaceTaken) and step.stream not in known:
                known.add(step.stream)
                yield _window(step, member(run, "officer"))
        yield step
        for event in step.events:
            if isinstance(event, ProgrammeRegistered | AccreditationAwarded):
                opened = CaseOpened(case=step.stream)
                yield Step(step.at, event.provider, step.actor, step.role, (opened,))


def _body(run: str, at: datetime) -> Iterator[Step]:
    """The people of the accrediting body, each authorised and trained for what they do."""
    yield from _member(member(run, "officer"), "officer", at)
    for number in range(ASSESSORS):
        yield from _member(member(run, "assessor", number), "assessor", at, training=("assessing", *JUDGING))
    for number in range(CHAIRS):
        yield from _member(member(run, "chair", number), "chair", at, training=("chairing", *JUDGING))
    for number in range(2):
        yield from _member(member(run, "moderator", number), "moderator", at, training=("moderating",))


def _member(id: str, role: str, at: datetime, *, training: tuple[str, ...] = ()) -> Iterator[Step]:
    for_scheme = None if role == "officer" else SCHEME_ID
    events = [
        PersonRegistered(person=id, subjects=SUBJECTS, phases=("secondary",)),
        RoleGiven(role=role, scheme=for_scheme),
    ]
    events += [TrainingCompleted(kind=kind, scheme=SCHEME_ID, expires_at=at + YEARS) for kind in training]
    name, email = _names(id).person("assay")
    yield Step(
        at, id, INSTALLER, INSTALLER, (*events, NonDisclosureSigned()), personal=_kept(id, name=name, email=email)
    )
    if for_scheme:
        listed = PersonAuthorised(person=id, role=role)
        yield Step(at, scheme_stream(SCHEME_ID), INSTALLER, INSTALLER, (listed,))


def _provider(case: ProgrammeRegistered, at: datetime) -> Iterator[Step]:
    id, contact, names = case.provider, case.lead_contact, _names(case.provider)
    name, address = names.organisation()
    events = (
        ProviderRegistered(provider=id, provider_type="charity", size_band=case.size_band),
        ContactNamed(person=contact),
    )
    yield Step(at, id, contact, "provider", events, personal=_kept(id, name=name, address=address))
    name, email = names.person("provider")
    known = (
        PersonRegistered(person=contact),
        RoleGiven(role="provider", scheme=SCHEME_ID),
        FactRecorded(number=1, kind="employed", provider=id, from_at=at, until_at=None, source=ON_RECORD),
    )
    yield Step(at, contact, contact, "provider", known, personal=_kept(contact, name=name, email=email))


def _window(taken: Step, officer: str) -> Step:
    """The window of the month in which a place is taken."""
    opens_at = taken.at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    scheduled = WindowScheduled(
        window=taken.stream,
        scheme=SCHEME_ID,
        opens_at=opens_at,
        closes_at=opens_at + MONTH,
        grace_seconds=0,
        capacity=ROOM,
    )
    return Step(taken.at, taken.stream, officer, "officer", (scheduled,))


def _names(id: str) -> Names:
    return Names(random.Random(id))  # noqa: S311 - made-up data


def _kept(subject: str, **fields: str) -> tuple[PersonalData, ...]:
    return tuple(PersonalData(subject=subject, name=name, value=value) for name, value in fields.items())
