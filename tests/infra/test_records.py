"""The record: what a command writes is written whole or not at all, and read back as it was at any version or instant."""

import threading

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from domain.texts import TextRef, digest_of
from infra.store.datastore import Datastore
from infra.store.errors import DamagedRecord
from infra.store.recorder import Recorder
from infra.store.records import PostgresRecords
from infra.store.vault import PostgresVault
from services.ports import Erasure, PersonalData, StaleStream, Text
from tests.conftest import Database
from tests.infra.toy import COMMAND, Meter, Sealed, batch, change, evolve, reading


def values(records: PostgresRecords, stream: str) -> list[int]:
    return [recorded.event.value for recorded in records.load(stream)[stream]]


def count(database: Database, table: str) -> int:
    with psycopg.connect(database.admin_url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row
    return row[0]


TEXT = Text(id="text-1", subject="person-1", salt=b"\x00salt", body="Größe\nzwei")


def test_events_come_back_in_order_with_all_that_is_known_of_them(records: PostgresRecords):
    position = records.append(batch(change("meter-1", 0, reading(1), reading(2))))

    first, second = records.load("meter-1")["meter-1"]

    assert (first.event, second.event) == (reading(1), reading(2))
    assert (first.version, second.version) == (1, 2)
    assert first.position < second.position == position == records.max_position()
    assert (second.name, second.command, second.actor) == ("MeterRead.1", COMMAND.id, COMMAND.actor)
    assert (second.correlation, second.scheme, second.at) == ("meter-1", "meters-1", COMMAND.at)
    assert second.recorded_at.utcoffset() is not None


def test_a_command_gets_a_stream_with_what_it_has_to_know_of_each_event(records: PostgresRecords):
    records.append(batch(change("meter-2", 0, reading(9))))
    position = records.append(batch(change("meter-1", 0, reading(1), reading(2))))

    stream = records.streams("meter-1", "meter-2")["meter-1"]

    assert [one.event for one in stream.entries] == [reading(1), reading(2)]
    assert (stream.version, stream.position, list(stream.positions)) == (2, position, [position - 1, position])
    assert {(one.actor, one.role, one.command) for one in stream.entries} == {(COMMAND.actor, COMMAND.role, COMMAND.id)}


def test_a_stream_without_events_is_empty(records: PostgresRecords):
    assert records.load("meter-1", "meter-2") == {"meter-1": [], "meter-2": []}
    empty = records.streams("meter-1")["meter-1"]
    assert (empty.version, empty.position) == (0, 0)
    assert records.max_position() == 0


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_a_stream_at_another_version_is_stale_and_nothing_is_written(
    records: PostgresRecords, database: Database, expected: int
):
    records.append(batch(change("meter-1", 0, reading(1), reading(2))))

    with pytest.raises(StaleStream, match="meter-1"):
        records.append(
            batch(
                change("meter-2", 0, reading(9)),
                change("meter-1", expected, reading(3)),
                texts=[TEXT],
                personal=[PersonalData(subject="person-1", name="email", value="a@example.org")],
            )
        )

    assert values(records, "meter-1") == [1, 2]
    assert values(records, "meter-2") == []
    assert (count(database, "record.texts"), count(database, "record.vault")) == (0, 0)


def test_one_command_appends_to_several_streams_at_one_instant(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(1))))

    records.append(batch(change("meter-1", 1, reading(2)), change("meter-2", 0, reading(3), reading(4))))

    loaded = records.load("meter-1", "meter-2")
    assert [recorded.event.value for recorded in loaded["meter-1"]] == [1, 2]
    assert [recorded.event.value for recorded in loaded["meter-2"]] == [3, 4]
    written = [loaded["meter-1"][1], *loaded["meter-2"]]
    assert len({recorded.recorded_at for recorded in written}) == 1
    assert {recorded.correlation for recorded in written} == {"meter-1"}


def test_a_change_without_events_asks_that_the_stream_has_not_moved(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(1))))

    records.append(batch(change("meter-2", 0, reading(2)), change("meter-1", 1)))
    with pytest.raises(StaleStream, match="meter-1"):
        records.append(batch(change("meter-2", 1, reading(3)), change("meter-1", 0)))

    assert values(records, "meter-1") == [1]
    assert values(records, "meter-2") == [2]


def test_a_batch_without_events_is_refused(records: PostgresRecords):
    with pytest.raises(ValueError, match="needs an event"):
        records.append(batch(change("meter-1", 0), texts=[TEXT]))


