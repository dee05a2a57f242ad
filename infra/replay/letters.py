"""The letters about a case that had gone by a moment, with their words, as far as all who look may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from infra.api.reading.letters import recipients_seen
from infra.bootstrap import App
from infra.letters.outbox import Row
from infra.replay.looks import Look
from infra.replay.past import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter as it went, at `sent_at` (UTC); `subject` and `body` are None once they were erased. `letter` is its name."""

    id: str
    letter: str
    recipient: str
    sent_at: datetime
    subject: str | None
    body: str | None


def letters_by(app: App, case: str, moment: Moment, looks: Sequence[Look]) -> Sequence[Letter]:
    """Return the letters about a case that had gone by then, in the order of the events that sent them, which all who look may see."""
    gone = [(row, at) for row in app.post.outbox.of_case(case) if (at := row.sent_at) and _had_gone(row, at, moment)]
    theirs = [recipients_seen(one.sight, case) for one in looks]
    seen = [(row, at) for row, at in gone if all(who is None or row.recipient in who for who in theirs)]
    words = app.post.outbox.words_of([row.id for row, _ in seen])
    found = []
    for row, at in seen:
        subject, body = words.get(row.id, (None, None))
        found.append(
            Letter(id=row.id, letter=row.letter, recipient=row.recipient, sent_at=at, subject=subject, body=body)
        )
    return found


def _had_gone(row: Row, at: datetime, moment: Moment) -> bool:
    return moment.shows(recorded_at=at, position=row.position) and (moment.position is None or at <= moment.at)
