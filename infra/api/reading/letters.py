"""The lists of letters: what will be sent, to whom, when and why, and what was; for who administers the case of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.sql import SQL

from domain.ids import kind_of
from domain.letter_events import STATES
from domain.relations import OWN
from infra.api.reading.listing import Listing, View
from infra.api.reading.rows import MOST
from infra.api.seeing import CASES, Sight
from infra.letters.post import Coming, coming
from projections import complaints, reminders
from services.states import fold

LETTERS: Final = "see-letters"
_WRITTEN: Final = SQL(
    "SELECT id, stream AS case_id, letter, recipient, state, position, version, written_at, next_at, state_at, sent_at,"
    " tries, interrupted, reply FROM letters.letters"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A letter that was written: to whom, by which event of its case, and where it stands (UTC)."""

    id: str
    case_id: str
    letter: str
    recipient: str
    state: str
    position: int
    version: int
    written_at: datetime
    next_at: datetime
    state_at: datetime
    sent_at: datetime | None
    tries: int
    interrupted: int
    reply: str


def recipients_seen(sight: Sight, case: str) -> frozenset[str] | None:
    """Whose letters about a case or a matter somebody may see: None, which is all, for who administers it, and for others their own.

    Who speaks for the provider of a case sees those to its lead contact as well.
    """
    if sight.sees(case, LETTERS):
        return None
    own = sight.person.ids if sight.person else frozenset[str]()
    if OWN in sight.relations(case) and kind_of(case) in CASES:
        state = fold(case, sight.stream(case).entries)
        own |= {state.registration.lead_contact if kind_of(case) == "submission" else state.lead_contact}
    return own


def _coming(view: View) -> Iterable[Coming]:
    with view.connect() as connection:
        return coming(view.api.app.post, connection, at=view.on, limit=MOST + 1)


LISTS: Final = (
    Listing(
        path="letters/coming",
        operation="list_coming_letters",
        summary="What letters will be sent, to whom, when and why, and what could not be sent",
        tag="letters",
        action="see-letters",
        row=Coming,
        source=_coming,
        models=(reminders.MODEL, complaints.MODEL),
        key=("planned_for", "id"),
        order="planned_for",
        sorts=("case_id", "due_at", "state"),
        filters=("case_id", "letter", "recipient", "state", "rule", "planned_for", "due_at"),
        case="case_id",
        names=("recipient",),
        said=("why",),
        values={"state": STATES},
        matters=True,
    ),
    Listing(
        path="letters",
        operation="list_letters",
        summary="The letters that were written: to whom, by which event, and where each stands",
        tag="letters",
        action="see-letters",
        row=Written,
        source=_WRITTEN,
        models=(complaints.MODEL,),
        key=("position", "id"),
        order="-position",
        sorts=("case_id", "state_at"),
        filters=("case_id", "letter", "recipient", "state", "written_at", "state_at", "sent_at"),
        case="case_id",
        names=("recipient",),
        values={"state": STATES},
        matters=True,
    ),
)
