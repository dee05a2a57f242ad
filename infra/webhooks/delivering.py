"""The courier's job for webhooks: several subscriptions at a time, each by itself and in order, until what it is told has arrived.

How far a subscription is, is kept after each sending: what was under way when the courier died is sent again, under the same
id. No sending keeps another subscription from its turn for longer than one sending may take.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from infra.api.caller import Api, Caller
from infra.api.feed import entry
from infra.api.ringing import known_to
from infra.bootstrap import App
from infra.settings import Settings
from infra.store.errors import RecordUnavailable
from infra.store.follow import POLL, Bell
from infra.webhooks import failures, subscriptions
from infra.webhooks.addresses import Resolve, resolve
from infra.webhooks.failures import HELD, Failure
from infra.webhooks.message import body_of, headers_of
from infra.webhooks.readable import NobodyLeft, nobody, read_on, readers, seen_by
from infra.webhooks.sending import LIMIT, Answer, send
from infra.webhooks.subscriptions import FAILING, GONE, Webhook
from services.ports import Recorded

AT_ONCE: Final = 16
"""Sendings at a time."""
TURN: Final = 5.0
"""Seconds after which a subscription with more to send waits for its next turn."""
BUSY: Final = 0.05
"""Seconds between two looks while sendings are under way."""
REST: Final = 30.0
"""Seconds for which a subscription is left alone whose turn failed by a fault of ours."""
FRESH: Final = 1.0
"""For so many seconds what may be seen is not looked up again."""
GIVEN_UP: Final = timedelta(days=1)
"""A subscription to which nothing arrived for so long is paused."""

_DUE: Final = """
SELECT id FROM access.webhooks AS one WHERE paused_at IS NULL AND (
    (position < %(known)s AND (SELECT count(*) FROM access.webhook_failures AS kept
        WHERE kept.webhook = one.id AND dead_at IS NULL) < %(held)s)
    OR EXISTS (SELECT FROM access.webhook_failures AS kept
        WHERE kept.webhook = one.id AND dead_at IS NULL AND next_at <= %(at)s AND kept.position <= %(known)s)
) ORDER BY told_at NULLS FIRST, id
"""
_MOVE: Final = """
UPDATE access.webhooks SET position = %(to)s, told_at = coalesce(%(told)s, told_at),
    failing_since = CASE WHEN %(told)s::timestamptz IS NOT NULL THEN NULL ELSE failing_since END
WHERE id = %(id)s AND position = %(position)s AND paused_at IS NULL RETURNING id
"""
_TOLD: Final = "UPDATE access.webhooks SET told_at = %s, failing_since = NULL WHERE id = %s RETURNING id"
_FAILED: Final = (
    "UPDATE access.webhooks SET failing_since = coalesce(failing_since, %s) WHERE id = %s RETURNING failing_since"
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What sendings are made with."""

    api: Api
    settings: Settings
    stop: threading.Event
    limit: float = LIMIT
    resolving: Resolve = resolve

    @property
    def app(self) -> App:
        """The record, and what is beside it."""
        return self.api.app

    def now(self) -> datetime:
        """What time it is."""
        return self.api.now()


def run_webhooks(settings: Settings, app: App, stop: threading.Event) -> None:
    """Carry to subscriptions what they are told, until `stop` is set. Raises RecordUnavailable while the database is away."""
    carry(Desk(Api(app=app, identify=nobody), settings, stop))


def carry(desk: Desk) -> None:
    """Give each subscription that has something due its turn, again and again."""
    under_way: dict[str, Future[None]] = {}
    rests: dict[str, float] = {}
    with ThreadPoolExecutor(AT_ONCE, "webhook") as threads, Bell(desk.app.records) as bell:
        while not desk.stop.is_set():
            bell.listen()
            for id in [id for id, turn in under_way.items() if turn.done()]:
                if not _went_well(id, under_way.pop(id)):
                    rests[id] = time.monotonic() + REST
            for id in due(desk):
                if id not in under_way and time.monotonic() >= rests.get(id, 0.0):
                    under_way[id] = threads.submit(take_turn, desk, id)
            if under_way:
                desk.stop.wait(BUSY)
            else:
                bell.wait(POLL)


def _went_well(id: str, turn: Future[None]) -> bool:
    """Whether a turn ended as it should; one subscription's fault is not to end the others. Raises RecordUnavailable."""
    error = turn.exception()
    if isinstance(error, RecordUnavailable):
        raise error
    if error:
        _log.error("webhook.turn_failed", webhook=id, error=type(error).__name__)
    return error is None


def due(desk: Desk) -> Sequence[str]:
    """The subscriptions for which there is something to look at or to try again, who waited longest first."""
    asked = {"known": known_to(desk.app.records), "held": HELD, "at": desk.now()}
    return [id for (id,) in desk.app.records.datastore.rows(_DUE, asked)]


