"""Who comes to an accreditation body with some hundred cases on record, what each of them reads, and what they do there."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import httpx

from bench.api import token_for
from domain.scheme_file import read_scheme
from domain.submission.events import AssessorAssigned, ProgrammeRegistered
from infra.bootstrap import App
from infra.generate.case import ASSESSORS, member
from infra.generate.order import run_of
from infra.generate.people import SCHEME_ID
from infra.generate.stories import CRITERIA, INDICATORS, SUBJECTS
from infra.generate.writing import SOURCE, Wanted, generate
from infra.identity.identify import open_doors
from infra.settings import Settings
from tests import factories as f
from tests.soak.crowd import FEED, Deed, Member

SEED: Final = 20
PEOPLE: Final = {"officer": 10, "assessor": 15, "provider": 15, "board": 5, "public": 5}
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
BEGUN: Final = datetime.now(UTC)


Evidence = Mapping[str, Mapping[str, str]]
"""What a judgement can cite (SHA-256), by case and criterion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody in a role, by number, with the cases that they see: all of them, being prepared, being assessed."""

    id: str
    role: str
    number: int
    cases: Sequence[str]
    preparing: Sequence[str]
    assessing: Sequence[str]
    evidence: Evidence
    provider: str = ""

    def of(self, cases: Sequence[str], chance: random.Random) -> str | None:
        """One of these cases, if there is one."""
        return chance.choice(cases) if cases else None


def fill(app: App, cases: int) -> f.Body:
    """Put made-up cases on record, and a body to appoint more people to."""
    now = datetime.now(UTC)
    generate(app, Wanted(cases=cases, seed=SEED, until=now))
    scheme = read_scheme(SOURCE.read_text(encoding="utf-8"))
    return f.Body(office=app.office, scheme=scheme, now=lambda: datetime.now(UTC), mark="crowd")


def gather(app: App, body: f.Body, settings: Settings, people: Mapping[str, int] = PEOPLE) -> list[Member]:
    """The members of the crowd with their tokens; what they see is asked of the API, which has to be up to date."""
    doors, made, evidence = open_doors(settings, app.records.datastore), list[Member](), _evidence(app)
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.api_port}/api/v1", timeout=60) as asking:
        for role, wanted in people.items():
            for number, (person, provider) in zip(range(wanted), _people(app, body, role), strict=False):
                headers = {} if role == "public" else _headers(token_for(doors, person), role)
                made.append(_member(asking, headers, person, role, number, provider, evidence))
    return made


def _headers(token: str, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Assay-Role": role}


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


def _member(
    asking: httpx.Client,
    headers: Mapping[str, str],
    person: str,
    role: str,
    number: int,
    provider: str,
    evidence: Evidence,
) -> Member:
    def cases(**asked: str) -> list[str]:
        if role in ("board", "public"):
            return []
        answer = asking.get("/board", params={"limit": str(SEEN), "sort": "submission", **asked}, headers=headers)
        assert answer.status_code == 200, answer.text
        return [one["submission"] for one in answer.json()["items"]]

    who = Who(
        id=person,
        role=role,
        number=number,
        cases=cases(),
        preparing=cases(stage="preparing"),
        assessing=cases(stage="in_assessment", rule="assess-within"),
        evidence=evidence,
        provider=provider,
    )
    pages = [f"/cases/{case}{page}" for case in who.cases for page in PAGES[role]]
    reads = [one for one in (LISTS[role], pages) if one]
    return Member(name=f"{role}-{number}", headers=headers, reads=reads, next_deed=partial(DEEDS[role], who))


def _officers(who: Who, chance: random.Random) -> Deed:
    case = who.of(who.preparing, chance)
    if case and chance.random() < 0.6:
        return f"/submissions/{case}/extend-preparation", {"until": _ever_later(), "reason": "An illness."}
    return f"/people/{chance.choice(TRAINED)}/record-training", {
        "kind": "assessing", "scheme": SCHEME_ID, "expires_at": _in_hours(24 * 4000 + chance.randrange(100_000))
    }  # fmt: skip


TRAINED: Final = [member(run_of(SEED), "assessor", number) for number in range(ASSESSORS)]


def _assessors(who: Who, chance: random.Random) -> Deed:
    case, dice = who.of(who.assessing, chance), chance.random()
    if case and dice < 0.3:
        return f"/submissions/{case}/ask-question", {"text": f"What of {chance.choice(CRITERIA)}?"}
    if case and dice < 0.7:
        cites = who.evidence[case]
        judged = {one: _judged(one, cites[one]) for one in chance.sample(CRITERIA, 2)}
        return f"/submissions/{case}/judge", {"judgements": judged}
    if dice < 0.8:
        return "/me/set-availability", {"available": chance.random() < 0.7}
    begins = chance.randrange(400_000)
    absence = {"starts_at": _in_hours(1000 + begins), "ends_at": _in_hours(1001 + begins)}
    return "/me/plan-absence", absence


def _judged(criterion: str, cites: str) -> dict[str, Any]:
    indicators = dict.fromkeys(INDICATORS.get(criterion, ()), "met")
    return {"level": "met", "reason": f"Why {criterion} is so.", "cites": [cites], "indicators": indicators}


def _contacts(who: Who, chance: random.Random) -> Deed:
    case, dice = who.of(who.preparing, chance), chance.random()
    if case and dice < 0.5:
        levels = dict.fromkeys(CRITERIA, "met")
        return f"/submissions/{case}/evaluate-oneself", {"levels": levels, "plan": "We do more of it."}
    if dice < 0.7:
        return "/submissions/register-programme", {
            "scheme": SCHEME_ID, "provider": who.provider, "agreement_accepted": True,
            "programme": {
                "title": "Reading together", "category": "single-programme", "subject": chance.choice(SUBJECTS),
                "phase": "secondary", "mode": "online", "roll": 1, "applies": APPLIES,
            },
        }  # fmt: skip
    return _proposal(who, chance)


APPLIES: Final[dict[str, bool]] = {
    one.code: False for one in read_scheme(SOURCE.read_text(encoding="utf-8")).exclusions
}


def _proposal(who: Who, chance: random.Random) -> Deed:
    return "/proposals/propose-change", {
        "scheme": SCHEME_ID, "criteria": [chance.choice(CRITERIA)], "text": "Say it in fewer words.",
        "grounds": "Many ask what it means.",
    }  # fmt: skip


def _public(who: Who, chance: random.Random) -> Deed:
    mark = f"{who.number}-{chance.getrandbits(40):x}"
    return "/providers/register-provider", {
        "scheme": SCHEME_ID, "name": f"Provider {mark}", "address": "1 Long Street", "contact_name": "Ada Long",
        "contact_email": f"{mark}@provider.example", "provider_type": "charity", "size_band": "small",
    }  # fmt: skip


DEEDS: Final[Mapping[str, Callable[[Who, random.Random], Deed]]] = {
    "officer": _officers,
    "assessor": _assessors,
    "provider": _contacts,
    "board": _proposal,
    "public": _public,
}


def _ever_later() -> str:
    """More than a year from now, and a day later each second, since more time is only ever granted until later."""
    return (datetime.now(UTC) + timedelta(days=400 + (datetime.now(UTC) - BEGUN).total_seconds())).isoformat()


def _in_hours(hours: int) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
