"""Who asks: the token says which person, the record which roles they hold, the header `Assay-Role` in which one they act."""

import hashlib
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from domain.ids import is_id
from domain.person import Person
from infra.api.caller import Api, Caller
from infra.api.problems import refused
from infra.identity.known import PUBLIC, Known
from services.states import fold

ROLE_HEADER: Final = "Assay-Role"
bearer: Final = HTTPBearer(
    auto_error=False, description="A token of the OpenID Connect provider, or a service account's."
)


async def api_of(request: Request) -> Api:  # async, so that no thread is taken for it
    """What this application works with."""
    found: Api = request.app.state.api
    return found


def caller_of(
    request: Request,
    api: Annotated[Api, Depends(api_of)],
    token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    role: Annotated[
        str | None,
        Header(alias=ROLE_HEADER, description="The role to act in; needed by who holds several.", max_length=60),
    ] = None,
) -> Caller:
    """Who asks, in a role that they hold; somebody without a token is the public. Refuses a role that they do not hold."""
    at, id = api.now(), request.state.request
    known = known_by(api, request, token, at)
    if known is None:
        if role not in {None, PUBLIC}:
            raise refused("sign-in", "nobody is signed in", field="Authorization", allowed="a bearer token")
        return Caller(actor=_nobody(request), role=PUBLIC, at=at, request=id)
    person = _person(api, known.actor) if known.roles is None else None
    held = tuple(known.roles) if known.roles is not None else _roles(person, at)
    return Caller(
        actor=known.actor,
        role=_acting_in(role, held),
        at=at,
        request=id,
        session=known.session,
        scopes=known.scopes,
        person=person,
    )


def known_by(api: Api, request: Request, token: HTTPAuthorizationCredentials | None, at: datetime) -> Known | None:
    """Whom the token stands for at `at` (UTC), or else the cookie; None without either. Raises NotKnown for what stands for nobody."""
    return api.identify(token.credentials, at) if token else api.identify_cookie(request, at)


Asking = Annotated[Caller, Depends(caller_of)]
"""A parameter of a route: who asks."""


def _nobody(request: Request) -> str:
    """An actor for somebody unknown: it says nothing about them, and is another one each time."""
    return f"{PUBLIC}-{hashlib.sha256(request.state.request.encode()).hexdigest()[:16]}"


def _person(api: Api, person: str) -> Person | None:
    if not is_id(person, "person"):
        return None
    held: Person = fold(person, api.app.records.streams(person)[person].entries)
    return held


def _roles(person: Person | None, at: datetime) -> tuple[str, ...]:
    return tuple(sorted({role for role, _ in person.roles_at(at)})) if person else ()


def _acting_in(asked: str | None, held: tuple[str, ...]) -> str:
    """The role asked for, or the only one held."""
    if asked in held or (asked is None and len(held) == 1):
        return asked or held[0]
    if not held:
        raise refused("acting-role", "no role is held now", field=ROLE_HEADER, allowed="an appointment by an officer")
    why = f"{asked!r} is not a role that is held" if asked else "several roles are held"
    raise refused("acting-role", why, field=ROLE_HEADER, allowed=", ".join(held))
