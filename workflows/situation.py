"""What a process knows of its case, and what passes between it and its steps: ids, names of events and instants.

Nothing here is personal, since Temporal keeps all of it in its histories.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.accreditation import Accreditation
from domain.accreditation import due_next as accreditation_due
from domain.clocks import Due
from domain.submission.process import due_next as submission_due
from domain.submission.process import owed
from domain.submission.state import Submission
from domain.tasks import Matter
from domain.tasks import due_next as matter_due
from domain.window import Window
from domain.window import due_next as window_due


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something was recorded in the case's stream: the name of the event, and its position in the log."""

    position: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step to take for a case: what called for it was recorded at `position`, or the clock that ran out at `due_at`.

    `at` is the process's own time, at which a look sees the case.
    """

    case: str
    position: int
    due_at: datetime | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Where a case stands after its event at `position`: what is `owed` to it at once, and what is `due` in time.

    `deadline` is when the time of its stage is up, `scheme` the version that it is pinned to.
    """

    position: int
    stage: str
    over: bool
    scheme: str = ""
    provider: str = ""
    owed: str | None = None
    due: Due | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a process begins: with nothing known, or with what its earlier run knew and had not yet dealt with."""

    case: str
    seen: int = 0
    situation: Situation | None = None
    news: tuple[News, ...] = ()


def situation_of(state: Any, *, position: int, at: datetime) -> Situation:
    """Return what `state`, made by the events up to `position`, calls for as seen at `at` (UTC).

    A case that does not exist is over: its record was lost, and there is nothing to watch.
    """
    match state:
        case Submission(registered=None) | Window(id="") | Accreditation(id="") | Matter(id=""):
            return Situation(position=position, stage="unknown", over=True)
        case Submission():
            return Situation(
                position=position,
                stage=state.stage.value,
                over=state.over,
                scheme=state.registration.scheme,
                provider=state.registration.provider,
                owed=owed(state),
                due=submission_due(state, at=at),
                deadline=state.clock.due_at if state.clock else None,
            )
        case Window():
            return Situation(
                position=position,
                stage="closed" if state.closed else "open" if state.opened else "scheduled",
                over=state.closed,
                scheme=state.scheme,
                due=window_due(state),
                deadline=state.ends_at,
            )
        case Accreditation():
            return Situation(
                position=position,
                stage=state.standing(at),
                over=state.over,
                scheme=state.scheme,
                provider=state.provider,
                due=accreditation_due(state, at=at),
                deadline=state.clock.due_at if state.clock else None,
            )
        case Matter():
            return Situation(
                position=position,
                stage=state.stage,
                over=state.over,
                scheme=state.scheme,
                provider=state.provider,
                due=matter_due(state, at=at),
                deadline=state.deadline,
            )
    raise TypeError(f"no process watches a {type(state).__name__}")
