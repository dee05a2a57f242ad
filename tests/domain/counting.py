"""Given small tables to count figures over: cases and appeals, each with what a figure looks at."""

from dataclasses import replace
from typing import Any

from domain.appeal import Appeal, evolve
from domain.appeal.causes import Cause
from domain.appeal.events import AppealDecided, GroundFinding, OthersFound
from domain.figures.asked import Asked
from domain.figures.facts import Case, Facts, Matter
from domain.submission.state import Submission
from tests.domain import appealing, given
from tests.domain.given import DAY, NOON, SCHEME, text

ALL = Asked()
LATER = NOON + 10 * DAY
OTHER = "other-mark@1"
HELD = given.released()
ADA, BEN = "person-ada", "person-ben"


def case(id: str = "submission-a", *, scheme: str = SCHEME.ref, held: Submission | None = None, **known: Any) -> Case:
    """A case whose result was told at NOON, unless told."""
    held = held or HELD
    held = replace(held, registered=replace(held.registration, scheme=scheme))
    said = {"provider": "provider-a", "provider_type": "charity", "size_band": "small", "told_at": NOON}
    return Case(case=id, held=held, **{**said, **known})


def facts(*cases: Case, **known: Any) -> Facts:
    return Facts(cases={one.case: one for one in cases}, **known)


def several(number: int, **known: Any) -> Facts:
    return facts(*(case(f"submission-{place}", **known) for place in range(number)))


def appeal(id: str, end: str = "", *, remedy: str | None = None, causes: tuple[str, ...] = (), **said: Any) -> Matter:
    """An appeal lodged at NOON on two grounds, of which one is upheld where it is."""
    began_at = said.pop("began_at", NOON)
    held: Appeal = appealing.lodged()
    assert held.lodged
    held = replace(held, id=id, scheme=said.pop("scheme", held.scheme), lodged=replace(held.lodged, **said))
    if end in ("upheld", "dismissed"):
        findings = tuple(
            GroundFinding(ground=ground, finding=finding, reason=text("why"))
            for ground, finding in (("evidence", end), ("bias", "dismissed"))
        )
        decided = AppealDecided(
            case=held.lodging.case, outcome=end, chair="person-hal", panel=(), findings=findings, remedy=remedy,
            excluded=(), in_time=True, sets=(), ends=(),
        )  # fmt: skip
        held = evolve(held, decided)
    elif end:
        held = replace(held, stage=end)
    if causes:
        found = tuple(Cause(kind=kind, value="x") for kind in causes)
        held = evolve(held, OthersFound(officer="o", causes=found, searched_to=1, cases=(), sets=(), ends=()))
    return Matter(id=id, held=held, began_at=began_at)
