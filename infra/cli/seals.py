"""Sealing, checkpoints, proofs and the check of everything, on a terminal."""

import base64
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from domain.refusals import refuse
from infra.bootstrap import file_store
from infra.cli.files import replaced
from infra.cli.reading import database, find_case, instant
from infra.cli.screen import bar, screen
from infra.problems import CannotStart
from infra.seals.checking.check import TREE, Asked, verify
from infra.seals.checking.report import NOT_SEALED, Report, signed_at
from infra.seals.keys import KeyFolder
from infra.seals.note import Checkpoint, NoCheckpoint, Signer, Verifier, checkpoints_in
from infra.seals.proofs import case_proof, continued
from infra.seals.publishing import publish, published
from infra.seals.reading import leaves
from infra.seals.sealing import last_signed, seal
from infra.seals.shelf import EVENTS, Seal, Shelf
from infra.settings import Settings

LISTED: Final = 20
NOTHING_READ: Final = "No event was read: what such tables say is not to be believed."


def seal_now(settings: Settings, *, new_key: bool) -> None:
    """Seal, publish, and print the checkpoint; exits with 1 where a place did not take it."""
    console = screen()
    with database(settings) as url:
        if new_key:
            made = KeyFolder(settings.data, settings.sealing).renew()
            console.print(f"A new key signs from now on: {escape(str(made.verifier))}", soft_wrap=True)
        with bar(console, "positions") as progress:
            sealed = seal(settings, url, progress)
        if sealed.seal is None:
            console.print("Nothing is recorded yet, so that there is nothing to seal.")
            return
        with psycopg.connect(url, autocommit=True) as connection:
            failed = publish(connection, settings.sealing, sealed.seal, datetime.now(UTC))
    console.print("Sealed:" if sealed.new else "Nothing was recorded since the latest checkpoint:")
    console.print(escape(sealed.seal.note), soft_wrap=True)
    for place in settings.sealing.places:
        console.print(f"{place}: {failed.get(place, 'published')}", soft_wrap=True)
    if not settings.sealing.places:
        console.print(
            "It is published nowhere: set ASSAY_SEAL_FILE, ASSAY_SEAL_URL, ASSAY_SEAL_MAIL or ASSAY_SEAL_TSA, or hand it to somebody."
        )
    if failed:
        sys.exit(1)


def print_new_key(settings: Settings) -> None:
    """Print a key that is used nowhere yet."""
    print(Signer.make(settings.sealing.origin).secret)  # noqa: T201 - nothing else may stand on that line


def print_keys(settings: Settings) -> None:
    """Print the keys that are trusted here, the one that signs last. Refuses where there is none yet."""
    keys = KeyFolder(settings.data, settings.sealing).trusted()
    if not keys:
        raise refuse("known-checkpoint", "nothing was sealed here yet", field="--key", allowed="`assay seal` first")
    for key in keys:
        print(key)  # noqa: T201 - a line that is handed on


def list_checkpoints(settings: Settings) -> None:
    """Print the latest checkpoints, and where each was published."""
    console = screen()
    with database(settings) as url, psycopg.connect(url, autocommit=True) as connection:
        found = Shelf(connection).latest(LISTED)
        for one in found:
            places = ", ".join(f"{at.place} {at.at:%H:%M:%S}" for at in published(connection, one)) or "nowhere"
            said = f"{one.size:>12,} events  {one.made_at:%Y-%m-%d %H:%M:%S} UTC  {one.signer.split('+')[1]}"
            console.print(f"{said}  published: {places}")
    if not found:
        console.print("Nothing was sealed yet; `assay seal` does it now.")


def print_checkpoint(settings: Settings, *, size: int | None, continues: int | None) -> None:
    """Print a checkpoint as it is, or the proof that it continues an earlier one."""
    with database(settings) as url, psycopg.connect(url, autocommit=True) as connection:
        found = _seal_of(Shelf(connection), size)
        if continues is None:
            sys.stdout.write(found.note)
            return
        path = continued(connection, EVENTS, continues, found.size, fields=("--continues", "--size"))
        proof = {"before": continues, "after": found.size, "path": _said(path), "checkpoint": found.note}
        print(json.dumps(proof, indent=1, ensure_ascii=False))  # noqa: T201 - what programs read


