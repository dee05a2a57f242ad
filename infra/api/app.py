"""The application: what stands under `/api/v1` and beside it, in the order in which a request meets it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from domain import permissions
from infra.api import (
    badges,
    calendars,
    cases,
    commands,
    exporting,
    feed,
    files,
    importing,
    letters,
    lists,
    looks,
    material,
    matters,
    packing,
    problems,
    proofs,
    replaying,
    trying,
    uploading,
    webhooks,
)
from infra.api.asking import ask_only_described
from infra.api.caller import Api
from infra.api.described import ACTION, describe
from infra.api.edge import Edge

ROOT: Final = "/api/v1"
DESCRIPTION: Final = """\
Everything that people do in an accreditation body's process, and everything that may be read of it.

- **Who asks** is said by a bearer token; in which role, by `Assay-Role`, where somebody holds several.
- **Commands** (`POST`) need an `Idempotency-Key`; the same key gives the same answer for 24 hours. `If-Match` names the
  version that was seen. What a command did is answered with its position in the log.
- **Reads** (`GET`) wait with `?after=POSITION` until they show that position.
- **Errors** are problems (RFC 9457). `type` ends with the handbook's name of the rule, `field` says what it is about, and
  `allowed` what would be accepted.
"""

ROUTERS: Final[Sequence[Callable[[Api], APIRouter]]] = (
    commands.router,
    lists.router,
    cases.router,
    files.router,
    uploading.router,
    matters.router,
    feed.router,
    calendars.router,
    webhooks.router,
    letters.router,
    looks.router,
    material.router,
    trying.router,
    importing.router,
    proofs.router,
    replaying.router,
    exporting.router,
    packing.router,
    badges.router,
)


def create(api: Api, *beside: APIRouter) -> FastAPI:
    """Make the application around `api`, with what stands `beside` it: sign-in. Raises KeyError where a route has no row in the table of permissions."""
    app = FastAPI(
        title="Assay",
        version="1",
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        license_info={"name": "Apache-2.0"},
    )
    app.state.api = api
    problems.handle(app)
    app.add_middleware(Edge, limits=api.limits)
    for resource in _resources(route for made in ROUTERS for route in _of_actions(made(api)).routes):
        app.include_router(resource, prefix=ROOT)
    for router in beside:
        app.include_router(router)
    describe(app, f"{ROOT}/openapi.json")
    return app


class _Resource(APIRouter):
    """The routes below one name: all others are passed over at a glance, where there are hundreds to compare with."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._below = f"{ROOT}/{name}"

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether one of them is asked for."""
        below, _, rest = scope["path"].removeprefix(scope.get("root_path", "")).partition(self._below)
        asked_for = not below and rest[:1] in {"", "/"}
        return super().matches(scope) if asked_for else (Match.NONE, {})


def _resources(routes: Iterable[BaseRoute]) -> Iterable[APIRouter]:
    found: dict[str, APIRouter] = {}
    for route in routes:
        name = getattr(route, "path", "").split("/")[1]
        found.setdefault(name, _Resource(name)).routes.append(route)
    return found.values()


def _of_actions(router: APIRouter) -> APIRouter:
    """The router, each of whose routes is an action with a row in the table of permissions, and is asked only what it describes.

    Raises KeyError for one that is none.
    """
    for route in router.routes:
        if isinstance(route, APIRoute):
            said = route.openapi_extra or {}
            if ACTION not in said:
                raise KeyError(f"{route.path} is no action: it says none of the table in domain/permissions")
            permissions.row(said[ACTION])
            ask_only_described(route)
    return router
