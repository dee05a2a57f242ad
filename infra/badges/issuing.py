"""Badges are given out as they are now: looked up in the record, said in words, signed, and baked into their picture.

The same award in the same state gives the same bytes: a proof is dated by when the badge came to be. What takes long to make
is kept for who asks next.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from domain.badge import Badge, Badges
from domain.ids import kind_of
from domain.refusals import refuse
from infra.badges.credential import ENTRIES, credential, status_list
from infra.badges.facts import Facts, facts_of
from infra.badges.keys import Issuer
from infra.badges.picture import as_png, baked_png, baked_svg, drawn
from infra.badges.signing import Credential, as_jwt, signed, written
from infra.bootstrap import App
from services.awards import accreditation_id
from services.states import fold

TYPES: Final = {
    "json": "application/vc+ld+json",
    "jwt": "application/vc+jwt",
    "svg": "image/svg+xml",
    "png": "image/png",
}
"""The forms in which a badge is given out, each with its media type."""
RENEWED: Final = timedelta(minutes=5)
"""How old what a status list says of itself may be; a bit that changed shows at once."""


@dataclass(frozen=True, slots=True)
class Issuing:
    """What gives badges out: the record, and who signs."""

    app: App
    issuer: Issuer

    def award(self, case: str) -> Badges:
        """The badges of an award, by its id or by that of a submission that earned it. Refuses where there is none (`badge-of-award`)."""
        found = self.app.badges.of(self._award_of(case))
        if found is None or not found.badges:
            raise refuse(
                "badge-of-award",
                "no award was made, so that there is no badge and nothing to certify",
                field="case",
                allowed="an award, or a submission that earned one, once its result is released",
            )
        return found

    def facts(self, held: Badges, badge: Badge) -> Facts:
        """What a badge says, in words."""
        return facts_of(self.app, held.award, badge.period, scheme=badge.scheme, strengths=badge.strengths)

    def given(self, held: Badges, badge: Badge, form: str, at: datetime) -> bytes:
        """The badge in one of the forms of `TYPES`, as of `at` (UTC)."""
        forms = {"json": self._json, "jwt": self._jwt, "svg": self._svg, "png": self._png}
        return forms[form](held, badge, at)

    def credential(self, held: Badges, badge: Badge) -> Credential:
        """What the badge says, not signed yet."""
        return credential(badge, self.facts(held, badge), self.issuer)

    def status(self, number: int, at: datetime) -> bytes:
        """A signed status list, as of `at` (UTC). Refuses one that no badge is in (`not-found`)."""
        here = self.app.badges.within(number * ENTRIES, (number + 1) * ENTRIES)
        if not here and number:
            raise refuse("not-found", "there is no such list", field="number", allowed="a list that a badge names")
        marked = tuple(one.index for one, held in here if held.revoked(one, at))
        whole = datetime.fromtimestamp(at.timestamp() // RENEWED.total_seconds() * RENEWED.total_seconds(), at.tzinfo)
        return _status(number, marked, self.issuer, whole)

    def _award_of(self, case: str) -> str:
        if kind_of(case) != "submission":
            return case
        held = fold(case, self.app.records.streams(case)[case].entries)
        follows: str | None = held.registration.accreditation if held.id else None
        return follows or accreditation_id(case)

    def _picture(self, held: Badges, badge: Badge, at: datetime) -> str:
        facts = self.facts(held, badge)
        return drawn(
            title=facts.programme,
            holder=facts.holder,
            award=f"{facts.scheme_title}: {facts.level}",
            until=f"{facts.day(badge.period.starts_at)} to {facts.last_day(badge.period.ends_at)}",
            standing=held.standing(badge, at),
        )

    def _json(self, held: Badges, badge: Badge, _at: datetime) -> bytes:
        return _signed(written(self.credential(held, badge)), self.issuer, badge.since)

    def _jwt(self, held: Badges, badge: Badge, _at: datetime) -> bytes:
        return as_jwt(self.credential(held, badge), self.issuer).encode()

    def _svg(self, held: Badges, badge: Badge, at: datetime) -> bytes:
        return baked_svg(self._picture(held, badge, at), self._json(held, badge, at).decode())

    def _png(self, held: Badges, badge: Badge, at: datetime) -> bytes:
        return baked_png(_drawn(self._picture(held, badge, at)), self._json(held, badge, at).decode())


_drawn: Final = lru_cache(maxsize=64)(as_png)


@lru_cache(maxsize=256)
def _signed(content: bytes, issuer: Issuer, since: datetime) -> bytes:
    return written(signed(json.loads(content), issuer, since))


@lru_cache(maxsize=16)
def _status(number: int, marked: tuple[int, ...], issuer: Issuer, at: datetime) -> bytes:
    return written(signed(status_list(number, marked, issuer, at), issuer, at))
