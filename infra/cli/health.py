"""`assay doctor`, and the two rebuilds that it may advise."""

import asyncio
import sys
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import psycopg
from rich.table import Table

from domain.letter_events import BOUNCED, HELD, QUEUED, SENT, STUCK
from domain.scheme_words import counted
from infra import processes
from infra.bootstrap import SERVICES, App, file_store, open_app
from infra.cli.screen import bar, screen
from infra.courier import NAME as COURIER
from infra.files import clamd
from infra.files.errors import FilesOutOfReach, StorageFull
from infra.files.kept import KeptFiles
from infra.letters.carrying import Away, Smtp
from infra.letters.configured import Mail
from infra.problems import CannotStart
from infra.projector import NAME as PROJECTOR
from infra.read_models import Copy, positions
from infra.rebuild import rebuild
from infra.running import find_running
from infra.seals.keys import KeyFolder
from infra.seals.standing import standing
from infra.settings import Settings
from infra.signaller import NAME as SIGNALLER
from infra.signaller import delivered
from infra.store.errors import RecordUnavailable
from infra.store.leader import is_held
from infra.webhooks import failures, subscriptions
from projections.catalogue import READ_MODELS
from projections.words import plain

LATE: Final = timedelta(minutes=5)
"""How long a letter may be due, or nothing arrive at a receiver, before somebody should look why."""
PATIENCE: Final = 3.0
"""Seconds within which what is behind may catch up before it counts as behind."""
PATIENCE_TO_CONNECT: Final = 2
"""Seconds within which PostgreSQL has to answer."""
SHOWN: Final = 5
"""Cases named when there are many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of one thing: is it well, what is wrong, and what to do."""

    what: str
    well: bool
    found: str
    to_do: str = ""


def examine(settings: Settings, patience: float = PATIENCE) -> None:
    """Print a finding for each service, position and process; exits with 1 if one is not well after `patience` seconds."""
    console, settings = screen(), servers(settings)
    with open_app(settings.database_url or "", pool_size=4, store=file_store(settings)) as app:
        findings = _look(settings, app)
        until = time.monotonic() + patience
        while not all(one.well for one in findings) and time.monotonic() < until:
            time.sleep(0.25)
            findings = _look(settings, app)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("", "what", "found", "what to do"):
        table.add_column(name)
    for one in findings:
        table.add_row("[green]well[/green]" if one.well else "[red]not well[/red]", one.what, one.found, one.to_do)
    console.print(table)
    if not all(one.well for one in findings):
        sys.exit(1)
    console.print("All is well.")


def servers(settings: Settings) -> Settings:
    """The settings with the addresses of what runs on the data folder. Raises CannotStart where nothing does."""
    running = find_running(settings)
    url = settings.database_url or (running.database_url if running else None)
    address = settings.temporal_address or (running.temporal_address if running else None)
    if not url or not address:
        raise CannotStart(
            f"Nothing runs on {settings.data}; start it with `assay up`, or set DATABASE_URL and TEMPORAL_ADDRESS."
        )
    return replace(settings, database_url=url, temporal_address=address)


def _look(settings: Settings, app: App) -> list[Finding]:
    """At all of it; what is out of reach hides nothing of the rest."""
    try:
        findings = _of_record(settings, app)
    except (RecordUnavailable, psycopg.OperationalError) as error:
        found = f"can't be reached: {str(error).strip().splitlines()[0]}"
        findings = [
            Finding(what="record", well=False, found=found, to_do="start PostgreSQL; nothing is accepted meanwhile")
        ]
    findings += [
        *asyncio.run(_temporal(settings, app)),
        *of_mail(settings.mail),
        *of_scanner(settings.clamd),
        *of_api(settings),
    ]
    running = find_running(settings)
    left_out = set(SERVICES) - set(running.pids) if running else set[str]()  # a play has no API, and misses none
    return [one for one in findings if one.what not in left_out]


def _of_record(settings: Settings, app: App) -> list[Finding]:
    """Of the record, and of those that read it. Raises RecordUnavailable, or psycopg's OperationalError."""
    last = app.records.max_position()
    with psycopg.connect(
        settings.database_url or "", autocommit=True, connect_timeout=PATIENCE_TO_CONNECT
    ) as connection:
        findings = [
            Finding(what="record", well=True, found=counted(last, "event")),
            _reader(connection, "signaller", SIGNALLER, last - delivered(app.records), "`assay signaller`"),
            *_courier(connection, app, last),
            _webhooks(app),
            _seals(connection, settings),
        ]
        copies = {copy.model.name: copy for copy in map(Copy, READ_MODELS)}
        seen = positions(connection, list(copies.values()))
        missing = [name for name, copy in copies.items() if copy.name not in seen]
        behind = last - min(seen.values(), default=0)
        findings.append(_reader(connection, "projector", PROJECTOR, behind, "`assay projector`"))
        findings.append(
            Finding(
                what="read models",
                well=not missing,
                found=f"not built yet: {', '.join(missing)}" if missing else ", ".join(copies),
                to_do="wait, or look at the projector's log" if missing else "",
            )
        )
    findings += [_files(app.files)] if app.files else []
    return findings


