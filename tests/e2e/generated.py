"""A client generated from the API's own description, and people who have nothing but that client and a token."""

import base64
import hashlib
import importlib
import inspect
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from domain.permissions import actions
from infra.bootstrap import open_app
from infra.cli.identity import register_first_officer
from infra.cli.servers import running_group
from infra.group import SERVICES
from infra.identity import links, people, service_accounts
from infra.running import Running
from infra.settings import Settings, load_settings
from infra.store.datastore import Datastore

PROGRAM = "story"
BACK = "http://127.0.0.1:9/back"
"""Where the issuer sends a browser with a code; nobody listens there, and nobody has to."""
LIMIT = 60.0
"""Seconds for which the story waits for what a process does."""
PAUSE = 0.15
AS_BYTES = dict.fromkeys(
    ("application/pdf", "application/zip", "image/png", "image/svg+xml", "application/vc+jwt"),
    "application/octet-stream",
)
"""Types that the generator has no word for, and takes as bytes."""


def generate_client(document: Mapping[str, Any], folder: Path, name: str) -> Sequence[Any]:
    """Generate the package `name` in a folder; return what the generator warns of. It needs no network and runs nothing."""
    source = folder / "openapi.json"
    source.write_text(json.dumps(document))
    said = ConfigFile(post_hooks=[], package_name_override=name, content_type_overrides=AS_BYTES)
    config = Config.from_sources(said, MetaType.NONE, source, "utf-8", True, folder / name)
    return generate(config=config)


