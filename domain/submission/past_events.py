"""What was decided before the body kept its record here: a submission of which no more is known than how it ended."""

from dataclasses import dataclass
from datetime import datetime

from domain.texts import TextRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionImported:
    """A programme was decided elsewhere, at `decided_at` (UTC), by what the body brought with it.

    It tells who assessed it and what was left for consideration, when it is to be earned again. `accreditation` is the
    award that it earned, where that was brought too; `reference` is what the body called it. It is over: nothing follows.
    """

    submission: str
    provider: str
    lead_contact: str
    scheme: str
    category: str
    subject: str
    phase: str
    title: TextRef
    reference: TextRef
    outcome: str
    level: str | None
    decided_at: datetime
    assessor: str | None
    strengths: tuple[str, ...]
    areas: tuple[str, ...]
    accreditation: str | None = None

    @property
    def over(self) -> bool:
        """It is decided: there is nothing for a process to do."""
        return True
