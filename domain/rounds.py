"""What the body does at intervals without anybody thinking of it: it asks its people about their conflicts, and looks at its year.

Source: handbook, Conflicts of interest and Governance. Its clocks run in the stream of the governance policy, which sets
the intervals.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.clocks import Calendar
from domain.governance_policy import Governance
from domain.scheme_assurance import SAMPLING, STANDARDISATION
from domain.tasks import NOBODY, Task, Tasked, moments, named

ASK: Final = "ask-about-conflicts-on"
"""The rule of the time at which everybody is asked whether what they declared is all."""
LOOK: Final = "look-at-year-on"
"""The rule of the time at which it is looked whether each scheme has what its year needs."""
MISSING: Final = {STANDARDISATION: "schedule-standardisation-within", SAMPLING: "plan-sampling-within"}
"""What a scheme's year needs, with the rule of the task to make up for it; about `<scheme>:<year>`."""
MANAGER: Final = "quality-manager"
BOARD: Final = "board"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What a scheme's year has not got: a session of standardisation on its timetable, or a plan of sampling."""

    scheme: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictsAskedAbout:
    """These people were asked whether the conflicts that they declared are all; `sets` is when they are asked again."""

    people: tuple[str, ...]
    sets: tuple[Task, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearLookedAt:
    """What a year lacks as it was looked at, which is to be made up for; and when it is looked at again."""

    year: int
    lacks: tuple[Missing, ...]
    sets: tuple[Task, ...]
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearMadeUpFor:
    """What was missing in a scheme's year is there."""

    scheme: str
    what: str
    year: int
    ends: tuple[str, ...]


RoundEvent = ConflictsAskedAbout | YearLookedAt | YearMadeUpFor


def begin(record: Tasked, content: object, *, at: datetime) -> tuple[Task, ...]:
    """The first of these times, at once, where they do not run yet under a governance policy."""
    if not isinstance(content, Governance):
        return ()
    return tuple(_time(rule, at) for rule in (ASK, LOOK) if rule not in record.tasks.running)


def ask(
    record: Tasked, *, people: Sequence[str], rules: Governance, calendar: Calendar, at: datetime
) -> list[RoundEvent]:
    """Ask these people now, once its time has come, and again after the policy's interval."""
    if not _due(record, ASK, at):
        return []
    again = _time(ASK, calendar.due(at, rules.conflicts.ask_every))
    return [ConflictsAskedAbout(people=tuple(sorted(people)), sets=(again,))]


def look(
    record: Tasked, *, year: int, missing: Collection[Missing], rules: Governance, calendar: Calendar, at: datetime
) -> list[RoundEvent]:
    """Have what is missing made up for; who has to learns of it at once, is reminded, and the board told when it is late.

    What was missing in a year that is over, and can't be made up for, is asked for no longer.
    """
    if not _due(record, LOOK, at):
        return []
    wanted = {named(MISSING[one.what], f"{one.scheme}:{year}"): one for one in missing}
    running = {name for name, one in record.tasks.running.items() if one.rule in MISSING.values()}
    due_at = calendar.due(at, rules.year.make_up_within)
    remind_at = (at, *moments(due_at, rules.year.remind, calendar, at))
    sets = tuple(
        Task(
            rule=MISSING[one.what],
            about=f"{one.scheme}:{year}",
            due_at=due_at,
            who=MANAGER,
            remind_at=remind_at,
            told=BOARD,
        )
        for name, one in sorted(wanted.items())
        if name not in running
    )
    again = _time(LOOK, calendar.due(at, rules.year.look_every))
    return [
        YearLookedAt(
            year=year,
            lacks=tuple(one for _, one in sorted(wanted.items())),
            sets=(*sets, again),
            ends=tuple(sorted(running - wanted.keys())),
        )
    ]


def make_up(record: Tasked, *, what: str, scheme: str, year: int) -> list[RoundEvent]:
    """Ask no longer for what a scheme's year has now."""
    name = named(MISSING[what], f"{scheme}:{year}")
    if name not in record.tasks.running:
        return []
    return [YearMadeUpFor(scheme=scheme, what=what, year=year, ends=(name,))]


def _time(rule: str, at: datetime) -> Task:
    return Task(rule=rule, due_at=at, who=MANAGER, told=NOBODY)


def _due(record: Tasked, rule: str, at: datetime) -> bool:
    running = record.tasks.running.get(rule)
    return running is not None and running.due_at <= at
