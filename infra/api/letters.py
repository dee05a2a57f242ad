"""A letter in its words, before it goes or as it went, for who administers its case."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from infra.api.caller import Api
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.positions import END_OF_LOG
from infra.api.problems import PROBLEMS, not_found
from infra.api.seeing import Sight
from infra.letters.previewing import Preview, preview

Id = Annotated[str, Path(min_length=1, max_length=60, description="The id of a letter, written or planned.")]
Case = Annotated[str, Path(min_length=1, max_length=60, description="The id of the letter's case or matter.")]


class Words(BaseModel):
    """A letter in its words: as it would go now, or, once it was sent, as it went."""

    id: str
    letter: str
    state: str
    recipient: str
    subject: str
    body: str
    html: str


def router(api: Api) -> APIRouter:
    """The route of a letter's words."""
    routes = APIRouter(tags=["letters"], responses=PROBLEMS, dependencies=[END_OF_LOG])

    @routes.get(
        "/letters/{case}/{id}",
        operation_id="get_letter",
        summary="A letter in its words",
        openapi_extra={ACTION: "see-letters"},
    )
    def words(case: Case, id: Id, caller: Asking, request: Request) -> Words:
        """Plain text and HTML, as it would go now; of one that was sent as it went, until somebody in it is erased."""
        sight = Sight(api, caller)
        if not sight.sees(case, "see-letters"):
            raise not_found("case", "case")
        found: Preview | None = preview(api.app, case, id, base=str(request.base_url).rstrip("/"))
        if found is None:
            raise not_found("letter", "id")
        return Words(
            id=id,
            letter=found.letter,
            state=found.state,
            recipient=found.recipient,
            subject=found.subject,
            body=found.body,
            html=found.html,
        )

    return routes