def prove_case(settings: Settings, case: str, *, size: int | None, out: Path | None, replace: bool = False) -> None:
    """Print, or write, the proof of a case, with the leaves that are proven."""
    with database(settings) as url, psycopg.connect(url, autocommit=True) as connection:
        id = find_case(connection, case)
        found = case_proof(connection, id, size=size)
        if found.seal is None:
            raise refuse("known-checkpoint", "nothing was sealed yet", field="CASE", allowed="`assay seal` first")
        events = [
            {
                "version": one.leaf.place.version,
                "position": one.leaf.place.position,
                "index": one.leaf.index,
                "leaf": _said(leaves(connection, one.leaf.place.position - 1, one.leaf.place.position))[0],
                "path": _said(one.path),
            }
            for one in found.events
        ]
    proof = {
        "case": id,
        "checkpoint": found.seal.note,
        "key": found.seal.signer,
        "events": events,
        "unsealed": found.unsealed,
    }
    text = json.dumps(proof, indent=1, ensure_ascii=False) + "\n"
    if out is None:
        sys.stdout.write(text)
        return
    with replaced(out, "--out", replace=replace) as file:
        file.write(text.encode())
    screen().print(f"{len(events)} events of {id} are proven in {out}; {found.unsealed} are not sealed yet.")


def verify_all(
    settings: Settings, files: Sequence[Path], keys: Sequence[str], *, since: str | None, quick: bool, as_json: bool
) -> None:
    """Check everything with a bar, print what was found, and exit with 1 if anything is wrong."""
    console = Console(stderr=True, highlight=False, emoji=False) if as_json else screen()
    outside = [(str(file), one) for file in files for one in _read(file)]
    folder = KeyFolder(settings.data, settings.sealing)
    with database(settings, caught_up=False) as url, _phases(console) as phase:
        with psycopg.connect(url, autocommit=True) as connection:
            last = last_signed(connection, folder)
        asked = Asked(
            outside=outside,
            last=last,
            trusted=_keys(keys) or folder.trusted(),
            restored=folder.restored(),
            roots=_roots(settings),
            files=file_store(settings),
            since=_since(url, since) if since else None,
            quick=quick,
        )
        report = verify(url, asked, phase)
    if as_json:
        said = asdict(report) | {"well": report.well, "verdict": report.verdict, "not_sealed": NOT_SEALED}
        print(json.dumps(said, indent=1, default=str, ensure_ascii=False))  # noqa: T201 - what programs read
    else:
        _print(console, report)
    if not report.well:
        sys.exit(1)


def _print(console: Console, report: Report) -> None:
    for one in report.findings:
        place = f"{one.stream}, version {one.version}: " if one.stream and one.version else ""
        place += f"(position {one.position:,}) " if one.position else ""
        since = f"; sealed by {one.since}" if one.since and one.since not in one.found else ""
        console.print(f"[red]{one.what}[/red]: {escape(place + one.found + since)}", soft_wrap=True)
    for what, more in report.more.items():
        console.print(f"[red]{what}[/red]: {more:,} more of this kind")
    console.print(f"Checked: {', '.join(report.checked)}.", soft_wrap=True)
    console.print(f"Not sealed: {', and '.join(NOT_SEALED)}.")
    console.print(f"{report.events:,} events, {report.bytes:,} bytes, {report.checkpoints:,} checkpoints.")
    for line in report.restored:
        _, events, at = line.split()
        console.print(
            f"A backup of {int(events):,} events was restored here at {at}: checkpoints from between that backup and then"
            " can't agree with this record.",
            soft_wrap=True,
        )
    if report.not_compared:
        names = ", ".join(report.not_compared)
        console.print(f"Not compared, since this version has not built them yet: {names}.", soft_wrap=True)
    if report.behind:
        places = ", ".join(f"{name} (position {at:,})" for name, at in report.behind.items())
        console.print(f"Compared as far as they have got, which is not the end: {places}.", soft_wrap=True)
    if report.undated:
        console.print(
            f"{report.undated:,} checkpoints don't say when they were made, as those from before they did: nobody signed that."
        )
    for what, (number, oldest) in report.waiting.items():
        console.print(f"Not sealed yet: {what} ({number:,}); the oldest since {_age(oldest)}.", soft_wrap=True)
    console.print(_sealed(report), soft_wrap=True)
    console.print(_verdict(report), soft_wrap=True)


