"""What a process does by its clocks over the years, noted as it comes, so that a test can say when, and that nothing else came."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.clocks import Deadline
from domain.ids import PROCESS_ROLE, kind_of
from tests.factories import Body
from tests.infra.polling import until
from tests.workflows.machinery import LIMIT
from tests.workflows.skipping import SkippingServer

LONDON = ZoneInfo("Europe/London")
CYCLE = 28
"""Years after which days fall as before: weekdays, leap years and the changes of the clocks."""
AHEAD = max(0, -(-(datetime.now(UTC).year + 1 - 2027) // CYCLE)) * CYCLE
"""How many years later than written these tests take place, as time can't be moved back."""


def london(text: str) -> datetime:
    """The instant at which London's clocks show `2027-03-28 09:30`, or the end of the day `2027-03-28`."""
    wall = datetime.fromisoformat(text if ":" in text else f"{text} 23:59:59")
    return wall.replace(year=wall.year + AHEAD, tzinfo=LONDON).astimezone(UTC)


def same_time(instant: datetime, day: str) -> datetime:
    """The instant on that day at which London's clocks show the same time as at `instant`, to the microsecond."""
    wall = instant.astimezone(LONDON)
    there = london(f"{day} 00:00").astimezone(LONDON)
    return wall.replace(year=there.year, month=there.month, day=there.day).astimezone(UTC)


def shifted(source: str) -> str:
    """A scheme's text with its holidays moved by as many years."""
    return re.sub(r"\b(20\d\d)-(?=\d\d-\d\d\b)", lambda found: f"{int(found[1]) + AHEAD}-", source)


class Diary:
    """Goes through the years with one case and what comes of it."""

    def __init__(self, body: Body, time: SkippingServer) -> None:
        self._body = body
        self._time = time
        self._noted: dict[str, list[tuple[datetime, str]]] = {}

    def go_to(self, text: str) -> None:
        """Go to an instant, as London's clocks show it, at which somebody acts."""
        self._time.go_to(london(text))

    def comes(self, moment: datetime, stream: str, *said: str) -> None:
        """Go to a minute before, when it has not come yet, and then to the instant, when it has.

        It is one step, taken for exactly that instant; `said` is each of its events, by name and where it has one its rule.
        """
        noted = self._noted.setdefault(stream, [])
        if self._time.now() < moment - timedelta(minutes=1):
            self._time.go_to(moment - timedelta(minutes=1))
            early = [one for one in self._by_clock(stream) if one not in noted]
            assert not early, f"{early} came before {moment}"
            self._time.go_to(moment)
        noted += [(moment, one) for one in said]
        until(lambda: all(one in self._by_clock(stream) for one in noted[-len(said) :]), LIMIT)

    def runs(self, stream: str, rule: str, due: datetime, *reminders: datetime) -> None:
        """The clock that runs for it, with its deadline and all its reminders."""
        wanted = Deadline(rule=rule, due_at=due, remind_at=reminders)
        until(lambda: self._clock(stream) == wanted, LIMIT)

    def close(self, *streams: str) -> None:
        """Nothing came by the clock to any of these but what is noted."""
        for stream in streams:
            assert sorted(self._by_clock(stream)) == sorted(self._noted.get(stream, []))

    def _clock(self, stream: str) -> Deadline | None:
        held = self._body.state(stream)
        clock: Deadline | None = held.asked.clock if kind_of(stream) == "accreditation" and held.asked else held.clock
        return clock

    def _by_clock(self, stream: str) -> list[tuple[datetime, str]]:
        """Each event that a step by the clock recorded: the instant it was taken for, its name, and its rule."""
        found = []
        for one in self._body.recorded(stream):
            called_for = one.command.split("/")
            if one.role == PROCESS_ROLE and len(called_for) == 4:  # the last part is the instant
                name, rule = type(one.event).__name__, getattr(one.event, "rule", "")
                assert one.at - datetime.fromisoformat(called_for[3]) < timedelta(minutes=1), one
                found.append((datetime.fromisoformat(called_for[3]), f"{name} {rule}".strip()))
        return found
