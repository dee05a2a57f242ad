"""Reminders: what will be sent next, to whom and why, and what was sent.

A clock plans its reminders, which go to whoever has to act, and word to operations that its deadline has passed. Where
a case goes on by itself at that time (it lapses, another assessor is looked for, the final review opens), nothing is
sent. Only the running clock of a case is kept, so whatever replaces or stops it takes its plans away. A matter has a clock
for each of its tasks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import args_row
from psycopg.sql import SQL

from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import MATTERS, kind_of
from domain.letter_events import LETTER_EVENTS, LetterHeldBack
from domain.letters import ASSESSOR_ACTS, KINDS, OPERATIONS_ARE_TOLD
from domain.submission.events import FinalReviewOpened
from domain.tasks import ALL, OPERATIONS, named
from projections.clocks import RESULTS, stop, turn_lane, turned
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables
from projections.words import task, time

REMINDER: Final = "reminder"
DEADLINE: Final = "deadline"


@dataclass(slots=True)
class Clock:
    """The running clock of a submission, an accreditation or a matter (UTC). What runs beside it has a `lane` of its own: a
    blind marking, an award's years to confirm, the concerns about it, and each task of a matter.

    `results_due` is the end of the clock for the result, which runs again once a final review is concluded.
    `next_at` is when the next thing is planned; `missed` is the last deadline that operations were told of, with its rule. A task says itself who is `told` of its end, and what it is `about`;
    `gone` is what went out for it, by date.
    """

    case_id: str
    lead_contact: str
    assessor: str | None = None
    rule: str | None = None
    due_at: datetime | None = None
    remind_at: list[datetime] = field(default_factory=list)
    results_due: datetime | None = None
    missed_rule: str | None = None
    missed: datetime | None = None
    next_at: datetime | None = None
    lane: str = ""
    told: str | None = None
    about: str = ""
    gone: list[str] = field(default_factory=list)

    @property
    def acts(self) -> str:
        """The id of the person who is reminded."""
        return self.assessor if self.assessor and self.rule in ASSESSOR_ACTS else self.lead_contact

    def tells(self, rule: str) -> str:
        """Who is told that the deadline of `rule` passed; empty for nobody."""
        return self.told if self.told is not None else OPERATIONS if rule in OPERATIONS_ARE_TOLD else ""


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
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What will be sent at `planned_for`: a `reminder` of the deadline `due_at`, or word that this `deadline` passed (UTC).

    `recipient` is a person's id, a role or `operations`; `why` says it in words, with tokens (see `words`).
    """

    case_id: str
    kind: str
    rule: str
    recipient: str
    planned_for: datetime
    due_at: datetime
    about: str = ""

    @property
    def why(self) -> str:
        """The reason, as a sentence."""
        return f"The deadline for {task(self.rule)} is {time(self.due_at)}."


CLOCKS: Final = Table("reminders", Clock, ("case_id", "lane"), ("next_at",))
Clocks = dict[str, dict[str, Clock]]
"""By case and lane."""
SENT: Final = Table("reminders_sent", Sent, ("case_id", "position"))


@dataclass(slots=True)
class Held:
    """A letter that somebody held back, planned or written; `held` says whether it still is."""

    letter: str
    case_id: str
    held: bool


