"""Sessions: they end after a while, at sign-out, for all devices of a person at once, and with what they were begun under."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from infra.identity.tokens import LONGEST
from infra.store.datastore import Datastore

LONGEST_SESSION: Final = timedelta(hours=12)
"""After this everybody signs in anew."""
IDLE: Final = timedelta(hours=2)
"""A session that a browser has, and does not use for so long, is over."""
FORGOTTEN_AFTER: Final = timedelta(days=1)
SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly it is known when it was last used."""

ISSUER: Final = "issuer"
PAGES: Final = "pages"

_OPEN: Final = """
INSERT INTO access.sessions (id, kind, person, secret, parent, started_at, seen_at, ends_at)
SELECT %(id)s, %(kind)s, %(person)s, %(secret)s, %(parent)s, %(at)s, %(at)s,
    least(%(at)s::timestamptz + %(longest)s::interval, (SELECT ends_at FROM access.live WHERE id = %(parent)s))
WHERE %(parent)s::text IS NULL OR EXISTS (SELECT FROM access.live WHERE id = %(parent)s AND ends_at > %(at)s)
RETURNING ends_at
"""
_FIND: Final = """
SELECT id, person, parent, started_at, seen_at, ends_at FROM access.live
WHERE secret = %s AND kind = %s AND ends_at > %s AND seen_at > %s
"""
_SEEN: Final = "UPDATE access.sessions SET seen_at = %s WHERE id = %s AND seen_at < %s RETURNING id"
_END: Final = "UPDATE access.sessions SET ended_at = %s WHERE id = %s AND ended_at IS NULL RETURNING id"
_END_ALL: Final = """
WITH links AS (DELETE FROM access.links WHERE person = %(person)s AND used_at IS NULL),
    earlier AS (
        INSERT INTO access.revoked AS known (id, at, until) VALUES (%(mark)s, %(at)s, %(until)s)
        ON CONFLICT (id) DO UPDATE SET at = greatest(known.at, excluded.at), until = greatest(known.until, excluded.until)
    )
UPDATE access.sessions SET ended_at = %(at)s WHERE person = %(person)s AND ended_at IS NULL AND ends_at > %(at)s RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in; `parent` is the session that this one was begun under."""

    id: str
    person: str
    parent: str | None
    started_at: datetime
    ends_at: datetime


def new_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def new_id() -> str:
    """An id that says nothing and is no secret."""
    return secrets.token_urlsafe(12)


def digest(secret: str) -> bytes:
    """What is kept of a secret that is itself random."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def begin(datastore: Datastore, *, kind: str, person: str, at: datetime, parent: str | None = None) -> str | None:
    """Begin a session for a browser; return the secret that it is to keep, or None where the parent is over.

    What has been over for a day is deleted on this occasion: a code or token that comes a second time is known so long.
    """
    forget(datastore, at - FORGOTTEN_AFTER)
    secret = new_secret()
    values = {"id": new_id(), "kind": kind, "person": person, "secret": digest(secret), "parent": parent, "at": at}
    return secret if datastore.rows(_OPEN, values | {"longest": LONGEST_SESSION}) else None


def find(datastore: Datastore, secret: str, *, kind: str, at: datetime) -> Session | None:
    """The session of this secret, if it is not over; it counts as used then."""
    rows = datastore.rows(_FIND, [digest(secret), kind, at, at - IDLE])
    if not rows:
        return None
    id, person, parent, started_at, seen_at, ends_at = rows[0]
    if seen_at <= at - SEEN_EVERY:
        datastore.rows(_SEEN, [at, id, at])
    return Session(id=id, person=person, parent=parent, started_at=started_at, ends_at=ends_at)


def end(datastore: Datastore, id: str, *, at: datetime) -> bool:
    """End a session, and with it what was begun under it; tokens of it are not accepted any more."""
    return bool(datastore.rows(_END, [at, id]))


def end_sign_in(datastore: Datastore, session: Session, *, at: datetime) -> None:
    """End a session and all that it was begun under: what one signed in to at once ends at once."""
    above: str | None = session.id
    while above:
        end(datastore, above, at=at)
        rows = datastore.rows("SELECT parent FROM access.sessions WHERE id = %s", [above])
        above = rows[0][0] if rows else None


def end_all(datastore: Datastore, person: str, *, at: datetime) -> int:
    """End all sessions of a person, on all devices, and their unused links; return how many sessions.

    Tokens that another issuer gave them before are not accepted any more either.
    """
    values = {"person": person, "at": at, "mark": mark_of(person), "until": at + timedelta(seconds=LONGEST)}
    return len(datastore.rows(_END_ALL, values))


def mark_of(person: str) -> str:
    """Under which id is kept that all earlier tokens of a person are revoked."""
    return f"person {person}"


def revoke(datastore: Datastore, issuer: str, jti: str, *, at: datetime, until: datetime) -> None:
    """Have one token not accepted any more."""
    statement = "INSERT INTO access.revoked (id, at, until) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING id"
    datastore.rows(statement, [token_mark(issuer, jti), at, until])


def token_mark(issuer: str, jti: str) -> str:
    """Under which id is kept that a token is revoked; of one length, whatever the issuer calls it."""
    return f"token {hashlib.sha256(f'{issuer} {jti}'.encode('utf-8', 'surrogatepass')).hexdigest()}"


def forget(datastore: Datastore, at: datetime) -> int:
    """Delete all whose time was over at that instant; return how many rows."""
    return sum(
        len(datastore.rows(f"DELETE FROM access.{table} WHERE {column} < %s RETURNING 1", [at]))  # noqa: S608 - names from here
        for table, column in _PASSING
    )


_PASSING: Final = (
    ("links", "ends_at"),
    ("codes", "ends_at"),
    ("refresh_tokens", "ends_at"),
    ("sessions", "ends_at"),
    ("revoked", "until"),
)
