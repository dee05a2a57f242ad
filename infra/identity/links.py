"""One-time links by which somebody signs in at our own issuer: kept as a digest, good for minutes, used up by a click."""

import re
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from domain.refusals import refuse
from infra.identity.configured import Identity
from infra.identity.sessions import digest, new_secret
from infra.store.datastore import Datastore

MINUTES: Final = 10
MOST_MINUTES: Final = 24 * 60
PATH: Final = "/identity/link/"
_WITHIN: Final = re.compile(r"/(?![/\\])[!-\[\]-~]{0,500}")

_MAKE: Final = "INSERT INTO access.links (secret, person, next, ends_at) VALUES (%s, %s, %s, %s) RETURNING 1"
_LOOK: Final = "SELECT next FROM access.links WHERE secret = %s AND used_at IS NULL AND ends_at > %s"
_USE: Final = """
UPDATE access.links SET used_at = %(at)s WHERE secret = %(secret)s AND used_at IS NULL AND ends_at > %(at)s
RETURNING person, next
"""


def make_link(
    datastore: Datastore, identity: Identity, person: str, *, at: datetime, minutes: int = MINUTES, next: str = "/"
) -> str:
    """Return a link by which `person` signs in once, within `minutes`, and comes to the page `next`."""
    if not identity.local:
        raise refuse(
            "sign-in-elsewhere",
            "people sign in at the provider that ASSAY_OIDC_ISSUER names",
            field="ASSAY_ISSUER_LOCAL",
            allowed="signing in there, or ASSAY_ISSUER_LOCAL=yes",
        )
    if not identity.base:
        raise refuse(
            "link-address",
            "it is not known where this is reached",
            field="ASSAY_BASE_URL",
            allowed="setting ASSAY_BASE_URL, or a port as ASSAY_API_PORT",
        )
    if not 1 <= minutes <= MOST_MINUTES:
        raise refuse("link-minutes", "a link can't last so long", field="--minutes", allowed=f"1 to {MOST_MINUTES}")
    if not is_within(next):
        raise refuse(
            "link-next", "the link would lead elsewhere", field="--next", allowed="a path here, such as /cases"
        )
    secret = new_secret()
    datastore.rows(_MAKE, [digest(secret), person, next, at + timedelta(minutes=minutes)])
    return f"{identity.base}{PATH}{secret}"


def is_good(datastore: Datastore, secret: str, *, at: datetime) -> bool:
    """Whether the link can still be used. Looking does not use it up."""
    return bool(datastore.rows(_LOOK, [digest(secret), at]))


def use_link(datastore: Datastore, secret: str, *, at: datetime) -> tuple[str, str] | None:
    """Use a link up; return who signs in and where they go, or None where it was used or its time is over."""
    rows = datastore.rows(_USE, {"secret": digest(secret), "at": at})
    return rows[0] if rows else None


def is_within(path: str) -> bool:
    """Whether `path` is a page of ours, and leads nowhere else in any browser: no host, no backslash, no control character."""
    return bool(_WITHIN.fullmatch(path))


def next_query(path: str) -> str:
    """The page to come to, as a query."""
    return urlencode({"next": path})
