"""Forms that programs post: of bounded size, each field once, and who posts it, if they say so by the Authorization header."""

import base64
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Request

from infra.identity.authorization import OAuthError

MOST = 16 * 1024


async def form_of(request: Request) -> Mapping[str, str]:
    """The posted fields. Raises OAuthError for what is too long, no form, or names a field twice."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST:
            raise OAuthError("invalid_request", "the request is too long", 413)
    return once(bytes(body).decode("ascii", "replace"))


def once(query: str) -> Mapping[str, str]:
    """The fields of a form or of an address, none of them twice."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise OAuthError("invalid_request", "there are too many fields") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise OAuthError("invalid_request", "a field is given twice")
    if any("\x00" in value for _, value in pairs):
        raise OAuthError("invalid_request", "a field holds what is no text")
    return dict(pairs)


def basic_of(request: Request) -> tuple[str, str] | None:
    """The client and its secret, where the header says them."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        raise OAuthError("invalid_client", "the Authorization header can't be read", 401) from None
    return unquote_plus(client), unquote_plus(secret)
