"""Who comes to an accreditation body with some hundred cases on record, and what each of them reads there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Final

import httpx

from bench.api import token_for
from domain.scheme_file import read_scheme
from domain.submission.events import AssessorAssigned, ProgrammeRegistered
from infra.bootstrap import App
from infra.generate.writing import SOURCE, Wanted, generate
from infra.identity.identify import open_doors
from infra.settings import Settings
from tests import factories as f
from tests.infra.polling import until
from tests.soak.crowd import FEED, Member
from tests.soak.deeds import DEEDS, SEED, Evidence, Who

PEOPLE: Final = {"officer": 10, "assessor": 15, "provider": 15, "board": 5, "public": 5}
CATCHING_UP: Final = 240.0
"""Seconds within which processes and read models have to have caught up, also on a machine on which others work."""
SEEN: Final = 30
"""So many cases are read by one person at most."""
EVERYBODY: Final = ("/register?limit=20", "/register?sort=-ends_at", "/tasks?limit=50", "/windows?limit=20", FEED)
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "officer": (*EVERYBODY, "/board?limit=50", "/board?stage=preparing", "/board/counts", "/ledger/cases?owing=true"),
    "assessor": (*EVERYBODY, "/board", "/people?limit=20"),
    "provider": (*EVERYBODY, "/board", "/ledger/cases"),
    "board": (*EVERYBODY, "/proposals", "/people?limit=50", "/conflicts"),
    "public": ("/register?limit=20", "/register?sort=-ends_at", "/schemes"),
}
PAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "officer": ("", "", "/history", "/money", "/letters", "/judgements"),
    "assessor": ("", "", "/history", "/portfolio"),
    "provider": ("", "", "/history", "/money", "/portfolio"),
}
"""What is read of a case: mostly where it stands."""


def fill(app: App, cases: int) -> f.Body:
    """Put made-up cases on record, and a body to appoint more people to."""
    now = datetime.now(UTC)
    generate(app, Wanted(cases=cases, seed=SEED, until=now))
    scheme = read_scheme(SOURCE.read_text(encoding="utf-8"))
    return f.Body(office=app.office, scheme=scheme, now=lambda: datetime.now(UTC), mark="crowd")


def gather(app: App, body: f.Body, settings: Settings, people: Mapping[str, int] = PEOPLE) -> list[Member]:
    """The members of the crowd with their tokens; what they see is asked of the API, once it shows all of it."""
    doors, evidence = open_doors(settings, app.records.datastore), _evidence(app)
    found = [(role, *one) for role, wanted in people.items() for one in islice(_people(app, body, role), wanted)]
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.api_port}/api/v1", timeout=60) as asking:
        shown = {"after": str(app.records.max_position())}
        until(lambda: asking.get("/register", params=shown).status_code == 200, CATCHING_UP)
        return [
            _member(
                _Asking(asking, role, {} if role == "public" else _headers(token_for(doors, person), role)),
                number=number,
                provider=provider,
                evidence=evidence,
            )
            for number, (role, person, provider) in enumerate(found)
        ]


def _headers(token: str, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Assay-Role": role}


@dataclass(frozen=True, slots=True)
class _Asking:
    """Asks as somebody."""

    client: httpx.Client
    role: str
    headers: Mapping[str, str]

    def cases(self, **asked: str) -> list[str]:
        """The cases on their board."""
        if self.role not in PAGES:
            return []
        answer = self.client.get(
            "/board", params={"limit": str(SEEN), "sort": "submission", **asked}, headers=self.headers
        )
        assert answer.status_code == 200, answer.text
        return [one["submission"] for one in answer.json()["items"]]


def _member(asking: _Asking, *, number: int, provider: str, evidence: Evidence) -> Member:
    role = asking.role
    who = Who(
        number=number,
        preparing=asking.cases(stage="preparing"),
        assessing=asking.cases(stage="in_assessment", rule="assess-within"),
        provider=provider,
        evidence=evidence,
    )
    pages = [f"/cases/{case}{page}" for case in asking.cases() for page in PAGES[role]]
    reads = [one for one in (LISTS[role], pages) if one]
    return Member(name=f"{role}-{number}", headers=asking.headers, reads=reads, next_deed=partial(DEEDS[role], who))


def _people(app: App, body: f.Body, role: str) -> Iterator[tuple[str, str]]:
    """People who hold a role, each with the provider for whom they speak: those who have work, or else new ones."""
    cases = app.records.read_log(0, 100_000, ["ProgrammeRegistered.1", "AssessorAssigned.1"])
    match role:
        case "provider":
            found = {e.lead_contact: e.provider for one in cases if isinstance(e := one.event, ProgrammeRegistered)}
            yield from reversed(found.items())
        case "assessor":
            busy = dict.fromkeys(e.assessor for one in cases if isinstance(e := one.event, AssessorAssigned))
            yield from ((one, "") for one in reversed(busy))
        case _:
            while True:
                yield (f.appoint(body, role, scheme=None) if role != "public" else ""), ""


def _evidence(app: App) -> Evidence:
    log = app.records.read_log(0, 100_000, ["PortfolioSubmitted.1"])
    return {one.stream: {piece.criterion: piece.sha256 for piece in one.event.evidence} for one in log}
