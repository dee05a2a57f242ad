"""Whether the API can be asked: the record answers, its schema is this version's, and the lists are not far behind it.

What is said of it names nothing but these three, so that anybody may hear it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
import structlog
from eventsourcing.persistence import PersistenceError

from infra.read_models import Copy
from infra.store.datastore import Datastore
from infra.store.errors import RecordUnavailable
from infra.store.migrate import known_migrations
from projections.catalogue import READ_MODELS
from projections.model import ReadModel
from projections.words import counted

FAR_BEHIND: Final = 60.0
"""Seconds: lists that lack something older than this are too far behind to be shown."""

_log = structlog.get_logger(__name__)

_APPLIED: Final = "SELECT migration_id FROM migrations._yoyo_migration"
_POSITIONS: Final = "SELECT position FROM read.positions WHERE name = ANY(%s)"
_BEHIND: Final = """
WITH seen AS (SELECT %(after)s::bigint AS position)
SELECT coalesce((SELECT max(notification_id) FROM record.events), 0) - seen.position,
    coalesce(extract(epoch FROM clock_timestamp() - (
        SELECT recorded_at FROM record.events WHERE notification_id > seen.position ORDER BY notification_id LIMIT 1
    )), 0)
FROM seen
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must be well, whether it is, and what was found, in words for anybody."""

    what: str
    well: bool
    found: str


def behind(datastore: Datastore, position: int) -> tuple[int, float]:
    """How far who has read the log up to `position` is behind its end: in positions, and seconds since the first it lacks.

    Raises RecordUnavailable.
    """
    positions, seconds = datastore.rows(_BEHIND, {"after": position})[0]
    return int(positions), max(0.0, float(seconds))


def slowest(datastore: Datastore, models: Sequence[ReadModel] = READ_MODELS) -> int | None:
    """The position that all read models show, None while one of them is not built yet. Raises RecordUnavailable."""
    names = [Copy(model).name for model in models]
    found = [position for (position,) in datastore.rows(_POSITIONS, [names])]
    return min(found, default=0) if len(found) == len(names) else None


def readiness(datastore: Datastore) -> list[Check]:
    """Look at all three; what can't be looked at since the one before is not well is left out."""
    try:
        datastore.rows("SELECT 1", [])
    except RecordUnavailable as error:
        _log.warning("readiness.record_unavailable", reason=str(error))
        return [Check(what="database", well=False, found="can't be reached")]
    checks = [Check(what="database", well=True, found="answers")]
    try:
        checks.append(_schema(datastore))
        if checks[-1].well:
            checks.append(_projector(datastore))
    except (RecordUnavailable, PersistenceError, psycopg.Error) as error:
        _log.warning("readiness.not_known", reason=type(error).__name__)
        checks.append(Check(what="migrations" if len(checks) == 1 else "projector", well=False, found="can't be read"))
    return checks


def _schema(datastore: Datastore) -> Check:
    ours, applied = known_migrations(), {name for (name,) in datastore.rows(_APPLIED, [])}
    if newer := applied - ours:
        return Check(what="migrations", well=False, found=f"{max(newer)} is unknown to this version")
    if lacking := ours - applied:
        return Check(what="migrations", well=False, found=f"{min(lacking)} is not applied")
    return Check(what="migrations", well=True, found=max(ours))


def _projector(datastore: Datastore) -> Check:
    position = slowest(datastore)
    if position is None:
        return Check(what="projector", well=False, found="lists are still being built")
    events, seconds = behind(datastore, position)
    found = f"{counted(events, 'event')} behind, for {seconds:.0f} seconds" if events else "up to date"
    return Check(what="projector", well=seconds < FAR_BEHIND, found=found)
