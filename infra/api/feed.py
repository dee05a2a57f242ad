"""The feed of events: what was recorded, in its order, as far as the caller may see it at the time at which it is sent.

It goes as far as the read model of parts does, by which is decided who may see what. What is left out shows in nothing but that
positions have gaps. A stream looks again who asks each time that it sends: it ends with the token, the session and the role.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

import anyio.to_thread
import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from domain.events import NAMES, recorded_names
from domain.ids import KINDS, kind_of
from domain.learning import QuestionnaireAnswered, may_see_names
from domain.refusals import Refused
from infra.api.caller import Api, Caller
from infra.api.depends import Asking, bearer, known_by
from infra.api.described import ACTION
from infra.api.positions import END_OF_LOG
from infra.api.problems import PROBLEMS, not_found, refused
from infra.api.ringing import Place, Ringing, known_to
from infra.api.seeing import Sight
from infra.api.telling import FEED, named, needed
from infra.identity.known import Known, NotKnown
from infra.store.errors import RecordUnavailable
from projections.sentences import sentence
from services.ports import Recorded

ID: Final = f"^({'|'.join(KINDS)})-[a-z2-7]{{16}}$"
LAST: Final = 2**63 - 1
SCANNED: Final = 1_000
"""So many events are looked at for one answer, whether or not the caller may see them."""
SENT: Final = 100
"""So many entries a stream sends at once."""
KEEP_ALIVE: Final = 15.0
"""Seconds after which a stream on which nothing was sent says that it is still there."""
LEFT_OUT: Final = frozenset({"source"})
"""Fields that are no part of an entry: the whole text of a scheme or a policy, which has a route of its own."""

_KINDS: Final = {name.partition(".")[0]: kind for name, kind in NAMES.items()}


class Entry(BaseModel):
    """One event: `position` in the log, `version` in its stream; `at` is when it holds, `recorded_at` when it was recorded.

    `sentence` says it in words, with tokens such as `{person:person-…}`; `data` holds ids, codes and instants, no names and
    no typed words.
    """

    position: int
    stream: str
    version: int
    name: str
    sentence: str
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    data: dict[str, Any]


class Page(BaseModel):
    """Entries in their order; `next` is what to go on `after`, and `more` whether there is something to look at already.

    A page may have no entries and still have more behind it: what the caller may not see is passed over.
    """

    items: list[Entry]
    next: int
    more: bool


After = Annotated[int, Query(ge=0, le=LAST, description="The `next` of the page before; 0 for the beginning.")]
Case = Annotated[str | None, Query(pattern=ID, description="Only of this case, or other stream.")]
Kind = Annotated[str | None, Query(max_length=60, description="Only of this name, such as `PortfolioSubmitted`.")]


def router(api: Api) -> APIRouter:
    """The routes of the feed."""
    routes = APIRouter(tags=["events"], responses=PROBLEMS, dependencies=[END_OF_LOG])
    ringing = Ringing(api)

    @routes.get(
        "/events",
        operation_id="list_events",
        summary="What was recorded, in its order, by cursor",
        openapi_extra={ACTION: FEED},
    )
    def events(
        caller: Asking,
        after: After = 0,
        limit: Annotated[int, Query(ge=1, le=api.limits.page)] = 50,
        kind: Kind = None,
        case: Case = None,
    ) -> Page:
        sight = Sight(api, caller)
        require(sight, kind, case)
        return read(api, caller, sight, after=after, limit=limit, kind=kind, case=case)

    @routes.get(
        "/events/stream",
        operation_id="follow_events",
        summary="What is recorded, as server-sent events",
        openapi_extra={ACTION: FEED},
        response_class=StreamingResponse,
        responses={
            200: {
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
                "description": "Entries, until the token ends.",
            }
        },
    )
    async def stream(
        *,
        request: Request,
        caller: Asking,
        token: Annotated[Any, Depends(bearer)],
        after: After = 0,
        kind: Kind = None,
        case: Case = None,
        last: Annotated[str | None, Header(alias="Last-Event-ID", pattern="^[0-9]{1,18}$")] = None,
    ) -> StreamingResponse:
        await anyio.to_thread.run_sync(lambda: require(Sight(api, caller), kind, case))
        asks = partial(known_by, api, request, token)
        sending = Sending(api=api, caller=caller, asks=asks, kind=kind, case=case)
        sent = follow(sending, ringing, ringing.take(caller.actor), int(last) if last else after, request)
        return StreamingResponse(sent, media_type="text/event-stream")

    return routes


def require(sight: Sight, kind: str | None, case: str | None) -> None:
    """Refuse who may not read the feed at all, a kind of event that there is not, and a case that is not theirs to see."""
    sight.require(FEED)
    if kind is not None and kind not in _KINDS:
        raise refused("event-kinds", "there is no such event", field="kind", allowed="such as PortfolioSubmitted")
    if case is not None and not sight.sees(case, FEED):
        raise not_found(kind_of(case), "case")


def read(api: Api, caller: Caller, sight: Sight, *, after: int, limit: int, kind: str | None, case: str | None) -> Page:
    """The entries after a position that the caller may see, as far as parts are known; see `Page`."""
    end = known_to(api.app.records)
    found = [one for one in _events(api, after, kind, case) if one.position <= end]
    seen = visible(sight, caller, found)
    items = seen[:limit]
    if len(seen) > limit:
        return Page(items=[entry(one) for one in items], next=items[-1].position, more=True)
    whole = len(found) < SCANNED or case is not None
    behind = max(after, end) if whole else found[-1].position
    return Page(items=[entry(one) for one in items], next=behind, more=not whole)


def _events(api: Api, after: int, kind: str | None, case: str | None) -> Sequence[Recorded]:
    if case is not None:
        whole = api.app.records.load(case)[case]
        return [one for one in whole if one.position > after and kind in (None, one.name.partition(".")[0])]
    return api.app.records.read_log(after, SCANNED, recorded_names(_KINDS[kind]) if kind else ())


def visible(sight: Sight, caller: Caller, events: Sequence[Recorded], *, stored: bool = False) -> list[Recorded]:
    """Those of these events that the caller may see now, by all that is needed for each; with `stored`, in their stored form.

    That says more than an entry of the feed: also what the command was about that caused it.
    """
    wanted = {
        one.position: needed(one.stream, one.event) | (named(one.correlation) if stored else set()) for one in events
    }
    asked: dict[str, set[str]] = {}
    for action, id in (pair for pairs in wanted.values() for pair in pairs):
        asked.setdefault(action, set()).add(id)
    kept = {(action, id) for action, ids in asked.items() for id in sight.kept(action, ids)}
    return [one for one in events if wanted[one.position] <= kept and _names_too(sight, caller, one)]


def _names_too(sight: Sight, caller: Caller, one: Recorded) -> bool:
    """Who answered what is told to few: to everybody else answers have no names."""
    if not isinstance(one.event, QuestionnaireAnswered) or one.event.person == caller.actor:
        return True
    scheme = (one.scheme or "").partition("@")[0]
    return sight.person is not None and may_see_names(sight.person, scheme, caller.at)


def entry(one: Recorded) -> Entry:
    """An event as the feed tells it."""
    data = msgspec.to_builtins(one.event, builtin_types=(datetime,))
    return Entry(
        position=one.position,
        stream=one.stream,
        version=one.version,
        name=one.name.partition(".")[0],
        sentence=sentence(one),
        at=one.at,
        recorded_at=one.recorded_at,
        actor=one.actor,
        role=one.role,
        data={name: value for name, value in data.items() if name not in LEFT_OUT},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What one stream sends, of a kind of event or a case if one is said, to the caller; `asks` says who asks at an instant."""

    api: Api
    caller: Caller
    asks: Callable[[datetime], Known | None]
    kind: str | None
    case: str | None

    def after(self, position: int) -> Page | None:
        """The next entries as the caller may see them now; None where they may ask no longer."""
        at = self.api.now()
        caller = replace(self.caller, at=at, person=None)  # a conflict may have been declared since
        sight = Sight(self.api, caller)
        try:
            known = self.asks(at)
            if (
                known is None
                or at >= known.until
                or caller.role not in (sight.roles if known.roles is None else known.roles)
            ):
                return None
            require(sight, self.kind, self.case)
        except (NotKnown, Refused):
            return None
        return read(self.api, caller, sight, after=position, limit=SENT, kind=self.kind, case=self.case)


async def follow(sending: Sending, ringing: Ringing, place: Place, after: int, request: Request) -> AsyncIterator[str]:
    """What a stream sends from a position on, until it ends; its place is free again then."""
    with place, ringing.hear() as bell:
        yield "retry: 2000\n\n"
        while not (sending.api.stopping.is_set() or await request.is_disconnected()):
            try:
                page = await anyio.to_thread.run_sync(sending.after, after)
            except RecordUnavailable:  # the bell goes on once it is there again
                page = Page(items=[], next=after, more=False)
            if page is None:
                return
            for said in told(page, after):
                yield said
            after = page.next
            if not page.more and not await bell.wait(KEEP_ALIVE):
                yield ": still here\n\n"


def told(page: Page, after: int) -> Iterator[str]:
    """A page as server-sent events; what was passed over behind the last of them is told by an id alone."""
    for one in page.items:
        yield f"id: {one.position}\nevent: {one.name}\ndata: {one.model_dump_json()}\n\n"
    last = page.items[-1].position if page.items else after
    if page.next > last:
        yield f"id: {page.next}\n\n"