def _sealed(report: Report) -> str:
    """How much of the events is sealed, as far as that can be told."""
    latest = f"the latest that is kept is {report.latest}" if report.latest else "no checkpoint is kept"
    if report.unsealed is None:
        return f"How many events are sealed can't be told; {latest}." if TREE in report.checked else NOTHING_READ
    if report.unsealed:
        age = _age(report.unsealed_since)
        return f"{report.unsealed:,} events are not sealed yet, the oldest since {age}; {latest}."
    return f"All events are sealed, by {report.latest}." if report.latest else "There are no events."


def _verdict(report: Report) -> str:
    """What it comes to, in a sentence."""
    match report.verdict:
        case "as-sealed":
            return "All is as it was sealed."
        case "nothing-sealed":
            return "Nothing is sealed, so that nothing could be found changed; `assay seal` seals it now."
        case "wrong":
            wrong = len(report.findings) + sum(report.more.values())
            return f"[red]Something is wrong[/red] ({wrong:,}): see docs/verifying.md for what to do now."


def _age(since: datetime | None) -> str:
    age = datetime.now(UTC) - since if since else timedelta()
    return f"{since:%Y-%m-%d %H:%M:%S} UTC ({str(age).split('.')[0]})"


def _read(file: Path) -> list[Checkpoint]:
    try:
        return checkpoints_in(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, NoCheckpoint) as problem:
        why = problem.strerror if isinstance(problem, OSError) else problem
        raise refuse(
            "known-checkpoint", f"{file}: {why}", field="--checkpoint", allowed="a file with signed checkpoints"
        ) from problem


def _keys(given: Sequence[str]) -> list[Verifier]:
    try:
        return [Verifier.read(one) for one in given]
    except ValueError as problem:
        raise refuse(
            "known-checkpoint", str(problem), field="--key", allowed="what `assay checkpoint --key` printed"
        ) from problem


def _roots(settings: Settings) -> bytes:
    """The certificates by which time stamps are trusted, as the settings name them."""
    path = settings.sealing.roots
    try:
        return path.read_bytes() if path else b""
    except OSError as problem:
        raise CannotStart(f"ASSAY_SEAL_TSA_ROOTS: {path} can't be read ({problem.strerror}).") from problem


def _since(url: str, since: str) -> int:
    """The number of events of the checkpoint that is meant: said so, or the latest that was made by an instant."""
    if since.isdecimal():
        return int(since)
    at = instant(since, "--since")
    with psycopg.connect(url, autocommit=True) as connection:
        found = [one for one in Shelf(connection).seals() if signed_at(one) <= at]
    if not found:
        raise refuse("known-checkpoint", "nothing was sealed by then", field="--since", allowed="a later instant")
    return found[-1].size


def _seal_of(shelf: Shelf, size: int | None) -> Seal:
    found = [one for one in shelf.seals() if size in {None, one.size}]
    if not found:
        raise refuse(
            "known-checkpoint",
            "there is no such checkpoint",
            field="--size",
            allowed="`assay checkpoint --list` lists them",
        )
    return found[-1]


def _said(hashes: Sequence[bytes] | Iterator[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]


@contextmanager
def _phases(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each thing that is checked, as it comes to its turn."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def phase(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=done, total=total)

        yield phase
