"""A record with cases, people and texts, sealed twice, with both checkpoints held outside; and what its keeper does to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from domain.events import recorded_names
from domain.submission.events import PortfolioSubmitted
from infra.bootstrap import open_app
from infra.generate.writing import Wanted, generate
from infra.projector import catch_up
from infra.seals.checking.check import Asked, verify
from infra.seals.checking.report import Finding, Report
from infra.seals.keys import KeyFolder
from infra.seals.note import Checkpoint
from infra.seals.sealing import Sealed, seal
from infra.settings import Settings
from tests.conftest import Database

UNTIL = datetime(2026, 11, 20, tzinfo=UTC)
GUARDED = (
    "record.events",
    "record.texts",
    "record.vault",
    "record.files",
    "seals.checkpoints",
    "seals.published",
    "seals.kept",
)


@dataclass(slots=True)
class Record:
    """A sealed record: its database, its data folder, and the checkpoints that somebody holds outside, the earlier one first."""

    database: Database
    folder: Path
    held: list[Checkpoint]

    @property
    def settings(self) -> Settings:
        return Settings(data=self.folder)

    def seal(self) -> Sealed:
        """Seal what is recorded, and hold the checkpoint."""
        sealed = seal(self.settings, self.database.app_url)
        if sealed.seal and sealed.new:
            self.held.append(sealed.seal.checkpoint)
        return sealed

    def check(self, **asked: Any) -> Report:
        """Check everything but read models, against what is held outside, if nothing else is said."""
        said: dict[str, Any] = {
            "models": (),
            "trusted": KeyFolder(self.folder, self.settings.sealing).trusted(),
            "outside": [(f"held-{one.size}.txt", one) for one in self.held],
        }
        return verify(self.database.app_url, Asked(**(said | asked)))

    def found(self, **asked: Any) -> list[Finding]:
        return self.check(**asked).findings

    def tamper(self, *statements: str, values: Sequence[Any] = ()) -> None:
        """What PostgreSQL's superuser does, with triggers out of the way."""
        with psycopg.connect(self.database.admin_url) as connection:
            for table in GUARDED:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            for one in statements:
                connection.execute(one, values or None)

    def rows(self, query: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.database.admin_url) as connection:
            return connection.execute(query, values or None).fetchall()

    def add(self, cases: int, seed: int) -> None:
        """Some more is recorded."""
        with open_app(self.database.app_url, pool_size=2) as app:
            generate(app, Wanted(cases=cases, seed=seed, until=UNTIL, add=True))
            catch_up(app.records)

    def keep_files(self) -> None:
        """Have all evidence that is named be kept, as if it had been uploaded, and seal that with some more events."""
        with open_app(self.database.app_url, pool_size=2) as app:
            handed_in = app.records.read_log(0, 100_000, recorded_names(PortfolioSubmitted))
        named = {(one.stream, file.sha256) for one in handed_in for file in one.event.evidence}
        with psycopg.connect(self.database.admin_url) as connection:
            for size, file in enumerate(sorted(named), 100):
                connection.execute(
                    "INSERT INTO record.files VALUES (%s, %s, %s, 'application/pdf', 'person-who-uploaded', now())",
                    [*file, size],
                )
        self.add(2, 12)
        self.seal()


def filled(database: Database, folder: Path) -> Record:
    """A record that was sealed, went on, and was sealed again."""
    record = Record(database, folder, [])
    record.add(8, 1)
    record.seal()
    record.add(6, 2)
    record.seal()
    return record
