"""What a program may ask our own issuer for: a code, by a challenge of method S256, for an address that is known to the letter."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from infra.identity.configured import Identity
from infra.identity.keyring import ALGORITHM

PAGES_CLIENT: Final = "assay-pages"
"""Our own pages, as a client."""
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class OAuthError(Exception):
    """Why a client does not get what it asks for, in the words of the standard."""

    def __init__(self, error: str, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.error, self.why, self.status = error, why, status


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asks for somebody's browser; its client and the address to go back to are known ones."""

    client: str
    redirect_uri: str
    state: str
    nonce: str
    scope: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Authorization:
    """The requests that our own issuer answers."""

    identity: Identity

    def redirects_of(self, client: str) -> tuple[str, ...]:
        """The exact addresses that a client's users may be sent back to."""
        if client == PAGES_CLIENT:
            return (f"{self.identity.base}/sign-in/callback",)
        return self.identity.clients.get(client, ())

    def read_request(self, query: Mapping[str, str]) -> tuple[str, str]:
        """The client, and the address to go back to. Raises OAuthError where nobody may be sent back."""
        client, redirect_uri = query.get("client_id", ""), query.get("redirect_uri", "")
        if redirect_uri not in self.redirects_of(client):
            raise OAuthError(
                "invalid_request", "the program that sent you here is not known, or wants you sent elsewhere"
            )
        return client, redirect_uri

    def check_request(self, query: Mapping[str, str]) -> Request:
        """What is asked for. Raises OAuthError, which the client is told."""
        client, redirect_uri = self.read_request(query)
        if query.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "the response type is code")
        if "request" in query or "request_uri" in query:
            raise OAuthError("request_not_supported", "requests are given as parameters")
        if query.get("response_mode", "query") != "query":
            raise OAuthError("invalid_request", "the response mode is query")
        if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(query.get("code_challenge", "")):
            raise OAuthError("invalid_request", "a code challenge of method S256 is needed")
        if "openid" not in query.get("scope", "").split():
            raise OAuthError("invalid_scope", "the scope is openid")
        if any(len(query.get(name, "")) > 512 for name in ("state", "nonce")):
            raise OAuthError("invalid_request", "state and nonce are at most 512 characters")
        return Request(
            client=client,
            redirect_uri=redirect_uri,
            state=query.get("state", ""),
            nonce=query.get("nonce", ""),
            scope="openid",
            challenge=query["code_challenge"],
        )

    def send_back(self, redirect_uri: str, state: str, **said: str) -> str:
        """The address to send a browser back to with what is said; it names us, so that no other issuer is taken for us."""
        told = said | ({"state": state} if state else {}) | {"iss": self.identity.issuer}
        return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(told)}"

    def metadata(self) -> dict[str, Any]:
        """What our own issuer says of itself."""
        name = self.identity.issuer
        return {
            "issuer": name,
            "authorization_endpoint": f"{name}/authorize",
            "token_endpoint": f"{name}/token",
            "revocation_endpoint": f"{name}/revoke",
            "userinfo_endpoint": f"{name}/userinfo",
            "end_session_endpoint": f"{name}/end-session",
            "jwks_uri": f"{name}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": ["openid"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "authorization_response_iss_parameter_supported": True,
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid"],
        }


def challenge_of(verifier: str) -> str:
    """The challenge of a code verifier, by method S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
