"""The directory: people with their roles and training, providers, windows, meetings, and the published versions of schemes and policies.

Ids and codes only; names are in the vault.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from domain.ids import kind_of
from domain.linked import AccountClosed
from domain.meeting import MeetingOpened, MeetingScheduled, MinutesSigned
from domain.person import (
    AvailabilitySet,
    NonDisclosureSigned,
    PersonRegistered,
    RoleEnded,
    RoleGiven,
    TrainingCompleted,
)
from domain.policy import PolicyPublished
from domain.provider import ContactEnded, ContactNamed, ProviderRegistered
from domain.scheme_record import SchemeVersionPublished
from domain.window import WindowClosed, WindowExtended, WindowOpened, WindowScheduled
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables

R = TypeVar("R")


@dataclass(slots=True)
class Person:
    """Somebody known to the body, expert in `subjects` and `phases`, since `registered_at` (UTC).

    `goes_on` is the account that acts in the place of this one, where two were found to be one human's.
    """

    person: str
    subjects: list[str]
    phases: list[str]
    registered_at: datetime
    available: bool = True
    non_disclosure: bool = False
    goes_on: str | None = None


@dataclass(slots=True)
class Role:
    """A person was appointed to a role, of one scheme or of all (empty), at `given_at`, for a term where one was given (UTC)."""

    person: str
    role: str
    scheme: str
    given_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(slots=True)
class Training:
    """A person's training of a kind for a scheme, which holds until `expires_at` (UTC)."""

    person: str
    kind: str
    scheme: str
    expires_at: datetime


@dataclass(slots=True)
class Provider:
    """A provider, its type and size, and the people who speak for it."""

    provider: str
    provider_type: str
    size_band: str
    registered_at: datetime
    contacts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Window:
    """A window for submissions (UTC), of `capacity` places where it has a limit; `scheduled`, `open` or `closed`.

    How many are taken is not shown: nobody learns from it of a case that a conflict hides.
    """

    window_id: str
    scheme: str
    opens_at: datetime
    closes_at: datetime
    grace_seconds: int
    capacity: int | None
    state: str = "scheduled"


@dataclass(slots=True)
class Meeting:
    """A meeting for moderation (UTC), of a scheme's `form`: `scheduled`, `opened`, with whom, or `signed`.

    The cases that it looks at are in a table of their own, since each is shown to whom that one is.
    """

    meeting: str
    scheme: str
    form: str
    starts_at: datetime
    chair: str
    panel: list[str]
    state: str = "scheduled"
    present: list[str] = field(default_factory=list)
    opened_at: datetime | None = None
    signed_at: datetime | None = None
    minutes_spent: int | None = None


@dataclass(slots=True)
class Item:
    """A case that a meeting was called to look at."""

    meeting: str
    case_id: str


@dataclass(slots=True)
class Version:
    """A published version of a scheme or of a policy (`what`); `digest` is the hex SHA-256 of its text."""

    what: str
    name: str
    version: int
    digest: str
    published_at: datetime
    position: int


