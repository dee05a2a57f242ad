"""Webhooks over the API: to whom the feed is carried, added, paused, replayed and ended by officers; and what did not arrive.

An officer's subscription carries nothing that they may not see themselves: see `infra/webhooks/readable.py`. A secret is shown
once, when it is made.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from psycopg.sql import SQL
from pydantic import BaseModel, ConfigDict, Field

from infra.api.caller import Api, Caller
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.lists import add_route
from infra.api.problems import PROBLEMS
from infra.api.reading.listing import Listing
from infra.api.seeing import Sight
from infra.api.versions import Seen, require_seen
from infra.webhooks import failures, subscriptions
from infra.webhooks.subscriptions import Webhook

KEEP: Final = "keep-webhooks"
SEE: Final = "see-webhooks"
Name = Annotated[str, Path(min_length=1, max_length=60, description="The subscription's name.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A subscription: what the service account `account` is told of `names`, or of all events, is carried to `url`.

    `position` is how far the log was read for it; `told_at` when something last arrived; `failing_since` since when nothing
    does; `waiting` and `dead` are how many are tried again, and are not any more (UTC).
    """

    name: str
    url: str
    names: list[str]
    account: str
    made_by: str | None
    made_at: datetime
    version: int
    position: int
    told_at: datetime | None
    failing_since: datetime | None
    paused_at: datetime | None
    paused_because: str | None
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRow:
    """The event at `position`, of the name `event`, did not arrive at the subscription `name`, after so many `attempts`.

    `error` says why not the last time; it is tried again at `next_at`, but no more from `dead_at` on (UTC).
    """

    name: str
    position: int
    event: str
    attempts: int
    first_at: datetime
    next_at: datetime
    error: str
    dead_at: datetime | None


LISTS: Final = (
    Listing(
        path="webhooks",
        operation="list_webhooks",
        summary="To whom the feed is carried, how far, and what did not arrive",
        tag="webhooks",
        action=SEE,
        row=Row,
        source=SQL(
            "SELECT name, url, names, account, made_by, made_at, version, position, told_at, failing_since, paused_at,"
            " paused_because, (SELECT count(*) FROM access.webhook_failures WHERE webhook = id AND dead_at IS NULL) AS waiting,"
            " (SELECT count(*) FROM access.webhook_failures WHERE webhook = id AND dead_at IS NOT NULL) AS dead"
            " FROM access.webhooks"
        ),
        models=(),
        key=("name",),
        order="name",
        sorts=("made_at", "position", "told_at"),
        filters=("name", "account", "paused_because"),
        names=("made_by",),
        empty={"working": "paused_at"},
        some={"failing": "waiting", "lost": "dead"},
    ),
    Listing(
        path="webhooks/failures",
        operation="list_webhook_failures",
        summary="What did not arrive, why, and when it is tried again; dead letters too",
        tag="webhooks",
        action=SEE,
        row=FailureRow,
        source=SQL(
            "SELECT webhooks.name, failed.position, failed.name AS event, attempts, first_at, next_at, error, dead_at"
            " FROM access.webhook_failures AS failed JOIN access.webhooks ON webhooks.id = webhook"
        ),
        models=(),
        key=("name", "position"),
        order="name",
        sorts=("position", "next_at"),
        filters=("name", "event", "position"),
        empty={"waiting": "dead_at"},
    ),
)


