"""The pages of matters: appeals, complaints, audits and the others; where each stands, what is to be done, for who may see it."""

from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel, create_model

from domain.complaint.state import Complaint, may_see
from domain.development.state import Development
from domain.matter_steps import possible
from infra.api.caller import Api
from infra.api.cases import NOT_MODIFIED, Id, Known, seen, unless_known
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.lists import LISTS
from infra.api.positions import After
from infra.api.problems import PROBLEMS, not_found
from infra.api.reading import kinds
from infra.api.reading.asked import JSON, Asked
from infra.api.reading.listing import Listing, Parameter, View
from infra.api.reading.pages import Next, next_steps
from infra.api.reading.rows import rows_of
from infra.api.reading.seen import asking
from infra.api.reading.shown import nameable, row_model, shown
from infra.api.reading.told import RESOURCES
from infra.api.telling import OF_STREAMS
from projections.words import task
from services.ports import Stream
from services.states import fold


class Due(BaseModel):
    """Something to be done in the matter: by whom (a person or a role) and until when."""

    rule: str
    what: str
    about: str
    who: str
    who_name: str | None
    due_at: datetime
    overdue: bool


class MatterPage(BaseModel):
    """Where a matter stands, from the record; `listed` is its row in the list of its kind, once that shows it."""

    id: str
    kind: str
    version: int
    """The version of its stream, which a command may name as `If-Match`."""
    position: int
    stage: str
    over: bool
    scheme: str | None
    provider: str | None
    provider_name: str | None
    tasks: list[Due]
    next: list[Next]


class ComplaintPage(MatterPage):
    """Where a complaint stands, and what is complained about; the text is null once it was erased."""

    text: str | None


PAGES: Final = {"complaint": ComplaintPage}
"""The pages that say more than that of any matter, by kind."""


def router(api: Api) -> APIRouter:
    """The routes of the pages of all kinds of matters."""
    routes = APIRouter()
    rows = {one.path: one for one in LISTS}
    for resource, kind in RESOURCES.items():
        listing = rows.get(resource)
        listing = listing if listing and listing.key == (kind,) else None
        model = _model(kind, listing)
        routes.add_api_route(
            f"/{resource}/{{id}}",
            _endpoint(api, kind, listing, model),
            methods=["GET"],
            operation_id=f"get_{kind}",
            summary="Where it stands, and what is to be done by whom",
            tags=[resource],
            openapi_extra={ACTION: OF_STREAMS[kind]},
            response_class=Response,
            responses={**PROBLEMS, **NOT_MODIFIED, 200: {"model": model}},
        )
    return routes


def _model(kind: str, listing: Listing | None) -> type[BaseModel]:
    listed: Any = (row_model(listing) | None, None) if listing else (None, None)
    return create_model(f"{kind.title()}Page", __base__=PAGES.get(kind, MatterPage), listed=listed)


def _endpoint(api: Api, kind: str, listing: Listing | None, model: type[BaseModel]) -> Any:
    def endpoint(id: Id, caller: Asking, known: Known = None, after: After = None) -> Response:
        sight = seen(api, caller, id, OF_STREAMS[kind], (kind,))
        view = View(api=api, caller=caller, sight=sight, on=caller.at, id=id)
        stream = sight.stream(id)
        if kind == "complaint" and not _sees_complaint(view, fold(id, stream.entries)):
            raise not_found(kind, "id")
        return unless_known(
            api, stream, known, after, lambda: model(**_said(view, kind, stream), listed=_listed(listing, view))
        )

    endpoint.__name__ = f"get_{kind}"
    return endpoint


def _sees_complaint(view: View, complaint: Complaint) -> bool:
    """Whether the reader may see it by the domain's rule, which looks at more than their relations to it."""
    asker = asking(view.sight, view.caller)
    return asker is not None and may_see(complaint, asker.person, speaks_for=asker.speaks_for, at=asker.at)


def _said(view: View, kind: str, stream: Stream) -> dict[str, Any]:
    state = fold(view.id, stream.entries)
    running = sorted(state.tasks.running.values(), key=lambda one: (one.due_at, one.name))
    ids = [state.provider, *(one.who for one in running)]
    texts = {"text": stream.entries[0].event.text.id} if kind == "complaint" else {}
    names, bodies = view.api.app.vault.words(nameable(view.sight, view.caller, ids), list(texts.values()))
    return {
        **{name: bodies.get(id) for name, id in texts.items()},
        "id": view.id,
        "kind": kind,
        "version": stream.version,
        "position": stream.position,
        "stage": state.stage,
        "over": state.over,
        "scheme": state.scheme or None,
        "provider": state.provider or None,
        "provider_name": names.get(state.provider),
        "tasks": [
            {
                "rule": one.rule,
                "what": task(one.rule),
                "about": one.about,
                "who": one.who,
                "who_name": names.get(one.who),
                "due_at": one.due_at,
                "overdue": one.due_at <= view.caller.at,
            }
            for one in running
        ],
        "next": next_steps(view.id, possible(state), view.sight, about=_about(state)),
    }


def _about(state: Any) -> dict[str, str]:
    """What commands are about where it is not the matter itself: somebody's development goes by the person."""
    return {"person": state.person} if isinstance(state, Development) else {}


def _listed(listing: Listing | None, view: View) -> dict[str, Any] | None:
    """The row of the matter in its list; None while the list does not show it yet."""
    if listing is None:
        return None
    [key] = listing.key
    asked = Asked(
        filters=((Parameter(name=key, column=key, kind=kinds.TEXT), view.id),),
        sort=listing.order,
        limit=1,
        format=JSON,
        on=view.on,
        behind=None,
        token="",
    )
    return next(iter(shown(listing, view, rows_of(listing, view, asked, limit=1))), None)
