"""What badges and certificates say in words: taken from the record, from the scheme, and from what of names is still kept.

Names are those of organisations and programmes, as the register shows them; what was erased is left out, and the ids stay.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.accreditation import Accreditation
from domain.accreditation.validity import Period
from domain.scheme import Scheme
from infra.bootstrap import App
from projections.words import listed, plain
from services.office import Work
from services.ports import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an award is of, in words; `title`, `provider_name` and `scope` are None where they were erased, or there is none.

    `narrowed`: the award was reduced to a scope. `strengths` are criteria in the scheme's words. `zone` is the scheme's.
    """

    accreditation: str
    submission: str
    provider: str
    provider_name: str | None
    title: str | None
    scheme: str
    scheme_title: str
    level: str
    category: str
    subject: str
    phase: str
    scope: str | None
    narrowed: bool
    strengths: tuple[str, ...]
    zone: str

    @property
    def programme(self) -> str:
        """The programme's title, or what stands for it once that was erased."""
        return self.title or f"Programme {self.submission}"

    @property
    def holder(self) -> str:
        """The provider's name, or what stands for it once that was erased."""
        return self.provider_name or f"Provider {self.provider}"

    @property
    def speaks_for(self) -> str:
        """What the award is for, and for nothing else."""
        said = f"This programme alone: {self.programme}, by {self.holder}; {self.subject}, {self.phase}."
        if not self.narrowed:
            return said
        return f"{said} Its scope was narrowed" + (f": {self.scope}" if self.scope else "; the register says to what.")

    @property
    def earned_by(self) -> str:
        """How such an award is earned."""
        strong = f" Its strengths: {listed(self.strengths)}." if self.strengths else ""
        return (
            f"Its portfolio was judged against the criteria of {self.scheme_title} ({self.scheme}) by a trained assessor"
            f" without a conflict, and confirmed by moderation; the outcome followed from the judgements.{strong}"
        )

    def day(self, at: datetime) -> str:
        """An instant as a day, on the scheme's calendar."""
        return f"{at.astimezone(ZoneInfo(self.zone)):%-d %B %Y}"

    def last_day(self, ends_at: datetime) -> str:
        """The last day of what ends at an instant that no longer belongs to it."""
        return self.day(ends_at - timedelta(seconds=1))


def facts_of(app: App, award: Accreditation, period: Period, *, scheme: str, strengths: Sequence[str]) -> Facts:
    """What is to be said of a period of an award, earned under a version of a scheme with these strengths."""
    submission, scope = period.submission, period.scope
    begun = app.records.load(submission, award.id, version=1)
    title, made = begun[submission][0].event.title.id, begun[award.id][0].event
    under = scheme_of(app, scheme)
    texts = app.vault.texts([title, *([scope] if scope else [])])
    name = app.vault.personal([award.provider]).get(award.provider, {}).get("name")
    return Facts(
        accreditation=award.id,
        submission=submission,
        provider=award.provider,
        provider_name=_clean(name),
        title=_clean(texts.get(title)),
        scheme=under.ref,
        scheme_title=_clean(under.title) or under.ref,
        level=plain(period.level),
        category=plain(made.category),
        subject=plain(made.subject),
        phase=plain(made.phase),
        scope=_clean(texts.get(scope)) if scope else None,
        narrowed=scope is not None,
        strengths=tuple(_clean(under.criteria[code].title) or code for code in strengths if code in under.criteria),
        zone=under.calendar.zone,
    )


def scheme_of(app: App, ref: str) -> Scheme:
    """A published version of a scheme."""
    reading: dict[str, Any] = {"id": "reading", "actor": "reading", "role": "reading", "at": datetime.now(UTC)}
    return Work(app.office, Command(**reading), about="reading").scheme(ref)


def _clean(text: str | None) -> str | None:
    """On one line, without control characters, which programs write in different ways when they sign."""
    if text is None:
        return None
    return "".join(one for one in " ".join(text.split()) if unicodedata.category(one) not in {"Cc", "Cs"})
