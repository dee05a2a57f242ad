"""Our own issuer over HTTP: what OpenID Connect asks of a provider, and the page behind a sign-in link."""

from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from infra.identity import links, sessions
from infra.identity.authorization import Authorization, OAuthError
from infra.identity.browser import (
    clear_cookie,
    from_our_pages,
    page,
    read_cookie,
    send_to,
    set_cookie,
)
from infra.identity.forms import basic_of, form_of, once
from infra.identity.identify import Doors
from infra.identity.issuer import LocalIssuer
from infra.identity.known import NotKnown
from infra.identity.sessions import ISSUER, LONGEST_SESSION, Session

Now = Callable[[], datetime]
Form = Annotated[Mapping[str, str], Depends(form_of)]
USED_UP = ("This link was used, or its time is over.", "Ask whoever gave it to you for another one: `assay sign-in`.")
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def now_utc() -> datetime:
    """What time it is."""
    return datetime.now(UTC)


class _Told(APIRoute):
    """A route of which the errors are told in the words of the standard."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, and what is answered where a client does not get what it asks for."""
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except OAuthError as error:
                return _refusal(error)

        return told


def issuer_router(doors: Doors, now: Now = now_utc) -> APIRouter:
    """The routes of our own issuer, under `/identity`; none where it is switched off."""
    router = APIRouter(prefix="/identity", include_in_schema=False, route_class=_Told)
    if doors.identity.local:
        issuer = LocalIssuer(doors)
        _add_descriptions(router, issuer, now)
        _add_links(router, doors, now)
        _add_authorization(router, issuer, now)
        _add_tokens(router, issuer, now)
        _add_end(router, issuer, now)
    return router


def _add_descriptions(router: APIRouter, issuer: LocalIssuer, now: Now) -> None:
    @router.get("/.well-known/openid-configuration")
    def _discovery() -> JSONResponse:
        return JSONResponse(
            Authorization(issuer.doors.identity).metadata(), headers={"Cache-Control": "public, max-age=300"}
        )

    @router.get("/jwks")
    def _jwks() -> JSONResponse:
        return JSONResponse(issuer.jwks(now()), headers={"Cache-Control": "public, max-age=60"})

    @router.api_route("/userinfo", methods=["GET", "POST"])
    def _userinfo(request: Request) -> JSONResponse:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            known = issuer.doors.identify(token if kind.lower() == "bearer" else "", now())
        except NotKnown as unknown:
            raise OAuthError("invalid_token", str(unknown), 401) from None
        return JSONResponse({"sub": known.actor}, headers=NO_STORE)


def _add_links(router: APIRouter, doors: Doors, now: Now) -> None:
    @router.get("/link/{secret}")
    def _ask(secret: str) -> Response:
        # Programs that look through mail follow links; only a click uses one up.
        if not links.is_good(doors.datastore, secret, at=now()):
            return page("Sign in", *USED_UP, status=410)
        return page("Sign in", "You sign in with the button below.", button="Sign in")

    @router.post("/link/{secret}")
    def _use(secret: str, request: Request) -> Response:
        if not from_our_pages(request, doors.identity):
            return page("Sign in", "Open the link itself, and use the button on its page.", status=403)
        at = now()
        used = links.use_link(doors.datastore, secret, at=at)
        if used is None:
            return page("Sign in", *USED_UP, status=410)
        person, next = used
        kept = sessions.begin(doors.datastore, kind=ISSUER, person=person, at=at)
        answer = send_to(f"/sign-in?{links.next_query(next)}&here=yes")
        set_cookie(answer, doors.identity, ISSUER, kept or "", int(LONGEST_SESSION.total_seconds()))
        return answer


def _add_authorization(router: APIRouter, issuer: LocalIssuer, now: Now) -> None:
    asking = Authorization(issuer.doors.identity)

    @router.get("/authorize")
    def _authorize(request: Request) -> Response:
        try:
            query = once(request.url.query)
            _, redirect_uri = asking.read_request(query)
        except OAuthError as error:
            return page("Sign in", f"That can't be done: {error.why}.", status=400)
        try:
            return _by_session(issuer, request, query, now())
        except OAuthError as error:
            said = {"error": error.error, "error_description": error.why}
            return send_to(asking.send_back(redirect_uri, query.get("state", "")[:512], **said))


def _by_session(issuer: LocalIssuer, request: Request, query: Mapping[str, str], at: datetime) -> Response:
    """Send who is signed in back with a code; tell who is not how to sign in. Raises OAuthError, which the client is told."""
    asking = Authorization(issuer.doors.identity)
    asked, session = asking.check_request(query), _signed_in(issuer.doors, request, at)
    if session is None or _wants_anew(query, session, at):
        if query.get("prompt") == "none":
            raise OAuthError("login_required", "nobody is signed in")
        return page("Sign in", "Nobody is signed in. Ask for a sign-in link: `assay sign-in`.", status=401)
    return send_to(asking.send_back(asked.redirect_uri, asked.state, code=issuer.give_code(asked, session, at)))


def _add_tokens(router: APIRouter, issuer: LocalIssuer, now: Now) -> None:
    @router.post("/token")
    def _token(request: Request, form: Form) -> JSONResponse:
        return JSONResponse(issuer.token(form, basic_of(request), now()), headers=NO_STORE)

    @router.post("/revoke")
    def _revoke(form: Form) -> Response:
        issuer.revoke(form, now())
        return Response(status_code=200, headers=NO_STORE)


def _add_end(router: APIRouter, issuer: LocalIssuer, now: Now) -> None:
    identity = issuer.doors.identity

    @router.get("/end-session")
    def _ask_end() -> Response:
        # Asked for a click, since any site can lead a browser here.
        return page("Sign out", "You sign out here and in what you signed in to from here.", button="Sign out")

    @router.post("/end-session")
    def _end(request: Request) -> Response:
        if not from_our_pages(request, identity):
            return page("Sign out", "Open the page itself, and use its button.", status=403)
        session = _signed_in(issuer.doors, request, now())
        if session:
            sessions.end_sign_in(issuer.doors.datastore, session, at=now())
        wanted = request.query_params.get("post_logout_redirect_uri", "")
        known = (f"{identity.base}/", *Authorization(identity).redirects_of(request.query_params.get("client_id", "")))
        answer = send_to(wanted) if wanted in known else page("Signed out", "You have signed out.")
        clear_cookie(answer, identity, ISSUER)
        return answer


def _signed_in(doors: Doors, request: Request, at: datetime) -> Session | None:
    secret = read_cookie(request, doors.identity, ISSUER)
    return sessions.find(doors.datastore, secret, kind=ISSUER, at=at) if secret else None


def _wants_anew(query: Mapping[str, str], session: Session, at: datetime) -> bool:
    """Whether the client wants to be sure that it is still the same human: a sign-in that is not older than it says."""
    age = query.get("max_age", "")
    known = age.isascii() and age.isdigit() and len(age) < 10
    return query.get("prompt") == "login" or (known and (at - session.started_at).total_seconds() > int(age))


def _refusal(error: OAuthError) -> JSONResponse:
    kind = 'Bearer error="invalid_token"' if error.error == "invalid_token" else 'Basic realm="assay"'
    told = {"WWW-Authenticate": kind} if error.status == 401 else {}
    said = {"error": error.error, "error_description": error.why}
    return JSONResponse(said, error.status, headers=NO_STORE | told)
