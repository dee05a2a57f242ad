"""Clocks: durations, the scheme's calendar, and deadlines as instants with the rule that set them.

Source: handbook, "Rules that hold everywhere", Clocks. All instants are aware UTC datetimes; whole days, months and
years are counted on the wall clock of the scheme's time zone, so that they are right across daylight saving time.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.refusals import refuse

_ISO = re.compile(
    r"P(?=.)(?:(?P<years>[0-9]+)Y)?(?:(?P<months>[0-9]+)M)?(?:(?P<weeks>[0-9]+)W)?(?:(?P<days>[0-9]+)D)?"
    r"(?:T(?=.)(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?(?:(?P<seconds>[0-9]+(?:\.[0-9]+)?)S)?)?"
)
_WORKING_DAYS = re.compile(r"(?P<days>[0-9]+) working days?")
DURATION_FORM = (
    "an ISO 8601 duration such as P12M, P14D or PT30S, or '10 working days'; more than nothing, at most 100 years"
)
_MOST = 100.0  # years
_IN_A_YEAR = {
    "years": 1,
    "months": 12,
    "weeks": 52,
    "days": 365,
    "hours": 8760,
    "minutes": 525_600,
    "seconds": 31_536_000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time as a scheme states it; months and days are calendar lengths, `seconds` an exact one."""

    text: str
    months: int = 0
    days: int = 0
    working_days: int = 0
    seconds: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read an ISO 8601 duration, or `N working days`. Raises ValueError saying what is allowed."""
        working = _WORKING_DAYS.fullmatch(text)
        found = working or _ISO.fullmatch(text)
        part = {name: float(value or 0) for name, value in found.groupdict().items()} if found else {}
        if not 0 < sum(value / _IN_A_YEAR[name] for name, value in part.items()) <= _MOST:
            raise ValueError(f"{text!r} is not a duration; allowed: {DURATION_FORM}")
        if working:
            return cls(text=text, working_days=int(part["days"]))
        return cls(
            text=text,
            months=int(part["years"] * 12 + part["months"]),
            days=int(part["weeks"] * 7 + part["days"]),
            seconds=part["hours"] * 3600 + part["minutes"] * 60 + part["seconds"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The scheme's time zone, its days off, and when a deadline given in whole days ends on its last day."""

    zone: str
    holidays: frozenset[date] = frozenset()
    day_ends: time | None = None

    def local(self, at: datetime) -> datetime:
        """Show a UTC instant on the scheme's wall clock."""
        return at.astimezone(ZoneInfo(self.zone))

    def begins(self, day: date) -> datetime:
        """Return the UTC instant at which a day begins on the scheme's wall clock."""
        return datetime.combine(day, time(), tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, and no holiday of this calendar."""
        return day.weekday() < 5 and day not in self.holidays

    def working_days(self, start: datetime, end: datetime) -> int:
        """How many working days after the day of `start` the day of `end` is: 0 for what is done the same day, or by the weekend."""
        first, last = self.local(start).date(), self.local(end).date()
        weeks, left = divmod((last - first).days, 7)
        rest = sum((first + timedelta(days=one)).weekday() < 5 for one in range(1, left + 1))
        off = sum(first < day <= last and day.weekday() < 5 for day in self.holidays)
        return weeks * 5 + rest - off

    def after(self, start: datetime, length: Duration) -> datetime:
        """Return the UTC instant `length` after `start`, on the calendar: three years after 29 February is 28 February.

        A wall-clock time that daylight saving skips is taken as the instant the clock was put forward by that much.
        """
        return self._moved(start, length, +1)

    def before(self, end: datetime, length: Duration) -> datetime:
        """Return the UTC instant `length` before `end`, on the calendar."""
        return self._moved(end, length, -1)

    def due(self, start: datetime, length: Duration) -> datetime:
        """Like `after`; a length in whole days or months ends at `day_ends` of its last day, where the calendar has one."""
        moved = self.after(start, length)
        if self.day_ends is None or length.seconds:
            return moved
        last_day = self.local(moved).replace(
            hour=self.day_ends.hour, minute=self.day_ends.minute, second=self.day_ends.second, microsecond=0, fold=0
        )
        return last_day.astimezone(UTC)

    def _moved(self, at: datetime, length: Duration, sign: int) -> datetime:
        wall = self.local(at)
        if length.months:
            count = wall.year * 12 + wall.month - 1 + sign * length.months
            year, month = divmod(count, 12)
            day = min(wall.day, calendar.monthrange(year, month + 1)[1])
            wall = wall.replace(year=year, month=month + 1, day=day, fold=0)
        if length.days:
            wall = wall + timedelta(days=sign * length.days)
        left = length.working_days
        while left:
            wall = wall + timedelta(days=sign)
            left -= self.is_working_day(wall.date())
        return wall.astimezone(UTC) + timedelta(seconds=sign * length.seconds)


def checked_instant(at: datetime, *, field: str) -> datetime:
    """Return `at` in UTC; refuses one without an offset, which could mean anything, and one that can't be meant."""
    if at.utcoffset() is None or not 2000 <= at.year < 2200:
        raise refuse(
            "instants",
            f"{at.isoformat()} {'has no offset from UTC' if at.utcoffset() is None else 'is out of range'}",
            field=field,
            allowed="an instant with its offset from UTC, from the year 2000 and before 2200",
        )
    return at.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A running clock: the rule that set it, the instant it is due, and the instants to remind at before (UTC)."""

    rule: str
    due_at: datetime
    remind_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The next thing that time does to a case: the step, and its instant (UTC)."""

    step: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSent:
    """A reminder went out for `rule`, due at `due_at`; it was planned for `planned_for`, and stands for
    `overtaken` earlier ones that an outage had held up. `last_window` names the last window that is still of use,
    `about` tells tasks of the same rule in one matter apart.
    """

    rule: str
    due_at: datetime
    planned_for: datetime
    overtaken: int = 0
    last_window: str | None = None
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMissed:
    """The deadline of `rule` passed; operations are told, or whom the task names. `about` is as in a reminder."""

    rule: str
    due_at: datetime
    about: str = ""


def reminder_due(
    deadline: Deadline, sent: frozenset[tuple[str, datetime, datetime]], at: datetime, last_window: str | None = None
) -> list[ReminderSent]:
    """Decide which reminder goes out at `at`: at most one, the latest planned one that has not gone.

    Reminders are keyed by rule, due date and planned instant (and by case, whose stream they are in). Those overtaken
    by an outage collapse into the latest. Nothing is sent once the deadline itself has passed.
    """
    planned = [moment for moment in _still_planned(deadline, sent) if moment <= at]
    if not planned or at >= deadline.due_at:
        return []
    return [
        ReminderSent(
            rule=deadline.rule,
            due_at=deadline.due_at,
            planned_for=max(planned),
            overtaken=len(planned) - 1,
            last_window=last_window,
        )
    ]


def _still_planned(deadline: Deadline, sent: frozenset[tuple[str, datetime, datetime]]) -> list[datetime]:
    """The reminders after the last one that went out; what that one overtook is dealt with."""
    gone = [moment for moment in deadline.remind_at if (deadline.rule, deadline.due_at, moment) in sent]
    last = max(gone, default=None)
    return [moment for moment in deadline.remind_at if last is None or moment > last]


def reminder_key(reminder: ReminderSent) -> tuple[str, datetime, datetime]:
    """The key under which a reminder counts as sent, within its case."""
    return (reminder.rule, reminder.due_at, reminder.planned_for)


def next_reminder(deadline: Deadline, sent: frozenset[tuple[str, datetime, datetime]], at: datetime) -> datetime | None:
    """Return when the next reminder for this deadline is to go out (UTC), or None when all have gone.

    None as well once the deadline itself has passed at `at`: then nothing is sent any more, and its passing comes next.
    """
    if at >= deadline.due_at:
        return None
    return min(_still_planned(deadline, sent), default=None)
