"""Who looked at what is confidential in a case is written down before it is shown, and can be asked by case and by person.

It is apart from the record, since nothing happened to the case. Where it can't be written, nothing is shown.
"""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from psycopg.rows import args_row
from psycopg.sql import SQL, Composed
from pydantic import BaseModel
from pydantic.dataclasses import dataclass

from domain.ids import KINDS
from infra.api.caller import Api, Caller
from infra.api.depends import caller_of
from infra.api.described import ACTION
from infra.api.positions import END_OF_LOG
from infra.api.problems import PROBLEMS
from infra.api.seeing import Sight

PARTS: Final = (
    "see-portfolio",
    "see-judgements",
    "see-confidential",
    "see-replay",
    "see-pack",
    "see-provenance",
    "see-export",
)
"""What is confidential in a case, by the actions of the table of permissions; their looks are kept. That somebody took the record
itself away stands by their own id, as it is of no case."""
ID: Final = f"^({'|'.join(KINDS)})-[a-z2-7]{{16}}$"
LAST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody looked at a part of a case (`see-portfolio`, …) at an instant (UTC), in a role, by the request of this id."""

    id: int
    at: datetime
    person: str
    role: str
    case_id: str
    part: str
    request: str


class Looks(BaseModel):
    """Looks, the latest first; `next` is the cursor of those before, None where there are none."""

    items: list[Look]
    next: int | None


def look(api: Api, caller: Caller, case: str, *parts: str) -> None:
    """Write down that the caller is about to be shown parts of a case, in this order. Raises RecordUnavailable where it can't be.

    Raises ValueError for a part that is not confidential.
    """
    for part in set(parts) - set(PARTS):
        raise ValueError(f"{part!r} is not confidential; allowed: {', '.join(PARTS)}")
    with api.app.records.datastore.get_connection() as connection:
        connection.execute(
            "INSERT INTO access.looks (at, person, role, case_id, part, request)"
            " SELECT %s, %s, %s, %s, part, %s FROM unnest(%s::text[]) WITH ORDINALITY AS shown (part, place) ORDER BY place",
            [caller.at, caller.actor, caller.role, case, caller.request, list(parts)],
        )


def router(api: Api) -> APIRouter:
    """The route that answers who looked."""
    routes = APIRouter(tags=["looks"], responses=PROBLEMS, dependencies=[END_OF_LOG])

    @routes.get(
        "/looks",
        operation_id="list_looks",
        summary="Who looked at what is confidential, the latest first",
        openapi_extra={ACTION: "see-looks"},
    )
    def looks(
        caller: Annotated[Caller, Depends(caller_of)],
        case: Annotated[str | None, Query(pattern=ID, description="Only at this case.")] = None,
        person: Annotated[str | None, Query(pattern=ID, description="Only by this person.")] = None,
        cursor: Annotated[int | None, Query(ge=1, le=LAST, description="The `next` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=api.limits.page)] = 50,
    ) -> Looks:
        sight = Sight(api, caller)
        sight.require("see-looks")
        query, values = _query(sight, {"case": case, "person": person, "cursor": cursor, "limit": limit + 1})
        lent = api.app.records.datastore.get_connection()
        with lent as connection, connection.cursor(row_factory=args_row(_look)) as reading:
            found = reading.execute(query, values).fetchall()
        more = len(found) > limit
        return Looks(items=found[:limit], next=found[limit - 1].id if more else None)

    return routes


def _query(sight: Sight, asked: dict[str, Any]) -> tuple[Composed, dict[str, Any]]:
    """Looks at what the caller may see: none at a case of a provider with which they have a conflict."""
    seen, values = sight.condition("see-looks", case="looks.case_id")
    query = SQL(
        "SELECT id, at, person, role, case_id, part, request FROM access.looks WHERE ({seen})"
        " AND (%(case)s::text IS NULL OR case_id = %(case)s) AND (%(person)s::text IS NULL OR person = %(person)s)"
        " AND (%(cursor)s::int8 IS NULL OR id < %(cursor)s) ORDER BY id DESC LIMIT %(limit)s"
    ).format(seen=seen)
    return query, {**values, **asked}


def _look(*columns: Any) -> Look:
    names = ("id", "at", "person", "role", "case_id", "part", "request")
    return Look(**dict(zip(names, columns, strict=True)))
