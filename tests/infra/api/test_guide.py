"""The examples of docs/api.md are what the API answers."""

import json
import re
from pathlib import Path
from typing import Any

from httpx import Response

from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking

GUIDE = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"```http\n(.*?)```", GUIDE, re.DOTALL)


def test_every_example_of_the_guide_is_answered_as_it_says(asks: Asking, body: Body):
    case = factories.register(body)
    factories.settle(body, case)
    known: dict[str, Any] = {"case": case, "officer": body.officer}

    assert len(BLOCKS) == 20
    for asked, answered in zip(BLOCKS[::2], BLOCKS[1::2], strict=True):
        asks.caught_up()
        hold(answered, sent(asks, filled(asked, known)), known)


def filled(text: str, known: dict[str, Any]) -> str:
    """The text with what is known in the place of its braces."""
    return re.sub(r"\{(\w+)\}", lambda found: str(known[found[1]]), text)


def sent(asks: Asking, text: str) -> Response:
    """What is answered to a request that is written out."""
    head, _, body = text.partition("\n\n")
    first, *lines = head.splitlines()
    method, address = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    if body:
        headers["Content-Type"] = "application/json"
    return asks.client.request(method, address, headers=headers, content=body)


def hold(text: str, answer: Response, known: dict[str, Any]) -> None:
    """The answer is as it is written out; what the guide gives a new name is known by that from then on."""
    head, _, body = text.partition("\n\n")
    status, *lines = head.splitlines()
    assert answer.status_code == int(status), (text, answer.text)
    for line in lines:
        name, _, value = line.partition(": ")
        assert answer.headers[name] == value, text
    if body:
        agree(json.loads(body), answer.json(), known)


def agree(written: Any, found: Any, known: dict[str, Any]) -> None:
    """Everything that is written is in what was found."""
    if isinstance(written, dict):
        for name, one in written.items():
            agree(one, found[name], known)
    elif isinstance(written, list):
        assert len(written) == len(found), (written, found)
        for one, other in zip(written, found, strict=True):
            agree(one, other, known)
    elif isinstance(written, str) and (name := re.fullmatch(r"\{(\w+)\}", written)):
        assert known.setdefault(name[1], found) == found, name[1]
    else:
        assert written == found
