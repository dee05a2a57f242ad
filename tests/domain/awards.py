"""Given awards: an accreditation under a scheme of the test's own, and what can be done with one."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.accreditation import Accreditation, AccreditationEvent, concerns, evolve
from domain.accreditation import award as awards
from domain.award import AwardLevel
from domain.clocks import Duration
from domain.scheme import Annual, Scheme
from tests.domain.given import AWARD, CASE, LEAD, NOON, PROVIDER, SCHEME, fold, member, text

AGAIN = "submission-again"
GIVEN: dict[str, Any] = {
    "id": AWARD,
    "submission": CASE,
    "provider": PROVIDER,
    "lead_contact": LEAD,
    "scheme": SCHEME,
    "level": "marked",
    "category": "single",
    "subject": "science",
    "phase": "primary",
    "decided_at": NOON,
    "strengths": ("1.1",),
}
YEARLY = replace(
    SCHEME,
    annual=Annual(certificates=3, confirm_within=Duration.parse("P28D"), remind_confirm=(Duration.parse("P14D"),)),
)
LEVELS = replace(
    SCHEME,
    upgrade=True,
    awards=tuple(
        AwardLevel(name=name, form="every-criterion-at-least", level=level)
        for name, level in (("bronze", "middle"), ("gold", "high"))
    ),
)
EXTENDING = replace(SCHEME, extension=Duration.parse("P6M"))
RAY, EVE = member("ray", "officer"), member("eve", "moderator")
"""Two who may review a concern."""


def awarded(**given: Any) -> Accreditation:
    return fold(evolve, Accreditation(), awards.award(Accreditation(), **{**GIVEN, **given}))


def after(award: Accreditation, events: list[AccreditationEvent]) -> Accreditation:
    """The award after these events; there has to be one."""
    assert events
    return fold(evolve, award, events)


def renewing(decided_at: datetime, submission: str = AGAIN, scheme: Scheme = SCHEME) -> dict[str, Any]:
    return {
        "submission": submission,
        "scheme": scheme,
        "level": "marked",
        "decided_at": decided_at,
        "strengths": (),
    }


def renewed(award: Accreditation, decided_at: datetime, submission: str = AGAIN) -> Accreditation:
    return fold(evolve, award, awards.renew(award, **renewing(decided_at, submission)))


def end(award: Accreditation) -> datetime:
    return award.periods[-1].ends_at


def concerned(award: Accreditation | None = None, id: str = "concern-a", by: str | None = None) -> Accreditation:
    award = award or awarded()
    said = {"text": text("It is not taught"), "scheme": SCHEME, "at": NOON}
    return after(award, concerns.raise_concern(award, id=id, raised_by=by, **said))


def in_review(award: Accreditation | None = None, id: str = "concern-a", at: datetime = NOON) -> Accreditation:
    award = award or concerned(id=id)
    return after(award, concerns.open_review(award, concern=id, reviewer=RAY, took_part=(), scheme=SCHEME, at=at))


def found(award: Accreditation, finding: str, at: datetime, id: str = "concern-a", **to: Any) -> Accreditation:
    """The award after a review, opened if none runs, found this at this instant."""
    if award.concerns[id].reviewer is None:
        award = in_review(award, id, at)
    said = {"finding": finding, "reason": text("So it is"), "scheme": SCHEME, "at": at, **to}
    return after(award, concerns.conclude_review(award, concern=id, by=RAY, **said))


def suspended(at: datetime, award: Accreditation | None = None) -> Accreditation:
    return found(concerned(award), "suspend", at)
