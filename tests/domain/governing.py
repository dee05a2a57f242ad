"""What tests of audits, risks and sampling begin from: a board, cases of several providers, and an audit at each point."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from domain import audit as audits
from domain import person as people
from domain.audit import Audit, CheckItem, Scope, actions, drawing, findings
from domain.governance_policy import AuditRules, RiskRules, SamplingRules
from domain.ids import derived_id
from domain.person import Person
from domain.population import Assessed, Case
from tests.domain.given import DAY, NOON, SCHEME, conflicted, fold, member, text

POLICY = (Path(__file__).parents[2] / "schemes" / "governance.toml").read_text(encoding="utf-8")
CALENDAR = SCHEME.calendar
AUDITING, RISKING, SAMPLING = AuditRules(), RiskRules(), SamplingRules()
AUDIT, RISK, PLAN = derived_id("audit", "one"), derived_id("risk", "one"), derived_id("sampling", "one")


def appointed(name: str, *roles: str) -> Person:
    """A person who holds these roles for the whole body."""
    return fold(people.evolve, member(name), [people.RoleGiven(role=role) for role in roles])


ANN, BOB, CAT = (appointed(name, "board") for name in ("ann", "bob", "cat"))
OLA, QUE = appointed("ola", "officer"), appointed("que", "quality-manager")
BOARD = (ANN, BOB, CAT)
CASES = tuple(
    Case(
        case=derived_id("submission", str(number)),
        provider=derived_id("provider", str(number)),
        provider_type="charity" if number % 2 else "trust",
        scheme="test-mark@1",
        stage="decided",
        since=NOON - number * DAY,
        outcome="awarded" if number % 3 else "not_awarded",
    )
    for number in range(1, 9)
)
SCOPE = Scope(schemes=("test-mark",), begins_at=NOON - 30 * DAY, ends_at=NOON)
ORDER = [one.case for one in drawing.ordered(drawing.cases_in(SCOPE, CASES), 7)]
"""The cases in the order of the seed."""
CHECKLIST = tuple(CheckItem(code=code, question=text(code)) for code in ("reasons", "clocks"))
OPENING: dict[str, Any] = {
    "id": AUDIT,
    "scope": SCOPE,
    "checklist": CHECKLIST,
    "by": ANN,
    "members": BOARD,
    "seed": 7,
    "size": 3,
    "cases": CASES,
    "position": 99,
    "rules": AUDITING,
    "calendar": CALENDAR,
    "at": NOON,
}
DATES: dict[str, Any] = {"rules": AUDITING, "calendar": CALENDAR, "at": NOON + DAY}


def opened(**said: Any) -> Audit:
    return fold(audits.evolve, Audit(), drawing.open_audit(Audit(), **(OPENING | said)))


def after(audit: Audit, events: Sequence[Any]) -> Audit:
    """The audit after these events; there has to be one."""
    assert events
    return fold(audits.evolve, audit, events)


def found(audit: Audit, case: str, item: str = "reasons", result: str = "conforms", by: Person = BOB) -> Audit:
    said = None if result == "conforms" else text(f"{case} {item}")
    return after(audit, findings.record_finding(audit, case=case, item=item, by=by, result=result, text=said))


def all_found(audit: Audit, result: str = "conforms") -> Audit:
    """Every point without a finding has one."""
    for case, item in audit.unanswered:
        audit = found(audit, case, item, result)
    return audit


def agreed(audit: Audit | None = None, owner: Person = OLA) -> Audit:
    """A major finding about the first case, on which somebody is to act."""
    audit = audit or opened()
    audit = found(audit, next(iter(audit.sampled)), result="major")
    return after(audit, actions.agree_action(audit, finding=1, by=BOB, owner=owner, to_do=text("do"), **DATES))


def done(audit: Audit | None = None, owner: Person = OLA) -> Audit:
    audit = audit or agreed(owner=owner)
    return after(audit, actions.do_action(audit, action=1, by=owner, note=text("done"), **DATES))


def closing(audit: Audit, **said: Any) -> list[Any]:
    return findings.close_audit(audit, **({"by": ANN, "hidden": 0, "summary": text("all")} | said))


def against(person: Person, *cases: Case | str) -> Person:
    """The person, with a conflict with the providers of these cases."""
    known = {one.case: one.provider for one in CASES}
    for one in cases:
        person = conflicted(person, known[one if isinstance(one, str) else one.case])
    return person


def assessed(number: int, by: Person | str, days: float, **but: Any) -> Assessed:
    """An assessment that somebody completed so many days after NOON."""
    at: datetime = NOON + days * DAY
    plain = Assessed(
        case=derived_id("submission", f"work-{number}"),
        provider=derived_id("provider", f"work-{number}"),
        scheme="test-mark@1",
        assessor=by if isinstance(by, str) else by.id,
        completed_at=at,
    )
    return replace(plain, **but)
