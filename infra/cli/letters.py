"""Letters on a terminal: what will be sent and what was, one in its words, and what is done to one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import psycopg
from psycopg.rows import tuple_row
from rich.console import Console
from rich.markup import escape

from domain.ids import is_id, kind_of
from domain.letter_events import STATES
from domain.refusals import refuse
from infra.bootstrap import App, open_app
from infra.cli.reading import MOST, Reader, columns, database, find_case, short
from infra.cli.screen import screen
from infra.identity.people import find_person
from infra.letters.post import coming
from infra.letters.previewing import preview
from infra.settings import Settings
from projections.words import plain, token
from services.ports import Command
from services.schemes import INSTALLER_ROLE


class Desk(NamedTuple):
    """What these commands work with."""

    console: Console
    app: App
    connection: psycopg.Connection[Any]
    reader: Reader


@contextmanager
def _desk(settings: Settings) -> Iterator[Desk]:
    with (
        database(settings) as url,
        open_app(url, pool_size=2) as app,
        psycopg.connect(url, autocommit=True, row_factory=tuple_row) as connection,
    ):
        yield Desk(screen(), app, connection, Reader(app))


def show_coming(settings: Settings, *, limit: int) -> None:
    """Print what will be sent, the next first, and what could not be sent."""
    with _desk(settings) as desk:
        found = coming(desk.app.post, desk.connection, at=datetime.now(UTC), limit=limit)
        if not found:
            desk.console.print("Nothing is planned, and nothing waits.")
            return
        _prepare(desk.reader, [one.recipient for one in found], [one.why for one in found])
        table = columns("letter", "when", "what", "to", "state", "why", "case", wraps=("why",))
        for one in found:
            table.add_row(
                one.id,
                desk.reader.cell(one.planned_for),
                plain(one.letter),
                escape(desk.reader.who(one.recipient)),
                plain(one.state),
                escape(desk.reader.say(one.why)),
                short(one.case_id),
            )
        desk.console.print(table)
        _say_more(desk.console, len(found), limit)


def show_written(settings: Settings, *, case: str | None, state: str | None, limit: int) -> None:
    """Print the letters that were written about a case, or that stand in one state, the oldest first."""
    if state is not None and state not in STATES[1:]:
        raise refuse("letter-state", f"{state!r} is no state", field="--state", allowed=", ".join(STATES[1:]))
    with _desk(settings) as desk:
        outbox = desk.app.post.outbox
        id = find_case(desk.connection, case) if case else None
        found = outbox.of_case(id) if id else outbox.listed([state or ""], limit)
        found = [one for one in found if state in (None, one.state)][:limit]
        if not found:
            desk.console.print("There is no such letter.")
            return
        _prepare(desk.reader, [one.recipient for one in found], [])
        table = columns("letter", "written", "what", "to", "state", "since", "tries", "last answer", "case")
        for one in found:
            table.add_row(
                one.id,
                desk.reader.cell(one.written_at),
                plain(one.letter),
                escape(desk.reader.who(one.recipient)),
                plain(one.state) + (" (perhaps twice)" if one.interrupted and one.sent_at else ""),
                desk.reader.cell(one.state_at),
                str(one.tries),
                one.reply,
                short(one.stream),
            )
        desk.console.print(table)
        _say_more(desk.console, len(found), limit)


def show_words(settings: Settings, letter: str) -> None:
    """Print a letter in its words."""
    with _desk(settings) as desk:
        case = _case_of(desk, letter)
        found = preview(desk.app, case, letter, base=settings.identity.base)
        if found is None:
            desk.console.print("Its words were erased, with somebody whom they named.")
            return
        _prepare(desk.reader, [found.recipient], [])
        desk.console.print(f"To: {escape(desk.reader.who(found.recipient))} ({plain(found.state)})")
        desk.console.print(f"Subject: {escape(found.subject)}\n\n{escape(found.body)}", soft_wrap=True)


def edit(settings: Settings, service: Callable[..., Any], letter: str, *, by: str, role: str, reason: str) -> None:
    """Have somebody do something to a letter, and say what came of it."""
    with _desk(settings) as desk:
        actor = find_person(desk.app.records.datastore, by)
        command = Command(id=f"letters-{uuid4().hex}", actor=actor, role=role, at=datetime.now(UTC))
        _carry_out(desk, service, command, letter, reason)


def note(settings: Settings, message_id: str, *, reason: str) -> None:
    """Note that a letter came back."""
    letter = message_id.strip().strip("<>").partition("@")[0]
    with _desk(settings) as desk:
        from services.letters import note_bounce

        command = Command(id=f"bounce-{letter}", actor="installer", role=INSTALLER_ROLE, at=datetime.now(UTC))
        _carry_out(desk, note_bounce, command, letter, reason)


def _carry_out(desk: Desk, service: Callable[..., Any], command: Command, letter: str, reason: str) -> None:
    case = _case_of(desk, letter)
    done = service(desk.app.office, command, case=case, letter=letter, reason=reason, post=desk.app.post)
    desk.console.print("It is so now." if done.events else "It was so already.")


def _case_of(desk: Desk, letter: str) -> str:
    """The case of a letter, written or planned; refuses one that is not known."""
    row = desk.app.post.outbox.row(letter) if is_id(letter, "letter") else None
    if row:
        return row.stream
    plans = coming(desk.app.post, desk.connection, at=datetime.now(UTC), limit=MOST)
    found = next((one.case_id for one in plans if one.id == letter), None)
    if found is None:
        raise refuse(
            "known-letter", f"{letter!r} is no letter", field="LETTER", allowed="an id that `assay letters` shows"
        )
    return found


def _prepare(reader: Reader, recipients: list[str], sentences: list[str]) -> None:
    reader.prepare([*sentences, *(token("person", one) for one in recipients if kind_of(one) == "person")])


def _say_more(console: Console, shown: int, limit: int) -> None:
    if shown == limit:
        console.print(f"Only the first {limit:,} are shown; --limit shows more.")