class NewWebhook(BaseModel):
    """A subscription to add."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=60, description="What it is called.")
    url: str = Field(min_length=1, max_length=2_000, description="Where word is carried to.")
    account: str = Field(min_length=1, max_length=60, description="The service account that it is told as: id or name.")
    events: list[str] = Field(default=[], max_length=50, description="Of which events; of all where none is named.")
    after: int | None = Field(default=None, ge=0, lt=2**63, description="The position to begin after; now by default.")


class From(BaseModel):
    """A position of the log."""

    model_config = ConfigDict(extra="forbid")
    after: int = Field(ge=0, lt=2**63, description="What comes after this position is carried again.")


class Which(BaseModel):
    """One of those that did not arrive, or all."""

    model_config = ConfigDict(extra="forbid")
    position: int | None = Field(default=None, ge=0, lt=2**63, description="The position of one; all where it is null.")


class Subscription(BaseModel):
    """A subscription as it is now."""

    name: str = Field(description="What it is called.")
    version: int = Field(description="How often it was changed; a command may name it in `If-Match`.")
    position: int = Field(description="Up to where the log was read for it.")
    secret: str | None = Field(default=None, description="The secret that signs, where it is new: shown this once.")
    changed: int | None = Field(default=None, description="To how many the command applied, where it is about several.")


def router(api: Api) -> APIRouter:
    """The routes of subscriptions."""
    routes = APIRouter(responses=PROBLEMS)
    for listing in LISTS:
        add_route(routes, api, listing)
    _add_new(routes, api)
    _add_changes(routes, api)
    _add_of_failures(routes, api)
    return routes


def _said(name: str, summary: str) -> dict[str, Any]:
    return {"operation_id": name, "summary": summary, "tags": ["webhooks"], "openapi_extra": {ACTION: KEEP}}


def _add_new(routes: APIRouter, api: Api) -> None:
    @routes.post(
        "/webhooks/add-webhook", **_said("add_webhook", "Have the feed carried to an address; shows its secret")
    )
    def add_webhook(said: NewWebhook, caller: Asking, seen: Seen = None) -> Subscription:
        Sight(api, caller).require(KEEP)
        require_seen(seen, 0)
        made, secret = subscriptions.add(
            api.app.records.datastore,
            name=said.name,
            url=said.url,
            names=said.events,
            account=said.account,
            made_by=caller.actor,
            allowed=api.webhooks,
            at=caller.at,
            after=said.after,
        )
        return Subscription(name=made.name, version=made.version, position=made.position, secret=secret)


def _held(api: Api, caller: Caller, name: str, seen: str | None) -> Webhook:
    """The subscription that a command is about; refuses who may not, what there is not, and another version."""
    Sight(api, caller).require(KEEP)
    held = subscriptions.require(api.app.records.datastore, name)
    require_seen(seen, held.version)
    return held


def _now(api: Api, name: str, **more: Any) -> Subscription:
    held = subscriptions.require(api.app.records.datastore, name)
    return Subscription(name=held.name, version=held.version, position=held.position, **more)


def _add_changes(routes: APIRouter, api: Api) -> None:
    @routes.post(
        "/webhooks/{name}/rotate-secret",
        **_said(
            "rotate_webhook_secret", "Sign with a new secret, which is shown, and for a day with the former one too"
        ),
    )
    def rotate(name: Name, caller: Asking, seen: Seen = None) -> Subscription:
        _held(api, caller, name, seen)
        return _now(api, name, secret=subscriptions.rotate(api.app.records.datastore, name, at=caller.at))

    @routes.post(
        "/webhooks/{name}/pause-webhook", **_said("pause_webhook", "Carry nothing for now; nothing is lost by it")
    )
    def pause(name: Name, caller: Asking, seen: Seen = None) -> Subscription:
        held = _held(api, caller, name, seen)
        subscriptions.pause(api.app.records.datastore, held.id, because=subscriptions.ASKED, at=caller.at)
        return _now(api, name)

    @routes.post(
        "/webhooks/{name}/resume-webhook",
        **_said("resume_webhook", "Go on where it was paused; of an officer who left it is one's own from then on"),
    )
    def resume(name: Name, caller: Asking, seen: Seen = None) -> Subscription:
        _held(api, caller, name, seen)
        subscriptions.resume(api.app.records.datastore, name, by=caller.actor, at=caller.at)
        return _now(api, name)

    @routes.post(
        "/webhooks/{name}/replay-webhook",
        **_said("replay_webhook", "Carry again what comes after a position, under the same ids, as it may be seen now"),
    )
    def replay(name: Name, said: From, caller: Asking, seen: Seen = None) -> Subscription:
        _held(api, caller, name, seen)
        subscriptions.replay(api.app.records.datastore, name, after=said.after)
        return _now(api, name)

    @routes.post("/webhooks/{name}/end-webhook", **_said("end_webhook", "End a subscription, with what did not arrive"))
    def end(name: Name, caller: Asking, seen: Seen = None) -> Subscription:
        held = _held(api, caller, name, seen)
        subscriptions.end(api.app.records.datastore, name)
        return Subscription(name=held.name, version=held.version, position=held.position)


def _add_of_failures(routes: APIRouter, api: Api) -> None:
    @routes.post(
        "/webhooks/{name}/retry-failures",
        **_said("retry_webhook_failures", "Try one that did not arrive, or all of them, again at once"),
    )
    def retry(name: Name, said: Which, caller: Asking, seen: Seen = None) -> Subscription:
        held = _held(api, caller, name, seen)
        changed = failures.retry(api.app.records.datastore, held, position=said.position, at=caller.at)
        return _now(api, name, changed=changed)

    @routes.post(
        "/webhooks/{name}/drop-failures",
        **_said("drop_webhook_failures", "Give one up that did not arrive, or all dead letters"),
    )
    def drop(name: Name, said: Which, caller: Asking, seen: Seen = None) -> Subscription:
        held = _held(api, caller, name, seen)
        return _now(api, name, changed=failures.drop(api.app.records.datastore, held, position=said.position))
