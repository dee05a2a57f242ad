"""What is carried away over the API: the record as OCEL 2.0, where it is not too large, and where decisions came from as PROV."""

from functools import partial
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import JSONResponse, StreamingResponse

from domain.ids import kind_of
from infra.api.caller import Api, Caller
from infra.api.cases import Id, seen
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.feed import visible
from infra.api.looks import look
from infra.api.positions import END_OF_LOG
from infra.api.problems import PROBLEMS, not_found, refused
from infra.api.reading.matter_pages import sees_matter
from infra.api.reading.told import CASES
from infra.api.ringing import known_to
from infra.api.seeing import Sight
from infra.api.sending import sent, sized, written
from infra.api.telling import OF_STREAMS
from infra.export.ocel import write_ocel
from infra.export.prov import prov_of

OCEL: Final = "see-export"
PROVENANCE: Final = "see-provenance"
OF_COMPLAINT: Final = "see-complaint-provenance"
JUDGEMENTS: Final = "see-judgements"
CONCERNS: Final = "see-concerns"
MOST: Final = 200_000
"""Events of a record that is exported over the API; a larger one by the command line."""
_DOCUMENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The document.", "content": {"application/json": {"schema": {"type": "object"}}}}
}


def router(api: Api) -> APIRouter:
    """The routes of exports."""
    routes = APIRouter(responses=PROBLEMS, dependencies=[END_OF_LOG])
    described: dict[str, Any] = {"response_class": JSONResponse, "responses": _DOCUMENT}

    def document(id: str, caller: Caller) -> JSONResponse:
        look(api, caller, id, JUDGEMENTS if kind_of(id) == "submission" else PROVENANCE)
        return JSONResponse(prov_of(id, api.app.records.load(id)[id]))

    @routes.get(
        "/exports/ocel",
        operation_id="get_ocel",
        summary="The record as OCEL 2.0 JSON, for process mining, as far as the caller may see it",
        description="Every event that the feed tells the caller, and the objects that those name, by ids and codes. The whole"
        " record is written by `assay export ocel` on the server.",
        tags=["exports"],
        openapi_extra={ACTION: OCEL},
        response_class=StreamingResponse,
        responses=_DOCUMENT,
    )
    def ocel(caller: Asking) -> StreamingResponse:
        sight = Sight(api, caller)
        sight.require(OCEL)
        if api.app.records.max_position() > MOST:
            why = f"the record has more than {MOST:,} events"
            raise refused("export-size", why, field="format", allowed="`assay export ocel FILE` on the server")
        look(api, caller, caller.actor, OCEL)
        seen, end = partial(visible, sight, caller), known_to(api.app.records)
        file = written(partial(write_ocel, api.app.records, until=end, visible=seen))
        headers = {
            "Content-Disposition": f'attachment; filename="record-{caller.at:%Y-%m-%d}.jsonocel"',
            **sized(file),
        }
        return StreamingResponse(sent(file), media_type="application/json", headers=headers)

    @routes.get(
        "/cases/{id}/provenance",
        operation_id="get_provenance",
        summary="Where the decision of a submission, or the decisions on an award, came from, as PROV-JSON",
        tags=["cases"],
        openapi_extra={ACTION: PROVENANCE},
        **described,
    )
    def provenance(id: Id, caller: Asking) -> JSONResponse:
        sight = seen(api, caller, id, PROVENANCE, kinds=CASES)
        if not sight.sees(id, JUDGEMENTS if kind_of(id) == "submission" else CONCERNS):
            raise not_found("case", "id")
        return document(id, caller)

    @routes.get(
        "/appeals/{id}/provenance",
        operation_id="get_appeal_provenance",
        summary="Where the decision on an appeal came from, as PROV-JSON",
        tags=["appeals"],
        openapi_extra={ACTION: PROVENANCE},
        **described,
    )
    def of_appeal(id: Id, caller: Asking) -> JSONResponse:
        if not seen(api, caller, id, PROVENANCE, kinds=("appeal",)).sees(id, OF_STREAMS["appeal"]):
            raise not_found("appeal", "id")
        return document(id, caller)

    @routes.get(
        "/complaints/{id}/provenance",
        operation_id="get_complaint_provenance",
        summary="Where the decisions on a complaint came from, as PROV-JSON",
        tags=["complaints"],
        openapi_extra={ACTION: OF_COMPLAINT},
        **described,
    )
    def of_complaint(id: Id, caller: Asking) -> JSONResponse:
        sight = seen(api, caller, id, OF_COMPLAINT, kinds=("complaint",))
        if not sees_matter(sight, caller, id):
            raise not_found("complaint", "id")
        return document(id, caller)

    return routes
