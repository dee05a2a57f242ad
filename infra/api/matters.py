"""The pages of matters: appeals, complaints, audits and the others; where each stands, what is to be done, for who may see it."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from infra.api.caller import Api
from infra.api.cases import NOT_MODIFIED, Id, Known, seen, unless_known
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.positions import After
from infra.api.problems import PROBLEMS, not_found
from infra.api.reading.listing import View
from infra.api.reading.matter_pages import MODELS, listed, matter_page, sees_matter, texts_of_page
from infra.api.reading.shown import nameable
from infra.api.reading.told import RESOURCES
from infra.api.telling import OF_STREAMS
from services.ports import Stream


def router(api: Api) -> APIRouter:
    """The routes of the pages of all kinds of matters."""
    routes = APIRouter()
    for resource, kind in RESOURCES.items():
        routes.add_api_route(
            f"/{resource}/{{id}}",
            _endpoint(api, kind),
            methods=["GET"],
            operation_id=f"get_{kind}",
            summary="Where it stands, and what is to be done by whom",
            tags=[resource],
            openapi_extra={ACTION: OF_STREAMS[kind]},
            response_class=Response,
            responses={**PROBLEMS, **NOT_MODIFIED, 200: {"model": MODELS[kind]}},
        )
    return routes


def _endpoint(api: Api, kind: str) -> Any:
    def endpoint(id: Id, caller: Asking, known: Known = None, after: After = None) -> Response:
        sight = seen(api, caller, id, OF_STREAMS[kind], (kind,))
        if not sees_matter(sight, caller, id):
            raise not_found(kind, "id")
        view = View(api=api, caller=caller, sight=sight, on=caller.at, id=id)
        stream = sight.stream(id)
        return unless_known(api, stream, known, after, lambda: _page(view, kind, stream))

    endpoint.__name__ = f"get_{kind}"
    return endpoint


def _page(view: View, kind: str, stream: Stream) -> BaseModel:
    said = matter_page(view.id, stream, view.caller, view.sight)
    return made(view, kind, {**said, "version": stream.version, "position": stream.position}, listed(view))


def made(view: View, kind: str, said: dict[str, Any], row: dict[str, Any] | None) -> BaseModel:
    """The page of a matter: what it says, with the names and texts that the reader may see, and its row in its list."""
    texts = texts_of_page(view.id, view.sight.stream(view.id))
    ids = [said["provider"], *(one["who"] for one in said["tasks"])]
    names, bodies = view.api.app.vault.words(nameable(view.sight, view.caller, ids), list(texts.values()))
    tasks = [{**one, "who_name": names.get(one["who"])} for one in said["tasks"]]
    words = {field: bodies.get(id) for field, id in texts.items()}
    page: BaseModel = MODELS[kind](
        **{**said, "tasks": tasks, "provider_name": names.get(said["provider"]), **words, "listed": row}
    )
    return page
