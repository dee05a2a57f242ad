"""Addresses of calendars: one for a person and a role, with a secret of which only the digest is kept; replaced and ended at any time."""

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from infra.store.datastore import Datastore

BITS: Final = 256
"""Of chance in a secret."""
PATH: Final = "/calendars/{secret}.ics"
_ID: Final = re.compile(r"calendar-[a-z2-7]{16}")

_MAKE: Final = """
INSERT INTO access.calendars AS kept (id, person, role, secret, made_at)
SELECT %(id)s, %(person)s, %(role)s, %(secret)s, %(at)s
ON CONFLICT (person, role) DO UPDATE
SET secret = excluded.secret, made_at = excluded.made_at, version = kept.version + 1
RETURNING id, person, role, made_at, version
"""
_LIST: Final = "SELECT id, person, role, made_at, version FROM access.calendars"
_END: Final = "DELETE FROM access.calendars WHERE id = %s AND (%s::text[] IS NULL OR person = ANY(%s)) RETURNING id"


@dataclass(frozen=True, slots=True)
class Address:
    """A calendar of `person` in `role`, at an address made at `made_at` (UTC); `version` counts the addresses that it had."""

    id: str
    person: str
    role: str
    made_at: datetime
    version: int


def make(datastore: Datastore, *, person: str, role: str, at: datetime) -> tuple[Address, str]:
    """Make the address of a person's calendar in a role, in the place of one that there was; return it and its path, which is not kept."""
    secret = secrets.token_urlsafe(BITS // 8)
    id = f"calendar-{base64.b32encode(secrets.token_bytes(10)).decode().lower()}"
    asked = {"id": id, "person": person, "role": role, "secret": _digest(secret), "at": at}
    [row] = datastore.rows(_MAKE, asked)
    return Address(*row), PATH.format(secret=secret)


def find(datastore: Datastore, secret: str) -> Address | None:
    """The calendar at an address; None where there is none, which is looked up in the same way."""
    rows = datastore.rows(f"{_LIST} WHERE secret = %s", [_digest(secret)])
    return Address(*rows[0]) if rows else None


def of_person(datastore: Datastore, person: str, role: str) -> Address | None:
    """The calendar of a person in a role."""
    rows = datastore.rows(f"{_LIST} WHERE person = %s AND role = %s", [person, role])
    return Address(*rows[0]) if rows else None


def all_addresses(datastore: Datastore) -> list[Address]:
    """All that there are, the oldest first."""
    return [Address(*row) for row in datastore.rows(f"{_LIST} ORDER BY made_at, id", [])]


def end(datastore: Datastore, id: str, *, of: Sequence[str] | None = None) -> bool:
    """End a calendar, at once; say whether there was one of this id, of one of these people if they are said."""
    people = list(of) if of is not None else None
    return bool(_ID.fullmatch(id)) and bool(datastore.rows(_END, [id, people, people]))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
