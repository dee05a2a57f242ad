"""Signing in to our pages: by a code with PKCE at our own issuer or the provider elsewhere, then a session kept by a cookie."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from domain.refusals import Refused
from infra.identity import people, sessions
from infra.identity.authorization import PAGES_CLIENT, Authorization, OAuthError, challenge_of
from infra.identity.browser import clear_cookie, from_our_pages, page, read_cookie, send_to, set_cookie
from infra.identity.configured import Elsewhere
from infra.identity.identify import Doors, issuer_elsewhere
from infra.identity.issuer import LocalIssuer
from infra.identity.keyring import ALGORITHM
from infra.identity.known import Known, NotKnown
from infra.identity.links import is_within, next_query
from infra.identity.provider import PATIENCE, Provider, endpoint, get_json, out_of_reach
from infra.identity.routes import Now, now_utc
from infra.identity.sessions import LONGEST_SESSION, PAGES, new_secret
from infra.identity.tokens import Believed, Issuer, believe
from infra.store.vault import PostgresVault

UNDER_WAY: Final = "login"
MINUTES_TO_SIGN_IN: Final = 15
READING: Final = frozenset({"GET", "HEAD"})
READ_ON: Final = (
    ("The description of the API", "/api/v1/openapi.json"),
    ("The public register", "/api/v1/register"),
)
"""Where the front page leads, whoever looks at it."""


class _UnderWay(msgspec.Struct, frozen=True):
    """What the browser keeps while it is away to sign in: by it an answer is known for one to what this browser asked.

    `here`: at our own issuer, though there is a provider elsewhere.
    """

    state: str = ""
    nonce: str = ""
    verifier: str = ""
    next: str = "/"
    here: bool = False


@dataclass(frozen=True, slots=True)
class _Entrance:
    """Where our pages send people to sign in, and how they learn who did: elsewhere where there is a provider, or `here`."""

    doors: Doors
    here: bool = False

    @property
    def elsewhere(self) -> Elsewhere | None:
        return None if self.here else self.doors.identity.elsewhere

    @property
    def provider(self) -> Provider | None:
        return None if self.here else self.doors.provider

    @property
    def issuer(self) -> str:
        return self.elsewhere.issuer if self.elsewhere else self.doors.identity.issuer

    @property
    def callback(self) -> str:
        return f"{self.doors.identity.base}/sign-in/callback"

    @property
    def client(self) -> str:
        return self.elsewhere.client_id if self.elsewhere else PAGES_CLIENT

    def address(self, kept: _UnderWay, at: datetime) -> str:
        """Where to sign in. Raises Refused where the provider can't be reached."""
        asked = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": self.callback,
            "scope": "openid email" if self.elsewhere else "openid",
            "state": kept.state,
            "nonce": kept.nonce,
            "code_challenge": challenge_of(kept.verifier),
            "code_challenge_method": "S256",
        }
        metadata = self.provider.metadata(at) if self.provider else Authorization(self.doors.identity).metadata()
        where = endpoint(metadata, "authorization_endpoint")
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    def who(self, code: str, kept: _UnderWay, at: datetime) -> Believed:
        """Who signed in: what the id token says, which was given for this code and is an answer to this request."""
        doors, elsewhere, provider = self.doors, self.elsewhere, self.provider
        if provider and elsewhere:
            answer = self._ask(elsewhere, provider.metadata(at), code, kept)
            issuer = issuer_elsewhere(elsewhere, provider, elsewhere.client_id)
        else:
            answer = LocalIssuer(doors).redeem(
                code=code, client=self.client, redirect_uri=self.callback, verifier=kept.verifier, at=at
            )
            name, key = doors.identity.issuer, doors.keyring.key
            issuer = Issuer(name=name, audience=self.client, algorithms=(ALGORITHM,), key=key, types=("jwt",))
        believed = believe(str(answer.get("id_token", "")), issuer, at)
        if not hmac.compare_digest(believed.text("nonce").encode(), kept.nonce.encode()):
            raise NotKnown("the token is an answer to another request")
        if believed.text("azp") not in ("", self.client):
            raise NotKnown("the token was given to another program")
        return believed

    def _ask(self, elsewhere: Elsewhere, metadata: Mapping[str, Any], code: str, kept: _UnderWay) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback}
        form |= {"client_id": elsewhere.client_id, "code_verifier": kept.verifier}
        proof = (elsewhere.client_id, elsewhere.client_secret) if elsewhere.client_secret else None
        try:
            where = endpoint(metadata, "token_endpoint")
            with httpx.Client(timeout=PATIENCE, auth=proof) as client:
                return get_json(client, where, data=form)
        except httpx.HTTPStatusError as error:
            if error.response.status_code < 500:
                raise NotKnown("the provider does not accept the code any more") from None
            raise out_of_reach() from None
        except (httpx.HTTPError, msgspec.DecodeError, ValueError):
            raise out_of_reach() from None


def pages_router(doors: Doors, now: Now = now_utc) -> APIRouter:
    """The routes `/`, `/sign-in`, `/sign-in/callback` and `/sign-out`."""
    router = APIRouter(include_in_schema=False)
    _add_front(router, doors, now)
    _add_sign_in(router, doors, now)
    _add_callback(router, doors, now)
    _add_sign_out(router, doors, now)
    return router


