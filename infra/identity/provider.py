"""A provider elsewhere: what it says of itself and its keys, fetched within bounds, kept, and asked again when a key is new."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from domain.refusals import Refused, refuse
from infra.identity.configured import is_fit

FRESH: Final = timedelta(minutes=10)
"""How long keys are used without asking for them again."""
KEPT: Final = timedelta(hours=24)
"""How long they are used when the provider can't be reached."""
PAUSE: Final = timedelta(seconds=30)
"""The least time between two attempts to fetch, whoever asks for which key."""
MOST: Final = 256 * 1024
"""Bytes of an answer."""
MOST_KEYS: Final = 100
LEAST_BITS: Final = 2048
"""Of an RSA key; a shorter one is left out."""
PATIENCE: Final = 5.0
"""Seconds for a whole answer."""
A_MOMENT: Final = 1.0
WELL_KNOWN: Final = "/.well-known/openid-configuration"
_PUBLIC: Final = frozenset({"kty", "kid", "alg", "use", "key_ops", "n", "e", "crv", "x", "y"})
"""Of a key nothing else is taken over: a provider that gives away its private key is not believed more for it."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a provider said, and when."""

    at: datetime
    metadata: Mapping[str, Any]
    keys: Mapping[str, Key]


@dataclass(slots=True)
class Provider:
    """The provider whose name is `issuer`. Any thread may use it; one at a time fetches."""

    issuer: str
    _known: Fetched | None = None
    _tried: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def key(self, kid: str | None, at: datetime) -> Key | None:
        """The key of this id, or the only one there is where a token names none; None if the provider has none such.

        Refuses when the provider can't be reached and nothing is kept of it.
        """
        known = self._at(at)
        found = _find(known, kid)
        if found is None and known.at < at:
            found = _find(self._renewed(at), kid)
        return found

    def metadata(self, at: datetime) -> Mapping[str, Any]:
        """What the provider says of itself. Refuses when it can't be reached and nothing is kept of it."""
        return self._at(at).metadata

    def _at(self, at: datetime) -> Fetched:
        known = self._known
        return known if known and at - known.at < FRESH else self._renewed(at)

    def _renewed(self, at: datetime) -> Fetched:
        """Ask again, unless it was tried just now; what is kept is good enough for a while.

        Whoever has something kept waits for another's attempt only for a moment: a slow provider holds nobody up.
        """
        if self._lock.acquire(timeout=A_MOMENT if self._known else 3 * PATIENCE):
            try:
                self._try(at)
            finally:
                self._lock.release()
        known = self._known
        if known is None or at - known.at >= KEPT:
            raise out_of_reach()
        return known

    def _try(self, at: datetime) -> None:
        if self._tried is not None and at - self._tried < PAUSE:
            return
        self._tried = at
        try:
            self._known = Fetched(at, *_fetch(self.issuer))
        except (httpx.HTTPError, JoseError, msgspec.DecodeError, ValueError) as error:
            log.warning("identity.provider_out_of_reach", error=type(error).__name__)


def out_of_reach() -> Refused:
    """The refusal where the provider is needed and does not answer; raise it."""
    return refuse(
        "identity-out-of-reach",
        "where people sign in can't be reached for a moment, so nobody new is known",
        field="Authorization",
        allowed="the same request again, in half a minute",
    )


def _find(known: Fetched, kid: str | None) -> Key | None:
    if kid is None and len(known.keys) == 1:
        return next(iter(known.keys.values()))
    return known.keys.get(kid or "")


def _fetch(issuer: str) -> tuple[Mapping[str, Any], Mapping[str, Key]]:
    """The provider's description of itself, and its keys. Raises ValueError where it is not what it must be."""
    with httpx.Client(timeout=PATIENCE, follow_redirects=False) as client:
        metadata = get_json(client, issuer.rstrip("/") + WELL_KNOWN)
        if metadata.get("issuer") != issuer:
            raise ValueError("the provider calls itself something else")
        return metadata, _keys(get_json(client, endpoint(metadata, "jwks_uri")))


def endpoint(metadata: Mapping[str, Any], name: str) -> str:
    """An address that a provider names. Raises ValueError where it is none that can be trusted."""
    address = metadata.get(name)
    if not isinstance(address, str) or not is_fit(address):
        raise ValueError(f"the provider names no {name} that can be trusted")
    return address


def get_json(client: httpx.Client, url: str, **sent: Any) -> dict[str, Any]:
    """What is answered, if it is a JSON object of at most `MOST` bytes that comes in time; `sent` is posted, if given."""
    until, body = time.monotonic() + PATIENCE, bytearray()
    with client.stream("POST" if sent else "GET", url, headers={"Accept": "application/json"}, **sent) as answer:
        answer.raise_for_status()
        for part in answer.iter_bytes():
            body += part
            if len(body) > MOST or time.monotonic() > until:
                raise ValueError("the answer is too long, or takes too long")
    return msgspec.json.decode(bytes(body), type=dict[str, Any])


def _keys(found: dict[str, Any]) -> Mapping[str, Key]:
    """The public keys that sign; what can't be read, or is a shared secret, is left out."""
    keys: dict[str, Key] = {}
    listed = found.get("keys")
    for one in listed[:MOST_KEYS] if isinstance(listed, list) else ():
        if not isinstance(one, dict) or one.get("kty") not in ("RSA", "EC", "OKP") or one.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key({name: one[name] for name in one if name in _PUBLIC})
            key.ensure_kid()
            if key.key_type == "RSA" and getattr(key.raw_value, "key_size", 0) < LEAST_BITS:
                continue
        except (JoseError, ValueError, TypeError):
            continue
        keys[str(key.kid)] = key
    if not keys:
        raise ValueError("the provider has no key that could sign")
    return keys
