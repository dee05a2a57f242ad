"""Given events: what tests of read models say was recorded, and the read models made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from domain.accreditation import AccreditationAwarded
from domain.assignment import Considered
from domain.clocks import Deadline
from domain.events import STORED_NAMES
from domain.submission import events as e
from domain.texts import TextRef
from infra.read_models import Copy, advance, create, swap
from projections.catalogue import READ_MODELS
from projections.model import ReadModel
from services.ports import Recorded

DAY = timedelta(days=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CASE, OTHER = "submission-a", "submission-b"
AWARD, MEETING, WINDOW, PROVIDER = "accreditation-a", "meeting-a", "window-a", "provider-a"
ADA, BEN, CHAIR, LEAD = "person-ada", "person-ben", "person-chair", "person-lead"


@dataclass(slots=True)
class Log:
    """A log that grows event by event; each is recorded a second after it holds."""

    events: list[Recorded] = field(default_factory=list)

    def add(self, stream: str, *events: Any, at: datetime = NOON, actor: str = LEAD, role: str = "provider") -> None:
        for event in events:
            self.events.append(
                Recorded(
                    position=len(self.events) + 1,
                    stream=stream,
                    version=1 + sum(one.stream == stream for one in self.events),
                    recorded_at=at + timedelta(seconds=1),
                    id=f"{len(self.events):032x}",
                    name=STORED_NAMES[type(event)],
                    event=event,
                    at=at,
                    actor=actor,
                    role=role,
                    command="command",
                    correlation=stream,
                    causation=None,
                    scheme=None,
                )
            )


def make(connection: Connection[Any], models: Sequence[ReadModel] = READ_MODELS) -> None:
    """Make the tables of `models`, empty."""
    create(connection, models)
    for model in models:
        swap(connection, model)


def show(connection: Connection[Any], events: Sequence[Recorded], models: Sequence[ReadModel] = READ_MODELS) -> None:
    """Apply `events` to `models`, after those that they have seen."""
    if events:
        assert advance(connection, [Copy(one) for one in models], events, after=events[0].position - 1)


def rows(connection: Connection[Any], model: ReadModel, suffix: str = "") -> list[tuple[Any, ...]]:
    """All rows of a model's tables, in the order of their keys."""
    return [
        row
        for table in model.tables
        for row in connection.execute(table.selection(suffix).as_string() + f" ORDER BY {', '.join(table.key)}")
    ]


def due(rule: str, days: float, *remind_after: float) -> Deadline:
    """The clock of `rule`, due so many days after NOON, with reminders so many days after NOON."""
    return Deadline(rule=rule, due_at=NOON + days * DAY, remind_at=tuple(NOON + one * DAY for one in remind_after))


def text(id: str) -> TextRef:
    return TextRef(id=f"text-{id}", digest="0" * 64)


def registered(
    case: str = CASE, *, provider: str = PROVIDER, days: float = 365, scheme: str = "cpd-qa@1", **rest: Any
) -> Any:
    """A programme registered, to be submitted so many days after NOON, with reminders 60 and 14 days before."""
    return e.ProgrammeRegistered(
        submission=case,
        scheme=scheme,
        provider=provider,
        lead_contact=LEAD,
        category="single-programme",
        subject="science",
        phase="secondary",
        mode="online",
        size_band="small",
        title=text("title"),
        agreement_accepted=True,
        criteria=("1.1", "2.1"),
        clock=due("submit-within", days, days - 60, days - 14),
        **{"origin": "new", "follows": None, "accreditation": None} | rest,
    )


def submitted(window: str = WINDOW) -> e.PortfolioSubmitted:
    answers = tuple(e.Answer(criterion=one, text=text(one)) for one in ("1.1", "2.1"))
    return e.PortfolioSubmitted(window=window, late=False, answers=answers, evidence=(), manifest="0" * 64)


def considered(person: str = ADA, verdict: str = "chosen") -> Considered:
    return Considered(person=person, verdict=verdict, match=2, load=0)


def assigned(to: str = ADA) -> e.AssessorAssigned:
    return e.AssessorAssigned(assessor=to, considered=(considered(to),), clock=due("accept-within", 7))


def moderation_started(results_days: float = 21) -> e.ModerationStarted:
    return e.ModerationStarted(
        meeting=MEETING,
        chair=CHAIR,
        panel=(CHAIR, BEN),
        results=due("results-within", results_days),
        review_from=NOON + 14 * DAY,
    )


def awarded(case: str = CASE, *, days: float = 1095) -> AccreditationAwarded:
    return AccreditationAwarded(
        accreditation=AWARD,
        submission=case,
        provider=PROVIDER,
        lead_contact=LEAD,
        scheme="cpd-qa@1",
        level="accredited",
        category="single-programme",
        subject="science",
        phase="secondary",
        starts_at=NOON,
        ends_at=NOON + days * DAY,
        clock=due("earn-again-before-end", days, days - 365, days - 182, days - 91, days - 30),
        strengths=("1.1",),
    )
