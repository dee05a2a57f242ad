"""Subscriptions: to whom the feed is carried, as which service account, of which events, how far; and the secrets that sign it."""

import base64
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.events import NAMES
from domain.refusals import Refused, refuse
from infra.identity import service_accounts
from infra.store.datastore import Datastore
from infra.webhooks.addresses import Allowed, check_url
from infra.webhooks.message import new_secret

FEED: Final = "see-events"
BOTH_FOR: Final = timedelta(days=1)
"""For so long messages are signed with the former secret too, after it was replaced."""
MOST: Final = 50
"""Events that one subscription names, and how many subscriptions there are."""
EVENTS: Final = frozenset(name.partition(".")[0] for name in NAMES)
ASKED, FAILING, GONE, ACCOUNT, OFFICER = "asked", "failing", "gone", "account-ended", "officer-left"
"""Why a subscription is paused: somebody asked, nothing arrived for a day, the receiver wants no more, its account ended, or
whoever made it is no officer any more."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_LIST: Final = (
    "SELECT id, name, url, names, account, made_by, made_at, version, position, told_at, failing_since, paused_at,"
    " paused_because, secret, former, former_until FROM access.webhooks"
)
_ADD: Final = """
INSERT INTO access.webhooks (id, name, url, names, account, made_by, made_at, secret, position)
SELECT %(id)s, %(name)s, %(url)s, %(names)s, %(account)s, %(made_by)s, %(at)s, %(secret)s,
    coalesce(%(after)s::int8, (SELECT coalesce(max(notification_id), 0) FROM record.events))
