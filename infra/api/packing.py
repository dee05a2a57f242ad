"""The audit pack of a case or a matter over the API: as far as who asks may see it, and for who may replay it as somebody else could."""

from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from infra.api.caller import Api, Caller
from infra.api.cases import VARY, Id, seen
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.files import BINARY
from infra.api.looks import LAST, look
from infra.api.positions import END_OF_LOG
from infra.api.problems import PROBLEMS, not_found
from infra.api.reading import told
from infra.api.reading.told import CASES, RESOURCES
from infra.api.replaying import Person, PersonRole, require_eyes
from infra.api.sending import sent, sized, written
from infra.api.telling import OF_STREAMS
from infra.pack.contents import Contents, contents_of
from infra.pack.writing import write_pack
from infra.replay.looks import Eyes, sees

PACK: Final = "see-pack"
ZIP: Final = "application/zip"


def router(api: Api) -> APIRouter:
    """The routes of audit packs of cases and matters."""
    routes = APIRouter(responses=PROBLEMS, dependencies=[END_OF_LOG])
    for resource, kinds, name, action in (
        ("cases", CASES, "", PACK),
        *((resource, (kind,), f"{kind}_", OF_STREAMS[kind]) for resource, kind in RESOURCES.items()),
    ):
        routes.add_api_route(
            f"/{resource}/{{id}}/pack",
            _endpoint(api, kinds, action),
            methods=["GET"],
            operation_id=f"get_{name}pack",
            summary="It to carry away, with all that proves it and a program that checks that",
            description="A ZIP with it as a checkpoint seals it, as far as the caller may see it: events, documents, the"
            " story as PDF, proofs, and a program that checks them offline. What they may not see is left out; hashes stand"
            " for it. With `person`, for who may replay it: also no more than that person could see at that checkpoint.",
            tags=[resource],
            openapi_extra={ACTION: action},
            response_class=StreamingResponse,
            responses={200: {"description": "The pack.", "content": {ZIP: BINARY}}},
        )
    return routes


def _endpoint(api: Api, kinds: tuple[str, ...], action: str) -> Any:
    def pack(
        *,
        id: Id,
        caller: Asking,
        size: Annotated[
            int | None, Query(ge=1, le=LAST, description="By the checkpoint of so many events; the latest by default.")
        ] = None,
        person: Person = None,
        person_role: PersonRole = None,
    ) -> StreamingResponse:
        sight = seen(api, caller, id, action, kinds)
        if action != PACK and not sees(sight, caller, id):
            raise not_found(kinds[0], "id")
        require_eyes(sight, caller, id, person, person_role)
        eyes = Eyes(person=person, role=person_role) if person else None
        held = contents_of(api, id, size=size, eyes=eyes, asker=sight)
        _note(api, caller, held)
        file = written(partial(write_pack, api.app, held))
        headers = {
            "Content-Disposition": f'attachment; filename="pack-{id}-{held.seal.size}.zip"',
            "Cache-Control": "no-store",
            **sized(file),
            **VARY,
        }
        return StreamingResponse(sent(file), media_type=ZIP, headers=headers)

    return pack


def _note(api: Api, caller: Caller, held: Contents) -> None:
    """Write down what of the case is carried away."""
    names = {line.event.name.partition(".")[0] for line in held.lines if line.event}
    parts_shown = {
        PACK: True,
        "see-portfolio": any(one.kept for one in held.files) or "PortfolioSubmitted" in names,
        "see-judgements": not names.isdisjoint({"JudgementRecorded", "JudgementConfirmed", "DecisionRecorded"}),
        "see-confidential": told.is_confidential(held.told),
    }
    look(api, caller, held.case, *(part for part, is_shown in parts_shown.items() if is_shown))