def _reader(connection: psycopg.Connection[Any], what: str, lock: str, behind: int, command: str) -> Finding:
    """Of a service that reads the log: is one active, and how far behind is it?"""
    if not is_held(connection, lock):
        return Finding(
            what=what, well=False, found=f"none is active; {counted(behind, 'event')} behind", to_do=f"start {command}"
        )
    late = f"{counted(behind, 'event')} behind"
    return Finding(what=what, well=behind == 0, found=late if behind else "up to date", to_do="wait" if behind else "")


def _courier(connection: psycopg.Connection[Any], app: App, last: int) -> list[Finding]:
    """Of the courier: is one active, does it write and send letters, and are there any that could not be sent?"""
    outbox = app.post.outbox
    place, counts, waiting = outbox.place(), outbox.counts(), outbox.oldest_due()
    behind = last - (last if place is None else place)
    stuck = {one: counts[one] for one in (*STUCK, BOUNCED) if one in counts}
    late = waiting is not None and waiting[0] < datetime.now(UTC) - LATE
    sent = f"{counts.get(SENT, 0):,} sent, {counts.get(QUEUED, 0):,} wait, {counts.get(HELD, 0):,} held back"
    because = f"; the longest since {waiting[0]:%Y-%m-%d %H:%M} UTC ({waiting[1] or 'not tried'})" if waiting else ""
    return [
        _reader(connection, "courier", COURIER, behind, "`assay courier`"),
        Finding(
            what="letters",
            well=not late,
            found=sent + (because if late else ""),
            to_do="look whether the mail server takes letters; they go by themselves when it does" if late else "",
        ),
        Finding(
            what="letters not sent",
            well=not stuck,
            found=", ".join(f"{count:,} {plain(one)}" for one, count in stuck.items()) or "none",
            to_do="`assay letters`; correct the address, then `assay letters send-now`" if stuck else "",
        ),
    ]


def of_mail(mail: Mail) -> list[Finding]:
    """Of the mail server, where there is one: does it let us in, and take letters from us?"""
    if not mail.server:
        return []
    at = f"{mail.server.host}:{mail.server.port}"
    try:
        asyncio.run(Smtp(mail.server, replace(mail, timeout=min(mail.timeout, PATIENCE))).check())
    except Away as away:
        found = f"takes no letters at {at}: {away.reply}"
        return [
            Finding(what="mail server", well=False, found=found, to_do="see to it; letters wait, and go by themselves")
        ]
    return [Finding(what="mail server", well=True, found=f"takes letters at {at}")]


def of_scanner(address: str | None) -> list[Finding]:
    """Of the malware scanner, where there is one: does it answer?"""
    if address is None:
        return []
    try:
        clamd.ask(address, patience=PATIENCE)
    except FilesOutOfReach as problem:
        return [Finding(what="scanner", well=False, found=str(problem), to_do="start it; no file is taken meanwhile")]
    return [Finding(what="scanner", well=True, found=f"answers at {address}")]


def _webhooks(app: App) -> Finding:
    """Of what is carried to other programs: does it arrive?"""
    found, late = subscriptions.all_webhooks(app.records.datastore), datetime.now(UTC) - LATE
    paused = [one.name for one in found if one.paused_at and one.paused_because != subscriptions.ASKED]
    lost = [
        one.name for one in found if any(each.dead_at for each in failures.of_webhook(app.records.datastore, one.id))
    ]
    failing = [one.name for one in found if not one.paused_at and one.failing_since and one.failing_since < late]
    said = [f"paused: {', '.join(paused)}"] if paused else []
    said += [f"dead letters of {', '.join(lost)}"] if lost else []
    said += [f"nothing arrives, and is tried again: {', '.join(failing)}"] if failing else []
    return Finding(
        what="webhooks",
        well=not said,
        found="; ".join(said) or counted(len(found), "subscription"),
        to_do="`assay webhook list` and `failures`, then `resume`, `retry` or `drop`" if said else "",
    )


def of_api(settings: Settings) -> list[Finding]:
    """Of the API, as `assay up` runs it here, or at the address that the settings name."""
    running = find_running(settings)
    address = running.served if running else settings.identity.base
    try:
        answer = httpx.get(f"{address}/readyz", timeout=PATIENCE)
        said = answer.json()
        wrong = [f"{one['what']}: {one['found']}" for one in said["checks"] if not one["well"]]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        found = f"does not answer at {address}"
        return [Finding(what="serve", well=False, found=found, to_do="start `assay serve`, or look at its log")]
    if said["ready"]:
        return [Finding(what="serve", well=True, found=f"answers at {address}")]
    found = f"not ready: {', '.join(wrong) or said.get('reason', 'it does not say why')}"
    return [Finding(what="serve", well=False, found=found, to_do="wait, or see to that")]