def test_of_writers_that_expect_the_same_version_one_wins(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(0)), change("meter-2", 0, reading(0))))
    outcomes: list[str] = []
    ready = threading.Barrier(4)

    def write(number: int) -> None:
        ready.wait()
        try:
            records.append(batch(change("meter-1", 1, reading(number)), change("meter-2", 1, reading(number))))
            outcomes.append("won")
        except StaleStream:
            outcomes.append("lost")

    writers = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(outcomes) == ["lost", "lost", "lost", "won"]
    assert values(records, "meter-1") == values(records, "meter-2")
    assert len(values(records, "meter-1")) == 2


def test_a_state_is_replayed_as_it_was_at_a_version(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(1), reading(2), Sealed(limits={}))))

    assert records.replay("meter-1", evolve, Meter(), version=2) == Meter(total=3)
    assert records.replay("meter-1", evolve, Meter()) == Meter(total=3, sealed=True)
    assert records.replay("meter-1", evolve, Meter(), version=0) == Meter()


def test_a_state_is_replayed_as_it_was_at_an_instant(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(1))))
    records.append(batch(change("meter-1", 1, reading(2), reading(4))))
    records.append(batch(change("meter-1", 3, reading(8))))
    first, second, _, _ = (recorded.recorded_at for recorded in records.load("meter-1")["meter-1"])

    assert records.replay("meter-1", evolve, Meter(), until=first) == Meter(total=1)
    assert records.replay("meter-1", evolve, Meter(), until=second) == Meter(total=7)


def test_the_log_is_read_in_order_in_parts_and_by_name(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(1)), change("meter-2", 0, reading(2))))
    records.append(batch(change("meter-2", 1, Sealed(limits={})), change("meter-1", 1, reading(3))))

    first = records.read_log(0, 3)
    rest = records.read_log(first[-1].position, 3)

    assert [(recorded.stream, recorded.version) for recorded in [*first, *rest]] == [
        ("meter-1", 1),
        ("meter-2", 1),
        ("meter-2", 2),
        ("meter-1", 2),
    ]
    assert [recorded.name for recorded in records.read_log(0, 9, ["MeterSealed.1"])] == ["MeterSealed.1"]
    assert records.read_log(records.max_position(), 3) == []


@pytest.mark.parametrize(("name", "state"), [("MeterExploded.1", b"{}"), ("MeterRead.1", b"{}")])
def test_an_event_that_cannot_be_read_is_named(records: PostgresRecords, name: str, state: bytes):
    records.append(batch(change("meter-1", 0, reading(1))))
    records.recorder.insert_events([StoredEvent("meter-1", 2, name, state)])

    for read in (lambda: records.load("meter-1"), lambda: records.streams("meter-1"), lambda: records.read_log(0, 9)):
        with pytest.raises(DamagedRecord, match="event 2 of stream meter-1") as caught:
            read()
        assert (caught.value.stream, caught.value.version, caught.value.name) == ("meter-1", 2, name)


def test_text_is_written_with_its_event_and_the_event_verifies_after_the_text_is_erased(records: PostgresRecords):
    vault = PostgresVault(records.datastore)
    digest = digest_of(TEXT.salt, TEXT.body)
    records.append(batch(change("meter-1", 0, reading(1, note=TextRef(id=TEXT.id, digest=digest))), texts=[TEXT]))
    assert vault.texts([TEXT.id, "text-2"]) == {TEXT.id: TEXT.body}

    assert vault.erase_text(TEXT.id)

    assert vault.texts([TEXT.id]) == {}
    assert not vault.erase_text(TEXT.id)
    [recorded] = records.load("meter-1")["meter-1"]
    assert recorded.event.note == TextRef(id=TEXT.id, digest=digest)


def test_personal_data_is_replaced_and_erased_by_subject(records: PostgresRecords):
    def named(name: str, value: str, subject: str = "person-1") -> PersonalData:
        return PersonalData(subject=subject, name=name, value=value)

    vault = PostgresVault(records.datastore)
    personal = [named("name", "Ada"), named("email", "ada@example.org"), named("name", "Bo", "person-2")]
    records.append(batch(change("meter-1", 0, reading(1)), texts=[TEXT], personal=personal))
    records.append(batch(change("meter-1", 1, reading(2)), personal=[named("email", "ada@example.com")]))
    assert vault.personal(["person-1", "person-3"]) == {"person-1": {"name": "Ada", "email": "ada@example.com"}}

    assert vault.erase_subject("person-1") == 3

    assert vault.personal(["person-1", "person-2"]) == {"person-2": {"name": "Bo"}}
    assert vault.texts([TEXT.id]) == {}
    assert values(records, "meter-1") == [1, 2]


