"""What did not arrive: tried again after pauses that grow, for a day; then it is a dead letter, until somebody asks for it again.

What fails is set aside, so that what comes after it is not held up: it comes later than that then, and says so by its position.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.refusals import refuse
from infra.store.datastore import Datastore
from infra.webhooks.subscriptions import Webhook

PAUSES: Final = tuple(timedelta(seconds=one) for one in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 39_600))
"""Between one attempt and the next; a day in all."""
HELD: Final = 100
"""So many may be set aside before a subscription is read no further."""

_KEEP: Final = """
INSERT INTO access.webhook_failures AS kept (webhook, position, name, attempts, first_at, next_at, error, dead_at)
SELECT id, %(position)s, %(name)s, %(attempts)s, %(at)s, %(next)s, %(error)s, %(dead)s
FROM access.webhooks WHERE id = %(webhook)s
ON CONFLICT (webhook, position) DO UPDATE
SET attempts = excluded.attempts, next_at = excluded.next_at, error = excluded.error, dead_at = excluded.dead_at
RETURNING position
"""
_DUE: Final = (
    "SELECT position, name, attempts, first_at, next_at, error, dead_at FROM access.webhook_failures"
    " WHERE webhook = %s AND dead_at IS NULL AND next_at <= %s AND position <= %s ORDER BY next_at, position LIMIT 1"
)
_LIST: Final = (
    "SELECT position, name, attempts, first_at, next_at, error, dead_at FROM access.webhook_failures"
    " WHERE webhook = %s ORDER BY position LIMIT 1000"
)
_RETRY: Final = (
    "UPDATE access.webhook_failures SET dead_at = NULL, attempts = 0, next_at = %s"
    " WHERE webhook = %s AND (%s::int8 IS NULL OR position = %s) RETURNING position"
)
_DROP: Final = (
    "DELETE FROM access.webhook_failures WHERE webhook = %s AND CASE WHEN %s::int8 IS NULL THEN dead_at IS NOT NULL"
    " ELSE position = %s END RETURNING position"
)


@dataclass(frozen=True, slots=True)
class Failure:
    """The event at a position, of this name, did not arrive: so many attempts since `first_at`, why the last did not, and
    when the next is; from `dead_at` on there is none (UTC)."""

    position: int
    name: str
    attempts: int
    first_at: datetime
    next_at: datetime
    error: str
    dead_at: datetime | None


def keep(
    datastore: Datastore,
    webhook: Webhook,
    *,
    position: int,
    name: str,
    attempts: int,
    error: str,
    wait: float,
    at: datetime,
) -> bool:
    """Keep that an attempt at an event failed, its `attempts`-th; say whether it is a dead letter now."""
    dead = attempts > len(PAUSES)
    pause = max(PAUSES[min(attempts, len(PAUSES)) - 1], timedelta(seconds=wait))
    values = {
        "webhook": webhook.id,
        "position": position,
        "name": name,
        "attempts": attempts,
        "at": at,
        "next": at + pause,
        "error": error[:200],
        "dead": at if dead else None,
    }
    datastore.rows(_KEEP, values)
    return dead


def arrived(datastore: Datastore, webhook: str, position: int) -> None:
    """Forget a failure: it arrived, or is not to be carried any more."""
    datastore.rows(
        "DELETE FROM access.webhook_failures WHERE webhook = %s AND position = %s RETURNING position",
        [webhook, position],
    )


def next_due(datastore: Datastore, webhook: str, at: datetime, *, until: int) -> Failure | None:
    """What up to a position is to be tried again now, the longest due first."""
    rows = datastore.rows(_DUE, [webhook, at, until])
    return Failure(*rows[0]) if rows else None


def waiting(datastore: Datastore, webhook: str) -> int:
    """How many of a subscription are still to be tried again."""
    statement = "SELECT count(*) FROM access.webhook_failures WHERE webhook = %s AND dead_at IS NULL"
    [(count,)] = datastore.rows(statement, [webhook])
    return int(count)


def of_webhook(datastore: Datastore, webhook: str) -> list[Failure]:
    """What of a subscription did not arrive, in the order of the log."""
    return [Failure(*row) for row in datastore.rows(_LIST, [webhook])]


def retry(datastore: Datastore, webhook: Webhook, *, position: int | None, at: datetime) -> int:
    """Try one, or all, again at once, as if it were new; return how many. Refuses one that there is not."""
    return _some(datastore.rows(_RETRY, [at, webhook.id, position, position]), position)


def drop(datastore: Datastore, webhook: Webhook, *, position: int | None) -> int:
    """Give one up, or all dead letters; return how many. Refuses one that there is not."""
    return _some(datastore.rows(_DROP, [webhook.id, position, position]), position)


def _some(rows: list[tuple[int]], position: int | None) -> int:
    if position is not None and not rows:
        raise refuse(
            "webhook-failure", "nothing failed there", field="position",
            allowed="a position that `assay webhook failures` shows; or none, for all",
        )  # fmt: skip
    return len(rows)
