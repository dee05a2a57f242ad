"""The courier's job that seals: at intervals, with what is not published yet tried again after pauses that grow."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
import structlog

from infra.bootstrap import App
from infra.problems import CannotStart
from infra.seals.publishing import publish
from infra.seals.sealing import Sealed, seal
from infra.settings import Settings
from infra.store.errors import RecordUnavailable

FIRST_PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(minutes=10)

_log = structlog.get_logger(__name__)


def run_seals(settings: Settings, app: App, ended: threading.Event) -> None:
    """Seal now and at each interval, until `ended`; a record that can't be sealed is looked at again at the next.

    Raises RecordUnavailable.
    """
    url = app.records.datastore.url
    while not ended.is_set():
        due = datetime.now(UTC) + settings.sealing.every
        try:
            sealed = seal(settings, url)
        except CannotStart as problem:
            _log.error("seals.not_sealed", reason=str(problem))
        else:
            if sealed.new and sealed.seal:
                _log.info("seals.sealed", events=sealed.seal.size, beside=sealed.seal.kept)
            _publish(settings, url, sealed, ended, due)
        ended.wait(max((due - datetime.now(UTC)).total_seconds(), 0))


def _publish(settings: Settings, url: str, sealed: Sealed, ended: threading.Event, due: datetime) -> None:
    """Publish what was sealed; what a place did not take it gets again, until the next sealing is due."""
    pause = FIRST_PAUSE
    while sealed.seal and not ended.is_set():
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=2) as connection:
                failed = publish(connection, settings.sealing, sealed.seal, datetime.now(UTC))
        except psycopg.OperationalError as error:
            raise RecordUnavailable(str(error).strip()) from error
        for place, reason in failed.items():
            _log.warning("seals.not_published", place=place, events=sealed.seal.size, reason=reason)
        if not failed or datetime.now(UTC) + pause > due:
            return
        ended.wait(pause.total_seconds())
        pause = min(2 * pause, LONGEST_PAUSE)
