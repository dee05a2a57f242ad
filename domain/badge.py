"""Which badges an award has had: one for each period that it ever had, replaced when a period is changed, never changed itself.

A badge that was given out can't be called back, so that what is said anew is another badge, and the former one is revoked for
good. So is that of an award that is suspended: once it is reinstated it has another one.
Source: handbook, sections 9 to 12; docs/decisions/0032.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.accreditation.state import Accreditation, evolve
from domain.accreditation.validity import Period

VALID, SUSPENDED, REVOKED, ENDED, TO_BEGIN = "valid", "suspended", "revoked", "ended", "to-begin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """The badge `number` (from 1) of an award, for one period under `scheme`; `since` is when that was decided (UTC).

    `index` is its place among all badges of the body, from 0, in the order in which they came on record; it is not used
    again. `superseded`: the award has no such period any more, since it was reduced, withdrawn, annulled, prolonged or
    decided anew, or it was suspended.
    """

    accreditation: str
    number: int
    index: int
    period: Period
    scheme: str
    strengths: tuple[str, ...]
    since: datetime
    superseded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Badges:
    """An award as its events leave it, and the badges that it has had."""

    award: Accreditation = field(default_factory=Accreditation)
    badges: tuple[Badge, ...] = ()

    def after(self, event: Any, *, accreditation: str, index: int, at: datetime) -> "Badges":
        """Apply an event of the award, which holds at `at`; `index` is the next one that is free."""
        award = evolve(self.award, event)
        suspended = _suspended(award)
        if award.periods == self.award.periods and suspended == _suspended(self.award):
            return Badges(award=award, badges=self.badges)

        def stands(period: Period) -> bool:
            return not suspended or period.ends_at <= at

        kept = [
            replace(one, superseded=one.superseded or one.period not in award.periods or not stands(one.period))
            for one in self.badges
        ]
        held = [one.period for one in kept if suspended or not one.superseded]
        fresh = [one for one in award.periods if one not in held]
        made = [
            _made(
                award,
                period,
                accreditation=accreditation,
                number=len(kept) + place,
                index=index + place - 1,
                at=at,
                superseded=not stands(period),
            )
            for place, period in enumerate(fresh, 1)
        ]
        return Badges(award=award, badges=(*kept, *made))

    def revoked(self, badge: Badge, at: datetime) -> bool:
        """Whether the badge is revoked at `at` (UTC): it is from then on."""
        return badge.superseded or self._taken_away(badge, at)

    def standing(self, badge: Badge, at: datetime) -> str:
        """Whether what the badge says holds at `at` (UTC), and if not, why; that of a suspended award says that it is."""
        if self._taken_away(badge, at) or (badge.superseded and not self._waits(badge)):
            return REVOKED
        if at >= badge.period.ends_at:
            return ENDED
        if self.award.suspended_on(at):
            return SUSPENDED
        return TO_BEGIN if at < badge.period.starts_at else VALID

    def award_standing(self, at: datetime) -> str:
        """Where the award stands at `at` (UTC) in the handbook's words; `ended` or `to-begin` by its dates, before its process says so."""
        said, shown = self.award.standing(at), self.shown(at)
        by_dates = self.standing(shown, at) if shown else said
        return by_dates if said in {"accredited", "extended"} and by_dates in {ENDED, TO_BEGIN} else said

    def shown(self, at: datetime) -> Badge | None:
        """The badge to show at `at`: the one whose period that is in, or else the last to stand, or the last of all."""
        standing = [one for one in self.badges if not one.superseded or self._waits(one)]
        now = [one for one in standing if one.period.starts_at <= at < one.period.ends_at]
        return next(reversed(now or _by_end(standing) or self.badges), None)

    def _waits(self, badge: Badge) -> bool:
        """Whether nothing but a suspension that lasts is why the badge is revoked."""
        later = any(one.period == badge.period for one in self.badges[badge.number :])
        return _suspended(self.award) and badge.period in self.award.periods and not later

    def _taken_away(self, badge: Badge, at: datetime) -> bool:
        """Whether the award was withdrawn or annulled, which cut this period short."""
        ends = (self.award.withdrawn_at, self.award.annulled_at)
        return any(one is not None and one <= at and one == badge.period.ends_at for one in ends)


def _suspended(award: Accreditation) -> bool:
    """Whether a suspension of it lasts."""
    return any(one.ends_at is None for one in award.suspensions)


def _by_end(badges: Sequence[Badge]) -> list[Badge]:
    return sorted(badges, key=lambda one: one.period.ends_at)


def _made(award: Accreditation, period: Period, **said: Any) -> Badge:
    earned = award.earned[period.submission]
    return Badge(period=period, scheme=earned.scheme, strengths=earned.strengths, since=said.pop("at"), **said)
