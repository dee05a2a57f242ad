"""The register says what is valid at an instant, from periods alone."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from domain.accreditation import (
    AccreditationLapsed,
    AccreditationReduced,
    AccreditationReinstated,
    AccreditationRenewed,
    AccreditationSuspended,
    AccreditationUpgraded,
    AccreditationWithdrawn,
    ReaccreditationEnded,
    ReaccreditationSubmitted,
)
from projections import register
from tests.projections.given import AWARD, CASE, DAY, NOON, OTHER, PROVIDER, Log, awarded, due, make, show, text

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


def test_suspended_means_not_valid_for_that_time_and_is_shown(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=100))
    log.add(AWARD, AccreditationSuspended(concern="concern-a", suspended_from=NOON + 10 * DAY))
    show(connection, log.events, [register.MODEL])
    assert (valid(connection, 9), valid(connection, 10), valid(connection, 99)) == ([CASE], [], [])
    assert [one.submission for one in register.suspended(connection, at=NOON + 50 * DAY)] == [CASE]

    log.add(AWARD, AccreditationReinstated(concern="concern-a", reinstated_from=NOON + 20 * DAY))
    show(connection, log.events[-1:], [register.MODEL])

    assert (valid(connection, 19), valid(connection, 20)) == ([], [CASE])
    assert register.suspended(connection, at=NOON + 20 * DAY) == []
    assert register.suspensions(connection, AWARD) == [
        register.Suspension(AWARD, "concern-a", NOON + 10 * DAY, NOON + 20 * DAY)
    ]


def test_withdrawn_ends_every_period_and_is_marked(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=100), renewed(100, 200))
    log.add(AWARD, AccreditationWithdrawn(concern="concern-a", withdrawn_from=NOON + 60 * DAY))
    show(connection, log.events, [register.MODEL])

    assert [(one.ends_at, one.withdrawn) for one in register.periods(connection, AWARD)] == [(NOON + 60 * DAY, True)]
    assert (valid(connection, 59), valid(connection, 60), valid(connection, 150)) == ([CASE], [], [])


def test_reduced_divides_the_period_and_each_part_says_what_it_was(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=100))
    show(connection, log.events, [register.MODEL])
    reduced = AccreditationReduced(
        concern="concern-a", level="lower", scope=text("scope"), reduced_from=NOON + 10 * DAY
    )
    log.add(AWARD, reduced)
    show(connection, log.events[-1:], [register.MODEL])

    assert [(one.level, one.scope) for one in register.periods(connection, AWARD)] == [
        ("accredited", None),
        ("lower", "text-scope"),
    ]
    assert [one.level for day in (9, 10) for one in register.valid(connection, at=NOON + day * DAY)] == [
        "accredited",
        "lower",
    ]


def test_an_extension_is_marked_and_ends_when_it_is_decided(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=100))
    log.add(AWARD, ReaccreditationSubmitted(submission=OTHER, extension_ends_at=NOON + 150 * DAY))
    show(connection, log.events, [register.MODEL])
    assert [one.extension for day in (99, 100) for one in register.valid(connection, at=NOON + day * DAY)] == [
        False,
        True,
    ]
    assert (valid(connection, 149), valid(connection, 150)) == ([CASE], [])

    over = ReaccreditationEnded(submission=OTHER, outcome="not_awarded", extension_ended_at=NOON + 120 * DAY)
    log.add(AWARD, over)
    show(connection, log.events[-1:], [register.MODEL])

    assert (valid(connection, 119), valid(connection, 120)) == ([CASE], [])


def test_renewed_within_an_extension_it_is_valid_throughout(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=100))
    log.add(AWARD, ReaccreditationSubmitted(submission=OTHER, extension_ends_at=NOON + 150 * DAY))
    log.add(AWARD, renewed(120, 220))
    show(connection, log.events, [register.MODEL])

    assert [valid(connection, day) for day in (99, 100, 119, 120, 219, 220)] == [
        [CASE],
        [CASE],
        [CASE],
        [OTHER],
        [OTHER],
        [],
    ]


def test_a_higher_level_begins_with_its_decision(connection: Connection[Any]):
    log = Log()
    log.add(AWARD, awarded(days=100))
    log.add(
        AWARD,
        AccreditationUpgraded(
            submission=OTHER,
            scheme="cpd-qa@1",
            level="higher",
            starts_at=NOON + 50 * DAY,
            ends_at=NOON + 150 * DAY,
            clock=due("earn-again-before-end", 150),
            strengths=(),
        ),
    )
    show(connection, log.events, [register.MODEL])

    assert [one.level for day in (49, 50) for one in register.valid(connection, at=NOON + day * DAY)] == [
        "accredited",
        "higher",
    ]
