"""`assay verify`: everything that is sealed or follows from what is, in one pass over the log and one over what stands beside it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg import Connection, IsolationLevel

from domain.refusals import refuse
from infra.bootstrap import App, FileStore, open_app
from infra.files.errors import FilesOutOfReach
from infra.files.verify import verify as verify_files
from infra.problems import CannotStart
from infra.read_models import Copy, positions
from infra.seals.checking import beside, checkpoints, models, tables, tiles
from infra.seals.checking.checkpoints import SIGNED_LAST, Held
from infra.seals.checking.differences import differences
from infra.seals.checking.log import Log, Span, read
from infra.seals.checking.report import Finding, Report, called
from infra.seals.growing import LEAVES, Growing
from infra.seals.kept import read_line, waiting
from infra.seals.keys import Restored
from infra.seals.note import Checkpoint, Verifier
from infra.seals.reading import BEGINNING, head
from infra.seals.sealing import Progress
from infra.seals.shelf import EVENTS, Seal, Shelf
from infra.store.datastore import OWN_NAMES
from infra.store.errors import RecordUnavailable
from projections.catalogue import READ_MODELS
from projections.model import ReadModel

TABLES: Final = "tables of the record and of its seals"
LOG: Final = "events, their order and their streams"
TREE: Final = "checkpoints"
BESIDE: Final = ("texts", "what is kept beside the events", "schemes and policies")
FILES: Final = "files"
TABLES_OF_MODELS: Final = "tables of read models"
MODELS: Final = "read models"

Phase = Callable[[str, int, int], None]
"""Is told what is checked now, how far it is, and of how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be checked: against which checkpoints held outside (each with the name of its file), and trusted by which keys;
    time stamps by which certificates (`roots`, PEM), if any are named; `restored` is what is noted of backups.

    `since` is a number of events of a kept checkpoint: only what stands behind it is read. `quick`: the log alone. `models`
    are the read models that are computed again, `files` where the files are kept that are read whole. `last` is what the key
    signed last, as stands beside it: where it is not kept, it is one that was held outside.
    """

    outside: Sequence[tuple[str, Checkpoint]] = ()
    last: Checkpoint | None = None
    trusted: Sequence[Verifier] = ()
    roots: bytes = b""
    restored: Sequence[Restored] = ()
    since: int | None = None
    quick: bool = False
    models: Sequence[ReadModel] = READ_MODELS
    files: FileStore | None = None


def verify(url: str, asked: Asked, phase: Phase = lambda *_: None) -> Report:
    """Check what is asked for, and return what was found: of tables that are not as they were made that alone.

    Where tables of read models are not, no read model is compared, and all else is checked.
    Refuses a `since` of which no checkpoint is kept. Raises RecordUnavailable.
    """
    report = Report(restored=[one.line for one in asked.restored])
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=2) as connection:
            connection.execute(OWN_NAMES)
            connection.execute("SELECT set_config('timezone', 'UTC', false)")
            # One look at it all, whatever is recorded and sealed meanwhile.
            connection.isolation_level, connection.read_only = IsolationLevel.REPEATABLE_READ, True
            with connection.transaction():
                report.checked.append(TABLES)
                _note(report, tables.of_record(connection))
                if not report.well:
                    return report
                _verify(connection, url, asked, report, phase)
                plain = list(tables.of_models(connection, asked.models))
                built, last = positions(connection, [Copy(model) for model in asked.models]), head(connection)
    except psycopg.OperationalError as error:
        raise RecordUnavailable(f"the record can't be checked: {str(error).strip()}") from error
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        found = f"they can't be read as they were made: {error.diag.message_primary or str(error)}"
        report.add(Finding(what="table", found=found))
        return report
    if asked.files and not asked.quick and asked.since is None:
        with open_app(url, pool_size=2, store=asked.files) as app:
            _note(report, _files(app, lambda *at: phase(FILES, *at)))
            report.checked.append(FILES)
    if asked.models and not asked.quick and asked.since is None:
        report.checked.append(TABLES_OF_MODELS)
        if plain:
            _note(report, iter(plain))
            return report
        _note(report, _models(url, asked, lambda *at: phase(MODELS, *at)))
        report.not_compared = [model.name for model in asked.models if Copy(model).name not in built]
        report.behind = {name.partition("@")[0]: at for name, at in built.items() if at < last}
        report.checked.append(MODELS)
    return report


def _models(url: str, asked: Asked, progress: Progress) -> Iterator[Finding]:
    """What does not follow from the record of what is made of it, or can't be told, since its tables are others than it has."""
    try:
        with open_app(url, pool_size=2) as app:
            yield from models.compare(app.records, asked.models, progress)
    except (RecordUnavailable, CannotStart):
        raise
    except Exception as error:  # noqa: BLE001 - whatever stops a model at a changed record, what is wrong is to be told
        said = getattr(error, "reason", None) or f"{type(error).__name__}: {error}".splitlines()[0]
        found = f"they can't be computed again from what is recorded, or be read as they were made ({said})"
        yield Finding(what="read model", found=found)


