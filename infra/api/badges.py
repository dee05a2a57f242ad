"""Badges, for everybody: what stands of an award, each badge in each form, status lists, and the key; certificates, for their holder.

Whoever checks a badge asks for nothing but these addresses, and needs no account. What an award no longer is, is said here.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from domain.badge import Badge, Badges
from domain.ids import is_id
from infra.api.award_page import HTML, award_page, wants_page
from infra.api.caller import Api
from infra.api.cases import VARY, Id, seen
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.files import BINARY
from infra.api.looks import LAST
from infra.api.positions import END_OF_LOG
from infra.api.problems import PROBLEMS, not_found
from infra.api.seeing import Sight
from infra.badges.certificate import certificate_of
from infra.badges.credential import PURPOSE, badge_address
from infra.badges.issuing import TYPES, Issuing

BADGES: Final = "see-badges"
CERTIFICATE: Final = "see-certificate"
OPEN: Final = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
"""Anybody's page may read what is public; what is kept is asked for anew, since a standing changes."""
DRAWN: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}

Award = Annotated[str, Path(min_length=1, max_length=60, description="The id of an award, or of what earned it.")]
Number = Annotated[int, Path(ge=1, le=1_000_000, description="Which of the award's badges, counted from 1.")]


class BadgeGiven(BaseModel):
    """One badge of an award, what stands of it, and where it is had; the end no longer belongs to it."""

    number: int
    scheme: str
    level: str
    standing: str
    starts_at: datetime
    ends_at: datetime
    extension: bool
    awarded_at: datetime
    address: str


class AwardShown(BaseModel):
    """What stands of an award at this instant: whether it is accredited, and its badges, of which `shown` is the one to show."""

    id: str
    standing: str
    accredited: bool
    provider: str
    provider_name: str | None
    title: str | None
    says: str
    shown: int
    badges: list[BadgeGiven]
    at: datetime


class IssuerShown(BaseModel):
    """Who issues badges: their identifier and name, the key's name, the key as a Multikey and as a JWK, and former keys."""

    did: str
    name: str
    method: str
    multikey: str
    jwk: dict[str, str]
    former: list[str]