@dataclass(slots=True, kw_only=True)
class Place:
    """An installation that runs: where its API is, its client, and what an operator of it has at hand."""

    address: str
    settings: Settings
    store: Datastore
    client: str
    warnings: Sequence[Any]

    def part(self, name: str) -> Any:
        """A module of the generated client."""
        return importlib.import_module(f"{self.client}.{name}")

    @property
    def reached(self) -> dict[str, Any]:
        """How clients reach the API."""
        return {"base_url": self.address, "timeout": httpx.Timeout(LIMIT)}

    def token(self, person: str) -> str:
        """A token for a person, as a program gets one: by a sign-in link, a code with PKCE, and the token endpoint."""
        link = links.make_link(self.store, self.settings.identity, person, at=datetime.now(UTC))
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        who = {"client_id": PROGRAM, "redirect_uri": BACK}
        asked = {
            "response_type": "code",
            "scope": "openid",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        with httpx.Client(**self.reached) as browser:
            clicked = browser.post(urlsplit(link).path, headers={"Sec-Fetch-Site": "same-origin"})
            assert clicked.status_code == 303, clicked.text
            sent_back = browser.get("/identity/authorize", params=who | asked)
            code = parse_qs(urlsplit(sent_back.headers["location"]).query)["code"][0]
            form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
            given = browser.post("/identity/token", data=who | form)
        assert given.status_code == 200, given.text
        return str(given.json()["access_token"])

    def someone(self, person: str, role: str) -> "Someone":
        """A person who signed in, to act in a role."""
        client = self.part("client").AuthenticatedClient(token=self.token(person), **self.reached)
        return Someone(place=self, client=client, id=person, role=role)

    def program(self, name: str, role: str, *scopes: str) -> "Someone":
        """A service account for these actions, with a token for its secret."""
        now = datetime.now(UTC)
        id, secret = service_accounts.add(self.store, name=name, role=role, scopes=scopes, known=actions(), at=now)
        with httpx.Client(**self.reached) as caller:
            given = caller.post("/identity/token", data={"grant_type": "client_credentials"}, auth=(id, secret))
        token = given.raise_for_status().json()["access_token"]
        client = self.part("client").AuthenticatedClient(token=token, **self.reached)
        return Someone(place=self, client=client, id=id, role=role)

    def anybody(self) -> "Someone":
        """Somebody who is not signed in."""
        return Someone(place=self, client=self.part("client").Client(**self.reached), id="", role="")


class NotDone(Exception):
    """An answer that is a problem."""

    def __init__(self, problem: Any) -> None:
        super().__init__(f"{problem.status} {problem.type_}: {problem.detail} ({problem.field} / {problem.allowed})")
        self.problem = problem


@dataclass(slots=True, kw_only=True)
class Someone:
    """Acts and looks by the generated client, in one role."""

    place: Place
    client: Any
    id: str
    role: str

    def does(self, operation: str, /, *about: str, **body: Any) -> Any:
        """Give a command (`submissions.judge`), with a body of the generated type; return what it answers."""
        call = self.place.part(f"api.{operation}").sync_detailed
        typed = inspect.signature(call).parameters["body"].annotation.from_dict(body)
        return self._ask(call, *about, body=typed, idempotency_key=secrets.token_hex(16))

    def uploads(self, case: str, content: bytes) -> Any:
        """Upload a file for a case; return what is kept."""
        body = self.place.part("types").File(payload=BytesIO(content))
        call = self.place.part("api.cases.upload_file").sync_detailed
        return self._ask(call, case, body=body, idempotency_key=secrets.token_hex(16))

    def gets(self, case: str, sha256: str) -> bytes:
        """The bytes of a file of a case."""
        found = self._ask(self.place.part("api.cases.get_file").sync_detailed, case, sha256)
        content: bytes = found.payload.read()
        return content

    def sees(self, operation: str, /, *about: str, **asked: Any) -> Any:
        """Read (`cases.get_case`); return the answer as its generated type."""
        return self._ask(self.place.part(f"api.{operation}").sync_detailed, *about, **asked)

    def waits(self, until: Callable[[Any], Any], operation: str, /, *about: str, **asked: Any) -> Any:
        """Read until something holds of the answer, and return the answer."""
        limit = time.monotonic() + LIMIT
        while not until(found := self.sees(operation, *about, **asked)):
            assert time.monotonic() < limit, f"{operation} {about}: still {found}"
            time.sleep(PAUSE)
        return found

    def _ask(self, call: Callable[..., Any], /, *about: str, **asked: Any) -> Any:
        role = {"assay_role": self.role} if self.role else {}
        answer = call(*about, client=self.client, **role, **asked)
        if answer.status_code >= 400:
            raise NotDone(answer.parsed)
        assert answer.parsed is not None, answer.content
        return answer.parsed


@contextmanager
def installed(folder: Path, *, officer: str) -> Iterator[Place]:
    """All servers and services on a folder of their own, with a first officer of this address, and a client made for them."""
    environment = {
        "ASSAY_DATA": str(folder / "data"),
        "ASSAY_API_PORT": "0",
        "ASSAY_TEMPORAL_PORT": "0",
        "ASSAY_TEMPORAL_UI_PORT": "off",
        "ASSAY_ISSUER_CLIENTS": f"{PROGRAM}={BACK}",
    }
    settings, told = load_settings(environment), dict[str, str]()
    name = f"assay_client_{secrets.token_hex(4)}"
    with (
        pytest.MonkeyPatch.context() as patch,
        running_with(patch, environment, settings, told) as running,
        open_app(running.database_url) as app,
    ):
        address = told["serve"].removesuffix("/api/v1")
        settings = replace(settings, identity=settings.identity.at(urlsplit(address).port or 0))
        register_first_officer(settings, name="First Officer", email=officer)
        document = httpx.get(f"{address}/api/v1/openapi.json", timeout=LIMIT).raise_for_status().json()
        warnings = generate_client(document, folder, name)
        patch.syspath_prepend(str(folder))
        yield Place(address=address, settings=settings, store=app.records.datastore, client=name, warnings=warnings)


@contextmanager
def running_with(
    patch: pytest.MonkeyPatch, environment: Mapping[str, str], settings: Settings, told: dict[str, str]
) -> Iterator[Running]:
    """All services in this environment; `told` is filled with where each is."""
    for one, value in environment.items():
        patch.setenv(one, value)
    with running_group(settings, told.__setitem__, (*SERVICES, "serve")) as running:
        yield running


def person_of(place: Place, email: str) -> str:
    """The id of the person with this address, as an operator looks it up."""
    return people.find_person(place.store, email)
