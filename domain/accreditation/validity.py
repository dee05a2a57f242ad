"""Was it accredited on a date? From periods, suspensions and their ends alone, whenever anyone got to recording them.

The register cuts its rows by the same functions, so that both always say the same. Source: handbook, sections 9 to 11.
"""

from collections.abc import Collection, Iterable
from dataclasses import Field, dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One period of validity, and the submission that earned it. `ends_at` no longer belongs to it.

    `extension`: it goes on because a reaccreditation is not decided yet. `scope` is the id of the text that narrows it.
    """

    submission: str
    level: str
    starts_at: datetime
    ends_at: datetime
    extension: bool = False
    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A time in which the award was not valid because of a concern; `ends_at` is None while it lasts."""

    concern: str
    starts_at: datetime
    ends_at: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Was it suspended at this instant?"""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


class Span(Protocol):
    """What has a start and an end: a period of the award, a year of it, or a row of the register."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


class Extendable(Span, Protocol):
    """A span that may be an extension."""

    @property
    def extension(self) -> bool: ...


class Levelled(Span, Protocol):
    """A span that is of a level."""

    @property
    def level(self) -> str: ...


S = TypeVar("S", bound=Span)
E = TypeVar("E", bound=Extendable)
L = TypeVar("L", bound=Levelled)


def valid_on(periods: Iterable[Period], suspensions: Iterable[Suspension], at: datetime) -> bool:
    """Was the programme accredited at this instant? Within a period, and not suspended then."""
    return any(one.starts_at <= at < one.ends_at for one in periods) and not any(one.covers(at) for one in suspensions)


def ended(spans: Iterable[S], at: datetime) -> list[S]:
    """The spans, with nothing left behind `at`; what would have begun later is left empty."""
    return [one if one.ends_at <= at else replace(one, ends_at=max(one.starts_at, at)) for one in spans]


def extension_ended(spans: Iterable[E], at: datetime) -> list[E]:
    """The spans, with no extension left behind `at`; one that had not begun is left empty."""
    return [ended([one], at)[0] if one.extension else one for one in spans]


def from_then_on(spans: Iterable[S], at: datetime, later: Iterable[S]) -> list[S]:
    """The spans as they were until `at`, and as `later` has them from then on; what was to begin later is left empty."""
    return [*ended(spans, at), *later]


def reduced_from(
    spans: Iterable[L], at: datetime, *, level: str | None, lowers: Collection[str] | None, scope: str | None
) -> list[L]:
    """The spans, of a lower level or of a narrower scope from `at` on; the one in which this falls is divided.

    `level` takes the place of those that are in `lowers` (None: of any), so that what was earned at less is not raised.
    """
    reduced: list[L] = []
    for one in spans:
        if one.ends_at <= at:
            reduced.append(one)
            continue
        if one.starts_at < at:
            reduced.append(replace(one, ends_at=at))
        lower = level if level and (lowers is None or one.level in lowers) else one.level
        changes: dict[str, Any] = {"level": lower} | ({"scope": scope} if scope else {})
        reduced.append(replace(one, starts_at=max(one.starts_at, at), **changes))
    return reduced


def some(spans: Iterable[S]) -> tuple[S, ...]:
    """The spans that are not empty, in order."""
    return tuple(sorted((one for one in spans if one.starts_at < one.ends_at), key=lambda one: one.starts_at))
