"""The badges of all awards, followed through the log from the record itself, so that a suspension shows at once.

Indexes are given in the order of the log, which only grows, so that they are the same wherever they are counted.
"""

import threading
from collections.abc import Callable
from typing import Final

from domain.accreditation.events import AccreditationEvent
from domain.badge import Badge, Badges
from domain.events import recorded_names
from services.ports import Records

PAGE: Final = 5_000
TOPICS: Final = tuple(sorted({name for kind in AccreditationEvent.__args__ for name in recorded_names(kind)}))
"""What is recorded of an award; the same names stand in other streams too, which are passed over."""


class AllBadges:
    """The badges that all awards have had, as far as the log goes; any thread may ask."""

    def __init__(self, records: Records, last: Callable[[], int]) -> None:
        """Follow `records`, whose last position `last` says: what is before it is final, and is not looked through again."""
        self._records = records
        self._last = last
        self._lock = threading.Lock()
        self._position = 0
        self._held: dict[str, Badges] = {}
        self._order: list[tuple[str, int]] = []

    def of(self, accreditation: str) -> Badges | None:
        """The badges of one award; None where there is no such award."""
        with self._lock:
            self._follow()
            return self._held.get(accreditation)

    def within(self, first: int, last: int) -> list[tuple[Badge, Badges]]:
        """The badges whose indexes go from `first` up to, and without, `last`, each with its award."""
        with self._lock:
            self._follow()
            return [
                (self._held[award].badges[number - 1], self._held[award]) for award, number in self._order[first:last]
            ]

    def _follow(self) -> None:
        last = self._last()
        while page := self._records.read_log(self._position, PAGE, TOPICS):
            for one in page:
                if one.stream.startswith("accreditation-"):
                    held = self._held.get(one.stream, Badges())
                    later = held.after(one.event, accreditation=one.stream, index=len(self._order), at=one.at)
                    self._order += [(one.stream, each.number) for each in later.badges[len(held.badges) :]]
                    self._held[one.stream] = later
            self._position = page[-1].position
        self._position = max(self._position, last)
