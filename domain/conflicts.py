"""Conflicts of interest with providers: declared, or found by rule from facts about a person; found ones block as declared ones do.

What rests on employment that is over lapses by itself once the scheme's years are over. Source: handbook, Who did not decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from domain.clocks import Calendar, Duration
from domain.refusals import refuse
from domain.scheme_assurance import PeopleRules
from domain.states import replace
from domain.texts import TextRef

CONFLICT_KINDS: Final = ("declared", "employed-there", "advised", "trained", "guided", "family", "financial")
"""What a person can declare, or an officer for them."""
FACTS: Final[Mapping[str, str]] = {
    "employed": "same-organisation",
    "own-organisation": "same-organisation",
    "submitted-together": "submitted-together",
    "advised": "advised",
    "trained": "trained",
    "guided": "guided",
    "family": "family",
    "financial": "financial",
}
"""Kinds of facts about a person and an organisation, each with the conflict that is found from it."""
LAPSING: Final = {"employed": "employed-there", "own-organisation": "employed-there", "financial": "financial"}
"""Of these facts, a conflict is left for some years after they ended; which one."""
SAID, NOTED, ON_RECORD = "said", "noted", "on-record"
"""Where a fact comes from: the person, somebody of the office, or what is on record; the last is not corrected by hand."""
EMPLOYED_WITHIN: Final = PeopleRules().employed_within
"""How long employment that is over is a conflict where no scheme says it."""
ANYWHERE: Final = Calendar(zone="UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictDeclared:
    """The person has a conflict of interest with a provider."""

    provider: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictLifted:
    """A conflict that was declared in error is one no longer; somebody else said so, with a reason."""

    provider: str
    kind: str
    reason: TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRecorded:
    """What is between the person and an organisation (a provider), from and until (UTC); `until_at` is None while it lasts.

    `number` counts the person's facts; `source` is `said`, `noted` or `on-record`.
    """

    number: int
    kind: str
    provider: str
    from_at: datetime
    until_at: datetime | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCorrected:
    """A fact is as said here, with a reason, None where the record itself shows it; it never was one where it does not stand."""

    number: int
    kind: str
    provider: str
    from_at: datetime
    until_at: datetime | None
    stands: bool
    reason: TextRef | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrutinyGranted:
    """Until `until_at` (UTC) the person may act in `role` in one case in spite of a conflict, watched by `scrutineer`."""

    scrutiny: str
    provider: str
    case: str
    role: str
    scrutineer: str
    until_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrutinyRevoked:
    """What was granted under this arrangement is over."""

    scrutiny: str


TiesEvent = ConflictDeclared | ConflictLifted | FactRecorded | FactCorrected | ScrutinyGranted | ScrutinyRevoked


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """When (UTC) and under which scheme's rule somebody is looked at: employment over for longer than `within` is none."""

    at: datetime
    within: Duration = EMPLOYED_WITHIN
    calendar: Calendar = ANYWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One conflict with a provider: its kind, and whether it was `declared` or `found`."""

    provider: str
    kind: str
    source: str


@dataclass(frozen=True, kw_only=True)  # no slots: see domain.states
class Ties:
    """What a person declared (provider and kind), the facts about them by number, and what they were granted, by case."""

    declared: frozenset[tuple[str, str]] = frozenset()
    facts: dict[int, FactRecorded] = field(default_factory=dict)
    last: int = 0
    granted: dict[str, ScrutinyGranted] = field(default_factory=dict)

    @property
    def timed(self) -> bool:
        """Whether a conflict lapses with time, or scrutiny was granted for some, so that it matters when one looks."""
        return bool(self.granted) or any(one.until_at is not None for one in self.facts.values())


def evolve(ties: Ties, event: TiesEvent) -> Ties:
    """Apply one event. Scrutiny was arranged for the conflicts known then: another one ends what was granted."""
    match event:
        case ConflictDeclared():
            granted = _without(ties, event.provider)
            return replace(ties, declared=ties.declared | {(event.provider, event.kind)}, granted=granted)
        case ConflictLifted():
            return replace(ties, declared=ties.declared - {(event.provider, event.kind)})
        case FactRecorded():
            facts, granted = {**ties.facts, event.number: event}, _without(ties, event.provider)
            return replace(ties, facts=facts, last=max(ties.last, event.number), granted=granted)
        case FactCorrected():
            return replace(ties, facts=_corrected(ties.facts, event))
        case ScrutinyGranted():
            return replace(ties, granted={**ties.granted, event.case: event})
        case ScrutinyRevoked():
            granted = {case: one for case, one in ties.granted.items() if one.scrutiny != event.scrutiny}
            return replace(ties, granted=granted)
        case _:
            assert_never(event)


def _without(ties: Ties, provider: str) -> dict[str, ScrutinyGranted]:
    return {case: one for case, one in ties.granted.items() if one.provider != provider}


def _corrected(facts: dict[int, FactRecorded], event: FactCorrected) -> dict[int, FactRecorded]:
    others = {number: one for number, one in facts.items() if number != event.number}
    if not event.stands:
        return others
    fact = FactRecorded(
        number=event.number,
        kind=event.kind,
        provider=event.provider,
        from_at=event.from_at,
        until_at=event.until_at,
        source=facts[event.number].source,
    )
    return others | {event.number: fact}


def conflicts_of(ties: Ties, seen: Seen | None) -> tuple[Conflict, ...]:
    """Return all conflicts, the declared ones first; not `seen` at an instant, employment that is over counts for good."""
    declared = [Conflict(provider=provider, kind=kind, source="declared") for provider, kind in sorted(ties.declared)]
    found = [
        Conflict(provider=one.provider, kind=found_kind(one.kind, over=one.until_at is not None), source="found")
        for one in ties.facts.values()
        if not lapsed(one.kind, one.until_at, seen)
    ]
    return (*declared, *found)


def found_kind(kind: str, *, over: bool) -> str:
    """Return the conflict that is found from a fact of this kind, while it lasts or once it is over."""
    return LAPSING.get(kind, FACTS[kind]) if over else FACTS[kind]


def lapsed(kind: str, until_at: datetime | None, seen: Seen | None) -> bool:
    """Whether the years after the end of such a fact are over at the instant at which one looks; some facts never lapse."""
    if until_at is None or kind not in LAPSING or seen is None:
        return False
    return seen.calendar.after(until_at, seen.within) <= seen.at


def declare(ties: Ties, *, provider: str, kind: str) -> list[TiesEvent]:
    """Declare a conflict with a provider; each kind once."""
    if kind not in CONFLICT_KINDS:
        raise refuse(
            "conflict-kinds", f"{kind!r} is no kind of conflict", field="kind", allowed=", ".join(CONFLICT_KINDS)
        )
    return [] if (provider, kind) in ties.declared else [ConflictDeclared(provider=provider, kind=kind)]


def lift(ties: Ties, *, provider: str, kind: str, reason: TextRef) -> list[TiesEvent]:
    """Lift a conflict that was declared in error. One that was found goes only by correcting the fact."""
    if (provider, kind) in ties.declared:
        return [ConflictLifted(provider=provider, kind=kind, reason=reason)]
    if any(one.provider == provider for one in ties.facts.values()):
        raise refuse(
            "found-by-facts",
            "this conflict was found from a fact about the person",
            field="kind",
            allowed="correcting the fact, where it is wrong",
        )
    known = ", ".join(one for of, one in sorted(ties.declared) if of == provider)
    raise refuse(
        "known-conflict",
        f"no such conflict is declared: {kind!r}",
        field="kind",
        allowed=known or "nothing; none is declared with this provider",
    )


def record_fact(
    ties: Ties, *, kind: str, provider: str, from_at: datetime, until_at: datetime | None, source: str, at: datetime
) -> list[TiesEvent]:
    """Record what is, or was, between the person and an organisation; what is found from it blocks from now on."""
    if kind not in FACTS:
        raise refuse("fact-kinds", f"{kind!r} is no kind of fact", field="kind", allowed=", ".join(FACTS))
    _require_dates(from_at, until_at, at)
    said = (kind, provider, from_at, until_at)
    if said in {(one.kind, one.provider, one.from_at, one.until_at) for one in ties.facts.values()}:
        return []
    return [
        FactRecorded(
            number=ties.last + 1, kind=kind, provider=provider, from_at=from_at, until_at=until_at, source=source
        )
    ]


def correct_fact(
    ties: Ties,
    *,
    number: int,
    from_at: datetime,
    until_at: datetime | None,
    stands: bool,
    reason: TextRef,
    at: datetime,
) -> list[TiesEvent]:
    """Correct when a fact began or ended, or say that it is none. What stands on record can't be corrected by hand."""
    fact = ties.facts.get(number)
    if fact is None:
        known = ", ".join(str(one) for one in sorted(ties.facts))
        raise refuse(
            "known-fact", f"there is no fact {number} about this person", field="number", allowed=known or "no number"
        )
    if fact.source == ON_RECORD:
        raise refuse(
            "found-on-record",
            "this fact is what the record shows",
            field="number",
            allowed="correcting facts that somebody told",
        )
    _require_dates(from_at, until_at, at)
    if stands and (fact.from_at, fact.until_at) == (from_at, until_at):
        return []
    return [_as_corrected(fact, from_at=from_at, until_at=until_at, stands=stands, reason=reason)]


