"""The register says what is valid at an instant, from periods alone."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from domain.accreditation import AccreditationLapsed, AccreditationRenewed
from projections import register
from tests.projections.given import AWARD, CASE, DAY, NOON, OTHER, PROVIDER, Log, awarded, due, make, show

MOMENT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def empty(connection: Connection[Any]) -> None:
    make(connection, [register.MODEL])


def renewed(starts: float, ends: float) -> AccreditationRenewed:
    return AccreditationRenewed(
        submission=OTHER,
        scheme="cpd-qa@2",
        level="accredited",
        starts_at=NOON + starts * DAY,
        ends_at=NOON + ends * DAY,
        clock=due("earn-again-before-end", ends),
        strengths=("1.1", "2.1"),
    )


def valid(connection: Connection[Any], days: float, **rest: Any) -> list[str]:
    return [one.submission for one in register.valid(connection, at=NOON + days * DAY, **rest)]


def test_an_award_is_an_entry_with_its_strengths(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=100))
    show(connection, log.events, [register.MODEL])

    assert register.valid(connection, at=NOON) == [
        register.Period(
            accreditation=AWARD,
            starts_at=NOON,
            ends_at=NOON + 100 * DAY,
            submission=CASE,
            provider=PROVIDER,
            scheme="cpd-qa@1",
            level="accredited",
            category="single-programme",
            subject="science",
            phase="secondary",
            strengths=["1.1"],
        )
    ]


def test_an_award_is_valid_from_its_start_and_no_longer_at_its_end_to_the_second(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=100))
    show(connection, log.events, [register.MODEL])

    assert register.valid(connection, at=NOON - MOMENT) == []
    assert len(register.valid(connection, at=NOON)) == 1
    assert len(register.valid(connection, at=NOON + 100 * DAY - MOMENT)) == 1
    assert register.valid(connection, at=NOON + 100 * DAY) == []


def test_whether_the_end_was_recorded_changes_nothing(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=100))
    show(connection, log.events, [register.MODEL])
    before = [valid(connection, days) for days in (0, 50, 100, 101)]

    log.add(AWARD, AccreditationLapsed(ended_at=NOON + 100 * DAY), at=NOON + 101 * DAY)
    show(connection, log.events[-1:], [register.MODEL])

    assert [valid(connection, days) for days in (0, 50, 100, 101)] == before


def test_a_renewal_is_a_period_of_its_own_under_the_scheme_then_in_force(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=100))
    show(connection, log.events, [register.MODEL])
    log.add(AWARD, renewed(120, 220))  # decided after the end: not valid in between
    show(connection, log.events[-1:], [register.MODEL])

    assert [valid(connection, days) for days in (99, 100, 119, 120, 219, 220)] == [[CASE], [], [], [OTHER], [OTHER], []]
    first, second = register.periods(connection, AWARD)
    assert (second.scheme, second.strengths, second.provider, second.subject) == (
        "cpd-qa@2",
        ["1.1", "2.1"],
        first.provider,
        first.subject,
    )


def test_the_register_can_be_narrowed_and_read_in_pages(connection: Connection[Any]):
    log = Log()
    for number in range(5):
        log.add(f"accreditation-{number}", awarded(f"submission-{number}"))
    show(connection, log.events, [register.MODEL])

    assert valid(connection, 1, limit=2) == ["submission-0", "submission-1"]
    assert valid(connection, 1, limit=2, after="accreditation-1") == ["submission-2", "submission-3"]
    assert len(valid(connection, 1, scheme="cpd-qa")) == len(valid(connection, 1, scheme="cpd-qa@1")) == 5
    assert valid(connection, 1, scheme="cpd-qa@2") == valid(connection, 1, provider="provider-z") == []