def _verify(connection: Connection[Any], url: str, asked: Asked, report: Report, phase: Phase) -> None:
    shelf = Shelf(connection)
    seals = shelf.seals()
    kept = list(checkpoints.readable(seals))
    held = [one for one in kept if isinstance(one, Held)]
    held += [Held(one, name) for name, one in asked.outside]
    if asked.last and asked.last.note not in {one.checkpoint.note for one in held}:
        held.append(Held(asked.last, SIGNED_LAST))
    _note(report, (one for one in kept if isinstance(one, Finding)))
    _note(report, checkpoints.signatures(held, asked.trusted))
    _note(report, checkpoints.taken_out(held, asked.restored))
    _note(report, checkpoints.stamps(shelf, seals, asked.roots))

    span = _span(connection, seals, asked.since)
    sizes = {one.checkpoint.size for one in held}
    whole = not asked.quick and asked.since is None
    log = read(
        connection, url, span, report, sizes=sizes, texts=whole, seals=seals, progress=lambda *at: phase(LOG, *at)
    )
    wrong = list(checkpoints.roots(held, log.size, log.roots.get, asked.restored))
    stray = list(tiles.stray(shelf))
    _note(report, _tree(shelf, seals, log, wrong))
    _note(report, iter(stray))
    # Where the record leads to all checkpoints, tiles that are none of the tree's name nothing that was sealed.
    if (first := _first(shelf, log)) is not None and (wrong or (log.size < shelf.size(EVENTS) and not stray)):
        _note(report, differences(connection, seals, first, span.until, lambda *at: phase(TREE, *at)))
    _note(report, iter(wrong))
    report.checked += [LOG, TREE]
    report.checkpoints = len({one.checkpoint.note for one in held})
    report.undated = sum(one.checkpoint.made_at is None for one in held if not one.outside)
    _say_what_is_sealed(shelf, report, seals, log.size)
    if whole:
        _beside(shelf, report, held, log, asked.restored)


def _span(connection: Connection[Any], seals: Sequence[Seal], since: int | None) -> Span:
    """The part of the log that is read: all, or what stands behind a kept checkpoint, whose tree is then taken as it is kept."""
    until = head(connection)
    if since is None:
        return Span(begin=Growing(), after=BEGINNING, until=until)
    shelf = Shelf(connection)
    if since not in {one.size for one in seals}:
        sizes = ", ".join(str(one.size) for one in seals[-5:]) or "none is kept yet"
        raise refuse("known-checkpoint", f"there is no checkpoint of {since:,} events", field="--since", allowed=sizes)
    return Span(begin=shelf.edge(EVENTS, since), after=shelf.position_of(since - 1), until=until)


def _first(shelf: Shelf, log: Log) -> int | None:
    """The first tile of leaves from which on the record and the kept tree differ."""
    short = [log.size // LEAVES] if log.size < shelf.size(EVENTS) else []
    return min([*log.differing, *short], default=None)


def _tree(shelf: Shelf, seals: Sequence[Seal], log: Log, wrong: Sequence[Finding]) -> Iterator[Finding]:
    """What is wrong with the kept tree, where the events lead to all checkpoints, so that nothing is wrong with them."""
    kept, sealed = shelf.size(EVENTS), max((one.size for one in seals), default=0)
    if kept < sealed:
        yield Finding(what="tree", found=f"the kept tree has {kept:,} events, and {sealed:,} were sealed")
    tiles = [*(str(one) for one in log.differing), *(f"{number} of level {level}" for level, number in log.torn)]
    if tiles and not wrong and log.size >= kept:
        yield Finding(what="tree", found=f"the kept tree is not that of the events, in tile {', '.join(tiles[:5])}")


def _say_what_is_sealed(shelf: Shelf, report: Report, seals: Sequence[Seal], size: int) -> None:
    """How many events no checkpoint seals yet, and since when the oldest of them is there; where that can be told."""
    last = max(seals, key=lambda one: (one.size, one.made_at), default=None)
    report.latest = called(last) if last else None
    if any(one.what in {"record", "checkpoint"} for one in report.findings):
        return
    report.unsealed = max(size - (last.size if last else 0), 0)
    if report.unsealed:
        rows = shelf.rows(
            "SELECT min(recorded_at) FROM (SELECT recorded_at FROM record.events ORDER BY notification_id DESC LIMIT %s) AS one",
            [report.unsealed],
        )
        report.unsealed_since = rows[0][0].astimezone(UTC) if rows and isinstance(rows[0][0], datetime) else None


def _beside(shelf: Shelf, report: Report, held: Sequence[Held], log: Log, restored: Sequence[Restored]) -> None:
    seals = shelf.seals()
    sizes = [said[0] for one in held if (said := read_line(one.checkpoint))]
    size, roots, findings = beside.digests(shelf, sizes)
    _note(report, iter(findings))
    _note(report, checkpoints.beside(held, size, roots.get, restored))
    _note(report, checkpoints.sealed(shelf, seals))
    _note(report, checkpoints.publications(shelf, seals))
    report.waiting = waiting(shelf)
    _note(report, beside.torn(shelf, log))
    _note(report, beside.texts(shelf, log, seals))
    _note(report, beside.vault(shelf, log, seals))
    _note(report, beside.files(shelf, log, seals))
    report.checked += BESIDE


def _files(app: App, progress: Progress) -> Iterator[Finding]:
    """What is wrong with files that are kept; raises CannotStart where they can't be reached."""
    if app.files is None:
        return
    try:
        found = verify_files(app.files, app.records, progress)
    except FilesOutOfReach as problem:
        raise CannotStart(f"The files can't be verified now: {problem}.") from None
    for one in found.wrong:
        of = f", of {', '.join(one.cases)}" if one.cases else ""
        yield Finding(what="file", found=f"{one.name}{of}: {one.fault}", stream=one.cases[0] if one.cases else None)


def _note(report: Report, findings: Iterator[Finding]) -> None:
    for one in findings:
        report.add(one)
