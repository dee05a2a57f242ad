"""What a check found: exactly what is wrong, and since which checkpoint it was sealed; and what it looked at."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from infra.seals.note import NoCheckpoint
from infra.seals.shelf import Seal

SHOWN: Final = 200
"""Findings of one kind that are listed; of more only their number is said."""
NOT_SEALED: Final = ("letters", "who looked")
"""What is kept and no checkpoint seals: it is no part of the record, and could be changed without being found."""
Verdict = Literal["as-sealed", "nothing-sealed", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong with `what` (`record`, `checkpoint`, `tree`, `text`, `vault`, `scheme`, `read model`, …).

    It names the event by stream, version and position where there is one; `since` is the checkpoint by which it was sealed.
    """

    what: str
    found: str
    stream: str | None = None
    version: int | None = None
    position: int | None = None
    since: str | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """What was checked (`events`, `bytes`, checkpoints) and what was found; `unsealed` events, the oldest `since` then (UTC).

    `latest` is the latest checkpoint that is kept. How many are `unsealed` is None where that can't be told: where the
    checkpoints or the events are not as they were sealed, or were not looked at.

    `not_compared` are read models that this version has not built; `behind` those that were compared as far as they have got, the position. `waiting` is what else is not sealed yet, in words: how many of it, the oldest since then (UTC). `undated` are kept checkpoints that
    don't sign when they were made.
    `restored` are the lines that checkpoints have of backups that were restored.
    """

    events: int = 0
    bytes: int = 0
    checked: list[str] = field(default_factory=list)
    checkpoints: int = 0
    latest: str | None = None
    unsealed: int | None = None
    unsealed_since: datetime | None = None
    undated: int = 0
    waiting: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    not_compared: list[str] = field(default_factory=list)
    behind: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    more: dict[str, int] = field(default_factory=dict)
    restored: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def verdict(self) -> Verdict:
        """What it comes to. Nothing that was found says little where there was nothing to hold the record against."""
        if not self.well:
            return "wrong"
        return "as-sealed" if self.checkpoints else "nothing-sealed"

    def add(self, finding: Finding) -> None:
        """Note a finding, or count it where there are many of its kind."""
        if sum(one.what == finding.what for one in self.findings) < SHOWN:
            self.findings.append(finding)
        else:
            self.more[finding.what] = self.more.get(finding.what, 0) + 1


def called(seal: Seal) -> str:
    """What a checkpoint is called in words."""
    return f"the checkpoint of {seal.size:,} events, {signed_at(seal):%-d %B %Y %H:%M:%S} UTC"


def signed_at(seal: Seal) -> datetime:
    """When a checkpoint was made (UTC), as it says itself where it does."""
    with suppress(NoCheckpoint):
        return seal.checkpoint.made_at or seal.made_at
    return seal.made_at


def sealed_by(seals: Sequence[Seal], index: int) -> str | None:
    """The first checkpoint that sealed leaf `index`, in words; None while none has."""
    found = min((one for one in seals if one.size > index), key=lambda one: (one.size, one.number), default=None)
    return called(found) if found else None


def kept_by(seals: Sequence[Seal], number: int) -> str | None:
    """The first checkpoint that sealed the digest of this number, in words; None while none has."""
    found = min((one for one in seals if one.kept > number), key=lambda one: (one.kept, one.number), default=None)
    return called(found) if found else None
