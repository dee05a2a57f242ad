"""A route for each list of the read models: filtered, sorted and paged in one way; whole, also as CSV or a spreadsheet.

See docs/decisions/0019. What the reader may not see is in no page, no file and no count.
"""

import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, WithJsonSchema

from domain import permissions
from infra.api.caller import Api, Caller
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.positions import After, caught_up, header
from infra.api.problems import PROBLEMS
from infra.api.reading import cases, figures, governance, keeping, letters, matters, people, told
from infra.api.reading.asked import CSV, CSV_TYPE, FORMATS, JSON, PAGE, XLSX_TYPE, Asked, cursor_of, read_asked
from infra.api.reading.kinds import INSTANTS
from infra.api.reading.listing import Listing, View
from infra.api.reading.rows import MOST, bounded, rows_of
from infra.api.reading.seen import admit
from infra.api.reading.sheets import as_csv, as_xlsx
from infra.api.reading.shown import columns_of, page_model, row_model, shown
from infra.api.seeing import Sight
from projections import parts

LISTS: Final = (
    *cases.LISTS,
    *letters.LISTS,
    *matters.LISTS,
    *people.LISTS,
    *governance.LISTS,
    *figures.LISTS,
    *keeping.LISTS,
    *told.LISTS,
)


def router(api: Api) -> APIRouter:
    """The routes of all lists."""
    routes = APIRouter()
    for listing in LISTS:
        permissions.relations_allowed(listing.action, "officer")  # raises where the table has no row for it
        add_route(routes, api, listing)
    return routes


def add_route(routes: APIRouter, api: Api, listing: Listing) -> None:
    """Add the route of one list."""
    page = page_model(listing, row_model(listing))
    table: dict[str, Any] = {"schema": {"type": "string"}}
    routes.add_api_route(
        f"/{listing.path}",
        _endpoint(api, listing, page),
        methods=["GET"],
        operation_id=listing.operation,
        summary=listing.summary,
        tags=[listing.tag],
        openapi_extra={ACTION: listing.action},
        response_class=Response,
        responses={
            **PROBLEMS,
            200: {
                "model": page,
                "description": f"A page of the list; as a file, the whole list of at most {MOST:,} rows.",
                "content": {CSV_TYPE: table, XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}}},
            },
        },
    )


def _endpoint(api: Api, listing: Listing, page: type[BaseModel]) -> Callable[..., Response]:
    def endpoint(*, request: Request, caller: Asking, after: After = None, id: str = "", **_: Any) -> Response:
        asked = read_asked(listing, request.query_params, request.headers, at=caller.at, most=api.limits.page, whole=id)
        return answer(api, listing, page, caller, asked, id=id, after=after)

    endpoint.__signature__ = _signature(api, listing)  # type: ignore[attr-defined]
    endpoint.__name__ = listing.operation
    return endpoint


def answer(
    api: Api, listing: Listing, page: type[BaseModel], caller: Caller, asked: Asked, *, id: str, after: int | None
) -> Response:
    """Answer what is asked of a list: a page of it, or the whole as a file."""
    sight = Sight(api, caller)
    admit(listing, sight, caller, id)
    position = caught_up(api, (*listing.models, parts.MODEL), after)
    view = View(api=api, caller=caller, sight=sight, on=asked.on, id=id, more=asked.more)
    limit = asked.limit if asked.format == JSON else MOST
    rows = rows_of(listing, view, asked, limit=limit + 1)
    if asked.format != JSON:
        bounded(rows)
        return _file(listing, asked, shown(listing, view, rows), header(position))
    more = rows[limit:] and cursor_of(listing, asked, rows[limit - 1])
    body = page(items=shown(listing, view, rows[:limit]), next=more or None, position=position)
    return Response(body.model_dump_json(), media_type="application/json", headers=header(position))


def _file(listing: Listing, asked: Asked, rows: list[dict[str, Any]], headers: dict[str, str]) -> Response:
    columns = columns_of(listing)
    name = listing.operation.removeprefix("list_").replace("_", "-")
    headers |= {
        "Content-Disposition": f'attachment; filename="{name}-{asked.on:%Y-%m-%d}.{asked.format}"',
        "X-Content-Type-Options": "nosniff",
    }
    if asked.format == CSV:
        return StreamingResponse(as_csv(columns, rows), media_type=f"{CSV_TYPE}; charset=utf-8", headers=headers)
    return Response(as_xlsx(columns, rows, title=name), media_type=XLSX_TYPE, headers=headers)


def _signature(api: Api, listing: Listing) -> inspect.Signature:
    """What the route asks for; values are read from the address itself, so that a fault is refused as everywhere."""
    parameters = [
        _parameter("request", Request),
        _parameter("caller", Asking),
        _parameter("after", After, None),
    ]
    if "{id}" in listing.path:
        parameters.append(_parameter("id", Annotated[str, Path(min_length=1, max_length=60)]))
    for one in listing.parameters.values():
        schema = {**one.kind.schema, **({"enum": list(one.values)} if one.values else {})}
        parameters.append(_asked(one.name, schema, one.allowed))
    if listing.dated:
        parameters.append(_asked("on", {"type": "string", "format": "date-time"}, f"as of {INSTANTS}; now by default"))
    sorts = {"type": "string", "enum": listing.sortable}
    parameters += [
        _asked("sort", sorts, f"the column to sort by, with - the last first; {listing.order} by default"),
        _asked(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": api.limits.page},
            f"rows of a page; {min(PAGE, api.limits.page)} by default",
        ),
        _asked("cursor", {"type": "string"}, "the `next` of the page before"),
        _asked("format", {"type": "string", "enum": list(FORMATS)}, "json by default, or what `Accept` says"),
    ]
    return inspect.Signature(parameters)


def _asked(name: str, schema: dict[str, Any], allowed: str) -> Parameter:
    return _parameter(
        name,
        Annotated[str | None, WithJsonSchema(schema), Query(description=allowed[:1].upper() + allowed[1:] + ".")],
        None,
    )


def _parameter(name: str, annotation: Any, default: Any = Parameter.empty) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