GONE: Final = (ReminderSent, DeadlineMissed)
"""What says that word of a clock went out."""
HELD: Final = Table("letters_held", Held, ("letter",), ("case_id",))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Turn the clocks of the cases that `events` are about, and keep what was sent, and what is held back."""
    events = [one for one in events if kind_of(one.stream) in KINDS]
    edits = [one for one in events if isinstance(one.event, LETTER_EVENTS)]
    kept = {
        one.event.letter: Held(one.event.letter, one.stream, isinstance(one.event, LetterHeldBack)) for one in edits
    }
    tables.save(HELD, list(kept.values()))
    events = [one for one in events if not isinstance(one.event, LETTER_EVENTS)]
    clocks: Clocks = {}
    for clock in tables.load(CLOCKS, "case_id", {one.stream for one in events}):
        clocks.setdefault(clock.case_id, {})[clock.lane] = clock
    sent = []
    for one in events:
        case = clocks.setdefault(one.stream, {})
        if kind_of(one.stream) in MATTERS:
            sent += _turn_tasks(case, one)
            continue
        if not case:
            case[""] = Clock(one.stream, one.event.lead_contact)  # the first event of either kind names them
        if _is_of_task(case, one.event):
            sent += _turn_tasks(case, one)
            continue
        concerned = _concerned(case, one)
        if isinstance(one.event, GONE):
            sent.append(_sent(concerned[0] if concerned else case[""], one))
        for clock in concerned:
            _turn(clock, one.event)
        if not isinstance(one.event, GONE):
            _turn_tasks(case, one)
    running = [clock for case in clocks.values() for clock in case.values()]
    for clock in running:
        clock.next_at = min((one.planned_for for one in _plans(clock)), default=None)
    tables.save(CLOCKS, running)
    tables.add(SENT, sent)


MODEL: Final = ReadModel(name="reminders", version=9, tables=(CLOCKS, SENT, HELD), apply=apply)


def _turn_tasks(case: dict[str, Clock], one: Recorded) -> list[Sent]:
    """Turn the clocks of a matter's tasks as one of its events does; return what it sent."""
    event = one.event
    if isinstance(event, GONE):
        clock = case[named(event.rule, event.about)]
        clock.gone.append(_key(event.due_at, getattr(event, "planned_for", None)))
        _turn(clock, event)
        return [_sent(clock, one)]
    ends = getattr(event, "ends", ())
    for name, clock in case.items():
        if name in ends or ALL in ends:
            stop(clock)
    for due in getattr(event, "sets", ()):
        clock = case.setdefault(due.name, Clock(one.stream, due.who, lane=due.name))
        # The same task again, in other hands or for the same date: what went out for that date is not sent again.
        last = max((at for at in due.remind_at if _key(due.due_at, at) in clock.gone), default=None)
        clock.remind_at = [at for at in due.remind_at if last is None or at > last]
        clock.lead_contact, clock.told, clock.about = due.who, due.told, due.about
        clock.rule, clock.due_at = due.rule, due.due_at
        if _key(due.due_at) in clock.gone:
            clock.missed_rule, clock.missed = due.rule, due.due_at
    return []


def _is_of_task(case: dict[str, Clock], event: Any) -> bool:
    """Whether an event says what went out for one of an award's tasks, which are apart from its own clocks."""
    return isinstance(event, GONE) and named(event.rule, event.about) in case


def _key(due_at: datetime, planned_for: datetime | None = None) -> str:
    """What a task's reminder of this date, or word that it passed, is known by among those that went out for it."""
    return f"{due_at.isoformat()} {planned_for.isoformat() if planned_for else 'passed'}"


def _concerned(case: dict[str, Clock], one: Recorded) -> list[Clock]:
    """The clocks of the case that an event turns."""
    own = {lane: clock for lane, clock in case.items() if clock.told is None}  # the others are tasks
    if isinstance(one.event, GONE) and len(case) > 1:
        named = (one.event.rule, one.event.due_at)
        return [one for one in own.values() if named in ((one.rule, one.due_at), (RESULTS, one.results_due))]
    return turned(own, one.event, lambda lane: _lane(case, lane))


def _lane(case: dict[str, Clock], lane: str) -> Clock:
    return case.setdefault(lane, Clock(case[""].case_id, case[""].lead_contact, lane=lane))


def _turn(clock: Clock, event: Any) -> None:
    turn_lane(clock, event)
    if isinstance(event, DeadlineMissed) and event.rule == RESULTS:
        clock.results_due = None  # what was told during a final review is not told again when that is concluded
    if isinstance(event, FinalReviewOpened) and (RESULTS, clock.results_due) == (clock.missed_rule, clock.missed):
        clock.results_due = None  # it was told before the clock stopped
    if isinstance(event, DeadlineMissed) and event.rule == clock.rule:
        clock.missed_rule, clock.missed = event.rule, event.due_at


