"""Calendars over the API: one's own address for a role, shown once, replaced and ended; and what stands at an address.

At the address nobody signs in: who has the secret is shown what its person may see in its role at that time, and nothing once
they hold that role no longer. The secret is in no log, since the log names routes, not what was asked for.
"""

import hashlib
import time
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from psycopg.sql import SQL
from pydantic import BaseModel, Field

from domain import permissions
from domain.ids import is_id
from infra.api.caller import Api, Caller
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.lists import add_route
from infra.api.problems import PROBLEMS, answer, not_found, problem_of, refused
from infra.api.reading.listing import Listing
from infra.api.seeing import Sight
from infra.api.versions import Seen, require_seen
from infra.calendars import addresses
from infra.calendars.addresses import Address
from infra.calendars.agenda import entries_of
from infra.calendars.writing import mark_of, write
from infra.identity import people
from services.office import Work
from services.ports import Command

KEEP: Final = "keep-calendar"
END: Final = "end-calendar"
ASKED: Final = RateLimitItemPerMinute(20)
"""How often one address may be asked for; programs that subscribe ask a few times a day."""
CALENDAR: Final = "text/calendar; charset=utf-8"

LIST: Final = Listing(
    path="calendars",
    operation="list_calendars",
    summary="Calendars that there are: whose, in which role, since when",
    tag="calendars",
    action="see-calendars",
    row=Address,
    source=SQL("SELECT id, person, role, made_at, version FROM access.calendars"),
    models=(),
    key=("id",),
    order="made_at",
    sorts=("person", "role"),
    filters=("person", "role"),
    person="person",
    names=("person",),
)


class Made(BaseModel):
    """A calendar's new address. It is shown this once: who loses it makes another."""

    id: str = Field(description="The calendar's id.")
    role: str = Field(description="The role in which it is seen.")
    version: int = Field(description="How many addresses it had; the former ones are good for nothing.")
    url: str = Field(description="The address to subscribe to. Whoever has it sees the calendar.")


class Ended(BaseModel):
    """A calendar that is no more; its address is good for nothing."""

    id: str = Field(description="The id that it had.")


def router(api: Api) -> APIRouter:
    """The routes under which calendars are made and ended."""
    routes = APIRouter(responses=PROBLEMS)
    add_route(routes, api, LIST)

    @routes.post(
        "/calendars/make-address",
        operation_id="make_calendar_address",
        summary="Make the address of one's calendar in the role acted in, in the place of the one before",
        tags=["calendars"],
        openapi_extra={ACTION: KEEP},
    )
    def make_address(request: Request, caller: Asking, seen: Seen = None) -> Made:
        Sight(api, caller).require(KEEP)
        _require_person(caller)
        datastore = api.app.records.datastore
        held = addresses.of_person(datastore, caller.actor, caller.role)
        require_seen(seen, held.version if held else 0)
        made, path = addresses.make(datastore, person=caller.actor, role=caller.role, at=caller.at)
        url = (api.base or str(request.base_url)).rstrip("/") + path
        return Made(id=made.id, role=made.role, version=made.version, url=url)

    @routes.post(
        "/calendars/{id}/end-calendar",
        operation_id="end_calendar",
        summary="End a calendar: one's own, or by the office anybody's; its address is good for nothing at once",
        tags=["calendars"],
        openapi_extra={ACTION: END},
    )
    def end_calendar(
        id: Annotated[str, Path(min_length=1, max_length=60, description="The calendar's id.")], caller: Asking
    ) -> Ended:
        Sight(api, caller).require(END)
        anybodys = permissions.may(END, caller.role, ())
        own = sorted(caller.person.ids) if caller.person else [caller.actor]
        if not addresses.end(api.app.records.datastore, id, of=None if anybodys else own):
            raise not_found("calendar", "id")
        return Ended(id=id)

    return routes


def _require_person(caller: Caller) -> None:
    if not is_id(caller.actor, "person"):
        raise refused(
            "program-notes-only",
            "a program has no calendar",
            field="actor",
            allowed="a person; a program reads the lists",
        )


def open_router(api: Api) -> APIRouter:
    """What stands at the addresses, outside of the API's root: `/calendars/{secret}.ics`."""
    routes = APIRouter(include_in_schema=False)
    limiter = FixedWindowRateLimiter(MemoryStorage())

    @routes.get(addresses.PATH)
    def calendar(request: Request, secret: str) -> Response:
        key = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
        if not limiter.hit(ASKED, key):
            seconds = str(max(1, round(limiter.get_window_stats(ASKED, key).reset_time - time.time())))
            refusal = refused("rate-limit", "asked too often", allowed=f"the same request again in {seconds} seconds")
            return answer(request, problem_of(refusal, 429), {"Retry-After": seconds})
        caller = _caller(api, request, secret)
        if caller is None:
            raise not_found("calendar")
        entries, zone_of = entries_of(api, caller), _zones(api, caller)
        mark = f'"{mark_of(caller.role, entries, zone_of)}"'
        headers = {"ETag": mark, "Cache-Control": "private, no-cache", "Content-Disposition": "inline"}
        if mark in {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}:
            return Response(status_code=304, headers=headers)
        return Response(write(caller.role, entries, zone_of), media_type=CALENDAR, headers=headers)

    return routes


def _caller(api: Api, request: Request, secret: str) -> Caller | None:
    """Whose calendar it is, while their account stands and they hold its role."""
    at, datastore = api.now(), api.app.records.datastore
    found = addresses.find(datastore, secret)
    if found is None or not people.is_somebody(datastore, found.person, at):
        return None
    caller = Caller(actor=found.person, role=found.role, at=at, request=request.state.request, session=found.id)
    return caller if found.role in Sight(api, caller).roles else None


def _zones(api: Api, caller: Caller) -> Callable[[str], str]:
    """Names the time zone of a scheme: of the version, or of the latest where none is said."""
    work = Work(api.app.office, Command(id=caller.request, actor=caller.actor, role=caller.role, at=caller.at), "")
    known: dict[str, str] = {"": "UTC"}

    def zone(scheme: str) -> str:
        if scheme not in known:
            known[scheme] = (work.scheme(scheme) if "@" in scheme else work.latest_scheme(scheme)).calendar.zone
        return known[scheme]

    return zone
