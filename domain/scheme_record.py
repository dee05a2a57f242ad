"""What is on record about a scheme: its published versions, the people authorised for it, and its windows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from domain.refusals import refuse
from domain.scheme import Scheme
from domain.states import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeVersionPublished:
    """A version was published: `source` is its TOML text, `digest` the hex SHA-256 of that text in UTF-8."""

    scheme: str
    version: int
    digest: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAuthorised:
    """A person may act in `role` for this scheme."""

    person: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityEnded:
    """A person may no longer act in `role` for this scheme."""

    person: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowAnnounced:
    """A window for submissions was announced; results of what is submitted in it are due by `results_by` (UTC)."""

    window: str
    opens_at: datetime
    closes_at: datetime
    results_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementsChanged:
    """A client was told that `scheme` (`cpd-qa@2`) is in force. Stands in the stream of a case, which stays under `before`."""

    scheme: str
    before: str


SchemeEvent = SchemeVersionPublished | PersonAuthorised | AuthorityEnded | WindowAnnounced


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class SchemeRecord:
    """The state of a scheme's stream."""

    versions: dict[int, SchemeVersionPublished] = field(default_factory=dict)
    authorised: frozenset[tuple[str, str]] = frozenset()
    windows: tuple[WindowAnnounced, ...] = ()

    @property
    def latest(self) -> int:
        """The version in force, 0 if none is published."""
        return max(self.versions, default=0)

    def people(self, role: str) -> tuple[str, ...]:
        """The ids of those who may act in `role`, in a stable order."""
        return tuple(sorted(person for person, held in self.authorised if held == role))


def evolve(record: SchemeRecord, event: SchemeEvent) -> SchemeRecord:
    """Apply one event."""
    match event:
        case SchemeVersionPublished():
            return replace(record, versions={**record.versions, event.version: event})
        case PersonAuthorised():
            return replace(record, authorised=record.authorised | {(event.person, event.role)})
        case AuthorityEnded():
            return replace(record, authorised=record.authorised - {(event.person, event.role)})
        case WindowAnnounced():
            others = [one for one in record.windows if one.window != event.window]
            return replace(record, windows=tuple(sorted([*others, event], key=lambda one: one.closes_at)))
        case _:
            assert_never(event)


def publish(record: SchemeRecord, *, scheme: Scheme, source: str) -> list[SchemeEvent]:
    """Publish a version. Published versions never change: the same content again changes nothing, other content is refused."""
    published = record.versions.get(scheme.version)
    if published and published.digest == scheme.digest:
        return []
    if scheme.version <= record.latest:
        problem = "is already published with other content" if published else "comes before the one in force"
        raise refuse(
            "scheme-versions",
            f"version {scheme.version} of {scheme.id} {problem}",
            field="scheme.version",
            allowed=f"version {record.latest + 1} or later",
        )
    return [SchemeVersionPublished(scheme=scheme.id, version=scheme.version, digest=scheme.digest, source=source)]


def requirements_changed(told: frozenset[str], *, under: str, scheme: Scheme) -> list[RequirementsChanged]:
    """Tell the client of a case, once a version, that one later than the case's own is in force."""
    if scheme.ref in told or scheme.version <= version_of(under):
        return []
    return [RequirementsChanged(scheme=scheme.ref, before=under)]


def version_of(ref: str) -> int:
    """The version in a scheme's reference: 2 of `cpd-qa@2`."""
    return int(ref.partition("@")[2])


def authorise(record: SchemeRecord, *, person: str, role: str) -> list[SchemeEvent]:
    """Put a person on the list of those who may act in `role`."""
    return [] if (person, role) in record.authorised else [PersonAuthorised(person=person, role=role)]


def end_authority(record: SchemeRecord, *, person: str, role: str) -> list[SchemeEvent]:
    """Take a person off that list."""
    return [AuthorityEnded(person=person, role=role)] if (person, role) in record.authorised else []


def last_usable_window(windows: Sequence[WindowAnnounced], *, at: datetime, ends_at: datetime) -> str | None:
    """The last window still open or to come at `at` whose results come before `ends_at`; None if there is none."""
    usable = [one for one in windows if one.closes_at > at and one.results_by <= ends_at]
    return usable[-1].window if usable else None
