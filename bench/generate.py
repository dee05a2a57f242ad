"""Made-up business for benchmarks and tests as the log would hold it, and a quick way into a store for it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import psycopg

from domain.events import STORED_NAMES
from infra.generate.order import steps
from infra.store.envelope import Codec
from services.ports import Command, Recorded

BEGIN: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)


def recorded(cases: int, *, seed: int = 1, days: float = 300.0, limit: int | None = None) -> list[Recorded]:
    """Return the events of `cases` submissions, begun over so many `days`, as the log would hold them; the first `limit`.

    Positions begin at 1, versions at 1 in each stream. Everything is recorded at the instant at which it holds.
    """
    log: list[Recorded] = []
    versions: dict[str, int] = {}
    for step in steps(cases, seed=seed, begin=BEGIN, days=days):
        for event in step.events:
            if len(log) == limit:
                return log
            position, version = len(log) + 1, versions.get(step.stream, 0) + 1
            versions[step.stream] = version
            log.append(
                Recorded(
                    position=position,
                    stream=step.stream,
                    version=version,
                    recorded_at=step.at,
                    id=f"{position:032x}",
                    name=STORED_NAMES[type(event)],
                    event=event,
                    at=step.at,
                    actor=step.actor,
                    role=step.role,
                    command=f"command-{position}",
                    correlation=step.stream,
                    causation=None,
                    scheme=None,
                )
            )
    return log


def insert(admin_url: str, events: Iterable[Recorded], codec: Codec) -> None:
    """Copy `events` of new streams into the record as a superuser, past `append`, since there are many.

    Positions are given anew, in the order of `events`.
    """
    target = "COPY record.events (originator_id, originator_version, topic, state, recorded_at) FROM STDIN"
    with psycopg.connect(admin_url) as connection, connection.cursor() as cursor, cursor.copy(target) as copy:
        for one in events:
            command = Command(id=one.command, actor=one.actor, role=one.role, at=one.at)
            state = codec.encode(one.event, command, correlation=one.stream, scheme=one.scheme, event_id=one.id)
            copy.write_row((one.stream, one.version, one.name, state, one.recorded_at))
