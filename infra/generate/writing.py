"""Made-up cases go into the record as commands do, through its append function, but many commands at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from eventsourcing.persistence import StoredEvent

from domain.events import recorded_names
from domain.ids import kind_of
from domain.scheme_file import read_scheme
from domain.submission.events import ProgrammeRegistered
from infra.bootstrap import App
from infra.generate.case import DAY, Step
from infra.generate.order import run_of, steps
from infra.generate.people import SCHEME_ID, peopled
from infra.generate.stories import SCHEME
from infra.play.cast import publish
from infra.problems import CannotStart
from infra.store.records import PostgresRecords
from services.office import scheme_stream
from services.ports import Command, StaleStream

SPAN: Final = 320.0
"""Days over which cases begin: at its end there are some at every stage, of about 24 events each."""
BATCH: Final = 250
"""Steps a transaction, which others have to wait for."""
SOURCE: Final = Path(__file__).parents[2] / "schemes" / f"{SCHEME_ID}.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How many cases, of which seed, as they stand at `until` (UTC); `add` says that there may be others already."""

    cases: int
    seed: int
    until: datetime
    add: bool = False


@dataclass(slots=True)
class Written:
    """What was written."""

    events: int = 0
    texts: int = 0


def generate(app: App, wanted: Wanted, progress: Callable[[int, int], None] = lambda *_: None) -> Written:
    """Fill the record with made-up cases; the same but for the events' random ids for the same number, seed and `until`.

    `progress` is told how many cases have begun, and of how many. Raises CannotStart where there are cases already, unless
    more may be added, and where this seed's cases are among them.
    """
    if not wanted.add and app.records.read_log(0, 1, recorded_names(ProgrammeRegistered)):
        raise CannotStart("There are cases already; generate into another folder (--data), or add to them with --add.")
    begin, run = wanted.until - SPAN * DAY, run_of(wanted.seed)
    source = SOURCE.read_text(encoding="utf-8")
    publish(app.office, source, SOURCE.name, read_scheme(source), begin - DAY)
    made = steps(
        wanted.cases,
        seed=wanted.seed,
        begin=begin,
        days=SPAN,
        until=wanted.until,
        begun=lambda number: progress(number, wanted.cases),
    )
    try:
        return _write(app.records, peopled(made, run=run, at=begin - DAY), run)
    except StaleStream:
        raise CannotStart(f"The cases of seed {wanted.seed} are there already; take another --seed.") from None


def _write(records: PostgresRecords, made: Iterator[Step], run: str) -> Written:
    listing = scheme_stream(SCHEME_ID)  # the only stream that others write to as well
    versions = {listing: len(records.load(listing)[listing])}
    written, number = Written(), 0
    while batch := list(islice(made, BATCH)):
        stored = []
        for step in batch:
            number += 1
            command = Command(id=f"{run}/{number}", actor=step.actor, role=step.role, at=step.at)
            for event in step.events:
                versions[step.stream] = versions.get(step.stream, 0) + 1
                stored.append(
                    StoredEvent(
                        originator_id=step.stream,
                        originator_version=versions[step.stream],
                        topic=records.codec.name_of(event),
                        state=records.codec.encode(
                            event, command, correlation=_about(step, event), scheme=_pinned(step.stream)
                        ),
                    )
                )
        texts = [text for step in batch for text in step.texts]
        records.recorder.insert_events(stored, texts=texts, personal=[one for step in batch for one in step.personal])
        written.events += len(stored)
        written.texts += len(texts)
    return written


def _about(step: Step, event: object) -> str:
    """The case that an event is about, where its stream is another's."""
    case = getattr(event, "submission", None)
    return case if isinstance(case, str) else step.stream


def _pinned(stream: str) -> str | None:
    """The scheme version that a stream is under, if it is under one."""
    return SCHEME if kind_of(stream) in {"submission", "accreditation"} else None
