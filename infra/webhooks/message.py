"""What is carried: an entry of the feed as a CloudEvent (1.0, structured), signed as Standard Webhooks has it.

Its ids stay the same however often it is sent, so that a receiver knows what it has already.
"""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

from infra.api.feed import Entry

MEDIA_TYPE: Final = "application/cloudevents+json; charset=utf-8"
TYPES: Final = "assay."
"""Begins the type of every event; its name in the feed follows."""


def new_secret() -> str:
    """A secret to sign with: 256 bits, as Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def body_of(entry: Entry, source: str) -> bytes:
    """The entry as a CloudEvent of `source`, the address of the feed. `sequence` sorts as positions do."""
    event = {
        "specversion": "1.0",
        "id": str(entry.position),
        "source": source,
        "type": TYPES + entry.name,
        "subject": entry.stream,
        "time": _zulu(entry.recorded_at),
        "datacontenttype": "application/json",
        "sequence": f"{entry.position:020d}",
        "data": entry.model_dump(mode="json"),
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(id: str, body: bytes, signed_with: Sequence[str], at: datetime) -> Mapping[str, str]:
    """The headers of a message of this id, signed at an instant (UTC) with each of these secrets."""
    signatures = [Webhook(one).sign(id, at, body.decode()) for one in signed_with]
    return {
        "Content-Type": MEDIA_TYPE,
        "User-Agent": "Assay-Webhooks",
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _zulu(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
