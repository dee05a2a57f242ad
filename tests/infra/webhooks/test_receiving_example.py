"""The receiver in docs/api.md takes what is carried, each message once, and nothing that was not signed."""

import re
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx

from infra.webhooks import subscriptions
from tests import factories
from tests.factories import Body
from tests.infra.polling import until
from tests.infra.webhooks.conftest import Hooks
from tests.infra.webhooks.receiver import served

GUIDE = (Path(__file__).parents[3] / "docs" / "api.md").read_text()


def example(secret: str, take: Any) -> type[BaseHTTPRequestHandler]:
    """The class that the guide shows, for a secret, with what is done with an event."""
    [shown] = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    known: dict[str, Any] = {"SECRET": secret, "take": take}
    exec(shown, known)
    receiver: type[BaseHTTPRequestHandler] = known["Receiver"]
    receiver.log_message = lambda *_: None  # type: ignore[method-assign,assignment]
    return receiver


def test_the_receiver_of_the_guide_takes_each_message_once_and_nothing_else(body: Body, hooks: Hooks):
    case = factories.register(body)
    taken: list[tuple[str, str, Any]] = []
    made = hooks.add("example", "http://127.0.0.1:1/", ["ProgrammeRegistered", "FeeCharged"])
    with served(example(hooks.secrets["example"], lambda *event: taken.append(event))) as port:
        url = f"http://127.0.0.1:{port}/"
        hooks.store.rows("UPDATE access.webhooks SET url = %s WHERE id = %s RETURNING id", [url, made.id])
        with hooks.at_work():
            until(lambda: hooks.now("example").position == hooks.app.records.max_position())
            first = list(taken)
            subscriptions.replay(hooks.store, "example", after=0)
            until(lambda: hooks.now("example").position == hooks.app.records.max_position())
        forged = httpx.post(
            url, content=b"{}", headers={"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
        )

    assert taken == first
    assert ("assay.ProgrammeRegistered", case) in [(type, subject) for type, subject, _ in taken]
    assert forged.status_code == 401
    assert hooks.failed("example") == []
