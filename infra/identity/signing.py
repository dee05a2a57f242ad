"""What our own issuer says in the tokens that it signs, and for how long."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt

from infra.identity.configured import Identity
from infra.identity.keyring import ALGORITHM, TOKENS_LAST, KeyRing
from infra.identity.sessions import new_id
from infra.identity.tokens import ACCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whom a token is to stand for, which client got it, under which session (none for a service account), until when at most.

    `since` is when they signed in.
    """

    subject: str
    client: str
    scope: str
    ends_at: datetime
    session: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes the tokens of our own issuer."""

    identity: Identity
    keyring: KeyRing

    def answer(self, grant: Grant, at: datetime) -> dict[str, Any]:
        """What the token endpoint answers: an access token (RFC 9068)."""
        until = min(at + TOKENS_LAST, grant.ends_at)
        claims = {"aud": self.identity.audience, "client_id": grant.client, "scope": grant.scope}
        token = self._signed(ACCESS, grant, claims | ({"sid": grant.session} if grant.session else {}), at, until)
        lasts = int((until - at).total_seconds())
        return {"access_token": token, "token_type": "Bearer", "expires_in": lasts, "scope": grant.scope}

    def id_token(self, grant: Grant, nonce: str, at: datetime) -> str:
        """Who signed in, told to the client."""
        claims: dict[str, Any] = {"aud": grant.client, "sid": grant.session}
        claims |= {"auth_time": int(grant.since.timestamp())} if grant.since else {}
        return self._signed("JWT", grant, claims | ({"nonce": nonce} if nonce else {}), at, at + TOKENS_LAST)

    def _signed(self, kind: str, grant: Grant, claims: dict[str, Any], at: datetime, until: datetime) -> str:
        key, now = self.keyring.signing(), int(at.timestamp())
        said: dict[str, Any] = {"iss": self.identity.issuer, "sub": grant.subject, "jti": new_id()}
        said |= {"iat": now, "nbf": now, "exp": int(until.timestamp())}
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": kind}, said | claims, key, algorithms=[ALGORITHM])
