"""A read model of toy meters: what each has counted, and how often it was read."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from psycopg import Connection

from infra.projector import run_projector
from infra.store.records import PostgresRecords
from projections.model import ReadModel, Recorded
from projections.tables import Table, Tables
from tests.infra.polling import until
from tests.infra.toy import Read, batch, change, reading


@dataclass(slots=True)
class Meter:
    meter: str
    total: int = 0
    readings: int = 0


METERS = Table("meters", Meter, ("meter",), ("total",))


def apply(tables: Tables, events: Sequence[Recorded]) -> None:
    meters = {row.meter: row for row in tables.load(METERS, "meter", {one.stream for one in events})}
    for one in events:
        if isinstance(one.event, Read):
            meter = meters.setdefault(one.stream, Meter(one.stream))
            meter.total += one.event.value
            meter.readings += 1
    tables.save(METERS, meters.values())


MODEL = ReadModel(name="meters", version=1, tables=(METERS,), apply=apply)


@dataclass(slots=True)
class Reading:
    position: int
    value: int


READINGS = Table("readings", Reading, ("position",))


def keep(tables: Tables, events: Sequence[Recorded]) -> None:
    tables.add(READINGS, [Reading(one.position, one.event.value) for one in events if isinstance(one.event, Read)])


OTHER_MODEL = ReadModel(name="readings", version=1, tables=(READINGS,), apply=keep)


@contextmanager
def projecting(records: PostgresRecords, *models: ReadModel) -> Iterator[Event]:
    """A projector runs for the block; yields an event that is set when it is ready."""
    stop, ready = Event(), Event()
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(run_projector, records, stop, ready.set, models=models)
        try:
            yield ready
        finally:
            stop.set()
    running.result()


def read(records: PostgresRecords, meter: str, *values: int) -> int:
    """Record readings of a meter; return the last one's position."""
    version = len(records.load(meter)[meter])
    return records.append(batch(change(meter, version, *(reading(value) for value in values))))


def total(connection: Connection[Any], meter: str = "meter-1") -> tuple[int, int] | None:
    """The meter's total and number of readings, as the table has it."""
    row = connection.execute("SELECT total, readings FROM read.meters WHERE meter = %s", [meter]).fetchone()
    return (row[0], row[1]) if row else None


def shows(connection: Connection[Any], total_and_readings: tuple[int, int], meter: str = "meter-1") -> None:
    """Wait until the table shows this."""
    until(lambda: total(connection, meter) == total_and_readings)
