"""Whether the read model of parts, the look-up of one case and the states of the domain say the same of who has which part."""

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Connection

from domain.accreditation import Accreditation
from domain.appeal import Appeal
from domain.audit import Audit
from domain.complaint import Complaint
from domain.ids import kind_of
from domain.relations import ASSIGNED, CASES, CONFLICTED, MARKER, PANEL, SHARED, TASK, Parts
from domain.submission.events import ModerationStarted
from domain.submission.remedy_events import DecisionReplaced
from domain.submission.state import Stage, Submission
from domain.tasks import Matter
from infra.read_models import connect
from infra.store.records import PostgresRecords
from projections import parts
from services.relations import standing
from services.states import FOLDED, fold
from tests.projections.given import make, show


def disagreements(records: PostgresRecords) -> list[str]:
    """What one of the three says otherwise than another, over the whole record; the read model is made here."""
    log = records.read_log(0, 1_000_000)
    with connect(records.datastore.url) as connection:
        make(connection, [parts.MODEL])
        show(connection, log, [parts.MODEL])
        streams = dict.fromkeys(one.stream for one in log if kind_of(one.stream) in CASES)
        return [said for stream in streams for said in _of(records, connection, stream)]


def _of(records: PostgresRecords, connection: Connection[Any], case: str) -> Iterator[str]:
    matters = [] if kind_of(case) in SHARED else parts.beside(connection, case, ())[0]
    held = standing(records, case, matters)
    kept, place = _rows(connection, case)
    looked_up = {key: (one.since, one.until) for key, one in held.parts.items()}
    if looked_up != kept:
        yield f"{case}: the read model has {kept}, the record {looked_up}"
    if held.place is None or place != (held.place.provider, held.place.owner, held.place.scheme, held.place.told):
        yield f"{case}: the read model places it at {place}, the record at {held.place}"
    if kind_of(case) in FOLDED:
        for what, expected, found in _as_the_state_has_it(records, case, held.parts):
            if set(expected) != set(found):
                yield f"{case}: {what} by the state {sorted(expected)}, by the parts {sorted(found)}"


def _rows(connection: Connection[Any], case: str) -> tuple[dict[tuple[str, str, str], tuple[int, int | None]], Any]:
    rows = connection.execute(
        "SELECT person, relation, held_by, since, until FROM read.parts WHERE case_id = %s", [case]
    ).fetchall()
    [place] = connection.execute(
        "SELECT provider, owner, scheme, told FROM read.parts_cases WHERE case_id = %s", [case]
    ).fetchall()
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}, place


Compared = tuple[str, Sequence[str] | set[str] | frozenset[str], set[str]]


def _as_the_state_has_it(records: PostgresRecords, case: str, held: Parts) -> Iterator[Compared]:
    state = fold(case, records.streams(case)[case].entries)
    match state:
        case Submission():
            yield from _in_submission(records, state, held)
        case Accreditation():
            reviewers = {one.reviewer for one in state.concerns.values() if one.reviewer}
            yield "reviewers", reviewers, {one for one in now(held, ASSIGNED) if "/" not in by(held, one, ASSIGNED)}
        case Matter():
            people = {one.who for one in state.tasks.running.values() if kind_of(one.who) == "person"}
            yield "tasks", people, now(held, ASSIGNED, TASK)
            yield from _in_matter(state, held)


def _in_submission(records: PostgresRecords, state: Submission, held: Parts) -> Iterator[Compared]:
    assessing = {state.assessor} if state.assessor and state.stage is Stage.IN_ASSESSMENT else set()
    yield "assessor", assessing, now(held, ASSIGNED, "assessor")
    yield "marker", {state.marker} - {None}, now(held, ASSIGNED, MARKER)  # type: ignore[arg-type]
    panel: Sequence[str] = ()
    begun = [one.event for one in records.streams(state.id)[state.id].entries]
    last = next((one for one in reversed(begun) if isinstance(one, (ModerationStarted, DecisionReplaced))), None)
    if isinstance(last, DecisionReplaced):  # it was taken out of their hands, report and all
        panel = ()
    elif state.moderation and not state.over:
        panel = state.moderation.panel
    elif state.listed and not state.over:
        panel = fold(state.listed, records.streams(state.listed)[state.listed].entries).panel
    own = {
        person for (person, one, key), part in held.items() if one == PANEL and part.until is None and "/" not in key
    }
    yield "panel", panel, own


def _in_matter(state: Matter, held: Parts) -> Iterator[Compared]:
    match state:
        case Appeal():
            undecided = not state.over and state.decided is None
            yield "officer", {state.officer} - {""} if undecided else set(), now(held, ASSIGNED, "officer")
            yield "panel", state.panel if state.stage == "before-panel" else (), now(held, PANEL)
        case Complaint():
            handler = {state.handler} if state.handler and not state.over and state.level < 3 else set()
            yield "handler", handler, now(held, ASSIGNED, "handler")
            yield "committee", () if state.over else state.members, now(held, PANEL)
            yield "complained about", state.people, now(held, CONFLICTED)
        case Audit():
            yield "members", () if state.over else state.members, now(held, PANEL)


def now(held: Parts, relation: str, begins: str = "") -> set[str]:
    """Who holds this relation now, by what begins so."""
    return {
        person
        for (person, one, key), part in held.items()
        if one == relation and key.startswith(begins) and part.until is None
    }


def by(held: Parts, person: str, relation: str) -> str:
    """What somebody has a relation by now."""
    return next(key for (one, of, key), part in held.items() if (one, of) == (person, relation) and part.until is None)
