"""Who asks the API, and what it works with: made once a request, passed to whatever answers it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.person import Person
from infra.bootstrap import App
from infra.identity.known import Identify


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one caller may ask for: bytes of a body, reads and commands a minute, rows of a page."""

    body: int = 2 * 1024 * 1024
    reads: int = 1_200
    commands: int = 300
    page: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """What the API works with: the record and its read models, who tokens stand for, the clock, and limits."""

    app: App
    identify: Identify
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, in which role, at which instant (UTC).

    `actor` is a person id, `service-…`, or `public-…` for somebody unknown. `role` is the one acted in (`public` for
    somebody unknown). `scopes` are the actions that a token is narrowed to, None where it is not. `request` is the id of
    the request, which is in the logs and in the answer. `person` is who asks as the record knew them when their role was
    looked up, None where it was not.
    """

    actor: str
    role: str
    at: datetime
    request: str
    session: str = ""
    scopes: frozenset[str] | None = None
    person: Person | None = field(default=None, repr=False, compare=False)
