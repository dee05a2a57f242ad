"""What people of a body do, by role: commands that succeed as things stand, each time another one."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.scheme_file import read_scheme
from infra.generate.case import ASSESSORS, member
from infra.generate.order import run_of
from infra.generate.people import SCHEME_ID
from infra.generate.stories import CRITERIA, INDICATORS, SUBJECTS
from infra.generate.writing import SOURCE
from tests.soak.crowd import Deed

SEED: Final = 20
BEGUN: Final = datetime.now(UTC)
TRAINED: Final = [member(run_of(SEED), "assessor", number) for number in range(ASSESSORS)]
APPLIES: Final = {one.code: False for one in read_scheme(SOURCE.read_text(encoding="utf-8")).exclusions}

Evidence = Mapping[str, Mapping[str, str]]
"""What a judgement can cite (SHA-256), by case and criterion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody, by their number in their role, with cases that they see: being prepared, being assessed."""

    number: int
    preparing: Sequence[str]
    assessing: Sequence[str]
    provider: str
    evidence: Evidence

    def of(self, cases: Sequence[str], chance: random.Random) -> str | None:
        """One of these cases, if there is one."""
        return chance.choice(cases) if cases else None


def _officers(who: Who, chance: random.Random) -> Deed:
    case = who.of(who.preparing, chance)
    if case and chance.random() < 0.6:
        return f"/submissions/{case}/extend-preparation", {"until": _ever_later(), "reason": "An illness."}
    return f"/people/{chance.choice(TRAINED)}/record-training", {
        "kind": "assessing", "scheme": SCHEME_ID, "expires_at": _in_hours(24 * 4000 + chance.randrange(100_000))
    }  # fmt: skip


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
