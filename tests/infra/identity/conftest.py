"""An issuer of our own over a record of the test's own, with people on record, and browsers and programs that come to it."""

import base64
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI, Request
from httpx import Response
from starlette.testclient import TestClient

from domain.ids import derived_id
from infra.api import problems
from infra.bootstrap import App, open_app
from infra.identity import links
from infra.identity.configured import Identity
from infra.identity.identify import Doors, open_doors
from infra.identity.known import Known, NotKnown
from infra.identity.pages import pages_router, signed_in
from infra.identity.routes import issuer_router
from infra.settings import Settings
from infra.store.datastore import Datastore
from services import people
from services.ports import Command
from services.schemes import INSTALLER_ROLE
from tests.conftest import Database
from tests.services.conftest import Clock

BASE = "http://127.0.0.1:8080"
BACK = "https://program.example/back"
VERIFIER = "v" * 43


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(database: Database) -> Iterator[App]:
    with open_app(database.app_url, pool_size=8) as opened:
        yield opened


@pytest.fixture
def store(app: App) -> Datastore:
    return app.records.datastore


@pytest.fixture
def doors(store: Datastore, tmp_path: Path) -> Doors:
    """Our own issuer, which one program besides our pages may ask."""
    return open_doors(Settings(data=tmp_path, identity=Identity(base=BASE, clients={"program": (BACK,)})), store)


def register(app: App, at: datetime, *, email: str = "", role: str = "") -> str:
    """Somebody becomes known, and is given a role where one is said; returns the id."""
    person = derived_id("person", secrets.token_hex(8))
    known = {"id": person, "name": "A Person", "email": email or f"{person}@people.example"}
    people.register_person(app.office, by_installer(at), **known)
    if role:
        people.give_role(app.office, by_installer(at), id=person, role=role)
    return person


def by_installer(at: datetime) -> Command:
    return Command(id=secrets.token_hex(8), actor="installer", role=INSTALLER_ROLE, at=at)


@pytest.fixture
def person(app: App, clock: Clock) -> str:
    return register(app, clock())


def application(doors: Doors, clock: Clock) -> FastAPI:
    """The routes about who asks, and one that says who reads by a cookie."""
    made = FastAPI()
    problems.handle(made)
    made.include_router(issuer_router(doors, clock))
    made.include_router(pages_router(doors, clock))

    @made.api_route("/who", methods=["GET", "POST"])
    def _who(request: Request) -> dict[str, str]:
        found = signed_in(doors, request, clock())
        return {"actor": found.actor if found else "public"}

    @made.get("/bearer")
    def _bearer(request: Request) -> dict[str, str]:
        return {"actor": doors.identify(request.headers["authorization"].removeprefix("Bearer "), clock()).actor}

    return made


@dataclass(slots=True)
class Browser:
    """A browser: keeps cookies, says which page made it ask, and follows no redirection unless told."""

    client: TestClient
    doors: Doors
    clock: Clock

    def get(self, address: str, **asked: Any) -> Response:
        return self.client.get(address, params=asked or None, follow_redirects=False)

    def click(self, address: str, origin: str | None = BASE) -> Response:
        """Use the button of a page of ours."""
        said = {"Origin": origin} if origin else {}
        return self.client.post(address, headers=said, follow_redirects=False)

    def follow(self, answer: Response) -> Response:
        """Go where one is sent, to the end."""
        while answer.is_redirect:
            answer = self.get(answer.headers["location"])
        return answer

    def link(self, person: str, **more: Any) -> str:
        return links.make_link(self.doors.datastore, self.doors.identity, person, at=self.clock(), **more)

    def sign_in(self, person: str) -> None:
        """Sign in at our own issuer, and to our pages."""
        answer = self.click(self.link(person, next="/who"))
        assert answer.status_code == 303
        assert self.follow(answer).json() == {"actor": person}

    def reads_as(self) -> str:
        """Who the pages take this browser for."""
        return str(self.get("/who").json()["actor"])

    def reads_as_nobody(self) -> bool:
        """Whether the pages say that the session is over."""
        answer = self.get("/who")
        return answer.status_code == 401 and answer.json()["type"] == "/problems/sign-in"


@pytest.fixture
def browser(doors: Doors, clock: Clock) -> Iterator[Browser]:
    with TestClient(application(doors, clock), base_url=BASE) as client:
        yield Browser(client, doors, clock)


def challenge(verifier: str = VERIFIER) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def asked(**changed: str | None) -> dict[str, str]:
    """What a program asks the browser to get for it, with what is changed; None leaves out."""
    usual = {
        "response_type": "code",
        "client_id": "program",
        "redirect_uri": BACK,
        "scope": "openid",
        "state": "the state",
        "nonce": "the nonce",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (usual | changed).items() if value is not None}


def told(answer: Response) -> dict[str, str]:
    """What a browser that is sent back tells the program."""
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def code_for(browser: Browser) -> str:
    """A code for the program, by who is signed in."""
    return told(browser.get("/identity/authorize", **asked()))["code"]


def exchange(browser: Browser, code: str, /, **changed: str) -> Response:
    """The program comes with a code."""
    form = {"grant_type": "authorization_code", "code": code, "client_id": "program", "redirect_uri": BACK}
    return browser.client.post("/identity/token", data=form | {"code_verifier": VERIFIER} | changed)


def tokens_for(browser: Browser, person: str) -> dict[str, Any]:
    """Somebody signs in, and the program gets tokens."""
    browser.sign_in(person)
    answer = exchange(browser, code_for(browser))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def identified(doors: Doors, token: str, at: datetime) -> Known | str:
    """Who a token stands for, or why nobody."""
    try:
        return doors.identify(token, at)
    except NotKnown as unknown:
        return str(unknown)
