"""The agenda: all that has a date, for calendars: deadlines and tasks, visits, meetings, sessions, and the bounds of windows.

A thing that moved says so by a higher `sequence`, and one that is gone stays with the instant at which it went, so that
calendars that hold it already hear of both. Whom it is shown to is decided by who reads it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from domain.ids import MATTERS, kind_of
from domain.meeting import MeetingScheduled
from domain.standardisation import ATTEND, InvitationWithdrawn, StandardisationCancelled, StandardisationScheduled
from domain.submission import events as e
from domain.submission.visit_events import AssessmentBooked, BookingGivenUp, PreviewAlerted
from domain.tasks import ALL
from domain.window import WindowExtended, WindowExtendedFor, WindowScheduled
from projections.clocks import RESULTS, turn_lane, turned
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables

KINDS: Final = frozenset({"submission", "accreditation", "window", "meeting", *MATTERS})
CASES: Final = ("submission", "accreditation")
PROVIDER: Final = "provider"
"""Whose a thing is that falls to the provider, whoever of its contacts looks."""

DEADLINE, TASK, VISIT, MEETING, SESSION, WINDOW = "deadline", "task", "visit", "meeting", "session", "window"

OF_PROVIDER: Final = frozenset(
    {
        "submit-within",
        "portfolio-before-date",
        "return-within",
        "evidence-within",
        RESULTS,
        "earn-again-before-end",
        "extension-ends",
        "confirm-within",
    }
)
"""The rules whose clocks are the provider's to keep, or to wait for."""
OF_ASSESSOR: Final = frozenset({"accept-within", "preview-within", "assess-within", "mark-blind-within"})
ELSEWHERE: Final = frozenset({"visit-on-date", ATTEND})
"""Rules whose clocks end at what has an entry of its own."""
_VISIT_OVER: Final = (
    BookingGivenUp,
    PreviewAlerted,
    e.SubmissionLapsed,
    e.SubmissionWithdrawn,
    e.FoundIneligible,
    e.FoundOutsideDefinition,
)


@dataclass(slots=True)
class Entry:
    """A thing with a date: `name` tells it from the others of its stream, `case_id`, and stays the same while it is moved.

    `what` is its kind; of deadlines and tasks `rule` says which. `who` are people's ids and roles whose thing it is; nobody's
    in particular is operations'. `sequence` counts how often it changed, at `changed_at` for the last time; `gone_at` is when
    it went: done, given up or not needed any more. Instants are UTC.
    """

    case_id: str
    name: str
    what: str
    rule: str
    who: list[str]
    scheme: str
    starts_at: datetime
    tentative: bool
    sequence: int
    changed_at: datetime
    gone_at: datetime | None = None