def end_facts(ties: Ties, *, kind: str, provider: str, at: datetime) -> list[TiesEvent]:
    """Note that what the record itself showed, such as speaking for a provider, ended at `at` (UTC)."""
    lasting = [
        one
        for one in ties.facts.values()
        if (one.kind, one.provider, one.source, one.until_at) == (kind, provider, ON_RECORD, None)
    ]
    return [_as_corrected(one, from_at=one.from_at, until_at=at, stands=True, reason=None) for one in lasting]


def _as_corrected(
    fact: FactRecorded, *, from_at: datetime, until_at: datetime | None, stands: bool, reason: TextRef | None
) -> FactCorrected:
    return FactCorrected(
        number=fact.number,
        kind=fact.kind,
        provider=fact.provider,
        from_at=from_at,
        until_at=until_at,
        stands=stands,
        reason=reason,
    )


def _require_dates(from_at: datetime, until_at: datetime | None, at: datetime) -> None:
    if from_at > at:
        raise refuse("fact-dates", "that is still to come", field="from_at", allowed=f"until {at.isoformat()}")
    if until_at is not None and not from_at < until_at <= at:
        raise refuse(
            "fact-dates",
            "it ends before it begins" if until_at <= from_at else "it has not ended yet",
            field="until_at",
            allowed=f"after {from_at.isoformat()} and until {at.isoformat()}, or nothing while it lasts",
        )
