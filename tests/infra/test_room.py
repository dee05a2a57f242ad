"""What has slack is appended behind what others appended meanwhile, as long as that is not more than it allows for."""

import threading
from dataclasses import replace

import pytest

from infra.store.records import PostgresRecords
from services.ports import StaleStream
from tests.infra.toy import batch, change, reading


def stored(records: PostgresRecords, stream: str = "meter-1") -> list[tuple[int, int]]:
    return [(one.version, one.event.value) for one in records.load(stream)[stream]]


def test_with_slack_an_event_comes_next_whatever_was_appended_meanwhile(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(1), reading(2))))

    records.append(batch(replace(change("meter-1", 0, reading(3), reading(4)), slack=2)))

    assert stored(records) == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_more_than_the_slack_is_stale_and_nothing_is_written(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(1), reading(2))))

    with pytest.raises(StaleStream):
        records.append(batch(change("meter-2", 0, reading(8)), replace(change("meter-1", 0, reading(3)), slack=1)))

    assert stored(records) == [(1, 1), (2, 2)]
    assert stored(records, "meter-2") == []


def test_without_slack_a_stream_is_to_be_exactly_as_it_was(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(1))))

    for expected in (0, 2):
        with pytest.raises(StaleStream):
            records.append(batch(change("meter-1", expected, reading(9))))


def test_of_many_at_once_as_many_get_in_as_the_slack_of_each_allows(records: PostgresRecords):
    records.append(batch(change("meter-1", 0, reading(0))))
    results: list[bool] = []

    def append(value: int) -> None:
        try:
            records.append(batch(replace(change("meter-1", 1, reading(value)), slack=4)))
            results.append(True)
        except StaleStream:
            results.append(False)

    crowd = [threading.Thread(target=append, args=(value,)) for value in range(1, 13)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert results.count(True) == 5
    assert [version for version, _ in stored(records)] == [1, 2, 3, 4, 5, 6]
