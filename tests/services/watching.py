"""What a body looks like from outside at one time, to be held against another: bytes, texts, states, sentences, the register."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import psycopg

from domain.accreditation import Accreditation
from domain.ids import kind_of
from infra.bootstrap import App
from infra.cli.reading import Reader
from infra.letters.post import PostgresPost
from infra.store.records import PostgresRecords
from infra.store.vault import PostgresVault
from infra.touched import TouchedCases
from projections import history, register
from projections.catalogue import READ_MODELS
from projections.words import token
from services.badges import AllBadges
from services.states import fold
from tests.factories import Body
from tests.services.retaining import Keeping

MONTHS = [datetime(year, month, 1, 12, tzinfo=UTC) for year in range(2026, 2033) for month in range(1, 13)]
"""Noon on the first of every month of seven years."""


@dataclass(slots=True, kw_only=True)
class Badge:
    """All that a badge is made from, as the register has it on a date."""

    provider: str
    scheme: str
    level: str
    strengths: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    standing: str
    submission: str


@dataclass(slots=True)
class Told:
    """The history of a case, entry by entry: who did it and the sentence, and the words that were kept of both."""

    entries: list[str]
    reader: Reader

    def said(self, *, but: Collection[str] = ()) -> list[str]:
        """Each entry in words; without those for the people and texts in `but`, as if they were erased."""
        words = {key: word for key, word in self.reader.words.items() if key[1] not in but}
        return [replace(self.reader, words=words).say(one) for one in self.entries]


@dataclass(slots=True)
class Watch:
    """A body that is looked at; read models are brought up to date first, wherever one is asked."""

    body: Body
    keeping: Keeping
    records: PostgresRecords

    @property
    def touched(self) -> TouchedCases:
        return TouchedCases(self.records)

    def bytes_of(self, *streams: str) -> list[tuple[Any, ...]]:
        """Every event of these streams as its bytes are stored, in the log's order."""
        return [row for row in self.keeping.events() if row[0] in streams]

    def texts(self) -> dict[str, tuple[str, bytes, str]]:
        """Every typed text that is kept, with whom it is for, its salt and its body, byte for byte."""
        rows = self.keeping.rows("SELECT id, subject, salt, body FROM record.texts")
        return {id: (subject, salt, body) for id, subject, salt, body in rows}

    def states(self, until: int) -> dict[str, Any]:
        """What the events of every stream make, each folded from its first one up to this position of the log."""
        streams: dict[str, list[Any]] = {}
        for one in self.records.read_log(0, until):
            if one.position <= until:
                streams.setdefault(one.stream, []).append(one)
        return {stream: fold(stream, events) for stream, events in streams.items()}

    def tables(self) -> dict[str, list[Any]]:
        """Every row of every read model."""
        assert self.keeping.seen
        found = {}
        for table in (table for model in READ_MODELS for table in model.tables):
            rows = self.keeping.rows(f"SELECT * FROM read.{table.name} ORDER BY {', '.join(table.key)}")
            found[table.name] = rows
        return found

    def told(self, case: str) -> Told:
        """A case's history as it is shown now."""
        assert self.keeping.seen
        with psycopg.connect(self.keeping.database.app_url, autocommit=True) as connection:
            entries = history.history(connection, case)
        said = [f"{token(kind_of(one.actor) or 'role', one.actor)}: {one.sentence}" for one in entries]
        app = App(
            records=self.records,
            vault=PostgresVault(self.records.datastore),
            shelves=self.keeping.shelves,
            post=PostgresPost(self.records.datastore),
            office=self.body.office,
            touched=self.touched,
            badges=AllBadges(self.records, self.records.max_position),
        )
        reader = Reader(app)
        reader.prepare(said)
        return Told(said, reader)

    def badges(self, award: str, dates: list[datetime]) -> dict[datetime, Badge | None]:
        """What the register says of an award on each of these dates, and that the award's own events say the same."""
        assert self.keeping.seen
        held: Accreditation = self.body.state(award)
        found = {}
        with psycopg.connect(self.keeping.database.app_url, autocommit=True) as connection:
            for at in dates:
                rows = [one for one in register.valid(connection, at=at) if one.accreditation == award]
                assert (len(rows) == 1) is held.valid_on(at)
                assert [one for one in register.suspended(connection, at=at) if one.accreditation == award] == []
                found[at] = _badge(rows[0], held, at) if rows else None
        return found


def _badge(row: register.Period, held: Accreditation, at: datetime) -> Badge:
    assert (row.level, row.provider) == (held.level_on(at), held.provider)
    [own] = [one for one in held.periods if one.starts_at <= at < one.ends_at]
    assert (own.submission, own.starts_at, own.ends_at) == (row.submission, row.starts_at, row.ends_at)
    return Badge(
        provider=row.provider,
        scheme=row.scheme,
        level=row.level,
        strengths=tuple(row.strengths),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        standing=held.standing(at),
        submission=row.submission,
    )
