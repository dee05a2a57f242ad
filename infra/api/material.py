"""What was before whoever took a contested decision: the case as it stood then, for who hears the appeal and who sees to it."""

from fastapi import APIRouter
from pydantic import BaseModel

from domain.ids import is_id
from domain.refusals import Refused
from infra.api.caller import Api
from infra.api.cases import Id
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.feed import Entry, entry
from infra.api.positions import END_OF_LOG
from infra.api.problems import PROBLEMS, not_found
from infra.api.seeing import Sight
from services import appeals
from services.ports import Command


class Material(BaseModel):
    """The events of the case up to the contested decision, the earliest first, and nothing that came later."""

    id: str
    items: list[Entry]


def router(api: Api) -> APIRouter:
    """The route of an appeal's material."""
    routes = APIRouter(tags=["appeals"], responses=PROBLEMS, dependencies=[END_OF_LOG])

    @routes.get(
        "/appeals/{id}/material",
        operation_id="get_material",
        summary="What was before whoever took the contested decision",
        openapi_extra={ACTION: "material"},
    )
    def material(id: Id, caller: Asking) -> Material:
        sight = Sight(api, caller)
        sight.require("material")
        if not is_id(id, "appeal") or not sight.there(id):
            raise not_found("appeal", "id")
        asking = Command(id=f"read-{caller.request}", actor=caller.actor, role=caller.role, at=caller.at)
        try:
            found = appeals.material(api.app.office, asking, appeal=id)
        except Refused:  # the attempt is noted; who may not see the appeal is not told that there is one
            if not sight.sees(id, "see-appeals"):
                raise not_found("appeal", "id") from None
            raise
        return Material(id=id, items=[entry(one) for one in found])

    return routes
