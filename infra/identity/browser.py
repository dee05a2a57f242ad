"""What browsers are told and asked: cookies that only they and we have, pages without scripts, and requests that our pages made."""

import html
from collections.abc import Sequence
from typing import Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from infra.identity.configured import Identity

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Of every page and redirection on the way in or out."""


def cookie_name(identity: Identity, name: str) -> str:
    """The name of a cookie; by https one that no neighbouring site can set."""
    return f"__Host-assay-{name}" if identity.secure else f"assay-{name}"


def read_cookie(request: Request, identity: Identity, name: str) -> str:
    """What the browser keeps under this name, or nothing."""
    return request.cookies.get(cookie_name(identity, name), "")


def set_cookie(response: Response, identity: Identity, name: str, value: str, seconds: int) -> None:
    """Have the browser keep a secret: not for scripts, and not sent with what other sites have it do."""
    response.set_cookie(
        cookie_name(identity, name),
        value,
        max_age=seconds,
        path="/",
        secure=identity.secure,
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response, identity: Identity, name: str) -> None:
    """Have the browser forget it."""
    set_cookie(response, identity, name, "", 0)


def from_our_pages(request: Request, identity: Identity) -> bool:
    """Whether a page of ours made the browser send this, and no other site did."""
    site = request.headers.get("sec-fetch-site")
    return site == "same-origin" if site else request.headers.get("origin") == identity.base


def send_to(address: str) -> RedirectResponse:
    """Send the browser on."""
    return RedirectResponse(address, 303, headers=HEADERS)


def page(
    title: str,
    *sentences: str,
    status: int = 200,
    button: str = "",
    to: str = "",
    leads: Sequence[tuple[str, str]] = (),
) -> HTMLResponse:
    """A page that says something, `leads` on (each a text and an address of ours), and, if a button is given, asks for a click.

    The click is posted to `to`.
    """
    said = "".join(f"<p>{html.escape(one)}</p>" for one in sentences)
    said += "".join(f'<p><a href="{html.escape(where)}">{html.escape(one)}</a></p>' for one, where in leads)
    asked = (
        f'<form method="post" action="{html.escape(to)}"><button>{html.escape(button)}</button></form>'
        if button
        else ""
    )
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"></head>'
        f"<body><main><h1>{html.escape(title)}</h1>{said}{asked}</main></body></html>"
    )
    return HTMLResponse(text, status, headers=HEADERS)
