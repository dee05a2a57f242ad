"""Which tokens are believed: signed by a key of their issuer, for us, in their time, by an algorithm that was chosen here."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key
from joserfc.jwt import JWTClaimsRegistry

from infra.identity.known import NotKnown

MOST: Final = 8 * 1024
"""Characters of a token."""
LEEWAY: Final = 30
"""Seconds by which another's clock may differ."""
LONGEST: Final = 24 * 3600
"""Seconds for which a token may be good; what was revoked is remembered as long."""
ACCESS: Final = "at+jwt"
"""The type of an access token of our own (RFC 9068), so that no other token of ours passes for one."""

KeyOf = Callable[[str | None, datetime], Key | None]
"""Returns the key of an id at an instant, or the only one for None; None if there is none such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Whose tokens are believed: its name, for whom they have to be, what may sign them, where its keys are.

    `types` are what the header may call the token, in lower case; empty where it says nothing.
    """

    name: str
    audience: str
    algorithms: Collection[str]
    key: KeyOf
    types: Collection[str] = ("", "jwt", ACCESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """What a token says that is believed."""

    issuer: str
    subject: str
    issued_at: datetime
    until: datetime
    claims: dict[str, Any]

    def text(self, name: str) -> str:
        """A claim that is a text, or nothing."""
        found = self.claims.get(name)
        return found if isinstance(found, str) else ""


def issuer_of(token: str) -> str:
    """The issuer that a token names, before anything of it is believed. Raises NotKnown for what is no token."""
    if len(token) > MOST:
        raise NotKnown("the token is too long")
    try:
        claims = msgspec.json.decode(jws.extract_compact(token.encode("ascii")).payload)
    except (JoseError, ValueError, msgspec.DecodeError):
        raise NotKnown("this is no signed token") from None
    name = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(name, str):
        raise NotKnown("the token names no issuer")
    return name


def believe(token: str, issuer: Issuer, at: datetime) -> Believed:
    """What a token of this issuer says, at an instant (UTC). Raises NotKnown, saying why it is not believed."""
    if issuer_of(token) != issuer.name:
        raise NotKnown("the token is of another issuer")
    key, algorithm = _key(token, issuer, at)
    try:
        claims = jwt.decode(token, key, algorithms=[algorithm]).claims
    except (JoseError, ValueError, TypeError):
        raise NotKnown("the token's signature is not right") from None
    _require_ours(claims, issuer, at)
    return Believed(
        issuer=issuer.name,
        subject=claims["sub"],
        issued_at=_instant(claims["iat"]),
        until=_instant(claims["exp"]),
        claims=claims,
    )


def _key(token: str, issuer: Issuer, at: datetime) -> tuple[Key, str]:
    """The key that has to have signed it, and the algorithm: one of the issuer's, that the key is meant for."""
    header = jws.extract_compact(token.encode("ascii")).headers()
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "")
    if not isinstance(algorithm, str) or algorithm not in issuer.algorithms:
        raise NotKnown("the token is signed in a way that is not accepted")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in issuer.types:
        raise NotKnown("the token is of another kind")
    if "crit" in header or "b64" in header:
        raise NotKnown("the token is of another kind")
    if not isinstance(kid, str | None):
        raise NotKnown("the token's key has no proper id")
    key = issuer.key(kid, at)
    if key is None:
        raise NotKnown("the token is signed by a key that its issuer does not have")
    try:
        key.check_use("sig")
        key.check_alg(algorithm)
    except JoseError:
        raise NotKnown("the token's key is for something else") from None
    return key, algorithm


def _require_ours(claims: dict[str, Any], issuer: Issuer, at: datetime) -> None:
    now = int(at.timestamp())
    registry = JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer.name},
        aud={"essential": True, "value": issuer.audience},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except ExpiredTokenError:
        raise NotKnown("the token has expired") from None
    except JoseError as error:
        raise NotKnown(f"the token does not hold here: {error.description or error.error}") from None
    if claims["exp"] - claims["iat"] > LONGEST or claims["exp"] > now + LONGEST + LEEWAY:
        raise NotKnown("the token is good for too long")
    if len(claims["sub"]) > 255 or not claims["sub"].isprintable():
        raise NotKnown("the token's subject is too long, or is no text")


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
