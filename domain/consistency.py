"""How far assessors agree: what the comparisons of blind markings add up to, criterion by criterion.

Source: handbook, section 5 (a sample is marked blind by a second assessor), and what outside standards ask of a body.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from domain.calibration import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """Of one criterion of a scheme: how many were marked twice, and of them alike, one step of the scale apart, or further."""

    scheme: str
    criterion: str
    compared: int
    alike: int
    one_apart: int

    @property
    def further(self) -> int:
        return self.compared - self.alike - self.one_apart

    @property
    def share(self) -> float:
        """The share that was marked alike."""
        return self.alike / self.compared


def consistency(compared: Iterable[tuple[str, Agreement]]) -> tuple[Consistency, ...]:
    """Add up comparisons, each with the scheme that it is of; by scheme and criterion."""
    steps: dict[tuple[str, str], list[int]] = defaultdict(list)
    for scheme, one in compared:
        steps[scheme, one.criterion].append(one.apart)
    return tuple(
        Consistency(
            scheme=scheme, criterion=criterion, compared=len(apart), alike=apart.count(0), one_apart=apart.count(1)
        )
        for (scheme, criterion), apart in sorted(steps.items())
    )
