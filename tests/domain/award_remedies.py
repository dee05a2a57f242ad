"""Given awards that an appeal is about, and what it decides: a second result, a finding replaced, a case judged again."""

from datetime import datetime
from typing import Any

from domain.accreditation import (
    Accreditation,
    AccreditationEvent,
    remedy,
)
from domain.accreditation import award as awards
from domain.scheme import Scheme
from tests.domain.awards import (
    AGAIN,
    EXTENDING,
    LEVELS,
    after,
    awarded,
    end,
    renewing,
)
from tests.domain.given import CASE, DAY, NOON, SCHEME, text

LATER = NOON + 100 * DAY
END = end(awarded())


def follow(
    award: Accreditation, level: str | None = None, at: datetime = LATER, **said: Any
) -> list[AccreditationEvent]:
    """A second result of the submission that earned it: at this level, or not awarded."""
    said = {"submission": CASE, "appeal": "appeal-a", "strengths": ("1.1",), "scheme": LEVELS, "noted_at": at} | said
    return remedy.follow_result(award, level=level, decided_at=at, **said)


def replaced(
    award: Accreditation, at: datetime = LATER, scheme: Scheme = SCHEME, **said: Any
) -> list[AccreditationEvent]:
    said = {"concern": "concern-a", "appeal": "appeal-a", "reason": text("it was taught")} | said
    return remedy.replace_review(award, scheme=scheme, at=at, **said)


def reopened(award: Accreditation, at: datetime = LATER, submission: str = AGAIN) -> list[AccreditationEvent]:
    return remedy.reopen_reaccreditation(award, submission=submission, appeal="appeal-a", at=at)


def of_levels(level: str = "bronze", scheme: Scheme = LEVELS) -> Accreditation:
    return awarded(scheme=scheme, level=level)


def raised(award: Accreditation | None = None, at: datetime = NOON + 50 * DAY) -> Accreditation:
    """The award at the higher level, earned by another submission."""
    award = award or of_levels()
    return after(award, awards.upgrade(award, **{**renewing(at, scheme=LEVELS), "level": "gold"}))


def handed_in(award: Accreditation, at: datetime, submission: str = AGAIN, scheme: Scheme = EXTENDING) -> Accreditation:
    return after(award, awards.submit_reaccreditation(award, submission=submission, scheme=scheme, at=at))


def ended(award: Accreditation, at: datetime, submission: str = AGAIN) -> Accreditation:
    said = {"submission": submission, "outcome": "not_awarded", "at": at}
    return after(award, awards.end_reaccreditation(award, **said))
