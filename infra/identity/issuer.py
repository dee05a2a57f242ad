"""Our own issuer of tokens: codes bound to who asked for them, refresh tokens that are good once, and keys of its own.

Source: OAuth 2.1's rules for codes with PKCE, RFC 6749, 7009, 9068, 9207 and OpenID Connect Core.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from infra.identity import people, service_accounts, sessions
from infra.identity.authorization import PAGES_CLIENT, OAuthError, Request, challenge_of
from infra.identity.identify import Doors
from infra.identity.keyring import TOKENS_LAST
from infra.identity.known import NotKnown
from infra.identity.sessions import Session, digest, new_id, new_secret
from infra.identity.signing import Grant, Signer
from infra.identity.tokens import believe

log = structlog.get_logger()

CODE_LASTS: Final = timedelta(seconds=60)
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")

_KEEP_CODE: Final = """
INSERT INTO access.codes (secret, session, person, client, redirect_uri, challenge, nonce, scope, ends_at)
VALUES (%(secret)s, %(session)s, %(person)s, %(client)s, %(redirect_uri)s, %(challenge)s, %(nonce)s, %(scope)s, %(ends_at)s)
RETURNING 1
"""
# In one statement, so that of two who come with the same code one gets a session, and the other finds which one to end.
_REDEEM: Final = """
WITH code AS (
    UPDATE access.codes SET used_at = %(at)s, led_to = %(id)s
    WHERE secret = %(secret)s AND used_at IS NULL AND ends_at > %(at)s
        AND client = %(client)s AND redirect_uri = %(redirect_uri)s AND challenge = %(challenge)s
    RETURNING *
), begun AS (
    INSERT INTO access.sessions (id, kind, person, parent, client, scope, started_at, seen_at, ends_at)
    SELECT %(id)s, 'grant', code.person, code.session, code.client, code.scope, live.started_at, %(at)s, live.ends_at
    FROM code JOIN access.live ON live.id = code.session WHERE live.ends_at > %(at)s
    RETURNING person, scope, started_at, ends_at
)
SELECT begun.person, begun.scope, begun.started_at, begun.ends_at, code.nonce FROM begun, code
"""
_LED_TO: Final = "SELECT led_to FROM access.codes WHERE secret = %s AND used_at IS NOT NULL"
_KEEP_REFRESH: Final = "INSERT INTO access.refresh_tokens (secret, session, ends_at) VALUES (%s, %s, %s) RETURNING 1"
_REFRESH: Final = """
UPDATE access.refresh_tokens AS token SET used_at = %(at)s FROM access.live
WHERE token.secret = %(secret)s AND token.used_at IS NULL AND token.ends_at > %(at)s
    AND live.id = token.session AND live.client = %(client)s AND live.ends_at > %(at)s
