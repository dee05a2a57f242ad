"""A case as somebody could see it then, what changed since, and what was known when it was decided, on a terminal."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from rich.console import Console
from rich.markup import escape

from domain.ids import kind_of
from domain.refusals import refuse
from infra.api.caller import Api
from infra.api.reading.told import Told
from infra.bootstrap import open_app
from infra.cli.reading import Reader, database, find_case, instant, zone_of
from infra.cli.screen import screen
from infra.identity.known import NotKnown
from infra.identity.people import find_person
from infra.replay.past import moment_of
from infra.replay.seen import Eyes, Replayed, replay
from infra.settings import Settings
from projections import history
from projections.words import plain, token


def show_replay(
    settings: Settings,
    case: str,
    *,
    at: str | None,
    version: int | None,
    eyes: str | None,
    role: str | None,
    since: str | None,
    decision: bool,
) -> None:
    """Print a case as it was, with its documents, as far as somebody could see it then, or what changed, or was known."""
    if role is not None and eyes is None:
        raise refuse("replay-eyes", "nobody is named who acts in it", field="--role", allowed="--role with --as")
    console, until = screen(), instant(at, "--at") if at else None
    begin = instant(since, "--since") if since else None
    with (
        database(settings) as url,
        open_app(url, pool_size=2) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        id = find_case(connection, case)
        if kind_of(id) not in history.KINDS:
            allowed = ", ".join(sorted(history.KINDS))
            raise refuse(
                "replay-moment", f"what is of the kind {kind_of(id)} has no history", field="CASE", allowed=allowed
            )
        moment = moment_of(app.records, id, now=datetime.now(UTC), at=until, version=version)
        seen_by = Eyes(person=find_person(app.records.datastore, eyes, field="--as"), role=role) if eyes else None
        api = Api(app=app, identify=_nobody)
        found = replay(api, id, moment, eyes=seen_by, since=begin, decision=decision)
        known = app.records.load(id, version=1)[id]
        reader = Reader(app, zone=zone_of(app, next((one.scheme for one in known if one.scheme), None)))
        reader.prepare(_named(found))
        _show(console, reader, found, since=begin)


def _nobody(_token: str, _at: datetime) -> Any:
    raise NotKnown("nobody signs in on the command line")


def _named(found: Replayed) -> Iterable[str]:
    yield from (token("person", found.person),) if found.person else ()
    for one in (*found.history, *found.later):
        yield one.sentence
        yield from (token("person", one.actor),) if kind_of(one.actor) == "person" else ()


def _show(console: Console, reader: Reader, found: Replayed, *, since: datetime | None) -> None:
    seen = f", as {reader.who(found.person)} could see it as {found.role}" if found.person else ""
    console.print(
        f"[bold]{found.id}[/bold], as known at {reader.time(found.moment.at)}, event {found.version}{escape(seen)}"
    )
    if found.person:
        console.print(f"They stood to it as: {', '.join(found.relations)}.")
    _show_state(console, found)
    if found.decision:
        console.print(
            f"\n{plain(found.decision.name)}: event {found.decision.version}, {reader.time(found.decision.at)}"
        )
        _show_entries(console, reader, "Known when it was decided", found.known)
        _show_entries(console, reader, "What came later", found.later, before=found.decision.at)
    elif since:
        _show_entries(console, reader, f"Recorded after {reader.time(since)}", found.changed)
    else:
        _show_entries(console, reader, "What had happened", found.history)


def _show_state(console: Console, found: Replayed) -> None:
    if page := found.page:
        outcome = f", {plain(page['outcome'])}" if page.get("outcome") else ""
        console.print(f"It stood at: {plain(page['stage'])}{outcome}.")
    if portfolio := found.portfolio:
        for one in (*portfolio.answers, *portfolio.further_answers):
            console.print(f"  answer {one.criterion}: {escape(one.text or '[text erased]')}", soft_wrap=True)
        for file in (*portfolio.evidence, *portfolio.further_evidence):
            gone = " [file not kept]" if file.sha256 in found.erased else ""
            console.print(f"  evidence {file.criterion}: {file.sha256}{escape(gone)}", soft_wrap=True)
    if found.judgements:
        for judged in found.judgements.judgements:
            reason = f": {judged.reason or '[text erased]'}" if judged.first else ""
            console.print(f"  judged {judged.criterion} {plain(judged.level)}{escape(reason)}", soft_wrap=True)
        for short in found.judgements.shortfalls:
            console.print(f"  report {short.criterion}: {escape(short.missing or '[text erased]')}", soft_wrap=True)


def _show_entries(
    console: Console, reader: Reader, title: str, entries: Sequence[Told], *, before: datetime | None = None
) -> None:
    console.print(f"\n[bold]{escape(title)}[/bold]")
    if not entries:
        console.print("  Nothing.")
    for one in entries:
        held = " (it held already when it was decided)" if before and one.at < before else ""
        console.print(f"  {reader.cell(one.at)}  {escape(reader.say(one.sentence))}{held}", soft_wrap=True)
