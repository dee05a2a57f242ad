"""The term of an appointment: from when until when it holds by itself, without anybody doing anything.

Source: handbook, People: appointments have a term, and authority ends with it.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.refusals import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """From `starts_at` and until `ends_at` (UTC), where there is a start or an end."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def runs(self, at: datetime) -> bool:
        """Whether it has begun at `at`, and has not ended."""
        return (self.starts_at is None or self.starts_at <= at) and not self.ended(at)

    def ended(self, at: datetime) -> bool:
        """Whether it is over at `at`."""
        return self.ends_at is not None and self.ends_at <= at


ALWAYS = Term()


def appointed(held: Term | None, wanted: Term, *, at: datetime) -> Term | None:
    """Return the term that an appointment has from now on, or None where it has it already; `held` is the present one.

    Appointed again while the appointment runs, somebody goes on in it until the new end. Refuses a start in the past, an
    end before the start, and a later start while the appointment runs: it would make a gap.
    """
    if held and not held.ended(at) and wanted in (held, Term(ends_at=held.ends_at)):
        return None
    runs = held is not None and held.runs(at)
    if runs and wanted.starts_at is not None:
        raise refuse(
            "appointment-term",
            "this appointment runs already",
            field="starts_at",
            allowed="no start: it goes on until its new end; or ending it first",
        )
    if wanted.starts_at is not None and wanted.starts_at < at:
        raise refuse(
            "appointment-term",
            "this appointment would begin in the past",
            field="starts_at",
            allowed=f"a start from {at.isoformat()}, or none",
        )
    if wanted.ended(wanted.starts_at or at):
        raise refuse(
            "appointment-term",
            "this appointment would be over before it begins",
            field="ends_at",
            allowed=f"an end after {(wanted.starts_at or at).isoformat()}, or none",
        )
    return Term(starts_at=held.starts_at if runs and held else wanted.starts_at, ends_at=wanted.ends_at)
