"""A letter before it goes, in the words that it would go in now; or as it went. A planned reminder is written as if it were due."""

from dataclasses import dataclass

from domain.letter_events import PLANNED
from infra.bootstrap import App
from infra.letters.configured import Mail
from infra.letters.outbox import Row
from infra.letters.post import event_of, letter_of
from infra.letters.writing import html_of, page, write
from projections.reminders import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A letter in its words, and where it stands."""

    letter: str
    state: str
    recipient: str
    subject: str
    body: str
    html: str


def preview(app: App, case: str, id: str, *, base: str) -> Preview | None:
    """Return the words of a letter of this case; None where there is no such one, or where its words were erased.

    Before a letter has gone they are what they would be now. `base` is the address under which browsers come here.
    """
    if row := app.post.outbox.row(id):
        return _written(app, row, base) if row.stream == case else None
    plan = app.post.plan(case, id)
    return _planned(app, id, plan, base) if plan else None


def _written(app: App, row: Row, base: str) -> Preview | None:
    kept = app.post.outbox.words(row.id)
    if kept is None and row.sent_at is None:
        for letter in write(app, Mail(), base, [row]):
            kept = (letter.subject, letter.body)
    return _of(row, kept, base) if kept else None


def _planned(app: App, id: str, plan: Planned, base: str) -> Preview | None:
    version = app.records.streams(plan.case_id)[plan.case_id].version + 1
    row = Row(
        id=id,
        position=0,
        stream=plan.case_id,
        version=version,
        letter=letter_of(plan),
        recipient=plan.recipient,
        state=PLANNED,
        written_at=plan.planned_for,
        next_at=plan.planned_for,
        state_at=plan.planned_for,
        sent_at=None,
        tries=0,
        interrupted=0,
        reply="",
    )
    [letter] = write(app, Mail(), base, [row], ahead=event_of(plan))
    return _of(row, (letter.subject, letter.body), base)


def _of(row: Row, words: tuple[str, str], base: str) -> Preview:
    subject, body = words
    return Preview(
        letter=row.letter,
        state=row.state,
        recipient=row.recipient,
        subject=subject,
        body=body,
        html=html_of(subject, body, page(base, row.stream)),
    )
