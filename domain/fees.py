"""What a provider is charged, when, and how much: by size band, by type and roll, or flat; in parts; less for groups.

Source: handbook, Money. An outcome changes no fee: nothing here knows one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

WAYS = ("flat", "size_band", "type_and_roll")
MOMENTS = ("registration", "submission", "reaccreditation", "upgrade")
"""When a fee falls due: on registering, on submitting, or on registering to earn an award again or a higher one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeItem:
    """One fee of a scheme, in minor units: an `amount`, `amounts` by size band, or `rolls` by provider type.

    A roll is a list of (up to so many learners, amount), in order. `percent` is the part of it that falls due at this
    moment, `group_discount` the percentage off for providers that go through together.
    """

    kind: str
    due: str
    by: str = "flat"
    amount: int = 0
    amounts: Mapping[str, int]
    rolls: Mapping[str, tuple[tuple[int, int], ...]]
    percent: int = 100
    group_discount: int = 0

    def charge(self, *, size_band: str, provider_type: str, roll: int, grouped: bool) -> int:
        """Return what this provider is charged, in whole minor units, halves rounded up."""
        match self.by:
            case "size_band":
                full = self.amounts[size_band]
            case "type_and_roll":
                steps = self.rolls[provider_type]
                full = next((amount for up_to, amount in steps if roll <= up_to), steps[-1][1])
            case _:
                full = self.amount
        share = full * self.percent * (100 - (self.group_discount if grouped else 0))
        return (share + 5_000) // 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """All fees of a scheme, in minor units of `currency`."""

    currency: str
    items: tuple[FeeItem, ...]

    def due_at(self, moment: str) -> tuple[FeeItem, ...]:
        """The fees that fall due at a moment."""
        return tuple(item for item in self.items if item.due == moment)
