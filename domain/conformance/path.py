"""Following a case along its own events: which way it went, where it departed from the straight one, and by whose leave."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from domain.accreditation import state as awards
from domain.accreditation.events import AccreditationImported
from domain.appeal import state as appeals
from domain.complaint import state as complaints
from domain.conformance.deviations import NOT_ALLOWED, Departure, departure
from domain.conformance.moves import MOVES, WITHIN
from domain.figures.facts import lighter
from domain.ids import kind_of
from domain.submission import state as submissions
from domain.submission.state import Stage

KINDS: Final = tuple(MOVES)
"""The kinds of cases that have a path."""
_FOLDS: Final[dict[str, tuple[Any, Any]]] = {
    "submission": (submissions.evolve, submissions.Submission()),
    "accreditation": (awards.evolve, awards.Accreditation()),
    "appeal": (appeals.evolve, appeals.Appeal()),
    "complaint": (complaints.evolve, complaints.Complaint()),
}


class Happened(Protocol):
    """One event of the record; instants are UTC."""

    @property
    def position(self) -> int: ...
    @property
    def stream(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def event(self) -> Any: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def role(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A case came from one stage to another, by event `version` of its stream, at `position` of the log.

    `from_stage` is empty at its beginning. `allowed`: the process knows this move.
    """

    position: int
    version: int
    at: datetime
    event: str
    from_stage: str
    to_stage: str
    actor: str
    role: str
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A case departed from the straight way, at `stage`, by event `version` of `stream`, at `position` of the log.

    `kind` says how, `by` what it went by besides: a rule, a cause, a fee, an appeal, a scheme version. `actor` allowed it,
    in `role`; where that is the process, its clock or its rule did. `reason` is the id of the text that says why, if one does.
    """

    case_id: str
    scheme: str
    kind: str
    by: str
    stage: str
    at: datetime
    actor: str
    role: str
    event: str
    stream: str
    version: int
    position: int
    reason: str | None = None


@dataclass(slots=True)
class Path:
    """The way of one case as far as its events were followed, in the log's order; `stage` is the one it has come to."""

    case: str
    stage: str = ""
    held: Any = None
    steps: list[Step] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Its kind."""
        return kind_of(self.case)

    @property
    def provider(self) -> str:
        """Whose affair it is, if anybody's."""
        return str((self.held.registration if self.kind == "submission" else self.held).provider)

    @property
    def scheme(self) -> str:
        """The scheme version that it is under."""
        if self.held is None:
            return ""
        return str((self.held.registration if self.kind == "submission" else self.held).scheme)

    def follow(self, one: Happened) -> None:
        """Take in an event of its own stream, or one of another that is about it."""
        if one.stream != self.case:
            self._depart(one, departure(one.event, self.stage))
            return
        evolve, initial = _FOLDS[self.kind]
        visit_at = self._bound_to()
        self.held = evolve(initial if self.held is None else self.held, lighter(one.event))
        known = MOVES[self.kind].get(type(one.event))
        before, after = self.stage, self._stage(one, moved=known is not None)
        self._depart(one, departure(one.event, before, visit_at))
        within = WITHIN.get(type(one.event), (before,))
        allowed = before in known if known is not None else before == after and before in within
        if before != after:
            self.steps.append(
                Step(
                    position=one.position,
                    version=one.version,
                    at=one.at,
                    event=type(one.event).__name__,
                    from_stage=before,
                    to_stage=after,
                    actor=one.actor,
                    role=one.role,
                    allowed=allowed,
                )
            )
        if not allowed:
            self._depart(one, Departure(kind=NOT_ALLOWED, by=after))
        self.stage = after

    def _depart(self, one: Happened, how: Departure | None) -> None:
        if how is not None:
            self.deviations.append(
                Deviation(
                    case_id=self.case,
                    scheme=self.scheme,
                    kind=how.kind,
                    by=how.by,
                    stage=self.stage,
                    at=one.at,
                    actor=one.actor,
                    role=one.role,
                    event=type(one.event).__name__,
                    stream=one.stream,
                    version=one.version,
                    position=one.position,
                    reason=how.reason,
                )
            )

    def _bound_to(self) -> datetime | None:
        """The date booked for a submission, once it binds."""
        if self.kind != "submission" or self.held is None or self.held.provisional:
            return None
        visit_at: datetime | None = self.held.visit_at
        return visit_at

    def _stage(self, one: Happened, *, moved: bool) -> str:
        """The stage, or of an award its standing; which time changes too, and is looked at where something moves it."""
        if self.kind == "accreditation":
            return str(self.held.standing(_holds(one))) if moved else self.stage
        stage = self.held.stage
        return stage.value if isinstance(stage, Stage) else str(stage)


def _holds(one: Happened) -> datetime:
    """The instant at which an award stands as the event leaves it: one that came from elsewhere, after all that happened to it there."""
    suspended = one.event.suspended if isinstance(one.event, AccreditationImported) else ()
    return max([one.at, *(each.ends_at or each.starts_at for each in suspended)])


def path(case: str, events: Iterable[Happened]) -> Path:
    """The way of a case along these events: its own, and those of other streams that are about it, in the log's order."""
    found = Path(case=case)
    for one in events:
        found.follow(one)
    return found
