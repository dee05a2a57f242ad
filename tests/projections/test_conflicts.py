"""The register of conflicts as of any date, and as it was known at any: declared, found, corrected, lifted, carried over."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from domain.clocks import Duration
from domain.conflicts import ConflictDeclared, ConflictLifted, FactCorrected, FactRecorded
from domain.linked import AccountClosed, AccountsLinked, Declared
from projections import conflicts
from tests.projections.given import ADA, BEN, CHAIR, DAY, NOON, PROVIDER, Log, make, show, text

OTHER = "provider-b"
LATER = NOON + 10 * DAY


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, [conflicts.MODEL])


def fact(
    number: int = 1, *, kind: str = "employed", until: float | None = None, provider: str = PROVIDER
) -> FactRecorded:
    until_at = None if until is None else NOON + until * DAY
    return FactRecorded(
        number=number, kind=kind, provider=provider, from_at=NOON - 900 * DAY, until_at=until_at, source="noted"
    )


def corrected(*, until: float | None = None, stands: bool = True) -> FactCorrected:
    until_at = None if until is None else NOON + until * DAY
    said = {"number": 1, "kind": "employed", "provider": PROVIDER, "from_at": NOON - 900 * DAY}
    return FactCorrected(**said, until_at=until_at, stands=stands, reason=text("why"))


def kinds(connection: Connection[Any], at: datetime, **asked: Any) -> list[tuple[str, str, str]]:
    return [(one.person, one.kind, one.source) for one in conflicts.on(connection, at=at, **asked)]


def shown(connection: Connection[Any], log: Log) -> None:
    show(connection, log.events, [conflicts.MODEL])


def test_a_declared_conflict_is_there_from_when_it_was_declared_until_it_is_lifted(connection: Connection[Any]):
    log = Log()
    log.add(ADA, ConflictDeclared(provider=PROVIDER, kind="family"), actor=ADA)
    log.add(ADA, ConflictLifted(provider=PROVIDER, kind="family", reason=text("error")), at=LATER, actor=CHAIR)
    shown(connection, log)

    assert kinds(connection, NOON - timedelta(seconds=1)) == []
    [entry] = conflicts.on(connection, at=NOON)
    assert (entry.person, entry.provider, entry.kind, entry.source) == (ADA, PROVIDER, "family", "declared")
    assert (entry.since, entry.until, entry.recorded_by, entry.reason) == (NOON, LATER, CHAIR, "text-error")
    assert kinds(connection, LATER - timedelta(seconds=1)) == [(ADA, "family", "declared")]
    assert kinds(connection, LATER) == []


def test_it_can_be_read_as_it_was_known_at_any_time(connection: Connection[Any]):
    log = Log()
    log.add(ADA, ConflictDeclared(provider=PROVIDER, kind="family"), actor=ADA)
    log.add(ADA, ConflictLifted(provider=PROVIDER, kind="family", reason=text("error")), at=LATER, actor=CHAIR)
    log.add(ADA, fact(), at=LATER, actor=CHAIR)
    shown(connection, log)
    recorded = NOON + timedelta(seconds=1)

    assert kinds(connection, NOON, known_at=NOON) == []
    assert kinds(connection, LATER, known_at=recorded) == [(ADA, "family", "declared")]
    assert kinds(connection, LATER, known_at=LATER) == [(ADA, "family", "declared")]
    assert kinds(connection, LATER) == [(ADA, "same-organisation", "found")]
    assert kinds(connection, NOON - DAY) == [(ADA, "same-organisation", "found")]  # as is known now
    assert kinds(connection, NOON - DAY, known_at=recorded) == []


def test_past_employment_is_shown_for_what_it_is_until_the_years_are_over(connection: Connection[Any]):
    log = Log()
    log.add(ADA, fact(until=-30))
    shown(connection, log)
    year = Duration.parse("P1Y")
    ended = NOON - 30 * DAY

    assert kinds(connection, ended - DAY) == [(ADA, "same-organisation", "found")]
    assert kinds(connection, NOON) == [(ADA, "employed-there", "found")]
    assert kinds(connection, ended.replace(year=ended.year + 1), within=year) == []
    assert kinds(connection, ended.replace(year=ended.year + 1)) == [(ADA, "employed-there", "found")]
    assert kinds(connection, ended.replace(year=ended.year + 3)) == []


def test_what_never_lapses_is_shown_after_it_ended(connection: Connection[Any]):
    log = Log()
    log.add(ADA, fact(kind="advised", until=-30))
    shown(connection, log)

    assert kinds(connection, NOON.replace(year=2050)) == [(ADA, "advised", "found")]


def test_a_corrected_fact_is_shown_as_corrected_and_one_that_does_not_stand_not_at_all(connection: Connection[Any]):
    log = Log()
    log.add(ADA, fact())
    log.add(ADA, corrected(until=-5), at=LATER, actor=CHAIR)
    log.add(BEN, fact())
    log.add(BEN, corrected(stands=False), at=LATER, actor=CHAIR)
    shown(connection, log)

    assert kinds(connection, LATER) == [(ADA, "employed-there", "found")]
    assert kinds(connection, LATER, known_at=LATER) == [
        (ADA, "same-organisation", "found"),
        (BEN, "same-organisation", "found"),
    ]
    assert kinds(connection, NOON - DAY, person=BEN) == []


def test_it_is_asked_of_one_person_or_one_provider(connection: Connection[Any]):
    log = Log()
    log.add(ADA, fact(), fact(2, provider=OTHER))
    log.add(BEN, fact())
    shown(connection, log)

    assert [one.person for one in conflicts.on(connection, at=NOON, provider=PROVIDER)] == [ADA, BEN]
    assert [one.provider for one in conflicts.on(connection, at=NOON, person=ADA)] == [PROVIDER, OTHER]
    assert kinds(connection, NOON, person=ADA, provider=OTHER) == [(ADA, "same-organisation", "found")]


def test_what_another_account_had_is_the_one_accounts_from_then_on(connection: Connection[Any]):
    log = Log()
    log.add(ADA, ConflictDeclared(provider=PROVIDER, kind="advised"))
    log.add(
        BEN, ConflictDeclared(provider=PROVIDER, kind="family"), ConflictDeclared(provider=PROVIDER, kind="advised")
    )
    log.add(BEN, fact(provider=OTHER))
    linked = AccountsLinked(
        aliases=(BEN,),
        reason=text("one human"),
        declared=(Declared(provider=PROVIDER, kind="advised"), Declared(provider=PROVIDER, kind="family")),
        facts=(fact(1, provider=OTHER),),
        counted=(),
    )
    log.add(ADA, linked, at=LATER, actor=CHAIR)
    log.add(BEN, AccountClosed(goes_on=ADA), at=LATER, actor=CHAIR)
    shown(connection, log)

    assert kinds(connection, LATER) == [
        (ADA, "advised", "declared"),
        (ADA, "family", "declared"),
        (ADA, "same-organisation", "found"),
    ]
    assert [one for one, *_ in kinds(connection, LATER, known_at=LATER)] == [ADA, BEN, BEN, BEN]
    assert [one.since for one in conflicts.on(connection, at=LATER, provider=PROVIDER)] == [NOON, LATER]


def test_what_was_lifted_for_one_account_and_holds_for_the_other_is_there_again(connection: Connection[Any]):
    log = Log()
    log.add(ADA, ConflictDeclared(provider=PROVIDER, kind="family"), actor=ADA)
    log.add(BEN, ConflictDeclared(provider=PROVIDER, kind="family"), actor=BEN)
    log.add(ADA, ConflictLifted(provider=PROVIDER, kind="family", reason=text("error")), actor=CHAIR)
    had = (Declared(provider=PROVIDER, kind="family"),)
    linked = AccountsLinked(aliases=(BEN,), reason=text("one"), declared=had, facts=(), counted=())
    log.add(ADA, linked, at=LATER, actor=CHAIR)
    log.add(BEN, AccountClosed(goes_on=ADA), at=LATER, actor=CHAIR)
    shown(connection, log)

    assert kinds(connection, LATER) == [(ADA, "family", "declared")]


def test_it_is_the_same_in_whatever_batches_events_come(connection: Connection[Any]):
    log = Log()
    log.add(ADA, fact(), ConflictDeclared(provider=OTHER, kind="family"))
    log.add(ADA, corrected(until=-5), ConflictLifted(provider=OTHER, kind="family", reason=text("error")), at=LATER)
    log.add(ADA, ConflictDeclared(provider=OTHER, kind="family"), at=LATER + DAY)
    shown(connection, log)
    at_once = connection.execute("SELECT * FROM read.conflicts ORDER BY position, rests_on").fetchall()

    make(connection, [conflicts.MODEL])
    for one in log.events:
        show(connection, [one], [conflicts.MODEL])

    assert connection.execute("SELECT * FROM read.conflicts ORDER BY position, rests_on").fetchall() == at_once
    assert kinds(connection, LATER + DAY) == [(ADA, "employed-there", "found"), (ADA, "family", "declared")]
