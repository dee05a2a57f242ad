"""Windows that closed later for all, and the portfolios that came in only because of that: each is a deviation of its case."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.conformance.path import Happened
from domain.submission.events import PortfolioSubmitted
from domain.window import WindowExtended, WindowScheduled


@dataclass(slots=True)
class Windows:
    """When each window was to close before each of its extensions, as far as its events were followed, in the log's order."""

    _closes: dict[str, datetime] = field(default_factory=dict)
    _extended: dict[str, list[tuple[datetime, Happened]]] = field(default_factory=dict)

    def follow(self, one: Happened) -> None:
        """Take in an event of a window."""
        if isinstance(one.event, WindowExtended) and one.stream in self._closes:
            self._extended.setdefault(one.stream, []).append((self._closes[one.stream], one))
        if isinstance(one.event, WindowScheduled | WindowExtended):
            self._closes[one.stream] = one.event.closes_at

    def let_in(self, one: Happened) -> Happened | None:
        """The extension without which this portfolio would have come after its window closed; None where there is none."""
        window = one.event.window if isinstance(one.event, PortfolioSubmitted) else ""
        needed = [event for closed_at, event in self._extended.get(window, ()) if closed_at <= one.at]
        return needed[-1] if needed else None