WHERE (SELECT count(*) FROM access.webhooks) < %(most)s
ON CONFLICT (name) DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription: what the service account `account` is told of the events `names`, or of all, is carried to `url`.

    `made_by` is the officer who made it, or took it over, None where an operator did: nothing is carried that they may not see
    either.
    `position` is how far the log was read for it; `told_at` when something last arrived, `failing_since` since when nothing
    does (UTC). `version` counts changes.
    """

    id: str
    name: str
    url: str
    names: Sequence[str]
    account: str
    made_by: str | None
    made_at: datetime
    version: int
    position: int
    told_at: datetime | None
    failing_since: datetime | None
    paused_at: datetime | None
    paused_because: str | None
    secret: str = field(repr=False)
    former: str | None = field(repr=False)
    former_until: datetime | None

    def secrets(self, at: datetime) -> list[str]:
        """The secrets that a message is signed with at an instant."""
        both = self.former and self.former_until and at < self.former_until
        return [self.secret, self.former] if both and self.former else [self.secret]


def add(
    datastore: Datastore,
    *,
    name: str,
    url: str,
    names: Sequence[str],
    account: str,
    made_by: str | None,
    allowed: Allowed,
    at: datetime,
    after: int | None = None,
) -> tuple[Webhook, str]:
    """Add a subscription, from `after` a position on or from now on; return it and its secret."""
    if not _NAME.fullmatch(name):
        raise refuse(
            "webhook-name", "that is no name", field="name", allowed="lower-case letters, digits and -, at most 60"
        )
    if strange := [one for one in names if one not in EVENTS]:
        raise refuse(
            "event-kinds",
            f"there is no event {strange[0][:60]!r}",
            field="events",
            allowed="such as PortfolioSubmitted",
        )
    if len(names) > MOST:
        raise refuse(
            "event-kinds", "that are too many events", field="events", allowed=f"at most {MOST}; none stands for all"
        )
    if after is not None:
        require_position(datastore, after)
    secret = new_secret()
    values = {
        "id": f"webhook-{base64.b32encode(secrets.token_bytes(10)).decode().lower()}",
        "name": name,
        "url": check_url(url, allowed),
        "names": sorted(set(names)),
        "account": account_for(datastore, account),
        "made_by": made_by,
        "at": at,
        "secret": secret,
        "after": after,
        "most": MOST,
    }
    if not datastore.rows(_ADD, values):
        raise refuse(
            "webhook-name", "there is one of this name, or too many already", field="name",
            allowed=f"another name, and at most {MOST} subscriptions",
        )  # fmt: skip
    return require(datastore, name), secret


def account_for(datastore: Datastore, said: str) -> str:
    """The id of a service account, by its id or name, that has not ended and is for the feed; refuses any other."""
    known = [one for one in service_accounts.all_accounts(datastore) if said in {one.id, one.name}]
    if not known or known[0].ended_at or FEED not in known[0].scopes:
        raise refuse(
            "webhook-account", "there is no such service account, or it is not for the feed", field="account",
            allowed=f"one that `assay service-account list` shows as active, for {FEED}",
        )  # fmt: skip
    return known[0].id


def all_webhooks(datastore: Datastore) -> list[Webhook]:
    """All that there are, by name."""
    return [Webhook(*row) for row in datastore.rows(f"{_LIST} ORDER BY name", [])]


def find(datastore: Datastore, id: str) -> Webhook | None:
    """The subscription of this id."""
    rows = datastore.rows(f"{_LIST} WHERE id = %s", [id])
    return Webhook(*rows[0]) if rows else None


def require(datastore: Datastore, name: str) -> Webhook:
    """The subscription of this name; refuses one that there is not."""
    rows = datastore.rows(f"{_LIST} WHERE name = %s", [name]) if _NAME.fullmatch(name) else []
    if not rows:
        raise no_webhook()
    return Webhook(*rows[0])


def no_webhook() -> Refused:
    """The refusal of a subscription that there is not."""
    return Refused(
        rule="known-webhook", reason="there is no such subscription", field="name",
        allowed="one that `assay webhook list` shows",
    )  # fmt: skip


def end(datastore: Datastore, name: str) -> None:
    """End a subscription, with what did not arrive. Refuses one that there is not."""
    datastore.rows("DELETE FROM access.webhooks WHERE id = %s RETURNING id", [require(datastore, name).id])


def pause(datastore: Datastore, id: str, *, because: str, at: datetime) -> None:
    """Carry nothing more, until somebody has it go on; nothing is lost, since it goes on where it was."""
    statement = (
        "UPDATE access.webhooks SET paused_at = %s, paused_because = %s, version = version + 1"
        " WHERE id = %s AND paused_at IS NULL RETURNING id"
    )
    datastore.rows(statement, [at, because, id])


def resume(datastore: Datastore, name: str, *, by: str | None, at: datetime) -> None:
    """Go on where it was; what did not arrive is tried again at once.

    What stopped because its officer left is from then on that of `by`, an officer, or None for an operator.
    """
    held = require(datastore, name)
    statement = (
        "WITH again AS (UPDATE access.webhook_failures SET next_at = %s WHERE webhook = %s AND dead_at IS NULL)"
        " UPDATE access.webhooks SET paused_at = NULL, paused_because = NULL, failing_since = NULL, version = version + 1,"
        " made_by = CASE WHEN paused_because = %s THEN %s::text ELSE made_by END"
        " WHERE id = %s RETURNING id"
    )
    datastore.rows(statement, [at, held.id, OFFICER, by, held.id])


def rotate(datastore: Datastore, name: str, *, at: datetime) -> str:
    """Sign with a new secret, which is returned, and for a day with the former one too."""
    held, secret = require(datastore, name), new_secret()
    statement = (
        "UPDATE access.webhooks SET former = secret, former_until = %s, secret = %s, version = version + 1"
        " WHERE id = %s RETURNING id"
    )
    datastore.rows(statement, [at + BOTH_FOR, secret, held.id])
    return secret


def replay(datastore: Datastore, name: str, *, after: int) -> None:
    """Carry again what comes after a position, as it may be seen now; under the same ids."""
    held = require(datastore, name)
    require_position(datastore, after)
    statement = "UPDATE access.webhooks SET position = %s, version = version + 1 WHERE id = %s RETURNING id"
    datastore.rows(statement, [after, held.id])


def require_position(datastore: Datastore, after: int) -> None:
    """Refuse a position that the log has not come to."""
    [(last,)] = datastore.rows("SELECT coalesce(max(notification_id), 0) FROM record.events", [])
    if not 0 <= after <= last:
        raise refuse("webhook-position", "the log has not come so far", field="after", allowed=f"0 to {last}")
