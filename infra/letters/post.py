"""The letters as services and lists know them: those of the outbox, and the reminders that are planned, each under its id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.errors import UndefinedTable

from domain.case_letters import letters_of
from domain.clocks import DeadlineMissed, ReminderSent
from domain.letter_events import HELD, PLANNED, QUEUED, SENDING, STUCK
from domain.letters import reminder_id
from infra.letters.outbox import Outbox
from infra.store.datastore import Datastore
from projections import reminders
from projections.reminders import Planned
from services.ports import Letter

EVER: Final = datetime(9000, 1, 1, tzinfo=UTC)


class PostgresPost:
    """The post behind the connections of `datastore`. Every method raises RecordUnavailable when it can't be reached."""

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore
        self.outbox = Outbox(datastore)

    def letter(self, case: str, letter: str) -> Letter | None:
        """Return where this letter of the case stands; None where there is no such one."""
        if row := self.outbox.row(letter):
            return Letter(row.state) if row.stream == case else None
        plan = self.plan(case, letter)
        reminder = event_of(plan) if plan else None
        return Letter(PLANNED, reminder if isinstance(reminder, ReminderSent) else None) if plan else None

    def plan(self, case: str, letter: str) -> Planned | None:
        """Return the plan under this id of what will be sent about a case; None where there is none."""
        return next((one for one in self.planned(case) if planned_id(one) == letter), None)

    def planned(self, case: str) -> Sequence[Planned]:
        """Return what is planned for a case; nothing while the read model of that is not made."""
        with self._datastore.get_connection() as connection:
            try:
                return reminders.planned(connection, until=EVER, case=case)
            except UndefinedTable:
                return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A letter that will go, or that could not: of a case, to a person, somebody outside, or a role, and where it stands.

    `planned_for` is when it goes if nothing else happens, or when it was to; `rule` and `due_at` are those of the date that
    it is about, empty where it is about none. `why` says what sends it, with tokens.
    """

    id: str
    case_id: str
    letter: str
    recipient: str
    state: str
    planned_for: datetime
    rule: str = ""
    due_at: datetime | None = None
    why: str = ""


def coming(post: "PostgresPost", connection: Connection[Any], *, at: datetime, limit: int) -> list[Coming]:
    """Return what will be sent as things stand at `at`, the next first, and what could not be sent; at most `limit`."""
    written = [
        Coming(
            id=one.id,
            case_id=one.stream,
            letter=one.letter,
            recipient=one.recipient,
            state=one.state,
            planned_for=one.next_at,
            why=f"Event {one.version} of the case sends it.",
        )
        for one in post.outbox.listed((QUEUED, SENDING, HELD, *STUCK), limit)
    ]
    known = {one.id for one in written}
    held = reminders.held(connection)
    plans = reminders.planned(connection, until=EVER, at=at, limit=limit)
    gone = post.outbox.known([planned_id(one) for one in plans]) | known
    planned = [
        Coming(
            id=id,
            case_id=one.case_id,
            letter=letter_of(one),
            recipient=one.recipient,
            state=HELD if id in held else PLANNED,
            planned_for=one.planned_for,
            rule=one.rule,
            due_at=one.due_at,
            why=one.why,
        )
        for one in plans
        if (id := planned_id(one)) not in gone
    ]
    return sorted([*written, *planned], key=lambda one: (one.planned_for, one.id))[:limit]


def letter_of(plan: Planned) -> str:
    """The name of the letter that a planned reminder will be."""
    event = event_of(plan)
    return letters_of(event)[0] if isinstance(event, ReminderSent) else "overdue"


def planned_id(plan: Planned) -> str:
    """The id that the letter of a planned reminder will have."""
    return reminder_id(plan.case_id, event_of(plan))


def event_of(plan: Planned) -> ReminderSent | DeadlineMissed:
    """The event that a plan will be, if nothing else happens."""
    if plan.kind == reminders.DEADLINE:
        return DeadlineMissed(rule=plan.rule, due_at=plan.due_at, about=plan.about)
    return ReminderSent(rule=plan.rule, due_at=plan.due_at, planned_for=plan.planned_for, about=plan.about)