def kept(records: PostgresRecords) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The texts and the fields that are kept of what these tests write."""
    vault = PostgresVault(records.datastore)
    return dict(vault.texts(["text-1", "text-2"])), {
        one: dict(fields) for one, fields in vault.personal(["person-1"]).items()
    }


def filled(records: PostgresRecords) -> int:
    """Two texts, a name and an address; returns the position of the last event."""
    personal = [PersonalData(subject="person-1", name=name, value=name) for name in ("name", "email")]
    texts = [TEXT, Text(id="text-2", subject="person-1", salt=b"salt", body="more")]
    return records.append(batch(change("meter-1", 0, reading(1)), texts=texts, personal=personal))


def test_what_is_erased_is_gone_with_the_event_and_nothing_else_is(records: PostgresRecords):
    seen = filled(records)
    erase = Erasure(texts=["text-1", "text-9"], fields=[("person-1", "email"), ("person-2", "name")], seen=seen)

    more = Text(id="text-3", subject="person-1", salt=b"s", body="new")
    position = records.append(batch(change("meter-1", 1, reading(2)), texts=[more], erase=erase))

    assert position == seen + 1
    assert kept(records) == ({"text-2": "more"}, {"person-1": {"name": "name"}})
    assert PostgresVault(records.datastore).texts(["text-3"]) == {"text-3": "new"}
    assert values(records, "meter-1") == [1, 2]


def test_nothing_is_erased_when_something_was_recorded_behind_what_was_seen(records: PostgresRecords):
    seen, before = filled(records), kept(records)
    records.append(batch(change("meter-2", 0, reading(1))))

    with pytest.raises(StaleStream, match="behind position"):
        records.append(batch(change("meter-1", 1, reading(2)), erase=Erasure(texts=["text-1"], seen=seen)))

    assert kept(records) == before
    assert values(records, "meter-1") == [1]


def test_nothing_is_erased_when_a_stream_is_not_where_it_was(records: PostgresRecords):
    seen, before = filled(records), kept(records)

    for changes in ([change("meter-1", 0, reading(2))], [change("meter-3", 0, reading(2)), change("meter-1", 5)]):
        with pytest.raises(StaleStream, match="expected version"):
            records.append(batch(*changes, erase=Erasure(texts=["text-1"], fields=[("person-1", "name")], seen=seen)))

    assert kept(records) == before


def test_who_appends_while_an_erasure_is_decided_is_never_overlooked(records: PostgresRecords):
    """Each of two racers either comes before the erasure, which then has to look again, or behind it."""
    for number in range(20):
        seen = filled(records) if number == 0 else records.max_position()
        outcomes: list[str] = []

        def erase(seen: int = seen, outcomes: list[str] = outcomes, number: int = number) -> None:
            try:
                position = records.append(
                    batch(change(f"meter-e{number}", 0, reading(1)), erase=Erasure(texts=["text-1"], seen=seen))
                )
            except StaleStream:
                outcomes.append("looked again")
            else:
                outcomes.append("first" if position == seen + 1 else "overlooked")

        racers = [
            threading.Thread(target=erase),
            threading.Thread(
                target=lambda number=number: records.append(batch(change(f"meter-r{number}", 0, reading(1))))
            ),
        ]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert outcomes in (["first"], ["looked again"])


def test_the_librarys_own_reading_methods_work_on_the_record(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(1), reading(2))))

    assert [event.originator_version for event in records.recorder.select_events("meter-1", gt=1)] == [2]
    assert [note.topic for note in records.recorder.select_notifications(None, 9)] == ["MeterRead.1"] * 2
    with records.recorder.subscribe() as subscription:
        assert next(subscription).originator_version == 1


def test_the_librarys_functions_without_a_lock_are_refused(database: Database):
    datastore = Datastore(database.app_url)
    datastore.enable_db_functions = True

    with pytest.raises(ValueError, match="POSTGRES_ENABLE_DB_FUNCTIONS must stay off"):
        Recorder(datastore)