def _sent(clock: Clock, one: Recorded) -> Sent:
    event = one.event
    told = isinstance(event, DeadlineMissed)
    return Sent(
        case_id=one.stream,
        position=one.position,
        kind=DEADLINE if told else REMINDER,
        rule=event.rule,
        recipient=clock.tells(event.rule) if told else clock.acts,
        planned_for=event.due_at if told else event.planned_for,
        due_at=event.due_at,
        sent_at=one.at,
        overtaken=0 if told else event.overtaken,
        last_window=None if told else event.last_window,
        about=event.about,
    )


def _plans(clock: Clock, at: datetime | None = None) -> Iterator[Planned]:
    """Yield what a clock plans, or with `at` what of it will still go; a deadline that operations were told of is done with."""
    running = [(clock.rule, clock.due_at, clock.remind_at)]
    if clock.rule == "review-within":  # beside which the clock for the result runs
        running.append((RESULTS, clock.results_due, []))
    for rule, due_at, ahead in running:
        if rule is None or due_at is None or (rule, due_at) == (clock.missed_rule, clock.missed):
            continue
        if at is not None:  # an outage holds up reminders, and it is the latest of them that goes
            late = [moment for moment in ahead if moment <= at]
            ahead = [] if at >= due_at else [moment for moment in ahead if moment not in late[:-1]]  # noqa: PLW2901
        going = [(REMINDER, clock.acts, moment) for moment in ahead]
        if told := clock.tells(rule):
            going.append((DEADLINE, told, due_at))
        for kind, to, moment in going:
            yield Planned(
                case_id=clock.case_id,
                kind=kind,
                rule=rule,
                recipient=to,
                planned_for=moment,
                due_at=due_at,
                about=clock.about,
            )


def held(connection: Connection[Any]) -> frozenset[str]:
    """Return the letters that are held back, planned ones as well."""
    with connection.cursor(row_factory=args_row(Held)) as cursor:
        rows = cursor.execute(SQL("{} WHERE held").format(HELD.selection())).fetchall()
    return frozenset(one.letter for one in rows)


def planned(
    connection: Connection[Any],
    *,
    until: datetime,
    at: datetime | None = None,
    case: str | None = None,
    limit: int = 1000,
) -> list[Planned]:
    """Return what will be sent up to `until` if nothing else happens, in order, at most `limit`; for all cases, or for one.

    What is late is still to go. With `at`, only what will go as things stand at that instant: of several reminders of a
    clock that are late, as after an outage, the latest, and none once the deadline itself has passed. Instants are UTC.
    """
    # A clock whose end came without anything to send takes no place among the first `limit`.
    query = SQL(
        "{} WHERE next_at <= %(until)s AND (%(case)s::text IS NULL OR case_id = %(case)s)"
        " AND (%(at)s::timestamptz IS NULL OR due_at > %(at)s OR coalesce(told, '') <> '' OR rule = ANY(%(told)s))"
        " ORDER BY next_at, case_id LIMIT %(limit)s"
    ).format(CLOCKS.selection())
    asked = {"until": until, "case": case, "at": at, "told": list(OPERATIONS_ARE_TOLD), "limit": limit}
    with connection.cursor(row_factory=args_row(Clock)) as cursor:
        clocks = cursor.execute(query, asked).fetchall()
    # Of deadlines of one rule that coincide, as those of two concerns may, operations are told once.
    plans = {plan for clock in clocks for plan in _plans(clock, at) if plan.planned_for <= until}
    return sorted(plans, key=lambda plan: (plan.planned_for, plan.case_id, plan.rule, plan.kind, plan.about))[:limit]


def sent(connection: Connection[Any], case: str) -> list[Sent]:
    """Return what was sent for a case, in order."""
    query = SQL("{} WHERE case_id = %s ORDER BY position").format(SENT.selection())
    with connection.cursor(row_factory=args_row(Sent)) as cursor:
        return cursor.execute(query, [case]).fetchall()
