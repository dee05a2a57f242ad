"""What a subscription is told: of the feed, what its service account may see now, and whoever made it too.

So a conflict of theirs hides here what it hides from them everywhere, and nobody has word carried to them of what their own
role would not let them see; once they are no officer any more, nothing is carried. Source: handbook, Who sees what.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.events import NAMES, recorded_names
from infra.api.caller import Api, Caller
from infra.api.feed import SCANNED, visible
from infra.api.ringing import known_to
from infra.api.seeing import Sight
from infra.identity import people, service_accounts
from infra.identity.known import Known, NotKnown
from infra.webhooks.subscriptions import ACCOUNT, OFFICER, Webhook
from services.ports import Recorded

MAKER: Final = "officer"
"""The role in which people make subscriptions."""
_KINDS: Final = {name.partition(".")[0]: kind for name, kind in NAMES.items()}


@dataclass(frozen=True, slots=True)
class Told:
    """The next events that a subscription is told, and up to where the log was looked at for them."""

    events: Sequence[Recorded]
    behind: int


def nobody(_: str, __: datetime) -> Known:
    """Nobody comes in here: what is asked is asked for subscriptions."""
    raise NotKnown("no tokens are taken here")


class NobodyLeft(Exception):
    """Nothing is carried for a subscription any more: `because` its account has ended, or its officer left."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


def readers(api: Api, webhook: Webhook, at: datetime) -> list[Caller]:
    """In whose eyes the feed is seen for a subscription. Raises NobodyLeft."""
    datastore = api.app.records.datastore
    account = service_accounts.find(datastore, webhook.account)
    if account is None:
        raise NobodyLeft(ACCOUNT)
    request = f"for-{webhook.id}"
    program = Caller(
        actor=account.id,
        role=account.role,
        at=at,
        request=request,
        session=account.id,
        scopes=frozenset(account.scopes),
    )
    if webhook.made_by is None:
        return [program]
    maker = Caller(actor=webhook.made_by, role=MAKER, at=at, request=request)
    if not people.is_somebody(datastore, webhook.made_by, at) or MAKER not in Sight(api, maker).roles:
        raise NobodyLeft(OFFICER)
    return [program, maker]


def seen_by(api: Api, callers: Sequence[Caller], events: Sequence[Recorded]) -> Sequence[Recorded]:
    """Those of these events that all of them may see."""
    for one in callers:
        events = visible(Sight(api, one), one, events) if events else events
    return events


def read_on(api: Api, webhook: Webhook, callers: Sequence[Caller]) -> Told:
    """What comes after the position of a subscription."""
    end = known_to(api.app.records)
    topics = [name for one in webhook.names for name in recorded_names(_KINDS[one])]
    found = api.app.records.read_log(webhook.position, SCANNED, topics)
    within = [one for one in found if one.position <= end]
    whole = len(found) < SCANNED or len(within) < len(found)
    behind = max(webhook.position, end) if whole else found[-1].position
    return Told(seen_by(api, callers, within), behind)
