"""What figures are asked for: a scheme, a period, and what is too little to be said of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.refusals import refuse

FEWEST: Final = 5
"""Of fewer than this nothing is said to the public, and to others that they are few.

With four or fewer in a group each of them, knowing its own, can often tell the others; and a share of so few has an
interval so wide (of 4 of 4: from 51 %) that it says next to nothing.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Figures of one scheme (`cpd-qa` in any version, or `cpd-qa@1`) or of each, from `begins` until, and without, `ends` (UTC)."""

    scheme: str | None = None
    begins: datetime | None = None
    ends: datetime | None = None

    def __post_init__(self) -> None:
        if self.begins and self.ends and self.begins >= self.ends:
            raise refuse(
                "figures-period",
                "the period ends before it begins",
                field="period_until",
                allowed="an instant after its beginning",
            )

    def of_scheme(self, ref: str) -> bool:
        """Whether this scheme version is asked about."""
        return self.scheme in (None, ref, ref.partition("@")[0])

    def holds(self, at: datetime | None) -> bool:
        """Whether an instant (UTC) lies in the period; what has not happened does not."""
        if at is None:
            return False
        return (self.begins is None or self.begins <= at) and (self.ends is None or at < self.ends)


def scheme_of(ref: str) -> str:
    """The scheme of a version: `cpd-qa` of `cpd-qa@1`."""
    return ref.partition("@")[0]
