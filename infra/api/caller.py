"""Who asks the API, and what it works with: made once a request, passed to whatever answers it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import Request

from domain.person import Person
from infra.badges.keys import Issuer, Key
from infra.bootstrap import App
from infra.identity.known import Identify, Known
from infra.webhooks.addresses import Allowed


def always(issuer: Issuer) -> Callable[[], Issuer]:
    """The same one issues badges at all times."""
    return lambda: issuer


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one caller may ask for: bytes of a body and seconds to send it in, reads and commands a minute, rows of a page.

    A file may be as large as the scheme says; the seconds are then those in which nothing of it comes. `uploads` may come in
    at once, `uploads_each` of one caller.
    `at_once` are the requests of all together: few enough that the last has not waited long for its turn, even while the
    record is out of reach.
    """

    body: int = 2 * 1024 * 1024
    seconds: float = 30.0
    reads: int = 1_200
    commands: int = 300
    page: int = 200
    at_once: int = 160
    uploads: int = 16
    uploads_each: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """What the API works with: the record and its read models, who tokens and cookies stand for, the clock, and limits.

    A cookie stands for somebody only in requests that read. Once `stopping` is set, what would go on for ever ends. `base` is
    the address under which others reach it, and `webhooks` where word may be carried to beside public addresses. `issuer` says
    who signs badges now: somebody with a key that nobody keeps, unless another is given.
    """

    app: App
    identify: Identify
    identify_cookie: Callable[[Request, datetime], Known | None] = lambda _request, _at: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    limits: Limits = field(default_factory=Limits)
    stopping: threading.Event = field(default_factory=threading.Event)
    base: str = ""
    webhooks: Allowed = field(default_factory=Allowed)
    issuer: Callable[[], Issuer] = field(
        default_factory=lambda: always(Issuer(Key.make(), "http://127.0.0.1:8080", "Assay"))
    )


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
