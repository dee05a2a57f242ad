"""The audit pack of a case over the API: as far as who asks may see it, and for who may replay it as somebody else could."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from infra.api.caller import Api, Caller
from infra.api.cases import VARY, Id, seen
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.exporting import sent, written
from infra.api.files import BINARY
from infra.api.looks import ID, LAST, look
from infra.api.positions import END_OF_LOG
from infra.api.problems import PROBLEMS, not_found
from infra.api.reading import told
from infra.api.replaying import REPLAY
from infra.pack.contents import Contents, contents_of
from infra.pack.writing import write_pack
from infra.replay.looks import Eyes

PACK: Final = "see-pack"
ZIP: Final = "application/zip"


def router(api: Api) -> APIRouter:
    """The route of audit packs."""
    routes = APIRouter(tags=["cases"], responses=PROBLEMS, dependencies=[END_OF_LOG])

    @routes.get(
        "/cases/{id}/pack",
        operation_id="get_pack",
        summary="A case to carry away, with all that proves it and a program that checks that",
        description="A ZIP with the case as a checkpoint seals it, as far as the caller may see it: events, documents, the"
        " story as PDF, proofs, and a program that checks them offline. What they may not see is left out; hashes stand for"
        " it. With `person`, for who may replay the case: also no more than that person could see at that checkpoint.",
        openapi_extra={ACTION: PACK},
        response_class=StreamingResponse,
        responses={200: {"description": "The pack.", "content": {ZIP: BINARY}}},
    )
    def pack(
        *,
        id: Id,
        caller: Asking,
        size: Annotated[
            int | None, Query(ge=1, le=LAST, description="By the checkpoint of so many events; the latest by default.")
        ] = None,
        person: Annotated[str | None, Query(pattern=ID, description="As this person could see it then.")] = None,
        person_role: Annotated[
            str | None, Query(max_length=60, description="The role they acted in, where they held several.")
        ] = None,
    ) -> StreamingResponse:
        sight = seen(api, caller, id, PACK)
        if person and not sight.sees(id, REPLAY):
            raise not_found("person", "person")
        eyes = Eyes(person=person, role=person_role) if person else None
        held = contents_of(api, id, size=size, eyes=eyes, asker=caller)
        _note(api, caller, held)
        file = written(partial(write_pack, api.app, held))
        headers = {
            "Content-Disposition": f'attachment; filename="pack-{id}-{held.seal.size}.zip"',
            "Content-Length": str(file.tell()),
            "Cache-Control": "no-store",
            **VARY,
        }
        return StreamingResponse(sent(file), media_type=ZIP, headers=headers)

    return routes


def _note(api: Api, caller: Caller, held: Contents) -> None:
    """Write down what of the case is carried away."""
    names = {line.event.name.partition(".")[0] for line in held.lines if line.event}
    parts_shown = {
        PACK: True,
        "see-portfolio": any(one.kept for one in held.files) or "PortfolioSubmitted" in names,
        "see-judgements": not names.isdisjoint({"JudgementRecorded", "JudgementConfirmed", "DecisionRecorded"}),
        "see-confidential": told.is_confidential(held.told),
    }
    for part in (part for part, is_shown in parts_shown.items() if is_shown):
        look(api, caller, held.case, part)
