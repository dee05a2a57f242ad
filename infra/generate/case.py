"""A made-up case: whom it is about, how far it has come, the dice that decide its course, and the texts typed on it."""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from domain.clocks import Deadline
from domain.ids import PROCESS_ROLE, derived_id
from domain.texts import TextRef, digest_of
from infra.generate.phrases import phrase
from services.ports import PersonalData, Text

DAY: Final = timedelta(days=1)
ASSESSORS: Final = 40
CHAIRS: Final = 8


@dataclass(frozen=True, slots=True)
class Step:
    """What one command adds at an instant (UTC): events to one stream, and rows of the vault."""

    at: datetime
    stream: str
    actor: str
    role: str
    events: tuple[Any, ...]
    texts: tuple[Text, ...] = ()
    personal: tuple[PersonalData, ...] = ()


@dataclass(slots=True)
class Case:
    """A submission of one `run`, whose people and windows it shares; `at` is how far it has come (UTC).

    `levels` are the judgements as they stand, and `awarded` how it ends, if it comes so far.
    """

    id: str
    run: str
    rng: random.Random
    provider: str
    lead: str
    at: datetime
    assessor: str = ""
    window: str = ""
    typed: list[Text] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    levels: dict[str, str] = field(default_factory=dict)
    awarded: bool = False

    def text(self, what: str) -> TextRef:
        """A typed text of this case. Its salt follows from its id, so that the digest in the event does too."""
        while what in self.used:
            what += " again"
        self.used.add(what)
        id = derived_id("text", self.id, what)
        body, salt = phrase(what, id), hashlib.sha256(id.encode()).digest()[:16]
        self.typed.append(Text(id=id, subject=self.provider, salt=salt, body=body))
        return TextRef(id=id, digest=digest_of(salt, body))

    def someone(self, part: str, number: int = 0) -> str:
        """One of the run's people."""
        return member(self.run, part, number)

    def any_assessor(self) -> str:
        """Any of the run's assessors."""
        return self.someone("assessor", self.rng.randrange(ASSESSORS))

    def chance(self, probability: float) -> bool:
        """Let the dice decide."""
        return self.rng.random() < probability

    def after(self, days: float) -> None:
        """Let up to so many days pass."""
        self.at += self.rng.random() * days * DAY

    def due(self, rule: str, days: float, *remind_before: float) -> Deadline:
        """The clock of `rule`, due in so many days, with reminders so many days before."""
        due_at = self.at + days * DAY
        return Deadline(rule=rule, due_at=due_at, remind_at=tuple(due_at - one * DAY for one in remind_before))

    def by(self, actor: str, role: str, *events: Any, stream: str = "") -> Step:
        """A step by a person, in the case's own stream unless another is given; with the texts typed for it."""
        texts, self.typed = tuple(self.typed), []
        return Step(self.at, stream or self.id, actor, role, events, texts)

    def by_process(self, *events: Any, stream: str = "") -> Step:
        """A step of the case's process."""
        return self.by(self.id, PROCESS_ROLE, *events, stream=stream)


def member(run: str, part: str, number: int = 0) -> str:
    """The id of a person of a run: the `officer`, an `assessor`, a `chair`, a `moderator`, or the `lead` of a provider."""
    return derived_id("person", run, part, str(number))
