"""The directory: who and what the body knows, as each event leaves it."""

from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from domain.linked import AccountClosed
from domain.person import (
    AvailabilitySet,
    NonDisclosureSigned,
    PersonRegistered,
    RoleEnded,
    RoleGiven,
    TrainingCompleted,
)
from domain.provider import ContactEnded, ContactNamed, ProviderRegistered
from domain.scheme_record import SchemeVersionPublished
from domain.window import WindowClosed, WindowExtended, WindowOpened, WindowScheduled
from projections import directory
from projections.tables import Table
from tests.projections.given import ADA, BEN, DAY, NOON, PROVIDER, WINDOW, Log, make, show, text

REGISTERED = PersonRegistered(person=ADA, subjects=("science",), phases=("primary",))


def held(connection: Connection[Any], table: Table[Any]) -> list[Any]:
    with connection.cursor(row_factory=class_row(table.row)) as cursor:
        return cursor.execute(table.selection()).fetchall()


def shown(connection: Connection[Any], log: Log) -> None:
    make(connection, [directory.MODEL])
    show(connection, log.events, [directory.MODEL])


def test_a_person_is_there_with_what_they_take_on_and_which_account_goes_on(connection: Connection[Any]) -> None:
    log = Log()
    log.add(ADA, REGISTERED, NonDisclosureSigned(), AvailabilitySet(available=False), AccountClosed(goes_on=BEN))
    shown(connection, log)

    assert held(connection, directory.PEOPLE) == [
        directory.Person(ADA, ["science"], ["primary"], NOON, available=False, non_disclosure=True, goes_on=BEN)
    ]


def test_a_role_stays_when_it_has_ended_and_begins_afresh_when_it_is_given_again(connection: Connection[Any]) -> None:
    log = Log()
    log.add(
        ADA, REGISTERED, RoleGiven(role="chair", scheme="cpd-qa", ends_at=NOON + 9 * DAY), RoleGiven(role="officer")
    )
    log.add(ADA, RoleEnded(role="chair", scheme="cpd-qa"), RoleEnded(role="officer"), at=NOON + DAY)
    log.add(ADA, RoleGiven(role="officer"), at=NOON + 2 * DAY)
    shown(connection, log)

    found = {one.role: one for one in held(connection, directory.ROLES)}
    assert found["chair"].ended_at == NOON + DAY
    assert found["chair"].ends_at == NOON + 9 * DAY
    assert found["officer"] == directory.Role(ADA, "officer", "", given_at=NOON + 2 * DAY)


def test_training_is_the_latest_of_its_kind(connection: Connection[Any]) -> None:
    log = Log()
    for days in (10, 20):
        log.add(ADA, TrainingCompleted(kind="bias", scheme="cpd-qa", expires_at=NOON + days * DAY))
    shown(connection, log)

    assert held(connection, directory.TRAINING) == [directory.Training(ADA, "bias", "cpd-qa", NOON + 20 * DAY)]


def test_a_provider_is_spoken_for_by_who_is_named_and_not_ended(connection: Connection[Any]) -> None:
    log = Log()
    log.add(PROVIDER, ProviderRegistered(provider=PROVIDER, provider_type="charity", size_band="small"))
    log.add(PROVIDER, ContactNamed(person=ADA), ContactNamed(person=BEN), ContactEnded(person=ADA), at=NOON + DAY)
    shown(connection, log)

    assert held(connection, directory.PROVIDERS) == [directory.Provider(PROVIDER, "charity", "small", NOON, [BEN])]


def test_a_window_opens_closes_and_opens_again_when_it_closes_later(connection: Connection[Any]) -> None:
    log = Log()
    scheduled = WindowScheduled(
        window=WINDOW, scheme="cpd-qa", opens_at=NOON, closes_at=NOON + DAY, grace_seconds=60, capacity=None
    )
    log.add(WINDOW, scheduled, WindowOpened(opens_at=NOON), WindowClosed(closes_at=NOON + DAY))
    log.add(WINDOW, WindowExtended(closes_at=NOON + 5 * DAY, reason=text("why")))
    shown(connection, log)

    [window] = held(connection, directory.WINDOWS)
    assert (window.state, window.closes_at) == ("open", NOON + 5 * DAY)


def test_every_published_version_is_listed(connection: Connection[Any]) -> None:
    log = Log()
    for version in (1, 2):
        log.add("scheme-a", SchemeVersionPublished(scheme="cpd-qa", version=version, digest="0" * 64, source="…"))
    shown(connection, log)

    assert [(one.what, one.name, one.version) for one in held(connection, directory.VERSIONS)] == [
        ("scheme", "cpd-qa", 1),
        ("scheme", "cpd-qa", 2),
    ]
