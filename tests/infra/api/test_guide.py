"""The examples of docs/api.md are what the API answers."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from httpx import Response

from infra.bootstrap import open_app
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.infra.api.listening import projected
from tests.infra.api.whole_service import serving
from tests.soak.body import free_port

GUIDE = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"```http\n(.*?)```", GUIDE, re.DOTALL)


def test_every_example_of_the_guide_is_answered_as_it_says(asks: Asking, body: Body):
    case = factories.register(body)
    factories.settle(body, case)
    known: dict[str, Any] = {"case": case, "officer": body.officer}

    assert len(BLOCKS) == 28
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
        assert (filled(written, known) if isinstance(written, str) else written) == found


def test_a_first_token_is_got_as_the_guide_says(database: Database, tmp_path: Path):
    """The two examples in shell, with `assay` and its address as they are here, on a record on which there is nobody."""
    script = "set -euo pipefail\n" + "\necho\n".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
    base = "http://127.0.0.1:8080"
    assert base in script
    with open_app(database.app_url) as app, projected(app):
        port = free_port()
        clients = {"ASSAY_ISSUER_CLIENTS": f"curl=http://127.0.0.1:{port}/done", "ASSAY_API_PORT": str(port)}
        with serving(tmp_path, database.app_url, **clients) as server:
            here = server.settings.identity.base
            known = {"DATABASE_URL": database.app_url, "ASSAY_DATA": str(tmp_path), "ASSAY_BASE_URL": here}
            said = script.replace(base, here).replace(".venv/bin/assay", str(Path(sys.executable).with_name("assay")))
            ran = subprocess.run(
                ["bash", "-c", said],
                cwd=tmp_path,
                env={**os.environ, **known},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )

    assert ran.returncode == 0, ran.stderr
    feed, _, registered = ran.stdout.partition("\n")
    assert [one["name"] for one in json.loads(feed)["items"]] == ["PersonRegistered"]
    done, people = json.JSONDecoder().raw_decode(registered)[0], registered[registered.index('{"items"') :]
    assert [one["name"] for one in done["events"]] == ["PersonRegistered"]
    assert {one["person_name"] for one in json.loads(people)["items"]} >= {"Ada Lovelace"}