def signed_in(doors: Doors, request: Request, at: datetime) -> Known | None:
    """Who asks by the cookie of our pages; None without one. Raises NotKnown for a session that is over.

    Only for requests that read: a cookie is sent by whatever page makes the browser ask, and so never suffices to change
    anything.
    """
    secret = read_cookie(request, doors.identity, PAGES)
    return doors.identify_cookie(secret, at) if secret and request.method in READING else None


def _add_front(router: APIRouter, doors: Doors, now: Now) -> None:
    @router.get("/")
    def _front(request: Request) -> Response:
        try:
            known = signed_in(doors, request, now())
        except NotKnown:
            known = None
        if known is None:
            return page("Assay", "Nobody is signed in here.", leads=(("Sign in", "/sign-in"), *READ_ON))
        names, _ = PostgresVault(doors.datastore).words([known.actor], [])
        called = f"{names[known.actor]} ({known.actor})" if known.actor in names else known.actor
        return page("Assay", f"You are signed in as {called}.", leads=(*READ_ON, ("Sign out", "/sign-out")))


def _add_sign_in(router: APIRouter, doors: Doors, now: Now) -> None:
    @router.get("/sign-in")
    def _sign_in(next: str = "/", here: bool = False) -> Response:
        here = here and doors.identity.local
        kept = _UnderWay(new_secret(), new_secret(), new_secret(), next if is_within(next) else "/", here)
        try:
            answer = send_to(_Entrance(doors, here).address(kept, now()))
        except (Refused, ValueError):
            return _unreachable()
        packed = base64.urlsafe_b64encode(msgspec.json.encode(kept)).decode()
        set_cookie(answer, doors.identity, UNDER_WAY, packed, MINUTES_TO_SIGN_IN * 60)
        return answer


def _add_callback(router: APIRouter, doors: Doors, now: Now) -> None:
    @router.get("/sign-in/callback")
    def _callback(request: Request, code: str = "", state: str = "", iss: str = "", error: str = "") -> Response:
        at, kept = now(), _under_way(request, doors)
        try:
            entrance = _Entrance(doors, kept.here and doors.identity.local)
            _require_answer(kept, entrance.issuer, state=state, iss=iss, error=error)
            believed = entrance.who(code, kept, at)
            answer = _let_in(doors, request, believed, kept, at)
        except Refused:
            answer = _unreachable()
        except (NotKnown, OAuthError) as unknown:
            again = f"/sign-in?{next_query(kept.next)}"
            answer = page("Sign in", f"That did not work: {unknown}.", f"Try again: {again}", status=403)
        clear_cookie(answer, doors.identity, UNDER_WAY)
        return answer


def _let_in(doors: Doors, request: Request, believed: Believed, kept: _UnderWay, at: datetime) -> Response:
    local = believed.issuer == doors.identity.issuer
    person = believed.subject if local else doors.person_for(believed, at)
    people.require_standing(people.standing(doors.datastore, person, at=at))
    before = read_cookie(request, doors.identity, PAGES)
    former = sessions.find(doors.datastore, before, kind=PAGES, at=at) if before else None
    if former:
        sessions.end(doors.datastore, former.id, at=at)
    parent = believed.text("sid") if local else None
    secret = sessions.begin(doors.datastore, kind=PAGES, person=person, at=at, parent=parent)
    if secret is None:
        raise NotKnown("the session is over already")
    answer = send_to(kept.next)
    set_cookie(answer, doors.identity, PAGES, secret, int(LONGEST_SESSION.total_seconds()))
    return answer


def _add_sign_out(router: APIRouter, doors: Doors, now: Now) -> None:
    @router.get("/sign-out")
    def _ask() -> Response:
        return page("Sign out", "You sign out on this device.", button="Sign out", to="/sign-out")

    @router.post("/sign-out")
    def _sign_out(request: Request, everywhere: bool = False) -> Response:
        if not from_our_pages(request, doors.identity):
            return page("Sign out", "Open the page itself, and use its button.", status=403)
        at = now()
        secret = read_cookie(request, doors.identity, PAGES)
        session = sessions.find(doors.datastore, secret, kind=PAGES, at=at) if secret else None
        if session and everywhere:
            sessions.end_all(doors.datastore, session.person, at=at)
        elif session:
            sessions.end_sign_in(doors.datastore, session, at=at)
        answer = page("Signed out", "You have signed out.")
        clear_cookie(answer, doors.identity, PAGES)
        return answer


def _under_way(request: Request, doors: Doors) -> _UnderWay:
    """What the browser kept; nothing of it is believed but that it is the same browser."""
    try:
        packed = read_cookie(request, doors.identity, UNDER_WAY)
        kept = msgspec.json.decode(base64.urlsafe_b64decode(packed), type=_UnderWay)
    except (ValueError, msgspec.DecodeError):
        return _UnderWay()
    return kept if is_within(kept.next) else _UnderWay()


def _require_answer(kept: _UnderWay, issuer: str, *, state: str, iss: str, error: str) -> None:
    """Refuse an answer that this browser did not ask for, that comes from another issuer, or that says no."""
    if not kept.state or not hmac.compare_digest(state.encode(), kept.state.encode()):
        raise NotKnown("this browser did not ask for that, or too long ago")
    if iss not in ("", issuer):
        raise NotKnown("the answer is of another issuer")
    if error:
        raise NotKnown("the sign-in was not completed")


def _unreachable() -> Response:
    answer = page(
        "Sign in", "Where people sign in can't be reached for a moment. Try again in half a minute.", status=503
    )
    answer.headers["Retry-After"] = "30"
    return answer
