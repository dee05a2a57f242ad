"""What can be contested: a result that was told, a programme found not eligible, a review that took something away.

Source: handbook, section 12. A decision is pinned by its place in the log and in its case, so that nobody has to guess
later which one was meant, nor what was before whoever took it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from domain.accreditation import ReviewConcluded
from domain.ids import kind_of
from domain.refusals import refuse
from domain.submission.events import DecisionRecorded, FoundIneligible, FoundOutsideDefinition, ResultReleased

CONTESTABLE: Final = {"result": "submission", "ineligible": "submission", "review": "accreditation"}
"""The kinds of decisions that can be contested, each with the kind of case in which it is taken."""
TAKES_AWAY: Final = ("suspend", "reduce", "withdraw")
"""The findings of a review that can be contested."""
REMEDIES: Final = {
    "result": ("moderate-again", "assess-again", "replace-decision"),
    "ineligible": ("assess-again", "replace-decision"),
    "review": ("replace-decision",),
}
"""What an upheld appeal can bring, by the kind of decision."""


class Happened(Protocol):
    """One event of a case as the record holds it: its place in the log and in the case, and when it holds (UTC)."""

    @property
    def position(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def event(self) -> Any: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """One decision: event number `version` of its case, at `position` in the log, told at `told_at` (UTC).

    `concern` is the one that was reviewed, None for other decisions.
    """

    kind: str
    concern: str | None
    version: int
    position: int
    told_at: datetime


def decisions(events: Iterable[Happened]) -> list[Contested]:
    """All decisions in the events of a case that can be contested, in their order; of a result once it was told."""
    found: list[Contested] = []
    recorded: Happened | None = None
    for one in events:
        match one.event:
            case DecisionRecorded():
                recorded = one
            case ResultReleased() if recorded is not None:
                found.append(_pinned("result", recorded, told_at=one.at))
                recorded = None
            case FoundIneligible() | FoundOutsideDefinition():
                found.append(_pinned("ineligible", one, told_at=one.at))
            case ReviewConcluded(finding=finding, concern=concern) if finding in TAKES_AWAY:
                found.append(_pinned("review", one, told_at=one.at, concern=concern))
    return found


def find_contested(case: str, events: Iterable[Happened], *, kind: str, concern: str | None) -> Contested:
    """The latest decision of this kind in a case, of this concern if it is about one; refuses what can't be contested."""
    if CONTESTABLE.get(kind) != kind_of(case):
        fits = [one for one, of in CONTESTABLE.items() if of == kind_of(case)]
        raise refuse(
            "contestable-decision",
            f"{kind!r} is no decision that can be contested here",
            field="contested",
            allowed=", ".join(fits) or "a decision about a submission or an award",
        )
    fitting = [one for one in decisions(events) if one.kind == kind and one.concern == concern]
    if not fitting:
        raise refuse(
            "decision-told",
            "no such decision was told in this case",
            field="concern" if kind == "review" else "contested",
            allowed="a decision that was told: of a review its concern, and a finding that took something away",
        )
    return fitting[-1]


def _pinned(kind: str, one: Happened, *, told_at: datetime, concern: str | None = None) -> Contested:
    return Contested(kind=kind, concern=concern, version=one.version, position=one.position, told_at=told_at)