def router(api: Api) -> APIRouter:
    """The routes of badges and certificates."""
    routes = APIRouter(tags=["badges"], responses=PROBLEMS, dependencies=[END_OF_LOG])

    def issuing() -> Issuing:
        return Issuing(api.app, api.issuer())

    def held_by(caller: Asking, id: str) -> tuple[Issuing, Badges]:
        Sight(api, caller).require(BADGES)
        if not is_id(id, "accreditation", "submission"):
            raise not_found("award", "id")
        found = issuing()
        return found, found.award(id)

    def given(id: str, number: int, form: str, caller: Asking) -> Response:
        found, held = held_by(caller, id)
        if number > len(held.badges):
            raise not_found("badge", "number")
        content = found.given(held, held.badges[number - 1], form, caller.at)
        return Response(content, media_type=TYPES[form], headers=OPEN | DRAWN)

    @routes.get(
        "/badges/{id}",
        operation_id="get_award_badges",
        summary="What stands of an award, and its badges",
        openapi_extra={ACTION: BADGES},
        response_model=AwardShown,
        responses={
            200: {"description": "As it is now, also as a page.", "content": {HTML: {"schema": {"type": "string"}}}}
        },
    )
    def award(id: Award, caller: Asking, request: Request, response: Response) -> Any:
        """JSON for programs, and a page for people, by `Accept`."""
        found, held = held_by(caller, id)
        if wants_page(request.headers.get("accept", "")):
            return award_page(found, held, caller.at)
        response.headers.update(OPEN | {"Vary": "Accept"})
        return _shown(found, held, caller.at)

    @routes.get(
        "/badges/{id}/{number}",
        operation_id="get_badge",
        summary="A badge: an Open Badge 3.0 credential with a proof of Data Integrity",
        openapi_extra={ACTION: BADGES},
        response_class=Response,
        responses=_as({"type": "object"}, TYPES["json"]),
    )
    def badge(id: Award, number: Number, caller: Asking) -> Response:
        return given(id, number, "json", caller)

    @routes.get(
        "/badges/{id}/{number}/{form}",
        operation_id="get_badge_as",
        summary="A badge as a JWT, or as a picture with the credential in it",
        openapi_extra={ACTION: BADGES},
        response_class=Response,
        responses=_as(BINARY["schema"], TYPES["png"], TYPES["svg"], TYPES["jwt"]),
    )
    def badge_as(
        id: Award,
        number: Number,
        form: Annotated[Literal["jwt", "png", "svg"], Path(description="The form in which it is wanted.")],
        caller: Asking,
    ) -> Response:
        return given(id, number, form, caller)

    @routes.get(
        f"/badge-status/{PURPOSE}/{{number}}",
        operation_id="get_badge_status",
        summary="A Bitstring Status List: which badges are revoked, that of a suspended award among them",
        openapi_extra={ACTION: BADGES},
        response_class=Response,
        responses=_as({"type": "object"}, TYPES["json"]),
    )
    def status(
        number: Annotated[int, Path(ge=0, le=LAST, description="Which list, counted from 0.")],
        caller: Asking,
    ) -> Response:
        Sight(api, caller).require(BADGES)
        content = issuing().status(number, caller.at)
        return Response(content, media_type=TYPES["json"], headers=OPEN)

    @routes.get(
        "/badge-issuer",
        operation_id="get_badge_issuer",
        summary="Who issues badges, and the key by which they are checked",
        openapi_extra={ACTION: BADGES},
    )
    def issuer(caller: Asking, response: Response) -> IssuerShown:
        Sight(api, caller).require(BADGES)
        response.headers.update(OPEN)
        by = api.issuer()
        return IssuerShown(
            did=by.did,
            name=by.name,
            method=by.method,
            multikey=by.key.multikey,
            jwk=by.jwk,
            former=list(by.former),
        )

    @routes.get(
        "/cases/{id}/certificate",
        operation_id="get_certificate",
        summary="The certificate of a year of an award, or of its whole period (PDF/A and PDF/UA)",
        openapi_extra={ACTION: CERTIFICATE},
        response_class=Response,
        responses=_as(BINARY["schema"], "application/pdf"),
    )
    def certificate(
        id: Id,
        caller: Asking,
        year: Annotated[
            int | None, Query(ge=1, le=1000, description="The year, counted from 1; the latest one.")
        ] = None,
    ) -> Response:
        seen(api, caller, id, CERTIFICATE)
        found = issuing()
        content = certificate_of(api.app, found.award(id), found.issuer, year=year, at=caller.at)
        name = {"Content-Disposition": f'attachment; filename="certificate-{id}.pdf"', "Cache-Control": "no-store"}
        return Response(content, media_type="application/pdf", headers=name | VARY)

    _answer_heads(routes)
    return routes


def key_router(api: Api) -> APIRouter:
    """Where the key of a `did:web` is looked up, beside the API; there is nothing there where the key is its own name."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/.well-known/did.json", methods=["GET", "HEAD"])
    def document(response: Response) -> dict[str, Any]:
        by = api.issuer()
        if not by.did.startswith("did:web:"):
            raise not_found("document")
        response.headers.update(OPEN)
        return by.document()

    return routes


def _answer_heads(routes: APIRouter) -> None:
    """Have what anybody may read answer HEAD as GET, which programs that check links ask; the server sends no body with it."""
    read = [one for one in routes.routes if isinstance(one, APIRoute)]
    for route in (one for one in read if one.openapi_extra == {ACTION: BADGES}):
        routes.add_api_route(
            route.path,
            route.endpoint,
            methods=["HEAD"],
            openapi_extra=route.openapi_extra,
            include_in_schema=False,
            response_class=route.response_class,
            response_model=route.response_model,
        )


def _shown(found: Issuing, held: Badges, at: datetime) -> AwardShown:
    shown = held.shown(at) or held.badges[-1]
    facts = found.facts(held, shown)
    return AwardShown(
        id=held.award.id,
        standing=held.award_standing(at),
        accredited=held.award.valid_on(at),
        provider=facts.provider,
        provider_name=facts.provider_name,
        title=facts.title,
        says=facts.speaks_for,
        shown=shown.number,
        badges=[_given(found, held, one, at) for one in held.badges],
        at=at,
    )


def _given(found: Issuing, held: Badges, badge: Badge, at: datetime) -> BadgeGiven:
    return BadgeGiven(
        number=badge.number,
        scheme=badge.scheme,
        level=badge.period.level,
        standing=held.standing(badge, at),
        starts_at=badge.period.starts_at,
        ends_at=badge.period.ends_at,
        extension=badge.period.extension,
        awarded_at=badge.since,
        address=badge_address(found.issuer.base, badge),
    )


def _as(schema: Any, *media_types: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "As it is now.", "content": {one: {"schema": schema} for one in media_types}}}
