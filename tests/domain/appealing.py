"""Given appeals: who sees to them and hears them, and an appeal at each of its stages, by its own decisions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain import person as people
from domain.appeal import Appeal, Contested, evolve
from domain.appeal import decision as deciding
from domain.appeal import lodging as lodges
from domain.appeal import others as affected
from domain.appeal import panel as panels
from domain.appeal.causes import Cause
from domain.appeal.decision import Found
from domain.appeal.panel import Candidate
from domain.ids import derived_id
from domain.person import Person
from tests.domain.given import ADA, CASE, DAY, LEAD, NOON, PROVIDER, SCHEME, fold, member, text

APPEAL = derived_id("appeal", CASE, "9", "1")
TOLD = NOON
CONTESTED = Contested(kind="result", concern=None, version=9, position=90, told_at=TOLD)
GROUNDS = {"evidence": text("a file was not read"), "bias": text("they like it long")}


def hearer(name: str, *roles: str, **known: Any) -> Person:
    """Somebody who may hear appeals: trained for it, and signed."""
    trained = people.TrainingCompleted(kind="appeals", scheme=SCHEME.id, expires_at=NOON + 3650 * DAY)
    return fold(people.evolve, member(name, "appeals-panel", *roles, **known), [trained])


def officer(name: str, **known: Any) -> Person:
    return member(name, "appeals-officer", **known)


OLA, PIP = officer("ola"), officer("pip")
HAL, IDA, JON, KIM = (hearer(name) for name in ("hal", "ida", "jon", "kim"))
PANEL = (HAL, IDA, JON)
HAD_PART: Mapping[str, frozenset[str]] = {ADA.id: frozenset({"assessed it"})}


def candidate(person: Person, *, outsider: bool | None = None) -> Candidate:
    """The person as the rule sees them: HAL and IDA are of the body, the others from outside, unless told."""
    outside = person.id not in {HAL.id, IDA.id} if outsider is None else outsider
    return Candidate(person=person, parts=HAD_PART.get(person.id, frozenset()), outsider=outside)


def candidates(*persons: Person) -> list[Candidate]:
    return [candidate(one) for one in persons or (*PANEL, KIM)]


def after(appeal: Appeal, events: Sequence[Any]) -> Appeal:
    """The appeal after these events; there has to be one."""
    assert events
    return fold(evolve, appeal, events)


def lodging(**said: Any) -> dict[str, Any]:
    """What is said on lodging."""
    whole = {
        "id": APPEAL,
        "case": CASE,
        "provider": PROVIDER,
        "by": LEAD,
        "contested": CONTESTED,
        "earlier": (),
        "grounds": GROUNDS,
        "scheme": SCHEME,
        "at": NOON + DAY,
    }
    return {**whole, **said}


def lodged(**said: Any) -> Appeal:
    return after(Appeal(), lodges.lodge(Appeal(), **lodging(**said)))


def seeing(by: Person = OLA, at: datetime = NOON + 2 * DAY) -> dict[str, Any]:
    """Who sees to it, and when."""
    return {"by": by, "had_part": HAD_PART, "scheme": SCHEME, "at": at}


def acknowledged(appeal: Appeal | None = None, **said: Any) -> Appeal:
    appeal = appeal or lodged(**said)
    return after(appeal, lodges.acknowledge(appeal, **seeing()))


def admitted(appeal: Appeal | None = None, **said: Any) -> Appeal:
    appeal = appeal or acknowledged(**said)
    return after(appeal, lodges.admit(appeal, reason=text("why") if appeal.lodging.late else None, **seeing()))


def naming(panel: Sequence[Person] = PANEL, **said: Any) -> dict[str, Any]:
    chair, *others = [one.id for one in panel]
    return {**seeing(), "chair": chair, "members": others, "candidates": candidates(), **said}


def heard(appeal: Appeal | None = None, **said: Any) -> Appeal:
    appeal = appeal or admitted(**said)
    return after(appeal, panels.name_panel(appeal, **naming()))


def ruling(finding: str = "upheld", **said: Any) -> dict[str, Any]:
    """What the panel decides: the same on each ground."""
    findings = {code: Found(finding=finding, reason=text(f"why {code}")) for code in GROUNDS}
    whole = {
        "by": HAL,
        "panel": candidates(*PANEL),
        "excluded": (ADA.id,),
        "findings": findings,
        "remedy": "assess-again" if finding == "upheld" else None,
        "scheme": SCHEME,
        "at": NOON + 10 * DAY,
    }
    return {**whole, **said}


def upheld(appeal: Appeal | None = None, **said: Any) -> Appeal:
    appeal = appeal or heard()
    return after(appeal, deciding.decide(appeal, **ruling(**said)))


def dismissed() -> Appeal:
    return after(heard(), deciding.decide(heard(), **ruling("dismissed")))


CAUSE = Cause(kind="assessor", value=ADA.id)
OTHER, THIRD = derived_id("submission", "two"), derived_id("submission", "three")


def searching(cases: Sequence[str] = (CASE, OTHER, THIRD), **said: Any) -> dict[str, Any]:
    return {**seeing(at=NOON + 11 * DAY), "causes": [CAUSE], "cases": cases, "searched_to": 500, **said}


def searched(appeal: Appeal | None = None, **said: Any) -> Appeal:
    appeal = appeal or upheld()
    return after(appeal, affected.find_others(appeal, **searching(**said)))


def dealt(appeal: Appeal | None = None, case: str = OTHER, by: Person = OLA) -> Appeal:
    appeal = appeal or searched()
    said = {"had_part": HAD_PART, "provider": PROVIDER, "case": case, "action": "told", "done": text("told them")}
    return after(appeal, affected.deal_with(appeal, by=by, **said))


def closed(appeal: Appeal, case: str = OTHER, by: Person = PIP) -> Appeal:
    return after(appeal, affected.close_other(appeal, by=by, had_part=HAD_PART, provider=PROVIDER, case=case))


def remedy_closed(appeal: Appeal) -> Appeal:
    noted = deciding.close_remedy(appeal, by=OLA, had_part=HAD_PART, carried_out=True)
    return after(appeal, noted)
