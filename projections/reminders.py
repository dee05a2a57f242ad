"""Reminders: what will be sent next for every running clock, to whom and why, and what was sent.

A clock plans its reminders and, at its end, the deadline itself. Only the running clock of a case is kept, so whatever
replaces or stops it takes its plans away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.accreditation import (
    AccreditationLapsed,
    AccreditationUpgraded,
    AccreditationWithdrawn,
    ConcernRaised,
    ConfirmationAsked,
    ConfirmationMissed,
    ReviewConcluded,
    ReviewOpened,
    YearConfirmed,
)
from domain.accreditation.concerns import REVIEW
from domain.clocks import DeadlineMissed, ReminderSent
from projections.clocks import RESULTS, stop, turn
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables
from projections.words import task, time

OPERATIONS: Final = "operations"
"""Whom it concerns where no one person has to act."""

LEAD_CONTACT_ACTS: Final = frozenset(
    {
        "submit-within",
        "portfolio-before-date",
        "return-within",
        "evidence-within",
        "earn-again-before-end",
        "confirm-within",
    }
)
ASSESSOR_ACTS: Final = frozenset({"accept-within", "preview-within", "visit-on-date", "assess-within"})
REMINDER: Final = "reminder"
DEADLINE: Final = "deadline"


@dataclass(slots=True)
class Clock:
    """The running clocks of a submission or an accreditation: that of its stage, and that for the result (UTC).

    What runs beside them has a `lane` of its own: an award's years to confirm, and the concerns about it.
    `next_at` is when the next thing is planned; `missed` is the last deadline that operations were told of, with its rule.
    """

    case_id: str
    lead_contact: str
    acts: str = OPERATIONS
    rule: str | None = None
    due_at: datetime | None = None
    remind_at: list[datetime] = field(default_factory=list)
    results_due: datetime | None = None
    missed_rule: str | None = None
    missed: datetime | None = None
    next_at: datetime | None = None
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, at `sent_at`: a reminder that was planned for `planned_for`, or word that a deadline was missed.

    It stands for `overtaken` earlier reminders; `last_window` is the window that it named. Instants are UTC.
    """

    case_id: str
    position: int
    kind: str
    rule: str
    recipient: str
    planned_for: datetime
    due_at: datetime
    sent_at: datetime
    overtaken: int
    last_window: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is planned for `planned_for`: a `reminder` of the deadline `due_at`, or the `deadline` itself (UTC).

    `recipient` is a person's id or `operations`; `why` says it in words, with tokens (see `words`).
    """

    case_id: str
    kind: str
    rule: str
    recipient: str
    planned_for: datetime
    due_at: datetime

    @property
    def why(self) -> str:
        """The reason, as a sentence."""
        return f"The deadline for {task(self.rule)} is {time(self.due_at)}."


CLOCKS: Final = Table("reminders", Clock, ("case_id", "lane"), ("next_at",))
Clocks = dict[str, dict[str, Clock]]
"""By case and lane."""
SENT: Final = Table("reminders_sent", Sent, ("case_id", "position"))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Turn the clocks of the cases that `events` are about, and keep what was sent."""
    events = [one for one in events if one.stream.startswith(("submission-", "accreditation-"))]
    clocks: Clocks = {}
    for clock in tables.load(CLOCKS, "case_id", {one.stream for one in events}):
        clocks.setdefault(clock.case_id, {})[clock.lane] = clock
    sent = []
    for one in events:
        case = clocks.setdefault(one.stream, {})
        if not case:
            case[""] = Clock(one.stream, one.event.lead_contact)  # the first event of either kind names them
        turned = _concerned(case, one)
        if isinstance(one.event, ReminderSent | DeadlineMissed):
            sent.append(_sent(turned[0] if turned else case[""], one))
        for clock in turned:
            _turn(clock, one.event)
    running = [clock for case in clocks.values() for clock in case.values()]
    for clock in running:
        clock.next_at = min((one.planned_for for one in _plans(clock)), default=None)
    tables.save(CLOCKS, running)
    tables.add(SENT, sent)


MODEL: Final = ReadModel(name="reminders", version=3, tables=(CLOCKS, SENT), apply=apply)