def take_turn(desk: Desk, id: str) -> None:
    """Send what is due for a subscription, for as long as a turn lasts."""
    until = time.monotonic() + TURN
    while not desk.stop.is_set() and time.monotonic() < until:
        webhook = subscriptions.find(desk.app.records.datastore, id)
        if webhook is None or webhook.paused_at:
            return
        try:
            callers = readers(desk.api, webhook, desk.now())
        except NobodyLeft as nobody_left:
            _pause(desk, webhook, nobody_left.because)
            return
        again = failures.next_due(desk.app.records.datastore, id, desk.now(), until=known_to(desk.app.records))
        if again:
            _try_again(desk, webhook, callers, again)
        elif not _go_on(desk, webhook, callers, until):
            return


def _go_on(desk: Desk, webhook: Webhook, callers: Sequence[Caller], until: float) -> bool:
    """Send what is new, in its order; say whether there may be more to send."""
    if failures.waiting(desk.app.records.datastore, webhook.id) >= HELD:
        return False
    told, looked = read_on(desk.api, webhook, callers), time.monotonic()
    position = webhook.position
    for one in told.events:
        if desk.stop.is_set() or time.monotonic() > until:
            return False
        if time.monotonic() - looked > FRESH:  # a conflict may have been declared since
            callers = [replace(each, at=desk.now(), person=None) for each in callers]
            shown, looked = seen_by(desk.api, callers, [one]), time.monotonic()
        else:
            shown = [one]
        answer = _send(desk, webhook, one) if shown else None
        if answer and answer.gone:
            _pause(desk, webhook, GONE)
            return False
        if not _moved(desk, webhook, position, one, answer):
            return False  # paused, ended or replayed meanwhile
        position = one.position
        if answer and not answer.arrived:
            return True  # it is looked at anew how much waits to be tried again
    return _moved(desk, webhook, position, None, None, to=told.behind) and told.behind > webhook.position


def _moved(
    desk: Desk, webhook: Webhook, position: int, one: Recorded | None, answer: Answer | None, *, to: int | None = None
) -> bool:
    """Keep how far a subscription is, with what did not arrive set aside; false where it is not there any more, or elsewhere."""
    store, at = desk.app.records.datastore, desk.now()
    if one and answer and not answer.arrived:
        _fail(desk, webhook, answer, position=one.position, name=_name(one), attempts=1)
    reached = to if to is not None else one.position if one else position
    told = at if answer and answer.arrived else None
    moved = bool(store.rows(_MOVE, {"to": reached, "told": told, "id": webhook.id, "position": position}))
    if one and told:
        failures.arrived(store, webhook.id, one.position)
    return moved


def _try_again(desk: Desk, webhook: Webhook, callers: Sequence[Caller], failure: Failure) -> None:
    """Send what did not arrive once more; what may not be seen any more is not sent."""
    store = desk.app.records.datastore
    found = desk.app.records.read_log(failure.position - 1, 1)
    shown = seen_by(desk.api, callers, [one for one in found if one.position == failure.position])
    answer = _send(desk, webhook, shown[0]) if shown else None
    if answer is None:
        failures.arrived(store, webhook.id, failure.position)
    elif answer.arrived:
        failures.arrived(store, webhook.id, failure.position)
        store.rows(_TOLD, [desk.now(), webhook.id])
    elif answer.gone:
        _pause(desk, webhook, GONE)
    else:
        _fail(desk, webhook, answer, position=failure.position, name=failure.name, attempts=failure.attempts + 1)


def _fail(desk: Desk, webhook: Webhook, answer: Answer, *, position: int, name: str, attempts: int) -> None:
    store, at = desk.app.records.datastore, desk.now()
    dead = failures.keep(
        store,
        webhook,
        position=position,
        name=name,
        attempts=attempts,
        error=answer.error,
        wait=answer.wait,
        at=at,
    )
    _log.warning(
        "webhook.failed", webhook=webhook.id, position=position, attempts=attempts, status=answer.status, dead=dead
    )
    rows = store.rows(_FAILED, [at, webhook.id])
    if rows and at - rows[0][0] >= GIVEN_UP:
        _pause(desk, webhook, FAILING)


def _send(desk: Desk, webhook: Webhook, one: Recorded) -> Answer:
    at = desk.now()
    body = body_of(entry(one), f"{desk.settings.identity.base}/api/v1/events")
    headers = headers_of(f"{webhook.id}-{one.position}", body, webhook.secrets(at), at)
    return send(webhook.url, body, headers, desk.settings.webhooks, limit=desk.limit, resolving=desk.resolving)


def _pause(desk: Desk, webhook: Webhook, because: str) -> None:
    subscriptions.pause(desk.app.records.datastore, webhook.id, because=because, at=desk.now())
    _log.warning("webhook.paused", webhook=webhook.id, because=because)


def _name(one: Recorded) -> str:
    return one.name.partition(".")[0]
