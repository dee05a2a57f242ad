"""A route for each command: who may, the key, the version seen, then the service itself; its refusal is the answer's problem.

The body's schema is the service's signature, its description the service's docstring. See docs/decisions/0019.
"""

import inspect
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from inspect import Parameter
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Header, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

from domain import permissions
from domain.events import STORED_NAMES
from domain.ids import kind_of
from domain.refusals import Refused
from infra import observing
from infra.api import gate, keys
from infra.api.caller import Api, Caller
from infra.api.catalogue import COMMANDS, Entry
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.problems import PROBLEMS, not_found, refused
from infra.identity.known import PUBLIC
from services.office import Receipt
from services.ports import Command, Post, Shelves, Touched

KEY: Final = "Idempotency-Key"
MOST: Final = 1_000
"""How many entries a list or mapping of a body may have."""


class Recorded(BaseModel):
    """An event that a command made part of the record."""

    stream: str
    version: int
    name: str


class Done(BaseModel):
    """What a command did. `about` is the stream that it is about, new where the command made it."""

    position: int
    """The place of its last event in the whole log; read with `?after=` it to see what it did."""
    about: str
    version: int
    """The version of `about` then; the next command may name it as `If-Match`."""
    repeated: bool
    """Whether it was done before, under the same key."""
    events: list[Recorded]
    created: dict[str, str]
    """Ids, by kind, of what it created that has no stream of its own or is not `about`."""
    result: dict[str, Any] | None = None
    """What it answers, for the few that look at something."""


def router(api: Api) -> APIRouter:
    """The routes of all commands."""
    routes = APIRouter()
    for entry in COMMANDS:
        permissions.row(entry.action)  # raises where the table has none for it
        routes.add_api_route(
            entry.path,
            _endpoint(api, entry),
            methods=["POST"],
            operation_id=entry.operation,
            summary=_first(entry.service),
            description=inspect.getdoc(entry.service),
            tags=[entry.resource],
            openapi_extra={ACTION: entry.action},
            response_model=Done,
            responses=PROBLEMS,
        )
    return routes


def _first(service: Callable[..., Any]) -> str:
    text = inspect.getdoc(service) or service.__name__
    return text.partition("\n")[0].partition(". ")[0].rstrip(".:")


def _endpoint(api: Api, entry: Entry) -> Callable[..., Done]:
    body = _body(entry)

    def endpoint(
        *, response: Response, caller: Asking, said: BaseModel, key: str, version: str | None = None, about: str = ""
    ) -> Done:
        given = {name: getattr(said, name) for name in body.model_fields}
        if entry.about:
            given[entry.about] = about
        gate.require_text(given)
        done = _carry_out(api, entry, caller, given, key=key, seen=_seen(version), sent=_bytes(said, about))
        response.headers["ETag"] = f'"{done.version}"'
        response.headers["Assay-Position"] = str(done.position)
        return done

    endpoint.__signature__ = _signature(entry, body)  # type: ignore[attr-defined]
    endpoint.__name__ = entry.service.__name__
    return endpoint


def _signature(entry: Entry, body: type[BaseModel]) -> inspect.Signature:
    """What the route asks for: the id in the address, the headers, the body."""
    key = Header(alias=KEY, min_length=1, max_length=200, description="Repeats are known by it for 24 hours.")
    seen = Header(alias="If-Match", max_length=40, description="The version that the caller saw, as `ETag` told it.")
    parameters = [
        Parameter("response", Parameter.KEYWORD_ONLY, annotation=Response),
        Parameter("caller", Parameter.KEYWORD_ONLY, annotation=Asking),
        Parameter("said", Parameter.KEYWORD_ONLY, annotation=body),
        Parameter("key", Parameter.KEYWORD_ONLY, annotation=Annotated[str, key]),
        Parameter("version", Parameter.KEYWORD_ONLY, annotation=Annotated[str | None, seen], default=None),
    ]
    if entry.about:
        where = Path(alias=entry.about, min_length=1, max_length=200)
        parameters.append(Parameter("about", Parameter.KEYWORD_ONLY, annotation=Annotated[str, where]))
    return inspect.Signature(parameters)


def _body(entry: Entry) -> type[BaseModel]:
    """The schema of the body: what the service takes, but for what stands in the address or nobody types."""
    apart = {
        "office",
        "command",
        "shelves",
        "touched",
        "post",
        "telling",
        entry.about,
        *(name for name, _ in entry.makes),
    }
    fields: dict[str, Any] = {}
    for name, one in inspect.signature(entry.service).parameters.items():
        if name not in apart:
            default = ... if one.default is Parameter.empty else one.default
            fields[name] = (_typed(one.annotation), default)
    name = "".join(part.capitalize() for part in f"{entry.resource}_{entry.service.__name__}".split("_"))
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


