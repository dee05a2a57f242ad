"""Service accounts: programs that act in one role, for named actions only, by a secret that is shown once."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.person import ROLES
from domain.programs import NOTES, may_do
from domain.refusals import refuse
from infra.identity.known import SERVICE
from infra.identity.sessions import new_secret
from infra.store.datastore import Datastore

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_COST: Final = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
"""Of scrypt: about 16 MB and 40 ms a try."""
_ADD: Final = """
INSERT INTO access.service_accounts (id, name, role, scopes, salt, secret, added_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (name) DO NOTHING RETURNING id
"""
_LIST: Final = "SELECT id, name, role, scopes, added_at, ended_at FROM access.service_accounts"
_END: Final = (
    "UPDATE access.service_accounts SET ended_at = %s WHERE (name = %s OR id = %s) AND ended_at IS NULL RETURNING id"
)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A program that acts in `role`, for the actions in `scopes`."""

    id: str
    name: str
    role: str
    scopes: Sequence[str]
    added_at: datetime
    ended_at: datetime | None


def add(
    datastore: Datastore, *, name: str, role: str, scopes: Sequence[str], known: Collection[str], at: datetime
) -> tuple[str, str]:
    """Add a service account for actions among those `known`, which the role may do; return its id and its secret, which is not kept."""
    if not _NAME.fullmatch(name):
        raise refuse(
            "service-account", "that is no name", field="NAME", allowed="lower-case letters, digits and -, at most 60"
        )
    if role not in ROLES:
        raise refuse("known-role", f"{role!r} is not a role", field="--role", allowed=", ".join(ROLES))
    strange = [one for one in scopes if one not in known]
    if strange or not scopes:
        why = f"{strange[0]!r} is no action of this role" if strange else "a service account is for named actions"
        raise refuse("token-scope", why, field="--scope", allowed="actions that `assay permissions` lists for the role")
    if beyond := [one for one in scopes if not may_do(one)]:
        raise refuse(
            "program-notes-only",
            f"{beyond[0]!r} is nothing that a program does",
            field="--scope",
            allowed=f"what is read (see-…), and {', '.join(NOTES)}",
        )
    id = f"{SERVICE}-{base64.b32encode(secrets.token_bytes(10)).decode().lower()}"
    secret, salt = new_secret(), secrets.token_bytes(16)
    if not datastore.rows(_ADD, [id, name, role, sorted(set(scopes)), salt, _hash(secret, salt), at]):
        raise refuse("service-account", "there is, or was, one of this name", field="NAME", allowed="another name")
    return id, secret


def all_accounts(datastore: Datastore) -> list[ServiceAccount]:
    """All that there are and were, the oldest first."""
    return [ServiceAccount(*row) for row in datastore.rows(f"{_LIST} ORDER BY added_at, name", [])]


def find(datastore: Datastore, id: str) -> ServiceAccount | None:
    """The account of this id that has not been ended."""
    rows = datastore.rows(f"{_LIST} WHERE id = %s AND ended_at IS NULL", [id])
    return ServiceAccount(*rows[0]) if rows else None


def proven(datastore: Datastore, id: str, secret: str) -> ServiceAccount | None:
    """The account of this id, if the secret is its own. Takes as long where there is none of that id."""
    rows = datastore.rows("SELECT salt, secret FROM access.service_accounts WHERE id = %s AND ended_at IS NULL", [id])
    salt, kept = (bytes(one) for one in rows[0]) if rows else (b"nobody", b"")
    return find(datastore, id) if hmac.compare_digest(_hash(secret, salt), kept) else None


def end(datastore: Datastore, name: str, *, at: datetime) -> None:
    """End an account, by name or id; its tokens are not accepted any more. Refuses one that there is not."""
    if not datastore.rows(_END, [at, name, name]):
        raise refuse(
            "service-account", "there is no such service account", field="NAME",
            allowed="one that `assay service-account list` shows as active",
        )  # fmt: skip


def _hash(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode("utf-8", "surrogatepass"), salt=salt, **_COST)
