"""Who sits on a panel or a board: its shares of teachers, providers and experts against the scheme's minima.

Source: handbook, People. A share that is missed is told and shown, not refused: whom there is to ask is the body's to mend.
Only backgrounds that somebody verified are counted; a person of two backgrounds counts for both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.person import Person
from domain.scheme_assurance import BACKGROUNDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of the `size` people are of this background, and the percentage that the scheme asks for at least."""

    background: str
    members: int
    size: int
    least: int

    @property
    def percent(self) -> int:
        """The share in whole percent, rounded down."""
        return self.members * 100 // self.size if self.size else 0

    @property
    def met(self) -> bool:
        """Whether that is enough; of nobody, nothing is enough."""
        return self.members * 100 >= self.least * self.size and (self.size > 0 or self.least == 0)


def shares(people: Sequence[Person], minima: Mapping[str, int]) -> tuple[Share, ...]:
    """The share of each background among `people`, each counted once, against the minima (percentages)."""
    members = {one.id: one.competence.verified("background") for one in people}
    return tuple(
        Share(
            background=one,
            members=sum(one in held for held in members.values()),
            size=len(members),
            least=minima.get(one, 0),
        )
        for one in BACKGROUNDS
    )


def missed(found: Sequence[Share]) -> tuple[Share, ...]:
    """Those that are below the scheme's minimum."""
    return tuple(one for one in found if not one.met)