RETURNING live.id, live.person, live.scope, live.ends_at
"""
_OF_REFRESH: Final = """
SELECT token.session, token.used_at IS NOT NULL, sessions.client
FROM access.refresh_tokens token JOIN access.sessions ON sessions.id = token.session WHERE token.secret = %s
"""


@dataclass(frozen=True, slots=True)
class LocalIssuer:
    """Our own issuer. Any thread may use it."""

    doors: Doors

    @property
    def name(self) -> str:
        """Its name, under which tokens are its own."""
        return self.doors.identity.issuer

    @property
    def signer(self) -> Signer:
        """What signs for it."""
        return Signer(self.doors.identity, self.doors.keyring)

    def jwks(self, at: datetime) -> dict[str, Any]:
        """Its public keys."""
        return {"keys": [key.as_dict(private=False) for key in self.doors.keyring.public(at)]}

    def give_code(self, asked: Request, session: Session, at: datetime) -> str:
        """A code for who is signed in, good once, for whom it was asked; returns it."""
        if not people.is_somebody(self.doors.datastore, session.person, at):
            raise OAuthError("access_denied", "this account is closed")
        code = new_secret()
        values = {"session": session.id, "person": session.person, "client": asked.client, "nonce": asked.nonce}
        values |= {"redirect_uri": asked.redirect_uri, "challenge": asked.challenge, "scope": asked.scope}
        self.doors.datastore.rows(_KEEP_CODE, values | {"secret": digest(code), "ends_at": at + CODE_LASTS})
        return code

    def token(self, form: Mapping[str, str], basic: tuple[str, str] | None, at: datetime) -> dict[str, Any]:
        """The answer of the token endpoint. Raises OAuthError."""
        match form.get("grant_type", ""):
            case "authorization_code":
                return self._by_code(form, at)
            case "refresh_token":
                return self._by_refresh(form, at)
            case "client_credentials":
                return self._by_secret(form, basic, at)
            case "":
                raise OAuthError("invalid_request", "grant_type is needed")
            case _:
                raise OAuthError("unsupported_grant_type", "authorization_code, refresh_token or client_credentials")

    def redeem(self, *, code: str, client: str, redirect_uri: str, verifier: str, at: datetime) -> dict[str, Any]:
        """The tokens for a code. A code that comes twice ends what it led to."""
        if not _VERIFIER.fullmatch(verifier):
            raise OAuthError("invalid_request", "a code verifier of 43 to 128 characters is needed")
        id, store = new_id(), self.doors.datastore
        values = {"secret": digest(code), "client": client, "redirect_uri": redirect_uri, "at": at, "id": id}
        rows = store.rows(_REDEEM, values | {"challenge": challenge_of(verifier)})
        if not rows:
            for (led_to,) in store.rows(_LED_TO, [digest(code)]):
                sessions.end(store, led_to, at=at)
                log.warning("identity.code_came_twice", client=client, session=led_to)
            raise OAuthError("invalid_grant", "the code is not good, or not for this")
        person, scope, since, ends_at, nonce = rows[0]
        grant = Grant(subject=person, client=client, scope=scope, ends_at=ends_at, session=id, since=since)
        return self._given(grant, at) | {"id_token": self.signer.id_token(grant, nonce, at)}

    def revoke(self, form: Mapping[str, str], at: datetime) -> None:
        """Have a token not accepted any more, and with a refresh token all that came of its code. Unknown ones are nothing.

        By whoever has the token; where a client is named it has to be the one that got it.
        """
        token, client, store = form.get("token", ""), form.get("client_id", ""), self.doors.datastore
        if not token:
            raise OAuthError("invalid_request", "token is needed")
        for session, _, own in store.rows(_OF_REFRESH, [digest(token)]):
            if client in ("", own):
                sessions.end(store, session, at=at)
            return
        try:
            believed = believe(token, self.doors.issuers[self.name], at)
        except NotKnown:
            return
        if client in ("", believed.text("client_id")):
            sessions.revoke(store, self.name, believed.text("jti"), at=at, until=believed.until + timedelta(minutes=5))

    def _by_code(self, form: Mapping[str, str], at: datetime) -> dict[str, Any]:
        found = {"code": form.get("code", ""), "client": form.get("client_id", "")}
        return self.redeem(
            **found, redirect_uri=form.get("redirect_uri", ""), verifier=form.get("code_verifier", ""), at=at
        )

    def _by_refresh(self, form: Mapping[str, str], at: datetime) -> dict[str, Any]:
        """New tokens for a refresh token. One that comes twice was stolen, from one of the two: all of it ends."""
        secret, client, store = digest(form.get("refresh_token", "")), form.get("client_id", ""), self.doors.datastore
        rows = store.rows(_REFRESH, {"secret": secret, "client": client, "at": at})
        if not rows:
            for session, used, _ in store.rows(_OF_REFRESH, [secret]):
                if used:
                    sessions.end(store, session, at=at)
                    log.warning("identity.refresh_token_came_twice", client=client, session=session)
            raise OAuthError("invalid_grant", "the refresh token is not good")
        id, person, scope, ends_at = rows[0]
        if not people.is_somebody(store, person, at):
            raise OAuthError("invalid_grant", "this account is closed")
        return self._given(Grant(subject=person, client=client, scope=scope, ends_at=ends_at, session=id), at)

    def _by_secret(self, form: Mapping[str, str], basic: tuple[str, str] | None, at: datetime) -> dict[str, Any]:
        if basic and ("client_secret" in form or form.get("client_id", basic[0]) != basic[0]):
            raise OAuthError("invalid_request", "the client says who it is in one way only")
        id, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        account = service_accounts.proven(self.doors.datastore, id, secret)
        if account is None:
            raise OAuthError("invalid_client", "there is no such service account, or its secret is another one", 401)
        asked = set(form.get("scope", "").split()) or set(account.scopes)
        if not asked <= set(account.scopes):
            raise OAuthError("invalid_scope", f"this account is for {' '.join(account.scopes)}")
        scope = " ".join(sorted(asked))
        return self.signer.answer(Grant(subject=id, client=id, scope=scope, ends_at=at + TOKENS_LAST), at)

    def _given(self, grant: Grant, at: datetime) -> dict[str, Any]:
        """An access token of a session, and the next refresh token; our pages need none."""
        given = self.signer.answer(grant, at)
        if grant.client != PAGES_CLIENT:
            given["refresh_token"] = new_secret()
            self.doors.datastore.rows(_KEEP_REFRESH, [digest(given["refresh_token"]), grant.session, grant.ends_at])
        return given
