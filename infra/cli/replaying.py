"""A case or a matter as it was, with its documents, as somebody could see it then; what changed since, and what was known at its decision."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import psycopg
from rich.console import Console
from rich.markup import escape

from domain.ids import kind_of
from domain.refusals import refuse
from infra.api.caller import Api
from infra.api.reading.told import Told
from infra.bootstrap import open_app
from infra.cli.reading import Reader, actor, database, find_case, instant, nobody, show_entries, zone_of
from infra.cli.screen import screen
from infra.identity.people import find_person
from infra.replay.looks import Eyes
from infra.replay.past import moment_of
from infra.replay.seen import Replayed, replay
from infra.settings import Settings
from projections import history
from projections.words import happened, plain, token

GONE: Final = "[text erased]"


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
        api = Api(app=app, identify=nobody)
        found = replay(api, id, moment, eyes=seen_by, since=begin, decision=decision)
        known = app.records.load(id, version=1)[id]
        reader = Reader(app, zone=zone_of(app, next((one.scheme for one in known if one.scheme), None)))
        reader.prepare(_named(found))
        _show(console, reader, found, since=begin)


def _named(found: Replayed) -> Iterable[str]:
    people = [found.person, *(one.recipient for one in found.letters)]
    yield from (token("person", one) for one in people if one)
    tasks = (found.page or {}).get("tasks", ())
    yield from (token("person", one["who"]) for one in tasks if kind_of(one["who"]) == "person")
    for one in (*found.history, *found.later):
        yield one.sentence
        yield actor(one)


def _show(console: Console, reader: Reader, found: Replayed, *, since: datetime | None) -> None:
    seen = f", as {reader.who(found.person)} could see it as {found.role}" if found.person else ""
    console.print(
        f"[bold]{found.id}[/bold], as known at {reader.time(found.moment.at)}, event {found.version}{escape(seen)}"
    )
    if found.person:
        console.print(f"They stood to it as: {', '.join(found.relations)}.")
    _show_state(console, reader, found)
    _show_documents(console, reader, found)
    if found.decision:
        console.print(
            f"\n{happened(found.decision.name)}: event {found.decision.version}, {reader.time(found.decision.at)}"
        )
        _show_told(console, reader, "Known when it was decided", found.known)
        _show_told(console, reader, "What came later", found.later, before=found.decision.at)
    if since:
        _show_told(console, reader, f"Recorded after {reader.time(since)}", found.changed)
    if not since and not found.decision:
        _show_told(console, reader, "What had happened", found.history)


def _show_state(console: Console, reader: Reader, found: Replayed) -> None:
    if page := found.page:
        outcome = page.get("outcome") or getattr(found.listed, "outcome", None)
        console.print(
            f"It stood at: {plain(page['stage'])}{f', {plain(outcome)}' if outcome not in (None, page['stage']) else ''}."
        )
        for one in page.get("tasks", ()):
            overdue = ", overdue" if one["overdue"] else ""
            console.print(
                f"  to do: {one['what']}, {escape(reader.who(one['who']))}, by {reader.time(one['due_at'])}{overdue}",
                soft_wrap=True,
            )
        for one in page.get("clocks", ()):
            overdue = ", overdue" if one["overdue"] else ""
            console.print(f"  runs: {one['what']}, until {reader.time(one['due_at'])}{overdue}", soft_wrap=True)


def _show_documents(console: Console, reader: Reader, found: Replayed) -> None:
    """The documents as they were: what was handed in, how it was judged and why, and what letters had gone."""
    if portfolio := found.portfolio:
        for one in (*portfolio.answers, *portfolio.further_answers):
            console.print(f"  answer {one.criterion}: {escape(one.text or GONE)}", soft_wrap=True)
        for file in (*portfolio.evidence, *portfolio.further_evidence):
            gone = " [file not kept]" if file.sha256 in found.erased else ""
            said = f"{file.media_type}, {file.size:,} bytes, SHA-256 {file.sha256}{gone}"
            console.print(f"  evidence {file.criterion}: {escape(said)}", soft_wrap=True)
    if found.judgements:
        for judged in found.judgements.judgements:
            reason = f": {judged.reason or GONE}" if judged.first else ""
            first = plain(judged.first or judged.level)
            console.print(f"  judged {judged.criterion} {first}{escape(reason)}", soft_wrap=True)
            if judged.before:
                said = f"{plain(judged.before)} to {plain(judged.level)}: {judged.panel_reason or GONE}"
                console.print(f"  panel changed {judged.criterion} from {escape(said)}", soft_wrap=True)
            elif judged.first and judged.level != judged.first:
                console.print(f"  in force {judged.criterion} {plain(judged.level)}")
        for short in found.judgements.shortfalls:
            console.print(f"  report {short.criterion}: {escape(short.missing or GONE)}", soft_wrap=True)
    for letter in found.letters:
        head = f"  letter to {reader.who(letter.recipient)}, {reader.time(letter.sent_at)}: {letter.subject or GONE}"
        console.print(escape(head), soft_wrap=True)
        for line in (letter.body or "").splitlines():
            console.print(escape(f"    {line}"), soft_wrap=True)


def _show_told(
    console: Console, reader: Reader, title: str, entries: Sequence[Told], *, before: datetime | None = None
) -> None:
    console.print(f"\n[bold]{escape(title)}[/bold]")
    if not entries:
        console.print("  Nothing.")
    show_entries(console, reader, entries, before=before)
