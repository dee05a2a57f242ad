"""What is played: the scheme, the results, the assessors' first judgements, and each submission that comes of them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.clocks import Duration
from domain.scheme import Scheme
from infra.play.results import Results


@dataclass(slots=True)
class Entry:
    """One submission of the play. `cycle` is `first`, `again` or `renewal`; `wanted` the results it is to end with."""

    number: str
    cycle: str
    submission: str
    provider: str
    contact: str
    wanted: dict[str, str]
    judged: dict[str, str]
    window: str = ""
    submits: bool = True
    answers: bool = True
    meeting: str = ""

    @property
    def key(self) -> str:
        return f"{self.cycle}/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is played: the scheme, the results, the assessors' first judgements, and what is special about which row."""

    scheme: Scheme
    results: Results
    first: Results
    again: Results
    no_answer: frozenset[str] = frozenset()
    never_submits: frozenset[str] = frozenset()
    reaccredits: frozenset[str] = frozenset()

    def ahead(self) -> list[Duration]:
        """How long ahead of an assessment it is booked, and its portfolio is in, where the scheme says so."""
        route = self.scheme.route
        return [one for one in (route.earliest_booking, route.preview_before) if one]

    def applies_for(self, wanted: dict[str, str]) -> str | None:
        """The level that a provider with these results applies for, where that is asked: the highest it comes to, or the lowest."""
        scheme = self.scheme
        if scheme.award_choice != "applied":
            return None
        levels = [award.name for award in scheme.awards]
        come_to = [one for one in levels if scheme.outcome(wanted, tuple(scheme.criteria), one).level]
        return come_to[-1] if come_to else levels[0]


def now() -> datetime:
    """The real time: no clock is faked in a play."""
    return datetime.now(UTC)
