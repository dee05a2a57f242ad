"""The event store beside bare psycopg, which does by hand what a careful log needs: lock, insert, notify, commit."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

import psycopg

from bench.row import Row, in_turns, median_seconds
from bench.server import Server, fresh_server
from infra.store.envelope import Codec
from infra.store.records import PostgresRecords
from services.ports import Batch, Change, Command

THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An event of ordinary size."""

    assessment: str
    criterion: str
    outcome: str
    evidence: tuple[str, ...]
    text: str
    digest: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Another one, so that `evolve` has to tell them apart."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A state of ordinary size."""

    judged: int = 0
    last: str | None = None
    due_at: datetime | None = None
    closed: bool = False


def evolve(case: Case, event: Any) -> Case:
    """Fold one event into the state."""
    match event:
        case Judged(criterion=criterion, due_at=due_at):
            return replace(case, judged=case.judged + 1, last=criterion, due_at=due_at)
        case Closed():
            return replace(case, closed=True)
    raise TypeError(type(event).__name__)


CODEC = Codec({"Judged.1": Judged, "Closed.1": Closed})
NOW = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)
JUDGED = Judged(
    assessment="assessment-mfzwizltoq3tkmrx",
    criterion="3.2",
    outcome="met",
    evidence=("file-mfzwizltoq3tkmrx", "file-ob2xi33snfxgo3tk"),
    text="text-mfzwizltoq3tkmrx",
    digest="5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    due_at=NOW,
)
COMMAND = Command(id="0191d6b2a5c87f0f9a3c", actor="person-mfzwizltoq3tkmrx", role="assessor", at=NOW)
STATE = CODEC.encode(JUDGED, COMMAND, correlation="submission-mfzwizltoq3tkmrx", scheme="example-1")

_streams = (f"submission-{number:016}" for number in count())


def rows() -> list[Row]:
    """Measure on a server of its own."""
    with fresh_server() as server, PostgresRecords(server.app_url, CODEC, pool_size=THREADS) as records:
        with psycopg.connect(server.admin_url) as connection:
            connection.execute("CREATE TABLE bare (LIKE record.events INCLUDING ALL)")
        return [
            append_row(server, records),
            commands_row(server, records),
            replay_row(server, records),
        ]


def append_row(server: Server, records: PostgresRecords) -> Row:
    """One command's only event, after another."""
    with psycopg.connect(server.admin_url) as connection:

        def base() -> float:
            stream = next(_streams)
            return median_seconds(200, lambda number: bare_insert(connection, stream, number + 1)) * 1e3

        def value() -> float:
            stream = next(_streams)
            return median_seconds(200, lambda number: append(records, stream, number)) * 1e3

        base_ms, value_ms = in_turns(7, base, value)
    return Row(what="append of one event, p50", unit="ms", value=value_ms, base=base_ms, target=2.0)


def commands_row(server: Server, records: PostgresRecords) -> Row:
    """Whole commands from several threads, against bare inserts from as many."""
    connections = [psycopg.connect(server.admin_url) for _ in range(THREADS)]

    def base() -> float:
        streams = [next(_streams) for _ in connections]
        return rate(300, lambda thread, number: bare_insert(connections[thread], streams[thread], number + 1))

    def value() -> float:
        run_command = prepare_commands(records)
        return rate(300, lambda thread, number: run_command(number * THREADS + thread))

    base_rate, value_rate = in_turns(5, base, value)
    for connection in connections:
        connection.close()
    what = f"commands with {THREADS} threads (load 50 events, decide, append one)"
    return Row(what=what, unit="/s", value=value_rate, base=base_rate, target=0.4, at_least=True)


def prepare_commands(records: PostgresRecords) -> Callable[[int], object]:
    """Write the streams that commands are given on, and return what runs the command number `i`."""
    streams = [next(_streams) for _ in range(100)]
    for stream in streams:
        append(records, stream, 0, 50)

    def run_command(number: int) -> None:
        stream = streams[number % len(streams)]
        loaded = records.load(stream)[stream]
        case = Case()
        for recorded in loaded:
            case = evolve(case, recorded.event)
        append(records, stream, len(loaded))

    return run_command


def replay_row(server: Server, records: PostgresRecords) -> Row:
    """The state of a long case, against reading and parsing its bytes and no more."""
    events = 200
    stream = next(_streams)
    append(records, stream, 0, events)
    with psycopg.connect(server.app_url) as connection:

        def bare(_: int) -> None:
            statement = "SELECT state FROM record.events WHERE originator_id = %s ORDER BY originator_version"
            parsed = [json.loads(state) for (state,) in connection.execute(statement, [stream])]
            assert len(parsed) == events

        def replay(_: int) -> None:
            assert records.replay(stream, evolve, Case()).judged == events

        measure = partial(median_seconds, 100)
        base, value = in_turns(9, lambda: measure(bare) / events * 1e6, lambda: measure(replay) / events * 1e6)
    return Row(what=f"replay of {events} events, per event", unit="µs", value=value, base=base, target=1.2)


def append(records: PostgresRecords, stream: str, expected: int, events: int = 1) -> None:
    """Append `events` events to a stream."""
    change = Change(stream=stream, expected=expected, events=[JUDGED] * events, scheme="example-1")
    records.append(Batch(command=COMMAND, changes=[change]))


def bare_insert(connection: psycopg.Connection[Any], stream: str, version: int) -> None:
    """Insert one event as one would by hand."""
    with connection.transaction():
        connection.execute("LOCK TABLE bare IN EXCLUSIVE MODE")
        connection.execute(
            "INSERT INTO bare (originator_id, originator_version, topic, state) VALUES (%s, %s, %s, %s)"
            " RETURNING notification_id",
            [stream, version, "Judged.1", STATE],
        ).fetchone()
        connection.execute("NOTIFY bare")


def rate(calls: int, call: Callable[[int, int], object]) -> float:
    """Return how many of `call(thread, number)` all threads together did in a second, `calls` by each."""

    def run(thread: int) -> None:
        for number in range(calls):
            call(thread, number)

    threads = [threading.Thread(target=run, args=[thread]) for thread in range(THREADS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return calls * THREADS / (time.perf_counter() - started)