def _seals(connection: psycopg.Connection[Any], settings: Settings) -> Finding:
    """Of the record's seals: is what is recorded sealed in time, and published where it is to be?"""
    folder = KeyFolder(settings.data, settings.sealing)
    signed = folder.last(*folder.trusted())
    at, found = datetime.now(UTC), standing(connection, settings.sealing, signed)
    sealed = f"{counted(found.seal.size, 'event')} sealed" if found.seal else "nothing sealed yet"
    if found.lost:
        said = f"{sealed}; the checkpoint of {found.lost.size:,} events, the last that was signed here, is kept no more"
        return Finding(
            what="seals",
            well=False,
            found=said,
            to_do="`assay verify`, and docs/verifying.md, before anything is mended",
        )
    if found.is_late(settings.sealing, at) and found.unsealed_since:
        said = f"{sealed}; the oldest that is not waits for {str(at - found.unsealed_since).split('.')[0]}"
        return Finding(what="seals", well=False, found=said, to_do="`assay seal`, or look at the courier's log")
    if found.is_unpublished(at):
        said = f"{sealed}; not published yet: {', '.join(found.lacking)}"
        return Finding(what="seals", well=False, found=said, to_do="look at the place, and at the courier's log")
    places = ", ".join(settings.sealing.places) or "nowhere: hold checkpoints elsewhere, docs/verifying.md"
    return Finding(what="seals", well=True, found=f"{sealed}; published: {places}")


def _files(files: KeptFiles) -> Finding:
    """Of evidence files: can they be reached, are any known to be damaged, is there room, and is any still to be deleted?"""
    kept, going = files.counts()
    found = f"{kept:,} in {files.objects.where}" + (f"; {going:,} more are to be deleted" if going else "")
    try:
        files.objects.check()
        files.spool.require_room(0)
    except FilesOutOfReach as problem:
        return Finding(
            what="files", well=False, found=str(problem), to_do="see that it can be reached; nothing is lost"
        )
    except StorageFull as problem:
        return Finding(what="files", well=False, found=f"no room for more: {problem}", to_do="make room on the disk")
    damaged = files.faults()
    if damaged:
        named = ", ".join(f"{one[:16]}… ({fault})" for one, fault in list(damaged.items())[:SHOWN])
        more = " …" if len(damaged) > SHOWN else ""
        what = f"{found}; {len(damaged):,} damaged: {named}{more}"
        return Finding(what="files", well=False, found=what, to_do="`assay files verify` names their cases")
    return Finding(what="files", well=True, found=found)


async def _temporal(settings: Settings, app: App) -> list[Finding]:
    """Of Temporal, the worker, and each live case's process."""
    try:
        states = await processes.states(settings, app.records)
    except RecordUnavailable:
        found = f"answers at {settings.temporal_address}; which cases are live, the record would say"
        return [Finding(what="Temporal", well=True, found=found)]
    except (*processes.UNREACHABLE, TimeoutError) as error:
        why = str(error).partition(",")[0] or "it does not answer"
        found = f"can't be reached at {settings.temporal_address}: {why}"
        return [Finding(what="Temporal", well=False, found=found, to_do="start it; commands are taken meanwhile")]
    worker = Finding(
        what="worker",
        well=states.workers > 0,
        found=f"{states.workers} at work" if states.workers else "none is at work",
        to_do="" if states.workers else "start `assay worker`",
    )
    lost = len(states.missing)
    named = ", ".join(states.missing[:SHOWN]) + (" …" if lost > SHOWN else "")
    running = Finding(
        what="processes",
        well=not lost,
        found=f"{lost} live cases have none: {named}" if lost else f"{states.live} live cases, each with its own",
        to_do="`assay processes rebuild`" if lost else "",
    )
    return [Finding(what="Temporal", well=True, found=f"at {settings.temporal_address}"), worker, running]


def rebuild_processes(settings: Settings) -> None:
    """Start the process of every live case from its stream, with a bar."""
    console, settings = screen(), servers(settings)
    with open_app(settings.database_url or "", pool_size=4) as app, bar(console, "cases") as progress:
        rebuilt = asyncio.run(processes.rebuild(settings, app.records, progress))
    console.print(f"{rebuilt} live cases have their process.")


def rebuild_projections(settings: Settings, names: list[str]) -> None:
    """Compute read models anew from the record, beside the live ones, with a bar."""
    from domain.refusals import refuse
    from infra.cli.reading import database

    known = {model.name: model for model in READ_MODELS}
    for name in names:
        if name not in known:
            raise refuse("known-read-model", f"{name!r} is no read model", field="NAME", allowed=", ".join(known))
    chosen = [known[name] for name in names] or list(READ_MODELS)
    console = screen()
    with database(settings) as url, open_app(url, pool_size=4) as app, bar(console, "events") as progress:
        rebuild(app.records, chosen, threading.Event(), progress)
    console.print(f"Rebuilt: {', '.join(model.name for model in chosen)}.")