def _concerned(case: dict[str, Clock], one: Recorded) -> list[Clock]:
    """The clocks of the case that an event turns."""
    match one.event:
        case ConfirmationAsked() | YearConfirmed() | ConfirmationMissed():
            return [_lane(case, f"year-{one.event.year}")]
        case ConcernRaised() | ReviewOpened() | ReviewConcluded():
            return [_lane(case, one.event.concern)]
        case AccreditationUpgraded() | AccreditationLapsed():
            years = [clock for lane, clock in case.items() if lane.startswith("year-")]
            for clock in years:
                stop(clock)
            return [case[""]]
        case AccreditationWithdrawn():
            return list(case.values())
        case ReminderSent() | DeadlineMissed() if len(case) > 1:
            return [
                clock for clock in case.values() if (clock.rule, clock.due_at) == (one.event.rule, one.event.due_at)
            ]
        case _:
            return [case[""]]


def _lane(case: dict[str, Clock], lane: str) -> Clock:
    return case.setdefault(lane, Clock(case[""].case_id, case[""].lead_contact, lane=lane))


def _turn(clock: Clock, event: Any) -> None:
    turn(clock, event)
    if isinstance(event, DeadlineMissed):
        clock.missed_rule, clock.missed = event.rule, event.due_at
    if clock.rule in LEAD_CONTACT_ACTS:
        clock.acts = clock.lead_contact
    elif clock.rule == REVIEW:
        clock.acts = getattr(event, "reviewer", clock.acts)
    elif clock.rule not in ASSESSOR_ACTS:
        clock.acts = OPERATIONS
    elif hasattr(event, "assessor"):
        clock.acts = event.assessor


def _sent(clock: Clock, one: Recorded) -> Sent:
    event = one.event
    told = isinstance(event, DeadlineMissed)
    return Sent(
        case_id=one.stream,
        position=one.position,
        kind=DEADLINE if told else REMINDER,
        rule=event.rule,
        recipient=OPERATIONS if told else clock.acts,
        planned_for=event.due_at if told else event.planned_for,
        due_at=event.due_at,
        sent_at=one.at,
        overtaken=0 if told else event.overtaken,
        last_window=None if told else event.last_window,
    )


def _plans(clock: Clock) -> Iterator[Planned]:
    """Yield what a case's clocks plan; a deadline that operations were told of is done with."""
    running = [(clock.rule, clock.due_at, clock.acts, clock.remind_at)]
    if clock.rule != RESULTS:
        running.append((RESULTS, clock.results_due, OPERATIONS, []))
    for rule, due_at, to, remind_at in running:
        if rule is None or due_at is None or (rule, due_at) == (clock.missed_rule, clock.missed):
            continue
        for planned_for in remind_at:
            yield Planned(
                case_id=clock.case_id, kind=REMINDER, rule=rule, recipient=to, planned_for=planned_for, due_at=due_at
            )
        yield Planned(case_id=clock.case_id, kind=DEADLINE, rule=rule, recipient=to, planned_for=due_at, due_at=due_at)


def planned(
    connection: Connection[Any],
    *,
    until: datetime,
    at: datetime | None = None,
    case: str | None = None,
    limit: int = 1000,
) -> list[Planned]:
    """Return what is planned up to `until`, in order, at most `limit`; for all cases, or for one. Instants are UTC.

    What is late is still to go. With `at`, only what will go as things stand at that instant: of several reminders of a
    clock that are late, as after an outage, the latest, and none once the deadline itself has passed.
    """
    query = SQL(
        "{} WHERE next_at <= %(until)s AND (%(case)s::text IS NULL OR case_id = %(case)s)"
        " ORDER BY next_at, case_id LIMIT %(limit)s"
    ).format(CLOCKS.selection())
    with connection.cursor(row_factory=args_row(Clock)) as cursor:
        clocks = cursor.execute(query, {"until": until, "case": case, "limit": limit}).fetchall()
    plans = [plan for clock in clocks for plan in _not_overtaken(_plans(clock), at) if plan.planned_for <= until]
    return sorted(plans, key=lambda plan: (plan.planned_for, plan.case_id))[:limit]


def _not_overtaken(plans: Iterator[Planned], at: datetime | None) -> list[Planned]:
    """Return the plans but for each reminder whose time has come when that of what its clock plans next has come too."""
    ordered = list(plans)
    if at is None:
        return ordered
    return [
        plan
        for plan, following in zip_longest(ordered, ordered[1:])
        if plan.kind == DEADLINE or following.planned_for > at
    ]


def sent(connection: Connection[Any], case: str) -> list[Sent]:
    """Return what was sent for a case, in order."""
    query = SQL("{} WHERE case_id = %s ORDER BY position").format(SENT.selection())
    with connection.cursor(row_factory=args_row(Sent)) as cursor:
        return cursor.execute(query, [case]).fetchall()
