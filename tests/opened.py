"""A body that is open already, in a database to be copied: opening one anew takes some forty commands for each test."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from itertools import count

from infra.bootstrap import codec
from infra.embedded import EmbeddedPostgres
from infra.projector import catch_up
from infra.store.records import PostgresRecords
from services.office import Office
from tests.conftest import Database, copied
from tests.factories import Body, open_body
from tests.storing import office_on

BEGINS = 1_000
"""The first number of what is done in a copy."""


class OpenedBodies:
    """A database for each instant at which tests want a body to be opened, with its read models caught up."""

    def __init__(self, server: EmbeddedPostgres, template: Database) -> None:
        self._server, self._template = server, template
        self._made: dict[datetime, tuple[Database, Body]] = {}
        self._kept = ExitStack()

    def close(self) -> None:
        """Drop the databases."""
        self._kept.close()

    def origin(self, at: datetime) -> Database:
        """The database of a body that was opened at this instant (UTC)."""
        return self._opened(at)[0]

    def on(self, office: Office, now: Callable[[], datetime]) -> Body:
        """The body whose database the office's is a copy of, by the clock that stands where it stood when that was made."""
        return replace(self._opened(now())[1], office=office, now=now, numbers=count(BEGINS))

    def _opened(self, at: datetime) -> tuple[Database, Body]:
        if at not in self._made:
            database = self._kept.enter_context(copied(self._server, self._template))
            with PostgresRecords(database.app_url, codec(), pool_size=4) as records:
                body = open_body(office_on(records), now=lambda: at)
                catch_up(records)
            self._made[at] = (database, body)
        return self._made[at]
