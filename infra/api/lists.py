"""A route for each list of the read models: filtered, sorted and paged in one way; whole, also as CSV or a spreadsheet.

See docs/decisions/0019. What the reader may not see is in no page, no file and no count.
"""

import inspect
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from inspect import Parameter
from typing import IO, Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, WithJsonSchema

from domain import permissions
from infra.api.caller import Api, Caller
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.positions import After, caught_up, header
from infra.api.problems import PROBLEMS, refused
from infra.api.reading import cases, figures, governance, keeping, letters, matters, people, told
from infra.api.reading.asked import CSV, CSV_TYPE, FORMATS, JSON, PAGE, XLSX, XLSX_TYPE, Asked, cursor_of, read_asked
from infra.api.reading.kinds import INSTANTS
from infra.api.reading.listing import Listing, View
from infra.api.reading.rows import AT_ONCE, MOST, rows_of, whole
from infra.api.reading.seen import admit
from infra.api.reading.sheets import as_csv, write_xlsx
from infra.api.reading.shown import columns_of, page_model, row_model, shown
from infra.api.seeing import Sight
from infra.api.sending import sent, sized, written
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

LONG_FILES: Final = 2
"""Files of more rows than are held at once that are made at a time; each takes a connection beside that of its thread."""
XLSX_ROWS: Final = 50_000
"""Rows of a spreadsheet over the API: it takes three times as long to make as CSV, and somebody waits for it."""
_LONG: Final = threading.BoundedSemaphore(LONG_FILES)


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
                "description": "A page of the list; as a file, the whole list: CSV of any length, a spreadsheet of at"
                f" most {XLSX_ROWS:,} rows, and what has to be computed of at most {MOST:,}.",
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
    if asked.format != JSON:
        return _file(listing, view, asked, header(position))
    rows = rows_of(listing, view, asked, limit=asked.limit + 1)
    more = rows[asked.limit :] and cursor_of(listing, asked, rows[asked.limit - 1])
    body = page(items=shown(listing, view, rows[: asked.limit]), next=more or None, position=position)
    return Response(body.model_dump_json(), media_type="application/json", headers=header(position))


def _file(listing: Listing, view: View, asked: Asked, headers: dict[str, str]) -> Response:
    """The whole list as a file, made before any of it is sent; what is long only as fast as there is room for it."""
    found = rows_of(listing, view, asked, limit=AT_ONCE + 1)
    if len(found) <= AT_ONCE:
        file = written(partial(_write, listing, view, asked, [found]))
    else:
        with _room(), closing(whole(listing, view, asked)) as parts:
            file = written(partial(_write, listing, view, asked, parts))
    headers |= {
        "Content-Disposition": f'attachment; filename="{_name(listing)}-{asked.on:%Y-%m-%d}.{asked.format}"',
        "X-Content-Type-Options": "nosniff",
        **sized(file),
    }
    return StreamingResponse(sent(file), media_type=_TYPES[asked.format], headers=headers)


_TYPES: Final = {CSV: f"{CSV_TYPE}; charset=utf-8", XLSX: XLSX_TYPE}


def _write(listing: Listing, view: View, asked: Asked, parts: Iterable[list[Any]], out: IO[bytes]) -> None:
    rows = (row for part in parts for row in shown(listing, view, part))
    if asked.format == CSV:
        out.writelines(as_csv(columns_of(listing), rows))
    else:
        write_xlsx(out, columns_of(listing), _few(rows), title=_name(listing))


def _few(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The rows of a spreadsheet. Refuses more than it may have over the API."""
    for number, row in enumerate(rows):
        if number == XLSX_ROWS:
            why = f"the list has more than {XLSX_ROWS:,} rows, which is too long for a spreadsheet"
            raise refused("list-size", why, field="format", allowed="csv, of any length; or fewer rows, by a filter")
        yield row


@contextmanager
def _room() -> Iterator[None]:
    """A place for a long file. Refuses where there is none, so that whoever asks for many leaves the others their share."""
    if not _LONG.acquire(blocking=False):
        why = f"{LONG_FILES} long files are being made for others"
        raise refused("too-busy", why, field="format", allowed="the same request in a moment; or its pages, as JSON")
    try:
        yield
    finally:
        _LONG.release()


def _name(listing: Listing) -> str:
    return listing.operation.removeprefix("list_").replace("_", "-")


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