def _typed(annotation: Any) -> Any:
    """The annotation for the schema: instants with their zone, lists and mappings of bounded length."""
    if annotation is datetime:
        return AwareDatetime
    if annotation == datetime | None:
        return AwareDatetime | None
    if getattr(annotation, "__origin__", None) is not None and annotation.__origin__ is not type(None):
        return Annotated[annotation, Field(max_length=MOST)] if _sized(annotation) else annotation
    return annotation


def _sized(annotation: Any) -> bool:
    origin = annotation.__origin__
    return isinstance(origin, type) and hasattr(origin, "__len__")


def _bytes(said: BaseModel, about: str) -> bytes:
    """The body in one form, whatever order and white space it came in, with the id in the address."""
    whole = {"about": about, "body": said.model_dump(mode="json")}
    return json.dumps(whole, sort_keys=True, ensure_ascii=True).encode()


def _seen(header: str | None) -> int | None:
    """The version in `If-Match`."""
    if header is None or header.strip() == "*":
        return None
    text = header.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise refused("fields", "this is no version", field="If-Match", allowed='a version as ETag tells it, e.g. "7"')
    return int(text)


def _carry_out(
    api: Api, entry: Entry, caller: Caller, given: Mapping[str, Any], *, key: str, seen: int | None, sent: bytes
) -> Done:
    gate.admit(api, caller, entry, given)
    taken = keys.claim(api, caller, key, route=entry.path, body=sent)
    if taken.answer is not None:
        return Done.model_validate(taken.answer).model_copy(update={"repeated": True})
    made = {name: make(taken.command) for name, make in entry.makes}
    actor, role = (caller.actor if caller.session else f"{PUBLIC}-{taken.command}"), caller.role
    if entry.signs_up:
        actor, role = entry.signs_up(taken.command), "provider"
    command = Command(id=taken.command, actor=actor, role=role, at=caller.at, seen=seen)
    try:
        with observing.span(entry.action, command=command.id):
            answered = entry.service(api.app.office, command, **_provided(api, entry), **given, **made)
    except Refused as refusal:
        if refusal.rule == gate.CONFLICT:
            raise not_found(kind_of(given.get(entry.about or "", "thing")), entry.about) from None
        raise
    done = _done(api, entry, command, answered)
    keys.keep(api, taken, done.model_dump(mode="json"))
    return done


def _provided(api: Api, entry: Entry) -> dict[str, Any]:
    """What a service needs from outside and nobody types."""
    wanted = inspect.signature(entry.service).parameters.values()
    found = {Shelves: api.app.shelves, Touched: api.app.touched, Post: api.app.post}
    return {one.name: found[one.annotation] for one in wanted if one.annotation in found}


def _done(api: Api, entry: Entry, command: Command, answered: Any) -> Done:
    """What the command did; of one that was done before, what the record says of it."""
    if not isinstance(answered, Receipt):
        return _looked(api, answered)
    work, about = answered.work, answered.work.about
    events = [
        Recorded(stream=stream, version=work.versions[stream] + number, name=_name(event))
        for stream, added in answered.events.items()
        for number, event in enumerate(added, start=1)
    ]
    if answered.repeated:
        events = [
            Recorded(stream=stream, version=number, name=_name(one.event))
            for stream, entries in work.entries.items()
            for number, one in enumerate(entries, start=1)
            if (one.command, one.actor) == (command.id, command.actor)
        ]
    new = {kind_of(one.stream): one.stream for one in events if one.version == 1 and one.stream != about}
    return Done(
        position=answered.position,
        about=about,
        version=max([work.versions.get(about, 0), *(one.version for one in events if one.stream == about)]),
        repeated=answered.repeated,
        events=events,
        created=new | {kind: make(command.id) for kind, make in entry.creates},
    )


def _looked(api: Api, answered: Any) -> Done:
    """What a command answers that looks at something."""
    result = msgspec.to_builtins(answered)
    about = str(result.get("case", ""))
    return Done(
        position=api.app.records.max_position() or 0,
        about=about,
        version=api.app.records.streams(about)[about].version,
        repeated=False,
        events=[],
        created={},
        result=result,
    )


def _name(event: Any) -> str:
    """The event's name, without the version of its form."""
    return STORED_NAMES[type(event)].partition(".")[0]