PEOPLE: Final = Table("directory_people", Person, ("person",))
ROLES: Final = Table("directory_roles", Role, ("person", "role", "scheme"), ("role, scheme",))
TRAINING: Final = Table("directory_training", Training, ("person", "kind", "scheme"), ("expires_at",))
PROVIDERS: Final = Table("directory_providers", Provider, ("provider",))
WINDOWS: Final = Table("directory_windows", Window, ("window_id",), ("closes_at",))
MEETINGS: Final = Table("directory_meetings", Meeting, ("meeting",), ("starts_at",))
ITEMS: Final = Table("directory_items", Item, ("meeting", "case_id"))
VERSIONS: Final = Table("directory_versions", Version, ("what", "name", "version"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Enter who and what became known, and what changed about them."""
    people = [one for one in events if kind_of(one.stream) == "person"]
    _turn(tables, PEOPLE, people, _person)
    _turn(tables, PROVIDERS, [one for one in events if kind_of(one.stream) == "provider"], _provider)
    _turn(tables, WINDOWS, [one for one in events if kind_of(one.stream) == "window"], _window)
    meetings = [one for one in events if kind_of(one.stream) == "meeting"]
    _turn(tables, MEETINGS, meetings, _meeting)
    scheduled = [one for one in meetings if isinstance(one.event, MeetingScheduled)]
    tables.add(ITEMS, [Item(one.stream, case) for one in scheduled for case in dict.fromkeys(one.event.items)])
    _roles(tables, [one for one in people if isinstance(one.event, RoleGiven | RoleEnded)])
    trained = {
        (one.stream, one.event.kind, one.event.scheme): Training(
            one.stream, one.event.kind, one.event.scheme, one.event.expires_at
        )
        for one in people
        if isinstance(one.event, TrainingCompleted)
    }
    tables.save(TRAINING, trained.values())
    tables.add(VERSIONS, [version for one in events if (version := _version(one))])


MODEL: Final = ReadModel(
    name="directory",
    version=2,
    tables=(PEOPLE, ROLES, TRAINING, PROVIDERS, WINDOWS, MEETINGS, ITEMS, VERSIONS),
    apply=apply,
)


def _turn(
    tables: Tables, table: Table[R], events: Sequence[Recorded], change: Callable[[R | None, Recorded], R | None]
) -> None:
    """Change the rows that are named after their streams, by `change`, which also makes new ones."""
    if not events:
        return
    [key] = table.key
    rows = {getattr(row, key): row for row in tables.load(table, key, {one.stream for one in events})}
    for one in events:
        if row := change(rows.get(one.stream), one):
            rows[one.stream] = row
    tables.save(table, rows.values())


def _person(row: Person | None, one: Recorded) -> Person | None:
    match one.event:
        case PersonRegistered(subjects=subjects, phases=phases):
            return Person(one.stream, list(subjects), list(phases), one.at)
        case AvailabilitySet(available=available) if row:
            row.available = available
        case NonDisclosureSigned() if row:
            row.non_disclosure = True
        case AccountClosed(goes_on=goes_on) if row:
            row.goes_on = goes_on
    return row


def _provider(row: Provider | None, one: Recorded) -> Provider | None:
    match one.event:
        case ProviderRegistered(provider_type=kind, size_band=size):
            return Provider(one.stream, kind, size, row.registered_at if row else one.at, row.contacts if row else [])
        case ContactNamed(person=person) if row:
            row.contacts = sorted({*row.contacts, person})
        case ContactEnded(person=person) if row:
            row.contacts = [each for each in row.contacts if each != person]
    return row


def _window(row: Window | None, one: Recorded) -> Window | None:
    match one.event:
        case WindowScheduled() as event:
            return Window(
                window_id=one.stream,
                scheme=event.scheme,
                opens_at=event.opens_at,
                closes_at=event.closes_at,
                grace_seconds=event.grace_seconds,
                capacity=event.capacity,
            )
        case WindowExtended(closes_at=closes_at) if row:
            row.closes_at = closes_at
            row.state = "open" if row.state == "closed" else row.state
        case WindowOpened() if row:
            row.state = "open"
        case WindowClosed() if row:
            row.state = "closed"
    return row


def _meeting(row: Meeting | None, one: Recorded) -> Meeting | None:
    match one.event:
        case MeetingScheduled() as event:
            return Meeting(one.stream, event.scheme, event.form, event.starts_at, event.chair, list(event.panel))
        case MeetingOpened(present=present) if row:
            row.state, row.present, row.opened_at = "opened", list(present), one.at
        case MinutesSigned(minutes_spent=minutes) if row:
            row.state, row.minutes_spent, row.signed_at = "signed", minutes, one.at
    return row


def _roles(tables: Tables, events: Sequence[Recorded]) -> None:
    if not events:
        return
    rows = {(row.person, row.role, row.scheme): row for row in tables.load(ROLES, "person", {e.stream for e in events})}
    for one in events:
        key = (one.stream, one.event.role, one.event.scheme or "")
        if isinstance(one.event, RoleGiven):
            rows[key] = Role(*key, given_at=one.at, starts_at=one.event.starts_at, ends_at=one.event.ends_at)
        elif key in rows:
            rows[key].ended_at = one.at
    tables.save(ROLES, rows.values())


def _version(one: Recorded) -> Version | None:
    match one.event:
        case SchemeVersionPublished(scheme=name, version=version, digest=digest):
            return Version("scheme", name, version, digest, one.at, one.position)
        case PolicyPublished(kind=name, version=version, digest=digest):
            return Version("policy", name, version, digest, one.at, one.position)
        case _:
            return None