@dataclass(slots=True)
class Lane:
    """A clock of a submission or an award, and a visit booked, as they were left; see `projections.clocks`."""

    case_id: str
    lane: str
    lead_contact: str
    scheme: str
    assessor: str | None = None
    rule: str | None = None
    due_at: datetime | None = None
    remind_at: list[datetime] = field(default_factory=list)
    results_due: datetime | None = None
    visit_at: datetime | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An entry as it is to be."""

    name: str
    what: str
    starts_at: datetime
    who: tuple[str, ...]
    rule: str = ""
    tentative: bool = False


ENTRIES: Final = Table("agenda", Entry, ("case_id", "name"), ("starts_at", "gone_at"))
LANES: Final = Table("agenda_lanes", Lane, ("case_id", "lane"))
Entries = dict[str, Entry]
"""The entries of one stream, by name."""


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    """Enter what has a date, and what became of it."""
    events = [one for one in events if kind_of(one.stream) in KINDS]
    streams = {one.stream for one in events}
    extended = {one.event.submission for one in events if isinstance(one.event, WindowExtendedFor)}
    entries: dict[str, Entries] = {}
    before = {}
    for row in tables.load(ENTRIES, "case_id", streams | extended):
        entries.setdefault(row.case_id, {})[row.name] = row
        before[row.case_id, row.name] = row.sequence, row.who, row.scheme
    lanes: dict[str, dict[str, Lane]] = {}
    for lane in tables.load(LANES, "case_id", {one for one in streams if kind_of(one) in CASES}):
        lanes.setdefault(lane.case_id, {})[lane.lane] = lane
    for one in events:
        own = entries.setdefault(one.stream, {})
        if kind_of(one.stream) in CASES:
            _follow_case(own, lanes.setdefault(one.stream, {}), one)
        if isinstance(one.event, WindowExtendedFor):
            named = f"closes {one.stream}"
            thing = Thing(name=named, what=WINDOW, rule="closes", starts_at=one.event.closes_at, who=(PROVIDER,))
            _put(entries.setdefault(one.event.submission, {}), one.event.submission, one, [thing])
        _put(own, one.stream, one, _of_event(one.event))
        _follow_tasks(own, one)
        _follow_session(own, one)
    rows = (row for own in entries.values() for row in own.values())
    changed = [row for row in rows if before.get((row.case_id, row.name)) != (row.sequence, row.who, row.scheme)]
    tables.save(ENTRIES, changed)
    tables.save(LANES, [lane for case in lanes.values() for lane in case.values()])


MODEL: Final = ReadModel(name="agenda", version=1, tables=(ENTRIES, LANES), apply=apply)


def _put(own: Entries, stream: str, one: Recorded, things: Iterable[Thing]) -> None:
    """Have these things stand as they are now; what moved, or is there again, counts as changed."""
    scheme = getattr(one.event, "scheme", None) or one.scheme or ""
    for thing in things:
        row = own.get(thing.name)
        if row is None:
            own[thing.name] = Entry(
                case_id=stream,
                name=thing.name,
                what=thing.what,
                rule=thing.rule,
                who=list(thing.who),
                scheme=scheme,
                starts_at=thing.starts_at,
                tentative=thing.tentative,
                sequence=0,
                changed_at=one.recorded_at,
            )
            continue
        row.who, row.scheme = list(thing.who), scheme or row.scheme
        if (row.starts_at, row.tentative, row.gone_at) != (thing.starts_at, thing.tentative, None):
            row.starts_at, row.tentative, row.gone_at = thing.starts_at, thing.tentative, None
            row.sequence, row.changed_at = row.sequence + 1, one.recorded_at


def _drop(rows: Iterable[Entry], one: Recorded) -> None:
    """Have these go."""
    for row in rows:
        if row.gone_at is None:
            row.gone_at = row.changed_at = one.recorded_at
            row.sequence += 1


def _follow_case(own: Entries, case: dict[str, Lane], one: Recorded) -> None:
    """Turn the clocks of a submission or an award, and have what they run to stand as they say."""
    if not case:
        case[""] = Lane(
            one.stream, "", one.event.lead_contact, one.event.scheme
        )  # the first event of either kind names them
    main = case[""]
    for lane in turned(case, one.event, lambda name: case.setdefault(name, _opened(main, name))):
        turn_lane(lane, one.event)
    main.scheme = getattr(one.event, "scheme", None) or main.scheme
    if isinstance(one.event, AssessmentBooked):
        main.visit_at, main.provisional = one.event.visit_at, one.event.provisional
    if isinstance(one.event, _VISIT_OVER):
        main.visit_at = None
    things = [thing for lane in case.values() for thing in _running(lane)]
    running = {thing.name for thing in things}
    _drop((row for name, row in own.items() if name not in running and row.what in {DEADLINE, VISIT}), one)
    _put(own, one.stream, one, things)
    for row in own.values():
        row.scheme = row.scheme or main.scheme


def _opened(main: Lane, name: str) -> Lane:
    return Lane(main.case_id, name, main.lead_contact, main.scheme)


def _running(lane: Lane) -> Iterable[Thing]:
    clocks = [(lane.rule, lane.due_at)]
    if lane.rule == "review-within":  # beside which the clock for the result runs
        clocks.append((RESULTS, lane.results_due))
    for rule, due_at in clocks:
        if rule and due_at and rule not in ELSEWHERE:
            name = f"{DEADLINE} {rule} {lane.lane}".rstrip()
            yield Thing(name=name, what=DEADLINE, rule=rule, starts_at=due_at, who=_acts(lane, rule))
    if lane.visit_at:
        who = (PROVIDER, *([lane.assessor] if lane.assessor else []))
        yield Thing(name=VISIT, what=VISIT, starts_at=lane.visit_at, who=who, tentative=lane.provisional)


def _acts(lane: Lane, rule: str) -> tuple[str, ...]:
    if rule in OF_PROVIDER:
        return (PROVIDER,)
    return (lane.assessor,) if rule in OF_ASSESSOR and lane.assessor else ()


def _of_event(event: Any) -> Iterable[Thing]:
    """What an event of a window, a meeting or a session says of its dates."""
    match event:
        case WindowScheduled():
            for bound, at in (("opens", event.opens_at), ("closes", event.closes_at)):
                yield Thing(name=bound, what=WINDOW, rule=bound, starts_at=at, who=(PROVIDER,))
        case WindowExtended():
            yield Thing(name="closes", what=WINDOW, rule="closes", starts_at=event.closes_at, who=(PROVIDER,))
        case MeetingScheduled():
            everyone = tuple(dict.fromkeys((event.chair, *event.panel)))
            yield Thing(name=MEETING, what=MEETING, rule=event.form, starts_at=event.starts_at, who=everyone)
        case StandardisationScheduled():
            everyone = tuple(dict.fromkeys((event.leader, *event.invited)))
            yield Thing(name=SESSION, what=SESSION, starts_at=event.starts_at, who=everyone)


def _follow_tasks(own: Entries, one: Recorded) -> None:
    """What the event says of tasks: see `domain.tasks`."""
    sets, ends = getattr(one.event, "sets", ()), getattr(one.event, "ends", ())
    if not sets and not ends:
        return
    _drop(
        (
            row
            for row in own.values()
            if row.what == TASK and (ALL in ends or row.name.removeprefix(f"{TASK} ") in ends)
        ),
        one,
    )
    _put(
        own,
        one.stream,
        one,
        [
            Thing(name=f"{TASK} {task.name}", what=TASK, rule=task.rule, starts_at=task.due_at, who=(task.who,))
            for task in sets
            if task.rule not in ELSEWHERE
        ],
    )


def _follow_session(own: Entries, one: Recorded) -> None:
    """Have a session be no more that of who does not come, and go where it does not take place."""
    match one.event:
        case InvitationWithdrawn(person=person):
            own[SESSION].who = [each for each in own[SESSION].who if each != person]
        case StandardisationCancelled():
            _drop([own[SESSION]], one)
