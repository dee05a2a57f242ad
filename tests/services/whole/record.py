"""What the record alone says of a body: who is who, whose affair each stream is, who had a part, what stands between whom.

It is kept by functions of its own over the events as they come, and shares no rule with the product.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.ports import Recorded

LASTING = timedelta(days=3 * 365 - 3)
"""For so long after its end, at least, what lapses is still a conflict."""
LAPSES = frozenset({"employed", "own-organisation", "financial"})
OUTSIDE = frozenset({"provider", "process", "installer"})
"""Roles in which nobody acts for the body."""
NAMING = {
    "AssessorAssigned": ("assessor",),
    "MarkedBlindBy": ("second",),
    "CalibrationAssigned": ("assessor",),
    "DraftGuidanceGiven": ("adviser",),
    "ModerationStarted": ("chair", "panel"),
    "ItemHandedOver": ("chair",),
    "MeetingScheduled": ("chair", "panel"),
    "ConcernRaised": ("raised_by",),
    "ReviewOpened": ("reviewer",),
}
"""Events that give somebody a part, and where they say to whom."""
ASSESSING = frozenset({"JudgementRecorded", "AssessmentCompleted", "VisitHeld", "AssignmentAccepted"})
MARKING = frozenset({"BlindJudgementRecorded", "CalibrationCompleted"})


def kind(event: Any) -> str:
    """The name of an event's class."""
    return type(event).__name__


def named(event: Any, *fields: str) -> Iterator[str]:
    """Everyone whom these fields of an event name."""
    for one in fields:
        said = getattr(event, one, None)
        yield from (said,) if isinstance(said, str) else said or ()


@dataclass(slots=True)
class Tie:
    """A conflict of somebody with a provider, until when what it is found from lasted (None: it lasts), and what it is."""

    provider: str
    of: str
    until_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it is a conflict at that instant beyond doubt."""
        return self.until_at is None or self.of not in LAPSES or at < self.until_at + LASTING


@dataclass(slots=True)
class Said:
    """All that was recorded, as far as it was read, and what follows from it."""

    log: list[Recorded] = field(default_factory=list)
    aliases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    closed: dict[str, str] = field(default_factory=dict)
    roles: dict[str, set[tuple[str, str | None]]] = field(default_factory=lambda: defaultdict(set))
    had: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    paid: set[str] = field(default_factory=set)
    declared: dict[str, dict[tuple[str, str], Tie]] = field(default_factory=lambda: defaultdict(dict))
    facts: dict[str, dict[int, Tie]] = field(default_factory=lambda: defaultdict(dict))
    granted: dict[tuple[str, str], Any] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    under: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    assessed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    streams: dict[str, list[Recorded]] = field(default_factory=dict)

    def human(self, person: str) -> str:
        """The account under which somebody goes on."""
        while person in self.closed:
            person = self.closed[person]
        return person

    def same(self, one: str, others: Any) -> bool:
        """Whether somebody is, under whichever account, one of the others."""
        return self.human(one) in {self.human(other) for other in others if other}

    def conflict(self, person: str, provider: str, at: datetime) -> bool:
        """Whether somebody has a conflict with a provider beyond doubt, under any of their accounts."""
        who = self.human(person)
        ties = [*self.declared[who].values(), *self.facts[who].values()]
        return any(one.provider == provider and one.holds(at) for one in ties)

    def allowed(self, person: str, case: str, role: str, at: datetime) -> bool:
        """Whether scrutiny lets somebody act in a case in spite of a conflict."""
        granted = self.granted.get((person, case))
        return granted is not None and granted.role == role and at < granted.until_at

    def holds(self, person: str, role: str) -> bool:
        """Whether somebody holds a role for anything."""
        return any(one == role for one, _ in self.roles[person])

    def of(self, stream: str, *kinds: str) -> list[Any]:
        """The events of these kinds in a stream."""
        return [one.event for one in self.streams.get(stream, ()) if kind(one.event) in kinds]

    def parts_before(self, case: str, position: int) -> set[str]:
        """Everyone who had a part in a case, or in what belongs to it, up to a position of the log."""
        earned = [one.submission for one in self.of(case, "AccreditationAwarded")]
        belong = {case, *earned, *self.under[case], *(each for one in earned for each in self.under[one])}
        return {person for one in belong for at, person in self.parts[one] if at <= position}

    def take(self, page: Sequence[Recorded]) -> None:
        """Take what was recorded into account."""
        for one in page:
            self.log.append(one)
            self.streams.setdefault(one.stream, []).append(one)
            self._of_people(one)
            self._of_cases(one)

    def _of_people(self, one: Recorded) -> None:
        event, who = one.event, one.stream
        match kind(event):
            case "RoleGiven":
                self.roles[who].add((event.role, event.scheme))
                self.had[who].add(event.role)
            case "RoleEnded":
                self.roles[who].discard((event.role, event.scheme))
            case "PayEarned":
                self.paid.add(who)
            case "AccountsLinked":
                self.aliases[who].update(event.aliases)
                for each in event.declared:
                    self.declared[who][each.provider, each.kind] = Tie(each.provider, each.kind)
                for fact in event.facts:
                    self._fact(who, fact)
            case "AccountClosed":
                self.closed[who] = event.goes_on
            case "ConflictDeclared":
                self.declared[who][event.provider, event.kind] = Tie(event.provider, event.kind)
                self._no_more_scrutiny(who, event.provider)
            case "ConflictLifted":
                self.declared[who].pop((event.provider, event.kind), None)
            case "FactRecorded":
                self._fact(who, event)
                self._no_more_scrutiny(who, event.provider)
            case "FactCorrected" if event.stands:
                self._fact(who, event)
            case "FactCorrected":
                self.facts[who].pop(event.number, None)
            case "ScrutinyGranted":
                self.granted[who, event.case] = event
            case "ScrutinyRevoked":
                self.granted = {key: each for key, each in self.granted.items() if each.scrutiny != event.scrutiny}

    def _fact(self, who: str, event: Any) -> None:
        self.facts[who][event.number] = Tie(event.provider, event.kind, event.until_at)

    def _no_more_scrutiny(self, who: str, provider: str) -> None:
        self.granted = {key: each for key, each in self.granted.items() if key[0] != who or each.provider != provider}

    def _of_cases(self, one: Recorded) -> None:
        event, stream, name = one.event, one.stream, kind(one.event)
        provider = getattr(event, "provider", None)
        if provider and stream not in self.owner and not stream.startswith(("person", "provider", "development")):
            self.owner[stream] = provider
        if name == "CalibrationAssigned":
            self.under[event.submission].append(stream)
        if name in ("ItemListed", "ModerationStarted") and event.meeting:
            self.under[stream].append(event.meeting)
        if name == "AccreditationAwarded":
            self.under[event.submission].append(stream)
        if one.role not in OUTSIDE and one.actor.startswith("person"):
            self.parts[stream].append((one.position, one.actor))
        self.parts[stream] += ((one.position, each) for each in named(event, *NAMING.get(name, ())))
        if name in ASSESSING:
            self.assessed[stream].add(one.actor)
        if name in MARKING:
            self.assessed[self.of(stream, "CalibrationAssigned")[0].submission].add(one.actor)
